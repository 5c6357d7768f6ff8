"""Which rows name the columns: found without a mark, with two rows, below a title; and not found where there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.tables import Grid, from_html, from_markdown, to_html, to_markdown, to_plain, to_records
from growth import assert_linear


def rows_of(*lines: str) -> Grid:
    """A grid without marks; cells are parted by "|"."""
    return Grid.of([cell.strip() for cell in line.split("|")] for line in lines)


NUMBERS = ["r0 | 1 | 2 | 3", "r1 | 4 | 5.5 | 6", "r2 | - | 1,200 | 9"]
TITLE = "<tr><td colspan=4>Table of stations</td></tr>"
BODY = "".join(f"<tr><td>r{n}</td><td>{n}</td><td>{n}</td><td>{n}</td></tr>" for n in range(5))


@pytest.mark.parametrize(
    ("lines", "lead", "titles"),
    [
        (["Station | Heat | Heat | Flow", " | 2024 | 2025 | m3", *NUMBERS], 2, 0),
        ([" | Heat | Heat | Flow", "Station | 2024 | 2025 | m3", *NUMBERS], 2, 0),
        (["Station | Heat | | Flow", " | low | high | m3", *NUMBERS], 2, 0),
        (["Station | Heat | Heat | Flow", " | low | high | ", "r0 | a | b | c", "r1 | c | d | e"], 2, 0),
        (["Station | Heat | Heat", " | low | high", "r0 | a | b", "r1 | c | d"], 2, 0),
        (["Station | Heat | Flow | Sum", " | MWh | m3 | EUR", *NUMBERS], 2, 0),
        (["Station | Heat | Flow | Sum", "Name | MWh | m3 | EUR", *NUMBERS], 2, 0),
        (["Station | Heat | Heat | Flow", " | 2024 | 2025 | 2025", " | MWh | MWh | m3", *NUMBERS], 3, 0),
        (["Station | Heat | Heat | Flow", " | low | high | ", " | MWh | MWh | m3", *NUMBERS], 3, 0),
        (["Table of stations | | | ", "Station | 2024 | 2025 | Flow", *NUMBERS], 2, 1),
        ([" | Table of stations | | ", "Station | 2024 | 2025 | Flow", *NUMBERS], 2, 1),
        (["All | All | All | All", "Station | 2024 | 2025 | Flow", *NUMBERS], 2, 1),
        (["Title | | | ", "in euro | | | ", "Station | 2024 | 2025 | Flow", *NUMBERS], 3, 2),
        (["Station | | | ", " | 2024 | 2025 | 2026", *NUMBERS], 2, 0),
        # What looks like more header and is not.
        (["Station | Heat | Flow | Sum", *NUMBERS], 1, 0),
        ([" | 2023 | 2024", "Founded | 1998 | 2001", "Closed | 2003 | 2010"], 1, 0),
        (["Name | Value | Value", "Alpha | red | blue", "Beta | green | blue"], 1, 0),
        (["Station | Heat | Flow | Sum", "r0 | n/a | n/a | -", *NUMBERS], 1, 0),
        (["Name | Trade | Town", "Anna | painter | Bonn", "Ben | cook | Ulm"], 1, 0),
        (["Assets | | ", "Cash | 10 | 12", "Debt | | ", "Loans | 5 | 6"], 1, 0),
        (["Name | ", "Age | 5", "Town | Ulm"], 1, 0),
        (["Name | Heat", "Quay | 10", " | 12"], 1, 0),
        (["1 | 2 | 3", "4 | 5 | 6", "7 | 8 | 9"], 1, 0),
        (["a | b"], 0, 0),
        (["a | a", "b | c"], 1, 0),
    ],
)
def test_the_rows_themselves_tell_how_many_name_the_columns(lines: list[str], lead: int, titles: int) -> None:
    table = rows_of(*lines)
    assert (table.lead_rows, table.title_rows) == (lead, titles)


@pytest.mark.parametrize(
    ("html", "lead", "titles"),
    [
        (f"{TITLE}<tr><td>Station<td>2024<td>2025<td>Flow</tr>{BODY}", 2, 1),
        (f"<thead>{TITLE}</thead><tr><td>Station<td>2024<td>2025<td>Flow</tr>{BODY}", 2, 1),
        (f"<thead>{TITLE}<tr><td>Station<td>2024<td>2025<td>Flow</thead>{BODY}", 2, 1),
        (f"<tr><td><td colspan=2>Heat<td>Flow<tr><td>Station<td>2024<td>2025<td>m3</tr>{BODY}", 2, 0),
        (f"<thead><tr><th><th colspan=2>Heat<th>Flow</thead><tr><td>Station<td>2024<td>2025<td>m3</tr>{BODY}", 2, 0),
        (f"{TITLE}<tr><td rowspan=2>Station<td colspan=2>Heat<td rowspan=2>Flow<tr><td>2024<td>2025</tr>{BODY}", 3, 1),
        ("<tr><td>No<td colspan=2>Who<td>What<tr><td><td>first<td>last<td><tr><td>1<td>Ann<td>Ek<td>cook", 2, 0),
        (f"<tr><td colspan=2>Item<td>2023<td>2024</tr><tr><td>Assets<td>Cash<td>10<td>12</tr>{BODY}", 1, 0),
        ("<tr><td colspan=2>Item<td>Note<tr><td>Assets<td>Cash<td>see below<tr><td>Debt<td>Loan<td>none", 1, 0),
        ("<tr><td colspan=2>Title<tr><td colspan=2>Only this", 1, 0),
        ("<tr><th>a<th>b" * 20, 1, 0),
    ],
)
def test_merged_cells_tell_too(html: str, lead: int, titles: int) -> None:
    table = from_html(f"<table>{html}</table>")
    assert (table.lead_rows, table.title_rows) == (lead, titles)


def test_a_title_over_all_columns_is_no_name() -> None:
    table = from_html(f"<table>{TITLE}<tr><td>Station<td>2024<td>2025<td>Flow</tr>{BODY}</table>")
    assert to_records(table)[1] == {"Station": "r1", "2024": "1", "2025": "1", "Flow": "1"}
    written = to_markdown(table)
    assert written.startswith("Table of stations\n\n| Station | 2024 | 2025 | Flow |\n| --- |")
    assert "Table" not in written.partition("\n")[2]
    back = from_markdown(written)
    assert (back.caption, back.rows, back.header_rows) == ("Table of stations", table.rows[1:], 1)
    assert from_html(to_html(table)) == table


def test_records_join_the_names_of_two_unmarked_rows() -> None:
    table = rows_of(" | Heat | Heat | Flow", "Station | 2024 | 2025 | m3", *NUMBERS)
    assert to_records(table)[0] == {"Station": "r0", "Heat / 2024": "1", "Heat / 2025": "2", "Flow / m3": "3"}


def test_lines_above_a_pipe_table_are_its_caption() -> None:
    table = from_markdown("Table 1\nin euro &amp; cent\n\na | b\n--- | ---\n1 | 2")
    assert (table.caption, table.rows) == ("Table 1\nin euro & cent", (("a", "b"), ("1", "2")))
    loose = from_markdown("one line\n| a | b |\n| 1 | 2 |")
    assert (loose.caption, loose.height) == ("", 3)


@given(st.lists(st.lists(st.sampled_from(["", "a", "b", "12", "2024", "-", "Heat"]), min_size=3, max_size=3), max_size=7))
def test_a_header_is_never_the_whole_table_and_loses_no_text(rows: list[list[str]]) -> None:
    table = Grid.of(rows)
    lead, titles = table.lead_rows, table.title_rows
    assert (lead == 0) == (table.height < 2)
    assert titles <= max(lead - 1, 0) <= 4
    assert lead < max(table.height, 1)
    for written in (to_markdown(table), to_plain(table)):
        assert {cell for row in rows for cell in row if cell} <= set(written.replace("|", " ").replace("/", " ").split())


def test_looking_for_the_header_takes_no_time_that_grows_with_the_table() -> None:
    assert_linear(lambda size: Grid.of([["Heat", "Heat", "a b " * size]] * size).lead_rows)
