"""Halves of a table: which columns they share, which header is a repeated one, which row a page break has cut in two."""

from collections import Counter
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block, Page, Region, SourceFacts
from docparse_loaders.tables import Grid, Span, from_html, join, to_plain
from docparse_loaders.tables.joining import joined
from growth import assert_linear


def rows_of(*lines: str, header: int = 0) -> Grid:
    """A grid without merged cells; cells are parted by "|"."""
    return Grid.of([[cell.strip() for cell in line.split("|")] for line in lines], header)


def shown(grid: Grid) -> list[str]:
    return [" | ".join(row) for row in grid.rows]


def test_a_part_without_the_column_of_a_merged_cell_goes_beside_it() -> None:
    top = "<tr><th>Group<th>Item<th>Sum</tr>"
    first = from_html(f"<table>{top}<tr><td rowspan=2>G1<td>i1<td>1<tr><td>i2<td>2</table>")
    below = rows_of("i3 | 3", "i4 | 4")
    both = join(first, below, rows_of("i5 | 5"), rows_of("G2 | i6 | 6"))
    assert both.expanded().rows[1:] == (
        ("G1", "i1", "1"), ("G1", "i2", "2"), ("G1", "i3", "3"), ("G1", "i4", "4"), ("G1", "i5", "5"), ("G2", "i6", "6"),
    )  # fmt: skip
    assert both.spans == (Span(1, 0, 5, 1),)
    assert to_plain(both).count("G1") == 1


@pytest.mark.parametrize(
    ("first", "second", "below"),
    [
        (["A | B | C", "x | 1 | 2"], ["B | C", "3 | 4"], [" | 3 | 4"]),  # by names, which are then left out
        (["A | B | C", "x | 1 | 2"], ["A | C", "y | 4"], ["y |  | 4"]),
        (["A | B | C", "x | 1 | 2", " | 3 | 4"], ["5 | 6", "7 | 8"], [" | 5 | 6", " | 7 | 8"]),  # numbers under numbers
        (["A | B", "x | 1", "y | 2"], ["x |  | 3", "y |  | 4"], ["x | 3", "y | 4"]),  # a column too many, and empty
        (["A | | B", "x | | 1", "y | | 2"], ["z | 3", "w | 4"], ["z |  | 3", "w |  | 4"]),
        (["A | B | Note", "x | 1 | ", "y | 2 | "], ["z | 3", "w | 4"], ["z | 3 | ", "w | 4 | "]),
        (["A | B | C", "x | y | z"], ["u | v"], ["u | v | "]),  # nothing tells: from the left
        (["A | B", "x | 1"], ["x | 3 | more"], ["x | 3 | more"]),
    ],
)
def test_columns_are_put_under_their_own(first: list[str], second: list[str], below: list[str]) -> None:
    both = join(rows_of(*first), rows_of(*second))
    assert shown(both)[len(first) :] == below


@pytest.mark.parametrize(
    ("second", "below"),
    [
        (["Table of stations | | ", "Station | Heat | Flow", "r | 1 | 2"], ["r | 1 | 2"]),
        (["Station | Heat | Flow", "r | 1 | 2"], ["r | 1 | 2"]),
        (["Table (continued) | | ", "Station | Heat | Flow", "r | 1 | 2"], ["Table (continued) |  | ", "r | 1 | 2"]),
        (["Station | Heat | FLOW", "r | 1 | 2"], ["Station | Heat | FLOW", "r | 1 | 2"]),
        (["Station | Heat | Flow"], []),
    ],
)
def test_a_repeated_header_is_left_out_with_its_title(second: list[str], below: list[str]) -> None:
    first = rows_of("Table of stations |  | ", "Station | Heat | Flow", "q | 3 | 4", "p | 5 | 6")
    assert shown(join(first, rows_of(*second)))[4:] == below


def test_two_header_rows_are_left_out_even_if_the_first_part_holds_nothing_else() -> None:
    head = ["Station | Heat | Heat", " | 2024 | 2025"]
    both = join(rows_of(*head), rows_of(*head, "r0 | 1 | 2", "r1 | 3 | 4"))
    assert shown(both) == [*head, "r0 | 1 | 2", "r1 | 3 | 4"]


OPEN = ["Key | Text", "a | It runs on and"]


