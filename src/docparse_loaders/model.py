"""The parsed document's parts: page, block, region, box. Frozen values, no behaviour beyond their own numbers.

Pages are 1-based and are those of the source file, also when only some were parsed. Boxes are fractions of the page,
0 to 1, with the origin at the top left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from docparse_loaders.frozen import quick

Kind = Literal[
    "title",
    "text",
    "list",
    "table",
    "figure",
    "chart",
    "caption",
    "equation",
    "code",
    "seal",
    "toc",
    "reference",
    "header",
    "footer",
    "page_number",
    "footnote",
    "aside",
    "other",
]
"""What a block is, in one vocabulary for all vendors."""

FURNITURE: frozenset[Kind] = frozenset({"header", "footer", "page_number", "aside"})
"""Kinds that belong to the page and not to its text: kept in the document, left out of chunks by default."""

Unit = Literal["pixel", "point", "unknown"]


class BBox(NamedTuple):
    """A box on a page as fractions of its width and height; x1 >= x0 and y1 >= y0 when made by `of` or `scaled`."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, x0: float, y0: float, x1: float, y1: float) -> "BBox":
        """Make a box from any two opposite corners, cut to the page."""
        if x0 > x1:
            x0, x1 = x1, x0
        if y0 > y1:
            y0, y1 = y1, y0
        if x0 < 0.0 or y0 < 0.0 or x1 > 1.0 or y1 > 1.0:
            x0, y0, x1, y1 = (min(max(value, 0.0), 1.0) for value in (x0, y0, x1, y1))
        return cls(x0, y0, x1, y1)

    @classmethod
    def scaled(cls, corners: Sequence[float], width: float, height: float) -> "BBox":
        """Make a box from x0, y0, x1, y1 in the unit of a page `width` by `height` large."""
        x0, y0, x1, y1 = corners[0] / width, corners[1] / height, corners[2] / width, corners[3] / height
        # Nearly every block has a box in order: this makes it without the detour over keywords.
        if 0.0 <= x0 <= x1 <= 1.0 and 0.0 <= y0 <= y1 <= 1.0:
            return tuple.__new__(cls, (x0, y0, x1, y1))
        return cls.of(x0, y0, x1, y1)

    def to_pixels(self, width: float, height: float) -> tuple[int, int, int, int]:
        """The box on an image of the page that is `width` by `height` pixels large."""
        return round(self.x0 * width), round(self.y0 * height), round(self.x1 * width), round(self.y1 * height)

    def union(self, other: "BBox") -> "BBox":
        """The smallest box around both."""
        return BBox(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


class Region(NamedTuple):
    """A place in the source file: a page, 1-based, and where on it (None if the vendor did not say)."""

    page_number: int
    bbox: BBox | None


@dataclass(frozen=True, slots=True)
class Image:
    """The picture of a block: an address, a file inside the vendor's archive, or the bytes themselves in base64."""

    form: Literal["url", "file", "base64"]
    value: str
    media_type: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page: a heading, a paragraph, a table.

    `text` is plain text; of a table, its cells (`html` or Markdown in `text` hold the grid: see `tables.grid_of`); of a
    formula, its `latex` again. `level` is 1 for the highest heading. `label` is the vendor's own word for `kind`.
    `regions` has more than one entry after a join over pages, in reading order. `caption_ids` name the blocks of kind
    caption that describe this one. `continues` is the id of the block on an earlier page whose text or table goes on here.
    `generated` marks text that a model wrote about a picture and that is not on the page.
    """

    id: str
    kind: Kind
    text: str = ""
    html: str | None = None
    latex: str | None = None
    image: Image | None = None
    level: int | None = None
    label: str = ""
    regions: tuple[Region, ...] = ()
    caption_ids: tuple[str, ...] = ()
    continues: str | None = None
    generated: bool = False
    confidence: float | None = None

    @property
    def page_number(self) -> int:
        """The page on which the block begins, 1-based; 0 if it has no region."""
        return self.regions[0].page_number if self.regions else 0

    def _repr_html_(self) -> str:
        from docparse_loaders.viewing.card import block_card

        return block_card(self)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the source file with its blocks in reading order; `width` and `height` are in `unit`, as displayed."""

    number: int
    width: float
    height: float
    unit: Unit = "unknown"
    rotation: int = 0
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the outline: a title block, its level (1 is the highest) and the page where it stands."""

    block_id: str
    text: str
    level: int
    page_number: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The document's headings in reading order."""

    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader of the result should know and what did not stop the parse; `page_number` is 0 for the whole file."""

    code: str
    message: str
    page_number: int = 0


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a file before it is parsed.

    `uri` is the path or address as the user gave it, without a query; `size` is in bytes; `sha256` is of the content.
    `url` is set only for an input that the vendor itself is to fetch, and only until it is submitted: it may be signed.
    """

    uri: str
    name: str
    media_type: str
    size: int
    sha256: str
    url: str | None = field(default=None, repr=False)
