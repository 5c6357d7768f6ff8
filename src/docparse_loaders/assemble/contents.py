"""Lines of a table of contents that a vendor took for titles."""

import re
from collections.abc import Iterator, Sequence

from docparse_loaders.model import FURNITURE, Block, Kind

_LEADERS = re.compile(
    r"(?:\.{3,}|…+|·{3,}|_{3,}|(?:\.\s){3,}|(?:·\s){3,})[.…·_\s]*(?:\d{1,4}|[ivxlc]{1,7})\s*\Z", re.IGNORECASE
)
_PAGE_ENDS = frozenset("0123456789ivxlcIVXLC")
_ENDS_WITH_PAGE = re.compile(r"[\s(（](\d{1,4})[)）]?\s*\Z")
_LONGEST = 300
"""Characters; a line of the contents is shorter."""
_HEADS = frozenset(
    {"contents", "table of contents", "inhalt", "inhaltsverzeichnis", "table des matières", "sommaire", "índice", "indice"}
    | {"содержание", "оглавление", "目录", "目錄", "目次", "목차", "차례"}
)


def contents_lines(blocks: Sequence[Block], places: Sequence[int]) -> dict[int, Kind]:
    """The titles, by their place, that are `toc`.

    That is: with leaders to a page number; and right below "Contents" a row of titles that end with page numbers that do not
    fall, or that later titles say again. One alone is believed if both hold.
    """
    found: dict[int, Kind] = {place: "toc" for place in places if has_leaders(blocks[place].text)}
    heads = [place for place in places if place not in found and _is_head(blocks[place].text)]
    last = {_words(blocks[place].text): place for place in places} if heads else {}
    for place in heads:
        row = list(_entries(blocks, place + 1, last)) if place not in found else []
        if len(row) > 1 or (row and _is_repeated(blocks[row[0]].text, last, row[0])):
            found.update(dict.fromkeys(row, "toc"))
    return found


def has_leaders(text: str) -> bool:
    """Whether a line ends with dots, or the like, that lead to a page number."""
    return text[-20:].rstrip()[-1:] in _PAGE_ENDS and len(text) < _LONGEST and _LEADERS.search(text) is not None


def _is_head(text: str) -> bool:
    return len(text) < _LONGEST and _words(text).rstrip(" :.") in _HEADS


def _entries(blocks: Sequence[Block], start: int, last: dict[str, int]) -> Iterator[int]:
    """The row of entries from `start`; it ends at the first block that is none."""
    page = 0
    for place in range(start, len(blocks)):
        block = blocks[place]
        if block.kind in FURNITURE or block.kind == "toc" or has_leaders(block.text):
            continue
        ends = _ENDS_WITH_PAGE.search(block.text) if len(block.text) < _LONGEST else None
        name = _words(block.text[: ends.start()]) if ends else _words(block.text)
        if block.kind != "title" or not (last.get(name, -1) > place or (ends and _follows(page, int(ends[1]), name, last))):
            return
        page = int(ends[1]) if ends else page
        yield place


def _is_repeated(text: str, last: dict[str, int], place: int) -> bool:
    """Whether it ends with a page number, and a later title says the rest."""
    ends = _ENDS_WITH_PAGE.search(text)
    return ends is not None and last.get(_words(text[: ends.start()]), -1) > place


def _follows(page: int, number: int, name: str, last: dict[str, int]) -> bool:
    """A page number that may come next: not lower, and no year."""
    return page <= number < 1000 and name not in _HEADS and name not in last


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
