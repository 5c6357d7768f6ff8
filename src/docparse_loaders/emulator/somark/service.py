"""SoMark's service: submit, poll, parse at once, usage (SoMark API docs). The files behind its links are on the shelf."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from docparse_loaders.emulator.faults import Cut, Fault, FaultLayer, Script, reset
from docparse_loaders.emulator.jobs import Job, JobTable, Rate, Stage
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.service import Service, dialect_of
from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.emulator.somark.form import Order, Refused, read_order, text
from docparse_loaders.emulator.somark.packing import Finished
from docparse_loaders.emulator.somark.purse import Purse
from docparse_loaders.emulator.somark.result import Dialect, Json
from docparse_loaders.emulator.somark.words import CODES, MAX_BYTES, MAX_PAGES
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Page

PREFIX = "/api/v1"
"""Where the service stands below its host; clients are configured with it."""

_SECRET = "api_key"  # noqa: S105  (the name of a form field)
_STAGES: Mapping[str, Stage] = {"unknown_status": "unknown", "never": "processing", "failed": "failed"}
Handler = Callable[[Request, FormData], Awaitable[Json]]


def build(service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> Starlette:
    """The service as an ASGI application; `dialect` holds the fields of `Dialect`."""
    return somark_app(service, dialect_of(Dialect, dialect), journal=journal, cut=cut, shelf=shelf)


def environment(origin: str, service: Service, **dialect: Any) -> dict[str, str]:
    """What a client's environment needs to find the service."""
    found = {"SOMARK_BASE_URL": origin + PREFIX}
    return found if dialect_of(Dialect, dialect).private else {**found, "SOMARK_API_KEY": service.keys[0]}


def somark_app(
    service: Service | None = None,
    dialect: Dialect | None = None,
    *,
    journal: Journal | None = None,
    cut: Cut = reset,
    shelf: Shelf | None = None,
) -> Starlette:
    """SoMark for use in-process, through an ASGI transport; `app.state.journal` tells what arrived.

    The files behind its signed links are another application, `app.state.files`, for requests to `shelf.origin`.
    """
    service, journal = service or Service(), journal or Journal()
    shelf = shelf or Shelf(service.clock)
    somark = _SoMark(service, dialect or Dialect(), journal, shelf)
    layer = Middleware(FaultLayer, script=Script(service.faults), journal=journal, clock=service.clock, cut=cut)
    app = Starlette(
        routes=somark.routes(), middleware=[layer], exception_handlers={HTTPException: _http_error, Refused: _refusal}
    )
    script = Script(service.faults_of_files())
    app.state.journal, app.state.shelf = journal, shelf
    app.state.files = FaultLayer(shelf.app(), script=script, journal=journal, clock=service.clock, cut=cut, files=True)
    return app


