"""Work in a process of its own: what a peer loads, patches or leaves behind does not meet the next, and it can be given up."""

import multiprocessing
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, NamedTuple

FORK = multiprocessing.get_context("fork")


class Ended(NamedTuple):
    """How the work ended: its `value`, or an `error` in words ("" if there is none)."""

    value: Any
    error: str = ""


def apart(work: Callable[[], Any], limit: float) -> Ended:
    """Do the work in a fork of this process and wait `limit` seconds for it."""
    return Apart(work).ended(limit)


def side_by_side(works: Sequence[Callable[[], Any]], limit: float, at_once: int) -> Iterator[Ended]:
    """Do all of them, so many at a time; what they ended with, in order."""
    waiting = deque[Apart]()
    for work in works:
        if len(waiting) == at_once:
            yield waiting.popleft().ended(limit)
        waiting.append(Apart(work))
    yield from (one.ended(limit) for one in waiting)


class Apart:
    """Work that has begun in a fork."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._begun = monotonic()
        self._here, there = FORK.Pipe(duplex=False)
        self._child = FORK.Process(target=_answer, args=(work, there))
        self._child.start()
        there.close()

    def kill(self) -> None:
        """End it, as if the power failed."""
        self._child.kill()
        self._child.join()
        self._here.close()

    def ended(self, limit: float) -> Ended:
        """What came of it within `limit` seconds of its beginning."""
        left = max(0.0, self._begun + limit - monotonic())
        try:
            ended = self._here.recv() if self._here.poll(left) else Ended(None, f"not finished after {limit:g} s")
        except EOFError:
            ended = Ended(None, "its process ended without a word")
        self.kill()
        return ended


def _answer(work: Callable[[], Any], pipe: Connection) -> None:
    try:
        pipe.send(Ended(work()))
    except BaseException as error:  # noqa: BLE001  (whatever a stranger raises is the finding)
        traceback.print_exc()
        pipe.send(Ended(None, f"{type(error).__name__}: {error}"))
