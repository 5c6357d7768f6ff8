"""The requests of a job, each with the state in which its answer is read."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from docparse_loaders.errors import InvalidToken
from docparse_loaders.vendors.http import may_be_secret
from docparse_loaders.vendors.protocol import Address, Auth, Body, Call, Collect, Effect, Fail, Foreign, Send, Step
from docparse_loaders.vendors.readers import as_id, as_list, as_object
from docparse_loaders.vendors.scnet.state import SCNetState

_KEY = Auth("bearer")
RESULT = "ocrdoc/result"


def presign(state: SCNetState) -> Send:
    """Ask where to upload the file."""
    call = Call(Effect.READ, "GET", "upload/presign", auth=_KEY, query=(("file_name", state.name),))
    return Send(call, state.model_copy(update={"phase": "presigning"}))


def upload(state: SCNetState, url: str, fields: tuple[tuple[str, str], ...], file_url: str) -> Send:
    """Post the file as the storage's policy wants it: its fields in their order, the file last (published client)."""
    body = Body("file", dict(fields)["key"].rpartition("/")[2] or state.name, state.media_type)
    call = Call(Effect.PUT, "POST", Foreign(url), form=fields, body=body, expect="blob")
    return Send(call, state.model_copy(update={"phase": "uploading", "url": file_url}))


def submit(state: SCNetState, url: str) -> Send:
    """Submit the address of an upload. The call has it whole; the state keeps none that may be signed."""
    kept = "" if may_be_secret(url) else url
    call = Call(Effect.CREATE, "POST", "ocrdoc/submit", auth=_KEY, json={"file_url": url, **state.order})
    return Send(call, state.model_copy(update={"phase": "submitting", "url": kept}))


def submit_address(state: SCNetState) -> Send:
    """Submit the document's own address, which the engine knows and the state does not keep."""
    slot = Address(("file_url",))
    call = Call(Effect.CREATE, "POST", "ocrdoc/submit", auth=_KEY, json=dict(state.order), address=slot)
    return Send(call, state.model_copy(update={"phase": "submitting"}))


def submit_again(state: SCNetState) -> Step:
    """Submit what SCNet had no room for: an upload by its address, anew if that was not kept, all else by its own address."""
    if not state.order:
        return Fail(InvalidToken("the token does not say what was submitted.", hint="Parse the document again."))
    if state.upload:
        return submit(state, state.url) if state.url else presign(state)
    return submit_address(state)


def poll(state: SCNetState) -> Step:
    """Ask how far the task is; with others, unless they got in its way before."""
    task_id = as_id(state.task_id)
    if task_id is None:
        return Fail(InvalidToken("the token holds no task id of SCNet.", hint="Parse the document again."))
    group = "" if state.alone else RESULT
    call = Call(Effect.READ, "POST", RESULT, auth=_KEY, json={"task_ids": [task_id]}, group=group)
    return Send(call, state.model_copy(update={"phase": "polling"}))


def fetch(state: SCNetState, links: Sequence[str]) -> Step:
    """Fetch all files of the result, from addresses that are used as they are, because their encoding is signed."""
    fetching = state.model_copy(update={"phase": "fetching", "unseen": 0})
    calls = tuple(Call(Effect.READ, "GET", Foreign(link), expect="blob", large=True) for link in links)
    return Send(calls[0], fetching) if len(calls) == 1 else Collect(calls, fetching)


def merged(calls: Sequence[Call]) -> Call:
    """One question about all the tasks."""
    ids: list[JsonValue] = [task_id for call in calls for task_id in as_list(as_object(call.json).get("task_ids"))]
    unique: list[JsonValue] = list(dict.fromkeys(map(str, ids)))
    return replace(calls[0], json={"task_ids": unique})
