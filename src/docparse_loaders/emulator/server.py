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
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from docparse_loaders.emulator.faults import App, Cut, Fault, FaultLayer, Receive, Scope, Script, Send
from docparse_loaders.emulator.journal import Arrival, Journal
from docparse_loaders.emulator.service import Clock, Parse, Seconds, Service
from docparse_loaders.errors import MissingExtra, UnknownVendor

if TYPE_CHECKING:
    from docparse_loaders.emulator.shelf import Shelf

WIRES: Mapping[str, str] = MappingProxyType(
    {name: f"docparse_loaders.emulator.{name}" for name in ("somark", "mineru", "paddleocr", "parse4ai", "scnet")}
)
"""Name → module of every vendor that can be emulated."""

INSTALL = 'pip install "docparse-loaders[emulator]"'
_NEEDED = ("starlette", "uvicorn", "python_multipart", "liteparse")


class Wire(Protocol):
    """What a vendor's module provides."""

    PREFIX: str

    def build(self, service: Service, journal: Journal, shelf: "Shelf", cut: Cut, **dialect: Any) -> App:
        """The vendor's service; documents and results that it does not hand out itself are on the shelf."""

    def environment(self, origin: str, service: Service, **dialect: Any) -> dict[str, str]:
        """The environment variables with which a client finds it."""


class Emulator:
    """A vendor's service on a loopback port, from `start` to `stop` or for the length of a `with` block.

    `port=0` takes any free one; the files that signed links lead to are on another one. `link_seconds` is how long such a
    link is good. The other settings are those of `Service`; `dialect` are the vendor's own (for SoMark: `case`, `first_idx`,
    `private`, `capitalised`). Nothing listens before `start`.
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
        link_seconds: float = 3600.0,
        **dialect: Any,
    ) -> None:
        self._wire = _wire(vendor)
        self.vendor = vendor
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
        self._servers: list[Any] = []
        self._running: list[Future[Any]] = []
        self._shelf = _shelf(clock, link_seconds)
        self._app = self._wire.build(self._service, self._journal, self._shelf, self._cut, **dialect)

    @property
    def keys(self) -> Sequence[str]:
        """The keys that it takes."""
        return self._service.keys

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return _origin(*self._address)

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

    @property
    def downloads(self) -> tuple[Arrival, ...]:
        """Everything that has arrived where files are kept."""
        return tuple(self._journal.downloads)

    def offer(self, name: str, data: bytes) -> str:
        """A signed link to a document, for a vendor that takes addresses; good for `link_seconds`, once it listens."""
        return self._shelf.offer(name, data)

    def start(self) -> Self:
        """Listen. Raises `OSError` if the port is taken."""
        from anyio.from_thread import start_blocking_portal

        host, port = self._address
        service = self._stack.enter_context(_listener(host, port))
        files = self._stack.enter_context(_listener(host, 0))
        self._address = (host, service.getsockname()[1])
        self._shelf.origin = _origin(host, files.getsockname()[1])
        self._portal = self._stack.enter_context(start_blocking_portal())
        self._stack.callback(self._halt)
        for app, listener in ((self._app, service), (self._files(), files)):
            server = _server(app)
            self._servers.append(server)
            self._running.append(self._portal.start_task_soon(server.serve, [listener]))
        return self

    def _files(self) -> App:
        """Where files are kept, with the faults that are meant for it."""
        service, script = self._service, Script(self._service.faults_of_files())
        app = self._shelf.app()
        return FaultLayer(app, script=script, journal=self._journal, clock=service.clock, cut=self._cut, files=True)

    def _halt(self) -> None:
        for server in self._servers:
            server.should_exit = True
            self._portal.call(_abort, server, None)
        for running in self._running:
            running.result()
        for server in self._servers:
            self._portal.call(_sweep, server)

    def stop(self) -> None:
        """Close every connection and the port, within a second."""
        self._stack.close()

    def wait(self, timeout: float | None = None) -> None:
        """Block until it is stopped, the time is up (in seconds) or the user interrupts."""
        wait(self._running, timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _cut(self, scope: Scope) -> None:
        for server in self._servers:
            _abort(server, scope)


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


def _shelf(clock: Clock, lifetime: float) -> "Shelf":
    from docparse_loaders.emulator.shelf import Shelf

    return Shelf(clock, lifetime)


def _origin(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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


async def _sweep(server: Any) -> None:
    """Cut what was accepted while the server closed: the server knows of it some turns of the loop later."""
    from anyio.lowlevel import checkpoint

    for _ in range(10):
        await checkpoint()
        _abort(server, None)


def _abort(server: Any, scope: Scope | None) -> None:
    """Cut the connection on which a request came, or all of them and what they wait for."""
    for connection in list(server.server_state.connections):
        if scope is None or connection.client == tuple(scope["client"]):
            connection.transport.abort()
    if scope is None:
        for task in list(server.server_state.tasks):
            task.cancel()
