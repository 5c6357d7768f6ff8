"""A document on its way out: streamed from its source, as a form part or as the whole body, and hashed while it leaves."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from typing import BinaryIO

import anyio.to_thread

from docparse_loaders.errors import SourceChanged
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Body

_PIECE = 1 << 18


class Upload:
    """An async byte stream of known length for one attempt; a new attempt makes a new one, from the start of the file."""

    def __init__(self, source: Source, body: Body, form: tuple[tuple[str, str], ...]) -> None:
        self._source = source
        self._body = body
        self._boundary = secrets.token_hex(16)
        self._head = self._opening(form) if body.field else b""
        self._tail = f"\r\n--{self._boundary}--\r\n".encode() if body.field else b""

    def headers(self) -> dict[str, str]:
        """Length, and the type if it is a form: a raw body has none, because pre-signed addresses refuse it."""
        length = {"content-length": str(len(self._head) + self._source.facts.size + len(self._tail))}
        if self._body.field:
            length["content-type"] = f"multipart/form-data; boundary={self._boundary}"
        return length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._head:
            yield self._head
        file = await anyio.to_thread.run_sync(self._source.open)
        try:
            async for piece in self._pieces(file):
                yield piece
        finally:
            file.close()
        if self._tail:
            yield self._tail

    async def _pieces(self, file: BinaryIO) -> AsyncIterator[bytes]:
        """The file's bytes. One piece is held back, so that a changed file is noticed before the request is complete."""
        digest, size, held = hashlib.sha256(), 0, b""
        while piece := await anyio.to_thread.run_sync(file.read, _PIECE):
            digest.update(piece)
            size += len(piece)
            if size > self._source.facts.size:
                break
            if held:
                yield held
            held = piece
        if size != self._source.facts.size or digest.hexdigest() != self._source.facts.sha256:
            raise SourceChanged(
                "the file changed while it was being sent.",
                source=self._source.facts.uri,
                hint="Parse it again when it is complete.",
            )
        yield held

    def _opening(self, form: tuple[tuple[str, str], ...]) -> bytes:
        parts = [f'--{self._boundary}\r\nContent-Disposition: form-data; name="{_quoted(n)}"\r\n\r\n{v}\r\n' for n, v in form]
        name, media_type = _quoted(self._body.filename), self._body.media_type
        parts.append(
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(self._body.field)}"; filename="{name}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        return "".join(parts).encode()


def _quoted(name: str) -> str:
    """A name inside a Content-Disposition header, escaped as browsers do (WHATWG form submission)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
