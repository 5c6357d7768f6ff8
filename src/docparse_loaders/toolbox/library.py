"""A library of documents in an agent's hands: the host says which files, which vendor and how much; the agent asks by id."""

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Literal, TypeAlias

import anyio
import anyio.to_thread

from docparse_loaders.chunking import estimate
from docparse_loaders.document import ParsedDocument
from docparse_loaders.engine import bridge
from docparse_loaders.errors import ConfigError, ToolRefused
from docparse_loaders.model import Region
from docparse_loaders.pages import PageSelection
from docparse_loaders.parser import DocParser, VendorLike
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.tables import grid_of, to_markdown, to_records
from docparse_loaders.toolbox.answers import Answer, cited, fenced, fitting
from docparse_loaders.toolbox.reading import Reading, pieces
from docparse_loaders.toolbox.shelves import Entry, Shelves

Form: TypeAlias = Literal["markdown", "rows"]

_OPEN = 16
_LISTED = "Call list_documents for the ids."


class DocumentLibrary:
    """Documents below `roots` (folders or files), for an agent to read: it names ids, never paths or addresses.

    `vendor`, `store` and `policy` are those of `DocParser`; a file is parsed when it is first asked for. `max_pages` is the
    budget: when so many pages were parsed, no further document is; those that are open can still be read. `max_tokens` caps
    each answer, `max_bytes` a file. Every method has an async twin with an `a` before its name.

    Raises `ConfigError` at once; the methods raise `ToolRefused`, whose text is meant for the agent, and the errors of parsing.
    """

    def __init__(
        self,
        roots: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
        *,
        vendor: VendorLike = "local",
        store: Any = None,
        policy: Policy | None = None,
        max_pages: int = 1000,
        max_tokens: int = 2000,
        max_bytes: int = 256 << 20,
    ) -> None:
        if max_tokens < 100:
            raise ConfigError(f"max_tokens={max_tokens} is too little for an answer.", hint="Use 100 or more.")
        self._parser = DocParser(vendor, store=store, policy=policy)
        listed = [roots] if isinstance(roots, str | os.PathLike) else list(roots)
        self._shelves = Shelves(listed, self._parser.suffixes, max_bytes)
        self._max_pages = max_pages
        self._max_tokens = max_tokens
        self._used = 0
        self._open: OrderedDict[str, Reading] = OrderedDict()

    @property
    def pages_left(self) -> int:
        """How many more pages may be parsed."""
        return max(self._max_pages - self._used, 0)

    def list_documents(self, offset: int = 0) -> Answer:
        """The documents by id, with their names and sizes; pages of those that are open."""
        return bridge.run(partial(self.alist_documents, offset))

    async def alist_documents(self, offset: int = 0) -> Answer:
        """As `list_documents`."""
        entries = await anyio.to_thread.run_sync(self._shelves.entries)
        lines = [self._line(entry) for entry in entries]
        return self._answer(lines, offset, head=f"{len(entries)} documents, id | name | size:", source="list")

    def outline(self, document_id: str, offset: int = 0) -> Answer:
        """A document's headings, numbered as sections, with their pages; its tables after them."""
        return bridge.run(partial(self.aoutline, document_id, offset))

    async def aoutline(self, document_id: str, offset: int = 0) -> Answer:
        """As `outline`."""
        entry, reading = await self._read(document_id)
        lines = [
            f"{'  ' * (heading.level - 1)}section {number}: {heading.text} (p. {heading.page_number})"
            for number, heading in enumerate(reading.headings, 1)
        ]
        lines += [f"table {number}: {_caption(reading, number)}" for number in range(1, len(reading.tables) + 1)]
        pages = f"{len(reading.document.pages)} pages, {len(reading.headings)} sections, {len(reading.tables)} tables"
        return self._answer(lines, offset, head=f"{entry.id}: {pages}.", source=entry.id)

    def read_pages(self, document_id: str, pages: str, offset: int = 0) -> Answer:
        """The text of some pages, 1-based: "3" or "2-4,7"."""
        return bridge.run(partial(self.aread_pages, document_id, pages, offset))

    async def aread_pages(self, document_id: str, pages: str, offset: int = 0) -> Answer:
        """As `read_pages`."""
        selection = PageSelection.of(pages)
        entry, reading = await self._read(document_id)
        present = [page.number for page in reading.document.pages]
        wanted = present if selection is None else [number for number in present if number in selection]
        if not wanted:
            raise ToolRefused(f"{entry.id} has no pages {pages!r}.", hint=f"It has the pages 1 to {max(present, default=0)}.")
        return self._blocks(entry, pieces(list(reading.pages(wanted))), offset)

    def read_section(self, document_id: str, section: int, offset: int = 0) -> Answer:
        """The text under a heading, by its number in the outline."""
        return bridge.run(partial(self.aread_section, document_id, section, offset))

    async def aread_section(self, document_id: str, section: int, offset: int = 0) -> Answer:
        """As `read_section`."""
        entry, reading = await self._read(document_id)
        if not 1 <= section <= len(reading.headings):
            raise ToolRefused(f"{entry.id} has no section {section}.", hint=f"It has {len(reading.headings)}: call outline.")
        return self._blocks(entry, pieces(list(reading.section(section))), offset)

    def find(self, query: str, document_id: str | None = None, limit: int = 5) -> Answer:
        """The passages that fit best, with their pages; of one document, or of all that are open."""
        return bridge.run(partial(self.afind, query, document_id, limit))

    async def afind(self, query: str, document_id: str | None = None, limit: int = 5) -> Answer:
        """As `find`."""
        if document_id is not None:
            await self._read(document_id)
        chosen = [document_id] if document_id is not None else list(self._open)
        if not chosen:
            raise ToolRefused("no document is open yet.", hint="Name one with document_id. " + _LISTED)
        found = await anyio.to_thread.run_sync(partial(self._found, query, chosen, limit))
        if not found:
            return Answer(f"Nothing found for {query!r} in {', '.join(chosen)}.")
        shown = [text for text, _, _ in found]
        kept, _ = fitting(shown, 0, self._max_tokens, estimate)
        citations = [citation for _, name, regions in found[: len(kept)] for citation in cited(*name, regions)]
        return Answer(fenced("\n\n".join(kept), ", ".join(chosen)), tuple(citations))

    def get_table(self, document_id: str, table: int, form: Form = "markdown", offset: int = 0) -> Answer:
        """A table by its number in the outline: as Markdown, or as one JSON object a row."""
        return bridge.run(partial(self.aget_table, document_id, table, form, offset))

    async def aget_table(self, document_id: str, table: int, form: Form = "markdown", offset: int = 0) -> Answer:
        """As `get_table`."""
        entry, reading = await self._read(document_id)
        if not 1 <= table <= len(reading.tables):
            raise ToolRefused(f"{entry.id} has no table {table}.", hint=f"It has {len(reading.tables)}: call outline.")
        if form not in {"markdown", "rows"}:
            raise ToolRefused(f"form={form!r} is not known.", hint='It is "markdown" or "rows".')
        block = reading.tables[table - 1]
        grid = grid_of(block)
        lines = to_markdown(grid).split("\n") if form == "markdown" else [_json(record) for record in to_records(grid)]
        head = lines[:2] if form == "markdown" and offset else []
        answer = self._answer(lines, max(offset, len(head)), head="\n".join(head), source=f"{entry.id} table {table}")
        return Answer(answer.text, cited(entry.id, entry.name, block.regions), answer.next_offset, to_records(grid))

    # Inside.

    async def _read(self, document_id: str) -> tuple[Entry, Reading]:
        entries = await anyio.to_thread.run_sync(self._shelves.entries)
        entry = next((entry for entry in entries if entry.id == document_id), None)
        if entry is None:
            raise ToolRefused(f"there is no document {document_id[:80]!r}.", hint=_LISTED)
        data = await anyio.to_thread.run_sync(self._shelves.read, entry)
        source = await anyio.to_thread.run_sync(partial(Source.of, data, name=entry.name.rpartition("/")[2]))
        reading = self._open.get(entry.id)
        if reading is None or reading.document.source.sha256 != source.facts.sha256:
            reading = Reading(await self._parsed(entry, source))
        self._open[entry.id] = reading
        self._open.move_to_end(entry.id)
        while len(self._open) > _OPEN:
            self._open.popitem(last=False)
        return entry, reading

    async def _parsed(self, entry: Entry, source: Source) -> ParsedDocument:
        if self._used >= self._max_pages:
            hint = f"Documents that are open can still be read: {', '.join(self._open) or 'none'}."
            raise ToolRefused(f"the budget of {self._max_pages} pages is used up.", hint=hint)
        document = await self._parser.aparse(source)
        self._used += max(len(document.pages), 1)
        return document

    def _found(self, query: str, chosen: Sequence[str], limit: int) -> list[tuple[str, tuple[str, str], tuple[Region, ...]]]:
        hits = []
        for name in chosen:
            reading = self._open[name]
            for number, score in reading.ranking.best(query, min(max(limit, 1), 20)):
                hits.append((score, name, reading.passages[number], reading.document.source.name))
        hits.sort(key=lambda hit: -hit[0])
        return [
            (f"[{name} p. {passage.page_number}] {passage.text}", (name, file_name), passage.regions)
            for _, name, passage, file_name in hits[: min(max(limit, 1), 20)]
        ]

    def _blocks(self, entry: Entry, found: Sequence[tuple[Any, str]], offset: int) -> Answer:
        texts = [text for _, text in found]
        shown, following = fitting(texts, offset, self._max_tokens, estimate)
        begin = max(offset, 0)
        regions = [region for block, _ in found[begin : begin + len(shown)] for region in block.regions]
        text = fenced("\n\n".join(shown), entry.id) if shown else f"Nothing more in {entry.id}."
        return Answer(_more(text, following), cited(entry.id, entry.name, regions), following)

    def _answer(self, lines: Sequence[str], offset: int, *, head: str, source: str) -> Answer:
        shown, following = fitting(lines, offset, self._max_tokens, estimate)
        body = "\n".join(shown)
        text = fenced("\n".join(filter(None, (head, body))), source)
        return Answer(_more(text, following), next_offset=following)

    def _line(self, entry: Entry) -> str:
        reading = self._open.get(entry.id)
        pages = f" | {len(reading.document.pages)} pages" if reading else ""
        return f"{entry.id} | {entry.name} | {entry.size:,} bytes{pages}"


def _caption(reading: Reading, number: int) -> str:
    block = reading.tables[number - 1]
    grid = grid_of(block)
    page = block.regions[0].page_number if block.regions else 0
    names = ", ".join(filter(None, grid.rows[0])) if grid.rows else ""
    return f"{grid.caption or names}"[:120] + f" ({grid.height} rows, p. {page})"


def _json(record: dict[str, str]) -> str:
    import json

    return json.dumps(record, ensure_ascii=False)


def _more(text: str, following: int | None) -> str:
    return text if following is None else f"{text}\n(More: call again with offset={following}.)"
