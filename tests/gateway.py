"""What stands between a client and an emulated vendor on a bad day: every byte passes it, and it may spoil any of them."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from anyio.from_thread import start_blocking_portal

from docparse_loaders.emulator import Emulator

Phase = Literal["submit", "upload", "poll", "result", "permit"]
PHASES: tuple[Phase, ...] = ("submit", "upload", "poll", "result")
HOST = "127.0.0.1"
HTML = b"<!DOCTYPE html><html><body><h1>We will be back soon</h1></body></html>"
_SUBMITS = re.compile(r"/(parse/async|file-urls/batch|extract/task(/batch)?|extract(/batch)?|ocr/jobs|ocrdoc/submit)$")


@dataclass(frozen=True)
class Request:
    """The head of a request; `files` if it goes to where files are kept. `sent` and `received` are known when it is over."""

    method: str
    path: str
    files: bool
    head: bytes = field(repr=False)

    @property
    def phase(self) -> Phase:
        """What it is for. A vendor that hands its results out inline has no request for them."""
        if self.files:
            return "result" if self.method == "GET" else "upload"
        path = self.path.partition("?")[0]
        if path.endswith("/presign"):
            return "permit"
        return "submit" if self.method == "POST" and _SUBMITS.search(path) else "poll"


@dataclass(frozen=True)
class Twist:
    """What happens to one request or to its answer.

    `sent`: only so many bytes of the request get through; `received`: only so many of the answer, after which the connection
    ends. `instead` answers without the vendor, `change` alters its whole answer, head and all. `held` is how many seconds late
    an answer comes, `drip` how many pass between two bytes of its body.
    """

    sent: int | None = None
    received: int | None = None
    instead: bytes | None = None
    change: Callable[[bytes], bytes] | None = None
    held: float = 0.0
    drip: float = 0.0


Twister = Callable[[Request], Twist | None]


@dataclass
class Passed:
    """A request that passed: when by the monotonic clock, and how many bytes it and its answer had."""

    request: Request
    at: float
    sent: int = 0
    received: int = 0


def answer(status: str, body: bytes = b"no", headers: str = "") -> bytes:
    """A whole answer as bytes."""
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n{headers}\r\n".encode() + body


def unsized(raw: bytes, keep: Callable[[bytes], bytes] = bytes) -> bytes:
    """An answer without its length, so that only the end of the connection ends it; `keep` is what becomes of its body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length", b"connection"))]
    return b"\r\n".join([*lines, b"connection: close", b"", b""]) + keep(body)


def resized(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An answer with another body, and the length of that."""
    head, _, body = raw.partition(b"\r\n\r\n")
    body = change(body)
    return re.sub(rb"(?i)content-length: *\d+", b"content-length: %d" % len(body), head) + b"\r\n\r\n" + body


def once(phase: Phase, twist: Twist, times: int = 1) -> Twister:
    """The twist for the first requests of a phase."""
    left = times

    def twister(request: Request) -> Twist | None:
        nonlocal left
        if request.phase != phase or left == 0:
            return None
        left -= 1
        return twist

    return twister


class Gateway:
    """Two ports of this machine, before a running emulator's two. Links to its files lead through here, too."""

    def __init__(self, emulator: Emulator, twist: Twister | None = None) -> None:
        self.passed: list[Passed] = []
        self.open = 0
        self.most_open = 0
        self._emulator = emulator
        self._twist = twist or (lambda _: None)
        self._stack = ExitStack()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        """What a client is given as its `base_url`."""
        return self._emulator.base_url.replace(self._emulator.origin, self.origin)

    def of(self, phase: Phase) -> list[Passed]:
        """What passed in a phase."""
        return [passed for passed in self.passed if passed.request.phase == phase]

    def __enter__(self) -> Self:
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._servers: list[asyncio.Server] = []
        self._stack.callback(lambda: self._portal.call(self._close))
        self.origin = self._portal.call(self._listen, self._emulator.origin, False)
        self.files = self._portal.call(self._listen, self._emulator._shelf.origin, True)
        self._emulator._shelf.origin = self.files
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    async def _listen(self, target: str, files: bool) -> str:
        port = int(target.rpartition(":")[2])

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, port, files)

        server = await asyncio.start_server(serve, HOST, 0, backlog=1024)
        self._servers.append(server)
        return f"http://{HOST}:{server.sockets[0].getsockname()[1]}"

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        # What was accepted a moment ago begins only now; and a connection takes a turn of the loop to close.
        for _ in range(10):
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, files: bool) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._exchange(reader, writer, port, files)
                writer.close()
        finally:
            self.open -= 1
            writer.transport.abort() if not writer.is_closing() else None
            self._tasks.discard(task)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, files: bool) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path = head.decode("latin-1").split(" ", 2)[:2]
        passed = Passed(Request(method, path, files, head), time.monotonic())
        self.passed.append(passed)
        twist = self._twist(passed.request) or Twist()
        raw = await _received(reader, head, twist.sent)
        passed.sent = len(raw)
        if twist.instead is None:
            answered = await _forwarded(port, raw, whole=twist.sent is None)
        else:
            answered = twist.instead
        passed.received = len(answered)
        await asyncio.sleep(twist.held)
        await _spoken(writer, twist.change(answered) if twist.change else answered, twist)


async def _received(reader: asyncio.StreamReader, head: bytes, limit: int | None) -> bytes:
    """The request with its body, or its first `limit` bytes."""
    lower = head.lower()
    if limit is not None and limit <= len(head):
        return head[:limit]
    if b"transfer-encoding: chunked" in lower:
        whole = head + await reader.readuntil(b"0\r\n\r\n")
        return whole if limit is None else whole[:limit]
    found = re.search(rb"content-length: *(\d+)", lower)
    size = int(found[1]) if found else 0
    return head + await reader.readexactly(size if limit is None else min(size, limit - len(head)))


async def _forwarded(port: int, raw: bytes, *, whole: bool) -> bytes:
    """The vendor's answer; none if it does not get the whole request."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        first, rest = raw.partition(b"\r\n")[0], raw.partition(b"\r\n")[2]
        kept = re.sub(rb"(?im)^connection: *[^\r]*\r\n", b"", rest, count=1) if whole else rest
        writer.write(b"\r\n".join([first, b"connection: close", kept]) if whole else raw)
        await writer.drain()
        return await reader.read() if whole else b""
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _spoken(writer: asyncio.StreamWriter, raw: bytes, twist: Twist) -> None:
    if not twist.drip:
        writer.write(raw if twist.received is None else raw[: twist.received])
        await writer.drain()
        return
    head, _, body = raw.partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n")
    for byte in body:
        await asyncio.sleep(twist.drip)
        writer.write(bytes([byte]))
        await writer.drain()
