"""From inputs to records, for every face: which files, in which mode, and what happens to those that fail."""

import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

import anyio.to_thread

from docparse_loaders.chunking import Chunk, Chunker, StructureChunker, elements, pages, whole
from docparse_loaders.chunking.protocol import checked
from docparse_loaders.document import ParsedDocument
from docparse_loaders.engine import bridge
from docparse_loaders.engine.limits import Gate
from docparse_loaders.errors import DocParseError, UnknownOption
from docparse_loaders.metadata import MetadataMode, Record, records
from docparse_loaders.model import Block, Image
from docparse_loaders.outcome import Effort, Outcome
from docparse_loaders.pages import PagesLike
from docparse_loaders.parser import DocParser
from docparse_loaders.policy import Limits
from docparse_loaders.source import SourceLike

Mode = Literal["chunks", "elements", "pages", "document"]
OnError = Literal["raise", "skip", "collect"]
Loaded = tuple[ParsedDocument, list[Record]]
"""A parsed document and its records."""

_log = logging.getLogger("docparse_loaders")


class Entry(NamedTuple):
    """One input of a load: its pages if it was parsed, its error if not, and what it took."""

    source: str
    pages: int
    error: DocParseError | None
    effort: Effort


@dataclass(slots=True)
class Report:
    """What became of each input of one load: pages of those parsed, errors of those that failed, by source, in order.

    `entries` has every input, also one that was given twice, with its requests, retries and seconds.
    """

    parsed: dict[str, int] = field(default_factory=dict)
    errors: dict[str, DocParseError] = field(default_factory=dict)
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Take in one input's outcome."""
        pages = len(outcome.document.pages) if outcome.document is not None else 0
        self.entries.append(Entry(outcome.source, pages, outcome.error, outcome.effort))
        if outcome.error is not None:
            self.errors[outcome.source] = outcome.error
        if outcome.document is not None:
            self.parsed[outcome.source] = pages
            if outcome.document.warnings:
                self.warnings[outcome.source] = tuple(notice.message for notice in outcome.document.warnings)


@dataclass(frozen=True, slots=True)
class Loading:
    """How documents become records.

    `mode` is "chunks" (by structure, with `chunker`), "elements" (one record a block), "pages" or "document". With
    `on_error="raise"` the first failure ends the load; "skip" logs it and goes on; "collect" goes on without a log. Both leave
    failures on the report. `on_outcome` hears of each input when its turn has come. Raises `UnknownOption` for a word that
    is none of these.
    """

    parser: DocParser
    mode: Mode = "chunks"
    chunker: Chunker | None = None
    on_error: OnError = "raise"
    concurrency: int = 8
    metadata_mode: MetadataMode = "flat"
    progress: bool = False
    on_outcome: Callable[[Outcome], None] | None = None

    def __post_init__(self) -> None:
        """Check the words before anything is read."""
        checked(self.chunker)
        _check("mode", self.mode, get_args(Mode))
        _check("on_error", self.on_error, get_args(OnError))
        _check("metadata_mode", self.metadata_mode, get_args(MetadataMode))

    def load(self, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None) -> Iterator[Record]:
        """Records of all inputs, those of one input together, in the inputs' order."""
        for _, found in self.each(inputs, report, pages=pages, fs=fs):
            yield from found

    def each(self, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None) -> Iterator[Loaded]:
        """Each document with its records, in the inputs' order."""
        return bridge.iterate(partial(self.aeach, inputs, report, pages=pages, fs=fs))

    async def aload(
        self, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None
    ) -> AsyncGenerator[Record, None]:
        """Records of all inputs; as `load`. Later files are parsed while earlier ones are read."""
        async with aclosing(self.aeach(inputs, report, pages=pages, fs=fs)) as loaded:
            async for _, found in loaded:
                for record in found:
                    yield record

    async def aeach(
        self, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None
    ) -> AsyncGenerator[Loaded, None]:
        """Each document with its records; as `each`. It is cut in a worker thread."""
        options: dict[str, Any] = {"concurrency": self.concurrency, "progress": self.progress, "fs": fs}
        outcomes = self.parser.aparse_many(inputs, pages=pages, **options)
        try:
            async for outcome in outcomes:
                report.add(outcome)
                if self.on_outcome is not None:
                    self.on_outcome(outcome)
                self._judge(outcome)
                if outcome.document is not None:
                    _warn(outcome.document)
                    yield outcome.document, await anyio.to_thread.run_sync(partial(list, self.records(outcome.document)))
        finally:
            await outcomes.aclose()

    def collect(
        self, room: Gate, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None
    ) -> list[Loaded]:
        """All documents with their records; as `acollect`."""
        return bridge.run(partial(self.acollect, room, inputs, report, pages=pages, fs=fs))

    async def acollect(
        self, room: Gate, inputs: SourceLike, report: Report, *, pages: PagesLike | None = None, fs: Any = None
    ) -> list[Loaded]:
        """All documents with their records, as soon as there is place in a `room` that several loads share."""
        async with room.passage(), aclosing(self.aeach(inputs, report, pages=pages, fs=fs)) as loaded:
            return [one async for one in loaded]

    def records(self, document: ParsedDocument) -> Iterator[Record]:
        """Records of one parsed document."""
        options = (self.chunker or StructureChunker()).fingerprint() if self.mode == "chunks" else self.mode
        whole_file = self.mode == "document"
        return records(document, self.chunks(document), options=options, mode=self.metadata_mode, whole=whole_file)

    def chunks(self, document: ParsedDocument) -> Iterator[Chunk]:
        """Chunks of one parsed document, in this mode."""
        match self.mode:
            case "chunks":
                return (self.chunker or StructureChunker()).chunk(document)
            case "elements":
                return elements(_lasting(document))
            case "pages":
                return pages(_lasting(document))
            case "document":
                return whole(_lasting(document))

    def _judge(self, outcome: Outcome) -> None:
        if outcome.error is None:
            return
        if self.on_error == "raise":
            raise outcome.error
        if self.on_error == "skip":
            _log.warning("%s was skipped: %s", outcome.source, outcome.error)


def _lasting(document: ParsedDocument) -> ParsedDocument:
    """Pictures at a vendor's address are named by their block: an address expires, and is another one after every parse."""
    if not any(_is_far(block) for page in document.pages for block in page.blocks):
        return document
    changed = (replace(page, blocks=tuple(map(_named, page.blocks))) for page in document.pages)
    fields: dict[str, Any] = {name: getattr(document, name) for name in ParsedDocument.model_fields}
    return ParsedDocument(**fields | {"pages": tuple(changed)})


def _is_far(block: Block) -> bool:
    return block.image is not None and block.image.form == "url"


def _named(block: Block) -> Block:
    return replace(block, image=Image("file", block.id)) if _is_far(block) else block


def room_for(loads: int) -> Gate:
    """Places for so many loads at once, whatever threads and event loops they run in."""
    return Gate(Limits(requests_at_once=max(loads, 1)))


def _warn(document: ParsedDocument) -> None:
    for notice in document.warnings:
        _log.warning("%s: %s", document.source.uri, notice.message)


def _check(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        near = get_close_matches(str(value), known, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]!r}?" if near else f"It is one of {', '.join(known)}."
        raise UnknownOption(f"{name}={value!r} is not known.", hint=hint)
