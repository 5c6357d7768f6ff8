"""SCNet's service: presign, submit, result, and the files that a result points to (ocrdoc page; published client)."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from docparse_loaders.emulator.faults import Cut, Fault, FaultLayer, Script
from docparse_loaders.emulator.fetching import NotFetched
from docparse_loaders.emulator.jobs import Job, JobTable, Rate, Stage
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.scnet.dialect import Dialect, Json
from docparse_loaders.emulator.scnet.form import Order, Refused, looks_like, read_json, read_order
from docparse_loaders.emulator.scnet.paper import Paper
from docparse_loaders.emulator.scnet.words import CODES, MAX_BYTES, MAX_PAGES, WORDS
from docparse_loaders.emulator.service import Service, dialect_of
from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Page

PREFIX = "/api/llm/v1"
"""Where the service stands below its host; clients are configured with it."""

_STAGES: Mapping[str, Stage] = {"unknown_status": "unknown", "never": "processing", "failed": "failed"}
_FIRST_ID = 2056703208598626304
_SECONDS_LEFT = 7
_POLICY = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
Handler = Callable[[Request], Awaitable[Json]]


def build(service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> Starlette:
    """The service as an ASGI application; `dialect` holds the fields of `Dialect`."""
    scnet = _SCNet(service, dialect_of(Dialect, dialect), journal, shelf)
    layer = Middleware(FaultLayer, script=Script(service.faults), journal=journal, clock=service.clock, cut=cut)
    handlers = {HTTPException: scnet.http_error, Refused: scnet.refusal}
    app = Starlette(routes=scnet.routes(), middleware=[layer], exception_handlers=handlers)
    app.state.journal = journal
    return app


def environment(origin: str, service: Service, **dialect: Any) -> dict[str, str]:
    """What a client's environment needs to find the service."""
    dialect_of(Dialect, dialect)
    return {"SCNET_BASE_URL": origin + PREFIX, "SCNET_API_KEY": service.keys[0]}


