"""Small servers on loopback that tests need beside the emulator: one that hands out files, one that takes callbacks."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Visits:
    """Where it listens, and what was asked of it: bodies of POSTs, paths of GETs."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(files: Mapping[str, bytes] | None = None, *, refuse: int = 0) -> Iterator[Visits]:
    """Listen until the block ends; the first `refuse` POSTs are answered with 500, the others with 200."""
    visits = Visits()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.paths.append(self.path)
            found = (files or {}).get(self.path.partition("?")[0].lstrip("/"))
            self._answer(404 if found is None else 200, found or b"")

        def do_POST(self) -> None:
            visits.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            refused = len(visits.bodies) <= refuse
            self._answer(500 if refused else 200, b"")
            if not refused:
                visits.came.set()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    visits.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield visits
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
