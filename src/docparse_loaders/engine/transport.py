"""The only module that imports httpx: one `Call` in, one bounded and decoded `Reply` out.

The key is put in here and nowhere else, and only on the way to the configured endpoint. Redirects from there are not
followed, because they would carry a key that stands in a form to another host; those of a link that a vendor handed back
are, as they carry nothing, and each is judged like the link itself.
"""

import io
import os
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cached_property, lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import quote, urljoin, urlsplit

import anyio
import httpcore
import httpx

from docparse_loaders.engine.discretion import discreet
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.guard import Resolve, judged, resolved, split
from docparse_loaders.engine.inprocess import run
from docparse_loaders.engine.network import pool, proxy_of
from docparse_loaders.engine.staging import stage
from docparse_loaders.engine.unpacked import Burst, unpacked
from docparse_loaders.engine.upload import Upload
from docparse_loaders.errors import DocParseError, EndpointUnreachable, ReplyLost, TransportError, UnsafeURL
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Blob, Call, Foreign, InProcess, Problem, Reply, Staging
from docparse_loaders.vendors.readers import parse_json

_KEPT = frozenset({"retry-after", "date", "content-type", "x-request-id"})
_NOT_SENT = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol),
    *(httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout),
)
_BROKEN = (
    *(httpx.TransportError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException),
    *(httpcore.ConnectionNotAvailable, zlib.error),
    httpx.InvalidURL,  # httpx reads where an answer redirects to, although it is not to go there
)
_AGENT = "docparse-loaders"
_REDIRECTS = 3
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))


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
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
                await client.aclose()

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
            with anyio.fail_after(self._policy.timeouts.request), discreet():
                return await self._performed(call, source, sent)
        except TimeoutError:
            raise self._lost(where, f"no answer within {self._policy.timeouts.request:g} s", sent) from None
        except _NOT_SENT as error:
            raise _unreachable(where, error) from None
        except _BROKEN as error:
            raise self._lost(where, type(error).__name__, sent) from None
        except DocParseError as error:
            # The frames below hold addresses with their signatures, and some tools print the variables of every frame.
            raise error.with_traceback(None) from None

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
            before, url = url, urljoin(url, target)
            if before.startswith("https:") and not url.startswith("https:"):
                raise UnsafeURL(f"{_origin(before)} redirects from https to something else.", hint="Report this to the vendor.")
        raise UnsafeURL(f"{_origin(url)} redirects again and again.", hint="Report this to the vendor.")

    async def _guarded(self, call: Call, url: str, source: Source) -> httpx.Request:
        """A request for an address whose form was judged, with that address's very own bytes."""
        parts = split(url, self._endpoint)
        if proxy_of(parts) and self._wire is None:
            with suppress(EndpointUnreachable):  # a name that only the proxy knows is left to it
                await judged(parts.hostname or "", parts.port or 443, self._endpoint, self._resolve)
        try:
            request = self._request(call, url, source)
        except (httpx.InvalidURL, UnicodeError):
            raise UnsafeURL("the vendor handed back an address that is none.", hint="Report this to the vendor.") from None
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        request.extensions["target"] = quote(path, safe=_PRINTED).encode()
        # httpx writes the address of every request to its log; what is sent is the target, so the signature need not be in it.
        request.url = request.url.copy_with(query=None)
        return request

    async def _exchange(self, call: Call, request: httpx.Request, sent: "_Sent") -> tuple[Reply, str]:
        """Send a request; its reply, and where it redirects to."""
        request.extensions["trace"] = sent.trace
        limits = self._policy.limits
        cap = limits.result_bytes if call.large or call.expect == "blob" else limits.reply_bytes
        response = await self._client(call, str(request.url)).send(request, stream=True, follow_redirects=False)
        target = response.headers.get("location", "") if response.is_redirect else ""
        async with _closing(response):
            data, problem = (b"", None) if target else await self._body(response, cap)
        kept = {name: value for name, value in response.headers.items() if name in _KEPT}
        if problem is not None:
            return Reply(response.status_code, kept, problem=problem), target
        return _reply(call, response.status_code, kept, data, limits.snippet), target

    async def _body(self, response: httpx.Response, cap: int) -> tuple[bytes, Problem | None]:
        """The decoded body, up to `cap` bytes: a bomb is cut off where it bursts. Raises `TooSlow` if it only trickles."""
        limits, patience = self._policy.limits, self._policy.timeouts.slow
        whole = io.BytesIO()  # which hands out its own bytes: pieces that are joined would be there twice
        try:
            with anyio.fail_after(patience) as clock:
                steady = _steady(response, clock, limits.bytes_per_second, patience)
                async for part in unpacked(steady, response.headers.get("content-encoding", "").lower(), limits.reply_ratio):
                    if whole.tell() + len(part) > cap:
                        return b"", "too_big"
                    whole.write(part)
        except Burst:
            return b"", "too_big"
        except TimeoutError:
            raise TooSlow(f"less than {limits.bytes_per_second} bytes a second") from None
        return whole.getvalue(), None

    def _client(self, call: Call, url: str) -> httpx.AsyncClient:
        """The one for our endpoint; those for others keep no cookies, and connect under guard or through a proxy."""
        kind = (proxy_of(urlsplit(url)) or "guarded") if isinstance(call.url, Foreign) else "endpoint"
        if kind not in self._clients:
            self._clients[kind] = self._opened(kind)
        return self._clients[kind]

    def _opened(self, kind: str) -> httpx.AsyncClient:
        timeouts = self._policy.timeouts
        common: dict[str, Any] = {
            "timeout": httpx.Timeout(timeouts.request, connect=timeouts.connect),
            "headers": {"user-agent": _AGENT, "accept-encoding": "identity, gzip"},
        }
        if kind != "endpoint":
            common["cookies"] = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        if self._wire is not None:
            return httpx.AsyncClient(transport=self._wire, **common)
        if kind == "endpoint":
            return httpx.AsyncClient(verify=self._trust, **common)
        if kind == "guarded":
            return httpx.AsyncClient(transport=_Guarded(pool(self._endpoint, self._resolve, self._trust)), **common)
        return httpx.AsyncClient(proxy=kind, verify=self._trust, **common)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return _trusted(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))

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
        return self._client(call, url).build_request(call.method, url, headers=headers, **content)

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


