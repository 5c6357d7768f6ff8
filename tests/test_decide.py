"""The retry and polling policy, with values: what may go out again, after how long."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.decide import Crowd, Resend, Waiting, after_failure, backoff, in_step, next_poll
from docparse_loaders.errors import DocParseError
from docparse_loaders.policy import Poll, Retry
from docparse_loaders.vendors.http import retry_after
from docparse_loaders.vendors.protocol import Effect, Progress

RETRY = Retry(attempts=4, base=0.5, longest=30, patience=120)
ALL = [errors.EndpointUnreachable("x"), errors.ReplyLost("x"), errors.RateLimited("x"), errors.VendorUnavailable("x")]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (errors.EndpointUnreachable("refused"), Resend(0.25)),
        (errors.RateLimited("slow down"), Resend(0.25)),
        (errors.ReplyLost("cut"), "uncertain"),
        (errors.VendorUnavailable("502"), "uncertain"),
        (errors.AuthError("no"), "raise"),
        (errors.SubmitRejected("no"), "raise"),
        (errors.SourceChanged("no"), "raise"),
    ],
)
def test_a_create_goes_out_again_only_if_it_was_not_taken(error: DocParseError, verdict: object) -> None:
    assert after_failure(Effect.CREATE, error, 1, RETRY, 0.5) == verdict


@pytest.mark.parametrize("error", ALL)
@pytest.mark.parametrize("effect", [Effect.READ, Effect.PUT])
def test_the_others_go_out_again_up_to_the_limit(effect: Effect, error: DocParseError) -> None:
    assert isinstance(after_failure(effect, error, 3, RETRY, 0.5), Resend)
    assert after_failure(effect, error, 4, RETRY, 0.5) == "raise"


@pytest.mark.parametrize("error", ALL)
def test_questions_about_paid_work_have_no_limit_of_their_own(error: DocParseError) -> None:
    assert isinstance(after_failure(Effect.READ, error, 1000, RETRY, 0.5, accepted=True), Resend)


def test_a_named_pause_is_kept_unless_it_is_too_long() -> None:
    assert after_failure(Effect.READ, errors.RateLimited("x", retry_after=7.5), 1, RETRY, 0.1) == Resend(7.5)
    assert after_failure(Effect.READ, errors.RateLimited("x", retry_after=121), 1, RETRY, 0.1) == "raise"


def test_an_error_may_allow_less_than_the_policy() -> None:
    once = errors.VendorUnavailable("x", tries=1)
    assert isinstance(after_failure(Effect.READ, once, 1, RETRY, 0.5), Resend)
    assert after_failure(Effect.READ, once, 2, RETRY, 0.5) == "raise"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_backoff_is_bounded(attempt: int, u: float) -> None:
    assert 0 <= backoff(attempt, RETRY, u) <= min(RETRY.longest, RETRY.base * 2.0 ** min(attempt - 1, 60))


EXACT = Poll(jitter=0.0)


def _times(seconds: float, crowd: Crowd, total: int | None = None) -> list[float]:
    """When a job is asked after that takes so long, of `total` pages that are done one by one."""
    now, asked = 0.0, list[float]()
    while not asked or asked[-1] < seconds:
        done = Progress("", None if total is None else int(total * now / seconds), total)
        now += next_poll(Waiting(now, len(asked), done), EXACT, 0.0, crowd)
        asked.append(now)
    return asked


def test_a_single_job_is_asked_after_quickly_at_first() -> None:
    expected = [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.53, 2.85, 3.20, 3.60, 4.35]
    assert _times(4.0, Crowd(interval=3.0)) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("interval", [2.0, 3.0, 5.0])
def test_then_the_vendor_s_pace_is_kept_until_an_eighth_of_the_job_s_time_is_longer(interval: float) -> None:
    asked = _times(600.0, Crowd(interval=interval))
    pauses = [(now, later - now) for now, later in pairwise(asked)]
    assert all(pause >= min(interval, 10.0) - 1e-9 for _, pause in pauses[16:])
    assert all(pause <= max(interval, now / 8, 0.25) + 1e-9 for now, pause in pauses)
    assert pauses[-1][1] == EXACT.longest
    assert len(asked) <= 2 * EXACT.quick + 600.0 / interval


@pytest.mark.parametrize(("seconds", "late"), [(1.0, 0.0), (2.0, 0.26), (4.0, 0.51), (10.0, 1.75), (60.0, 7.6), (600.0, 10.0)])
def test_a_result_is_noticed_late_by_a_share_of_the_job_s_time(seconds: float, late: float) -> None:
    assert 0.0 <= _times(seconds, Crowd())[-1] - seconds <= late


def test_pages_that_are_left_shorten_and_stretch_the_pauses() -> None:
    job, poll = Waiting(40.0, 20), Poll(jitter=0.0, longest=30.0)
    pauses = {done: next_poll(job._replace(progress=Progress("", done, 100)), poll, 0.0) for done in (0, 1, 50, 90, 100, 101)}
    # 40 s for 90 pages: 4.4 s are left, of which half is waited; an eighth of 40 s is 5, halved twice or doubled at most.
    assert pauses == pytest.approx({0: 5.0, 1: 10.0, 50: 10.0, 90: 2.222, 100: 1.25, 101: 5.0}, abs=0.01)
    assert len(_times(60.0, Crowd(), total=100)) <= len(_times(60.0, Crowd()))


def test_a_common_request_may_go_out_as_often_as_its_jobs_would_have_asked() -> None:
    job = Waiting(40.0, 100)
    pauses = [next_poll(job, EXACT, 0.0, Crowd(jobs=count, common=count, interval=5.0)) for count in (1, 2, 10, 100)]
    assert pauses == [5.0, 2.5, 0.5, 0.125]


def test_many_jobs_take_turns() -> None:
    pauses = [next_poll(Waiting(2.0, 3), EXACT, 0.0, Crowd(jobs=jobs)) for jobs in (1, 10, 100, 400, 10_000)]
    assert pauses == [0.25, 0.25, 2.0, 8.0, 10.0]


def test_pauses_stretch_while_the_vendor_says_too_fast() -> None:
    assert [next_poll(Waiting(2.0, 3), EXACT, 0.0, Crowd(stretch=by)) for by in (1.0, 2.0, 16.0)] == [0.25, 0.5, 4.0]


@given(st.floats(0, 1e6), st.floats(0, 1e3))
def test_jobs_in_step_ask_at_the_same_moments(now: float, pause: float) -> None:
    due = in_step(now, pause, EXACT)
    assert max(now, now + pause * 0.5 - 0.0625) <= due <= now + pause * 1.5 + 0.0626
    if pause >= 0.0625:
        assert due == now or due / 0.125 == int(due / 0.125)


COUNTS = st.none() | st.integers(-5, 10_000)


@given(
    st.floats(0, 1e9),
    st.integers(0, 10**9),
    st.floats(0, 1),
    st.none() | st.floats(0, 1e9),
    COUNTS,
    COUNTS,
    st.integers(1, 10**6),
)
def test_pauses_are_bounded_whatever_a_vendor_says(
    seconds: float, asked: int, u: float, hint: float | None, done: int | None, total: int | None, jobs: int
) -> None:
    poll, job = Poll(), Waiting(seconds, asked, Progress("", done, total), hint)
    for crowd in (Crowd(jobs, 1, 3.0, 4.0), Crowd(jobs, jobs, 3.0)):
        pause = next_poll(job, poll, u, crowd)
        assert 0 <= pause <= poll.longest
        assert hint is not None or pause >= 0.125 * (1 - poll.jitter)
    assert hint is None or next_poll(job, poll, 0.0) == min(hint, poll.longest)


DATE = "Sat, 21 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("3", "", 3.0),
        ("0", "", 0.0),
        (" 1.5 ", "", 1.5),
        ("-1", "", None),
        ("nan", "", None),
        ("inf", "", None),
        ("soon", "", None),
        ("", "", None),
        ("Sat, 21 Nov 2026 10:00:05 GMT", DATE, 5.0),
        ("Sat, 21 Nov 2026 09:59:00 GMT", DATE, 0.0),
        ("Sat, 21 Nov 2026 10:00:05 GMT", "", None),
        ("Sat, 99 Nov 2026 10:00:05 GMT", DATE, None),
    ],
)
def test_retry_after_in_both_forms(value: str, date: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value, "date": date}) == seconds
