"""What arrived at the emulator, for tests that count requests and look for keys where none belong."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

MASK = "***"


@dataclass(slots=True)
class Arrival:
    """One request. `headers` are names only; `form` has the text fields in order, with secrets masked; `files` name and size.

    `form` and `files` stay empty if the body was not read, as after `drop_before`.
    """

    method: str
    path: str
    at: float
    headers: tuple[str, ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str, int], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all parts of the form: text fields first, then files."""
        return tuple(name for name, _ in self.form) + tuple(name for name, _, _ in self.files)

    def mask(self, fields: Iterable[tuple[str, str]], secret: str) -> None:
        """Keep the text fields without the value of the one called `secret`."""
        self.form = tuple((name, MASK if name == secret else value) for name, value in fields)


@dataclass(slots=True)
class Journal:
    """All requests in the order of their arrival, and how many jobs were taken (each would be billed).

    `requests` went to the service, `downloads` to where the files behind signed links are kept (uploads among them).
    """

    requests: list[Arrival] = field(default_factory=list)
    downloads: list[Arrival] = field(default_factory=list)
    submits: int = 0

    def arrive(self, scope: MutableMapping[str, Any], at: float, *, files: bool = False) -> Arrival:
        """Write down a request as soon as its head is there."""
        names = tuple(name.decode("latin-1") for name, _ in scope["headers"])
        arrival = Arrival(scope["method"], scope["path"], at, names)
        (self.downloads if files else self.requests).append(arrival)
        return arrival
