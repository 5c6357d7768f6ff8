"""On a blank page, what was found on it: each text in its box and as large as fits, tables as grids."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

from PIL import Image, ImageDraw

from docparse_loaders.tables import Grid
from docparse_loaders.viewing.lettering import fitted, wrapped
from docparse_loaders.viewing.places import Box, Mark, place_of

_INK, _RULE = "#5c636a", "#ced4da"
_LEADING = 1.3
_WIDE = 0x2E80
_SMALLEST = 6
_LEAST_ROW = 3
_MOST = 4000
"""Letters: more in one box could hardly be read, and measuring them takes seconds."""


def write(image: Image.Image, marks: Iterable[Mark]) -> None:
    """Write what each mark says into its place."""
    paint = ImageDraw.Draw(image)
    for mark in marks:
        place = place_of(mark, image.size)
        if place is None or place[2] - place[0] < 10 or place[3] - place[1] < _SMALLEST:
            continue
        grid, text = mark.grid, mark.text
        if grid is not None and 1 < grid.height < (place[3] - place[1]) / _LEAST_ROW:
            _ruled(paint, grid, place)
        elif text.strip():
            _filled(paint, text[:_MOST], place, round(image.width / 45))


def _filled(paint: ImageDraw.ImageDraw, text: str, place: Box, largest: int) -> None:
    """A text with the largest letters with which all of it fits."""
    wide, high = place[2] - place[0] - 6, place[3] - place[1]
    # Letters of full width take a square; the first try is a little too large for most texts, so that few are needed.
    squares = sum(1.0 if ord(letter) > _WIDE else 0.5 for letter in text)
    size = max(min(largest, round(high / 1.1), round(1.2 * (wide * high / (_LEADING * squares)) ** 0.5) + 2), _SMALLEST)
    while True:
        most = max(int(high / (size * _LEADING)), 1)
        lines, used = wrapped(text, size, wide, most + 1)
        if len(lines) <= most or size <= _SMALLEST:
            break
        size = max(min(size - 1, round(size * 0.9)), _SMALLEST)
    for number, line in enumerate(lines[:most]):
        at = (place[0] + 3, place[1] + 1 + round(number * size * _LEADING))
        paint.text(at, line, font=used, fill=_INK, anchor="lt")


def _ruled(paint: ImageDraw.ImageDraw, grid: Grid, place: Box) -> None:
    """A table with rows of one height, its columns about as wide as what they hold."""
    step = (place[3] - place[1]) / grid.height
    size = max(min(round(step * 0.6), 14), _SMALLEST)
    edges = _edges(grid.rows, place)
    for at, row in enumerate(grid.rows):
        top = place[1] + at * step
        paint.line((place[0], top, place[2], top), fill=_RULE)
        for cell, left, right in zip(row, edges, edges[1:], strict=False):
            if cell and right - left > 2 * size and step >= _SMALLEST:
                said, used = fitted(cell, size, right - left - 6)
                paint.text((left + 3, top + step / 2), said, font=used, fill=_INK, anchor="lm")
    for edge in edges[1:-1]:
        paint.line((edge, place[1], edge, place[3]), fill=_RULE)


def _edges(rows: Sequence[Sequence[str]], place: Box) -> list[int]:
    """Where columns begin, and the end of the last."""
    needs = [min(max(len(cell.encode("gb18030", "replace")) for cell in column) + 2, 40) for column in zip(*rows, strict=True)]
    wide = (place[2] - place[0]) / max(sum(needs), 1)
    return [place[0] + round(wide * end) for end in (0, *accumulate(needs))]
