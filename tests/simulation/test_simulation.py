"""No extra bill and no lost result, whatever happens when: thousands of lives of jobs for each vendor, drawn from seeds.

`DOCPARSE_LIVES=1000000 pytest tests/simulation` runs more of them. A life that ends badly is told by its seed, with the few
faults that are enough for it.
"""

import os
import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import anyio
import pytest
import trio
import trio.testing

from docparse_loaders.errors import SubmitUncertain
from docparse_loaders.policy import Policy
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.scnet import SCNet
from docparse_loaders.vendors.somark import SoMark
from simulation.lives import POLICY, Life
from simulation.services import MinerUService, PaddleOCRService, SCNetService, Service, SoMarkService
from simulation.world import Plan

LIVES = int(os.environ.get("DOCPARSE_LIVES", "10000"))
AT_ONCE = 500


class Setting(NamedTuple):
    options: VendorConfig
    service: type[Service]
    addresses: bool | None
    """Whether documents are submitted by address, or None if the plan says."""


SETTINGS = {
    "somark": Setting(SoMark(), SoMarkService, False),
    "paddleocr": Setting(PaddleOCR(), PaddleOCRService, None),
    "mineru": Setting(MinerU(), MinerUService, None),
    "parse4ai": Setting(Parse4AI(), MinerUService, True),
    "scnet": Setting(SCNet(), SCNetService, None),
}


def life_of(name: str, seed: int, plan: Plan | None = None) -> Life:
    setting = SETTINGS[name]
    plan = plan or Plan.of(seed)
    if setting.addresses is not None:
        plan = plan._replace(by_address=setting.addresses)
    rng = random.Random(seed)  # noqa: S311  (a schedule, not a secret)
    service = setting.service(trio.current_time, lambda: rng.uniform(0.1, plan.seconds), links=rng.choice((0.05, 5.0, 60.0)))
    return Life(vendor_of(setting.options), setting.options, plan, service, rng=rng)


def faults_of(life: Life) -> list[str]:
    """What is wrong with a life that has ended."""
    wrong = []
    for (process, name), end in life.ends.items():
        if isinstance(end, SubmitUncertain):
            if not end.token:
                wrong.append(f"{name} in process {process}: in doubt, without a token")
            if name not in life.doubts and not life.killed:
                wrong.append(f"{name} in process {process}: in doubt without a cause: {end}")
        elif end != name:
            wrong.append(f"{name} in process {process}: {end!r}")
    if len(life.ends) != life.plan.documents * life.plan.processes:
        wrong.append(f"only {sorted(life.ends)} came to an end")
    wrong += [f"{name} was billed {bills} times" for name, bills in life.service.bills.items() if bills > 1]
    return wrong


def lived(lives: Callable[[], Iterable[Life]]) -> list[Life]:
    """Run lives at the same time, each in a world of its own."""

    async def run() -> list[Life]:
        running = list(lives())
        async with anyio.create_task_group() as group:
            for life in running:
                group.start_soon(life.live)
        return running

    return trio.run(run, clock=trio.testing.MockClock(autojump_threshold=0))


def _lives(name: str, seeds: Iterable[int], plan: Plan | None = None) -> list[Life]:
    return [life_of(name, seed, plan) for seed in seeds]


def shrunk(name: str, seed: int) -> Plan:
    """The plan of a bad life with every fault left out that is not needed for it."""
    plan = Plan.of(seed)
    for number in sorted(plan.faults):
        less = plan.without(number)
        if faults_of(lived(partial(_lives, name, [seed], less))[0]):
            plan = less
    return plan


@pytest.mark.timeout(300 if LIVES <= 10000 else 36000)
@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("name", SETTINGS)
def test_nothing_is_billed_twice_or_lost(name: str, quarter: int) -> None:
    ends = 0
    for first in range(quarter * LIVES // 4, (quarter + 1) * LIVES // 4, AT_ONCE):
        seeds = range(first, min(first + AT_ONCE, (quarter + 1) * LIVES // 4))
        for seed, life in zip(seeds, lived(partial(_lives, name, seeds)), strict=True):
            if wrong := faults_of(life):
                pytest.fail(f"seed {seed}: {'; '.join(wrong)}\nenough for it: {shrunk(name, seed)}")
            ends += sum(isinstance(end, str) for end in life.ends.values())
    assert ends > LIVES / 8


@pytest.mark.parametrize("name", SETTINGS)
def test_a_life_without_faults_costs_one_bill_a_document(name: str) -> None:
    plan = Plan({}, (), 3, 2, by_address=SETTINGS[name].addresses is not False, seconds=3.0)
    (life,) = lived(partial(_lives, name, [1], plan))
    assert set(life.service.bills.values()) == {1}
    assert sorted(life.ends.values(), key=str) == ["doc0", "doc0", "doc1", "doc1", "doc2", "doc2"]


def test_a_bill_too_many_would_be_noticed() -> None:
    """The judge is judged: a person who answers every doubt by paying again is billed twice in some life."""
    billed = 0
    for seed in range(200):
        life = life_of("somark", seed)
        life.policy = Policy(on_uncertain="resubmit", timeouts=POLICY.timeouts)
        lived(partial(list, [life]))
        billed += any("billed" in fault for fault in faults_of(life))
    assert billed > 0
