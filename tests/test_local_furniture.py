"""Headers, footers and page numbers: found where they repeat, and nothing else with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.vendors.local.furniture import Mark, Numbering, furniture


def at(text: str, middle: float, *, title: bool = False) -> Mark:
    return Mark(text, middle - 0.005, middle + 0.005, title)


def numbered(count: int) -> list[Numbering]:
    return [Numbering(number) for number in range(1, count + 1)]


def page(number: int, *body: Mark) -> list[Mark]:
    return [at("Annual report", 0.05), *body, at("ACME, rev. C", 0.95), at(f"Page {number}", 0.95)]


def test_repeated_edges_are_found() -> None:
    pages = [page(number, at("First line of the body", 0.09), at("Text", 0.5)) for number in (1, 2)]
    pages[1][1] = at("Another first line", 0.09)
    assert furniture(pages, numbered(2)) == [{0: "header", 3: "footer", 4: "page_number"}] * 2


def test_the_middle_is_never_touched() -> None:
    pages = [[at("Same words", 0.5)] for _ in range(9)]
    assert furniture(pages, numbered(9)) == [{}] * 9


def test_a_repetition_behind_a_line_of_text_stays_text() -> None:
    pages = [[at(f"{word} differs", 0.03), at("Same words", 0.06)] for word in ("this", "that", "other")]
    assert furniture(pages, numbered(3)) == [{}] * 3


def test_a_running_title_beside_a_repeated_line_is_a_header() -> None:
    pages = [[at("ACME", 0.05), at(section, 0.05)] for section in ("Introduction", "Results", "Outlook")]
    assert furniture(pages, numbered(3)) == [{0: "header", 1: "header"}] * 3


def test_numbered_titles_are_no_headers_and_captions_are_none() -> None:
    titles = [[at(f"Chapter {number}", 0.06, title=True)] for number in range(1, 5)]
    captions = [[at(f"Table {number}: Continued", 0.06)] for number in range(1, 5)]
    assert furniture(titles, numbered(4)) == furniture(captions, numbered(4)) == [{}] * 4


def test_two_of_many_pages_are_not_enough() -> None:
    pages = [[at("Confidential", 0.95)] if number < 2 else [at("Text", 0.5)] for number in range(10)]
    assert furniture(pages, numbered(10)) == [{}] * 10


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("Page 1 of 9", "", "page_number"),
        ("- 1 -", "", "page_number"),
        ("第 1 页", "", "page_number"),
        ("第 1 页 共 9 页", "", "page_number"),
        ("1", "", "page_number"),
        ("iv", "iv", "page_number"),
        ("17", "17", "page_number"),
        ("2024", "", None),
        ("iv", "", None),
        ("1 January", "", None),
        ("mild", "", None),
    ],
)
def test_on_a_single_page_only_its_number_is_found(text: str, label: str, kind: str | None) -> None:
    pages = [[at("Letterhead", 0.05), at("Text", 0.5), at(text, 0.95)]]
    assert furniture(pages, [Numbering(1, label)]) == [{2: kind} if kind else {}]


marks = st.builds(at, st.text(alphabet="ab 1", min_size=1, max_size=4), st.floats(0, 1), title=st.booleans())


@given(st.lists(st.lists(marks, max_size=8), max_size=8))
def test_only_the_outer_tenths_are_ever_marked(pages: list[list[Mark]]) -> None:
    found = furniture(pages, numbered(len(pages)))
    assert len(found) == len(pages)
    for marked, lines in zip(found, pages, strict=True):
        assert all(lines[position].middle < 0.1 or lines[position].middle > 0.9 for position in marked)


@given(st.integers(2, 30), st.floats(0.01, 0.09), st.text(alphabet="abcxyz ", min_size=1).filter(str.strip))
def test_a_header_on_every_page_is_always_found(count: int, height: float, text: str) -> None:
    pages = [[at(f"{text} {number}", height), at(f"Body {number}", 0.5)] for number in range(count)]
    assert [set(marked) for marked in furniture(pages, numbered(count))] == [{0}] * count


@given(st.lists(st.lists(marks, max_size=6), max_size=6))
def test_pages_do_not_depend_on_their_order(pages: list[list[Mark]]) -> None:
    numbers = numbered(len(pages))
    backward = furniture(pages[::-1], numbers[::-1])
    assert backward[::-1] == furniture(pages, numbers)
