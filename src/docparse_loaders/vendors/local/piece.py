"""A block in the making, while its lines are still moved about."""

from dataclasses import dataclass

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.geometry import Box, around
from docparse_loaders.vendors.local.lines import Line, joined


@dataclass(frozen=True, slots=True)
class Piece:
    """A kind with its lines; `written` is its text where that is not simply the lines joined.

    `level` of a title is LiteParse's own until all titles of the document are known; `picture` is the id of an image.
    """

    kind: Kind
    label: str
    box: Box
    lines: tuple[Line, ...] = ()
    level: int | None = None
    written: str | None = None
    html: str | None = None
    picture: str = ""

    @classmethod
    def of(cls, kind: Kind, label: str, lines: tuple[Line, ...], level: int | None = None) -> "Piece":
        """A piece that is where its lines are."""
        return cls(kind, label, around(line.box for line in lines), lines, level)

    @property
    def text(self) -> str:
        """Its plain text."""
        return self.written if self.written is not None else joined(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The font size of its longest line, in points; 0 if it has none."""
        return max(self.lines, key=lambda line: len(line.text)).size if self.lines else 0.0


def placed(pieces: list[Piece], newcomer: Piece) -> None:
    """Insert a piece into the reading order, before the first one that begins below its middle.

    Where other text stands beside it, the page has columns there, and only pieces of its own column count.
    """
    box = newcomer.box
    inner = box.grown(-2.0)
    columns = any(piece.box.beside(inner) and not piece.box.stacked(box) for piece in pieces)
    for position, piece in enumerate(pieces):
        if piece.box.y0 >= (box.y0 + box.y1) / 2 and (not columns or piece.box.stacked(box)):
            pieces.insert(position, newcomer)
            return
    pieces.append(newcomer)
