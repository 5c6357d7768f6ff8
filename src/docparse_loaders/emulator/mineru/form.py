"""Reads a request as strictly as the API docs allow; everything else is refused with a documented code."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from docparse_loaders.emulator.mineru.words import CODES, EXTRA_FORMATS, MODELS, SUFFIXES, WEB

Json = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9_.\-]{1,128}")
_SEED = re.compile(r"[A-Za-z0-9_]{1,64}")
_RANGE = re.compile(r"(-?\d{1,6})(?:-(-?\d{1,6}))?")
_SNAKE = re.compile(r"(?<=[a-z0-9])([A-Z])")
_COMMON = {
    "enable_formula": bool,
    "enable_table": bool,
    "language": str,
    "callback": str,
    "seed": str,
    "extra_formats": list,
    "model_version": str,
    "no_cache": bool,
    "cache_tolerance": int,
}
_FILE = {"is_ocr": bool, "data_id": str, "page_ranges": str}


class Refused(Exception):
    """A request is answered with an error code; `reason` is added to the code's own sentence."""

    def __init__(self, code: str, reason: str = "") -> None:
        sentence = CODES.get(code, "未知错误")
        super().__init__(f"{sentence}: {reason}" if reason else sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Order:
    """A document to parse: where it is (an address, or "" for an upload), its name and everything that was asked for."""

    url: str
    name: str
    data_id: str
    options: Mapping[str, Any]

    @property
    def suffix(self) -> str:
        """The end of its name, in lower case."""
        return PurePosixPath(self.name.lower()).suffix


def read_json(body: bytes, media_type: str) -> Json:
    """The body of a submit. Raises `Refused`."""
    if not media_type.lower().startswith("application/json"):
        raise Refused("-500", "Content-Type")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("-500", "not JSON") from None
    if not isinstance(value, dict):
        raise Refused("-500", "not an object")
    return value


def single(body: Json, service: str, *, camel: bool) -> Order:
    """The submit of one document; Parse4AI writes its fields in camelCase. Raises `Refused`."""
    # Java reads by exact name: a field in another spelling is not seen.
    fields = {_SNAKE.sub(r"_\1", name).lower(): value for name, value in body.items() if "_" not in name} if camel else body
    _check(fields, {**_COMMON, **_FILE, "url": str}, service)
    return _order(fields, fields, named=False)


def batch(body: Json, service: str, most: int, *, upload: bool) -> list[Order]:
    """The submit of several documents, or the reservation of places for them. Raises `Refused`."""
    files = body.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(file, dict) for file in files):
        raise Refused("-10002", "files")
    if len(files) > most:
        raise Refused("-10002", f"at most {most} files")
    common = {name: value for name, value in body.items() if name != "files"}
    _check(common, _COMMON, service)
    for file in files:
        _check(file, {**_FILE, "url": str, "name": str}, service)
    orders = [_order(file, {**common, **file}, named=upload) for file in files]
    ids = [order.data_id for order in orders if order.data_id]
    if len(set(ids)) < len(ids):
        raise Refused("-10002", "data_id is not unique")
    return orders


def selected(ranges: str | None, total: int) -> list[int]:
    """The pages, 1-based, that "2,4-6" or "2--2" (up to the last but one) name. Raises `Refused`.

    Of a page that the file does not have the docs say nothing: it is left out.
    """
    if not ranges:
        return list(range(1, total + 1))
    wanted: set[int] = set()
    for part in ranges.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise Refused("-10002", "page_ranges")
        first = _counted(int(match[1]), total)
        last = _counted(int(match[2]), total) if match[2] else first
        wanted.update(range(max(first, 1), min(last, total) + 1))
    return sorted(wanted)


def looks_like(suffix: str, data: bytes) -> bool:
    """Whether a file begins as its suffix says."""
    marks = SUFFIXES.get(suffix, ())
    return (marks[0] in data[:1024] if suffix == ".pdf" else data.startswith(marks)) if marks else suffix in WEB


def _counted(page: int, total: int) -> int:
    return page if page >= 0 else total + 1 + page


def _check(fields: Mapping[str, Any], types: Mapping[str, type], service: str) -> None:
    for name, value in fields.items():
        kind = types.get(name)
        if kind is not None and value is not None and (not isinstance(value, kind) or (kind is int and value is True)):
            raise Refused("-500", name)
    if fields.get("model_version") not in {None, *MODELS[service]}:
        raise Refused("-10002", "model_version")
    if any(entry not in EXTRA_FORMATS for entry in map(str, fields.get("extra_formats") or ())):
        raise Refused("-10002", "extra_formats")
    callback, seed = fields.get("callback"), fields.get("seed")
    if callback and urlsplit(callback).scheme not in {"http", "https"}:
        raise Refused("-10002", "callback")
    if (callback or seed) and not _SEED.fullmatch(seed or ""):
        raise Refused("-10002", "seed")
    if fields.get("data_id") and not _ID.fullmatch(fields["data_id"]):
        raise Refused("-10002", "data_id")
    selected(fields.get("page_ranges"), 1)


def _order(file: Mapping[str, Any], options: Mapping[str, Any], *, named: bool) -> Order:
    place = file.get("name" if named else "url")
    if not isinstance(place, str) or not place:
        raise Refused("-10002", "name" if named else "url")
    name = place if named else unquote(urlsplit(place).path.rpartition("/")[2])
    order = Order("" if named else place, name, file.get("data_id") or "", options)
    taken = WEB if options.get("model_version") == "MinerU-HTML" else frozenset(SUFFIXES)
    if order.suffix not in taken:
        raise Refused("-60002", order.suffix or "no suffix")
    return order
