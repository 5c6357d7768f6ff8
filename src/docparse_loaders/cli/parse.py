"""`docparse-loaders parse`: documents in, chunks out, with a progress bar on stderr where somebody is looking."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.cli.output import Output, opened
from docparse_loaders.cli.say import say, say_notice
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


def run_parse(job: Job) -> int:
    """Parse and print; returns the exit status: 1 if any input failed."""
    bar = _Bar()
    vendor = {"vendor": job.vendor, **job.options}
    parser = DocParser(vendor, store=job.store, on_progress=lambda source, at: bar.tell(source, at.status))
    loading = Loading(parser, mode=job.mode, chunker=StructureChunker(max_tokens=job.max_tokens))
    failed = 0
    with opened(job.output, job.format, job.inputs, loading) as write, bar.shown():
        for outcome in parser.parse_many(job.inputs, pages=job.pages, concurrency=job.concurrency):
            with bar.aside(outcome.source):
                failed += _tell(outcome, write)
    return 1 if failed else 0


def _tell(outcome: Outcome, write: Output) -> int:
    if outcome.error is not None:
        say(outcome.error)
        return 1
    write(outcome)
    for notice in outcome.document.warnings if outcome.document else ():
        say_notice(outcome.source, notice.message)
    return 0


class _Bar:
    """A progress bar on stderr if that is a terminal; it steps aside while anything else is written."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("parsing", total=None)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it for the time of the block."""
        self._bar.start()
        try:
            yield
        finally:
            self._bar.stop()

    @contextmanager
    def aside(self, source: str) -> Iterator[None]:
        """One more is done; take the bar away while it is written."""
        self._bar.stop()
        self._bar.update(self._task, advance=1, description=escape(Path(source).name))
        try:
            yield
            sys.stdout.flush()
        finally:
            self._bar.start()

    def tell(self, source: str, status: str) -> None:
        """What a vendor says of a job."""
        self._bar.update(self._task, description=f"{escape(Path(source).name)} · {escape(status)}")
