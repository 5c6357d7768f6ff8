"""A chunker of your own: one chunk for each numbered clause, however many paragraphs and pages it takes.

    uv run python examples/custom_chunker.py [PDF]

Contracts, standards and manuals are cited by clause. `StructureChunker` cuts by size inside a section; this one cuts where
a number such as `3.1` or `第五条` begins, and nowhere else. A chunker is any object with `chunk(document)` and
`fingerprint()`; here it puts the library's own chunks of single blocks together, so that pages, boxes and ids stay right.

It prints a line for each clause: its pages, how many tokens and boxes it has, and how it begins. The same object goes into
LangChain's `DocParseLoader(chunker=…)` and LlamaIndex's `DocParseReader(chunker=…)` and `DocParseNodeParser(chunker=…)`.
"""

import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from docparse_loaders import Chunk, DocParseError, ParsedDocument, boxes_of
from docparse_loaders.chunking import elements, together
from docparse_loaders.langchain import DocParseLoader

REPORT = Path(__file__).parent / "data" / "report.pdf"
NUMBER = r"(?:\d+(?:\.\d+)*\.?|第[一二三四五六七八九十百零\d]+[条章])\s"

_log = logging.getLogger(__name__)


class ClauseChunker:
    """Chunks along numbered clauses; what stands before the first number is a chunk, too.

    A clause is never cut, so one may be longer than your embedding model reads: over `warn_tokens` the log says so.
    """

    def __init__(self, number: str = NUMBER, *, warn_tokens: int = 8000) -> None:
        self._number = re.compile(number)
        self._warn_tokens = warn_tokens

    def chunk(self, doc: ParsedDocument, /) -> Iterator[Chunk]:
        """One chunk a clause, in reading order."""
        clause: list[Chunk] = []
        for block in elements(doc):
            if self._begins(block) and any(one.kinds[0] != "title" for one in clause):  # a bare heading goes with what it heads
                yield self._whole(clause)
                clause = []
            clause.append(block)
        if clause:
            yield self._whole(clause)

    def fingerprint(self) -> str:
        """Name, version and whatever changes the chunks: the ids in an index depend on it. Raise the version with the code."""
        return f"clauses 1 {self._number.pattern}"

    def _begins(self, block: Chunk) -> bool:
        return block.kinds[0] in {"title", "text"} and self._number.match(block.text) is not None

    def _whole(self, blocks: list[Chunk]) -> Chunk:
        chunk = replace(together(blocks), headings=blocks[-1].headings)
        if chunk.token_count > self._warn_tokens:
            _log.warning("page %d: a clause of %d tokens: %.40s…", chunk.page_number, chunk.token_count, chunk.text)
        return chunk


def main(pdf: str | Path = REPORT) -> None:
    """Print where each clause of `pdf` stands."""
    for clause in DocParseLoader(pdf, chunker=ClauseChunker()).lazy_load():
        first, last = clause.metadata["page_number"], clause.metadata["last_page_number"]
        pages = f"page {first}" if first == last else f"pages {first}–{last}"
        size = f"{clause.metadata['token_count']:>5} tokens  boxes {len(boxes_of(clause)):<3}"
        print(f"{pages:<11} {size} {' '.join(clause.page_content.split()):.70}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except DocParseError as error:
        sys.exit(str(error))
