"""Both frameworks: the same chunks, ids and metadata, lazily and asynchronously, alone and inside SimpleDirectoryReader."""

import asyncio
import json
import pickle
import threading
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pytest
from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document as LangChainDocument
from langchain_core.documents.base import Blob
from llama_index.core import SimpleDirectoryReader
from llama_index.core.readers.base import ReaderConfig
from llama_index.core.schema import Document as LlamaIndexDocument
from llama_index.core.schema import MetadataMode

from docparse_loaders import StructureChunker, boxes_of, errors, parse
from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.loading import Mode
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.somark import SoMark

QUICK = Policy(poll=Poll(first=0.02, longest=0.1))
KEYS = {
    "source": str,
    "file_name": str,
    "file_type": str,
    "file_sha256": str,
    "vendor": str,
    "model": str,
    "page_number": int,
    "last_page_number": int,
    "total_pages": int,
    "page_width": float,
    "page_height": float,
    "kind": str,
    "headings": str,
    "bbox_x0": float,
    "bbox_y0": float,
    "bbox_x1": float,
    "bbox_y1": float,
    "boxes": str,
    "chunk_id": str,
    "chunk_index": int,
    "token_count": int,
    "schema_version": int,
}
RESERVED = {"id", "_id", "pk", "text", "vector", "embedding", "metadata", "page_content", "doc_id", "document_id", "ref_doc_id"}
FILES = ["report.pdf", "report-zh.pdf", "invoice-scan.pdf", "paper.pdf"]
Loader = partial(DocParseLoader, vendor=Local(ocr="never"))
Reader = partial(DocParseReader, vendor=Local(ocr="never"))
"""What the frameworks are given does not depend on OCR, which takes seconds."""
MODES: list[Mode] = ["chunks", "elements", "pages", "document"]


def _plain(document: LangChainDocument | LlamaIndexDocument) -> tuple[Any, str, dict[str, Any]]:
    if isinstance(document, LangChainDocument):
        return document.id, document.page_content, document.metadata
    return document.id_, document.text, document.metadata


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILES)
def test_both_give_the_same(examples: Path, name: str, mode: Mode) -> None:
    path = examples / name
    loaded = [_plain(document) for document in Loader(path, mode=mode).load()]
    read = [_plain(document) for document in Reader(mode=mode).load_data(path)]
    assert loaded == read
    assert len({identifier for identifier, _, _ in loaded}) == len(loaded) > 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILES)
def test_metadata_is_flat_whole_and_stable(examples: Path, name: str, mode: Mode) -> None:
    documents = Loader(examples / name, mode=mode).load()
    for document in documents:
        assert {key: type(value) for key, value in document.metadata.items()} == KEYS
        assert list(document.metadata) == list(KEYS)
        assert not RESERVED & set(document.metadata)
        assert len(document.metadata["boxes"]) <= 3000
        assert uuid.UUID(document.id).version == 5
        text = json.dumps(document.metadata, allow_nan=False) + document.page_content
        assert "\\u0000" not in text
        assert "\x00" not in text
    assert [_plain(document) for document in Loader(examples / name, mode=mode).load()] == [_plain(d) for d in documents]


def test_ids_differ_by_options_and_by_content(examples: Path) -> None:
    path = examples / "report.pdf"
    small = {document.id for document in Loader(path, chunker=StructureChunker(max_tokens=100)).load()}
    large = {document.id for document in Loader(path, chunker=StructureChunker(max_tokens=101)).load()}
    other = {document.id for document in Loader(examples / "report-zh.pdf", chunker=StructureChunker(max_tokens=100)).load()}
    assert not small & large
    assert not small & other


def test_boxes_come_back_from_either_framework(examples: Path) -> None:
    path = examples / "report.pdf"
    chunks = list(StructureChunker().chunk(parse(path)))
    loaded, read = Loader(path).load(), Reader().load_data(path)
    for chunk, one, other in zip(chunks, loaded, read, strict=True):
        places = [(r.page_number, *(round(corner, 4) for corner in r.bbox)) for r in chunk.regions if r.bbox is not None]
        assert [(r.page_number, *(r.bbox or ())) for r in boxes_of(one)] == places
        assert boxes_of(one) == boxes_of(other) == boxes_of(one.metadata)
    with pytest.raises(errors.ConfigError):
        boxes_of(LangChainDocument("x"))


def test_nested_metadata_is_an_opt_in(examples: Path) -> None:
    flat = Loader(examples / "invoice-scan.pdf").load()
    nested = Loader(examples / "invoice-scan.pdf", metadata_mode="nested").load()
    assert isinstance(nested[0].metadata["boxes"], list)
    assert isinstance(nested[0].metadata["headings"], list)
    assert [boxes_of(document) for document in nested] == [boxes_of(document) for document in flat]


