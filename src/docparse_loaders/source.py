"""What users hand in, as one thing: a `Source` with a name, a size, a hash and bytes that can be read again and again.

Taken are paths, bytes, binary files, addresses, fsspec paths (`s3://…`, or any path with `fs=`) and LangChain Blobs.
"""

import hashlib
import io
import mimetypes
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from docparse_loaders.errors import ConfigError, DocParseError, EmptySource, NoDocuments, SourceNotFound, UnsupportedSource
from docparse_loaders.model import SourceFacts
from docparse_loaders.webaddress import parts_of

SourceLike = Any
"""`str`, `os.PathLike`, `bytes`, a binary file, a LangChain `Blob` or a `Source`."""

_CHUNK = 1 << 20
_MAGIC = (
    (b"%PDF-", ".pdf"),
    (b"\x89PNG", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\x00", ".tiff"),
    (b"MM\x00*", ".tiff"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """One document to parse: its facts, and a way to open its bytes from the start."""

    facts: SourceFacts
    opener: Callable[[], BinaryIO] = field(repr=False, compare=False)

    def open(self) -> BinaryIO:
        """The bytes from the start; the caller closes it."""
        return self.opener()

    def read(self) -> bytes:
        """All bytes."""
        with self.open() as file:
            return file.read()

    @classmethod
    def of(cls, given: SourceLike, *, name: str | None = None, fs: Any = None) -> "Source":
        """Make a source of whatever a user hands in, and read it once for its hash.

        `name` is needed for bytes whose type cannot be told from their beginning. `fs` is an fsspec file system for paths.
        Raises `SourceNotFound`, `EmptySource` or `UnsupportedSource`.
        """
        if isinstance(given, Source):
            return given
        if isinstance(given, bytes | bytearray | memoryview):
            return _of_bytes(bytes(given), name)
        if isinstance(given, str | os.PathLike):
            return _of_path(os.fspath(given), name, fs)
        if hasattr(given, "as_bytes"):
            return _of_blob(given, name)
        if hasattr(given, "read"):
            return _of_file(given, name)
        hint = "Pass a path, bytes, a binary file, an address or a LangChain Blob."
        raise UnsupportedSource(f"a {type(given).__name__} is not a document.", hint=hint)


def _of_path(path: str, name: str | None, fs: Any) -> Source:
    if fs is not None:
        return _of_fs(fs, path, path, name)
    scheme = path.partition("://")[0].lower() if "://" in path else ""
    if scheme in {"http", "https"}:
        return _of_url(path, name)
    if scheme == "file":
        path = unquote(urlsplit(path).path)
    elif scheme:
        return _of_fsspec(path, name)
    return _of_local(path, name)


def _of_local(path: str, name: str | None) -> Source:
    local = Path(path)
    if not local.exists():
        raise SourceNotFound(
            f"there is no file {path!r}.", source=path, hint="Check the path; it is relative to the working directory."
        )
    if not local.is_file():
        raise UnsupportedSource(f"{path!r} is not a regular file.", source=path, hint="Pass a file, or a folder to a loader.")
    return _hashed(local.as_posix(), name or local.name, lambda: local.open("rb"))


def _of_bytes(data: bytes, name: str | None, uri: str | None = None) -> Source:
    named = name or f"document{_suffix(data)}"
    digest = hashlib.sha256(data).hexdigest()
    return _hashed(uri or (name or f"bytes:{digest[:16]}"), named, lambda: io.BytesIO(data))


def _of_blob(blob: Any, name: str | None) -> Source:
    path = getattr(blob, "path", None)
    label = getattr(blob, "source", None) or path
    if getattr(blob, "data", None) is None and path is not None:
        return _of_path(str(path), name, None)
    data = cast("bytes", blob.as_bytes())
    if name or label:
        return _of_bytes(data, name or Path(str(label)).name, str(label) if label else None)
    suffix = _suffix(data) or mimetypes.guess_extension(getattr(blob, "mimetype", None) or "") or ""
    return _of_bytes(data, f"document{suffix}", f"bytes:{hashlib.sha256(data).hexdigest()[:16]}")


def _of_file(file: Any, name: str | None) -> Source:
    data = file.read()
    if not isinstance(data, bytes):
        raise UnsupportedSource("the file is open as text.", hint='Open it with mode "rb".')
    label = getattr(file, "name", None)
    known = name or (Path(label).name if isinstance(label, str) else None)
    return _of_bytes(data, known, label if isinstance(label, str) else None)


def _of_url(url: str, name: str | None) -> Source:
    parts = parts_of(url)
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    named = name or unquote(parts.path.rpartition("/")[2]) or parts.netloc
    digest = hashlib.sha256(url.encode()).hexdigest()
    facts = SourceFacts(uri=bare, name=named, media_type=_media_type(named), size=0, sha256=digest, url=url)
    return Source(facts, _not_here(bare))


def _not_here(uri: str) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        raise UnsupportedSource(
            "an address is not downloaded by this library.", source=uri, hint="Download the file and pass its path."
        )

    return opener


def _of_fsspec(path: str, name: str | None) -> Source:
    fs, inner = file_system(path)
    return _of_fs(fs, inner, path, name)


def file_system(path: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it. Raises `UnsupportedSource`."""
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        hint = "pip install fsspec and the package of that file system, or pass a local path."
        raise UnsupportedSource(f"{path.partition('://')[0]}:// needs fsspec.", source=path, hint=hint) from None
    try:
        fs, inner = url_to_fs(path)
    except (ImportError, ValueError, OSError) as error:
        why, hint = str(error).rstrip("."), "Install its file system, and check that it can be reached."
        raise UnsupportedSource(f"fsspec cannot open {path!r}: {why}.", source=path, hint=hint) from None
    return fs, inner


def _of_fs(fs: Any, inner: str, uri: str, name: str | None) -> Source:
    if not fs.isfile(inner):
        raise SourceNotFound(f"there is no file {uri!r}.", source=uri, hint="Check the path and the file system's settings.")
    return _hashed(uri, name or inner.replace("\\", "/").rpartition("/")[2], lambda: cast("BinaryIO", fs.open(inner, "rb")))


def _hashed(uri: str, name: str, opener: Callable[[], BinaryIO]) -> Source:
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with opener() as file:
            while part := file.read(_CHUNK):
                head = head or part[:8]
                digest.update(part)
                size += len(part)
    except OSError as error:
        raise SourceNotFound(f"it cannot be read: {error.strerror}.", source=uri, hint="Check its permissions.") from error
    if size == 0:
        raise EmptySource("the file is empty.", source=uri, hint="Check how it was written or downloaded.")
    named = name if "." in name else f"{name}{_suffix(head)}"
    return Source(SourceFacts(uri=uri, name=named, media_type=_media_type(named), size=size, sha256=digest.hexdigest()), opener)


def _suffix(data: bytes) -> str:
    return next((suffix for magic, suffix in _MAGIC if data.startswith(magic)), "")


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def expand(given: SourceLike, suffixes: frozenset[str]) -> Iterator[SourceLike]:
    """One input or many, with folders replaced by the documents in them, at any depth, in the order of their names.

    A file that is named is passed on whatever its type; of a folder only files with one of `suffixes` are taken, and none
    whose name or folder begins with a dot. Raises `NoDocuments` and `SourceNotFound`.
    """
    if isinstance(given, str | os.PathLike):
        yield from _expand_path(given, suffixes)
    elif is_many(given):
        found = False
        for one in given:
            found = True
            yield from expand(one, suffixes)
        if not found:
            raise NoDocuments("there is nothing to parse: the list of inputs is empty.", hint="Pass at least one file.")
    else:
        yield given


def each_of(given: SourceLike, suffixes: frozenset[str]) -> Iterator[SourceLike]:
    """Every document that is meant, as `expand`; what leads to none is passed on as its error, so that the rest goes on."""
    empty = True
    for one in given if is_many(given) else (given,):
        empty = False
        try:
            yield from expand(one, suffixes)
        except DocParseError as error:
            yield error
    if empty:
        yield NoDocuments("there is nothing to parse: the list of inputs is empty.", hint="Pass at least one file.")


def is_many(given: SourceLike) -> bool:
    """Whether this is a collection of inputs and not one."""
    # A LangChain Blob and a binary file can be iterated, too, and are still one document.
    single = (
        isinstance(given, str | bytes | bytearray | memoryview | os.PathLike)
        or hasattr(given, "as_bytes")
        or hasattr(given, "read")
    )
    return isinstance(given, Iterable) and not single


def label_of(given: SourceLike) -> str:
    """What an input is called that could not be read."""
    return str(given if isinstance(given, str) else getattr(given, "name", None) or type(given).__name__)


def is_alone(given: SourceLike) -> bool:
    """Whether this can be one document at most: no folder, and no collection that may have several."""
    if isinstance(given, list | tuple):
        return len(given) < 2 and all(map(is_alone, given))
    folder = isinstance(given, str | os.PathLike) and "://" not in os.fspath(given) and Path(given).is_dir()
    return not folder and not is_many(given)


def _expand_path(path: str | os.PathLike[str], suffixes: frozenset[str]) -> Iterator[SourceLike]:
    text = os.fspath(path)
    if not text:
        raise ConfigError("the path is empty.", hint="Pass a file or a folder.")
    folder = Path(text)
    if "://" in text or not folder.is_dir():
        yield path
        return
    found = sorted(file for file in folder.rglob("*") if _wanted(file, folder, suffixes))
    if not found:
        taken = ", ".join(sorted(suffixes))
        raise NoDocuments(f"no documents in {text!r}.", source=text, hint=f"This vendor takes {taken}.")
    yield from found


def _wanted(file: Path, folder: Path, suffixes: frozenset[str]) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return file.suffix.lower() in suffixes and not hidden and file.is_file()
