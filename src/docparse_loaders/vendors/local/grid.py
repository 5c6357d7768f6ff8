"""A table's cells with their text, as HTML and as plain text."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from docparse_loaders.vendors.local.aligned import Aligned, headed
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lattice import Lattice
from docparse_loaders.vendors.local.lines import Item, joined, letters, lines_of
from docparse_loaders.vendors.local.sheet import RawBlock, RawCell

_SLACK = 3.0
"""Points by which a cell may reach into a header and still be below it."""


class Grid(NamedTuple):
    """A table written out; `left` are the runs of text in its area that are in none of its cells."""

    html: str
    text: str
    left: tuple[Item, ...]


class _Written(NamedTuple):
    text: str
    rows: int
    columns: int


def ruled(lattice: Lattice, items: Sequence[Item], header_bottom: float | None) -> Grid:
    """A table between lines; rows that end above `header_bottom` are its header."""
    held, left = shared_out([cell.box for cell in lattice.cells], items)
    rows: dict[int, list[_Written]] = {}
    headers = 0
    for cell, inside in zip(lattice.cells, held, strict=True):
        text = joined(line.text for line in lines_of(inside))
        rows.setdefault(cell.row, []).append(_Written(text, cell.rows, cell.columns))
        if header_bottom is not None and (cell.row < headers or cell.box.y0 + _SLACK < header_bottom):
            # A header cell that spans two rows makes both of them header.
            headers = max(headers, cell.row + cell.rows)
    last = max(rows) + 1
    written = [rows.get(number, []) for number in range(last)]
    if not headers and headed([cell.text for cell in written[0]], [[cell.text for cell in row] for row in written[1:]]):
        headers = max(cell.rows for cell in written[0])
    return _grid(written, headers, left)


def unruled(block: RawBlock, items: Sequence[Item]) -> Grid:
    """A table as LiteParse found it; text in its area that none of its cells holds is left over."""
    cells = [cell for row in block.rows for cell in row]
    known = letters("".join(cell.text for cell in cells))
    left = tuple(item for item in items if letters(item.text) not in known)
    held = _lines_by_cell([cell for cell in cells if cell.box is not None], items)
    rows = [[_Written(_text(cell, held), 1, 1) for cell in row] for row in block.rows]
    first, *rest = [[cell.text for cell in row] for row in rows]
    return _grid(rows, int(block.headed or headed(first, rest)), left)


def gridded(table: Aligned) -> Grid:
    """A table that its alignment shows; empty places are empty cells."""
    rows: list[list[_Written]] = []
    for spans in table.rows:
        row: list[_Written] = []
        place = 0
        for span in spans:
            row += [_Written("", 1, 1)] * (span.first - place)
            row.append(_Written(span.text, 1, span.last - span.first + 1))
            place = span.last + 1
        rows.append(row + [_Written("", 1, 1)] * (table.columns - place))
    return _grid(rows, table.headers, ())


def _lines_by_cell(cells: Sequence[RawCell], items: Sequence[Item]) -> Mapping[Box, str]:
    boxes = [cell.box for cell in cells if cell.box is not None]
    held, _ = shared_out(boxes, items)
    return {box: joined(line.text for line in lines_of(inside)) for box, inside in zip(boxes, held, strict=True)}


def _text(cell: RawCell, held: Mapping[Box, str]) -> str:
    """The runs in the cell's box if they are what LiteParse read there, which joins Chinese lines with spaces."""
    own = held.get(cell.box, "") if cell.box is not None else ""
    return own if letters(own) == letters(cell.text) else cell.text


def shared_out(boxes: Sequence[Box], items: Iterable[Item]) -> tuple[list[list[Item]], tuple[Item, ...]]:
    """Items by the box that holds them, and those that none does. Boxes are searched from the top down."""
    held: list[list[Item]] = [[] for _ in boxes]
    order = sorted(range(len(boxes)), key=lambda index: boxes[index].y0)
    left: list[Item] = []
    first = 0
    for item in sorted(items, key=lambda item: item.box.y0):
        while first < len(order) and boxes[order[first]].y1 + 1 < item.box.y0:
            first += 1
        for index in order[first:]:
            if boxes[index].y0 > item.box.y1 + 1:
                left.append(item)
                break
            if boxes[index].holds(item.box):
                held[index].append(item)
                break
        else:
            left.append(item)
    return held, tuple(left)


def _grid(rows: Sequence[Sequence[_Written]], headers: int, left: tuple[Item, ...]) -> Grid:
    lines = (" ".join(cell.text for cell in row if cell.text) for row in rows)
    body = "".join(f"<tr>{_cells(row, 'th' if number < headers else 'td')}</tr>" for number, row in enumerate(rows))
    return Grid(f"<table>{body}</table>", "\n".join(line for line in lines if line), left)


def _cells(row: Sequence[_Written], tag: str) -> str:
    return "".join(f"<{tag}{_span(cell)}>{escape(cell.text, quote=False)}</{tag}>" for cell in row)


def _span(cell: _Written) -> str:
    rows = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    return rows + columns
