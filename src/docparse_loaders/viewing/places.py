"""What is to be seen: from whatever a user points at to the pages and the boxes on them."""

from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from typing import Any, NamedTuple

from docparse_loaders.chunking import Chunk
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError, PagesOutOfRange
from docparse_loaders.model import BBox, Block, Heading, Kind, Page, Region
from docparse_loaders.pages import PageSelection, PagesLike
from docparse_loaders.render import block_text
from docparse_loaders.tables import Grid, grid_of
from docparse_loaders.viewing.colours import cited

_ROUNDED = 0.001
_HINT = "Pass a page number, a Block, a Chunk, Regions, text that stands in the document, or nothing for all pages."


class Mark(NamedTuple):
    """A box to draw. `number` is its place in its page's reading order, `label` its block's id, `block` what stands there."""

    bbox: BBox | None
    kind: Kind = "other"
    number: str = ""
    label: str = ""
    colour: str = ""
    block: Block | None = None
    said: str = ""

    @property
    def text(self) -> str:
        """What it says there."""
        return self.said or (block_text(self.block) if self.block is not None else "")

    @property
    def grid(self) -> Grid | None:
        """Its cells there, if it is a table."""
        return grid_of(self.block) if self.block is not None and self.block.kind == "table" else None


Box = tuple[int, int, int, int]
"""Pixels: left, top, right, bottom."""


def place_of(mark: Mark, size: tuple[int, int]) -> Box | None:
    """Where a mark is on a picture; at least a few pixels large, None if it has no box."""
    if mark.bbox is None:
        return None
    x0, y0, x1, y1 = mark.bbox.to_pixels(size[0] - 1, size[1] - 1)
    return x0, y0, max(x1, x0 + 2), max(y1, y0 + 2)


class Leaf(NamedTuple):
    """A page to draw. With `found` those places are shown and the rest is dimmed; else all `marks` are."""

    number: int
    marks: tuple[Mark, ...]
    found: tuple[Mark, ...] = ()


def sane(bbox: BBox | None) -> BBox | None:
    """A box within the page; None for one that is no numbers, which a file may claim."""
    return None if bbox is None or any(map(isnan, bbox)) else BBox.of(*bbox)


def marks_of(document: ParsedDocument) -> dict[int, tuple[Mark, ...]]:
    """The boxes of each page, by its number, in reading order; of a block over pages, on each page its own."""
    found: dict[int, list[Mark]] = {page.number: [] for page in document.pages}
    parts = {region: block for page in document.pages for block in page.blocks for region in block.regions}
    for block in document.blocks:
        for region in block.regions:
            if region.page_number in found:
                marks = found[region.page_number]
                marks.append(Mark(sane(region.bbox), block.kind, str(len(marks) + 1), block.id, block=parts.get(region, block)))
    return {number: tuple(marks) for number, marks in found.items()}


def leaves(document: ParsedDocument, at: Any, page: PagesLike | None) -> list[Leaf]:
    """The pages that are meant, in order. Raises `ConfigError` for what is not in the document, or `PagesOutOfRange`."""
    marks = marks_of(document)
    at = at.number if isinstance(at, Page) else at
    asked = None if page is None else _pages(document, page)
    if at is None:
        return [Leaf(number, marks[number]) for number in (asked or marks)]
    if isinstance(at, int | range) and not isinstance(at, bool):
        return [Leaf(number, marks[number]) for number in _pages(document, at)]
    regions = [region for region in dict.fromkeys(_regions(document, at)) if region.page_number in marks]
    numbers = dict.fromkeys(region.page_number for region in regions if asked is None or region.page_number in asked)
    if not numbers:
        raise ConfigError("it has no place on a page that was parsed.", source=document.source.uri, hint=_HINT)
    return [Leaf(number, marks[number], tuple(_found(marks[number], regions, number))) for number in numbers]


def _found(marks: Sequence[Mark], regions: Iterable[Region], number: int) -> Iterator[Mark]:
    """The places of a page, each with the kind and id of the block that stands there; what is no block's has an own colour."""
    for region in regions:
        if region.page_number == number:
            free = Mark(sane(region.bbox), colour=cited(1))
            yield next((mark for mark in marks if _is_same(mark.bbox, region.bbox)), free)


def _is_same(one: BBox | None, other: BBox | None) -> bool:
    """Whether two boxes are one but for rounding, as those that an agent cites are rounded."""
    if one is None or other is None:
        return one is other
    return all(abs(a - b) < _ROUNDED for a, b in zip(one, other, strict=True))


def _pages(document: ParsedDocument, asked: PagesLike) -> list[int]:
    selection = PageSelection.of(asked)
    there = [page.number for page in document.pages]
    missing = [number for number in (selection.numbers() if selection else ()) if number not in set(there)]
    if missing:
        known = PageSelection.of(there) if there else "none"
        message = f"page {missing[0]} was not parsed; those that were: {known}."
        raise PagesOutOfRange(message, source=document.source.uri, hint="Ask for one of them, or parse the others, too.")
    return there if selection is None else list(selection.numbers())


def _regions(document: ParsedDocument, at: Any) -> Iterator[Region]:
    match at:
        case Region():
            yield at
        case Block() | Chunk():
            yield from at.regions
        case Heading():
            yield from next((block.regions for block in document.blocks if block.id == at.block_id), ())
        case str():
            yield from _text(document, at)
        case list() | tuple():
            for one in at:
                yield from _regions(document, one)
        case _:
            raise ConfigError(f"a {type(at).__name__} is no place in a document.", hint=_HINT)


def _text(document: ParsedDocument, text: str) -> tuple[Region, ...]:
    found = document.find(text)
    if not found:
        hint = "Look for fewer words; pages are named by number, as in show(3)."
        raise ConfigError(f"{text[:80]!r} was not found.", source=document.source.uri, hint=hint)
    return found
