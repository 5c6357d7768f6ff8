"""A document's own address: put in when a call goes out, known to no state, and at hand when a document is submitted again."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx
import pytest
import trio.testing
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, SecretStr

from docparse_loaders import DocParser, errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.address import addressed, hide, is_missing, kept
from docparse_loaders.engine.drive import Run, drive
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.engine.together import Together
from docparse_loaders.engine.transport import Transport
from docparse_loaders.model import BBox, Block, Page, Region, SourceFacts
from docparse_loaders.policy import Limits, Policy, Poll, Retry, Timeouts
from docparse_loaders.source import Source
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.mineru.wire import MinerUVendor
from docparse_loaders.vendors.protocol import Address, Call, Done, Effect, Reply, State
from docparse_loaders.vendors.scnet import SCNet
from mineru_files import archive
from mineru_servers import serving

CANARY = "X-Signature=url-canary"
SIGNED = Source.of(f"https://files.test/a.pdf?{CANARY}")
PUBLIC = Source.of("https://files.test/a.pdf")
QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.05), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))
PDF = b"%PDF-1.7 "


def call(json_: JsonValue = None, *path: str | int, **more: Any) -> Call:
    return Call(Effect.CREATE, "POST", "submit", json=json_, address=Address(path), **more)


# Where it goes


@pytest.mark.parametrize(
    ("given_", "path", "written"),
    [
        (None, ("url",), {"url": "U"}),
        ({"a": 1}, ("url",), {"a": 1, "url": "U"}),
        ({"a": {"b": 1}}, ("a", "url"), {"a": {"b": 1, "url": "U"}}),
        ({"a": 1}, ("in", "url"), {"a": 1, "in": {"url": "U"}}),
        ({"files": [{"id": 1}, {"id": 2}], "x": 0}, ("files", 1, "url"), {"files": [{"id": 1}, {"id": 2, "url": "U"}], "x": 0}),
        ([1, None, 3], (1,), [1, "U", 3]),
    ],
)
def test_an_address_is_put_at_its_place(given_: Any, path: Any, written: Any) -> None:
    source = Source(SourceFacts("u", "u", "", 0, "", "U"), io.BytesIO)
    before = json.dumps(given_)
    filled = addressed(call(given_, *path), source)
    assert (filled.json, filled.address) == (written, None)
    assert json.dumps(given_) == before


def test_an_address_may_be_a_field_of_a_form() -> None:
    sent = Call(Effect.CREATE, "POST", "submit", form=(("a", "1"),), address=Address(("url",), "form"))
    filled = addressed(sent, SIGNED)
    assert filled.form == (("a", "1"), ("url", SIGNED.facts.url))
    assert "canary" not in repr(filled)


def test_a_call_without_a_slot_stays_what_it_is() -> None:
    plain = Call(Effect.READ, "GET", "poll", json={"a": 1})
    assert addressed(plain, SIGNED) is plain
    assert not is_missing(plain, Source.of(b"%PDF-", name="a.pdf"))


NAMES = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(st.none() | st.integers(), lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=8)


@given(TREES, st.lists(NAMES, min_size=1, max_size=4))
def test_all_else_in_a_call_stays_the_same(tree: Any, path: list[str]) -> None:
    filled = addressed(call(tree, *path), SIGNED)
    assert json.dumps(filled.json).count("url-canary") == 1
    found: Any = filled.json
    for step in path:
        found = found[step]
    assert found == SIGNED.facts.url
    fields = [name for name in Call.__dataclass_fields__ if name not in {"json", "address"}]
    assert all(getattr(filled, name) == getattr(call(tree, *path), name) for name in fields)


# Who may see it


def test_no_repr_shows_a_signed_address() -> None:
    assert "canary" not in repr((SIGNED, SIGNED.facts, addressed(call({}, "url"), SIGNED)))


def test_a_token_holds_a_public_address_only() -> None:
    assert kept(PUBLIC.facts) is PUBLIC.facts
    assert kept(SIGNED.facts).url is None
    assert kept(Source.of("https://user:canary@files.test/a.pdf").facts).url is None
    assert kept(Source.of("https://files.test/a.pdf#canary").facts).url is None
    plain = Source.of(b"%PDF-", name="a.pdf").facts
    assert kept(plain) is plain


@pytest.mark.parametrize(
    "said",
    [f"no file at {SIGNED.facts.url}.", f"GET /a.pdf?{CANARY} gave 403"],
)
def test_an_error_does_not_quote_a_signature(said: str) -> None:
    error = errors.JobFailed(said, hint="Check it.")
    hide(error, SIGNED)
    assert "canary" not in f"{error} {error!r} {error.args}"
    assert "/a.pdf" in error.message


def test_an_error_about_a_public_address_stays_what_it_is() -> None:
    error = errors.JobFailed("no file at https://files.test/a.pdf.")
    hide(error, PUBLIC)
    assert error.message == "no file at https://files.test/a.pdf."


# In common requests


class Listing:
    """A vendor that takes many addresses at once."""

    name = "listing"
    traits = MinerUVendor.traits

    def merged(self, calls: Any) -> Call:
        return Call(Effect.CREATE, "POST", "many", json=[call.json for call in calls])

    def share(self, reply: Reply, index: int) -> Reply:
        assert isinstance(reply.json, list)
        return Reply(200, json=reply.json[index])


class Echo:
    def __init__(self) -> None:
        self.sent: list[Call] = []

    async def perform(self, sent: Call, source: Source) -> Reply:
        self.sent.append(sent)
        return Reply(200, json=sent.json)


def test_documents_that_differ_in_their_address_only_are_different_in_a_common_request() -> None:
    echo = Echo()
    vendor: Any = Listing()
    together = Together(vendor, echo, Gate(Limits()), 0.1)
    sources = [Source.of(f"https://files.test/{number}.pdf?sig=0123456789") for number in range(3)]
    replies: dict[int, JsonValue] = {}

    async def one(place: int) -> None:
        answer = await together.perform(call({"lang": "en"}, "url", group="all"), sources[place], lambda: None)
        replies[place] = answer.reply.json

    async def work() -> None:
        async with anyio.create_task_group() as group:
            for place in range(3):
                group.start_soon(one, place)

    trio.run(work, clock=trio.testing.MockClock(autojump_threshold=0))
    assert len(echo.sent) == 1
    assert replies == {place: {"lang": "en", "url": sources[place].facts.url} for place in range(3)}


# Submitting again, under the rule of billing: only what was refused in so many words.


class World(httpx.AsyncBaseTransport):
    """Answers from a script, and remembers what was submitted and when."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = iter(script)
        self.submits: list[Any] = []
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.submits.append(json.loads(request.content))
        else:
            self.asked += 1
        answer = next(self.script)
        if isinstance(answer, Exception):
            raise answer
        return answer


