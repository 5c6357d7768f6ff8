"""Parse4AI's and MinerU's calls, decided without a network: requests from the API docs, answers in both spellings."""

import io
import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.emulator.mineru.words import CODES as DOCUMENTED
from docparse_loaders.engine.address import addressed
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.engine.endpoint import endpoint_of
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.policy import Retry
from docparse_loaders.source import Source
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.mineru.codes import CODES
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.mineru.wire import MinerUVendor, Parse4AIVendor
from docparse_loaders.vendors.protocol import (
    Blob,
    Call,
    Done,
    Effect,
    Fail,
    Foreign,
    Merges,
    Progress,
    Reply,
    Send,
    Staging,
    Step,
    Wait,
)
from mineru_files import archive

MINERU, PARSE4AI = MinerUVendor(), Parse4AIVendor()
FILE = SourceFacts("a/report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
ADDRESS = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "cd" * 32, "https://x.test/a.pdf?sig=secret")
PLAIN = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "cd" * 32, "https://x.test/a.pdf")
TASK, BATCH = "a90e6ab6-44f3-4554-b459-b62fe4c6b436", "2bb2f0ec-a336-4a0a-b61a-241afaf9cc87"
SINGLE = MinerUState(phase="polling", task_id=TASK, data_id="doc.1")
MANY = MinerUState(phase="polling", batch_id=BATCH, data_id="doc.1", name="a.pdf", uploaded=True, order={"data_id": "doc.1"})
ZIP = archive({"layout.json": {"pdf_info": []}})


def sent(step: Step) -> Send:
    assert isinstance(step, Send)
    return step


def placed(call: Call, facts: SourceFacts = ADDRESS) -> Call:
    """What goes out in the end, with the document's address in its place."""
    return addressed(call, Source(facts, io.BytesIO))


def waited(step: Step) -> tuple[MinerUState, Progress]:
    assert isinstance(step, Wait)
    return cast("MinerUState", step.state), step.progress


def failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail)
    return step.error


def ok(data: Any, **more: Any) -> Reply:
    return Reply(200, json={"code": 0, "msg": "ok", "data": data, **more})


def entry(state: str, **more: Any) -> dict[str, Any]:
    return {"file_name": "a.pdf", "data_id": "doc.1", "state": state, "err_msg": "", **more}


def results(*entries: dict[str, Any]) -> Reply:
    return ok({"batch_id": BATCH, "extract_result": list(entries)})


# Requests


def test_one_address_at_parse4ai_is_a_single_submit_in_camel_case() -> None:
    options = Parse4AI(is_ocr=True, language="en", extra_formats=("docx",), callback="https://c.test/", seed="s_1")
    call = sent(PARSE4AI.begin(ADDRESS, PageSelection.of("1-5,8"), options)).call
    assert (call.method, call.url, call.effect, call.auth.place) == ("POST", "v1/extract/task", Effect.CREATE, "bearer")
    body = cast("dict[str, Any]", placed(call).json)
    assert body.pop("dataId")
    assert body == {
        "url": "https://x.test/a.pdf?sig=secret",
        "isOcr": True,
        "pageRanges": "1-5,8",
        "modelVersion": "pipeline",
        "enableFormula": True,
        "enableTable": True,
        "language": "en",
        "callback": "https://c.test/",
        "seed": "s_1",
        "extraFormats": ["docx"],
    }


def test_fields_of_the_users_own_go_out_as_they_are_written() -> None:
    call = sent(PARSE4AI.begin(ADDRESS, None, Parse4AI(extra_options={"my_flag": True}))).call
    assert cast("dict[str, Any]", call.json)["my_flag"] is True


def test_one_address_at_mineru_is_a_single_submit_in_snake_case() -> None:
    options = MinerU(model_version="vlm", no_cache=True, cache_tolerance=60, extra_options={"new": 1})
    call = sent(MINERU.begin(ADDRESS, None, options)).call
    assert call.url == "extract/task"
    body = cast("dict[str, Any]", placed(call).json)
    assert body.pop("data_id")
    assert body == {
        "url": "https://x.test/a.pdf?sig=secret",
        "is_ocr": False,
        "model_version": "vlm",
        "no_cache": True,
        "cache_tolerance": 60,
        "enable_formula": True,
        "enable_table": True,
        "language": "ch",
        "new": 1,
    }


