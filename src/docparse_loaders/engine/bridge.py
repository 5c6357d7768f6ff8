"""The sync face of async code: in scripts, threads, notebooks and where a loop is already running.

The work runs in an event loop of its own in another thread, with the caller's context variables; nothing is left behind.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from anyio.from_thread import start_blocking_portal

T = TypeVar("T")
_END: Any = object()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Do async work and wait for it."""
    with start_blocking_portal("asyncio") as portal:
        return portal.call(work)


def iterate(make: Callable[[], AsyncGenerator[T, None]]) -> Iterator[T]:
    """Pull from an async generator; its other work goes on between the pulls and is cancelled when this is closed."""
    with start_blocking_portal("asyncio") as portal:
        stream = make()
        try:
            while (item := portal.call(partial(_next, stream))) is not _END:
                yield item
        finally:
            portal.call(stream.aclose)


async def _next(stream: AsyncGenerator[T, None]) -> T:
    return await anext(stream, _END)
