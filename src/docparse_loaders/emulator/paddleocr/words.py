"""PaddleOCR's vocabulary as the page on asynchronous jobs and PaddleX's server list it: codes, models, options. Data only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from docparse_loaders.model import Kind

Family = Literal["ocr", "structure", "vl"]

MAX_UPLOAD = 50 * 1024 * 1024
MAX_ADDRESS = 200 * 1024 * 1024
MAX_PAGES = 1000
MAX_BATCH = 100

MODELS: Mapping[str, Family] = MappingProxyType(
    {
        "PP-OCRv5": "ocr",
        "PP-OCRv5-latin": "ocr",
        "PP-OCRv6": "ocr",
        "PP-StructureV3": "structure",
        "PaddleOCR-VL": "vl",
        "PaddleOCR-VL-1.5": "vl",
        "PaddleOCR-VL-1.6": "vl",
    }
)

CODES: Mapping[int, tuple[int, str]] = MappingProxyType(
    {
        401: (401, "Token 无效"),
        500: (500, "系统错误"),
        10001: (400, "空文件"),
        10002: (400, "文件 URL 无法识别"),
        10003: (400, "文件大小超出限制"),
        10004: (400, "文件格式不支持"),
        10005: (400, "文件内容无法解析"),
        10006: (400, "文件页数超过限制"),
        10007: (400, "模型参数错误"),
        10008: (400, "请求参数错误"),
        10009: (400, "同一 batchId 的任务仅允许创建 100 条"),
        10010: (400, "任务提交队列已满"),
        11001: (404, "jobId 不存在"),
        11002: (400, "job 已过期"),
        11003: (200, "job 解析失败"),
        12001: (403, "已达每日页数上限"),
        12002: (429, "请求频率过高"),
    }
)
"""Code → HTTP status and message."""

IGNORED = ("number", "footnote", "header", "header_image", "footer", "footer_image", "aside_text")
"""What the Markdown leaves out by default."""

UNORDERED = frozenset({*IGNORED, "figure_title", "vision_footnote", "image", "chart", "table"})
"""Labels whose `block_order` is null."""

LABELS: Mapping[Kind, str] = MappingProxyType(
    {
        "title": "paragraph_title",
        "text": "text",
        "list": "text",
        "table": "table",
        "figure": "image",
        "chart": "chart",
        "caption": "figure_title",
        "equation": "display_formula",
        "code": "algorithm",
        "seal": "seal",
        "toc": "content",
        "reference": "reference_content",
        "header": "header",
        "footer": "footer",
        "page_number": "number",
        "footnote": "footnote",
        "aside": "aside_text",
        "other": "text",
    }
)
"""Our kind → the label of PaddleOCR's layout models."""

_SIGNATURES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        "pdf": (b"%PDF-",),
        "image": (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF8", b"RIFF"),
        "tiff": (b"II*\x00", b"MM\x00*"),
    }
)
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "pdf",
        ".tif": "tiff",
        ".tiff": "tiff",
        **dict.fromkeys((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"), "image"),
    }
)


def type_of(data: bytes) -> str | None:
    """What a file is by how it begins: pdf, image or tiff."""
    found = (name for name, marks in _SIGNATURES.items() if data.startswith(marks))
    return "pdf" if b"%PDF-" in data[:1024] else next(found, None)
