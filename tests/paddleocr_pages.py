"""Builders for results in PaddleOCR's documented form, shared by the tests that decode them."""

import json
from typing import Any

WIDTH, HEIGHT = 1000, 2000


def block(
    label: str, content: str = "", box: tuple[int, int, int, int] = (100, 200, 900, 260), **fields: Any
) -> dict[str, Any]:
    """A block of a page; its ids are given by the page unless they are among `fields`."""
    return {"block_label": label, "block_content": content, "block_bbox": list(box), "block_order": None, **fields}


def page(*blocks: dict[str, Any], images: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    """A page of PaddleOCR-VL without `restructurePages`, or with it if `first` is the page's first global id.

    `pruned` is merged into `prunedResult`, `markdown` into its namesake.
    """
    first = fields.pop("first", None)
    whole = [_with_ids(raw, place, first) for place, raw in enumerate(blocks)]
    pruned = {"page_count": 1, "width": WIDTH, "height": HEIGHT, "model_settings": {"use_layout_detection": True}}
    pruned |= {"parsing_res_list": whole, **fields.pop("pruned", {})}
    markdown = {"text": "", "images": images or {}, **fields.pop("markdown", {})}
    return {"prunedResult": pruned, "markdown": markdown, "outputImages": None, "inputImage": None, **fields}


def _with_ids(raw: dict[str, Any], place: int, first: int | None) -> dict[str, Any]:
    ids: dict[str, Any] = {"block_id": place, "group_id": place}
    if first is not None:
        ids |= {"global_block_id": first + place, "global_group_id": first + place}
    return {**ids, **raw}


def line(*pages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A line of the result: some pages and what is known of them."""
    sizes = [{"width": WIDTH, "height": HEIGHT} for _ in pages]
    info = {"type": "pdf", "numPages": len(pages), "pages": sizes}
    return {"result": {"layoutParsingResults": list(pages), "preprocessedImages": [], "dataInfo": info, **fields}}


def jsonl(*lines: Any) -> bytes:
    """Lines of JSON as the service stores them, characters not escaped."""
    return "\n".join(json.dumps(value, ensure_ascii=False) for value in lines).encode()


def ocr_page(*lines: tuple[str, tuple[int, int, int, int]], score: float = 0.9, **fields: Any) -> dict[str, Any]:
    """A page of PP-OCR: lines of text with their boxes, in the order of the detector."""
    boxes = [list(box) for _, box in lines]
    polygons = [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]] for x0, y0, x1, y1 in boxes]
    pruned: dict[str, Any] = {"model_settings": {"use_doc_preprocessor": False}, "dt_polys": polygons}
    pruned |= {"rec_texts": [text for text, _ in lines], "rec_scores": [score for _ in lines]}
    pruned |= {"rec_polys": polygons, "rec_boxes": boxes, **fields}
    return {"prunedResult": pruned, "ocrImage": None, "docPreprocessingImage": None, "inputImage": None}


def ocr_line(*pages: dict[str, Any], width: int = WIDTH, height: int = HEIGHT) -> dict[str, Any]:
    """A line of a result of PP-OCR, whose pages' sizes stand in `dataInfo`."""
    sizes = [{"width": width, "height": height} for _ in pages]
    return {"result": {"ocrResults": list(pages), "dataInfo": {"type": "pdf", "numPages": len(pages), "pages": sizes}}}


def html(*rows: tuple[str, ...]) -> str:
    """A table as PaddleOCR formats it."""
    style = "style='text-align: center; word-wrap: break-word;'"
    cells = "".join(f"<tr>{''.join(f'<td {style}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"\n\n<table border=1 style='margin: auto; word-wrap: break-word;'>{cells}</table>\n\n"


def framed(text: str) -> str:
    """A caption as PaddleOCR formats it."""
    return f'<div style="text-align: center;"><div style="text-align: center;">{text}</div> </div>\n'


def report() -> list[dict[str, Any]]:
    """Three pages in two lines: a paragraph over two columns, a table over three pages, a figure, a formula, furniture."""
    first = page(
        block("header", "Inventory report", (100, 40, 400, 60)),
        block("doc_title", "# Inventory report", (300, 100, 700, 150)),
        block("paragraph_title", "## 1 Counting", (100, 190, 420, 220)),
        block("text", "The warehouse was counted in spring.", (100, 240, 480, 900)),
        block("text", "", (520, 240, 900, 400), group_id=3),
        block("figure_title", framed("Table 1 Stock by part"), (300, 960, 700, 990)),
        block("table", html(("Part", "Qty"), ("P-001", "1")), (100, 1000, 900, 1900)),
        block("number", "1", (480, 1940, 520, 1960)),
        first=0,
    )
    second = page(block("table", "", (100, 100, 900, 1900), global_group_id=6), first=8)
    third = page(
        block("table", "", (100, 100, 900, 600), global_group_id=6),
        block("vision_footnote", "Counted twice.", (100, 610, 900, 640)),
        block("display_formula", " $$ E=mc^{2} $$ ", (300, 700, 700, 760)),
        block("formula_number", "(1)", (860, 710, 900, 750)),
        block("image", '<div style="text-align: center;"><img src="imgs/img_in_image_box_200_900_800_1500.jpg" /></div>\n')
        | {"block_bbox": [200, 900, 800, 1500]},
        block("figure_title", framed("Figure 1 The hall"), (300, 1510, 700, 1540)),
        images={"imgs/img_in_image_box_200_900_800_1500.jpg": "https://bos.test/3.jpg?authorization=x"},
        first=9,
    )
    return [line(first, second), line(third)]
