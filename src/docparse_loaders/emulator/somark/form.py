"""Reads a request of SoMark's clients as strictly as its API docs allow; everything else is refused with a documented code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from starlette.datastructures import FormData, UploadFile

from docparse_loaders.emulator.somark.words import CODES, DEFAULT_OUTPUTS, ELEMENTS, FEATURES, OUTPUTS, SUFFIXES


class Refused(Exception):
    """A request is answered with an error code; `reason` is added to the code's own sentence."""

    def __init__(self, code: int, reason: str = "") -> None:
        sentence = CODES.get(code, "Unknown error")
        super().__init__(f"{sentence}: {reason}" if reason else sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class Order:
    """A submit in order: the file, what is wanted of it, and what the client should know."""

    file_name: str
    suffix: str
    data: bytes
    outputs: tuple[str, ...]
    elements: Mapping[str, str]
    features: Mapping[str, bool]
    warnings: tuple[str, ...]


def text(form: FormData, name: str) -> str | None:
    """The value of a text field; None if it is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else None


async def read_order(form: FormData, max_bytes: int) -> Order:
    """Read the form of a submit. Raises `Refused`."""
    outputs = _outputs(form)
    elements = _elements(form)
    features = _features(form)
    if "zip" in outputs and elements["image"] != "file":
        raise Refused(1105, 'output format zip needs element_formats.image = "file"')
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise Refused(1111)
    name = upload.filename or ""
    if (upload.size or 0) > max_bytes:
        raise Refused(1118)
    data = await upload.read()
    suffix = _checked_suffix(name, data)
    warnings = ("extract_config is deprecated",) if "extract_config" in form else ()
    return Order(name, suffix, data, outputs, elements, features, warnings)


def _outputs(form: FormData) -> tuple[str, ...]:
    given = form.getlist("output_formats")
    for value in given:
        if value not in OUTPUTS:
            raise Refused(1105, f"output_formats {value!r}")
    return tuple(name for name in OUTPUTS if name in (given or DEFAULT_OUTPUTS))


def _elements(form: FormData) -> dict[str, str]:
    chosen = {name: values[0] for name, values in ELEMENTS.items()}
    for name, value in _object(form, "element_formats").items():
        if value not in ELEMENTS.get(name, ()):
            raise Refused(1105, f"element_formats.{name}")
        chosen[name] = value
    return chosen


def _features(form: FormData) -> dict[str, bool]:
    given = _object(form, "feature_config") or _object(form, "extract_config")
    for name, value in given.items():
        if name not in FEATURES or not isinstance(value, bool):
            raise Refused(1105, f"feature_config.{name}")
    return {**FEATURES, **given}


def _object(form: FormData, field: str) -> dict[str, Any]:
    if field not in form:
        return {}
    try:
        value = json.loads(text(form, field) or "")
    except (ValueError, RecursionError):
        raise Refused(1105, f"{field} is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(1105, f"{field} is not a JSON object")
    return value


def _checked_suffix(name: str, data: bytes) -> str:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix not in SUFFIXES:
        raise Refused(1104, suffix or "no suffix")
    if not data or not _looks_like(suffix, data):
        raise Refused(1106 if suffix == ".pdf" else 1104, "the content is not what the name says" if data else "empty file")
    return suffix


def _looks_like(suffix: str, data: bytes) -> bool:
    marks = SUFFIXES[suffix]
    # A PDF may have some bytes before its header, and the brand of an ISO container (HEIC) stands behind its length.
    if suffix == ".pdf":
        return marks[0] in data[:1024]
    return not marks or data.startswith(marks) or data[4:8] in marks
