"""PaddleOCR's jobs, decided without a network: requests and answers from the page on asynchronous jobs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.engine.endpoint import endpoint_of
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.paddleocr.families import EVERY, OPTIONS
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.paddleocr.wire import PaddleOCRVendor
from docparse_loaders.vendors.protocol import (
    Address,
    AnyVendor,
    Blob,
    Body,
    Done,
    Effect,
    Fail,
    Foreign,
    Progress,
    Reply,
    Send,
    Step,
    Wait,
)
from paddleocr_pages import block, jsonl, line, page

VENDOR: AnyVendor = PaddleOCRVendor()
FILE = SourceFacts("a/report.pdf", "report.pdf", "application/pdf", 1000, "00" * 32)
ADDRESS = SourceFacts("https://x.test/report.pdf", "report.pdf", "", 0, "", url="https://x.test/report.pdf")
JOB = "ocrjob-f4377241b695"
POLLING = PaddleOCRState(phase="polling", model="PaddleOCR-VL-1.5", job_id=JOB)
IN_BATCH = POLLING.model_copy(update={"batch_id": "run-1"})
LINK = "https://bos.test/r.jsonl?authorization=x"
RESULT = jsonl(line(page(block("text", "One.")), page(block("text", "Two."))))


def _submit(facts: SourceFacts = FILE, pages: str | None = None, batch: str | None = None, **options: Any) -> Send:
    step = VENDOR.begin(facts, PageSelection.of(pages), PaddleOCR(**options), batch)
    assert isinstance(step, Send), step
    return step


def _ok(status: int = 200, **data: Any) -> Reply:
    return Reply(status, json={"traceId": "0b1e", "code": 0, "msg": "Success", "data": data})


def _refused(code: int, status: int = 400, **data: Any) -> Reply:
    return Reply(status, json={"traceId": "0b1e", "code": code, "msg": "no", **({"data": data} if data else {})})


def _batch(*entries: dict[str, Any]) -> Reply:
    return _ok(batchId="run-1", extractResult=list(entries))


def _failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail), step
    return step.error


def _next(step: Step) -> Send:
    assert isinstance(step, Send), step
    return step


# The submit


def test_a_file_is_a_form_whose_options_are_a_string_of_json() -> None:
    call = _submit(pages="2,4-6", model="PaddleOCR-VL-1.5", use_chart_recognition=True).call
    assert (call.method, call.url, call.effect, call.auth.place) == ("POST", "api/v2/ocr/jobs", Effect.CREATE, "bearer")
    assert call.body == Body("file", "report.pdf", "application/pdf")
    assert call.json is None
    form = dict(call.form)
    assert list(form) == ["model", "optionalPayload", "pageRanges"]
    assert (form["model"], form["pageRanges"]) == ("PaddleOCR-VL-1.5", "2,4-6")
    assert json.loads(form["optionalPayload"]) == {
        "useDocOrientationClassify": False,
        "useDocUnwarping": False,
        "useChartRecognition": True,
        "restructurePages": True,
        "formatBlockContent": True,
        "visualize": False,
    }


def test_an_address_is_json_whose_options_are_an_object() -> None:
    call = _submit(ADDRESS, pages="1-3", batch="run-1", model="PP-OCRv5").call
    assert call.body is None
    assert call.form == ()
    assert call.address == Address(("fileUrl",))
    assert call.json == {
        "model": "PP-OCRv5",
        "optionalPayload": {"useDocOrientationClassify": False, "useDocUnwarping": False, "visualize": False},
        "pageRanges": "1-3",
        "batchId": "run-1",
    }


def test_the_defaults_bring_tables_over_pages_and_levels_of_titles() -> None:
    payload = PaddleOCR().payload()
    assert payload["restructurePages"] is True
    assert payload["formatBlockContent"] is True
    assert "concatenatePages" not in payload
    assert PaddleOCR(restructure_pages=False).payload()["restructurePages"] is False
    assert "restructurePages" not in PaddleOCR(restructure_pages=None).payload()
    assert "restructurePages" not in PaddleOCR(model="PP-StructureV3").payload()


def test_options_have_the_services_names_and_extra_ones_are_merged() -> None:
    options: dict[str, Any] = {
        "model": "PP-StructureV3",
        "use_e2e_wired_table_rec_model": True,
        "text_det_limit_side_len": 960,
        "layout_unclip_ratio": (1.0, 1.5),
        "layout_threshold": {"table": 0.4},
        "markdown_ignore_labels": ("header",),
        "extra_options": {"newSwitch": [1], "visualize": True},
    }
    payload = PaddleOCR(**options).payload()
    assert payload["useE2eWiredTableRecModel"] is True
    assert payload["textDetLimitSideLen"] == 960
    assert payload["layoutUnclipRatio"] == [1.0, 1.5]
    assert payload["layoutThreshold"] == {"table": 0.4}
    assert payload["markdownIgnoreLabels"] == ["header"]
    assert payload["newSwitch"] == [1]
    assert payload["visualize"] is True


@pytest.mark.parametrize(
    ("model", "option"),
    [
        ("PP-OCRv5", "restructure_pages"),
        ("PP-OCRv6", "use_table_recognition"),
        ("PP-OCRv5-latin", "format_block_content"),
        ("PP-StructureV3", "merge_layout_blocks"),
        ("PP-StructureV3", "layout_shape_mode"),
        ("PaddleOCR-VL", "text_det_thresh"),
        ("PaddleOCR-VL-1.6", "use_textline_orientation"),
    ],
)
def test_an_option_of_another_family_is_refused(model: str, option: str) -> None:
    options: dict[str, Any] = {"model": model, option: 0.5 if option.endswith("thresh") else True}
    options |= {"layout_shape_mode": "auto"} if option == "layout_shape_mode" else {}
    with pytest.raises(errors.UnknownOption, match=option) as found:
        PaddleOCR(**options)
    assert found.value.hint


def test_the_nearest_option_is_named() -> None:
    with pytest.raises(errors.UnknownOption, match="merge_tables"):
        PaddleOCR(merge_table=True)  # type: ignore[call-arg]  # misspelt on purpose
    with pytest.raises(errors.UnknownOption, match="text_det_unclip_ratio"):
        PaddleOCR(model="PP-OCRv5", layout_unclip_ratio=1.5)


def test_an_unknown_model_takes_everything_and_is_sent_nothing_by_itself() -> None:
    call = _submit(model="PaddleFuture-9", restructure_pages=True, text_det_thresh=0.3).call
    form = dict(call.form)
    assert form["model"] == "PaddleFuture-9"
    assert json.loads(form["optionalPayload"]) == {"restructurePages": True, "textDetThresh": 0.3}
    assert json.loads(dict(_submit(model="PaddleFuture-9").call.form)["optionalPayload"]) == {}


def test_the_families_are_those_of_the_documents() -> None:
    assert {family: len(names) for family, names in OPTIONS.items()} == {"ocr": 12, "structure": 38, "vl": 31}
    assert set(PaddleOCR.model_fields) >= EVERY


@pytest.mark.parametrize(
    "url",
    ["https://p.test", "https://p.test/api/v2/ocr/jobs", "https://p.test/api/v2/ocr/jobs/", "https://p.test/api/v2/ocr"],
)
def test_the_endpoint_may_be_written_with_its_path(url: str) -> None:
    assert endpoint_of(PaddleOCR(base_url=url), PaddleOCRVendor.traits, {}).url == "https://p.test"
    assert endpoint_of(PaddleOCR(), PaddleOCRVendor.traits, {"PADDLEOCR_BASE_URL": url}).url == "https://p.test"


def test_the_key_and_the_batch_change_no_fingerprint() -> None:
    config = PaddleOCR(api_key="sk-canary", batch_id="mine")
    assert "canary" not in f"{config!r} {config.model_dump()} {config.model_dump_json()} {config.fingerprint()}"
    assert config.fingerprint() == PaddleOCR(base_url="https://other.test").fingerprint()
    assert config.fingerprint() != PaddleOCR(model="PaddleOCR-VL").fingerprint()
    assert config.fingerprint() != PaddleOCR(restructure_pages=False).fingerprint()


MB = 1024 * 1024


@pytest.mark.parametrize(
    ("facts", "error", "said"),
    [
        (SourceFacts("a.docx", "a.docx", "", 1, ""), errors.UnsupportedSource, "does not take .docx"),
        (SourceFacts("a", "a", "", 1, ""), errors.UnsupportedSource, "nameless"),
        (SourceFacts("https://x/a.zip", "a.zip", "", 0, "", "https://x/a.zip"), errors.UnsupportedSource, ".zip"),
        (SourceFacts("a.pdf", "a.pdf", "", 50 * MB + 1, ""), errors.SourceTooLarge, "50 MB by upload"),
        (SourceFacts("https://x/a.pdf", "a.pdf", "", 200 * MB + 1, "", "https://x/a.pdf"), errors.SourceTooLarge, "200 MB"),
    ],
)
def test_what_the_service_would_refuse_is_not_sent(facts: SourceFacts, error: type[DocParseError], said: str) -> None:
    found = _failure(VENDOR.begin(facts, None, PaddleOCR()))
    assert type(found) is error
    assert said in str(found)
    assert found.hint


def test_an_address_may_end_in_anything_that_is_no_type() -> None:
    for name in ("1706.03762", "paper", "download.php5"):
        url = f"https://x.test/{name}"
        assert isinstance(VENDOR.begin(SourceFacts(url, name, "", 0, "", url), None, PaddleOCR()), Send)


# Its answer


def test_a_job_id_is_waited_for() -> None:
    step = VENDOR.on_reply(_submit().state, _ok(jobId=JOB))
    assert isinstance(step, Wait)
    assert step.progress == Progress("submitted")
    kept = step.state.model_dump(exclude_defaults=True)
    assert (kept.pop("phase"), kept.pop("model"), kept.pop("job_id")) == ("polling", "PaddleOCR-VL-1.5", JOB)
    assert set(kept) == {"order", "name", "media_type"}  # what another submit of it would take
    assert step.state.accepted
    poll = _next(VENDOR.resume(step.state)).call
    assert (poll.method, poll.url, poll.effect, poll.group) == ("GET", f"api/v2/ocr/jobs/{JOB}", Effect.READ, "")


def test_success_may_come_without_a_code() -> None:
    reply = Reply(200, json={"data": {"jobId": JOB}})
    assert isinstance(VENDOR.on_reply(_submit().state, reply), Wait)


def test_taken_without_a_job_is_uncertain() -> None:
    for data in ({}, {"jobId": ""}, {"jobId": None}, {"jobId": "../x"}):
        assert isinstance(_failure(VENDOR.on_reply(_submit().state, _ok(**data))), errors.SubmitUncertain)


def test_a_full_queue_is_sent_again_although_its_status_is_400() -> None:
    error = _failure(VENDOR.on_reply(_submit().state, _refused(10010)))
    assert type(error) is errors.RateLimited
    assert isinstance(after_failure(Effect.CREATE, error, 1, Retry(), 0.5), Resend)
    for bare in (_refused(10010, status=200), Reply(400, json={"code": "10010", "msg": "full"})):
        assert type(_failure(VENDOR.on_reply(_submit().state, bare))) is errors.RateLimited


def test_the_days_pages_are_a_quota_although_their_status_is_403() -> None:
    error = _failure(VENDOR.on_reply(_submit().state, _refused(12001, status=403)))
    assert type(error) is errors.QuotaError
    assert after_failure(Effect.CREATE, error, 1, Retry(), 0.5) == "raise"


def test_the_reason_stands_in_the_data() -> None:
    error = _failure(VENDOR.on_reply(_submit().state, _refused(10008, errorMsg="extraFormats: unknown")))
    assert "extraFormats: unknown" in str(error)
    assert error.code == "10008"


def test_a_gateways_code_counts_less_than_the_status() -> None:
    assert type(_failure(VENDOR.on_reply(_submit().state, Reply(502, json={"code": 999})))) is errors.VendorUnavailable
    assert type(_failure(VENDOR.on_reply(_submit().state, _refused(999, status=200)))) is errors.SubmitRejected


# A batch


def test_a_batch_is_named_in_the_submit_and_asked_for_at_once() -> None:
    send = _submit(batch="run-1")
    assert dict(send.call.form)["batchId"] == "run-1"
    taken = VENDOR.on_reply(send.state, _ok(jobId=JOB))
    assert isinstance(taken, Wait)
    call = _next(VENDOR.resume(taken.state)).call
    assert call.url == call.group == "api/v2/ocr/jobs/batch/run-1"
    other = VENDOR.on_reply(send.state, _ok(jobId="ocrjob-2"))
    assert isinstance(other, Wait)
    assert _next(VENDOR.resume(other.state)).call == call


def test_a_batch_of_the_users_own_is_kept() -> None:
    assert dict(_submit(batch="run-1", batch_id="mine").call.form)["batchId"] == "mine"
    alone = _submit(batch_id="mine")
    assert dict(alone.call.form)["batchId"] == "mine"
    taken = VENDOR.on_reply(alone.state, _ok(jobId=JOB))
    assert isinstance(taken, Wait)
    assert _next(VENDOR.resume(taken.state)).call.url == f"api/v2/ocr/jobs/{JOB}"


def test_the_own_entry_is_found_by_its_id() -> None:
    other = {"jobId": "ocrjob-2", "state": "failed", "errorMsg": "unsupported"}
    running = {"jobId": JOB, "state": "running", "extractProgress": {"totalPages": 10, "extractedPages": "4"}}
    assert VENDOR.on_reply(IN_BATCH, _batch(other, running)) == Wait(IN_BATCH, Progress("running", 4, 10))
    done = {"jobId": JOB, "state": "done", "resultUrl": {"jsonUrl": LINK}}
    assert _next(VENDOR.on_reply(IN_BATCH, _batch(other, done))).call.url == Foreign(LINK)
    assert type(_failure(VENDOR.on_reply(IN_BATCH, _batch({**other, "jobId": JOB})))) is errors.JobFailed


@pytest.mark.parametrize("reply", [_batch(), _batch({"jobId": "ocrjob-2"}), _refused(11001, status=404)])
def test_a_job_that_its_batch_does_not_name_is_asked_for_alone(reply: Reply) -> None:
    send = _next(VENDOR.on_reply(IN_BATCH, reply))
    assert (send.call.url, send.call.group) == (f"api/v2/ocr/jobs/{JOB}", "")
    assert send.call.effect is Effect.READ


@pytest.mark.parametrize("facts", [FILE, ADDRESS])
@pytest.mark.parametrize("own", [None, "mine"])
def test_a_full_batch_is_left_once(facts: SourceFacts, own: str | None) -> None:
    first = _submit(facts, pages="2-3", batch="run-1", batch_id=own)
    again = _next(VENDOR.on_reply(first.state, _refused(10009)))
    assert again.call.effect is Effect.CREATE
    assert again.call.body == first.call.body
    assert "batchId" not in dict(again.call.form)
    assert "batchId" not in repr(again.call.json)
    assert [item for item in first.call.form if item[0] != "batchId"] == list(again.call.form)
    assert "2-3" in repr((again.call.form, again.call.json))
    assert type(_failure(VENDOR.on_reply(again.state, _refused(10009)))) is errors.SubmitRejected
    taken = VENDOR.on_reply(again.state, _ok(jobId=JOB))
    assert isinstance(taken, Wait)
    assert _next(VENDOR.resume(taken.state)).call.url == f"api/v2/ocr/jobs/{JOB}"


SIGNED = SourceFacts("https://x.test/a.pdf", "a.pdf", "", 0, "", url="https://x.test/a.pdf?signature=s")


def test_a_signed_address_is_in_no_call_and_no_state() -> None:
    send = _submit(SIGNED, batch="run-1")
    again = _next(VENDOR.on_reply(send.state, _refused(10009)))
    assert again.call.address == send.call.address == Address(("fileUrl",))
    assert "signature" not in f"{send!r} {again!r}"


# Polling


@pytest.mark.parametrize(
    ("data", "progress"),
    [
        ({"state": "pending"}, Progress("pending")),
        ({"state": "running", "extractProgress": {"totalPages": "10", "extractedPages": "1"}}, Progress("running", 1, 10)),
        ({"state": "running", "extractProgress": {"totalPages": 10, "extractedPages": 1}}, Progress("running", 1, 10)),
        ({"state": "Running", "extractProgress": None}, Progress("Running")),
        ({"state": "merging"}, Progress("merging", known=False)),
        ({"state": "running", "resultUrl": {"jsonUrl": LINK}}, Progress("running")),
    ],
)
def test_words_and_counts_in_either_form_are_progress(data: dict[str, Any], progress: Progress) -> None:
    step = VENDOR.on_reply(POLLING, _ok(jobId=JOB, **data))
    assert isinstance(step, Wait)
    assert step.progress == progress


@pytest.mark.parametrize(
    "data",
    [
        {"state": "done", "resultUrl": {"jsonUrl": LINK, "markdownUrl": "https://bos.test/r.md"}},
        {"state": "done", "resultUrl": {"jsonUrl": LINK}, "errorMsg": ""},
        {"state": "Done", "resultJsonUrl": LINK},
        {"resultUrl": {"jsonUrl": LINK}},
    ],
)
def test_the_result_is_fetched_without_the_key(data: dict[str, Any]) -> None:
    send = _next(VENDOR.on_reply(POLLING, _ok(jobId=JOB, **data)))
    assert send.call.url == Foreign(LINK)
    assert (send.call.auth.place, send.call.expect, send.call.large, send.call.effect) == ("none", "blob", True, Effect.READ)
    assert "authorization" not in send.state.model_dump_json()


def _failed(reason: str, form: str = "state") -> Reply:
    """An answer about a job that failed, in one of its forms."""
    if form == "code":
        return _refused(11003, status=200, errorMsg=reason)
    job: dict[str, Any] = {"jobId": JOB, "state": "failed", "errorMsg": reason}
    return _batch(job) if form == "batch" else _ok(**job)


FORMS = ("state", "code", "batch")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reason", ["page 3 is broken", "文件系统错误", "文件内容无法解析", "系统错误码 7", ""])
def test_a_failed_job_says_why_and_is_not_sent_again(reason: str, form: str) -> None:
    for state in (POLLING, _taken(FILE)):
        polling = state.model_copy(update={"batch_id": "run-1"}) if form == "batch" else state
        error = _failure(VENDOR.on_reply(polling, _failed(reason, form)))
        assert type(error) is errors.JobFailed
        assert reason in str(error)
        assert not error.retryable


def _taken(facts: SourceFacts, batch: str | None = None, pages: str | None = None) -> PaddleOCRState:
    """The state of a job that was just submitted."""
    step = VENDOR.on_reply(_submit(facts, pages=pages, batch=batch).state, _ok(jobId=JOB))
    assert isinstance(step, Wait)
    assert isinstance(step.state, PaddleOCRState)
    return step.state


@pytest.mark.parametrize("facts", [FILE, ADDRESS, SIGNED])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("reason", ["系统错误", " 系统错误。", "System error."])
def test_a_fault_of_the_service_is_submitted_once_more(reason: str, form: str, facts: SourceFacts) -> None:
    batch = "run-1" if form == "batch" else None
    step = VENDOR.on_reply(_taken(facts, batch, "2-3"), _failed(reason, form))
    assert isinstance(step, Wait)
    assert (step.hint, step.state.accepted, step.state.creating) == (10.0, False, False)
    again = _next(VENDOR.resume(PaddleOCRState.model_validate_json(step.state.model_dump_json())))
    assert again.call == _submit(facts, pages="2-3", batch=batch).call
    assert again.state.creating
    taken = VENDOR.on_reply(again.state, _ok(jobId=JOB))
    assert isinstance(taken, Wait)
    assert type(_failure(VENDOR.on_reply(taken.state, _failed(reason, form)))) is errors.JobFailed


def test_a_damaged_token_is_not_submitted_again() -> None:
    assert type(_failure(VENDOR.resume(PaddleOCRState(phase="again")))) is errors.InvalidToken


def test_done_without_a_link_is_incomplete() -> None:
    assert type(_failure(VENDOR.on_reply(POLLING, _ok(jobId=JOB, state="done")))) is errors.IncompleteResult


def test_a_job_that_is_not_known_yet_is_given_one_more_chance() -> None:
    step = VENDOR.on_reply(POLLING, _refused(11001, status=404))
    assert isinstance(step, Wait)
    assert type(_failure(VENDOR.on_reply(step.state, _refused(11001, status=404)))) is errors.JobFailed
    known = VENDOR.on_reply(step.state, _ok(jobId=JOB, state="pending"))
    assert isinstance(known, Wait)
    assert isinstance(VENDOR.on_reply(known.state, _refused(11001, status=404)), Wait)


# The result


def _fetching() -> Send:
    counts = {"totalPages": "2", "extractedPages": 2}
    return _next(VENDOR.on_reply(POLLING, _ok(jobId=JOB, state="done", extractProgress=counts, resultUrl={"jsonUrl": LINK})))


def test_the_result_is_decoded_with_what_the_job_said_of_it() -> None:
    step = VENDOR.on_reply(_fetching().state, Reply(200, blob=Blob(RESULT)))
    assert isinstance(step, Done)
    decoded = VENDOR.decode(step.payload)
    assert [page.blocks[0].text for page in decoded.pages] == ["One.", "Two."]
    assert (decoded.model, decoded.total_pages) == ("PaddleOCR-VL-1.5", 2)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_expired_link_is_asked_for_anew_twice(status: int) -> None:
    send = _fetching()
    for _ in range(2):
        send = _next(VENDOR.on_reply(send.state, Reply(status, problem="not_json", snippet="AccessDenied")))
        assert send.call.url == f"api/v2/ocr/jobs/{JOB}"
        send = _next(VENDOR.on_reply(send.state, _ok(jobId=JOB, state="done", resultUrl={"jsonUrl": LINK})))
        assert send.call.url == Foreign(LINK)
    error = _failure(VENDOR.on_reply(send.state, Reply(status)))
    assert type(error) is errors.ProtocolError
    assert error.hint


@pytest.mark.parametrize("reply", [Reply(503), Reply(200, blob=Blob(b" <html>busy</html>"))])
def test_a_store_that_is_down_is_asked_again(reply: Reply) -> None:
    error = _failure(VENDOR.on_reply(_fetching().state, reply))
    assert type(error) is errors.VendorUnavailable
    assert isinstance(after_failure(Effect.READ, error, 1, Retry(), 0.5), Resend)


# Going on


def test_going_on_asks_for_the_job_and_never_submits() -> None:
    assert type(_failure(VENDOR.resume(_submit().state))) is errors.SubmitUncertain
    assert _next(VENDOR.resume(_fetching().state)).call.url == f"api/v2/ocr/jobs/{JOB}"
    assert _next(VENDOR.on_uncertain(POLLING)).call.effect is Effect.READ


@given(job=st.text(max_size=20), batch=st.text(max_size=20))
def test_a_forged_token_leads_to_no_other_path(job: str, batch: str) -> None:
    step = VENDOR.resume(PaddleOCRState(phase="polling", job_id=job, batch_id=batch))
    if isinstance(step, Send):
        assert isinstance(step.call.url, str)
        assert step.call.url.removeprefix("api/v2/ocr/jobs/").removeprefix("batch/") in {job, batch}
        assert "/" not in job + batch
        assert job.isascii()
    else:
        assert isinstance(_failure(step), errors.InvalidToken)
