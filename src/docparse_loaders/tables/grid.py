"""The grid: rows of text with merged cells, and what can be done with it without leaving it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from docparse_loaders.tables.heads import lead_rows, title_rows

REPEATED_CHARACTERS = 1_000_000
"""How much text `expanded` may add: a long text in a huge merged cell is then left where it stands."""


class Span(NamedTuple):
    """A merged cell: where it begins, counted from 0, and how many rows and columns it covers."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `rows` are equally long; the text of a merged cell stands where it begins, the rest of it is "".

    `header_rows` counts the rows at the top that are marked as header, 0 if none is. `spans` are sorted by row and column
    and don't overlap. `caption` is text that the table's source holds outside of the cells.
    """

    rows: tuple[tuple[str, ...], ...]
    header_rows: int = 0
    spans: tuple[Span, ...] = ()
    caption: str = ""

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]], header_rows: int = 0) -> "Grid":
        """Make a grid without merged cells; short rows are filled up."""
        lines = [tuple(row) for row in rows]
        return cls(_filled(lines, max(map(len, lines), default=0)), min(header_rows, len(lines)))

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.rows[0]) if self.rows else 0

    @property
    def height(self) -> int:
        """The number of rows, header included."""
        return len(self.rows)

    @property
    def lead_rows(self) -> int:
        """How many rows at the top are titles or name the columns: those marked as header, or what the rows themselves tell.

        A first row that is not marked names the columns; so do the rows below it (3 in all) of which the merged cells, repeated
        or missing names, or words over columns of numbers say so. 0 for an unmarked table of a single row.
        """
        return lead_rows(self.rows, self.header_rows, self.spans)

    @property
    def title_rows(self) -> int:
        """How many of the `lead_rows` say one thing over all columns, and so are a title and no names; never all of them."""
        return title_rows(self.rows, self.lead_rows, self.spans)

    def expanded(self) -> "Grid":
        """The same without merged cells: their text is repeated in every cell that they cover."""
        return self._repeated(self.height) if self.spans else self

    def row_by_row(self) -> "Grid":
        """The same without merged cells, each row to be read alone: a text stands once in a row, in all rows that it reaches.

        In the header it names every column that it covers; in a row of values it would be taken for a value of each.
        """
        return self._repeated(self.lead_rows) if self.spans else self

    def _repeated(self, sideways: int) -> "Grid":
        """The text of merged cells in every row that they cover, in the first `sideways` rows in every column too."""
        rows = [list(row) for row in self.rows]
        budget = REPEATED_CHARACTERS
        for row, column, height, width in self.spans:
            text = self.rows[row][column]
            wide = min(max(sideways - row, 0), height)
            budget -= len(text) * (wide * width + height - wide - 1)
            if budget < 0:
                break
            for line in rows[row : row + wide]:
                line[column : column + width] = [text] * width
            for line in rows[row + wide : row + height]:
                line[column] = text
        return replace(self, rows=tuple(map(tuple, rows)), spans=())

    def part(self, first: int, last: int) -> "Grid":
        """Rows `first` to `last - 1`, counted from 0; a cell merged over the cut has its text on both sides.

        The caption stays with the first row. To cut a long table into many parts, use `split`.
        """
        first, last = max(first, 0), min(last, self.height)
        near = self.spans[: bisect_left(self.spans, (last,))]
        return self._cut(first, last, [span for span in near if span.row + span.rows > first])

    def split(self, cuts: Iterable[int]) -> Iterator["Grid"]:
        """Cut before each row in `cuts` (ascending), in one pass over rows and merged cells, into one part more than cuts."""
        first, begun, reaching = 0, 0, list[Span]()
        for last in (*cuts, self.height):
            end = bisect_left(self.spans, (last,), lo=begun)
            reaching = [span for span in (*reaching, *self.spans[begun:end]) if span.row + span.rows > first]
            yield self._cut(first, last, reaching)
            first, begun = last, end

    def _cut(self, first: int, last: int, reaching: Iterable[Span]) -> "Grid":
        rows = list(self.rows[first:last])
        spans: list[Span] = []
        above: list[str] = list(rows[0]) if rows else []
        for span in reaching if rows else ():
            top, bottom = max(span.row, first), min(span.row + span.rows, last)
            if span.row < first:
                above[span.column] = self.rows[span.row][span.column]
            if bottom - top > 1 or span.columns > 1:
                spans.append(Span(top - first, span.column, bottom - top, span.columns))
        rows[:1] = [tuple(above)] if rows else []
        header = max(0, min(self.header_rows, last) - first)
        return Grid(tuple(rows), header, tuple(sorted(spans)), "" if first else self.caption)

    def widened(self, width: int) -> "Grid":
        """The same with empty columns at the right, up to `width`."""
        return self if self.width >= width or not self.rows else replace(self, rows=_filled(self.rows, width))


def stack(*grids: Grid) -> Grid:
    """Put grids below one another as they are; the narrower ones get empty columns at the right."""
    filled = [grid for grid in grids if grid.rows]
    width = max((grid.width for grid in filled), default=0)
    rows: list[tuple[str, ...]] = []
    spans: list[Span] = []
    for grid in filled:
        spans += [span._replace(row=span.row + len(rows)) for span in grid.spans] if rows else grid.spans
        rows += grid.widened(width).rows
    caption = "\n".join(dict.fromkeys(grid.caption for grid in grids if grid.caption))
    return Grid(tuple(rows), filled[0].header_rows if filled else 0, tuple(spans), caption)


def _filled(rows: Sequence[tuple[str, ...]], width: int) -> tuple[tuple[str, ...], ...]:
    return tuple(row if len(row) == width else row + ("",) * (width - len(row)) for row in rows)
