"""The pages that an account has left, as SoMark's price list and its `usage` know them: free ones and paid ones."""

from dataclasses import dataclass, field
from typing import NamedTuple

from docparse_loaders.emulator.service import Clock
from docparse_loaders.emulator.somark.form import Refused

_DAY = 86_400.0
_MONTH = 30 * _DAY


class Left(NamedTuple):
    """Pages left: paid ones, and free ones of the day and of the month, of which the smaller number counts."""

    paid: int
    today: int
    this_month: int

    @property
    def free(self) -> int:
        """Pages that cost nothing."""
        return min(self.today, self.this_month)

    @property
    def pages(self) -> int:
        """All pages that may be parsed now."""
        return self.free + self.paid


@dataclass(slots=True)
class Purse:
    """One account. Free pages are used first; those of a day come back after 24 hours, those of a month after 30 days."""

    clock: Clock
    paid: int
    free_a_day: int
    free_a_month: int
    _opened: float = field(init=False)
    _used: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._opened = self.clock()

    def left(self) -> Left:
        """What is left now."""
        day, month = (self._used.get(period, 0) for period in self._now())
        return Left(self.paid, self.free_a_day - day, self.free_a_month - month)

    def pay(self, pages: int) -> None:
        """Take the pages of one document, or none of them. Raises `Refused`: 1108 if nothing is left, 1123 if too little is."""
        left = self.left()
        if left.pages <= 0:
            raise Refused(1108)
        if pages > left.pages:
            raise Refused(1123, f"{pages} pages, {left.pages} left")
        free = min(pages, left.free)
        self.paid -= pages - free
        self._used = {period: self._used.get(period, 0) + free for period in self._now()}

    def _now(self) -> tuple[tuple[str, int], tuple[str, int]]:
        since = self.clock() - self._opened
        return ("day", int(since // _DAY)), ("month", int(since // _MONTH))
