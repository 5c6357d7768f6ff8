"""How much is asked of one endpoint: counts shared by loops, threads and processes; pauses; the budget for retries."""

import subprocess
import sys
import threading
import time
from functools import partial
from itertools import pairwise, repeat
from pathlib import Path

import anyio
import httpx
import pytest
import trio.testing
from pydantic import SecretStr

from docparse_loaders import errors
from docparse_loaders.engine.drive import drive
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.limits import Admission, Counts, Gate, counts_of, gate_name
from docparse_loaders.policy import Limits, Policy
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkVendor
from scripted import FACTS, Answer, Bench, World, code

pytestmark = pytest.mark.anyio
FOUR = Limits(requests_at_once=4)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


class Crowd:
    """Counts who is inside, and how many there ever were."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.most = 0
        self.served = 0

    async def visit(self, gate: Gate, seconds: float) -> None:
        async with gate.passage():
            with self.lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            await anyio.sleep(seconds)
            with self.lock:
                self.inside -= 1
                self.served += 1


async def test_no_more_than_allowed_are_inside() -> None:
    crowd, gate = Crowd(), Gate(FOUR)
    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(crowd.visit, gate, 1.0)
    assert (crowd.most, crowd.served) == (4, 20)
    assert anyio.current_time() - start == pytest.approx(5.0)


async def test_each_parser_holds_the_common_count_against_its_own_limit() -> None:
    counts, crowd = Counts(), Crowd()
    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(crowd.visit, Gate(FOUR, counts), 1.0)
            group.start_soon(crowd.visit, Gate(Limits(requests_at_once=2), counts), 1.0)
    assert (crowd.most, crowd.served) == (4, 20)


async def test_turns_are_spaced() -> None:
    gate, times = Gate(Limits(requests_per_second=10)), list[float]()

    async def go() -> None:
        async with gate.passage():
            times.append(anyio.current_time())

    async with anyio.create_task_group() as group:
        for _ in range(30):
            group.start_soon(go)
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([0.1] * 29)


async def test_a_pause_that_is_announced_while_others_wait_for_their_turn_holds_for_them() -> None:
    gate, times = Gate(Limits(requests_per_second=1)), list[float]()

    async def go() -> None:
        async with gate.passage():
            times.append(anyio.current_time() - start)

    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(go)
        await anyio.sleep(1.5)
        gate.pause(10.0)
    assert times[:2] == pytest.approx([0.0, 1.0])
    assert min(times[2:]) == pytest.approx(11.5)


async def test_who_is_cancelled_while_waiting_takes_no_place() -> None:
    gate, crowd = Gate(Limits(requests_at_once=1)), Crowd()
    async with anyio.create_task_group() as group:
        group.start_soon(crowd.visit, gate, 5.0)
        await anyio.sleep(0.1)
        for _ in range(5):
            with anyio.move_on_after(0.1):
                await crowd.visit(gate, 1.0)
    await crowd.visit(gate, 1.0)
    assert (crowd.most, crowd.served) == (1, 2)


def test_loops_in_threads_share_the_counts() -> None:
    counts, crowd = Counts(), Crowd()

    async def visits() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(crowd.visit, Gate(FOUR, counts), 0.01)

    threads = [threading.Thread(target=anyio.run, args=(visits,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (crowd.most, crowd.served, counts.in_flight) == (4, 30, 0)


def test_a_gate_s_name_does_not_tell_the_key() -> None:
    one, two = (Endpoint("https://somark.test/api/v1", SecretStr(key)) for key in ("sk-one", "sk-two"))
    assert gate_name(one) != gate_name(two)
    assert gate_name(one) == gate_name(Endpoint("https://somark.test/api/v2", SecretStr("sk-one")))
    assert counts_of(gate_name(one)) is counts_of(gate_name(one))
    assert "sk-one" not in gate_name(one)


async def test_a_dead_service_is_not_stormed() -> None:
    """1,000 documents, each of which would try 6 times: the budget of 500 pays for 50 retries at 10 each."""
    answers: list[Answer] = [httpx.ConnectError("refused")]
    world, failures = World(repeat(answers[0])), list[errors.DocParseError]()
    first = Bench(world, Policy(limits=Limits(requests_at_once=1000))).run()

    async def submit() -> None:
        run = Bench(world, first.policy).run()
        run.gate, run.together = first.gate, first.together
        try:
            await drive(run, SoMarkVendor().begin(FACTS, None, SoMark()))
        except errors.EndpointUnreachable as error:
            failures.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(1000):
            group.start_soon(submit)
    assert len(failures) == 1000
    assert len(world.submits) == 1050


async def test_answers_fill_the_budget_again() -> None:
    gate = Gate(Limits(retry_credit=20.0))
    assert [gate.affords_retry(10.0) for _ in range(3)] == [True, True, False]
    for _ in range(10):
        gate.succeeded()
    assert [gate.affords_retry(10.0) for _ in range(2)] == [True, False]
    for _ in range(100):
        gate.succeeded()
    assert [gate.affords_retry(10.0) for _ in range(3)] == [True, True, False]


async def test_a_taken_job_is_asked_for_also_when_the_budget_is_used_up() -> None:
    from scripted import DONE, ok

    down = [code(1101)] * 60
    bench = Bench(World(iter([ok("QUEUING"), *down, ok("SUCCESS", **DONE)])), Policy(limits=Limits(retry_credit=20.0)))
    await drive(bench.run(), SoMarkVendor().begin(FACTS, None, SoMark()))
    pauses = [later - earlier for earlier, later in pairwise(bench.world.polls)]
    assert pauses[10:] == pytest.approx([30.0] * len(pauses[10:]))


WORKER = """
import sys, time, anyio
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.limits import Gate
from docparse_loaders.policy import Limits

