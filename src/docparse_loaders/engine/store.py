"""What the engine wants of a job store: one job for one document, its state as it goes, and its result when it is done.

A key stands for one file's content, vendor, options and pages. Who wants to work on a key claims it; whoever else wants
the same waits for the result. Here with a store in memory; `jobstore.JobStore` keeps all this in a file.
"""

import secrets
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from docparse_loaders.errors import ConfigError
from docparse_loaders.vendors.protocol import Payload

if TYPE_CHECKING:
    from docparse_loaders.engine.jobstore import StoredJob


@dataclass(frozen=True, slots=True)
class About:
    """What a person wants to know of a job in a list; no secrets, and nothing that the engine needs."""

    vendor: str = ""
    origin: str = ""
    source: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is ours to work on until it is finished, forgotten or released.

    `token` tells how far it came before; `done` that it was finished once and only its result is not here any more.
    """

    key: str
    holder: str
    token: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that is done already, and its raw result."""

    payload: Payload = field(repr=False)
    token: str | None = field(default=None, repr=False)


@runtime_checkable
class Store(Protocol):
    """Where jobs and results outlive a run. All methods may raise `StoreError`."""

    def kept_open(self) -> AbstractAsyncContextManager[None]:
        """Hold on to files or connections for the time of many jobs."""

    async def claim(self, key: str, about: About) -> Claim | Finished | None:
        """The job as ours, or its result; None while somebody else is at work on it."""

    async def save(self, claim: Claim, token: str) -> None:
        """Remember a job's state; called before every effect and after every answer.

        Raises `ClaimLost` if the job is no longer ours: somebody took it over because we seemed to be gone.
        """

    async def finish(self, claim: Claim, payload: Payload) -> None:
        """Remember a result; the job is done, and no longer ours."""

    async def release(self, claim: Claim, error: str = "") -> None:
        """Leave a job as it stands, for whoever comes next; `error` says why."""

    async def forget(self, claim: Claim) -> None:
        """Drop a job that can never finish; no longer ours."""


@runtime_checkable
class LooksUp(Protocol):
    """What a store offers besides if a job can be looked up without being claimed, as a plan does."""

    def job(self, key: str) -> "StoredJob | None":
        """The job, if the store has it; nothing is written, and no store is made."""


StoreLike = Store | str | PathLike[str]
"""A job store, or the name of the file that is to be one."""


def store_of(given: object) -> Store | None:
    """The store that is meant. Raises `ConfigError`."""
    if given is None or isinstance(given, Store):
        return given
    if isinstance(given, str | PathLike):
        from docparse_loaders.engine.jobstore import JobStore

        return JobStore(given)
    hint = "Pass the name of a file, or a JobStore."
    raise ConfigError(f"store={given!r} is not a job store.", hint=hint)


def kept_open(store: Store | None) -> AbstractAsyncContextManager[None]:
    """Hold on to a store's files for the time of many jobs, if there is one."""
    return nullcontext() if store is None else store.kept_open()


class MemoryStore:
    """A store for one process: a document that was parsed with the same options is not submitted again."""

    def __init__(self) -> None:
        self._results: dict[str, Payload] = {}
        self._tokens: dict[str, str] = {}
        self._holders: dict[str, str] = {}

    def kept_open(self) -> AbstractAsyncContextManager[None]:
        """Nothing to open."""
        return nullcontext()

    async def claim(self, key: str, about: About) -> Claim | Finished | None:
        """The job as ours, or its result; None while somebody else is at work on it."""
        if key in self._results:
            return Finished(self._results[key])
        holder = secrets.token_hex(8)
        if self._holders.setdefault(key, holder) != holder:
            return None
        return Claim(key, holder, self._tokens.get(key))

    async def save(self, claim: Claim, token: str) -> None:
        """Remember a job's state."""
        self._tokens[claim.key] = token

    async def finish(self, claim: Claim, payload: Payload) -> None:
        """Remember a result; the job is done."""
        self._results[claim.key] = payload
        await self.forget(claim)

    async def release(self, claim: Claim, error: str = "") -> None:
        """Leave a job as it stands."""
        self._holders.pop(claim.key, None)

    async def forget(self, claim: Claim) -> None:
        """Drop a job that can never finish."""
        self._tokens.pop(claim.key, None)
        self._holders.pop(claim.key, None)
