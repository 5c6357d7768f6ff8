"""Faults, crashes and processes: the world in which a job lives, drawn from a seed."""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NoReturn

import anyio

from docparse_loaders.engine.store import About, Claim, Finished
from docparse_loaders.errors import ClaimLost, EndpointUnreachable, ReplyLost
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Blob, Call, Effect, Payload, Reply
from simulation.services import Service

KINDS = (
    "lost_before",
    "lost_after",
    "429",
    "503_before",
    "502_after",
    "html",
    "cut",
    "expired",
    "slow",
    "crash_before",
    "crash_after",
)
"""What may befall a call: before the service has heard of it, or after."""

LEASE = 30.0


class Plan(NamedTuple):
    """What befalls a life: by the number of a call (or a save), a fault; and when its processes are killed in any case."""

    faults: dict[int, str]
    kills: tuple[float, ...]
    documents: int
    processes: int
    by_address: bool
    seconds: float

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        rng = random.Random(seed)  # noqa: S311  (a schedule, not a secret)
        share = rng.choice((0.05, 0.2, 0.5))
        faults = {number: rng.choice(KINDS) for number in range(40) if rng.random() < share}
        kills = tuple(rng.uniform(0.0, 20.0) for _ in range(rng.choice((0, 0, 1, 3))))
        return cls(faults, kills, rng.choice((1, 1, 2, 3)), rng.choice((1, 1, 2)), rng.random() < 0.5, rng.uniform(0.1, 8.0))

    def smaller(self) -> Iterator["Plan"]:
        """The same life with one thing less, the largest first."""
        if self.documents > 1:
            yield self._replace(documents=self.documents - 1)
        if self.processes > 1:
            yield self._replace(processes=self.processes - 1)
        for kill in self.kills:
            yield self._replace(kills=tuple(other for other in self.kills if other != kill))
        for number in self.faults:
            yield self._replace(faults={key: kind for key, kind in self.faults.items() if key != number})


class Process:
    """A process that may be killed: all that it does ends there, and nothing that it would do afterwards happens."""

    def __init__(self) -> None:
        self.alive = True
        self.died = 0.0
        self.scope = anyio.CancelScope()

    async def live(self) -> None:
        """Go on, if it is alive."""
        if not self.alive:
            await anyio.sleep_forever()

    def kill(self) -> None:
        """`kill -9`."""
        self.alive, self.died = False, anyio.current_time()
        self.scope.cancel()

    async def die(self) -> NoReturn:
        """Be killed at this very moment."""
        self.kill()
        await anyio.sleep_forever()
        raise AssertionError

    def holds(self) -> bool:
        """Whether its leases hold: for as long as it lives, and then for a while."""
        return self.alive or anyio.current_time() < self.died + LEASE


@dataclass
class Wire:
    """The network of one process: calls pass, or do not, as the plan says. `doubts` are documents whose submit went astray."""

    service: Service
    process: Process
    plan: Plan
    count: Callable[[], int]
    doubts: set[str]

    async def perform(self, call: Call, source: Source) -> Reply:
        await self.process.live()
        kind = self.plan.faults.get(self.count())
        if call.effect is Effect.CREATE and kind not in {None, "lost_before", "429"}:
            self.doubts.update(documents_in(call, source))
        await anyio.sleep(0.01)
        refused = kind == "expired" and call.method == "PUT"  # storage judges a link before it takes a byte
        if kind in {"lost_before", "crash_before", "429", "503_before"} or refused:
            return await self._before(kind)
        reply = self.service.answer(call, source)
        await anyio.sleep(60.0 if kind == "slow" else 0.01)
        return await self._after(kind, reply)

    async def _before(self, kind: str | None) -> Reply:
        match kind:
            case "crash_before":
                return await self.process.die()
            case "lost_before":
                raise EndpointUnreachable("refused")
            case "429":
                return Reply(429, {"retry-after": "2"}, problem="not_json")
            case "expired":
                return Reply(403, problem="not_json", snippet="<Error>")
            case _:
                return Reply(503, problem="not_json", snippet="<html>")

    async def _after(self, kind: str | None, reply: Reply) -> Reply:
        match kind:
            case "crash_after":
                return await self.process.die()
            case "lost_after" | "slow":
                raise ReplyLost("cut")
            case "502_after":
                return Reply(502, problem="not_json", snippet="<html>")
            case "html":
                return Reply(200, problem="not_json", snippet="<html>maintenance</html>")
            case "cut" if reply.blob is not None:
                return replace(reply, blob=Blob(reply.blob.data[: len(reply.blob.data) // 2]))
            case "cut":
                return Reply(200, problem="not_json", snippet='{"code":0,"da')
            case "expired" if reply.blob is not None:
                return Reply(403, problem="not_json", snippet="<Error>")
            case _:
                return reply


def documents_in(call: Call, source: Source) -> set[str]:
    """The documents that a submit is about."""
    names = set(re.findall(r"doc[0-9]+", json.dumps(call.json)))
    return names or {source.facts.name.partition(".")[0]}


@dataclass
class Disk:
    """What outlives every process."""

    results: dict[str, Payload] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    holders: dict[str, tuple[str, Process]] = field(default_factory=dict)
    claims: int = 0


@dataclass
class SimStore:
    """A job store as one process sees it, with leases on the virtual clock. The process may die before or after a write."""

    disk: Disk
    process: Process
    plan: Plan
    count: Callable[[], int]

    def kept_open(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def claim(self, key: str, about: About) -> Claim | Finished | None:
        await self.process.live()
        disk = self.disk
        if key in disk.results:
            return Finished(disk.results[key], disk.tokens.get(key))
        if key in disk.holders and disk.holders[key][1].holds():
            return None
        disk.claims += 1
        claim = Claim(key, f"holder-{disk.claims}", disk.tokens.get(key))
        disk.holders[key] = (claim.holder, self.process)
        return claim

    async def save(self, claim: Claim, token: str) -> None:
        await self.process.live()
        kind = self.plan.faults.get(self.count())
        if kind == "crash_before":
            await self.process.die()
        if not self._ours(claim):
            raise ClaimLost("taken over")
        self.disk.tokens[claim.key] = token
        if kind == "crash_after":
            await self.process.die()

    async def finish(self, claim: Claim, payload: Payload) -> None:
        await self.process.live()
        self.disk.results[claim.key] = payload
        self._end(claim)

    async def release(self, claim: Claim, error: str = "") -> None:
        self._end(claim)

    async def forget(self, claim: Claim) -> None:
        await self.process.live()
        if self._ours(claim):
            self.disk.tokens.pop(claim.key, None)
        self._end(claim)

    def _ours(self, claim: Claim) -> bool:
        return self.process.alive and self.disk.holders.get(claim.key, ("", None))[0] == claim.holder

    def _end(self, claim: Claim) -> None:
        if self._ours(claim):
            del self.disk.holders[claim.key]
