"""Columns of running text: where a page is read down one side and then down the other.

Conservative on purpose. A gutter must be free over its whole height, several lines must begin at its right edge, and there
must be running text on both sides; whatever crosses it (a title, a wide figure) cuts it, and is read between.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lines import Line

_PROSE = 18
"""Letters of a line that may be running text; a Chinese letter counts twice."""
_LINES = 4
"""Lines of running text on each side at least."""
_STEP = 3.0
"""Points by which the left edges of a column's lines may differ."""
_DEPTH = 3
"""How often columns are cut again: four on a page are seen, eight are a table."""


class _Gutter(NamedTuple):
    """A free strip from `x0` to `x1`, and the bands of the page from top to bottom, with columns or without."""

    x0: float
    x1: float
    bands: tuple[tuple[float, float, bool], ...]
    weight: int


def zones(lines: Sequence[Line], fixed: Iterable[Box], page: Box) -> list[Box]:
    """The parts of the page in reading order, which cover it; one if it has no columns.

    `lines` are parts of lines as far as they hang together; `fixed` are tables and figures.
    """
    walls = [*(line.box for line in lines), *fixed]
    return _cut(lines, walls, page, _DEPTH)


def _cut(lines: Sequence[Line], walls: Sequence[Box], area: Box, depth: int) -> list[Box]:
    gutter = _best(lines, walls, area) if depth else None
    if gutter is None:
        return [area]
    middle = (gutter.x0 + gutter.x1) / 2
    found: list[Box] = []
    for top, bottom, columns in gutter.bands:
        band = Box(area.x0, top, area.x1, bottom)
        sides = [band._replace(x1=middle), band._replace(x0=middle)] if columns else [band]
        for side in sides:
            inside = [line for line in lines if side.holds(line.box, 0)]
            found += _cut(inside, [wall for wall in walls if side.holds(wall, 0)], side, depth - 1) if columns else [side]
    return found


def _best(lines: Sequence[Line], walls: Sequence[Box], area: Box) -> _Gutter | None:
    prose = [line.box for line in lines if _letters(line.text) >= _PROSE]
    width = area.x1 - area.x0
    edges = Counter(round(box.x0 / _STEP) for box in prose if area.x0 + 0.2 * width < box.x0 < area.x1 - 0.15 * width)
    usual = [edge for edge in edges if edges[edge - 1] + edges[edge] + edges[edge + 1] >= _LINES]
    found = [gutter for edge in usual if (gutter := _gutter(prose, walls, area, (edge - 1.5) * _STEP)) is not None]
    return max(found, key=lambda gutter: gutter.weight, default=None)


def _letters(text: str) -> int:
    return sum(2 if ord(letter) >= 0x2E80 else 1 for letter in text)


def _gutter(prose: Sequence[Box], walls: Sequence[Box], area: Box, x1: float) -> _Gutter | None:
    """The gutter that ends at `x1`, if there is one."""
    ends = [box.x1 for box in prose if box.x1 <= x1]
    if len(ends) < _LINES:
        return None
    x0 = max(ends)
    if x1 - x0 < 4.0:
        return None
    # A line that reaches over the edge by a hair is a hanging comma.
    across = sorted((wall for wall in walls if wall.x0 < x1 - 1 and wall.x1 > x0 + 1), key=lambda wall: wall.y0)
    bands = _bands(_followed(across, prose), area)
    kept: list[tuple[float, float, bool]] = []
    weight = 0
    for top, bottom, free in bands:
        starts = [box.x0 > x0 for box in prose if top <= (box.y0 + box.y1) / 2 < bottom]
        fewer = min(sum(starts), len(starts) - sum(starts))
        columns = free and fewer >= 1
        weight += fewer if columns else 0
        kept.append((top, bottom, columns))
    return _Gutter(x0, x1, _merged(kept), weight) if weight >= _LINES else None


def _followed(across: Sequence[Box], prose: Sequence[Box]) -> list[Box]:
    """What crosses the gutter, with the short last line of a paragraph that does."""
    result: list[Box] = []
    for wall in across:
        last = next(
            (box for box in prose if box not in across and box.stacked(wall) and _close(wall, box) and not _beside(box, prose)),
            None,
        )
        result += [wall] if last is None else [wall, last]
    return result


def _close(above: Box, below: Box) -> bool:
    height = below.y1 - below.y0
    return above.y1 - above.y0 < 1.5 * height and -0.3 * height < below.y0 - above.y1 < 0.5 * height


def _beside(box: Box, prose: Sequence[Box]) -> bool:
    return any(other.x0 > box.x1 and other.beside(box) for other in prose)


def _bands(across: Sequence[Box], area: Box) -> list[tuple[float, float, bool]]:
    """The area from top to bottom, cut where something crosses; the flag says that nothing does."""
    bands: list[tuple[float, float, bool]] = []
    place = area.y0
    for wall in across:
        top, bottom = min(max(wall.y0, place), area.y1), min(max(wall.y1, place), area.y1)
        if top > place:
            bands.append((place, top, True))
        if bottom > top:
            bands.append((top, bottom, False))
        place = max(place, bottom)
    if place < area.y1:
        bands.append((place, area.y1, True))
    return bands


def _merged(bands: Sequence[tuple[float, float, bool]]) -> tuple[tuple[float, float, bool], ...]:
    """Neighbouring bands without columns as one."""
    result: list[tuple[float, float, bool]] = []
    for top, bottom, columns in bands:
        if result and not columns and not result[-1][2]:
            result[-1] = (result[-1][0], bottom, False)
        else:
            result.append((top, bottom, columns))
    return tuple(result)


def zone_of(box: Box, areas: Sequence[Box]) -> int:
    """The index of the part of the page in which the middle of a box lies, or of the nearest one."""
    for index, area in enumerate(areas):
        if area.holds(box, 0):
            return index
    return max(range(len(areas)), key=lambda index: areas[index].shared(box)) if areas else 0
