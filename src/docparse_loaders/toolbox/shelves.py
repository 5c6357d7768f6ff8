"""The files that the host lets an agent read: found below its roots, opened without following any link.

A path never comes from an agent: it gets names of our own making and gives them back. Between listing and reading a folder
may be swapped for a link, so each step from the root down is opened anew and refused if it is one.
"""

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from docparse_loaders.errors import ConfigError, SourceTooLarge, ToolRefused
from docparse_loaders.toolbox.fences import one_line

_SLUG = re.compile(r"[^\w]+", re.UNICODE)
_SLUG_LENGTH = 24
_MOST_FILES, _MOST_SEEN, _DEEPEST = 10_000, 200_000, 32
_LINKS = "Links and special files are never read. Call list_documents to see what can be."


class Stamp(NamedTuple):
    """What changes when a file does."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that may be read. `id` is what an agent calls it, `name` its path below the root, with `/`."""

    id: str
    name: str
    root: Path
    size: int

    @property
    def label(self) -> str:
        """The name as it can be shown: a file's name may hold line breaks, and bytes that are no text."""
        return one_line(self.name)

    @property
    def suffix(self) -> str:
        """The ending of the name, in lower case with its dot."""
        return Path(self.name).suffix.lower()


class Shelves:
    """All files with one of `suffixes` below `roots`, none of them hidden, linked or special.

    A root may be a single file. Raises `ConfigError` for a root that is not there.
    """

    def __init__(self, roots: Iterable[str | os.PathLike[str]], suffixes: frozenset[str], most_bytes: int) -> None:
        self._roots = [_root(Path(root)) for root in roots]
        self._suffixes = suffixes
        self._most_bytes = most_bytes
        self._known: dict[str, Entry] = {}
        if not self._roots:
            raise ConfigError("roots=[] lists nothing.", hint="Name the folders or files that the agent may read.")

    def entries(self) -> list[Entry]:
        """What may be read now, in the order of the roots and names. At most 10,000 files, at most 32 folders deep."""
        found = chain.from_iterable(self._below(number, root) for number, root in enumerate(self._roots))
        self._known = {entry.id: entry for entry in islice(found, _MOST_FILES)}
        return list(self._known.values())

    def known(self) -> list[Entry]:
        """What was listed the last time."""
        return list(self._known.values())

    def entry(self, name: str) -> Entry | None:
        """The file of that id; the roots are looked through again only if it was not there the last time."""
        if name not in self._known:
            self.entries()
        return self._known.get(name)

    def stamp(self, entry: Entry) -> Stamp:
        """What tells whether the file has changed since. Raises as `read`."""
        with self._opened(entry) as file:
            return _stamp(os.fstat(file.fileno()))

    def read(self, entry: Entry) -> tuple[Stamp, bytes]:
        """The bytes of a listed file. Raises `ToolRefused` if it is no longer a plain file where it was listed."""
        with self._opened(entry) as file:
            stamp = _stamp(os.fstat(file.fileno()))
            # One more than is allowed: the file may have grown since it was listed, and must not be cut in silence.
            data = file.read(self._most_bytes + 1)
            if len(data) > self._most_bytes:
                hint = "Only the person who runs this program can allow more (max_bytes)."
                raise SourceTooLarge(f"{entry.label!r} is larger than {self._most_bytes:,} bytes.", hint=hint)
            return stamp, data

    @contextmanager
    def _opened(self, entry: Entry) -> Iterator[BinaryIO]:
        descriptor = _opened(entry.root, entry.name.split("/"))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ToolRefused(f"{entry.label!r} is not a plain file.", hint=_LINKS)
            yield file

    def _below(self, number: int, root: Path) -> Iterator[Entry]:
        if not root.is_dir():
            yield from self._entry(number, root.parent, root, None)
            return
        seen = 0
        for folder, folders, files, descriptor in _walk(root):
            deep = len(Path(folder).relative_to(root).parts)
            folders[:] = sorted(name for name in folders if not name.startswith(".")) if deep < _DEEPEST else []
            seen += len(folders) + len(files)
            if seen > _MOST_SEEN:
                return
            for name in sorted(files):
                yield from self._entry(number, root, Path(folder, name), descriptor)

    def _entry(self, number: int, root: Path, path: Path, folder: int | None) -> Iterator[Entry]:
        if path.name.startswith(".") or path.suffix.lower() not in self._suffixes:
            return
        try:
            facts = os.stat(path if folder is None else path.name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return
        if stat.S_ISREG(facts.st_mode):
            name = path.relative_to(root).as_posix()
            yield Entry(_id(number, name), name, root, facts.st_size)


def _walk(root: Path) -> Iterator[tuple[str, list[str], list[str], int | None]]:
    """The folders below a root. Where the system can, each is held open, so that one swapped for a link is not entered."""
    if sys.platform == "win32":
        for folder, folders, files in os.walk(root, followlinks=False):
            yield folder, folders, files, None
    else:
        yield from os.fwalk(root, follow_symlinks=False)


def _stamp(facts: os.stat_result) -> Stamp:
    return Stamp(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def _root(path: Path) -> Path:
    """The root itself may be a link: it is the host's word. What lies below may not."""
    try:
        return path.resolve(strict=True)
    except (OSError, ValueError):
        raise ConfigError(f"there is no folder or file {str(path)!r}.", hint="Name what the agent may read.") from None


def _id(number: int, name: str) -> str:
    """A name that reads well and that no other file has: the same in every process, and no path."""
    stem = _SLUG.sub("-", Path(name).stem)[:_SLUG_LENGTH].strip("-").lower()
    digest = hashlib.sha256(f"{number}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem or 'document'}-{digest}"


def _opened(root: Path, steps: Sequence[str]) -> int:
    """A descriptor of the file, reached from the root step by step, none of which may be a link."""
    if not all(step not in {"", ".", ".."} and "\0" not in step and os.sep not in step for step in steps):
        raise ToolRefused("this is not a listed file.", hint=_LINKS)
    try:
        return _walked(root, steps) if os.open in os.supports_dir_fd else _checked(root, steps)
    except OSError as error:
        raise ToolRefused(f"{one_line(steps[-1])!r} cannot be read: {error.strerror}.", hint=_LINKS) from None


def _walked(root: Path, steps: Sequence[str]) -> int:
    held = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for step in steps[:-1]:
            below = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = below
        # Opening a device can do something by itself, so it is looked at first; and again by whoever reads, once it is open.
        if not stat.S_ISREG(os.stat(steps[-1], dir_fd=held, follow_symlinks=False).st_mode):
            raise ToolRefused(f"{one_line(steps[-1])!r} is not a plain file.", hint=_LINKS)
        # Without O_NONBLOCK a pipe would wait for somebody to write into it.
        return os.open(steps[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=held)
    finally:
        os.close(held)


def _checked(root: Path, steps: Sequence[str]) -> int:
    """Where a file cannot be opened from its folder's descriptor: look, open, and look again."""
    path = root.joinpath(*steps)
    if path.resolve(strict=True) != path or not path.is_file():
        raise ToolRefused(f"{one_line(steps[-1])!r} is reached by way of a link.", hint=_LINKS)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    if path.resolve(strict=True) != path or not os.path.samestat(os.fstat(descriptor), path.lstat()):
        os.close(descriptor)
        raise ToolRefused(f"{one_line(steps[-1])!r} was changed while it was opened.", hint=_LINKS)
    return descriptor
