"""How many pages a file has, told from its bytes before anybody is paid to parse it. A guide, not a promise.

What a vendor counts afterwards is what counts: this only tells beforehand what a file may cost, and how far it is on its way.
"""

import re
import zlib
from collections.abc import Iterator

from docparse_loaders.errors import DocParseError
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
_TREE = re.compile(rb"<<[^<>]{0,100000}>>")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})(?!\d)")
_PAGES = re.compile(rb"/Type\s{0,9}/Pages(?![A-Za-z])")
_PAGE = re.compile(rb"/Type\s{0,9}/Page(?![A-Za-z])")
_MOST_STREAMS, _MOST_INFLATED = 2000, 32 << 20
_BYTES_A_PAGE = 1024


def pages_of(data: bytes, suffix: str) -> int | None:
    """The number of pages of a PDF or a picture; None if the file does not tell."""
    if suffix in _PICTURES:
        return 1
    return _pdf_pages(data) if suffix == ".pdf" else None


def pages_in(source: Source, most: int | None = None) -> int | None:
    """The number of pages of a document; None if it does not tell, lies elsewhere, or has more than `most` bytes.

    Only what may tell is read, and read whole.
    """
    facts, suffix = source.facts, _suffix(source.facts.name)
    if suffix in _PICTURES:
        return 1
    if suffix != ".pdf" or facts.url is not None or (most is not None and facts.size > most):
        return None
    try:
        return pages_of(source.read(), suffix)
    except (DocParseError, OSError):
        return None  # it is gone, and that is said where it is needed


def selected(total: int, pages: PageSelection | None) -> int:
    """How many pages of a file of `total` are meant."""
    if pages is None:
        return total
    return sum(max(min(last, total) - first + 1, 0) for first, last in pages.spans)


def _suffix(name: str) -> str:
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""


def guess(data: bytes) -> int:
    """More pages than nearly any file of that size has."""
    return 1 + len(data) // _BYTES_A_PAGE


def _pdf_pages(data: bytes) -> int | None:
    """What the largest page tree says, else how many pages there are; in the open first, then in compressed objects."""
    leaves = 0
    counts: list[int] = []
    for part in _readable(data):
        leaves += len(_PAGE.findall(part))
        if _PAGES.search(part):
            counts += (int(found[1]) for tree in _TREE.findall(part) if _PAGES.search(tree) and (found := _COUNT.search(tree)))
    return max(counts, default=0) or leaves or None


def _readable(data: bytes) -> Iterator[bytes]:
    yield data
    left, place = _MOST_INFLATED, 0
    for _ in range(_MOST_STREAMS):
        place = data.find(b"/ObjStm", place)
        begin = data.find(b"stream", place) if place >= 0 else -1
        if begin < 0 or left <= 0:
            return
        end = data.find(b"endstream", begin)
        if end < 0:
            return
        inflated = _inflated(data[begin + 6 : end], left)
        left -= len(inflated)
        yield inflated
        place = end + 1


def _inflated(stream: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream.lstrip(b"\r\n"), most)
    except zlib.error:
        return b""
