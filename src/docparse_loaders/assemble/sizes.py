"""Titles without a number take their place among the others by type size."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from docparse_loaders.model import Block

_ALIKE = 1.12
"""Type sizes that differ by less than this factor are taken for the same."""
_LETTER_WIDTH = 0.45
"""Of a line's height; Chinese and Japanese characters are about twice as wide."""
_LINES = range(1, 9)
_SMALLEST = 0.002
"""Of the page's height; what is smaller is no type but a mistake, and the number of sizes stays bounded."""


class _Class(NamedTuple):
    """Titles that stand alike: those of a depth of the numbering, or (None) those of one size without a number."""

    depth: int | None
    size: float


def levels_by_size(depths: Sequence[int | None], sizes: Sequence[float]) -> list[int]:
    """Numbered titles in the order of their depths, the others among them by size, the largest on top; from 1, no gap.

    A title whose size does not tell its place stands beside the next numbered one, so that it ends no section around it.
    """
    order = _classes(depths, sizes)
    place_of = {one.depth: place for place, one in enumerate(order) if one.depth is not None}
    found: list[int] = []
    after: int | None = None
    for depth, size in zip(reversed(depths), reversed(sizes), strict=True):
        if depth is not None:
            after = place_of[depth]
        found.append(place_of[depth] if depth is not None else _place(order, size, after))
    compact = {place: level for level, place in enumerate(sorted(set(found)), 1)}
    return [compact[place] for place in reversed(found)]


def _classes(depths: Sequence[int | None], sizes: Sequence[float]) -> list[_Class]:
    order = [_Class(depth, _median(sizes, depths, depth)) for depth in sorted({depth for depth in depths if depth is not None})]
    numbered = list(order)
    for step in _steps([size for depth, size in zip(depths, sizes, strict=True) if depth is None and size]):
        if not any(alike(step, one.size) for one in numbered):
            place = next((place for place, one in enumerate(order) if one.size and one.size < step), len(order))
            order.insert(place, _Class(None, step))
    return order


def _place(order: Sequence[_Class], size: float, after: int | None) -> int:
    if not size:
        return after or 0
    if after is not None and alike(size, order[after].size):
        return after
    return min(range(len(order)), key=lambda place: (_distance(size, order[place].size), place), default=0)


def _distance(size: float, other: float) -> float:
    """How unlike two sizes are; 0 for those that are alike."""
    ratio = max(size, other) / min(size, other) if other else 1e9
    return 0.0 if ratio < _ALIKE else ratio


def alike(size: float, other: float) -> bool:
    """Whether two known sizes are those of one type."""
    return bool(size and other) and _distance(size, other) == 0.0


def _median(sizes: Sequence[float], depths: Sequence[int | None], wanted: int | None) -> float:
    return median([size for size, depth in zip(sizes, depths, strict=True) if depth == wanted and size] or [0.0])


def _steps(sizes: Sequence[float]) -> Iterator[float]:
    """The distinct type sizes, largest first."""
    last = 0.0
    for size in sorted(sizes, reverse=True):
        if not alike(last, size):
            yield size
            last = size


def type_size(title: Block, aspect: float) -> float:
    """The height of one line of a title as a fraction of the page; 0 if it has no box. `aspect` is the page's width / height.

    The number of lines is not known: it is the smallest for which the text fits into the box.
    """
    box = title.regions[0].bbox if title.regions else None
    if box is None or box.y1 - box.y0 < _SMALLEST or box.x1 <= box.x0:
        return 0.0
    letters = sum(2 if char > "\u2e80" else 1 for char in title.text[:500].strip())
    wide = (box.x1 - box.x0) * aspect
    height = box.y1 - box.y0
    lines = next((n for n in _LINES if letters * _LETTER_WIDTH * height / n <= wide * n * 1.1), _LINES[-1])
    return max(height / lines, _SMALLEST)
