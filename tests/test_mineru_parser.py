"""MinerU over a real socket: files into its protocol, documents, tokens and errors out."""

import json
import logging
import time
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.mineru import MinerU, verify_callback
from docparse_loaders.vendors.protocol import Progress
from mineru_servers import serving

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))
PDF = b"%PDF-1.7 "
KEY = "sk-emulator"


def pages_of(data: bytes) -> tuple[Page, ...]:
    """Three pages whose text is what the file says."""
    words = data.removeprefix(PDF).decode()
    return tuple(
        Page(
            n,
            595.0,
            842.0,
            "point",
            0,
            (Block(f"p{n}-0", "text", f"{words} {n}.", regions=(Region(n, BBox(0.1, 0.1, 0.9, 0.2)),)),),
        )
        for n in (1, 2, 3)
    )


def parser(emulator: Emulator, *, policy: Policy = QUICK, store: Any = None, listener: Any = None, **options: Any) -> DocParser:
    config = MinerU(base_url=emulator.base_url, api_key=KEY, **options)
    return DocParser(config, policy=policy, store=store, on_progress=listener)


def files(folder: Path, count: int) -> list[Path]:
    made = [folder / f"{number}.pdf" for number in range(count)]
    for number, path in enumerate(made):
        path.write_bytes(PDF + f"File {number}".encode())
    return made


def paths(emulator: Emulator, end: str) -> int:
    return sum(request.path.endswith(end) for request in emulator.requests)


@pytest.mark.parametrize("layout", ["2.7", "3.x", "4.x"])
@pytest.mark.parametrize("model", ["pipeline", "vlm"])
def test_a_document_through_every_release(examples: Path, layout: str, model: Any) -> None:
    with Emulator("mineru", layout=layout, nested=model == "vlm") as emulator:
        document = parser(emulator, model_version=model).parse(examples / "report.pdf")
    assert (document.vendor, document.total_pages, len(document.pages)) == ("mineru", 8, 8)
    assert document.warnings == ()
    assert emulator.submits == 1
    joined = {(block.kind, tuple(sorted({region.page_number for region in block.regions}))) for block in document.blocks}
    assert {("table", (4, 5, 6)), ("table", (7, 8))} <= joined
    assert ("text", (2, 3)) in joined


@pytest.mark.parametrize("infer", [True, False])
def test_what_the_vlm_leaves_apart_is_joined_if_wanted(examples: Path, *, infer: bool) -> None:
    """The VLM up to 3.x puts text together within a page only; its tables are its own matter."""
    with Emulator("mineru", layout="3.x", nested=True) as emulator:
        document = parser(emulator, model_version="vlm", infer_links=infer).parse(examples / "report.pdf")
    joined = {(block.kind, tuple(sorted({region.page_number for region in block.regions}))) for block in document.blocks}
    assert (("text", (2, 3)) in joined) == infer
    assert {("table", (4, 5, 6)), ("table", (7, 8))} <= joined


@pytest.mark.parametrize("layout", ["3.x", "4.x"])
def test_selected_pages_keep_their_numbers(layout: str) -> None:
    with Emulator("mineru", layout=layout, parse=pages_of) as emulator:
        document = parser(emulator).parse(PDF + b"Page", pages="2-3", name="a.pdf")
    assert [(page.number, page.blocks[0].text) for page in document.pages] == [(2, "Page 2."), (3, "Page 3.")]
    assert [page.blocks[0].regions[0].page_number for page in document.pages] == [2, 3]


@pytest.mark.parametrize(
    ("dialect", "warning"), [({"page_tree": False}, "no_page_tree"), ({"page_tree": False, "lists": False}, "no_pages")]
)
def test_lesser_results_are_read_with_a_warning(dialect: dict[str, Any], warning: str) -> None:
    with Emulator("mineru", parse=pages_of, **dialect) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
    assert [notice.code for notice in document.warnings] == [warning]
    assert "Page 3." in document.to_markdown()


@pytest.mark.parametrize("urls", ["file_urls", "files", "object"])
def test_files_of_a_run_share_reservations_and_polls(tmp_path: Path, urls: str) -> None:
    with Emulator("mineru", parse=pages_of, work_seconds=0.3, urls=urls) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 12), concurrency=12))
    assert [outcome.error for outcome in outcomes] == [None] * 12
    texts = [outcome.document.pages[0].blocks[0].text for outcome in outcomes if outcome.document]
    assert texts == [f"File {number} 1." for number in range(12)]
    assert emulator.submits == 12
    assert paths(emulator, "file-urls/batch") <= 3
    polls = sum("extract-results" in request.path for request in emulator.requests)
    assert polls <= 30, f"each document for itself would ask 12 times as often; this were {polls}"


def test_one_bad_document_does_not_touch_the_others(tmp_path: Path) -> None:
    paths_ = files(tmp_path, 4)
    paths_[1].write_bytes(b"no pdf at all")
    paths_[2] = paths_[2].rename(tmp_path / "2.txt")
    with Emulator("mineru", parse=pages_of) as emulator:
        outcomes = list(parser(emulator).parse_many(paths_))
    assert [type(outcome.error) for outcome in outcomes] == [
        type(None),
        errors.BrokenSource,
        errors.UnsupportedSource,
        type(None),
    ]


