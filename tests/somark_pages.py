"""Builders for results in SoMark's documented form, shared by the tests that decode them."""

from typing import Any


def block(idx: int, type_: str, content: str = "", **fields: Any) -> dict[str, Any]:
    """A block with every field that the API pages name."""
    base = {
        "idx": idx,
        "type": type_,
        "bbox": [119, 168, 595, 842],
        "content": content,
        "format": "text",
        "captions": [],
        "img_url": "",
    }
    return {**base, **fields}


def page(number: int, *blocks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A page; `number` is SoMark's own, from 0."""
    base = {
        "page_num": number,
        "page_size": {"h": 1684, "w": 1190},
        "merge_content_from_pre_page": False,
        "blocks": list(blocks),
    }
    return {**base, **fields}


def answer(*pages: dict[str, Any], status: str = "SUCCESS", total: int | None = None) -> dict[str, Any]:
    """The whole envelope of a finished job."""
    result = {"file_name": "report.pdf", "outputs": {"markdown": "", "json": {"pages": list(pages)}}}
    metadata = {"page_num": len(pages) if total is None else total, "file_type": ".pdf"}
    data = {
        "record_id": 1,
        "task_id": "c5e6",
        "status": status,
        "file_name": "report.pdf",
        "metadata": metadata,
        "result": result,
    }
    return {"code": 0, "message": "ok", "data": data}


def report() -> dict[str, Any]:
    """Three pages: a table over a page break, a paragraph over another, a figure with caption and description."""
    first = page(
        0,
        block(0, "header", "Inventory report"),
        block(1, "title", "Inventory report", title_level=1),
        block(2, "title", "1 Counting", title_level=2),
        block(3, "text", "Each part was weighed twice."),
        block(4, "table_caption", "Table 1 Stock by part"),
        block(
            5,
            "table",
            "<table><tr><th>Part</th><th>Qty</th></tr><tr><td>P-001</td><td>1</td></tr></table>",
            format="html",
            captions=[4],
            img_url="https://img.example.test/p0_5.png",
        ),
        block(6, "footer", "1"),
    )
    second = page(
        1,
        block(
            0,
            "table",
            "<table><tr><td>P-002</td><td>2</td></tr></table>",
            format="html",
            table_cross_page={"page_num": 0, "block_idx": 5, "target_has_header": True},
        ),
        block(1, "title", "2 Method", title_level=2),
        block(2, "equation", r"w = \min(w_1, w_2)", format="latex"),
        block(3, "text", "The reading was taken by two people, which"),
    )
    third = page(
        2,
        block(0, "text", "made it possible to find errors.", text_cross_page={"page_num": 1, "block_idx": 3}),
        block(1, "figure", "A pair of scales.", captions=[2], img_url="https://img.example.test/p2_1.png"),
        block(2, "figure_caption", "Figure 1 The scales"),
        merge_content_from_pre_page=True,
    )
    return answer(first, second, third)
