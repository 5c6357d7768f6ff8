"""Which table or picture a caption belongs to: PaddleOCR gives only the places of both."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from docparse_loaders.model import FURNITURE, BBox, Block, Kind

_OWNERS: frozenset[Kind] = frozenset({"table", "figure", "chart"})
_ASIDE: frozenset[Kind] = _OWNERS | FURNITURE | {"caption"}
_TABLE = re.compile(r"\s*(?:tab(?:le|elle|leau|\.)|cuadro|表|續表|续表)", re.IGNORECASE)
_PICTURE = re.compile(r"\s*(?:fig(?:ure|ura|\.)?|abb(?:ildung|\.)|chart|图|圖)", re.IGNORECASE)
_FARTHEST = 0.15
"""How far from its table or picture a caption may stand, as a share of the page's height."""
_REACH = 8
"""How many captions and pictures may lie between them, as under a figure of several parts."""
_MOST = 100
"""How many tables and pictures of a page are looked at for a caption that stands beside none in reading order."""
_OTHER_KIND, _NEVER = 1.0, 9.0
_NOTE = "vision_footnote"


def captioned(blocks: Sequence[Block]) -> list[Block]:
    """A page's blocks, with `caption_ids` on the tables, figures and charts that captions and notes stand next to."""
    found: dict[int, list[str]] = {}
    for place, block in enumerate(blocks):
        box = _box(block) if block.kind == "caption" else None
        if box is None:
            continue
        distance, owner = _nearest(block, box, blocks, _beside(blocks, place))
        if distance >= _NEVER:
            distance, owner = _nearest(block, box, blocks, islice(_owners(blocks), _MOST))
        if distance < _NEVER:
            found.setdefault(owner, []).append(block.id)
    if not found:
        return list(blocks)
    return [replace(block, caption_ids=tuple(found[place])) if place in found else block for place, block in enumerate(blocks)]


def _nearest(caption: Block, box: BBox, blocks: Sequence[Block], owners: Iterable[int]) -> tuple[float, int]:
    return min(((_distance(box, caption, blocks[owner]), owner) for owner in owners), default=(_NEVER, 0))


def _owners(blocks: Sequence[Block]) -> Iterator[int]:
    return (place for place, block in enumerate(blocks) if block.kind in _OWNERS)


def _beside(blocks: Sequence[Block], place: int) -> Iterator[int]:
    """The tables and pictures before and after a caption, up to the text that they stand in."""
    for step in (-1, 1):
        other = place + step
        while 0 <= other < len(blocks) and abs(other - place) <= _REACH and blocks[other].kind in _ASIDE:
            if blocks[other].kind in _OWNERS:
                yield other
            other += step


def _distance(box: BBox, caption: Block, owner: Block) -> float:
    """How far a caption is from a table or picture; much farther from one of the kind that it does not name."""
    other = _box(owner)
    if other is None:
        return _NEVER
    across = max(other.x0 - box.x1, box.x0 - other.x1, 0.0)
    below, above = box.y0 - other.y1, other.y0 - box.y1
    if across > 0.02 or max(below, above) > _FARTHEST or (caption.label == _NOTE and below < -0.01):
        return _NEVER
    named = _TABLE if owner.kind == "table" else _PICTURE
    unnamed = _PICTURE if owner.kind == "table" else _TABLE
    wrong = caption.label != _NOTE and bool(unnamed.match(caption.text)) and not named.match(caption.text)
    return max(below, above, 0.0) + (_OTHER_KIND if wrong else 0.0)


def _box(block: Block) -> BBox | None:
    return block.regions[0].bbox if block.regions else None
