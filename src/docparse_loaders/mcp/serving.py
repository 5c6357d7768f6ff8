"""A server on the ways by which clients reach it: the pipes of the process that started it, or HTTP."""

import socket
from collections.abc import Callable, Sequence
from functools import partial

import anyio
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from docparse_loaders.errors import ConfigError, MissingExtra
from docparse_loaders.mcp.server import server_of
from docparse_loaders.toolbox import DocumentLibrary

PATH = "/mcp"
_HERE = ("127.0.0.1", "localhost", "[::1]")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve_stdio(library: DocumentLibrary) -> None:
    """Serve the process that holds the other end of stdin and stdout, until it closes them.

    Nothing but the protocol goes to stdout: what anything else writes there meanwhile goes to stderr.
    """
    anyio.run(_stdio, library)


async def _stdio(library: DocumentLibrary) -> None:
    server = server_of(library)
    async with stdio_server() as (reads, writes):
        await server.run(reads, writes, server.create_initialization_options())


def serve_http(
    library: DocumentLibrary,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    allowed_hosts: Sequence[str] = (),
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve streamable HTTP at `/mcp` until interrupted; `started` hears the address. Port 0 takes any free one.

    There is no login and no encryption. On loopback, requests are refused whose Host or Origin is another one's, as those of a
    web page that rebinds its name would be. Beyond loopback, `allowed_hosts` must say under which names (`name` or `name:port`)
    the server is reached. Raises `ConfigError` if it does not, or the port cannot be used.
    """
    security = _security(host, allowed_hosts)
    with _bound(host, port) as bound:
        place = f"[{host}]" if ":" in host else host
        address = f"http://{place}:{bound.getsockname()[1]}{PATH}"
        anyio.run(partial(_http, library, host, security, bound, partial(started, address) if started else None))


def _security(host: str, allowed: Sequence[str]) -> TransportSecuritySettings:
    if host not in _LOOPBACK and not allowed:
        hint = "Name the hosts by which clients reach it (allowed_hosts, --allow-host), and put a login in front of it."
        raise ConfigError(f"at {host} everybody who reaches the port could read the documents.", hint=hint)
    names = [*_HERE, *allowed] if host in _LOOPBACK else list(allowed)
    hosts = [form for name in names for form in ((name,) if _has_port(name) else (name, f"{name}:*"))]
    origins = [f"{scheme}://{name}" for name in hosts for scheme in ("http", "https")]
    return TransportSecuritySettings(enable_dns_rebinding_protection=True, allowed_hosts=hosts, allowed_origins=origins)


def _has_port(name: str) -> bool:
    return ":" in name.rpartition("]")[2]


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        hint = "Take another port, or 0 for a free one."
        raise ConfigError(f"{host} port {port} cannot be used: {error.strerror}.", hint=hint) from None


async def _http(
    library: DocumentLibrary,
    host: str,
    security: TransportSecuritySettings,
    bound: socket.socket,
    started: Callable[[], None] | None,
) -> None:
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtra("HTTP needs uvicorn.", hint='Install it: pip install "docparse-loaders[mcp]"') from error
    app = server_of(library).streamable_http_app(streamable_http_path=PATH, transport_security=security, host=host)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2))
    if started is not None:
        started()
    await server.serve(sockets=[bound])
