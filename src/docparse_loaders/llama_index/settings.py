"""A reader's and a node parser's settings as plain JSON, and back."""

import os
from collections.abc import Mapping
from typing import Any

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.errors import ConfigError
from docparse_loaders.pages import PageSelection

_BUILT_IN = "estimate"


def chunker_of(given: Any) -> StructureChunker | None:
    """A chunker, or what `described` made of one.

    Raises `ConfigError` for one with a tokenizer of its own, which plain JSON cannot hold.
    """
    if given is None or isinstance(given, StructureChunker):
        return given
    if not isinstance(given, Mapping):
        raise ConfigError(f"chunker={given!r} is not a StructureChunker.", hint="Pass StructureChunker(max_tokens=…).")
    options = dict(given)
    if (tokenizer := options.pop("tokenizer", _BUILT_IN)) != _BUILT_IN:
        hint = "Pass chunker=StructureChunker(tokenizer=…) to from_dict as well."
        raise ConfigError(f"the tokenizer {tokenizer!r} of the chunker was not kept.", hint=hint)
    return StructureChunker(**options)


def described(chunker: StructureChunker | None) -> dict[str, Any] | None:
    """A chunker's options; a tokenizer is only named."""
    return None if chunker is None else chunker.options


def pages_text(pages: Any) -> str | None:
    """A selection of pages as users write it."""
    selection = PageSelection.of(pages)
    return None if selection is None else str(selection)


def store_path(store: Any) -> str | None:
    """The file of a job store; None for one that lives in memory."""
    path = store if isinstance(store, str | os.PathLike) else getattr(store, "path", None)
    return None if path is None else os.fspath(path)
