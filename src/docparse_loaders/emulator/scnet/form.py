"""Reads a request of SCNet's clients: the page's JSON in either spelling, or the form of its command line."""

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request

from docparse_loaders.emulator.scnet.dialect import Json
from docparse_loaders.emulator.scnet.words import MAX_DIRECT_BYTES, OCR_TYPE, SUFFIXES


class Refused(Exception):
    """A request is answered with an error code; `reason` is added to the code's own sentence."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(reason or code)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Order:
    """A submit in order: where the document is, or the document itself."""

    name: str
    url: str = ""
    data: bytes | None = None


async def read_order(request: Request) -> Order:
    """Read a submit. Raises `Refused`."""
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await read_json(request)
        _note(request, body)
        return _of_fields(body)
    async with request.form() as form:
        fields: Json = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        _note(request, fields)
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            return _of_fields(fields)
        request.state.arrival.files = (("file", upload.filename or "", upload.size or 0),)
        _check_type(fields)
        if (upload.size or 0) > MAX_DIRECT_BYTES:
            raise Refused("InvalidParameter", "file is larger than 10 MB")
        return Order(_checked_name(upload.filename or ""), data=await upload.read())


async def read_json(request: Request) -> Json:
    """The body as a JSON object. Raises `Refused`."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused("InvalidParameter", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise Refused("InvalidParameter", "the body is not an object")
    return body


def _of_fields(fields: Json) -> Order:
    """The table says `file_url`, the samples `fileUrl`; the client's further fields are in no document and are let pass."""
    _check_type(fields)
    url = fields.get("file_url") or fields.get("fileUrl")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Refused("InvalidParameter", "file_url")
    return Order(_checked_name(unquote(urlsplit(url).path)), url)


def _check_type(fields: Json) -> None:
    given = fields.get("ocr_type", fields.get("ocrType", OCR_TYPE))
    if given != OCR_TYPE:
        raise Refused("InvalidParameter", f"ocr_type {given!r}")


def _checked_name(path: str) -> str:
    name = PurePosixPath(path).name
    if PurePosixPath(name.lower()).suffix not in SUFFIXES:
        raise Refused("InvalidParameter", f"file type of {name!r}")
    return name


def looks_like(name: str, data: bytes) -> bool:
    """Whether a file begins as its suffix promises."""
    marks = SUFFIXES[PurePosixPath(name.lower()).suffix]
    if marks == SUFFIXES[".pdf"]:
        return marks[0] in data[:1024]
    return not marks or data.startswith(marks)


def _note(request: Request, fields: Json) -> None:
    request.state.arrival.form = tuple(
        (name, value if isinstance(value, str) else json.dumps(value)) for name, value in fields.items()
    )