@pytest.mark.parametrize(("vendor", "root"), [(PARSE4AI, "v1/"), (MINERU, "")])
def test_addresses_of_a_run_go_out_in_one_batch(vendor: Any, root: str) -> None:
    options = Parse4AI() if vendor is PARSE4AI else MinerU()
    facts = [SourceFacts(f"https://x.test/{n}.pdf", f"{n}.pdf", "", 0, "ab" * 32, f"https://x.test/{n}.pdf") for n in range(3)]
    calls = [placed(sent(vendor.begin(one, PageSelection.of("2"), options, "run-1")).call, one) for one in facts]
    assert len({call.group for call in calls}) == 1
    assert calls[0].group
    assert calls[0].url == f"{root}extract/task/batch"
    body = cast("dict[str, Any]", vendor.merged(calls).json)
    assert [file["url"] for file in body["files"]] == [one.url for one in facts]
    assert [file["page_ranges"] for file in body["files"]] == ["2"] * 3
    assert len({file["data_id"] for file in body["files"]}) == 3
    assert set(body) == {"files", "model_version", "enable_formula", "enable_table", "language"}
    answer = ok({"batch_id": BATCH})
    assert vendor.share(answer, 2) == answer
    assert calls[0].group != sent(vendor.begin(facts[0], None, options, "run-2")).call.group


def test_a_file_at_mineru_is_reserved_uploaded_and_asked_for() -> None:
    reserve = sent(MINERU.begin(FILE, None, MinerU(), "run-1"))
    assert (reserve.call.url, reserve.call.effect) == ("file-urls/batch", Effect.PUT)
    state = cast("MinerUState", reserve.state)
    assert (state.accepted, state.creating) == (False, False)
    files = cast("dict[str, Any]", reserve.call.json)["files"]
    assert files == [{"name": "report.pdf", "data_id": state.data_id, "is_ocr": False}]
    upload = sent(MINERU.on_reply(state, ok({"batch_id": BATCH, "file_urls": ["https://oss.test/put?sig=x"]})))
    assert (upload.call.method, upload.call.url, upload.call.effect) == (
        "PUT",
        Foreign("https://oss.test/put?sig=x"),
        Effect.PUT,
    )
    assert upload.call.body is not None
    assert (upload.call.body.field, upload.call.expect, upload.call.auth.place) == ("", "blob", "none")
    putting = cast("MinerUState", upload.state)
    # The file may be parsed, and billed, as soon as a byte of it is on the way.
    assert (putting.accepted, putting.creating, putting.batch_id) == (True, False, BATCH)
    assert "sig" not in putting.model_dump_json()
    polling, progress = waited(MINERU.on_reply(putting, Reply(200, blob=Blob(b""))))
    assert (polling.accepted, progress.status) == (True, "uploaded")
    ask = sent(MINERU.resume(polling)).call
    assert (ask.method, ask.url, ask.effect) == ("GET", f"extract-results/batch/{BATCH}", Effect.READ)
    assert ask.group == ask.url


def test_one_answer_for_many_reservations_is_shared_by_place() -> None:
    assert isinstance(MINERU, Merges)
    answer = ok({"batch_id": BATCH, "file_urls": ["https://o.test/1", "https://o.test/2"]})
    state = MinerUState(phase="reserving", name="report.pdf", data_id="doc.1")
    for place in (0, 1):
        call = sent(MINERU.on_reply(state, MINERU.share(answer, place))).call
        assert call.url == Foreign(f"https://o.test/{place + 1}")
    assert isinstance(failure(MINERU.on_reply(state, MINERU.share(answer, 2))), errors.ProtocolError)


@pytest.mark.parametrize(
    "data",
    [
        {"files": ["https://o.test/1"]},
        {"file_urls": {"report.pdf": "https://o.test/1", "b.pdf": "https://o.test/2"}},
        {"file_urls": {"doc.1": "https://o.test/1", "doc.2": "https://o.test/2"}},
        {"file_urls": [{"url": "https://o.test/1"}]},
        {"file_urls": {"another name": "https://o.test/1"}},
    ],
)
def test_upload_addresses_are_found_in_every_form(data: dict[str, Any]) -> None:
    state = MinerUState(phase="reserving", name="report.pdf", data_id="doc.1")
    assert sent(MINERU.on_reply(state, ok({"batch_id": BATCH, **data}))).call.url == Foreign("https://o.test/1")


