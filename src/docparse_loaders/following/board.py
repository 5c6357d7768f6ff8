"""What events say together, in the words that every display uses."""

from dataclasses import dataclass, field

from docparse_loaders.following.event import Event, State

_WORDS: dict[State, str] = {"waiting": "waiting", "sent": "sent", "parsing": "parsing"}
_ENDS: dict[State, str] = {"done": "parsed", "kept": "kept from the store", "failed": "failed"}


@dataclass(slots=True)
class Board:
    """How far all files of a call are, from the events so far."""

    files_done: int = 0
    files_total: int | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    under_way: dict[int, Event] = field(default_factory=dict)
    ended: dict[State, int] = field(default_factory=dict)
    _pages: int = 0

    def take(self, event: Event) -> None:
        """Take in what happened."""
        self.files_done, self.files_total = event.files_done, event.files_total
        self.seconds, self.seconds_left = event.seconds, event.seconds_left
        if not event.final:
            self.under_way[event.number] = event
            return
        self.under_way.pop(event.number, None)
        self.ended[event.state] = self.ended.get(event.state, 0) + 1
        if event.state != "failed":
            self._pages += event.pages_done

    @property
    def pages(self) -> int:
        """Pages done, of files that are done and as far as is known of those under way."""
        return self._pages + sum(event.pages_done for event in self.under_way.values())

    @property
    def part(self) -> float:
        """How much of all is done, from 0 to 1, with the pages of files under way; 0 while their number is not known."""
        if not self.files_total:
            return 0.0
        begun = sum(event.pages_done / event.pages_total for event in self.under_way.values() if event.pages_total)
        return min((self.files_done + begun) / self.files_total, 1.0)

    def states(self) -> str:
        """`2 parsing, 1 waiting`; files that were not begun yet are waiting, too."""
        counts = dict.fromkeys(reversed(_WORDS), 0)
        for event in self.under_way.values():
            counts[event.state] += 1
        if self.files_total is not None:
            counts["waiting"] += max(self.files_total - self.files_done - len(self.under_way), 0)
        return ", ".join(f"{count} {_WORDS[state]}" for state, count in counts.items() if count)

    def line(self) -> str:
        """`41 pages, 2 parsing, 1 waiting, 1 failed, about 40 s left`."""
        failed = self.ended.get("failed", 0)
        parts = [counted(self.pages, "page") if self.pages else "", self.states(), f"{failed} failed" if failed else ""]
        if self.seconds_left is not None and self.files_done != self.files_total:
            parts.append(f"about {spell(max(self.seconds_left, 1.0))} left")
        return ", ".join(part for part in parts if part)

    def summary(self, more: str = "") -> str:
        """`8 files: 5 parsed, 2 kept from the store, 1 failed; 120 pages, 34 s`; `more` goes after the pages."""
        counts = {word: self.ended.get(state, 0) for state, word in _ENDS.items()} | {"under way": len(self.under_way)}
        ends = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        amounts = (counted(self.pages, "page"), more, spell(self.seconds))
        return f"{self.files()}: {ends or 'none done'}; {', '.join(amount for amount in amounts if amount)}"

    def files(self) -> str:
        """`8 files`, or `3 of 8 files` if it was left early."""
        if self.files_total is not None and self.files_done < self.files_total:
            return f"{self.files_done} of {counted(self.files_total, 'file')}"
        return counted(self.files_done, "file")


def counted(number: int, word: str) -> str:
    """`1 page`, `2,500 pages`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def spell(seconds: float) -> str:
    """`0.4 s`, `40 s`, `3 min`, `2 h 5 min`: no more exact than anybody wants to know."""
    if seconds < 0.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
