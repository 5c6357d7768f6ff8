"""Vector stores by LlamaIndex's own classes: how each is opened; filters are LlamaIndex's, the same for all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters

from .words import SIZE, vector


class Words(BaseEmbedding):
    """`words.vector` for LlamaIndex."""

    def _get_text_embedding(self, text: str) -> list[float]:
        return vector(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return vector(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return vector(query)


@dataclass
class Opened:
    """A store under an index; `filters` is False for one that cannot filter, so that it is done here, afterwards."""

    store: Any
    filters: bool = True
    index: VectorStoreIndex | None = None

    def add(self, nodes: Sequence[BaseNode]) -> None:
        context = StorageContext.from_defaults(vector_store=self.store)
        self.index = VectorStoreIndex(list(nodes), storage_context=context, embed_model=Words())

    def search(self, text: str, count: int, wanted: dict[str, Any] | None = None) -> list[Any]:
        assert self.index is not None
        filters = MetadataFilters(filters=[MetadataFilter(key=key, value=value) for key, value in (wanted or {}).items()])
        more: dict[str, Any] = {"filters": filters} if wanted and self.filters else {}
        most = count if self.filters else 10_000
        found = [one.node for one in self.index.as_retriever(similarity_top_k=most, **more).retrieve(text)]
        return [node for node in found if node.metadata.items() >= (wanted or {}).items()][:count]


def chroma(folder: Path, _: Callable[[], str]) -> Opened:
    collection = pytest.importorskip("chromadb").EphemeralClient().create_collection(f"t{uuid4().hex}")
    return Opened(pytest.importorskip("llama_index.vector_stores.chroma").ChromaVectorStore(chroma_collection=collection))


def qdrant(folder: Path, _: Callable[[], str]) -> Opened:
    client = pytest.importorskip("qdrant_client").QdrantClient(":memory:")
    return Opened(pytest.importorskip("llama_index.vector_stores.qdrant").QdrantVectorStore("t", client=client))


def lancedb(folder: Path, _: Callable[[], str]) -> Opened:
    stores: Any = pytest.importorskip("llama_index.vector_stores.lancedb")

    class Quoting(stores.LanceDBVectorStore):  # type: ignore[misc]  # known only where it is installed
        """Its own `delete` puts the id between double quotes, which LanceDB reads as the name of a column."""

        def delete(self, ref_doc_id: str, **_: Any) -> None:
            self.table.delete(f"{self.doc_id_key} = '{ref_doc_id}'")

    return Opened(Quoting(uri=str(folder / "lance")))


def milvus(folder: Path, _: Callable[[], str]) -> Opened:
    pytest.importorskip("milvus_lite")
    stores = pytest.importorskip("llama_index.vector_stores.milvus")
    return Opened(stores.MilvusVectorStore(uri=str(folder / "milvus.db"), dim=SIZE, use_async_client=False))


def faiss(folder: Path, _: Callable[[], str]) -> Opened:
    index = pytest.importorskip("faiss").IndexFlatL2(SIZE)
    return Opened(pytest.importorskip("llama_index.vector_stores.faiss").FaissVectorStore(faiss_index=index), filters=False)


def pgvector(folder: Path, address: Callable[[], str]) -> Opened:
    stores, uri = pytest.importorskip("llama_index.vector_stores.postgres"), address()
    return Opened(
        stores.PGVectorStore.from_params(
            connection_string=uri.replace("postgresql://", "postgresql+psycopg2://", 1),
            async_connection_string=uri.replace("postgresql://", "postgresql+asyncpg://", 1),
            table_name=f"t{uuid4().hex}",
            embed_dim=SIZE,
            use_jsonb=True,
            create_engine_kwargs={"poolclass": pytest.importorskip("sqlalchemy").NullPool},  # no connection outlives its use
        )
    )


STORES = (chroma, qdrant, lancedb, milvus, faiss, pgvector)
