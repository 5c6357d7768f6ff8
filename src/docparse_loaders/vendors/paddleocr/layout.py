"""A page of PaddleOCR-VL or PP-StructureV3 as blocks."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from docparse_loaders.model import BBox, Block, Image, Kind, Notice, Page, Region
from docparse_loaders.vendors.paddleocr.captions import captioned
from docparse_loaders.vendors.paddleocr.contents import Content, content_of, level_of, named_by_page, page_path
from docparse_loaders.vendors.paddleocr.kinds import kind_of
from docparse_loaders.vendors.paddleocr.linking import Groups
from docparse_loaders.vendors.readers import Object, as_box, as_int, as_list, as_object, as_text, holds_no_list

_PICTURES: frozenset[Kind] = frozenset({"figure", "chart", "seal", "header", "footer", "equation", "table"})
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*")
_PLACE = re.compile(r"_(\d{1,6})_(\d{1,6})_(\d{1,6})_(\d{1,6})\.\w{1,5}$")
_BARE = frozenset({"image", "seal", "chart", "header_image", "footer_image", "figure", "flowchart"})


def layout_page(entry: Object, number: int, size: tuple[float, float], groups: Groups) -> Page:
    """Read an entry of `layoutParsingResults`. Blocks stand in the order of the list: `block_order` knows no tables.

    A block that is not an object is left out with a notice; one of unknown label becomes `other`.
    """
    pruned = as_object(entry.get("prunedResult"))
    images = as_object(as_object(entry.get("markdown")).get("images"))
    blocks: list[Block] = []
    for position, raw in enumerate(as_list(pruned.get("parsing_res_list"))):
        if isinstance(raw, dict):
            blocks.append(_block(raw, f"p{number}-{position}", number, size, images, groups))
        else:
            groups.notices.append(Notice("bad_block", f"block {position} is not an object and was left out.", number))
    if not blocks and (text := as_text(as_object(entry.get("markdown")).get("text")).strip()):
        groups.notices.append(Notice("only_markdown", f"page {number} has no blocks, only Markdown without places.", number))
        blocks.append(Block(f"p{number}-0", "text", text, label="markdown", regions=(Region(number, None),)))
    if not blocks and holds_no_list(pruned, "parsing_res_list"):
        groups.notices.append(Notice("no_blocks", f"page {number} has no list of blocks, and its text may be lost.", number))
    return Page(number, *size, "pixel", 0, tuple(captioned(blocks)))


def _block(
    raw: Object, block_id: str, number: int, size: tuple[float, float], images: Mapping[str, JsonValue], groups: Groups
) -> Block:
    label = as_text(raw.get("block_label"))
    kind = kind_of(label)
    content = content_of(as_text(raw.get("block_content")), kind, label)
    html = content.html
    return Block(
        id=block_id,
        kind=kind,
        text=content.text,
        html=named_by_page(html, number, images) if html and images else html,
        latex=content.latex,
        image=_image(raw, label, content, number, images) if kind in _PICTURES else None,
        level=level_of(content, label, relevelled="global_block_id" in raw) if kind == "title" else None,
        label=label,
        regions=(Region(number, _box(raw, block_id, number, size, groups.notices)),),
        continues=groups.source(raw, block_id, number, empty=not (content.text or html)),
        generated=kind == "chart" and bool(content.text),
    )


def _box(raw: Object, block_id: str, number: int, size: tuple[float, float], notices: list[Notice]) -> BBox | None:
    box = as_box(raw.get("block_bbox"), *size)
    if box is None and size[0] > 0:
        notices.append(Notice("bad_box", f"block {block_id} has no box that can be read.", number))
    return box


def _image(raw: Object, label: str, content: Content, number: int, images: Mapping[str, JsonValue]) -> Image | None:
    """The picture that the content names, or that is named after the block's box; kept apart by page."""
    path = content.picture or (_path(raw, images) if label in _BARE and images else "")
    address = images.get(path)
    if not isinstance(address, str) or not address:
        return None
    if address.startswith(("https://", "http://")):
        return Image("url", address)
    if address.startswith("data:"):
        head, _, data = address.partition(",")
        return Image("base64", data, head[5:].partition(";")[0])
    if _BASE64.fullmatch(address):
        return Image("base64", address, "image/jpeg")
    return Image("file", page_path(path, number))


def _path(raw: Object, images: Mapping[str, JsonValue]) -> str:
    """The name of a picture ends in its box: `imgs/img_in_image_box_x0_y0_x1_y1.jpg`."""
    corners = [as_int(corner) for corner in as_list(raw.get("block_bbox"))]
    return next((name for name in images if (found := _PLACE.search(name)) and [*map(int, found.groups())] == corners), "")