@pytest.mark.parametrize(
    ("first", "second", "below"),
    [
        (OPEN, [" | is finished here.", "b | x"], ["a | It runs on and is finished here.", "b | x"]),
        (OPEN, ["Key | Text", " | is finished here."], ["a | It runs on and is finished here."]),
        (["Key | Text", "a | heat ex-"], [" | changers"], ["a | heat exchangers"]),
        (["Key | Text", "a | 泵、"], [" | 阀门"], ["a | 泵、阀门"]),
        # Rows of their own.
        (OPEN, [" | Another begins."], ["a | It runs on and", " | Another begins."]),
        (OPEN, [" | 12"], ["a | It runs on and", " | 12"]),
        (["Key | Text", "a | It ends."], [" | of which half"], ["a | It ends.", " | of which half"]),
        (["Key | Text", "a | b", " | of which c"], [" | of which d"], ["a | b", " | of which c", " | of which d"]),
        (OPEN, [" | is it", " | and more"], ["a | It runs on and", " | is it", " | and more"]),
        (["Key | Text | Sum", "a | total | 10"], [" | of which half | 5"], ["a | total | 10", " | of which half | 5"]),
        (["Key | Text"], [" | is finished here."], [" | is finished here."]),
    ],
)  # fmt: skip
def test_a_row_cut_by_the_page_break_is_one_again(first: list[str], second: list[str], below: list[str]) -> None:
    assert shown(join(rows_of(*first, header=1), rows_of(*second)))[1:] == below


def test_a_row_over_the_page_break_stands_on_both_pages() -> None:
    rows = [f"a{n} | Text number {n} is long enough" for n in range(20)]
    halves = rows_of("Key | Text", *rows, "b | It runs on and", header=1), rows_of(" | is finished here.", "c | x")
    blocks = [
        Block(name, "table", text="\n".join(f"| {line} |" for line in shown(half)), continues=link,
              regions=(Region(page, BBox(0, 0, 1, 1)),))
        for name, half, page, link in zip("ab", halves, (1, 2), (None, "a"), strict=True)
    ]  # fmt: skip
    pages = tuple(Page(number, 1, 1, blocks=(block,)) for number, block in enumerate(blocks, 1))
    source = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
    doc = ParsedDocument(source=source, vendor="test", pages=pages, total_pages=2)
    chunks = list(StructureChunker(tables="rows").chunk(doc))
    places = [(chunk.page_number, chunk.last_page_number) for chunk in chunks]
    assert places == [(1, 1)] * 20 + [(1, 2), (2, 2)]
    assert "It runs on and is finished here." in chunks[-2].body


CELLS = st.sampled_from(["", "a", "b c", "Heat", "12", "3.5", "2024", "ends.", "goes on and", "pre-", "字，", "or on"])


@st.composite
def halves(draw: st.DrawFn) -> Grid:
    """A grid of 1 to 5 columns with some cells merged downwards or sideways."""
    width, height = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    html = "<table>"
    for number in range(height):
        html += "<tr>"
        for _ in range(width):
            tag = "th" if draw(st.booleans()) and not number else "td"
            html += f"<{tag} rowspan={draw(st.sampled_from([1, 1, 1, 2, 0]))} colspan={draw(st.sampled_from([1, 1, 1, 1, 2]))}>"
            html += draw(CELLS)
    return from_html(html + "</table>")


def letters(grids: list[Grid]) -> Counter[str]:
    """Every character that is not white space or a hyphen."""
    return Counter("".join(cell for grid in grids for row in grid.rows for cell in row)) - Counter({" ": 10**6, "-": 10**6})


@given(halves(), st.lists(halves(), max_size=3))
def test_a_join_loses_nothing_but_repeated_headers_and_is_a_grid(first: Grid, others: list[Grid]) -> None:
    table, begins, ends = joined(first, *others)
    assert all(len(row) == table.width for row in table.rows)
    slots = [
        (row, column)
        for span in table.spans
        for row in range(span.row, span.row + span.rows)
        for column in range(span.column, span.column + span.columns)
    ]
    assert len(set(slots)) == len(slots)
    assert all(row < table.height and column < table.width for row, column in slots)
    assert table.spans == tuple(sorted(table.spans))
    origins = {(span.row, span.column) for span in table.spans}
    assert not any(table.rows[row][column] for row, column in set(slots) - origins)
    assert ends[-1] == table.height
    assert all(begin in (end, end - 1) for begin, end in zip(begins[1:], ends, strict=False))
    lost = letters([first, *others]) - letters([table])
    dropped = sum(other.height for other in others) + first.height - table.height
    if not dropped:
        assert not lost
    heads = [grid.rows[: max(grid.lead_rows, 1)] for grid in (first, *others)]
    assert set(lost) <= set(letters([Grid(rows) for rows in heads if rows]))
    assert not letters([table]) - letters([first, *others])
    assert list(accumulate(ends, max)) == list(ends)


def test_joining_takes_time_that_grows_with_the_parts() -> None:
    one = from_html("<table>" + "<tr><td rowspan=3>a<td>b and<td>1<tr><td>c<td>2<tr><td>d<td>3" * 3 + "</table>")
    narrow, open_row = rows_of("x | 1", "y | 2"), rows_of(" | goes on and | ")
    assert_linear(lambda size: join(*([one, narrow] * (size // 10))))
    assert_linear(lambda size: join(one, *([open_row] * size)))
    assert_linear(lambda size: join(Grid.of([["k", "open"]] * size), *([rows_of(" | goes on")] * size)))
