"""What a file is, by its content: an emulated vendor is handed bytes, and checks the name itself."""

from types import MappingProxyType

_HEAD = 1024
_PICTURES = MappingProxyType(
    {
        b"\x89PNG\r\n\x1a\n": "png",
        b"\xff\xd8\xff": "jpg",
        b"II*\x00": "tiff",
        b"MM\x00*": "tiff",
        b"GIF8": "gif",
        b"BM": "bmp",
    }
)
_ZIP, _OLE, _RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"
_OPEN_DOCUMENT = MappingProxyType(
    {
        b"mimetypeapplication/vnd.oasis.opendocument.text": "odt",
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet": "ods",
        b"mimetypeapplication/vnd.oasis.opendocument.presentation": "odp",
    }
)
_NAME = 30
"""Where the name of an archive's first member begins; OpenDocument puts its type there, uncompressed."""
_PARTS = MappingProxyType({b"word/document.xml": "docx", b"xl/workbook.xml": "xlsx", b"ppt/presentation.xml": "pptx"})
"""Names of members: they stand in an archive as they are."""
_STREAMS = MappingProxyType(
    {name.encode("utf-16-le"): suffix for name, suffix in (("PowerPoint Document", "ppt"), ("Workbook", "xls"))}
)
"""Names of streams in an old office file; what has none of them is a text."""


def suffix_of(data: bytes) -> str:
    """The suffix that a file should have, without its dot: `pdf`, that of a picture or of an office file, or "".

    Time is linear in the size of the file, and nothing is unpacked.
    """
    if b"%PDF-" in data[:_HEAD]:
        return "pdf"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return _beginning(data, _PICTURES) or _office(data)


def _office(data: bytes) -> str:
    if data.startswith(_ZIP):
        return _beginning(data[_NAME : _NAME + 100], _OPEN_DOCUMENT) or _holding(data, _PARTS)
    if data.startswith(_OLE):
        return _holding(data, _STREAMS) or "doc"
    return "rtf" if data.startswith(_RTF) else ""


def _beginning(data: bytes, marks: "MappingProxyType[bytes, str]") -> str:
    return next((suffix for mark, suffix in marks.items() if data.startswith(mark)), "")


def _holding(data: bytes, marks: "MappingProxyType[bytes, str]") -> str:
    return next((suffix for mark, suffix in marks.items() if mark in data), "")
