"""The one-call functions: a file or many in, documents out; and a saved result in, without any request."""

import io
import zipfile
from collections.abc import AsyncGenerator, Iterator
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_json

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.engine.store import StoreLike
from docparse_loaders.errors import SourceNotFound
from docparse_loaders.model import SourceFacts
from docparse_loaders.outcome import Order, Outcome
from docparse_loaders.pages import PageSelection, PagesLike
from docparse_loaders.parser import DocParser, Listener, OnEvent, VendorLike
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source, SourceLike
from docparse_loaders.vendors import config_of, vendor_of
from docparse_loaders.vendors.protocol import Blob, Payload
from docparse_loaders.vendors.readers import parse_json


def parse(
    source: SourceLike,
    *,
    vendor: VendorLike = "local",
    pages: PagesLike | None = None,
    name: str | None = None,
    policy: Policy | None = None,
    store: StoreLike | None = None,
    on_progress: Listener | None = None,
    on_event: OnEvent | None = None,
) -> ParsedDocument:
    """Parse one document and wait for it.

    `source` is a path, bytes (with their file `name`), a binary file, an fsspec address or a LangChain Blob; `vendor` a name or
    a config object; `pages` selects pages of the file, 1-based (`"1-5,8"`, an int, a range, a list); `on_event` hears of it on
    its way, as an `Event`. Works in scripts, threads,
    notebooks and where an event loop is running. Raises `DocParseError` and its subclasses.
    """
    parser = DocParser(vendor, policy=policy, store=store, on_progress=on_progress, on_event=on_event)
    return parser.parse(source, pages=pages, name=name)


async def aparse(
    source: SourceLike,
    *,
    vendor: VendorLike = "local",
    pages: PagesLike | None = None,
    name: str | None = None,
    policy: Policy | None = None,
    store: StoreLike | None = None,
    on_progress: Listener | None = None,
    on_event: OnEvent | None = None,
) -> ParsedDocument:
    """Parse one document; as `parse`."""
    parser = DocParser(vendor, policy=policy, store=store, on_progress=on_progress, on_event=on_event)
    return await parser.aparse(source, pages=pages, name=name)


def parse_many(
    sources: SourceLike,
    *,
    vendor: VendorLike = "local",
    pages: PagesLike | None = None,
    concurrency: int = 8,
    order: Order = "input",
    progress: bool = False,
    policy: Policy | None = None,
    store: StoreLike | None = None,
    on_progress: Listener | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[Outcome]:
    """Parse files, folders or lists of them, and yield an `Outcome` for each: a document or its error.

    `concurrency` are under way at once. Outcomes come in the inputs' order, or with `order="completion"` each as soon as it is
    there. `progress` shows a bar with files, pages and an estimate; `on_event` hears the same, an `Event` at a time.
    """
    parser = DocParser(vendor, policy=policy, store=store, on_progress=on_progress, on_event=on_event)
    return parser.parse_many(sources, pages=pages, concurrency=concurrency, order=order, progress=progress)


def aparse_many(
    sources: SourceLike,
    *,
    vendor: VendorLike = "local",
    pages: PagesLike | None = None,
    concurrency: int = 8,
    order: Order = "input",
    progress: bool = False,
    policy: Policy | None = None,
    store: StoreLike | None = None,
    on_progress: Listener | None = None,
    on_event: OnEvent | None = None,
) -> AsyncGenerator[Outcome, None]:
    """Parse files, folders or lists of them; as `parse_many`."""
    parser = DocParser(vendor, policy=policy, store=store, on_progress=on_progress, on_event=on_event)
    return parser.aparse_many(sources, pages=pages, concurrency=concurrency, order=order, progress=progress)


def from_result(
    result: Any, *, vendor: VendorLike, source: SourceLike | None = None, pages: PagesLike | None = None
) -> ParsedDocument:
    """Turn a vendor's saved result into a document, without any request.

    `result` is bytes, a path, a folder or parsed JSON, in any wrapping in which the vendor sends it; `source` is the file
    that was parsed, if it is at hand; `pages` are those that were asked for, which some results do not tell. Pages that the
    result lacks are named in the document's `warnings`.

    Raises `ProtocolError` if it is not a result of that vendor.
    """
    config = config_of(vendor)
    protocol = vendor_of(config)
    payload, uri = _payload(result)
    facts = Source.of(source).facts if source is not None else _facts(payload, uri)
    selection = PageSelection.of(pages)
    decoded = protocol.decode(payload, selection)
    return document_of(decoded, facts, protocol, selection, options=config.fingerprint(), partial=True)


def _payload(result: Any) -> tuple[Payload, str]:
    if isinstance(result, str | PathLike):
        path = Path(result)
        if path.is_dir():
            return Blob(_zipped(path), "application/zip"), path.as_posix()
        if not path.is_file():
            raise SourceNotFound(
                f"there is no file {str(path)!r}.", source=str(path), hint="Pass a path, bytes or parsed JSON."
            )
        return _read(path.read_bytes()), path.as_posix()
    if isinstance(result, bytes | bytearray):
        return _read(bytes(result)), "result"
    payload: JsonValue = result
    return payload, "result"


def _read(data: bytes) -> Payload:
    try:
        return parse_json(data)
    except ValueError:
        return Blob(data, "application/zip" if data[:4] == b"PK\x03\x04" else "")


def _zipped(folder: Path) -> bytes:
    """A folder in which an archive was unpacked, as that archive again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return packed.getvalue()


def _facts(payload: Payload, uri: str) -> SourceFacts:
    """What stands in for the file: the result itself, so that ids are stable for it."""
    data = payload.data if isinstance(payload, Blob) else to_json(payload)
    return SourceFacts(uri=uri, name=Path(uri).name, media_type="", size=0, sha256=sha256(data).hexdigest())
