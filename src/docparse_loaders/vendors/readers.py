"""Readers of vendors' JSON. Those named `as_…` return a value of the wanted type or its default, and never raise."""

import math
import re
from collections.abc import Iterable, Mapping

from pydantic import JsonValue
from pydantic_core import from_json

from docparse_loaders.model import BBox

Object = Mapping[str, JsonValue]
_WRAPPED = re.compile(r"\s*(?:\$\$(.*?)\$\$|\\\[(.*?)\\\]|\$(.*?)\$)\s*", re.DOTALL)
_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.:-]{1,128}")  # not "..", which leads to another path


def parse_json(data: bytes) -> JsonValue:
    """JSON from untrusted bytes: depth is bounded, NaN and infinity are refused. Raises `ValueError`.

    A number too large for a float reads as infinite, and the readers below take it for none: it costs nobody a paid result.
    """
    value: JsonValue = from_json(data, allow_inf_nan=False)
    return value


def as_object(value: JsonValue | None) -> Object:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JsonValue | None) -> list[JsonValue]:
    """A JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def holds_no_list(raw: Object, *names: str) -> bool:
    """Whether something else stands where a list should, so that what was in it is lost."""
    return any(name in raw for name in names) and not any(isinstance(raw.get(name), list) for name in names)


def as_text(value: JsonValue | None) -> str:
    """A string that can be stored anywhere: numbers written out, NUL and lone surrogates removed."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if isinstance(value, int) or math.isfinite(value) else ""
    return ""


def as_int(value: JsonValue | None) -> int | None:
    """A whole number, also from a string or from 3.0; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) < 20 and value.strip().lstrip("-").isdecimal():
        return int(value)
    return None


def as_float(value: JsonValue | None) -> float | None:
    """A finite number, also from a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_id(value: JsonValue | None) -> str | None:
    """An id that is safe in a path and in a token; None if it is not one. Long numbers stay whole."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else None


def first(source: Object, names: Iterable[str]) -> JsonValue | None:
    """The first of several spellings of a field that is there and not null."""
    for name in names:
        found = source.get(name)
        if found is not None:
            return found
    return None


def as_box(value: JsonValue | None, width: float, height: float) -> BBox | None:
    """A box from [x0, y0, x1, y1] in the page's own unit; None if it is missing, malformed or the page has no size."""
    if not isinstance(value, list) or len(value) != 4 or width <= 0 or height <= 0:
        return None
    x0, y0, x1, y1 = value
    # Plain numbers are the rule, and there are many: the slow way is only for those that are not.
    if type(x0) is int and type(y0) is int and type(x1) is int and type(y1) is int:
        try:
            return BBox.scaled((x0, y0, x1, y1), width, height)
        except OverflowError:  # whole numbers of hundreds of digits
            return None
    corners = [as_float(corner) for corner in value]
    numbers = [corner for corner in corners if corner is not None]
    return BBox.scaled(numbers, width, height) if len(numbers) == 4 else None


def clean(text: str) -> str:
    """Remove what no database stores: NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "ignore").decode()
    return text


def latex_of(text: str) -> str:
    """LaTeX without the dollars or brackets around it."""
    match = _WRAPPED.fullmatch(text)
    return (next((part for part in match.groups() if part is not None), "") if match else text).strip()
