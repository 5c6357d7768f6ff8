"""SCNet's calls, decided without a network: requests as its client sends them, answers in every published dialect."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.address import addressed
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.engine.endpoint import endpoint_of
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Retry
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import (
    Blob,
    Body,
    Call,
    Collect,
    Done,
    Effect,
    Fail,
    Foreign,
    Merges,
    Progress,
    Reply,
    Send,
    Step,
    Wait,
)
from docparse_loaders.vendors.scnet import SCNet
from docparse_loaders.vendors.scnet.codes import CODES
from docparse_loaders.vendors.scnet.decode import UNLINKED
from docparse_loaders.vendors.scnet.state import SCNetState
from docparse_loaders.vendors.scnet.wire import SCNetVendor
from scnet_pages import LINK, PRESIGNED, TASK, output, polled

VENDOR = SCNetVendor()
FILE = SourceFacts("a/report.pdf", "report.pdf", "application/pdf", 1000, "00" * 32)
ADDRESS = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "", "https://x.test/a.pdf")
SIGNED = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "", "https://x.test/a.pdf?sig=canary")
ORDER: dict[str, Any] = {"ocr_type": "DOC_PARING"}
POLLING = SCNetState(phase="polling", task_id=TASK, order=ORDER)
UPLOADING = SCNetState(phase="uploading", upload=True, name="report.pdf", order=ORDER, url=PRESIGNED["file_url"])


def _begin(facts: SourceFacts = ADDRESS, **options: Any) -> Send:
    step = VENDOR.begin(facts, None, SCNet(**options))
    assert isinstance(step, Send)
    return step


def _written(call: Call, facts: SourceFacts = ADDRESS) -> Any:
    """What goes out in the end, with the document's address in its place."""
    return addressed(call, Source(facts, io.BytesIO)).json


def _poll(state: SCNetState, body: Any, status: int = 200) -> Step:
    return VENDOR.on_reply(state, Reply(status, json=body))


def _sent(step: Step) -> Send:
    assert isinstance(step, Send), step
    return step


def _waits(step: Step) -> Wait:
    assert isinstance(step, Wait), step
    return step


def _failure(step: Step) -> DocParseError:
    assert isinstance(step, Fail), step
    return step.error


def _state(step: Send | Wait | Collect | Done) -> SCNetState:
    assert isinstance(step.state, SCNetState)
    return step.state


def _states_text(*steps: Step) -> str:
    return " ".join(step.state.model_dump_json() for step in steps if not isinstance(step, Fail))


