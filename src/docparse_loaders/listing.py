"""Which documents an input stands for, here or on any file system that fsspec knows."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from docparse_loaders.errors import NoDocuments
from docparse_loaders.source import SourceLike, expand, file_system, is_many


def files_in(given: SourceLike, suffixes: frozenset[str], fs: Any = None) -> Iterator[SourceLike]:
    """Every document that is meant; folders, also those of an fsspec file system, are replaced by what is in them.

    Files of local folders come as `Path`, what lies elsewhere as its address or its path in `fs`.
    Raises `NoDocuments` and `SourceNotFound`.
    """
    for one in given if is_many(given) else (given,):
        far = isinstance(one, str) and "://" in one and not one.startswith("http")
        if fs is None and not far:
            yield from map(_local, expand(one, suffixes))
        else:
            yield from _far(os.fspath(one), suffixes, fs)


def _local(found: SourceLike) -> SourceLike:
    return Path(found) if isinstance(found, str) and "://" not in found else found


def _far(path: str, suffixes: frozenset[str], fs: Any) -> Iterator[str]:
    """A file elsewhere, or the wanted ones in a folder there, in the order of their names."""
    system, inner = (fs, path) if fs is not None else file_system(path)
    if not system.isdir(inner):
        yield path
        return
    root = inner.rstrip("/")
    found = sorted(name for name in system.find(root) if _taken(name[len(root) :], suffixes))
    if not found:
        raise NoDocuments(f"no documents in {path!r}.", source=path, hint=f"It takes {', '.join(sorted(suffixes))}.")
    yield from found if fs is not None else (system.unstrip_protocol(name) for name in found)


def _taken(name: str, suffixes: frozenset[str]) -> bool:
    parts = name.strip("/").split("/")
    return PurePosixPath(parts[-1]).suffix.lower() in suffixes and not any(part.startswith(".") for part in parts)
