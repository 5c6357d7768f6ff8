"""Where documents go: stdout, one file, or a file each in a folder. An older file is replaced only by a whole new one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from docparse_loaders.cli.show import suffix_of, writer_for
from docparse_loaders.errors import ConfigError
from docparse_loaders.loading import Loading
from docparse_loaders.outcome import Outcome

_ONE_EACH = frozenset({"html"})
_FILE_EACH = frozenset({"html", "markdown"})


class Output(Protocol):
    """Takes one document after the other."""

    def __call__(self, outcome: Outcome) -> None:
        """Write one document."""


@contextmanager
def opened(output: str | None, form: str, inputs: list[str], loading: Loading) -> Iterator[Output]:
    """The place that `-o` names, for documents in a format.

    Raises `ConfigError` before anything is parsed if they cannot go there, `OSError` if it cannot be written.
    """
    many = len(inputs) > 1 or Path(inputs[0]).is_dir()
    if output is None:
        if many and form in _ONE_EACH:
            raise ConfigError("several documents are not one HTML page.", hint="Give -o a folder.")
        writer = writer_for(form, sys.stdout, loading)
        yield writer.write
        writer.close()
    elif _is_folder(output, many):
        yield lambda outcome: _write_into(Path(output), form, loading, outcome)
    else:
        _refuse(output, form, inputs, many=many)
        with (_written if _is_special(Path(output)) else _replaced)(Path(output), form, loading) as write:
            yield write


def _is_folder(output: str, many: bool) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir() or (many and not Path(output).suffix)


def _refuse(output: str, form: str, inputs: list[str], *, many: bool) -> None:
    if many and form in _FILE_EACH:
        raise ConfigError(f"{output!r} is one file, and there are several documents.", hint="Give -o a folder.")
    target = Path(output)
    if target.exists() and any(Path(given).exists() and target.samefile(given) for given in inputs):
        raise ConfigError(f"{output!r} is an input, too.", hint="Give -o another name.")


def _is_special(target: Path) -> bool:
    """Whether it is a device or a pipe (/dev/null, /dev/stdout, a FIFO), which is written to and must never be replaced."""
    return target.exists() and not target.is_file()


@contextmanager
def _written(target: Path, form: str, loading: Loading) -> Iterator[Output]:
    with target.open("w", encoding="utf-8") as file:
        writer = writer_for(form, file, loading)
        yield writer.write
        writer.close()


@contextmanager
def _replaced(target: Path, form: str, loading: Loading) -> Iterator[Output]:
    """Write beside the target and put it into its place at the end, if there was anything to write."""
    partial = target.with_name(f".{target.name}.partial")
    written = 0

    def write(outcome: Outcome) -> None:
        nonlocal written
        writer.write(outcome)
        written += 1

    try:
        with partial.open("w", encoding="utf-8") as file:
            writer = writer_for(form, file, loading)
            yield write
            writer.close()
        if written:
            partial.replace(target)
    except OSError as error:
        error.filename = str(target) if error.filename in {None, str(partial)} else error.filename
        raise
    finally:
        if partial.parent.is_dir():
            partial.unlink(missing_ok=True)


def _write_into(folder: Path, form: str, loading: Loading, outcome: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(outcome.document.source.name).stem if outcome.document else "document"
    with _free(folder, stem, suffix_of(form)).open("x", encoding="utf-8") as file:
        writer = writer_for(form, file, loading)
        writer.write(outcome)
        writer.close()


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A name that is not taken: two inputs may have the same one, and neither may be lost."""
    target, count = folder / f"{stem}{suffix}", 1
    while target.exists():
        count += 1
        target = folder / f"{stem}-{count}{suffix}"
    return target
