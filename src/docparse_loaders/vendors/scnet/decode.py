"""SCNet's result as pages of blocks: eight types, text in lines, tables in HTML, formulas in LaTeX, pictures in base64.

Neither levels of headings nor links over pages are in it: the first are read from the page's Markdown, the others are
found by position.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from pydantic import JsonValue

from docparse_loaders.model import Block, Kind, Notice, Page, Region, Unit
from docparse_loaders.vendors.links import with_links
from docparse_loaders.vendors.markdown import blocks_of
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_float, as_list, as_text, holds_no_list
from docparse_loaders.vendors.scnet.boxes import box_of
from docparse_loaders.vendors.scnet.content import content_of
from docparse_loaders.vendors.scnet.files import markdown_of, pages_of
from docparse_loaders.vendors.scnet.headings import Headings

UNLINKED = "application/json; links=none"
"""The media type of a result in which nothing is to be joined over pages."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": "text",
        "chart": "chart",
        "formula": "equation",
        "footer": "footer",
        "header": "header",
        "image": "figure",
        "seal": "seal",
        "table": "table",
        # Not in the published client, but what the names of other types would be.
        "title": "title",
        "figure": "figure",
        "picture": "figure",
        "equation": "equation",
        "stamp": "seal",
    }
)
"""SCNet's types in our vocabulary."""

_NO_PLACES = "the page has only Markdown: where its blocks stand is not known."
_NO_CONTENT = "the blocks of the page are empty: its text is from its Markdown, and where that stands is not known."


def decode(payload: Payload) -> Decoded:
    """Read a result: one file, several, or what a user saved of them. Pages are numbered over all files.

    Raises `ProtocolError` if there are no pages, or a file is no result. A block of unknown type becomes `other`, one that is
    not an object is left out with a notice, and so is a box that cannot be one. Nulls in the place of lists are notices.
    """
    notices: list[Notice] = []
    raw = pages_of(payload, notices)
    made = (_page(page, number, notices) for number, page in enumerate(raw, 1))
    pages = tuple(made if _is_unlinked(payload) else with_links(made))
    return Decoded(pages, tuple(notices), total_pages=None)


def _is_unlinked(payload: Payload) -> bool:
    blobs = payload.blobs if isinstance(payload, Parts) else (payload,)
    return any(isinstance(blob, Blob) and blob.media_type == UNLINKED for blob in blobs)


def _page(raw: JsonValue, number: int, notices: list[Notice]) -> Page:
    if isinstance(raw, str) and raw.strip():
        notices.append(Notice("no_places", _NO_PLACES, number))
        return Page(number, 0.0, 0.0, blocks=tuple(_of_markdown(raw, number)))
    if not isinstance(raw, dict):
        notices.append(Notice("bad_page", "a page is not an object; it is empty.", number))
        return Page(number, 0.0, 0.0)
    width, height = _size(raw.get("width")), _size(raw.get("height"))
    markdown = markdown_of(raw)
    leaf = Leaf(number, width, height, Headings.of(markdown))
    blocks = tuple(_blocks(raw, leaf, notices))
    if markdown.strip() and not any(block.text or block.html for block in blocks):
        more = _besides(blocks, markdown, number, max(len(blocks), len(as_list(raw.get("blocks")))))
        notices += [Notice("no_places", _NO_CONTENT if blocks else _NO_PLACES, number)] if more else []
        blocks = (*blocks, *more)
    elif leaf.gaps:
        notices.append(
            Notice("empty_block", f"{leaf.gaps} blocks hold no text where theirs should be; it may be lost.", number)
        )
    if not blocks and holds_no_list(raw, "blocks"):
        notices.append(Notice("no_blocks", f"page {number} has no list of blocks, and its text may be lost.", number))
    unit: Unit = "pixel" if width and height else "unknown"
    return Page(number, width, height, unit, _rotation(raw, number, notices), blocks)


class Leaf:
    """A page while its blocks are read: its size in pixels, its headings, which boxes cannot be used, how many texts miss."""

    __slots__ = ("bad", "gaps", "headings", "height", "number", "width")

    def __init__(self, number: int, width: float, height: float, headings: Headings) -> None:
        self.number = number
        self.width = width
        self.height = height
        self.headings = headings
        self.bad: list[str] = []
        self.gaps = 0


def _size(value: JsonValue | None) -> float:
    """Pixels; 0 where it is none."""
    size = as_float(value)
    return size if size is not None and 1.0 <= size <= 1e9 else 0.0


def _rotation(raw: Object, number: int, notices: list[Notice]) -> int:
    angle = as_float(raw.get("rotate_angle"))
    if not angle:
        return 0
    said = f"the page was turned by {angle:g} degrees to be read; its size and boxes are taken to be those of the turned page."
    notices.append(Notice("rotated_page", said, number))
    return round(angle % 360) % 360


def _blocks(raw: Object, leaf: Leaf, notices: list[Notice]) -> Iterator[Block]:
    stated = raw.get("blocks")
    items: Iterable[JsonValue] = stated if isinstance(stated, list) else [] if stated is None else [stated]
    strange = 0
    for position, item in enumerate(items):
        if isinstance(item, dict):
            yield _block(item, position, leaf)
        else:
            strange += 1
    if strange:
        notices.append(Notice("bad_block", f"{strange} blocks are not objects and were left out.", leaf.number))
    if leaf.bad:
        notices.append(Notice("bad_box", f"{len(leaf.bad)} boxes could not be used; the first: {leaf.bad[0]}.", leaf.number))


def _block(raw: Object, position: int, leaf: Leaf) -> Block:
    label, detail = as_text(raw.get("type")), as_text(raw.get("sub_type"))
    kind = KINDS.get(label) or KINDS.get(label.strip().lower(), "other")
    content = content_of(raw, kind)
    leaf.gaps += content.gap
    text, level = content.text, None
    if kind in {"text", "title"}:
        titled = kind == "title" or "title" in detail.lower()
        text, level = leaf.headings.find(text)
        kind = "title" if titled or level else "text"
    return Block(
        id=f"p{leaf.number}-{position}",
        kind=kind,
        text=text,
        html=content.html,
        latex=content.latex,
        image=content.image,
        level=level,
        label=f"{label}/{detail}" if detail else label,
        regions=(Region(leaf.number, box_of(raw.get("bbox"), leaf.width, leaf.height, leaf.bad)),),
    )


def _besides(blocks: tuple[Block, ...], markdown: str, number: int, start: int) -> tuple[Block, ...]:
    """The text of a page whose blocks have none; its pictures only if no block is one."""
    pictured = any(block.image for block in blocks)
    return tuple(block for block in _of_markdown(markdown, number, start) if not (pictured and block.image))


def _of_markdown(text: str, number: int, start: int = 0) -> Iterator[Block]:
    for position, block in enumerate(blocks_of(text), start):
        yield replace(block, id=f"p{number}-{position}", regions=(Region(number, None),))
