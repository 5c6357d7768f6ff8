"""The retry and polling policy, with values: what may go out again, after how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.decide import Resend, after_failure, backoff, next_poll
from docparse_loaders.errors import DocParseError
from docparse_loaders.policy import Poll, Retry
from docparse_loaders.vendors.http import retry_after
from docparse_loaders.vendors.protocol import Effect

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


@given(st.integers(0, 10_000), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 1e9)))
def test_polls_grow_and_are_bounded(asked: int, u: float, hint: float | None) -> None:
    poll = Poll()
    assert 0 <= next_poll(asked, poll, u, hint=hint) <= poll.longest
    assert next_poll(asked, poll, 0) <= next_poll(asked + 1, poll, 0)
    assert next_poll(0, poll, 0) == poll.first


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
