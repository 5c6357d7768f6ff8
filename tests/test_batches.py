"""Many inputs: in which order they come, what each took, and what is left behind when somebody stops half way."""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.stream import completed, ordered
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.somark import SoMark

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=60))


def _pages(data: bytes) -> list[Page]:
    block = Block("p1-0", "text", data.decode().rsplit("\n", 1)[-1], regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
    return [Page(1, 600.0, 800.0, "point", 0, (block,))]


def _files(folder: Path, count: int) -> list[str]:
    paths = [folder / f"file{number}.pdf" for number in range(count)]
    for path in paths:
        path.write_bytes(f"%PDF-1.4\n%%EOF\n{path.stem}".encode())
    return [str(path) for path in paths]


def _somark(emulator: Emulator) -> SoMark:
    return SoMark(base_url=emulator.base_url, api_key="sk-emulator")


class TestOrder:
    def test_each_comes_as_soon_as_it_is_there(self) -> None:
        gates = [asyncio.Event() for _ in range(3)]

        async def work(item: int) -> int:
            await gates[item].wait()
            return item

        async def main() -> list[int]:
            found = []
            stream = completed(range(3), work, 3)
            for item in (2, 0, 1):
                gates[item].set()
                found.append(await anext(stream))
            return found

        assert asyncio.run(main()) == [2, 0, 1]

    def test_an_error_of_the_source_comes_through_bare(self) -> None:
        def broken() -> Iterator[int]:
            yield 1
            message = "no more"
            raise OSError(message)

        async def main() -> None:
            async for _ in completed(broken(), _same, 2):
                pass

        with pytest.raises(OSError, match="no more"):
            asyncio.run(main())

    def test_thousands_of_inputs_are_never_held_at_once(self) -> None:
        taken, most = 0, 0

        def inputs() -> Iterator[int]:
            nonlocal taken
            for taken in range(1, 5_001):  # noqa: UP028  (counted where it is made)
                yield taken

        async def main() -> None:
            nonlocal most
            for make in (ordered, completed):
                given = 0
                async for _ in make(inputs(), _same, 8):
                    given += 1
                    most = max(most, taken - given)
                assert given == 5_000

        asyncio.run(main())
        assert most <= 8 * 3

    def test_a_slow_file_holds_nobody_back(self, tmp_path: Path) -> None:
        files = _files(tmp_path, 3)
        with Emulator("somark", parse=_pages, work_seconds=lambda number: 3.0 if number == 1 else 0.0) as emulator:
            parser = DocParser(_somark(emulator), policy=QUICK)
            first = next(iter(outcomes := parser.parse_many(files, order="completion", concurrency=3)))
            assert (first.error, len(list(outcomes))) == (None, 2)
            assert first.effort.seconds < 3.0

    def test_an_order_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(errors.ConfigError, match="order='random'"):
            list(DocParser("local").parse_many(["a.pdf"], order="random"))  # type: ignore[arg-type]  # that is the mistake


class TestReport:
    def test_every_input_tells_what_it_took(self, tmp_path: Path) -> None:
        files = [*_files(tmp_path, 2), str(tmp_path / "missing.pdf")]
        with Emulator("somark", parse=_pages, faults=[Fault("parse/async", "429")]) as emulator:
            for run in range(2):
                loader = DocParseLoader(
                    files, vendor=_somark(emulator), store=tmp_path / "jobs.db", policy=QUICK, on_error="collect", concurrency=1
                )
                loader.load()
                one, two, missing = loader.report.entries
                assert [Path(entry.source).name for entry in (one, two, missing)] == ["file0.pdf", "file1.pdf", "missing.pdf"]
                assert (one.pages, two.pages, missing.pages) == (1, 1, 0)
                assert isinstance(missing.error, errors.SourceNotFound)
                if run == 0:
                    assert (one.effort.retries, two.effort.retries) == (1, 0)
                    assert one.effort.requests >= two.effort.requests + 1 >= 3
                    assert not one.effort.cached
                else:
                    assert one.effort[:2] == two.effort[:2] == (0, 0)
                    assert one.effort.cached
                    assert two.effort.cached

    def test_documents_that_are_done_survive_another_s_failure(self, tmp_path: Path) -> None:
        files = _files(tmp_path, 6)
        (tmp_path / "file3.pdf").write_bytes(b"")
        with Emulator("somark", parse=_pages) as emulator:
            loader = DocParseLoader(files, vendor=_somark(emulator), policy=QUICK, on_error="collect", concurrency=3)
            assert [document.page_content for document in loader.load()] == [f"file{n}" for n in (0, 1, 2, 4, 5)]
        assert list(loader.report.errors) == [files[3]]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
class TestLeftovers:
    def test_cancelling_leaves_no_task_socket_or_file(self, tmp_path: Path) -> None:
        files = _files(tmp_path, 8)
        with Emulator("somark", parse=_pages, work_seconds=30.0) as emulator:
            parser = DocParser(_somark(emulator), policy=QUICK, store=tmp_path / "jobs.db")

            async def main() -> tuple[int, set[str]]:
                before = _open_files()

                async def consume() -> None:
                    async for _ in parser.aparse_many(files, concurrency=4):
                        pass

                for moment in (0.0, 0.01, 0.05, 0.2, 0.6):
                    task = asyncio.create_task(consume())
                    await asyncio.sleep(moment)
                    task.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await task
                gc.collect()
                for _ in range(100):  # the loop closes what was left, and the emulator its ends, a little later
                    tasks = len(asyncio.all_tasks()) - 1
                    left = {name for name in _open_files() - before if "socket" in name or "jobs.db" in name}
                    if not (tasks or left):
                        break
                    await asyncio.sleep(0.05)
                return tasks, left

            assert asyncio.run(main()) == (0, set())
            assert emulator.submits <= 8


async def _same(item: int) -> int:
    return item


def _open_files() -> set[str]:
    found = set()
    for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208  (a path object for each would be another file)
        try:
            found.add(f"{entry} {os.readlink(f'/proc/self/fd/{entry}')}")  # noqa: PTH115  (as above)
        except FileNotFoundError:
            continue
    return found
