"""PaddleOCR's error codes, one by one, against its page on asynchronous jobs: what each is here and in the emulator."""

from typing import Any, Literal, NamedTuple

import pytest

from docparse_loaders import errors
from docparse_loaders.emulator.paddleocr import words
from docparse_loaders.engine.decide import Resend, Verdict, after_failure
from docparse_loaders.errors import DocParseError
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.paddleocr.codes import CODES
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.paddleocr.wire import PaddleOCRVendor
from docparse_loaders.vendors.protocol import Effect, Fail, Reply, Step, Wait

Next = Literal["raise", "resend", "uncertain"]


class Row(NamedTuple):
    """A row of the page's table, and what must follow from it for a submit and for a question."""

    status: int
    error: type[DocParseError]
    submit: Next = "raise"
    poll: Next = "raise"


DOCUMENTED = {
    "401": Row(401, errors.AuthError),
    "500": Row(500, errors.VendorUnavailable, "uncertain", "resend"),
    "10001": Row(400, errors.EmptySource),
    "10002": Row(400, errors.UnsupportedSource),
    "10003": Row(400, errors.SourceTooLarge),
    "10004": Row(400, errors.UnsupportedSource),
    "10005": Row(400, errors.BrokenSource),
    "10006": Row(400, errors.SourceTooLarge),
    "10007": Row(400, errors.SubmitRejected),
    "10008": Row(400, errors.SubmitRejected),
    "10009": Row(400, errors.SubmitRejected),
    "10010": Row(400, errors.RateLimited, "resend", "resend"),
    "11001": Row(404, errors.JobFailed),
    "11002": Row(400, errors.JobFailed),
    "11003": Row(200, errors.JobFailed),
    "12001": Row(403, errors.QuotaError),
    "12002": Row(429, errors.RateLimited, "resend", "resend"),
}
"""The table of the page, which gives no status for 401, 500 and 10010; that of 10010 was seen by its users."""

STATUSES = (200, 400, 401, 403, 404, 429, 500, 503)
VENDOR = PaddleOCRVendor()
SUBMITTING = PaddleOCRState(order={"model": "PaddleOCR-VL-1.5"})
POLLING = PaddleOCRState(phase="polling", job_id="ocrjob-f4377241b695", unseen=1)


def refusal(code: Any, status: int, name: str = "code") -> Reply:
    return Reply(status, json={"traceId": "0b1e", name: code, "msg": "no"})


def failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail), step
    return step.error


def named(verdict: Verdict) -> Next:
    return "resend" if isinstance(verdict, Resend) else verdict


def test_the_tables_hold_the_same_codes() -> None:
    assert set(CODES) == set(DOCUMENTED)
    assert {str(code): status for code, (status, _) in words.CODES.items()} == {
        code: row.status for code, row in DOCUMENTED.items()
    }
    assert all(meaning.hint for meaning in CODES.values())


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_code_means_the_same_whatever_its_status_and_spelling(code: str) -> None:
    row = DOCUMENTED[code]
    spellings: list[tuple[Any, str]] = [(int(code), "code"), (code, "code"), (int(code), "errorCode")]
    for status in (row.status, *STATUSES):
        for value, name in spellings:
            for state in (SUBMITTING, POLLING):
                found = failure(VENDOR.on_reply(state, refusal(value, status, name)))
                assert (type(found), found.code, found.status) == (row.error, code, status)
                assert found.hint


@pytest.mark.parametrize("code", DOCUMENTED)
def test_a_code_tells_whether_to_ask_again(code: str) -> None:
    row = DOCUMENTED[code]
    submit = failure(VENDOR.on_reply(SUBMITTING, refusal(int(code), row.status)))
    assert named(after_failure(Effect.CREATE, submit, 1, Retry(), 0.5)) == row.submit
    poll = failure(VENDOR.on_reply(POLLING, refusal(int(code), row.status)))
    assert named(after_failure(Effect.READ, poll, 1, Retry(), 0.5, accepted=True)) == row.poll


def test_a_job_that_is_not_known_right_after_its_submit_is_asked_for_once_more() -> None:
    fresh = POLLING.model_copy(update={"unseen": 0})
    assert isinstance(VENDOR.on_reply(fresh, refusal(11001, 404)), Wait)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, errors.AuthError),
        (403, errors.AuthError),
        (404, errors.ProtocolError),
        (413, errors.SourceTooLarge),
        (429, errors.RateLimited),
        (500, errors.VendorUnavailable),
        (502, errors.VendorUnavailable),
        (503, errors.VendorUnavailable),
        (504, errors.VendorUnavailable),
        (200, errors.SubmitRejected),
    ],
)
def test_of_a_code_that_is_not_documented_the_status_tells(status: int, error: type[DocParseError]) -> None:
    assert type(failure(VENDOR.on_reply(SUBMITTING, refusal(99999, status)))) is error
