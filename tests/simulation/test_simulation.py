"""No extra bill and no lost result, whatever happens when: thousands of lives of jobs for each vendor, drawn from seeds.

`DOCPARSE_LIVES=10000 pytest tests/simulation` runs more of them for each vendor. A life that ends badly is told by its seed,
with the few faults that are enough for it.
"""

import os
import random
from collections.abc import Iterator
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
from simulation.clockwork import Clockwork
from simulation.lives import POLICY, Life
from simulation.services import MinerUService, PaddleOCRService, SCNetService, Service, SoMarkService
from simulation.world import Plan

LIVES = int(os.environ.get("DOCPARSE_LIVES", "1000"))


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
    """The life of a seed, or another one that its services answer as they do in that."""
    setting = SETTINGS[name]
    plan = plan or Plan.of(seed)
    if setting.addresses is not None:
        plan = plan._replace(by_address=setting.addresses)
    rng = random.Random(seed)  # noqa: S311  (a schedule, not a secret)
    service = setting.service(anyio.current_time, lambda: rng.uniform(0.1, plan.seconds), links=rng.choice((0.05, 5.0, 60.0)))
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


def lived(life: Life) -> Life:
    """The same life when it is over."""
    Clockwork().lives(life.live())
    return life


def shrunk(name: str, seed: int) -> Plan:
    """The plan of a bad life with everything left out that is not needed for it."""
    plan, smaller = Plan.of(seed), True
    while smaller:
        smaller = False
        for less in plan.smaller():
            if faults_of(lived(life_of(name, seed, less))):
                plan, smaller = less, True
                break
    return plan


def bad_lives(name: str, seeds: range) -> Iterator[str]:
    """What went wrong in which life."""
    for seed in seeds:
        if wrong := faults_of(lived(life_of(name, seed))):
            yield f"seed {seed}: {'; '.join(wrong)}\nenough for it: {shrunk(name, seed)}"


@pytest.mark.timeout(300 if LIVES <= 10000 else 36000)
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", SETTINGS)
def test_nothing_is_billed_twice_or_lost(name: str, part: int) -> None:
    for bad in bad_lives(name, range(part * LIVES // 4, (part + 1) * LIVES // 4)):
        pytest.fail(bad)


@pytest.mark.parametrize("name", SETTINGS)
def test_most_documents_are_parsed_in_the_end(name: str) -> None:
    ends = [end for seed in range(100) for end in lived(life_of(name, seed)).ends.values()]
    assert sum(isinstance(end, str) for end in ends) > len(ends) / 2


@pytest.mark.parametrize("name", SETTINGS)
def test_a_life_without_faults_costs_one_bill_a_document(name: str) -> None:
    plan = Plan({}, (), 3, 2, by_address=SETTINGS[name].addresses is not False, seconds=3.0)
    life = lived(life_of(name, 1, plan))
    assert set(life.service.bills.values()) == {1}
    assert sorted(life.ends.values(), key=str) == ["doc0", "doc0", "doc1", "doc1", "doc2", "doc2"]


def _kinds(life: Life) -> list[object]:
    return [(key, end if isinstance(end, str) else type(end)) for key, end in life.ends.items()]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_seed_is_the_same_life_every_time(name: str) -> None:
    for seed in range(20):
        one, two = (lived(life_of(name, seed)) for _ in range(2))
        assert _kinds(one) == _kinds(two)
        assert [job.ready for job in one.service.jobs.values()] == [job.ready for job in two.service.jobs.values()]
        assert (one.service.bills, one.number()) == (two.service.bills, two.number())


@pytest.mark.parametrize("name", SETTINGS)
def test_lives_end_as_well_in_another_event_loop(name: str) -> None:
    """`Clockwork` is ours; trio and its clock are not."""
    for seed in range(20):
        life = life_of(name, seed)
        trio.run(life.live, clock=trio.testing.MockClock(autojump_threshold=0))
        assert faults_of(life) == []


def _who_pays_again(seed: int, plan: Plan | None = None) -> list[str]:
    """What goes wrong for a person who answers every doubt by submitting again."""
    life = life_of("somark", seed, plan)
    life.policy = Policy(on_uncertain="resubmit", timeouts=POLICY.timeouts)
    return faults_of(lived(life))


def test_a_bill_too_many_would_be_noticed() -> None:
    """The judge is judged."""
    assert any("billed" in fault for seed in range(100) for fault in _who_pays_again(seed))
