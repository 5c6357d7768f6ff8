"""What the documents of one call share: the endpoint, its connections and its limits."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.together import Batches, Together
from docparse_loaders.policy import Policy
from docparse_loaders.vendors.protocol import AnyVendor


@dataclass(frozen=True, slots=True)
class Session:
    """Open connections to one endpoint. `chance` draws a number from 0 to 1."""

    endpoint: Endpoint
    together: Together
    gate: Gate
    batches: Batches
    chance: Callable[[], float]


@asynccontextmanager
async def connected(vendor: AnyVendor, endpoint: Endpoint, policy: Policy, gate: Gate, *, many: bool) -> AsyncIterator[Session]:
    """A session for one document, or for `many` of which some may share a request."""
    from docparse_loaders.engine.transport import Transport

    window = (policy.poll.together or None) if many and vendor.traits.polls_many else None
    async with Transport(endpoint, policy) as transport:
        together = Together(vendor, transport, gate, window)
        batches = Batches(None if window is None else vendor.traits.batch_size)
        yield Session(endpoint, together, gate, batches, random.random if window is None else _in_step())


def _in_step() -> Callable[[], float]:
    """One draw for all documents: those that share a request must be due at the same time.

    It shortens their pauses by more than half of the jitter, because each of them also waits for the others.
    """
    drawn = 0.5 + random.random() / 2  # noqa: S311  # only jitter
    return lambda: drawn
