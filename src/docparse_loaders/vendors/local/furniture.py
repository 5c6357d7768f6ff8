"""Headers, footers and page numbers: lines at the edge of pages that come again on other pages.

Conservative on purpose. A row of lines counts only within the outer tenth of the page, only if all rows farther out count
too, and only if a line in it stands at the same height with the same text, digits aside, on enough other pages.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.split import caption_of

Edge = Literal["top", "bottom"]
_BAND = 0.1
_ROW = 0.006
"""Fraction of the page's height within which lines are in one row."""
_LONGEST = 60
"""Characters beyond which a line must be repeated digit for digit: sentences that differ in a figure are text."""
_DIGITS = re.compile(r"\d+")
_NUMBERS = re.compile(
    r"[\s\-–—|·]*(?:(?:page|seite|p\.|pág\.|第)\s*)?(\d{1,5}|[ivxlc]{1,7})"
    r"(?:\s*(?:/|of|von|de|sur|共)\s*\d{1,5})?\s*(?:页|頁|ページ)?[\s\-–—|·,，共第0-9页頁]*",
    re.IGNORECASE,
)
_WORDED = re.compile(r"page|seite|pág|第\s*\d+\s*[页頁]|\d\s*(?:/|of|von|页|頁)\s*|[-–—|]\s*\d+\s*[-–—|]", re.IGNORECASE)


class Mark(NamedTuple):
    """A line of text on a page; `top` and `bottom` are fractions of the page's height, `title` says that it heads text."""

    text: str
    top: float
    bottom: float
    title: bool = False

    @property
    def middle(self) -> float:
        """The height at which it stands."""
        return (self.top + self.bottom) / 2


class Numbering(NamedTuple):
    """How a page is numbered: by its position in the file and, if the file has one, by its own label."""

    number: int
    label: str = ""


Key = tuple[Edge, str, int]


def furniture(pages: Sequence[Sequence[Mark]], numbers: Sequence[Numbering]) -> list[dict[int, Kind]]:
    """For each page, the positions of its marks that are furniture, with their kinds.

    On a document of one page at most a page number is recognised.
    """
    enough = 2 if len(pages) < 6 else 3
    counts = Counter(key for marks in pages for key in {key for mark in marks for key in _keys(mark)})
    repeated = {key for key, count in counts.items() if count >= enough}
    return [_of_page(marks, page, repeated) for marks, page in zip(pages, numbers, strict=True)]


def _edge(mark: Mark) -> Edge | None:
    if mark.middle < _BAND:
        return "top"
    return "bottom" if mark.middle > 1 - _BAND else None


def _keys(mark: Mark) -> list[Key]:
    """What lines have in common that repeat each other. Heights are compared in steps, so each line has two neighbours."""
    edge = _edge(mark)
    if edge is None or caption_of(mark.text) or not mark.text.strip():
        return []
    text = " ".join(mark.text.casefold().split())
    # "Chapter 1" and "Chapter 2" at the top of pages are titles; only their exact repetition is a running title.
    same = text if mark.title or len(text) > _LONGEST else _DIGITS.sub("#", text)
    step = int(mark.middle / _ROW)
    return [(edge, same, step), (edge, same, step + 1)]


def _of_page(marks: Sequence[Mark], page: Numbering, repeated: set[Key]) -> dict[int, Kind]:
    found: dict[int, Kind] = {}
    edges: tuple[Edge, Edge] = ("top", "bottom")
    for edge in edges:
        for row in _rows(marks, edge):
            counted = [index for index in row if any(key in repeated for key in _keys(marks[index]))]
            numbers = [index for index in row if _is_number(marks[index], page, repeated=index in counted)]
            if not counted and len(numbers) < len(row):
                break
            kind: Kind = "header" if edge == "top" else "footer"
            found.update((index, "page_number" if index in numbers else kind) for index in row)
    return found


def _rows(marks: Sequence[Mark], edge: Edge) -> list[list[int]]:
    """Positions of the marks at one edge, row by row from outside inwards."""
    inside = [index for index, mark in enumerate(marks) if _edge(mark) == edge]
    inside.sort(key=lambda index: marks[index].middle, reverse=edge == "bottom")
    rows: list[list[int]] = []
    for index in inside:
        if rows and abs(marks[rows[-1][0]].middle - marks[index].middle) <= _ROW:
            rows[-1].append(index)
        else:
            rows.append([index])
    return rows


def _is_number(mark: Mark, page: Numbering, *, repeated: bool) -> bool:
    """Whether a line is a page number: it says so, it repeats with other digits, or it is this page's number or label."""
    match = _NUMBERS.fullmatch(mark.text.strip())
    if match is None or mark.title:
        return False
    if match[1].isdecimal():
        return repeated or bool(_WORDED.search(mark.text)) or match[1] in {str(page.number), page.label}
    return match[1].casefold() == page.label.casefold()
