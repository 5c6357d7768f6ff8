"""The file that was parsed, found again and known by its hash; or the reason why there is none."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote, urlsplit

from docparse_loaders.model import SourceFacts
from docparse_loaders.source import Source, SourceLike

UNTOLD = -1
"""The size of a file of which only the hash is known."""
_HEAD = 1024
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8", b"RIFF", b"P5", b"P6")


class Found(NamedTuple):
    """What can be drawn: a PDF or a picture with its bytes' way in, or nothing and why."""

    form: str = ""
    data: Path | bytes = b""
    why: str = ""

    def open(self) -> BinaryIO:
        """The bytes from the start; the caller closes it."""
        return self.data.open("rb") if isinstance(self.data, Path) else BytesIO(self.data)


def found(facts: SourceFacts, given: SourceLike | None = None) -> Found:
    """The file of a document: the one that is `given`, or what lies where it lay; only ever the very bytes that were parsed.

    Raises `SourceNotFound` and `UnsupportedSource` for a file that is given and cannot be read.
    """
    if given is not None:
        return _given(facts, given)
    path = _path(facts.uri)
    if path is None or not path.is_file():
        hint = "Pass source=, the file's path or its bytes, to see its pages."
        return Found(why=f"{facts.name} is not at hand ({_reason(facts, path)}). {hint}")
    if not facts.size:
        return Found(why=f"{facts.name} is not known to be the file that was parsed. Pass that as source= to see its pages.")
    if facts.size not in {path.stat().st_size, UNTOLD} or _digest(path) != facts.sha256:
        return Found(why=_changed(facts))
    return _told(path, facts.name)


def _reason(facts: SourceFacts, path: Path | None) -> str:
    if path is not None:
        return f"there is no file {facts.uri} here"
    return "it was handed in as bytes" if "://" not in facts.uri else "it is at an address, from which nothing is fetched"


def _given(facts: SourceFacts, given: SourceLike) -> Found:
    source = Source.of(given, name=facts.name if isinstance(given, bytes | bytearray | memoryview) else None)
    if facts.size and source.facts.sha256 != facts.sha256:
        return Found(why=f"{source.facts.name} is not the file that was parsed as {facts.name}: its content differs.")
    path = _path(source.facts.uri)
    at_hand = path is not None and path.is_file() and isinstance(given, str | Path)
    return _told(path if at_hand and path is not None else source.read(), source.facts.name)


def _changed(facts: SourceFacts) -> str:
    return f"{facts.name} was changed after it was parsed, so the boxes would be in wrong places. Parse it again."


def _path(uri: str) -> Path | None:
    """The path on this machine, if it can be one."""
    if uri.startswith("file://"):
        return Path(unquote(urlsplit(uri).path))
    if "://" in uri or uri.startswith("bytes:") or not uri or "\x00" in uri:
        return None
    return Path(uri)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _told(data: Path | bytes, name: str) -> Found:
    """A PDF and a picture are known by how they begin, whatever they are called."""
    with Found(data=data).open() as file:
        head = file.read(_HEAD)
    if b"%PDF-" in head:
        return Found("pdf", data)
    if head.startswith(_PICTURES):
        return Found("picture", data)
    return Found(why=f"{name} is neither a PDF nor a picture: its pages cannot be drawn, only what was found on them.")
