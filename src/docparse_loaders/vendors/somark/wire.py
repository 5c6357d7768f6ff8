"""SoMark's two calls: submit a file, ask for the result. Both are POST, and the key is a form field of both.

| phase      | answer                          | step                                              |
|------------|---------------------------------|---------------------------------------------------|
| submitting | code 0 and a task id            | wait, then poll                                   |
| submitting | any other code                  | fail; sent again only if the code says "too fast" |
| polling    | queuing, processing, new words  | wait, then poll                                   |
| polling    | success with a result           | done                                              |
| polling    | failed, with or without a code  | fail; never asked for again                       |
"""

from http import HTTPStatus
from typing import ClassVar, Literal

from pydantic import JsonValue

from docparse_loaders.errors import (
    DocParseError,
    IncompleteResult,
    InvalidToken,
    ProtocolError,
    SourceTooLarge,
    SubmitUncertain,
    UnsupportedSource,
)
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.http import fault_of, retry_after
from docparse_loaders.vendors.protocol import (
    Auth,
    Body,
    Call,
    Decoded,
    Done,
    Effect,
    Fail,
    Payload,
    Progress,
    Reply,
    Send,
    State,
    Step,
    Traits,
    Wait,
)
from docparse_loaders.vendors.readers import Object, as_id, as_object, as_text, first
from docparse_loaders.vendors.somark.codes import CODES, error_of, failure_of, is_of_the_question
from docparse_loaders.vendors.somark.decode import decode
from docparse_loaders.vendors.somark.options import SoMark

_KEY = Auth("form", "api_key")
_SUFFIXES = (
    ".pdf .png .jpg .jpeg .bmp .tiff .tif .jp2 .dib .ppm .pgm .pbm .gif .heic .heif .webp .xpm .tga .dds .xbm "
    ".doc .docx .ppt .pptx .xls .xlsx .xlsm"
)
_OK = frozenset({"0", "200", ""})
_DONE = frozenset({"success"})
_FAILED = frozenset({"failed"})
_WAITING = frozenset({"queuing", "processing"})


class SoMarkState(State):
    """Where a SoMark job stands."""

    phase: Literal["submitting", "polling"] = "submitting"
    task_id: str = ""

    @property
    def known_as(self) -> str:
        """The task's id."""
        return self.task_id

    @property
    def accepted(self) -> bool:
        """Whether SoMark has the job."""
        return self.phase == "polling"


