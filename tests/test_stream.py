"""Results in order while the rest goes on, and the sync bridge over it: nothing is left behind, whoever leaves early."""

import asyncio
import contextvars
import gc
import threading
import time
from collections.abc import AsyncGenerator, Iterator

import pytest

from docparse_loaders.engine import bridge
from docparse_loaders.engine.stream import ordered

NAME = contextvars.ContextVar("NAME", default="nobody")


async def _slow(item: int) -> int:
    await asyncio.sleep(0.03 if item % 2 else 0.0)
    return item * 10


def _numbers(count: int, *, concurrency: int = 4) -> AsyncGenerator[int, None]:
    return ordered(range(count), _slow, concurrency)


def test_results_come_in_order() -> None:
    async def main() -> list[int]:
        return [item async for item in _numbers(9)]

    assert asyncio.run(main()) == [0, 10, 20, 30, 40, 50, 60, 70, 80]


def test_no_more_than_asked_for_run_at_once_and_all_of_them_do() -> None:
    running, most = 0, 0

    async def work(_: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    async def main() -> None:
        async for _ in ordered(range(40), work, 5):
            pass

    asyncio.run(main())
    assert most == 5


def test_an_endless_source_is_taken_only_as_far_as_needed() -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    async def main() -> None:
        stream = ordered(endless(), _slow, 3)
        assert [await anext(stream) for _ in range(5)] == [10, 20, 30, 40, 50]
        await stream.aclose()

    asyncio.run(main())
    assert taken < 20


def test_an_error_of_the_source_comes_through_bare() -> None:
    def broken() -> Iterator[int]:
        yield 1
        message = "no more"
        raise LookupError(message)

    async def main() -> list[int]:
        return [item async for item in ordered(broken(), _slow, 2)]

    with pytest.raises(LookupError, match="no more"):
        asyncio.run(main())


def test_leaving_early_without_closing_leaves_no_task_behind() -> None:
    async def main() -> int:
        async for _ in _numbers(1000):
            break
        gc.collect()
        await asyncio.sleep(0.05)
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


def _seconds_to_leave() -> float:
    """Until a stream that is left is gone; what other tests keep in memory is not searched for it."""
    gc.collect()
    gc.freeze()
    try:
        stream = bridge.iterate(lambda: _numbers(100_000))
        assert next(stream) == 0
        start = time.monotonic()
        del stream
        gc.collect()
        return time.monotonic() - start
    finally:
        gc.unfreeze()


class TestBridge:
    def test_in_a_script(self) -> None:
        assert bridge.run(lambda: _slow(3)) == 30
        assert list(bridge.iterate(lambda: _numbers(4))) == [0, 10, 20, 30]

    def test_inside_a_running_loop(self) -> None:
        async def main() -> tuple[int, list[int]]:
            return bridge.run(lambda: _slow(3)), list(bridge.iterate(lambda: _numbers(3)))

        assert asyncio.run(main()) == (30, [0, 10, 20])

    def test_in_many_threads(self) -> None:
        results: list[list[int]] = []
        threads = [
            threading.Thread(target=lambda: results.append(list(bridge.iterate(lambda: _numbers(5))))) for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [[0, 10, 20, 30, 40]] * 16

    def test_context_variables_are_seen(self) -> None:
        async def who() -> str:
            return NAME.get()

        token = NAME.set("caller")
        try:
            assert bridge.run(who) == "caller"
        finally:
            NAME.reset(token)

    def test_an_error_comes_through(self) -> None:
        async def fail() -> None:
            message = "as it is"
            raise LookupError(message)

        with pytest.raises(LookupError, match="as it is"):
            bridge.run(fail)

    def test_leaving_early_ends_the_thread_within_a_second(self) -> None:
        before = set(threading.enumerate())
        assert min(_seconds_to_leave() for _ in range(3)) < 1.0
        assert set(threading.enumerate()) <= before