def test_a_file_at_parse4ai_needs_storage_and_goes_through_it() -> None:
    error = failure(PARSE4AI.begin(FILE, None, Parse4AI()))
    assert isinstance(error, errors.UnsupportedSource)
    assert "staging=" in error.hint
    staging = sent(PARSE4AI.begin(FILE, None, Parse4AI(staging="s3://bucket/prefix")))
    assert (staging.call.url, staging.call.effect) == (Staging(f"{FILE.sha256}.pdf"), Effect.PUT)
    state = cast("MinerUState", staging.state)
    assert (state.accepted, state.creating) == (False, False)
    submit = sent(PARSE4AI.on_reply(state, Reply(200, json={"url": "https://b.test/x.pdf?sig=secret"})))
    assert (submit.call.url, submit.call.effect) == ("v1/extract/task", Effect.CREATE)
    assert cast("dict[str, Any]", submit.call.json)["url"] == "https://b.test/x.pdf?sig=secret"
    assert cast("MinerUState", submit.state).creating
    assert "secret" not in submit.state.model_dump_json()
    assert isinstance(failure(PARSE4AI.on_reply(state, Reply(200, json={}))), errors.ProtocolError)


def test_no_state_holds_a_signed_address_or_a_seed() -> None:
    step = sent(PARSE4AI.begin(ADDRESS, None, Parse4AI(callback="https://c.test", seed="private_seed")))
    assert "secret" not in step.state.model_dump_json() + repr(step) + repr(placed(step.call))
    accepted, _ = waited(PARSE4AI.on_reply(cast("MinerUState", step.state), ok({"taskId": TASK})))
    assert "private_seed" not in accepted.model_dump_json()


def test_data_ids_are_allowed_and_the_same_every_time() -> None:
    one = cast("dict[str, Any]", sent(MINERU.begin(PLAIN, None, MinerU())).call.json)["data_id"]
    assert one == cast("dict[str, Any]", sent(MINERU.begin(PLAIN, None, MinerU())).call.json)["data_id"]
    assert set(one) <= set("0123456789abcdef-")
    assert len(one) <= 128
    other = cast("dict[str, Any]", sent(MINERU.begin(PLAIN, PageSelection.of("2"), MinerU())).call.json)["data_id"]
    assert other != one


@pytest.mark.parametrize(
    ("facts", "options", "error"),
    [
        (SourceFacts("a.xls", "a.xls", "", 10, ""), MinerU(), errors.UnsupportedSource),
        (SourceFacts("a", "a", "", 10, ""), MinerU(), errors.UnsupportedSource),
        (SourceFacts("a.html", "a.html", "", 10, ""), MinerU(), errors.UnsupportedSource),
        (SourceFacts("a.pdf", "a.pdf", "", 10, ""), MinerU(model_version="MinerU-HTML"), errors.UnsupportedSource),
        (SourceFacts("a.pdf", "a.pdf", "", 201 << 20, ""), MinerU(), errors.SourceTooLarge),
        (SourceFacts("https://x.test/a.zip", "a.zip", "", 0, "", "https://x.test/a.zip"), MinerU(), errors.UnsupportedSource),
    ],
)
def test_what_the_services_refuse_is_refused_before_any_request(facts: Any, options: MinerU, error: type[Exception]) -> None:
    found = failure(MINERU.begin(facts, None, options))
    assert isinstance(found, error)
    assert found.hint


def test_an_address_without_a_suffix_is_left_to_the_service() -> None:
    facts = SourceFacts("https://arxiv.org/pdf/1706.03762", "1706.03762", "", 0, "ab" * 32, "https://arxiv.org/pdf/1706.03762")
    assert sent(MINERU.begin(facts, None, MinerU())).call.url == "extract/task"
    page = SourceFacts("https://x.test/a.html", "a.html", "", 0, "ab" * 32, "https://x.test/a.html")
    assert sent(MINERU.begin(page, None, MinerU(model_version="MinerU-HTML"))).call.url == "extract/task"


def test_options() -> None:
    misspelt: dict[str, Any] = {"enable_formulas": True}
    not_there: dict[str, Any] = {"model_version": "MinerU-HTML"}
    with pytest.raises(errors.UnknownOption, match="enable_formula"):
        MinerU(**misspelt)
    with pytest.raises(errors.ConfigError, match="seed"):
        Parse4AI(callback="https://c.test/")
    with pytest.raises(errors.ConfigError, match="seed"):
        MinerU(callback="https://c.test/", seed="not allowed!")
    with pytest.raises(errors.ConfigError):
        Parse4AI(**not_there)
    config = Parse4AI(base_url="http://h.test/api/v1/")
    assert endpoint_of(config, Parse4AIVendor.traits, {}).url == "http://h.test/api"
    assert MinerU(callback="https://c.test/", seed="s").fingerprint() == MinerU().fingerprint()
    assert MinerU(images="base64").fingerprint() != MinerU().fingerprint()
    assert Parse4AI(staging="s3://a/b").fingerprint() == Parse4AI().fingerprint()


# Answers to a submit


