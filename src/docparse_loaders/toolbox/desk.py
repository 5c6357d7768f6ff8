"""The documents that were opened: each parsed once, however many calls ask for it at once, and paid for once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextvars import copy_context
from functools import partial
from typing import Any, TypeAlias

import anyio
from anyio.from_thread import start_blocking_portal

from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import DocParseError, ToolRefused
from docparse_loaders.lengths import guess, pages_of
from docparse_loaders.outcome import Outcome
from docparse_loaders.parser import DocParser
from docparse_loaders.source import Source
from docparse_loaders.toolbox.budget import PageBudget
from docparse_loaders.toolbox.reading import Reading

Key: TypeAlias = tuple[str, str]
"""A document's hash and the ending of its name: what a parse depends on."""

_AT_ONCE = 8
_REMEMBERED = 64
_SOON, _LATE = 0.002, 0.1
_GOODBYE = 2.0


class Desk:
    """Where documents lie open. Threads and event loops may share it.

    A parse runs in a thread of its own and goes on if the call that began it is cancelled, because it may be paid for; the
    next call finds it. With a job store only the documents used last are kept, because the others cost nothing to fetch again.
    """

    def __init__(self, parser: DocParser, budget: PageBudget, *, forgets: bool) -> None:
        self._parser = parser
        self._budget = budget
        self._forgets = forgets
        self._open: OrderedDict[Key, Reading] = OrderedDict()
        self._begun: dict[Key, Future[Reading]] = {}
        # What counts already: the token of a job that has not ended well yet, or None for a document that was here.
        self._paid: dict[Key, str | None] = {}
        self._lock = threading.Lock()
        self._lanes = threading.BoundedSemaphore(_AT_ONCE)
        self._under_way: dict[Future[Outcome], threading.Thread] = {}
        self._closed = False

    def close(self) -> None:
        """Cancel what is being parsed, and wait a moment until it has ended."""
        with self._lock:
            self._closed = True
            under_way = dict(self._under_way)
        for work in under_way:
            work.cancel()
        for thread in under_way.values():
            thread.join(_GOODBYE)

    def look(self, key: Key) -> Reading | None:
        """The document if it is open."""
        with self._lock:
            reading = self._open.get(key)
            if reading is not None:
                self._open.move_to_end(key)
            return reading

    async def reading(self, name: str, key: Key, source: Source) -> Reading:
        """The document, parsed now if it is not open. `name` is what errors call it."""
        future = self._started(name, key, source)
        pause = _SOON
        while not future.done():
            # There is one future for callers in many loops, and none of these may be held up by it.
            await anyio.sleep(pause)
            pause = min(pause * 2, _LATE)
        return future.result()

    def _started(self, name: str, key: Key, source: Source) -> "Future[Reading]":
        with self._lock:
            if (reading := self._open.get(key)) is not None:
                future: Future[Reading] = Future()
                future.set_result(reading)
                return future
            if (begun := self._begun.get(key)) is not None:
                return begun
            future = self._begun[key] = Future()
        arguments = (self._parse, future, name, key, source)
        threading.Thread(target=copy_context().run, args=arguments, name=f"docparse {name}", daemon=True).start()
        return future

    def _parse(self, future: "Future[Reading]", name: str, key: Key, source: Source) -> None:
        failure: BaseException | None = None
        reading = None
        try:
            with self._lanes:
                reading = Reading(self._paid_once(name, key, source))
        except BaseException as error:  # noqa: BLE001  (whoever waits for it gets it)
            failure = error
        self._end(key, reading)
        if reading is not None:
            future.set_result(reading)
        else:
            future.set_exception(failure)

    def _end(self, key: Key, reading: Reading | None) -> None:
        with self._lock:
            del self._begun[key]
            if reading is None:
                return
            self._open[key] = reading
            while self._forgets and len(self._open) > _REMEMBERED:
                self._open.popitem(last=False)

    def _paid_once(self, name: str, key: Key, source: Source) -> ParsedDocument:
        if key in self._paid:
            return self._again(key, source)
        data = source.read()
        held, spent = self._budget.hold(name, pages_of(data, key[1]), guess(data)), 0
        try:
            outcome = self._worked(partial(self._outcome, source))
            if outcome.document is not None:
                self._paid[key] = None
                spent = 0 if outcome.effort.cached else max(len(outcome.document.pages), 1)
                return outcome.document
            error = outcome.error or DocParseError("nothing came back.")
            if error.token:
                # A vendor took it and may have billed it; what is still under way there is gone on with, and counts once.
                spent = held
                self._keep(key, error)
            raise error
        finally:
            self._budget.settle(held, spent)

    async def _outcome(self, source: Source) -> Outcome:
        [outcome] = [outcome async for outcome in self._parser.aparse_many(source, concurrency=1)]
        return outcome

    def _worked(self, work: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
        """Do async work in a loop of its own, where `close` can cancel it."""
        with start_blocking_portal("asyncio") as portal:
            future: Future[Outcome] = portal.start_task_soon(work)
            with self._lock:
                self._under_way[future] = threading.current_thread()
            if self._closed:
                future.cancel()
            try:
                return future.result()
            except CancelledError:
                raise ToolRefused("this library was closed meanwhile.", hint="Nothing more can be read.") from None
            finally:
                with self._lock:
                    del self._under_way[future]

    def _again(self, key: Key, source: Source) -> ParsedDocument:
        """A document that counts already: its job is gone on with, or its result fetched from the store."""
        token = self._paid[key]
        outcome = self._worked(partial(self._outcome, source) if token is None else partial(self._resumed, token, source))
        if outcome.document is None:
            error = outcome.error or DocParseError("nothing came back.")
            self._keep(key, error)
            raise error
        self._paid[key] = None
        return outcome.document

    async def _resumed(self, token: str, source: Source) -> Outcome:
        try:
            return Outcome(source.facts.uri, await self._parser.aresume(token, source=source), None)
        except DocParseError as error:
            return Outcome(source.facts.uri, None, error)

    def _keep(self, key: Key, error: DocParseError) -> None:
        """A job that has ended without a result is forgotten, so that the next one counts anew."""
        if error.final:
            self._paid.pop(key, None)
        elif error.token:
            self._paid[key] = error.token
