"""A parsing service: POST a file, get an id; ask how far it is; fetch its chunks with their places. It survives a restart.

    uv run python examples/fastapi_service.py
    curl --data-binary @examples/data/report.pdf 'http://127.0.0.1:8000/documents?name=report.pdf'
    curl http://127.0.0.1:8000/documents/ID
    curl http://127.0.0.1:8000/documents/ID/chunks

`DOCPARSE_VENDOR=somark` and `SOMARK_API_KEY` make it a service with a vendor; without them it parses on this machine. All that
it knows lies in the folder `service-data`: files, results, and the job store, so that after a restart it goes on with the
vendor's jobs and pays for none again; a file that failed may be POSTed once more for the same reason. The file is the body of
the request, so its size is checked while it arrives. Clients hear sentences of ours; what the library says, which may name a
path, goes to the log. Run one process of it, and put your login in front. Nothing is deleted by itself.
"""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

import anyio
import uvicorn
from fastapi import FastAPI, HTTPException, Request

from docparse_loaders import DocParser, Event, ParsedDocument, Policy, StructureChunker, errors

WORKERS, MOST_WAITING, MOST_BYTES = 4, 100, 50_000_000
LASTING = {413, 415, 422}  # these lie in the file itself; all others may pass, so that it is tried again after a restart
ANSWERS: tuple[tuple[tuple[type[Exception], ...], int, str], ...] = (  # the first that fits
    ((errors.UnsupportedSource,), 415, "The parser does not take such a file."),
    ((errors.SourceTooLarge,), 413, "The file is larger than the parser takes."),
    ((errors.SourceError,), 422, "The file cannot be read: it is damaged, empty, or wants a password."),
    ((errors.SubmitRejected, errors.JobFailed), 422, "The parser refuses this file."),
    ((errors.QuotaError,), 402, "The pages that were paid for are used up."),
    ((errors.JobTimeout,), 504, "The parser is not ready yet; send the file again later."),
    ((errors.TransportError, errors.RateLimited, errors.VendorUnavailable), 503, "Not now; send the file again later."),
    ((errors.SubmitUncertain,), 500, "Nobody knows whether the parser took the file; whoever runs this service looks for it."),
    ((Exception,), 500, "Something is wrong with this service."),
)
_log = logging.getLogger(__name__)


class Desk:
    """Documents in a folder: `ID.pdf` is a file, `ID.document` what it says, `ID.failed` why it will never say anything."""

    def __init__(self, folder: Path, vendor: Any, policy: Policy | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.parser = DocParser(vendor, policy=policy, store=folder / "jobs.db", on_event=self._hear)
        self.states: dict[str, dict[str, Any]] = {}
        self.waiting: asyncio.Queue[Path] = asyncio.Queue()

    def open(self) -> None:
        """Take up what an earlier process left."""
        for file in self.folder.iterdir():
            if file.suffix == ".part":
                file.unlink()
            elif file.suffix in self.parser.suffixes:
                self.take(file)

    def take(self, file: Path) -> None:
        """A file that has arrived waits for its turn, unless it had it."""
        if file.with_suffix(".document").exists():
            self.states[file.stem] = {"state": "done"}
        elif file.with_suffix(".failed").exists():
            self.states[file.stem] = json.loads(file.with_suffix(".failed").read_text())
        else:
            self.states[file.stem] = {"state": "waiting"}
            self.waiting.put_nowait(file)

    async def work(self) -> None:
        """Parse what waits until cancelled; a vendor's jobs go on meanwhile, and the store knows them."""
        while True:
            file = await self.waiting.get()
            self.states[file.stem] = {"state": "parsing"}
            try:
                document = await self.parser.aparse(file)
                await anyio.to_thread.run_sync(_write, file.with_suffix(".document"), document.model_dump_json())
                self.states[file.stem] = {"state": "done"}
            except Exception as error:  # noqa: BLE001  (the log has all of it, and the next file has its turn)
                _log.exception("%s failed", file.name)
                status, said = next((status, said) for kinds, status, said in ANSWERS if isinstance(error, kinds))
                self.states[file.stem] = {"state": "failed", "code": status, "message": said}
                if status in LASTING:
                    _write(file.with_suffix(".failed"), json.dumps(self.states[file.stem]))

    def _hear(self, event: Event) -> None:
        if not event.final:  # it is done when its document is written
            said = {"status": event.status, "pages_done": event.pages_done, "pages_total": event.pages_total}
            self.states[PurePosixPath(event.source).stem] = {"state": "parsing", **said}

    def state(self, name: str) -> dict[str, Any]:
        """How far a document is. Raises 404 if there is none."""
        if name not in self.states:
            raise HTTPException(404, "There is no such document.")
        return {"id": name, **self.states[name]}

    def chunks(self, name: str) -> list[dict[str, Any]]:
        """What a document says, with the places: pages from 1, boxes from 0 to 1. Raises 409 until it is done, or why not."""
        state = self.state(name)
        if state["state"] == "failed":
            raise HTTPException(state["code"], state["message"])
        if state["state"] != "done":
            raise HTTPException(409, "The document is not parsed yet.", {"Retry-After": "2"})
        document = ParsedDocument.model_validate_json((self.folder / f"{name}.document").read_bytes())
        return [
            {"id": chunk.id, "text": chunk.text, "headings": chunk.headings, "places": chunk.regions}
            for chunk in StructureChunker().chunk(document)
        ]


def create_app(folder: str | Path = "service-data", vendor: Any = None, policy: Policy | None = None) -> FastAPI:
    """The service; `vendor` is what `DocParser` takes, by default what the environment names."""
    desk = Desk(Path(folder), vendor or os.environ.get("DOCPARSE_VENDOR", "local"), policy)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.open()
        async with anyio.create_task_group() as workers:
            for _number in range(WORKERS):
                workers.start_soon(desk.work)
            yield
            workers.cancel_scope.cancel()

    app = FastAPI(title="Parsing service", lifespan=lifespan)

    @app.post("/documents", status_code=202)
    async def submit(request: Request, name: str) -> dict[str, Any]:
        """Take the body as a file of that name."""
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in desk.parser.suffixes:
            raise HTTPException(415, f"This takes files that end in {', '.join(sorted(desk.parser.suffixes))}.")
        if desk.waiting.qsize() >= MOST_WAITING:
            raise HTTPException(503, "Too many documents are waiting.", {"Retry-After": "30"})
        file = desk.folder / f"{uuid4().hex}{suffix}"
        await _receive(request, file)
        desk.take(file)
        return desk.state(file.stem)

    @app.get("/documents/{name}")
    async def state(name: str) -> dict[str, Any]:
        """waiting, parsing, done or failed."""
        return desk.state(name)

    @app.get("/documents/{name}/chunks")
    def chunks(name: str) -> list[dict[str, Any]]:
        """The chunks; in a thread, because a long document takes its time."""
        return desk.chunks(name)

    return app


async def _receive(request: Request, target: Path) -> None:
    """Write the body to a file that has its name only once it is whole. Raises 413 as soon as it is too large."""
    partial, size = target.with_suffix(".part"), 0
    try:
        async with await anyio.open_file(partial, "wb") as file:
            async for piece in request.stream():
                size += len(piece)
                if size > MOST_BYTES:
                    raise HTTPException(413, f"This takes files of up to {MOST_BYTES:,} bytes.")
                await file.write(piece)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _write(target: Path, text: str) -> None:
    """Replace a file in one go, so that none is ever half written."""
    partial = target.with_suffix(".part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    uvicorn.run(create_app())