@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (ok({"taskId": TASK}), {"task_id": TASK}),
        (ok({"task_id": TASK}), {"task_id": TASK}),
        (Reply(200, json={"code": "0", "message": "ok", "data": {"taskId": TASK}, "timestamp": 1}), {"task_id": TASK}),
        (ok({"batch_id": BATCH}), {"batch_id": BATCH}),
    ],
)
def test_an_accepted_submit(reply: Reply, known: dict[str, str]) -> None:
    state, progress = waited(MINERU.on_reply(MinerUState(), reply))
    assert {name: getattr(state, name) for name in known} == known
    assert (state.accepted, progress.status) == (True, "submitted")


@pytest.mark.parametrize("data", [None, {}, {"taskId": ""}, {"task_id": "../x"}, "text"])
def test_an_accepted_submit_without_an_id_is_uncertain(data: Any) -> None:
    assert isinstance(failure(PARSE4AI.on_reply(MinerUState(), ok(data))), errors.SubmitUncertain)


PARSE4AI_CODES: dict[str, type[DocParseError]] = {
    "-20002": errors.AuthError,
    "-20011": errors.AuthError,
    "-500": errors.SubmitRejected,
    "-10001": errors.VendorUnavailable,
    "-10002": errors.SubmitRejected,
    "-60002": errors.UnsupportedSource,
    "-60003": errors.BrokenSource,
    "-60004": errors.EmptySource,
    "-60005": errors.SourceTooLarge,
    "-60006": errors.SourceTooLarge,
    "-60007": errors.RateLimited,
    "-60008": errors.RateLimited,
    "-60009": errors.RateLimited,
    "-60010": errors.JobFailed,
    "-60012": errors.JobFailed,
    "-60013": errors.AuthError,
    "-60015": errors.BrokenSource,
    "-60017": errors.QuotaError,
}
"""The table of Parse4AI's page, row by row."""
MINERU_CODES: dict[str, type[DocParseError]] = {
    "A0202": errors.AuthError,
    "A0211": errors.AuthError,
    "-60001": errors.VendorUnavailable,
    "-60011": errors.ProtocolError,
    "-60014": errors.SubmitRejected,
    "-60016": errors.JobFailed,
    "-60018": errors.QuotaError,
    "-60019": errors.QuotaError,
    "-60022": errors.BrokenSource,
    "-30001": errors.SourceTooLarge,
    "-30002": errors.UnsupportedSource,
    "-30003": errors.SourceTooLarge,
    "-30004": errors.SubmitRejected,
}
"""What mineru.net has besides: its gateway's, those of uploads and web pages, and those of the API without a token."""
EXPECTED = PARSE4AI_CODES | MINERU_CODES


def test_the_codes_known_are_those_of_the_documents() -> None:
    assert set(EXPECTED) == set(DOCUMENTED) == set(CODES)


@pytest.mark.parametrize("code", EXPECTED)
@pytest.mark.parametrize("vendor", [MINERU, PARSE4AI])
def test_every_documented_code_is_classified(vendor: Any, code: str) -> None:
    answers: list[Any] = [{"code": code, "msg": "no"}, {"success": False, "msgCode": code, "msg": "no"}]
    answers += [{"code": int(code), "message": "no", "data": None}] if code[0] == "-" else []
    for answer in answers:
        error = failure(vendor.on_reply(MinerUState(), Reply(200, json=answer)))
        assert type(error) is EXPECTED[code]
        assert (error.code, error.vendor) == (code, vendor.name)
        assert error.hint


REFUSED = {"-60007", "-60008", "-60009"}
UNCERTAIN = {"-10001", "-60001"}


@pytest.mark.parametrize("code", EXPECTED)
def test_a_code_says_whether_the_submit_may_be_sent_again(code: str) -> None:
    error = failure(MINERU.on_reply(MinerUState(), Reply(200, json={"code": code, "msg": "no"})))
    verdict = after_failure(Effect.CREATE, error, 1, Retry(), 0.5)
    expected = "resend" if code in REFUSED else "uncertain" if code in UNCERTAIN else "raise"
    assert ("resend" if isinstance(verdict, Resend) else verdict) == expected


FAILED: dict[str, type[DocParseError]] = {
    code: kind
    for code, kind in EXPECTED.items()
    if kind not in {errors.RateLimited, errors.VendorUnavailable, errors.ProtocolError}
} | dict.fromkeys(("-60007", "-60008", "-60009", "-10001", "-60001", "-60011"), errors.JobFailed)


