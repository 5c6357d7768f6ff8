"""Links that a vendor hands back, over a real socket: fetched as they are, without the key, each redirect judged anew."""

from collections.abc import Collection

import pytest
from pydantic import SecretStr

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Limits, Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Auth, Body, Call, Effect, Foreign, Reply
from raw_server import answering, serving

pytestmark = pytest.mark.anyio
KEY = "sk-canary-7f3a"
SOURCE = Source.of(b"%PDF-1.4 " + bytes(range(256)) * 3000, name="a.pdf")
QUERY = "response-content-disposition=attachment%3B%20filename%3D%22a%22%3B%20x%2A%3DUTF-8%27%27a'b&X-Amz-Credential=a%2Fb&e="


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _loopback(host: str, port: int) -> Collection[str]:
    return ["127.0.0.1"]


async def _fetched(
    url: str, endpoint: str, *, method: str = "GET", policy: Policy | None = None, body: Body | None = None
) -> Reply:
    # The key's slot is named on purpose: on the way to a foreign address it must stay empty all the same.
    auth = Auth("bearer")
    effect = Effect.READ if method == "GET" else Effect.PUT
    form = (("policy", "p"), ("key", "k")) if body is not None and body.field else ()
    call = Call(effect, method, Foreign(url), auth=auth, form=form, body=body, expect="blob")  # type: ignore[arg-type]  # a str
    async with Transport(Endpoint(endpoint, SecretStr(KEY)), policy or Policy(), resolve=_loopback) as transport:
        return await transport.perform(call, SOURCE)


async def test_a_link_is_sent_as_it_is_and_without_the_key() -> None:
    async with serving(answering(b"PK bytes")) as server:
        port = server.url.rsplit(":", 1)[1].partition("/")[0]
        reply = await _fetched(f"http://127.0.0.1:{port}/a%2Fb/ä.zip?{QUERY}".replace("ä", "%C3%A4"), server.url)
    head = server.requests[0].head
    assert head.startswith(f"GET /a%2Fb/%C3%A4.zip?{QUERY} HTTP/1.1\r\n".encode())
    assert KEY.encode() not in head
    assert b"authorization" not in head.lower()
    assert f"\r\nhost: 127.0.0.1:{port}\r\n".encode() in head.lower()
    assert reply.blob is not None
    assert reply.blob.data == b"PK bytes"


async def test_the_host_that_was_judged_keeps_its_name() -> None:
    async with serving(answering(b"x")) as server:
        port = server.url.rsplit(":", 1)[1].partition("/")[0]
        await _fetched(f"http://files.test:{port}/a", f"http://files.test:{port}/api")
    assert f"\r\nhost: files.test:{port}\r\n".encode() in server.requests[0].head.lower()


async def test_a_public_endpoint_cannot_send_us_into_a_private_network() -> None:
    async with serving(answering(b"secret")) as server:
        port = server.url.rsplit(":", 1)[1].partition("/")[0]
        with pytest.raises(errors.UnsafeURL, match="leads to 127"):
            await _fetched(f"http://127.0.0.1:{port}/a", "http://93.184.216.34/api")
    assert server.requests == []


async def test_a_redirect_is_followed_and_judged() -> None:
    async with serving(answering(b"the file")) as server:
        port = server.url.rsplit(":", 1)[1].partition("/")[0]
        async with serving(
            answering(b"", status="302 Found", headers=f"location: http://127.0.0.1:{port}/real?s=1\r\n")
        ) as short:
            base = short.url.removesuffix("/api/v1")
            reply = await _fetched(f"{base}/short", short.url)
        async with serving(answering(b"", status="302 Found", headers="location: http://10.9.9.9/real\r\n")) as evil:

            async def named(host: str, port: int) -> Collection[str]:
                return [host]

            call = Call(Effect.READ, "GET", Foreign(evil.url.removesuffix("/api/v1") + "/short"), expect="blob")
            async with Transport(Endpoint(evil.url), Policy(), resolve=named) as transport:
                with pytest.raises(errors.UnsafeURL, match=r"10\.9\.9\.9"):
                    await transport.perform(call, SOURCE)
    assert reply.blob is not None
    assert reply.blob.data == b"the file"
    assert server.requests[0].head.startswith(b"GET /real?s=1 HTTP/1.1\r\n")


async def test_redirects_without_end_are_given_up() -> None:
    async with serving(answering(b"", status="302 Found", headers="location: /again\r\n")) as server:
        with pytest.raises(errors.UnsafeURL, match="again and again"):
            await _fetched(server.url, server.url)
    assert len(server.requests) == 4


async def test_a_put_brings_the_bytes_and_no_content_type() -> None:
    async with serving(answering(b"")) as server:
        reply = await _fetched(server.url, server.url, method="PUT", body=Body("", "a.pdf", "application/pdf"))
    arrived = server.requests[0]
    assert arrived.body == SOURCE.read()
    assert b"content-type" not in arrived.head.lower()
    assert reply.status == 200


async def test_a_signed_form_comes_in_order_with_the_file_last() -> None:
    async with serving(answering(b"", status="204 No Content")) as server:
        await _fetched(server.url, server.url, method="POST", body=Body("file", "a.pdf", "application/pdf"))
    names = [part.partition(b'"')[0] for part in server.requests[0].body.split(b' name="')[1:]]
    assert names == [b"policy", b"key", b"file"]
    assert KEY.encode() not in server.requests[0].head + server.requests[0].body


async def test_a_result_is_cut_off_at_its_limit() -> None:
    async with serving(answering(bytes(5000))) as server:
        reply = await _fetched(server.url, server.url, policy=Policy(limits=Limits(result_bytes=4000)))
    assert reply.problem == "too_big"
