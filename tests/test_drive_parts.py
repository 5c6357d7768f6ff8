"""The loop with a vendor that hands out its result in parts, and one that takes many documents in one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import anyio
import httpx
import pytest

from docparse_loaders import errors
from docparse_loaders.engine.drive import Run, drive
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.together import Together
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Limits, Policy, Retry
from docparse_loaders.source import Source
from docparse_loaders.vendors.http import fault_of
from docparse_loaders.vendors.protocol import (
    Blob,
    Call,
    Collect,
    Done,
    Effect,
    Fail,
    Foreign,
    Parts,
    Reply,
    Send,
    State,
    Step,
    Traits,
)

pytestmark = pytest.mark.anyio
SOURCE = Source.of(b"%PDF-1.4", name="a.pdf")
ENDPOINT = Endpoint("https://pieces.test")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


class Pieces(State):
    """A job that is done, and how often its links were asked for."""

    phase: Literal["submitting", "fetching"] = "submitting"
    name: str = ""
    links: int = 0

    @property
    def accepted(self) -> bool:
        return self.phase == "fetching"


class Vendor:
    """Answers a submit with links to the parts of the result; a link that is gone is asked for again, once."""

    name: ClassVar[str] = "pieces"
    state: ClassVar[type[State]] = Pieces
    traits: ClassVar[Traits] = Traits(frozenset({".pdf"}), polls_many=True, batch_size=10)

    def submit(self, name: str) -> Send:
        return Send(Call(Effect.CREATE, "POST", "submit", json=[name], group="submit"), Pieces(name=name))

    def merged(self, calls: Sequence[Call]) -> Call:
        names: list[Any] = [call.json[0] for call in calls if isinstance(call.json, list)]
        return Call(Effect.CREATE, "POST", "submit", json=names, group="submit")

    def share(self, reply: Reply, index: int) -> Reply:
        return reply

    def on_reply(self, state: Pieces, reply: Reply) -> Step:
        if state.phase == "fetching" and reply.blob is not None:
            return Done(reply.blob, state)
        if state.phase == "fetching" and reply.status == 403 and state.links < 2:
            return self.resume(state)
        if (error := fault_of(reply, "pieces")) is not None:
            return Fail(error)
        links = reply.json.get("links") if isinstance(reply.json, dict) else None
        if not isinstance(links, list):
            return Fail(errors.SubmitRejected("refused.", hint="no"))
        calls = tuple(Call(Effect.READ, "GET", Foreign(str(link)), expect="blob") for link in links)
        return Collect(calls, Pieces(phase="fetching", name=state.name, links=state.links + 1))

    def on_uncertain(self, state: Pieces) -> Step:
        return Fail(errors.SubmitUncertain("nobody knows.", hint="look"))

    def resume(self, state: Pieces) -> Step:
        return Send(Call(Effect.READ, "GET", "links"), state)


@dataclass
class Service(httpx.AsyncBaseTransport):
    """Answers by path, and remembers what was asked."""

    answer: Callable[[str, bytes], httpx.Response]
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        target = request.extensions.get("target", request.url.raw_path)
        self.asked.append(f"{request.method} {target.decode()} {body.decode()}".strip())
        return self.answer(target.decode(), body)


def running(service: Service, policy: Policy | None = None, window: float | None = None) -> Callable[[], Run]:
    """Runs of one session over a service."""
    vendor: Any = Vendor()
    policy = policy or Policy(retry=Retry(base=0.01))
    gate = Gate(policy.limits)
    together = Together(vendor, Transport(ENDPOINT, policy, service), gate, window)

    async def save(_: State) -> None:
        """Keep nothing."""

    def run() -> Run:
        return Run(
            vendor,
            SOURCE,
            together,
            gate,
            policy,
            chance=lambda: 0.5,
            save=save,
            token_of=lambda state: state.model_dump_json(),
        )

    return run


def linked(*names: str) -> httpx.Response:
    return httpx.Response(200, json={"links": [f"https://files.test/{name}?s=1" for name in names]})


async def test_a_result_in_parts_comes_together_in_order() -> None:
    service = Service(lambda path, _: linked("b", "a") if path == "/submit" else httpx.Response(200, content=path.encode()))
    done = await drive(running(service)(), Vendor().submit("x"))
    assert isinstance(done, Done)
    assert done.payload == Parts((Blob(b"/b?s=1"), Blob(b"/a?s=1")))
    assert service.asked == ['POST /submit ["x"]', "GET /b?s=1", "GET /a?s=1"]


async def test_a_part_that_fails_for_a_moment_is_fetched_again_and_no_other() -> None:
    broken = iter([502, 503])

    def answer(path: str, _: bytes) -> httpx.Response:
        if path == "/submit":
            return linked("a", "b")
        return httpx.Response(next(broken, 200) if path.startswith("/b") else 200, content=path.encode())

    service = Service(answer)
    await drive(running(service)(), Vendor().submit("x"))
    assert service.asked[1:] == ["GET /a?s=1", *["GET /b?s=1"] * 3]


async def test_a_link_that_has_expired_is_asked_for_again() -> None:
    old = iter([True])

    def answer(path: str, _: bytes) -> httpx.Response:
        if path in {"/submit", "/links"}:
            return linked("a")
        return httpx.Response(403 if next(old, False) else 200, content=b"part")

    service = Service(answer)
    done = await drive(running(service)(), Vendor().submit("x"))
    assert isinstance(done, Done)
    assert done.payload == Parts((Blob(b"part"),))
    assert service.asked[1:] == ["GET /a?s=1", "GET /links", "GET /a?s=1"]


async def test_parts_that_are_too_large_together_are_refused_with_a_token() -> None:
    service = Service(lambda path, _: linked("a", "b") if path == "/submit" else httpx.Response(200, content=bytes(60)))
    policy = Policy(limits=Limits(result_bytes=100))
    with pytest.raises(errors.LimitExceeded) as caught:
        await drive(running(service, policy)(), Vendor().submit("x"))
    assert caught.value.token is not None


async def test_one_refused_document_does_not_take_the_others_down() -> None:
    def answer(path: str, body: bytes) -> httpx.Response:
        if path != "/submit":
            return httpx.Response(200, content=b"part")
        return httpx.Response(200, json={"refused": True}) if b"bad" in body else linked("a")

    service = Service(answer)
    run = running(service, window=0.05)
    found: dict[str, object] = {}

    async def one(name: str) -> None:
        try:
            found[name] = await drive(run(), Vendor().submit(name))
        except errors.DocParseError as error:
            found[name] = error

    async with anyio.create_task_group() as group:
        for name in ("good", "bad", "fine"):
            group.start_soon(one, name)
    assert isinstance(found["bad"], errors.SubmitRejected)
    assert isinstance(found["good"], Done)
    assert isinstance(found["fine"], Done)
    submits = [asked for asked in service.asked if "submit" in asked]
    assert len(submits) == 4
    assert sorted(submits[1:]) == ['POST /submit ["bad"]', 'POST /submit ["fine"]', 'POST /submit ["good"]']
