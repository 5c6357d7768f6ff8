"""One job for one document, however many ask for it: whoever claims it works, the others wait for its result."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from docparse_loaders.engine.store import About, Claim, Finished, Store
from docparse_loaders.errors import ClaimLost, DocParseError, StoreError

_log = logging.getLogger("docparse_loaders")
_FIRST, _GROWTH, _LONGEST = 0.02, 1.5, 1.0
"""Seconds between two looks at a job that somebody else is at work on: quick at first, then seldom."""


@asynccontextmanager
async def claimed(store: Store, key: str, about: About) -> AsyncIterator[Claim | Finished]:
    """The job as ours, or its result; waits while somebody else is at work on it.

    What is ours is released at the end whatever happens, so that others may go on; a job that was finished or forgotten
    meanwhile is not touched by that.
    """
    found = await _found(store, key, about)
    if isinstance(found, Finished):
        yield found
        return
    error = ""
    try:
        yield found
    except DocParseError as raised:
        error = raised.message
        raise
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(2.0):
            await _released(store, found, error)


async def _found(store: Store, key: str, about: About) -> Claim | Finished:
    pause = _FIRST
    while (found := await store.claim(key, about)) is None:
        await anyio.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST)
    return found


async def _released(store: Store, claim: Claim, error: str) -> None:
    try:
        await store.release(claim, error)
    except ClaimLost:
        return  # it belongs to somebody else now, who will release it
    except StoreError as raised:
        # The disk may be full. That must not stand in the way of a document, or of an error with the job's token.
        _log.warning("the claim on a job could not be given back, and ends by itself: %s", raised)
