"""The whole way over a real socket: files into SoMark's protocol, documents, tokens and errors out."""

import asyncio
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, errors, from_result
from docparse_loaders.document import ParsedDocument
from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.faults import Fault
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.protocol import Decoded, Progress
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkVendor
from somark_pages import report

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))


def _parser(emulator: Emulator, *, policy: Policy = QUICK, **settings: Any) -> DocParser:
    options = settings.pop("options", {})
    return DocParser(SoMark(base_url=emulator.base_url, api_key="sk-emulator", **options), policy=policy, **settings)


@pytest.mark.parametrize("dialect", [{"case": "upper"}, {"case": "lower", "first_idx": 1}, {"private": True}])
def test_a_document_through_every_dialect(examples: Path, dialect: dict[str, Any]) -> None:
    with Emulator("somark", **dialect) as emulator:
        key = None if dialect.get("private") else "sk-emulator"
        config = SoMark(base_url=emulator.base_url, api_key=key)
        document = DocParser(config, policy=QUICK).parse(examples / "report.pdf")
    assert (document.vendor, document.total_pages, len(document.pages)) == ("somark", 8, 8)
    assert emulator.submits == 1
    joined = [block for block in document.blocks if len({region.page_number for region in block.regions}) > 1]
    assert {block.kind for block in joined} >= {"table"}


def test_eight_files_at_once_wait_together(examples: Path) -> None:
    """No job is done before all eight are at the vendor, so one after the other would wait for ever."""
    with Emulator("somark", work_seconds=1.0, clock=lambda: 10.0 * (emulator.submits == 8)) as emulator:
        outcomes = list(_parser(emulator).parse_many([examples / "paper.pdf"] * 8))
    assert [outcome.error for outcome in outcomes] == [None] * 8
    assert emulator.submits == 8


def test_a_folder_reports_every_file(examples: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes((examples / "paper.pdf").read_bytes())
    (tmp_path / "b.pdf").write_bytes(b"")
    (tmp_path / "c.pdf").write_bytes(b"this is no pdf")
    with Emulator("somark") as emulator:
        outcomes = list(_parser(emulator).parse_many(tmp_path))
    assert [Path(outcome.source).name for outcome in outcomes] == ["a.pdf", "b.pdf", "c.pdf"]
    assert outcomes[0].document is not None
    assert isinstance(outcomes[1].error, errors.EmptySource)
    assert isinstance(outcomes[2].error, errors.VendorError | errors.SourceError)


@pytest.mark.parametrize("kind", ["503", "429", "html", "drop_after", "drop_before", "code:1124"])
def test_one_fault_while_polling_does_not_surface(examples: Path, kind: str) -> None:
    with Emulator("somark", faults=[Fault("async_check", kind, retry_after=0.05)]) as emulator:
        document = _parser(emulator).parse(examples / "paper.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1


@pytest.mark.parametrize("kind", ["429", "code:1124", "code:1101"])
def test_a_refused_submit_goes_out_again_and_is_billed_once(examples: Path, kind: str) -> None:
    with Emulator("somark", faults=[Fault("async", kind, retry_after=0.05)]) as emulator:
        _parser(emulator).parse(examples / "paper.pdf")
    assert emulator.submits == 1


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "502", "503", "html", "code:1120"])
def test_a_submit_without_an_answer_is_not_repeated(examples: Path, kind: str) -> None:
    with Emulator("somark", faults=[Fault("async", kind)]) as emulator:
        with pytest.raises(errors.SubmitUncertain, match="dashboard"):
            _parser(emulator).parse(examples / "paper.pdf")
        assert sum(arrival.path.endswith("/async") for arrival in emulator.requests) == 1
        assert emulator.submits <= 1


def test_a_time_out_leaves_a_token_that_works_elsewhere(examples: Path) -> None:
    with Emulator("somark", work_seconds=4.0) as emulator:
        with pytest.raises(errors.JobTimeout) as caught:
            _parser(emulator, policy=Policy(poll=QUICK.poll, timeouts=Timeouts(job=2.5))).parse(examples / "paper.pdf")
        token = caught.value.token
        assert token is not None
        assert "sk-emulator" not in token
        document = _parser(emulator).resume(token)
        assert (document.source.name, len(document.pages)) == ("paper.pdf", 3)
        assert emulator.submits == 1


