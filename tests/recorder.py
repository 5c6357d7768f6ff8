"""What this process really does with sockets, as the interpreter's own audit events tell it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Recorder:
    """The addresses to which a socket was connected or a datagram sent, while `on`."""

    def __init__(self) -> None:
        self.on = False
        self.dialled: list[object] = []
        sys.addaudithook(self._heard)  # there is no taking it away again, hence the switch

    def _heard(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            self.dialled.append(args[1:])


@contextmanager
def recording(recorder: Recorder) -> Iterator[list[object]]:
    """What is dialled inside the block."""
    recorder.dialled = []
    recorder.on = True
    try:
        yield recorder.dialled
    finally:
        recorder.on = False
