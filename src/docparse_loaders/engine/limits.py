"""How much is asked of one endpoint at once: connections, requests per second, and a pause for all when it says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from docparse_loaders.policy import Limits


class Gate:
    """One gate per endpoint and key. A request passes when there is room, when it is its turn, and when no pause is on."""

    def __init__(self, limits: Limits) -> None:
        self._room = anyio.CapacityLimiter(limits.requests_at_once)
        self._interval = 1.0 / limits.requests_per_second if limits.requests_per_second else 0.0
        self._next_turn = 0.0
        self._closed_until = 0.0

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Hold a place for the time of one request."""
        async with self._borrowed():
            await self._turn()
            yield

    def pause(self, seconds: float) -> None:
        """Keep everybody out for a while: the vendor asked this key to wait."""
        self._closed_until = max(self._closed_until, anyio.current_time() + seconds)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[None]:
        # A borrower of its own for each request: one task may have several under way.
        ticket = object()
        await self._room.acquire_on_behalf_of(ticket)
        try:
            yield
        finally:
            self._room.release_on_behalf_of(ticket)

    async def _turn(self) -> None:
        while True:
            now = anyio.current_time()
            start = max(self._next_turn, self._closed_until)
            if start <= now:
                self._next_turn = now + self._interval
                return
            if self._interval and self._next_turn >= self._closed_until:
                self._next_turn += self._interval
                await anyio.sleep(start - now)
                return
            await anyio.sleep(start - now)