@pytest.mark.parametrize("code", EXPECTED)
def test_a_document_that_failed_with_a_code_is_never_asked_for_again(code: str) -> None:
    state = MANY.model_copy(update={"order": {}})
    error = failure(MINERU.on_reply(state, results(entry("failed", err_code=code, err_msg="why"))))
    assert type(error) is FAILED[code]
    assert (error.code, error.retryable) == (code, False)
    assert "why" in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("json", "kind"),
    [
        ({"code": -60009, "message": "queue full", "data": None, "timestamp": 1}, errors.RateLimited),
        ({"code": "-60017", "message": "no pages left"}, errors.QuotaError),
        ({"success": False, "msgCode": "A0202", "msg": "user authentication failed", "traceId": "c"}, errors.AuthError),
        ({"success": False, "msg": "odd"}, errors.SubmitRejected),
        ({"code": -99999, "msg": "odd"}, errors.SubmitRejected),
    ],
)
def test_codes_in_all_their_shapes(json: Any, kind: type[Exception]) -> None:
    assert isinstance(failure(PARSE4AI.on_reply(MinerUState(), Reply(200, json=json))), kind)


@pytest.mark.parametrize(
    ("reply", "kind", "verdict"),
    [
        (Reply(200, json={"code": -60009}), errors.RateLimited, "resend"),
        (Reply(429), errors.RateLimited, "resend"),
        (Reply(429, json={"code": 429, "msg": "Too Many Requests"}), errors.RateLimited, "resend"),
        (Reply(503, problem="not_json", snippet="<html>"), errors.VendorUnavailable, "uncertain"),
        (Reply(200, problem="not_json", snippet="<html>"), errors.VendorUnavailable, "uncertain"),
        (Reply(200, json={"code": -10001}), errors.VendorUnavailable, "uncertain"),
        (Reply(401, json={"success": False, "msgCode": "A0211", "msg": "expired"}), errors.AuthError, "raise"),
        (Reply(200, json={"code": -60005}), errors.SourceTooLarge, "raise"),
        (Reply(404, json={"code": 404}), errors.ProtocolError, "raise"),
    ],
)
def test_a_submit_is_sent_again_only_if_it_was_refused(reply: Reply, kind: type[Exception], verdict: str) -> None:
    error = failure(MINERU.on_reply(MinerUState(), reply))
    assert isinstance(error, kind)
    found = after_failure(Effect.CREATE, error, 1, Retry(), 0.5)
    assert ("resend" if isinstance(found, Resend) else found) == verdict


def test_an_uncertain_submit_ends_there_and_another_phase_goes_on() -> None:
    assert isinstance(failure(MINERU.on_uncertain(MinerUState())), errors.SubmitUncertain)
    assert isinstance(failure(MINERU.resume(MinerUState())), errors.SubmitUncertain)
    assert sent(MINERU.on_uncertain(SINGLE)).call.url == f"extract/task/{TASK}"


@pytest.mark.parametrize("phase", ["staging", "reserving"])
def test_a_token_from_before_the_submit_leads_nowhere(phase: Any) -> None:
    assert isinstance(failure(MINERU.resume(MinerUState(phase=phase))), errors.InvalidToken)


def test_a_token_without_a_job_is_invalid() -> None:
    for state in (MinerUState(phase="polling"), MinerUState(phase="polling", task_id="../x")):
        assert isinstance(failure(MINERU.resume(state)), errors.InvalidToken)


# Polling


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("pending", True),
        ("Running", True),
        ("converting", True),
        ("waiting-file", True),
        ("waiting_file", True),
        ("zzz", False),
    ],
)
def test_a_job_that_is_not_done_is_waited_for(word: str, known: bool) -> None:
    for vendor, data in ((PARSE4AI, {"taskId": TASK, "state": word}), (MINERU, {"task_id": TASK, "state": word})):
        state, progress = waited(vendor.on_reply(SINGLE, ok(data)))
        assert (state, progress.known) == (SINGLE, known)
    assert waited(MINERU.on_reply(MANY, results(entry(word))))[0] == MANY


@pytest.mark.parametrize("counts", [(1, 2), ("1", "2")])
def test_progress_is_told_in_pages(counts: tuple[Any, Any]) -> None:
    pages = {"extracted_pages": counts[0], "total_pages": counts[1], "start_time": "2025-01-20 11:43:20"}
    assert waited(MINERU.on_reply(MANY, results(entry("running", extract_progress=pages))))[1] == Progress("running", 1, 2)


