"""The engine's loop under a virtual clock: hours of waiting take no time, and every pause is exact."""

import json
from itertools import chain, repeat

import anyio
import httpx
import pytest
import trio.testing

from docparse_loaders import errors
from docparse_loaders.engine.drive import drive
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.protocol import Done, Step, Wait
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkState, SoMarkVendor
from scripted import DONE, FACTS, Answer, Bench, World, code, ok

pytestmark = pytest.mark.anyio
EXACT = Policy(poll=Poll(jitter=0.0))


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


def _bench(*answers: Answer, policy: Policy = EXACT, delay: float = 0.0) -> Bench:
    return Bench(World(iter(answers), delay), policy)


def _begin() -> Step:
    return SoMarkVendor().begin(FACTS, None, SoMark())


async def test_a_job_is_submitted_polled_and_done() -> None:
    bench = _bench(ok("QUEUING"), ok("PROCESSING"), ok("PROCESSING"), ok("SUCCESS", **DONE))
    start = anyio.current_time()
    done = await drive(bench.run(), _begin())
    assert isinstance(done, Done)
    assert [t - start for t in bench.world.polls] == pytest.approx([1.0, 1.25, 1.5])
    assert len(bench.world.submits) == 1
    assert [p.status for p in bench.heard] == ["QUEUING", "PROCESSING", "PROCESSING", "done"]


async def test_the_state_is_saved_before_the_effect_and_after_the_answer() -> None:
    bench = _bench(ok("QUEUING"), ok("SUCCESS", **DONE))
    await drive(bench.run(), _begin())
    assert bench.saved == [SoMarkState(), SoMarkState(phase="polling", task_id="t1")]


async def test_it_can_stop_as_soon_as_the_job_is_accepted() -> None:
    bench = _bench(ok("QUEUING"))
    step = await drive(bench.run(), _begin(), stop_at_wait=True)
    assert isinstance(step, Wait)
    assert step.state.accepted


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(429, headers={"retry-after": "2"}),
        code(1124),
        code(1101),
        httpx.ConnectError("refused"),
    ],
)
async def test_a_submit_that_was_not_taken_goes_out_again(fault: Answer) -> None:
    bench = _bench(fault, ok("QUEUING"), ok("SUCCESS", **DONE))
    await drive(bench.run(), _begin())
    assert len(bench.world.submits) == 2


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadError("cut"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(503),
        httpx.Response(200, html="<html>login</html>"),
        code(1102),
        code(1120),
        code(1138),
    ],
)
async def test_a_submit_that_may_have_been_taken_does_not(fault: Answer) -> None:
    bench = _bench(fault, ok("QUEUING"), ok("SUCCESS", **DONE))
    with pytest.raises(errors.SubmitUncertain) as caught:
        await drive(bench.run(), _begin())
    assert len(bench.world.submits) == 1
    cause = caught.value.__cause__
    assert isinstance(cause, errors.DocParseError)
    assert cause.message.rstrip(".") in str(caught.value)
    assert caught.value.source == FACTS.uri


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(429),
        httpx.Response(503),
        httpx.Response(502, html="<html>"),
        httpx.ReadError("cut"),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, html="<html>"),
        code(1124),
    ],
)
async def test_polling_survives_what_may_pass(fault: Answer) -> None:
    answers = chain([ok("QUEUING")], repeat(fault, 20), [ok("SUCCESS", **DONE)])
    bench = Bench(World(answers), EXACT)
    await drive(bench.run(), _begin())
    assert (len(bench.world.submits), len(bench.world.polls)) == (1, 21)


async def test_retry_after_is_kept_to_the_second() -> None:
    bench = _bench(ok("QUEUING"), httpx.Response(429, headers={"retry-after": "30"}), ok("SUCCESS", **DONE))
    await drive(bench.run(), _begin())
    assert bench.world.polls[1] - bench.world.polls[0] == pytest.approx(30.0)


async def test_a_pause_longer_than_our_patience_ends_it_now_with_the_token() -> None:
    bench = _bench(ok("QUEUING"), httpx.Response(429, headers={"retry-after": "600"}))
    start = anyio.current_time()
    with pytest.raises(errors.RateLimited) as caught:
        await drive(bench.run(), _begin())
    assert caught.value.retry_after == 600
    assert caught.value.token is not None
    assert anyio.current_time() - start < 2