class TestSubmit:
    """What is sent before there is a task."""

    def test_an_address_is_submitted_as_it_is(self) -> None:
        step = _begin()
        assert (step.call.effect, step.call.method, step.call.url) == (Effect.CREATE, "POST", "ocrdoc/submit")
        assert (step.call.auth.place, step.call.body) == ("bearer", None)
        assert _written(step.call) == {"file_url": "https://x.test/a.pdf", "ocr_type": "DOC_PARING"}

    def test_options_are_spelled_as_the_published_client_does(self) -> None:
        step = _begin(
            is_table_cls=True, is_doc_ori=False, enforce_seal=True, is_inline_formula=True, extra_options={"pageIndex": "2"}
        )
        assert _written(step.call) == {
            "file_url": "https://x.test/a.pdf",
            "ocr_type": "DOC_PARING",
            "isTableCls": True,
            "isDocOri": False,
            "enfoceSeal": True,
            "isInlineFormula": True,
            "pageIndex": "2",
        }

    def test_a_file_is_uploaded_first(self) -> None:
        presign = _begin(FILE)
        assert (presign.call.effect, presign.call.method, presign.call.url) == (Effect.READ, "GET", "upload/presign")
        assert (presign.call.query, presign.call.auth.place) == ((("file_name", "report.pdf"),), "bearer")

        upload = _sent(_poll(_state(presign), {"code": "0", "data": PRESIGNED}))
        assert upload.call.url == Foreign(PRESIGNED["upload_url"])
        assert (upload.call.effect, upload.call.method, upload.call.expect) == (Effect.PUT, "POST", "blob")
        assert upload.call.auth.place == "none"
        assert upload.call.form == (
            ("policy", "p"),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", "c"),
            ("x-amz-date", "20260519T115855Z"),
            ("x-amz-signature", "s"),
            ("key", "doc/1.pdf"),
        )
        assert upload.call.body == Body("file", "1.pdf", "application/pdf")

        submit = _sent(VENDOR.on_reply(_state(upload), Reply(204, blob=Blob(b""))))
        assert submit.call.effect is Effect.CREATE
        assert submit.call.json == {"file_url": PRESIGNED["file_url"], "ocr_type": "DOC_PARING"}
        assert [step.state.creating for step in (presign, upload, submit)] == [False, False, True]
        kept = _states_text(presign, upload, submit)
        assert PRESIGNED["upload_url"] + '"' not in kept
        assert "policy" not in kept

    @pytest.mark.parametrize("status", [200, 201, 204])
    @pytest.mark.parametrize("blob", [Blob(b""), Blob(b"<PostResponse/>", "application/xml"), None])
    def test_any_2xx_is_an_upload(self, status: int, blob: Blob | None) -> None:
        assert _sent(VENDOR.on_reply(UPLOADING, Reply(status, blob=blob))).call.url == "ocrdoc/submit"

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    def test_a_refused_upload_is_presigned_again_twice(self, status: int) -> None:
        step: Step = VENDOR.on_reply(UPLOADING, Reply(status))
        for _ in range(2):
            presign = _sent(step)
            assert presign.call.url == "upload/presign"
            step = VENDOR.on_reply(_state(_sent(_poll(_state(presign), {"data": PRESIGNED}))), Reply(status))
        error = _failure(step)
        assert type(error) is errors.ProtocolError
        assert error.status == status

    def test_a_fault_of_the_storage_is_sent_again(self) -> None:
        error = _failure(VENDOR.on_reply(UPLOADING, Reply(503, problem="not_json")))
        assert isinstance(after_failure(Effect.PUT, error, 1, Retry(), 0.5), Resend)

    def test_a_form_in_other_spellings(self) -> None:
        spelled = {"fileUrl": "https://o.test/1", "uploadUrl": "https://o.test", "key": "1", "policy": "p", "xAmzDate": "d"}
        spelled |= {"x-amz-algorithm": "a", "xAmzCredential": "c", "x_amz_signature": "s"}
        upload = _sent(_poll(_state(_begin(FILE)), spelled))
        assert dict(upload.call.form)["x-amz-date"] == "d"

    @pytest.mark.parametrize("name", PRESIGNED)
    def test_a_form_that_lacks_a_field_is_named(self, name: str) -> None:
        data = {key: value for key, value in PRESIGNED.items() if key != name}
        error = _failure(_poll(_state(_begin(FILE)), {"code": "0", "data": data}))
        assert type(error) is errors.ProtocolError
        assert name in error.message.replace("-", "_")

    def test_the_key_and_signed_addresses_are_in_no_state(self) -> None:
        step = _begin(SIGNED, api_key="sk-canary")
        assert _written(step.call, SIGNED) == {"file_url": "https://x.test/a.pdf?sig=canary", "ocr_type": "DOC_PARING"}
        assert "sig=canary" not in repr(step)
        waiting = _waits(_poll(_state(step), {"data": output("pending")}))
        assert "canary" not in _states_text(step, waiting)

    def test_a_password_in_an_address_is_sent_and_not_kept(self) -> None:
        url = "https://user:canary@x.test/a.pdf"
        facts = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "", url)
        step = _begin(facts)
        assert _written(step.call, facts) == {"file_url": url, "ocr_type": "DOC_PARING"}
        assert "canary" not in _states_text(step, _waits(_poll(_state(step), {"data": output("pending")})))

    @pytest.mark.parametrize(
        ("facts", "error", "said"),
        [
            (SourceFacts("a.xyz", "a.xyz", "", 1, ""), errors.UnsupportedSource, "does not take .xyz"),
            (SourceFacts("a", "a", "", 1, ""), errors.UnsupportedSource, "nameless"),
            (SourceFacts("a.pdf", "a.pdf", "", 100 * 1024 * 1024 + 1, ""), errors.SourceTooLarge, "takes 100 MB"),
            (SourceFacts("https://x/a.exe", "a.exe", "", 0, "", "https://x/a.exe"), errors.UnsupportedSource, ".exe"),
        ],
    )
    def test_what_scnet_would_refuse_is_not_sent(self, facts: SourceFacts, error: type[DocParseError], said: str) -> None:
        found = _failure(VENDOR.begin(facts, None, SCNet()))
        assert type(found) is error
        assert said in str(found)

    def test_an_address_may_end_in_anything(self) -> None:
        url = "https://x.test/pdf/1706.03762"
        assert _begin(SourceFacts(url, "1706.03762", "", 0, "", url)).call.url == "ocrdoc/submit"


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://api.scnet.cn", "https://api.scnet.cn/api/llm/v1"),
        (" https://api.scnet.cn/ ", "https://api.scnet.cn/api/llm/v1"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080/api/llm/v1"),
        ("http://10.0.0.7/scnet/v1", "http://10.0.0.7/scnet/v1"),
        ("https://api.scnet.cn/api/llm/v1", "https://api.scnet.cn/api/llm/v1"),
        (None, "https://api.scnet.cn/api/llm/v1"),
    ],
)
def test_a_base_that_is_only_a_host_gets_the_path(given_url: str | None, kept: str | None) -> None:
    assert endpoint_of(SCNet(api_key="k", base_url=given_url), SCNetVendor.traits, {}).url == kept
    if given_url is not None:
        assert endpoint_of(SCNet(api_key="k"), SCNetVendor.traits, {"SCNET_BASE_URL": given_url}).url == kept


