"""What answers mean: envelopes in both spellings, a task alone or one of a batch, and the files of a result."""

from pydantic import JsonValue

from docparse_loaders.errors import (
    DocParseError,
    IncompleteResult,
    JobFailed,
    ProtocolError,
    SubmitRejected,
    SubmitUncertain,
    VendorUnavailable,
)
from docparse_loaders.vendors.archive import is_whole
from docparse_loaders.vendors.http import fault_of, retry_after
from docparse_loaders.vendors.mineru.codes import CODES, NOT_UPLOADED, UNKNOWN_TASK, error_of, failure_of
from docparse_loaders.vendors.mineru.decode import EMBEDDED, UNLINKED
from docparse_loaders.vendors.mineru.orders import Profile
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.mineru.steps import fetch, first_step, poll, submit, upload
from docparse_loaders.vendors.protocol import Blob, Done, Fail, Progress, Reply, Step, Wait
from docparse_loaders.vendors.readers import Object, as_id, as_int, as_list, as_object, as_text, first

_OK = frozenset({"0", "200", ""})
_WAITING = frozenset({"pending", "running", "converting", "waiting-file", "queued", "uploading"})
_GONE = frozenset({401, 403, 404, 410})
_SLOW = frozenset({408, 425, 429})
_MOST_LINKS, _MOST_TRIES = 2, 3
_UNSEEN = 3
"""How often a job may be unknown before that is believed: right after its submit not all of a service knows of it."""
_UNUPLOADED = 10
"""How often a file may be missing whose upload was cut off; one that was acknowledged is waited for until the job's clock."""
_LOOK = 3.0
"""Seconds between such answers, whatever the pace of other questions: a count of them must mean half a minute."""
_PAUSE = 10.0


def read(profile: Profile, state: MinerUState, reply: Reply) -> Step:
    """The step that an answer leads to, in the phase that its call was sent in."""
    # What a callback told comes as JSON whatever was under way when the token was made.
    told = reply.json is not None and reply.status == 200
    if state.phase == "fetching" and not told:
        return _fetched(profile, state, reply)
    if state.phase == "uploading" and not told and (reply.blob is not None or 400 <= reply.status < 500):
        return _uploaded(profile, state, reply)
    code, message = _verdict(reply)
    if state.accepted and code in {UNKNOWN_TASK, NOT_UPLOADED}:
        return _unseen(profile, state, code, message)
    if (error := _fault(profile, reply, code, message)) is not None:
        return Fail(error)
    data = _data(reply.json)
    match state.phase:
        case "staging":
            return _staged(profile, state, reply)
        case "reserving":
            return _reserved(profile, state, data)
        case "submitting" | "again":
            return _submitted(profile, state, data)
        case _:
            return _polled(profile, state, data)


def _verdict(reply: Reply) -> tuple[str, str]:
    """The code and message of an envelope, also of the gateway's (`msgCode`); codes are numbers or strings."""
    body = as_object(reply.json)
    code = as_text(first(body, ("code", "msgCode"))).strip()
    message = as_text(first(body, ("msg", "message"))).strip()
    if body.get("success") is False and code in _OK:
        code = "gateway"
    return code, message


def _fault(profile: Profile, reply: Reply, code: str, message: str) -> DocParseError | None:
    # A gateway puts codes of its own into the envelope: one that is not documented counts less than the HTTP status.
    if code in CODES:
        return error_of(code, message, profile.name, reply.status, retry_after(reply.headers))
    found = fault_of(reply, profile.name)
    return found or (error_of(code, message, profile.name, reply.status) if code not in _OK else None)


def _data(body: JsonValue | None) -> Object:
    """The `data` of an envelope; or the whole, as a callback's content has it."""
    found = as_object(body)
    data = found.get("data")
    return data if isinstance(data, dict) else ({} if "code" in found else found)


def _staged(profile: Profile, state: MinerUState, reply: Reply) -> Step:
    url = as_text(as_object(reply.json).get("url"))
    if not url.startswith(("https://", "http://")):
        hint = "Use storage that signs links, such as s3://."
        return Fail(ProtocolError("the storage gave no link to the file.", vendor=profile.name, hint=hint))
    return submit(profile, state, url)


