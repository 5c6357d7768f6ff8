"""Under which columns of a table those of another part of it belong."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.tables.grid import Grid, Span
from docparse_loaders.tables.heads import is_value

MOST_COLUMNS = 40
"""Wider tables are put below one another from the left."""
SAMPLE = 30
_ALIKE, _UNLIKE, _MISSING = 2, -3, -1
_NEVER = -1_000_000


class _Profile(NamedTuple):
    """What stands in a column: the share of numbers among its texts, -1 if it has none, and whether half its rows have none."""

    numbers: float
    sparse: bool


def columns_for(first: Grid, lead: int, part: Grid, gone: Sequence[int]) -> list[int]:
    """The column of `first` for each one of `part`; -1 for an empty one that has no place there.

    Told by names equal to those above, by the columns `gone` below a merged cell that reaches the cut, or by numbers and words
    standing under their like; where that is not clearly better, columns are counted from the left.
    """
    plain = list(range(part.width))
    if part.width == first.width or max(part.width, first.width) > MOST_COLUMNS:
        return plain
    named = _by_names(first.rows[:lead][-1], part.rows[min(lead, part.height) - 1])
    if named:
        return named
    if len(gone) == first.width - part.width:
        return [column for column in range(first.width) if column not in gone]
    return _by_contents(first, lead, part) or plain


def moved(grid: Grid, columns: Sequence[int], width: int) -> Grid:
    """The grid with each column at its new place, and at least `width` columns."""
    if list(columns) == list(range(grid.width)):
        return grid
    width = max(width, *(column + 1 for column in columns))
    rows = []
    for row in grid.rows:
        cells = [""] * width
        for column, text in zip(columns, row, strict=True):
            if column >= 0:
                cells[column] = text
        rows.append(tuple(cells))
    return replace(grid, rows=tuple(rows), spans=tuple(_moved_spans(grid.spans, columns)))


def _moved_spans(spans: Sequence[Span], columns: Sequence[int]) -> Iterator[Span]:
    for span in spans:
        places = [place for place in columns[span.column : span.column + span.columns] if place >= 0]
        if places and (span.rows > 1 or places[-1] > places[0]):
            yield Span(span.row, places[0], span.rows, places[-1] - places[0] + 1)


def _by_names(names: Sequence[str], row: Sequence[str]) -> list[int]:
    """The columns whose names the row repeats, in order; none if a cell is empty or not among them."""
    places: list[int] = []
    for text in row:
        start = places[-1] + 1 if places else 0
        found = next((n for n in range(start, len(names)) if text and names[n].split() == text.split()), -1)
        if found < 0:
            return []
        places.append(found)
    return places


def _by_contents(first: Grid, lead: int, part: Grid) -> list[int]:
    """The order-keeping assignment under which numbers and words stand best; none if counting from the left is as good."""
    above = _profiles(first.rows[lead : lead + SAMPLE], first.width)
    below = _profiles(part.rows[1 : SAMPLE + 1] or part.rows, part.width)
    empty = [not any(row[column] for row in part.rows) for column in range(part.width)]
    score, places = _best(above, below, empty)
    common = min(len(above), len(below))
    left = sum(map(_fit, above[:common], below[:common])) + _MISSING * max(0, len(below) - common)
    left += sum(_left_out(column) for column in above[common:])
    return places if score > left else []


def _best(above: Sequence[_Profile], below: Sequence[_Profile], empty: Sequence[bool]) -> tuple[int, list[int]]:
    """The best score and its assignment, by the usual table over both sequences."""
    scores = [[0] * (len(above) + 1) for _ in range(len(below) + 1)]
    for i in range(len(below), -1, -1):
        for j in range(len(above), -1, -1):
            if i < len(below) or j < len(above):
                scores[i][j] = max(_options(scores, above, below, empty, i, j))
    places: list[int] = []
    i = j = 0 if scores[0][0] > _NEVER // 2 else len(below)  # more columns with text than there is place for
    while i < len(below):
        match, skip, drop = _options(scores, above, below, empty, i, j)
        best = max(match, skip, drop)
        if match == best:
            places.append(j)
            i, j = i + 1, j + 1
        elif skip == best:
            j += 1
        else:
            places.append(-1)
            i += 1
    return scores[0][0], places


def _options(
    scores: Sequence[Sequence[int]],
    above: Sequence[_Profile],
    below: Sequence[_Profile],
    empty: Sequence[bool],
    i: int,
    j: int,
) -> tuple[int, int, int]:
    """What it gives to put column `i` under `j`, to leave `j` without one, and to leave `i` out."""
    match = scores[i + 1][j + 1] + _fit(above[j], below[i]) if i < len(below) and j < len(above) else _NEVER
    skip = scores[i][j + 1] + _left_out(above[j]) if j < len(above) else _NEVER
    drop = scores[i + 1][j] if i < len(below) and empty[i] else _NEVER
    return match, skip, drop


def _fit(above: _Profile, below: _Profile) -> int:
    if above.numbers < 0 or below.numbers < 0:
        return 0
    apart = abs(above.numbers - below.numbers)
    return _ALIKE if apart < 0.3 else _UNLIKE if apart > 0.7 else 0


def _left_out(column: _Profile) -> int:
    return 0 if column.sparse else _MISSING


def _profiles(rows: Sequence[Sequence[str]], width: int) -> list[_Profile]:
    return [_profile([row[column] for row in rows]) for column in range(width)]


def _profile(cells: Sequence[str]) -> _Profile:
    told = [text for text in cells if text]
    numbers = sum(map(is_value, told)) / len(told) if told else -1
    return _Profile(numbers, 2 * len(told) <= len(cells))
