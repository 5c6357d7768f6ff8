"""Ruled tables: wrapped cells, merged cells, and which rows fit on a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from example_documents.sheet import Sheet, around
from example_documents.truth import Box, Spans
from example_documents.typeset import Face, Line, lines_of

PAD_X, PAD_Y = 5.0, 3.2


@dataclass(frozen=True, slots=True)
class Look:
    """The type of a table's head and body, and the shade behind its head."""

    body: Face
    head: Face
    shade: str = "#e3e9ee"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's content: rows of cells (empty where a merged cell covers them) and column widths in points.

    `align` has one letter a column, l, r or c; head cells of the columns marked l stay left, all others are centred.
    """

    rows: list[list[str]]
    widths: list[float]
    align: str
    spans: Spans = ()
    header_rows: int = 1
    repeat_header: bool = False
    look: Look = field(kw_only=True)

    def face(self, row: int) -> Face:
        """The type of a row."""
        return self.look.head if row < self.header_rows else self.look.body

    def span(self, row: int, column: int) -> tuple[int, int]:
        """How many rows and columns a cell takes: 1, 1 unless it is merged."""
        return next(((rows, columns) for r, c, rows, columns in self.spans if (r, c) == (row, column)), (1, 1))

    def covered(self) -> set[tuple[int, int]]:
        """The cells that lie under a merged one."""
        return {(r + i, c + j) for r, c, rows, columns in self.spans for i in range(rows) for j in range(columns) if i or j}

    def cell_lines(self, row: int, column: int) -> list[Line]:
        """A cell's text, wrapped."""
        room = sum(self.widths[column : column + self.span(row, column)[1]]) - 2 * PAD_X
        return lines_of(self.rows[row][column], self.face(row), room)

    def heights(self) -> list[float]:
        """The height of each row in points; a cell merged over rows does not stretch them."""
        return [self._height(row) for row in range(len(self.rows))]

    def _height(self, row: int) -> float:
        single = (column for column in range(len(self.widths)) if self.span(row, column)[0] == 1)
        most = max(len(self.cell_lines(row, column)) for column in single)
        return max(most, 1) * self.face(row).leading + 2 * PAD_Y


def fitting(heights: list[float], first: int, room: float) -> int:
    """The index after the last row that fits into `room`, from row `first` on."""
    last = first
    while last < len(heights) and room >= heights[last]:
        room -= heights[last]
        last += 1
    return last


def draw_rows(sheet: Sheet, grid: Grid, rows: list[int], left: float, top: float) -> Box:
    """Draw these rows of the table below each other; returns the box of its outer rule."""
    heights = grid.heights()
    tops = dict(zip(rows, _running(top, [heights[row] for row in rows]), strict=False))
    columns = _running(left, grid.widths)
    covered = grid.covered()
    boxes: dict[tuple[int, int], Box] = {}
    for row in rows:
        for column in range(len(grid.widths)):
            if (row, column) not in covered:
                down, across = grid.span(row, column)
                height = sum(heights[row : row + down])
                boxes[row, column] = (columns[column], tops[row], columns[column + across], tops[row] + height)
    for cell, box in boxes.items():
        _draw_cell(sheet, grid, cell, box)
    for rule in _rules(boxes.values()):
        sheet.rule(*rule, width=0.6)
    return around(boxes.values())


def _rules(boxes: Iterable[Box]) -> list[Box]:
    """The edges of all cells as long straight lines, each drawn once."""
    lying: dict[float, set[tuple[float, float]]] = {}
    standing: dict[float, set[tuple[float, float]]] = {}
    for x0, y0, x1, y1 in boxes:
        for y in (y0, y1):
            lying.setdefault(y, set()).add((x0, x1))
        for x in (x0, x1):
            standing.setdefault(x, set()).add((y0, y1))
    rules = [(x0, y, x1, y) for y, pieces in lying.items() for x0, x1 in _merged(pieces)]
    return rules + [(x, y0, x, y1) for x, pieces in standing.items() for y0, y1 in _merged(pieces)]


def _merged(pieces: set[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _running(start: float, steps: list[float]) -> list[float]:
    edges = [start]
    for step in steps:
        edges.append(edges[-1] + step)
    return edges


def _draw_cell(sheet: Sheet, grid: Grid, cell: tuple[int, int], box: Box) -> None:
    row, column = cell
    face = grid.face(row)
    if row < grid.header_rows:
        sheet.fill(box, grid.look.shade)
    lines = grid.cell_lines(row, column)
    spare = box[3] - box[1] - len(lines) * face.leading
    base = box[1] + spare / 2 + (face.leading + face.ascent - face.descent) / 2
    how = grid.align[column] if row >= grid.header_rows or grid.align[column] == "l" else "c"
    how = "c" if row < grid.header_rows and grid.span(row, column)[1] > 1 else how
    placed = [(_start(how, face.width(line.text), box), base + n * face.leading, line.text) for n, line in enumerate(lines)]
    if placed:
        sheet.words(face, placed)


def _start(how: str, width: float, box: Box) -> float:
    if how == "r":
        return box[2] - PAD_X - width
    return (box[0] + box[2] - width) / 2 if how == "c" else box[0] + PAD_X