class TestLangChain:
    def test_it_is_a_loader_that_overrides_only_the_lazy_methods(self) -> None:
        assert issubclass(DocParseLoader, BaseLoader)
        assert {"lazy_load", "alazy_load"} <= set(vars(DocParseLoader))
        assert not {"load", "aload", "load_and_split"} & set(vars(DocParseLoader))

    def test_async_gives_the_same_and_is_async(self, examples: Path) -> None:
        async def main() -> list[LangChainDocument]:
            return [document async for document in Loader(examples).alazy_load()]

        assert [_plain(d) for d in asyncio.run(main())] == [_plain(d) for d in Loader(examples).lazy_load()]

    def test_leaving_early_is_fine(self, examples: Path) -> None:
        async def main() -> int:
            async for _ in Loader(examples).alazy_load():
                break
            for _ in range(200):  # what is under way is cancelled step by step
                if len(asyncio.all_tasks()) == 1:
                    break
                await asyncio.sleep(0.05)
            return len(asyncio.all_tasks())

        assert asyncio.run(main()) == 1
        next(iter(Loader(examples).lazy_load()))

    def test_it_works_inside_a_running_loop(self, examples: Path) -> None:
        async def main() -> int:
            return len(Loader(examples / "invoice-scan.pdf").load())

        assert asyncio.run(main()) > 0

    def test_a_loader_is_shared_by_threads(self, examples: Path) -> None:
        loader = Loader(examples / "invoice-scan.pdf")
        results: list[list[Any]] = []
        threads = [threading.Thread(target=lambda: results.append([_plain(d) for d in loader.load()])) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 8
        assert all(result == results[0] for result in results)

    def test_many_inputs_come_one_after_the_other(self, examples: Path) -> None:
        inputs = [examples / "report-zh.pdf", Blob.from_path(examples / "invoice-scan.pdf"), str(examples / "report.pdf")]
        names = [document.metadata["file_name"] for document in Loader(inputs).load()]
        assert list(dict.fromkeys(names)) == ["report-zh.pdf", "invoice-scan.pdf", "report.pdf"]
        assert names == sorted(names, key=["report-zh.pdf", "invoice-scan.pdf", "report.pdf"].index)

    def test_a_progress_bar_is_on_stderr_and_only_if_asked_for(
        self, examples: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Loader(examples / "report-zh.pdf").load()
        assert capsys.readouterr() == ("", "")
        Loader(examples / "report-zh.pdf", progress=True).load()
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "| 1 file: 1 parsed; 5 pages, " in shown.err

    def test_pages(self, examples: Path) -> None:
        documents = Loader(examples / "report.pdf", pages="2,4", mode="pages").load()
        assert [document.metadata["page_number"] for document in documents] == [2, 4]
        assert {document.metadata["total_pages"] for document in documents} == {8}

    @pytest.mark.parametrize("on_error", ["skip", "collect"])
    def test_failures_are_reported_and_the_rest_is_loaded(self, examples: Path, tmp_path: Path, on_error: Any) -> None:
        broken = tmp_path / "broken.pdf"
        broken.write_bytes(b"%PDF-1.4 nothing")
        loader = Loader([broken, examples / "invoice-scan.pdf"], on_error=on_error)
        assert {document.metadata["file_name"] for document in loader.load()} == {"invoice-scan.pdf"}
        assert list(loader.report.errors) == [broken.as_posix()]
        assert list(loader.report.parsed.values()) == [2]
        assert any("page 2" in message for messages in loader.report.warnings.values() for message in messages)

    def test_by_default_the_first_failure_is_raised(self, examples: Path, tmp_path: Path) -> None:
        broken = tmp_path / "broken.pdf"
        broken.write_bytes(b"%PDF-1.4 nothing")
        with pytest.raises(errors.SourceError):
            Loader([examples / "invoice-scan.pdf", broken]).load()

    def test_no_inputs_are_an_error_and_not_nothing(self, tmp_path: Path) -> None:
        for nothing in ([], tmp_path, [tmp_path]):
            with pytest.raises(errors.NoDocuments):
                Loader(nothing).load()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"mode": "chunk"}, "Did you mean 'chunks'"),
            ({"on_error": "ignore"}, "raise, skip, collect"),
            ({"metadata_mode": "flatt"}, "Did you mean 'flat'"),
            ({"vendor": "somrk"}, "Did you mean 'somark'"),
        ],
    )
    def test_wrong_words_are_refused_at_once(self, options: dict[str, Any], said: str) -> None:
        with pytest.raises(errors.ConfigError, match=said):
            DocParseLoader("a.pdf", **options)

    def test_somark(self, examples: Path) -> None:
        with Emulator("somark") as emulator:
            vendor = SoMark(base_url=emulator.base_url, api_key="sk-emulator")
            documents = DocParseLoader(examples / "report.pdf", vendor=vendor, policy=QUICK).load()
        assert {document.metadata["vendor"] for document in documents} == {"somark"}
        assert any(document.metadata["last_page_number"] > document.metadata["page_number"] for document in documents)