@pytest.mark.parametrize(
    ("vendor", "state", "reply"),
    [
        (PARSE4AI, SINGLE, ok({"taskId": TASK, "state": "done", "fullZipUrl": "https://c.test/a.zip", "markdownUrl": "x"})),
        (MINERU, SINGLE, ok({"task_id": TASK, "state": "done", "full_zip_url": "https://c.test/a.zip"})),
        (MINERU, MANY, results(entry("done", full_zip_url="https://c.test/a.zip"))),
        (MINERU, SINGLE, Reply(200, json={"task_id": TASK, "state": "done", "full_zip_url": "https://c.test/a.zip"})),
        (
            MINERU,
            MANY,
            Reply(200, json={"batch_id": BATCH, "extract_result": [entry("done", full_zip_url="https://c.test/a.zip")]}),
        ),
    ],
)
def test_a_finished_job_leads_to_its_archive(vendor: Any, state: MinerUState, reply: Reply) -> None:
    step = sent(vendor.on_reply(state, reply))
    assert (step.call.url, step.call.expect, step.call.large) == (Foreign("https://c.test/a.zip"), "blob", True)
    assert "c.test" not in step.state.model_dump_json()
    done = vendor.on_reply(step.state, Reply(200, blob=Blob(ZIP, "application/octet-stream")))
    assert done == Done(Blob(ZIP, "application/zip"), step.state)


def test_entries_of_a_batch_are_found_by_id_and_by_name_only_where_that_is_clear() -> None:
    other = {"file_name": "a.pdf", "data_id": "doc.2", "state": "failed", "err_msg": "x"}
    assert waited(MINERU.on_reply(MANY, results(other, entry("running"))))[1].status == "running"
    unnamed = {"file_name": "a.pdf", "state": "pending"}
    assert waited(MINERU.on_reply(MANY, results(other, unnamed)))[1].status == "pending"
    assert waited(MINERU.on_reply(MANY, results(unnamed, unnamed)))[1].status == "unknown"
    alone = {"file_name": "renamed.pdf", "state": "pending"}
    assert waited(MINERU.on_reply(MANY, results(alone)))[1].status == "pending"


def test_a_job_without_archive_gives_its_markdown() -> None:
    step = sent(PARSE4AI.on_reply(SINGLE, ok({"taskId": TASK, "state": "done", "markdownUrl": "https://c.test/a.md"})))
    done = PARSE4AI.on_reply(cast("MinerUState", step.state), Reply(200, blob=Blob(b"# One")))
    assert isinstance(done, Done)
    assert done.payload == Blob(b"# One", "text/markdown")
    empty = PARSE4AI.on_reply(SINGLE, ok({"taskId": TASK, "state": "done"}))
    assert isinstance(failure(empty), errors.IncompleteResult)


def test_pictures_are_wanted_inside_if_the_options_say_so() -> None:
    step = sent(MINERU.begin(PLAIN, None, MinerU(images="base64")))
    state, _ = waited(MINERU.on_reply(cast("MinerUState", step.state), ok({"task_id": TASK})))
    fetch = sent(MINERU.on_reply(state, ok({"task_id": TASK, "state": "done", "full_zip_url": "https://c.test/a.zip"})))
    done = MINERU.on_reply(cast("MinerUState", fetch.state), Reply(200, blob=Blob(ZIP)))
    assert isinstance(done, Done)
    assert done.payload == Blob(ZIP, "application/zip; images=base64")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_expired_link_is_asked_for_anew_twice(status: int) -> None:
    state = SINGLE.model_copy(update={"phase": "fetching"})
    for _ in range(2):
        step = sent(MINERU.on_reply(state, Reply(status, problem="not_json", snippet="<Error>")))
        assert step.call.url == f"extract/task/{TASK}"
        state = cast("MinerUState", step.state).model_copy(update={"phase": "fetching"})
    assert isinstance(failure(MINERU.on_reply(state, Reply(status))), errors.IncompleteResult)