@lru_cache(maxsize=8)
def _trusted(file: str, folder: str) -> ssl.SSLContext:
    """The authorities that these variables name, or certifi's: read once, as that takes longer than a small job's requests."""
    return httpx.create_ssl_context()


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3]).rpartition("@")[2]


@asynccontextmanager
async def _closing(response: httpx.Response) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(1.0):
            await response.aclose()


class TooSlow(httpx.ReadTimeout):
    """A body that only trickles in."""


async def _steady(response: httpx.Response, clock: anyio.CancelScope, rate: int, patience: float) -> AsyncIterator[bytes]:
    """The raw body; each time as much has come as should come in `patience` seconds, the clock starts anew."""
    stream, came = response.stream, 0
    if not isinstance(stream, httpx.AsyncByteStream):  # never: every stream of an async client is one
        raise TypeError
    async for piece in stream:
        came += len(piece)
        if came >= rate * patience:
            came, clock.deadline = 0, anyio.current_time() + patience
        yield piece


class _Guarded(httpx.AsyncBaseTransport):
    """httpx's requests over our own pool; its errors are httpcore's."""

    def __init__(self, connections: httpcore.AsyncConnectionPool) -> None:
        self._pool = connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and answer as soon as the headers are there."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Arriving(answer), extensions=dict(answer.extensions)
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Arriving(httpx.AsyncByteStream):
    """A body that comes from httpcore."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def _reply(call: Call, status: int, kept: Mapping[str, str], data: bytes, snippet: int) -> Reply:
    if call.expect == "blob" and status < 400:
        return Reply(status, kept, blob=Blob(data, kept.get("content-type", "")))
    try:
        return Reply(status, kept, json=parse_json(data))
    except ValueError:
        return Reply(status, kept, problem="not_json", snippet=data[: 4 * snippet].decode("utf-8", "replace")[:snippet])
