"""Blocks as the chunker handles them: their text, what it costs, and the blocks that it came from."""

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.model import Block, Kind, Region

GAP = "\n\n"
"""What stands between the pieces of a chunk."""

_CLOSE: frozenset[Kind] = frozenset({"list", "toc", "reference"})
"""Kinds of which the pieces follow each other line by line."""

FENCED: frozenset[Kind] = frozenset({"code", "equation"})
"""Kinds that stand between two signs, which belong to the whole."""


class Piece(NamedTuple):
    """Text that goes into one chunk together, and the blocks of which it is (a part of) the text.

    `kind` is that of the block itself, which stands with its captions and with pictures that say nothing. `regions` are given
    where they are fewer than those of the blocks. `repeated` text was in the chunk before.
    """

    text: str
    tokens: int
    kind: Kind
    blocks: tuple[Block, ...]
    table: TablePart | None = None
    regions: tuple[Region, ...] | None = None
    repeated: bool = False


def joined(pieces: Sequence[Piece]) -> str:
    """The pieces as one text, a blank line between them; list items follow each other line by line."""
    texts = [piece.text for piece in pieces]
    close = [piece.kind in _CLOSE for piece in pieces]
    if True not in close:
        return GAP.join(texts)
    gaps = ["\n" if both else GAP for both in map(all, pairwise(close))]
    return "".join(chain.from_iterable(zip(texts, [*gaps, ""], strict=True)))


def unfenced(piece: Piece) -> tuple[str, str]:
    """The fence that each part of a program needs, "" for none, and what stands between the fences."""
    fence, _, text = piece.text.partition("\n")
    if piece.kind not in FENCED or not text.endswith(f"\n{fence}") or not fence:
        return "", piece.text
    # A part of a formula is no formula.
    return fence if piece.kind == "code" else "", text[: -len(fence) - 1]
