"""The job store in a file against a simple model of it: workers that come, crash and come again, clocks that jump, limits."""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule

from docparse_loaders.engine.database import Database
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.lease import Heart
from docparse_loaders.engine.store import About, Claim, Finished
from docparse_loaders.errors import ClaimLost

KEYS = st.sampled_from(["a", "b", "c"])
ROOM = 2500
AGE = 100.0
LEASE = 30.0
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  (a folder of its own in it)
"""Where files are made: hundreds of new databases wait for a disk longer than for everything else."""


class Time:
    """The machine's clock and the calendar, both set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.today = 1e9

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.today


class Model:
    """What the store should know: per key a token, a result with its size and last use, and who holds it until when."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}
        self.results: dict[str, tuple[Any, float]] = {}
        self.held: dict[str, tuple[str, float]] = {}
        self.done: dict[str, float] = {}
        self.bills: set[str] = set()

    def holder(self, key: str, now: float) -> str | None:
        holder, until = self.held.get(key, (None, 0.0))
        # A lease from an earlier start may look like one of now: its job is waited for once more, not lost.
        return holder if holder and 0.0 < until - now <= float(holder.partition("-")[2]) else None

    def drop(self, key: str) -> None:
        for known in (self.tokens, self.results, self.held, self.done):
            known.pop(key, None)
        self.bills.discard(key)