def _reserved(profile: Profile, state: MinerUState, data: Object) -> Step:
    batch_id = as_id(first(data, ("batch_id", "batchId")))
    url = _upload_address(state, data)
    if batch_id is None or not url:
        hint = "Nothing was uploaded; parse the document again."
        return Fail(ProtocolError(f"{profile.name} named no place to upload to.", vendor=profile.name, hint=hint))
    return upload(state, batch_id, url)


def _upload_address(state: MinerUState, data: Object) -> str:
    """One of `file_urls` or `files`: a list in the order of the request, or an object by name or id."""
    found = first(data, ("file_urls", "files", "fileUrls"))
    if isinstance(found, dict):
        entry = found.get(state.data_id) or found.get(state.name) or (next(iter(found.values())) if len(found) == 1 else None)
    else:
        entries = as_list(found)
        entry = entries[0] if len(entries) == 1 else None
    return as_text(first(entry, ("url", "upload_url", "file_url")) if isinstance(entry, dict) else entry)


def _uploaded(profile: Profile, state: MinerUState, reply: Reply) -> Step:
    if reply.blob is not None and reply.status < 300:
        return Wait(_accepted(state, batch_id=state.batch_id, uploaded=True), Progress("uploaded"))
    if reply.status in _SLOW:
        return Fail(fault_of(reply, profile.name) or ProtocolError("the upload failed.", vendor=profile.name))
    if state.links >= _MOST_LINKS or reply.status not in _GONE:
        said = f"the upload address of {profile.name} was refused (HTTP {reply.status})."
        hint = "Parse the document again."
        return Fail(SubmitRejected(said, vendor=profile.name, status=reply.status, hint=hint, final=True))
    # The storage refused it, so nothing has arrived there: another reservation cannot bill twice.
    return first_step(profile, state.model_copy(update={"links": state.links + 1, "batch_id": ""}))


def _submitted(profile: Profile, state: MinerUState, data: Object) -> Step:
    task_id = as_id(first(data, ("taskId", "task_id")))
    batch_id = as_id(first(data, ("batch_id", "batchId")))
    if task_id is None and batch_id is None:
        # It answered that all is well, so the job may exist and be billed: not a case for sending again.
        said = f"{profile.name} took the document but named no job."
        hint = "Look for it in the service's task list; parse again only if it is not there."
        return Fail(SubmitUncertain(said, vendor=profile.name, hint=hint))
    ids = {"batch_id": batch_id} if task_id is None else {"task_id": task_id}
    return Wait(_accepted(state, **ids), Progress("submitted"))


def _accepted(state: MinerUState, **known: object) -> MinerUState:
    # The seed of a callback is not kept, and without it the document cannot be submitted again.
    order = {} if "seed" in state.order else state.order
    return state.model_copy(update={"phase": "polling", "unseen": 0, "order": order, **known})


def _unseen(profile: Profile, state: MinerUState, code: str, message: str) -> Step:
    """A job that the service does not know, or an upload that it has not seen: tolerated for a short while."""
    if state.unseen < (_UNUPLOADED if code == NOT_UPLOADED else _UNSEEN):
        return Wait(state.model_copy(update={"unseen": state.unseen + 1}), Progress("unknown", known=True), _LOOK)
    if not code:
        hint = "Resume with the token later, or ask the service."
        return Fail(ProtocolError(f"{profile.name} does not tell of the document any more.", vendor=profile.name, hint=hint))
    return Fail(failure_of(code, message or "the service does not know the task", profile.name))


def _polled(profile: Profile, state: MinerUState, data: Object) -> Step:
    if foreign := _foreign(state, data):
        hint = "Give each answer to the token of its own job."
        return Fail(ProtocolError(f"this answer is about another job ({foreign}).", vendor=profile.name, hint=hint))
    entry = data if state.task_id else _entry(state, as_list(first(data, ("extract_result", "extractResult"))))
    if not entry or "state" not in entry:
        return _unseen(profile, state, "", "")
    word = as_text(entry.get("state")).strip().lower().replace("_", "-")
    match word:
        case "done":
            return _done(profile, state, entry)
        case "failed":
            return _failed(profile, state, entry)
        case "waiting-file" if not state.uploaded and state.batch_id:
            return _not_arrived(profile, state)
        case _:
            return Wait(state, _progress(word, entry))


def _foreign(state: MinerUState, data: Object) -> str:
    """The id of another job, if the answer is about one."""
    named = first(data, ("taskId", "task_id")) if state.task_id else first(data, ("batch_id", "batchId"))
    found = as_id(named)
    return found if found is not None and found != (state.task_id or state.batch_id) else ""