class SoMarkVendor:
    """SoMark's API v1 as published for somark.cn and somark.tech; the paths `/extract/*` end in 2026 and are not used."""

    name: ClassVar[str] = "somark"
    state: ClassVar[type[State]] = SoMarkState
    traits: ClassVar[Traits] = Traits(
        suffixes=frozenset(_SUFFIXES.split()),
        max_bytes=200 * 1000 * 1000,
        max_pages=300,
        interval=3.0,
        selects_pages=False,
        public_hosts=("somark.cn", "somark.tech", "somark.ai"),
    )

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: SoMark, batch: str | None = None) -> Step:
        """Submit the file. SoMark cannot select pages, so `pages` is applied to the result, and it knows no batches."""
        if refusal := self._refusal(facts):
            return Fail(refusal)
        call = Call(
            effect=Effect.CREATE,
            method="POST",
            url="parse/async",
            auth=_KEY,
            form=tuple(options.form()),
            body=Body("file", facts.name, facts.media_type),
        )
        return Send(call, SoMarkState())

    def on_reply(self, state: SoMarkState, reply: Reply) -> Step:
        """Read the envelope: its code first, then the HTTP status, then what the phase expects."""
        error = (_failure(reply) if state.accepted else None) or _fault(reply)
        if error is not None:
            return Fail(error)
        data = as_object(as_object(reply.json).get("data"))
        return _submitted(data, reply) if state.phase == "submitting" else _polled(state, data, reply)

    def on_uncertain(self, state: SoMarkState) -> Step:
        """SoMark has no way to look up a job by its file: a person must decide."""
        if state.accepted:
            return self.resume(state)
        return Fail(
            SubmitUncertain(
                "the file was sent to SoMark without a valid answer, so it may have been taken and billed.",
                vendor=self.name,
                hint="Look for it in SoMark's dashboard; parse again only if it is not there.",
            )
        )

    def resume(self, state: SoMarkState) -> Step:
        """Ask for the result."""
        if not state.accepted:
            return self.on_uncertain(state)
        if as_id(state.task_id) is None:
            return Fail(InvalidToken("the token holds no task id of SoMark.", hint="Parse the document again."))
        form = (("task_id", state.task_id),)
        return Send(Call(Effect.READ, "POST", "parse/async_check", auth=_KEY, form=form, large=True), state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Pages of blocks from an answer of `async_check` or `sync`, or any part of it that holds the pages."""
        return decode(payload)

    def _refusal(self, facts: SourceFacts) -> DocParseError | None:
        suffix = f".{facts.name.rpartition('.')[2].lower()}"
        if facts.url is not None:
            hint = "Download the file and pass its path."
            return UnsupportedSource("SoMark takes files, not addresses.", source=facts.uri, hint=hint)
        if suffix not in self.traits.suffixes:
            hint = "Convert it to PDF, or name it with its true suffix."
            return UnsupportedSource(f"SoMark does not take {suffix} files.", source=facts.uri, hint=hint)
        limit = self.traits.max_bytes
        if limit is not None and facts.size > limit:
            size = f"{facts.size / 1e6:.0f} MB"
            return SourceTooLarge(f"SoMark takes 200 MB, the file has {size}.", source=facts.uri, hint="Split it.")
        return None


def _fault(reply: Reply) -> DocParseError | None:
    body = as_object(reply.json)
    code = as_text(body.get("code")).strip()
    said = code not in _OK
    # A gateway puts codes of its own into the envelope: one that SoMark does not document counts less than the HTTP status.
    if said and code in CODES:
        return error_of(code, _message(body), reply.status, retry_after(reply.headers))
    return fault_of(reply, "somark") or (error_of(code, _message(body), reply.status) if said else None)


def _failure(reply: Reply) -> DocParseError | None:
    """Why the job failed, if the answer says that it did: a code besides is then the job's."""
    body = as_object(reply.json)
    code, message = as_text(body.get("code")).strip(), _message(body)
    word = as_text(as_object(body.get("data")).get("status")).strip().lower()
    # A gateway's own error may wear any body, and a code about key or pace is no verdict on a job that is paid for.
    gateway = reply.status >= HTTPStatus.BAD_REQUEST and code not in CODES
    if word not in _FAILED or gateway or is_of_the_question(code, message):
        return None
    return failure_of("" if code in _OK else code, message)


def _message(body: Object) -> str:
    data = as_object(body.get("data"))
    return (as_text(data.get("error")) or as_text(first(body, ("message", "msg")))).strip()


def _submitted(data: Object, reply: Reply) -> Step:
    task_id = as_id(first(data, ("task_id", "taskId")))
    if task_id is None:
        # It answered that all is well, so the job may exist and be billed: not a case for sending again.
        return Fail(
            SubmitUncertain(
                f"SoMark took the file but named no task: {_snippet(reply.json)}.",
                vendor="somark",
                hint="Look for it in SoMark's dashboard; parse again only if it is not there.",
            )
        )
    return Wait(SoMarkState(phase="polling", task_id=task_id), Progress(as_text(data.get("status")) or "submitted"))


def _polled(state: SoMarkState, data: Object, reply: Reply) -> Step:
    word = as_text(data.get("status"))
    status = word.strip().lower()
    result = data.get("result")
    if status in _DONE or (not status and result is not None):
        return _finished(state, data, result)
    if not data:
        return Fail(ProtocolError(f"SoMark's answer holds no job: {_snippet(reply.json)}.", vendor="somark"))
    return Wait(state, Progress(word, known=status in _WAITING))


def _finished(state: SoMarkState, data: Object, result: JsonValue | None) -> Step:
    if result is None:
        hint = "Resume with the token, or ask SoMark."
        return Fail(IncompleteResult("SoMark says that the job is done but sent no result.", vendor="somark", hint=hint))
    return Done(dict(data), state)


def _snippet(value: JsonValue | None) -> str:
    return repr(value)[:200]