OUT = {"task_status": "pending", "task_id": TASK}


class TestSubmitted:
    """The answer to a submit."""

    @pytest.mark.parametrize(
        "body",
        [
            {"code": "200", "msg": "", "data": {"output": OUT, "request_id": "4909"}},
            {"code": "0", "msg": "success", "data": {"output": OUT}},
            {"code": 0, "data": {"output": OUT}},
            {"code": 200, "data": [{"output": OUT}]},
            {"requestId": "5e", "output": {"taskStatus": "PENDING", "taskId": TASK}},
            {"code": "0", "output": OUT},
            {"code": "0", "data": None, "output": OUT},
            {"data": OUT},
            OUT,
            {"output": {"taskStatus": "PENDING", "taskId": int(TASK)}},
        ],
    )
    def test_every_dialect_gives_the_task(self, body: Any) -> None:
        step = _waits(_poll(_state(_begin()), json.loads(json.dumps(body))))
        assert (_state(step).phase, _state(step).task_id) == ("polling", TASK)
        assert step.progress.status.lower() == "pending"
        assert step.progress.known
        assert step.state.accepted

    def test_nineteen_digits_stay_whole(self) -> None:
        step = _waits(_poll(_state(_begin()), {"data": {"output": {"task_id": 2056706028668284929}}}))
        poll = _sent(VENDOR.resume(_state(step)))
        assert poll.call.json == {"task_ids": ["2056706028668284929"]}

    @pytest.mark.parametrize(
        "body", [{}, {"code": "0"}, {"code": "200", "data": {}}, {"data": {"output": {"task_id": ""}}}, None]
    )
    def test_no_task_is_uncertain(self, body: Any) -> None:
        error = _failure(_poll(_state(_begin()), body))
        assert type(error) is errors.SubmitUncertain
        assert error.hint

    @pytest.mark.parametrize(
        "body",
        [
            {"code": "10011", "msg": "Burst rate limit exceeded for model"},
            {"code": "777", "msg": "触发限流"},
            {"error": {"code": "429", "type": "limit_burst_rate", "message": "Burst"}},
            {"error": "request_concurrency_conflict"},
            {"data": {"output": {"error_code": "limit_burst_rate", "error_message": "Burst"}}},
        ],
    )
    def test_too_fast_is_sent_again(self, body: Any) -> None:
        error = _failure(_poll(_state(_begin()), body))
        assert type(error) is errors.RateLimited
        assert isinstance(after_failure(Effect.CREATE, error, 1, Retry(), 0.5), Resend)

    @pytest.mark.parametrize(
        ("body", "kind", "code"),
        [
            (
                {"request_id": "x", "error": {"code": "404", "type": "model_not_found", "message": "no"}},
                "SubmitRejected",
                "model",
            ),
            ({"error": {"code": "SystemError", "type": "server", "message": "no"}}, "VendorUnavailable", "SystemError"),
            ({"error": {"code": "new_code", "type": "t", "message": "no"}}, "SubmitRejected", "new_code"),
            ({"error": {"code": "404", "type": "new_type", "message": "no"}}, "SubmitRejected", "404"),
            ({"code": "401", "msg": "Unauthorized"}, "AuthError", "401"),
            ({"code": "503", "msg": "busy"}, "VendorUnavailable", "503"),
        ],
    )
    def test_errors_in_both_forms(self, body: Any, kind: str, code: str) -> None:
        error = _failure(_poll(_state(_begin()), body))
        assert type(error).__name__ == kind
        assert error.code.startswith(code)
        assert error.hint

    def test_an_unknown_code_counts_less_than_the_status(self) -> None:
        error = _failure(_poll(_state(_begin()), {"code": "x", "msg": "no"}, 503))
        assert type(error) is errors.VendorUnavailable
        assert after_failure(Effect.CREATE, error, 1, Retry(), 0.5) == "uncertain"