def test_addresses_of_a_run_are_one_submit(tmp_path: Path) -> None:
    contents = {f"{number}.pdf": PDF + f"File {number}".encode() for number in range(5)}
    with serving(contents) as source, Emulator("mineru", parse=pages_of) as emulator:
        outcomes = list(parser(emulator).parse_many([f"{source.url}/{name}" for name in contents]))
    texts = [outcome.document.pages[0].blocks[0].text for outcome in outcomes if outcome.document]
    assert texts == [f"File {number} 1." for number in range(5)]
    assert (paths(emulator, "extract/task/batch"), emulator.submits) == (1, 5)


def test_an_address_alone_is_a_task_of_its_own() -> None:
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("mineru", parse=pages_of) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf?token=x")
    assert document.source.uri == f"{source.url}/a.pdf"
    assert paths(emulator, "extract/task") == 1


def test_an_address_that_leads_nowhere_fails_in_the_end() -> None:
    # An address that could not be read in time is submitted again, twice.
    with serving({}) as source, Emulator("mineru", parse=pages_of) as emulator, pytest.raises(errors.JobFailed) as caught:
        parser(emulator).parse(f"{source.url}/gone.pdf?sig=url-canary")
    assert (caught.value.code, emulator.submits) == ("-60008", 3)
    assert "url-canary" not in f"{caught.value} {caught.value!r} {caught.value.token}"
    assert "check that it is public" in caught.value.hint


@pytest.mark.parametrize(
    "fault",
    [
        Fault("file-urls/batch", "503"),
        Fault("file-urls/batch", "drop_before"),
        Fault("file-urls/batch", "drop_after"),
        Fault("file-urls/batch", "html"),
        Fault("file-urls/batch", "code:-60009"),
        Fault("file-urls/batch", "429", retry_after=0.05),
        Fault("files", "503"),
        Fault("files", "drop_before"),
        Fault("files", "drop_after"),
        Fault("files", "drop_after", times=2),
        Fault("*", "429", times=4),
        Fault("*", "unknown_status", times=3),
    ],
)
def test_a_bad_day_bills_nothing_twice_and_loses_nothing(fault: Fault) -> None:
    with Emulator("mineru", parse=pages_of, faults=[fault]) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1


def test_polls_that_fail_are_asked_again() -> None:
    kinds = ("503", "html", "drop_before", "drop_after", "code:-10001", "code:-60012", "unknown_status")
    faults = chain([None], [Fault("*", kind) for kind in kinds], repeat(None))
    with serving({"a.pdf": PDF}) as source, Emulator("mineru", parse=pages_of, work_seconds=0.2, faults=faults) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1
    assert sum("extract/task/" in request.path for request in emulator.requests) > len(kinds)


@pytest.mark.parametrize("kind", ["drop_after", "503", "html"])
def test_a_submit_without_an_answer_is_uncertain_and_not_repeated(kind: str) -> None:
    fault = Fault("extract/task", kind)
    with (
        serving({"a.pdf": PDF}) as source,
        Emulator("mineru", parse=pages_of, faults=[fault]) as emulator,
        pytest.raises(errors.SubmitUncertain) as caught,
    ):
        parser(emulator).parse(f"{source.url}/a.pdf")
    assert caught.value.token
    assert paths(emulator, "extract/task") == 1
    assert emulator.submits == (1 if kind == "drop_after" else 0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("-20002", errors.AuthError),
        ("-60017", errors.QuotaError),
        ("-10002", errors.SubmitRejected),
        ("-60005", errors.SourceTooLarge),
    ],
)
def test_a_refused_submit_says_why(code: str, kind: type[DocParseError]) -> None:
    with Emulator("mineru", parse=pages_of, faults=[Fault("*", f"code:{code}")]) as emulator, pytest.raises(kind) as caught:
        parser(emulator).parse(PDF, name="a.pdf")
    assert caught.value.hint
    assert emulator.submits == 0


def test_a_wrong_key_is_refused_by_the_gateway() -> None:
    with Emulator("mineru", parse=pages_of) as emulator, pytest.raises(errors.AuthError) as caught:
        DocParser(MinerU(base_url=emulator.base_url, api_key="sk-wrong"), policy=QUICK).parse(PDF, name="a.pdf")
    assert (caught.value.code, caught.value.status) == ("A0202", 401)


def test_links_that_expire_are_asked_for_anew() -> None:
    fault = [Fault("files", "404"), Fault("files", "410")]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("mineru", parse=pages_of, faults=fault) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1
    polls = [request.method for request in emulator.requests if "extract/task/" in request.path]
    assert len(polls) == 3


def test_no_key_goes_to_where_files_are_kept() -> None:
    with Emulator("mineru", parse=pages_of) as emulator:
        parser(emulator).parse(PDF, name="a.pdf")
    assert [request.method for request in emulator.downloads] == ["PUT", "GET"]
    for request in emulator.downloads:
        assert "authorization" not in request.headers
    assert "content-type" not in emulator.downloads[0].headers