def ok(**data: Any) -> httpx.Response:
    return httpx.Response(200, json={"code": 0, "msg": "ok", "data": {"task_id": "t-1", **data}})


FULL = {"state": "failed", "err_code": -60009, "err_msg": "queue full"}
ZIP = archive({"layout.json": {"pdf_info": []}})
DONE = (ok(state="done", full_zip_url="https://files.test/r.zip"), httpx.Response(200, content=ZIP))


def run_of(world: World, source: Source, saved: list[State] | None = None) -> Run:
    vendor, policy = MinerUVendor(), Policy(poll=Poll(jitter=0.0))
    gate, kept_ = Gate(policy.limits), [] if saved is None else saved
    endpoint = Endpoint("https://mineru.test/api/v4", SecretStr("sk-test"), trusted_hosts=("files.test",))

    async def save(state: State) -> None:
        kept_.append(state)

    return Run(
        vendor=vendor,
        source=source,
        together=Together(vendor, Transport(endpoint, policy, world), gate, None),
        gate=gate,
        policy=policy,
        chance=lambda: 0.0,
        save=save,
        token_of=lambda state: state.model_dump_json(),
    )


def driven(run: Run, *, token: str | None = None) -> Any:
    """What comes of a run, from its beginning or from a token, under a clock that jumps; and after how long."""
    vendor = run.vendor

    async def work() -> Any:
        began = anyio.current_time()
        if token is None:
            step = vendor.begin(run.source.facts, None, MinerU())
        else:
            run.state = vendor.state.model_validate_json(token)
            step = vendor.resume(run.state)
        try:
            return await drive(run, step), anyio.current_time() - began
        except errors.DocParseError as error:
            return error, anyio.current_time() - began

    return trio.run(work, clock=trio.testing.MockClock(autojump_threshold=0))


def test_what_found_no_room_is_submitted_again_by_its_signed_address() -> None:
    world, saved = World(ok(), ok(**FULL), ok(), ok(**FULL), ok(), *DONE), list[State]()
    outcome, seconds = driven(run_of(world, SIGNED, saved))
    assert isinstance(outcome, Done)
    assert [body["url"] for body in world.submits] == [SIGNED.facts.url] * 3
    assert world.submits[0] == world.submits[1] == world.submits[2]
    assert seconds >= 10 + 15, "after a pause, which the policy bounds"
    assert "canary" not in " ".join(state.model_dump_json() for state in saved) + repr(saved)


@pytest.mark.parametrize("lost", [httpx.ReadError("cut"), httpx.Response(502, html="<h1>"), httpx.Response(200, html="<h1>")])
def test_a_further_submit_without_an_answer_is_uncertain_and_not_repeated(lost: Any) -> None:
    world = World(ok(), ok(**FULL), lost)
    error, _ = driven(run_of(world, SIGNED))
    assert type(error) is errors.SubmitUncertain
    assert len(world.submits) == 2
    assert error.token
    assert "canary" not in f"{error} {error!r} {error.token}"