def test_a_job_can_be_handed_on(examples: Path) -> None:
    with Emulator("somark", work_seconds=0.3) as emulator:
        job = _parser(emulator).submit(examples / "paper.pdf")
        assert job.progress().status.lower() in {"queuing", "processing"}
        assert "sk-emulator" not in repr(vars(job))
        assert job.id
        assert any(("task_id", job.id) in arrival.form for arrival in emulator.requests)
        document = job.wait().result()
        assert job.progress() == Progress("done")
        again = _parser(emulator).resume(job.token)  # with links of its own to the pictures
        assert [(block.id, block.text) for block in document.blocks] == [(block.id, block.text) for block in again.blocks]
        assert emulator.submits == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-5],
        lambda token: token.replace('"vendor":"somark"', '"vendor":"other"'),
        lambda token: token.replace("127.0.0.1", "127.0.0.2"),
        lambda token: token.replace('"polling"', '"stealing"'),
        lambda token: json.dumps({**json.loads(token), "state": {"v": 1, "phase": "polling", "task_id": "../../admin"}}),
        lambda token: json.dumps({**json.loads(token), "state": {"v": 9}}),
        lambda token: json.dumps({**json.loads(token), "extra": 1}),
        lambda token: token + " " * 10_000,
        lambda _: "",
        lambda _: "null",
    ],
)
def test_a_forged_token_makes_no_request(examples: Path, change: Any) -> None:
    with Emulator("somark", work_seconds=5) as emulator:
        parser = _parser(emulator)
        token = parser.submit(examples / "paper.pdf").token
        before = len(emulator.requests)
        with pytest.raises(errors.InvalidToken):
            parser.resume(change(token))
        assert len(emulator.requests) == before