def test_progress_is_told_in_pages() -> None:
    heard: list[Progress] = []
    with Emulator("mineru", parse=pages_of, work_seconds=0.4, queue_seconds=0.2, counts="str") as emulator:
        parser(emulator, listener=lambda _, progress: heard.append(progress)).parse(PDF, name="a.pdf")
    words = [progress.status for progress in heard]
    assert words[0] == "uploaded"
    assert {"pending", "running", "done"} <= set(words)
    assert any(progress.total == 3 and progress.done in {1, 2} for progress in heard)


def test_a_token_goes_on_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Emulator("mineru", parse=pages_of, work_seconds=0.3) as emulator:
        token = parser(emulator).submit(PDF + b"Page", name="a.pdf").token
        document = parser(emulator).resume(token)
        assert emulator.submits == 1
    assert len(document.pages) == 3
    assert KEY not in token
    assert "X-Signature" not in token
    assert KEY not in caplog.text


def test_a_store_keeps_the_result() -> None:
    store = MemoryStore()
    with Emulator("mineru", parse=pages_of) as emulator:
        first = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
        second = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
    assert first == second
    assert emulator.submits == 1


def test_a_crash_during_the_upload_goes_on_with_the_same_batch() -> None:
    store = MemoryStore()
    crash = Policy(poll=QUICK.poll, retry=Retry(attempts=1, base=0.01), timeouts=QUICK.timeouts)
    with Emulator("mineru", parse=pages_of, faults=[Fault("files", "drop_after")]) as emulator:
        with pytest.raises(errors.TransportError) as caught:
            parser(emulator, policy=crash, store=store).parse(PDF + b"Page", name="a.pdf")
        # The file had arrived: whoever goes on finds the job, and nothing is uploaded or billed again.
        assert caught.value.token
        document = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert (emulator.submits, paths(emulator, "file-urls/batch")) == (1, 1)


def test_a_crash_before_the_upload_is_found_out_and_can_be_begun_anew() -> None:
    store = MemoryStore()
    crash = Policy(poll=QUICK.poll, retry=Retry(attempts=1, base=0.01), timeouts=QUICK.timeouts)
    with Emulator("mineru", parse=pages_of, faults=[Fault("files", "drop_before")]) as emulator:
        with pytest.raises(errors.TransportError):
            parser(emulator, policy=crash, store=store).parse(PDF + b"Page", name="a.pdf")
        with pytest.raises(errors.JobFailed, match="still waiting for the file"):
            parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
        document = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1


def test_a_document_without_room_is_submitted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docparse_loaders.vendors.mineru.answers._PAUSE", 0.05)
    fault = [Fault("extract/task", "failed")]
    with serving({"a.pdf": PDF}) as source, Emulator("mineru", parse=pages_of, faults=fault, failure="-60007") as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert len(document.pages) == 3
    assert paths(emulator, "extract/task") == 2


def test_pictures_can_be_put_into_the_document() -> None:
    figure = Block("p1-0", "figure", regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
    with Emulator("mineru", parse=lambda _: [Page(1, 595.0, 842.0, "point", 0, (figure,))]) as emulator:
        named = parser(emulator).parse(PDF, name="a.pdf").blocks[0].image
        inside = parser(emulator, images="base64").parse(PDF, name="a.pdf").blocks[0].image
    assert named is not None
    assert (named.form, named.media_type) == ("file", "image/png")
    assert inside is not None
    assert (inside.form, inside.media_type) == ("base64", "image/png")


def test_a_callback_completes_a_job_without_a_poll() -> None:
    with serving() as taker, Emulator("mineru", parse=pages_of, work_seconds=0.2) as emulator:
        waiting = parser(emulator, callback=taker.url, seed="seed_1")
        with serving({"a.pdf": PDF + b"A"}) as source:
            token = waiting.submit(f"{source.url}/a.pdf").token
        assert taker.came.wait(5)
        content = verify_callback("uid-emulator", "seed_1", taker.bodies[0])
        document = waiting.resume(token, answer=content)
        polls = [request for request in emulator.requests if "extract/task/" in request.path]
    assert len(document.pages) == 3
    assert polls == []
    with pytest.raises(errors.AuthError):
        verify_callback("uid-emulator", "seed_2", taker.bodies[0])


def test_a_result_that_never_comes_ends_with_the_clock_and_a_token() -> None:
    hurry = Policy(poll=QUICK.poll, timeouts=Timeouts(job=0.5))
    with Emulator("mineru", parse=pages_of, faults=[Fault("*", "never", times=1000)]) as emulator:
        began = time.monotonic()
        with pytest.raises(errors.JobTimeout) as caught:
            parser(emulator, policy=hurry).parse(PDF, name="a.pdf")
    assert time.monotonic() - began < 3
    assert caught.value.token
    assert json.loads(caught.value.token)["state"]["batch_id"]
