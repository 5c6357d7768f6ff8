"""Pages to one document: blocks joined over page breaks, titles with levels, an outline. Pure and the same for all vendors."""

from collections.abc import Sequence
from dataclasses import dataclass

from docparse_loaders.assemble.headings import with_headings
from docparse_loaders.assemble.linking import join_linked
from docparse_loaders.assemble.mending import Vocabulary, mend
from docparse_loaders.model import Block, Notice, Outline, Page

__all__ = ["Assembly", "assemble"]


@dataclass(frozen=True, slots=True)
class Assembly:
    """A document's blocks in reading order, furniture included, its outline, and what could not be joined."""

    blocks: tuple[Block, ...]
    outline: Outline
    notices: tuple[Notice, ...] = ()


def assemble(pages: Sequence[Page]) -> Assembly:
    """Join the blocks of all pages, in order, and find the outline.

    A joined block keeps the id and the place of its first part and the regions of all; captions stay blocks of their
    own. Words that a line break has parted are made whole where the document shows how they are written. Nothing is raised
    for links that make no sense: see `Assembly.notices`. Blocks that need no change are the same objects as in `pages`.
    """
    notices: list[Notice] = []
    blocks = [block for page in pages for block in page.blocks]
    words = Vocabulary(tuple(blocks))
    if [block for block in blocks if block.continues is not None]:
        blocks = join_linked(blocks, notices, words)
    mend(blocks, words)
    aspects = {page.number: page.width / page.height for page in pages if page.width > 0 and page.height > 0}
    blocks, outline = with_headings(blocks, aspects)
    return Assembly(tuple(blocks), outline, tuple(notices))
