"""SoMark's two calls, decided without a network: requests from the API pages, answers in every published dialect."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.emulator.somark.words import CODES as SPOKEN
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.protocol import Body, Done, Effect, Fail, Progress, Reply, Send, Step, Wait
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.codes import CODES
from docparse_loaders.vendors.somark.wire import SoMarkState, SoMarkVendor

VENDOR = SoMarkVendor()
FACTS = SourceFacts("a/report.pdf", "report.pdf", "application/pdf", 1000, "00" * 32)
POLLING = SoMarkState(phase="polling", task_id="c5e6c983f28a4e6eb5d6c061343a8642")
TASK = {"task_id": "c5e6c983f28a4e6eb5d6c061343a8642"}
RESULT: dict[str, Any] = {"file_name": "a.pdf", "outputs": {"json": {"pages": []}}}


def _submit(**options: Any) -> Send:
    step = VENDOR.begin(FACTS, None, SoMark(**options))
    assert isinstance(step, Send)
    return step


def _failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail)
    return step.error


def test_submit_is_one_multipart_post_with_every_documented_field() -> None:
    call = _submit().call
    assert (call.method, call.url, call.effect) == ("POST", "parse/async", Effect.CREATE)
    assert (call.auth.place, call.auth.name) == ("form", "api_key")
    assert call.body == Body("file", "report.pdf", "application/pdf")
    form = dict(call.form)
    assert [value for name, value in call.form if name == "output_formats"] == ["json"]
    assert json.loads(form["element_formats"]) == {"image": "url", "formula": "latex", "table": "html", "cs": "image"}
    assert json.loads(form["feature_config"]) == {
        "enable_text_cross_page": True,
        "enable_table_cross_page": True,
        "enable_title_level_recognition": True,
        "enable_inline_image": False,
        "enable_table_image": True,
        "enable_image_understanding": True,
        "keep_header_footer": True,
    }


def test_options_reach_the_form_and_extra_ones_are_merged() -> None:
    call = _submit(
        output_formats=("markdown", "json"),
        element_formats={"table": "markdown"},
        enable_table_cross_page=False,
        extra_options={"feature_config": {"new_switch": True}, "extra": {"temperature": 0}, "note": "x"},
    ).call
    assert [value for name, value in call.form if name == "output_formats"] == ["markdown", "json"]
    form = dict(call.form)
    assert json.loads(form["element_formats"])["table"] == "markdown"
    features = json.loads(form["feature_config"])
    assert features["new_switch"] is True
    assert features["enable_table_cross_page"] is False
    assert len(features) == 8
    assert json.loads(form["extra"]) == {"temperature": 0}
    assert form["note"] == "x"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"enable_table_crosspage": True}, "Did you mean 'enable_table_cross_page'"),
        ({"output_formats": ("markdown",)}, "must contain 'json'"),
        ({"element_formats": {"table": "csv"}}, "element_formats.table"),
        ({"element_formats": {"tabel": "html"}}, "element_formats.tabel"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.ConfigError, match=said.replace("(", r"\(")):
        SoMark(**options)


def test_the_key_is_in_no_repr_dump_or_fingerprint() -> None:
    config = SoMark(api_key="sk-canary")
    shown = f"{config!r} {config.model_dump()} {config.model_dump_json()} {config.fingerprint()}"
    assert "canary" not in shown
    assert config.fingerprint() == SoMark(api_key="sk-other", base_url="https://somark.tech/api/v1").fingerprint()
    assert config.fingerprint() != SoMark(enable_inline_image=True).fingerprint()


@pytest.mark.parametrize(
    ("facts", "error", "said"),
    [
        (SourceFacts("a.xyz", "a.xyz", "", 1, ""), errors.UnsupportedSource, "does not take .xyz"),
        (SourceFacts("a.pdf", "a.pdf", "", 200_000_001, ""), errors.SourceTooLarge, "takes 200 MB"),
        (SourceFacts("https://x/a.pdf", "a.pdf", "", 0, "", "https://x/a.pdf"), errors.UnsupportedSource, "Download the file"),
    ],
)
def test_what_somark_would_refuse_is_not_sent(facts: SourceFacts, error: type[DocParseError], said: str) -> None:
    found = _failure(VENDOR.begin(facts, None, SoMark()))
    assert type(found) is error
    assert said in str(found)


@pytest.mark.parametrize(
    "body",
    [
        {"code": 0, "message": "ok", "data": {**TASK, "status": "QUEUING"}},
        {"code": 0, "message": "ok", "data": {**TASK, "status": "queuing"}, "warnings": ["extract_config is deprecated"]},
        {"code": 200, "data": {**TASK}},
        {"code": "0", "msg": "", "data": {**TASK}},
        {"data": {**TASK}},
    ],
)
def test_an_accepted_job_is_waited_for(body: dict[str, Any]) -> None:
    step = VENDOR.on_reply(SoMarkState(), Reply(200, json=body))
    assert isinstance(step, Wait)
    assert step.state == POLLING
    assert step.state.accepted


def test_an_acceptance_without_a_task_is_never_sent_again() -> None:
    error = _failure(VENDOR.on_reply(SoMarkState(), Reply(200, json={"code": 0, "data": None})))
    assert isinstance(error, errors.SubmitUncertain)


def test_polling_is_a_form_with_task_and_key() -> None:
    step = VENDOR.resume(POLLING)
    assert isinstance(step, Send)
    call = step.call
    assert (call.method, call.url, call.effect, call.large) == ("POST", "parse/async_check", Effect.READ, True)
    assert call.form == (("task_id", POLLING.task_id),)
    assert call.auth.name == "api_key"
    assert call.body is None


@pytest.mark.parametrize("word", ["QUEUING", "processing", " Processing "])
def test_known_words_wait(word: str) -> None:
    step = VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": {**TASK, "status": word, "result": None}}))
    assert step == Wait(POLLING, Progress(word.replace("\x00", ""), known=True))


@given(st.text(max_size=20).filter(lambda word: word.strip().lower() not in {"success", "failed", "queuing", "processing", ""}))
def test_any_other_word_keeps_waiting_and_says_that_it_is_new(word: str) -> None:
    step = VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": {**TASK, "status": word, "result": None}}))
    assert isinstance(step, Wait)
    assert not step.progress.known


@given(
    st.lists(st.booleans(), min_size=7, max_size=7), st.sampled_from(["success", "failed"]), st.sampled_from(["", " ", "\n"])
)
def test_status_words_in_any_case(upper: list[bool], word: str, padding: str) -> None:
    cased = (
        padding
        + "".join(letter.upper() if up else letter for letter, up in zip(word, upper, strict=False))
        + word[7:]
        + padding
    )
    data: dict[str, Any] = {**TASK, "status": cased, "result": RESULT}
    step = VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": data}))
    assert isinstance(step, Done if word == "success" else Fail)


def test_the_result_comes_inline() -> None:
    data: dict[str, Any] = {**TASK, "status": "SUCCESS", "result": RESULT}
    assert VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": data})) == Done(data, POLLING)


def test_a_sync_answer_has_no_status() -> None:
    data: dict[str, Any] = {**TASK, "error": None, "result": RESULT}
    assert isinstance(VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": data})), Done)


def test_a_success_without_a_result_is_not_a_success() -> None:
    error = _failure(
        VENDOR.on_reply(POLLING, Reply(200, json={"code": 0, "data": {**TASK, "status": "SUCCESS", "result": None}}))
    )
    assert isinstance(error, errors.IncompleteResult)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"code": 0, "message": "parse failed", "data": {**TASK, "status": "FAILED", "result": None}}, "parse failed"),
        ({"code": 0, "msg": "", "data": {**TASK, "status": "failed", "error": "page 3 is damaged"}}, "page 3 is damaged"),
        ({"code": 0, "message": "", "data": {**TASK, "status": "failed"}}, "no reason given"),
    ],
)
def test_a_failed_job_says_why(body: dict[str, Any], reason: str) -> None:
    error = _failure(VENDOR.on_reply(POLLING, Reply(200, json=body)))
    assert isinstance(error, errors.JobFailed)
    assert reason in str(error)
    assert not error.retryable


@pytest.mark.parametrize("word", ["FAILED", "failed", " Failed"])
@pytest.mark.parametrize("shape", [int, str])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("1102", errors.JobFailed),
        ("1104", errors.UnsupportedSource),
        ("1105", errors.JobFailed),
        ("1106", errors.BrokenSource),
        ("1108", errors.JobFailed),
        ("1111", errors.JobFailed),
        ("1118", errors.SourceTooLarge),
        ("1120", errors.JobFailed),
        ("1123", errors.JobFailed),
        ("1132", errors.SourceTooLarge),
        ("1133", errors.JobFailed),
        ("1137", errors.JobFailed),
        ("1138", errors.JobFailed),
        ("2000", errors.JobFailed),
        ("4711", errors.JobFailed),
    ],
)
def test_a_failed_job_with_a_code_is_over(code: str, kind: type[DocParseError], shape: type, word: str) -> None:
    body: Any = {"code": shape(code), "message": "said so.", "data": {**TASK, "status": word, "result": None}}
    error = _failure(VENDOR.on_reply(POLLING, Reply(200, json=body)))
    assert type(error) is kind
    assert (error.code, error.message) == (code, f"SoMark could not parse the file: said so (code {code}).")
    assert error.hint
    assert after_failure(Effect.READ, error, 1, Retry(), 0.5, accepted=True) == "raise"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (1101, 200, errors.RateLimited),
        (1124, 200, errors.RateLimited),
        (1107, 200, errors.AuthError),
        (0, 503, errors.VendorUnavailable),
    ],
)
def test_what_is_about_the_question_does_not_end_a_job(code: int, status: int, kind: type[DocParseError]) -> None:
    body: Any = {"code": code, "message": "no", "data": {**TASK, "status": "FAILED"}}
    assert type(_failure(VENDOR.on_reply(POLLING, Reply(status, json=body)))) is kind


def test_a_refused_submit_is_no_failed_job() -> None:
    body: Any = {"code": 1108, "message": "no", "data": {"status": "FAILED"}}
    assert type(_failure(VENDOR.on_reply(SoMarkState(), Reply(200, json=body)))) is errors.QuotaError


EXPECTED = {
    "1101": errors.RateLimited,
    "1102": errors.VendorUnavailable,
    "1104": errors.UnsupportedSource,
    "1105": errors.SubmitRejected,
    "1106": errors.BrokenSource,
    "1107": errors.AuthError,
    "1108": errors.QuotaError,
    "1111": errors.SubmitRejected,
    "1118": errors.SourceTooLarge,
    "1120": errors.VendorUnavailable,
    "1123": errors.QuotaError,
    "1124": errors.RateLimited,
    "1132": errors.SourceTooLarge,
    "1133": errors.SubmitRejected,
    "1137": errors.JobFailed,
    "1138": errors.VendorUnavailable,
    "2000": errors.SubmitRejected,
}


def test_every_documented_code_has_a_class() -> None:
    """Those of the client, and those of the service that was written from the documents and not from the client."""
    assert set(EXPECTED) == set(CODES) == {str(code) for code in SPOKEN}


@pytest.mark.parametrize("code", EXPECTED)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_the_code_decides_and_not_the_http_status(code: str, status: int) -> None:
    for shape in (int(code), code):
        body: dict[str, Any] = {"code": shape, "message": "said so", "data": None}
        error = _failure(VENDOR.on_reply(SoMarkState(), Reply(status, json=cast("Any", body))))
        assert type(error) is EXPECTED[code]
        assert error.code == code
        assert "said so" in str(error)
        assert error.hint


@pytest.mark.parametrize(
    ("message", "error"),
    [("QPS limit exceeded", errors.RateLimited), ("请求频率过高", errors.RateLimited), ("parse failed", errors.JobFailed)],
)
def test_1137_means_what_its_message_says(message: str, error: type[DocParseError]) -> None:
    assert type(_failure(VENDOR.on_reply(POLLING, Reply(200, json={"code": 1137, "message": message})))) is error


def test_only_too_fast_lets_a_submit_go_out_again() -> None:
    again = set()
    for code in CODES:
        refusal: Any = {"code": int(code), "message": ""}
        error = _failure(VENDOR.on_reply(SoMarkState(), Reply(200, json=refusal)))
        if isinstance(after_failure(Effect.CREATE, error, 1, Retry(), 0.5), Resend):
            again.add(code)
    assert again == {"1101", "1124"}


def test_a_parse_that_timed_out_is_asked_for_once_more() -> None:
    error = _failure(VENDOR.on_reply(POLLING, Reply(200, json={"code": 1102, "message": "timeout"})))
    assert isinstance(after_failure(Effect.READ, error, 1, Retry(), 0.5, accepted=True), Resend)
    assert after_failure(Effect.READ, error, 2, Retry(), 0.5, accepted=True) == "raise"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503, {"retry-after": "3"}, problem="not_json", snippet="<html>"), errors.VendorUnavailable),
        (Reply(429, {"retry-after": "3"}, problem="not_json"), errors.RateLimited),
        (Reply(401, json={}), errors.AuthError),
        (Reply(404, json={}), errors.ProtocolError),
        (Reply(413, json={}), errors.SourceTooLarge),
        (Reply(302), errors.ProtocolError),
        (Reply(200, problem="not_json", snippet="<html>"), errors.VendorUnavailable),
        (Reply(200, problem="too_big"), errors.LimitExceeded),
        (Reply(200, json=[]), errors.ProtocolError),
    ],
)
def test_answers_without_a_code(reply: Reply, error: type[DocParseError]) -> None:
    found = _failure(VENDOR.on_reply(POLLING, reply))
    assert type(found) is error
    if "retry-after" in reply.headers:
        assert found.retry_after == 3.0


def test_an_unanswered_submit_is_never_sent_again() -> None:
    error = _failure(VENDOR.on_uncertain(SoMarkState()))
    assert isinstance(error, errors.SubmitUncertain)
    assert "billed" in str(error)
    assert isinstance(_failure(VENDOR.resume(SoMarkState())), errors.SubmitUncertain)
    assert isinstance(VENDOR.on_uncertain(POLLING), Send)


@pytest.mark.parametrize("task_id", ["", "../../admin", "a b", "x" * 129, "a\n"])
def test_a_forged_task_id_is_not_sent(task_id: str) -> None:
    assert isinstance(_failure(VENDOR.resume(SoMarkState(phase="polling", task_id=task_id))), errors.InvalidToken)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["code", "data", "task_id", "status", "result", "message"]), inner)
        ),
        max_leaves=12,
    ),
    st.sampled_from([200, 400, 500]),
)
def test_no_answer_whatever_makes_it_stumble(body: Any, status: int) -> None:
    for state in (SoMarkState(), POLLING):
        assert isinstance(VENDOR.on_reply(state, Reply(status, json=body)), Wait | Done | Fail)


def test_the_state_is_small_json() -> None:
    saved = POLLING.model_dump_json()
    assert len(saved) < 200
    assert SoMarkState.model_validate_json(saved) == POLLING
