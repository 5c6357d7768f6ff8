"""An environment for processes that stand for a newcomer's: no keys, no settings, and no way out of this machine."""

import os
from pathlib import Path

_GUARD = """
import socket

_connect, _resolve = socket.socket.connect, socket.getaddrinfo


def _check(host):
    if host not in ("127.0.0.1", "::1", "localhost", b"127.0.0.1", b"::1", b"localhost"):
        raise RuntimeError(f"this test must stay on this machine, not reach {host!r}")


def connect(self, address):
    if self.family != getattr(socket, "AF_UNIX", None):
        _check(address[0])
    return _connect(self, address)


def resolve(host, *rest, **more):
    _check(host)
    return _resolve(host, *rest, **more)


socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo = connect, connect, resolve
"""
_KEPT = ("PATH", "LANG", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


def environment(folder: Path) -> dict[str, str]:
    """Variables for `subprocess`: `folder` is the home; any connection that is not to loopback raises RuntimeError."""
    guard = folder / "guard"
    guard.mkdir(exist_ok=True)
    (guard / "sitecustomize.py").write_text(_GUARD, encoding="utf-8")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"HOME": str(folder), "PYTHONPATH": str(guard), "PYTHONUTF8": "1"}
