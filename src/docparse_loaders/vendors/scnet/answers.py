"""What SCNet's answers mean: the step that follows from each."""

from docparse_loaders.errors import (
    AuthError,
    DocParseError,
    IncompleteResult,
    JobFailed,
    LimitExceeded,
    ProtocolError,
    SubmitRejected,
    SubmitUncertain,
    VendorUnavailable,
)
from docparse_loaders.vendors.http import fault_of
from docparse_loaders.vendors.protocol import Blob, Done, Fail, Progress, Reply, Step, Wait
from docparse_loaders.vendors.readers import Object, as_object, as_text, first
from docparse_loaders.vendors.scnet import orders
from docparse_loaders.vendors.scnet.codes import error_of, failure_of, is_crowded
from docparse_loaders.vendors.scnet.decode import UNLINKED
from docparse_loaders.vendors.scnet.envelope import Task, fault, task_of, tasks_in
from docparse_loaders.vendors.scnet.state import SCNetState

_NAME = "scnet"
_WAITING = frozenset({"pending", "running"})
_GONE = frozenset({401, 403, 404, 410})
_MOST_LINKS, _MOST_PRESIGNS, _MOST_TRIES, _MOST_FILES = 2, 2, 5, 1000
_DOWNLOADS = 4
_GRACE = (3.0, 9.0, 18.0)
"""Pauses while a task is unknown: right after its submit not all of the service knows of it, and half a minute is enough."""
_ROOM = 5.0
"""The first pause before a document is submitted again; each further one is twice as long."""
_FORM = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "key")
_PAGES = (b"<!doctype html", b"<html", b"<?xml", b"<error")


def read(state: SCNetState, reply: Reply) -> Step:
    """The step that follows from an answer to the call sent in `state`."""
    match state.phase:
        case "uploading":
            return _uploaded(state, reply)
        case "fetching":
            return _fetched(state, reply)
        case "polling":
            return _polled(state, reply)
        case _:
            error = fault(reply)
    if error is not None:
        return Fail(error)
    return _presigned(state, reply) if state.phase == "presigning" else _submitted(state, reply)


def _presigned(state: SCNetState, reply: Reply) -> Step:
    body = as_object(reply.json)
    data = as_object(body.get("data")) or body
    fields = tuple((name, _field(data, name)) for name in _FORM)
    url, file_url = _field(data, "upload_url"), _field(data, "file_url")
    missing = [name for name, value in (*fields, ("upload_url", url), ("file_url", file_url)) if not value]
    if missing:
        hint = "Check base_url; or pass the address of a file instead."
        return Fail(ProtocolError(f"SCNet's upload form lacks {', '.join(missing)}.", vendor=_NAME, hint=hint))
    return orders.upload(state, url, fields, file_url)


def _field(data: Object, name: str) -> str:
    """A field of the upload form: `x-amz-date` there is `x_amz_date` in the answer."""
    snake = name.replace("-", "_")
    head, *rest = snake.split("_")
    return as_text(first(data, (snake, name, head + "".join(word.title() for word in rest))))


def _uploaded(state: SCNetState, reply: Reply) -> Step:
    if reply.status in _GONE:
        if state.presigns < _MOST_PRESIGNS:
            return orders.presign(state.model_copy(update={"presigns": state.presigns + 1, "url": ""}))
        said = f"SCNet's storage refused the upload (HTTP {reply.status}) with each of {_MOST_PRESIGNS + 1} forms."
        hint = "Check the clock of this machine and of proxies, or pass the address of a file instead."
        return Fail(ProtocolError(said, vendor=_NAME, status=reply.status, hint=hint))
    # An empty answer, or one that is not JSON, is what storage sends.
    if reply.status >= 300 or reply.problem == "too_big":
        return Fail(fault_of(reply, _NAME) or ProtocolError("SCNet's storage gave a strange answer.", vendor=_NAME))
    return orders.submit(state, state.url)


def _submitted(state: SCNetState, reply: Reply) -> Step:
    tasks = tasks_in(reply.json)
    task = next((task for task in tasks if task.task_id), None)
    if task is not None:
        taken = {"phase": "polling", "task_id": task.task_id, "alone": False, "unseen": 0}
        progress = Progress(task.word or "submitted", known=task.status in {"", *_WAITING, "succeeded", "failed", "unknown"})
        return Wait(state.model_copy(update=taken), progress, task.pause)
    refused = next((task for task in tasks if task.code), None)
    if refused is not None:
        return Fail(error_of(refused.code, refused.message, reply.status))
    # It answered that all is well, so the task may exist and be billed: not a case for sending again.
    return Fail(
        SubmitUncertain(
            f"SCNet took the document but named no task: {_snippet(reply)}.",
            vendor=_NAME,
            hint="Look for it in SCNet's console; parse again only if it is not there.",
        )
    )


