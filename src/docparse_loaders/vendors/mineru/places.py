"""Where MinerU says that something is: points of the page, thousandths of it, or fractions, depending on the file."""

from typing import cast

from pydantic import JsonValue

from docparse_loaders.model import BBox, Image
from docparse_loaders.vendors.pictures import embedded, image_at
from docparse_loaders.vendors.readers import Object, as_box, as_float, as_list, as_text, first

_THOUSAND = 1000.0
_SLACK = 1.05
"""How far outside of its page a box may reach before it is taken for one in another unit."""
_PLAIN = frozenset({int, float})
PATHS = ("image_path", "img_path", "image_url", "path", "url")


def box_in(value: JsonValue | None, width: float, height: float, bad: list[str]) -> BBox | None:
    """A box in the unit of a page that is `width` by `height` large; what is wrong with it is told in `bad`."""
    if isinstance(value, list) and len(value) == 4 and width > 0 and height > 0:
        x0, y0, x1, y1 = value
        # Plain numbers are the rule, and there are many: the slow way is only for those that are not.
        plain = type(x0) in _PLAIN and type(y0) in _PLAIN and type(x1) in _PLAIN and type(y1) in _PLAIN
        try:
            box = BBox.scaled(cast("list[float]", value), width, height) if plain else as_box(value, width, height)
        except OverflowError:  # a whole number that no float holds
            box = None
        if box is not None and (box.x0 < box.x1 and box.y0 < box.y1):
            return box
        return _checked(box, value, width, height, bad)
    if value is not None and value != [] and width > 0 and height > 0:
        bad.append(f"{value!r:.60} is not a box")
    return None


def thousandths(value: JsonValue | None, bad: list[str]) -> BBox | None:
    """A box of `content_list.json`: whole thousandths of the page; fractions if all of it is at most 1."""
    scale = 1.0 if is_fraction(value) else _THOUSAND
    return box_in(value, scale, scale, bad)


def is_fraction(value: JsonValue | None) -> bool:
    """Whether a box is in fractions of the page: no corner is above 1, and not all of them are whole."""
    numbers = [as_float(corner) for corner in as_list(value)]
    known = [number for number in numbers if number is not None]
    return len(known) == 4 and max(known) <= 1.0 and any(not number.is_integer() for number in known)


def image_of(source: Object) -> Image | None:
    """The picture that a span or an item names: a file of the result, an address, or the bytes themselves."""
    data = as_text(source.get("image_base64"))
    if data:
        return embedded(data)
    return image_at(as_text(first(source, PATHS)))


def _checked(box: BBox | None, value: JsonValue, width: float, height: float, bad: list[str]) -> BBox | None:
    """A box without area: a thin line is one, what lies outside of its page is not."""
    corners = [as_float(corner) for corner in as_list(value)]
    x0, y0, x1, y1 = (0.0 if corner is None else corner for corner in corners)
    if box is None or None in corners:
        bad.append(f"{value!r:.60} is not a box")
        return None
    if min(x0, x1) > width * _SLACK or min(y0, y1) > height * _SLACK or max(x0, x1) < 0 or max(y0, y1) < 0:
        bad.append(f"{value!r:.60} lies outside of its page")
        return None
    return box