def test_a_cut_archive_or_a_page_instead_of_one_is_fetched_again() -> None:
    state = SINGLE.model_copy(update={"phase": "fetching"})
    for data in (ZIP[:-10], b"<html>maintenance</html>", b""):
        error = failure(MINERU.on_reply(state, Reply(200, blob=Blob(data))))
        assert isinstance(error, errors.VendorUnavailable)
        assert isinstance(after_failure(Effect.READ, error, 1, Retry(), 0.5, accepted=True), Resend)
        assert after_failure(Effect.READ, error, 3, Retry(), 0.5, accepted=True) == "raise"
    assert isinstance(failure(MINERU.on_reply(state, Reply(500))), errors.VendorUnavailable)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"err_msg": "文件格式不支持"}, errors.JobFailed),
        ({"err_msg": "empty file", "err_code": -60004}, errors.EmptySource),
        ({"err_msg": "too large", "err_code": "-60005"}, errors.SourceTooLarge),
        ({"err_msg": "broken", "err_code": -60003}, errors.BrokenSource),
        ({"err_msg": "no pages", "err_code": -60017}, errors.QuotaError),
        ({"err_msg": "service", "err_code": -10001}, errors.JobFailed),
        ({"err_msg": "odd", "err_code": 7}, errors.JobFailed),
        ({}, errors.JobFailed),
    ],
)
def test_a_failed_document_tells_why_and_is_never_asked_for_again(told: Any, kind: type[Exception]) -> None:
    error = failure(MINERU.on_reply(MANY, results({**entry("failed"), **told})))
    assert type(error) is kind
    assert not error.retryable
    assert error.hint
    camel = {"".join(part.capitalize() if n else part for n, part in enumerate(name.split("_"))): v for name, v in told.items()}
    assert type(failure(PARSE4AI.on_reply(SINGLE, ok({"taskId": TASK, "state": "failed", **camel})))) is kind


@pytest.mark.parametrize(("code", "times"), [("-60007", 3), ("-60009", 3), ("-60008", 2)])
def test_a_document_that_found_no_room_is_submitted_again_a_few_times(code: str, times: int) -> None:
    state = MinerUState(phase="polling", task_id=TASK, linked=True, order={"data_id": "doc.1"})
    for _ in range(times):
        step = MINERU.on_reply(state, ok({"task_id": TASK, "state": "failed", "err_code": int(code)}))
        again, _ = waited(step)
        assert isinstance(step, Wait)
        assert step.hint
        assert (again.phase, again.accepted, again.creating) == ("again", False, False)
        submit = sent(MINERU.resume(again))
        assert (submit.call.effect, submit.call.url) == (Effect.CREATE, "extract/task")
        assert placed(submit.call).json == {"url": ADDRESS.url, "data_id": "doc.1"}
        state, _ = waited(MINERU.on_reply(cast("MinerUState", submit.state), ok({"task_id": TASK})))
    last = MINERU.on_reply(state, ok({"task_id": TASK, "state": "failed", "err_code": int(code)}))
    error = failure(last)
    assert type(error) is errors.JobFailed
    assert ("check that it is public" if code == "-60008" else "no room") in error.hint


@pytest.mark.parametrize(("vendor", "batch"), [(MINERU, None), (MINERU, "run-1"), (PARSE4AI, None), (PARSE4AI, "run-1")])
def test_a_signed_address_is_submitted_again_and_never_kept(vendor: Any, batch: str | None) -> None:
    options = MinerU() if vendor is MINERU else Parse4AI()
    submit = sent(vendor.begin(ADDRESS, None, options, batch))
    told = {"batch_id": BATCH} if batch else {"task_id": TASK}
    state, _ = waited(vendor.on_reply(submit.state, ok(told)))
    entry_ = {"state": "failed", "err_code": -60009, "data_id": state.data_id}
    again, _ = waited(vendor.on_reply(state, ok({**told, **({"extract_result": [entry_]} if batch else entry_)})))
    repeated = sent(vendor.resume(MinerUState.model_validate_json(again.model_dump_json())))
    assert repeated.call == submit.call
    assert str(ADDRESS.url) in json.dumps(placed(repeated.call).json)
    assert "secret" not in repr((submit, state, again, repeated)) + again.model_dump_json()


def test_a_document_with_a_callback_is_not_submitted_again_because_its_seed_is_not_kept() -> None:
    step = sent(MINERU.begin(ADDRESS, None, MinerU(callback="https://c.test", seed="s")))
    state, _ = waited(MINERU.on_reply(cast("MinerUState", step.state), ok({"task_id": TASK})))
    error = failure(MINERU.on_reply(state, ok({"task_id": TASK, "state": "failed", "err_code": -60009})))
    assert (type(error), error.code) == (errors.JobFailed, "-60009")
    assert "no room" in error.hint


def test_an_uploaded_document_without_room_is_uploaded_again() -> None:
    again, _ = waited(MINERU.on_reply(MANY, results(entry("failed", err_code=-60009))))
    assert sent(MINERU.resume(again)).call.url == "file-urls/batch"


def test_a_job_that_is_not_known_yet_is_asked_for_again_and_then_given_up() -> None:
    state = SINGLE
    for _ in range(3):
        state, _ = waited(MINERU.on_reply(state, Reply(200, json={"code": -60012, "msg": "找不到任务"})))
    assert isinstance(failure(MINERU.on_reply(state, Reply(200, json={"code": -60012}))), errors.JobFailed)
    state = MANY
    for _ in range(3):
        state, _ = waited(MINERU.on_reply(state, results()))
    assert isinstance(failure(MINERU.on_reply(state, results())), errors.ProtocolError)