async def main(path, visits):
    store = JobStore(path)
    gate = Gate(Limits(requests_at_once=3, requests_per_second=40), name="gate", shared=store)
    async def visit():
        async with gate.passage():
            begin = time.monotonic()
            await anyio.sleep(0.05)
            print(begin, time.monotonic(), flush=True)
    async with store.kept_open(), anyio.create_task_group() as group:
        for _ in range(visits):
            group.start_soon(visit)

anyio.run(main, sys.argv[1], int(sys.argv[2]))
"""


def _spans(path: Path, processes: int, visits: int) -> list[tuple[float, float]]:
    command = [sys.executable, "-c", WORKER, str(path), str(visits)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]  # noqa: S603  (our own script)
    lines = [line for process in running for line in process.communicate(timeout=60)[0].splitlines()]
    assert [process.returncode for process in running] == [0] * processes
    return sorted((float(begin), float(end)) for begin, end in map(str.split, lines))


def test_processes_share_the_counts(tmp_path: Path) -> None:
    spans = _spans(tmp_path / "jobs.db", 4, 20)
    assert len(spans) == 80
    assert max(sum(begin <= now < end for begin, end in spans) for now, _ in spans) <= 3
    for index, (begin, _) in enumerate(spans):
        assert sum(begin <= other < begin + 0.5 for other, _ in spans[index:]) <= 21 + 3  # 0.5 s at 40 a second


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_pause_reaches_the_other_processes(tmp_path: Path) -> None:
    one, two = (Gate(Limits(), name="gate", shared=JobStore(tmp_path / "jobs.db")) for _ in range(2))
    start = anyio.current_time()
    await one.pause_all(0.5)
    async with two.passage():
        assert anyio.current_time() - start >= 0.5


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_place_of_a_process_that_died_is_free_again(tmp_path: Path) -> None:
    """Soon, although a request may take much longer: sixteen killed uploads must not keep everybody out for minutes."""
    now = 1000.0
    one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=lambda: now) for _ in range(2))
    limits = Limits(requests_at_once=1)
    dead = await one.admit("gate", limits, 600.0)
    assert dead.ticket
    assert (await two.admit("gate", limits, 600.0)).ticket is None
    now += 31.0
    late = await two.admit("gate", limits, 600.0)
    assert late.ticket
    await one.leave("gate", dead.ticket)
    assert (await one.admit("gate", limits, 600.0)).ticket is None
    await two.leave("gate", late.ticket)
    assert (await _left(one, limits)).wait == 0.0


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_place_of_a_process_that_lives_is_its_own_for_as_long_as_it_takes(tmp_path: Path) -> None:
    one, two = (JobStore(tmp_path / "jobs.db", lease=0.6) for _ in range(2))
    limits = Limits(requests_at_once=1)
    slow = await one.admit("gate", limits, 600.0)
    assert slow.ticket
    time.sleep(1.5)  # noqa: ASYNC251  (the loop is blocked on purpose)
    assert (await two.admit("gate", limits, 600.0)).ticket is None
    await one.leave("gate", slow.ticket)
    assert (await _left(two, limits)).ticket


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_turn_far_ahead_keeps_its_place(tmp_path: Path) -> None:
    """At one request in 100 s, the second one's place is taken until its turn has come and gone."""
    now = 1000.0
    store = JobStore(tmp_path / "jobs.db", lease=30.0, clock=lambda: now)
    limits = Limits(requests_at_once=2, requests_per_second=0.01)
    first, second = await store.admit("gate", limits, 600.0), await store.admit("gate", limits, 600.0)
    assert (first.wait, second.wait) == (0.0, 100.0)
    store._database.do(partial(store._heart._renew, [ticket for ticket in (first.ticket, second.ticket) if ticket]))
    now += 99.0
    third = await store.admit("gate", limits, 600.0)
    assert (await store.admit("gate", limits, 600.0)).ticket is None
    for ticket in (first.ticket, second.ticket, third.ticket):
        assert ticket
        await store.leave("gate", ticket)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_what_was_written_before_the_machine_was_started_anew_counts_no_more(tmp_path: Path) -> None:
    now = 1e6
    store = JobStore(tmp_path / "jobs.db", clock=lambda: now)
    one = Limits(requests_at_once=1, requests_per_second=1)
    before = await store.admit("gate", one, 60.0)
    assert before.ticket
    await store.close_gate("gate", 100.0)
    now = 10.0
    admission = await _left(store, one)
    assert (bool(admission.ticket), admission.wait) == (True, 0.0)
    await store.leave("gate", before.ticket)


async def _left(store: JobStore, limits: Limits) -> Admission:
    """What one is told who leaves at once."""
    admission = await store.admit("gate", limits, 60.0)
    if admission.ticket:
        await store.leave("gate", admission.ticket)
    return admission
