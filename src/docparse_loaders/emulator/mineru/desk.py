"""Takes documents in: fetches or picks them up, parses them, and puts their results where links lead to."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from docparse_loaders.emulator.faults import Fault
from docparse_loaders.emulator.fetching import NotFetched
from docparse_loaders.emulator.jobs import Job, JobTable
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.mineru.dialect import Dialect
from docparse_loaders.emulator.mineru.form import Order, Refused, looks_like, selected
from docparse_loaders.emulator.mineru.packing import files_of, packed
from docparse_loaders.emulator.mineru.paper import Paper
from docparse_loaders.emulator.mineru.words import MAX_BYTES, MAX_PAGES
from docparse_loaders.emulator.service import Service
from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Page


@dataclass(slots=True)
class Entry:
    """One document: what was asked, where it is uploaded to ("" if it is fetched), and the job once there is one.

    `fault` is the code and message with which it failed. `batch_id` is "" for a document alone.
    """

    order: Order
    key: str
    batch_id: str = ""
    place: str = ""
    job: Job | None = None
    fault: tuple[str, str] | None = None
    total: int = 0


@dataclass(slots=True)
class Desk:
    """All documents of one service."""

    service: Service
    dialect: Dialect
    journal: Journal
    shelf: Shelf
    jobs: JobTable
    quota: str
    pages_left: int | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    batches: dict[str, list[Entry]] = field(default_factory=dict)

    async def take(self, entry: Entry, fault: Fault | None) -> None:
        """Make a job of a document. What is wrong with it makes the job fail, and not the submit, as does `fault` on demand."""
        pages: Sequence[Page] = ()
        try:
            data = await self._data(entry)
            pages = await self._pages(entry, data)
        except Refused as refused:
            entry.fault = (refused.code, str(refused))
        fate = fault.fate if fault is not None else None
        job = self.jobs.add(self.jobs.new_id(), entry.key, entry.order.name, len(pages), fate)
        job.failure = fault.failure if fault is not None else None
        entry.job = job
        self.entries[job.id] = entry
        self.journal.submits += 1
        if entry.fault is None:
            self._deliver(entry, job, pages)

    async def _data(self, entry: Entry) -> bytes:
        try:
            data = (self.shelf.taken(entry.place) or b"") if entry.place else await self.shelf.fetch(entry.order.url)
        except NotFetched as error:
            raise Refused("-60008", str(error)) from None
        if not data:
            raise Refused("-60004")
        if len(data) > (self.service.max_bytes or MAX_BYTES):
            raise Refused("-60005")
        if not looks_like(entry.order.suffix, data):
            raise Refused("-60003", "the content is not what the name says")
        return data

    async def _pages(self, entry: Entry, data: bytes) -> list[Page]:
        try:
            pages = await self.service.pages_of(data)
        except DocParseError as error:
            raise Refused("-60003", error.message) from None
        entry.total = len(pages)
        wanted = set(selected(entry.order.options.get("page_ranges"), len(pages)))
        if len(wanted) > (self.service.max_pages or MAX_PAGES):
            raise Refused("-60006")
        if self.pages_left is not None:
            if len(wanted) > self.pages_left:
                raise Refused(self.quota)
            self.pages_left -= len(wanted)
        return [page for page in pages if page.number in wanted]

    def _deliver(self, entry: Entry, job: Job, pages: Sequence[Page]) -> None:
        options = entry.order.options
        backend = "vlm" if options.get("model_version") == "vlm" else "pipeline"
        paper = Paper.of(pages, self.dialect.layout, backend)
        made = self.dialect
        files = files_of(paper, job.id, entry.total, page_tree=made.page_tree, lists=made.lists)
        files |= {f"full.{suffix}": data for name in options.get("extra_formats") or () for suffix, data in _extra(name, files)}
        stem = PurePosixPath(entry.order.name).stem
        self.shelf.offer(f"{job.id}.zip", packed(files, stem=stem, backend=backend, nested=made.nested), "application/zip")
        self.shelf.offer(f"{job.id}.md", files["full.md"], "text/markdown; charset=utf-8")
        job.result = True


def _extra(name: str, files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """An extra format as a stand-in with the right beginning."""
    if name == "docx":
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        return [("docx", empty.getvalue())]
    text = files["full.md"].decode()
    return [("html", f"<!DOCTYPE html><pre>{text}</pre>".encode())] if name == "html" else [("tex", text.encode())]
