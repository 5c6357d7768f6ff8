"""What is told of one input on its way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from docparse_loaders.errors import DocParseError

State = Literal["waiting", "sent", "parsing", "done", "kept", "failed"]
FINAL: frozenset[State] = frozenset({"done", "kept", "failed"})
"""Each input has exactly one event with one of these, and none after it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to one input of a call.

    `source` is its path or address and `number` its place among the inputs, from 1. `state` goes from "waiting" (read, and not
    sent yet) over "sent" and "parsing" (the vendor told of it, or works on this machine) to "done", "kept" (the result was in
    the job store) or "failed", and never back; `status` is the vendor's own word. `pages_done` and `pages_total` are of this
    input; `pages_total` is None until the file or the vendor tells it.

    `files_done` and `files_total` are of the whole call; `files_total` is None while an iterator may have more to give.
    `seconds` have passed since the call began; `seconds_left` is an estimate until all are done, None while nothing tells it.
    `error` is that of an input that failed.
    """

    source: str
    state: State
    status: str = ""
    pages_done: int = 0
    pages_total: int | None = None
    files_done: int = 0
    files_total: int | None = None
    seconds: float = 0.0
    seconds_left: float | None = None
    error: DocParseError | None = None
    number: int = 1

    @property
    def final(self) -> bool:
        """Whether this is the last that is told of this input."""
        return self.state in FINAL


Listener = Callable[[Event], object]
"""What `on_event` takes; what it returns is not looked at."""
