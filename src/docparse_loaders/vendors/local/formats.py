"""What the local vendor takes, by name: PDFs, pictures of pages, and office files."""

from types import MappingProxyType
from typing import Literal

Format = Literal["pdf", "image", "office"]

IMAGES = frozenset({"png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif"})
OFFICE = frozenset({"docx", "doc", "odt", "rtf", "pptx", "ppt", "odp", "xlsx", "xls", "ods"})
SUFFIXES = frozenset(f".{suffix}" for suffix in ({"pdf"} | IMAGES | OFFICE))

_TYPES = MappingProxyType(
    {
        "application/pdf": "pdf",
        "image/png": "png",
        "image/jpeg": "jpg",
        "image/tiff": "tiff",
        "image/bmp": "bmp",
        "image/webp": "webp",
        "image/gif": "gif",
        "application/msword": "doc",
        "application/rtf": "rtf",
        "application/vnd.ms-excel": "xls",
        "application/vnd.ms-powerpoint": "ppt",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
        "application/vnd.oasis.opendocument.text": "odt",
        "application/vnd.oasis.opendocument.spreadsheet": "ods",
        "application/vnd.oasis.opendocument.presentation": "odp",
    }
)


def suffix_of(name: str, media_type: str) -> str:
    """The suffix that says what a file is, without its dot: that of its name if it is known, else that of its type."""
    own = name.rpartition(".")[2].lower() if "." in name else ""
    return own if f".{own}" in SUFFIXES else _TYPES.get(media_type, "")


def format_of(suffix: str) -> Format | None:
    """How files with this suffix are read; None if they are not."""
    if suffix == "pdf":
        return "pdf"
    return "image" if suffix in IMAGES else "office" if suffix in OFFICE else None