def test_a_further_submit_that_was_refused_goes_out_once_more() -> None:
    busy = httpx.Response(200, json={"code": -60009, "msg": "queue full"})
    world = World(ok(), ok(**FULL), busy, httpx.Response(429), httpx.ConnectError("refused"), ok(), *DONE)
    outcome, _ = driven(run_of(world, SIGNED))
    assert isinstance(outcome, Done)
    assert [body["url"] for body in world.submits] == [SIGNED.facts.url] * 5


def test_a_job_that_failed_for_another_reason_is_not_submitted_again() -> None:
    world = World(ok(), ok(state="failed", err_code=-60003, err_msg="broken"))
    error, _ = driven(run_of(world, SIGNED))
    assert type(error) is errors.BrokenSource
    assert len(world.submits) == 1


def test_from_a_token_without_the_address_it_is_an_error_with_the_token_at_once() -> None:
    token = '{"phase": "polling", "task_id": "t-1", "linked": true, "order": {"data_id": "d"}}'
    world, saved = World(ok(**FULL)), list[State]()
    source = Source(kept(SIGNED.facts), io.BytesIO)
    error, seconds = driven(run_of(world, source, saved), token=token)
    assert type(error) is errors.JobFailed
    assert "-60009" in error.message
    assert error.hint == "Parse the document again by its address."
    assert (world.submits, seconds) == ([], 0.0)
    assert json.loads(error.token or "{}")["task_id"] == "t-1"
    assert all(state.accepted for state in saved)


def test_from_a_token_a_public_address_is_submitted_again() -> None:
    token = '{"phase": "polling", "task_id": "t-1", "linked": true, "order": {"data_id": "d"}}'
    world = World(ok(**FULL), ok(), *DONE)
    outcome, _ = driven(run_of(world, Source(kept(PUBLIC.facts), io.BytesIO)), token=token)
    assert isinstance(outcome, Done)
    assert world.submits == [{"url": "https://files.test/a.pdf", "data_id": "d"}]


# The whole way, at each vendor that takes addresses and may have no room


def pages_of(data: bytes) -> tuple[Page, ...]:
    block = Block("p1-0", "text", data.removeprefix(PDF).decode(), regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
    return (Page(1, 595.0, 842.0, "point", 0, (block,)),)


VENDORS: dict[str, tuple[Any, str, str]] = {
    "mineru": (MinerU, "extract/task", "-60009"),
    "parse4ai": (Parse4AI, "extract/task", "-60007"),
    "scnet": (SCNet, "ocrdoc/submit", "limit_burst_rate"),
}


@contextmanager
def crowded(monkeypatch: pytest.MonkeyPatch, name: str, submit: str, code: str, **more: Any) -> Iterator[Emulator]:
    """A service that has no room for the first document."""
    monkeypatch.setattr("docparse_loaders.vendors.mineru.answers._PAUSE", 0.02)
    monkeypatch.setattr("docparse_loaders.vendors.scnet.answers._ROOM", 0.02)
    with Emulator(name, parse=pages_of, faults=[Fault(submit, "failed")], failure=code, **more) as emulator:
        yield emulator


@pytest.mark.parametrize("name", VENDORS)
def test_a_signed_address_is_submitted_again_at_every_vendor(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config, submit, code = VENDORS[name]
    caplog.set_level(logging.DEBUG)
    store, heard = MemoryStore(), list[Any]()
    with serving({"a.pdf": PDF + b"One."}) as files, crowded(monkeypatch, name, submit, code) as emulator:
        parser = DocParser(
            config(base_url=emulator.base_url, api_key="sk-emulator"),
            policy=QUICK,
            store=store,
            on_progress=lambda source, progress: heard.append((source, progress)),
        )
        document = parser.parse(f"{files.url}/a.pdf?{CANARY}")
        sent = [request for request in emulator.requests if request.path.endswith(submit)]
        assert set(files.paths) == {f"/a.pdf?{CANARY}"}
    assert (document.pages[0].blocks[0].text, len(sent), emulator.submits) == ("One.", 2, 2)
    assert "canary" not in f"{caplog.text} {heard} {vars(store)} {document.model_dump_json()} {document!r}"


@pytest.mark.parametrize("name", VENDORS)
@pytest.mark.parametrize("signed", [True, False])
def test_a_token_elsewhere_goes_on_or_says_why_not(name: str, signed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    config, submit, code = VENDORS[name]
    with serving({"a.pdf": PDF + b"One."}) as files, crowded(monkeypatch, name, submit, code) as emulator:
        options = config(base_url=emulator.base_url, api_key="sk-emulator")
        token = DocParser(options, policy=QUICK).submit(f"{files.url}/a.pdf" + (f"?{CANARY}" if signed else "")).token
        assert "canary" not in token
        elsewhere = DocParser(options, policy=QUICK)
        if signed:
            with pytest.raises(errors.JobFailed, match="no token holds it") as caught:
                elsewhere.resume(token)
            assert json.loads(caught.value.token or "{}")["state"]["phase"] == "polling"
            assert "by its address" in caught.value.hint
        else:
            assert elsewhere.resume(token).pages[0].blocks[0].text == "One."
    assert emulator.submits == (1 if signed else 2)
