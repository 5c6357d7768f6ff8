"""Blocks as the chunker handles them: their text, what it costs, and the blocks that it came from."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Span, TablePart, clipped, shifted
from docparse_loaders.model import Block, Kind, Region

GAP = "\n\n"
"""What stands between the pieces of a chunk."""

_CLOSE: frozenset[Kind] = frozenset({"list", "toc", "reference"})
"""Kinds of which the pieces follow each other line by line."""

FENCED: frozenset[Kind] = frozenset({"code", "equation"})
"""Kinds that stand between two signs, which belong to the whole."""


class Piece(NamedTuple):
    """Text that goes into one chunk together, and the blocks of which it is (a part of) the text.

    `kind` is that of the block itself, which stands with its captions and with pictures that say nothing. `spans` of the text
    are given where it is not all of one block and one place. `repeated` text was in the chunk before.
    """

    text: str
    tokens: int
    kind: Kind
    blocks: tuple[Block, ...]
    table: TablePart | None = None
    spans: tuple[Span, ...] | None = None
    repeated: bool = False

    def marked(self) -> tuple[Span, ...]:
        """The spans, also where all of the text is of one block."""
        block = self.blocks[0]
        return (Span(0, len(self.text), block.id, block.regions),) if self.spans is None else self.spans

    def speaker(self) -> int:
        """Which of the blocks says the beginning of the text."""
        name = self.marked()[0].block_id
        return next(at for at, block in enumerate(self.blocks) if block.id == name)

    def regions(self) -> Iterator[Region]:
        """Where the text stands, and the blocks that say nothing."""
        own: dict[str, list[Region]] = {}
        for span in self.spans or ():
            own.setdefault(span.block_id, []).extend(span.regions)
        return (region for block in self.blocks for region in own.get(block.id, block.regions))

    def ending(self, start: int, tokens: int) -> "Piece":
        """What stands from `start` on, to be repeated."""
        spans = clipped(self.marked(), start, len(self.text))
        said = {span.block_id for span in spans}
        blocks = tuple([block for block in self.blocks if block.id in said])
        return self._replace(text=self.text[start:], tokens=tokens, blocks=blocks, spans=spans, repeated=True)


# There is one of each for nearly every block of a document: this makes them without the detour over keywords.
_span = partial(tuple.__new__, Span)
_piece = partial(tuple.__new__, Piece)


def plain(block: Block, text: str, tokens: int) -> Piece:
    """The piece of a block that stands alone and in one place."""
    return _piece((text, tokens, block.kind, (block,), None, None, False))


class Joined(NamedTuple):
    """Pieces as one text with its spans, and the ids, kinds and places of their blocks, not yet each once or in order."""

    text: str
    spans: list[Span]
    names: list[str]
    kinds: list[Kind]
    places: list[Region]


def joined(pieces: Sequence[Piece], at: int) -> Joined:
    """The pieces as one text, a blank line between them, with spans counted from `at`.

    List items follow each other line by line. All is gathered in one pass, as it is done for each chunk.
    """
    texts, spans, names, kinds, places = list[str](), list[Span](), list[str](), list[Kind](), list[Region]()
    close = False
    for piece in pieces:
        text, _, kind, blocks, _, own, _ = piece
        listed = kind in _CLOSE
        if texts:
            texts.append("\n" if close and listed else GAP)
            at -= close and listed
        texts.append(text)
        stop = at + len(text)
        if own is None:
            block = blocks[0]
            name, regions = block.id, block.regions
            spans.append(_span((at, stop, name, regions)))
            names.append(name)
            kinds.append(block.kind)
            places += regions
        else:
            spans += shifted(own, at)
            names += [block.id for block in blocks]
            kinds += [block.kind for block in blocks]
            places += piece.regions()
        at, close = stop + len(GAP), listed
    return Joined("".join(texts), spans, names, kinds, places)


def unfenced(piece: Piece) -> tuple[str, int, str]:
    """The fence that each part of a program needs, "" for none, where the text between the fences begins, and that text."""
    fence, _, text = piece.text.partition("\n")
    if piece.kind not in FENCED or not text.endswith(f"\n{fence}") or not fence:
        return "", 0, piece.text
    # A part of a formula is no formula.
    return fence if piece.kind == "code" else "", len(fence) + 1, text[: -len(fence) - 1]
