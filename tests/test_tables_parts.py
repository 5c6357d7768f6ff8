"""Every part of a table that is cut names its columns and its row: with two header rows, a title, wide, or tiny budgets."""

import re
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import Chunk, StructureChunker, estimate
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block, Page, Region, SourceFacts
from growth import assert_linear

SOURCE = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
FORMS = ["markdown", "html", "plain"]


def row(*cells: str) -> str:
    """A row of plain cells; what begins with "<td" is taken as it is."""
    return f"<tr>{''.join(cell if cell.startswith('<td') else f'<td>{cell}</td>' for cell in cells)}</tr>"


def parts(table: str | Block, budget: int, form: str = "markdown", **options: object) -> list[Chunk]:
    """The chunks of one table."""
    block = table if isinstance(table, Block) else Block("t", "table", html=f"<table>{table}</table>")
    doc = ParsedDocument(source=SOURCE, vendor="test", pages=(Page(1, 1, 1, blocks=(block,)),), total_pages=1)
    chunker = StructureChunker(max_tokens=budget, table_format=form, **options)  # type: ignore[arg-type]  # drawn
    chunks = list(chunker.chunk(doc))
    assert all(estimate(chunk.text) <= chunk.token_count <= budget for chunk in chunks)
    return chunks


BODY = "".join(row(f"r{n}", str(n), str(2 * n), str(3 * n)) for n in range(60))
HEADS = {
    "two rows": row("Station", "Heat", "Heat", "Flow") + row("", "2024", "2025", "m3"),
    "merged downwards": row("<td rowspan=2>Station", "<td colspan=2>Heat", "<td rowspan=2>Flow") + row("2024", "2025"),
    "merged sideways": row("", "<td colspan=2>Heat</td>", "Flow") + row("Station", "2024", "2025", "m3"),
    "a title": row("<td colspan=4>Table of stations</td>") + row("Station", "2024", "2025", "Flow"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_every_part_has_all_header_rows_of_an_unmarked_table(head: str, form: str) -> None:
    chunks = parts(head + BODY, 160, form)
    assert len(chunks) > 3
    for chunk in chunks:
        assert all(name in chunk.body for name in ("Station", "2024", "2025", "Flow"))
        assert chunk.table is not None
        assert (chunk.table.header_rows, chunk.table.total_rows) == (2, 62)
        assert ("Table of stations" in chunk.body) == ("Table of stations" in head)
        assert chunk.body.count("Table of stations") < 2
    found = [label for chunk in chunks for label in re.findall(r"\br\d+\b", chunk.body)]
    assert found == [f"r{n}" for n in range(60)]


def test_a_markdown_table_of_two_header_rows_repeats_both() -> None:
    lines = [
        "| | Heat | Heat | Flow |", "|---|---|---|---|", "| Station | 2024 | 2025 | m3 |",
        *(f"| r{n} | {n} | {n} | {n} |" for n in range(60)),
    ]  # fmt: skip
    chunks = parts(Block("t", "table", text="\n".join(lines)), 120)
    assert all(chunk.body.startswith("| Station | Heat / 2024 | Heat / 2025 | Flow / m3 |\n") for chunk in chunks)


def test_the_part_from_the_next_page_has_both_header_rows() -> None:
    first = Block("a", "table", html=f"<table>{HEADS['two rows']}{BODY}</table>", regions=(Region(1, BBox(0, 0, 1, 1)),))
    below = "".join(row(f"s{n}", "1", "2", "3") for n in range(30))
    second = Block("b", "table", html=f"<table>{below}</table>", regions=(Region(2, BBox(0, 0, 1, 1)),), continues="a")
    pages = tuple(Page(number, 1, 1, blocks=(block,)) for number, block in enumerate((first, second), 1))
    doc = ParsedDocument(source=SOURCE, vendor="test", pages=pages, total_pages=2)
    chunks = list(StructureChunker(max_tokens=120).chunk(doc))
    assert {chunk.page_number for chunk in chunks} == {1, 2}
    assert all("Heat / 2024" in chunk.body and "Flow / m3" in chunk.body for chunk in chunks)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("budget", [256, 512])
def test_a_wide_table_has_a_shortened_header_on_each_part(form: str, budget: int) -> None:
    names = [f"Measure number {n}" for n in range(40)]
    body = "".join(row(*(f"{n * m % 97}.{m}" for m in range(40))) for n in range(40))
    chunks = parts(row(*names) + body, budget, form)
    assert len(chunks) > 10
    first = "".join(chunk.body for chunk in chunks if chunk.table and chunk.table.first_row == 0)
    assert all(word in re.sub("<[^>]*>|[|-]", " ", first).split() for name in names for word in name.split())
    later = [chunk.body for chunk in chunks if chunk.table and chunk.table.first_row]
    assert all(re.search("[Mm]", re.sub("<[^>]*>", " ", body)) for body in later)
    values = [value for chunk in chunks for value in re.findall(r"\d+\.\d+", chunk.body) if not value.endswith(".0")]
    assert values == [f"{n * m % 97}.{m}" for n in range(40) for m in range(1, 40)]
    assert all(re.search(r"\b0\.0\b", body) for body in later)


@pytest.mark.parametrize("form", FORMS)
def test_where_no_header_fits_each_value_has_its_name(form: str) -> None:
    chunks = parts(HEADS["merged downwards"] + BODY, 20, form)
    later = [chunk for chunk in chunks if chunk.table and chunk.table.first_row > 1]
    assert later
    for chunk in later:
        names, label = re.findall("[A-Z]", chunk.body), re.findall(r"\br\d+", chunk.body)
        assert chunk.table is not None
        assert len(names) >= 2
        assert label == [f"r{n - 2}" for n in range(chunk.table.first_row, chunk.table.last_row + 1)]


@pytest.mark.parametrize("form", FORMS)
def test_each_part_of_a_row_that_is_cut_has_its_label_and_its_column(form: str) -> None:
    words = [f"word{n}" for n in range(120)]
    rows = row("Key", "Short", "Text", "Last") + row("a", "x", "y", "z") + row("the label", "s|1", " ".join(words), "end")
    chunks = parts(rows, 64, form)
    cut = [chunk.body for chunk in chunks if "word" in chunk.body]
    assert len(cut) > 3
    assert all("Key" in body and "Text" in body and body.count("the label") == 1 for body in cut)
    assert [word for body in cut for word in re.findall(r"word\d+", body)] == words
    assert sum(body.count("end") for body in cut) == 1
    if form == "markdown":
        for body in cut:
            line = body.split("\n")[-1]
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            assert (len(cells), cells[0]) == (4, "the label")
            assert cells[2].startswith("word")


@pytest.mark.parametrize("form", FORMS)
def test_a_long_label_is_shown_once_and_shortened_on_the_other_parts(form: str) -> None:
    label = " ".join(f"label{n}" for n in range(80))
    text = " ".join(f"text{n}" for n in range(80))
    chunks = parts(row("Key", "Text") + row("a", "b") + row(label, text), 64, form)
    whole = " ".join(" ".join(chunk.body for chunk in chunks).split())
    assert re.findall(r"text\d+\b", whole) == text.split()
    assert set(re.findall(r"\blabel\d+\b", whole)) >= set(label.split())
    assert all("label0" in chunk.body for chunk in chunks if "text" in chunk.body)


TAGGED = st.lists(
    st.lists(st.sampled_from(["", "a", "b c", "12", "x" * 60, "e.g. a sentence. And one more.", "字" * 30, "a|b\\|c<d>&amp;"]),
             min_size=4, max_size=4), min_size=2, max_size=8)  # fmt: skip


@given(TAGGED, st.sampled_from([16, 24, 40, 64, 120]), st.sampled_from(FORMS), st.booleans(), st.sampled_from([4, 3, 1]))
def test_no_cell_is_lost_and_only_header_and_label_are_repeated(
    cells: list[list[str]], budget: int, form: str, by_row: bool, width: int
) -> None:
    number = 0
    marked: list[list[list[str]]] = []
    html = ""
    for line in cells:
        html, marks = html + "<tr>", []
        for cell in line[:width]:
            tags = [chr(0xE000 + number + n) for n in range(2)] if cell else []
            number += 2
            text = cell.replace("&", "&amp;").replace("<", "&lt;")
            html += f"<td>{tags[0]}{text}{tags[1]}</td>" if tags else "<td></td>"
            marks.append(tags)
        marked.append(marks)
        html += "</tr>"
    chunks = parts(html, budget, form, tables="rows" if by_row else "whole")
    shown = [re.findall("[\ue000-\uf8ff]", chunk.body) for chunk in chunks]
    assert set(chain.from_iterable(shown)) == {tag for line in marked for marks in line for tag in marks}
    lead = chunks[0].table.header_rows if chunks and chunks[0].table else 0
    once = {tag for line in marked[lead:] for marks in [marks for marks in line if marks][1:] for tag in marks}
    assert all(sum(tag in tags for tags in shown) == 1 for tag in once)


def test_cutting_rows_takes_time_that_grows_with_the_table() -> None:
    def rows(size: int) -> None:
        long = "".join(row(f"r{n}", "<td rowspan=2>x</td>", "word " * 60, "1") for n in range(size // 20))
        parts(row("Name " * 50, "b", "c", "d") + long, 64)

    def columns(size: int) -> None:
        parts("".join(row(*(f"c{n}" for n in range(size // 20))) for _ in range(30)), 64)

    assert_linear(rows)
    assert_linear(columns)
