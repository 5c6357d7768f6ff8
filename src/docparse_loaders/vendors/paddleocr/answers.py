"""What PaddleOCR's answers mean: the step that follows from each."""

from pydantic_core import to_json

from docparse_loaders.errors import (
    DocParseError,
    IncompleteResult,
    JobFailed,
    ProtocolError,
    SubmitUncertain,
    VendorUnavailable,
)
from docparse_loaders.vendors.http import fault_of, retry_after
from docparse_loaders.vendors.paddleocr import orders
from docparse_loaders.vendors.paddleocr.codes import BATCH_FULL, CODES, FAILED_JOB, UNKNOWN_JOB, error_of, is_fault_of_theirs
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.protocol import Blob, Done, Fail, Parts, Progress, Reply, Step, Wait
from docparse_loaders.vendors.readers import Object, as_id, as_int, as_list, as_object, as_text, first

_NAME = "paddleocr"
_OK = frozenset({"0", ""})
_WAITING = frozenset({"pending", "running"})
_GONE = frozenset({401, 403, 404, 410})
_MOST_LINKS = 2
_DOWNLOADS = 4
_MOST_TRIES = 1
_RECOVERY = 10.0
"""How long to wait, in seconds, before a document is submitted again that a fault of the service kept from being parsed."""


def read(state: PaddleOCRState, reply: Reply) -> Step:
    """The step that follows from an answer to the call sent in `state`."""
    if state.phase == "fetching":
        return _fetched(state, reply)
    error = _fault(reply)
    if error is not None:
        return _refused(state, reply, error)
    data = as_object(as_object(reply.json).get("data"))
    return _submitted(state, data, reply) if state.phase == "submitting" else _polled(state, data, reply)


def _fault(reply: Reply) -> DocParseError | None:
    """The body's code counts before the HTTP status, but only if it is one that PaddleOCR documents."""
    body = as_object(reply.json)
    code = as_text(first(body, ("code", "errorCode"))).strip()
    said = code not in _OK
    if said and code in CODES:
        return error_of(code, _message(body), reply.status, retry_after(reply.headers))
    return fault_of(reply, _NAME) or (error_of(code, _message(body), reply.status) if said else None)


def _message(body: Object) -> str:
    """The reason lies in data.errorMsg; `msg` says only what the code says already."""
    data = as_object(body.get("data"))
    return (as_text(data.get("errorMsg")) or as_text(first(body, ("msg", "errorMsg", "message")))).strip()


def _refused(state: PaddleOCRState, reply: Reply, error: DocParseError) -> Step:
    if state.phase == "submitting":
        full = error.code == BATCH_FULL and "batchId" in state.order  # it took nothing
        return orders.submit_alone(state) if full else Fail(error)
    if error.code == UNKNOWN_JOB and state.batch_id:
        return orders.poll(state.model_copy(update={"batch_id": ""}))
    if error.code == UNKNOWN_JOB and not state.unseen:
        return Wait(state.model_copy(update={"unseen": 1}), Progress("unknown"))
    if error.code == FAILED_JOB:
        return _ended(state, _message(as_object(reply.json)), error)
    return Fail(error)


def _submitted(state: PaddleOCRState, data: Object, reply: Reply) -> Step:
    job_id = as_id(data.get("jobId"))
    if job_id is None:
        # It answered that all is well, so the job may exist and count: not a case for sending again.
        return Fail(
            SubmitUncertain(
                f"PaddleOCR took the document but named no job: {_snippet(reply)}.",
                vendor=_NAME,
                hint="Look for it in AI Studio's list of tasks; parse again only if it is not there.",
            )
        )
    return Wait(state.model_copy(update={"phase": "polling", "job_id": job_id}), Progress("submitted"))


