"""Columns, tables without rules, and lists: where text stands decides how it is read."""

import io
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders.model import Block
from docparse_loaders.tables import grid_of
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.aligned import aligned, headed, lists_contents
from docparse_loaders.vendors.local.columns import zone_of, zones
from docparse_loaders.vendors.local.decode import decode
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lines import Item, Line
from docparse_loaders.vendors.local.work import parse

PAGE = Box(0, 0, 600, 800)
LEFT = [f"Left column, line {word}, of running text" for word in ("one", "two", "three", "four", "five", "six")]
RIGHT = [text.replace("Left", "Right") for text in LEFT]


def line(text: str, x0: float, y0: float, x1: float, size: float = 10) -> Line:
    return Line(text, Box(x0, y0, x1, y0 + size), size)


def column(texts: list[str], x0: float, x1: float, top: float = 100) -> list[Line]:
    return [line(text, x0, top + 12 * number, x1) for number, text in enumerate(texts)]


def read(lines: list[Line], fixed: list[Box] | None = None) -> list[list[str]]:
    areas = zones(lines, fixed or [], PAGE)
    return [[line.text for line in lines if zone_of(line.box, areas) == index] for index in range(len(areas))]


def test_a_page_without_columns_is_one_zone() -> None:
    assert zones(column(LEFT, 50, 550), [], PAGE) == [PAGE]
    assert zones([], [], PAGE) == [PAGE]


def test_two_columns_under_a_title_and_over_a_figure() -> None:
    title, note = line("A title over both of the columns", 100, 60, 500), line("A note over both of the columns", 50, 300, 540)
    figure = Box(150, 200, 450, 280)
    lines = [title, *column(LEFT, 50, 280), *column(RIGHT, 310, 540), note]
    parts = [part for part in read(lines, [figure]) if part]
    assert parts == [[title.text], LEFT, RIGHT, [note.text]]


def test_columns_go_on_under_what_crosses_them() -> None:
    lines = [*column(LEFT, 50, 280), *column(RIGHT, 310, 540)]
    lines += [
        *column(["Left again, and running text"], 50, 270, 300),
        *column(["Right again, and running text"], 310, 530, 300),
    ]
    parts = [part for part in read(lines, [Box(150, 200, 450, 280)]) if part]
    assert parts == [LEFT, RIGHT, ["Left again, and running text"], ["Right again, and running text"]]


def test_the_short_last_line_of_a_paragraph_over_both_columns_stays_with_it() -> None:
    abstract = [
        line("An abstract over both of the columns that goes on", 50, 60, 540),
        line("and has a last line here", 50, 72, 300),
    ]
    parts = [part for part in read([*abstract, *column(LEFT, 50, 280), *column(RIGHT, 310, 540)]) if part]
    assert parts == [[text.text for text in abstract], LEFT, RIGHT]


def test_three_columns() -> None:
    middle = [text.replace("Left", "Mid") for text in LEFT]
    lines = [*column(LEFT, 40, 200), *column(middle, 220, 380), *column(RIGHT, 400, 560)]
    assert [part for part in read(lines) if part] == [LEFT, middle, RIGHT]


def test_cells_are_no_columns() -> None:
    lines = [
        *column(["Alder Row", "Mill Lane", "Weir Street", "Old School", "Gate"], 50, 120),
        *column(["12", "14", "9", "8", "7"], 310, 330),
    ]
    assert zones(lines, [], PAGE) == [PAGE]


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 700), st.floats(1, 300)), max_size=25),
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 700), st.floats(1, 200), st.floats(1, 200)), max_size=3),
)
def test_zones_cover_the_page_once(
    places: list[tuple[float, float, float]], walls: list[tuple[float, float, float, float]]
) -> None:
    lines = [line("running text of some length", x, y, x + width) for x, y, width in places]
    areas = zones(lines, [Box(x, y, x + width, y + height) for x, y, width, height in walls], PAGE)
    assert sum(area.area for area in areas) == pytest.approx(PAGE.area)
    assert all(one.shared(other) < 1e-6 for one, other in pairwise(areas))


# Tables without rules.


def items(rows: list[list[str]], xs: list[float], *, right: frozenset[int] = frozenset(), top: float = 100) -> list[Item]:
    made: list[Item] = []
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            width = stringWidth(text, "Helvetica", 10)
            x0 = xs[place] - width if place in right else xs[place]
            if text:
                made.append(Item(text, Box(x0, top + 14 * number, x0 + width, top + 14 * number + 10), 10))
    return made


ROWS = [
    ["House", "Area", "Store", "Change"],
    ["Mill Lane 2", "140", "yes", "-4.7"],
    ["Old School", "640", "no", "-1"],
    ["Gate", "", "no", "n/a"],
]


def test_texts_that_stand_in_rows_and_columns_are_a_table() -> None:
    (table,) = aligned(items(ROWS, [50, 200, 220, 400], right=frozenset({1, 3})))
    assert (table.columns, table.headers, len(table.rows)) == (4, 1, 4)
    assert [span.text for span in table.rows[1]] == ROWS[1]
    assert [(span.text, span.first) for span in table.rows[3]] == [("Gate", 0), ("no", 2), ("n/a", 3)]


@pytest.mark.parametrize(
    "rows",
    [
        [["1.", "Read all meters at midnight"], ["2.", "Weigh each reading by flow"], ["3.", "Compare with the week before"]],
        [["Introduction . . . . . . .", "1"], ["Methods . . . . . . . .", "7"], ["Results . . . . . . . .", "12"]],
        [["From:", "Ada Quill"], ["To:", "Bruno Marsh"], ["About:", "The pumps at night"]],
        [[text, text] for text in LEFT],
        [["One", "2"], ["Two", "3"]],
    ],
    ids=["numbered list", "contents", "letter head", "columns", "two rows"],
)
def test_what_only_looks_like_a_table(rows: list[list[str]]) -> None:
    assert aligned(items(rows, [50, 320])) == []


