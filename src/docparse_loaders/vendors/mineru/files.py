"""Which of the files of a result to read, and what JSON is in it: told by shape, because names end alike."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import JsonValue

from docparse_loaders.vendors.readers import Object, as_list, as_object, parse_json

Form = Literal["tree", "list", "list_v2", "model"]

_TREES = frozenset({"layout.json", "middle.json", "middle_json.json"})
_WRAPPINGS = (
    "data",
    "result",
    "results",
    "raw",
    "middle_json",
    "layout",
    "content_list",
    "content_list_v2",
    "structured_content",
)
_PAGED = frozenset({"para_blocks", "preproc_blocks", "discarded_blocks"})
_DEPTH = 6


class Found(NamedTuple):
    """JSON of a result, and which of MinerU's forms it has."""

    form: Form
    value: JsonValue


def ranked(names: Iterable[str]) -> list[str]:
    """The JSON files of a result that may hold it, the best first, and of equal ones that in the highest folder."""
    known = [(rank, name.count("/"), name) for name in names if (rank := _rank(name)) is not None]
    return [name for _, _, name in sorted(known)]


def text_among(names: Iterable[str]) -> str | None:
    """The Markdown file of a result: that in the highest folder, `full.md` before others."""
    found = [(name.count("/"), _base(name) != "full.md", name) for name in names if name.lower().endswith(".md")]
    return min(found)[2] if found else None


def recognised(value: JsonValue, depth: int = 0) -> Found | None:
    """What JSON is, out of whatever it is wrapped in; None if it is nothing of MinerU's."""
    if depth > _DEPTH:
        return None
    if isinstance(value, str):
        return _of_string(value, depth)
    if isinstance(value, list):
        return _of_list(value)
    body = as_object(value)
    if isinstance(body.get("pdf_info"), list):
        return Found("tree", value)
    if isinstance(body.get("pages"), list):
        return Found("model" if _all_lists(as_list(body["pages"])) else "tree", value)
    if isinstance(body.get("blocks"), list):
        return Found("tree", {"pages": [{"blocks": body["blocks"]}]})
    return _unwrapped(body, depth)


def _unwrapped(body: Object, depth: int) -> Found | None:
    inner = [body[name] for name in _WRAPPINGS if isinstance(body.get(name), dict | list | str)]
    # The self-hosted service has one entry for each file, by its name.
    inner += [entry for entry in body.values() if isinstance(entry, dict)][:1] if depth and not inner else []
    return next((found for entry in inner if (found := recognised(entry, depth + 1)) is not None), None)


def _of_string(value: str, depth: int) -> Found | None:
    """JSON in a string, as the self-hosted service has it."""
    if not value.lstrip().startswith(("{", "[")):
        return None
    try:
        return recognised(parse_json(value.encode("utf-8", "replace")), depth + 1)
    except ValueError:
        return None


def _of_list(value: list[JsonValue]) -> Found | None:
    if value and _all_lists(value):
        items = (item for page in value for item in as_list(page))
        return Found("list_v2" if any(isinstance(as_object(item).get("content"), dict) for item in items) else "model", value)
    objects = [item for item in value if isinstance(item, dict)]
    if any(_PAGED & item.keys() for item in objects):
        return Found("tree", {"pdf_info": value})
    if not value or any("type" in item or "page_idx" in item for item in objects):
        return Found("list", value)
    return None


def _all_lists(values: list[JsonValue]) -> bool:
    return bool(values) and all(isinstance(value, list) for value in values)


def _rank(name: str) -> int | None:
    base = _base(name)
    if not base.endswith(".json"):
        return None
    stem = base.removesuffix(".json")
    if base in _TREES or stem.endswith(("_middle", "_layout")):
        return 0
    if stem.endswith("structured_content"):
        return 1
    if stem.endswith("content_list"):
        return 2
    if stem.endswith("content_list_v2"):
        return 3
    return 4 if stem.endswith("model") else 5


def _base(name: str) -> str:
    return name.rpartition("/")[2].lower()