class TestPolling:
    """The answer about tasks."""

    def test_one_request_asks_for_many(self) -> None:
        ids = [TASK, "2056703208598626305", "0385dc79-5ff8-4d82-bcb6", TASK]
        calls = [_sent(VENDOR.resume(SCNetState(phase="polling", task_id=task_id))).call for task_id in ids]
        assert {call.group for call in calls} == {"ocrdoc/result"}
        assert isinstance(VENDOR, Merges)
        one = VENDOR.merged(calls)
        assert (one.effect, one.method, one.url, one.auth.place) == (Effect.READ, "POST", "ocrdoc/result", "bearer")
        assert one.json == {"task_ids": [TASK, "2056703208598626305", "0385dc79-5ff8-4d82-bcb6"]}
        reply = Reply(200, json=polled(output("running")))
        assert VENDOR.share(reply, 1) == reply
        assert VENDOR.traits.polls_many

    def test_each_finds_its_own_entry(self) -> None:
        body = polled(
            None,
            output("failed", "3", error_code="provider_error"),
            output("running", "2"),
            output("succeeded", results=[LINK]),
        )
        step = _sent(_poll(POLLING, body))
        assert step.call.url == Foreign(LINK)
        other = _waits(_poll(POLLING.model_copy(update={"task_id": "2"}), body))
        assert other.progress == Progress("running")
        failed = _failure(_poll(POLLING.model_copy(update={"task_id": "3"}), body))
        assert (type(failed), failed.code) == (errors.JobFailed, "provider_error")

    @pytest.mark.parametrize(
        "body",
        [
            polled(output("succeeded", results=[LINK])),
            polled(output("SUCCEEDED", results=[LINK]), code="200"),
            {"code": "0", "data": output("succeeded", results=[LINK])},
            {"requestId": "a", "output": {"taskId": TASK, "taskStatus": "SUCCEEDED", "results": [LINK]}},
            {"requestId": "a", "output": {"taskId": int(TASK), "taskStatus": "SUCCEEDED", "results": LINK}},
            {"data": [{"task_id": TASK, "task_status": "succeeded", "results": [{"url": LINK}]}]},
            {"data": [{"output": [{"task_id": TASK, "results": [LINK]}]}]},
        ],
    )
    def test_every_dialect_of_success(self, body: Any) -> None:
        step = _sent(_poll(POLLING, body))
        assert step.call.url == Foreign(LINK)
        assert (step.call.effect, step.call.method, step.call.expect, step.call.large) == (Effect.READ, "GET", "blob", True)
        assert step.call.auth.place == "none"
        assert "Signature" not in step.state.model_dump_json()

    def test_several_files_are_all_fetched_in_order(self) -> None:
        step = _poll(POLLING, polled(output("succeeded", results=[f"{LINK}1", f"{LINK}2"])))
        assert isinstance(step, Collect)
        assert [call.url for call in step.calls] == [Foreign(f"{LINK}1"), Foreign(f"{LINK}2")]
        assert VENDOR.on_reply(_state(step), Reply(200, blob=Blob(b"{}"))) == Done(Blob(b"{}"), step.state)

    @pytest.mark.parametrize("results", [None, [], "", [LINK, None], [LINK, "ftp://x"], [7]])
    def test_a_file_that_is_missing_is_an_incomplete_result(self, results: Any) -> None:
        error = _failure(_poll(POLLING, polled(output("succeeded", results=results))))
        assert type(error) is errors.IncompleteResult
        assert error.hint

    def test_files_without_number_are_not_fetched(self) -> None:
        error = _failure(_poll(POLLING, polled(output("succeeded", results=[LINK] * 1001))))
        assert type(error) is errors.LimitExceeded

    @pytest.mark.parametrize(
        ("named", "hint"), [(7, 7.0), ("7", 7.0), (90, 10.0), (0.01, 1.0), (0, None), (-3, None), ("x", None), (None, None)]
    )
    def test_the_named_seconds_are_waited_for(self, named: Any, hint: float | None) -> None:
        step = _waits(_poll(POLLING, {"output": {"taskId": TASK, "taskStatus": "RUNNING", "estimatedSeconds": named}}))
        assert (step.hint, step.progress) == (hint, Progress("RUNNING"))

    def test_a_new_word_is_waited_for(self) -> None:
        step = _waits(_poll(POLLING, polled(output("merging"))))
        assert step.progress == Progress("merging", known=False)

    @pytest.mark.parametrize("body", [polled(output("unknown")), polled(output("UNKNOWN"), code="200")])
    def test_an_unknown_task_is_waited_for_half_a_minute(self, body: Any) -> None:
        state, pauses = POLLING, []
        while isinstance(step := _poll(state, body), Wait):
            assert step.progress == Progress("unknown")
            pauses.append(step.hint or 0.0)
            state = _state(step)
            assert _sent(VENDOR.resume(state)).call.group == "ocrdoc/result"
        assert (len(pauses), sum(pauses)) == (3, 30.0)
        error = _failure(step)
        assert (type(error), error.code) == (errors.JobFailed, "task_not_found")

    @pytest.mark.parametrize(
        "body",
        [
            polled(),
            polled(None),
            polled(output("succeeded", "other", results=[LINK])),
            {"code": "0", "data": None},
            {"output": {"taskId": "other", "taskStatus": "RUNNING"}},
            {"output": {"taskStatus": "SUCCEEDED", "results": [LINK]}},
            {"error": {"code": "task_not_found", "type": "task_not_found", "message": "Task not found"}},
            {"code": "InvalidParameter", "msg": "too many ids"},
        ],
    )
    def test_what_an_answer_about_many_does_not_say_is_asked_alone(self, body: Any) -> None:
        step = _waits(_poll(POLLING, body))
        alone = _sent(VENDOR.resume(_state(step)))
        assert (alone.call.group, alone.call.json) == ("", {"task_ids": [TASK]})
        seen = _waits(_poll(_state(alone), polled(output("running"))))
        assert (_state(seen).unseen, _state(seen).alone) == (0, True)

    def test_an_answer_without_an_id_is_believed_if_nothing_else_was_asked(self) -> None:
        body = {"output": {"taskStatus": "SUCCEEDED", "results": [LINK]}}
        assert _sent(_poll(POLLING.model_copy(update={"alone": True}), body)).call.url == Foreign(LINK)

    def test_being_seen_begins_the_grace_anew(self) -> None:
        state = _state(_waits(_poll(POLLING, polled(output("unknown")))))
        assert state.unseen == 1
        assert _state(_waits(_poll(state, polled(output("running"))))).unseen == 0

    @pytest.mark.parametrize("code", ["401", "403"])
    def test_a_wrong_key_is_not_waited_for(self, code: str) -> None:
        assert type(_failure(_poll(POLLING, {"code": code, "msg": "no"}))) is errors.AuthError

    def test_faults_are_asked_again(self) -> None:
        for reply in (Reply(502, problem="not_json"), Reply(200, json={"error": {"code": "SystemError"}})):
            error = _failure(VENDOR.on_reply(POLLING, reply))
            assert isinstance(after_failure(Effect.READ, error, 9, Retry(), 0.5, accepted=True), Resend)


