"""Where a parser is called from: any thread, any loop, sync or async; and what it does to the loop that it runs in.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal

from docparse_loaders import DocParser
from faults.scene import BY_ADDRESS, VENDORS, document, is_whole, scene


def by_sync(parser: DocParser, given: Any) -> Any:
    return parser.parse(given)


def by_async(parser: DocParser, given: Any) -> Any:
    return asyncio.run(parser.aparse(given))


def in_a_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def in_a_loop(call: Callable[[], Any]) -> Any:
    """Called by code that a loop runs, as in a notebook; an async call there is run by a loop of its own."""

    async def inside() -> Any:
        return call()

    return in_a_thread(lambda: asyncio.run(inside()))


def in_a_portal(call: Callable[[], Any]) -> Any:
    with start_blocking_portal() as portal:
        return portal.call(anyio.to_thread.run_sync, call)


PLACES = {"a script": lambda call: call(), "a thread": in_a_thread, "a running loop": in_a_loop, "a portal": in_a_portal}


def test_row_26_one_parser_works_in_every_loop_and_without_one() -> None:
    """Every way from every place, 21 times in turn, with one and the same parser: no loop's leftovers are in the way."""
    ways: list[Callable[[DocParser, Any], Any]] = [by_sync, by_async]
    runs = [(place, way) for _ in range(3) for place in PLACES for way in ways if (place, way) != ("a running loop", by_async)]
    with scene("mineru") as on:
        parser, before = on.parser(), set(threading.enumerate())
        for number, (place, way) in enumerate(runs):
            found = PLACES[place](lambda way=way, number=number: way(parser, on.source(str(number))))
            assert is_whole(found, str(number)), (place, way)
        assert len(runs) == 21
        assert set(on.bills.values()) == {1}
    assert [thread for thread in threading.enumerate() if thread not in before and not thread.daemon] == []


def test_row_26_two_calls_in_one_loop_do_not_touch_each_other() -> None:
    async def both() -> list[Any]:
        calls: list[Awaitable[Any]] = [parser.aparse(on.source(name)) for name in ("one", "two")]
        sync = asyncio.to_thread(parser.parse, on.source("three"))
        return await asyncio.gather(*calls, sync)

    with scene("scnet", work_seconds=0.2) as on:
        parser = on.parser()
        found = asyncio.run(both())
        assert [is_whole(one, name) for one, name in zip(found, ("one", "two", "three"), strict=True)] == [True] * 3


BLOCKING = frozenset(
    {
        *("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.chmod", "os.truncate", "glob.glob"),
        *("time.sleep", "sqlite3.connect", "subprocess.Popen", "os.system", "fcntl.flock", "fcntl.lockf"),
        *("socket.getaddrinfo", "socket.gethostbyname", "shutil.rmtree", "tempfile.mkstemp", "tempfile.mkdtemp"),
    }
)


class Watch:
    """What blocks a loop's thread, by the interpreter's own audit events; imports aside, which happen once."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.heard: list[str] = []
        sys.addaudithook(self._hear)  # there is no taking it away again, hence `thread`

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if self.thread == threading.get_ident() and event in BLOCKING:
            frame: FrameType | None = sys._getframe(1)
            places = list[str]()
            while frame is not None:
                places.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
                frame = frame.f_back
            if not any("importlib" in place or "linecache" in place for place in places):
                self.heard.append(f"{event} {args[:1]} at {' < '.join(places[:6])}")

    @contextmanager
    def here(self) -> Iterator[list[str]]:
        """What blocks this thread inside the block."""
        self.thread, self.heard = threading.get_ident(), []
        try:
            yield self.heard
        finally:
            self.thread = None


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_27_async_calls_never_block_their_loop(vendor: str, watch: Watch, tmp_path: Path) -> None:
    """From a path on disk to a result in a store, alone and in a batch, new and kept."""
    (tmp_path / "one.pdf").write_bytes(document("one"))

    async def work() -> list[str]:
        parser = on.parser(store=tmp_path / "jobs.db")
        given = on.source("one") if vendor in BY_ADDRESS else tmp_path / "one.pdf"
        with watch.here() as heard:
            parsed = await parser.aparse(given)
            outcomes = [outcome async for outcome in parser.aparse_many([given])]
            job = await parser.asubmit(given)
            resumed = await parser.aresume(job.token)
        assert is_whole(parsed, "one")
        assert is_whole(resumed, "one")
        assert [outcome.effort.cached for outcome in outcomes] == [True]
        return heard

    with scene(vendor) as on:
        on.outcome("first")  # which imports what it needs
        assert asyncio.run(work()) == []


def test_row_27_the_watch_hears_what_blocks(watch: Watch, tmp_path: Path) -> None:
    async def work() -> None:
        (tmp_path / "a").write_bytes(b"")

    with watch.here() as heard:
        asyncio.run(work())
    assert [line.partition(" ")[0] for line in heard] == ["open"]


def test_row_27_a_sync_call_inside_a_loop_works() -> None:
    """It holds its loop up, as every sync call does; it needs nothing from it and leaves nothing in it."""

    async def inside() -> Any:
        found = parser.parse(on.source("one"))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await asyncio.sleep(0)
        return found

    with scene("somark") as on:
        parser = on.parser()
        assert is_whole(asyncio.run(inside()), "one")
