"""An open document as an agent sees it: sections, tables and passages by number, made when they are first asked for."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from docparse_loaders.chunking import Chunk, StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, Block, Heading
from docparse_loaders.render import block_markdown
from docparse_loaders.toolbox.ranking import Ranking

_PASSAGE = 160


class Reading:
    """A parsed document with its parts numbered from 1 as they are named to an agent."""

    def __init__(self, document: ParsedDocument) -> None:
        self.document = document

    @property
    def headings(self) -> Sequence[Heading]:
        """The headings; section `n` is under the n-th of them."""
        return self.document.outline.headings

    @property
    def tables(self) -> Sequence[Block]:
        """The tables, joined over pages."""
        return self.document.tables

    @cached_property
    def passages(self) -> Sequence[Chunk]:
        """Short pieces to find things in."""
        return tuple(StructureChunker(max_tokens=_PASSAGE).chunk(self.document))

    @cached_property
    def ranking(self) -> Ranking:
        """The passages, ready to be asked."""
        return Ranking.of(passage.text for passage in self.passages)

    def section(self, number: int) -> Iterator[Block]:
        """The blocks under a heading, itself first, up to the next one of its level or above."""
        wanted = self.headings[number - 1].block_id
        for block in self.document.blocks:
            path = self.document.paths.get(block.id, ())
            if any(heading.block_id == wanted for heading in path) and block.kind not in FURNITURE:
                yield block

    def pages(self, numbers: Sequence[int]) -> Iterator[Block]:
        """The blocks that stand on these pages, each once, where it begins."""
        wanted = set(numbers)
        for block in self.document.blocks:
            if block.kind not in FURNITURE and any(region.page_number in wanted for region in block.regions):
                yield block


def pieces(blocks: Sequence[Block]) -> list[tuple[Block, str]]:
    """What the blocks say, block by block, as Markdown; those that say nothing are left out."""
    shown = ((block, block_markdown(block)) for block in blocks)
    return [(block, text) for block, text in shown if text]
