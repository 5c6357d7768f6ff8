"""From what holds a result to the pages in it: lines of JSON, the answer of the synchronous service, a folder of either."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from docparse_loaders.errors import IncompleteResult, ProtocolError
from docparse_loaders.model import Notice
from docparse_loaders.vendors.archive import Archive, is_whole
from docparse_loaders.vendors.protocol import Blob, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_int, as_list, as_object, as_text, parse_json

_HINT = "Pass the file behind resultUrl.jsonUrl of a job that is done, or its lines as parsed JSON."
_BOM = b"\xef\xbb\xbf"
_LISTS: tuple[tuple[str, Literal["layout", "ocr"]], ...] = (("layoutParsingResults", "layout"), ("ocrResults", "ocr"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One page as it stands in the result: the part (line) that it came in, its place there, and what the part says of all."""

    raw: JsonValue
    form: Literal["layout", "ocr"]
    part: int
    place: int
    info: Object

    @property
    def pruned(self) -> Object:
        """What was found on the page."""
        return as_object(as_object(self.raw).get("prunedResult"))


def entries_of(payload: Payload, notices: list[Notice]) -> tuple[list[Entry], Object]:
    """All pages in their order, and what is known of the job besides; `notices` is told what was left out of an archive.

    Raises `ProtocolError` for what is no result of PaddleOCR, `IncompleteResult` if its last line is cut.
    """
    entries: list[Entry] = []
    job: Object = {}
    for part, value in enumerate(_values(payload, notices)):
        if isinstance(value, dict) and "extractProgress" in value and "result" not in value:
            job = value
        else:
            entries += _entries(value, part)
    return entries, job


def is_cut(data: bytes) -> bool:
    """Whether a result ends before its end. Lines that are left out as a whole cannot be told from here; pages are counted."""
    if data.startswith(b"PK"):
        return not is_whole(data)
    if _is_spread(data):
        return _whole(data) is None
    try:
        parse_json(data.rstrip().rpartition(b"\n")[2].removeprefix(_BOM))
    except ValueError:
        return True
    return False


def _values(payload: Payload, notices: list[Notice]) -> Iterator[JsonValue]:
    if isinstance(payload, Parts):
        for blob in payload.blobs:
            yield from _values(blob, notices)
    elif isinstance(payload, Blob):
        yield from _members(payload.data, notices) if payload.data.startswith(b"PK\x03\x04") else _lines(payload.data)
    elif isinstance(payload, list):
        yield from payload
    else:
        yield payload


def _members(data: bytes, notices: list[Notice]) -> Iterator[JsonValue]:
    """The results in a folder, by name."""
    archive = Archive(data)
    notices.extend(archive.notices())
    for name in sorted(archive.names):
        if name.lower().endswith((".jsonl", ".json")):
            yield from _lines(archive.read(name))


def _lines(data: bytes) -> Iterator[JsonValue]:
    """JSON line by line. Only a line feed ends one: other separators may stand raw within its strings."""
    if (whole := _whole(data)) is not None:
        yield whole
        return
    lines = data.removeprefix(_BOM).split(b"\n")
    last = max((place for place, line in enumerate(lines) if line.strip()), default=-1)
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            yield parse_json(line.strip())
        except ValueError:
            if place == last and place > 0:
                said = f"line {place + 1}, the last of the result, is cut short."
                raise IncompleteResult(said, vendor="paddleocr", hint="Resume with the token to fetch it again.") from None
            raise ProtocolError(f"line {place + 1} of the result is not JSON.", vendor="paddleocr", hint=_HINT) from None


def _is_spread(data: bytes) -> bool:
    """Whether this begins like one JSON value written over several lines."""
    return data[:64].removeprefix(_BOM).lstrip().startswith((b"[", b"{\n", b"{\r"))


def _whole(data: bytes) -> JsonValue | None:
    """A file that is one JSON value written over several lines."""
    if not _is_spread(data):
        return None
    try:
        return parse_json(data.removeprefix(_BOM))
    except ValueError:
        return None


def _entries(value: JsonValue, part: int) -> Iterator[Entry]:
    body = as_object(value)
    result = as_object(body.get("result")) or body
    info = as_object(result.get("dataInfo"))
    for name, form in _LISTS:
        pages = result.get(name)
        if isinstance(pages, list):
            for place, raw in enumerate(pages):
                yield Entry(raw, form, part, place, info)
            return
        if name in result:
            for place in range(max(len(as_list(info.get("pages"))), 1)):
                yield Entry(None, form, part, place, info)
            return
    if "prunedResult" in result:
        yield Entry(dict(result), "ocr" if "ocrImage" in result else "layout", part, 0, info)
    elif "parsing_res_list" in result or "rec_texts" in result:
        yield Entry({"prunedResult": dict(result)}, "layout" if "parsing_res_list" in result else "ocr", part, 0, info)
    else:
        raise ProtocolError(
            f"this is not a result of PaddleOCR: it holds no pages{_said(body)}.", vendor="paddleocr", hint=_HINT
        )


def _said(body: Object) -> str:
    """What an answer that is no result says of itself."""
    data = as_object(body.get("data"))
    words = as_text(data.get("state")) or as_text(body.get("errorMsg")) or as_text(body.get("msg"))
    code = as_int(body.get("errorCode")) or as_int(body.get("code"))
    return f" (it says {words!r}{f', code {code}' if code else ''})" if words else ""
