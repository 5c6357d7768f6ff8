"""Vector stores by LangChain's own classes: how each is opened, and how it says "this page of this vendor"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from .words import SIZE, vector


class Words(Embeddings):
    """`words.vector` for LangChain."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return vector(text)


@dataclass(frozen=True)
class Opened:
    """A store, and the options of its search that let through what has these values."""

    store: Any
    only: Callable[[dict[str, Any]], dict[str, Any]]

    def add(self, documents: Sequence[Document]) -> None:
        self.store.add_documents(list(documents), ids=[str(document.id) for document in documents])

    def search(self, text: str, count: int, wanted: dict[str, Any] | None = None) -> list[Any]:
        options = self.only(wanted) if wanted else {}
        found: list[Any] = self.store.similarity_search(text, k=count, **options)
        return found


def chroma(folder: Path, _: Callable[[], str]) -> Opened:
    client = pytest.importorskip("chromadb").EphemeralClient()
    made = pytest.importorskip("langchain_chroma").Chroma(
        client=client, collection_name=f"t{uuid4().hex}", embedding_function=Words()
    )
    return Opened(made, lambda wanted: {"filter": {"$and": [{key: value} for key, value in wanted.items()]}})


def qdrant(folder: Path, _: Callable[[], str]) -> Opened:
    client, models = pytest.importorskip("qdrant_client").QdrantClient(":memory:"), pytest.importorskip("qdrant_client.models")
    client.create_collection("t", vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE))
    made = pytest.importorskip("langchain_qdrant").QdrantVectorStore(client=client, collection_name="t", embedding=Words())

    def only(wanted: dict[str, Any]) -> dict[str, Any]:
        match = [
            models.FieldCondition(key=f"metadata.{key}", match=models.MatchValue(value=value)) for key, value in wanted.items()
        ]
        return {"filter": models.Filter(must=match)}

    return Opened(made, only)


def lancedb(folder: Path, _: Callable[[], str]) -> Opened:
    connection = pytest.importorskip("lancedb").connect(str(folder / "lance"))
    stores = pytest.importorskip("langchain_community.vectorstores")
    made = stores.LanceDB(connection=connection, embedding=Words(), table_name="t", mode="append")
    return Opened(made, lambda wanted: {"filter": _sql(wanted, "metadata.", "="), "prefilter": True})


def milvus(folder: Path, _: Callable[[], str]) -> Opened:
    pytest.importorskip("milvus_lite")
    uri, index = str(folder / "milvus.db"), {"index_type": "FLAT", "metric_type": "L2"}
    made = pytest.importorskip("langchain_milvus").Milvus(Words(), connection_args={"uri": uri}, index_params=index)
    # langchain-milvus asks pymilvus for a connection of its client's name, which clients since pymilvus 2.6 do not make.
    pytest.importorskip("pymilvus").connections.connect(alias=made.alias, uri=uri)
    return Opened(made, lambda wanted: {"expr": _sql(wanted, "", "==")})


def faiss(folder: Path, _: Callable[[], str]) -> Opened:
    index = pytest.importorskip("faiss").IndexFlatL2(SIZE)
    stores = pytest.importorskip("langchain_community.vectorstores")
    docstore = pytest.importorskip("langchain_community.docstore.in_memory").InMemoryDocstore()
    made = stores.FAISS(embedding_function=Words(), index=index, docstore=docstore, index_to_docstore_id={})
    return Opened(made, lambda wanted: {"filter": wanted, "fetch_k": 10_000})


def pgvector(folder: Path, address: Callable[[], str]) -> Opened:
    stores = pytest.importorskip("langchain_postgres")
    sqlalchemy = pytest.importorskip("sqlalchemy")
    uri = address().replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)  # so that no connection outlives its use
    made = stores.PGVector(Words(), connection=engine, collection_name=f"t{uuid4().hex}", use_jsonb=True)
    return Opened(made, lambda wanted: {"filter": {key: {"$eq": value} for key, value in wanted.items()}})


def _sql(wanted: dict[str, Any], prefix: str, equals: str) -> str:
    return " and ".join(f"{prefix}{key} {equals} {value!r}" for key, value in wanted.items())


STORES = (chroma, qdrant, lancedb, milvus, faiss, pgvector)
