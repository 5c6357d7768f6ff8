"""Builders for answers and result files in SCNet's documented forms, shared by the tests that read them."""

from typing import Any

TASK = "2056706028668284929"
LINK = (
    "https://minio.example.test:8088/results/013_result_1.json?response-content-disposition=attachment%3B%20filename%3D%22"
    "013_result_1.json%22&X-Amz-Credential=p%2F20260519%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=d414"
)
PRESIGNED: dict[str, Any] = {
    "file_url": "https://oss.example.test:58043/ocr/doc/1.pdf",
    "upload_url": "https://oss.example.test:58043/ocr",
    "key": "doc/1.pdf",
    "policy": "p",
    "x_amz_algorithm": "AWS4-HMAC-SHA256",
    "x_amz_credential": "c",
    "x_amz_date": "20260519T115855Z",
    "x_amz_signature": "s",
}


def output(word: str, task_id: str = TASK, **more: Any) -> dict[str, Any]:
    """A task in the form of the page's JSON samples."""
    return {"output": {"task_id": task_id, "task_status": word, **more}, "request_id": "5e726f4f7d518259"}


def polled(*entries: Any, code: str = "0") -> dict[str, Any]:
    """The answer about tasks."""
    return {"code": code, "msg": "success", "data": list(entries)}


def block(type_: str, *lines: str, **more: Any) -> dict[str, Any]:
    """A block as the published client's models have it."""
    base = {"type": type_, "sub_type": None, "bbox": [100, 200, 500, 400], "lines": [{"text": line} for line in lines]}
    return {**base, **more}


def page(*blocks: Any, markdown: Any = "", **more: Any) -> dict[str, Any]:
    """A page, 1,000 by 2,000 pixels large."""
    base = {"rotate_angle": 0, "height": 2000, "width": 1000, "md": {"markdown_content": markdown}, "blocks": list(blocks)}
    return {**base, **more}


def result(*pages: Any) -> dict[str, Any]:
    """A result file."""
    return {"taskId": TASK, "documents": [{"datas": list(pages)}]}


TABLE = "<table><tr><th>Part</th><th>Qty</th></tr><tr><td>P-001</td><td>1</td></tr></table>"
REST = "<table><tr><td>P-002</td><td>2</td></tr></table>"


def report() -> dict[str, Any]:
    """Two pages: a table that goes on over the break, headings by type and by Markdown, a seal, pictures."""
    first = page(
        block("header", "Inventory report", bbox=[100, 20, 500, 40]),
        block("text", "Inventory report", sub_type="title", bbox=[100, 60, 900, 120]),
        block("text", "1 Counting", bbox=[100, 140, 900, 180]),
        block("text", "The warehouse was counted", "in spring.", bbox=[100, 200, 900, 260]),
        block("formula", latex=r"$$w=\min(w_1,w_2)$$", bbox=[300, 400, 700, 460]),
        block("seal", bbox=[700, 500, 900, 700], blocks=[{"bbox": [720, 520, 880, 680], "lines": [{"text": "CHECKED"}]}]),
        block("image", sub_type="photo", sub_img="iVBORw0KGgo=", bbox=[100, 700, 500, 900]),
        block("table", html=TABLE, bbox=[100, 1500, 900, 1900]),
        block("footer", "1", bbox=[480, 1950, 520, 1970]),
        markdown="# Inventory report\n\n## 1 Counting\n\nThe warehouse was counted in spring.",
    )
    second = page(
        block("table", html=REST, bbox=[100, 100, 900, 300]),
        block("chart", sub_img="/9j/4AAQ", bbox=[100, 400, 900, 900]),
        block("hologram", "kept", bbox=None),
    )
    return result(first, second)
