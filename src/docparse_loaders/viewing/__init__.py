"""Seeing a document: its pages as pictures with the boxes on them, the places of retrieved text, an HTML report.

Needs the extra `notebook`. What is drawn is the file that was parsed, or a blank page of the same proportions with the boxes
and the text on it and a note that says why.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any

from docparse_loaders.errors import MissingExtra
from docparse_loaders.pages import PagesLike
from docparse_loaders.source import SourceLike

if TYPE_CHECKING:
    from docparse_loaders.chunking import Chunk
    from docparse_loaders.document import ParsedDocument
    from docparse_loaders.viewing.view import View

_BROUGHT = ("PIL", "pypdfium2", "pypdfium2_raw")


@contextmanager
def drawing() -> Iterator[None]:
    """Turn a missing package of the extra into `MissingExtra`."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _BROUGHT:
            raise
        hint = 'Install it: pip install "docparse-loaders[notebook]"'
        raise MissingExtra(f"drawing pages needs {error.name}.", hint=hint) from error


def ready() -> None:
    """See to it that pages can be drawn, before a document is parsed for it. Raises `MissingExtra`."""
    with drawing():
        import PIL  # noqa: F401  (only whether it is there)
        import pypdfium2  # noqa: F401  (only whether it is there)


def show(
    document: "ParsedDocument",
    at: Any = None,
    *,
    page: PagesLike | None = None,
    width: int | None = None,
    source: SourceLike | None = None,
) -> "View":
    """Pages of a document as pictures; see `ParsedDocument.show`."""
    with drawing():
        from docparse_loaders.viewing.showing import shown

        return shown(document, at, page=page, width=width, source=source)


def show_sources(
    documents: Any,
    *,
    titles: Sequence[str] | None = None,
    width: int | None = None,
    source: SourceLike | Mapping[str, SourceLike] | None = None,
) -> "View":
    """The places that retrieved Documents came from, on pictures of their pages, numbered [1], [2] in the order given.

    `documents` are LangChain Documents, (Document, score) pairs, LlamaIndex Documents or NodeWithScore, or an answer that has
    `source_nodes`. `titles` replace what stands beside the numbers, one for each; `width` is that of a page in pixels. Files
    are found by the Documents' `source`; if they lie elsewhere now, `source` is the file, or a mapping from the old name to it.

    Raises `ConfigError` for a Document that this library did not make, `MissingExtra` without the extra `notebook`.
    """
    with drawing():
        from docparse_loaders.viewing.sources import sources_shown

        return sources_shown(documents, titles=titles, width=width, source=source)


def write_report(
    document: "ParsedDocument",
    path: str | PathLike[str],
    *,
    chunks: "Iterable[Chunk] | None" = None,
    source: SourceLike | None = None,
) -> None:
    """Write a document as one HTML file; see `ParsedDocument.report`."""
    with drawing():
        from docparse_loaders.viewing.report import write

        write(document, path, chunks=chunks, source=source)
