"""Blocks as the chunker handles them: their text, what it costs, and the blocks that it came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.model import FURNITURE, Block, Kind, Region
from docparse_loaders.render import block_text

BY_LINES: frozenset[Kind] = frozenset({"list", "toc", "reference", "code"})
"""Kinds whose lines mean something: kept whole before sentences are, and set close to each other."""

GAP = "\n\n"
"""What stands between the pieces of a chunk."""

_CLOSE: frozenset[Kind] = frozenset({"list", "toc", "reference"})


class Piece(NamedTuple):
    """Text that goes into one chunk together, and the blocks of which it is (a part of) the text.

    `regions` are given where they are fewer than those of the blocks. `repeated` text was in the chunk before.
    """

    text: str
    tokens: int
    blocks: tuple[Block, ...]
    table: TablePart | None = None
    regions: tuple[Region, ...] | None = None
    repeated: bool = False

    @property
    def kind(self) -> Kind:
        """That of the block itself, which comes after its captions."""
        return self.blocks[-1].kind


class Item(NamedTuple):
    """A block of the reading order with the captions that belong to it."""

    block: Block
    captions: tuple[Block, ...]


def items(blocks: Sequence[Block], *, furniture: bool) -> Iterator[Item]:
    """The blocks in reading order, each caption with the first block that claims it and not on its own.

    Page furniture is left out unless wanted.
    """
    shown = blocks if furniture else [block for block in blocks if block.kind not in FURNITURE]
    claims = _claims([block for block in shown if block.caption_ids], shown)
    owned = {caption.id for captions in claims.values() for caption in captions}
    for block in shown:
        if block.id not in owned:
            yield Item(block, claims.get(block.id, ()))


def text_of(block: Block) -> str:
    """What a block says, without blank space around it; what a model wrote about a picture is marked as such."""
    text = block_text(block).strip()
    return f"Description: {text}" if block.generated and text else text


def joined(pieces: Sequence[Piece]) -> str:
    """The pieces as one text, a blank line between them; list items follow each other line by line."""
    texts = [piece.text for piece in pieces]
    close = [piece.blocks[-1].kind in _CLOSE for piece in pieces]
    if True not in close:
        return GAP.join(texts)
    gaps = ["\n" if both else GAP for both in map(all, pairwise(close))]
    return "".join(chain.from_iterable(zip(texts, [*gaps, ""], strict=True)))


def _claims(claiming: Iterable[Block], shown: Iterable[Block]) -> Mapping[str, tuple[Block, ...]]:
    """The captions of each block that has some.

    A garbled link must not swallow a section: a heading or a table is no caption, nor is what has captions itself.
    """
    owners = [block for block in claiming if block.kind not in {"title", "caption"}]
    wanted = {name for block in owners for name in block.caption_ids}
    if not wanted:
        return {}
    free = {b.id: b for b in shown if b.id in wanted and not b.caption_ids and b.kind not in {"title", "table"}}
    return {block.id: tuple([free.pop(name) for name in dict.fromkeys(block.caption_ids) if name in free]) for block in owners}