class TestLlamaIndex:
    def test_async_gives_the_same(self, examples: Path) -> None:
        reader = Reader()
        read = [_plain(document) for document in reader.load_data(examples)]
        assert [_plain(document) for document in asyncio.run(reader.aload_data(examples))] == read
        assert [_plain(document) for document in asyncio.run(reader.alazy_load_data(examples))] == read
        assert [_plain(document) for document in reader.lazy_load_data(examples)] == read

    def test_technical_keys_are_hidden_from_models(self, examples: Path) -> None:
        document = Reader().load_data(examples / "report.pdf")[3]
        for mode in (MetadataMode.EMBED, MetadataMode.LLM):
            shown = document.get_content(mode)
            assert "boxes" not in shown
            assert "file_sha256" not in shown
            assert "report.pdf" in shown
            assert "page_number" in shown
        assert not document.relationships

    def test_as_a_file_extractor(self, examples: Path) -> None:
        reader = Reader()
        directory = SimpleDirectoryReader(str(examples), required_exts=[".pdf"], file_extractor={".pdf": reader})
        documents = directory.load_data()
        alone = {_plain(d)[0:2] for name in FILES for d in reader.load_data(Path(examples / name).resolve())}
        assert {_plain(document)[0:2] for document in documents} == alone
        assert all(document.metadata["file_path"].endswith(document.metadata["file_name"]) for document in documents)
        again = asyncio.run(directory.aload_data())
        assert [_plain(document) for document in again] == [_plain(document) for document in documents]

    def test_as_a_file_extractor_of_another_file_system(self, examples: Path) -> None:
        memory = fsspec.filesystem("memory")
        memory.pipe("/docs/a.pdf", (examples / "invoice-scan.pdf").read_bytes())
        directory = SimpleDirectoryReader("/docs", fs=memory, file_extractor={".pdf": Reader()}, raise_on_error=True)
        assert {document.metadata["file_name"] for document in directory.load_data()} == {"a.pdf"}

    def test_extra_info_is_added_and_ours_wins(self, examples: Path) -> None:
        extra = {"team": "heat", "file_name": "theirs", "vendor": "local"}
        document = Reader().load_data(examples / "invoice-scan.pdf", extra_info=extra)[0]
        assert document.metadata["team"] == "heat"
        assert document.metadata["file_name"] == "invoice-scan.pdf"
        assert document.metadata["extra_file_name"] == "theirs"
        assert (document.metadata["vendor"], "extra_vendor" in document.metadata) == ("local", False)

    def test_it_is_serialised_without_the_key(self) -> None:
        reader = DocParseReader(vendor=SoMark(api_key="sk-canary", enable_inline_image=True), mode="pages")
        shown = f"{reader.to_dict()} {reader.to_json()} {reader!r} {reader}"
        assert "canary" not in shown
        assert reader.class_name() == reader.to_dict()["class_name"] == "DocParseReader"
        copy = DocParseReader.from_dict(reader.to_dict())
        assert isinstance(copy, DocParseReader)
        assert copy.mode == "pages"
        assert copy.to_dict() == reader.to_dict()
        assert ReaderConfig(reader=reader, reader_args=["a.pdf"]).to_dict()

    def test_it_can_be_pickled(self, examples: Path) -> None:
        copy = pickle.loads(pickle.dumps(Reader(mode="pages")))  # noqa: S301  # our own bytes
        assert len(copy.load_data(examples / "invoice-scan.pdf")) == 2

    def test_an_unknown_field_is_refused(self) -> None:
        with pytest.raises(ValueError, match="modes"):
            DocParseReader(modes="pages")  # type: ignore[call-arg]  # that is the mistake

    def test_failures_are_on_the_report(self, examples: Path, tmp_path: Path) -> None:
        (tmp_path / "empty.pdf").write_bytes(b"")
        reader = Reader(on_error="collect")
        assert len(reader.load_data([tmp_path / "empty.pdf", examples / "invoice-scan.pdf"])) > 0
        assert [type(error) for error in reader.report.errors.values()] == [errors.EmptySource]
