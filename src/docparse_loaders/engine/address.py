"""The document's own address, put into a call when it goes out: a vendor knows where it belongs, and never keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from urllib.parse import urlsplit

from pydantic import JsonValue

from docparse_loaders.engine.masking import rewrite
from docparse_loaders.errors import DocParseError, JobFailed
from docparse_loaders.model import SourceFacts
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Call
from docparse_loaders.vendors.readers import as_list, as_object

_SHORTEST = 8
"""A query of fewer characters is no signature, and may be a word of the language."""


@dataclass(frozen=True, slots=True)
class _Addressed(Call):
    """A call with the address in it, which may be signed: what it holds shows in no repr."""

    json: JsonValue | None = field(default=None, repr=False)


def addressed(call: Call, source: Source) -> Call:
    """The call with the address in its slot; a call without one as it is. Raises `JobFailed` if it is not known here."""
    slot = call.address
    if slot is None:
        return call
    if source.facts.url is None:
        raise unknown()
    filled: dict[str, object] = {entry.name: getattr(call, entry.name) for entry in fields(call)} | {"address": None}
    if slot.place == "form":
        filled["form"] = (*call.form, (str(slot.path[0]), source.facts.url))
    else:
        filled["json"] = _with(call.json, slot.path, source.facts.url)
    return _Addressed(**filled)  # type: ignore[arg-type]  # the fields of a Call


def is_missing(call: Call, source: Source) -> bool:
    """Whether a call needs an address that is not known here, as after a resume from a token."""
    return call.address is not None and source.facts.url is None


def unknown(vendor: str = "", status: str = "") -> JobFailed:
    """The error for a document that is to be submitted again from a token that does not hold its address."""
    word = f" ({status})" if status else ""
    said = f"the job failed{word} and is to be submitted again, but the document's address may be signed: no token holds it."
    return JobFailed(said, vendor=vendor, hint="Parse the document again by its address.")


def kept(facts: SourceFacts) -> SourceFacts:
    """The facts as a token may hold them: with the address only if it has neither a query nor a password."""
    return facts if facts.url in {None, facts.uri} else replace(facts, url=None)


def hide(error: DocParseError, source: Source) -> None:
    """Take a signed address out of what an error says, because a vendor may quote it."""
    url, uri = source.facts.url, source.facts.uri
    if url is None or url == uri:
        return
    query = urlsplit(url).query
    rewrite(error, [(url, uri), (query, "…")] if len(query) >= _SHORTEST else [(url, uri)])


def _with(value: JsonValue | None, path: Sequence[str | int], url: str) -> JsonValue:
    """The JSON with the address at the end of the path, and otherwise the same."""
    if not path:
        return url
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        body = as_object(value)
        return {**body, step: _with(body.get(step), rest, url)}
    items = as_list(value)
    return [*items[:step], _with(items[step], rest, url), *items[step + 1 :]]
