"""Whether a table is the rest of another: it repeats the header, or it begins with a row like those of the first one's body."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from docparse_loaders.tables import Grid

Row = tuple[str, ...]

_SAMPLE = 100
"""How many rows of a table are looked at, from its beginning, for what its columns hold."""
_MOST_COLUMNS = 200
_LONG_CELL = 30
_USUAL, _AGREED = 0.7, 0.75
_NOTHING = frozenset({"", "-", "–", "—", "−", "/", ".", "…", "n/a", "n.a.", "k. a.", "无", "未检出"})
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?年?")
_NUMBER = re.compile(
    r"[<>≤≥~≈±+(−–-]*\s?(?:[€$£¥]|EUR|USD|CHF|CNY)?\s?\d[\d.,'’\s]*\)?\s?(?:[%‰°]?[^\W\d]{0,3}[²³]?(?:/[^\W\d]{1,4}[²³]?)?)?[*†]?"
)
_DIGIT = re.compile(r"[0-9]")
_TELLING = frozenset({"number", "year", "code", "prose"})
"""What a cell of a body can be and one of a header is not; a single word can be both."""


class Half(NamedTuple):
    """A table as far as its rest must fit: how many columns, the rows that name them, and what they hold ("" if mixed)."""

    width: int
    header: tuple[Row, ...]
    columns: tuple[str, ...]


def half_of(grid: Grid) -> Half:
    """What is known of a table from its own rows."""
    lead = grid.lead_rows or 1
    return Half(grid.width, tuple(map(_words, grid.rows[:lead])), _columns(grid.rows[lead:] or grid.rows))


def belongs(first: Half, rest: Grid, *, told: bool, in_line: bool) -> bool:
    """Whether a table is the rest of another.

    `told` says that its caption calls it continued, `in_line` that it stands exactly below. Linear in the rows' length.
    """
    if first.width != rest.width or not first.width:
        return False
    if told or _repeats(first.header, rest):
        return True
    return in_line and rest.height > 0 and _goes_on(first, rest)


def _repeats(header: Sequence[Row], rest: Grid) -> bool:
    own = tuple(map(_words, rest.rows[: len(header)]))
    return len(header[0]) > 1 and tuple(header) == own and any(map(any, own))


def _words(row: Iterable[str]) -> Row:
    return tuple(" ".join(cell.split()) for cell in row)


def _goes_on(first: Half, rest: Grid) -> bool:
    """Whether the first row holds what the first table's columns hold, and what its own columns hold below it."""
    top = [_sort(cell) for cell in rest.rows[0][:_MOST_COLUMNS]]
    strict = rest.header_rows > 0
    return _fits(top, first.columns, strict=strict) and (rest.height < 3 or _fits(top, _columns(rest.rows[1:]), strict=strict))


def _fits(top: Sequence[str], columns: Sequence[str], *, strict: bool) -> bool:
    """Whether cells are of the sorts of their columns, where those tell; all must be if the row is marked as a header."""
    telling = [(cell, column) for cell, column in zip(top, columns, strict=False) if column in _TELLING and cell]
    right = sum(cell == column or (column == "code" and cell == "number") for cell, column in telling)
    return right > 0 and right >= (1.0 if strict else _AGREED) * len(telling)


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    sample = list(islice(rows, _SAMPLE))
    return tuple(_usual(map(_sort, cells)) for cells in islice(zip(*sample, strict=True), _MOST_COLUMNS))


def _usual(sorts: Iterable[str]) -> str:
    counts = Counter(sort for sort in sorts if sort)
    if counts["number"] and counts["year"]:
        counts["number"] += counts.pop("year")
    for sort, count in counts.most_common(1):
        return sort if count >= _USUAL * counts.total() else ""
    return ""


def _sort(cell: str) -> str:
    text = cell.strip()
    if text.lower() in _NOTHING:
        return ""
    if len(text) >= _LONG_CELL or len(text.encode("utf-8", "replace")) >= _LONG_CELL or text.count(" ") >= 3:
        return "prose"
    if _YEAR.fullmatch(text):
        return "year"
    if _NUMBER.fullmatch(text):
        return "number"
    return "code" if _DIGIT.search(text) and text.count(" ") < 3 else "word"
