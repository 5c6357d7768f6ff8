"""When requests go out, under a virtual clock: not in crowds, and not moved by the wall clock.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import random
import time
from bisect import bisect_left
from itertools import count

import anyio
import httpx
import pytest
import trio.testing

from docparse_loaders.engine.drive import drive
from docparse_loaders.policy import Limits, Policy, Timeouts
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkVendor
from scripted import DONE, FACTS, Bench, World, ok

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


async def _polls(jobs: int, at_once: int) -> list[float]:
    """When each poll of `jobs` comes, `at_once` of which are under way; each job takes 3 to 15 s from its own begin."""
    chance = random.Random(7)  # noqa: S311  (jitter)
    room = anyio.CapacityLimiter(at_once)
    policy = Policy(limits=Limits(requests_at_once=at_once), timeouts=Timeouts(job=3600.0))
    times: list[float] = []

    async def one() -> None:
        async with room:
            due = anyio.current_time() + chance.uniform(3.0, 15.0)

            def told(_: httpx.Request) -> httpx.Response:
                return ok("SUCCESS", **DONE) if anyio.current_time() >= due else ok("PROCESSING")

            world = World(iter(told for _ in count()), delay=0.2)
            run = Bench(world, policy).run()
            run.chance = chance.random
            await drive(run, SoMarkVendor().begin(FACTS, None, SoMark()))
            times.extend(world.polls)

    async with anyio.create_task_group() as group:
        for _ in range(jobs):
            group.start_soon(one)
    return sorted(times)


def _peak(times: list[float]) -> float:
    """The most polls in any second, over the mean of a second."""
    most = max(bisect_left(times, begin + 1.0) - place for place, begin in enumerate(times))
    return most / (len(times) / (times[-1] - times[0]))


async def test_row_7_many_jobs_do_not_ask_in_crowds() -> None:
    """120 jobs, 16 at once: while all places are taken, no second has three times the polls of the mean."""
    times = await _polls(120, 16)
    middle = [at for at in times if times[0] + 10.0 < at < times[-1] - 15.0]
    assert len(middle) > 300
    assert _peak(middle) < 3.0


async def test_row_40_jumps_of_the_wall_clock_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day forth or back at every look at the clock: the same requests at the same times."""

    async def schedule() -> list[float]:
        world = World(iter([ok("QUEUING"), *[ok("PROCESSING")] * 30, httpx.ReadError("cut"), ok("SUCCESS", **DONE)]))
        start = anyio.current_time()
        await drive(Bench(world).run(), SoMarkVendor().begin(FACTS, None, SoMark()))
        return [at - start for at in (*world.submits, *world.polls)]

    steady = await schedule()
    real, jumps = time.time, count()
    monkeypatch.setattr(time, "time", lambda: real() + (86400.0 if next(jumps) % 2 else -86400.0))
    assert await schedule() == pytest.approx(steady)
    assert len(steady) == 33
