"""Paragraphs, lists and tables that go on over a page or column, for vendors that do not say so: found from place and form.

It is conservative: a link that is missing leaves two blocks, a wrong one mixes two texts.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from docparse_loaders.model import FURNITURE, BBox, Block, Kind, Page
from docparse_loaders.tables import grid_of
from docparse_loaders.vendors.endings import breaks_word, list_goes_on, text_goes_on
from docparse_loaders.vendors.filling import Filling, filling_of
from docparse_loaders.vendors.halves import Half, belongs, half_of

_LOW, _HIGH = 0.7, 0.3
"""What goes on reaches below the one share of its page, what floats under it included; the rest begins above the other."""
_SIDEWAYS, _SHIFTED = 0.05, 0.09
"""How far the two may be set off sideways, and how far where the margins of left and right pages differ."""
_UP, _GUTTER, _OVERLAP = 0.05, 0.12, 0.01
"""How much higher the next column begins, at least, how far from this one at most, and how far boxes may reach into it."""
_MOST_COLUMNS = 8
_BESIDE: frozenset[Kind] = FURNITURE | {"footnote"}
_FLOATS: frozenset[Kind] = frozenset({"figure", "chart", "table", "caption", "seal"})
_PROSE: frozenset[Kind] = frozenset({"text", "list", "reference"})
_NOTES: frozenset[Kind] = frozenset({"text", "caption", "other"})
_NOTE = re.compile(
    r"\s*(?:\*+\s|[†‡¹²³]|(?:Sources?|Notes?|Quellen?|Anmerkung(?:en)?|Anm\.?|Hinweis|Legende|Nota|Fuente|Fonte)\s*[.:]"
    r"|(?:资料|数据)?来源|(?:備|备)?[注註]\s*\d*[：:.])"
)
_AGAIN = re.compile(
    r"\b(?:continued|cont(?:inue)?d?\.|cont[’']d|concluded|fortgesetzt|Fortsetzung|Forts\.|suite|continuación)(?!\w)"
    r"|[（(]\s*[续續]\s*[）)]|^\s*[续續]\s*(?:表|$|\d)|[续續]表",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.-]\d+)*")
_WORDS_OF_A_CAPTION = 200


class Edge(NamedTuple):
    """The block at the end or the beginning of a page, and the strip of the page that it and what floats beside it take."""

    place: int
    block: Block
    box: BBox
    top: float
    bottom: float


def with_links(pages: Iterable[Page]) -> Iterator[Page]:
    """The pages, with `continues` set on the blocks that plainly go on from the page before or from the column before.

    A link leads to a block of the same kind, on the page numbered one less or, only of prose, earlier on the same page; links
    that are there already stay.
    """
    before: Page | None = None
    halves: Mapping[str, Half] = {}
    for page in pages:
        follows = before is not None and page.number == before.number + 1
        linked = dict(_column_links(page))
        known: Mapping[str, Half] = {}
        if before is not None and follows:
            found, known = _after(before, page, halves)
            linked.update(found)
        before, halves = _with(page, linked), known
        yield before


def _after(before: Page, page: Page, halves: Mapping[str, Half]) -> tuple[Mapping[int, str], Mapping[str, Half]]:
    """The page's links by place, and what is known of the table whose part is on it, for the page after."""
    links = dict(_prose_link(before, page))
    known: dict[str, Half] = {}
    for place, tail, half in _table_link(before, page, halves):
        links[place] = tail
        known[page.blocks[place].id] = half
    return links, known


def _with(page: Page, links: Mapping[int, str]) -> Page:
    if not links:
        return page
    blocks = list(page.blocks)
    for place, source in links.items():
        blocks[place] = replace(blocks[place], continues=source)
    return replace(page, blocks=tuple(blocks))


def _column_links(page: Page) -> Iterator[tuple[int, str]]:
    """Prose that is cut where a column ends and goes on at the top of the one to its right."""
    for place, tail, head in islice(_column_breaks(page), _MOST_COLUMNS):
        filling = filling_of(tail, page, head, page)
        if _goes_on(tail, head, filling) and _fits(tail.regions[0].bbox, head.regions[0].bbox, filling):
            yield place, tail.id


def _column_breaks(page: Page) -> Iterator[tuple[int, Block, Block]]:
    """Prose that follows other prose higher up and to the right; what floats may stand between."""
    tail: Block | None = None
    for place, block in enumerate(page.blocks):
        if block.kind in _PROSE and not _is_note(block):
            if tail is not None and tail.kind == block.kind and not block.continues and _is_next_column(tail, block):
                yield place, tail, block
            tail = block
        elif block.kind not in _BESIDE and block.kind not in _FLOATS and block.kind != "text":
            tail = None


def _is_next_column(tail: Block, head: Block) -> bool:
    low, high = _box(tail), _box(head)
    if low is None or high is None or high.y1 > low.y1 + _UP or high.y0 > low.y0 - _UP:
        return False
    return -_OVERLAP <= high.x0 - low.x1 <= _GUTTER


def _prose_link(before: Page, page: Page) -> Iterator[tuple[int, str]]:
    tail, head = _prose_edge(before, last=True), _prose_edge(page, last=False)
    if tail is None or head is None or not _free(tail, head) or not _meet(tail, head):
        return
    filling = filling_of(tail.block, before, head.block, page)
    if not (_aligned(tail.box, head.box, filling) and _goes_on(tail.block, head.block, filling)):
        return
    yield head.place, tail.block.id


def _goes_on(tail: Block, head: Block, filling: Filling) -> bool:
    if tail.kind != "text":
        return list_goes_on(tail.text, head.text, full=filling.holds_a_line)
    # Only a full line is broken within a word.
    short = filling.is_short and not breaks_word(tail.text, head.text)
    full, surely = filling.holds_a_line, filling.is_full
    return not short and text_goes_on(tail.text, head.text, full=full, surely=surely, alone=filling.is_single)


