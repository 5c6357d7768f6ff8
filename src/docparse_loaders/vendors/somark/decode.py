"""SoMark's result as pages of blocks: 21 types and their aliases, links over pages, captions, pictures."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from pydantic import JsonValue

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import BBox, Block, Image, Kind, Page, Region
from docparse_loaders.pages import MOST_PAGES
from docparse_loaders.tables import plain_of_html
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_box, as_float, as_int, as_list, as_object, as_text
from docparse_loaders.vendors.somark.losses import Losses

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": "text",
        "title": "title",
        "figure": "figure",
        "figure_caption": "caption",
        "table": "table",
        "table_caption": "caption",
        "header": "header",
        "footer": "footer",
        "footnote": "footnote",
        "sider": "aside",
        "cate": "toc",
        "cate_item": "toc",
        "code": "code",
        "choice": "text",
        "blank": "text",
        "qrcode": "figure",
        "stamp": "seal",
        "reference": "reference",
        "equation": "equation",
        "cs": "figure",
        "cs_equation": "equation",
        # Names of older answers and of the open-source server (OXR), which writes "Page-header" for page_header.
        "formula": "equation",
        "image": "figure",
        "picture": "figure",
        "seal": "seal",
        "image_caption": "caption",
        "caption": "caption",
        "catalog": "toc",
        "list": "text",
        "page_header": "header",
        "page_footer": "footer",
        "chemical_structure": "figure",
        "chemical_equation": "equation",
        "code_block": "code",
    }
)
"""SoMark's types, in lower case with underscores, in our vocabulary."""

