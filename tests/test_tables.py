"""Tables: what is read, what survives, what a cut or a join keeps, and how long hostile input may take."""

import csv
import io
import re
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.model import Block
from docparse_loaders.tables import (
    Grid,
    Span,
    from_html,
    from_markdown,
    grid_of,
    join,
    plain_of_html,
    stack,
    to_csv,
    to_html,
    to_markdown,
    to_plain,
    to_records,
    to_rows,
)
from growth import assert_linear, seconds

HEAT = (
    "<table><thead><tr><th rowspan=2>Substation</th><th colspan=2>Heat</th></tr><tr><th>2023</th><th>2024</th></tr></thead>"
    "<tr><td rowspan='2'>Quay</td><td>10</td><td>11</td></tr><tr><td>12</td><td>13</td></tr></table>"
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=8).map(
    lambda text: " ".join(text.split())
)


class Sketch(NamedTuple):
    """A grid as the test lays it out itself: which cell covers each slot, and every cell's text."""

    rows: list[list[str]]
    spans: list[Span]
    header: int


@st.composite
def sketches(draw: st.DrawFn) -> Sketch:
    """Cut a rectangle into disjoint merged and single cells."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    header = draw(st.integers(0, min(2, height)))
    rows = [["" for _ in range(width)] for _ in range(height)]
    free = {(row, column) for row in range(height) for column in range(width)}
    spans: list[Span] = []
    for row in range(height):
        for column in range(width):
            if (row, column) not in free:
                continue
            rows[row][column] = draw(TEXTS)
            end = header if row < header else height
            down, right = draw(st.integers(1, min(3, end - row))), draw(st.integers(1, min(3, width - column)))
            slots = {(row + i, column + j) for i in range(down) for j in range(right)}
            if not slots <= free:
                down, right, slots = 1, 1, {(row, column)}
            free -= slots
            if down * right > 1:
                spans.append(Span(row, column, down, right))
    return Sketch(rows, spans, header)


def html_of(sketch: Sketch) -> str:
    """Write the sketch as HTML without the library's help."""
    covered = {
        (s.row + i, s.column + j): s for s in sketch.spans for i in range(s.rows) for j in range(s.columns) if (i, j) != (0, 0)
    }
    sizes = {(s.row, s.column): s for s in sketch.spans}
    out = "<table>" + ("<thead>" if sketch.header else "")
    for r, row in enumerate(sketch.rows):
        out += "<tr>"
        for c, text in enumerate(row):
            if (r, c) in covered:
                continue
            span = sizes.get((r, c), Span(r, c, 1, 1))
            tag = "th" if r < sketch.header else "td"
            out += f'<{tag} rowspan="{span.rows}" colspan="{span.columns}">{escape(text)}</{tag}>'
        out += "</tr>" + ("</thead><tbody>" if r + 1 == sketch.header else "")
    return out + "</table>"


def grid(sketch: Sketch) -> Grid:
    return Grid(tuple(map(tuple, sketch.rows)), sketch.header, tuple(sketch.spans))


