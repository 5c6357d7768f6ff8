"""What is a heading and what only looks like one; the path of every block; all of it in linear time and without loss."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.assemble import assemble
from docparse_loaders.assemble.levels import DEEPEST
from docparse_loaders.assemble.numbering import numbers_of
from docparse_loaders.assemble.paths import paths_of
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block, Heading, Kind, Page, Region, SourceFacts
from growth import assert_linear

TOP = BBox(0.1, 0.03, 0.9, 0.05)
BODY = BBox(0.1, 0.2, 0.9, 0.23)
FOOT = BBox(0.1, 0.95, 0.9, 0.97)
Row = tuple[Kind, str] | tuple[Kind, str, BBox | None]


def document(*pages: Sequence[Row], level: int | None = None) -> ParsedDocument:
    made = []
    for number, rows in enumerate(pages, 1):
        blocks = [
            Block(f"{number}-{n}", row[0], row[1], level=level if row[0] == "title" else None,
                  regions=(Region(number, row[2] if len(row) > 2 else BODY),))
            for n, row in enumerate(rows)
        ]  # fmt: skip
        made.append(Page(number, 595, 842, blocks=tuple(blocks)))
    facts = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
    return ParsedDocument(source=facts, vendor="any", pages=tuple(made), total_pages=len(made))


def page(*rows: Row) -> list[Row]:
    return list(rows)


def headings(doc: ParsedDocument) -> list[tuple[int, str]]:
    return [(heading.level, heading.text) for heading in doc.outline.headings]


def kinds(doc: ParsedDocument) -> list[Kind]:
    return [block.kind for block in doc.blocks]


# Running titles


@pytest.mark.parametrize(
    "words", ["ACME Annual Report 2025", "ACME Annual Report {page}", "{page} | Annual report", "第 {page} 页 年报"]
)
@pytest.mark.parametrize(("box", "kind"), [(TOP, "header"), (FOOT, "footer")])
def test_the_same_title_at_the_edge_of_every_page_is_no_heading(words: str, box: BBox, kind: Kind) -> None:
    def made(number: int) -> list[Row]:
        return page(("title", words.format(page=number + 4), box), ("title", f"{number} Section"), ("text", "Body text."))

    doc = document(*(made(number) for number in range(1, 8)), level=1)
    assert headings(doc) == [(1, f"{number} Section") for number in range(1, 8)]
    assert kinds(doc) == [kind, "title", "text"] * 7
    assert all(block.level is None for block in doc.blocks if block.kind == kind)


def test_half_of_a_short_document_is_enough_and_two_pages_of_many_are_not() -> None:
    row: Row = ("title", "Invoice of May", TOP)
    assert headings(document([row], [row, ("text", "x")])) == []
    assert len(headings(document([row], [row], *[page(("text", "x"))] * 6))) == 2


def test_three_pages_of_many_are_enough() -> None:
    row: Row = ("title", "Invoice of May", TOP)
    assert headings(document([row], [row], [row], *[page(("text", "x"))] * 20)) == []


def test_numbers_that_do_not_count_the_pages_tell_titles_apart() -> None:
    doc = document(*(page(("title", f"Invoice {number}", TOP)) for number in (1001, 1007, 1042)))
    assert len(headings(doc)) == 3


@pytest.mark.parametrize("box", [BODY, None])
def test_the_same_title_in_the_body_of_every_page_is_a_heading(box: BBox | None) -> None:
    assert len(headings(document(*[page(("title", "Exercises", box), ("text", "x"))] * 5))) == 5


def test_chapters_that_open_a_page_each_are_headings() -> None:
    doc = document(*(page(("title", f"Chapter {number}", TOP), ("text", "x")) for number in range(1, 6)))
    assert len(headings(doc)) == 5


def test_a_heading_that_runs_over_the_next_pages_is_one() -> None:
    row: Row = ("title", "3 Results", TOP)
    assert headings(document([row], [row], [row], [row])) == [(1, "3 Results")]
    large = BBox(0.1, 0.02, 0.9, 0.06)
    assert headings(document([("title", "The Year", large)], *[page(("title", "The Year", TOP))] * 4)) == [(1, "The Year")]
    body: Row = ("title", "3 Results", BODY)
    doc = document([body], *[page(row, ("text", "x"))] * 4)
    assert [heading.block_id for heading in doc.outline.headings] == ["1-0"]


# Lines of the contents


def test_lines_of_the_contents_are_no_headings() -> None:
    lines = [
        "1 Introduction ........ 3",
        "2 Methods . . . . . 9",
        "3 Results …… 12",
        "A Tables ____ xiv",
        "第四章 结论 ····· 20",
    ]
    doc = document([("title", "Contents"), *(("title", line) for line in lines)], [("title", "1 Introduction")], level=1)
    assert headings(doc) == [(1, "Contents"), (1, "1 Introduction")]
    assert kinds(doc) == ["title", *["toc"] * 5, "title"]
    assert [block.text for block in doc.blocks][1:-1] == lines


def test_lines_below_contents_without_leaders_are_known_by_page_or_by_the_title_to_come() -> None:
    rows: list[Row] = [
        ("title", "Table of Contents"),
        ("title", "1 Introduction 3"),
        ("title", "Methods"),
        ("title", "Odds 12"),
    ]
    doc = document(rows, [("title", "1 Introduction"), ("text", "x"), ("title", "Methods"), ("title", "Year 3")], level=1)
    assert [text for _, text in headings(doc)] == ["Table of Contents", "1 Introduction", "Methods", "Year 3"]


def test_a_year_is_no_page_number() -> None:
    doc = document([("title", text) for text in ("Contents", "Methods 3", "Odds 12", "Outlook 2025")])
    assert [text for _, text in headings(doc)] == ["Contents", "Outlook 2025"]


def test_one_line_below_contents_is_an_entry_only_by_page_and_by_the_title_to_come() -> None:
    def found(first: str) -> list[str]:
        doc = document([("title", "Contents"), ("toc", "A .. 3"), ("title", first), ("text", "x"), ("title", "Summary")])
        return [text for _, text in headings(doc)]

    assert found("Summary") == ["Contents", "Summary", "Summary"]
    assert found("Results of group 3") == ["Contents", "Results of group 3", "Summary"]
    assert found("Summary 3") == ["Contents", "Summary"]


def test_what_ends_with_a_number_or_dots_elsewhere_is_a_heading() -> None:
    texts = ["Contents of the box", "Outlook 2025", "Wait...", "Results of group 3", "Phase 2"]
    assert [text for _, text in headings(document([("title", text) for text in texts]))] == texts


# Documents without titles


def test_numbered_lines_become_titles_where_there_are_none() -> None:
    body: Row = ("text", "It was a dark night, and this is prose.")
    doc = document([("text", "1 Introduction"), body, ("text", "1.1 Scope"), body, ("text", "1.2 Terms"), body],
                   [("text", "2 Methods"), body, ("text", "24 hours of heat"), body, ("text", "第三章 甲"), body])  # fmt: skip
    assert headings(doc) == [(1, "1 Introduction"), (2, "1.1 Scope"), (2, "1.2 Terms"), (1, "2 Methods")]
    assert [block.kind for block in doc.blocks][:2] == ["title", "text"]


@pytest.mark.parametrize(
    "lines",
    [
        ["1 Apples", "2 Pears", "3 Plums"],
        ["1. The court finds that it is so.", "Prose", "2. It is so ordered.", "Prose"],
        ["1 Introduction", "Prose"],
        ["Chapter 1 Introduction", "Prose"],
        ["4 Kilograms", "Prose", "9 Litres", "Prose"],
        ["1 Introduction .... 3", "Prose", "2 Methods ..... 4", "Prose"],
        ["(1) Open", "Prose", "(2) Close", "Prose"],
        ["1 " + "long " * 40, "Prose", "2 " + "long " * 40, "Prose"],
        ["2 Two", "Prose", "3 Three", "Prose"],
    ],
)
def test_lists_and_prose_stay_text(lines: list[str]) -> None:
    doc = document([("text", line) for line in lines])
    assert headings(doc) == []
    assert set(kinds(doc)) == {"text"}


def test_one_title_is_enough_to_leave_the_text_alone() -> None:
    doc = document(
        [("title", "Report"), ("text", "1 Introduction"), ("text", "Prose"), ("text", "2 Methods"), ("text", "Prose")]
    )
    assert headings(doc) == [(1, "Report")]


# Paths


def test_every_block_has_the_path_of_the_open_headings() -> None:
    doc = document([("text", "before"), ("title", "1 A"), ("title", "1.1 B"), ("text", "x")],
                   [("header", "A"), ("table", "t"), ("title", "2 C")])  # fmt: skip
    texts = {block.id: [heading.text for heading in doc.path_of(block)] for block in doc.blocks}
    assert texts == {"1-0": [], "1-1": ["1 A"], "1-2": ["1 A", "1.1 B"], "1-3": ["1 A", "1.1 B"],
                     "2-0": ["1 A", "1.1 B"], "2-1": ["1 A", "1.1 B"], "2-2": ["2 C"]}  # fmt: skip
    assert doc.path_of("1-3") is doc.path_of("2-1")
    with pytest.raises(KeyError):
        doc.path_of("none")


def test_the_part_of_a_joined_block_has_the_path_of_its_own_place() -> None:
    pages = (
        Page(1, 1, 1, blocks=(Block("a", "title", "A", level=1), Block("p", "text", "one"), Block("b", "title", "B", level=2))),
        Page(2, 1, 1, blocks=(Block("q", "text", "two", continues="p"),)),
    )
    facts = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
    doc = ParsedDocument(source=facts, vendor="any", pages=pages, total_pages=2)
    assert [[heading.text for heading in doc.path_of(name)] for name in "pq"] == [["A"], ["A", "B"]]


def test_the_first_of_two_blocks_with_one_id_has_the_path() -> None:
    blocks = [Block("p", "text", "x"), Block("a", "title", "A", level=1), Block("p", "text", "y")]
    assert paths_of(blocks, assemble([Page(1, 1, 1, blocks=tuple(blocks))]).outline)["p"] == ()


def test_no_heading_stands_deeper_than_nine() -> None:
    blocks = [Block(str(n), "title", f"t{n}", level=10 * n) for n in range(1, 13)]
    found = [heading.level for heading in assemble([Page(1, 1, 1, blocks=tuple(blocks))]).outline.headings]
    assert found == [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9]


# Properties

TEXTS = st.sampled_from(
    ["1 a", "1.1 b", "1.1.1 c", "2 d", "2.1 e", "第一章 f", "第二节 g", "Part I", "IV. x",
     "A. y", "B. z", "plain", "附录", "§ 3", "Contents",
     "1 a .... 4", "", "24 h", "（一）k", "1. l", "① m", "Article 1", "Section 1", "Appendix A",
     "A Foo", "B Bar", "가. n", " \n "]
)  # fmt: skip
ROWS = st.tuples(
    st.sampled_from(["title", "title", "title", "text", "header", "table"]),
    TEXTS,
    st.sampled_from([BODY, TOP, FOOT, None, BBox(0.1, 0.1, 0.2, 0.5), BBox(0, 0, 0, 0), BBox(0.0, 0.0, 1.0, 1e-300)]),
    st.sampled_from([None, None, 0, -3, 1, 2, 5, 12, 4000]),
)
PAGES = st.lists(st.lists(ROWS, max_size=8), max_size=5)


def drawn(pages: list[list[tuple[Kind, str, BBox | None, int | None]]]) -> list[Page]:
    return [
        Page(number, 595, 842, blocks=tuple(
            Block(f"{number}-{n}", kind, text, level=level, regions=(Region(number, box),))
            for n, (kind, text, box, level) in enumerate(rows)))
        for number, rows in enumerate(pages, 1)
    ]  # fmt: skip


@given(PAGES)
def test_every_title_is_in_the_outline_once_and_no_text_is_lost(
    pages: list[list[tuple[Kind, str, BBox | None, int | None]]],
) -> None:
    made = drawn(pages)
    before = [block for page in made for block in page.blocks]
    found = assemble(made)
    assert [(block.id, block.text) for block in found.blocks] == [(block.id, block.text) for block in before]
    titles = [block for block in found.blocks if block.kind == "title" and block.text.strip()]
    assert [(one.block_id, one.level) for one in found.outline.headings] == [(block.id, block.level) for block in titles]
    assert all(1 <= one.level <= DEEPEST for one in found.outline.headings)
    changed = {(old.kind, new.kind) for old, new in zip(before, found.blocks, strict=True) if old.kind != new.kind}
    assert changed <= {("title", "header"), ("title", "footer"), ("title", "toc"), ("text", "title")}


@given(PAGES)
def test_paths_equal_an_independent_reading(pages: list[list[tuple[Kind, str, BBox | None, int | None]]]) -> None:
    made = drawn(pages)
    found = assemble(made)
    paths = paths_of(found.blocks, found.outline)
    assert set(paths) == {block.id for block in found.blocks}
    levels = {one.block_id: one for one in found.outline.headings}
    for place, block in enumerate(found.blocks):
        expected: list[Heading] = []
        for earlier in reversed(found.blocks[: place + 1]):
            one = levels.get(earlier.id)
            if one and (not expected or one.level < expected[0].level):
                expected.insert(0, one)
        assert paths[block.id] == tuple(expected)


@given(st.text(max_size=30))
def test_any_text_has_at_most_one_number_with_parts(text: str) -> None:
    (number,) = numbers_of([text])
    assert number is None or (len(number.parts) > 0 and all(part >= 0 for part in number.parts))


# Growth


def test_twenty_thousand_headings_in_linear_time() -> None:
    def work(count: int) -> None:
        blocks = [
            Block(str(n), "title", f"{n // 100 % 999}.{n // 10 % 10}.{n % 10} x", regions=(Region(n // 10 + 1, TOP),))
            for n in range(count)
        ]
        found = assemble([Page(1, 595, 842, blocks=tuple(blocks))])
        paths_of(found.blocks, found.outline)

    assert_linear(work, 2500)


@pytest.mark.parametrize("prefix", ["", "1 "])
def test_four_thousand_nested_levels_in_linear_time(prefix: str) -> None:
    def work(count: int) -> None:
        blocks = [Block(str(n), "title", f"{prefix}{n}", level=n + 1, regions=(Region(1, BODY),)) for n in range(count)]
        found = assemble([Page(1, 595, 842, blocks=tuple(blocks))])
        paths = paths_of(found.blocks, found.outline)
        assert max(map(len, paths.values())) == DEEPEST

    assert_linear(work, 500)


@pytest.mark.parametrize("text", ["Contents", "1 .... ", "1." * 500, "IVXLC" * 100, ". " * 400, "1 a", "§" * 300, "（" * 300])
def test_hostile_titles_in_linear_time(text: str) -> None:
    def work(count: int) -> None:
        blocks = [Block(str(n), "title", text, regions=(Region(n, BODY),)) for n in range(count)]
        assemble([Page(1, 595, 842, blocks=tuple(blocks))])

    assert_linear(work, 200)


@pytest.mark.parametrize("text", ["1 a", "1.1.1.1.1.1.1.1.1 x", "prose"])
def test_many_lines_without_titles_in_linear_time(text: str) -> None:
    def work(count: int) -> None:
        assemble([Page(1, 595, 842, blocks=tuple(Block(str(n), "text", text) for n in range(count)))])

    assert_linear(work, 1000)
