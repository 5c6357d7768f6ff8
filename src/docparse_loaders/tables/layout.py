"""From cells in the order of HTML to a rectangular grid: every cell takes the next free columns of its row."""

from collections.abc import Sequence
from typing import NamedTuple

from docparse_loaders.tables.grid import Grid, Span

MAX_COLUMNS = 1_000
"""As in browsers; no text is lost for it: see `lay_out`."""
MAX_SLOTS = 4_000_000
"""Rows times columns that merged and missing cells may blow a table up to; a taller table may have fewer columns."""
PLAUSIBLE_SPAN = 100
"""A cell merged over more columns than this is a slip or an attack, and made no wider than the widest row."""


class Size(NamedTuple):
    """How many rows and columns a cell covers; rows is 0 if it reaches down to the end of its section."""

    rows: int
    columns: int


ONE = Size(1, 1)


class Line(NamedTuple):
    """A row of cells as HTML has it, with the sizes of those that are merged, by position.

    Rows of different sections (head, body, foot, table) share no merged cell; sections are numbered in ascending order.
    """

    texts: list[str]
    sizes: dict[int, Size]
    section: int = 0

    def add(self, text: str, size: Size = ONE) -> None:
        """Add a cell at the right."""
        if size != ONE:
            self.sizes[len(self.texts)] = size
        self.texts.append(text)


def lay_out(lines: Sequence[Line], header_rows: int = 0, caption: str = "") -> Grid:
    """Place every cell and fill up short rows, in time that grows with the slots of the grid, which are capped.

    The text of cells beyond the last column that is allowed is kept in that column or, beside merged cells, in the caption.
    """
    if not any(line.sizes for line in lines):
        return fill([line.texts for line in lines], header_rows, caption)
    rows, spans, beyond = _placed(lines, _columns_allowed([line.texts for line in lines]))
    width = max(map(len, rows), default=0)
    caption = "\n".join(filter(None, (caption, *beyond)))
    return Grid(tuple(tuple(row) + ("",) * (width - len(row)) for row in rows), header_rows, tuple(spans), caption)


def fill(rows: Sequence[Sequence[str]], header_rows: int = 0, caption: str = "") -> Grid:
    """Make a grid of rows without merged cells: short ones are filled up, and too long ones end in one long text."""
    widths = set(map(len, rows)) or {0}
    width = max(widths)
    if width * len(rows) > MAX_SLOTS or width > MAX_COLUMNS:
        width = min(width, _columns_allowed(rows))
        rows = [_folded(row, width) for row in rows]
    elif len(widths) == 1:
        return Grid(tuple(map(tuple, rows)), header_rows, (), caption)
    filled = (tuple(row) if len(row) == width else (*row, *("",) * (width - len(row))) for row in rows)
    return Grid(tuple(filled), header_rows, (), caption)


def _columns_allowed(rows: Sequence[Sequence[str]]) -> int:
    """Twice as many slots as there are cells are allowed in any case."""
    slots = max(MAX_SLOTS, 2 * sum(map(len, rows)))
    return max(1, min(MAX_COLUMNS, slots // max(len(rows), 1)))


def _folded(row: Sequence[str], width: int) -> Sequence[str]:
    """The row, with everything from its last allowed column on as one text."""
    return row if len(row) <= width else [*row[: width - 1], " ".join(filter(None, row[width - 1 :]))]


def _widest(lines: Sequence[Line]) -> int:
    """The columns of the widest row, as far as its merged cells are plausible."""
    return max(
        len(line.texts) + sum(size.columns - 1 for size in line.sizes.values() if size.columns <= PLAUSIBLE_SPAN)
        for line in lines
    )


def _placed(lines: Sequence[Line], allowed: int) -> tuple[list[list[str]], list[Span], list[str]]:
    """Rows that are not filled up yet, merged cells, and the texts for which there is no column."""
    ends = {line.section: number for number, line in enumerate(lines, 1)}
    widest = _widest(lines)
    taken: list[int] = []
    rows: list[list[str]] = []
    spans: list[Span] = []
    beyond: list[str] = []
    deepest = 0
    for number, line in enumerate(lines):
        if deepest <= number and not line.sizes and len(line.texts) <= allowed:
            rows.append(line.texts)  # nothing reaches into it and nothing out of it, as in most rows
            continue
        row: list[str] = []
        for position, text in enumerate(line.texts):
            column = _free(taken, len(row), number)
            if column >= allowed:
                beyond += line.texts[position:]
                break
            down, right = line.sizes.get(position, ONE)
            bottom = min(number + down, ends[line.section]) if down else ends[line.section]
            right = min(right if right <= PLAUSIBLE_SPAN else widest, allowed - column)
            right = _run(taken, column, right, number)
            row += [""] * (column - len(row)) + [text] + [""] * (right - 1)
            taken += [0] * (column + right - len(taken))
            taken[column : column + right] = [bottom] * right
            deepest = max(deepest, bottom)
            if bottom - number > 1 or right > 1:
                spans.append(Span(number, column, bottom - number, right))
        rows.append(row)
    return rows, spans, beyond


def _free(taken: Sequence[int], column: int, row: int) -> int:
    """The next column from `column` on that no cell from above covers in `row`."""
    while column < len(taken) and taken[column] > row:
        column += 1
    return column


def _run(taken: Sequence[int], column: int, columns: int, row: int) -> int:
    """How many of the wanted columns are free side by side."""
    for beside in range(column + 1, min(column + columns, len(taken))):
        if taken[beside] > row:
            return beside - column
    return columns
