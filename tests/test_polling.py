"""How soon a finished job is noticed, and what that costs: whole batches under a virtual clock, with exact times."""

import hashlib
import heapq
import io
import random
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio
import pytest
import trio.testing
from pydantic import SecretStr

from docparse_loaders.engine.drive import Run, drive
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.together import Batches, Together
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.protocol import AnyVendor, Call, Effect, Reply, State
from docparse_loaders.vendors.scnet import SCNet
from docparse_loaders.vendors.somark import SoMark
from simulation.services import PaddleOCRService, SCNetService, Service, SoMarkService

pytestmark = pytest.mark.anyio
KEY = SecretStr("sk-test")
VENDORS: dict[str, tuple[VendorConfig, type[Service]]] = {
    "somark": (SoMark(api_key=KEY), SoMarkService),
    "paddleocr": (PaddleOCR(api_key=KEY), PaddleOCRService),
    "scnet": (SCNet(api_key=KEY), SCNetService),
}


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


@dataclass
class Wire:
    """A service 10 ms away, and when it was asked what."""

    service: Service
    asked: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)
    refuses: Callable[[float], bool] = lambda asked: False
    start: float = 0.0

    async def perform(self, call: Call, source: Source) -> Reply:
        if isinstance(call.url, str):
            self.all.append(anyio.current_time())
            if call.effect is Effect.READ:
                self.asked.append(anyio.current_time())
        await anyio.sleep(0.01)
        if call.effect is Effect.READ and self.refuses(anyio.current_time() - self.start):
            return Reply(200, json={"code": 1124, "message": "too fast", "data": None})
        return self.service.answer(call, source)


@dataclass
class Batch:
    """Files of one call, `places` at once, each job as long as `seconds` says."""

    vendor: str
    seconds: Sequence[float]
    places: int
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        self.options, service = VENDORS[self.vendor]
        self.known: AnyVendor = vendor_of(self.options)
        self.wire = Wire(service(anyio.current_time, iter(self.seconds).__next__))
        self.window = (self.policy.poll.together or None) if self.known.traits.polls_many and self.places > 1 else None

    async def run(self) -> float:
        """Parse them all; in how many seconds."""
        start, rng, gate = anyio.current_time(), random.Random(3), Gate(self.policy.limits)  # noqa: S311  (jitter)
        together, room = Together(self.known, self.wire, gate, self.window), anyio.Semaphore(self.places)
        batches = Batches(None if self.window is None else self.known.traits.batch_size)

        async def parse(number: int) -> None:
            async with room:
                run = self._a_run(f"doc{number}", together, gate, rng.random)
                await drive(run, self.known.begin(run.source.facts, None, self.options, batches.next()))

        async with anyio.create_task_group() as group:
            for number in range(len(self.seconds)):
                group.start_soon(parse, number)
        return anyio.current_time() - start

    def _a_run(self, name: str, together: Together, gate: Gate, chance: Callable[[], float]) -> Run:
        digest = hashlib.sha256(name.encode()).hexdigest()
        facts = SourceFacts(uri=name, name=f"{name}.pdf", media_type="application/pdf", size=9, sha256=digest)
        source = Source(facts, lambda: io.BytesIO(b"%PDF-1.4\n"))
        return Run(self.known, source, together, gate, self.policy, chance, _nowhere, _token)


async def _nowhere(_: State) -> None:
    """Where states go without a store."""


def _token(state: State) -> str:
    return state.model_dump_json()


def _drawn(count: int, low: float, high: float) -> list[float]:
    rng = random.Random(5)  # noqa: S311  (durations)
    return [rng.uniform(low, high) for _ in range(count)]


def _ideal(seconds: Sequence[float], places: int) -> float:
    """When the last job is ready if each begins as soon as a place is free."""
    free = [0.0] * places
    for took in seconds:
        heapq.heappush(free, heapq.heappop(free) + took)
    return max(free)


def _busiest(times: Sequence[float]) -> int:
    """The most requests in any second."""
    times = sorted(times)
    return max(bisect(times, start + 1.0) - index for index, start in enumerate(times))


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_batch_takes_little_longer_than_its_jobs(vendor: str) -> None:
    seconds = _drawn(64, 1.0, 4.0)
    took = await Batch(vendor, seconds, 16).run()
    assert _ideal(seconds, 16) <= took <= 1.10 * _ideal(seconds, 16)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_eight_files_of_two_seconds(vendor: str) -> None:
    batch = Batch(vendor, [2.0] * 8, 8)
    assert 2.0 <= await batch.run() <= 2.5
    assert len(batch.wire.asked) <= (6 if vendor == "somark" else 2.5) * 8


async def test_who_can_ask_for_many_asks_seldom() -> None:
    batch = Batch("paddleocr", _drawn(64, 1.0, 4.0), 16)
    took = await batch.run()
    assert len(batch.wire.asked) / took <= 8.5  # one request for all of them, eight times in a second at most
    assert len(batch.wire.asked) <= 2 * 64


async def test_two_hundred_jobs_do_not_storm() -> None:
    batch = Batch("somark", [40.0] * 200, 200)
    took = await batch.run()
    assert took <= 46.0
    mean = len(batch.wire.asked) / (batch.wire.asked[-1] - batch.wire.asked[0])
    assert _busiest(batch.wire.asked) <= 1.5 * mean


async def test_a_vendor_that_says_too_fast_is_asked_less_often() -> None:
    batch = Batch("somark", [60.0] * 16, 16)
    polite = Batch("somark", [60.0] * 16, 16)
    polite.wire.refuses = lambda asked: 2.0 <= asked < 3.0
    await batch.run()
    start = anyio.current_time()
    polite.wire.start = start
    await polite.run()
    early = [
        sum(3.0 < asked - begin < 10.0 for asked in wire.asked) for wire, begin in ((batch.wire, 0.0), (polite.wire, start))
    ]
    assert early[1] < early[0] / 2
