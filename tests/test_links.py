"""Links over pages that geometry shows: what plainly goes on is linked, and nothing else."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.vendors.links import with_links

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
        ("of", "(see 3)"),
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


MADE = st.tuples(st.sampled_from(["text", "title", "table", "footer", "caption"]), st.text(max_size=8), st.floats(0, 0.9))


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
