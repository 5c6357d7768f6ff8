"""How work says what is wrong with a file: as data, which `wire` turns into the typed error."""

from pydantic import JsonValue


def fault(kind: str, message: str) -> JsonValue:
    """The reply in place of a result; `kind` is one of those that `wire` knows."""
    return {"error": {"kind": kind, "message": message}}
