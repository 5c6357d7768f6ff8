"""SCNet's boxes. Their form is not documented: four numbers, eight, points, pixels or fractions are all understood."""

from collections.abc import Iterator
from typing import cast

from pydantic import JsonValue

from docparse_loaders.model import BBox
from docparse_loaders.vendors.readers import as_float, as_list, as_object

_SLACK = 1.05
"""How far outside of its page a box may reach before it is taken for one in another unit."""
_PLAIN = frozenset({int, float})


def box_of(value: JsonValue | None, width: float, height: float, bad: list[str]) -> BBox | None:
    """A box as fractions of a page that is `width` by `height` pixels large; what is wrong with it is told in `bad`."""
    if isinstance(value, list) and len(value) == 4 and width > 0 and height > 0:
        x0, y0, x1, y1 = value
        # Plain numbers are the rule, and there are many: the slow way is only for those that are not.
        if type(x0) in _PLAIN and type(y0) in _PLAIN and type(x1) in _PLAIN and type(y1) in _PLAIN:
            left, top, right, bottom = cast("list[float]", value)
            if 0 <= left < right <= width and 0 <= top < bottom <= height and (right > 1 or bottom > 1):
                return BBox(left / width, top / height, right / width, bottom / height)
    if value is None or value in ([], {}):
        return None
    return _slowly(value, width, height, bad)


def _slowly(value: JsonValue, width: float, height: float, bad: list[str]) -> BBox | None:
    corners = _corners(value)
    if corners is None:
        bad.append(f"{value!r:.60} is not a box")
        return None
    if all(0.0 <= corner <= 1.0 for corner in corners):
        return BBox.of(*corners)
    if width <= 0 or height <= 0:
        bad.append(f"{value!r:.60} stands on a page without a size")
        return None
    x0, y0, x1, y1 = corners
    if min(x0, x1) > width * _SLACK or min(y0, y1) > height * _SLACK or max(x0, x1) < 0 or max(y0, y1) < 0:
        bad.append(f"{value!r:.60} lies outside of its page")
        return None
    return BBox.scaled(corners, width, height)


def _corners(value: JsonValue) -> tuple[float, float, float, float] | None:
    """Two opposite corners, from any of the forms."""
    if isinstance(value, dict):
        return _of_object(value)
    numbers = list(_numbers(value))
    if None in numbers or len(numbers) < 4 or len(numbers) % 2:
        return None
    known = cast("list[float]", numbers)
    if len(known) == 4 and not isinstance(as_list(value)[0], list | dict):
        return known[0], known[1], known[2], known[3]
    across, down = known[0::2], known[1::2]
    return min(across), min(down), max(across), max(down)


def _numbers(value: JsonValue) -> Iterator[float | None]:
    """The numbers of a list, also of points in it, flat; None for what is not a number."""
    for item in as_list(value):
        if isinstance(item, list):
            yield from (as_float(number) for number in item)
        elif isinstance(item, dict):
            yield from (as_float(item.get(name)) for name in ("x", "y"))
        else:
            yield as_float(item)


def _of_object(value: JsonValue) -> tuple[float, float, float, float] | None:
    body = as_object(value)
    x, y, width, height = (as_float(body.get(name)) for name in ("x", "y", "width", "height"))
    return None if x is None or y is None or width is None or height is None else (x, y, x + width, y + height)
