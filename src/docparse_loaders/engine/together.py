"""Calls that go out as one: many jobs asked about, or many documents submitted, in a single request.

The first call of a group waits a moment for others, then goes out for all of them; each gets its share of the answer. Only
runs of several documents do this: a single one waits for nobody.
"""

import secrets
from collections.abc import Callable
from copy import copy
from typing import NamedTuple, Protocol

import anyio

from docparse_loaders.engine.address import addressed
from docparse_loaders.engine.limits import Gate
from docparse_loaders.errors import DocParseError, EndpointUnreachable, ReplyLost
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import AnyVendor, Call, Merges, Reply


class Performs(Protocol):
    """What is needed of the transport."""

    async def perform(self, call: Call, source: Source) -> Reply:
        """Send a call and read its answer."""


class Answer(NamedTuple):
    """A reply, and whether other documents were in the same request."""

    reply: Reply
    shared: bool


class Together:
    """The calls of one session. `window` is how long one waits for others of its group, in seconds; None is not at all."""

    def __init__(self, vendor: AnyVendor, transport: Performs, gate: Gate, window: float | None) -> None:
        self._vendor = vendor
        self._transport = transport
        self._gate = gate
        self._window = window
        self._open: dict[str, _Batch] = {}

    async def perform(self, call: Call, source: Source, begun: Callable[[], None], *, alone: bool = False) -> Answer:
        """Send a call, with others if there are any; `begun` is called when it goes out. Raises as the transport."""
        # Here and not in the transport, because a common request holds the addresses of several documents.
        call = addressed(call, source)
        if alone or self._window is None or not call.group:
            async with self._gate.passage():
                begun()
                return Answer(await self._transport.perform(call, source), shared=False)
        batch = self._open.get(call.group)
        if batch is not None:
            return await self._followed(batch, call, begun)
        return await self._led(call, source, begun, self._window)

    async def _followed(self, batch: "_Batch", call: Call, begun: Callable[[], None]) -> Answer:
        place = batch.join(call, begun)
        if len(batch.calls) == self._vendor.traits.batch_size:
            self._close(call.group, batch)
        await batch.answered.wait()
        return self._answer(batch, place)

    async def _led(self, call: Call, source: Source, begun: Callable[[], None], window: float) -> Answer:
        self._open[call.group] = batch = _Batch()
        place = batch.join(call, begun)
        try:
            with anyio.move_on_after(window):
                await batch.full.wait()
            self._close(call.group, batch)
            async with self._gate.passage():
                batch.begin()
                batch.reply = await self._transport.perform(self._one_call(batch), source)
        except DocParseError as error:
            batch.error = error
        finally:
            self._close(call.group, batch)
            batch.answered.set()
        return self._answer(batch, place)

    def _close(self, group: str, batch: "_Batch") -> None:
        if self._open.get(group) is batch:
            del self._open[group]
        batch.full.set()

    def _one_call(self, batch: "_Batch") -> Call:
        vendor = self._vendor
        return vendor.merged(batch.calls) if len(batch.calls) > 1 and isinstance(vendor, Merges) else batch.calls[0]

    def _answer(self, batch: "_Batch", place: int) -> Answer:
        """One call's share. An error is copied, because each document writes its own name and token on it."""
        if batch.error is not None:
            raise copy(batch.error) from batch.error.__cause__
        if batch.reply is None:
            lost = ReplyLost if batch.sent else EndpointUnreachable
            raise lost("the request was given up by the document that was to send it for all.", hint="It is sent again.")
        many = len(batch.calls) > 1
        vendor = self._vendor
        reply = vendor.share(batch.reply, place) if many and isinstance(vendor, Merges) else batch.reply
        return Answer(reply, shared=many)


class Batches:
    """Names for batches of at most `size` documents; none at all if `size` is None."""

    def __init__(self, size: int | None) -> None:
        self._size = size
        self._name = ""
        self._taken = 0

    def next(self) -> str | None:
        """The name of the batch to which the next document belongs."""
        if self._size is None:
            return None
        if self._taken % self._size == 0:
            self._name = f"batch-{secrets.token_hex(8)}"
        self._taken += 1
        return self._name


class _Batch:
    """Calls of one group on their way: equal ones once, in the order in which they came."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.full = anyio.Event()
        self.answered = anyio.Event()
        self.reply: Reply | None = None
        self.error: DocParseError | None = None
        self.sent = False
        self._begun: list[Callable[[], None]] = []

    def join(self, call: Call, begun: Callable[[], None]) -> int:
        """Add a call; its place among the different ones."""
        self._begun.append(begun)
        if call not in self.calls:
            self.calls.append(call)
        return self.calls.index(call)

    def begin(self) -> None:
        """Tell everybody that it goes out."""
        self.sent = True
        for tell in self._begun:
            tell()
