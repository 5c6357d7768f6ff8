"""`docparse-loaders parse`: documents in, chunks out, with the work shown on stderr where somebody is looking."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from docparse_loaders.chunking import Chunk, StructureChunker
from docparse_loaders.cli.live import Display
from docparse_loaders.cli.output import Output, opened
from docparse_loaders.cli.say import say, say_done, say_notice
from docparse_loaders.document import ParsedDocument
from docparse_loaders.loading import Loading
from docparse_loaders.outcome import Outcome
from docparse_loaders.parser import DocParser


@dataclass(frozen=True, slots=True)
class Job:
    """What the user asked for."""

    inputs: list[str]
    vendor: str
    options: dict[str, Any]
    format: str
    output: str | None
    pages: str | None
    max_tokens: int
    mode: Any
    concurrency: int
    store: str | None = None


@dataclass(frozen=True)
class _Counting(Loading):
    """A loading that counts what it has cut, and may cut ahead, so that the display is away only while something is written."""

    cut: list[int] = field(default_factory=list)
    ready: dict[int, list[Chunk]] = field(default_factory=dict)

    def chunks(self, document: ParsedDocument) -> Iterator[Chunk]:
        """Chunks of one parsed document."""
        chunks = self.ready.pop(id(document), None) or list(super().chunks(document))
        self.cut.append(len(chunks))
        return iter(chunks)

    def cut_ahead(self, document: ParsedDocument) -> None:
        """Cut it now, for when it is written."""
        self.ready[id(document)] = list(super().chunks(document))


_CUT = frozenset({"text", "json", "jsonl"})
"""Formats in which chunks are written, and not the whole document."""


def run_parse(job: Job) -> int:
    """Parse and print; returns the exit status: 1 if any input failed."""
    display = Display()
    parser = DocParser({"vendor": job.vendor, **job.options}, store=job.store, on_event=display.take if display.seen else None)
    loading = _Counting(parser, mode=job.mode, chunker=StructureChunker(max_tokens=job.max_tokens))
    failed = 0
    try:
        with opened(job.output, job.format, job.inputs, loading) as write, display.shown():
            for outcome in parser.parse_many(job.inputs, pages=job.pages, concurrency=job.concurrency):
                if outcome.document is not None and display.seen and job.format in _CUT:
                    loading.cut_ahead(outcome.document)
                with display.aside() if _is_said(outcome) else nullcontext():
                    failed += _tell(outcome, write)
                    sys.stdout.flush()  # for who reads on; and who has left is noticed now, not when the interpreter ends
        sys.stdout.flush()
    finally:
        if summary := display.summary(sum(loading.cut)):
            say_done(summary)
    return 1 if failed else 0


def _is_said(outcome: Outcome) -> bool:
    """Whether anything goes to where the display is."""
    return sys.stdout.isatty() or outcome.document is None or bool(outcome.document.warnings)


def _tell(outcome: Outcome, write: Output) -> int:
    if outcome.error is not None:
        say(outcome.error)
        return 1
    write(outcome)
    for notice in outcome.document.warnings if outcome.document else ():
        say_notice(outcome.source, notice.message)
    return 0
