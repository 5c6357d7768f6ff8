"""Ruled tables: straight lines that cross make a grid; where a line is missing, cells are merged."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box, around

_SLACK = 2.5
"""Points by which lines may miss each other and still meet."""
_MOST_CELLS = 50_000


class Rule(NamedTuple):
    """A straight line: at `at` on the other axis, from `start` to `end`."""

    at: float
    start: float
    end: float


class Cell(NamedTuple):
    """A cell of a table: its place, how many rows and columns it spans, and its box in points."""

    row: int
    column: int
    rows: int
    columns: int
    box: Box


class Lattice(NamedTuple):
    """A ruled table: its cells row by row, and the box around them."""

    cells: tuple[Cell, ...]
    box: Box


def lattices(lines: Iterable[Box]) -> list[Lattice]:
    """The ruled tables of a page, from all its horizontal and vertical lines; single frames are left out."""
    flat, upright = _sorted_out(lines)
    found = [_lattice(across, down) for across, down in _components(flat, upright)]
    return [lattice for lattice in found if lattice is not None]


def _sorted_out(lines: Iterable[Box]) -> tuple[list[Rule], list[Rule]]:
    flat: list[Rule] = []
    upright: list[Rule] = []
    for line in lines:
        width, height = line.x1 - line.x0, line.y1 - line.y0
        if height <= 1.0 < width:
            flat.append(Rule((line.y0 + line.y1) / 2, line.x0, line.x1))
        elif width <= 1.0 < height:
            upright.append(Rule((line.x0 + line.x1) / 2, line.y0, line.y1))
    return flat, sorted(upright)


def _components(flat: Sequence[Rule], upright: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of lines that meet, each as (horizontal, vertical); `upright` is sorted."""
    root = list(range(len(flat) + len(upright)))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for i, across in enumerate(flat):
        first = bisect_left(upright, across.start - _SLACK, key=_place)
        for j in range(first, bisect_right(upright, across.end + _SLACK, key=_place)):
            if upright[j].start - _SLACK <= across.at <= upright[j].end + _SLACK:
                root[find(i)] = find(len(flat) + j)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for i, rule in enumerate((*flat, *upright)):
        groups.setdefault(find(i), ([], []))[0 if i < len(flat) else 1].append(rule)
    return [group for group in groups.values() if len(group[0]) > 1 and len(group[1]) > 1]


def _place(rule: Rule) -> float:
    return rule.at


def _lattice(across: Sequence[Rule], down: Sequence[Rule]) -> Lattice | None:
    rows, columns = _tracks(across), _tracks(down)
    ys, xs = list(rows), list(columns)
    if len(ys) < 2 or len(xs) < 2 or (len(ys) - 1) * (len(xs) - 1) > _MOST_CELLS:
        return None
    cells = _cells(ys, xs, rows, columns)
    if len(cells) < 2:
        return None
    return Lattice(tuple(cells), around(cell.box for cell in cells))


def _tracks(rules: Sequence[Rule]) -> dict[float, list[Rule]]:
    """Rules by their place, those that lie on one another together, in order."""
    tracks: dict[float, list[Rule]] = {}
    last = -1e9
    for rule in sorted(rules):
        if rule.at - last > _SLACK:
            last = rule.at
            tracks[last] = []
        tracks[last].append(rule)
    return tracks


def _cells(
    ys: Sequence[float], xs: Sequence[float], rows: Mapping[float, list[Rule]], columns: Mapping[float, list[Rule]]
) -> list[Cell]:
    taken: set[tuple[int, int]] = set()
    cells: list[Cell] = []
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if (row, column) in taken:
                continue
            right = column + 1
            while right < len(xs) - 1 and (row, right) not in taken and not _cut(columns[xs[right]], ys[row], ys[row + 1]):
                right += 1
            below = row + 1
            while below < len(ys) - 1 and _open_below(below, range(column, right), ys, xs, rows, columns):
                below += 1
            taken.update((r, c) for r in range(row, below) for c in range(column, right))
            cells.append(Cell(row, column, below - row, right - column, Box(xs[column], ys[row], xs[right], ys[below])))
    return cells


def _open_below(
    below: int,
    span: range,
    ys: Sequence[float],
    xs: Sequence[float],
    rows: Mapping[float, list[Rule]],
    columns: Mapping[float, list[Rule]],
) -> bool:
    """Whether a cell over the columns `span` goes on in row `below`: no line above that row, and none within it."""
    if any(_cut(rows[ys[below]], xs[column], xs[column + 1]) for column in span):
        return False
    return not any(_cut(columns[xs[column]], ys[below], ys[below + 1]) for column in span[1:])


def _cut(rules: Sequence[Rule], start: float, end: float) -> bool:
    """Whether a line runs along the whole side of a cell."""
    middle = (start + end) / 2
    return any(rule.start - _SLACK <= middle <= rule.end + _SLACK for rule in rules)