class TestStore:
    def test_a_second_run_makes_no_request(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark") as emulator:
            first = _parser(emulator, store=store).parse(examples / "report.pdf")
            before = len(emulator.requests)
            second = _parser(emulator, store=store).parse(examples / "report.pdf")
            assert len(emulator.requests) == before
            assert second == first
            _parser(emulator, store=store, options={"enable_inline_image": True}).parse(examples / "report.pdf")
            assert emulator.submits == 2

    def test_a_job_that_was_left_is_taken_up_again(self, examples: Path) -> None:
        store = MemoryStore()
        impatient = Policy(poll=QUICK.poll, timeouts=Timeouts(job=2.5))
        with Emulator("somark", work_seconds=4.0) as emulator:
            with pytest.raises(errors.JobTimeout):
                _parser(emulator, store=store, policy=impatient).parse(examples / "paper.pdf")
            assert len(_parser(emulator, store=store).parse(examples / "paper.pdf").pages) == 3
            assert emulator.submits == 1

    def test_a_job_that_was_submitted_and_resumed_is_remembered(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark") as emulator:
            job = _parser(emulator, store=store).submit(examples / "paper.pdf")
            job.result()
            before = len(emulator.requests)
            _parser(emulator, store=store).parse(examples / "paper.pdf")
            assert len(emulator.requests) == before

    def test_a_failed_job_is_forgotten(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark", faults=[Fault("async", "failed")]) as emulator:
            with pytest.raises(errors.JobFailed):
                _parser(emulator, store=store).parse(examples / "paper.pdf")
            assert len(_parser(emulator, store=store).parse(examples / "paper.pdf").pages) == 3

    def test_a_submit_that_may_have_been_taken_is_not_repeated_by_the_next_run(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark", faults=[Fault("async", "drop_after")]) as emulator:
            for _ in range(3):
                with pytest.raises(errors.SubmitUncertain) as caught:
                    _parser(emulator, store=store).parse(examples / "paper.pdf")
                assert caught.value.token is not None
            assert emulator.submits == 1

    def test_a_refused_submit_may_be_repeated(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark", faults=[Fault("async", "code:1123")]) as emulator:
            with pytest.raises(errors.QuotaError):
                _parser(emulator, store=store).parse(examples / "paper.pdf")
            assert len(_parser(emulator, store=store).parse(examples / "paper.pdf").pages) == 3
            assert emulator.submits == 1

    def test_a_wrong_key_while_polling_loses_no_job(self, examples: Path) -> None:
        store = MemoryStore()
        with Emulator("somark", faults=[Fault("async_check", "code:1107")]) as emulator:
            with pytest.raises(errors.AuthError) as caught:
                _parser(emulator, store=store).parse(examples / "paper.pdf")
            assert caught.value.token is not None
            assert len(_parser(emulator, store=store).parse(examples / "paper.pdf").pages) == 3
            assert emulator.submits == 1

    def test_a_short_result_is_not_kept(self, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store, whole = MemoryStore(), SoMarkVendor.decode
        with Emulator("somark") as emulator:
            with monkeypatch.context() as patch:
                patch.setattr(
                    SoMarkVendor, "decode", lambda me, payload, pages=None: Decoded(whole(me, payload).pages[1:], total_pages=2)
                )
                with pytest.raises(errors.IncompleteResult):
                    _parser(emulator, store=store).parse(examples / "paper.pdf")
            assert len(_parser(emulator, store=store).parse(examples / "paper.pdf").pages) == 3
            assert emulator.submits == 1

    def test_what_is_no_store_is_refused(self) -> None:
        with pytest.raises(errors.ConfigError, match="is not a job store"):
            DocParser(store=42)  # type: ignore[arg-type]  # that is the mistake


class TestBadInput:
    def test_a_missing_key_is_named_before_any_request(self, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("SOMARK_API_KEY", "SOMARK_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(errors.MissingKey, match="Set SOMARK_API_KEY"):
            DocParser("somark").parse(examples / "report.pdf")

    def test_the_environment_is_enough(self, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with Emulator("somark") as emulator:
            for name, value in emulator.environment.items():
                monkeypatch.setitem(os.environ, name, value)
            assert len(DocParser("somark", policy=QUICK).parse(examples / "paper.pdf").pages) == 3

    def test_a_wrong_key(self, examples: Path) -> None:
        with Emulator("somark") as emulator, pytest.raises(errors.AuthError, match="1107"):
            DocParser(SoMark(base_url=emulator.base_url, api_key="sk-wrong"), policy=QUICK).parse(examples / "paper.pdf")

    @pytest.mark.parametrize(("name", "near"), [("somrak", "somark"), ("locl", "local"), ("LOCAL?", "local")])
    def test_an_unknown_vendor(self, name: str, near: str) -> None:
        with pytest.raises(errors.UnknownVendor, match=f"Did you mean '{near}'"):
            DocParser(name)

    def test_an_endpoint_where_nobody_is(self, examples: Path) -> None:
        parser = DocParser(SoMark(base_url="http://127.0.0.1:9/api/v1"), policy=QUICK)
        with pytest.raises(errors.EndpointUnreachable, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
            parser.parse(examples / "paper.pdf")
        assert caught.value.token is None

    def test_a_wrong_path(self, examples: Path) -> None:
        with Emulator("somark") as emulator, pytest.raises(errors.ProtocolError, match="404"):
            DocParser(SoMark(base_url=f"{emulator.origin}/api/v9", api_key="sk-emulator")).parse(examples / "paper.pdf")

    def test_a_status_word_that_nobody_knows(self, examples: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.WARNING, "docparse_loaders")
        policy = Policy(poll=QUICK.poll, timeouts=Timeouts(job=2.5))
        emulator = Emulator("somark", faults=[Fault("async", "unknown_status")], work_seconds=30)
        with emulator, pytest.raises(errors.JobTimeout, match="does not know"):
            _parser(emulator, policy=policy).parse(examples / "paper.pdf")
        assert len([r for r in caplog.records if "not known" in r.message]) == 1

    def test_a_job_that_never_ends_or_fails(self, examples: Path) -> None:
        policy = Policy(poll=QUICK.poll, timeouts=Timeouts(job=2.5))
        with Emulator("somark", faults=[Fault("async", "never"), Fault("async", "failed")]) as emulator:
            with pytest.raises(errors.JobTimeout, match="resume it with the token"):
                _parser(emulator, policy=policy).parse(examples / "paper.pdf")
            with pytest.raises(errors.JobFailed) as caught:
                _parser(emulator).parse(examples / "paper.pdf")
            assert caught.value.token is not None

    @pytest.mark.parametrize("vendor", ["local", "somark"])
    def test_pages_outside_the_document(self, examples: Path, vendor: str) -> None:
        with Emulator("somark") as emulator:
            parser = _parser(emulator) if vendor == "somark" else DocParser(vendor)
            with pytest.raises(errors.PagesOutOfRange, match="the document has 8"):
                parser.parse(examples / "report.pdf", pages="3-99")

    def test_no_concurrency(self, examples: Path) -> None:
        with pytest.raises(errors.ConfigError, match="concurrency=0"):
            list(DocParser().parse_many(examples, concurrency=0))


def test_pages_are_cut_out_where_the_vendor_cannot_and_that_is_said(examples: Path) -> None:
    with Emulator("somark") as emulator:
        document = _parser(emulator).parse(examples / "report.pdf", pages="2-3,5")
    assert [page.number for page in document.pages] == [2, 3, 5]
    assert document.total_pages == 8
    assert [notice.code for notice in document.warnings] == ["whole_file_parsed"]


@pytest.mark.parametrize("pages", ["2-3,5", [2, 3, 5]])
def test_the_local_vendor_parses_only_what_is_asked_for(examples: Path, pages: Any) -> None:
    document = DocParser().parse(examples / "report.pdf", pages=pages)
    assert [page.number for page in document.pages] == [2, 3, 5]
    assert document.total_pages == 8
    assert not document.warnings


def test_progress_is_told(examples: Path) -> None:
    heard: list[tuple[str, str]] = []
    with Emulator("somark", queue_seconds=0.1, work_seconds=0.1) as emulator:
        parser = _parser(emulator, on_progress=lambda source, at: heard.append((Path(source).name, at.status.lower())))
        parser.parse(examples / "paper.pdf")
    assert {source for source, _ in heard} == {"paper.pdf"}
    assert {"queuing", "processing"} & {status for _, status in heard}


def test_cancelling_leaves_nothing(examples: Path) -> None:
    async def main(emulator: Emulator) -> int:
        task = asyncio.create_task(_parser(emulator).aparse(examples / "paper.pdf"))
        await asyncio.sleep(0.4)
        task.cancel()
        start = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - start < 1.0
        return len(asyncio.all_tasks())

    with Emulator("somark", work_seconds=30) as emulator:
        assert asyncio.run(main(emulator)) == 1


def test_a_document_survives_json(examples: Path) -> None:
    document = DocParser().parse(examples / "report.pdf")
    copy = ParsedDocument.model_validate_json(document.model_dump_json())
    assert copy == document
    assert copy.blocks == document.blocks
    assert copy.outline == document.outline


class TestFromResult:
    def test_a_saved_answer_becomes_a_document(self, tmp_path: Path) -> None:
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(report()), encoding="utf-8")
        documents = [from_result(given, vendor="somark") for given in (report(), path, str(path), path.read_bytes())]
        assert len({document.pages for document in documents}) == 1
        assert [heading.text for heading in documents[0].outline.headings] == ["Inventory report", "1 Counting", "2 Method"]
        joined = next(block for block in documents[0].blocks if block.kind == "table")
        assert [region.page_number for region in joined.regions] == [1, 2]
        assert "P-002" in joined.text

    def test_a_part_of_a_document_says_so(self, examples: Path) -> None:
        payload = report()
        del payload["data"]["result"]["outputs"]["json"]["pages"][1]
        document = from_result(payload, vendor="somark", source=examples / "report.pdf")
        assert document.source.name == "report.pdf"
        assert any("missing page 2" in notice.message for notice in document.warnings)

    def test_no_pages_are_named(self) -> None:
        document = from_result([], vendor="somark")
        assert [notice.message for notice in document.warnings] == ["the result is not the whole document: it has no pages."]

    @pytest.mark.parametrize("result", [b"<html>", b"PK\x03\x04zip", {"a": 1}, 42, "nowhere.json"])
    def test_what_is_none(self, result: Any) -> None:
        with pytest.raises(errors.ProtocolError if result != "nowhere.json" else errors.SourceNotFound):
            from_result(result, vendor="somark")


def test_a_result_that_was_cut_is_an_error_and_keeps_its_token(examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SoMarkVendor.decode

    def short(self: SoMarkVendor, payload: Any, pages: Any = None) -> Decoded:
        decoded = whole(self, payload)
        return Decoded(decoded.pages[:-1], total_pages=decoded.total_pages)

    monkeypatch.setattr(SoMarkVendor, "decode", short)
    with Emulator("somark") as emulator, pytest.raises(errors.IncompleteResult, match="missing page 8") as caught:
        _parser(emulator).parse(examples / "report.pdf")
    assert caught.value.token is not None


class TestPlainHttp:
    """A key that travels in the clear is said so once, and only where others could read it."""

    @pytest.mark.parametrize(
        ("url", "key", "said"),
        [
            ("http://vendor.test:8088/api/v1", "sk-canary", 1),
            ("https://vendor.test/api/v1", "sk-canary", 0),
            ("http://127.0.0.1:1/api/v1", "sk-canary", 0),
            ("http://vendor.test/api/v1", "", 0),
        ],
    )
    def test_it_is_warned_of_once(self, url: str, key: str, said: int, caplog: pytest.LogCaptureFixture) -> None:
        parser = DocParser(SoMark(base_url=url, api_key=key))
        for _ in range(3):
            with pytest.raises(errors.UnsupportedSource):
                parser.parse(b"MZ", name="program.exe")
        lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(lines) == said
        assert all("not encrypted" in line and "sk-canary" not in line for line in lines)
