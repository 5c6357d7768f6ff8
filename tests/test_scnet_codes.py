"""SCNet's error codes, one by one, against its ocrdoc page and its gateway: what each is here and in the emulator."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import pytest

from docparse_loaders import errors
from docparse_loaders.emulator.scnet import words
from docparse_loaders.emulator.scnet.dialect import Dialect
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.errors import DocParseError
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.protocol import Effect, Fail, Reply, Step, Wait
from docparse_loaders.vendors.scnet.codes import CODES
from docparse_loaders.vendors.scnet.state import SCNetState
from docparse_loaders.vendors.scnet.wire import SCNetVendor

Next = Literal["raise", "resend", "uncertain", "wait"]


class Row(NamedTuple):
    """What a code must be: of a request, what follows for a submit and for a question; and of a task that failed with it."""

    error: type[DocParseError]
    submit: Next
    poll: Next
    task: type[DocParseError] | None
    """None if the task is submitted again."""


def refused() -> Row:
    return Row(errors.SubmitRejected, "raise", "wait", errors.SubmitRejected)


def crowded() -> Row:
    return Row(errors.RateLimited, "resend", "resend", None)


def faulty() -> Row:
    return Row(errors.VendorUnavailable, "uncertain", "resend", errors.JobFailed)


def locked() -> Row:
    return Row(errors.AuthError, "raise", "raise", errors.AuthError)


DOCUMENTED = {
    "unknown_error": faulty(),
    "modal_type_not_supported": refused(),
    "provider_not_supported": refused(),
    "model_not_supported": refused(),
    "model_not_found": refused(),
    "request_concurrency_conflict": crowded(),
    "provider_error": faulty(),
    "model_route_failed": faulty(),
    "content_illegal": refused(),
    "limit_burst_rate": crowded(),
    "task_not_found": Row(errors.JobFailed, "raise", "wait", errors.JobFailed),
    "InvalidParameter": refused(),
    "SystemError": faulty(),
}
"""The table of the ocrdoc page."""

GATEWAY = {
    "10011": crowded(),
    "401": locked(),
    "403": locked(),
    "429": crowded(),
    "500": faulty(),
    "502": faulty(),
    "503": faulty(),
    "504": faulty(),
}
"""The gateway's: 10011 of its live documents, and HTTP statuses that stand in the body."""

ALL = {**DOCUMENTED, **GATEWAY}
STATUSES = (200, 400, 401, 403, 404, 409, 429, 500, 503)
VENDOR = SCNetVendor()
TASK = "2056706028668284929"
SUBMITTING = SCNetState(order={"ocr_type": "DOC_PARING"}, upload=True, url="https://oss.test/1")
POLLING = SUBMITTING.model_copy(update={"phase": "polling", "task_id": TASK})

FORMS: dict[str, Callable[[str], Any]] = {
    "object": lambda code: {"request_id": "x", "error": {"code": code, "type": code, "message": "no"}},
    "type only": lambda code: {"error": {"type": code, "message": "no"}},
    "code only": lambda code: {"error": {"code": code}},
    "word": lambda code: {"error": code, "message": "no"},
    "on top": lambda code: {"code": code, "msg": "no"},
    "type on top": lambda code: {"type": code, "message": "no"},
}
NUMBERED: dict[str, Callable[[str], Any]] = {
    f"number {number!r}": lambda code, number=number: {"error": {"code": number, "type": code, "message": "no"}}  # type: ignore[misc]  # a default
    for number in ("404", 404, "400", "403", "429", "500", "503", "200", "0", "777", "", None)
}


NUMBERED |= {
    f"number {number!r} on top": lambda code, number=number: {"code": number, "type": code, "message": "no"}  # type: ignore[misc]  # a default
    for number in ("404", 404, "403", "500")
}


def step_of(state: SCNetState, body: Any, status: int = 200) -> Step:
    return VENDOR.on_reply(state, Reply(status, json=body))


def failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail), step
    return step.error