class _SoMark:
    """The routes over one table of jobs."""

    def __init__(self, service: Service, dialect: Dialect, journal: Journal, shelf: Shelf) -> None:
        self._service = service
        self._dialect = dialect
        self._journal = journal
        self._shelf = shelf
        self._jobs = JobTable(service, dashes=dialect.capitalised)
        self._rate = Rate(service.qps, service.clock)
        self._purses: dict[str, Purse] = {}

    def routes(self) -> list[Route]:
        """The documented paths. The old ones (/extract/…) are gone, as announced for the end of 2026."""
        handlers: dict[str, Handler] = {
            "parse/async": self._submit,
            "parse/async_check": self._check,
            "parse/sync": self._sync,
            "usage": self._usage,
        }
        return [Route(f"{PREFIX}/{path}", self._admitting(handler), methods=["POST"]) for path, handler in handlers.items()]

    def _admitting(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            async with request.form() as form:
                _note(request, form)
                self._admit(request, form)
                return JSONResponse(await handler(request, form))

        return answer

    def _admit(self, request: Request, form: FormData) -> None:
        fault: Fault | None = request.state.fault
        if self._dialect.private and _SECRET in form:
            raise Refused(1105, f"unexpected field {_SECRET}")
        if not self._dialect.private and text(form, _SECRET) not in self._service.keys:
            raise Refused(1107)
        if not self._rate.admits(self._key(form) or ""):
            raise Refused(1124)
        if fault is not None and fault.code is not None:
            raise Refused(int(fault.code))

    def _key(self, form: FormData) -> str | None:
        return None if self._dialect.private else text(form, _SECRET)

    async def _submit(self, request: Request, form: FormData) -> Json:
        order, job = await self._accept(request, form)
        answer = _envelope({"task_id": job.id, "status": self._dialect.word("queuing")}, "task submitted")
        return {**answer, "warnings": list(order.warnings)} if order.warnings or self._dialect.capitalised else answer

    async def _check(self, request: Request, form: FormData) -> Json:
        job = self._jobs.find(text(form, "task_id") or "", self._key(form))
        if job is None:
            raise Refused(1133 if self._dialect.capitalised else 1105, "task_id")
        fault: Fault | None = request.state.fault
        stage = _STAGES[fault.fate] if fault and fault.fate else job.stage(self._service.clock())
        told = {"status": self._dialect.word(_word(stage)), **self._about(job)}
        if stage == "failed":
            return self._failed(told, (fault.failure if fault and fault.fate else None) or job.failure)
        return _envelope({**told, "result": self._result(job) if stage == "success" else None}, "查询成功")

    def _failed(self, told: Json, failure: str | None) -> Json:
        """A failed job: its code stands in the envelope, which is in order if nobody knows why it failed."""
        code = int(failure or 0)
        reason = CODES.get(code, "Unknown error") if code else "parse failed"
        error = {"error": reason} if self._dialect.capitalised else {}
        return {"code": code, "message": reason, "data": {**told, **error, "result": None}}

    async def _sync(self, request: Request, form: FormData) -> Json:
        order, job = await self._accept(request, form)
        await anyio.sleep(math.inf if job.fate == "never" else max(job.ends - self._service.clock(), 0.0))
        if job.stage(math.inf) == "failed":
            raise Refused(int(job.failure or 1137))
        answer = _envelope({"error": None, **self._about(job), "result": self._result(job)})
        return {**answer, "warnings": list(order.warnings)} if order.warnings else answer

    def _result(self, job: Job) -> Json:
        finished: Finished = job.result
        return finished.handed_out(job.id, self._dialect, self._shelf)

    async def _usage(self, request: Request, form: FormData) -> Json:
        left = self._purse(form).left()
        return _envelope(
            {
                "remaining_paid_pages": left.paid,
                "remaining_free_pages_today": left.today,
                "remaining_free_pages_this_month": left.this_month,
                "dashboard_url": str(request.base_url),
            }
        )

    def _purse(self, form: FormData) -> Purse:
        """The account behind a key; those who need no key share one."""
        key, dialect = self._key(form) or "", self._dialect
        if key not in self._purses:
            self._purses[key] = Purse(self._service.clock, dialect.balance, dialect.free_a_day, dialect.free_a_month)
        return self._purses[key]

    async def _accept(self, request: Request, form: FormData) -> tuple[Order, Job]:
        """Take a job, or refuse it; the file is read now, so that a bad one is refused and not failed later."""
        order = await read_order(form, self._service.max_bytes or MAX_BYTES)
        pages = await self._pages(order)
        if pages is not None and len(pages) > (self._service.max_pages or MAX_PAGES):
            raise Refused(1132)
        self._purse(form).pay(len(pages or ()))
        fault: Fault | None = request.state.fault
        fate = fault.fate if fault else None
        job = self._jobs.add(self._jobs.new_id(), self._key(form) or "", order.file_name, len(pages or ()), fate)
        self._journal.submits += 1
        job.failure = fault.failure if fault else None
        job.result = None if pages is None else Finished(order, pages)
        return order, job

    async def _pages(self, order: Order) -> Sequence[Page] | None:
        try:
            return await self._service.pages_of(order.data)
        except DocParseError as error:
            if order.suffix == ".pdf":
                raise Refused(1106, error.message) from None
            return None

    def _about(self, job: Job) -> Json:
        metadata: Json = {"page_num": job.page_count, "file_type": PurePosixPath(job.file_name.lower()).suffix}
        if self._dialect.capitalised:
            took = round((job.ends - job.starts) * 1000)
            return {"task_id": job.id, "error": None, "metadata": {**metadata, "processing_time_ms": took}}
        return {"record_id": job.number, "task_id": job.id, "file_name": job.file_name, "metadata": metadata}


def _word(stage: Stage) -> str:
    return "postprocessing" if stage == "unknown" else stage


def _envelope(data: Json, message: str = "ok") -> Json:
    return {"code": 0, "message": message, "data": data}


def _note(request: Request, form: FormData) -> None:
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    files = [(name, value) for name, value in form.multi_items() if not isinstance(value, str)]
    request.state.arrival.mask(fields, _SECRET)
    request.state.arrival.files = tuple((name, file.filename or "", file.size or 0) for name, file in files)


async def _refusal(request: Request, error: Exception) -> Response:
    """The documented codes come with HTTP status 200, as the body says it all."""
    code = error.code if isinstance(error, Refused) else 1120
    return JSONResponse({"code": code, "message": str(error), "data": None})


async def _http_error(request: Request, error: Exception) -> Response:
    """A wrong path, method or form, in the envelope's shape."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    code = 1105 if status == HTTPStatus.BAD_REQUEST else int(status)
    return JSONResponse({"code": code, "message": HTTPStatus(status).phrase, "data": None}, status_code=status)
