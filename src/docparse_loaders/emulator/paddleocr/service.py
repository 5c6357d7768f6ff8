"""PaddleOCR's service: submits by upload and by address, answers about jobs and batches (API docs of AI Studio)."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from docparse_loaders.emulator.faults import Cut, Fault, FaultLayer, Script
from docparse_loaders.emulator.jobs import Job, JobTable, Rate, Stage
from docparse_loaders.emulator.journal import Journal
from docparse_loaders.emulator.paddleocr.form import Order, Refused, read_order
from docparse_loaders.emulator.paddleocr.paper import Dialect, Json, Paper
from docparse_loaders.emulator.paddleocr.words import CODES, MAX_BATCH, MAX_PAGES
from docparse_loaders.emulator.service import Service, dialect_of
from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Page

PREFIX = ""
"""Clients are configured with the host alone."""

_JOBS = "/api/v2/ocr/jobs"
_RESULT = "application/octet-stream"
_STAGES: Mapping[str, Stage] = {"unknown_status": "unknown", "never": "processing", "failed": "failed"}
_WORDS: dict[Stage, str] = {
    "queuing": "pending",
    "processing": "running",
    "unknown": "merging",
    "success": "done",
    "failed": "failed",
}
_FAILURE = "文件内容无法解析"
_DAY = 86_400.0
_CHINA = timezone(timedelta(hours=8))
Handler = Callable[[Request, str], Awaitable[Json]]


def build(service: Service, journal: Journal, shelf: Shelf, cut: Cut, **dialect: Any) -> Starlette:
    """The service as an ASGI application; `dialect` holds the fields of `Dialect`."""
    paddle = _Paddle(service, dialect_of(Dialect, dialect), journal, shelf)
    layer = Middleware(FaultLayer, script=Script(service.faults), journal=journal, clock=service.clock, cut=cut)
    return Starlette(
        routes=paddle.routes(), middleware=[layer], exception_handlers={HTTPException: _http_error, Refused: _refusal}
    )


def environment(origin: str, service: Service, **dialect: Any) -> dict[str, str]:
    """What a client's environment needs to find the service."""
    dialect_of(Dialect, dialect)
    return {"PADDLEOCR_BASE_URL": origin + PREFIX, "PADDLEOCR_ACCESS_TOKEN": service.keys[0]}


