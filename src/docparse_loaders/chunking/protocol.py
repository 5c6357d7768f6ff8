"""What cuts documents into chunks: `StructureChunker`, or a chunker of your own."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from docparse_loaders.chunking.chunk import Chunk
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError


@runtime_checkable
class Chunker(Protocol):
    """Whatever has these two methods can be `chunker=` of a loader, reader or node parser.

    `elements` gives a document's blocks as chunks, `together` makes one of several; both keep places and ids.
    """

    def chunk(self, doc: ParsedDocument, /) -> Iterator[Chunk]:
        """The chunks in reading order; the same for the same document in every process."""

    def fingerprint(self) -> str:
        """A text that differs whenever the chunks may differ: name, version and options. The ids of records contain it."""


def checked(given: Any) -> Chunker | None:
    """A chunker, or None. Raises `ConfigError` for anything else, such as a text splitter or a class."""
    if given is None or (isinstance(given, Chunker) and not isinstance(given, type)):
        return given
    hint = "Pass StructureChunker(max_tokens=…), or an object with chunk(document) and fingerprint()."
    raise ConfigError(f"chunker={given!r} is not a chunker.", hint=hint)
