"""How much is asked of one endpoint with one key: requests at once and per second, pauses for all, and retries altogether.

The counts are shared by all parsers of a process, whatever loop and thread they run in, and, through a job store, by all
processes that use it. Each parser holds them against its own `Limits`.
"""

import hashlib
import hmac
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache, partial
from typing import NamedTuple, Protocol, runtime_checkable

import anyio

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.policy import Limits

_SLOWEST = 16.0
"""How many times longer pauses become at most while the vendor says "too fast"."""
_RECOVERY = 0.98
"""What an answer leaves of that: after 35 answers jobs are asked after twice as often."""


class Admission(NamedTuple):
    """Another process's counts have room for us: go after `wait` seconds. Without a ticket, ask again then."""

    ticket: str | None
    wait: float


@runtime_checkable
class SharesGates(Protocol):
    """A store through which processes share their counts."""

    async def admit(self, gate: str, limits: Limits, lease: float) -> Admission:
        """Take a place, for at most `lease` seconds, and a turn."""

    async def leave(self, gate: str, ticket: str) -> None:
        """Give a place back."""

    async def close_gate(self, gate: str, seconds: float) -> None:
        """Keep everybody out for a while."""

    async def closed(self, gate: str) -> float:
        """For how many seconds everybody is still kept out."""


class Counts:
    """What is under way at one endpoint with one key, in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.in_flight = 0
        self.waiting: deque[Callable[[], None]] = deque()
        self.next_turn = 0.0
        self.closed_until = 0.0
        self.credit: float | None = None
        self.jobs = 0
        self.stretch = 1.0

    def enters(self, most: int) -> bool:
        """Take a place if there is one."""
        with self.lock:
            if self.in_flight >= most:
                return False
            self.in_flight += 1
            return True

    def leaves(self) -> None:
        """Give a place back and wake the one who has waited longest."""
        with self.lock:
            self.in_flight -= 1
            wake = self.waiting.popleft() if self.waiting else None
        if wake is not None:
            wake()

    def forgets(self, wake: Callable[[], None]) -> None:
        """Somebody waits no longer."""
        with self.lock:
            if wake in self.waiting:
                self.waiting.remove(wake)

    def turn(self, interval: float, now: float) -> float:
        """Take the next turn; when it is."""
        with self.lock:
            start = max(self.next_turn, self.closed_until, now)
            self.next_turn = start + interval
            return start


@lru_cache(maxsize=1024)
def counts_of(name: str) -> Counts:
    """The counts of an endpoint and key in this process; the only thing that parsers share without being told to."""
    return Counts()


def gate_name(endpoint: Endpoint) -> str:
    """A name for an endpoint and its key from which neither the key nor a hash to try keys on can be had."""
    key = endpoint.key.get_secret_value() if endpoint.key is not None else ""
    return hmac.new(hashlib.sha256(key.encode()).digest(), endpoint.origin.encode(), hashlib.sha256).hexdigest()[:32]


class Gate:
    """Lets requests pass when there is room, when it is their turn, and when no pause is on."""

    def __init__(
        self,
        limits: Limits,
        counts: Counts | None = None,
        *,
        name: str = "",
        shared: SharesGates | None = None,
        lease: float = 600.0,
    ) -> None:
        self._limits = limits
        self._counts = counts or Counts()
        self._name = name
        self._shared = shared
        self._lease = lease
        self._interval = 1.0 / limits.requests_per_second if limits.requests_per_second else 0.0

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Hold a place for the time of one request."""
        await self._enter()
        try:
            async with self._admitted():
                await self._turn()
                yield
        finally:
            self._counts.leaves()

    def pause(self, seconds: float) -> None:
        """Keep everybody of this process out for a while: the vendor asked this key to wait."""
        counts = self._counts
        with counts.lock:
            counts.closed_until = max(counts.closed_until, anyio.current_time() + seconds)

    async def pause_all(self, seconds: float) -> None:
        """Keep everybody out, also in the other processes."""
        self.pause(seconds)
        if self._shared is not None:
            await self._shared.close_gate(self._name, seconds)

    def affords_retry(self, cost: float) -> bool:
        """Whether one more retry fits into the budget, which then pays for it; successes fill it up again."""
        with self._counts.lock:
            credit = self._limits.retry_credit if self._counts.credit is None else self._counts.credit
            self._counts.credit = credit - cost if credit >= cost else credit
            return credit >= cost

    def slow_down(self) -> None:
        """The vendor said "too fast": from now on jobs are asked after half as often."""
        with self._counts.lock:
            self._counts.stretch = min(self._counts.stretch * 2.0, _SLOWEST)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count a job that is waited for."""
        counts = self._counts
        with counts.lock:
            counts.jobs += 1
        try:
            yield
        finally:
            with counts.lock:
                counts.jobs -= 1

    @property
    def crowd(self) -> tuple[int, float]:
        """How many jobs are waited for, and by what the pauses between questions about them are stretched."""
        return self._counts.jobs, self._counts.stretch

    def succeeded(self) -> None:
        """A request was answered: the budget for retries grows, and jobs are asked after a little sooner."""
        counts = self._counts
        with counts.lock:
            counts.stretch = max(counts.stretch * _RECOVERY, 1.0)
            if counts.credit is not None:
                counts.credit = min(counts.credit + 1.0, self._limits.retry_credit)

    async def _enter(self) -> None:
        while not self._counts.enters(self._limits.requests_at_once):
            woken = anyio.Event()
            wake = _waker(woken)
            with self._counts.lock:
                self._counts.waiting.append(wake)
            try:
                with anyio.move_on_after(1.0):  # whoever was woken instead of us may have been cancelled
                    await woken.wait()
            finally:
                self._counts.forgets(wake)

    async def _turn(self) -> None:
        start = self._counts.turn(self._interval, anyio.current_time())
        # A pause may be announced while we wait.
        while (until := max(start, self._counts.closed_until)) > anyio.current_time():  # noqa: ASYNC110  (no event to wait for)
            await anyio.sleep_until(until)

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        if self._shared is None:
            yield
            return
        ticket = await self._ticket(self._shared)
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
                await self._shared.leave(self._name, ticket)

    async def _ticket(self, shared: SharesGates) -> str:
        while True:
            admission = await shared.admit(self._name, self._limits, self._lease)
            if admission.ticket is None:
                await anyio.sleep(admission.wait)
                continue
            wait = admission.wait
            while wait > 0.0:
                await anyio.sleep(wait)
                wait = await shared.closed(self._name)
            return admission.ticket


def _waker(event: anyio.Event) -> Callable[[], None]:
    """What wakes a task from any thread: an event may only be set in the loop that it belongs to."""
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # trio, where all tasks of a gate are of one loop
        return event.set
    return partial(_wake, loop.call_soon_threadsafe, event)


def _wake(call_soon: Callable[[Callable[[], None]], object], event: anyio.Event) -> None:
    try:
        call_soon(event.set)
    except RuntimeError:  # its loop was closed, so nobody waits there any more
        return
