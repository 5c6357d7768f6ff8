"""The LangChain side: streaming, Blobs from memory, folders and other file systems, and the indexing API."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from langchain_core.document_loaders import BaseBlobParser, BlobLoader
from langchain_core.documents import Document
from langchain_core.documents.base import Blob
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, aindex, index
from langchain_core.vectorstores import InMemoryVectorStore

from docparse_loaders import StructureChunker, errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseBlobLoader, DocParseBlobParser, DocParseLoader
from docparse_loaders.vendors.config import VendorConfig
from small_files import QUICK, emulated, small, written

SMALL = StructureChunker(max_tokens=32)
SECTIONS = "\n\n".join(f"# Part {n}\n\nThe valve of part {n} was checked and is tight." for n in range(6))


@pytest.fixture
def desk() -> Iterator[tuple[Emulator, VendorConfig]]:
    with emulated() as desk:
        yield desk


@pytest.fixture
def vendor(desk: tuple[Emulator, VendorConfig]) -> VendorConfig:
    return desk[1]


class TestStreaming:
    def test_documents_come_while_later_files_are_still_parsed(self, tmp_path: Path) -> None:
        files = written(tmp_path, a=SECTIONS, b=SECTIONS, c="Late.")
        with emulated(work_seconds=lambda number: 30.0 if number == 3 else 0.0) as (_, vendor):
            stream = DocParseLoader(files, vendor=vendor, policy=QUICK, concurrency=1).lazy_load()
            start = time.monotonic()
            early = [next(stream) for _ in range(12)]
            stream.close()  # type: ignore[attr-defined]  # a generator
            assert time.monotonic() - start < 25.0
        assert [document.metadata["file_name"] for document in early] == ["a.pdf"] * 6 + ["b.pdf"] * 6

    def test_the_same_without_blocking_the_loop(self, tmp_path: Path) -> None:
        files = written(tmp_path, a=SECTIONS, b="Late.")

        async def early(loader: DocParseLoader) -> list[str]:
            found = []
            async for document in loader.alazy_load():
                found.append(document.metadata["file_name"])
                if len(found) == 6:
                    break
            return found

        with emulated(work_seconds=lambda number: 30.0 if number == 2 else 0.0) as (_, vendor):
            loader = DocParseLoader(files, vendor=vendor, policy=QUICK, concurrency=1)
            assert asyncio.run(asyncio.wait_for(early(loader), 25)) == ["a.pdf"] * 6

    def test_sources_are_never_interleaved(self, tmp_path: Path) -> None:
        files = written(tmp_path, **{f"f{n}": SECTIONS for n in range(8)})
        with emulated(work_seconds=lambda number: 0.3 / number) as (_, vendor):
            names = [document.metadata["file_name"] for document in DocParseLoader(files, vendor=vendor, policy=QUICK).load()]
        assert names == [file.name for file in files for _ in range(6)]


class TestBlobs:
    def test_it_is_a_blob_parser(self) -> None:
        assert issubclass(DocParseBlobParser, BaseBlobParser)
        assert not {"parse"} & set(vars(DocParseBlobParser))

    def test_a_blob_in_memory_and_one_on_disk_give_what_the_loader_gives(self, vendor: VendorConfig, tmp_path: Path) -> None:
        [file] = written(tmp_path, a=SECTIONS)
        parser = DocParseBlobParser(vendor=vendor, policy=QUICK)
        loaded = DocParseLoader(file, vendor=vendor, policy=QUICK).load()
        assert parser.parse(Blob.from_path(file)) == loaded
        assert parser.parse(Blob.from_data(file.read_bytes(), path=file.as_posix())) == loaded
        assert list(parser.report.parsed.values()) == [1]

    def test_without_blocking_the_loop(self, vendor: VendorConfig, tmp_path: Path) -> None:
        [file] = written(tmp_path, a=SECTIONS)
        parser = DocParseBlobParser(vendor=vendor, policy=QUICK)

        async def main() -> list[Document]:
            return [document async for document in parser.alazy_parse(Blob.from_path(file))]

        assert asyncio.run(main()) == parser.parse(Blob.from_path(file))

    def test_one_without_a_name_is_named_by_its_content(self, vendor: VendorConfig) -> None:
        parser = DocParseBlobParser(vendor=vendor, policy=QUICK)
        one, same, other = (parser.parse(Blob.from_data(small(text))) for text in ("One.", "One.", "Other."))
        assert one == same
        assert one[0].metadata["file_name"] == "document.pdf"
        assert one[0].metadata["source"].startswith("bytes:")
        assert len({one[0].metadata["source"], other[0].metadata["source"], one[0].id, other[0].id}) == 4

    def test_its_type_is_told_by_its_mimetype_where_its_bytes_do_not_tell(self) -> None:
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        with pytest.raises(errors.BrokenSource):  # so it was taken for Word
            DocParseBlobParser().parse(Blob.from_data(b"PK\x03\x04 nothing", mime_type=word))
        with pytest.raises(errors.UnsupportedSource, match="document"):
            DocParseBlobParser().parse(Blob.from_data(b"nothing that anyone knows"))

    def test_its_metadata_is_kept_and_ours_wins(self, vendor: VendorConfig) -> None:
        blob = Blob.from_data(small("Text."), metadata={"source": "crm/7", "team": "heat", "vendor": "theirs", "model": None})
        metadata = DocParseBlobParser(vendor=vendor, policy=QUICK).parse(blob)[0].metadata
        assert (metadata["source"], metadata["team"]) == ("crm/7", "heat")
        assert (metadata["vendor"], metadata["extra_vendor"]) == ("somark", "theirs")
        assert "extra_model" not in metadata
        assert "extra_source" not in metadata

    def test_failures_are_on_the_report(self) -> None:
        parser = DocParseBlobParser(on_error="collect")
        assert parser.parse(Blob.from_data(b"")) == []
        assert [type(error) for error in parser.report.errors.values()] == [errors.EmptySource]


class TestBlobLoader:
    def test_a_folder(self, tmp_path: Path) -> None:
        files = written(tmp_path / "in" / "deep", b="B.", a="A.")
        (tmp_path / "in" / "notes.xyz").write_text("not a document")
        written(tmp_path / "in" / ".hidden", c="C.")
        loader = DocParseBlobLoader(tmp_path / "in")
        assert isinstance(loader, BlobLoader)
        blobs = list(loader.yield_blobs())
        assert [blob.path for blob in blobs] == sorted(files)
        assert all(blob.data is None for blob in blobs)
        assert [blob.source for blob in blobs] == [file.as_posix() for file in sorted(files)]

    def test_folders_of_another_file_system(self) -> None:
        memory = fsspec.filesystem("memory")
        for name in ("b/two.pdf", "a.pdf", ".b/three.pdf", "four.xyz"):
            memory.pipe(f"/blobs/{name}", small(name))
        for loader in (DocParseBlobLoader("memory://blobs"), DocParseBlobLoader("/blobs", fs=memory)):
            blobs = list(loader.yield_blobs())
            assert [blob.as_bytes() for blob in blobs] == [small("a.pdf"), small("b/two.pdf")]
            assert [str(blob.source).rpartition("blobs/")[2] for blob in blobs] == ["a.pdf", "b/two.pdf"]
            assert {blob.mimetype for blob in blobs} == {"application/pdf"}
        memory.pipe("/nothing/four.xyz", b"four")
        with pytest.raises(errors.NoDocuments, match=r"no documents in 'memory://nothing'\. It takes .*\.pdf"):
            list(DocParseBlobLoader("memory://nothing").yield_blobs())
        with pytest.raises(errors.SourceNotFound):
            list(DocParseBlobLoader("memory://nowhere").yield_blobs())

    def test_from_folder_to_documents(self, vendor: VendorConfig) -> None:
        memory = fsspec.filesystem("memory")
        memory.pipe("/ways/a.pdf", small(SECTIONS))
        parser = DocParseBlobParser(vendor=vendor, policy=QUICK)
        found = [d for blob in DocParseBlobLoader("memory://ways").yield_blobs() for d in parser.lazy_parse(blob)]
        assert [document.metadata["file_name"] for document in found] == ["a.pdf"] * 6
        assert {document.metadata["source"] for document in found} == {"memory:///ways/a.pdf"}


class Shelf:
    """A vector store and its record manager."""

    def __init__(self) -> None:
        self.store = InMemoryVectorStore(DeterministicFakeEmbedding(size=8))
        self.records = InMemoryRecordManager("tests")
        self.records.create_schema()

    def take(self, source: Any, **options: Any) -> tuple[int, int, int]:
        """Index; how many were added, skipped and deleted."""
        done = index(source, self.records, self.store, source_id_key="source", key_encoder="sha256", **options)
        return done["num_added"], done["num_skipped"], done["num_deleted"]

    async def atake(self, source: Any) -> tuple[int, int, int]:
        done = await aindex(
            source, self.records, self.store, source_id_key="source", key_encoder="sha256", cleanup="scoped_full"
        )
        return done["num_added"], done["num_skipped"], done["num_deleted"]

    def texts(self) -> list[str]:
        return sorted(entry["text"] for entry in self.store.store.values())


class TestIndex:
    def loader(self, source: Any, vendor: VendorConfig, **options: Any) -> DocParseLoader:
        return DocParseLoader(source, vendor=vendor, policy=QUICK, **options)

    def test_unchanged_files_are_skipped_and_nothing_is_there_twice(self, vendor: VendorConfig, tmp_path: Path) -> None:
        written(tmp_path, a=SECTIONS, b=SECTIONS)
        shelf = Shelf()
        assert shelf.take(self.loader(tmp_path, vendor), cleanup="scoped_full") == (12, 0, 0)
        for _ in range(3):
            assert shelf.take(self.loader(tmp_path, vendor), cleanup="scoped_full") == (0, 12, 0)
        assert len(shelf.store.store) == 12

    def test_a_file_that_shrank_leaves_no_stale_chunks(self, vendor: VendorConfig, tmp_path: Path) -> None:
        written(tmp_path, a=SECTIONS, b=SECTIONS)
        shelf = Shelf()
        shelf.take(self.loader(tmp_path, vendor), cleanup="scoped_full")
        written(tmp_path, a="# Part 0\n\nOnly this is left.")
        assert shelf.take(self.loader(tmp_path, vendor), cleanup="scoped_full") == (1, 6, 6)
        assert sum("left" in text for text in shelf.texts()) == 1
        assert len(shelf.texts()) == 7

    def test_only_the_files_of_this_run_are_cleaned(self, vendor: VendorConfig, tmp_path: Path) -> None:
        first, second = written(tmp_path, a=SECTIONS, b=SECTIONS)
        shelf = Shelf()
        shelf.take(self.loader([first, second], vendor), cleanup="scoped_full")
        written(tmp_path, a="Changed.")
        assert shelf.take(self.loader(first, vendor), cleanup="scoped_full") == (1, 0, 6)
        assert len(shelf.texts()) == 7

    def test_a_large_source_in_small_batches(self, vendor: VendorConfig, tmp_path: Path) -> None:
        many = "\n\n".join(f"# Part {n}\n\nText of part {n}." for n in range(60))
        files = written(tmp_path, a=many, b=many)
        shelf = Shelf()
        assert shelf.take(self.loader(files, vendor), cleanup="scoped_full", batch_size=7) == (120, 0, 0)
        assert shelf.take(self.loader(files, vendor), cleanup="scoped_full", batch_size=7) == (0, 120, 0)

    def test_asynchronously(self, vendor: VendorConfig, tmp_path: Path) -> None:
        written(tmp_path, a=SECTIONS)
        shelf = Shelf()

        async def main() -> list[tuple[int, int, int]]:
            runs = [await shelf.atake(self.loader(tmp_path, vendor)) for _ in range(2)]
            return [*runs, await shelf.atake(self.loader(tmp_path, vendor).alazy_load())]

        assert asyncio.run(main()) == [(6, 0, 0), (0, 6, 0), (0, 6, 0)]

    def test_a_failure_touches_no_store(self, vendor: VendorConfig, tmp_path: Path) -> None:
        [first, second] = written(tmp_path, a=SECTIONS, b=SECTIONS)
        shelf = Shelf()
        shelf.take(self.loader([first, second], vendor), cleanup="full")
        second.write_bytes(b"")
        with pytest.raises(errors.EmptySource):
            shelf.take(self.loader([first, second], vendor), cleanup="full")
        assert len(shelf.texts()) == 12
        # What is skipped keeps what was there with "scoped_full", and would lose it with "full".
        assert shelf.take(self.loader([first, second], vendor, on_error="skip"), cleanup="scoped_full") == (0, 6, 0)
        assert len(shelf.texts()) == 12

    def test_a_whole_file_keeps_its_id_when_it_changes(self, vendor: VendorConfig, tmp_path: Path) -> None:
        [file] = written(tmp_path, a="One.\fTwo.")
        before, other = self.loader(file, vendor, mode="document").load(), self.loader(file, vendor, mode="pages").load()
        second = self.loader(file, vendor, mode="document", pages=2).load()
        written(tmp_path, a="Changed.")
        after = self.loader(file, vendor, mode="document").load()
        assert before[0].id == after[0].id
        assert before[0].page_content != after[0].page_content
        assert len({before[0].id, second[0].id, *(document.id for document in other)}) == 4
