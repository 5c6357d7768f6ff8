"""Answers in the two spellings: Parse4AI's single calls in camelCase, everything else in snake_case."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from docparse_loaders.emulator.mineru.dialect import Dialect

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wording:
    """How one service answers; `camel` for the single calls of Parse4AI."""

    dialect: Dialect
    camel: bool

    def ok(self, data: Json) -> Json:
        """A success."""
        return self._around("0", "ok", data)

    def refusal(self, code: str, message: str) -> Json:
        """A refusal; mineru.net's gateway has a shape of its own for those about keys."""
        if code.startswith("A"):
            return {"success": False, "msgCode": code, "msg": message, "traceId": uuid4().hex}
        return self._around(code, message, None)

    def _around(self, code: str, message: str, data: Json | None) -> Json:
        body: Json = {"code": self.dialect.code(code), "data": data}
        if self.camel:
            return {**body, "message": message, "timestamp": 1640995200000}
        return {**body, "msg": message, "trace_id": uuid4().hex}

    def named(self, fields: Json) -> Json:
        """Fields in this service's spelling; what is None is left out."""
        found = {name: value for name, value in fields.items() if value is not None}
        return {_camel(name): value for name, value in found.items()} if self.camel else found


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
