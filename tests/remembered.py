"""What the local vendor made of a file, kept: tests that are about something else need not wait for it again."""

import json
from hashlib import sha256

import pytest
from pydantic import JsonValue

from docparse_loaders.vendors.local import work
from docparse_loaders.vendors.programs import Tools

_KNOWN: dict[str, JsonValue] = {}
_PARSE = work.parse


def remember_parses(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test: the same bytes with the same options are parsed once."""
    monkeypatch.setattr(work, "parse", _remembered)


def _remembered(data: bytes, options: JsonValue, tools: Tools | None = None) -> JsonValue:
    key = sha256(data).hexdigest() + json.dumps(options, sort_keys=True)
    if key not in _KNOWN:
        _KNOWN[key] = _PARSE(data, options, tools)
    return _KNOWN[key]