def _polled(state: SCNetState, reply: Reply) -> Step:
    error = fault(reply)
    if isinstance(error, AuthError):
        return Fail(error)
    if isinstance(error, JobFailed | SubmitRejected):
        # It may be about another task of the same question, so this one is asked for alone before it is believed.
        return _unseen(state.model_copy(update={"alone": True}), error)
    if error is not None:
        return Fail(error)
    task = task_of(reply.json, state.task_id, alone=state.alone)
    if task is None:
        return _unseen(state.model_copy(update={"alone": True}), error_of("task_not_found", "the answer has no such task"))
    return _told(state, task)


def _unseen(state: SCNetState, error: DocParseError, hint: float | None = None) -> Step:
    """Wait a while for a task that is not known yet."""
    if state.unseen >= len(_GRACE):
        return Fail(error)
    pause = max(_GRACE[state.unseen], hint or 0.0)
    return Wait(state.model_copy(update={"unseen": state.unseen + 1}), Progress("unknown"), pause)


def _told(state: SCNetState, task: Task) -> Step:
    match task.status:
        case "unknown":
            return _unseen(state, error_of("task_not_found", task.message or "the task is unknown"), task.pause)
        case "failed":
            return _failed(state, task)
        case "succeeded":
            return _finished(state, task)
        case "" if task.output.get("results"):
            return _finished(state, task)
        case _:
            seen = state.model_copy(update={"unseen": 0})
            return Wait(seen, Progress(task.word, known=task.status in _WAITING), task.pause)


def _failed(state: SCNetState, task: Task) -> Step:
    if not is_crowded(task.code, task.message):
        return Fail(failure_of(task.code, task.message))
    if state.tries >= _MOST_TRIES:
        said = f"SCNet had no room for the document, {state.tries + 1} times: {task.message.rstrip('.') or task.code}."
        return Fail(JobFailed(said, vendor=_NAME, code=task.code, hint="Parse it again later, with a lower concurrency."))
    again = {"phase": "again", "task_id": "", "alone": False, "unseen": 0, "links": 0, "tries": state.tries + 1}
    return Wait(state.model_copy(update=again), Progress(task.word), _ROOM * 2**state.tries)


def _finished(state: SCNetState, task: Task) -> Step:
    links = _links(task)
    good = [link for link in links if link.startswith(("https://", "http://"))]
    hint = "Resume with the token, or ask SCNet."
    if len(links) > _MOST_FILES:
        said = f"SCNet names {len(links)} result files, and {_MOST_FILES} are the most that are fetched."
        return Fail(LimitExceeded(said, vendor=_NAME, hint=hint))
    if not links or len(good) < len(links):
        missing = (
            f"{len(links) - len(good)} of {len(links)} result files have no address" if links else "it names no result file"
        )
        return Fail(IncompleteResult(f"SCNet says that the job is done, but {missing}.", vendor=_NAME, hint=hint))
    return orders.fetch(state, good)


def _links(task: Task) -> list[str]:
    """The addresses of the result's files, empty where one is missing; a single one may stand without a list."""
    results = first(task.output, ("results", "result"))
    items = results if isinstance(results, list) else [results] if results else []
    return [as_text(first(item, ("url", "file_url")) if isinstance(item, dict) else item).strip() for item in items]


def _fetched(state: SCNetState, reply: Reply) -> Step:
    if reply.status in _GONE:
        if state.links < _MOST_LINKS:
            return orders.poll(state.model_copy(update={"links": state.links + 1}))
        said = f"the link to SCNet's result does not work (HTTP {reply.status}), nor does a fresh one."
        return Fail(ProtocolError(said, vendor=_NAME, status=reply.status, hint="Resume with the token later, or ask SCNet."))
    if (error := fault_of(reply, _NAME)) is not None:
        return Fail(error)
    if reply.blob is None or reply.blob.data[:200].lstrip().lower().startswith(_PAGES):
        hint = "A proxy or maintenance may stand in between; resume with the token."
        said = "the link to SCNet's result leads to a web page."
        return Fail(VendorUnavailable(said, vendor=_NAME, status=reply.status, hint=hint, tries=_DOWNLOADS))
    return Done(reply.blob if state.infer_links else Blob(reply.blob.data, UNLINKED), state)


def _snippet(reply: Reply) -> str:
    return repr(reply.json)[:200]
