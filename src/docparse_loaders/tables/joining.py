"""Parts of one table as one: columns put under their own, a repeated header left out, a row that a page break cut closed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.tables.columns import columns_for, moved
from docparse_loaders.tables.grid import Grid

_ENDS = tuple(".!?:;…。！？：；")
_OPEN = tuple(",-(&/，、（")
_UNSPACED = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


class Joined(NamedTuple):
    """A table joined from parts; part `n` has the rows from `begins[n]` to `ends[n] - 1`.

    A row that was cut in two is of both parts; a part of nothing but a repeated header has none.
    """

    grid: Grid
    begins: Sequence[int]
    ends: Sequence[int]


def join(first: Grid, *others: Grid) -> Grid:
    """Parts of one table as one; a header that a part repeats is left out if it equals the first's cell by cell.

    Also where no row is marked as header: then the first rows (see `Grid.lead_rows`) are what may be repeated. A part with
    fewer or more columns is put under those that its names, a merged cell above or its contents tell, in doubt from the left.
    A row that the break cut in two, the lower half without its first cell and in the middle of a sentence, becomes one again.
    """
    return joined(first, *others).grid


def joined(first: Grid, *others: Grid) -> Joined:
    """Do as `join` does, and tell which rows are of which part. Takes time linear in the rows of all parts."""
    parts = (first, *others)
    start = next((number for number, grid in enumerate(parts) if grid.rows), len(others))
    joining = _Joining(parts[start])
    for grid in parts[start + 1 :]:
        joining.add(grid)
    rows = tuple(row + ("",) * (joining.width - len(row)) for row in joining.rows)
    grid = Grid(rows, parts[start].header_rows, tuple(sorted(joining.spans)), _captions(parts))
    return Joined(grid, [*[0] * start, *joining.begins], [*[0] * start, *joining.ends])


class _Joining:
    """The rows and merged cells so far, and what the next part needs to know of them."""

    def __init__(self, first: Grid) -> None:
        self.first = first
        self.header = first.rows[: first.lead_rows or 1]
        self.titles = first.title_rows
        self.width = first.width
        self.rows = list(first.rows)
        self.spans = list(first.spans)
        self.begins, self.ends = [0], [first.height]
        self.last, self.body = first, len(self.header)
        self.healed = -1
        self.reaching = _reaching(first, 0)

    def add(self, part: Grid) -> None:
        """Put a part below the others."""
        begin = len(self.rows)
        gone = [column for column in sorted(self.reaching) if column < self.first.width]
        columns = columns_for(self.first, len(self.header), part, gone) if part.rows else []
        below = self._below(moved(part, columns, self.first.width), columns)
        if below.rows and self._cut(below):
            self.rows[-1] = tuple(map(_closed, self.rows[-1], below.rows[0]))
            self.healed = begin
            below = below.part(1, below.height)
            self.begins.append(begin - 1)
        else:
            self.begins.append(begin)
        self._append(below, set(range(self.first.width)).difference(columns))
        self.ends.append(len(self.rows))

    def _append(self, below: Grid, gone: set[int]) -> None:
        if not below.rows:
            return
        offset, known = len(self.rows), len(self.spans)
        taken = {column for span in below.spans for column in range(span.column, span.column + span.columns)}
        kept = {column: index for column, index in self.reaching.items() if column in gone - taken}
        for index in kept.values():
            self.spans[index] = self.spans[index]._replace(rows=self.spans[index].rows + below.height)
        self.spans += [span._replace(row=span.row + offset) for span in below.spans]
        self.rows += below.rows
        self.width = max(self.width, below.width)
        self.reaching = {**kept, **_reaching(below, known)}
        self.last, self.body = below, 0

    def _below(self, part: Grid, columns: Sequence[int]) -> Grid:
        """The part without the header that it repeats: all of it, or the names below a title that may say more."""
        for count in dict.fromkeys((part.lead_rows, len(self.header))):
            if count and _same(self.first.rows[:count], part.rows[:count], columns):
                return replace(part.part(count, part.height), caption=part.caption)
        names, titles = self.header[self.titles :], part.title_rows
        if names and _same(names, part.rows[titles : titles + len(names)], columns):
            new = [row for row in part.rows[:titles] if row not in self.header]
            return _topped(new, part.part(titles + len(names), part.height), part.caption)
        return part

    def _cut(self, below: Grid) -> bool:
        """Whether the first row below is the rest of the last row: no key, and every text of it goes on."""
        last, row = self.rows[-1], below.rows[0]
        fresh = self.healed != len(self.rows) and self.last.height > self.body and len(last) == len(row)
        if not fresh or row[0] or not last[0] or (below.spans and below.spans[0].row == 0):
            return False
        going = all(_goes_on(above, text) for above, text in zip(last, row, strict=True) if text)
        spanned = any(span.row + span.rows == self.last.height for span in self.last.spans)
        keyed = all(line[0] for line in (*self.last.rows[self.body :], *below.rows[1:]))
        return any(row) and going and not spanned and keyed


def _topped(rows: Sequence[tuple[str, ...]], grid: Grid, caption: str) -> Grid:
    spans = tuple(span._replace(row=span.row + len(rows)) for span in grid.spans)
    return Grid((*rows, *grid.rows), 0, spans, caption)


def _reaching(grid: Grid, known: int) -> dict[int, int]:
    """The columns in which a merged cell reaches the last row, with the cell's place in all spans."""
    return {
        span.column: known + index
        for index, span in enumerate(grid.spans)
        if span.rows > 1 == span.columns and span.row + span.rows == grid.height
    }


def _same(first: Iterable[Sequence[str]], second: Iterable[Sequence[str]], columns: Sequence[int]) -> bool:
    """Whether rows are equal cell by cell, apart from white space, in the columns that the second has."""
    mine, theirs = ([_words(row, columns) for row in rows] for rows in (first, second))
    return mine == theirs and any(map(any, mine))


def _words(row: Sequence[str], columns: Sequence[int]) -> list[list[str]]:
    return [row[column].split() if column < len(row) else [] for column in columns if column >= 0]


def _goes_on(above: str, text: str) -> bool:
    """Whether `text` continues `above` in the middle of a sentence."""
    return bool(above) and not above.endswith(_ENDS) and (text[0].islower() or above.endswith(_OPEN))


def _closed(above: str, text: str) -> str:
    """Two halves of a cell as one."""
    if not text:
        return above
    if above[-1] == "-" and above[-2:-1].isalpha() and text[0].islower():
        return above[:-1] + text
    tight = _UNSPACED.match(above[-1]) or _UNSPACED.match(text)
    return f"{above}{text}" if tight else f"{above} {text}"


def _captions(grids: Iterable[Grid]) -> str:
    return "\n".join(dict.fromkeys(grid.caption for grid in grids if grid.caption))
