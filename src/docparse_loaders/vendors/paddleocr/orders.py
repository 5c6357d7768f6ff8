"""What is sent: the submit of a document, the questions about its job, and the fetch of its result."""

from pydantic import JsonValue
from pydantic_core import to_json

from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.paddleocr.options import PaddleOCR
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.protocol import Address, Auth, Body, Call, Effect, Foreign, Send

_KEY = Auth("bearer")
_JOBS = "api/v2/ocr/jobs"


def submit(facts: SourceFacts, pages: PageSelection | None, options: PaddleOCR, batch: str | None) -> Send:
    """Submit a document: the file itself, or the address where the service finds it."""
    named = options.batch_id or batch
    order: dict[str, JsonValue] = {"model": options.model, "optionalPayload": options.payload()}
    order |= {} if pages is None else {"pageRanges": str(pages)}
    order |= {} if named is None else {"batchId": named}
    state = PaddleOCRState(
        model=options.model,
        order=order,
        name=facts.name,
        media_type=facts.media_type,
        by_file=facts.url is None,
        batch_id=(named or "") if batch is not None else "",
        infer_links=options.infer_links,
    )
    return Send(_call(state), state)


def submit_alone(state: PaddleOCRState) -> Send:
    """The same submit once more, without its batch."""
    order = {name: value for name, value in state.order.items() if name != "batchId"}
    alone = state.model_copy(update={"order": order, "batch_id": ""})
    return Send(_call(alone), alone)


def submit_again(state: PaddleOCRState) -> Send:
    """The same submit once more, for a job that failed by a fault of the service."""
    begun = state.model_copy(update={"phase": "submitting"})
    return Send(_call(begun), begun)


def poll(state: PaddleOCRState) -> Send:
    """Ask how far the job is: of its whole batch at once, where it is in one."""
    asking = state.model_copy(update={"phase": "polling"})
    if not state.batch_id:
        return Send(Call(Effect.READ, "GET", f"{_JOBS}/{state.job_id}", auth=_KEY), asking)
    path = f"{_JOBS}/batch/{state.batch_id}"
    return Send(Call(Effect.READ, "GET", path, auth=_KEY, group=path), asking)


def fetch(state: PaddleOCRState, url: str, total: int | None) -> Send:
    """Fetch the result from the address that the service named."""
    call = Call(Effect.READ, "GET", Foreign(url), expect="blob", large=True)
    return Send(call, state.model_copy(update={"phase": "fetching", "total": total}))


def _call(state: PaddleOCRState) -> Call:
    """JSON with the document's address, or a form with the file, in which the options are a string of JSON."""
    if not state.by_file:
        return Call(Effect.CREATE, "POST", _JOBS, auth=_KEY, json=dict(state.order), address=Address(("fileUrl",)))
    form = ((name, value if isinstance(value, str) else to_json(value).decode()) for name, value in state.order.items())
    body = Body("file", state.name, state.media_type)
    return Call(Effect.CREATE, "POST", _JOBS, auth=_KEY, form=tuple(form), body=body)