_WRAPPINGS = ("data", "result", "outputs", "json")
_RUNNING = frozenset({"text", "title", "table"})
_DESCRIBED = frozenset({"figure", "image", "picture"})
_REFERENCE = re.compile(r"\s*(?:!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>)\s*", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*")
_RUNS_ON = re.compile(r"[^.!?。！？…:：;；\"”’)）\]】]\s*$")

Ids = Mapping[int, str]


def decode(payload: Payload) -> Decoded:
    """Read an answer of SoMark, whole or any part that holds the pages.

    Raises `ProtocolError` if no list of pages is found. A block of unknown type becomes `other`; whatever cannot be used (a
    page or block that is no object, a box, list, picture or link that is none) is left out and said in a notice.
    """
    if isinstance(payload, Blob | Parts):
        raise ProtocolError("SoMark's result is JSON, and this is not.", vendor="somark", hint="Pass the JSON output.")
    raw_pages = _pages_in(payload)
    losses = Losses()
    numbers = [_page_number(page, position, losses) for position, page in enumerate(raw_pages)]
    ids = {number: _ids(as_object(page), number) for number, page in zip(numbers, raw_pages, strict=True)}
    pages = [_page(raw, number, ids, losses) for raw, number in zip(raw_pages, numbers, strict=True)]
    flagged = tuple(_flagged(pages, raw_pages, losses))
    total = as_int(_metadata(payload).get("page_num"))
    return Decoded(pages=flagged, notices=tuple(losses.notices()), total_pages=total)


def _pages_in(payload: JsonValue) -> list[JsonValue]:
    """Unwrap envelope, data, result, outputs and json, as many of them as there are."""
    here = payload
    for _ in range(len(_WRAPPINGS) + 1):
        if isinstance(here, list):
            return here
        found = as_object(here)
        if isinstance(pages := found.get("pages"), list):
            return pages
        here = next((found[name] for name in _WRAPPINGS if isinstance(found.get(name), dict | list)), None)
    raise ProtocolError(
        f"this is not a result of SoMark: it holds no list of pages{_status_in(payload)}.",
        vendor="somark",
        hint="Submit with output_formats containing 'json', and pass the answer of a job that is done.",
    )


def _status_in(payload: JsonValue) -> str:
    body = as_object(payload)
    said = as_text(as_object(body.get("data")).get("status")) or as_text(body.get("code"))
    return f" (it says {said!r})" if said else ""


def _metadata(payload: JsonValue) -> Object:
    body = as_object(payload)
    return as_object(as_object(body.get("data")).get("metadata")) or as_object(body.get("metadata"))


def _page_number(page: JsonValue, position: int, losses: Losses) -> int:
    index = as_int(page.get("page_num")) if isinstance(page, dict) else None
    if index is not None and 0 <= index < MOST_PAGES:
        return index + 1
    losses.page("no_number" if isinstance(page, dict) else "bad_page", position + 1)
    return position + 1


def _ids(page: Object, number: int) -> Ids:
    """Block ids by SoMark's `idx`, which counts from 0 on one host and from 1 on another; by position where it is missing."""
    ids: dict[int, str] = {}
    for position, raw in enumerate(as_list(page.get("blocks"))):
        index = as_int(as_object(raw).get("idx"))
        ids.setdefault(position if index is None else index, f"p{number}-{position}")
    return ids


def _page(raw: JsonValue, number: int, ids: Mapping[int, Ids], losses: Losses) -> Page:
    page = as_object(raw)
    (width, height), items = _size(as_object(page.get("page_size"))), page.get("blocks")
    blocks: list[Block] = []
    for position, item in enumerate(as_list(items)):
        if isinstance(item, dict):
            blocks.append(_block(item, Spot(number, position, width, height), ids, losses))
        else:
            losses.block("bad_block", number)
    if isinstance(raw, dict) and not isinstance(items, list):
        losses.page("no_blocks", number)
    if blocks and not width:
        losses.page("no_size", number)
    return Page(number, width, height, "pixel", 0, tuple(blocks))


def _size(size: Object) -> tuple[float, float]:
    """Width and height in pixels; both 0 if one of them is none."""
    width, height = as_float(size.get("w")) or 0.0, as_float(size.get("h")) or 0.0
    return (width, height) if width > 0 and height > 0 else (0.0, 0.0)


class Spot(NamedTuple):
    """Where a block stands: its page, its position on it and the page's size in pixels."""

    number: int
    position: int
    width: float
    height: float


def _block(raw: Object, spot: Spot, ids: Mapping[int, Ids], losses: Losses) -> Block:
    label = raw.get("type")
    name = label if isinstance(label, str) else ""
    kind = KINDS.get(name) or KINDS.get(_normal(name), "other")
    number, captions = spot.number, raw.get("captions", [])
    text, html, latex, image = _content(raw, kind, number, losses)
    return Block(
        id=f"p{number}-{spot.position}",
        kind=kind,
        text=text,
        html=html,
        latex=latex,
        image=image,
        level=_level(raw, number, losses) if kind == "title" else None,
        label=name,
        regions=(Region(number, _box(raw.get("bbox"), spot, losses)),),
        caption_ids=_captions(captions, ids[number], number, losses) if captions != [] else (),
        continues=_link(raw, number, ids, losses) if "text_cross_page" in raw or "table_cross_page" in raw else None,
        generated=bool(text) and kind == "figure" and _normal(name) in _DESCRIBED,
    )


def _normal(label: str) -> str:
    return label.strip().lower().replace("-", "_").replace(" ", "_")


def _box(value: JsonValue | None, spot: Spot, losses: Losses) -> BBox | None:
    box = as_box(value, spot.width, spot.height)
    if box is None and value is not None and spot.width:
        losses.block("bad_box", spot.number)
    return box


def _level(raw: Object, number: int, losses: Losses) -> int | None:
    given = raw.get("title_level")
    level = as_int(given)
    if level is not None and level >= 1:
        return level
    if given is not None:
        losses.block("bad_level", number)
    return None


def _content(raw: Object, kind: Kind, number: int, losses: Losses) -> tuple[str, str | None, str | None, Image | None]:
    content, address = raw.get("content"), raw.get("img_url")
    text = as_text(content)
    if not text and content is not None and not isinstance(content, str):
        losses.block("bad_text", number)
    image = image_of(address) if isinstance(address, str) else None
    if address is not None and not isinstance(address, str):
        losses.block("bad_image", number)
    if kind == "table":
        if _is_html(text, raw):
            return plain_of_html(text), text, None, image
        return ("" if _REFERENCE.fullmatch(text) else text), None, None, image
    if kind == "equation":
        return text, None, (text if raw.get("format", "latex") == "latex" else None), image
    if kind == "figure" and text and (_REFERENCE.fullmatch(text) or text == address):
        text = ""
    return text, None, None, image


def _is_html(text: str, raw: Object) -> bool:
    return raw.get("format") == "html" or text.lstrip()[:6].lower() == "<table"


def image_of(value: str) -> Image | None:
    """A picture from any of the four forms of `img_url`: empty, an address, base64 with or without `data:`, a file name."""
    value = value.strip()
    if not value:
        return None
    if value.startswith(("https://", "http://")):
        return Image("url", value)
    if value.startswith("data:"):
        head, _, data = value.partition(",")
        return Image("base64", data, head[5:].partition(";")[0])
    return Image("base64", value) if _BASE64.fullmatch(value) else Image("file", value)


def _captions(given: JsonValue, here: Ids, number: int, losses: Losses) -> tuple[str, ...]:
    if not isinstance(given, list):
        losses.block("bad_captions", number)
        return ()
    wanted = [as_int(item) for item in given]
    found = [here[index] for index in wanted if index is not None and index in here]
    if len(found) < len(wanted):
        losses.block("dangling_caption", number)
    return tuple(dict.fromkeys(found))


def _link(raw: Object, number: int, ids: Mapping[int, Ids], losses: Losses) -> str | None:
    """The block that this one continues; both links name the earlier page by its 0-based index."""
    for name in ("text_cross_page", "table_cross_page"):
        link = raw.get(name)
        if link is None or link is False:
            continue
        page, index = (as_int(link.get("page_num")), as_int(link.get("block_idx"))) if isinstance(link, dict) else (None, None)
        if page is None or index is None:
            losses.block("bad_link", number)
        elif (target := ids.get(page + 1, {}).get(index)) is None:
            losses.block("dangling_link", number)
        else:
            return target
    return None


def _flagged(pages: list[Page], raw_pages: Iterable[JsonValue], losses: Losses) -> Iterable[Page]:
    """Use the page flag `merge_content_from_pre_page` where no block of the page says the same more exactly."""
    before: Page | None = None
    for page, raw in zip(pages, raw_pages, strict=True):
        goes_on = as_object(raw).get("merge_content_from_pre_page") is True
        if goes_on and not any(block.continues for block in page.blocks):
            yield _joined(before, page, losses)
        else:
            yield page
        before = page


def _joined(before: Page | None, page: Page, losses: Losses) -> Page:
    """Link the page's first text to the last of the page before, if that one stops in the middle of a sentence."""
    last = reversed(before.blocks) if before is not None and before.number + 1 == page.number else ()
    head = next((block for block in last if block.kind in _RUNNING), None)
    tail = next((i for i, block in enumerate(page.blocks) if block.kind in _RUNNING), None)
    if head is None or tail is None:
        losses.page("no_head", page.number)
        return page
    if head.kind != "text" or page.blocks[tail].kind != "text" or not _RUNS_ON.search(head.text[-8:]):
        return page
    blocks = list(page.blocks)
    blocks[tail] = replace(blocks[tail], continues=head.id)
    return replace(page, blocks=tuple(blocks))
