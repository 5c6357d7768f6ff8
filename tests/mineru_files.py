"""Results in MinerU's documented forms, written by hand: page trees of 2.x, 3.x and 4.x, flat lists, archives."""

import io
import json
import zipfile
from typing import Any

Json = dict[str, Any]
WIDTH, HEIGHT = 600, 800
ROWS = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-1</td><td>1</td></tr><tr><td>P-2</td><td>2</td></tr></table>"
PICTURE = b"\xff\xd8\xff\xe0 not really a picture"


def line(*spans: str | Json, cross_page: bool = False) -> Json:
    """A line of spans; a string is a span of text."""
    made = [{"type": "text", "content": span} if isinstance(span, str) else dict(span) for span in spans]
    if cross_page:
        made = [{**span, "cross_page": True} for span in made]
    return {"bbox": [0, 0, 1, 1], "spans": made}


def block(kind: str, *lines: str | Json, bbox: Any = (60, 80, 540, 120), **more: Any) -> Json:
    """A block up to 3.x, in points of a page of 600 by 800."""
    made = [line(entry) if isinstance(entry, str) else entry for entry in lines]
    return {"type": kind, "bbox": list(bbox) if isinstance(bbox, tuple) else bbox, "lines": made, **more}


def parent(kind: str, *blocks: Json, bbox: Any = (60, 200, 540, 400), **more: Any) -> Json:
    """A table, picture or code of 3.x with its body, captions and notes."""
    return {"type": kind, "bbox": list(bbox), "blocks": list(blocks), **more}


def table(html: str, *notes: Json, bbox: Any = (60, 200, 540, 400), image: str = "t.jpg", **more: Any) -> Json:
    """A table of 3.x."""
    span = {"type": "table", "html": html, "image_path": image}
    return parent("table", block("table_body", line(span), bbox=bbox), *notes, bbox=bbox, **more)


def gone(kind: str, bbox: Any = (60, 80, 540, 300), **more: Any) -> Json:
    """A table or text whose content was moved to the page before."""
    if kind != "table":
        return {"type": kind, "bbox": list(bbox), "lines": [], "lines_deleted": True, **more}
    body = {"type": "table_body", "bbox": list(bbox), "lines": [], "lines_deleted": True}
    return {"type": "table", "bbox": list(bbox), "blocks": [body], **more}


def page(index: int, *body: Any, discarded: Any = (), **more: Any) -> Json:
    """A page of a tree up to 3.x."""
    return {
        "para_blocks": list(body),
        "discarded_blocks": list(discarded),
        "page_size": [WIDTH, HEIGHT],
        "page_idx": index,
        **more,
    }


def tree(*pages: Json, version: str = "2.7.6", backend: str = "pipeline") -> Json:
    """`layout.json` up to 3.x."""
    return {"pdf_info": list(pages), "_backend": backend, "_version_name": version}


def tree4(*pages: tuple[int, list[Json]], total: int | None = None) -> Json:
    """`middle_json.json` of 4.x; pages are (original index, blocks)."""
    document = {} if total is None else {"document": {"page_count": total, "page_count_kind": "physical"}}
    layout = [{"page_idx": index, "width_pt": WIDTH, "height_pt": HEIGHT} for index, _ in pages]
    return {
        "schema": "docvortex.middle",
        "schema_version": "2.0",
        "metadata": {"file_suffix": "pdf", "producer": {"name": "mineru", "version": "4.0.12"}, **document},
        "extensions": {"mineru": {"tier": "standard"}, "docvortex_layout": {"version": 1, "pages": layout}},
        "is_full_document": True,
        "pages": [{"page_idx": index, "blocks": blocks} for index, blocks in pages],
    }


def block4(kind: str, content: Any, index: int = 0, bbox: Any = (0.1, 0.1, 0.9, 0.15), **more: Any) -> Json:
    """A block of 4.x; a string becomes a list of one span, except where 4.x has strings."""
    strings = kind.endswith("_body") or kind == "equation"
    shown = [{"type": "text", "content": content}] if isinstance(content, str) and not strings else content
    return {"type": kind, "index": index, "bbox": list(bbox), "content": shown, **more}


def archive(files: dict[str, Any], *, stored: bool = False) -> bytes:
    """A zip file; what is not bytes is written as JSON."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return packed.getvalue()


def report() -> Json:
    """Three pages of the pipeline: a table over two of them with a note that moved, a paragraph over another break."""
    moved = block("table_footnote", "Weights are rounded.", bbox=(60, 302, 540, 320), cross_page=True)
    first = page(
        0,
        block("title", "1 Counting", bbox=(60, 80, 540, 110), index=0, level=1),
        block("text", "Each part was weighed", "twice and the smaller value kept.", bbox=(60, 120, 540, 160), index=1),
        table(ROWS, block("table_caption", "Table 1 Stock", bbox=(60, 180, 540, 195)), moved, index=2),
        discarded=[
            block("discarded", "Inventory report", bbox=(60, 20, 300, 40)),
            block("discarded", "1", bbox=(290, 770, 310, 785)),
        ],
    )
    second = page(
        1,
        gone("table", index=0),
        block("title", "2 Method", bbox=(60, 340, 540, 360), index=1, level=2),
        block(
            "text",
            line("This procedure, which"),
            line("made it possible to find errors.", cross_page=True),
            bbox=(60, 700, 540, 740),
            index=2,
        ),
        discarded=[block("discarded", "- 2 -", bbox=(290, 770, 310, 785))],
    )
    third = page(2, gone("text", bbox=(60, 80, 540, 120), index=0))
    return tree(first, second, third)
