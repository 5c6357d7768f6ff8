"""Object storage as vendors use it: on an address of its own, behind signed links that expire.

It behaves as S3 and OSS are documented to: a link is the permission, so a request that carries an Authorization header
besides is refused, as is one that is late, altered, or that brings a Content-Type which was not signed.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from docparse_loaders.emulator.faults import App
from docparse_loaders.emulator.fetching import NotFetched, download
from docparse_loaders.emulator.service import Clock

BUCKET = "bucket"
_FORM = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")


class Denied(Exception):
    """A request that object storage refuses; `code` is S3's word for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(slots=True)
class _Object:
    data: bytes = b""
    media_type: str = "application/octet-stream"
    taken: bool = False


@dataclass(slots=True)
class Shelf:
    """The files of one emulated vendor. `lifetime` is that of a link, in seconds; `origin` is set when it listens."""

    clock: Clock
    lifetime: float = 3600.0
    origin: str = "http://files.emulator"
    fetcher: Callable[[str], Awaitable[bytes]] = download
    _objects: dict[str, _Object] = field(default_factory=dict)
    _awaited: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    def offer(self, name: str, data: bytes, media_type: str = "application/octet-stream") -> str:
        """Keep a file and return a signed link to it."""
        self._objects[name] = _Object(data, media_type, taken=True)
        return self.link(name)

    def link(self, name: str, query: str = "") -> str:
        """A signed link to a file, good for `lifetime` seconds from now. `query` comes first in it, is signed to the letter."""
        return self._signed("GET", name, query)

    def expect(self, name: str, then: Callable[[], Awaitable[None]] | None = None) -> str:
        """A signed link to which the bytes of a file may be PUT, without a Content-Type; `then` is called when they are."""
        if then is not None:
            self._awaited[name] = then
        return self._signed("PUT", name)

    def expect_form(self, name: str) -> tuple[str, dict[str, str]]:
        """Where a file may be POSTed as a form, and the fields that must come before it."""
        values = (f"policy-{self._until()}", "AWS4-HMAC-SHA256", "emulator/cn", "20260101T000000Z")
        fields = dict(zip(_FORM, values, strict=False))
        return f"{self.origin}/{BUCKET}", {**fields, "x-amz-signature": self._signature("POST", name, *values), "key": name}

    def taken(self, name: str) -> bytes | None:
        """What was uploaded under that name, if anything."""
        found = self._objects.get(name)
        return found.data if found is not None and found.taken else None

    def address(self, name: str) -> str:
        """The plain address of a file; only this service itself may read there."""
        return f"{self.origin}/{BUCKET}/{quote(name)}"

    async def fetch(self, url: str) -> bytes:
        """What a vendor does with a submitted address. Raises `NotFetched`."""
        own = url.partition("?")[0].removeprefix(f"{self.origin}/{BUCKET}/")
        if url.startswith(f"{self.origin}/"):
            data = self.taken(unquote(own))
            if data is None:
                raise NotFetched(f"there is no object {own!r}")
            return data
        return await self.fetcher(url)

    def app(self) -> App:
        """The storage as an ASGI application."""
        methods = ["GET", "PUT"]
        routes = [
            Route(f"/{BUCKET}/{{name:path}}", self._serve, methods=methods),
            Route(f"/{BUCKET}", self._post, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={Denied: _denial})

    async def _serve(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        self._check(request, name)
        if request.method == "PUT":
            return await self._put(request, name)
        found = self._objects.get(name)
        if found is None or not found.taken:
            raise Denied(404, "NoSuchKey")
        return Response(found.data, media_type=found.media_type)

    async def _put(self, request: Request, name: str) -> Response:
        if "content-type" in request.headers:
            raise Denied(403, "SignatureDoesNotMatch")
        self._objects[name] = _Object(await request.body(), taken=True)
        request.state.arrival.files = (("", name, len(self._objects[name].data)),)
        then = self._awaited.pop(name, None)
        return Response(background=BackgroundTask(then) if then else None)

    async def _post(self, request: Request) -> Response:
        if "authorization" in request.headers:
            raise Denied(400, "InvalidArgument")
        async with request.form() as form:
            parts = form.multi_items()
            sent = {name: value for name, value in parts if isinstance(value, str)}
            request.state.arrival.form = tuple((name, "***" if name == "x-amz-signature" else sent[name]) for name in sent)
            fields, upload = _in_order(parts)
            self._permit(fields)
            self._objects[fields["key"]] = _Object(await upload.read(), taken=True)
            request.state.arrival.files = (("file", upload.filename or "", upload.size or 0),)
        return Response(status_code=204)

    def _permit(self, fields: Mapping[str, str]) -> None:
        """Whether a form's fields are those of `expect_form`, and still good."""
        *signed, signature = (fields[name] for name in _FORM)
        if signature != self._signature("POST", fields["key"], *signed):
            raise Denied(403, "SignatureDoesNotMatch")
        if self.clock() > float(fields["policy"].removeprefix("policy-")):
            raise Denied(403, "AccessDenied")

    def _check(self, request: Request, name: str) -> None:
        if "authorization" in request.headers:
            raise Denied(400, "InvalidArgument")
        until, signature = request.query_params.get("X-Expires", ""), request.query_params.get("X-Signature", "")
        extra = request.url.query.rpartition("X-Expires=")[0].removesuffix("&")
        if signature != self._signature(request.method, name, until, *filter(None, (extra,))):
            raise Denied(403, "SignatureDoesNotMatch")
        if self.clock() > float(until):
            raise Denied(403, "AccessDenied")

    def _signed(self, method: str, name: str, query: str = "") -> str:
        until = self._until()
        signature = self._signature(method, name, until, *filter(None, (query,)))
        return f"{self.address(name)}?{query}{'&' if query else ''}X-Expires={until}&X-Signature={signature}"

    def _until(self) -> str:
        return f"{self.clock() + self.lifetime:.3f}"

    def _signature(self, *parts: str) -> str:
        return hmac.new(self._secret, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _in_order(parts: Sequence[tuple[str, str | UploadFile]]) -> tuple[Mapping[str, str], UploadFile]:
    """The fields of a form and its file, which is its last part: what comes after it permits nothing.

    The order of the fields among each other is of no meaning to storage.
    """
    names = [name for name, _ in parts]
    place = names.index("file") if "file" in names else len(parts)
    fields = {name: value for name, value in parts[:place] if isinstance(value, str)}
    if not set(_FORM) <= set(fields):
        raise Denied(403, "AccessDenied")
    upload = parts[place][1] if place < len(parts) else None
    if "key" not in fields or not isinstance(upload, UploadFile):
        raise Denied(400, "InvalidArgument")
    if place < len(parts) - 1:
        raise Denied(400, "MalformedPOSTRequest")
    return fields, upload


async def _denial(request: Request, error: Exception) -> Response:
    denied = error if isinstance(error, Denied) else Denied(500, "InternalError")
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{denied.code}</Code></Error>'
    return Response(body, denied.status, media_type="application/xml")
