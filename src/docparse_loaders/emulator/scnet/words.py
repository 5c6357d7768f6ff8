"""SCNet's vocabulary as its ocrdoc page lists it, and as its published client fills the gaps: codes, types, limits."""

from collections.abc import Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

MAX_BYTES = 100 * 1024 * 1024
MAX_DIRECT_BYTES = 10 * 1024 * 1024
MAX_PAGES = 1000
OCR_TYPE = "DOC_PARING"

CODES: Mapping[str, str] = MappingProxyType(
    {
        "unknown_error": "Unknown error",
        "modal_type_not_supported": "Unsupported modal type",
        "provider_not_supported": "Unsupported provider",
        "model_not_supported": "Unsupported model",
        "model_not_found": "Model not found",
        "request_concurrency_conflict": "Concurrency conflict for request, please try again later",
        "provider_error": "Provider process error",
        "model_route_failed": "Model route failed",
        "content_illegal": "Illegal content detected by content approval",
        "limit_burst_rate": "Burst rate limit exceeded for model",
        "task_not_found": "Task not found",
        "InvalidParameter": "Parameter illegal",
        "SystemError": "An system error has occurred, please try again later",
        "10011": "Burst rate limit exceeded",
        "401": "Unauthorized",
        "403": "Forbidden",
        "429": "Too Many Requests",
        "500": "Internal Server Error",
        "502": "Bad Gateway",
        "503": "Service Unavailable",
        "504": "Gateway Timeout",
    }
)
"""Code → its sentence. Numbers are of the gateway: 10011 in its live documents, the others repeat an HTTP status."""

STATUS: Mapping[str, int] = MappingProxyType(
    {"10011": 429, **{code: int(code) for code in ("401", "403", "429", "500", "502", "503", "504")}}
)
"""Codes that come with an HTTP status of their own."""

NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        "model_not_found": 404,
        "task_not_found": 404,
        "modal_type_not_supported": 400,
        "provider_not_supported": 400,
        "model_not_supported": 400,
        "InvalidParameter": 400,
        "content_illegal": 403,
        "request_concurrency_conflict": 409,
        "limit_burst_rate": 429,
        "unknown_error": 500,
        "provider_error": 500,
        "model_route_failed": 500,
        "SystemError": 500,
    }
)
"""Code → the number that stands for it where the word is the `type`. The page shows one, 404 for model_not_found; the others
are what HTTP would say, and so the worst case: a client that reads only them takes refused content for a wrong key."""

TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "title": "text",
        "text": "text",
        "list": "text",
        "table": "table",
        "figure": "image",
        "chart": "chart",
        "caption": "text",
        "equation": "formula",
        "code": "text",
        "seal": "seal",
        "toc": "text",
        "reference": "text",
        "header": "header",
        "footer": "footer",
        "page_number": "footer",
        "footnote": "text",
        "aside": "text",
        "other": "text",
    }
)
"""Our kind → the block's type; SCNet has eight."""

WORDS: Mapping[str, str] = MappingProxyType(
    {"queuing": "pending", "processing": "running", "unknown": "merging", "success": "succeeded", "failed": "failed"}
)
"""A job's stage → its status word; "merging" is a word that no document has."""

_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"

SUFFIXES: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        ".pdf": (b"%PDF-",),
        ".doc": (_OLE,),
        ".docx": (_ZIP,),
        ".ppt": (_OLE,),
        ".pptx": (_ZIP,),
        ".xls": (_OLE,),
        ".xlsx": (_ZIP,),
        ".xlsm": (_ZIP,),
        ".xlsb": (_ZIP,),
        ".csv": (),
        ".jpg": (b"\xff\xd8\xff",),
        ".jpeg": (b"\xff\xd8\xff",),
        ".png": (b"\x89PNG\r\n\x1a\n",),
        ".bmp": (b"BM",),
        ".tif": (b"II", b"MM"),
        ".tiff": (b"II", b"MM"),
        ".webp": (b"RIFF",),
    }
)
"""File suffix → how such a file may begin."""
