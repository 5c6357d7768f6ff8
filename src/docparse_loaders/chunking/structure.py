"""The chunker: along the document's own structure, within a budget of tokens."""

import hashlib
import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal, get_args

from docparse_loaders.chunking.chunk import Chunk
from docparse_loaders.chunking.items import items
from docparse_loaders.chunking.packing import Packer, Settings
from docparse_loaders.chunking.rows import TableFormat
from docparse_loaders.chunking.tokens import Tokenizer, counter_of, name_of
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ChunkingError

Tables = Literal["whole", "rows"]
LEAST_TOKENS = 16
_VERSION = 2


class StructureChunker:
    """Cuts a parsed document into chunks of at most `max_tokens` tokens, heading prefix included.

    A chunk holds blocks of one section. With `merge_small` they are put together up to the budget, else each block is a chunk.
    Sections are never put together, however small: seven headings with a line each give seven chunks, each with its own path.
    `overlap` repeats up to that many tokens of whole sentences from the chunk before in the same section. `tables` is
    "whole" (one chunk if it fits, else cut between rows) or "rows" (one chunk a row); each part repeats caption and
    header. `table_format` is "markdown", "html" or "plain". `furniture` keeps page headers, footers, page numbers and margin
    text. `tokenizer` is None for the built-in estimate, a callable that counts, or a tiktoken or Hugging Face object.
    `include_headings=False` leaves the heading path out of `text`; `Chunk.headings` has it all the same.

    The heading of a section is the first line of its first chunk's body and, with the headings above it, the prefix
    of every later one, so that no text shows it twice. A prefix of more than a third of the budget loses its outer
    headings, then the beginning of the innermost ("…"); the log says so once a document.

    Captions, notes below a table, and an introduction that ends in a colon stay with what they belong to if both fit into a
    chunk. Lists, code, formulas and tables are written as in Markdown; what is too long is cut between list items, parts
    of a program, rows, sentences or words, whichever comes first. Raises `ChunkingError` if an option makes no sense.
    """

    __slots__ = ("_fingerprint", "_options", "_settings")

    def __init__(
        self,
        max_tokens: int = 512,
        overlap: int = 0,
        *,
        merge_small: bool = True,
        tables: Tables = "whole",
        table_format: TableFormat = "markdown",
        furniture: bool = False,
        tokenizer: Tokenizer | None = None,
        include_headings: bool = True,
    ) -> None:
        _check_sizes(max_tokens, overlap)
        _check_word("tables", tables, get_args(Tables))
        _check_word("table_format", table_format, get_args(TableFormat))
        self._options: dict[str, Any] = {
            "max_tokens": max_tokens,
            "overlap": overlap,
            "merge_small": merge_small,
            "tables": tables,
            "table_format": table_format,
            "furniture": furniture,
            "tokenizer": name_of(tokenizer),
            "include_headings": include_headings,
        }
        self._fingerprint = _hash(self._options)
        counter = counter_of(tokenizer)
        self._settings = Settings(
            max_tokens, overlap, merge_small, tables == "rows", table_format, include_headings, *counter, self._fingerprint
        )

    def chunk(self, doc: ParsedDocument) -> Iterator[Chunk]:
        """Yield the chunks in reading order, each as soon as it is complete.

        Raises `ChunkingError` if the tokenizer fails.
        """
        packer = Packer(self._settings, doc)
        for group in items(doc.blocks, furniture=self._options["furniture"]):
            packer.add(group)
            if packer.ready:
                yield from packer.ready
                packer.ready.clear()
        packer.finish()
        yield from packer.ready

    @property
    def options(self) -> dict[str, Any]:
        """Every option by its name, as plain JSON: a tokenizer is named, the built-in estimate as "estimate"."""
        return dict(self._options)

    def fingerprint(self) -> str:
        """A hash of every option that changes the chunks: equal options, equal fingerprint."""
        return self._fingerprint

    def __repr__(self) -> str:
        return f"StructureChunker({', '.join(f'{name}={value!r}' for name, value in self._options.items())})"


def _hash(options: dict[str, Any]) -> str:
    content = json.dumps({"version": _VERSION, **options}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _check_sizes(max_tokens: int, overlap: int) -> None:
    if not _is_int(max_tokens) or max_tokens < LEAST_TOKENS:
        raise ChunkingError(
            f"max_tokens={max_tokens!r} is not a size for a chunk.",
            hint=f"Give a whole number of at least {LEAST_TOKENS}; 512 is usual.",
        )
    if not _is_int(overlap) or not 0 <= overlap <= max_tokens // 2:
        raise ChunkingError(
            f"overlap={overlap!r} does not go with max_tokens={max_tokens}.",
            hint="Give 0 to half of max_tokens; 0 repeats nothing.",
        )


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_word(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        near = get_close_matches(str(value), known, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]!r}?" if near else f"It is one of {', '.join(map(repr, known))}."
        raise ChunkingError(f"{name}={value!r} does not exist.", hint=hint)
