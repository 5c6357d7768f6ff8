"""The wire over a real socket: what leaves, what is believed of what comes back, and where the key does not go."""

import asyncio
import gzip
import logging
import pickle
from email.parser import BytesParser
from pathlib import Path

import pytest
from pydantic import SecretStr

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint, endpoint_of
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Limits, Policy, Timeouts
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Auth, Body, Call, Effect, Foreign, Reply
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkVendor
from raw_server import Arrived, answering, serving

pytestmark = pytest.mark.anyio
KEY = "sk-canary-7f3a"
SOURCE = Source.of(b"%PDF-1.4 " + bytes(range(256)) * 5000, name='a "q" é.pdf')
POLL = Call(Effect.READ, "POST", "parse/async_check", auth=Auth("form", "api_key"), form=(("task_id", "t 1&x"),), large=True)
SUBMIT = Call(
    Effect.CREATE,
    "POST",
    "parse/async",
    auth=Auth("form", "api_key"),
    form=(("output_formats", "json"), ("output_formats", "markdown"), ("feature_config", '{"a":true}')),
    body=Body("file", SOURCE.facts.name, "application/pdf"),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _perform(
    call: Call, url: str, *, key: str | None = KEY, policy: Policy | None = None, source: Source = SOURCE
) -> Reply:
    endpoint = Endpoint(url, SecretStr(key) if key else None)
    async with Transport(endpoint, policy or Policy()) as transport:
        return await transport.perform(call, source)


def _parts(arrived: Arrived) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of each part, read by the standard library's own parser."""
    kind = next(line for line in arrived.head.split(b"\r\n") if line.lower().startswith(b"content-type:"))
    message = BytesParser().parsebytes(kind + b"\r\n\r\n" + arrived.body)
    found = []
    for part in message.get_payload():
        assert not isinstance(part, str)
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((str(part.get_param("name", header="content-disposition")), part.get_filename(), content))
    return found


async def test_a_submit_is_a_whole_multipart_form() -> None:
    async with serving(answering(b'{"code":0}')) as server:
        reply = await _perform(SUBMIT, server.url)
    assert reply.json == {"code": 0}
    (arrived,) = server.requests
    assert arrived.head.startswith(b"POST /api/v1/parse/async HTTP/1.1")
    parts = _parts(arrived)
    assert [(name, content) for name, _, content in parts[:-1]] == [
        ("output_formats", b"json"),
        ("output_formats", b"markdown"),
        ("feature_config", b'{"a":true}'),
        ("api_key", KEY.encode()),
    ]
    name, _, content = parts[-1]
    assert name == "file"
    assert content == SOURCE.read()
    assert b'filename="a %22q%22 \xc3\xa9.pdf"' in arrived.body


async def test_polling_is_an_urlencoded_form() -> None:
    async with serving(answering(b"{}")) as server:
        await _perform(POLL, server.url)
    assert server.requests[0].body == f"task_id=t+1%26x&api_key={KEY}".encode()


async def test_without_a_key_the_field_is_left_out() -> None:
    async with serving(answering(b"{}")) as server:
        await _perform(POLL, server.url, key=None)
        await _perform(SUBMIT, server.url, key=None)
    assert all(b"api_key" not in arrived.body for arrived in server.requests)


async def test_a_bearer_goes_into_the_header() -> None:
    async with serving(answering(b"{}")) as server:
        await _perform(Call(Effect.READ, "GET", "jobs/1", auth=Auth("bearer"), query=(("a", "b c"),)), server.url)
    assert b"GET /api/v1/jobs/1?a=b+c HTTP" in server.requests[0].head
    assert f"authorization: bearer {KEY}".encode() in server.requests[0].head.lower()


async def test_a_path_cannot_leave_the_endpoint() -> None:
    async with serving(answering(b"{}")) as server:
        await _perform(Call(Effect.READ, "GET", "jobs/a?b#c"), server.url)
    assert b"GET /api/v1/jobs/a%3Fb%23c HTTP" in server.requests[0].head


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed(status: str) -> None:
    async with serving(answering(b"{}")) as other:
        headers = f"location: {other.url}/parse/async_check\r\n"
        async with serving(answering(b"", status=status, headers=headers)) as server:
            reply = await _perform(POLL, server.url)
    assert reply.status == int(status[:3])
    assert not other.requests


async def test_a_foreign_address_is_not_fetched() -> None:
    async with serving(answering(b"{}")) as other:
        with pytest.raises(errors.UnsafeURL):
            await _perform(Call(Effect.READ, "GET", Foreign(f"{other.url}/x?sig=1")), "https://somark.test/api/v1")
    assert not other.requests


async def test_html_instead_of_json_is_a_problem_and_not_an_exception() -> None:
    async with serving(answering(b"<html>login</html>")) as server:
        reply = await _perform(POLL, server.url)
    assert (reply.problem, reply.snippet) == ("not_json", "<html>login</html>")


@pytest.mark.parametrize("body", [b'{"a":[1,2', b"[" * 100_000, b'{"a":NaN}', b"\xff\xfe", b""])
async def test_json_that_is_not_json(body: bytes) -> None:
    async with serving(answering(body)) as server:
        assert (await _perform(POLL, server.url)).problem == "not_json"


async def test_a_body_over_the_limit_is_not_kept() -> None:
    policy = Policy(limits=Limits(result_bytes=1000, reply_bytes=100))
    async with serving(answering(b" " * 1001)) as server:
        assert (await _perform(POLL, server.url, policy=policy)).problem == "too_big"
    async with serving(answering(b'{"a":"' + b"x" * 200 + b'"}')) as server:
        assert (await _perform(SUBMIT, server.url, policy=policy)).problem == "too_big"
        assert (await _perform(POLL, server.url, policy=policy)).problem is None


async def test_a_gzip_bomb_is_cut_off() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    policy = Policy(limits=Limits(result_bytes=1_000_000))
    async with serving(answering(bomb, headers="content-encoding: gzip\r\n")) as server:
        assert (await _perform(POLL, server.url, policy=policy)).problem == "too_big"


async def test_nobody_listens() -> None:
    async with serving(answering(b"{}")) as server:
        url = server.url
    with pytest.raises(errors.EndpointUnreachable, match="cannot be reached") as caught:
        await _perform(SUBMIT, url)
    assert caught.value.refused


async def test_the_connection_breaks_after_the_request() -> None:
    async def hang_up(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with serving(hang_up) as server:
        with pytest.raises(errors.ReplyLost) as caught:
            await _perform(SUBMIT, server.url)
    assert not caught.value.refused
    assert server.requests[0].complete


@pytest.mark.parametrize("kept", [0, 1, 20, 60])
async def test_an_answer_cut_short_is_lost_and_not_half_believed(kept: int) -> None:
    answer = b'HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{"code": 0, "data": {"task_id": "t1"}}  '

    async def cut(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(answer[:kept])
        await writer.drain()

    async with serving(cut) as server:
        with pytest.raises(errors.ReplyLost):
            await _perform(SUBMIT, server.url)


async def test_a_dripping_server_is_left_at_the_deadline() -> None:
    async def drip(_: Arrived, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _byte in range(1000):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(drip) as server:
        start = asyncio.get_running_loop().time()
        with pytest.raises(errors.ReplyLost, match=r"no answer within 0\.5 s"):
            await _perform(POLL, server.url, policy=Policy(timeouts=Timeouts(request=0.5)))
        assert asyncio.get_running_loop().time() - start < 1.0


async def test_a_file_that_changes_is_never_completely_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4" + b"a" * 1_000_000)
    for changed in (b"%PDF-1.4" + b"b" * 1_000_000, b"%PDF-1.4" + b"a" * 999_999, b"%PDF-1.4" + b"a" * 1_000_001):
        source = Source.of(path)
        original = path.read_bytes()
        path.write_bytes(changed)
        async with serving(answering(b"{}")) as server:
            with pytest.raises(errors.SourceChanged):
                await _perform(SUBMIT, server.url, source=source)
        assert all(not arrived.complete for arrived in server.requests)
        path.write_bytes(original)


async def test_the_key_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="docparse_loaders")
    endpoint = Endpoint("http://127.0.0.1:9/api/v1", SecretStr(KEY))
    with pytest.raises(errors.EndpointUnreachable) as caught:
        await _perform(SUBMIT, endpoint.url)
    shown = f"{endpoint!r} {caught.value!r} {vars(caught.value)} {pickle.dumps(caught.value)!r} {caplog.text} {SUBMIT!r}"
    assert KEY not in shown


class TestEndpoint:
    traits = SoMarkVendor.traits

    def test_from_options_then_environment_then_default(self) -> None:
        env = {"SOMARK_API_KEY": "sk-env", "SOMARK_BASE_URL": "https://somark.tech/api/v1/"}
        assert (
            endpoint_of(SoMark(api_key="sk-own", base_url="http://10.0.0.1/api/v1"), self.traits, env).url
            == "http://10.0.0.1/api/v1"
        )
        found = endpoint_of(SoMark(), self.traits, env)
        assert (found.url, found.key and found.key.get_secret_value()) == ("https://somark.tech/api/v1", "sk-env")
        assert endpoint_of(SoMark(), self.traits, {"SOMARK_API_KEY": "k"}).url == "https://somark.cn/api/v1"

    @pytest.mark.parametrize("url", [None, "https://somark.tech/api/v1", "https://api.somark.ai/api/v1"])
    @pytest.mark.parametrize("key", [None, "", "  "])
    def test_the_public_service_needs_a_key(self, url: str | None, key: str | None) -> None:
        with pytest.raises(errors.MissingKey, match="SOMARK_API_KEY"):
            endpoint_of(SoMark(base_url=url, api_key=key), self.traits, {})

    @pytest.mark.parametrize(
        "url", ["http://somark.internal:8000/api/v1", "https://notsomark.cn/api/v1", "http://127.0.0.1:1/api/v1"]
    )
    def test_a_private_deployment_does_not(self, url: str) -> None:
        assert endpoint_of(SoMark(base_url=url), self.traits, {}).key is None

    @pytest.mark.parametrize(
        "url", ["somark.cn", "ftp://somark.cn", "https://", "https://u:p@somark.cn", "https://a/?q=1", "http://[x"]
    )
    def test_a_wrong_address_is_refused(self, url: str) -> None:
        with pytest.raises(errors.ConfigError, match="is not a base address"):
            endpoint_of(SoMark(base_url=url, api_key="k"), self.traits, {})
