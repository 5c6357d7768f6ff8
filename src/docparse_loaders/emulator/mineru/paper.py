"""One result in the making: the pages to be written, how this service writes them, and the pictures that they name."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from docparse_loaders.emulator.layout import Piece, Sheet, lay_out
from docparse_loaders.emulator.links import link
from docparse_loaders.emulator.mineru.words import TYPES
from docparse_loaders.emulator.pictures import page_size, picture_of
from docparse_loaders.model import Kind, Page
from docparse_loaders.tables import grid_of, join, to_html
from docparse_loaders.vendors.links import with_links

Json = dict[str, Any]
Release = Literal["2.7", "3.x", "4.x"]
Place = tuple[int, int]

VERSIONS: Mapping[Release, str] = MappingProxyType({"2.7": "2.7.6", "3.x": "3.4.5", "4.x": "4.0.12"})
FURNITURE: frozenset[Kind] = frozenset({"header", "footer", "page_number", "aside", "footnote"})
_OF_27 = MappingProxyType({"chart": "image", "seal": "image", "code": "text", "ref_text": "text", "caption": "text"})
_OF_4 = MappingProxyType({"interline_equation": "equation", "seal": "image", "caption": "text"})
_POINTS = 2


@dataclass(slots=True)
class Paper:
    """What every file of a result is written from. `images` are the pictures by their name in the archive's `images/`.

    `heads` leads from a piece that goes on to the one where it all began, by (sheet, position), `tails` the other way.
    """

    sheets: list[Sheet]
    release: Release
    backend: str
    images: dict[str, bytes] = field(default_factory=dict)
    heads: dict[Place, Place] = field(default_factory=dict)
    tails: dict[Place, list[Place]] = field(default_factory=dict)

    @classmethod
    def of(cls, pages: Sequence[Page], release: Release, backend: str) -> "Paper":
        """Lay out the pages and find what goes on over a page."""
        sheets = lay_out(tuple(with_links(pages)), furniture=True)
        link(sheets)
        paper = cls(sheets, release, backend)
        for place, piece in paper.pieces():
            if piece.source is not None:
                head = paper.heads.get(piece.source, piece.source)
                paper.heads[place] = head
                paper.tails.setdefault(head, []).append(place)
        return paper

    def pieces(self) -> list[tuple[Place, Piece]]:
        """Every piece with its place, in reading order."""
        return [((s, p), piece) for s, sheet in enumerate(self.sheets) for p, piece in enumerate(sheet.pieces)]

    @property
    def merges_text(self) -> bool:
        """Whether text over a page is put together: the VLM of these releases does so only within a page."""
        return self.release != "4.x" and self.backend == "pipeline"

    def index_of(self, sheet: int) -> int:
        """A page's `page_idx`: among the parsed pages up to 3.x, in the file from 4.x on."""
        return self.sheets[sheet].page.number - 1 if self.release == "4.x" else sheet

    def type_of(self, piece: Piece) -> str:
        """The type of a block in this release."""
        name = TYPES[piece.block.kind if piece.of is None else "caption"]
        return (_OF_4 if self.release == "4.x" else _OF_27 if self.release == "2.7" else {}).get(name, name)

    def points(self, sheet: int) -> tuple[int, int]:
        """Width and height of a page in points."""
        width, height = page_size(self.sheets[sheet].page)
        return round(width / _POINTS), round(height / _POINTS)

    def box(self, sheet: int, piece: Piece) -> list[int]:
        """A piece's box in points."""
        size = self.points(sheet)
        return [0, 0, *size] if piece.box is None else list(piece.box.to_pixels(*size))

    def thousandths(self, sheet: int, piece: Piece) -> list[int]:
        """A piece's box in thousandths of its page, cut off to whole numbers as MinerU does."""
        width, height = self.points(sheet)
        x0, y0, x1, y1 = self.box(sheet, piece)
        return [int(x0 * 1000 / width), int(y0 * 1000 / height), int(x1 * 1000 / width), int(y1 * 1000 / height)]

    def image(self, piece: Piece) -> str:
        """The name of a piece's picture, which is kept."""
        suffix, data = picture_of(piece)
        name = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
        self.images[name] = data
        return name

    def moved(self, place: Place, piece: Piece) -> bool:
        """Whether its content was moved to where it began."""
        return self.release != "4.x" and place in self.heads and (piece.kind == "table" or self.merges_text)

    def at(self, place: Place) -> Piece:
        """The piece at a place."""
        return self.sheets[place[0]].pieces[place[1]]

    def parts(self, place: Place) -> list[Piece]:
        """A piece and what was moved to it."""
        rest = [piece for other in self.tails.get(place, ()) if self.moved(other, piece := self.at(other))]
        return [self.at(place), *rest]

    def chain(self, place: Place) -> list[Piece]:
        """A piece and all that goes on from it, moved or not: the Markdown has them together in every release."""
        return [self.at(other) for other in (place, *self.tails.get(place, ()))]

    def html(self, place: Place) -> str:
        """A table with the rows that were moved to it."""
        return table_of(self.parts(place))

    def text(self, place: Place) -> str:
        """A paragraph with the text that was moved to it."""
        return " ".join(part.block.text for part in self.parts(place))


def table_of(parts: Sequence[Piece]) -> str:
    """The parts of a table as one."""
    if len(parts) == 1:
        return parts[0].block.html or to_html(grid_of(parts[0].block))
    return to_html(join(*(grid_of(part.block) for part in parts)))
