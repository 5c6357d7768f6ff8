"""The words for work that no vendor's own code can do here: a program run beside this process, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from pydantic import JsonValue

FOLDER = "{folder}"
"""In an argument: the program's folder as a `file:` address."""
MOST_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run in an empty folder of its own, which is deleted afterwards.

    `names` are commands or paths, the first that exists is taken. `files` (relative path → bytes) are put into the folder
    first; `result` is the file in it that holds the result. After `seconds` the program is ended, with all it has started.
    """

    names: tuple[str, ...]
    arguments: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)
    result: str
    seconds: float
    environment: Mapping[str, str] = field(default_factory=dict)


Fault = Literal["", "missing", "timeout", "failed"]


class Ran(NamedTuple):
    """The bytes of a program's result, or the `fault` for which there are none, with its last words as `message`."""

    data: bytes = b""
    fault: Fault = ""
    message: str = ""


class Tools(Protocol):
    """What the engine hands to `InProcess` work for its use."""

    def run(self, program: Program) -> Ran:
        """Run a program and wait for it."""

    def apart(self, function: str, data: bytes, options: JsonValue, seconds: float) -> Ran:
        """Call `module:name`, as `InProcess` does, in an interpreter of its own; the result is the JSON that it returns."""
