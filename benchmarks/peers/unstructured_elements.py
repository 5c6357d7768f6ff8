"""A parsed document of ours as `unstructured` elements, each with its page and coordinates, tables with their HTML.

Two forms: as they stand page by page, which is how `unstructured` itself makes them, and joined over pages as our document has
them. An element has one page and one box, so that one that is joined has those of its beginning.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, BBox, Block, Region
from docparse_loaders.tables import grid_of, to_html, to_plain
from peers.docling_document import blocks_of, headed

NAMES = {
    "title": "Title",
    "list": "ListItem",
    "toc": "ListItem",
    "reference": "ListItem",
    "table": "Table",
    "caption": "FigureCaption",
    "equation": "Formula",
    "code": "CodeSnippet",
    "figure": "Image",
    "chart": "Image",
}


def elements_of(document: ParsedDocument, *, joined: bool) -> list[Any]:
    """All elements but furniture, which its users leave out as well."""
    blocks = blocks_of(document, joined=joined)
    return [made for block in blocks if block.kind not in FURNITURE for made in _of_block(document, block)]


def _of_block(document: ParsedDocument, block: Block) -> Iterable[Any]:
    kinds = import_module("unstructured.documents.elements")
    kind = getattr(kinds, NAMES.get(block.kind, "NarrativeText"))
    said = _said(block)
    return [kind(text=text, metadata=_metadata(kinds, document, block)) for text in said if text]


def _said(block: Block) -> list[str]:
    if block.kind in {"list", "toc", "reference"}:
        return block.text.split("\n")
    return [to_plain(grid_of(block)) if block.kind == "table" else block.text or block.latex or ""]


def _metadata(kinds: Any, document: ParsedDocument, block: Block) -> Any:
    coordinates = import_module("unstructured.documents.coordinates")
    found = kinds.ElementMetadata(page_number=block.page_number or None, category_depth=_depth(block))
    if block.kind == "table":
        found.text_as_html = to_html(headed(block))
    if block.regions and (box := block.regions[0].bbox):
        page = document.page(block.page_number)
        width, height = (page.width, page.height) if page else (1, 1)
        system = coordinates.PixelSpace(width=width, height=height)
        found.coordinates = kinds.CoordinatesMetadata(points=_corners(box, width, height), system=system)
    return found


def _depth(block: Block) -> int | None:
    return (block.level or 1) - 1 if block.kind == "title" else None


def _corners(box: BBox, width: float, height: float) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height
    return (left, top), (left, bottom), (right, bottom), (right, top)


def regions_of(chunk: Any) -> tuple[Region, ...]:
    """The places of the elements that a chunk was made from, which is where `unstructured` keeps them."""
    origins = chunk.metadata.orig_elements or [chunk]
    return tuple(dict.fromkeys(_region(element.metadata) for element in origins if element.metadata.coordinates))


def _region(metadata: Any) -> Region:
    (left, top), _, (right, bottom), _ = metadata.coordinates.points
    system = metadata.coordinates.system
    return Region(
        metadata.page_number, BBox(left / system.width, top / system.height, right / system.width, bottom / system.height)
    )
