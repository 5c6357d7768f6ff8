"""The sync face of async code: in scripts, threads, notebooks and where a loop is already running.

The work runs in an event loop of its own in another thread, with the caller's context variables; nothing is left behind.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")
_END: Any = object()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Do async work and wait for it."""
    with start_blocking_portal("asyncio") as portal:
        return portal.call(work)


def iterate(make: Callable[[], AsyncGenerator[T, None]]) -> Iterator[T]:
    """Pull from an async generator; its other work goes on between the pulls and is cancelled when this is closed."""
    with start_blocking_portal("asyncio") as portal:
        feed = _Feed(make())
        try:
            while (item := _pulled(portal, feed)) is not _END:
                yield item
        finally:
            portal.call(feed.close)


def _pulled(portal: BlockingPortal, feed: "_Feed[T]") -> T:
    """The next item; if the caller is interrupted while it waits (Ctrl-C), the work for it is cancelled, too."""
    coming = portal.start_task_soon(feed.pull)
    try:
        return coming.result()
    finally:
        coming.cancel()


class _Feed(Generic[T]):
    """An async generator that can be closed although somebody was pulling from it: one that is running cannot be."""

    def __init__(self, stream: AsyncGenerator[T, None]) -> None:
        self._stream = stream
        self._idle: anyio.Event | None = None

    async def pull(self) -> T:
        """The next item, or the end."""
        idle = self._idle = anyio.Event()
        try:
            return await anext(self._stream, _END)
        finally:
            idle.set()

    async def close(self) -> None:
        """Close it as soon as work that was cancelled has left it."""
        if self._idle is not None:
            await self._idle.wait()
        await self._stream.aclose()
