"""SoMark's service: submit, poll, parse at once, usage, and the files that a result points to (SoMark API docs)."""

import io
import json
import math
import zipfile
from collections.abc import Awaitable, Callable, Sequence
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
from docparse_loaders.emulator.somark.result import Dialect, Json, Paper
from docparse_loaders.emulator.somark.words import FREE_PAGES_A_DAY, FREE_PAGES_A_MONTH, MAX_BYTES, MAX_PAGES
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Page

PREFIX = "/api/v1"
"""Where the service stands below its host; clients are configured with it."""

_SECRET = "api_key"  # noqa: S105  (the name of a form field)
_FATES = frozenset({"unknown_status", "never", "failed"})
_STAGES: dict[str, Stage] = {"unknown_status": "unknown", "never": "processing", "failed": "failed"}
Handler = Callable[[Request, FormData], Awaitable[Json]]


def build(service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> Starlette:
    """The service as an ASGI application; `dialect` holds the fields of `Dialect`. SoMark keeps its files itself."""
    return somark_app(service, dialect_of(Dialect, dialect), journal=journal, cut=cut)


def environment(origin: str, service: Service, **dialect: Any) -> dict[str, str]:
    """What a client's environment needs to find the service."""
    found = {"SOMARK_BASE_URL": origin + PREFIX}
    return found if dialect_of(Dialect, dialect).private else {**found, "SOMARK_API_KEY": service.keys[0]}


def somark_app(
    service: Service | None = None, dialect: Dialect | None = None, *, journal: Journal | None = None, cut: Cut = reset
) -> Starlette:
    """SoMark for use in-process, through an ASGI transport; `app.state.journal` tells what arrived."""
    service, journal = service or Service(), journal or Journal()
    somark = _SoMark(service, dialect or Dialect(), journal)
    layer = Middleware(FaultLayer, script=Script(service.faults), journal=journal, clock=service.clock, cut=cut)
    app = Starlette(
        routes=somark.routes(), middleware=[layer], exception_handlers={HTTPException: _http_error, Refused: _refusal}
    )
    app.state.journal = journal
    return app


class _SoMark:
    """The routes over one table of jobs."""

    def __init__(self, service: Service, dialect: Dialect, journal: Journal) -> None:
        self._service = service
        self._dialect = dialect
        self._journal = journal
        self._jobs = JobTable(service, dashes=dialect.capitalised)
        self._rate = Rate(service.qps, service.clock)

    def routes(self) -> list[Route]:
        """The documented paths. The old ones (/extract/…) are gone, as announced for the end of 2026."""
        handlers: dict[str, Handler] = {
            "parse/async": self._submit,
            "parse/async_check": self._check,
            "parse/sync": self._sync,
            "usage": self._usage,
        }
        posts = [Route(f"{PREFIX}/{path}", self._admitting(handler), methods=["POST"]) for path, handler in handlers.items()]
        return [*posts, Route(f"{PREFIX}/files/{{job_id}}/{{name:path}}", self._file, methods=["GET"])]

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
        stage = _STAGES[fault.kind] if fault and fault.kind in _STAGES else job.stage(self._service.clock())
        data = {"status": self._dialect.word(_word(stage)), **self._about(job)}
        data["result"] = job.result if stage == "success" else None
        return _envelope(data, "parse failed" if stage == "failed" else "查询成功")

    async def _sync(self, request: Request, form: FormData) -> Json:
        order, job = await self._accept(request, form)
        await anyio.sleep(math.inf if job.fate == "never" else max(job.ends - self._service.clock(), 0.0))
        if job.stage(math.inf) == "failed":
            raise Refused(1137)
        answer = _envelope({"error": None, **self._about(job), "result": job.result})
        return {**answer, "warnings": list(order.warnings)} if order.warnings else answer

    async def _usage(self, request: Request, form: FormData) -> Json:
        used = self._jobs.pages
        return _envelope(
            {
                "remaining_paid_pages": 0,
                "remaining_free_pages_today": max(FREE_PAGES_A_DAY - used, 0),
                "remaining_free_pages_this_month": max(FREE_PAGES_A_MONTH - used, 0),
                "dashboard_url": str(request.base_url),
            }
        )

    async def _file(self, request: Request) -> Response:
        job = self._jobs.find(request.path_params["job_id"])
        name = request.path_params["name"]
        if job is None or (name not in job.files and name != "result.zip"):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if name == "result.zip":
            return Response(_archive(job), media_type="application/zip")
        return Response(job.files[name], media_type=f"image/{name.rpartition('.')[2]}")

    async def _accept(self, request: Request, form: FormData) -> tuple[Order, Job]:
        """Take a job, or refuse it; the file is read now, so that a bad one is refused and not failed later."""
        order = await read_order(form, self._service.max_bytes or MAX_BYTES)
        pages = await self._pages(order)
        if pages is not None and len(pages) > (self._service.max_pages or MAX_PAGES):
            raise Refused(1132)
        fault: Fault | None = request.state.fault
        fate = fault.kind if fault and fault.kind in _FATES else None
        job = self._jobs.add(self._jobs.new_id(), self._key(form) or "", order.file_name, len(pages or ()), fate)
        self._journal.submits += 1
        if pages is not None:
            self._fill(job, order, pages, f"{request.base_url}{PREFIX[1:]}/files/{job.id}")
        return order, job

    async def _pages(self, order: Order) -> Sequence[Page] | None:
        try:
            return await self._service.pages_of(order.data)
        except DocParseError as error:
            if order.suffix == ".pdf":
                raise Refused(1106, error.message) from None
            return None

    def _fill(self, job: Job, order: Order, pages: Sequence[Page], address: str) -> None:
        paper = Paper(order, self._dialect, lambda name: f"{address}/{name}")
        outputs = paper.outputs(pages)
        images: Json = {} if self._dialect.capitalised else {"imgs": []}
        job.result = {"file_name": order.file_name, **images, "outputs": outputs}
        job.files = paper.files

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


def _archive(job: Job) -> bytes:
    """Everything of a result in one archive, as `zip` offers it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        outputs = job.result["outputs"] if job.result else {}
        if "markdown" in outputs:
            archive.writestr("result.md", outputs["markdown"])
        if "json" in outputs:
            archive.writestr("result.json", json.dumps(outputs["json"], ensure_ascii=False))
        for name, data in job.files.items():
            archive.writestr(name, data)
    return packed.getvalue()


async def _refusal(request: Request, error: Exception) -> Response:
    """The documented codes come with HTTP status 200, as the body says it all."""
    code = error.code if isinstance(error, Refused) else 1120
    return JSONResponse({"code": code, "message": str(error), "data": None})


async def _http_error(request: Request, error: Exception) -> Response:
    """A wrong path, method or form, in the envelope's shape."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    code = 1105 if status == HTTPStatus.BAD_REQUEST else int(status)
    return JSONResponse({"code": code, "message": HTTPStatus(status).phrase, "data": None}, status_code=status)