def verdict(effect: Effect, step: Step) -> Next:
    if isinstance(step, Wait):
        return "wait"
    found = after_failure(effect, failure(step), 1, Retry(), 0.5, accepted=effect is Effect.READ)
    return "resend" if isinstance(found, Resend) else found


def test_the_tables_hold_the_same_codes() -> None:
    assert set(CODES) == set(words.CODES) == set(ALL)
    assert set(words.NUMBERS) == set(DOCUMENTED)
    assert set(words.STATUS) == set(GATEWAY)
    assert all(meaning.hint for meaning in CODES.values())


@pytest.mark.parametrize("code", ALL)
def test_a_code_means_the_same_whatever_its_form_and_status(code: str) -> None:
    for form in FORMS.values():
        for status in (200, *STATUSES):
            found = failure(step_of(SUBMITTING, form(code), status))
            assert (type(found), found.code) == (ALL[code].error, code), (form(code), status)
            assert found.hint


@pytest.mark.parametrize("form", NUMBERED)
@pytest.mark.parametrize("code", DOCUMENTED)
def test_the_word_counts_where_the_code_is_a_number(code: str, form: str) -> None:
    """As in the page's own sample: code "404", type "model_not_found"."""
    body = NUMBERED[form](code)
    for status in STATUSES:
        found = failure(step_of(SUBMITTING, body, status))
        assert (type(found), found.code) == (DOCUMENTED[code].error, code), (body, status)


@pytest.mark.parametrize("style", ["words", "numbers", "gateway"])
@pytest.mark.parametrize("code", ALL)
def test_what_the_emulator_says_is_understood(code: str, style: Any) -> None:
    status, body = Dialect(errors=style).refusal(code, "on demand")
    found = failure(step_of(SUBMITTING, body, status))
    assert (type(found), found.code) == (ALL[code].error, code)
    assert words.CODES[code] in found.message


@pytest.mark.parametrize("code", ALL)
def test_a_code_tells_whether_to_ask_again(code: str) -> None:
    for form in FORMS.values():
        assert verdict(Effect.CREATE, step_of(SUBMITTING, form(code))) == ALL[code].submit
        assert verdict(Effect.READ, step_of(POLLING, form(code))) == ALL[code].poll


@pytest.mark.parametrize("code", [code for code, row in ALL.items() if row.poll == "wait"])
def test_what_a_question_is_refused_for_is_believed_after_a_while(code: str) -> None:
    state, waited = POLLING, 0.0
    while isinstance(step := step_of(state, FORMS["object"](code)), Wait):
        waited += step.hint or 0.0
        assert isinstance(step.state, SCNetState)
        state = step.state
    assert (type(failure(step)), waited) == (ALL[code].error, 30.0)


@pytest.mark.parametrize("names", [("error_code", "error_message"), ("errorCode", "errorMessage")])
@pytest.mark.parametrize("code", ALL)
def test_a_task_fails_with_the_same_codes(code: str, names: tuple[str, str]) -> None:
    told = {"task_id": TASK, "task_status": "failed", names[0]: code, names[1]: "Reason"}
    step = step_of(POLLING, {"code": "200", "msg": "", "data": [{"output": told}]})
    if ALL[code].task is None:
        assert isinstance(step, Wait)
        assert not step.state.accepted
        return
    found = failure(step)
    assert (type(found), found.code, found.retryable) == (ALL[code].task, code, False)
    assert "Reason" in found.message
    assert found.hint


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, errors.SubmitRejected),
        (401, errors.AuthError),
        (403, errors.AuthError),
        (404, errors.ProtocolError),
        (413, errors.SourceTooLarge),
        (429, errors.RateLimited),
        (500, errors.VendorUnavailable),
        (503, errors.VendorUnavailable),
    ],
)
def test_of_a_code_that_is_not_documented_the_status_tells(status: int, error: type[DocParseError]) -> None:
    for body in ({"code": "777", "msg": "new"}, {"error": {"code": "404", "type": "new_type", "message": "new"}}):
        assert type(failure(step_of(SUBMITTING, body, status))) is error
