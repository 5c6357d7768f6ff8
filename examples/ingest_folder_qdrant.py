"""Keep a folder in Qdrant: parse what is new, embed what changed, delete what is gone. Kill it at any time, run it again.

    uv run python examples/ingest_folder_qdrant.py [FOLDER] [QUESTION]

It all stays on this machine and is kept in the folder `index/`, unless the environment names a vendor (`DOCPARSE_VENDOR=somark`
and `SOMARK_API_KEY`) or a server (`QDRANT_URL`, `QDRANT_API_KEY`). It prints a line for each file (its chunks, how many were
embedded, how many old ones deleted), what failed, and the passages nearest to the question, with page and box.

How it holds: the job store keeps every job and result, so no file is submitted twice. A Document's id is made of its file,
content and options, so Qdrant itself tells what is embedded already; a second list, such as a record manager's, could come to
disagree with it. New chunks are written before old ones are deleted. A file that fails keeps the chunks that it has. After a
kill -9 the next run waits up to 30 s for the jobs that the dead one held; if it was killed between a submit and its answer, and
the vendor cannot be asked, that file is named and not sent again by itself. One collection is for one folder.
"""

import math
import os
import re
import sys
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_qdrant import QdrantVectorStore
from qdrant_client import QdrantClient, models

from docparse_loaders import DocParseError
from docparse_loaders.langchain import DocParseLoader

DATA = Path(__file__).parent / "data"
QUESTION = "How much of the heat do the buried pipes lose?"
COLLECTION = "documents"  # name it anew when you change the embedding: vectors of two models do not compare
SOURCE = "metadata.source"


class WordEmbedding(Embeddings):
    """Counts of words, needs no model. In your application a real embedding stands here, such as OpenAIEmbeddings()."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """A number for each of 2,048 groups of words; a Chinese character is a word, and short words say little."""
        counts = [1e-6] * 2048
        for word in re.findall(r"[一-鿿]|[^\W一-鿿]{4,}", text.lower()):
            counts[crc32(word.removesuffix("s")[:6].encode()) % 2048] += 1
        return [math.log1p(count) for count in counts]


def opened(index: Path) -> QdrantClient:
    """A server if the environment names one, else files in `index`."""
    if url := os.environ.get("QDRANT_URL"):
        return QdrantClient(url=url, api_key=os.environ.get("QDRANT_API_KEY"))
    return QdrantClient(path=str(index / "qdrant"))


def vectors_in(client: QdrantClient, embedding: Embeddings) -> QdrantVectorStore:
    """The collection, made if it is not there."""
    if not client.collection_exists(COLLECTION):
        size = len(embedding.embed_query("size"))
        client.create_collection(COLLECTION, models.VectorParams(size=size, distance=models.Distance.COSINE))
        if "QDRANT_URL" in os.environ:  # what lies in files has no indexes
            client.create_payload_index(COLLECTION, SOURCE, models.PayloadSchemaType.KEYWORD)
    return QdrantVectorStore(client, COLLECTION, embedding)


def ingest(loader: DocParseLoader, vectors: QdrantVectorStore) -> None:
    """Make the collection say what the folder says, file by file, while later ones are being parsed."""
    written = set()
    for source, chunks in groupby(loader.lazy_load(), key=lambda chunk: str(chunk.metadata["source"])):
        replace(vectors, source, list(chunks))
        written.add(source)
    for source in loader.report.parsed.keys() - written:  # parsed, and without any text
        replace(vectors, source, [])
    for source, error in loader.report.errors.items():
        print(f"{Path(source).name}: failed, and keeps the chunks that it has: {error}")
    if loader.report.parsed:  # an empty folder is more likely a drive that is not there than a wish to delete everything
        there = models.MatchAny(any=[*loader.report.parsed, *loader.report.errors])
        gone = delete(vectors, must_not=[models.FieldCondition(key=SOURCE, match=there)])
        print(f"{gone} chunks of files that are gone deleted")


def replace(vectors: QdrantVectorStore, source: str, chunks: list[Document]) -> None:
    """Embed those chunks of a file that are not there yet, then delete those that it has no more."""
    ids = [str(chunk.id) for chunk in chunks]
    known = {str(point.id) for point in vectors.client.retrieve(COLLECTION, ids, with_payload=False)}
    new = [chunk for chunk in chunks if chunk.id not in known]
    vectors.add_documents(new, ids=[chunk.id for chunk in new])
    mine = models.FieldCondition(key=SOURCE, match=models.MatchValue(value=source))
    stale = delete(vectors, must=[mine], must_not=[models.HasIdCondition(has_id=[*ids])])
    print(f"{Path(source).name}: {len(chunks)} chunks, {len(new)} embedded, {stale} old ones deleted")


def delete(vectors: QdrantVectorStore, **conditions: Any) -> int:
    """Delete all points that meet the conditions; how many there were."""
    found = models.Filter(**conditions)
    count = vectors.client.count(COLLECTION, found).count
    if count:
        vectors.client.delete(COLLECTION, models.FilterSelector(filter=found), wait=True)
    return count


def ask(vectors: QdrantVectorStore, question: str) -> None:
    """Print the best passages, each with the page and box to show it at; `boxes_of(document)` has the box of each paragraph."""
    for number, document in enumerate(vectors.similarity_search(question, k=3), start=1):
        facts = document.metadata
        box = " ".join(f"{facts[f'bbox_{edge}']:.2f}" for edge in ("x0", "y0", "x1", "y1"))
        print(f"\n[{number}] {facts['file_name']}, page {facts['page_number']}, box {box}: {facts['headings']}")
        print(f"    {' '.join(document.page_content.partition(chr(10) * 2)[2].split()):.200}…")


def main(folder: str | Path = DATA, question: str = QUESTION, index: str | Path = "index") -> int:
    """Ingest, then ask; 1 if a file failed."""
    Path(index).mkdir(exist_ok=True)
    vendor, store = os.environ.get("DOCPARSE_VENDOR", "local"), Path(index, "jobs.db")
    loader = DocParseLoader(Path(folder).resolve(), vendor=vendor, store=store, on_error="collect")
    with closing(opened(Path(index))) as client:
        vectors = vectors_in(client, WordEmbedding())
        ingest(loader, vectors)
        ask(vectors, question)
    return 1 if loader.report.errors else 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]))
    except DocParseError as error:
        sys.exit(str(error))