def _polled(state: PaddleOCRState, data: Object, reply: Reply) -> Step:
    job = data if not state.batch_id else _entry(data, state.job_id)
    if not job and state.batch_id:
        return orders.poll(state.model_copy(update={"batch_id": ""}))
    word = as_text(job.get("state"))
    status = word.strip().lower()
    url = _link(job)
    if status == "failed":
        return _ended(state, as_text(job.get("errorMsg")), _failed(job))
    counts = as_object(job.get("extractProgress"))
    total = as_int(counts.get("totalPages"))
    if status == "done" or (not status and url):
        return orders.fetch(state, url, total) if url else Fail(_no_link(job))
    if not job:
        hint = "Resume with the token, or check base_url."
        return Fail(ProtocolError(f"PaddleOCR's answer holds no job: {_snippet(reply)}.", vendor=_NAME, hint=hint))
    done = as_int(counts.get("extractedPages"))
    return Wait(state.model_copy(update={"unseen": 0}), Progress(word, done, total, known=status in _WAITING))


def _entry(data: Object, job_id: str) -> Object:
    """The job's own entry in the answer about its batch."""
    entries = (as_object(entry) for entry in as_list(data.get("extractResult")))
    return next((entry for entry in entries if as_id(entry.get("jobId")) == job_id), {})


def _link(job: Object) -> str:
    """Where the lines of JSON are; one service names them flat."""
    return as_text(as_object(job.get("resultUrl")).get("jsonUrl")) or as_text(first(job, ("resultJsonUrl", "jsonUrl")))


def _ended(state: PaddleOCRState, reason: str, error: DocParseError) -> Step:
    """A job that failed by a fault of the service is submitted once more, if all that it takes is still known."""
    if not state.order or state.tries >= _MOST_TRIES or not is_fault_of_theirs(reason):
        return Fail(error)
    again = {"phase": "again", "job_id": "", "total": None, "unseen": 0, "links": 0, "tries": state.tries + 1}
    return Wait(state.model_copy(update=again), Progress("failed"), _RECOVERY)


def _failed(job: Object) -> DocParseError:
    reason = as_text(job.get("errorMsg")).strip().rstrip(".") or "no reason given"
    return JobFailed(
        f"PaddleOCR could not parse the document: {reason}.", vendor=_NAME, code="failed", hint=CODES[FAILED_JOB].hint
    )


def _no_link(job: Object) -> DocParseError:
    said = f"PaddleOCR says that the job is done, but names no result: {_keys(job)}."
    return IncompleteResult(said, vendor=_NAME, hint="Resume with the token, or ask AI Studio.")


def _fetched(state: PaddleOCRState, reply: Reply) -> Step:
    if reply.status in _GONE:
        return _another_link(state, reply)
    if (error := fault_of(reply, _NAME)) is not None:
        return Fail(error)
    if reply.blob is None or reply.blob.data.lstrip()[:1] == b"<":
        hint = "A proxy or maintenance may stand in between; resume with the token."
        said = "the link to PaddleOCR's result leads to a web page."
        return Fail(VendorUnavailable(said, vendor=_NAME, status=reply.status, hint=hint, tries=_DOWNLOADS))
    # What the result does not say of itself goes along, so that one that is cut short is noticed.
    job = {"jobId": state.job_id, "model": state.model, "extractProgress": {"totalPages": state.total}}
    facts = to_json(job if state.infer_links else {**job, "infer_links": False})
    return Done(Parts((Blob(facts, "application/json"), reply.blob)), state)


def _another_link(state: PaddleOCRState, reply: Reply) -> Step:
    if state.links < _MOST_LINKS:
        return orders.poll(state.model_copy(update={"links": state.links + 1}))
    said = f"the link to PaddleOCR's result does not work (HTTP {reply.status}), nor does a fresh one."
    return Fail(ProtocolError(said, vendor=_NAME, status=reply.status, hint="Resume with the token later, or ask AI Studio."))


def _keys(job: Object) -> str:
    return ", ".join(sorted(job))[:200] or "nothing"


def _snippet(reply: Reply) -> str:
    return repr(reply.json)[:200]