class TestFailedTasks:
    """A task that failed because too many ran is submitted again; any other is not."""

    @pytest.mark.parametrize(
        "more",
        [
            {"error_code": "limit_burst_rate", "error_message": "Burst rate limit exceeded for model xxx"},
            {"errorCode": "10011"},
            {"error_code": "request_concurrency_conflict"},
            {"error_code": "new", "error_message": "Too many requests"},
        ],
    )
    def test_it_is_submitted_again_five_times(self, more: dict[str, Any]) -> None:
        state, pauses = POLLING, []
        while isinstance(step := _poll(state, polled(output("failed", **more))), Wait):
            assert not step.state.accepted
            assert not step.state.creating
            pauses.append(step.hint)
            again = _sent(VENDOR.resume(SCNetState.model_validate_json(step.state.model_dump_json())))
            assert (again.call.effect, again.call.url) == (Effect.CREATE, "ocrdoc/submit")
            assert _written(again.call, SIGNED) == {"file_url": "https://x.test/a.pdf?sig=canary", **ORDER}
            assert again.state.creating
            state = _state(_waits(_poll(_state(again), {"data": {"output": {"task_id": TASK}}})))
        assert pauses == [5.0, 10.0, 20.0, 40.0, 80.0]
        error = _failure(step)
        assert type(error) is errors.JobFailed
        assert "6 times" in error.message

    def test_a_file_whose_address_was_not_kept_is_uploaded_again(self) -> None:
        file_url = f"{PRESIGNED['file_url']}?signed=1"
        upload = _sent(_poll(_state(_begin(FILE)), {"data": {**PRESIGNED, "file_url": file_url}}))
        submit = _sent(VENDOR.on_reply(_state(upload), Reply(204)))
        assert "signed=1" not in submit.state.model_dump_json()
        polling = _state(_waits(_poll(_state(submit), {"data": {"output": OUT}})))
        again = _waits(_poll(polling, polled(output("failed", error_code="limit_burst_rate"))))
        assert _sent(VENDOR.resume(_state(again))).call.url == "upload/presign"

    def test_a_signed_address_is_submitted_again_and_never_kept(self) -> None:
        submit = _begin(SIGNED)
        polling = _state(_waits(_poll(_state(submit), {"data": {"output": OUT}})))
        wait = _waits(_poll(polling, polled(output("failed", error_code="limit_burst_rate"))))
        again = _sent(VENDOR.resume(_state(wait)))
        assert again.call == submit.call
        assert "sig=canary" not in _states_text(submit, wait, again) + repr((submit, wait, again))

    @pytest.mark.parametrize("code", sorted(set(CODES) | {"new", ""}))
    def test_every_other_code_ends_the_job(self, code: str) -> None:
        step = _poll(POLLING, polled(output("failed", error_code=code, error_message="Reason")))
        if code in {"limit_burst_rate", "10011", "429", "request_concurrency_conflict"}:
            assert _state(_waits(step)).phase == "again"
            return
        error = _failure(step)
        assert not error.retryable
        assert "Reason" in error.message
        assert error.hint
        rejected = CODES[code].error if code in CODES else None
        assert type(error) is (rejected if rejected in {errors.SubmitRejected, errors.AuthError} else errors.JobFailed)


