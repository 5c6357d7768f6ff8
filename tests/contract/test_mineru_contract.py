"""MinerU and Parse4AI keep the contract; codes and answers are those of their API pages."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from docparse_loaders import errors
from docparse_loaders.engine.address import addressed
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.protocol import Blob, Foreign, Reply, Send, Step, Wait

from .suite import KEY, Case, VendorContract

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
LINKED = replace(FACTS, url="https://example.test/report.pdf", size=0)
CONTENT = [{"type": "text", "text": f"Page {page}. ", "bbox": [100, 100, 900, 200], "page_idx": page} for page in range(2)]
CODES: dict[str, type[DocParseError]] = {
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
"""Those of Parse4AI's page."""
MINERU_CODES: dict[str, type[DocParseError]] = {
    **CODES,
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
    "A0202": errors.AuthError,
    "A0211": errors.AuthError,
}


def archive() -> Reply:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr("full.md", "Page 0.\n\nPage 1.")
        members.writestr("3f2a_content_list.json", json.dumps(CONTENT))
    return Reply(200, blob=Blob(packed.getvalue(), "application/zip"))


def single(**data: JsonValue) -> Reply:
    return Reply(
        200, json={"code": 0, "message": "ok", "data": {"taskId": "a90e6ab6-44f3", **data}, "timestamp": 1640995200000}
    )


def snake(**data: JsonValue) -> Reply:
    return Reply(200, json={"code": 0, "msg": "ok", "trace_id": "c876", "data": data})


def results(*entries: JsonValue) -> Reply:
    return snake(batch_id=BATCH, extract_result=list(entries))


def entry(state: str, name: str = "report.pdf", **more: JsonValue) -> JsonValue:
    return {"file_name": name, "state": state, "err_msg": "", **more}


def refusal(code: str) -> Reply:
    if code.startswith("A"):
        return Reply(401, json={"success": False, "msgCode": code, "msg": "no", "traceId": "c876"})
    return Reply(200, json={"code": int(code), "message": "no", "msg": "no", "data": None})


BATCH = "2bb2f0ec-a336-4a0a-b61a-241afaf9cc87"
ZIP = "https://cdn.test/pdf/018e.zip"


class TestParse4AI(VendorContract):
    case = Case(
        options=Parse4AI(api_key=KEY, base_url="https://parse4ai.test/api"),
        facts=LINKED,
        replies=(
            single(),
            single(state="pending", errMsg=""),
            single(state="running", errMsg=""),
            single(state="converting", errMsg=""),
            single(state="done", fullZipUrl=ZIP, markdownUrl="https://cdn.test/pdf/018e.md", errMsg=""),
            archive(),
        ),
        unknown_status=single(state="polishing"),
        codes=CODES,
        refusal=refusal,
        pages=2,
        emulator="parse4ai",
        pages_sent="2-4,7",
    )


class TestStaged(VendorContract):
    """A local file, which lies in the user's own storage first."""

    case = replace(
        TestParse4AI.case,
        options=Parse4AI(api_key=KEY, base_url="https://parse4ai.test/api", staging="s3://bucket/in"),
        facts=FACTS,
        replies=(Reply(200, json={"url": "https://bucket.test/in/ab.pdf?X-Amz-Signature=1"}), *TestParse4AI.case.replies),
        codes={},
    )


class TestMinerUAddress(VendorContract):
    case = Case(
        options=MinerU(api_key=KEY, base_url="https://mineru.test/api/v4"),
        facts=LINKED,
        replies=(
            snake(task_id="47726b6e-46ca"),
            snake(task_id="47726b6e-46ca", state="running", extract_progress={"extracted_pages": 1, "total_pages": "2"}),
            snake(task_id="47726b6e-46ca", state="done", full_zip_url=ZIP, err_msg=""),
            archive(),
        ),
        unknown_status=snake(task_id="47726b6e-46ca", state="polishing"),
        codes=MINERU_CODES,
        refusal=refusal,
        pages=2,
        emulator="mineru",
        pages_sent="2-4,7",
    )


