"""Font sizes measured on scans, with their errors taken out: a document has few sizes, and each of them often."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_SPREAD = 0.08
"""By which part a size may be measured too large or too small: letters are known to about a pixel."""
_KNOWN = 0.07
"""By which part a size may miss one that the text layer of other pages has, and still be that."""


class Sized(NamedTuple):
    """A line's size as it was measured, and how many letters say so."""

    size: float
    letters: int


def evened(lines: Sequence[Sized], known: Iterable[float]) -> list[float]:
    """Each line's size as that of most letters that are about as large, or as the nearest `known` one."""
    places = sorted(set(known))
    left = sorted(range(len(lines)), key=lambda index: lines[index].size)
    result = [line.size for line in lines]
    while left:
        sizes = [lines[index].size for index in left]
        first, last, middle = _heaviest(sizes, [lines[index].letters for index in left])
        for index in left[first:last]:
            result[index] = _nearest(middle, places)
        left = left[:first] + left[last:]
    return result


def _heaviest(sizes: Sequence[float], letters: Sequence[int]) -> tuple[int, int, float]:
    """The range of sizes around the one that most letters have about, and that size."""
    sums = [0]
    for count in letters:
        sums.append(sums[-1] + count)
    best = (0, 0, 0, 0.0)
    for size in sorted(set(sizes)):
        first, last = bisect_left(sizes, size * (1 - _SPREAD)), bisect_right(sizes, size * (1 + _SPREAD))
        best = max(best, (sums[last] - sums[first], first, last, size))
    _, first, last, _ = best
    weight = sums[last] - sums[first]
    return first, last, sum(sizes[at] * letters[at] for at in range(first, last)) / weight if weight else sizes[first]


def _nearest(size: float, places: Sequence[float]) -> float:
    at = bisect_left(places, size)
    near = min(places[max(at - 1, 0) : at + 1], key=lambda place: abs(place - size), default=size)
    return near if abs(near - size) <= _KNOWN * size else size
