"""Redirects of every kind, from every place: a second host never sees the key, the document or a form."""

import pytest
from pydantic import SecretStr

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Auth, Body, Call, Effect, Foreign
from raw_server import RawServer, answering, serving

pytestmark = pytest.mark.anyio
KEY = "sk-canary-7f3a"
SECRET = b"words of the document"
SOURCE = Source.of(b"%PDF-1.4 " + SECRET, name="a.pdf")
BODY = Body("file", "a.pdf", "application/pdf")
STATUSES = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def calls(url: str) -> dict[str, Call]:
    """Everything that goes out; those to the endpoint carry the key in each of its places."""
    form = (("task", "t1"),)
    return {
        "api-get": Call(Effect.READ, "GET", "jobs/1", auth=Auth("bearer")),
        "api-poll": Call(Effect.READ, "POST", "check", auth=Auth("form", "api_key"), form=form),
        "api-json": Call(Effect.CREATE, "POST", "jobs", auth=Auth("bearer"), json={"a": 1}),
        "api-submit": Call(Effect.CREATE, "POST", "parse", auth=Auth("form", "api_key"), form=form, body=BODY),
        "upload": Call(Effect.PUT, "PUT", Foreign(url), auth=Auth("bearer"), body=Body("", "a.pdf", ""), expect="blob"),
        "upload-form": Call(Effect.PUT, "POST", Foreign(url), form=(("key", "k"),), body=BODY, expect="blob"),
        "result": Call(Effect.READ, "GET", Foreign(url), auth=Auth("bearer"), expect="blob"),
    }


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", list(calls("")))
async def test_the_second_host_learns_nothing(kind: str, status: str) -> None:
    async with serving(answering(b"the file")) as second:
        away = f"location: {second.url}/away\r\nset-cookie: session=1; Path=/\r\n"
        async with (
            serving(answering(b"", status=status, headers=away)) as first,
            Transport(Endpoint(first.url, SecretStr(KEY)), Policy()) as wire,
        ):
            reply = await wire.perform(calls(first.url)[kind], SOURCE)
    assert len(first.requests) == 1
    assert len(second.requests) == (kind == "result")
    assert (reply.blob is not None and reply.blob.data == b"the file") == (kind == "result")
    seen = _everything(second)
    assert [word for word in (KEY.encode(), SECRET, b"authorization", b"cookie", b"t1") if word in seen] == []


def _everything(server: RawServer) -> bytes:
    return b"".join(arrived.head + arrived.body for arrived in server.requests).lower()


@pytest.mark.parametrize("hops", [0, 1, 2, 3, 4])
async def test_three_hops_are_followed(hops: int) -> None:
    left = [f"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /{number}\r\n\r\n".encode() for number in range(hops)]
    left.append(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nthe file")
    answers = iter(left)

    async def speak(_: object, writer: object) -> None:
        writer.write(next(answers))  # type: ignore[attr-defined]  # a StreamWriter

    async with serving(speak) as server, Transport(Endpoint(server.url), Policy()) as wire:
        if hops <= 3:
            assert (await wire.perform(calls(server.url)["result"], SOURCE)).blob is not None
        else:
            with pytest.raises(errors.UnsafeURL, match="again and again"):
                await wire.perform(calls(server.url)["result"], SOURCE)
    assert len(server.requests) == min(hops, 3) + 1
