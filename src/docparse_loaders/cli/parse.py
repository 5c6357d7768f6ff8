"""`docparse-loaders parse`: documents in, chunks out, with a progress bar on stderr where somebody is looking."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.cli.show import Writer, suffix_of, writer_for
from docparse_loaders.errors import ConfigError
from docparse_loaders.loading import Loading
from docparse_loaders.parser import DocParser, Outcome


@dataclass(frozen=True, slots=True)
class Job:
    """What the user asked for."""

    inputs: list[str]
    vendor: str
    options: dict[str, Any]
    format: str
    output: Path | None
    pages: str | None
    max_tokens: int
    mode: Any
    concurrency: int


def run_parse(job: Job) -> int:
    """Parse and print; returns the exit status: 1 if any input failed."""
    with _progress() as (tell, done):
        parser = DocParser({"vendor": job.vendor, **job.options}, on_progress=lambda source, at: tell(source, at.status))
        chunker = StructureChunker(max_tokens=job.max_tokens)
        loading = Loading(parser, mode=job.mode, chunker=chunker)
        failed = 0
        with _writer(job, loading) as write:
            for outcome in parser.parse_many(job.inputs, pages=job.pages, concurrency=job.concurrency):
                done(outcome.source)
                failed += _tell(outcome, write)
    return 1 if failed else 0


def _tell(outcome: Outcome, write: Callable[[Outcome], None]) -> int:
    console = Console(stderr=True)
    if outcome.error is not None:
        name = type(outcome.error).__name__
        console.print(f"[bold red]{name}:[/] {escape(str(outcome.error))}", soft_wrap=True, highlight=False)
        if outcome.error.token:
            console.print(f"[dim]resume token:[/] {escape(outcome.error.token)}", soft_wrap=True, highlight=False)
        return 1
    write(outcome)
    for notice in outcome.document.warnings if outcome.document else ():
        console.print(f"[yellow]{escape(outcome.source)}:[/] {escape(notice.message)}", soft_wrap=True, highlight=False)
    return 0


@contextmanager
def _writer(job: Job, loading: Loading) -> Iterator[Callable[[Outcome], None]]:
    """Where documents go: stdout, one file, or a file each in a folder."""
    if job.output is None:
        with _closing(writer_for(job.format, sys.stdout, loading)) as writer:
            yield writer.write
    elif _is_folder(job):
        yield lambda outcome: _write_into(job, loading, outcome)
    else:
        with job.output.open("w", encoding="utf-8") as file, _closing(writer_for(job.format, file, loading)) as writer:
            yield writer.write


def _is_folder(job: Job) -> bool:
    output = job.output
    if output is None:
        return False
    many = len(job.inputs) > 1 or Path(job.inputs[0]).is_dir()
    if output.is_dir() or (many and not output.suffix):
        return True
    if many and job.format in {"markdown", "html"}:
        raise ConfigError(f"{str(output)!r} is one file, and there are several documents.", hint="Give -o a folder.")
    return False


def _write_into(job: Job, loading: Loading, outcome: Outcome) -> None:
    folder = job.output or Path()
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(outcome.document.source.name).stem if outcome.document else "document"
    target = _free(folder, stem, suffix_of(job.format))
    with target.open("x", encoding="utf-8") as file, _closing(writer_for(job.format, file, loading)) as writer:
        writer.write(outcome)


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A name that is not taken: two inputs may have the same one, and neither may be lost."""
    target, count = folder / f"{stem}{suffix}", 1
    while target.exists():
        count += 1
        target = folder / f"{stem}-{count}{suffix}"
    return target


@contextmanager
def _closing(writer: Writer) -> Iterator[Writer]:
    yield writer
    writer.close()


@contextmanager
def _progress() -> Iterator[tuple[Callable[[str, str], None], Callable[[str], None]]]:
    """A bar on stderr if it is a terminal; otherwise nothing."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("parsing", total=None)

        def tell(source: str, status: str) -> None:
            bar.update(task, description=f"{escape(Path(source).name)} · {escape(status)}")

        def done(source: str) -> None:
            bar.update(task, advance=1, description=escape(Path(source).name))

        yield tell, done
