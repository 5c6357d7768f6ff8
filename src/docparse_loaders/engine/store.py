"""What the engine wants of a job store: results by key, and the state of jobs under way. Here with one kept in memory."""

from typing import Protocol, runtime_checkable

from docparse_loaders.vendors.protocol import Payload


@runtime_checkable
class JobStore(Protocol):
    """Where jobs and results outlive a run. A key stands for one file's content, vendor, options and pages."""

    async def result(self, key: str) -> Payload | None:
        """The raw result of a job that is done."""

    async def pending(self, key: str) -> str | None:
        """The token of a job that was accepted and has no result yet."""

    async def save(self, key: str, token: str) -> None:
        """Remember a job's state; called before every effect and after every answer."""

    async def finish(self, key: str, payload: Payload) -> None:
        """Remember a result; the job is done."""

    async def forget(self, key: str) -> None:
        """Drop a job that can never finish."""


class MemoryStore:
    """A store for one process: a document that was parsed with the same options is not submitted again."""

    def __init__(self) -> None:
        self._results: dict[str, Payload] = {}
        self._tokens: dict[str, str] = {}

    async def result(self, key: str) -> Payload | None:
        """The raw result of a job that is done."""
        return self._results.get(key)

    async def pending(self, key: str) -> str | None:
        """The token of a job that was accepted and has no result yet."""
        return self._tokens.get(key)

    async def save(self, key: str, token: str) -> None:
        """Remember a job's state."""
        self._tokens[key] = token

    async def finish(self, key: str, payload: Payload) -> None:
        """Remember a result; the job is done."""
        self._results[key] = payload
        self._tokens.pop(key, None)

    async def forget(self, key: str) -> None:
        """Drop a job that can never finish."""
        self._tokens.pop(key, None)
