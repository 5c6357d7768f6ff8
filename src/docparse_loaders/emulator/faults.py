"""Faults on demand: what a vendor, its gateway or the network in between does on a bad day."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from docparse_loaders.emulator.journal import Journal
from docparse_loaders.errors import ConfigError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Cut = Callable[[Scope], None]
Fate = Literal["unknown_status", "never", "failed"]

_KIND = re.compile(r"[45]\d\d|html|drop_before|drop_after|code:[\w-]+|unknown_status|never|failed(?::[\w-]+)?")
_FATES = frozenset({"unknown_status", "never", "failed"})
FILES = "files"
_PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong `times` times on the requests whose path ends in `on`.

    "*" is every path of the service, and "files" every request for a file behind a signed link.

    `kind` is one of
    - an HTTP status, such as "503" or "429", with `retry_after` seconds as its Retry-After header;
    - "html": a page for people, with status 200;
    - "drop_before": the connection is closed before the body is read; "drop_after": the request takes effect, and the
      connection is closed without an answer;
    - "code:1124": the vendor's own error code;
    - "unknown_status", "never", "failed": the job shows a status that no document names, never ends, or fails. On a
      submit this is the fate of the job; on a poll, of that one answer;
    - "failed:1106": the job fails with that code of the vendor's.

    Raises `ConfigError` for another kind.
    """

    on: str
    kind: str
    times: int = 1
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ConfigError(f"there is no fault {self.kind!r}.", hint="See the docstring of Fault for the kinds.")

    @property
    def code(self) -> str | None:
        """The vendor's error code to answer with."""
        return self.kind[5:] if self.kind.startswith("code:") else None

    @property
    def fate(self) -> Fate | None:
        """What becomes of the job, if this fault is about a job."""
        word = self.kind.partition(":")[0]
        return cast("Fate", word) if word in _FATES else None

    @property
    def failure(self) -> str | None:
        """The vendor's code with which the job fails; None if it fails without one, or does not fail."""
        return self.kind[7:] if self.kind.startswith("failed:") else None

    def fits(self, path: str) -> bool:
        """Whether this fault is meant for a request to `path`."""
        return self.on == "*" or path.endswith(f"/{self.on.lstrip('/')}")


class Script:
    """The faults to come.

    Of a sequence, the first that fits a request is used. Of an iterator, one more is drawn at every request (None: nothing
    new), so that it may be endless.
    """

    def __init__(self, faults: Iterable[Fault | None] = ()) -> None:
        whole = isinstance(faults, Sequence)
        self._waiting = [fault for fault in faults if fault is not None] if whole else []
        self._coming: Iterator[Fault | None] = iter(()) if whole else iter(faults)

    def take(self, path: str) -> Fault | None:
        """The fault of a request to `path`, counted as used."""
        drawn = next(self._coming, None)
        if drawn is not None:
            self._waiting.append(drawn)
        for position, fault in enumerate(self._waiting):
            if fault.fits(path):
                self._waiting[position : position + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None


class FaultLayer:
    """ASGI middleware around any vendor: keeps the journal and plays the faults that are no vendor's own.

    Those of a vendor are left in `request.state.fault` for its routes; `request.state.arrival` is the journal's entry. With
    `files` it stands before the files that signed links lead to.
    """

    def __init__(
        self, app: App, *, script: Script, journal: Journal, clock: Callable[[], float], cut: Cut, files: bool = False
    ) -> None:
        self._app = app
        self._script = script
        self._journal = journal
        self._clock = clock
        self._cut = cut
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or spoil it."""
        fault = self._script.take(f"/{FILES}" if self._files else scope["path"])
        arrival = self._journal.arrive(scope, self._clock(), files=self._files)
        inner = {**scope, "state": {**scope.get("state", {}), "fault": fault, "arrival": arrival}}
        match fault.kind if fault else "":
            case "drop_before":
                await self._hang_up(scope, receive)
            case "drop_after":
                await self._app(inner, receive, _unsent)
                await self._hang_up(scope, receive)
            case kind if fault is not None and (kind == "html" or kind.isdecimal()):
                await _answer(fault, receive, send)
            case _:
                await self._app(inner, receive, send)

    async def _hang_up(self, scope: Scope, receive: Receive) -> None:
        self._cut(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


def reset(scope: Scope) -> None:
    """Stand for a cut connection where there is none, as in an in-process transport."""
    raise ConnectionResetError(f"The emulator closed the connection of {scope['path']}.")


async def _unsent(message: Message) -> None:
    """Lose an answer."""


async def _answer(fault: Fault, receive: Receive, send: Send) -> None:
    # The body is read first: an early answer would race with a client that is still uploading.
    while (await receive()).get("more_body"):
        pass
    page = fault.kind == "html"
    body = _PAGE if page else b"unavailable"
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if page else b"text/plain"),
        (b"content-length", b"%d" % len(body)),
    ]
    if fault.retry_after is not None:
        headers.append((b"retry-after", f"{fault.retry_after:g}".encode()))
    await send({"type": "http.response.start", "status": 200 if page else int(fault.kind), "headers": headers})
    await send({"type": "http.response.body", "body": body})