def _prose_edge(page: Page, *, last: bool) -> Edge | None:
    """The last or first prose of a page; figures, tables and notes at its border float and may stand between."""
    top, bottom = 1.0, 0.0
    for place, block in _from_border(page, last=last):
        if block.kind in _BESIDE and block.kind != "footnote":
            continue
        box = _box(block)
        if box is not None:
            top, bottom = min(top, box.y0), max(bottom, box.y1)
        if block.kind in _FLOATS or block.kind == "footnote" or _is_note(block):
            continue
        return Edge(place, block, box, top, bottom) if box is not None and block.kind in _PROSE else None
    return None


def _from_border(page: Page, *, last: bool) -> Iterable[tuple[int, Block]]:
    numbered = enumerate(page.blocks)
    return reversed(list(numbered)) if last else numbered


def _table_link(before: Page, page: Page, halves: Mapping[str, Half]) -> Iterator[tuple[int, str, Half]]:
    tail, head = _table_above(before), _table_below(page)
    if tail is None or head is None or not _free(tail, head) or not _meet(tail, head):
        return
    told = _told(before, tail, page, head)
    in_line = _over(tail.box, head.box)
    if told is None or not (in_line or _beside(tail.box, head.box, _SHIFTED)):
        return
    first, rest = halves.get(tail.block.id) or half_of(grid_of(tail.block)), grid_of(head.block)
    if belongs(first, rest, told=told, in_line=in_line):
        yield head.place, tail.block.id, first


def _table_above(page: Page) -> Edge | None:
    """The table at the end of a page; its caption and notes may stand below it."""
    bottom = 0.0
    for place, block in _from_border(page, last=True):
        box = _box(block)
        if block.kind == "table":
            return Edge(place, block, box, box.y0, max(bottom, box.y1)) if box is not None else None
        if block.kind in _BESIDE or block.kind == "caption" or _is_note(block):
            bottom = max(bottom, box.y1) if box is not None and block.kind not in FURNITURE else bottom
        else:
            return None
    return None


def _table_below(page: Page) -> Edge | None:
    """The table at the beginning of a page; only a caption that says that it is continued may stand above it."""
    top = 1.0
    for place, block in enumerate(page.blocks):
        box = _box(block)
        if block.kind == "table":
            return Edge(place, block, box, min(top, box.y0), box.y1) if box is not None else None
        if block.kind in FURNITURE:
            continue
        if block.kind not in {"caption", "text", "title"} or not _says_again(block):
            return None
        top = min(top, box.y0) if box is not None else top
    return None


def _told(before: Page, tail: Edge, page: Page, head: Edge) -> bool | None:
    """Whether a caption says that the table is continued; None if there is a caption of another table."""
    said = [block for block in page.blocks[: head.place] if block.kind not in FURNITURE]
    named = [block for block in page.blocks if block.id in head.block.caption_ids]
    own = [block for block in named if not _is_note(block)]
    if len(named) < len(set(head.block.caption_ids)) or not all(map(_says_again, own)):
        return None
    names = [block.text for block in before.blocks if block.id in tail.block.caption_ids]
    numbers = {found[0] for text in names if (found := _NUMBER.search(text[:_WORDS_OF_A_CAPTION]))}
    others = {found[0] for block in (*said, *own) if (found := _NUMBER.search(block.text[:_WORDS_OF_A_CAPTION]))}
    if numbers and others and not numbers & others:
        return None
    return bool(said or own)


def _says_again(block: Block) -> bool:
    return len(block.text) <= _WORDS_OF_A_CAPTION and _AGAIN.search(block.text) is not None


def _is_note(block: Block) -> bool:
    return block.kind in _NOTES and _NOTE.match(block.text) is not None


def _free(tail: Edge, head: Edge) -> bool:
    return tail.block.kind == head.block.kind and not head.block.continues


def _meet(tail: Edge, head: Edge) -> bool:
    return tail.bottom >= _LOW and head.top <= _HIGH


def _aligned(low: BBox, high: BBox, filling: Filling) -> bool:
    """Whether the second stands below the first as columns are read: in the same one, or in the first of the next page."""
    if abs(low.x0 - high.x0) <= _SIDEWAYS:
        return True
    return _fits(low, high, filling) and (abs(low.x0 - high.x0) <= _SHIFTED or high.x1 <= low.x0 + _SIDEWAYS)


def _fits(low: BBox | None, high: BBox | None, filling: Filling) -> bool:
    """Whether the two are as wide as lines of one column; a single line may be shorter."""
    if low is None or high is None:
        return False
    one, other = low.x1 - low.x0, high.x1 - high.x0
    if _single(filling):
        return other <= 1.1 * one if filling.opens_single else one <= 1.1 * other
    return _alike(one, other)


def _single(filling: Filling) -> bool:
    return filling.is_single != filling.opens_single


def _alike(one: float, other: float) -> bool:
    return min(one, other) >= 0.85 * max(one, other)


def _over(low: BBox, high: BBox) -> bool:
    """Whether the second stands where the first does, or as wide in a column to the left of it."""
    return _beside(low, high, _SIDEWAYS) or (_alike(low.x1 - low.x0, high.x1 - high.x0) and high.x1 <= low.x0 + _SIDEWAYS)


def _beside(one: BBox, other: BBox, most: float) -> bool:
    return abs(one.x0 - other.x0) + abs(one.x1 - other.x1) <= most


def _box(block: Block) -> BBox | None:
    return block.regions[0].bbox if block.regions else None
