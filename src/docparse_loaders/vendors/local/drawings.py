"""Charts and diagrams: places where vector graphics lie close together."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from docparse_loaders.vendors.local.geometry import Box, around

_CELL = 8.0
"""Points: shapes nearer than this belong together."""
_SMALLEST = 36.0
_THIN = 2.5
_GRID = 60.0
"""Points between two grid lines of one chart at most."""


def clusters(shapes: Sequence[Box], width: float, height: float) -> list[Box]:
    """Boxes around groups of shapes, at least half an inch wide and high, on a page of `width` by `height` points.

    Linear in shapes and page area: shapes are painted on a coarse grid and touching cells are collected.
    """
    columns, rows = int(width / _CELL) + 1, int(height / _CELL) + 1
    inside = [shape for shape in shapes if shape.area < 0.8 * width * height and _on(shape, width, height)]
    if not inside or columns * rows > 1_000_000:
        return []
    group = _groups(_painted([*inside, *_between_grid_lines(inside)], columns, rows), columns)
    members: dict[int, list[Box]] = {}
    for shape in inside:
        members.setdefault(group[_cell(shape.y0, rows) * columns + _cell(shape.x0, columns)], []).append(shape)
    return [box for found in members.values() if _is_drawing(box := around(found), found)]


def _between_grid_lines(shapes: Sequence[Box]) -> list[Box]:
    """The areas between neighbouring thin lines of equal extent, so that a chart's grid holds it together."""
    flat = [shape for shape in shapes if shape.y1 - shape.y0 <= _THIN]
    flat.sort(key=lambda shape: (round(shape.x0 / _THIN), round(shape.x1 / _THIN), shape.y0))
    return [
        around((one, other))
        for one, other in pairwise(flat)
        if abs(one.x0 - other.x0) <= _THIN and abs(one.x1 - other.x1) <= _THIN and 0 < other.y0 - one.y0 <= _GRID
    ]


def _on(shape: Box, width: float, height: float) -> bool:
    return shape.x1 > 0 and shape.y1 > 0 and shape.x0 < width and shape.y0 < height


def _is_drawing(box: Box, shapes: Sequence[Box]) -> bool:
    """Not a lone frame, not only rules: something of substance is in it."""
    large = box.x1 - box.x0 >= _SMALLEST and box.y1 - box.y0 >= _SMALLEST
    return large and sum(1 for shape in shapes if min(shape.x1 - shape.x0, shape.y1 - shape.y0) > _THIN) >= 3


def _cell(place: float, count: int) -> int:
    return min(max(int(place / _CELL), 0), count - 1)


def _painted(shapes: Sequence[Box], columns: int, rows: int) -> list[int]:
    """How many shapes cover each cell: corners are marked, then summed along rows and columns."""
    stride = columns + 1
    marks = [0] * (stride * (rows + 1))
    for shape in shapes:
        left, right = _cell(shape.x0, columns), _cell(shape.x1, columns) + 1
        top, bottom = _cell(shape.y0, rows), _cell(shape.y1, rows) + 1
        marks[top * stride + left] += 1
        marks[top * stride + right] -= 1
        marks[bottom * stride + left] -= 1
        marks[bottom * stride + right] += 1
    above = [0] * stride
    covered: list[int] = []
    for row in range(rows):
        sums = accumulate(marks[row * stride : (row + 1) * stride])
        above = [total + here for total, here in zip(above, sums, strict=True)]
        covered += above[:columns]
    return covered


def _groups(covered: Sequence[int], columns: int) -> dict[int, int]:
    """Cell → number of its group; cells that touch, also at a corner, share one."""
    group: dict[int, int] = {}
    for start, count in enumerate(covered):
        if not count or start in group:
            continue
        group[start] = start
        waiting = [start]
        while waiting:
            for near in _near(waiting.pop(), columns, len(covered)):
                if covered[near] and near not in group:
                    group[near] = start
                    waiting.append(near)
    return group


def _near(cell: int, columns: int, count: int) -> list[int]:
    column = cell % columns
    sides = [0, *([-1] if column else []), *([1] if column < columns - 1 else [])]
    around_it = (cell + row + side for row in (-columns, 0, columns) for side in sides)
    return [near for near in around_it if 0 <= near < count]
