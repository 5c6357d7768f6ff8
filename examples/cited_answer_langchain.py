"""Answer a question from a PDF with quotes that say where they stand: LangChain, without a key, a model or a network.

    uv run python examples/cited_answer_langchain.py [PDF] [QUESTION] [PICTURE]

The PDF becomes LangChain Documents that know their pages, heading path and boxes; a small retriever picks those that
share the rarest words with the question (BM25); each is quoted with its source. PICTURE (`answer.png`, extra `notebook`)
shows the places on their pages.
"""

import math
import re
import sys
import textwrap
from collections import Counter
from pathlib import Path

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from docparse_loaders import DocParseError, StructureChunker, boxes_of, show_sources
from docparse_loaders.langchain import DocParseLoader

REPORT = Path(__file__).parent / "data" / "report.pdf"
QUESTION = "How much of the heat do the buried pipes lose?"


class WordRetriever(BaseRetriever):
    """BM25 over the words of the Documents. In your application the retriever of your vector store stands here."""

    documents: list[Document]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        counts = [Counter(words(f"{found.metadata['headings']} {found.page_content}")) for found in self.documents]
        seen_in = Counter(word for count in counts for word in count)
        rarity = {word: math.log((len(counts) + 1) / (seen_in[word] + 0.5)) for word in set(words(query))}
        mean = sum(count.total() for count in counts) / max(len(counts), 1)

        def score(count: Counter[str]) -> float:
            length = 0.4 + 0.8 * count.total() / mean
            return sum(weight * count[word] / (count[word] + length) for word, weight in rarity.items())

        scored = zip(map(score, counts), self.documents, strict=True)
        return [found for points, found in sorted(scored, key=lambda pair: -pair[0])[:3] if points > 0]


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
    loader = DocParseLoader(pdf, chunker=StructureChunker(max_tokens=200, include_headings=False))
    retriever = WordRetriever(documents=loader.load())
    found = retriever.invoke(question)
    print(question if found else f"{question} Nothing in the file has these words.")
    for number, document in enumerate(found, start=1):
        print(f"\n[{number}] {citation(document.metadata)}\n")
        for line in document.page_content.splitlines():
            print(textwrap.fill(line, 120, initial_indent="    > ", subsequent_indent="    > "))
    if picture and found:
        show_sources(found).save(picture)
    # With a language model: put the numbered passages into its prompt and ask it to cite [1], [2] …


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4])
    except DocParseError as error:
        sys.exit(str(error))