async def test_an_unreachable_endpoint_ends_after_its_attempts() -> None:
    bench = Bench(World(repeat(httpx.ConnectError("refused"))), EXACT)
    with pytest.raises(errors.EndpointUnreachable, match=r"somark\.test cannot be reached") as caught:
        await drive(bench.run(), _begin())
    assert len(bench.world.submits) == Retry().attempts
    assert caught.value.token is None


async def test_a_job_that_never_ends_is_given_up_with_its_token() -> None:
    policy = Policy(timeouts=Timeouts(job=600))
    bench = Bench(World(chain([ok("QUEUING")], repeat(ok("PROCESSING")))), policy)
    start = anyio.current_time()
    with pytest.raises(errors.JobTimeout, match="the last status was 'PROCESSING'") as caught:
        await drive(bench.run(), _begin())
    assert anyio.current_time() - start == pytest.approx(600)
    assert caught.value.last_status == "PROCESSING"
    assert json.loads(caught.value.token or "{}")["task_id"] == "t1"


async def test_a_status_that_nobody_knows_is_waited_for_and_named() -> None:
    bench = Bench(World(chain([ok("QUEUING")], repeat(ok("PONDERING")))), Policy(timeouts=Timeouts(job=60)))
    with pytest.raises(errors.JobTimeout, match="'PONDERING', a word that this version does not know"):
        await drive(bench.run(), _begin())


async def test_a_server_that_does_not_answer_is_left_after_the_request_clock() -> None:
    policy = Policy(timeouts=Timeouts(request=5, job=60))
    bench = _bench(ok("QUEUING"), policy=policy, delay=1e6)
    start = anyio.current_time()
    with pytest.raises(errors.SubmitUncertain):
        await drive(bench.run(), _begin())
    assert anyio.current_time() - start == pytest.approx(5)
    assert len(bench.world.submits) == 1


async def test_the_job_clock_during_a_submit_leaves_the_question_open() -> None:
    bench = _bench(ok("QUEUING"), policy=Policy(timeouts=Timeouts(request=100, job=10)), delay=1e6)
    with pytest.raises(errors.SubmitUncertain, match="may have been taken"):
        await drive(bench.run(), _begin())


@pytest.mark.parametrize(
    ("number", "error"), [(1107, errors.AuthError), (1123, errors.QuotaError), (1106, errors.BrokenSource)]
)
async def test_a_refusal_is_raised_at_once(number: int, error: type[errors.DocParseError]) -> None:
    bench = _bench(code(number))
    with pytest.raises(error) as caught:
        await drive(bench.run(), _begin())
    assert len(bench.world.submits) == 1
    assert caught.value.token is None


async def test_a_job_that_failed_carries_its_token() -> None:
    bench = _bench(ok("QUEUING"), ok("FAILED"))
    with pytest.raises(errors.JobFailed) as caught:
        await drive(bench.run(), _begin())
    assert caught.value.token is not None


async def test_cancelling_takes_no_time_and_leaves_nothing() -> None:
    bench = Bench(World(chain([ok("QUEUING")], repeat(ok("PROCESSING")))), EXACT)
    start = anyio.current_time()
    with anyio.move_on_after(12.0):
        await drive(bench.run(), _begin())
    assert anyio.current_time() - start == pytest.approx(12.0)
    assert bench.saved[-1] == SoMarkState(phase="polling", task_id="t1")


async def test_one_request_asked_to_wait_holds_back_the_others() -> None:
    answers = chain([httpx.Response(429, headers={"retry-after": "20"})], repeat(ok("QUEUING")))
    bench = Bench(World(answers), EXACT)
    run = bench.run()

    async def submit(delay: float) -> None:
        await anyio.sleep(delay)
        other = bench.run()
        other.gate, other.together = run.gate, run.together
        await drive(other, _begin(), stop_at_wait=True)

    start = anyio.current_time()
    async with anyio.create_task_group() as group:
        for delay in (0.0, 1.0, 2.0, 3.0):
            group.start_soon(submit, delay)
    assert [round(t - start) for t in bench.world.submits] == [0, 20, 20, 20, 20]