def test_an_upload_that_was_cut_off_is_waited_for_a_while_and_one_that_arrived_for_good() -> None:
    cut = MANY.model_copy(update={"uploaded": False, "phase": "uploading"})
    state = cast("MinerUState", sent(MINERU.resume(cut)).state)
    for _ in range(10):
        state, _ = waited(MINERU.on_reply(state, results(entry("waiting-file"))))
    assert isinstance(failure(MINERU.on_reply(state, results(entry("waiting-file")))), errors.JobFailed)
    for _ in range(100):
        arrived, _ = waited(MINERU.on_reply(MANY, results(entry("waiting-file"))))
    assert arrived == MANY
    state = MANY
    for _ in range(10):
        state, _ = waited(MINERU.on_reply(state, Reply(200, json={"code": -60011, "msg": "获取有效文件失败"})))
    assert isinstance(failure(MINERU.on_reply(state, Reply(200, json={"code": -60011}))), errors.JobFailed)


def test_an_upload_address_that_was_refused_is_reserved_anew_twice() -> None:
    state = MinerUState(phase="uploading", batch_id=BATCH, name="a.pdf", order={"data_id": "doc.1"})
    for _ in range(2):
        step = sent(MINERU.on_reply(state, Reply(403, problem="not_json", snippet="<Error>")))
        assert step.call.url == "file-urls/batch"
        state = cast("MinerUState", step.state).model_copy(update={"phase": "uploading"})
    assert isinstance(failure(MINERU.on_reply(state, Reply(403))), errors.SubmitRejected)
    assert isinstance(failure(MINERU.on_reply(state, Reply(400))), errors.SubmitRejected)
    assert isinstance(failure(MINERU.on_reply(state, Reply(429))), errors.RateLimited)
    assert isinstance(failure(MINERU.on_reply(state, Reply(503))), errors.VendorUnavailable)


@pytest.mark.parametrize(
    ("state", "data"),
    [
        (SINGLE, {"taskId": BATCH, "state": "done", "fullZipUrl": "https://c.test/a.zip"}),
        (MANY, {"batch_id": TASK, "extract_result": [entry("done", full_zip_url="https://c.test/a.zip")]}),
    ],
)
def test_an_answer_about_another_job_is_refused(state: MinerUState, data: Any) -> None:
    assert isinstance(failure(MINERU.on_reply(state, Reply(200, json=data))), errors.ProtocolError)


@pytest.mark.parametrize("phase", ["submitting", "uploading", "polling", "fetching"])
def test_a_callback_goes_on_with_a_job_wherever_it_stood(phase: Any) -> None:
    content: Any = {"batch_id": BATCH, "extract_result": [entry("done", full_zip_url="https://c.test/a.zip")]}
    state = MANY.model_copy(update={"phase": phase})
    step = MINERU.on_reply(state, Reply(200, json=content))
    if phase == "submitting":
        state, _ = waited(step)
        assert sent(MINERU.resume(state)).call.url == f"extract-results/batch/{BATCH}"
    else:
        assert sent(step).call.url == Foreign("https://c.test/a.zip")


NAMES = ["code", "msgCode", "data", "state", "task_id", "batch_id", "extract_result", "file_urls", "full_zip_url", "err_code"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from(["staging", "submitting", "reserving", "uploading", "polling", "fetching"]),
    st.sampled_from([200, 204, 302, 400, 403, 404, 429, 500]),
    JSON,
    st.booleans(),
)
def test_no_answer_raises_anything(phase: Any, status: int, json: Any, single: bool) -> None:
    state = (SINGLE if single else MANY).model_copy(update={"phase": phase})
    step = MINERU.on_reply(state, Reply(status, json=json))
    assert isinstance(step, Send | Wait | Done | Fail)


def test_a_state_survives_being_saved() -> None:
    state = sent(MINERU.begin(FILE, PageSelection.of("1-2"), MinerU(extra_options={"a": [1]}), "run")).state
    assert MinerUState.model_validate(json.loads(state.model_dump_json())) == state
    assert len(state.model_dump_json()) < 1000


def test_calls_of_merged_batches_keep_their_order() -> None:
    calls = [Call(Effect.CREATE, "POST", "x", json={"files": [{"url": str(n)}], "language": "ch"}) for n in range(200)]
    merged = cast("dict[str, Any]", MINERU.merged(calls).json)
    assert [file["url"] for file in merged["files"]] == [str(n) for n in range(200)]
