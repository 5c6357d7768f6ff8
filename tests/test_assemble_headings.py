"""The outline: levels from the vendor, from numbering, from type size; running titles are none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.assemble import assemble
from docparse_loaders.assemble.numbering import numbers_of
from docparse_loaders.model import BBox, Block, Heading, Kind, Page, Region


def title(name: str, text: str, *, level: int | None = None, page: int = 1, height: float = 0.0, width: float = 0.8) -> Block:
    box = BBox(0.1, 0.1, 0.1 + width, 0.1 + height) if height else None
    return Block(name, "title", text=text, level=level, regions=(Region(page, box),))


def levels(*titles: Block) -> list[int]:
    page = Page(1, 595, 842, "point", 0, titles)
    return [heading.level for heading in assemble([page]).outline.headings]


def numbered(*texts: str) -> list[int]:
    return levels(*(title(str(n), text) for n, text in enumerate(texts)))


def test_the_outline_names_block_text_level_and_page() -> None:
    page = Page(3, 595, 842, "point", 0, (title("t1", "1 A\n heading", page=3), title("t2", "1.1 B", page=3), title("t3", " ")))
    assert assemble([page]).outline.headings == (Heading("t1", "1 A heading", 1, 3), Heading("t2", "1.1 B", 2, 3))
    assert [block.level for block in assemble([page]).blocks] == [1, 2, None]


def test_levels_of_the_vendor_are_kept_if_they_differ() -> None:
    assert levels(title("a", "1 x", level=2), title("b", "1.1 y", level=1), title("c", "1.1.1 z", level=4)) == [2, 1, 4]
    assert levels(title("a", "alone", level=3)) == [3]


def test_flat_levels_give_way_to_numbering() -> None:
    assert levels(title("a", "1 x", level=1), title("b", "1.1 y", level=1), title("c", "2 z", level=1)) == [1, 2, 1]
    assert levels(title("a", "x", level=2), title("b", "y", level=2)) == [2, 2]


def test_a_title_without_level_among_others_takes_that_of_its_like() -> None:
    given_levels = [
        title("a", "1 x", level=2),
        title("b", "1.1 y", level=3),
        title("c", "1.2 z"),
        title("d", "2 w"),
        title("e", "v"),
    ]
    assert levels(*given_levels) == [2, 3, 3, 2, 2]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1 A", "1.1 B", "1.1.1 C", "1.2 D", "2 E"), [1, 2, 3, 2, 1]),
        (("1. A", "1.1. B", "2. C"), [1, 2, 1]),
        (("第一章 总则", "第一节 目的", "第二节 范围", "第二章 附则"), [1, 2, 2, 1]),
        (("第三章 方法", "3.1 数据", "3.1.1 来源"), [1, 2, 3]),
        (("一、背景", "（一）目的", "（二）范围", "二、方法"), [1, 2, 2, 1]),
        (("1概述", "1.1背景", "2方法"), [1, 2, 1]),
        (("Part I", "Chapter 1 Start", "Section 2 More", "Part II"), [1, 2, 3, 1]),
        (("Article IV Duties", "4.1 Care", "Article V Term"), [1, 2, 1]),
        (("1 Intro", "1.1 Scope", "Appendix B Data", "B.1 Raw"), [1, 2, 1, 2]),
        (("I. Intro", "A. Scope", "B. Terms", "II. Method"), [1, 2, 2, 1]),
        (("A. Scope", "B. Terms"), [1, 1]),
        (("Intro", "Method", "2024 in review"), [1, 1, 1]),
        (("Abstract", "1 Intro", "1.1 Scope"), [1, 1, 2]),
    ],
)
def test_numbering(texts: tuple[str, ...], expected: list[int]) -> None:
    assert numbered(*texts) == expected


@pytest.mark.parametrize(
    "text", ["2024 in review", "Introduction", "In the beginning", "Partly done", "", "A view", "3.5%", "Articles"]
)
def test_what_is_not_a_number(text: str) -> None:
    assert numbers_of([text]) == [None]


def test_type_size_ranks_what_has_no_number() -> None:
    sized = [title("a", "Report", height=0.04), title("b", "Summary", height=0.025), title("c", "Details", height=0.018),
             title("d", "More", height=0.0185), title("e", "Method", height=0.025)]  # fmt: skip
    assert levels(*sized) == [1, 2, 3, 3, 2]


def test_a_title_of_two_lines_is_not_larger_for_that() -> None:
    long = "A heading that is much too long to stand on a single line of the page, so that it goes on below"
    assert levels(title("a", "Short", height=0.02), title("b", long, height=0.042), title("c", "Report", height=0.04)) == [
        2,
        2,
        1,
    ]


def test_size_and_number_together() -> None:
    sized = [title("t", "Performance", height=0.03), title("s", "Summary", height=0.0187), title("1", "1 Intro", height=0.0187),
             title("2", "1.1 Scope", height=0.0148), title("3", "2 Data", height=0.0187),
             title("r", "Remarks", height=0.0148)]  # fmt: skip
    assert levels(*sized) == [1, 2, 2, 3, 2, 3]


def test_levels_are_written_to_the_blocks() -> None:
    page = Page(1, 595, 842, "point", 0, (title("a", "1 x"), title("b", "1.1 y")))
    assert [block.level for block in assemble([page]).blocks] == [1, 2]


def test_a_title_like_the_running_header_of_an_earlier_page_is_not_a_heading() -> None:
    def page(number: int, *blocks: tuple[Kind, str]) -> Page:
        made = (
            Block(f"{number}-{n}", kind, text=text, regions=(Region(number, None),)) for n, (kind, text) in enumerate(blocks)
        )
        return Page(number, 595, 842, "point", 0, tuple(made))

    document = assemble(
        [
            page(1, ("title", "Annual Report"), ("title", "Sales")),
            page(2, ("header", "ANNUAL  report"), ("title", "Costs")),
            page(3, ("title", "Annual Report"), ("text", "Body")),
        ]
    )
    assert [heading.text for heading in document.outline.headings] == ["Annual Report", "Sales", "Costs"]
    assert document.blocks[-2].kind == "header"
    assert document.blocks[-2].text == "Annual Report"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1 a", "1.1 b", "第二节", "Part I", "IV. x", "A. y", "plain", "附录", "§ 3", ""]),
            st.sampled_from([None, None, 1, 2]),
            st.sampled_from([0.0, 0.01, 0.0101, 0.02, 0.5, 1.0]),
        ),
        max_size=10,
    )
)
def test_every_title_gets_a_level_and_levels_have_no_gap_if_inferred(rows: list[tuple[str, int | None, float]]) -> None:
    titles = [title(str(n), text, level=level, height=height) for n, (text, level, height) in enumerate(rows)]
    found = levels(*titles)
    assert len(found) == sum(bool(text) for text, _, _ in rows)
    assert all(level >= 1 for level in found)
    if found and all(level is None for _, level, _ in rows):
        assert set(found) == set(range(1, max(found) + 1))


def test_numbered_alike_means_level_alike() -> None:
    page = Page(1, 595, 842, "point", 0, tuple(replace(title(str(n), f"{n}.1 x"), level=1) for n in range(1, 9)))
    assert {heading.level for heading in assemble([page]).outline.headings} == {1}
