"""How an emulated service behaves, whichever vendor it plays: its keys, its pace, its limits, its faults."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from docparse_loaders.emulator.faults import FILES, Fault
from docparse_loaders.emulator.parsing import read
from docparse_loaders.errors import UnknownOption
from docparse_loaders.model import Page

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Clock = Callable[[], float]
Parse = Callable[[bytes], Sequence[Page]]
Seconds = float | Callable[[int], float]
"""A duration, or one for each job by its number, from 1."""

Dialect = TypeVar("Dialect", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Service:
    """The settings that every vendor understands.

    `max_bytes` and `max_pages` are the vendor's own if None; `qps` is the requests that one key may send per second.
    `parse` turns a file into pages; it is called in the event loop, so that a test under a virtual clock needs no thread.
    Without it the local vendor does the work: PDFs by LiteParse, scans and pictures where the extra `ocr` is installed,
    office files where LibreOffice is. `clock` tells when a job is due.
    """

    keys: Sequence[str] = ("sk-emulator",)
    queue_seconds: Seconds = 0.0
    work_seconds: Seconds = 0.0
    max_bytes: int | None = None
    max_pages: int | None = None
    qps: int | None = None
    faults: Iterable[Fault | None] = ()
    parse: Parse | None = None
    clock: Clock = field(default=time.monotonic)

    async def pages_of(self, data: bytes) -> Sequence[Page]:
        """Parse a file. Raises `SourceError` if the file is at fault."""
        if self.parse is not None:
            return self.parse(data)
        return await read(data)

    def faults_of_files(self) -> list[Fault]:
        """Those meant for the place where files are kept: a sequence's, whose `on` is "files"."""
        return (
            [fault for fault in self.faults if fault is not None and fault.on == FILES]
            if isinstance(self.faults, Sequence)
            else []
        )


def dialect_of(kind: type[Dialect], options: Mapping[str, Any]) -> Dialect:
    """A vendor's own settings as its dataclass. Raises `UnknownOption`, with the nearest name in its hint."""
    known = [entry.name for entry in fields(kind)]
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise UnknownOption(f"The emulator has no setting {name!r}.", hint=hint)
    return kind(**options)


def seconds_of(duration: Seconds, number: int) -> float:
    """How long the job with that number takes."""
    return duration(number) if callable(duration) else duration