@pytest.mark.parametrize(
    ("first", "rest", "head"),
    [
        (["Name", "Price"], [["Bolt", "4.50 €"]], True),
        (["Name", "Price"], [["Bolt", "cheap"]], False),
        (["2023", "2024"], [["1", "2"]], False),
        (["", "Price"], [["Bolt", "1"]], False),
        (["名称", "数量"], [["螺栓", "3"]], True),
    ],
)
def test_words_over_numbers_are_a_header(first: list[str], rest: list[list[str]], head: bool) -> None:
    assert headed(first, rest) is head


# Drawn pages.

Draw = Callable[[Canvas], None]


def drawn(draw: Draw) -> list[Block]:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFont("Helvetica", 10)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return [block for page in decode(parse(out.getvalue(), Local().request())).pages for block in page.blocks]


def test_a_table_with_three_lines_in_a_column_does_not_swallow_the_other() -> None:
    """LiteParse takes the lines of such a table for lines over the whole page, and makes one table of both columns."""
    rows = [["Month", "Pairs", "Supply"], ["November", "2", "66.8"], ["December", "3", "68.1"], ["January", "3", "69.0"]]
    left = [f"In the left column there is text, line {number}" for number in range(24)]
    right = [f"In the right column there is text, line {number}" for number in range(14)]

    def page(canvas: Canvas) -> None:
        for number, text in enumerate(left):
            canvas.drawString(56, 700 - 12 * number, text)
        for number, row in enumerate(rows):
            for x, text in zip((310, 400, 460), row, strict=True):
                canvas.drawString(x, 697 - 15 * number, text)
        for y in (709, 693, 647):
            canvas.line(308, y, 540, y)
        for number, text in enumerate(right):
            canvas.drawString(308, 610 - 12 * number, text)

    found = drawn(page)
    assert [block.kind for block in found] == ["text", "table", "text"]
    assert (found[0].text, found[2].text) == (" ".join(left), " ".join(right))
    grid = grid_of(found[1])
    assert grid is not None
    assert [list(row) for row in grid.rows] == rows
    assert "<th>Month</th>" in (found[1].html or "")


def test_a_list_of_contents_is_no_table() -> None:
    entries = [("1", "Introduction", "3"), ("1.1", "Scope", "3"), ("2", "Measured performance", "7"), ("2.1", "Method", "8")]

    def page(canvas: Canvas) -> None:
        for number, (head, title, last) in enumerate(entries):
            y = 700 - 16 * number
            canvas.drawString(72, y, head)
            canvas.drawString(110, y, title + " . " * 40)
            canvas.drawString(480, y, last)

    (found,) = drawn(page)
    assert found.kind == "toc"
    assert [line.split()[0] for line in found.text.splitlines()] == [head for head, _, _ in entries]
    assert all(title in found.text for _, title, _ in entries)


@pytest.mark.parametrize(
    ("rows", "contents"),
    [
        ([["1", "Scope", "3"], ["1.1", "Aim", "3"], ["2.", "Method", ". . 7"]], True),
        ([["1", "Bolt", "3"], ["2", "Nut", "7"], ["3", "Washer", "9"]], False),
        ([["1", "Scope", "3"], ["1.1", "Aim", "9"], ["2", "Method", "7"]], False),
        ([["1.2", "Scope", "3"], ["1.1", "Aim", "3"], ["2", "Method", "7"]], False),
        ([["1", "Scope", "3"], ["1.1", "Aim", "many"], ["2", "Method", "7"]], False),
        ([["1.5", "0.2", "3"], ["1.7", "0.4", "4"]], False),
    ],
)
def test_sections_and_pages_in_order_are_contents(rows: list[list[str]], contents: bool) -> None:
    assert lists_contents(rows) is contents


def test_lists_hang_and_nest_and_end_where_a_paragraph_begins() -> None:
    def page(canvas: Canvas) -> None:
        places = [
            *(
                (60, 700, "•"),
                (72, 700, "the first item goes on over the end of its line and has a"),
                (72, 688, "second one under its words;"),
            ),
            *((60, 674, "•"), (72, 674, "the second has items of its own:"), (74, 660, "–"), (86, 660, "one of them,")),
            *((74, 646, "–"), (86, 646, "and another one;"), (60, 632, "•"), (72, 632, "the third one is short.")),
            *(
                (56, 610, "A paragraph follows that begins a little farther to the left,"),
                (56, 598, "and it does not belong to the list."),
            ),
            *((66, 570, "9."), (86, 570, "Nine is narrow."), (66, 554, "10."), (86, 554, "Ten is wider, and goes on")),
            *((86, 542, "under its own words."), (66, 526, "11."), (86, 526, "Eleven ends it.")),
        ]
        for x, y, text in places:
            canvas.drawString(x, y, text)

    first = [
        "• the first item goes on over the end of its line and has a second one under its words;",
        "• the second has items of its own:",
        "  – one of them,",
        "  – and another one;",
        "• the third one is short.",
    ]
    last = ["9. Nine is narrow.", "10. Ten is wider, and goes on under its own words.", "11. Eleven ends it."]
    found = [(block.kind, block.text.replace("  - ", "  – ")) for block in drawn(page)]
    assert found == [
        ("list", "\n".join(first)),
        ("text", "A paragraph follows that begins a little farther to the left, and it does not belong to the list."),
        ("list", "\n".join(last)),
    ]
