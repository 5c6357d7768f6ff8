"""The chunker on documents made by hand: what a reader of the chunks sees."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import Chunk, StructureChunker, TablePart, elements, estimate, pages, whole
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ChunkingError
from docparse_loaders.model import BBox, Block, Image, Kind, Page, Region, SourceFacts
from growth import assert_linear

SOURCE = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "cd" * 32)
BOX = BBox(0.1, 0.1, 0.9, 0.2)
ROWS = [["Item", "Year", "Sum"], *([f"item{n}", f"{1990 + n}", f"{n * 7}"] for n in range(30))]


def document(*blocks: Block) -> ParsedDocument:
    """Each block on the page that it names, the first page if none."""
    numbers = sorted({block.page_number or 1 for block in blocks})
    made = [Page(n, 600, 800, blocks=tuple(b for b in blocks if (b.page_number or 1) == n)) for n in numbers]
    return ParsedDocument(source=SOURCE, vendor="test", pages=tuple(made), total_pages=len(made))


def text(name: str, words: str, kind: Kind = "text", page: int = 1) -> Block:
    return Block(name, kind, words, regions=(Region(page, BOX),))


def title(name: str, words: str, level: int, page: int = 1) -> Block:
    return Block(name, "title", words, level=level, regions=(Region(page, BOX),))


def table(name: str, rows: Sequence[Sequence[str]], page: int = 1, continues: str | None = None, **more: object) -> Block:
    html = "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"
    return Block(name, "table", html=html, regions=(Region(page, BOX),), continues=continues, **more)  # type: ignore[arg-type]  # fields of Block


def chunks_of(*blocks: Block, **options: object) -> list[Chunk]:
    return list(StructureChunker(**options).chunk(document(*blocks)))  # type: ignore[arg-type]  # checked at run time


def test_the_heading_is_in_the_body_once_and_then_in_the_prefix() -> None:
    long = " ".join(f"Sentence {n} of the section is here." for n in range(12))
    first, *later = chunks_of(title("a", "Report", 1), title("b", "Results", 2), text("c", long), max_tokens=60)
    assert first.text == first.body
    assert first.body.startswith("Report\n\nResults\n\nSentence 0")
    assert first.headings == ("Report", "Results")
    assert later
    assert all(chunk.text == f"Report > Results\n\n{chunk.body}" for chunk in later)
    assert all(chunk.headings == ("Report", "Results") for chunk in later)


def test_a_subsection_shows_the_headings_above_it() -> None:
    blocks = (title("a", "Report", 1), text("b", "Intro."), title("c", "Results", 2), text("d", "Good."))
    assert [chunk.text for chunk in chunks_of(*blocks)] == ["Report\n\nIntro.", "Report\n\nResults\n\nGood."]
    assert [chunk.body for chunk in chunks_of(*blocks)] == ["Report\n\nIntro.", "Results\n\nGood."]


def test_headings_can_be_left_out_of_the_text() -> None:
    blocks = (title("a", "Report", 1), text("b", "Intro."), title("c", "Results", 2), text("d", "Good."))
    chunks = chunks_of(*blocks, include_headings=False)
    assert [chunk.text for chunk in chunks] == ["Report\n\nIntro.", "Results\n\nGood."]
    assert chunks[1].headings == ("Report", "Results")


def test_a_heading_without_body_is_not_lost() -> None:
    blocks = (title("a", "One", 1), title("b", "Two", 1), title("c", "Deep", 4), text("d", "Body."), title("e", "Last", 2))
    assert [chunk.body for chunk in chunks_of(*blocks)] == ["One", "Two\n\nDeep\n\nBody.", "Last"]
    assert [chunk.headings for chunk in chunks_of(*blocks)] == [("One",), ("Two", "Deep"), ("Two", "Last")]


def test_a_prefix_that_is_too_long_loses_its_outer_headings() -> None:
    outer, inner = "A very long outer heading of the whole document", "Inner"
    long = " ".join(f"Sentence {n}." for n in range(40))
    _, *later = chunks_of(title("a", outer, 1), title("b", inner, 2), text("c", long), max_tokens=32)
    assert all(chunk.text == f"{inner}\n\n{chunk.body}" and chunk.headings == (outer, inner) for chunk in later)


def test_blocks_of_a_section_are_merged_and_list_items_stay_close() -> None:
    blocks = (text("a", "Intro:"), text("b", "- one", "list"), text("c", "- two", "list"), text("d", "End."))
    assert [chunk.body for chunk in chunks_of(*blocks)] == ["Intro:\n\n- one\n- two\n\nEnd."]
    apart = chunks_of(*blocks, merge_small=False)
    assert [chunk.body for chunk in apart] == ["Intro:", "- one", "- two", "End."]


def test_lists_code_and_formulas_read_the_same_in_chunks_elements_and_pages() -> None:
    blocks = (
        text("a", "• one\n  more\n2. two", "list"), text("b", "  def f():\n      return 1", "code"),
        Block("c", "equation", latex="x^2"), text("d", "Plain words."),
    )  # fmt: skip
    (chunk,) = chunks_of(*blocks)
    assert chunk.body == "- one\n  more\n2. two\n\n```\n  def f():\n      return 1\n```\n\n$$\nx^2\n$$\n\nPlain words."
    assert "\n\n".join(element.text for element in elements(document(*blocks))) == chunk.body
    assert next(pages(document(*blocks))).text == chunk.body


PROGRAM_TEXT = "\n\n".join(f"def f{n}(x):\n    if x:\n\n        x += {n}\n    return x" for n in range(30))


def test_code_is_cut_between_functions_and_each_part_is_fenced() -> None:
    chunks = chunks_of(text("a", PROGRAM_TEXT, "code"), max_tokens=150)
    inner = [chunk.body.removeprefix("```\n").removesuffix("\n```") for chunk in chunks]
    assert len(chunks) > 3
    assert all(f"```\n{part}\n```" == chunk.body for part, chunk in zip(inner, chunks, strict=True))
    assert all(part.startswith("def ") and part.endswith("    return x") for part in inner)
    assert "\n\n".join(inner) == PROGRAM_TEXT


def test_a_function_that_is_too_long_is_cut_at_its_lines_and_keeps_their_indentation() -> None:
    lines = [f"    value_{n} = compute({n})" for n in range(60)]
    chunks = chunks_of(text("a", "\n".join(["def f():", *lines]), "code"), max_tokens=100)
    shown = [line for chunk in chunks for line in chunk.body.split("\n") if line != "```"]
    assert shown == ["def f():", *lines]


@pytest.mark.parametrize("bullet", ["- ", "• ", "1. ", ""])
def test_list_items_of_several_lines_are_kept_whole(bullet: str) -> None:
    found = [f"{bullet}item {n} is here and\n  goes on here. It ends." for n in range(40)]
    chunks = chunks_of(
        text("a", "\n".join(found if bullet else [one.replace("\n ", "") for one in found]), "list"), max_tokens=90
    )
    assert len(chunks) > 5
    assert all(chunk.body.startswith(("- item", "1. item")) and chunk.body.endswith("It ends.") for chunk in chunks)


def test_words_are_kept_whole_at_any_blank_space() -> None:
    for blank in ("\t", "\u00a0", "\u3000", "\u2009"):
        words = [f"word{n:03}" for n in range(300)]
        chunks = chunks_of(text("a", blank.join(words)), max_tokens=64)
        assert [word for chunk in chunks for word in chunk.body.split()] == words


def test_a_picture_without_words_is_in_the_chunk_beside_it() -> None:
    def picture(name: str, page: int) -> Block:
        return Block(
            name, "figure", image=Image("url", "https://x.test/a.png"), regions=(Region(page, BBox(0, 0, 1, page / 10)),)
        )

    long = " ".join(f"Sentence {n}." for n in range(60))
    first, *_, last = chunks_of(
        picture("p", 1), text("a", long), picture("q", 1), picture("r", 2), text("b", "End.", page=2), max_tokens=64
    )
    assert (first.block_ids, last.block_ids) == (("p", "a"), ("a", "q", "r", "b"))
    assert first.kinds == ("figure", "text")
    assert [region.page_number for region in last.regions] == [1, 1, 2, 2]
    parts = chunks_of(table("t", ROWS), picture("q", 1), max_tokens=120)
    assert [chunk.block_ids for chunk in parts] == [("t",)] * (len(parts) - 1) + [("t", "q")]


@pytest.mark.parametrize(
    ("words", "kind", "owned"),
    [
        ("Table 1 Heat by month", "text", True), ("Table 1: Heat", "text", True), ("表 1 各月供热量", "text", True),
        ("Heat by month", "caption", True), ("Table 1 shows the heat.", "text", False), ("表1给出了热量。", "text", False),
        ("Figure 1 Flow", "caption", False), ("Heat by month", "text", False),
    ],
)  # fmt: skip
def test_a_caption_without_a_link_is_known_by_its_words_and_place(words: str, kind: Kind, owned: bool) -> None:
    chunks = chunks_of(text("c", words, kind), table("t", ROWS), max_tokens=120)
    assert [words in chunk.body for chunk in chunks] == [True] + [owned] * (len(chunks) - 1)


def test_captions_between_two_tables_go_to_the_one_below_and_of_figures_to_the_one_above() -> None:
    chunks = chunks_of(
        table("s", ROWS[:2]), text("c", "Table 2 Heat", "caption"), table("t", ROWS[:2]),
        Block("f", "figure", "inside"), text("d", "Figure 1 Flow", "caption"), Block("g", "figure", "other"), merge_small=False,
    )  # fmt: skip
    assert [chunk.block_ids for chunk in chunks] == [("s",), ("c", "t"), ("d", "f"), ("g",)]


LONG = " ".join(f"Sentence number {n} is here." for n in range(9))


@pytest.mark.parametrize(
    "pair",
    [
        (text("a", "The following applies:"), text("b", "\n".join(f"- item {n}" for n in range(9)), "list")),
        (text("a", "See："), table("b", ROWS[:4])),
        (table("a", ROWS[:4]), text("b", "* own data", "footnote")),
        (table("a", ROWS[:4]), text("b", "Source: own data")),
    ],
)
def test_what_belongs_together_is_not_parted_where_both_fit(pair: tuple[Block, Block]) -> None:
    (alone,) = chunks_of(*pair)
    before = estimate(LONG)
    for budget in range(max(before, alone.token_count), before + alone.token_count + 4):
        (home,) = (chunk for chunk in chunks_of(text("x", LONG), *pair, max_tokens=budget) if "b" in chunk.block_ids)
        assert "a" in home.block_ids


def test_an_introduction_stays_with_the_first_items_of_a_list_that_is_cut() -> None:
    found = "\n".join(f"- item {n} of the list" for n in range(60))
    first, second, *_ = chunks_of(text("x", LONG), text("a", "As follows:"), text("b", found, "list"), max_tokens=120)
    assert (first.block_ids, second.block_ids) == (("x",), ("a", "b"))


def test_the_note_of_a_table_that_is_cut_is_with_its_last_part() -> None:
    chunks = chunks_of(table("t", ROWS), text("n", "* own data", "footnote"), max_tokens=150)
    assert chunks[-1].block_ids == ("t", "n")
    assert chunks[-1].table is not None


def test_an_innermost_heading_that_is_too_long_is_cut_from_the_left_and_the_log_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heading = " ".join(f"word{n}" for n in range(30))
    chunks = chunks_of(title("a", heading, 1), text("b", " ".join(f"Sentence {n}." for n in range(60))), max_tokens=64)
    prefixes = {chunk.text.removesuffix(chunk.body) for chunk in chunks[2:]}
    (prefix,) = prefixes
    assert prefix.startswith("… word")
    assert heading.endswith(prefix.strip("…\n "))
    assert len([record for record in caplog.records if "heading paths" in record.message]) == 1
    assert all(chunk.headings == (heading,) for chunk in chunks)


def test_headings_nested_without_end_take_linear_time() -> None:
    def work(depth: int) -> None:
        doc = document(*(title(f"h{n}", f"Heading {n}", n + 1) for n in range(depth)))
        assert sum(len(chunk.headings) for chunk in (*StructureChunker().chunk(doc), *elements(doc))) <= 2 * 9 * depth

    assert_linear(work, small=500)


def test_each_chunk_of_a_text_over_pages_has_the_pages_of_its_own_words() -> None:
    blocks = [
        Block(f"p{n}", "text", f"page{n} " * 20 + "and", regions=(Region(n, BOX),), continues=f"p{n - 1}" if n > 1 else None)
        for n in range(1, 30)
    ]
    for chunk in chunks_of(*blocks, max_tokens=150):
        assert {f"page{region.page_number}" for region in chunk.regions} == set(chunk.body.split()) - {"and"}


def test_a_text_over_many_pages_takes_linear_time() -> None:
    def work(count: int) -> None:
        made = [
            Block(f"p{n}", "text", "runs on and", regions=(Region(n, BOX),), continues=f"p{n - 1}" if n > 1 else None)
            for n in range(1, count + 1)
        ]
        sheets = tuple(Page(n, 600, 800, blocks=(block,)) for n, block in enumerate(made, 1))
        doc = ParsedDocument(source=SOURCE, vendor="test", pages=sheets, total_pages=count)
        assert sum(len(chunk.regions) for chunk in StructureChunker(max_tokens=64).chunk(doc)) < 2 * count

    assert_linear(work, small=500)


def located(chunk: Chunk, words: str) -> list[int]:
    """The pages on which the words of a chunk stand."""
    start = chunk.text.index(words)
    return [region.page_number for region in chunk.locate(start, start + len(words))]


@pytest.mark.parametrize(
    ("kind", "before", "after", "shown"),
    [
        ("text", "It was an exam-", "ple of it.", ("It was an", "ple of it.")),
        ("text", "Twelve (12) words.", "“Then” more.", ("words.", "“Then” more.")),
        ("text", "这是第一页。", "（这是第二页）", ("这是第一页。", "（这是第二页）")),
        ("list", "• one\n• two", "• three\n  goes on", ("- one\n- two", "- three\n  goes on")),
        ("code", "def f():", "    return 1", ("def f():", "    return 1")),
        ("reference", "[1] A. Author, One.", "[2] B. Author, Two.", ("[1] A. Author, One.", "[2] B. Author, Two.")),
        ("title", "Of heat", "and water", ("Of heat", "and water")),
    ],
)
def test_what_was_joined_over_pages_is_located_on_its_own_page(
    kind: Kind, before: str, after: str, shown: tuple[str, str]
) -> None:
    halves = text("a", before, kind, page=1), Block("b", kind, after, regions=(Region(2, BOX),), continues="a")
    for (chunk,) in (chunks_of(*halves), list(whole(document(*halves))), list(elements(document(*halves)))):
        assert (located(chunk, shown[0]), located(chunk, shown[1])) == ([1], [2])
        assert chunk.locate(0, len(chunk.text)) == chunk.regions


def test_words_that_a_vendor_moved_to_the_page_before_are_on_both() -> None:
    halves = text("a", "All of it. Here and there."), Block("b", "text", regions=(Region(2, BOX),), continues="a")
    third = Block("c", "text", "Only here.", regions=(Region(3, BOX),), continues="b")
    (chunk,) = chunks_of(*halves, third)
    assert (located(chunk, "All of it."), located(chunk, "Only here.")) == ([1, 2], [3])


def test_a_text_at_many_places_of_which_no_part_is_known_is_spread_over_them() -> None:
    def work(count: int) -> list[Chunk]:
        regions = tuple(Region(n, BOX) for n in range(1, count + 1))
        made = chunks_of(Block("a", "text", "Some words. " * count * 4, regions=regions), max_tokens=64)
        assert {region for chunk in made for region in chunk.regions} == set(regions)
        assert sum(len(chunk.regions) for chunk in made) < 6 * count
        return made

    assert_linear(work, small=300)


def test_the_heading_above_a_repeated_caption_and_the_blank_between_are_located_nowhere() -> None:
    caption = text("c", "Table 1: Sums", "caption", page=3)
    blocks = (title("h", "Data", 1), caption, table("t", ROWS, page=3, caption_ids=("c",)), text("x", "End.", page=4))
    first, second, *_ = chunks_of(*blocks, max_tokens=120)
    assert (located(first, "Data"), located(first, "Table 1"), located(first, "item1 ")) == ([1], [3], [3])
    assert (located(second, "Data"), located(second, "Table 1"), located(second, "Item")) == ([], [], [3])
    assert first.locate(4, 6) == first.locate(9, 9) == first.locate(9, 2) == ()
    assert first.locate(0, -1) == first.regions


@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
@pytest.mark.parametrize("budget", [120, 4000])
def test_a_row_is_located_on_its_own_page(form: str, budget: int) -> None:
    parts = [table(f"t{n}", [ROWS[0], *ROWS[n * 10 + 1 : n * 10 + 11]], n + 1, f"t{n - 1}" if n else None) for n in range(3)]
    chunks = chunks_of(text("x", "See."), *parts, max_tokens=budget, table_format=form)
    found = {n: located(chunk, f"{1990 + n}") for chunk in chunks for n in range(30) if f"{1990 + n}" in chunk.text}
    assert found == {n: [n // 10 + 1] for n in range(30)}
    assert located(chunks[-1], "Item") == ([1] if len(chunks) == 1 else [])


def test_rows_are_located_in_elements_and_in_the_whole_document() -> None:
    halves = table("t", ROWS[:16]), table("u", [ROWS[0], *ROWS[16:]], page=2, continues="t")
    for (chunk,) in (list(elements(document(*halves))), list(whole(document(*halves)))):
        assert (located(chunk, "Item"), located(chunk, "item14 "), located(chunk, "item15 ")) == ([1], [1], [2])


def test_a_block_of_several_tables_gives_each_its_own_header() -> None:
    first, second = [["A", "B"], ["a1", "b1"]], [["C", "D", "E"], *[[f"c{n}", f"d{n}", f"e{n}"] for n in range(40)]]
    html = "".join(table("x", rows).html or "" for rows in (first, second))
    small, *large = chunks_of(Block("t", "table", html=html, regions=(Region(1, BOX),)), max_tokens=100)
    assert list(cells(small.body)) == first
    assert small.table == TablePart("t", 0, 1, 43, 1)
    assert all(next(cells(chunk.body)) == ["C", "D", "E"] for chunk in large)
    assert [row for chunk in large for row in list(cells(chunk.body))[1:]] == second[1:]
    parts = [chunk.table for chunk in large if chunk.table]
    assert (parts[0].first_row, parts[-1].last_row, parts[0].total_rows) == (2, 42, 43)
    (element,) = elements(document(Block("t", "table", html=html)))
    assert element.text.split("\n\n")[0] == small.body


def test_pages_show_the_headings_that_assembly_found() -> None:
    blocks = [
        text(f"h{n}", f"{n}. Part {n} of it", page=n) if not m else text(f"t{n}{m}", f"Words {n} {m} stand here.", page=n)
        for n in range(1, 5)
        for m in range(4)
    ]
    doc = document(*blocks)
    assert [heading.text for heading in doc.outline.headings] == [f"{n}. Part {n} of it" for n in range(1, 5)]
    for n, page in enumerate(pages(doc), 1):
        assert page.text.startswith(f"# {n}. Part {n} of it\n\n")
        assert page.headings == (f"{n}. Part {n} of it",)


def test_overlap_names_only_the_blocks_and_places_that_it_repeats() -> None:
    sentences = [f"Sentence number {n} is here." for n in range(9)]
    parts = [
        Block(f"p{n}", "text", words, regions=(Region(n + 1, BOX),), continues=f"p{n - 1}" if n else None)
        for n, words in enumerate(sentences)
    ]
    chunks = chunks_of(*parts, max_tokens=40, overlap=14)
    for chunk in chunks:
        assert [region.page_number - 1 for region in chunk.regions] == [n for n in range(9) if f"number {n} " in chunk.text]
    assert any(set(before.regions) & set(after.regions) for before, after in pairwise(chunks))


def test_furniture_is_left_out_unless_wanted() -> None:
    blocks = (text("a", "ACME Corp.", "header"), text("b", "Body."), text("c", "7", "page_number"))
    assert [chunk.body for chunk in chunks_of(*blocks)] == ["Body."]
    assert [chunk.body for chunk in chunks_of(*blocks, furniture=True)] == ["ACME Corp.\n\nBody.\n\n7"]


def test_a_caption_goes_with_its_figure_and_a_description_is_marked() -> None:
    figure = Block("f", "figure", "A bar chart.", caption_ids=("c",), generated=True, regions=(Region(1, BOX),))
    (chunk,) = chunks_of(text("c", "Figure 1: Sales", "caption"), text("t", "Between."), figure)
    assert chunk.body == "Between.\n\nFigure 1: Sales\n\nDescription: A bar chart."
    assert chunk.block_ids == ("t", "c", "f")
    assert chunk.kinds == ("text", "caption", "figure")


KINDS: list[Kind] = ["title", "text", "table", "figure", "caption", "header"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.lists(st.integers(0, 6), max_size=3)), min_size=1, max_size=7))
def test_no_garbled_caption_link_loses_or_doubles_a_word(specs: list[tuple[Kind, list[int]]]) -> None:
    blocks = [
        Block(f"b{n}", kind, f"word{n}.", level=1, caption_ids=tuple(f"b{link}" for link in links))
        for n, (kind, links) in enumerate(specs)
    ]
    shown = " ".join(chunk.body for chunk in chunks_of(*blocks))
    for n, block in enumerate(blocks):
        assert shown.count(f"word{n}.") == (block.kind != "header")


def cells(body: str) -> Iterator[list[str]]:
    for line in body.split("\n"):
        if line.startswith("|") and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_a_table_that_fits_is_one_chunk_with_its_neighbours() -> None:
    (chunk,) = chunks_of(text("a", "See:"), table("t", ROWS[:3]), text("b", "So it is."))
    assert chunk.table == TablePart("t", 0, 2, 3, 1)
    assert list(cells(chunk.body)) == ROWS[:3]
    assert chunk.body.startswith("See:\n\n|")


@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
def test_a_table_is_whole_at_the_budget_that_it_needs_and_cut_just_below(form: str) -> None:
    (chunk,) = chunks_of(table("t", ROWS), table_format=form, max_tokens=4000, tokenizer=Letters())
    need = len(chunk.text)
    assert [c.text for c in chunks_of(table("t", ROWS), table_format=form, max_tokens=need, tokenizer=Letters())] == [
        chunk.text
    ]
    assert len(chunks_of(table("t", ROWS), table_format=form, max_tokens=need - 1, tokenizer=Letters())) == 2


def test_each_part_of_a_table_has_caption_and_header_and_says_its_rows() -> None:
    caption = text("c", "Table 1: Sums", "caption")
    chunks = chunks_of(title("h", "Data", 1), caption, table("t", ROWS, caption_ids=("c",)), max_tokens=120)
    assert len(chunks) > 3
    rows = []
    for chunk in chunks:
        assert chunk.table is not None
        header, *body = cells(chunk.body)
        assert header == ROWS[0]
        assert "Table 1: Sums\n\n|" in chunk.body
        assert body == ROWS[max(chunk.table.first_row, 1) : chunk.table.last_row + 1]
        rows += body
    assert rows == ROWS[1:]
    assert chunks[0].block_ids == ("h", "c", "t")
    assert all(chunk.block_ids == ("t",) for chunk in chunks[1:])
    assert all(chunk.text.startswith("Data\n\nTable 1") for chunk in chunks)


@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
def test_tables_as_rows_give_one_chunk_a_row(form: str) -> None:
    chunks = chunks_of(table("t", ROWS), tables="rows", table_format=form)
    assert [chunk.table for chunk in chunks[1:]] == [TablePart("t", n, n, 31, 1) for n in range(2, 31)]
    assert chunks[0].table == TablePart("t", 0, 1, 31, 1)
    assert all("Item" in chunk.body and f"item{n}" in chunk.body for n, chunk in enumerate(chunks))
    assert all(f"item{n + 1}" not in chunk.body for n, chunk in enumerate(chunks))


def test_a_cell_merged_over_the_cut_has_its_text_in_every_part() -> None:
    body = "".join(
        f"<tr>{'<td rowspan=40>North</td>' if not n else ''}<td>city{n}</td><td>{n * 3}</td></tr>" for n in range(40)
    )
    html = f"<table><tr><td>Region</td><td>City</td><td>Count</td></tr>{body}</table>"
    chunks = chunks_of(Block("t", "table", html=html), max_tokens=100)
    found = [row for chunk in chunks for row in list(cells(chunk.body))[1:]]
    assert found == [["North", f"city{n}", str(n * 3)] for n in range(40)]
    again = chunks_of(Block("t", "table", html=html), max_tokens=200, table_format="html")
    assert sum(chunk.body.count("<tr><td>North</td><td>city") for chunk in again) == 40


def test_a_header_of_two_rows_is_repeated_whole() -> None:
    head = "<tr><td rowspan=2>Name</td><td colspan=2>Heat</td></tr><tr><td>2023</td><td>2024</td></tr>"
    body = "".join(f"<tr><td>n{n}</td><td>{n}</td><td>{n + 1}</td></tr>" for n in range(40))
    for chunk in chunks_of(Block("t", "table", html=f"<table>{head}{body}</table>"), max_tokens=100):
        assert next(cells(chunk.body)) == ["Name", "Heat / 2023", "Heat / 2024"]
        assert chunk.table is not None
        assert (chunk.table.header_rows, chunk.table.total_rows) == (2, 42)


def test_a_row_that_alone_is_too_large_is_cut_and_keeps_its_header() -> None:
    words = [f"word{n}" for n in range(120)]
    rows = [["Key", "Text"], ["a", "short"], ["b", " ".join(words)], ["c", "short"]]
    chunks = chunks_of(table("t", rows), max_tokens=64)
    assert [word for chunk in chunks for word in chunk.body.split() if word.startswith("word")] == words
    assert all(chunk.body.startswith("| Key | Text |") and chunk.token_count <= 64 for chunk in chunks)
    parts = [chunk.table for chunk in chunks]
    assert all(part is not None and part.first_row <= part.last_row for part in parts)
    assert [part.first_row for part in parts if part] == sorted(part.first_row for part in parts if part)


def test_a_row_gives_up_prefix_and_caption_before_it_is_cut() -> None:
    row = ["x", " ".join(f"w{n}" for n in range(13))]
    rows = [["Key", "Text"], ["a", "b"], row, ["c", "d"]]
    caption = text("c", "Table 9: of things", "caption")
    chunks = chunks_of(
        title("h", "Some title", 1), caption, table("t", rows, caption_ids=("c",)), max_tokens=96, tokenizer=Letters()
    )
    large = [chunk for chunk in chunks if row[1] in chunk.body]
    assert len(large) == 1
    assert large[0].text.startswith("| Key")


def test_a_first_row_that_has_no_room_for_the_caption_does_not_lose_it() -> None:
    rows = [["Key", "Text"], ["x", " ".join(f"w{n}" for n in range(15))], ["c", "d"]]
    caption = text("c", "Table 9: of things", "caption")
    chunks = chunks_of(caption, table("t", rows, caption_ids=("c",)), max_tokens=96, tokenizer=Letters())
    assert chunks[0].body == f"Table 9: of things\n\n|Key|Text|\n|-|-|\n| x | {rows[1][1]} |"
    assert [row for chunk in chunks for row in list(cells(chunk.body))[1:]] == rows[1:]
    assert [chunk.table for chunk in chunks] == [TablePart("t", 0, 1, 3, 1), TablePart("t", 2, 2, 3, 1)]


def test_a_heading_is_not_lost_to_a_first_row_that_needs_all_the_room() -> None:
    rows = [["Key", "Text"], ["x", " ".join(f"w{n}" for n in range(13))], ["c", "d"]]
    chunks = chunks_of(
        title("h", "Some title", 1), title("i", "Deeper", 2), table("t", rows), max_tokens=90, tokenizer=Letters()
    )
    assert chunks[0].body.startswith("Some title\n\nDeeper\n\n|Key|Text|\n|-|-|\n| x | w0 ")
    assert [row for chunk in chunks for row in list(cells(chunk.body))[1:]] == rows[1:]
    shown = "".join("".join(chunk.body.split()) for chunk in chunks)
    assert shown.count("Sometitle") == 1
    assert shown.count("w12") == 1
    first = next(chunk for chunk in chunks if chunk.table)
    assert first.table is not None
    assert first.table.first_row == 0


def test_a_huge_table_of_one_row_keeps_its_caption_with_it() -> None:
    caption, words = text("c", "Table 2: one row", "caption"), " ".join(f"w{n}" for n in range(90))
    chunks = chunks_of(caption, table("t", [["Key", words]], caption_ids=("c",)), max_tokens=64)
    assert len(chunks) > 1
    assert all(chunk.body.startswith("Table 2: one row\n\n") and "w" in chunk.body[17:] for chunk in chunks)
    assert [word for chunk in chunks for word in chunk.body.split() if word[0] == "w"] == words.split()


class Letters:
    def encode(self, content: str) -> list[str]:
        return list(content)


def test_html_parts_are_whole_tables() -> None:
    for chunk in chunks_of(table("t", [["a<b", "c&d"], *ROWS]), table_format="html", max_tokens=120):
        assert chunk.body.startswith("<table>")
        assert chunk.body.endswith("</table>")
        assert "a&lt;b" in chunk.body


def test_a_table_joined_over_pages_has_header_and_own_pages_on_each_part() -> None:
    halves = table("t", ROWS[:16]), table("u", [ROWS[0], *ROWS[16:]], page=2, continues="t")
    chunks = chunks_of(*halves, max_tokens=120)
    assert [row for chunk in chunks for row in list(cells(chunk.body))[1:]] == ROWS[1:]
    for chunk in chunks:
        assert next(cells(chunk.body)) == ROWS[0]
        assert chunk.table is not None
        expected = {1 if row < 16 else 2 for row in range(max(chunk.table.first_row, 1), chunk.table.last_row + 1)}
        assert {region.page_number for region in chunk.regions} == expected
    assert {chunk.page_number for chunk in chunks} == {1, 2}


def test_overlap_repeats_whole_sentences_of_the_same_section_only() -> None:
    sentences = [f"Sentence number {n} is here." for n in range(20)]
    blocks = (title("a", "A", 1), text("b", " ".join(sentences[:18])), title("c", "B", 1), text("d", " ".join(sentences[18:])))
    chunks = chunks_of(*blocks, max_tokens=64, overlap=20)
    assert len(chunks) > 4
    for before, after in pairwise(chunks[:-1]):
        assert before.body.split(". ")[-1].strip(".") in after.body.split("\n\n")[0]
    assert chunks[-1].body == "B\n\n" + " ".join(sentences[18:])
    assert all(chunk.token_count <= 64 for chunk in chunks)


def test_overlap_holds_no_heading_and_no_table() -> None:
    long = " ".join(f"Sentence number {n} is here." for n in range(20))
    room = estimate(long) + estimate("Short.") + 1
    _, after = chunks_of(
        title("a", "A", 1), text("b", "Short."), text("c", long), max_tokens=room, overlap=40, include_headings=False
    )
    assert after.body == f"Short.\n\n{long}"
    (alone,) = chunks_of(table("t", ROWS[:2]))
    _, after = chunks_of(
        text("b", "Short."),
        table("t", ROWS[:2]),
        text("c", long),
        max_tokens=estimate(long) + alone.token_count + 1,
        overlap=60,
    )
    assert after.body == long


def test_regions_go_page_by_page() -> None:
    figure = Block("f", "figure", "Words.", caption_ids=("c",), regions=(Region(1, BOX),))
    (chunk,) = chunks_of(figure, text("c", "Figure 1", "caption", page=2), text("t", "End.", page=2))
    assert chunk.block_ids == ("c", "f", "t")
    assert [region.page_number for region in chunk.regions] == [1, 2]


def test_a_block_on_two_pages_of_which_no_part_is_known_gives_both_to_each_of_its_chunks() -> None:
    regions = (Region(1, BOX), Region(2, BOX))
    block = Block("a", "text", " ".join(f"Sentence {n}." for n in range(60)), regions=regions)
    doc = ParsedDocument(source=SOURCE, vendor="test", pages=(Page(1, 1, 1, blocks=(block,)), Page(2, 1, 1)))
    for chunk in StructureChunker(max_tokens=64).chunk(doc):
        assert (chunk.regions, chunk.page_number, chunk.last_page_number) == (regions, 1, 2)
        assert chunk.locate(0, 4) == regions


def test_the_first_chunk_comes_before_the_last_block_is_counted() -> None:
    counted: list[str] = []

    def count(content: str) -> int:
        counted.append(content)
        return len(content.split())

    blocks = [block for n in range(50) for block in (title(f"h{n}", f"H{n}", 1), text(f"t{n}", f"Body {n}."))]
    chunks = StructureChunker(tokenizer=count).chunk(document(*blocks))
    assert next(chunks).body == "H0\n\nBody 0."
    assert not any("Body 49" in content for content in counted)
    assert len(list(chunks)) == 49


def test_a_document_without_text_has_no_chunks() -> None:
    assert chunks_of() == []
    assert chunks_of(text("a", "  "), Block("t", "table"), Block("f", "figure"), title("h", " ", 1)) == []


def test_ids_differ_with_document_options_and_place() -> None:
    doc = document(text("a", "Same."), title("h", "H", 1), text("b", "Same."))
    other = doc.model_copy(update={"source": SourceFacts("b.pdf", "b.pdf", "application/pdf", 1, "ef" * 32)})
    made = [list(StructureChunker(n).chunk(d)) for n, d in ((512, doc), (256, doc), (512, other))]
    assert len({chunk.id for chunks in made for chunk in chunks}) == 6


PROGRAM = """
from docparse_loaders.chunking import StructureChunker
from docparse_loaders.document import ParsedDocument
import sys
doc = ParsedDocument.model_validate_json(sys.stdin.read())
print([chunk.id for chunk in StructureChunker(max_tokens=64).chunk(doc)], StructureChunker().fingerprint())
"""


def test_ids_are_the_same_in_every_process() -> None:
    doc = document(title("a", "A", 1), text("b", "Word. " * 60), table("t", ROWS))
    runs = {
        subprocess.run(  # noqa: S603  # our own program, no shell
            [sys.executable, "-c", PROGRAM],
            input=doc.model_dump_json().encode(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = f"{[chunk.id for chunk in StructureChunker(max_tokens=64).chunk(doc)]} {StructureChunker().fingerprint()}"
    assert runs == {f"{here}\n".encode()}


def test_the_fingerprint_changes_with_every_option() -> None:
    variants: list[dict[str, object]] = [
        {}, {"max_tokens": 256}, {"overlap": 8}, {"merge_small": False}, {"tables": "rows"}, {"table_format": "html"},
        {"furniture": True}, {"include_headings": False}, {"tokenizer": len}, {"tokenizer": estimate},
    ]  # fmt: skip
    prints = {StructureChunker(**options).fingerprint() for options in variants}  # type: ignore[arg-type]  # checked at run time
    assert len(prints) == len(variants)
    assert StructureChunker().fingerprint() == StructureChunker(512).fingerprint()
    assert "max_tokens=512" in repr(StructureChunker())


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"max_tokens": 3}, "at least 16"),
        ({"max_tokens": "512"}, "at least 16"),
        ({"max_tokens": True}, "at least 16"),
        ({"overlap": 300}, "half of max_tokens"),
        ({"overlap": -1}, "half of max_tokens"),
        ({"tables": "row"}, "'rows'"),
        ({"table_format": "mark-down"}, "'markdown'"),
        ({"table_format": 5}, "one of 'markdown'"),
    ],
)
def test_a_bad_option_is_refused_with_a_hint(options: dict[str, object], hint: str) -> None:
    with pytest.raises(ChunkingError) as caught:
        StructureChunker(**options)  # type: ignore[arg-type]  # the mistake under test
    assert hint in caught.value.hint


def sample() -> ParsedDocument:
    return document(
        title("a", "Report", 1), text("b", "Intro."), text("n", "1", "page_number"),
        title("c", "Results", 2, page=2), table("t", ROWS[:3], page=2), text("e", "More.", page=3),
    )  # fmt: skip


def test_elements_are_the_blocks_with_their_headings() -> None:
    found = [(chunk.block_ids, chunk.headings, chunk.kinds) for chunk in elements(sample())]
    assert found == [
        (("a",), ("Report",), ("title",)), (("b",), ("Report",), ("text",)), (("c",), ("Report", "Results"), ("title",)),
        (("t",), ("Report", "Results"), ("table",)), (("e",), ("Report", "Results"), ("text",)),
    ]  # fmt: skip
    assert [chunk.table for chunk in elements(sample()) if chunk.table] == [TablePart("t", 0, 2, 3, 1)]
    assert len(list(elements(sample(), furniture=True))) == 6


def test_pages_are_pages() -> None:
    found = list(pages(sample()))
    assert [(chunk.page_number, chunk.last_page_number) for chunk in found] == [(1, 1), (2, 2), (3, 3)]
    assert [chunk.headings for chunk in found] == [("Report",), ("Report", "Results"), ("Report", "Results")]
    assert found[0].text == "# Report\n\nIntro."
    assert "item1" in found[1].text
    assert found[0].text.count("1") == 0
    assert next(pages(sample(), furniture=True)).block_ids == ("a", "b", "n")


def test_whole_is_one_chunk_of_everything() -> None:
    (chunk,) = whole(sample())
    assert chunk.text == sample().to_markdown()
    assert (chunk.page_number, chunk.last_page_number, chunk.headings) == (1, 3, ())
    assert chunk.token_count == estimate(chunk.text)


@pytest.mark.parametrize("mode", [elements, pages, whole])
def test_the_other_modes_have_stable_and_different_ids(mode: Literal["elements"]) -> None:
    first, second = ([chunk.id for chunk in mode(sample())] for _ in range(2))  # type: ignore[operator]  # a function each
    assert first == second
    assert len(set(first)) == len(first)