class _SCNet:
    """The routes over one table of jobs."""

    def __init__(self, service: Service, dialect: Dialect, journal: Journal, shelf: Shelf) -> None:
        self._service = service
        self._dialect = dialect
        self._journal = journal
        self._shelf = shelf
        self._jobs = JobTable(service)
        self._rate = Rate(service.qps, service.clock)
        self._asked: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """The documented paths; the page asks for results by POST, its samples by GET."""
        return [
            Route(f"{PREFIX}/upload/presign", self._admitting(self._presign), methods=["GET"]),
            Route(f"{PREFIX}/ocrdoc/submit", self._admitting(self._submit), methods=["POST"]),
            Route(f"{PREFIX}/ocrdoc/result", self._admitting(self._result), methods=["GET", "POST"]),
        ]

    def _admitting(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            scheme, _, key = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or key not in self._service.keys:
                raise Refused("401")
            if not self._rate.admits(key):
                raise Refused("10011")
            fault: Fault | None = request.state.fault
            if fault is not None and fault.code is not None:
                raise Refused(fault.code, "on demand")
            request.state.key = key
            return JSONResponse(await handler(request))

        return answer

    async def _presign(self, request: Request) -> Json:
        given = request.query_params.get("file_name", "")
        if not given:
            raise Refused("InvalidParameter", "file_name")
        name = f"ocr/doc/{uuid4().hex}/{re.sub(r'[^A-Za-z0-9.]+', '_', given)}"
        url, fields = self._shelf.expect_form(name)
        signed = {field.replace("-", "_"): fields[field] for field in _POLICY}
        data = {"file_url": self._shelf.address(name), "upload_url": url, "key": fields["key"], **signed}
        return {"code": "0", "msg": "success", "data": data}

    async def _submit(self, request: Request) -> Json:
        order = await read_order(request)
        pages = await self._pages(order)
        fault: Fault | None = request.state.fault
        fate = fault.fate if fault else None
        job = self._jobs.add(self._new_id(), request.state.key, order.name, len(pages or ()), fate)
        job.failure = fault.failure if fault else None
        self._journal.submits += 1
        if pages is not None:
            self._deliver(job, pages)
        return self._dialect.submitted(job.id)

    def _new_id(self) -> str:
        return str(uuid4()) if self._dialect.ids == "uuid" else str(_FIRST_ID + len(self._jobs) + 1)

    async def _pages(self, order: Order) -> Sequence[Page] | None:
        """The parsed document; None if it cannot be read, which makes the task fail."""
        try:
            data = order.data if order.data is not None else await self._shelf.fetch(order.url)
        except NotFetched:
            return None
        if len(data) > (self._service.max_bytes or MAX_BYTES):
            raise Refused("InvalidParameter", "file is too large")
        if not looks_like(order.name, data):
            return None
        try:
            pages = await self._service.pages_of(data)
        except DocParseError:
            return None
        return pages if len(pages) <= (self._service.max_pages or MAX_PAGES) else None

    def _deliver(self, job: Job, pages: Sequence[Page]) -> None:
        names = []
        for number, data in enumerate(Paper(self._dialect, job.id).files(pages)):
            names.append(f"results/{job.id}/{number + 13:03}_result_{job.id}.json")
            self._shelf.offer(names[-1], data, "application/octet-stream")
        job.result = names

    async def _result(self, request: Request) -> Json:
        wanted = await self._wanted(request)
        jobs = [self._jobs.find(task_id, request.state.key) for task_id in wanted]
        outputs = [self._output(request, job, task_id) for job, task_id in zip(jobs, wanted, strict=True)]
        return self._dialect.results(outputs, [job.page_count if job else 0 for job in jobs])

    async def _wanted(self, request: Request) -> list[str]:
        if request.method == "GET":
            ids: Any = request.query_params.getlist("taskId")
        else:
            body = await read_json(request)
            ids = body.get("task_ids")
            request.state.arrival.form = (("task_ids", repr(ids)),)
        if not isinstance(ids, list) or not ids or not all(isinstance(task_id, str) for task_id in ids):
            raise Refused("InvalidParameter", "task_ids")
        return ids

    def _output(self, request: Request, job: Job | None, task_id: str) -> Json | None:
        self._asked[task_id] += 1
        if job is None or self._asked[task_id] <= self._dialect.unseen:
            return self._dialect.not_found(task_id)
        fault: Fault | None = request.state.fault
        told = fault if fault and fault.fate else None
        stage = _STAGES[told.fate] if told and told.fate else job.stage(self._service.clock())
        word = WORDS[stage]
        submitted = "2026-05-19 19:47:11"
        if word == "succeeded":
            links = [self._shelf.link(name, _disposition(name)) for name in job.result]
            return self._dialect.output(job.id, word, results=links, submit_time=submitted, end_time="2026-05-19 19:47:40")
        if word == "failed":
            code = (told.failure if told else None) or job.failure or self._dialect.failure
            why = {"error_code": code, "error_message": CODES.get(code, "Unknown error")}
            return self._dialect.output(job.id, word, submit_time=submitted, end_time="2026-05-19 19:47:40", **why)
        left = _SECONDS_LEFT if self._dialect.on_top else None
        return self._dialect.output(job.id, word, submit_time="2026-04-20 19:33:50.425", estimated_seconds=left)

    async def refusal(self, request: Request, error: Exception) -> Response:
        """A documented code in its documented form."""
        refused = error if isinstance(error, Refused) else Refused("SystemError")
        status, body = self._dialect.refusal(refused.code, refused.reason)
        return JSONResponse(body, status_code=status)

    async def http_error(self, request: Request, error: Exception) -> Response:
        """A wrong path or method, as its gateway answers."""
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        return JSONResponse({"code": str(int(status)), "msg": HTTPStatus(status).phrase}, status_code=status)


def _disposition(name: str) -> str:
    """The first part of a real link's query: quotes and slashes in it are encoded, and signed as they stand."""
    file = name.rpartition("/")[2]
    return "response-content-disposition=" + quote(f"attachment; filename=\"{file}\"; filename*=UTF-8''{file}", safe="")
