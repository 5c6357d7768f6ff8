"""Everything that a user may hand in becomes the same source, or a sentence that says why not."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest
from langchain_core.documents.base import Blob

from docparse_loaders import errors
from docparse_loaders.errors import DocParseError
from docparse_loaders.source import Source, expand, is_many

PDF = b"%PDF-1.4 body"
SHA = hashlib.sha256(PDF).hexdigest()
SUFFIXES = frozenset({".pdf"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "报告 1.pdf"
    found.write_bytes(PDF)
    return found


def _in_memory(path: Path) -> str:
    fsspec.filesystem("memory").pipe(f"/folder/{path.name}", path.read_bytes())
    return f"memory://folder/{path.name}"


WAYS: dict[str, Callable[[Path], Any]] = {
    "str": str,
    "Path": lambda path: path,
    "file url": Path.as_uri,
    "fsspec": _in_memory,
    "open file": lambda path: path.open("rb"),
    "Blob of a path": Blob.from_path,
    "Blob of bytes": lambda path: Blob.from_data(PDF, path=str(path)),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_name_a_file(path: Path, way: str) -> None:
    given = WAYS[way](path)
    source = Source.of(given)
    facts = source.facts
    assert (facts.name, facts.media_type, facts.size, facts.sha256) == ("报告 1.pdf", "application/pdf", len(PDF), SHA)
    assert source.read() == source.read() == PDF
    if hasattr(given, "close"):
        given.close()


def test_bytes_get_a_name() -> None:
    assert Source.of(PDF).facts.name == "document.pdf"
    assert Source.of(PDF, name="a.pdf").facts.uri == "a.pdf"
    assert Source.of(b"\x89PNG\r\n").facts.name == "document.png"
    assert Source.of(io.BytesIO(PDF)).facts.uri == f"bytes:{SHA[:16]}"
    assert Source.of(PDF, name="report").facts.name == "report.pdf"


def test_a_file_system_of_the_caller() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/own/a.pdf", PDF)
    assert Source.of("/own/a.pdf", fs=memory).facts.sha256 == SHA
    with pytest.raises(errors.SourceNotFound):
        Source.of("/own/none.pdf", fs=memory)


def test_an_address_is_left_to_vendors_that_fetch() -> None:
    source = Source.of("https://user:secret@files.test/a%20b.pdf?sig=1")
    assert (source.facts.uri, source.facts.name) == ("https://files.test/a%20b.pdf", "a b.pdf")
    assert source.facts.url == "https://user:secret@files.test/a%20b.pdf?sig=1"
    with pytest.raises(errors.UnsupportedSource, match="Download the file"):
        source.open()


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ("none.pdf", errors.SourceNotFound, "there is no file 'none.pdf'"),
        (b"", errors.EmptySource, "is empty"),
        (io.StringIO("text"), errors.UnsupportedSource, "open as text"),
        (42, errors.UnsupportedSource, "a int is not a document"),
        ("nosuchscheme://a/b.pdf", errors.UnsupportedSource, "cannot open"),
        (".", errors.UnsupportedSource, "not a regular file"),
    ],
)
def test_what_is_no_document(given: Any, error: type[DocParseError], said: str) -> None:
    with pytest.raises(error, match=said):
        Source.of(given)


@pytest.mark.parametrize("single", ["a.pdf", Path("a.pdf"), b"%PDF", io.BytesIO(b"x"), Blob.from_data(b"x"), 3])
def test_one_input_is_not_many(single: Any) -> None:
    assert not is_many(single)
    assert is_many([single])
    assert is_many(iter([single]))


class TestExpand:
    def test_a_folder_becomes_its_documents_by_name(self, tmp_path: Path) -> None:
        for name in ("b.pdf", "a.PDF", "sub/c.pdf", ".hidden.pdf", ".git/d.pdf", "note.txt"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(PDF)
        found = [Path(one).relative_to(tmp_path).as_posix() for one in expand(tmp_path, SUFFIXES)]
        assert found == ["a.PDF", "b.pdf", "sub/c.pdf"]

    def test_lists_are_walked_and_named_files_taken_as_they_are(self, path: Path) -> None:
        blob = Blob.from_data(PDF)
        given = [str(path), [path.parent], blob, PDF, "note.txt", "s3://bucket/a.pdf"]
        assert list(expand(given, SUFFIXES)) == [str(path), path, blob, PDF, "note.txt", "s3://bucket/a.pdf"]

    @pytest.mark.parametrize("given", [[], (), iter(())])
    def test_nothing_is_an_error(self, given: Any) -> None:
        with pytest.raises(errors.NoDocuments):
            list(expand(given, SUFFIXES))

    def test_a_folder_without_documents_says_what_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_text("x")
        with pytest.raises(errors.NoDocuments, match=r"This vendor takes \.pdf"):
            list(expand(tmp_path, SUFFIXES))

    def test_an_empty_path(self) -> None:
        with pytest.raises(errors.ConfigError):
            list(expand("", SUFFIXES))
