"""Two hosts at one IP address: each is spoken to over a connection of its own, and only if its certificate is its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from certificates import Authority
from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Call, Effect, Foreign

pytestmark = pytest.mark.anyio
SOURCE = Source.of(b"%PDF-1.4 x", name="a.pdf")
HOSTS = ("one.test", "two.test")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.trusted))
    return made


@dataclass
class Keeper:
    """A server that keeps its connections open: how many there were, and which hosts were asked for on each."""

    port: int = 0
    hosts: list[list[bytes]] = field(default_factory=list)


@asynccontextmanager
async def keeping(context: ssl.SSLContext) -> AsyncIterator[Keeper]:
    keeper = Keeper()
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: list[bytes] = []
        keeper.hosts.append(asked)
        writers.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.append(next(line[6:] for line in head.split(b"\r\n") if line.lower().startswith(b"host:")))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: mine=1\r\n\r\nok")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    keeper.port = listener.sockets[0].getsockname()[1]
    try:
        yield keeper
    finally:
        listener.close()
        for writer in writers:
            writer.close()


async def _loopback(host: str, port: int) -> Collection[str]:
    return ["127.0.0.1"]


def _call(host: str, port: int) -> Call:
    return Call(Effect.READ, "GET", Foreign(f"https://{host}:{port}/a"), expect="blob")


def _transport() -> Transport:
    return Transport(Endpoint("https://api.test", trusted_hosts=HOSTS), Policy(), resolve=_loopback)


async def test_a_host_is_not_served_over_the_connection_of_another(authority: Authority) -> None:
    async with keeping(authority.server("one.test")) as keeper, _transport() as transport:
        assert (await transport.perform(_call("one.test", keeper.port), SOURCE)).status == 200
        with pytest.raises(errors.EndpointUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await transport.perform(_call("two.test", keeper.port), SOURCE)
    assert [host for asked in keeper.hosts for host in asked] == [f"one.test:{keeper.port}".encode()]


async def test_a_host_keeps_its_own_connection(authority: Authority) -> None:
    async with keeping(authority.server("one.test")) as keeper, _transport() as transport:
        for _ in range(3):
            assert (await transport.perform(_call("one.test", keeper.port), SOURCE)).status == 200
    assert keeper.hosts == [[f"one.test:{keeper.port}".encode()] * 3]
