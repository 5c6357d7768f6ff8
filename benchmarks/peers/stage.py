"""A vendor's emulator in a process of its own, with or without a gateway that spoils requests, and what it saw."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from peers.apart import FORK

sys.path.append(str(Path(__file__).parent.parent.parent / "tests"))

from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import SourceError
from docparse_loaders.model import Page
from faults.scene import document, pages_of
from gateway import Gateway, Request, Twist, Twister

__all__ = ["Address", "Seen", "Stage", "document", "staged"]

BAD = "bad"
"""How the name of a file begins that the vendor cannot parse."""
SHEETS = 3
SYNC = "/parse/sync"
"""A submit whose answer is the result."""
_IDS = re.compile(rb'"(?:task_id|batch_id|job_id|jobId|taskId)": ?"([^"]+)"')


class Address(NamedTuple):
    """Where a client finds the vendor, and how many seconds it should wait for an answer (None: its default)."""

    base_url: str
    origin: str
    key: str
    patience: float | None = None


class Seen(NamedTuple):
    """What arrived: requests by what they are for, how often each file was billed, and the ids that were handed out."""

    requests: dict[str, int]
    bills: dict[str, int]
    ids: list[str]


@dataclass
class Vendor:
    """Inside of the process: reads files, and writes down who is billed for what."""

    bills: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)

    def parse(self, data: bytes) -> list[Page]:
        """Three pages, at once; a bad file fails."""
        name = data.rsplit(b"\n", 1)[-1].decode("latin-1")
        self.bills[name] += 1
        if name.startswith(BAD):
            raise SourceError("it cannot be read.")
        return pages_of(data)

    def hearing(self, twister: Twister | None) -> Twister:
        """The same twists, with the ids noted that a submit is answered with."""

        def twist(request: Request) -> Twist | None:
            found = (twister(request) if twister else None) or Twist()
            return replace(found, change=self._noting(found.change)) if request.phase == "submit" else found

        return twist

    def _noting(self, change: Callable[[bytes], bytes] | None) -> Callable[[bytes], bytes]:
        def changed(raw: bytes) -> bytes:
            self.ids += [one.decode() for one in _IDS.findall(raw)]
            return change(raw) if change else raw

        return changed


class Stage:
    """The outside of the process."""

    def __init__(self, address: Address, pipe: Connection) -> None:
        self.address, self._pipe = address, pipe

    def seen(self) -> Seen:
        """What has arrived so far."""
        self._pipe.send("seen")
        found: Seen = self._pipe.recv()
        return found


@contextmanager
def staged(vendor: str, twist: Twister | None = None, patience: float | None = None, **settings: Any) -> Iterator[Stage]:
    """A vendor that listens, until the block ends. With a `twist` (or `gateway=True`) a gateway stands before it."""
    here, there = FORK.Pipe()
    child = FORK.Process(target=_play, args=(vendor, twist, settings, there))
    child.start()
    there.close()
    try:
        base_url, origin, key = here.recv()
        yield Stage(Address(base_url, origin, key, patience), here)
    finally:
        child.kill()
        child.join()
        here.close()


def _play(vendor: str, twist: Twister | None, settings: dict[str, Any], pipe: Connection) -> None:
    inside, gated = Vendor(), settings.pop("gateway", False) or twist is not None
    with ExitStack() as stack:
        emulator = stack.enter_context(Emulator(vendor, **{"parse": inside.parse, **settings}))
        front = stack.enter_context(Gateway(emulator, inside.hearing(twist))) if gated else emulator
        pipe.send((front.base_url, front.origin, emulator.keys[0]))
        while True:
            try:
                pipe.recv()
            except EOFError:
                return
            pipe.send(Seen(_phases(emulator), dict(inside.bills), inside.ids))


def _phases(emulator: Emulator) -> dict[str, int]:
    arrived = [Request(one.method, one.path, False, b"") for one in emulator.requests]
    arrived += [Request(one.method, one.path, True, b"") for one in emulator.downloads]
    return dict(Counter("submit" if request.path.endswith(SYNC) else request.phase for request in arrived))
