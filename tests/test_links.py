"""Links over pages that geometry shows: what plainly goes on is linked, and nothing else."""

import json
import runpy
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.vendors.links import with_links
from growth import assert_linear

ROOT = Path(__file__).parent.parent
BENCH = runpy.run_path(str(ROOT / "benchmarks" / "bench_links.py"))
LOW, HIGH = (0.1, 0.8, 0.9, 0.9), (0.1, 0.1, 0.9, 0.2)
TABLE = "<table><tr><td>a</td><td>b</td></tr></table>"


def _block(page: int, place: int, text: str, box: Sequence[float], kind: Kind = "text", **fields: object) -> Block:
    html = text if kind == "table" else None
    made = Block(f"p{page}-{place}", kind, "" if html else text, html=html, regions=(Region(page, BBox(*box)),))
    return made if not fields else Block(made.id, kind, made.text, html=html, regions=made.regions, caption_ids=("c",))


def _link(tail: Block, head: Block, *, second: int = 2) -> str | None:
    header, footer = (
        _block(1, 8, "1", (0.1, 0.95, 0.2, 0.97), "page_number"),
        _block(2, 9, "Report", (0.1, 0.02, 0.9, 0.04), "header"),
    )
    pages = [Page(1, 600, 800, blocks=(tail, header)), Page(second, 600, 800, blocks=(footer, head))]
    return list(with_links(pages))[1].blocks[1].continues


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("the pipes are", "warm already."),
        ("losses of 12 %,", "Alder Row included"),
        ("这段文字还没有", "结束。"),
        ("exam-", "ple"),
        ("a loss of", "(see 3)"),
        ("as told by", "Alder Row"),
        ("to the end", "and on"),
        ("the pipes", ", which were warm"),
        ("这段文字还没有写完", "的部分。"),
        ("the pumps of Alder (see Mill", "Lane) stand still."),
        ("他们用“管网", "漏损”一词。"),
    ],
)
def test_an_open_sentence_goes_on(end: str, start: str) -> None:
    assert _link(_block(1, 0, end, LOW), _block(2, 0, start, HIGH)) == "p1-0"


@pytest.mark.parametrize(
    ("end", "start"),
    [
        ("It ends here.", "it seems"),
        ("他说：“好。”", "然后"),
        ("Yours sincerely", "Appendix"),
        ("in this order:", "first"),
        ("", "x"),
        ("x", ""),
        ("a", "• item"),
        ("where", "x is the flow"),
        ("12 Mill Lane", "the crew walks"),
        ("a description of the plant", "the operator of the network"),
        ("项目负责人：张三", "泵站在冬季运行"),
        ("the pumps and", "Table 2 Heat delivered"),
        ("the pumps and", "(b) the valves"),
        ("the pumps and", "3.2 Results"),
        ("the pumps and", "第三章 结论"),
        ("get_all(x) }", "and then"),
        ("the pumps of Alder (see Mill", "Lane stands still (again)."),
        ("水压正常，检查完成", "泵站在冬季运行。"),
    ],
)
def test_a_finished_one_does_not(end: str, start: str) -> None:
    assert _link(_block(1, 0, end, LOW), _block(2, 0, start, HIGH)) is None


@pytest.mark.parametrize(
    ("low", "high"),
    [((0.1, 0.2, 0.9, 0.5), HIGH), (LOW, (0.1, 0.5, 0.9, 0.6)), (LOW, (0.5, 0.1, 0.9, 0.2))],
    ids=["ends in the middle of the page", "begins in the middle of the page", "stands in another column"],
)
def test_where_it_stands_counts(low: Sequence[float], high: Sequence[float]) -> None:
    assert _link(_block(1, 0, "the pipes are", low), _block(2, 0, "warm already.", high)) is None


def test_pages_that_do_not_follow_each_other() -> None:
    assert _link(_block(1, 0, "the pipes are", LOW), _block(3, 0, "warm already.", HIGH), second=3) is None


