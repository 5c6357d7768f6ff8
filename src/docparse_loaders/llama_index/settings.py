"""A reader's and a node parser's settings as plain JSON, and back."""

import os
from collections.abc import Mapping
from typing import Any

from docparse_loaders.chunking import Chunker, StructureChunker
from docparse_loaders.chunking.protocol import checked
from docparse_loaders.errors import ConfigError
from docparse_loaders.pages import PageSelection

_BUILT_IN = "estimate"


def chunker_of(given: Any) -> Chunker | None:
    """A chunker, or what `described` made of one.

    Raises `ConfigError` for what is no chunker, and for one of your own or with a tokenizer of its own, which plain JSON cannot
    hold.
    """
    if not isinstance(given, Mapping):
        return checked(given)
    options = dict(given)
    if "fingerprint" in options:
        hint = "Pass chunker= to from_dict as well."
        raise ConfigError(f"the chunker {options.get('chunker')!r} was not kept.", hint=hint)
    if (tokenizer := options.pop("tokenizer", _BUILT_IN)) != _BUILT_IN:
        hint = "Pass chunker=StructureChunker(tokenizer=…) to from_dict as well."
        raise ConfigError(f"the tokenizer {tokenizer!r} of the chunker was not kept.", hint=hint)
    return StructureChunker(**options)


def described(chunker: Chunker | None) -> dict[str, Any] | None:
    """A chunker's options; a tokenizer is only named, and so is a chunker of your own, with its fingerprint."""
    if chunker is None or isinstance(chunker, StructureChunker):
        return None if chunker is None else chunker.options
    return {"chunker": type(chunker).__qualname__, "fingerprint": chunker.fingerprint()}


def pages_text(pages: Any) -> str | None:
    """A selection of pages as users write it."""
    selection = PageSelection.of(pages)
    return None if selection is None else str(selection)


def store_path(store: Any) -> str | None:
    """The file of a job store; None for one that lives in memory."""
    path = store if isinstance(store, str | os.PathLike) else getattr(store, "path", None)
    return None if path is None else os.fspath(path)
