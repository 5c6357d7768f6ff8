"""The only module that imports httpx: one `Call` in, one bounded and decoded `Reply` out.

The key is put in here and nowhere else, and only on the way to the configured endpoint. Redirects from there are not
followed, because they would carry a key that stands in a form to another host; those of a link that a vendor handed back
are, as they carry nothing, and each is judged like the link itself.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import quote, urljoin

import anyio
import httpx

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.guard import Resolve, dialled, resolved, split
from docparse_loaders.engine.inprocess import run
from docparse_loaders.engine.staging import stage
from docparse_loaders.engine.upload import Upload
from docparse_loaders.errors import EndpointUnreachable, ReplyLost, TransportError, UnsafeURL
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Blob, Call, Foreign, InProcess, Problem, Reply, Staging
from docparse_loaders.vendors.readers import parse_json

_KEPT = frozenset({"retry-after", "date", "content-type", "x-request-id"})
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_AGENT = "docparse-loaders"
_REDIRECTS = 3


class Transport:
    """A client for one endpoint, made inside the running loop and closed with it.

    `wire` replaces the network, for example by an ASGI app in a test; `resolve` the name service.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        policy: Policy,
        wire: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._endpoint = endpoint
        self._policy = policy
        self._wire = wire
        self._resolve = resolve
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
        file is no longer the one that was hashed, and `UnsafeURL` for an address that must not be fetched.
        """
        if isinstance(call.url, InProcess):
            return await run(call.url, call.json, source)
        where = _origin(call.url.url) if isinstance(call.url, Foreign) else self._endpoint.origin
        sent = _Sent(begun=self._wire is not None)
        try:
            with anyio.fail_after(self._policy.timeouts.request):
                return await self._performed(call, source, sent)
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

    async def _performed(self, call: Call, source: Source, sent: "_Sent") -> Reply:
        if isinstance(call.url, Staging):
            return await stage(call.url, self._endpoint.staging, source)
        if isinstance(call.url, Foreign):
            return await self._fetched(call, call.url.url, source, sent)
        url = f"{self._endpoint.url}/{quote(str(call.url), safe='/')}"
        reply, _ = await self._exchange(call, self._request(call, url, source), sent)
        return reply

    async def _fetched(self, call: Call, url: str, source: Source, sent: "_Sent") -> Reply:
        for _ in range(_REDIRECTS + 1):
            reply, target = await self._exchange(call, await self._guarded(call, url, source), sent)
            if not target or call.method != "GET":
                return reply
            url = urljoin(url, target)
        raise UnsafeURL(f"{_origin(url)} redirects again and again.", hint="Report this to the vendor.")

    async def _guarded(self, call: Call, url: str, source: Source) -> httpx.Request:
        """A request for an address that was judged, to the IP address that was judged, with the address's very own bytes."""
        parts = split(url, self._endpoint)
        request = self._request(call, url, source)
        request.extensions["target"] = (f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/").encode()
        # httpx writes the address of every request to its log; what is sent is the target, so the signature need not be in it.
        request.url = request.url.copy_with(query=None)
        if self._wire is None:
            address = await dialled(parts, self._endpoint, self._resolve)
            request.extensions["sni_hostname"] = parts.hostname
            request.url = request.url.copy_with(host=address)
        return request

    async def _exchange(self, call: Call, request: httpx.Request, sent: "_Sent") -> tuple[Reply, str]:
        """Send a request; its reply, and where it redirects to."""
        request.extensions["trace"] = sent.trace
        limits = self._policy.limits
        cap = limits.result_bytes if call.large or call.expect == "blob" else limits.reply_bytes
        response = await self._open().send(request, stream=True, follow_redirects=False)
        async with _closing(response):
            data, problem = await _body(response, cap)
        kept = {name: value for name, value in response.headers.items() if name in _KEPT}
        target = response.headers.get("location", "") if response.is_redirect else ""
        if problem is not None:
            return Reply(response.status_code, kept, problem=problem), target
        return _reply(call, response.status_code, kept, data, limits.snippet), target

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            timeouts = self._policy.timeouts
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(timeouts.request, connect=timeouts.connect),
                transport=self._wire,
                headers={"user-agent": _AGENT, "accept-encoding": "identity, gzip"},
            )
        return self._client

    def _request(self, call: Call, url: str, source: Source) -> httpx.Request:
        headers, form = ({}, call.form) if isinstance(call.url, Foreign) else self._authorised(call)
        content: dict[str, Any] = {}
        if call.query:
            content["params"] = httpx.QueryParams(call.query)
        if call.body is not None:
            upload = Upload(source, call.body, form)
            headers |= upload.headers()
            content["content"] = upload
        elif call.json is not None:
            content["json"] = call.json
        elif form:
            content["data"] = _grouped(form)
        return self._open().build_request(call.method, url, headers=headers, **content)

    def _authorised(self, call: Call) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
        key = self._endpoint.key
        if key is None or call.auth.place == "none":
            return {}, call.form
        if call.auth.place == "bearer":
            return {"authorization": f"Bearer {key.get_secret_value()}"}, call.form
        return {}, (*call.form, (call.auth.name, key.get_secret_value()))


def _grouped(form: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in form:
        data.setdefault(name, []).append(value)
    return data


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