def test_a_table_goes_on_in_a_table_of_its_width_and_place() -> None:
    tail = _block(1, 0, TABLE, LOW, "table")
    assert _link(tail, _block(2, 0, TABLE, HIGH, "table")) == "p1-0"
    assert _link(tail, _block(2, 0, TABLE, (0.2, 0.1, 0.9, 0.2), "table")) is None
    assert _link(tail, _block(2, 0, TABLE.replace("<td>b</td>", ""), HIGH, "table")) is None
    assert _link(tail, _block(2, 0, TABLE, HIGH, "table", captioned=True)) is None
    assert _link(tail, _block(2, 0, "text", HIGH)) is None


LINE = "the meters of the whole street are read by one radio that stands at the end of the row"


@pytest.mark.parametrize(
    ("width", "lines", "linked"),
    [(0.8, 1, True), (0.5, 1, False), (0.79, 3, True), (0.5, 3, False)],
    ids=["a full line", "a short line", "full lines", "lines that are all short"],
)
def test_the_last_line_must_be_full(width: float, lines: int, *, linked: bool) -> None:
    tail = _block(1, 0, " ".join([LINE] * lines), (0.1, 0.9 - 0.017 * lines, 0.1 + width, 0.9))
    around = _block(1, 1, " ".join([LINE] * 8), (0.1, 0.4, 0.9, 0.53))
    pages = [Page(1, 600, 800, blocks=(around, tail)), Page(2, 600, 800, blocks=(_block(2, 0, "and on it goes.", HIGH),))]
    if lines == 1 and width < 0.8:
        pages[1] = replace(pages[1], blocks=(_block(2, 0, "on it goes.", HIGH),))
    assert (list(with_links(pages))[1].blocks[0].continues == "p1-0") is linked


