"""Reads a submit of PaddleOCR's clients, by address or by upload, and refuses it with the documented codes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from docparse_loaders.emulator.fetching import NotFetched
from docparse_loaders.emulator.paddleocr.values import agree, fits
from docparse_loaders.emulator.paddleocr.words import CODES, MAX_ADDRESS, MAX_UPLOAD, MODELS, SUFFIXES, Family, type_of
from docparse_loaders.emulator.shelf import Shelf

_RANGE = re.compile(r" *(-?[0-9]{1,6})(?:-(-?[0-9]{1,6}))? *")


class Refused(Exception):
    """A request is answered with an error code; `reason` goes into data.errorMsg."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(CODES[code][1] if code in CODES else "未知错误")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Order:
    """A submit in order: the file and its type (pdf, image, tiff), the model, its options, pages and batch."""

    name: str
    data: bytes
    type: str
    model: str
    options: Mapping[str, Any]
    page_ranges: str | None
    batch_id: str | None

    @property
    def family(self) -> Family:
        """What the model gives: lines of text, or a layout."""
        return MODELS[self.model]

    def flag(self, name: str, default: bool) -> bool:
        """An option that is on or off."""
        value = self.options.get(name)
        return value if isinstance(value, bool) else default

    def pages(self, count: int) -> list[int]:
        """The pages wanted of a file of `count`, from 1 and in order. Raises `Refused` if one is not there."""
        if self.page_ranges is None:
            return list(range(1, count + 1))
        wanted: set[int] = set()
        for ends in _ranges(self.page_ranges):
            first, last = (_counted(number, count) for number in ends)
            if not 1 <= first <= last <= count:
                raise Refused(10008, f"pageRanges: {self.page_ranges!r} of {count} pages")
            wanted |= set(range(first, last + 1))
        return sorted(wanted)


def _ranges(text: str) -> list[tuple[int, int]]:
    """The first and last page of each range as they are written. Raises `Refused` for what is none, whatever the file."""
    matches = [_RANGE.fullmatch(part) for part in text.split(",")]
    ranges = [(int(match[1]), int(match[2] or match[1])) for match in matches if match is not None]
    backwards = any(0 < last < first or last < first < 0 for first, last in ranges)
    if len(ranges) < len(matches) or backwards or any(0 in ends for ends in ranges):
        raise Refused(10008, f"pageRanges: {text!r}")
    return ranges


def _counted(number: int, count: int) -> int:
    """A negative number counts from the end: -1 is the last page."""
    return number if number >= 0 else count + 1 + number


async def read_order(request: Request, shelf: Shelf, max_bytes: int | None) -> Order:
    """Read a submit. Raises `Refused`."""
    fields, upload = await _fields(request)
    model = fields.get("model")
    if not isinstance(model, str) or model not in MODELS:
        raise Refused(10007, f"model: {model!r}")
    options = _options(fields.get("optionalPayload"), form=upload is not None or "fileUrl" not in fields)
    for name in ("pageRanges", "batchId"):
        if fields.get(name) is not None and (not isinstance(fields[name], str) or not fields[name]):
            raise Refused(10008, name)
    if fields.get("pageRanges"):
        _ranges(fields["pageRanges"])
    url = fields.get("fileUrl")
    if (upload is None) == (url is None):
        raise Refused(10008, "either file or fileUrl")
    name, data = upload if upload is not None else await _fetched(url, shelf)
    limit = max_bytes or (MAX_UPLOAD if upload is not None else MAX_ADDRESS)
    kind = _checked(name, data, limit, by_address=upload is None)
    return Order(name, data, kind, model, options, fields.get("pageRanges"), fields.get("batchId"))


async def _fields(request: Request) -> tuple[dict[str, Any], tuple[str, bytes] | None]:
    """The named values of a submit, and the uploaded file if there is one."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        fields = _object(await request.body(), "body")
        request.state.arrival.form = tuple((name, repr(value)) for name, value in fields.items())
        return fields, None
    if kind != "multipart/form-data":
        raise Refused(10008, f"Content-Type: {kind or 'none'}")
    try:
        async with request.form() as form:
            fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
            file = form.get("file")
            given = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else None
            request.state.arrival.form = tuple(fields.items())
            request.state.arrival.files = (("file", given[0], len(given[1])),) if given else ()
    except HTTPException as error:
        raise Refused(10008, str(error.detail)) from None
    return fields, given


def _options(value: Any, *, form: bool) -> dict[str, Any]:
    if value is None:
        return {}
    if form:
        value = _object(value.encode() if isinstance(value, str) else b"", "optionalPayload")
    if not isinstance(value, dict):
        raise Refused(10008, "optionalPayload is not an object")
    for name, given in value.items():
        if not fits(name, given):
            raise Refused(10008, f"optionalPayload.{name}: {given!r}")
    if not agree(value):
        raise Refused(10008, "optionalPayload.minPixels is more than maxPixels")
    return value


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(10008, f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(10008, f"{what} is not an object")
    return value


async def _fetched(url: object, shelf: Shelf) -> tuple[str, bytes]:
    if not isinstance(url, str):
        raise Refused(10002)
    try:
        data = await shelf.fetch(url)
    except NotFetched as error:
        raise Refused(10002, str(error)) from None
    return PurePosixPath(urlsplit(url).path).name, data


def _checked(name: str, data: bytes, limit: int, *, by_address: bool) -> str:
    """The type of a file that is taken. An address need not end in a suffix."""
    if not data:
        raise Refused(10001)
    if len(data) > limit:
        raise Refused(10003)
    suffix, found = PurePosixPath(name.lower()).suffix, type_of(data)
    known = SUFFIXES.get(suffix)
    if known is None and not (by_address and found is not None):
        raise Refused(10004, suffix or "no suffix")
    if found is None:
        raise Refused(10005)
    return found
