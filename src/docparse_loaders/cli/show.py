"""How documents are written: chunks for people, JSON for programs, Markdown and HTML for both."""

import json
from textwrap import indent
from typing import Literal, Protocol, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from docparse_loaders.chunking import Chunk
from docparse_loaders.loading import Loading
from docparse_loaders.metadata import SEPARATOR
from docparse_loaders.outcome import Outcome

_SUFFIXES = {"text": ".txt", "json": ".json", "jsonl": ".jsonl", "markdown": ".md", "html": ".html"}


def suffix_of(form: str) -> str:
    """The file name ending of a format."""
    return _SUFFIXES[form]


class Writer(Protocol):
    """Writes documents one after the other."""

    def write(self, outcome: Outcome) -> None:
        """Write one document."""

    def close(self) -> None:
        """Write what comes last."""


def writer_for(form: str, file: TextIO, loading: Loading) -> Writer:
    """The writer of a format."""
    match form:
        case "json":
            return _Json(file, loading)
        case "jsonl":
            return _JsonLines(file, loading)
        case "markdown" | "html":
            return _Whole(file, form)
        case _:
            return _Chunks(file, loading)


class _Chunks:
    """Chunks as a person reads them: a line that says what and where, the heading path, the text.

    On a terminal lines are wrapped; in a file or a pipe they are left whole.
    """

    def __init__(self, file: TextIO, loading: Loading) -> None:
        # FORCE_COLOR is meant for terminals: a file or a pipe gets plain text whatever it says.
        seen = file.isatty()
        colours: Literal["auto"] | None = "auto" if seen else None
        self._console = Console(file=file, highlight=False, soft_wrap=not seen, force_terminal=seen, color_system=colours)
        self._loading = loading

    def write(self, outcome: Outcome) -> None:
        document = outcome.document
        if document is None:
            return
        chunks = list(self._loading.chunks(document))
        tokens = sum(chunk.token_count for chunk in chunks)
        pages = f"{len(document.pages)} of {document.total_pages} pages"
        self._console.print(Text(document.source.name, "bold"))
        self._console.print(Text(f"{document.vendor} · {pages} · {len(chunks)} chunks · {tokens} tokens", "dim"))
        for number, chunk in enumerate(chunks, 1):
            self._chunk(number, chunk)

    def _chunk(self, number: int, chunk: Chunk) -> None:
        first, last = chunk.page_number, chunk.last_page_number
        where = f"page {first}" if first == last else f"pages {first}-{last}"
        kinds = ", ".join(dict.fromkeys(chunk.kinds))
        head = Text.assemble((f"\n#{number}", "bold cyan"), f"  {where}  ", (kinds, "magenta"), f"  {chunk.token_count} tokens")
        self._console.print(head)
        if chunk.headings:
            self._console.print(Text(SEPARATOR.join(chunk.headings), "bold"))
        if self._console.is_terminal:
            self._console.print(Padding(Text(chunk.body), (0, 0, 0, 2)))
        else:
            self._console.print(Text(indent(chunk.body, "  ")))

    def close(self) -> None:
        return


class _JsonLines:
    """A record on each line: id, text, metadata."""

    def __init__(self, file: TextIO, loading: Loading) -> None:
        self._file = file
        self._loading = loading

    def write(self, outcome: Outcome) -> None:
        for record in self._loading.records(outcome.document) if outcome.document else ():
            self._file.write(json.dumps(record._asdict(), ensure_ascii=False) + "\n")

    def close(self) -> None:
        return


class _Json:
    """An array of records, written as they come."""

    def __init__(self, file: TextIO, loading: Loading) -> None:
        self._file = file
        self._loading = loading
        self._separator = "[\n"

    def write(self, outcome: Outcome) -> None:
        for record in self._loading.records(outcome.document) if outcome.document else ():
            self._file.write(self._separator + json.dumps(record._asdict(), ensure_ascii=False, indent=1))
            self._separator = ",\n"

    def close(self) -> None:
        self._file.write("\n]\n" if self._separator == ",\n" else "[]\n")


class _Whole:
    """Documents as Markdown or HTML."""

    def __init__(self, file: TextIO, form: str) -> None:
        self._file = file
        self._form = form
        self._first = True

    def write(self, outcome: Outcome) -> None:
        if outcome.document is None:
            return
        text = outcome.document.to_markdown() if self._form == "markdown" else outcome.document.to_html()
        self._file.write(("" if self._first else "\n\n") + text.rstrip("\n") + "\n")
        self._first = False

    def close(self) -> None:
        return
