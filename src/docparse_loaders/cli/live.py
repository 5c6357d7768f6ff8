"""What a person sees on stderr while documents are parsed: a line for all of them, and one for each file under way."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from docparse_loaders.cli.table import name_of, printable
from docparse_loaders.following import Event
from docparse_loaders.following.board import Board, counted, spell

_MOST_ROWS = 8
_NARROW = 60
"""Columns below which a row has no room for more than name and state."""


class Display:
    """The work as it goes, on stderr if that is a terminal; it steps aside while anything else is written there.

    Events come from the thread of the event loop and are drawn in another, so each waits for the other.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(stderr=True)
        self._clock = clock
        self._board = Board()
        self._since: dict[int, float] = {}
        self._heard = clock()
        self._lock = Lock()
        self._spinner = Spinner("dots")
        self._live: Live | None = None

    @property
    def seen(self) -> bool:
        """Whether there is a terminal that can show it."""
        return self._console.is_terminal and not self._console.is_dumb_terminal

    def take(self, event: Event) -> None:
        """Take in what happened to a file."""
        with self._lock:
            self._board.take(event)
            self._heard = self._clock()
            self._since.setdefault(event.number, self._heard)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it for the time of the block, if anybody is looking."""
        self._draw()
        try:
            yield
        finally:
            self._wipe()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take it away while something is written to the same terminal."""
        self._wipe()
        try:
            yield
            sys.stdout.flush()
        finally:
            self._draw()

    def _draw(self) -> None:
        if not self.seen:
            return
        # A new one each time: begun again, one that was stopped would move up over what was written meanwhile.
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            transient=True,
            redirect_stdout=False,
            refresh_per_second=8,
            vertical_overflow="crop",
        )
        self._live.start()

    def _wipe(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def summary(self, chunks: int) -> str:
        """`8 files: 5 parsed, 2 kept from the store, 1 failed; 120 pages, 310 chunks, 34 s`.

        Empty if nobody looks, or nothing was begun.
        """
        if not self.seen or not self._since:
            return ""
        return self._board.summary(counted(chunks, "chunk") if chunks else "")

    def _drawn(self) -> RenderableType:
        with self._lock:
            now = self._clock()
            rows = self._rows(now, max(min(_MOST_ROWS, self._console.height - 3), 1))
            return Group(self._head(now), *([rows] if rows is not None else []))

    def _head(self, now: float) -> Table:
        board, wide = self._board, self._console.width >= _NARROW
        head = Table.grid(padding=(0, 1, 0, 0))
        if not board.files_done and not board.under_way:
            head.add_row(self._spinner, "reading")
            return head
        total = board.files_total
        parts: list[RenderableType] = [self._spinner, f"{board.files()} done" if wide else f"{board.files_done}/{total or '?'}"]
        if total:
            parts.append(ProgressBar(1.0, board.part, width=24 if wide else 8))
        parts.append(Text(" · ".join(self._words(now, wide=wide)), "dim"))
        for _ in parts:
            head.add_column(no_wrap=True)
        head.add_row(*parts)
        return head

    def _words(self, now: float, *, wide: bool) -> Iterator[str]:
        """Pages done and the estimate, which goes down while nothing is heard."""
        board = self._board
        if board.pages:
            yield counted(board.pages, "page")
        if board.seconds_left is not None and board.files_done != board.files_total:
            left = spell(max(board.seconds_left - (now - self._heard), 1.0))
            yield f"about {left} left" if wide else f"{left} left"

    def _rows(self, now: float, most: int) -> Table | None:
        """The files under way, those at the vendor first; the rest is counted in the last row."""
        order = ("parsing", "sent", "waiting")
        files = sorted(self._board.under_way.values(), key=lambda event: (order.index(event.state), event.number))
        if not files:
            return None
        wide = self._console.width >= _NARROW
        rows = Table.grid(padding=(0, 2, 0, 0))
        rows.add_column(width=1)
        rows.add_column(no_wrap=True, overflow="ellipsis", max_width=40 if wide else 18)
        rows.add_column(no_wrap=True, overflow="ellipsis")
        rows.add_column(no_wrap=True, style="dim", justify="right")
        for event in files[:most]:
            seconds = spell(now - self._since.get(event.number, now)) if wide else ""
            rows.add_row("", Text(name_of(event.source)), _state(event, wide=wide), seconds)
        if len(files) > most:
            rows.add_row("", Text(f"and {len(files) - most} more", "dim"), "", "")
        return rows


def _state(event: Event, *, wide: bool) -> Text:
    """The vendor's word, or ours while it has none, and the pages."""
    done, total, pages = event.pages_done, event.pages_total, ""
    if total and wide:
        pages = f" · {done:,} of {counted(total, 'page')}" if done else f" · {counted(total, 'page')}"
    elif total and done:
        pages = f" {done:,}/{total:,}"
    word = printable(event.status) or event.state
    return Text.assemble((word, "cyan" if event.state == "parsing" else "dim"), (pages, "dim"))
