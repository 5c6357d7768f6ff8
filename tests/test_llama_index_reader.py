"""The LlamaIndex reader: inside SimpleDirectoryReader, as a component that is stored, as resources, and what it tells."""

import asyncio
import json
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import fsspec
import pytest
from llama_index.core import SimpleDirectoryReader
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # public, their stubs are not
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.readers.base import ResourcesReaderMixin
from llama_index.core.schema import Document

from docparse_loaders import JobStore, StructureChunker, errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.llama_index import (
    DocParseDoneEvent,
    DocParseEvent,
    DocParsePollEvent,
    DocParseReader,
    DocParseSubmitEvent,
)
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.somark import SoMark
from small_files import QUICK, emulated, small, written

Desk = tuple[Emulator, VendorConfig]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with emulated() as desk:
        yield desk


@pytest.fixture
def reader(desk: Desk) -> DocParseReader:
    return DocParseReader(vendor=desk[1], policy=QUICK)


def names(documents: list[Document]) -> list[str]:
    return [document.metadata["file_name"] for document in documents]


class TestSimpleDirectoryReader:
    def test_a_whole_folder_at_once_keeps_to_the_readers_own_limit(self, tmp_path: Path) -> None:
        """LlamaIndex starts a load for every file at the same moment."""
        written(tmp_path, **{f"f{n:03}": f"File {n}." for n in range(150)})
        with emulated(work_seconds=0.05) as (emulator, vendor):
            reader = DocParseReader(vendor=vendor, policy=QUICK, concurrency=3)
            directory = SimpleDirectoryReader(str(tmp_path), file_extractor={".pdf": reader}, raise_on_error=True)
            documents = asyncio.run(directory.aload_data())
            assert names(documents) == [f"f{n:03}.pdf" for n in range(150)]
            assert most_open(emulator) == 3

    def test_threads_share_the_limit(self, tmp_path: Path) -> None:
        files = written(tmp_path, **{f"f{n}": f"File {n}." for n in range(12)})
        with emulated(work_seconds=0.3) as (emulator, vendor), ThreadPoolExecutor(12) as pool:
            reader = DocParseReader(vendor=vendor, policy=QUICK, concurrency=2)
            assert [names(found) for found in pool.map(reader.load_data, files)] == [[file.name] for file in files]
            assert most_open(emulator) == 2

    def test_sync_and_async_and_with_workers_give_the_same(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        emulator, _ = desk
        for name, value in emulator.environment.items():  # a pickled reader has no key: its processes ask the environment
            monkeypatch.setenv(name, value)
        written(tmp_path, a="A.\fB.", b="B.", c="C.")
        reader = DocParseReader(vendor="somark", policy=QUICK, mode="pages")
        directory = SimpleDirectoryReader(str(tmp_path), file_extractor={".pdf": reader}, raise_on_error=True)
        found = directory.load_data()
        assert names(found) == ["a.pdf", "a.pdf", "b.pdf", "c.pdf"]
        assert asyncio.run(directory.aload_data()) == found
        assert asyncio.run(directory.aload_data(num_workers=2)) == found
        assert directory.load_data(num_workers=2) == found

    def test_another_file_system(self, reader: DocParseReader) -> None:
        memory = fsspec.filesystem("memory")
        memory.pipe("/sdr/a.pdf", small("Far away."))
        directory = SimpleDirectoryReader("/sdr", fs=memory, file_extractor={".pdf": reader}, raise_on_error=True)
        for documents in (directory.load_data(), asyncio.run(directory.aload_data())):
            assert [document.text for document in documents] == ["Far away."]
            assert "extra_file_name" not in documents[0].metadata

    def test_extra_info_that_clashes(self, reader: DocParseReader, tmp_path: Path) -> None:
        [file] = written(tmp_path, a="A.")
        extra = {"team": "heat", "vendor": "theirs", "page_number": 99, "file_name": "a.pdf", "model": None}
        for documents in (reader.load_data(file, extra), asyncio.run(reader.aload_data(file, extra))):
            metadata = documents[0].metadata
            assert (metadata["team"], metadata["vendor"], metadata["page_number"]) == ("heat", "somark", 1)
            assert (metadata["extra_vendor"], metadata["extra_page_number"]) == ("theirs", 99)
            assert not {"extra_file_name", "extra_model", "extra_team"} & set(metadata)


def most_open(emulator: Emulator) -> int:
    """How many jobs were open at once: each from the arrival of its file to the last question about it."""
    submits = [request.at for request in emulator.requests if request.files]
    last = {name: request.at for request in emulator.requests if (name := dict(request.form).get("task_id"))}
    assert len(submits) == len(last)
    opened = most = 0
    for _, step in sorted([*((at, 1) for at in submits), *((at, -1) for at in last.values())]):
        opened += step
        most = max(most, opened)
    return most


class TestComponent:
    def whole(self) -> DocParseReader:
        return DocParseReader(
            vendor=SoMark(api_key="sk-canary", enable_inline_image=True),
            mode="pages",
            chunker=StructureChunker(max_tokens=99, tables="rows"),
            pages=range(2, 5),
            store="jobs.db",
            on_error="collect",
            concurrency=3,
            policy=Policy(poll=Poll(first=2.0)),
            metadata_mode="nested",
        )

    def test_nothing_but_the_key_is_lost_in_json(self) -> None:
        reader = self.whole()
        text = reader.to_json()
        assert "canary" not in f"{text} {reader!r} {reader.to_dict()}"
        copy = DocParseReader.from_dict(json.loads(text))
        assert copy.to_dict() == reader.to_dict()
        assert copy.policy == reader.policy
        assert copy.chunker.fingerprint() == reader.chunker.fingerprint()
        assert (copy.pages, copy.store) == ("2-4", "jobs.db")
        assert reader.class_name() == json.loads(text)["class_name"] == "DocParseReader"

    def test_a_job_store_is_kept_as_its_path(self, tmp_path: Path) -> None:
        path = tmp_path / "jobs.db"
        for store in (path, str(path), JobStore(path)):
            reader = DocParseReader(store=store)
            assert reader.store is store or reader.store == store
            assert json.loads(reader.to_json())["store"] == str(path)

    def test_a_tokenizer_is_asked_for_again_and_not_forgotten(self) -> None:
        reader = DocParseReader(chunker=StructureChunker(tokenizer=len))
        kept = json.loads(reader.to_json())
        with pytest.raises(errors.ConfigError, match="tokenizer"):
            DocParseReader.from_dict(kept)
        copy = DocParseReader.from_dict(kept, chunker=StructureChunker(tokenizer=len))
        assert copy.to_dict() == reader.to_dict()

    def test_a_wrong_chunker_is_refused(self) -> None:
        with pytest.raises(errors.ConfigError, match="is not a chunker"):
            DocParseReader(chunker="small")

    def test_a_copy_from_a_pickle_works(self, reader: DocParseReader, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        [file] = written(tmp_path, a="A.")
        copy = pickle.loads(pickle.dumps(reader))  # noqa: S301  # our own bytes
        assert copy.to_dict() == reader.to_dict()
        assert caplog.records == []  # LlamaIndex logs what it leaves out
        assert reader.load_data(file)


class TestLazily:
    def test_both_ways_that_users_write(self, reader: DocParseReader, tmp_path: Path) -> None:
        files = written(tmp_path, a="A.", b="B.")

        async def main() -> tuple[list[Document], ...]:
            streamed = [document async for document in reader.alazy_load_data(files)]
            awaited = list(await reader.alazy_load_data(files))
            task = asyncio.create_task(reader.alazy_load_data(files))
            return streamed, awaited, list(await task)

        streamed, awaited, task = asyncio.run(main())
        assert streamed == awaited == task == list(reader.lazy_load_data(files))
        assert list(asyncio.run(reader.alazy_load_data(files))) == streamed

    def test_leaving_a_stream_cancels_its_work(self, tmp_path: Path) -> None:
        files = written(tmp_path, a="A.", b="B.")

        async def main(reader: DocParseReader) -> str:
            async for document in reader.alazy_load_data(files):
                return str(document.text)
            return ""

        with emulated(work_seconds=lambda number: 30.0 if number == 2 else 0.0) as (_, vendor):
            reader = DocParseReader(vendor=vendor, policy=QUICK, concurrency=1)
            assert asyncio.run(asyncio.wait_for(main(reader), 25)) == "A."


class TestResources:
    def test_they_are_listed_described_and_loaded(self, reader: DocParseReader, tmp_path: Path) -> None:
        files = written(tmp_path, b="B.", a="A.")
        (tmp_path / "c.xyz").write_text("no")
        assert isinstance(reader, ResourcesReaderMixin)
        listed = reader.list_resources(tmp_path)
        assert listed == [str(file) for file in sorted(files)] == asyncio.run(reader.alist_resources(tmp_path))
        info = reader.list_resources_with_info(tmp_path)
        assert [one["file_name"] for one in info.values()] == ["a.pdf", "b.pdf"]
        assert info[listed[0]]["file_size"] == len(small("A."))
        assert [document.text for document in reader.load_resource(listed[1])] == ["B."]
        assert names(reader.load_resources(listed)) == ["a.pdf", "b.pdf"]
        found = asyncio.run(reader.aload_resources(listed))
        assert {name: names(documents) for name, documents in found.items()} == {listed[0]: ["a.pdf"], listed[1]: ["b.pdf"]}

    def test_those_of_another_file_system(self, reader: DocParseReader) -> None:
        memory = fsspec.filesystem("memory")
        memory.pipe("/resources/a.pdf", small("A."))
        assert reader.list_resources("memory://resources") == ["memory:///resources/a.pdf"]
        [there] = reader.list_resources("/resources", fs=memory)
        assert reader.get_resource_info(there, fs=memory)["file_type"] == "application/pdf"
        assert [document.text for document in reader.load_resource(there, fs=memory)] == ["A."]


class Heard(BaseEventHandler):
    """Keeps what it hears of ours."""

    events: list[Any] = []  # noqa: RUF012  # pydantic copies it

    def handle(self, event: Any, **kwargs: Any) -> None:
        if isinstance(event, DocParseEvent):
            self.events.append(event)


@pytest.fixture(params=["docparse_loaders", "root"])
def heard(request: pytest.FixtureRequest) -> Iterator[Heard]:
    handler, dispatcher = Heard(), get_dispatcher(request.param)
    dispatcher.event_handlers.append(handler)
    yield handler
    dispatcher.event_handlers.remove(handler)


class TestEvents:
    def test_submit_poll_and_done_are_told(self, heard: Heard, tmp_path: Path) -> None:
        good, bad = *written(tmp_path, good="A.\fB."), tmp_path / "bad.pdf"
        bad.write_bytes(b"")
        with emulated(work_seconds=0.2) as (_, vendor):
            DocParseReader(vendor=vendor, policy=QUICK, on_error="collect").load_data([good, bad])
        mine = [event for event in heard.events if event.source == good.as_posix()]
        assert isinstance(mine[0], DocParseSubmitEvent)
        assert len(mine) > 2
        assert all(type(event) is DocParsePollEvent and event.status for event in mine[1:-1])
        done = mine[-1]
        assert isinstance(done, DocParseDoneEvent)
        assert (done.pages, done.error, done.vendor, done.cached) == (2, "", "somark", False)
        assert done.requests >= 2
        [failed] = [event for event in heard.events if event.source != good.as_posix()]
        assert "empty" in failed.error
        assert failed.class_name() == "DocParseDoneEvent"
        assert json.loads(failed.model_dump_json())["source"] == bad.as_posix()

    def test_nobody_is_told_when_nobody_listens(self, reader: DocParseReader, tmp_path: Path) -> None:
        from docparse_loaders.llama_index import events

        assert not events.is_heard()
        assert reader._loading().on_outcome is None
        assert reader.load_data(written(tmp_path, a="A.")[0])
