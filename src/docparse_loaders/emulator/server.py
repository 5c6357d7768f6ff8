"""Runs an emulated vendor on a port of this machine, in a thread."""

import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, suppress
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self, cast

from docparse_loaders.emulator.faults import App, Cut, Fault, Receive, Scope, Send
from docparse_loaders.emulator.journal import Arrival, Journal
from docparse_loaders.emulator.service import Clock, Parse, Seconds, Service
from docparse_loaders.errors import MissingExtra, UnknownVendor

WIRES: Mapping[str, str] = MappingProxyType({"somark": "docparse_loaders.emulator.somark"})
"""Name → module of every vendor that can be emulated."""

INSTALL = 'pip install "docparse-loaders[emulator]"'
_NEEDED = ("starlette", "uvicorn", "python_multipart", "liteparse")


class Wire(Protocol):
    """What a vendor's module provides."""

    PREFIX: str

    def build(self, service: Service, journal: Journal, cut: Cut, **dialect: Any) -> App:
        """The vendor's service."""

    def environment(self, origin: str, service: Service, **dialect: Any) -> dict[str, str]:
        """The environment variables with which a client finds it."""


class Emulator:
    """A vendor's service on a loopback port, from `start` to `stop` or for the length of a `with` block.

    `port=0` takes any free one. The other settings are those of `Service`; `dialect` are the vendor's own (for SoMark:
    `case`, `first_idx`, `private`, `capitalised`). Nothing listens before `start`.
    Raises `UnknownVendor`, `UnknownOption` for an unknown setting, and `MissingExtra` if the extra is not installed.
    """

    def __init__(
        self,
        vendor: str = "somark",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Sequence[str] = ("sk-emulator",),
        queue_seconds: Seconds = 0.0,
        work_seconds: Seconds = 0.0,
        max_bytes: int | None = None,
        max_pages: int | None = None,
        qps: int | None = None,
        faults: Iterable[Fault | None] = (),
        parse: Parse | None = None,
        clock: Clock = time.monotonic,
        **dialect: Any,
    ) -> None:
        self._wire = _wire(vendor)
        self._service = Service(
            keys=keys,
            queue_seconds=queue_seconds,
            work_seconds=work_seconds,
            max_bytes=max_bytes,
            max_pages=max_pages,
            qps=qps,
            faults=faults,
            parse=parse,
            clock=clock,
        )
        self._dialect = dialect
        self._journal = Journal()
        self._address = (host, port)
        self._stack = ExitStack()
        self._abort: Callable[[Scope | None], None] = _nothing
        self._running: Future[Any] | None = None
        self._app = self._wire.build(self._service, self._journal, self._cut, **dialect)

    @property
    def keys(self) -> Sequence[str]:
        """The keys that it takes."""
        return self._service.keys

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def base_url(self) -> str:
        """What a client is given as its `base_url`."""
        return self.origin + self._wire.PREFIX

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which a client finds it."""
        return self._wire.environment(self.origin, self._service, **self._dialect)

    @property
    def requests(self) -> tuple[Arrival, ...]:
        """Everything that has arrived so far."""
        return tuple(self._journal.requests)

    @property
    def submits(self) -> int:
        """How many jobs were taken; a vendor would bill each."""
        return self._journal.submits

    def start(self) -> Self:
        """Listen. Raises `OSError` if the port is taken."""
        from anyio.from_thread import start_blocking_portal

        listener = self._stack.enter_context(_listener(*self._address))
        self._address = (self._address[0], listener.getsockname()[1])
        portal = self._stack.enter_context(start_blocking_portal())
        server = _server(self._app)
        self._abort = lambda scope: _abort(server, scope)
        self._running = running = portal.start_task_soon(server.serve, [listener])

        def halt() -> None:
            server.should_exit = True
            portal.call(self._abort, None)
            running.result()

        self._stack.callback(halt)
        return self

    def stop(self) -> None:
        """Close every connection and the port, within a second."""
        self._stack.close()

    def wait(self, timeout: float | None = None) -> None:
        """Block until it is stopped, the time is up (in seconds) or the user interrupts."""
        if self._running is not None:
            wait([self._running], timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _cut(self, scope: Scope) -> None:
        self._abort(scope)


def serve(
    vendor: str = "somark",
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    ready: Callable[[Emulator], None] | None = None,
    **settings: Any,
) -> None:
    """Run an emulator until the user interrupts; `ready` is called with it as soon as it listens."""
    with Emulator(vendor, host=host, port=port, **settings) as emulator, suppress(KeyboardInterrupt):
        if ready is not None:
            ready(emulator)
        emulator.wait()


def _wire(vendor: str) -> Wire:
    if vendor not in WIRES:
        raise UnknownVendor(f"there is no emulator of {vendor!r}.", hint=f"There is one of: {', '.join(WIRES)}.")
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"the emulator needs {', '.join(missing)}.", hint=f"Install it: {INSTALL}")
    return cast("Wire", import_module(WIRES[vendor]))


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it, every answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _server(app: App) -> Any:
    import uvicorn

    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False}
    plain: dict[str, Any] = {"http": "h11", "ws": "none", "lifespan": "off", "proxy_headers": False}
    return uvicorn.Server(uvicorn.Config(cast("Any", _stoppable(app)), **plain, **quiet))


def _stoppable(app: App) -> App:
    from anyio import get_cancelled_exc_class

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        # A request that `stop` cuts off ends here; uvicorn would report it as a failure of the application.
        with suppress(get_cancelled_exc_class()):
            await app(scope, receive, send)

    return run


def _abort(server: Any, scope: Scope | None) -> None:
    """Cut the connection on which a request came, or all of them and what they wait for."""
    for connection in list(server.server_state.connections):
        if scope is None or connection.client == tuple(scope["client"]):
            connection.transport.abort()
    if scope is None:
        for task in list(server.server_state.tasks):
            task.cancel()


def _nothing(scope: Scope | None) -> None:
    """Cut nothing, as nothing listens yet."""
