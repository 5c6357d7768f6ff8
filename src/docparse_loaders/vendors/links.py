"""Paragraphs and tables that go on over a page border, for vendors that do not say so: found from geometry and endings.

It is conservative: a link that is missing leaves two blocks, a wrong one mixes two texts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from docparse_loaders.model import FURNITURE, BBox, Block, Kind, Page
from docparse_loaders.tables import grid_of

_LOW, _HIGH = 0.7, 0.3
"""What goes on reaches below the one share of its page; where it goes on begins above the other."""
_SIDEWAYS = 0.05
_BESIDE: frozenset[Kind] = FURNITURE | {"footnote"}
_ENDS = frozenset(".!?:;。！？：；…")
_CLOSERS = "\"'”’»)]）】」』 \n"
_UNFINISHED = frozenset(",-、，‐")


def with_links(pages: Iterable[Page]) -> Iterator[Page]:
    """The pages, with `continues` set on the first block of a page where it plainly goes on from the page before."""
    before: Page | None = None
    for page in pages:
        linked = page if before is None or page.number != before.number + 1 else _linked(before, page)
        yield linked
        before = linked


def _linked(before: Page, page: Page) -> Page:
    tail = next((block for block in reversed(before.blocks) if block.kind not in _BESIDE), None)
    place = next((place for place, block in enumerate(page.blocks) if block.kind not in _BESIDE), None)
    if tail is None or place is None or not _goes_on(tail, page.blocks[place]):
        return page
    blocks = list(page.blocks)
    blocks[place] = replace(blocks[place], continues=tail.id)
    return replace(page, blocks=tuple(blocks))


def _goes_on(tail: Block, head: Block) -> bool:
    low, high = _box(tail), _box(head)
    if tail.kind != head.kind or head.continues or low is None or high is None or low.y1 < _LOW or high.y0 > _HIGH:
        return False
    if tail.kind == "table":
        return not head.caption_ids and _beside(low, high) and grid_of(tail).width == grid_of(head).width
    return tail.kind == "text" and abs(low.x0 - high.x0) <= _SIDEWAYS and _unfinished(tail.text, head.text)


def _box(block: Block) -> BBox | None:
    return block.regions[0].bbox if block.regions else None


def _beside(one: BBox, other: BBox) -> bool:
    return abs(one.x0 - other.x0) + abs(one.x1 - other.x1) <= _SIDEWAYS


def _unfinished(tail: str, head: str) -> bool:
    """Whether a sentence is open at the end of one text and the other can be its rest."""
    end, start = tail.rstrip(_CLOSERS)[-1:], head.lstrip()[:1]
    if not end or not start or end in _ENDS:
        return False
    # A capital may begin a new paragraph after one without a full stop, such as an address or a line of a form.
    return end in _UNFINISHED or not (start.isupper() or start in "•●▪-–—")
