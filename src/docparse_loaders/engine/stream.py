"""Results while the rest is still under way: an async generator that may be left at any point without a mess.

The work runs in a task of its own and not in the generator's, because a generator that is dropped is closed by another
task than the one that opened it, and a task group must not be.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio
import anyio.to_thread

if TYPE_CHECKING:
    import asyncio

    from anyio.abc import ObjectSendStream

T = TypeVar("T")
R = TypeVar("R")


class _Slot(Generic[R]):
    """A place in the order of results, filled when its work is done."""

    def __init__(self) -> None:
        self.filled = anyio.Event()
        self.result: R | None = None
        self.failed = True


async def ordered(items: Iterable[T], work: Callable[[T], Awaitable[R]], concurrency: int) -> AsyncGenerator[R, None]:
    """`work` on up to `concurrency` items at once; results in the order of the items, each as soon as it may come.

    Items are taken one by one as there is room, so an endless iterator is fine. `work` must not raise.
    """
    import asyncio

    # As many again may be done and wait for a slow one before them, or that one would leave the others' places empty.
    send, receive = anyio.create_memory_object_stream[_Slot[R]](2 * concurrency)
    producer = asyncio.create_task(_produce(items, work, concurrency, send))
    try:
        async with receive:
            async for slot in receive:
                await slot.filled.wait()
                if slot.failed:
                    break
                yield _taken(slot)
        await _ended(producer)
    finally:
        await _stopped(producer)


async def completed(items: Iterable[T], work: Callable[[T], Awaitable[R]], concurrency: int) -> AsyncGenerator[R, None]:
    """As `ordered`, but each result as soon as it is there, whichever item it belongs to."""
    import asyncio

    send, receive = anyio.create_memory_object_stream[R](0)
    producer = asyncio.create_task(_produce_completed(items, work, concurrency, send))
    try:
        async with receive:
            async for result in receive:
                yield result
        await _ended(producer)
    finally:
        await _stopped(producer)


async def _produce_completed(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], concurrency: int, send: "ObjectSendStream[R]"
) -> None:
    room = anyio.Semaphore(concurrency)

    async def do(item: T) -> None:
        try:
            await send.send(await work(item))
        finally:
            room.release()

    async with send, anyio.create_task_group() as group:
        async for item in _one_by_one(items):
            await room.acquire()
            group.start_soon(do, item)


async def _stopped(producer: "asyncio.Task[None]") -> None:
    import asyncio

    producer.cancel()
    await asyncio.wait([producer])
    if not producer.cancelled():
        producer.exception()  # asked for, so that the loop does not complain of one that nobody waits for


async def _ended(producer: "asyncio.Task[None]") -> None:
    """Raise what ended the production, bare: the group around it says nothing to a user."""
    try:
        await producer
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def _taken(slot: _Slot[R]) -> R:
    result = slot.result
    slot.result = None
    return result  # type: ignore[return-value]  # filled is set after result


async def _produce(
    items: Iterable[T], work: Callable[[T], Awaitable[R]], concurrency: int, send: "ObjectSendStream[_Slot[R]]"
) -> None:
    room = anyio.Semaphore(concurrency)

    async def fill(slot: _Slot[R], item: T) -> None:
        try:
            slot.result = await work(item)
            slot.failed = False
        finally:
            slot.filled.set()
            room.release()

    async with send, anyio.create_task_group() as group:
        async for item in _one_by_one(items):
            await room.acquire()
            slot = _Slot[R]()
            group.start_soon(fill, slot, item)
            await send.send(slot)


async def _one_by_one(items: Iterable[T]) -> AsyncIterator[T]:
    """Take items in a worker thread: they may come from a folder, and asking for the next one may take its time."""
    iterator, end = iter(items), object()
    while (item := await anyio.to_thread.run_sync(next, iterator, end)) is not end:
        yield item  # type: ignore[misc]  # `end` was excluded