@pytest.mark.parametrize(("letters", "linked"), [(40, True), (30, False), (8, False)], ids=["full", "nearly full", "short"])
def test_without_capitals_a_sentence_goes_on_only_after_a_full_line(letters: int, *, linked: bool) -> None:
    """Lines of 40 characters, in paragraphs whose last lines are of different lengths; the stop of the last one is missing."""

    def paragraph(page: int, place: int, characters: int, top: float) -> Block:
        lines = -(-characters // 40)
        text = ("泵站在冬季运行，" * characters)[: characters - 1] + ("。" if page == 2 or place else "定")
        return _block(page, place, text, (0.1, top, 0.9, top + 0.02 * lines - 0.005))

    around = [paragraph(1, n, characters, 0.1 * n) for n, characters in enumerate((155, 123, 81, 119, 130), 1)]
    tail = paragraph(1, 0, 80 + letters, 0.9 - 0.055)
    pages = [Page(1, 600, 800, blocks=(*around, tail)), Page(2, 600, 800, blocks=(paragraph(2, 0, 100, 0.1),))]
    assert (list(with_links(pages))[1].blocks[0].continues == "p1-0") is linked


def test_the_last_of_many_lines_is_measured_against_the_paragraphs_around() -> None:
    def found(share: float) -> str | None:
        around = [_block(1, n, " ".join([LINE] * 6), (0.1, 0.1 * n, 0.9, 0.1 * n + 0.096)) for n in range(1, 6)]
        tail = _block(1, 0, " ".join([LINE] * 2) + " " + LINE[: int(share * len(LINE))].rstrip(" ,."), (0.1, 0.852, 0.9, 0.9))
        pages = [Page(1, 600, 800, blocks=(*around, tail)), Page(2, 600, 800, blocks=(_block(2, 0, "on they go.", HIGH),))]
        return list(with_links(pages))[1].blocks[0].continues

    assert found(0.97) == "p1-0"
    assert found(0.35) is None


@pytest.mark.parametrize(
    ("tail", "head", "linked"),
    [
        ("1. one\n2. two", "3. three\n4. four", True),
        ("1. one\n2. two", "1. one", False),
        ("1. one\n2. two", "4. four", False),
        ("(a) one\n(b) two", "(c) three", True),
        ("(i) one\n(ii) two", "(iii) three", True),
        ("（九）甲\n（十）乙", "（十一）丙", True),
        ("• one\n• two", "• three", True),
        ("• one\n• two", "– three", False),
        ("1. one\n2. two", "• three", False),
        ("[8] Smith\n[9] Jones", "[10] Lee", True),
        ("• one\n• two of the", "three.\n• four", True),
        ("• one\n• two.", "three.\n• four", False),
        ("one\ntwo", "three\nfour", False),
    ],
)
def test_a_list_goes_on_with_its_next_item_or_the_rest_of_one(tail: str, head: str, *, linked: bool) -> None:
    assert (_link(_block(1, 0, tail, LOW, "list"), _block(2, 0, head, HIGH, "list")) == "p1-0") is linked
    assert _link(_block(1, 0, tail, LOW, "list"), _block(2, 0, head, HIGH, "text")) is None


def _html(*rows: str) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


FIRST = _html("Station|Heat|Flow", "S01|12.5|3.0", "S02|9.8|2.4")


@pytest.mark.parametrize(
    ("rest", "linked"),
    [
        (_html("Station|Heat|Flow", "S03|1.0|1.1"), True),
        (_html("Station |  Heat|Flow", "S03|1.0|1.1"), True),
        (_html("S03|1.0|1.1"), True),
        (_html("S03|-|1.1", "Total|7|8"), True),
        (_html("Month|Income|Cost", "May|1.0|1.1"), False),
        (_html("Item|2024|2025", "Pump|1.0|1.1"), False),
        (_html("Street|Q1|Q2", "Mill Lane|1.0|1.1"), False),
        (_html("Station|Heat|Flow|Return", "S03|1.0|1.1|2"), False),
        (_html("||", "S03|1.0|1.1"), False),
    ],
)
def test_a_table_goes_on_with_its_header_or_with_rows_like_its_own(rest: str, *, linked: bool) -> None:
    assert (_link(_block(1, 0, FIRST, LOW, "table"), _block(2, 0, rest, HIGH, "table")) == "p1-0") is linked


def test_empty_tables_are_not_linked() -> None:
    assert _link(_block(1, 0, "", LOW, "table"), _block(2, 0, "", HIGH, "table")) is None


def _after(above: Sequence[Block], below: Sequence[Block]) -> dict[str, str | None]:
    pages = [Page(1, 600, 800, blocks=tuple(above)), Page(2, 600, 800, blocks=tuple(below))]
    return {block.id: block.continues for block in list(with_links(pages))[1].blocks if block.continues}


@pytest.mark.parametrize(
    ("between", "linked"),
    [
        (_block(2, 1, "Table 1 (continued)", (0.1, 0.05, 0.9, 0.07), "caption"), True),
        (_block(2, 1, "续表 1", (0.1, 0.05, 0.9, 0.07)), True),
        (_block(2, 1, "表1（续）", (0.1, 0.05, 0.9, 0.07), "caption"), True),
        (_block(2, 1, "Table 2", (0.1, 0.05, 0.9, 0.07), "caption"), False),
        (_block(2, 1, "Some text.", (0.1, 0.05, 0.9, 0.07)), False),
        (_block(2, 1, "Table 7 (continued)", (0.1, 0.05, 0.9, 0.07), "caption"), False),
    ],
)
def test_only_a_caption_that_says_so_may_stand_between_two_halves(between: Block, *, linked: bool) -> None:
    caption = _block(1, 1, "Table 1. Heat", (0.1, 0.7, 0.9, 0.72), "caption")
    tail = replace(_block(1, 0, FIRST, LOW, "table"), caption_ids=("p1-1",))
    head = replace(_block(2, 0, FIRST, HIGH, "table"), caption_ids=("p2-1",) if between.kind == "caption" else ())
    assert _after([caption, tail], [between, head]) == ({"p2-0": "p1-0"} if linked else {})


def test_a_note_below_the_first_half_is_no_hindrance() -> None:
    note = _block(1, 1, "Source: own data", (0.1, 0.91, 0.9, 0.92))
    assert _after([_block(1, 0, FIRST, LOW, "table"), note], [_block(2, 0, FIRST, HIGH, "table")]) == {"p2-0": "p1-0"}
    other = replace(note, text="The next paragraph.")
    assert _after([_block(1, 0, FIRST, LOW, "table"), other], [_block(2, 0, FIRST, HIGH, "table")]) == {}


def test_a_third_part_fits_the_first_though_the_second_has_but_one_row() -> None:
    rows = [FIRST, _html("S03|n/a|n/a"), _html("Station|Heat|Flow", "S04|1.0|2.0")]
    pages = [Page(n, 600, 800, blocks=(_block(n, 0, html, (0.1, 0.1, 0.9, 0.9), "table"),)) for n, html in enumerate(rows, 1)]
    second = replace(pages[1], blocks=(_block(2, 0, _html("S03|4|5"), (0.1, 0.1, 0.9, 0.9), "table"),))
    assert [page.blocks[0].continues for page in with_links([pages[0], second, pages[2]])] == [None, "p1-0", "p2-0"]


def test_figures_notes_and_captions_float_between_two_halves() -> None:
    tail, head = _block(1, 0, "the pipes are", (0.1, 0.5, 0.9, 0.6)), _block(2, 0, "warm already.", (0.1, 0.4, 0.9, 0.5))
    below = [
        _block(1, 1, "", (0.1, 0.62, 0.9, 0.85), "figure"),
        _block(1, 2, "Figure 1", (0.1, 0.86, 0.9, 0.88), "caption"),
        _block(1, 3, "1 A note.", (0.1, 0.9, 0.9, 0.92), "footnote"),
    ]
    above = [_block(2, 1, FIRST, (0.1, 0.1, 0.9, 0.38), "table")]
    assert _after([tail, *below], [*above, head]) == {"p2-0": "p1-0"}
    assert _after([tail], [head]) == {}


def test_a_column_goes_on_in_the_first_of_the_next_page() -> None:
    right, left = (0.55, 0.8, 0.95, 0.9), (0.05, 0.1, 0.45, 0.2)
    assert _after([_block(1, 0, "the pipes are", right)], [_block(2, 0, "warm already.", left)]) == {"p2-0": "p1-0"}
    assert (
        _after(
            [_block(1, 0, "the pipes are", left[:1] + right[1:2] + left[2:3] + right[3:])],
            [_block(2, 0, "warm already.", right[:1] + left[1:2] + right[2:3] + left[3:])],
        )
        == {}
    )
    assert _after([_block(1, 0, "the pipes are", right)], [_block(2, 0, "warm already.", (0.05, 0.1, 0.95, 0.2))]) == {}


LEFT, RIGHT = (0.08, 0.6, 0.48, 0.9), (0.52, 0.1, 0.92, 0.3)


@pytest.mark.parametrize(
    ("end", "start", "left", "right", "linked"),
    [
        ("the pipes are", "warm already.", LEFT, RIGHT, True),
        ("the pipes are.", "warm already.", LEFT, RIGHT, False),
        ("the pipes are", "Warm already.", LEFT, RIGHT, True),
        ("the pipes", "Warm already.", LEFT, RIGHT, False),
        ("the pipes are", "warm already.", LEFT, (0.52, 0.6, 0.92, 0.9), False),
        ("the pipes are", "warm already.", RIGHT, LEFT, False),
        ("the pipes are", "warm already.", LEFT, (0.08, 0.1, 0.48, 0.3), False),
        ("the pipes are", "warm already.", LEFT, (0.7, 0.1, 0.92, 0.3), False),
    ],
)
def test_a_paragraph_goes_on_in_the_next_column(
    end: str, start: str, left: Sequence[float], right: Sequence[float], *, linked: bool
) -> None:
    figure = _block(1, 3, "", (0.52, 0.05, 0.92, 0.09), "figure")
    for between in ((), (figure,)):
        blocks = (_block(1, 0, f"{LINE} {end}", left), *between, _block(1, 1, start, right))
        found = next(iter(with_links([Page(1, 600, 800, blocks=blocks)]))).blocks[-1].continues
        assert (found == "p1-0") is linked


def test_a_title_ends_what_stands_in_the_column_before() -> None:
    title = _block(1, 2, "Results", (0.52, 0.05, 0.92, 0.09), "title")
    blocks = (_block(1, 0, f"{LINE} the pipes are", LEFT), title, _block(1, 1, "warm already.", RIGHT))
    assert next(iter(with_links([Page(1, 600, 800, blocks=blocks)]))).blocks[-1].continues is None


@pytest.mark.parametrize("name", ["report", "report-zh", "paper", "invoice-scan"])
def test_the_examples_links_are_all_found_and_no_other(examples: Path, name: str) -> None:
    truth = json.loads((examples / f"{name}.truth.json").read_text(encoding="utf-8"))
    wanted = {(block["id"], block["continues"]) for block in truth["blocks"] if block.get("continues")}
    pages = [
        Page(number, 595.28, 841.89, blocks=tuple(_true(block) for block in truth["blocks"] if block["page"] == number))
        for number in range(1, truth["page_count"] + 1)
    ]
    assert {(block.id, block.continues) for page in with_links(pages) for block in page.blocks if block.continues} == wanted


def _true(block: dict[str, Any]) -> Block:
    html = BENCH["markup"](block["cells"]) if block["kind"] == "table" else None
    return Block(block["id"], block["kind"], block["text"], html=html, regions=(Region(block["page"], BBox(*block["bbox"])),))


def test_documents_cut_apart_on_purpose() -> None:
    """A small run of `benchmarks/bench_links.py`, which has the figures."""
    for name, score in BENCH["measure"](60, seed=7).items():
        assert score.precision >= (0.96 if name == "stop missing" else 0.98), (name, score.faults)
        assert score.recall >= 0.7, (name, score.faults)


MADE = st.tuples(
    st.sampled_from(["text", "title", "table", "footer", "caption", "list", "figure"]),
    st.text(max_size=8) | st.sampled_from(["the pipes are", "and warm", "• one", FIRST, "续表", "10) x", "Source: y"]),
    st.floats(0, 0.9),
)


@given(st.lists(st.lists(MADE, max_size=3), max_size=4))
def test_every_link_leads_to_the_page_before_and_nothing_else_changes(made: list[list[tuple[Kind, str, float]]]) -> None:
    pages = []
    for number, blocks in enumerate(made, 1):
        placed = [_block(number, place, text, (0.1, y, 0.9, y + 0.1), kind) for place, (kind, text, y) in enumerate(blocks)]
        pages.append(Page(number, 600, 800, blocks=tuple(placed)))
    for before, after in zip(pages, with_links(pages), strict=True):
        for old, new in zip(before.blocks, after.blocks, strict=True):
            assert (old.id, old.kind, old.text, old.regions) == (new.id, new.kind, new.text, new.regions)
            assert new.continues is None or new.continues.startswith(f"p{before.number - 1}-")
    kinds = {block.id: block.kind for page in pages for block in page.blocks}
    assert all(kinds[b.continues] == b.kind for page in with_links(pages) for b in page.blocks if b.continues)


@given(st.lists(st.integers(1, 5), max_size=6))
def test_no_link_skips_a_page(numbers: list[int]) -> None:
    pages = [
        Page(number, 600, 800, blocks=(_block(place, number, "the pipes are and", (0.1, 0.1, 0.9, 0.9)),))
        for place, number in enumerate(numbers)
    ]
    for before, page in pairwise(with_links(pages)):
        assert page.blocks[0].continues == (before.blocks[0].id if page.number == before.number + 1 else None)


@pytest.mark.parametrize("kind", ["text", "list", "table"])
def test_work_grows_with_the_document(kind: Kind) -> None:
    def pages(size: int) -> list[Page]:
        text = _html(*["S1|1|2"] * 3) if kind == "table" else "• the pipes are and"
        return [Page(n, 600, 800, blocks=(_block(n, 0, text, (0.1, 0.1, 0.9, 0.9), kind),)) for n in range(1, size)]

    def long(size: int) -> list[Page]:
        text = _html(*["S1|1|2"] * size) if kind == "table" else "• 1. (a) the pipes are and “”\n" * size
        return [Page(n, 600, 800, blocks=(_block(n, 0, text, (0.1, 0.1, 0.9, 0.9), kind),)) for n in range(1, 4)]

    assert_linear(lambda size: list(with_links(pages(size))), small=300)
    assert_linear(lambda size: list(with_links(long(size))), small=1000)


def test_a_page_of_very_many_paragraphs() -> None:
    def pages(size: int) -> list[Page]:
        many = tuple(_block(1, n, LINE * 3, (0.1, 0.3, 0.9, 0.35)) for n in range(size))
        last = (_block(1, size, LINE, (0.1, 0.88, 0.9, 0.9)),)
        return [Page(1, 600, 800, blocks=many + last), Page(2, 600, 800, blocks=(_block(2, 0, "and on", HIGH), *many))]

    assert_linear(lambda size: list(with_links(pages(size))), small=300)
