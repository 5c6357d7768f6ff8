"""Faults while a job is waited for: what may pass is outlasted, what does not end is left in time, and nobody is stormed.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import time
from dataclasses import replace
from email.utils import formatdate
from itertools import cycle
from typing import Any

import pytest

from docparse_loaders import errors
from docparse_loaders.policy import Timeouts
from docparse_loaders.vendors.http import retry_after
from faults.scene import INLINE, QUICK, VENDORS, is_whole, scene
from gateway import HTML, Phase, Request, Twist, answer

PASSING = {
    "503": Twist(instead=answer("503 Service Unavailable")),
    "502": Twist(instead=answer("502 Bad Gateway", HTML)),
    "429": Twist(instead=answer("429 Too Many Requests")),
    "page for people": Twist(instead=answer("200 OK", HTML, "content-type: text/html\r\n")),
    "reset": Twist(received=0),
    "half an answer": Twist(received=150),
    "no answer": Twist(held=2.5),
}
ASKING: list[tuple[str, Phase]] = [
    *((vendor, "poll") for vendor in VENDORS),
    *((vendor, "result") for vendor in VENDORS if vendor not in INLINE),
]


@pytest.mark.parametrize(("vendor", "phase"), ASKING)
def test_row_4_what_may_pass_does_not_surface(vendor: str, phase: Phase) -> None:
    """Each fault once, for seven documents that are under way together."""
    policy = replace(QUICK, timeouts=Timeouts(connect=2.0, request=2.0, job=30.0))
    faults, met = [*PASSING.values()], set[str]()

    def twist(request: Request) -> Twist | None:
        if request.phase != phase or not faults or (phase == "result" and request.path in met):
            return None
        met.add(request.path)
        return faults.pop()

    with scene(vendor, twist) as on:
        names = [str(number) for number in range(len(PASSING))]
        outcomes = on.parse(names, policy)
        assert faults == []
        assert [outcome.error for outcome in outcomes] == [None] * len(names)
        assert all(is_whole(outcome.document, name) for outcome, name in zip(outcomes, names, strict=True))
        assert set(on.bills.values()) == {1}


DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
AFTER: dict[str, float | None] = {
    "0": 0.0,
    "1": 1.0,
    "7": 7.0,
    " 12 ": 12.0,
    "1.5": 1.5,
    "007": 7.0,
    "86400": 86400.0,
    "+3": 3.0,
    "1e2": 100.0,
    "-1": None,
    "-0.5": None,
    "nan": None,
    "inf": None,
    "-inf": None,
    "1e999": None,
    "": None,
    "   ": None,
    "soon": None,
    "1 s": None,
    "0x10": None,
    "1,5": None,
    "Wed, 99 Oct 2026 07:28:10 GMT": None,
    "Wed, 21 Oct 2026 07:28:10 GMT": 10.0,
    "Wed, 21 Oct 2026 07:27:00 GMT": 0.0,
    "Wed, 21 Oct 2026 09:28:05 +0200": 5.0,
}


def test_row_5_a_pause_is_read_from_every_form_of_retry_after() -> None:
    assert {value: retry_after({"retry-after": value, "date": DATE}) for value in AFTER} == AFTER
    assert len(AFTER) == 25


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_row_5_one_that_is_told_to_wait_holds_all_of_its_key_back(form: str) -> None:
    """50 documents at once: no request goes out while the pause is on, but for those that were under way."""
    now = time.time()
    dates = f"date: {formatdate(now, usegmt=True)}\r\nretry-after: {formatdate(now + 1, usegmt=True)}\r\n"
    slow = answer("429 Too Many Requests", headers="retry-after: 1\r\n" if form == "seconds" else dates)
    told: list[float] = []

    def twist(request: Request) -> Twist | None:
        if request.phase != "poll" or told:
            return None
        told.append(time.monotonic())
        return Twist(instead=slow)

    with scene("somark", twist) as on:
        outcomes = on.parse([str(number) for number in range(50)])
        assert [outcome.error for outcome in outcomes] == [None] * 50
        during = [passed for passed in on.gateway.passed if 0.3 < passed.at - told[0] < 0.95]
        assert (len(during), sum(on.bills.values())) == (0, 50)


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_8_a_job_that_never_ends_is_left_in_time(vendor: str) -> None:
    """10 of each vendor's, 50 in all: each is back soon after the deadline, with its token and the last word."""
    calm = replace(QUICK.poll, first=0.2, growth=2.0, longest=1.0)
    policy = replace(QUICK, poll=calm, timeouts=Timeouts(request=5.0, job=3.0))
    with scene(vendor, work_seconds=600.0) as on:
        outcomes = on.parse([str(number) for number in range(10)], policy)
        for outcome in outcomes:
            assert isinstance(outcome.error, errors.JobTimeout), outcome.error
            assert outcome.error.token
            assert outcome.error.last_status
            assert 2.9 < outcome.effort.seconds < 5.0
        assert set(on.bills.values()) == {1}


@pytest.mark.parametrize("vendor", [vendor for vendor in VENDORS if vendor not in INLINE])
@pytest.mark.parametrize("lifetime", [0.1, 0.3, 60.0])
def test_row_12_a_link_that_has_expired_is_replaced(vendor: str, lifetime: float) -> None:
    """The first two requests for the result come too late for links that live for less than 0.3 s."""
    late = iter([Twist(held=0.0)] * 2)

    def twist(request: Request) -> Twist | None:
        if request.phase == "result" and next(late, None):
            time.sleep(0.3)
        return None

    with scene(vendor, twist, link_seconds=lifetime) as on:
        found = on.outcome("one")
        assert is_whole(found, "one"), found  # type: ignore[arg-type]  # an error is not whole
        assert on.bills["one"] == 1


@pytest.mark.parametrize("phase", ["submit", "poll"])
def test_row_24_a_dripping_answer_ends_at_the_deadline(phase: Phase) -> None:
    """25 at once; a byte every 0.2 s would take a minute, and no pause between bytes is long."""
    policy = replace(QUICK, timeouts=Timeouts(request=1.0, job=2.5), limits=replace(QUICK.limits, requests_at_once=50))
    with scene("somark", lambda request: Twist(drip=0.2) if request.phase == phase else None) as on:
        on.outcome("first", policy)
        outcomes = on.parse([str(number) for number in range(25)], policy)
        expected: Any = errors.SubmitUncertain if phase == "submit" else errors.JobTimeout
        assert {type(outcome.error) for outcome in outcomes} == {expected}
        assert all(outcome.error and outcome.error.token for outcome in outcomes)
        assert max(outcome.effort.seconds for outcome in outcomes) < (1.0 if phase == "submit" else 2.5) + 1.5
        assert max(on.bills.values()) == 1


def test_row_38_no_more_connections_than_allowed() -> None:
    """100 documents with 50 at once: never more than 16 requests under way."""
    pauses = cycle([0.0, 0.002, 0.005])
    with scene("somark", lambda _: Twist(held=next(pauses))) as on:
        outcomes = on.parse([str(number) for number in range(100)], concurrency=50)
        assert [outcome.error for outcome in outcomes] == [None] * 100
        assert 8 <= on.gateway.most_open <= 16