class Machine(RuleBasedStateMachine):
    """Two workers (a `JobStore` each, with leases of different lengths) on one file."""

    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.clock, self.model, self.serial = Time(), Model(), 0
        self.submitted: set[str] = set()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr("docparse_loaders.engine.jobstore.time.time", self.clock.time)
        self.patch.setattr(Heart, "beat_for", lambda *_: None)  # signs of life are a rule here
        self.files = ExitStack()
        self.stores = [self._store(0), self._store(1)]

    def _store(self, index: int) -> JobStore:
        path, lease = Path(self.folder.name) / "jobs.db", (LEASE, LEASE / 10)[index]
        store = JobStore(path, max_bytes=ROOM, max_age=AGE, lease=lease, clock=self.clock.monotonic)
        store._database.ask = partial(_here, store._database)  # type: ignore[method-assign]
        self.files.enter_context(store._database.kept_open())
        return store

    def teardown(self) -> None:
        self.files.close()
        self.patch.undo()
        self.folder.cleanup()

    def _until(self, index: int) -> float:
        return self.clock.now + (LEASE, LEASE / 10)[index]

    def _next(self) -> str:
        self.serial += 1
        return f"token-{self.serial}"

    @rule(target=claims, key=KEYS, index=st.integers(0, 1))
    def claim(self, key: str, index: int) -> Any:
        return multiple(*self._claimed(key, index))

    @rule(target=claims, key=KEYS, index=st.integers(0, 1))
    def overtake(self, key: str, index: int) -> Any:
        """A worker gives no sign of life, and another one takes its job; both believe that it is theirs."""
        slow = self._claimed(key, index)
        self.later(LEASE + 1.0)
        return multiple(*slow, *self._claimed(key, 1 - index))

    def _claimed(self, key: str, index: int) -> list[tuple[Claim, int]]:
        """The claim, if the job is free."""
        found = _run(partial(self.stores[index].claim, key, About("somark", "https://v.test", f"{key}.pdf")))
        model = self.model
        if key in model.results:
            assert isinstance(found, Finished)
            assert found.payload == model.results[key][0]
            model.results[key] = (model.results[key][0], self.clock.today)
            return []
        if model.holder(key, self.clock.now) is not None:
            assert found is None
            return []
        assert isinstance(found, Claim)
        assert (found.token, found.done) == (model.tokens.get(key), key in model.done)
        model.held[key] = (found.holder, self._until(index))
        return [(found, index)]

    @rule(held=claims)
    def save(self, held: tuple[Claim, int]) -> None:
        self._saved(*held)

    @rule(held=claims)
    def submit(self, held: tuple[Claim, int]) -> None:
        """What the engine does with a job that has no token: its intent is saved, and then it is paid for."""
        claim, index = held
        if claim.token is None and claim.holder not in self.submitted and self._saved(claim, index):
            assert claim.key not in self.model.bills, "paid twice"
            self.model.bills.add(claim.key)
            self.submitted.add(claim.holder)

    def _saved(self, claim: Claim, index: int) -> bool:
        token = self._next()
        try:
            _run(partial(self.stores[index].save, claim, token))
        except ClaimLost:
            assert self.model.held.get(claim.key, ("", 0.0))[0] != claim.holder
            return False
        # A lease that is over but that nobody took is still good: no work is thrown away for being slow.
        assert self.model.held[claim.key][0] == claim.holder
        self.model.tokens[claim.key] = token
        self.model.done.pop(claim.key, None)
        self.model.held[claim.key] = (claim.holder, self._until(index))
        return True

    @rule(held=consumes(claims), size=st.integers(0, ROOM + 500))
    def finish(self, held: tuple[Claim, int], size: int) -> None:
        claim, index = held
        known = self.model.tokens.get(claim.key) is not None or claim.key in self.model.held or claim.key in self.model.done
        payload: Any = {"job": self._next(), "text": "".join(chr(33 + (i * 7919 + self.serial) % 90) for i in range(size))}
        _run(partial(self.stores[index].finish, claim, payload))
        if known:
            self.model.results[claim.key] = (payload, self.clock.today)
            self.model.done[claim.key] = self.clock.today
            self.model.held.pop(claim.key, None)
        self._evicted()

    @rule(held=consumes(claims))
    def release(self, held: tuple[Claim, int]) -> None:
        claim, index = held
        _run(partial(self.stores[index].release, claim, "cut"))
        if self.model.held.get(claim.key, ("", 0.0))[0] == claim.holder:
            del self.model.held[claim.key]
            if claim.key not in self.model.tokens:
                self.model.drop(claim.key)

    @rule(held=consumes(claims))
    def forget(self, held: tuple[Claim, int]) -> None:
        claim, index = held
        _run(partial(self.stores[index].forget, claim))
        if self.model.held.get(claim.key, ("", 0.0))[0] == claim.holder:
            self.model.drop(claim.key)

    @rule(key=KEYS, index=st.integers(0, 1))
    def export(self, key: str, index: int) -> None:
        payload, _ = self.model.results.get(key, (None, 0.0))
        assert self.stores[index].result(key) == payload
        if payload is not None:
            self.model.results[key] = (payload, self.clock.today)

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        known = key in self.model.tokens or key in self.model.held or key in self.model.done
        assert self.stores[0].drop(key) is known
        self.model.drop(key)

    @rule(held=claims)
    def beat(self, held: tuple[Claim, int]) -> None:
        claim, index = held
        store = self.stores[index]
        store._database.do(partial(store._heart._renew, [claim.holder]))
        if self.model.held.get(claim.key, ("", 0.0))[0] == claim.holder:
            self.model.held[claim.key] = (claim.holder, self._until(index))

    @rule(index=st.integers(0, 1))
    def crash(self, index: int) -> None:
        """The process is gone and another one opens the same file; what the old one still says may come late."""
        self.stores[index] = self._store(index)

    @rule(seconds=st.sampled_from([0.0, 1.0, 4.0, 29.0, 31.0, 200.0]))
    def later(self, seconds: float) -> None:
        self.clock.now += seconds
        self.clock.today += seconds

    @rule(seconds=st.sampled_from([-1e6, -50.0, 1e4]))
    def set_calendar(self, seconds: float) -> None:
        """A person sets the date; what is old by it may go, but nobody loses a job."""
        self.clock.today += seconds

    @precondition(lambda self: self.clock.now > 100.0)
    @rule()
    def reboot(self) -> None:
        """All processes are gone, and the machine's clock begins anew."""
        self.clock.now = 5.0
        self.stores = [self._store(0), self._store(1)]

    def _evicted(self) -> None:
        """Results that are gone must have been old or too many; then the model forgets them, too."""
        kept = {job.key: job for job in self.stores[0].jobs()}
        for key in list(self.model.results):
            if key in kept and kept[key].size:
                continue
            used = self.model.results.pop(key)[1]
            stayed = [self.model.results[other][1] for other in self.model.results if other in kept and kept[other].size]
            assert used < self.clock.today - AGE or all(used <= other for other in stayed), "not the one unused for longest"
        assert sum(job.size for job in kept.values()) <= ROOM
        for key in list(self.model.done):
            if key not in kept:
                assert self.model.holder(key, self.clock.now) is None, "a job under way was dropped"
                assert self.model.done[key] < self.clock.today - AGE
                self.model.drop(key)

    @invariant()
    def what_was_saved_is_there(self) -> None:
        jobs = {job.key: job for job in self.stores[0].jobs()}
        assert set(jobs) == set(self.model.tokens) | set(self.model.held) | set(self.model.done)
        for key, job in jobs.items():
            assert job.token == self.model.tokens.get(key)
            assert (job.status == "working") == (self.model.holder(key, self.clock.now) is not None)

    @invariant()
    def what_was_finished_is_there(self) -> None:
        for key in ("a", "b", "c"):
            found = self.stores[1]._database.do(partial(_peek, key))
            assert found == (key in self.model.results)


def _peek(key: str, db: Any) -> bool:
    return db.execute("SELECT 1 FROM results WHERE key=?", (key,)).fetchone() is not None


async def _here(database: Database, work: Callable[[Any], Any], *, durable: bool = True) -> Any:
    """As `Database.ask`, without a thread and without waiting for the disk."""
    del durable
    return database.do(work, durable=False)


def _run(work: Callable[[], Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work().send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


TestStore = Machine.TestCase
TestStore.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
