"""Answer a question from a PDF with quotes that say where they stand: LlamaIndex, without a key, a model or a network.

    uv run python examples/cited_answer_llama_index.py [PDF] [QUESTION] [PICTURE]

The PDF becomes LlamaIndex Documents that know their pages, heading path and boxes; a vector index finds those that
share the rarest words with the question (TF-IDF); each is quoted with its source. PICTURE (`answer.png`, extra `notebook`)
shows the places on their pages.
"""

import math
import re
import sys
import textwrap
from collections import Counter
from pathlib import Path

from llama_index.core import VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding

from docparse_loaders import DocParseError, StructureChunker, boxes_of, show_sources
from docparse_loaders.llama_index import DocParseReader

REPORT = Path(__file__).parent / "data" / "report.pdf"
QUESTION = "How much of the heat do the buried pipes lose?"


class WordEmbedding(BaseEmbedding):
    """A number for each word: how often it occurs by how rare it is. In your application a real embedding stands here."""

    rarity: dict[str, float]

    def _get_text_embedding(self, text: str) -> list[float]:
        counts = Counter(words(text))
        return [1e-6, *(weight * math.log1p(counts[word]) for word, weight in self.rarity.items())]  # never without direction

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def words(text: str) -> list[str]:
    """Words in small letters, cut to a crude stem; each Chinese character is a word."""
    return [word.removesuffix("s")[:6] for word in re.findall(r"[一-鿿]|[^\W一-鿿]+", text.lower())]


def citation(facts: dict[str, object]) -> str:
    """File, pages and heading path, then each box as x0 y0 x1 y1: fractions of the page from its top left."""
    first, last = facts["page_number"], facts["last_page_number"]
    pages = f"page {first}" if first == last else f"pages {first}–{last}"
    boxes = [f"    page {page}, box {' '.join(f'{edge:.2f}' for edge in box or ())}" for page, box in boxes_of(facts)]
    return "\n".join([f"{facts['file_name']}, {pages}: {facts['headings']}", *boxes])


def main(pdf: str | Path = REPORT, question: str = QUESTION, picture: str | Path = "") -> None:
    """Print the passages of `pdf` that answer `question` best, each with its citation, and draw them into `picture`."""
    # Small passages make short quotes; the citation has the heading path, so the text need not repeat it.
    reader = DocParseReader(chunker=StructureChunker(max_tokens=200, include_headings=False))
    documents = reader.load_data(pdf)
    seen_in = Counter(word for document in documents for word in set(words(document.text)))
    rarity = {word: math.log((len(documents) + 1) / times) for word, times in seen_in.items()}
    # `nodes=`, not `from_documents`: the Documents are chunks already and need no splitter.
    index = VectorStoreIndex(nodes=documents, embed_model=WordEmbedding(rarity=rarity))
    found = [hit for hit in index.as_retriever(similarity_top_k=3).retrieve(question) if hit.get_score() > 0.01]
    print(question if found else f"{question} Nothing in the file has these words.")
    for number, hit in enumerate(found, start=1):
        print(f"\n[{number}] {citation(hit.metadata)}\n")
        for line in hit.get_content().splitlines():
            print(textwrap.fill(line, 120, initial_indent="    > ", subsequent_indent="    > "))
    if picture and found:
        show_sources(found).save(picture)
    # With a language model: index.as_query_engine(llm=…); its answer's `source_nodes` have the same metadata.


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4])
    except DocParseError as error:
        sys.exit(str(error))
