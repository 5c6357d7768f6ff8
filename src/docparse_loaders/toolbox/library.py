"""A library of documents in an agent's hands: the host says which files, which vendor and how much; the agent asks by id."""

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Literal, Self, TypeAlias

import anyio.to_thread

from docparse_loaders.engine import bridge
from docparse_loaders.engine.endpoint import endpoint_of
from docparse_loaders.engine.store import StoreLike
from docparse_loaders.errors import ConfigError, SourceError, ToolRefused
from docparse_loaders.pages import PageSelection
from docparse_loaders.parser import DocParser, VendorLike
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.toolbox.answers import Answer, Frame, Sources, fitting
from docparse_loaders.toolbox.budget import PageBudget
from docparse_loaders.toolbox.desk import Desk, Key
from docparse_loaders.toolbox.fences import clean, one_line
from docparse_loaders.toolbox.hits import best, shown
from docparse_loaders.toolbox.reading import Reading, Text, whole_rows
from docparse_loaders.toolbox.shelves import Entry, Shelves, Stamp
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.protocol import Progress

Form: TypeAlias = Literal["markdown", "rows"]

FEWEST_TOKENS = 300
MOST_HITS = 20
_LISTED = "Call list_documents for the ids."


class DocumentLibrary:
    """Documents below `roots` (folders or files), for an agent to read: it names ids, never paths or addresses.

    `vendor`, `store` and `policy` are those of `DocParser`; a file is parsed when it is first asked for, once. `max_pages` is
    the budget: a document that does not fit into what is left of it is not parsed; those that are open can still be read.
    `max_tokens` caps each answer (by `estimate`), `max_bytes` a file. Every method has an async twin with an `a` before its
    name. Threads and event loops may share a library.

    Raises `ConfigError` at once; the methods raise `ToolRefused`, whose text is meant for the agent, and the errors of parsing.
    """

    def __init__(
        self,
        roots: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
        *,
        vendor: VendorLike = "local",
        store: StoreLike | None = None,
        policy: Policy | None = None,
        max_pages: int = 1000,
        max_tokens: int = 2000,
        max_bytes: int = 256 << 20,
    ) -> None:
        if max_tokens < FEWEST_TOKENS:
            raise ConfigError(f"max_tokens={max_tokens} is too little for an answer.", hint=f"Use {FEWEST_TOKENS} or more.")
        self._progress: dict[str, Progress] = {}
        self._parser = DocParser(vendor, store=store, policy=policy, on_progress=self._progress.__setitem__)
        endpoint_of(self._parser.config, vendor_of(self._parser.config).traits)  # a key that is missing is missing now
        listed = [roots] if isinstance(roots, str | os.PathLike) else list(roots)
        self._shelves = Shelves(listed, self._parser.suffixes, max_bytes)
        self._budget = PageBudget(max_pages)
        self._desk = Desk(self._parser, self._budget, forgets=store is not None)
        self._keys: dict[str, tuple[Stamp, Key]] = {}
        self._max_tokens = max_tokens

    @property
    def pages_left(self) -> int:
        """How many more pages may be parsed."""
        return self._budget.left

    def close(self) -> None:
        """Cancel what is being parsed; nothing more can be opened. A `with` block does it at its end."""
        self._desk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def progress(self, document_id: str) -> Progress | None:
        """How far the parse of a document is, as its vendor said last; None if it is not under way or nothing was said."""
        entry = self._shelves.entry(document_id)
        return self._progress.get(entry.label) if entry is not None else None

    def list_documents(self, contains: str = "", offset: int = 0) -> Answer:
        """The documents, or those whose name contains a word: id, name and size, and the pages of those that are open."""
        return bridge.run(partial(self.alist_documents, contains, offset))

    async def alist_documents(self, contains: str = "", offset: int = 0) -> Answer:
        """As `list_documents`."""
        entries = await anyio.to_thread.run_sync(self._shelves.entries)
        wanted = [entry for entry in entries if contains.casefold() in entry.name.casefold()]
        if not wanted:
            what = f"whose name contains {one_line(contains)!r}" if contains else "here that can be read"
            return Answer(f"There is no document {what}." + (" Call list_documents without contains." if contains else ""))
        head = f"{_counted(len(wanted), 'document')} (id | name | size); {self.pages_left} more pages may be opened."
        text = Text("\n".join(self._line(entry) for entry in wanted))
        return self._answer(None, text, offset, head, "call list_documents again with")

    def outline(self, document_id: str, offset: int = 0) -> Answer:
        """A document's headings, numbered as sections, with their pages; its tables after them."""
        return bridge.run(partial(self.aoutline, document_id, offset))

    async def aoutline(self, document_id: str, offset: int = 0) -> Answer:
        """As `outline`."""
        entry, reading = await self._read(document_id)
        numbers = (len(reading.page_numbers), "page"), (len(reading.headings), "section"), (len(reading.tables), "table")
        counts = ", ".join(_counted(*number) for number in numbers)
        advice = "Read on with read_section, get_table or find." if reading.headings else "Use read_pages or find."
        head = f"{entry.id}: {counts}. {advice}"
        if not reading.outline:
            return Answer(head)
        return self._answer(entry, Text(reading.outline), offset, head, "call outline again with")

    def read_pages(self, document_id: str, pages: str, offset: int = 0) -> Answer:
        """The text of some pages, 1-based: "3" or "2-4,7"."""
        return bridge.run(partial(self.aread_pages, document_id, pages, offset))

    async def aread_pages(self, document_id: str, pages: str, offset: int = 0) -> Answer:
        """As `read_pages`."""
        selection = PageSelection.of(pages)
        entry, reading = await self._read(document_id)
        present = reading.page_numbers
        wanted = tuple(number for number in present if selection is None or number in selection)
        if not wanted:
            hint = f"It has the pages {present[0]} to {present[-1]}." if present else "It has none."
            raise ToolRefused(f"{entry.id} has no pages {one_line(pages)!r}.", hint=hint)
        head = f"{entry.id}, page{'s' * (len(wanted) > 1)} {PageSelection.of(wanted)} of {present[-1]}."
        text = await anyio.to_thread.run_sync(reading.pages, wanted)
        return self._answer(entry, text, offset, head, "call read_pages again with these pages and")

    def read_section(self, document_id: str, section: int, offset: int = 0) -> Answer:
        """The text under a heading, by its number in the outline."""
        return bridge.run(partial(self.aread_section, document_id, section, offset))

    async def aread_section(self, document_id: str, section: int, offset: int = 0) -> Answer:
        """As `read_section`."""
        entry, reading = await self._read(document_id)
        if not 1 <= section <= len(reading.headings):
            hint = f"It has the sections 1 to {len(reading.headings)}: call outline." if reading.headings else "Use read_pages."
            raise ToolRefused(f"{entry.id} has no section {section}.", hint=hint)
        text = await anyio.to_thread.run_sync(reading.section, section)
        again = "call read_section again with this section and"
        return self._answer(entry, text, offset, f"{entry.id}, section {section} of {len(reading.headings)}.", again)

    def find(self, query: str, document_id: str | None = None, limit: int = 5, offset: int = 0) -> Answer:
        """The passages that fit best, with their pages and boxes; of one document, or of all that are open."""
        return bridge.run(partial(self.afind, query, document_id, limit, offset))

    async def afind(self, query: str, document_id: str | None = None, limit: int = 5, offset: int = 0) -> Answer:
        """As `find`."""
        chosen = [await self._read(document_id)] if document_id else await anyio.to_thread.run_sync(self._opened)
        if not chosen:
            raise ToolRefused("no document is open yet, and find looks into open ones.", hint=f"Name a document_id. {_LISTED}")
        limit, offset = min(max(limit, 1), MOST_HITS), max(offset, 0)
        hits = await anyio.to_thread.run_sync(best, query, chosen, offset + limit + 1)
        where = chosen[0][0].id if document_id else _counted(len(chosen), "open document")
        if not hits[offset:]:
            more = "Nothing more" if hits else "Nothing"
            hint = "Try other words." if document_id else "Try other words, or name the document_id of one that is not open."
            return Answer(f"{more} was found in {where} for {one_line(query)!r}. {hint}")
        return shown(hits, offset, limit, self._max_tokens, where)

    def get_table(self, document_id: str, table: int, form: Form = "markdown", offset: int = 0) -> Answer:
        """A table by its number in the outline: as Markdown, or as one JSON object a row."""
        return bridge.run(partial(self.aget_table, document_id, table, form, offset))

    async def aget_table(self, document_id: str, table: int, form: Form = "markdown", offset: int = 0) -> Answer:
        """As `get_table`."""
        entry, reading = await self._read(document_id)
        if not 1 <= table <= len(reading.tables):
            hint = f"It has the tables 1 to {len(reading.tables)}: call outline." if reading.tables else "Use read_pages."
            raise ToolRefused(f"{entry.id} has no table {table}.", hint=hint)
        if form not in {"markdown", "rows"}:
            raise ToolRefused(f"form={one_line(form)!r} is not known.", hint='It is "markdown" or "rows".')
        text = await anyio.to_thread.run_sync(reading.table, table, form == "rows")
        head = (
            f"{entry.id}, table {table} of {len(reading.tables)}, {reading.tables[table - 1][1].height} rows with its header."
        )
        answer = self._answer(entry, text, offset, head, "call get_table again with this table, form and")
        return replace(answer, data=whole_rows(answer.body)) if form == "rows" else answer

    # Inside.

    async def _read(self, document_id: str) -> tuple[Entry, Reading]:
        entry = await anyio.to_thread.run_sync(self._shelves.entry, document_id)
        if entry is None:
            raise ToolRefused(f"there is no document {one_line(document_id, 80)!r}.", hint=self._meant(document_id) + _LISTED)
        if reading := await anyio.to_thread.run_sync(self._unchanged, entry):
            return entry, reading
        try:
            key, source = await anyio.to_thread.run_sync(self._source, entry)
            return entry, await self._desk.reading(entry.id, key, source)
        except SourceError as error:
            # What a person could do about the file is no advice for an agent.
            raise ToolRefused(f"{entry.id} cannot be read: {error.message}", hint="Read another document.") from error

    def _meant(self, name: str) -> str:
        """The id of the document with that file name, which is what agents try first."""
        found = [entry.id for entry in self._shelves.known() if name and name in {entry.name, entry.name.rpartition("/")[2]}]
        return f"The id of that file is {found[0]}. " if len(found) == 1 else ""

    def _unchanged(self, entry: Entry) -> Reading | None:
        """The open document of a file that is still what it was when it was read, and still where it may be read."""
        kept = self._keys.get(entry.id)
        if kept is None or self._shelves.stamp(entry) != kept[0]:
            return None
        return self._desk.look(kept[1])

    def _source(self, entry: Entry) -> tuple[Key, Source]:
        stamp, data = self._shelves.read(entry)
        source = Source.of(data, name=clean(entry.name.rpartition("/")[2]))
        source = Source(replace(source.facts, uri=entry.label), source.opener)
        key = (source.facts.sha256, entry.suffix)
        self._keys[entry.id] = (stamp, key)
        return key, source

    def _opened(self) -> list[tuple[Entry, Reading]]:
        """All open documents whose files are still there, unchanged."""
        found = []
        for name in list(self._keys):
            entry = self._shelves.entry(name)
            try:
                reading = self._unchanged(entry) if entry is not None else None
            except ToolRefused:
                continue
            if entry is not None and reading is not None:
                found.append((entry, reading))
        return found

    def _answer(self, entry: Entry | None, text: Text, offset: int, head: str, again: str) -> Answer:
        if not text.text:
            return Answer(f"{head} There is no text in it: it may be a picture, or empty.")
        if not 0 <= offset < len(text.text):
            raise ToolRefused(f"there is nothing at offset={offset}.", hint="Begin again with offset=0.")
        sources = Sources(entry.id if entry else "", entry.label if entry else "", text.begins, text.regions)
        return fitting(text.text, offset, self._max_tokens, Frame(head, text.header, again), sources)

    def _line(self, entry: Entry) -> str:
        kept = self._keys.get(entry.id)
        reading = self._desk.look(kept[1]) if kept else None
        pages = f" | open, {len(reading.page_numbers)} pages" if reading else ""
        return f"{entry.id} | {entry.label} | {_size(entry.size)}{pages}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{max(size // 1000, 1)} kB"
