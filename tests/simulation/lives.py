"""One life of some documents: processes that parse them, die and come back, until each document has its end."""

import hashlib
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count

import anyio
from pydantic_core import to_json

from docparse_loaders.engine.drive import Run
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.remember import Remembered
from docparse_loaders.engine.store import About
from docparse_loaders.engine.together import Batches, Together
from docparse_loaders.engine.token import key_of, written
from docparse_loaders.errors import DocParseError, IncompleteResult, SubmitUncertain
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Policy, Poll, Timeouts
from docparse_loaders.source import Source
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.protocol import AnyVendor, Blob, Parts, Payload, State, Step
from simulation.services import Service
from simulation.world import Disk, Plan, Process, SimStore, Wire

ORIGIN = "https://vendor.test"
POLICY = Policy(timeouts=Timeouts(request=60.0, job=900.0), poll=Poll(growth=2.0))
"""Jobs are asked after less often than by default: a fault befalls a question now and then, not each of twenty."""
_AGAIN = 12
"""How often a person runs the same thing again after an error that is not final."""
_BORN = 50
"""How often a process is started: more often than a plan can kill it."""


@dataclass
class Life:
    """What outlives the processes, and what became of each document in each of them."""

    vendor: AnyVendor
    options: VendorConfig
    plan: Plan
    service: Service
    disk: Disk = field(default_factory=Disk)
    ends: dict[tuple[int, str], str | DocParseError] = field(default_factory=dict)
    doubts: set[str] = field(default_factory=set)
    killed: bool = False
    policy: Policy = POLICY
    rng: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  (jitter)
    number: Callable[[], int] = field(default_factory=lambda: count().__next__)

    async def live(self) -> None:
        """Run all processes to their end, and start those anew that are killed."""
        async with anyio.create_task_group() as group:
            for index in range(self.plan.processes):
                group.start_soon(self._restarted, index)

    async def _restarted(self, index: int) -> None:
        kills = list(self.plan.kills) if index == 0 else []
        for _ in range(_BORN):
            process = Process()
            async with anyio.create_task_group() as group:
                if kills:
                    group.start_soon(self._killer, process, kills.pop())
                with process.scope:
                    await self._run(index, process)
                group.cancel_scope.cancel()
            if process.alive:
                return
            self.killed = True
            await anyio.sleep(5.0)

    async def _killer(self, process: Process, seconds: float) -> None:
        await anyio.sleep(seconds)
        process.kill()

    async def _run(self, index: int, process: Process) -> None:
        window = 0.05 if self.plan.documents > 1 and self.vendor.traits.polls_many else None
        gate = Gate(POLICY.limits)
        together = Together(self.vendor, Wire(self.service, process, self.plan, self.number, self.doubts), gate, window)
        batches = Batches(None if window is None else self.vendor.traits.batch_size)
        store = SimStore(self.disk, process, self.plan, self.number)
        async with anyio.create_task_group() as group:
            for name in self.names:
                if not isinstance(self.ends.get((index, name)), str | SubmitUncertain):
                    group.start_soon(self._document, (index, name), together, gate, batches, store)

    async def _document(self, end: tuple[int, str], together: Together, gate: Gate, batches: Batches, store: SimStore) -> None:
        """What a person does: run it, and run it again after an error that may pass."""
        for _ in range(_AGAIN):
            run = self._a_run(end[1], together, gate)
            key = key_of(self.vendor.name, ORIGIN, run.source.facts, None, "")
            memory = Remembered(store, run, key, About(self.vendor.name, ORIGIN, end[1]))
            try:
                self.ends[end] = await memory.result(partial(self._begin, run, batches), _read)
            except DocParseError as error:
                self.ends[end] = error
            if isinstance(self.ends[end], str | SubmitUncertain):
                return
            await anyio.sleep(3.0)

    def _begin(self, run: Run, batches: Batches) -> Step:
        return self.vendor.begin(run.source.facts, None, self.options, batches.next())

    def _a_run(self, name: str, together: Together, gate: Gate) -> Run:
        url = f"https://docs.test/{name}.pdf" if self.plan.by_address else None
        digest = hashlib.sha256(name.encode()).hexdigest()
        facts = SourceFacts(uri=url or name, name=f"{name}.pdf", media_type="application/pdf", size=9, sha256=digest, url=url)
        return Run(
            vendor=self.vendor,
            source=Source(facts, lambda: io.BytesIO(b"%PDF-1.4\n")),
            together=together,
            gate=gate,
            policy=self.policy,
            chance=self.rng.random,
            save=_nowhere,
            token_of=partial(written, self.vendor.name, ORIGIN, facts, None, ""),
        )

    @property
    def names(self) -> list[str]:
        """The documents."""
        return [f"doc{number}" for number in range(self.plan.documents)]


async def _nowhere(_: State) -> None:
    """Replaced by the store's own."""


async def _read(payload: Payload) -> str:
    """The document that a result is of. Raises what a decoder raises for a result that is not whole."""
    if isinstance(payload, Blob):
        data = payload.data
    elif isinstance(payload, Parts):
        data = b"".join(blob.data for blob in payload.blobs)
    else:
        data = to_json(payload)
    found = re.search(rb"doc[0-9]+(?=\"|PK)", data)
    if found is None:
        raise IncompleteResult("cut short")
    return found[0].decode()
