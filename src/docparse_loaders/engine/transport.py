"""The only module that imports httpx: one `Call` in, one bounded and decoded `Reply` out.

The key is put in here and nowhere else, and only on the way to the configured endpoint. Redirects are not followed, because
they would carry a key that stands in a form to another host.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import quote

import anyio
import httpx

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.inprocess import run
from docparse_loaders.engine.upload import Upload
from docparse_loaders.errors import EndpointUnreachable, ReplyLost, TransportError, UnsafeURL
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Blob, Call, Foreign, InProcess, Problem, Reply
from docparse_loaders.vendors.readers import parse_json

_KEPT = frozenset({"retry-after", "date", "content-type", "x-request-id"})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_AGENT = "docparse-loaders"


class Transport:
    """A client for one endpoint, made inside the running loop and closed with it.

    `wire` replaces the network, for example by an ASGI app in a test.
    """

    def __init__(self, endpoint: Endpoint, policy: Policy, wire: httpx.AsyncBaseTransport | None = None) -> None:
        self._endpoint = endpoint
        self._policy = policy
        self._wire = wire
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
                await self._client.aclose()

    async def perform(self, call: Call, source: Source) -> Reply:
        """Send the call and read its answer, within `Timeouts.request` altogether.

        Raises `EndpointUnreachable` if nothing can have arrived, `ReplyLost` if something may have, `SourceChanged` if the
        file is no longer the one that was hashed.
        """
        if isinstance(call.url, InProcess):
            return await run(call.url, call.json, source)
        if isinstance(call.url, Foreign):
            raise UnsafeURL(f"{_origin(call.url.url)} is not the configured endpoint.", hint="Report this vendor.")
        where = self._endpoint.origin
        sent = _Sent(begun=self._wire is not None)
        try:
            with anyio.fail_after(self._policy.timeouts.request):
                return await self._exchange(call, source, sent)
        except TimeoutError:
            raise self._lost(where, f"no answer within {self._policy.timeouts.request:g} s", sent) from None
        except _NOT_SENT as error:
            raise _unreachable(where, error) from None
        except httpx.TransportError as error:
            raise self._lost(where, type(error).__name__, sent) from None

    def _lost(self, where: str, why: str, sent: "_Sent") -> TransportError:
        if not sent.begun:
            return EndpointUnreachable(f"{where} did not accept a connection ({why}).", hint=_REACH)
        return ReplyLost(f"the connection to {where} broke: {why}.", hint="It is asked again where that cannot bill twice.")

    async def _exchange(self, call: Call, source: Source, sent: "_Sent") -> Reply:
        client = self._open()
        request = self._request(client, call, source)
        request.extensions["trace"] = sent.trace
        limits = self._policy.limits
        cap = limits.result_bytes if call.large or call.expect == "blob" else limits.reply_bytes
        response = await client.send(request, stream=True, follow_redirects=False)
        async with _closing(response):
            data, problem = await _body(response, cap)
        kept = {name: value for name, value in response.headers.items() if name in _KEPT}
        if problem is not None:
            return Reply(response.status_code, kept, problem=problem)
        return _reply(call, response.status_code, kept, data, limits.snippet)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            timeouts = self._policy.timeouts
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(timeouts.request, connect=timeouts.connect),
                transport=self._wire,
                headers={"user-agent": _AGENT, "accept-encoding": "identity, gzip"},
            )
        return self._client

    def _request(self, client: httpx.AsyncClient, call: Call, source: Source) -> httpx.Request:
        url = f"{self._endpoint.url}/{quote(str(call.url), safe='/')}"
        headers, form = self._authorised(call)
        query = httpx.QueryParams(call.query)
        if call.body is not None:
            upload = Upload(source, call.body, form)
            headers |= upload.headers()
            return client.build_request(call.method, url, params=query, headers=headers, content=upload)
        if call.json is not None:
            return client.build_request(call.method, url, params=query, headers=headers, json=call.json)
        data: dict[str, list[str]] = {}
        for name, value in form:
            data.setdefault(name, []).append(value)
        return client.build_request(call.method, url, params=query, headers=headers, data=data or None)

    def _authorised(self, call: Call) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
        key = self._endpoint.key
        if key is None or call.auth.place == "none":
            return {}, call.form
        if call.auth.place == "bearer":
            return {"authorization": f"Bearer {key.get_secret_value()}"}, call.form
        return {}, (*call.form, (call.auth.name, key.get_secret_value()))


class _Sent:
    """Watches whether any byte of a request left: only then can a lost answer mean a job.

    A replaced network reports nothing, so there the worst is assumed from the start.
    """

    def __init__(self, *, begun: bool) -> None:
        self.begun = begun

    async def trace(self, event: str, _: Mapping[str, object]) -> None:
        if event.endswith("send_request_headers.started"):
            self.begun = True


_REACH = "Check the address, the network and any proxy."


def _unreachable(where: str, error: Exception) -> EndpointUnreachable:
    return EndpointUnreachable(f"{where} cannot be reached ({type(error).__name__}: {error}).", hint=_REACH)


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).rpartition("@")[2]


@asynccontextmanager
async def _closing(response: httpx.Response) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
            await response.aclose()


async def _body(response: httpx.Response, cap: int) -> tuple[bytes, Problem | None]:
    """The decoded body, up to `cap` bytes: httpx inflates piece by piece, so a bomb is cut off after the piece it bursts in."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes(1 << 16):
        size += len(part)
        if size > cap:
            return b"", "too_big"
        parts.append(part)
    return b"".join(parts), None


def _reply(call: Call, status: int, kept: Mapping[str, str], data: bytes, snippet: int) -> Reply:
    if call.expect == "blob" and status < 400:
        return Reply(status, kept, blob=Blob(data, kept.get("content-type", "")))
    try:
        return Reply(status, kept, json=parse_json(data))
    except ValueError:
        return Reply(status, kept, problem="not_json", snippet=data[: 4 * snippet].decode("utf-8", "replace")[:snippet])