class TestFetching:
    """The files of a result."""

    FETCHING = POLLING.model_copy(update={"phase": "fetching"})

    def test_the_file_is_the_result(self) -> None:
        assert VENDOR.on_reply(self.FETCHING, Reply(200, blob=Blob(b"{}", "a/b"))) == Done(Blob(b"{}", "a/b"), self.FETCHING)

    def test_that_nothing_is_to_be_linked_goes_along(self) -> None:
        state = _state(_begin(infer_links=False)).model_copy(update={"phase": "fetching"})
        assert VENDOR.on_reply(state, Reply(200, blob=Blob(b"{}"))) == Done(Blob(b"{}", UNLINKED), state)

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    def test_expired_links_are_asked_for_twice(self, status: int) -> None:
        step: Step = VENDOR.on_reply(self.FETCHING, Reply(status))
        for _ in range(2):
            poll = _sent(step)
            assert (poll.call.url, poll.call.effect) == ("ocrdoc/result", Effect.READ)
            fetch = _sent(_poll(_state(poll), polled(output("succeeded", results=[LINK]))))
            step = VENDOR.on_reply(_state(fetch), Reply(status))
        error = _failure(step)
        assert type(error) is errors.ProtocolError
        assert error.hint

    @pytest.mark.parametrize("reply", [Reply(200, blob=Blob(b"\n<!DOCTYPE html>")), Reply(200), Reply(503, problem="not_json")])
    def test_a_page_in_its_place_is_asked_again(self, reply: Reply) -> None:
        error = _failure(VENDOR.on_reply(self.FETCHING, reply))
        assert type(error) is errors.VendorUnavailable


