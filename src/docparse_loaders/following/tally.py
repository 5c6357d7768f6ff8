"""From what the engine hears of each document to events: one source for every face, sync and async.

All of it happens in one event loop, except that the inputs of an iterator are counted in the thread that takes them.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from docparse_loaders.errors import DocParseError
from docparse_loaders.following.event import FINAL, Event, Listener, State
from docparse_loaders.following.pace import Count, Pace, UnderWay
from docparse_loaders.lengths import pages_in, selected
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source, SourceLike, is_many
from docparse_loaders.vendors.protocol import Progress

if TYPE_CHECKING:
    from docparse_loaders.document import ParsedDocument
    from docparse_loaders.engine.drive import Run, Tally

_log = logging.getLogger("docparse_loaders")
_ORDER: tuple[State, ...] = ("waiting", "sent", "parsing", "done", "kept", "failed")
_MOST_READ = 32 << 20
"""Bytes of a file whose pages are counted on the way; a larger one is not read twice for that."""


class Following:
    """All inputs of one call. `lanes` are worked on at once; `clock` tells seconds from anywhere."""

    def __init__(self, listeners: Iterable[Listener], lanes: int, clock: Callable[[], float]) -> None:
        self._listeners = [_guarded(listener) for listener in listeners]
        self.now = clock
        self._start = clock()
        self._pace = Pace(lanes)
        self._open: dict[int, File] = {}
        self._taken = self._done = 0
        self.files_total: int | None = None

    def inputs(self, given: SourceLike, each: Iterable[SourceLike]) -> Iterable[SourceLike]:
        """The inputs, counted: at once if `given` is known to end, else when they have ended. May read folders."""
        if not _ends(given):
            return self._counted(each)
        known = list(each)
        self.files_total = len(known)
        return known

    def file(self) -> "File":
        """The next input, which is taken now."""
        self._taken += 1
        file = self._open[self._taken] = File(self, self._taken, self.now())
        return file

    def one(self) -> "File":
        """The only input of this call."""
        self.files_total = 1
        return self.file()

    def tell(self, file: "File", error: DocParseError | None = None) -> None:
        """Tell the listeners how a file stands."""
        now = self.now()
        if file.state in FINAL:
            del self._open[file.number]
            self._done += 1
            self._pace.ended(now - file.begun, file.pages_done if file.state == "done" else None)
        event = Event(
            source=file.source,
            state=file.state,
            status=file.status,
            pages_done=file.pages_done,
            pages_total=file.pages_total,
            files_done=self._done,
            files_total=self.files_total,
            seconds=now - self._start,
            seconds_left=self._left(now),
            error=error,
            number=file.number,
        )
        for listener in self._listeners:
            listener(event)

    def _left(self, now: float) -> float | None:
        if self.files_total is None:
            return None
        under_way = [file.under_way(now) for file in self._open.values()]
        return self._pace.left(under_way, self.files_total - self._taken)

    def _counted(self, each: Iterable[SourceLike]) -> Iterator[SourceLike]:
        count = 0
        for count, one in enumerate(each, 1):  # noqa: B007  (it is used after the loop)
            yield one
        self.files_total = count


class File:
    """One input, from when it is taken to its end."""

    def __init__(self, following: Following, number: int, begun: float) -> None:
        self.number = number
        self.begun = begun
        self.source = ""
        self.state: State = "waiting"
        self.status = ""
        self.pages_done = 0
        self.pages_total: int | None = None
        self._first: Count | None = None
        self._last: Count | None = None
        self._following = following

    def read(self, source: Source, pages: PageSelection | None) -> None:
        """Count its pages where that costs little; in a worker thread."""
        total = pages_in(source, _MOST_READ)
        self.pages_total = None if total is None else selected(total, pages)

    def follows(self, run: "Run") -> None:
        """It was read, and `run` is on its way: hear what goes out for it and what the vendor says."""
        before, in_process = run.on_progress, run.vendor.traits.in_process

        def sent() -> None:
            accepted = run.state is not None and run.state.accepted
            self._reached("parsing" if accepted or in_process else "sent")

        def heard(progress: Progress) -> None:
            self.heard(progress)
            if before is not None:
                before(progress)

        self.source = run.source.facts.uri
        run.on_sent, run.on_progress = sent, heard
        self._following.tell(self)

    async def all_of(self, run: "Run", work: "Awaitable[ParsedDocument]") -> "ParsedDocument":
        """A job that is gone on with, from here to its end."""
        self.follows(run)
        return await self.ended(work, self.source, run.tally)

    def heard(self, progress: Progress) -> None:
        """What the vendor says of it. Pages never fall, and no more are done than there are, whatever it says."""
        if progress.status == "done" and progress.total is None:
            return  # the engine's own last word; the end is told when the result is read
        self.status = progress.status
        self.pages_done = max(self.pages_done, progress.done or 0)
        if progress.total is not None and progress.total > 0:
            self.pages_total = progress.total
            self._counted()
        if self.pages_total is not None:
            self.pages_total = max(self.pages_total, self.pages_done)
        self._forward("parsing")
        self._following.tell(self)

    async def ended(self, work: "Awaitable[ParsedDocument]", label: str, tally: "Tally") -> "ParsedDocument":
        """Its document or its error, told before it is handed on; `label` names an input that cannot be read."""
        try:
            document = await work
        except DocParseError as error:
            self.failed(error, label)
            raise
        self.pages_done = self.pages_total = len(document.pages)
        self._forward("kept" if tally.cached else "done")
        self._following.tell(self)
        return document

    def failed(self, error: DocParseError, label: str) -> None:
        """There will be no document."""
        self.source = self.source or error.source or label
        self._forward("failed")
        self._following.tell(self, error)

    def under_way(self, now: float) -> UnderWay:
        """How far it is, for the estimate."""
        return UnderWay(now - self.begun, self.pages_done, self.pages_total, self._first, self._last)

    def _counted(self) -> None:
        """The vendor counted pages: remember the first time, and the last at which there were more."""
        if self._last is None or self.pages_done > self._last.pages:
            self._last = Count(self._following.now() - self.begun, self.pages_done)
            self._first = self._first or self._last

    def _reached(self, state: State) -> None:
        if _ORDER.index(state) > _ORDER.index(self.state):
            self._forward(state)
            self._following.tell(self)

    def _forward(self, state: State) -> None:
        self.state = max(self.state, state, key=_ORDER.index)


def _guarded(listener: Listener) -> Listener:
    """A listener whose faults are logged, the first with where it happened: no document is lost by them."""
    faults = 0

    def tell(event: Event) -> None:
        nonlocal faults
        try:
            listener(event)
        except Exception:  # noqa: BLE001  (it is the user's code, and must not cost a document)
            faults += 1
            if faults == 1:
                _log.exception("on_event failed on %s; parsing goes on, and further faults of it are not logged", event.source)

    return tell


def _ends(given: SourceLike) -> bool:
    """Whether an input is known to end and costs nothing to be gone through: not an iterator, nor a sequence that is made
    as it is read.
    """
    return not is_many(given) or (isinstance(given, list | tuple | set | frozenset) and all(map(_ends, given)))
