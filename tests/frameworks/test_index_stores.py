"""Taking the same files in again and again, in real stores: nothing is there twice, nothing stale is left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.indexing import InMemoryRecordManager, index
from llama_index.core import VectorStoreIndex
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.storage.docstore import SimpleDocumentStore

from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseNodeParser, DocParseReader
from docparse_loaders.vendors.config import VendorConfig
from small_files import QUICK, emulated, written

from . import langchain_stores, llama_index_stores

pytestmark = pytest.mark.filterwarnings("ignore")  # the stores' own, of which there are many
LONG = "\n\n".join(f"# Part {n}\n\nThe valve of part {n} was checked and is tight." for n in range(5))
Open = Callable[[Path, Callable[[], str]], Any]


@pytest.fixture
def vendor() -> Iterator[VendorConfig]:
    with emulated() as (_, vendor):
        yield vendor


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Callable[[], str]:
    """The address of PostgreSQL, if it is asked for."""
    return lambda: str(request.getfixturevalue("postgres"))


@pytest.mark.parametrize("store", langchain_stores.STORES, ids=lambda store: store.__name__)
def test_langchain_index(store: Open, vendor: VendorConfig, tmp_path: Path, address: Callable[[], str]) -> None:
    folder, opened, records = tmp_path / "files", store(tmp_path, address), InMemoryRecordManager("tests")
    records.create_schema()
    written(folder, a=LONG, b=LONG)

    def take() -> tuple[int, int, int]:
        loader = DocParseLoader(folder, vendor=vendor, policy=QUICK)
        done = index(loader, records, opened.store, cleanup="scoped_full", source_id_key="source")
        return done["num_added"], done["num_skipped"], done["num_deleted"]

    assert take() == (10, 0, 0)
    assert [take() for _ in range(3)] == [(0, 10, 0)] * 3
    assert len(opened.search("valve", 100)) == 10
    written(folder, a="# Part 0\n\nOnly this is left.")
    assert take() == (1, 5, 5)
    left = opened.search("valve", 100)
    assert sorted(document.metadata["file_name"] for document in left) == ["a.pdf", *["b.pdf"] * 5]


@pytest.mark.parametrize("store", llama_index_stores.STORES, ids=lambda store: store.__name__)
def test_llama_index_pipeline(store: Open, vendor: VendorConfig, tmp_path: Path, address: Callable[[], str]) -> None:
    folder, opened = tmp_path / "files", store(tmp_path, address)
    if not opened.store.stores_text:
        pytest.skip("this store keeps numbers alone and cannot delete: an index over it is made anew")
    written(folder, a=LONG, b=LONG)
    pipeline = IngestionPipeline(
        transformations=[DocParseNodeParser(), llama_index_stores.Words()],
        docstore=SimpleDocumentStore(),
        vector_store=opened.store,
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )

    def take() -> int:
        documents = DocParseReader(vendor=vendor, policy=QUICK, mode="document").load_data(folder)
        return len(pipeline.run(documents=documents))

    assert take() == 10
    assert [take() for _ in range(3)] == [0, 0, 0]
    opened.index = VectorStoreIndex.from_vector_store(opened.store, embed_model=llama_index_stores.Words())
    assert len(opened.search("valve", 100)) == 10
    written(folder, a="# Part 0\n\nOnly this is left.")
    assert take() == 1
    left = opened.search("valve", 100)
    assert sorted(node.metadata["file_name"] for node in left) == ["a.pdf", *["b.pdf"] * 5]
