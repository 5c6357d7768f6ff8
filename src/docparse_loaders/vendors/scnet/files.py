"""Where the pages are in SCNet's result files: in documents, in `datas`, in a bare list, in wrappings, or only as Markdown."""

import re

from pydantic import JsonValue

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import Notice
from docparse_loaders.vendors.archive import Archive, is_whole
from docparse_loaders.vendors.protocol import Blob, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_list, as_object, as_text, first, parse_json
from docparse_loaders.vendors.scnet.envelope import tasks_in

_WRAPPINGS = ("data", "result", "output", "pages")
_MARKDOWN = ("markdown", "content", "markdown_content")
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")
_DIGITS = re.compile(r"(\d+)")
_BOM = b"\xef\xbb\xbf"
_DEPTH = 6
_HINT = "Pass the files of a result, as JSON or Markdown, or the folder that holds them."


def pages_of(payload: Payload, notices: list[Notice]) -> list[JsonValue]:
    """The pages of all files in their order: an object each, or a string that is a page's Markdown.

    A document without a list of pages is told in `notices`: the pages after it are counted as if it had none.
    Raises `ProtocolError` if there are none, or if any of several files has none, because the result would not be whole.
    """
    if isinstance(payload, Parts):
        found = [page for blob in payload.blobs for page in _of_blob(blob, notices)]
    else:
        found = _of_blob(payload, notices) if isinstance(payload, Blob) else _of_json(payload, notices)
    if not found:
        raise ProtocolError("the result of SCNet has no pages.", vendor="scnet", hint=_HINT)
    return found


def is_cut(data: bytes) -> bool:
    """Whether a result file ends before its end; of Markdown nobody can tell, unless nothing is left of it."""
    data = data.removeprefix(_BOM)
    if data.startswith(b"PK"):
        return not is_whole(data)
    return not data.strip() or (_JSON.match(data) is not None and not _is_json(data))


def _is_json(data: bytes) -> bool:
    try:
        parse_json(data)
    except ValueError:
        return False
    return True


def markdown_of(page: Object) -> str:
    """The Markdown of a page: `md.markdown_content`, or one of the shorter forms."""
    stated = page.get("md")
    text = as_text(first(stated, ("markdown_content", *_MARKDOWN))) if isinstance(stated, dict) else as_text(stated)
    return text or as_text(first(page, _MARKDOWN))


def _of_blob(blob: Blob, notices: list[Notice]) -> list[JsonValue]:
    data = blob.data.removeprefix(_BOM)
    if data.startswith(b"PK\x03\x04"):
        return _of_archive(data, notices)
    try:
        value = parse_json(data)
    except ValueError:
        if _JSON.match(data):
            hint = "Resume with the token to fetch it again."
            raise ProtocolError("a result file of SCNet is damaged or cut short.", vendor="scnet", hint=hint) from None
        return _of_text(data)
    return _of_json(value, notices) if isinstance(value, dict | list | str) else _of_text(data)


def _of_archive(data: bytes, notices: list[Notice]) -> list[JsonValue]:
    """A folder of result files: those of JSON if there are any, else those of Markdown, by the numbers in their names."""
    if not is_whole(data):
        raise ProtocolError("the archive of the result is cut short.", vendor="scnet", hint=_HINT)
    archive = Archive(data)
    notices.extend(archive.notices())
    for suffixes in ((".json",), (".md", ".markdown", ".txt")):
        names = sorted((name for name in archive.names if name.lower().endswith(suffixes)), key=_natural)
        found = [page for name in names for page in _of_member(archive.read(name), notices)]
        if found:
            return found
    return []


def _of_member(data: bytes, notices: list[Notice]) -> list[JsonValue]:
    """Other files may lie in a folder, such as a saved answer; but a damaged one is not left out in silence."""
    if data.startswith(b"PK"):
        return []
    try:
        value = parse_json(data.removeprefix(_BOM))
    except ValueError:
        return _of_blob(Blob(data), notices)
    return _found(value, 0, notices) or []


def _natural(name: str) -> list[tuple[int, str]]:
    """The 10th file after the 9th."""
    return [(int(part), "") if part.isdecimal() and len(part) < 30 else (0, part) for part in _DIGITS.split(name)]


def _of_text(data: bytes) -> list[JsonValue]:
    text = data.decode("utf-8", "replace")
    if "\x00" in text or not text.strip():
        raise ProtocolError("a result file of SCNet is neither JSON nor Markdown.", vendor="scnet", hint=_HINT)
    return [text]


def _of_json(value: JsonValue, notices: list[Notice]) -> list[JsonValue]:
    found = _found(value, 0, notices)
    if found is None:
        raise ProtocolError(f"this is not a result of SCNet: it holds no pages{_status_in(value)}.", vendor="scnet", hint=_HINT)
    return found


def _found(value: JsonValue, depth: int, notices: list[Notice]) -> list[JsonValue] | None:
    if depth > _DEPTH:
        return None
    if isinstance(value, str):
        return [value] if value.strip() else None
    if isinstance(value, list):
        return _in_list(value, depth, notices)
    return _in_object(value, depth, notices) if isinstance(value, dict) else None


def _in_list(items: list[JsonValue], depth: int, notices: list[Notice]) -> list[JsonValue] | None:
    """A bare list of pages; or of documents, which have pages of their own."""
    if any(isinstance(item, dict) and _is_page(item) for item in items):
        return items
    inner = [_found(item, depth + 1, notices) if isinstance(item, dict | list) else None for item in items]
    if all(found is None for found in inner):
        return None
    notices += [_no_pages(place) for place, item in enumerate(items) if item is None]
    return [page for found in inner if found is not None for page in found]


def _in_object(body: Object, depth: int, notices: list[Notice]) -> list[JsonValue] | None:
    documents = as_list(body.get("documents"))
    pages = [_datas(document) for document in documents]
    if any(pages):
        notices += [_no_pages(place) for place, found in enumerate(pages) if found is None]
        return [page for found in pages if found is not None for page in found]
    if isinstance(body.get("datas"), list):
        return as_list(body["datas"])
    if _is_page(body):
        return [dict(body)]
    for name in _WRAPPINGS:
        inner = body.get(name)
        found = _found(inner, depth + 1, notices) if isinstance(inner, dict | list) else None
        if found is not None:
            return found
    return _without_pages(body, pages, notices)


def _without_pages(body: Object, pages: list[list[JsonValue] | None], notices: list[Notice]) -> list[JsonValue] | None:
    """No pages, if this is a result all the same; None if it is something else."""
    if "documents" not in body and "datas" not in body:
        return None
    notices += [_no_pages(place) for place, found in enumerate(pages) if found is None]
    if not isinstance(body.get("documents"), list):
        notices.append(_no_pages())
    return []


def _datas(document: JsonValue) -> list[JsonValue] | None:
    """The pages of a document; None if it has no list of them."""
    body = as_object(document)
    pages = first(body, ("datas", "data", "pages"))
    if isinstance(pages, list) and pages:
        return pages
    return [dict(body)] if _is_page(body) else pages if isinstance(pages, list) else None


def _no_pages(place: int | None = None) -> Notice:
    which = "a file of the result" if place is None else f"document {place + 1} of the result"
    return Notice("no_pages", f"{which} has no list of pages, and its text may be lost.")


def _is_page(item: Object) -> bool:
    return isinstance(item.get("blocks"), list) or bool(markdown_of(item))


def _status_in(value: JsonValue) -> str:
    words = [task.word or task.code for task in tasks_in(value) if task.word or task.code]
    said = words[0] if words else as_text(as_object(value).get("code"))
    return f" (it says {said!r})" if said else ""
