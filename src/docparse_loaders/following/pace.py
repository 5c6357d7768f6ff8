"""How long the rest will take, told from what the files before took. No clock: times are handed in."""

from collections.abc import Sequence
from typing import NamedTuple

_OVERDUE = 0.1
"""A file that has taken longer than those before is expected to take as much more as it is late, or this part of its time."""


class Count(NamedTuple):
    """Pages that a vendor said were done, and when: seconds from the file's beginning."""

    seconds: float
    pages: int


class UnderWay(NamedTuple):
    """One file at work: for how many seconds, its pages as far as they are known, and the vendor's first and last count."""

    seconds: float
    pages_done: int = 0
    pages_total: int | None = None
    first: Count | None = None
    last: Count | None = None

    @property
    def projected(self) -> float | None:
        """Its seconds in all, if its pages go on as they did; None if the vendor has not counted any.

        What was before the first count (the way there, a queue) says nothing of how fast pages are done.
        """
        if self.first is None or self.last is None or not self.pages_total or not self.last.pages:
            return None
        first = self.first if self.first.pages < self.last.pages else Count(0.0, 0)
        each = (self.last.seconds - first.seconds) / (self.last.pages - first.pages)
        return self.last.seconds + (self.pages_total - self.last.pages) * each


class Pace:
    """What the files that are done took, and what that says of those that are not.

    Files that cost nothing (kept in the store, refused at once) count for those still to come, which may be such, too; those
    at work are measured by the ones that were parsed.
    """

    def __init__(self, lanes: int) -> None:
        self._lanes = max(lanes, 1)
        self._count, self._seconds = 0, 0.0
        self._parsed, self._parsed_seconds, self._pages = 0, 0.0, 0

    def ended(self, seconds: float, pages: int | None) -> None:
        """A file is done; `pages` is None if it was not parsed."""
        self._count += 1
        self._seconds += seconds
        if pages is not None:
            self._parsed += 1
            self._parsed_seconds += seconds
            self._pages += pages

    def left(self, under_way: Sequence[UnderWay], queued: int) -> float | None:
        """Seconds until all are done, or None if nothing tells it yet."""
        if not under_way and not queued:
            return 0.0
        usual = self._usual(under_way)
        rests = [self._rest(one, usual) for one in under_way]
        each = self._seconds / self._count if self._count else usual
        if each is None or None in rests:
            return None
        known = [rest for rest in rests if rest is not None]
        free = sorted([*known, *([0.0] * (self._lanes - len(known)))])
        return _end(free, queued, each)

    def _usual(self, under_way: Sequence[UnderWay]) -> float | None:
        """Seconds of one file that is parsed; before any is done, as those at work promise."""
        if self._parsed:
            return self._parsed_seconds / self._parsed
        projected = [seconds for one in under_way if (seconds := one.projected) is not None]
        return sum(projected) / len(projected) if projected else None

    def _rest(self, one: UnderWay, usual: float | None) -> float | None:
        whole = self._whole(one, usual)
        if whole is None:
            return None
        late = one.seconds - whole
        return -late if late < 0.0 else min(late, one.seconds * _OVERDUE)

    def _whole(self, one: UnderWay, usual: float | None) -> float | None:
        """Seconds of a file in all: by its pages as the others took them, and with each page counted more by its own pace."""
        if self._pages and one.pages_total:
            usual = self._parsed_seconds / self._pages * one.pages_total
        own = one.projected
        if own is None or usual is None or not one.pages_total:
            return usual if own is None else own
        weight = one.pages_done / (one.pages_done + 1.0)
        return weight * own + (1.0 - weight) * usual


def _end(free: list[float], queued: int, each: float) -> float:
    """When the last of `queued` files is done, if lane after lane takes the next as soon as it is free (in sorted order)."""
    lanes = len(free)
    if free[-1] - free[0] > each:
        return max(free[-1], (sum(free) + queued * each) / lanes)
    rounds, more = divmod(queued, lanes)
    last = free[-1] + rounds * each
    return max(last, free[more - 1] + (rounds + 1) * each) if more else last
