"""A case played through the whole library: a parser whose network answers with the case's replies, one after the other."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import httpx
import pytest
from pydantic import JsonValue

from docparse_loaders.engine import transport
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.policy import Policy, Poll, Retry
from docparse_loaders.vendors.protocol import Reply

SECRET = "url-canary-83f0"
QUICK = Policy(poll=Poll(first=0.0, growth=1.0, longest=0.0), retry=Retry(attempts=2, base=0.0, longest=0.0))
Answer = httpx.Response | Exception


class Played(httpx.AsyncBaseTransport):
    """Answers in order, whatever is asked; the last one again and again."""

    def __init__(self, answers: Sequence[Callable[[], Answer]]) -> None:
        self._left = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async for _ in request.stream:  # type: ignore[union-attr]  # the stream of an async client
            pass
        answer = (self._left.pop(0) if len(self._left) > 1 else self._left[0])()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Remembering(MemoryStore):
    """A store that keeps every token that it was ever given."""

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[str] = []

    async def save(self, key: str, token: str) -> None:
        """Remember a job's state, and the one before."""
        self.saved.append(token)
        await super().save(key, token)


def answer_of(reply: Reply) -> httpx.Response:
    """A reply as it came over the wire."""
    if reply.blob is not None:
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.blob.data)
    body = reply.snippet.encode() if reply.problem else json.dumps(reply.json).encode()
    return httpx.Response(reply.status, headers=dict(reply.headers), content=body)


def broken() -> Exception:
    """A connection that is cut, with an address in the library's words about it."""
    return httpx.ReadError(f"connection to https://files.test/a.pdf?X-Amz-Signature={SECRET} was lost")


def quoting(reply: Reply, words: str) -> Reply:
    """The reply with `words` wherever it says something to people."""
    return replace(reply, json=_quoting(reply.json, words), snippet=words if reply.problem else reply.snippet)


def _quoting(value: JsonValue | None, words: str) -> JsonValue:
    if isinstance(value, dict):
        return {name: _quoting(inner, words) for name, inner in value.items()}
    if isinstance(value, list):
        return [_quoting(inner, words) for inner in value]
    return words if value == "no" else value


@contextmanager
def playing(answers: Sequence[Callable[[], Answer]]) -> Iterator[None]:
    """In this block every parser is answered by these, from the first one on."""
    real = transport.Transport
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transport, "Transport", lambda endpoint, policy: real(endpoint, policy, Played(answers)))
        yield


def plainly(replies: Sequence[Reply]) -> list[Callable[[], Answer]]:
    """The replies as answers, made anew each time."""
    return [partial(answer_of, reply) for reply in replies]