class Reader(HTMLParser):
    """An independent reading: the text of every cell in document order."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"td", "th"}:
            self.cells.append("")
        elif tag == "br" and self.cells:
            self.cells[-1] += "\n"

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


def cells_of(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return [cell.strip(" \n") for cell in reader.cells]


def test_merged_cells_keep_their_text_at_the_origin() -> None:
    table = from_html(HEAT)
    assert table.rows == (
        ("Substation", "Heat", ""),
        ("", "2023", "2024"),
        ("Quay", "10", "11"),
        ("", "12", "13"),
    )
    assert table.header_rows == 2
    assert table.spans == (Span(0, 0, 2, 1), Span(0, 1, 1, 2), Span(2, 0, 2, 1))
    assert table.expanded().rows[1] == ("Substation", "2023", "2024")
    assert table.expanded().rows[3] == ("Quay", "12", "13")


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        ("<TABLE><TD>a<TD>b<TR><TD>c", (("a", "b"), ("c", ""))),
        ("<tr><td>no table</td></tr>", (("no table",),)),
        ("just text &amp; more", (("just text & more",),)),
        ("", ()),
        ("<table></table>", ()),
        ("<table><tr><td>a<br>b<br/><p>c</p>d</td></tr></table>", (("a\nb\nc\nd",),)),
        ("<table><tr><td>a <b>b</b> <i>c</i>d</td></tr></table>", (("a b cd",),)),
        ("<table><tr><td>  a\n\t b&nbsp;c </td></tr></table>", (("a b\u00a0c",),)),
        ("<table><tr><td>&lt;td&gt; 3 &#62; 2 &amp;amp;</td></tr></table>", (("<td> 3 > 2 &amp;",),)),
        ("<table><tr><td>p < 0.05 and x<y>z</td></tr></table>", (("p < 0.05 and x<y>z",),)),
        ("<table><tr><td><eq>x^2</eq></td><td>$a_1$</td></tr></table>", (("x^2", "$a_1$"),)),
        ('<table><tr><td><img src="a.png" alt="a > b">x<img src=b></td></tr></table>', (("a > b x [image: b]",),)),
        ('<table><tr><td title="</td><td>">x</td></tr></table>', (("x",),)),
        ("<table><tr><td>a<!-- <td>no</td> -->b</td></tr></table>", (("ab",),)),
        ("<table><tr><td>a<script>if (1<2) '<td>'</script>b</td></tr></table>", (("ab",),)),
        ("<table><tr><td>a<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>b</td><td>c</td></tr></table>",
         (("a\n1 2\n3\nb", "c"),)),
        ("<table><tr><td><math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>!</td></tr></table>",
         (("x^2!",),)),
        ("<table><tr><td rowspan=-3 colspan=0>a</td><td rowspan='2.5' colspan='x'>b</td></tr></table>", (("a", "b"),)),
        ("<table><tr><td rowspan=0>a</td><td>1</td></tr><tr><td>2</td></tr></table>", (("a", "1"), ("", "2"))),
        ("<table><tr><td>a</td></tr></table>\n<table><tr><td>b</td><td>c</td></tr></table>", (("a", ""), ("b", "c"))),
        ("<table><tr><td>a\x00b</td></tr></table>", (("ab",),)),
        ("<table><tr><td>\ud800</td></tr></table>", (("\ud800",),)),
    ],
)  # fmt: skip
def test_html_of_every_kind(html: str, rows: tuple[tuple[str, ...], ...]) -> None:
    assert from_html(html).rows == rows


def test_a_cell_does_not_reach_below_its_section() -> None:
    table = from_html("<table><thead><tr><th rowspan=9>h</th><th>i</th></tr></thead><tr><td>1</td><td>2</td></tr></table>")
    assert table.rows == (("h", "i"), ("1", "2"))
    assert table.spans == ()


def test_text_outside_of_cells_is_the_caption() -> None:
    table = from_html("before<table><caption>Table 1</caption><tr><td>x</td></tr></table>after")
    assert table.caption.split("\n") == ["before", "Table 1", "after"]
    assert to_plain(table).endswith("\nx")
    assert "<caption>" in to_html(table)


@pytest.mark.parametrize(
    ("html", "header"),
    [
        ("<tr><th>a<th>b<tr><td>1<td>2", 1),
        ("<tr><th>a<td>b<tr><td>1<td>2", 0),
        ("<tr><td>a<th>b<tr><td>1<td>2", 0),
        ("<thead><tr><td>a</thead><tr><td>1", 1),
        ("<tr></tr><tr><td>1", 0),
        ("<tr><th>a<tr><th>b<tr><td>1", 2),
    ],
)
def test_header_rows_are_those_marked_at_the_top(html: str, header: int) -> None:
    assert from_html(f"<table>{html}</table>").header_rows == header


@pytest.mark.parametrize(
    ("html", "lead"),
    [
        ("<tr><td>a<td>b<tr><td>1<td>2", 1),
        ("<tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>1<td>2<td>3", 2),
        ("<tr><td rowspan=2>group<td>b<tr><td>c<tr><td>x<td>y", 1),
        ("<tr><td>a<td>b", 0),
        ("<thead><tr><th>a<tr><th>b</thead><tr><td>1", 2),
    ],
)
def test_lead_rows_name_the_columns_of_unmarked_tables_too(html: str, lead: int) -> None:
    assert from_html(f"<table>{html}</table>").lead_rows == lead


@given(sketches())
def test_html_is_read_as_it_was_written(sketch: Sketch) -> None:
    assert from_html(html_of(sketch)) == grid(sketch)


@given(sketches())
def test_row_by_row_each_cell_stands_once_in_each_row_that_it_reaches(sketch: Sketch) -> None:
    table = grid(sketch)
    lead = table.lead_rows
    shown = table.row_by_row()
    assert shown.rows[:lead] == table.expanded().rows[:lead]
    merged = {(row, column): (down, right) for row, column, down, right in table.spans}
    for number in range(lead, table.height):
        wanted = [""] * table.width
        for (row, column), (down, _) in merged.items():
            if row <= number < row + down:
                wanted[column] = table.rows[row][column]
        assert [cell or own for cell, own in zip(wanted, table.rows[number], strict=True)] == list(shown.rows[number])


@given(sketches())
def test_our_html_reads_back_and_holds_every_cell_once(sketch: Sketch) -> None:
    written = to_html(grid(sketch))
    assert from_html(written) == grid(sketch)
    assert cells_of(written) == cells_of(html_of(sketch))


@given(sketches(), st.sampled_from(["repeat", "blank", "rows"]))
def test_every_text_survives_every_conversion(sketch: Sketch, spans: Literal["repeat", "blank", "rows"]) -> None:
    table = grid(sketch)
    texts = [text for row in sketch.rows for text in row if text]
    back = from_markdown(to_markdown(table, spans))
    header = "\n".join([back.caption, *back.rows[0]]) if back.rows else ""
    below = [text for row in back.rows[1:] for text in row]
    assert all(text in header or text in below for text in texts)
    assert list(csv.reader(io.StringIO(to_csv(table)))) == [row or [""] for row in to_rows(table)]
    assert all(text in to_plain(table) for text in texts)


@given(st.lists(st.lists(st.text(st.sampled_from("ab|\\\n<&;brtd/>#1*` "), max_size=8), min_size=2, max_size=2), min_size=2))
def test_markdown_escapes_what_it_must(rows: list[list[str]]) -> None:
    tidy = [["\n".join(line.strip() for line in cell.split("\n") if line.strip()) for cell in row] for row in rows]
    table = Grid.of([["head", "head"], *tidy], header_rows=1)
    back, lead = from_markdown(to_markdown(table)), table.lead_rows
    assert back.rows[1:] == table.rows[lead:]
    assert lead > 1 or back.rows == table.rows


@pytest.mark.parametrize(
    ("text", "rows", "header"),
    [
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", (("a", "b"), ("1", "2")), 1),
        ("a | b\n--- | ---\n1 | 2", (("a", "b"), ("1", "2")), 1),
        ("|a|b|\n|1|", (("a", "b"), ("1", "")), 0),
        ("|  |  |\n|---|---|\n| 1 | 2 |", (("1", "2"),), 0),
        ("|---|---|\n| 1 | 2 |", (("1", "2"),), 0),
        ("| a | b |\r\n|---|---|\r\n\r\n| - | -- |", (("a", "b"), ("-", "--")), 1),
        (r"| a\|b | c<br>d &amp; e |", (("a|b", "c\nd & e"),), 0),
        (r"| $5\%$ | \frac{a}{b} & c |", ((r"$5\%$", r"\frac{a}{b} & c"),), 0),
        ("| a |\n|---|\n| 1 | 2 | 3 |", (("a", "", ""), ("1", "2", "3")), 1),
        ("||a|", (("", "a"),), 0),
        ("| | a\\|", (("", "a|"),), 0),
        ("no pipe", (("no pipe",),), 0),
        ("", (), 0),
        ("|", (("",),), 0),
    ],
)
def test_markdown_of_every_kind(text: str, rows: tuple[tuple[str, ...], ...], header: int) -> None:
    assert (from_markdown(text).rows, from_markdown(text).header_rows) == (rows, header)


@given(st.text(st.sampled_from("<>/tdrhablecospn=\"'&;!-| \n1"), max_size=120))
def test_any_text_is_some_grid(text: str) -> None:
    for table in (from_html(text), from_markdown(text), from_html(f"<table><tr><td {text}")):
        assert all(len(row) == table.width for row in table.rows)
        assert from_html(to_html(table)).height == (table.height or (1 if table.caption else 0))


@given(sketches(), st.data())
def test_a_part_shows_what_its_rows_showed(sketch: Sketch, data: st.DataObject) -> None:
    table = grid(sketch)
    first = data.draw(st.integers(0, table.height))
    last = data.draw(st.integers(first, table.height))
    part = table.part(first, last)
    assert part.expanded().rows == table.expanded().rows[first:last]
    assert part.header_rows == len(range(first, min(last, table.header_rows)))
    assert from_html(to_html(part)).rows == part.rows


@given(sketches(), st.data())
def test_split_is_part_for_every_cut(sketch: Sketch, data: st.DataObject) -> None:
    table = grid(sketch)
    cuts = sorted(data.draw(st.sets(st.integers(0, table.height))))
    edges = [0, *cuts, table.height]
    parts = list(table.split(cuts))
    assert parts == [table.part(first, last) for first, last in pairwise(edges)]
    assert stack(*parts).expanded().rows == table.expanded().rows


def test_join_drops_a_repeated_header_only_if_its_cells_are_equal() -> None:
    first = Grid.of([["Part", "Qty"], ["P1", "1"]], header_rows=1)
    same = Grid.of([["Part", " Qty"], ["P2", "2"]])
    other = Grid.of([["Part", "Quantity"], ["P2", "2"]], header_rows=1)
    assert join(first, same).rows == (("Part", "Qty"), ("P1", "1"), ("P2", "2"))
    assert join(first, other).height == 4
    assert join(first, same, same).height == 4
    unmarked = Grid.of([["Part", "Qty"], ["P1", "1"]])
    assert join(unmarked, same).height == 3


def test_join_drops_a_header_of_two_rows_and_shifts_merged_cells() -> None:
    both = join(from_html(HEAT), from_html(HEAT.replace("Quay", "Mill")))
    assert [row[0] for row in both.rows] == ["Substation", "", "Quay", "", "Mill", ""]
    assert both.spans[-2:] == (Span(2, 0, 2, 1), Span(4, 0, 2, 1))


def test_join_fills_up_the_narrower_half() -> None:
    both = join(Grid.of([["a", "b", "c"]]), Grid.of([["1", "2"]]))
    assert both.rows == (("a", "b", "c"), ("1", "2", ""))


def test_markdown_of_a_two_row_header_and_of_merged_cells() -> None:
    assert to_markdown(from_html(HEAT)) == (
        "| Substation | Heat / 2023 | Heat / 2024 |\n| --- | --- | --- |\n| Quay | 10 | 11 |\n| Quay | 12 | 13 |"
    )
    assert to_markdown(from_html(HEAT), spans="blank").endswith("| Quay | 10 | 11 |\n|  | 12 | 13 |")


INVOICE = (
    "<table><tr><td rowspan=2>Goods</td><td colspan=2>Sold</td><td rowspan=2>Sum</td></tr><tr><td>at</td><td>for</td></tr>"
    "<tr><td rowspan=2 colspan=2>Bolt</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>"
    "<tr><td colspan=3>Net total</td><td>6</td></tr></table>"
)


def test_a_text_over_several_columns_is_no_value_of_each() -> None:
    assert to_markdown(from_html(INVOICE), spans="rows").split("\n") == [
        "| Goods | Sold / at | Sold / for | Sum |", "| --- | --- | --- | --- |",
        "| Bolt |  | 1 | 2 |", "| Bolt |  | 3 | 4 |", "| Net total |  |  | 6 |",
    ]  # fmt: skip
    assert to_markdown(from_html(INVOICE)).endswith("| Net total | Net total | Net total | 6 |")
    assert to_records(from_html(INVOICE))[2] == dict.fromkeys(("Goods", "Sold / at", "Sold / for"), "Net total") | {"Sum": "6"}


def test_a_cell_merged_over_header_and_rows_is_repeated_sideways_in_the_header_only() -> None:
    table = Grid((("a", "", "c"), ("", "", "1"), ("", "", "2")), header_rows=1, spans=(Span(0, 0, 3, 2),))
    assert table.lead_rows == 1
    assert table.row_by_row().rows == (("a", "a", "c"), ("a", "", "1"), ("a", "", "2"))


def test_html_is_clean() -> None:
    dirty = "<table onclick=x style='y'><tr><td><script>alert(1)</script>1 &lt;b&gt;<br>2</td></tr></table>"
    assert to_html(from_html(dirty)) == "<table>\n<tbody>\n<tr><td>1 &lt;b&gt;<br>2</td></tr>\n</tbody>\n</table>"


def test_records_are_named_by_the_header() -> None:
    assert to_records(from_html(HEAT)) == [
        {"Substation": "Quay", "Heat / 2023": "10", "Heat / 2024": "11"},
        {"Substation": "Quay", "Heat / 2023": "12", "Heat / 2024": "13"},
    ]
    doubled = Grid.of([["Heat", "Heat", "", "Heat 2"], ["1", "2", "3", "4"]], header_rows=1)
    assert to_records(doubled) == [{"Heat": "1", "Heat 2": "2", "column 3": "3", "Heat 2 2": "4"}]
    assert to_records(Grid.of([["1", "2"]])) == [{"column 1": "1", "column 2": "2"}]


@given(sketches())
def test_records_hold_every_row_and_column(sketch: Sketch) -> None:
    table = grid(sketch)
    records = to_records(table)
    assert [tuple(record.values()) for record in records] == list(table.expanded().rows[table.lead_rows :])


def test_plain_text_has_a_line_for_each_row() -> None:
    assert plain_of_html(HEAT) == "Substation\tHeat\n\t2023\t2024\nQuay\t10\t11\n\t12\t13"
    assert to_plain(Grid.of([["a\nb", "c\td"]])) == "a b\tc d"


def test_the_grid_of_a_block() -> None:
    assert grid_of(Block("b", "table", text="x", html="<table><tr><td>1</table>")).rows == (("1",),)
    assert grid_of(Block("b", "table", text="<table><tr><td>1</table>")).rows == (("1",),)
    assert grid_of(Block("b", "table", text="|a|b|")).rows == (("a", "b"),)
    assert grid_of(Block("b", "table", text=" one \n two ")).rows == (("one \n two",),)
    assert grid_of(Block("b", "table")).rows == ()


def test_a_huge_merged_cell_is_as_large_as_the_table() -> None:
    table = from_html(f"<table><tr><td colspan={10**9} rowspan={10**9}>x</td></tr><tr><td>y</td></tr></table>")
    assert table.rows == (("x", ""), ("", "y"))
    assert from_html("<table><tr><td colspan=400>x<tr><td>1<td>2</table>").spans == (Span(0, 0, 1, 2),)


def test_text_beyond_the_last_column_is_kept() -> None:
    table = from_html("<table><tr>" + "".join(f"<td>c{n}</td>" for n in range(1500)) + "</tr></table>")
    assert table.width == 1000
    assert table.rows[0][-1].split() == [f"c{n}" for n in range(999, 1500)]
    spanned = from_html("<table><tr><td colspan=999>a</td><td>b</td><td>c</td><td>d</td></tr></table>")
    assert sorted(to_plain(spanned).split()) == ["a", "b", "c", "d"]
    covered = from_html(f"<table><tr>{'<td rowspan=2>a</td>' * 1000}</tr><tr><td>b</td></tr></table>")
    assert covered.caption == "b"
    assert cells_of(to_html(covered)) == ["a"] * 1000


def test_one_long_row_does_not_blow_up_many_short_ones() -> None:
    rows = ["|x|y|"] * 10_000
    table = from_markdown("\n".join([*rows, "|" + "z|" * 10_000]))
    assert table.width * table.height <= 4_000_000
    assert to_plain(table).count("z") == 10_000
    assert from_html("<table>" + "<tr><td>x" * 10_000 + "<tr>" + "<td>z" * 10_000).width == table.width


def test_a_large_table_of_real_cells_is_not_folded() -> None:
    rows = ["|" + "x|" * 60] * 70_000
    assert from_markdown("\n".join(rows)).width == 60


def test_repeating_text_is_capped() -> None:
    html = f"<table><tr><td colspan=100>{'x' * 100_000}</td></tr><tr>{'<td>y</td>' * 100}</tr></table>"
    assert len(to_markdown(from_html(html))) < 1_200_000


@pytest.mark.parametrize(
    "piece",
    [
        "<div>", "<table><tr><td>", "<!--", "<a ", '<a "', "<a '\"", "<!", "<script>", "<math><annotation>", "&", "<x>",
        "<math>", "<math></math>", "<math><mi>", "</math>", "<math><mfrac><mi>x</mi></math>", "<mi", "<math><!--", "<b>", "<b ",
        "<b>x</b>", "</b>", "<b><i>", '<span a="', "<sup>", "<sup>2</sup>", "<sub></sub>", "<br", "<br ", "<br>",
        "<td alt=", "<tr><td colspan=1000 rowspan=9>x", "<td rowspan=0 colspan=9>x", "</td>", "<td>x</td>", "<caption>",
    ],
)  # fmt: skip
def test_no_nesting_or_repetition_is_slow(piece: str) -> None:
    assert seconds(lambda: from_html("<table><tr><td>" + piece * 20_000)) < 2.0


@pytest.mark.parametrize("text", ["| a\\" * 50_000, "|" * 50_000, "|-" * 50_000, "<br" * 50_000, "&#" * 50_000, "&a" * 50_000])
def test_no_markdown_is_slow(text: str) -> None:
    assert seconds(lambda: from_markdown(f"{text}\n{text}")) < 2.0


def test_time_grows_with_the_table() -> None:
    def work(rows: int) -> None:
        body = "".join(f"<tr><td rowspan=2>{n}</td><td>a</td></tr><tr><td>b</td></tr>" for n in range(rows))
        table = from_html(f"<table>{body}</table>")
        parts = list(table.split(range(5, table.height, 5)))
        from_markdown("\n".join(map(to_markdown, parts)))
        join(*parts)

    assert_linear(work)


@given(sketches())
def test_whitespace_between_tags_changes_nothing(sketch: Sketch) -> None:
    html = html_of(sketch)
    spaced = re.sub(r"><(?=/?t[drhb])", ">\n  <", html)
    assert from_html(spaced) == from_html(html)
