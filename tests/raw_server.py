"""A server made of bytes: it records what arrives and answers exactly what a test wants, or breaks off."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Speak = Callable[["Arrived", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Arrived:
    """One request as it came."""

    head: bytes
    body: bytes
    complete: bool


@dataclass
class RawServer:
    """Where it listens, and what it received."""

    url: str = ""
    requests: list[Arrived] = field(default_factory=list)


def answering(*answers: bytes, status: str = "200 OK", headers: str = "") -> Speak:
    """Answer each request with the next body, the last one again and again."""
    left = list(answers)

    async def speak(_: Arrived, writer: asyncio.StreamWriter) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body)
        await writer.drain()

    return speak


@asynccontextmanager
async def serving(speak: Speak) -> AsyncIterator[RawServer]:
    """Listen on loopback until the block ends."""
    server = RawServer()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            arrived = await _read(reader)
            if arrived is not None:
                server.requests.append(arrived)
                await speak(arrived, writer)
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/api/v1"
    try:
        yield server
    finally:
        listener.close()


async def _read(reader: asyncio.StreamReader) -> Arrived | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = next(
        (int(v) for n, _, v in (line.partition(b":") for line in head.lower().split(b"\r\n")) if n == b"content-length"), 0
    )
    try:
        return Arrived(head, await reader.readexactly(length), complete=True)
    except asyncio.IncompleteReadError as cut:
        return Arrived(head, cut.partial, complete=False)
