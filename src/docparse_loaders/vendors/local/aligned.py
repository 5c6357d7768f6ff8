"""Tables without upright lines: short texts that stand in rows and, row after row, at the same places.

Running text in columns, numbered lists and lists of contents look alike from afar; what tells a table is that most of its
texts are short and that each column keeps one edge or its middle.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box, around
from docparse_loaders.vendors.local.lines import Item, Line, lines_of
from docparse_loaders.vendors.local.lists import marker

_ROWS = 3
_APART = 0.8
"""Font sizes between two texts of one row at least."""
_LONG = 32
"""Letters of a text that is more than a cell usually holds."""
_EDGE = 3.0
"""Points by which the edges of a column's texts may differ."""
_NEXT = 2.6
"""Font sizes from one row to the next at most."""
_NUMBER = re.compile(r"[-+−–±(]?[$€£¥]?\s*\d[\d.,  '’]*\s*(?:%|‰|[a-zA-Z°µ€$£¥²³/]{1,6})?\)?|[-–—]|n/?a", re.IGNORECASE)
_SECTION = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,5}\.?", re.ASCII)
_PAGE = re.compile(r"[. …]*(\d{1,5})", re.ASCII)
_LEADER = re.compile(r"(?:\.\s{0,3}){4,}|…{2,}")


class Span(NamedTuple):
    """A cell's text: the columns that it reaches over, from `first` to `last`."""

    text: str
    first: int
    last: int


class Aligned(NamedTuple):
    """A table found by its alignment: rows of cells, the rows at the top that are a header, and the items that it takes."""

    rows: tuple[tuple[Span, ...], ...]
    columns: int
    headers: int
    box: Box
    items: tuple[Item, ...]

    @property
    def filled(self) -> int:
        """How many cells have text."""
        return sum(len(row) for row in self.rows)


class _Row(NamedTuple):
    cells: tuple[Line, ...]
    box: Box


def leads(text: str) -> bool:
    """Whether dots lead to a number at the end of the line, as in a list of contents."""
    return _LEADER.search(text) is not None


