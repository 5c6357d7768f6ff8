"""Both frameworks give the same chunks, ids and metadata: every example, every vendor, every mode, every way in."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document as LangChainDocument
from langchain_core.documents.base import Blob
from llama_index.core.schema import BaseNode

from docparse_loaders import boxes_of
from docparse_loaders.emulator import Emulator
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.langchain import DocParseBlobParser, DocParseLoader
from docparse_loaders.llama_index import DocParseNodeParser, DocParseReader
from docparse_loaders.loading import Mode
from docparse_loaders.vendors.config import VendorConfig
from small_files import BY_ADDRESS, NAMES, QUICK, REMOTE, emulated

MODES: list[Mode] = ["chunks", "elements", "pages", "document"]
Desk = tuple[Emulator, VendorConfig]


@pytest.fixture(scope="module", params=REMOTE)
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with emulated(request.param) as desk:
        yield desk


def given(desk: Desk, examples: Path, name: str) -> str | Path:
    """An example as this vendor takes it."""
    emulator, _ = desk
    path = examples / f"{name}.pdf"
    return emulator.offer(path.name, path.read_bytes()) if emulator.vendor in BY_ADDRESS else path


def options_of(desk: Desk) -> dict[str, Any]:
    """One vendor, and a store, so that a document is parsed once for all the ways to it."""
    return {"vendor": desk[1], "policy": QUICK, "store": MemoryStore()}


def plain(document: Any) -> tuple[str, str, list[tuple[str, Any]]]:
    """Id, text, and metadata in their order."""
    if isinstance(document, LangChainDocument):
        return str(document.id), document.page_content, list(document.metadata.items())
    assert isinstance(document, BaseNode)
    return document.node_id, document.get_content(), list(document.metadata.items())


@pytest.mark.parametrize("name", NAMES)
def test_every_mode_and_every_way_gives_the_same(desk: Desk, examples: Path, name: str) -> None:
    source, options = given(desk, examples, name), options_of(desk)
    for mode in MODES:
        loader, reader = DocParseLoader(source, mode=mode, **options), DocParseReader(mode=mode, **options)
        found = [plain(document) for document in loader.lazy_load()]
        assert len({identifier for identifier, _, _ in found}) == len(found) > 0
        assert found == [plain(document) for document in reader.load_data(source)]
        assert found == [plain(document) for document in asyncio.run(loader.aload())]
        assert found == [plain(document) for document in asyncio.run(reader.aload_data(source))]


@pytest.mark.parametrize("name", NAMES)
def test_nodes_blobs_and_boxes_are_the_same(desk: Desk, examples: Path, name: str) -> None:
    source, options = given(desk, examples, name), options_of(desk)
    loaded = DocParseLoader(source, **options).load()
    read = DocParseReader(mode="document", **options).load_data(source)
    nodes = DocParseNodeParser().get_nodes_from_documents(read)
    assert [plain(node) for node in nodes] == [plain(document) for document in loaded]
    for document, node in zip(loaded, nodes, strict=True):
        assert boxes_of(document) == boxes_of(node) == boxes_of(document.metadata)
    if isinstance(source, Path):
        blobs = Blob.from_path(source), Blob.from_data(source.read_bytes(), path=source.as_posix())
        for blob in blobs:
            parsed = DocParseBlobParser(**options).parse(blob)
            assert [plain(document) for document in parsed] == [plain(document) for document in loaded]


@pytest.mark.parametrize("mode", MODES)
def test_a_second_parse_gives_the_same_again(desk: Desk, examples: Path, mode: Mode) -> None:
    """No job id, time or signed link is in ids, texts or metadata: a record manager would embed everything again."""
    source, submits = given(desk, examples, "paper"), desk[0].submits
    loader = DocParseLoader(source, vendor=desk[1], policy=QUICK, mode=mode)
    assert [plain(document) for document in loader.load()] == [plain(document) for document in loader.load()]
    assert desk[0].submits == submits + 2
