"""Parse4AI and mineru.net (API v4) as their API docs describe them: one wire, two spellings."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import anyio
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from docparse_loaders.emulator.faults import Cut, Fate, Fault, FaultLayer, Script
from docparse_loaders.emulator.jobs import Job, JobTable, Rate, Stage
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.mineru.callbacks import deliver, signed
from docparse_loaders.emulator.mineru.desk import Desk, Entry
from docparse_loaders.emulator.mineru.dialect import Dialect
from docparse_loaders.emulator.mineru.form import Order, Refused, batch, read_json, single
from docparse_loaders.emulator.mineru.wording import Json, Wording
from docparse_loaders.emulator.mineru.words import AUTH, CODES, MAX_BATCH, STATES
from docparse_loaders.emulator.service import Service, dialect_of
from docparse_loaders.emulator.shelf import Shelf

_SHOWN: Mapping[Fate, Stage] = {"unknown_status": "unknown", "never": "processing", "failed": "failed"}
_TICK = 0.02
Handler = Callable[[Request], Awaitable[Response]]


def mineru_app(name: str, prefix: str, service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> Starlette:
    """One of the two services as an ASGI application, `name` telling which; `dialect` holds the fields of `Dialect`."""
    routes = _Routes(name, service, dialect_of(Dialect, dialect), journal, shelf)
    layer = Middleware(FaultLayer, script=Script(service.faults), journal=journal, clock=service.clock, cut=cut)
    handlers = {HTTPException: routes.http_error, Refused: routes.refusal}
    app = Starlette(routes=routes.table(prefix), middleware=[layer], exception_handlers=handlers)
    app.state.journal = journal
    return app


class _Routes:
    """The documented paths over one desk."""

    def __init__(self, name: str, service: Service, dialect: Dialect, journal: Journal, shelf: Shelf) -> None:
        self._name = name
        self._camel = name == "parse4ai"
        self._service = service
        self._dialect = dialect
        self._shelf = shelf
        self._rate = Rate(service.qps, service.clock)
        quota = "-60017" if self._camel else "-60018"
        jobs = JobTable(service, dashes=True)
        self._desk = Desk(service, dialect, journal, shelf, jobs, quota, pages_left=dialect.balance)

    def table(self, prefix: str) -> list[Route]:
        """The paths; uploads are mineru.net's alone."""
        root = f"{prefix}/v1" if self._camel else prefix
        uploads = [Route(f"{root}/file-urls/batch", self._admitting(self._reserve), methods=["POST"])]
        return [
            Route(f"{root}/extract/task", self._admitting(self._submit), methods=["POST"]),
            Route(f"{root}/extract/task/batch", self._admitting(self._submit_batch), methods=["POST"]),
            Route(f"{root}/extract/task/{{task_id}}", self._admitting(self._task), methods=["GET"]),
            Route(f"{root}/extract-results/batch/{{batch_id}}", self._admitting(self._batch), methods=["GET"]),
            *([] if self._camel else uploads),
        ]

    def _admitting(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            key = request.headers.get("authorization", "")
            if key.removeprefix("Bearer ") not in self._service.keys or not key.startswith("Bearer "):
                raise Refused("-20002")
            if not self._rate.admits(key):
                raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS)
            request.state.key = key.removeprefix("Bearer ")
            fault: Fault | None = request.state.fault
            if fault is not None and fault.code is not None:
                raise Refused(fault.code, "on demand")
            return await handler(request)

        return answer

    async def _submit(self, request: Request) -> Response:
        order = single(await self._body(request), self._name, camel=self._camel)
        entry = Entry(order, request.state.key)
        await self._desk.take(entry, request.state.fault)
        wording = Wording(self._dialect, self._camel)
        task_id = entry.job.id if entry.job is not None else ""
        return self._answer(wording.ok(wording.named({"task_id": task_id})), [entry])

    async def _submit_batch(self, request: Request) -> Response:
        orders = await self._orders(request, upload=False)
        batch_id, entries = self._open(orders, request.state.key)
        for entry in entries:
            await self._desk.take(entry, request.state.fault)
        return self._answer(Wording(self._dialect, camel=False).ok({"batch_id": batch_id}), entries)

    async def _reserve(self, request: Request) -> Response:
        batch_id, entries = self._open(await self._orders(request, upload=True), request.state.key)
        for number, entry in enumerate(entries):
            entry.place = f"{batch_id}/{number}-{re.sub(r'[^A-Za-z0-9.]+', '_', entry.order.name)}"
        fault: Fault | None = request.state.fault
        urls = [self._shelf.expect(entry.place, partial(self._picked_up, entry, entries, fault)) for entry in entries]
        listed: Json = {"file_urls": urls}
        if self._dialect.urls == "files":
            listed = {"files": urls}
        elif self._dialect.urls == "object":
            listed = {"file_urls": {entry.order.name: url for entry, url in zip(entries, urls, strict=True)}}
        return JSONResponse(Wording(self._dialect, camel=False).ok({"batch_id": batch_id, **listed}))

    async def _orders(self, request: Request, *, upload: bool) -> list[Order]:
        return batch(await self._body(request), self._name, MAX_BATCH[self._name], upload=upload)

    async def _body(self, request: Request) -> Json:
        body = read_json(await request.body(), request.headers.get("content-type", ""))
        request.state.arrival.form = tuple((name, repr(value)) for name, value in body.items())
        return body

    def _open(self, orders: list[Order], key: str) -> tuple[str, list[Entry]]:
        batch_id = str(uuid4())
        entries = [Entry(order, key, batch_id) for order in orders]
        self._desk.batches[batch_id] = entries
        return batch_id, entries

    async def _task(self, request: Request) -> Response:
        entry = self._desk.entries.get(request.path_params["task_id"])
        if entry is None or entry.batch_id:
            raise Refused("-60012")
        self._check_owner(request, entry)
        wording = Wording(self._dialect, self._camel)
        told = self._told(request, entry, markdown=self._camel or not self._dialect.archive)
        task_id = entry.job.id if entry.job is not None else ""
        return JSONResponse(wording.ok(wording.named({"task_id": task_id, **told})))

    async def _batch(self, request: Request) -> Response:
        entries = self._desk.batches.get(request.path_params["batch_id"])
        if entries is None:
            raise Refused("-60012")
        self._check_owner(request, entries[0])
        return JSONResponse(Wording(self._dialect, camel=False).ok(self._results(request, entries)))

    def _check_owner(self, request: Request, entry: Entry) -> None:
        if entry.key != request.state.key:
            raise Refused("-60013")

    def _results(self, request: Request | None, entries: list[Entry]) -> Json:
        results = [
            {
                "file_name": entry.order.name,
                **({"data_id": entry.order.data_id} if entry.order.data_id else {}),
                **{name: value for name, value in self._told(request, entry).items() if value is not None},
            }
            for entry in entries
        ]
        return {"batch_id": entries[0].batch_id, "extract_result": results}

    def _told(self, request: Request | None, entry: Entry, *, markdown: bool = False) -> Json:
        """State, links, error and progress of one document."""
        job = entry.job
        if job is None:
            return {"state": "waiting-file", "err_msg": ""}
        fault: Fault | None = request.state.fault if request is not None else None
        now = self._service.clock()
        told = fault if fault is not None and fault.fate is not None else None
        state = STATES[_SHOWN[told.fate] if told is not None and told.fate is not None else job.stage(now)]
        if state == "failed":
            return self._failed(entry, (told.failure if told is not None else None) or job.failure)
        if state == "done":
            link = self._shelf.link(f"{job.id}.zip") if self._dialect.archive else None
            text = self._shelf.link(f"{job.id}.md") if markdown else None
            return {"state": state, "full_zip_url": link, "markdown_url": text, "err_msg": ""}
        if state == "running":
            return self._running(entry, job, now)
        return {"state": state, "err_msg": ""}

    def _failed(self, entry: Entry, wanted: str | None) -> Json:
        code = wanted or self._dialect.failure
        code, message = entry.fault or (code, CODES.get(code, "解析失败"))
        told: Json = {"state": "failed", "err_msg": message}
        return {**told, "err_code": self._dialect.code(code)} if self._dialect.err_codes else told

    def _running(self, entry: Entry, job: Job, now: float) -> Json:
        share = min(max((now - job.starts) / (job.ends - job.starts), 0.0), 1.0) if job.ends > job.starts else 0.0
        if entry.order.options.get("extra_formats") and share > 0.5:
            return {"state": "converting", "err_msg": ""}
        told: Json = {"state": "running", "err_msg": ""}
        if self._camel and not entry.batch_id:
            return told
        count = self._dialect.count
        done, total = count(int(share * job.page_count)), count(job.page_count)
        progress = {"extracted_pages": done, "total_pages": total, "start_time": "2025-01-20 11:43:20"}
        return {**told, "extract_progress": progress}

    def _answer(self, body: Json, entries: list[Entry]) -> Response:
        """An answer, and after it the callback that was asked for, once all its documents are done."""
        url = _wanted_callback(entries)
        return JSONResponse(body, background=BackgroundTask(self._call_back, url, entries) if url else None)

    async def _picked_up(self, entry: Entry, entries: list[Entry], fault: Fault | None) -> None:
        """Parse a file as soon as it was uploaded; the callback follows when the last one was."""
        await self._desk.take(entry, fault)
        if (url := _wanted_callback(entries)) is not None:
            await self._call_back(url, entries)

    async def _call_back(self, url: str, entries: list[Entry]) -> None:
        jobs = [entry.job for entry in entries if entry.job is not None]
        if any(job.fate == "never" for job in jobs):
            return
        await anyio.sleep(max(0.0, max(job.ends for job in jobs) - self._service.clock()) + _TICK)
        seed = entries[0].order.options.get("seed", "")
        if entries[0].batch_id:
            content = self._results(None, entries)
        else:
            wording = Wording(self._dialect, self._camel)
            told = self._told(None, entries[0], markdown=self._camel)
            content = wording.named({"task_id": entries[0].job.id if entries[0].job else "", **told})
        await deliver(url, signed(content, self._dialect.uid, seed))

    async def refusal(self, request: Request, error: Exception) -> Response:
        """The documented codes come with HTTP status 200, and those about keys at mineru.net's gateway with 401."""
        code = error.code if isinstance(error, Refused) else "-10001"
        code = code if self._camel else AUTH.get(code, code)
        gateway = code in AUTH.values()
        camel = self._camel and "batch" not in request.url.path
        body = Wording(self._dialect, camel).refusal(code, str(error))
        return JSONResponse(body, status_code=HTTPStatus.UNAUTHORIZED if gateway else HTTPStatus.OK)

    async def http_error(self, request: Request, error: Exception) -> Response:
        """A wrong path or method, or too many requests, in the envelope's shape."""
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        return JSONResponse({"code": int(status), "msg": HTTPStatus(status).phrase, "data": None}, status_code=status)


def _wanted_callback(entries: list[Entry]) -> str | None:
    """Where the outcome is to be POSTed, once all documents are jobs."""
    wanted = bool(entries) and all(entry.job is not None for entry in entries)
    url: str | None = entries[0].order.options.get("callback") if wanted else None
    return url
