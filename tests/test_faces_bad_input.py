"""Folders and lists as they are: unsupported, broken, empty and missing files among good ones, under each `on_error`."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document as LangChainDocument

from docparse_loaders import errors
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.loading import OnError
from docparse_loaders.vendors.config import VendorConfig
from small_files import QUICK, emulated, written

BAD = {
    "notes.xyz": errors.UnsupportedSource,
    "empty.pdf": errors.EmptySource,
    "broken.pdf": errors.BrokenSource,
    "missing.pdf": errors.SourceNotFound,
}
Face = Any
"""A loader or a reader that has loaded, and the names of the files whose Documents it gave."""
Load = Callable[[Any, VendorConfig, OnError], tuple[Face, list[str]]]


def by_loader(source: Any, vendor: VendorConfig, on_error: OnError) -> tuple[Face, list[str]]:
    loader = DocParseLoader(source, vendor=vendor, policy=QUICK, on_error=on_error)
    return loader, [document.metadata["file_name"] for document in loader.load()]


def by_async_loader(source: Any, vendor: VendorConfig, on_error: OnError) -> tuple[Face, list[str]]:
    loader = DocParseLoader(source, vendor=vendor, policy=QUICK, on_error=on_error)
    return loader, [document.metadata["file_name"] for document in asyncio.run(loader.aload())]


def by_reader(source: Any, vendor: VendorConfig, on_error: OnError) -> tuple[Face, list[str]]:
    reader = DocParseReader(vendor=vendor, policy=QUICK, on_error=on_error)
    return reader, [document.metadata["file_name"] for document in reader.load_data(source)]


def by_async_reader(source: Any, vendor: VendorConfig, on_error: OnError) -> tuple[Face, list[str]]:
    reader = DocParseReader(vendor=vendor, policy=QUICK, on_error=on_error)
    return reader, [document.metadata["file_name"] for document in asyncio.run(reader.aload_data(source))]


FACES = [by_loader, by_async_loader, by_reader, by_async_reader]


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorConfig]:
    with emulated() as (_, vendor):
        yield vendor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, first="First.", last="Last.")
    (tmp_path / "notes.xyz").write_text("no document")
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-9.9 nothing")
    return tmp_path


def listed(folder: Path) -> list[Path]:
    return [folder / name for name in ("first.pdf", *BAD, "last.pdf")]


@pytest.mark.parametrize("load", FACES)
class TestMixed:
    @pytest.mark.parametrize("on_error", ["skip", "collect"])
    def test_a_list_gives_the_good_ones_and_reports_the_others(
        self, load: Load, on_error: OnError, vendor: VendorConfig, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, "docparse_loaders"):
            face, names = load(listed(folder), vendor, on_error)
        assert names == ["first.pdf", "last.pdf"]
        found = {Path(source).name: error for source, error in face.report.errors.items()}
        assert list(found) == list(BAD)
        assert all(isinstance(found[name], kind) for name, kind in BAD.items())
        assert [Path(entry.source).name for entry in face.report.entries] == ["first.pdf", *BAD, "last.pdf"]
        assert sum("was skipped" in message for message in caplog.messages) == (len(BAD) if on_error == "skip" else 0)

    def test_raise_stops_at_the_first_in_order(self, load: Load, vendor: VendorConfig, folder: Path) -> None:
        with pytest.raises(errors.UnsupportedSource, match=r"notes\.xyz"):
            load(listed(folder), vendor, "raise")

    def test_a_folder_takes_what_the_vendor_takes(self, load: Load, vendor: VendorConfig, folder: Path) -> None:
        face, names = load(folder, vendor, "collect")
        assert names == ["first.pdf", "last.pdf"]
        assert sorted(Path(source).name for source in face.report.errors) == ["broken.pdf", "empty.pdf"]

    @pytest.mark.parametrize("on_error", ["raise", "skip", "collect"])
    def test_the_call_itself_is_never_skipped(self, load: Load, on_error: OnError, folder: Path) -> None:
        """A wrong option or a missing key concerns every file."""
        with pytest.raises(errors.ConfigError):
            load(folder, "somark-2", on_error)  # type: ignore[arg-type]  # a vendor that does not exist


def test_documents_before_the_failure_were_given(vendor: VendorConfig, folder: Path) -> None:
    found: list[LangChainDocument] = []
    stream = DocParseLoader(listed(folder), vendor=vendor, policy=QUICK).lazy_load()
    with pytest.raises(errors.UnsupportedSource):
        found.extend(stream)
    assert [document.metadata["file_name"] for document in found] == ["first.pdf"]
