"""The files that the host lets an agent read: found below its roots, opened without following any link.

A path never comes from an agent: it gets names of our own making and gives them back. Between listing and reading a folder
may be swapped for a link, so each step from the root down is opened anew and refused if it is one.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docparse_loaders.errors import ConfigError, SourceTooLarge, ToolRefused

_SLUG = re.compile(r"[^\w]+", re.UNICODE)
_MOST_FILES = 10_000
_LINKS = "Links and special files are never read; the host can list the file itself."


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that may be read. `id` is what an agent calls it, `name` its path below the root, with `/`."""

    id: str
    name: str
    root: Path
    size: int


class Shelves:
    """All files with one of `suffixes` below `roots`, none of them hidden, linked or special.

    A root may be a single file. Raises `ConfigError` for a root that is not there.
    """

    def __init__(self, roots: Iterable[str | os.PathLike[str]], suffixes: frozenset[str], most_bytes: int) -> None:
        self._roots = [_root(Path(root)) for root in roots]
        self._suffixes = suffixes
        self._most_bytes = most_bytes
        if not self._roots:
            raise ConfigError("roots=[] lists nothing.", hint="Name the folders or files that the agent may read.")

    def entries(self) -> list[Entry]:
        """What may be read now, in the order of the roots and names. At most 10,000 files."""
        found = [entry for number, root in enumerate(self._roots) for entry in self._below(number, root)]
        return found[:_MOST_FILES]

    def read(self, entry: Entry) -> bytes:
        """The bytes of a listed file. Raises `ToolRefused` if it is no longer a plain file where it was listed."""
        descriptor = _opened(entry.root, entry.name.split("/"))
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise ToolRefused(f"{entry.name!r} is not a plain file.", hint=_LINKS)
            if facts.st_size > self._most_bytes:
                raise SourceTooLarge(f"{entry.name!r} is larger than {self._most_bytes:,} bytes.", hint="Raise max_bytes.")
            return file.read(self._most_bytes)

    def _below(self, number: int, root: Path) -> Iterator[Entry]:
        if not root.is_dir():
            yield from self._entry(number, root.parent, root)
            return
        for folder, folders, files in os.walk(root, followlinks=False):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                yield from self._entry(number, root, Path(folder, name))

    def _entry(self, number: int, root: Path, path: Path) -> Iterator[Entry]:
        if path.name.startswith(".") or path.suffix.lower() not in self._suffixes:
            return
        try:
            facts = path.lstat()
        except OSError:
            return
        if stat.S_ISREG(facts.st_mode):
            name = path.relative_to(root).as_posix()
            yield Entry(_id(number, name), name, root, facts.st_size)


def _root(path: Path) -> Path:
    """The root itself may be a link: it is the host's word. What lies below may not."""
    try:
        return path.resolve(strict=True)
    except OSError:
        raise ConfigError(f"there is no folder or file {str(path)!r}.", hint="Name what the agent may read.") from None


def _id(number: int, name: str) -> str:
    """A name that reads well and that no other file has: the same in every process, and no path."""
    stem = _SLUG.sub("-", Path(name).stem).strip("-").lower()[:40]
    digest = hashlib.sha256(f"{number}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem or 'document'}-{digest}"


def _opened(root: Path, steps: Sequence[str]) -> int:
    """A descriptor of the file, reached from the root step by step, none of which may be a link."""
    if not all(step not in {"", ".", ".."} and "\0" not in step and os.sep not in step for step in steps):
        raise ToolRefused("this is not a listed file.", hint=_LINKS)
    try:
        return _walked(root, steps) if os.open in os.supports_dir_fd else _checked(root, steps)
    except OSError as error:
        raise ToolRefused(f"{steps[-1]!r} cannot be read: {error.strerror}.", hint=_LINKS) from None


def _walked(root: Path, steps: Sequence[str]) -> int:
    held = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for step in steps[:-1]:
            below = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=held)
            os.close(held)
            held = below
        # Without O_NONBLOCK a pipe would wait for somebody to write into it.
        return os.open(steps[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=held)
    finally:
        os.close(held)


def _checked(root: Path, steps: Sequence[str]) -> int:
    """Where a file cannot be opened from its folder's descriptor: look, open, and look again."""
    path = root.joinpath(*steps)
    if path.resolve(strict=True) != path:
        raise ToolRefused(f"{steps[-1]!r} is reached by way of a link.", hint=_LINKS)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    if path.resolve(strict=True) != path or not os.path.samestat(os.fstat(descriptor), path.lstat()):
        os.close(descriptor)
        raise ToolRefused(f"{steps[-1]!r} was changed while it was opened.", hint=_LINKS)
    return descriptor