def lists_contents(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows begin with the numbers of sections and subsections and end with page numbers, both in their order.

    LiteParse leaves the dots between them out, so they cannot tell.
    """
    filled = [[text.strip() for text in row if text.strip()] for row in rows]
    if len(filled) < _ROWS or not all(len(row) > 1 and _SECTION.fullmatch(row[0]) for row in filled):
        return False
    ends = [_PAGE.fullmatch(row[-1]) for row in filled]
    pages = [int(end[1]) for end in ends if end is not None]
    numbers = [[int(part) for part in row[0].strip(".").split(".")] for row in filled]
    deep = any(len(number) > 1 for number in numbers)
    return deep and len(pages) == len(filled) and pages == sorted(pages) and numbers == sorted(numbers)


def aligned(items: Sequence[Item]) -> list[Aligned]:
    """The tables among the items of one column of a page."""
    level = [item for item in items if not item.turn]
    rows = _rows(lines_of(level, _APART))
    found: list[Aligned] = []
    for group in _groups(rows):
        table = _table(group)
        if table is not None:
            inside = tuple(item for item in level if table.box.holds(item.box, 0.5))
            found.append(table._replace(items=inside))
    return found


def _rows(lines: Sequence[Line]) -> list[_Row]:
    rows: list[list[Line]] = []
    for line in lines:
        # Parts of one row come one after the other, from the left to the right.
        if rows and _level(rows[-1][-1].box, line.box) and line.box.x0 >= rows[-1][-1].box.x1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_Row(tuple(row), around(cell.box for cell in row)) for row in rows]


def _level(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.y1 - one.y0, other.y1 - other.y0)


def _groups(rows: Sequence[_Row]) -> list[list[_Row]]:
    """Runs of rows with several texts each, close under one another."""
    groups: list[list[_Row]] = [[]]
    for row in rows:
        last = groups[-1][-1] if groups[-1] else None
        size = max(cell.size for cell in row.cells)
        if len(row.cells) < 2 or (last is not None and row.box.y0 - last.box.y0 > _NEXT * size):
            groups.append([])
        if len(row.cells) >= 2:
            groups[-1].append(row)
    return [group for group in groups if len(group) >= _ROWS]


def _table(rows: Sequence[_Row]) -> Aligned | None:
    columns = _columns(rows)
    if len(columns) < 2:
        return None
    spans = [tuple(_span(cell, columns) for cell in row.cells) for row in rows]
    if any(left.last >= right.first for row in spans for left, right in pairwise(row)):
        return None
    if not _is_table(rows, spans, columns):
        return None
    box = around(row.box for row in rows)
    return Aligned(tuple(spans), len(columns), _headers(rows, spans), box, ())


def _columns(rows: Sequence[_Row]) -> list[tuple[float, float]]:
    """Where the columns are: the texts of the rows that have most of them, those that overlap together."""
    counts = sorted(len(row.cells) for row in rows)
    usual = counts[len(counts) // 2]
    edges = sorted((cell.box.x0, cell.box.x1) for row in rows if len(row.cells) >= usual for cell in row.cells)
    columns: list[tuple[float, float]] = []
    for x0, x1 in edges:
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _span(cell: Line, columns: Sequence[tuple[float, float]]) -> Span:
    over = [index for index, (x0, x1) in enumerate(columns) if cell.box.x0 < x1 and cell.box.x1 > x0]
    if not over:
        middle = (cell.box.x0 + cell.box.x1) / 2
        nearest = min(range(len(columns)), key=lambda index: abs(sum(columns[index]) / 2 - middle))
        over = [nearest]
    return Span(cell.text, over[0], over[-1])


def _is_table(rows: Sequence[_Row], spans: Sequence[Sequence[Span]], columns: Sequence[tuple[float, float]]) -> bool:
    texts = [span.text for row in spans for span in row]
    if any(leads(text) for text in texts) or lists_contents([[span.text for span in row] for row in spans]):
        return False
    if sum(len(text) > _LONG for text in texts) * 4 > len(texts):
        return False
    firsts = [row[0].text for row in spans]
    if sum(1 for text in firsts if marker(f"{text} ")) * 2 > len(firsts):
        return False
    numbers = [_numeric(spans, column) for column in range(len(columns))]
    if len(columns) == 2 and numbers[1] < 0.6:
        return False
    full = sum(1 for row in spans if len(row) * 2 >= len(columns))
    kept = sum(1 for column in range(len(columns)) if _keeps_edge(rows, spans, column))
    return full * 4 >= len(rows) * 3 and kept * 4 >= len(columns) * 3


def _numeric(spans: Sequence[Sequence[Span]], column: int) -> float:
    """Which part of a column's texts under its first are numbers."""
    texts = [span.text for row in spans[1:] for span in row if span.first == span.last == column]
    return sum(1 for text in texts if _NUMBER.fullmatch(text.strip())) / len(texts) if texts else 0.0


def _keeps_edge(rows: Sequence[_Row], spans: Sequence[Sequence[Span]], column: int) -> bool:
    boxes = [
        cell.box
        for row, over in zip(rows, spans, strict=True)
        for cell, span in zip(row.cells, over, strict=True)
        if span.first == span.last == column
    ]
    measures = ([box.x0 for box in boxes], [box.x1 for box in boxes], [(box.x0 + box.x1) / 2 for box in boxes])
    return any(_agree(places) * 4 >= len(places) * 3 for places in measures if places)


def _agree(places: Sequence[float]) -> int:
    """How many of the places are about the same."""
    middle = sorted(places)[len(places) // 2]
    return sum(1 for place in places if abs(place - middle) <= _EDGE)


def _headers(rows: Sequence[_Row], spans: Sequence[Sequence[Span]]) -> int:
    """One if the first row is set in bold and the others are not, or has words where numbers stand below."""
    bold = [all(cell.bold for cell in row.cells) for row in rows]
    if bold[0] and not all(bold[1:]):
        return next(index for index, strong in enumerate(bold) if not strong)
    return int(headed([span.text for span in spans[0]], [[span.text for span in row] for row in spans[1:]]))


def headed(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the texts of a row without any number head rows in which there are some."""
    if not first or any(_NUMBER.fullmatch(text.strip()) or not text.strip() for text in first):
        return False
    return any(_NUMBER.fullmatch(text.strip()) for row in rest for text in row)