def _entry(state: MinerUState, results: list[JsonValue]) -> Object:
    """The document's entry in a batch: by `data_id`, or by its name where no other has it."""
    entries = [as_object(entry) for entry in results]
    mine = [entry for entry in entries if first(entry, ("data_id", "dataId")) == state.data_id]
    if not mine:
        unnamed = [entry for entry in entries if not as_text(first(entry, ("data_id", "dataId")))]
        mine = [entry for entry in unnamed if first(entry, ("file_name", "fileName")) == state.name]
        mine = mine or (unnamed if len(entries) == 1 else [])
    return mine[0] if len(mine) == 1 else {}


def _progress(word: str, entry: Object) -> Progress:
    counts = as_object(first(entry, ("extract_progress", "extractProgress")))
    done = as_int(first(counts, ("extracted_pages", "extractedPages")))
    total = as_int(first(counts, ("total_pages", "totalPages")))
    return Progress(word, done, total, known=word in _WAITING)


def _not_arrived(profile: Profile, state: MinerUState) -> Step:
    """The upload was cut off, perhaps by a crash, and the service goes on waiting for the file."""
    if state.unseen < _UNUPLOADED:
        return Wait(state.model_copy(update={"unseen": state.unseen + 1}), Progress("waiting-file"), _LOOK)
    if state.links < _MOST_LINKS:
        return first_step(profile, state.model_copy(update={"links": state.links + 1, "batch_id": "", "unseen": 0}))
    hint = "The upload did not arrive, and nothing was billed: parse the document again."
    return Fail(
        JobFailed(f"{profile.name} is still waiting for the file.", vendor=profile.name, code="waiting-file", hint=hint)
    )


def _failed(profile: Profile, state: MinerUState, entry: Object) -> Step:
    """A document that failed for lack of room is submitted again, if all that it takes is still known."""
    code = as_text(first(entry, ("err_code", "errCode", "code"))).strip()
    message = as_text(first(entry, ("err_msg", "errMsg"))).strip()
    meaning = CODES.get(code)
    again = meaning is not None and meaning.again and state.tries < (meaning.tries or _MOST_TRIES)
    if again and state.order and (state.staged or state.linked or state.uploaded):
        fresh = {"phase": "again", "task_id": "", "batch_id": "", "uploaded": False, "unseen": 0, "tries": state.tries + 1}
        return Wait(state.model_copy(update=fresh), Progress(code), hint=_PAUSE * (state.tries + 1))
    return Fail(failure_of(code, message, profile.name))


def _done(profile: Profile, state: MinerUState, entry: Object) -> Step:
    archive = as_text(first(entry, ("full_zip_url", "fullZipUrl")))
    text = as_text(first(entry, ("markdown_url", "markdownUrl")))
    if archive or text:
        return fetch(state, archive or text, text=not archive)
    said = f"{profile.name} says that the job is done but names no result."
    return Fail(IncompleteResult(said, vendor=profile.name, hint="Resume with the token, or ask the service."))


def _fetched(profile: Profile, state: MinerUState, reply: Reply) -> Step:
    if reply.blob is None and reply.status in _GONE:
        return _fresh_link(profile, state, reply)
    if reply.blob is None or reply.status >= 300:
        found = fault_of(reply, profile.name)
        return Fail(found or ProtocolError(f"{profile.name} sent no result.", vendor=profile.name, status=reply.status))
    data = reply.blob.data
    if state.text:
        return Done(Blob(data, "text/markdown"), state)
    if not is_whole(data):
        hint = "It is fetched again; if it stays so, ask the service."
        said = f"the result of {profile.name} is not a whole zip file."
        return Fail(VendorUnavailable(said, vendor=profile.name, status=reply.status, hint=hint, tries=2))
    media_type = EMBEDDED if state.images == "base64" else "application/zip"
    return Done(Blob(data, media_type if state.infer_links else f"{media_type}; {UNLINKED}"), state)


def _fresh_link(profile: Profile, state: MinerUState, reply: Reply) -> Step:
    if state.links >= _MOST_LINKS:
        said = f"the link to the result is refused again and again (HTTP {reply.status})."
        hint = "Resume with the token later, or download the result from the service's pages."
        return Fail(IncompleteResult(said, vendor=profile.name, status=reply.status, hint=hint))
    return poll(profile, state.model_copy(update={"links": state.links + 1}))