class TestMinerUUpload(VendorContract):
    """A file: a place is reserved for it, it is put there, and parsing starts by itself."""

    case = replace(
        TestMinerUAddress.case,
        facts=FACTS,
        replies=(
            snake(batch_id=BATCH, file_urls=["https://oss.test/up/report.pdf?Expires=1&Signature=upload-canary"]),
            Reply(200, blob=Blob(b"")),
            results(entry("waiting-file")),
            results(entry("running", extract_progress={"extracted_pages": 1, "total_pages": 2})),
            results(entry("done", full_zip_url=ZIP)),
            archive(),
        ),
        unknown_status=results(entry("polishing")),
    )

    def test_the_file_goes_as_it_is_to_the_place_that_was_named(self) -> None:
        put = next(call for call in self.calls() if call.method == "PUT")
        assert isinstance(put.url, Foreign)
        assert put.url.url.endswith("Signature=upload-canary")
        assert put.body is not None
        # A raw body: the engine sends it without a Content-Type, which the signature would have to cover.
        assert (put.body.field, put.form, put.json) == ("", (), None)
        assert all("upload-canary" not in state.model_dump_json() for state in self.states())


class InBatch(VendorContract):
    """One document of several, which share their submit and every poll."""

    def begun(self, pages: str | None = None, **facts: object) -> Step:
        given: Any = replace(self.case.facts, **facts)  # type: ignore[arg-type]  # fields of SourceFacts
        return self.vendor.begin(given, PageSelection.of(pages), self.case.options, "run-1")

    def named(self, number: int) -> SourceFacts:
        url = f"https://example.test/{number}.pdf"
        return replace(self.case.facts, uri=url, name=f"{number}.pdf", url=url if self.case.facts.url else None)

    def submits(self) -> list[Send]:
        steps = [self.vendor.begin(self.named(number), None, self.case.options, "run-1") for number in range(3)]
        return [step for step in steps if isinstance(step, Send)]

    def merged(self) -> Any:
        """The body of the request that goes out for three documents."""
        sends = self.submits()
        filled = [addressed(send.call, Source(self.named(n), io.BytesIO)) for n, send in enumerate(sends)]
        assert len({call.group for call in filled}) == 1
        vendor: Any = self.vendor
        return vendor.merged(filled).json

    def polled(self, states: list[Any]) -> None:
        """Each finds its own entry in the answer for all, in whatever order they stand there."""
        done = [entry("done", f"{n}.pdf", data_id=state.data_id, full_zip_url=f"{ZIP}?{n}") for n, state in enumerate(states)]
        for number, state in enumerate(states):
            ask = self.vendor.resume(state)
            assert isinstance(ask, Send)
            assert ask.call.group == ask.call.url
            step = self.vendor.on_reply(ask.state, results(*reversed(done)))
            assert isinstance(step, Send)
            assert step.call.url == Foreign(f"{ZIP}?{number}")


class TestMinerUBatch(InBatch):
    case = replace(
        TestMinerUAddress.case,
        replies=(
            snake(batch_id=BATCH),
            results(entry("pending")),
            results(entry("converting")),
            results(entry("done", full_zip_url=ZIP)),
            archive(),
        ),
        unknown_status=results(entry("polishing")),
        emulator="",
    )

    def test_documents_that_are_submitted_together_get_each_their_own(self) -> None:
        body = self.merged()
        assert [file["url"] for file in body["files"]] == [f"https://example.test/{number}.pdf" for number in range(3)]
        vendor: Any = self.vendor
        states = []
        for number, send in enumerate(self.submits()):
            step = self.vendor.on_reply(send.state, vendor.share(snake(batch_id=BATCH), number))
            assert isinstance(step, Wait)
            states.append(step.state)
        self.polled(states)


class TestParse4AIBatch(TestMinerUBatch):
    case = replace(TestMinerUBatch.case, options=TestParse4AI.case.options, codes=CODES)


class TestMinerUUploads(InBatch):
    case = replace(TestMinerUUpload.case, emulator="")

    def test_files_that_are_reserved_together_get_each_their_own_place(self) -> None:
        assert [file["name"] for file in self.merged()["files"]] == ["0.pdf", "1.pdf", "2.pdf"]
        answer = snake(batch_id=BATCH, file_urls=[f"https://oss.test/{number}?sig=1" for number in range(3)])
        vendor: Any = self.vendor
        states = []
        for number, send in enumerate(self.submits()):
            put = self.vendor.on_reply(send.state, vendor.share(answer, number))
            assert isinstance(put, Send)
            assert put.call.url == Foreign(f"https://oss.test/{number}?sig=1")
            step = self.vendor.on_reply(put.state, Reply(200, blob=Blob(b"")))
            assert isinstance(step, Wait)
            states.append(step.state)
        self.polled(states)
