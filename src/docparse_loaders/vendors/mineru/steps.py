"""The requests of a job, each with the state in which its answer is read."""

from docparse_loaders.errors import InvalidToken
from docparse_loaders.vendors.mineru import orders
from docparse_loaders.vendors.mineru.orders import Profile
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.protocol import Body, Call, Effect, Fail, Foreign, Send, Staging, Step
from docparse_loaders.vendors.readers import as_id


def first_step(profile: Profile, state: MinerUState) -> Step:
    """How a document gets to the service: from the user's storage, by its address, or by upload."""
    if state.staged:
        body = Body("", state.name, state.media_type)
        call = Call(Effect.PUT, "PUT", Staging(state.staged), body=body)
        return Send(call, state.model_copy(update={"phase": "staging"}))
    if state.linked:
        return submit(profile, state)
    call = orders.reserve(profile, state.order, state.name, state.batch or "")
    return Send(call, state.model_copy(update={"phase": "reserving"}))


def submit(profile: Profile, state: MinerUState, link: str = "") -> Step:
    """Submit the document's own address, or a signed link to it, which is in the call only and never in the state."""
    if state.batch is None:
        call = orders.submit(profile, state.order, link)
    else:
        call = orders.submit_in_batch(profile, state.order, link, state.batch)
    return Send(call, state.model_copy(update={"phase": "submitting"}))


def upload(state: MinerUState, batch_id: str, url: str) -> Step:
    """Put the file where the service wants it; without a Content-Type, which its signature does not cover."""
    call = Call(Effect.PUT, "PUT", Foreign(url), body=Body("", state.name, state.media_type), expect="blob")
    return Send(call, state.model_copy(update={"phase": "uploading", "batch_id": batch_id}))


def poll(profile: Profile, state: MinerUState) -> Step:
    """Ask how far the job is."""
    known = as_id(state.batch_id or state.task_id)
    if known is None:
        return Fail(InvalidToken(f"the token holds no job of {profile.name}.", hint="Parse the document again."))
    call = orders.ask_batch(profile, known) if state.batch_id else orders.ask(profile, known)
    return Send(call, state.model_copy(update={"phase": "polling"}))


def fetch(state: MinerUState, url: str, *, text: bool) -> Step:
    """Fetch the result from the address that the service named."""
    call = Call(Effect.READ, "GET", Foreign(url), expect="blob", large=True)
    return Send(call, state.model_copy(update={"phase": "fetching", "text": text}))
