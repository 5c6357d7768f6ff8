"""Parsed pages as a vendor's result lists them: which pieces there are, and what belongs together, by position."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from docparse_loaders.model import BBox, Block, Kind, Page

RUNNING: frozenset[Kind] = frozenset({"header", "footer", "page_number"})
PICTURES: frozenset[Kind] = frozenset({"figure", "chart"})


@dataclass(slots=True)
class Piece:
    """A block, and how it hangs together with others.

    `captions` are positions on the same sheet; `of` is, for a caption, the kind of what it describes; `source` is the
    (sheet, piece) on which this one goes on, by position, and `repeats_header` whether a continued table has its header again.
    """

    block: Block
    captions: list[int] = field(default_factory=list)
    of: Kind | None = None
    source: tuple[int, int] | None = None
    repeats_header: bool = False

    @property
    def kind(self) -> Kind:
        """What it is; whatever describes something else is a caption."""
        return self.block.kind if self.of is None else "caption"

    @property
    def box(self) -> BBox | None:
        """Where it stands on its page."""
        return self.block.regions[0].bbox if self.block.regions else None


@dataclass(slots=True)
class Sheet:
    """A page and its pieces in reading order."""

    page: Page
    pieces: list[Piece]


def lay_out(pages: Sequence[Page], *, furniture: bool) -> list[Sheet]:
    """Sort out every page; without `furniture`, its running titles and page numbers are left out."""
    return [_sheet(page, frozenset() if furniture else RUNNING) for page in pages]


def _sheet(page: Page, unwanted: frozenset[Kind]) -> Sheet:
    pieces = [Piece(block) for block in page.blocks if block.kind not in unwanted]
    places = {piece.block.id: position for position, piece in enumerate(pieces)}
    for owner in pieces:
        for position in dict.fromkeys(places[name] for name in owner.block.caption_ids if name in places):
            pieces[position].of = owner.block.kind
            owner.captions.append(position)
    return Sheet(page, pieces)