class _Paddle:
    """The routes over one table of jobs."""

    def __init__(self, service: Service, dialect: Dialect, journal: Journal, shelf: Shelf) -> None:
        self._service = service
        self._dialect = dialect
        self._journal = journal
        self._shelf = shelf
        self._jobs = JobTable(service)
        self._rate = Rate(service.qps, service.clock)
        self._batches: dict[tuple[str, str], list[Job]] = defaultdict(list)
        self._taken: list[Job] = []
        self._used: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> list[Route]:
        """The documented paths."""
        return [
            Route(_JOBS, self._admitting(self._submit), methods=["POST"]),
            Route(f"{_JOBS}/{{job_id}}", self._admitting(self._one), methods=["GET"]),
            Route(f"{_JOBS}/batch/{{batch_id}}", self._admitting(self._many), methods=["GET"]),
        ]

    def _admitting(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.method == "POST":
                await request.body()  # whatever is refused before would cut a large upload off
            key = self._key(request)
            if not self._rate.admits(key):
                raise Refused(12002)
            fault: Fault | None = request.state.fault
            if fault is not None and fault.code is not None:
                raise Refused(int(fault.code), "as wanted")
            return JSONResponse(_envelope(await handler(request, key)))

        return answer

    def _key(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or key.strip() not in self._service.keys:
            raise Refused(401)
        return key.strip()

    async def _submit(self, request: Request, key: str) -> Json:
        order = await read_order(request, self._shelf, self._service.max_bytes)
        batch = self._batches[key, order.batch_id] if order.batch_id else []
        if len(batch) >= MAX_BATCH:
            raise Refused(10009)
        pages = await self._pages(order)
        self._check_room((key, order.model), len(pages or ()))
        fault: Fault | None = request.state.fault
        fate = fault.fate if fault else None
        job = self._jobs.add(f"ocrjob-{self._jobs.new_id()[:12]}", key, order.name, len(pages or ()), fate)
        job.failure = fault.failure if fault else None
        self._journal.submits += 1
        batch.append(job)
        self._taken.append(job)
        if pages is not None:
            self._fill(job, order, pages)
        return {"jobId": job.id}

    async def _pages(self, order: Order) -> Sequence[Page] | None:
        """The pages that are wanted; None for a file that the emulator cannot read, whose job fails."""
        try:
            pages = await self._service.pages_of(order.data)
        except DocParseError as error:
            if order.type == "pdf":
                raise Refused(10005, error.message) from None
            return None
        wanted = order.pages(len(pages))
        if len(wanted) > (self._service.max_pages or MAX_PAGES):
            raise Refused(10006)
        return [pages[number - 1] for number in wanted]

    def _check_room(self, account: tuple[str, str], pages: int) -> None:
        """Count the pages of a key and a model on this day; the queue is all keys' alike."""
        quota, queue, now = self._dialect.daily_pages, self._dialect.queue, self._service.clock()
        day = (*account, int(now // _DAY))
        if quota is not None and self._used[day] + pages > quota:
            raise Refused(12001)
        if queue is not None and sum(job.stage(now) in {"queuing", "processing"} for job in self._taken) >= queue:
            raise Refused(10010)
        self._used[day] += pages

    def _fill(self, job: Job, order: Order, pages: Sequence[Page]) -> None:
        def keep(name: str, data: bytes, suffix: str) -> str:
            return self._shelf.offer(f"{job.id}/{name}", data, f"image/{suffix}")

        paper = Paper(order, self._dialect, keep)
        job.result = f"{job.id}/result.jsonl"
        self._shelf.offer(job.result, paper.lines(pages), _RESULT)
        markdown = "\n\n".join(paper.markdown).encode()
        self._shelf.offer(f"{job.id}/result.md", markdown, "text/markdown; charset=utf-8")

    async def _one(self, request: Request, key: str) -> Json:
        job = self._jobs.find(request.path_params["job_id"], key)
        if job is None:
            raise Refused(11001)
        lifetime = self._dialect.job_seconds
        if lifetime is not None and self._service.clock() > job.ends + lifetime:
            raise Refused(11002)
        stage, reason = self._stage(request, job)
        if stage == "failed" and self._dialect.failed_code:
            raise Refused(11003, reason)
        return self._about(job, stage, reason, texts=self._dialect.counts in {"documented", "str"})

    async def _many(self, request: Request, key: str) -> Json:
        batch_id = request.path_params["batch_id"]
        texts = self._dialect.counts == "str"
        jobs = self._batches.get((key, batch_id), [])
        found = [self._about(job, *self._stage(request, job), texts=texts) for job in jobs]
        return {"batchId": batch_id, "extractResult": found}

    def _stage(self, request: Request, job: Job) -> tuple[Stage, str]:
        """How far a job is, and why it failed if it did: `data.errorMsg` is a sentence, so of a code it has the words."""
        fault: Fault | None = request.state.fault
        told = fault if fault and fault.fate else None
        stage = _STAGES[told.fate] if told and told.fate else job.stage(self._service.clock())
        failure = (told.failure if told else None) or job.failure
        return stage, _reason(failure) if stage == "failed" else ""

    def _about(self, job: Job, stage: Stage, reason: str, *, texts: bool) -> Json:
        about: Json = {"jobId": job.id, "state": _WORDS[stage], "errorMsg": reason}
        if stage in {"processing", "unknown", "success"}:
            about["extractProgress"] = self._progress(job, texts=texts, done=stage == "success")
        if stage == "success":
            url = self._shelf.link(job.result)
            links = {"jsonUrl": url}
            if self._dialect.markdown_url:
                links["markdownUrl"] = self._shelf.link(f"{job.id}/result.md")
            about |= {"resultJsonUrl": url} if self._dialect.flat_url else {"resultUrl": links}
        return about

    def _progress(self, job: Job, *, texts: bool, done: bool) -> Json:
        now, length = self._service.clock(), max(job.ends - job.starts, 0.001)
        share = min(max((now - job.starts) / length, 0.0), 1.0)
        extracted = job.page_count if done else max(0, min(int(job.page_count * share), job.page_count - 1))
        counts: Json = {"totalPages": job.page_count, "extractedPages": extracted}
        if texts:
            counts = {name: str(count) for name, count in counts.items()}
        times = {"startTime": _time(job.starts - now)} | ({"endTime": _time(job.ends - now)} if done else {})
        return {**counts, **times}


def _reason(failure: str | None) -> str:
    """What a failed job says of itself; a code that nobody knows stands for itself."""
    if failure is None:
        return _FAILURE
    known = CODES.get(int(failure)) if failure.isdecimal() else None
    return known[1] if known else failure


def _time(seconds: float) -> str:
    """A time `seconds` from now as the tables write it."""
    return (datetime.now(UTC).astimezone(_CHINA) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _envelope(data: Json) -> Json:
    return {"traceId": uuid4().hex, "code": 0, "msg": "Success", "data": data}


async def _refusal(request: Request, error: Exception) -> Response:
    """A documented code with the HTTP status that belongs to it; the reason is in data.errorMsg."""
    refused = error if isinstance(error, Refused) else Refused(500)
    body: Json = {"traceId": uuid4().hex, "code": refused.code, "msg": str(refused)}
    if refused.reason:
        body["data"] = {"errorMsg": refused.reason}
    return JSONResponse(body, status_code=CODES[refused.code][0] if refused.code in CODES else 400)


async def _http_error(request: Request, error: Exception) -> Response:
    """A wrong path or method, in the envelope's shape."""
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    body = {"traceId": uuid4().hex, "code": int(status), "msg": HTTPStatus(status).phrase}
    return JSONResponse(body, status_code=status)