class TestResume:
    """Going on from a saved state."""

    @pytest.mark.parametrize("phase", ["polling", "fetching"])
    def test_a_job_is_asked_for(self, phase: Any) -> None:
        step = _sent(VENDOR.resume(POLLING.model_copy(update={"phase": phase})))
        assert (step.call.url, step.state.accepted) == ("ocrdoc/result", True)

    @pytest.mark.parametrize("phase", ["presigning", "uploading"])
    def test_before_the_submit_there_is_nothing_to_resume(self, phase: Any) -> None:
        state = UPLOADING.model_copy(update={"phase": phase})
        assert type(_failure(VENDOR.resume(state))) is errors.InvalidToken
        assert not state.creating

    def test_a_submit_without_an_answer_is_uncertain(self) -> None:
        state = _state(_begin())
        assert type(_failure(VENDOR.resume(state))) is errors.SubmitUncertain
        assert type(_failure(VENDOR.on_uncertain(state))) is errors.SubmitUncertain
        assert isinstance(VENDOR.on_uncertain(POLLING), Send)

    @pytest.mark.parametrize("state", [SCNetState(phase="polling", task_id="../x"), SCNetState(phase="again")])
    def test_damaged_tokens_are_refused(self, state: SCNetState) -> None:
        assert type(_failure(VENDOR.resume(state))) is errors.InvalidToken


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "code",
    "data",
    "output",
    "error",
    "msg",
    "task_id",
    "taskId",
    "task_status",
    "results",
    "error_code",
    "estimatedSeconds",
)


@given(
    st.sampled_from(["presigning", "uploading", "submitting", "polling", "fetching", "again"]),
    st.dictionaries(st.sampled_from(NAMES), ANY | st.dictionaries(st.sampled_from(NAMES), ANY, max_size=5), max_size=6),
    st.sampled_from([200, 200, 204, 302, 400, 403, 429, 500]),
)
def test_no_answer_is_so_strange_that_it_breaks(phase: Any, body: Any, status: int) -> None:
    step = VENDOR.on_reply(POLLING.model_copy(update={"phase": phase}), Reply(status, json=body))
    assert isinstance(step, Send | Collect | Wait | Done | Fail)
