"""SCNet over a real socket: files and addresses into its protocol, documents, tokens and errors out, in every dialect."""

import json
import logging
import time
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, errors, from_result
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.protocol import Progress
from docparse_loaders.vendors.scnet import SCNet
from mineru_servers import serving

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))
PDF = b"%PDF-1.7 "
KEY = "sk-emulator"
FORM = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "key", "file")


def pages_of(data: bytes) -> tuple[Page, ...]:
    """Three pages whose text is what the file says."""
    words = data.removeprefix(PDF).decode()
    places = (Region(n, BBox(0.1, 0.1, 0.9, 0.2)) for n in (1, 2, 3))
    blocks = (Block(f"p{place[0]}-0", "text", f"{words} {place[0]}.", regions=(place,)) for place in places)
    return tuple(Page(n, 595.0, 842.0, "point", 0, (block,)) for n, block in enumerate(blocks, 1))


def parser(emulator: Emulator, *, policy: Policy = QUICK, store: Any = None, listener: Any = None, **options: Any) -> DocParser:
    config = SCNet(base_url=emulator.base_url, api_key=KEY, **options)
    return DocParser(config, policy=policy, store=store, on_progress=listener)


def files(folder: Path, count: int) -> list[Path]:
    made = [folder / f"{number}.pdf" for number in range(count)]
    for number, path in enumerate(made):
        path.write_bytes(PDF + f"File {number}".encode())
    return made


def asked(emulator: Emulator, end: str) -> int:
    return sum(request.path.endswith(end) for request in emulator.requests)


def texts(document: Any) -> list[str]:
    return [block.text for page in document.pages for block in page.blocks]


def test_a_real_file_becomes_a_document(examples: Path) -> None:
    with Emulator("scnet") as emulator:
        document = parser(emulator).parse(examples / "report.pdf")
    assert (document.vendor, len(document.pages)) == ("scnet", 8)
    assert document.warnings == ()
    assert emulator.submits == 1
    assert any(block.kind == "title" and block.level for block in document.blocks)
    # SCNet says nothing of tables over pages: this is inferred.
    assert (4, 5, 6) in {tuple(sorted({region.page_number for region in block.regions})) for block in document.tables}


def test_tables_stay_apart_if_that_is_wanted(examples: Path) -> None:
    with Emulator("scnet") as emulator:
        document = parser(emulator, infer_links=False).parse(examples / "report.pdf")
    assert all(len({region.page_number for region in block.regions}) == 1 for block in document.tables)


def test_a_file_is_uploaded_as_the_storage_wants_it() -> None:
    with Emulator("scnet", parse=pages_of) as emulator:
        parser(emulator).parse(PDF + b"Page", name="a b.pdf")
    assert [request.path.rpartition("/v1/")[2] for request in emulator.requests] == [
        "upload/presign",
        "ocrdoc/submit",
        "ocrdoc/result",
    ]
    upload, result = emulator.downloads
    assert (upload.method, upload.fields, result.method) == ("POST", FORM, "GET")
    assert dict(upload.form)["key"].endswith(upload.files[0][1])
    for request in emulator.downloads:
        assert "authorization" not in request.headers
    assert all("authorization" in request.headers for request in emulator.requests)


DIALECTS: tuple[dict[str, Any], ...] = (
    {"style": "client"},
    {"style": "documented"},
    {"style": "samples"},
    {"style": "samples", "ids": "uuid", "shape": "flat"},
    {"ids": "uuid"},
    {"numeric_ids": True},
    {"style": "documented", "numeric_ids": True},
    {"shape": "flat"},
    {"shape": "list"},
    {"pages_per_file": 1},
    {"pages_per_file": 2, "shape": "flat"},
    {"bbox": "eight"},
    {"bbox": "points"},
    {"bbox": "fractions"},
    {"sub_types": False},
    {"unseen": 2},
    {"unseen": 2, "missing": "null"},
    {"unseen": 2, "style": "samples"},
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_every_dialect_gives_the_same_document(dialect: dict[str, Any]) -> None:
    with Emulator("scnet", parse=pages_of, work_seconds=0.1, **dialect) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
    assert texts(document) == ["Page 1.", "Page 2.", "Page 3."]
    boxes = [block.regions[0].bbox for page in document.pages for block in page.blocks]
    assert boxes == [pytest.approx((0.1, 0.1, 0.9, 0.2), abs=0.001)] * 3
    assert document.warnings == ()
    assert emulator.submits == 1


def test_pages_are_cut_out_of_the_whole() -> None:
    with Emulator("scnet", parse=pages_of, pages_per_file=1) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf", pages="2-3")
    assert [page.number for page in document.pages] == [2, 3]
    assert texts(document) == ["Page 2.", "Page 3."]
    assert any("cannot select pages" in notice.message for notice in document.warnings)


def test_an_address_is_not_uploaded() -> None:
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("scnet", parse=pages_of) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf?token=canary")
    assert texts(document)[0] == "A 1."
    assert document.source.uri == f"{source.url}/a.pdf"
    assert asked(emulator, "upload/presign") == 0
    assert source.paths == ["/a.pdf?token=canary"]


@pytest.mark.parametrize("style", ["client", "documented"])
def test_one_request_asks_about_a_whole_run(tmp_path: Path, style: str) -> None:
    with Emulator("scnet", parse=pages_of, work_seconds=0.5, style=style) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 12), concurrency=12))
    assert [outcome.error for outcome in outcomes] == [None] * 12
    found = [texts(outcome.document)[0] for outcome in outcomes if outcome.document]
    assert found == [f"File {number} 1." for number in range(12)]
    assert emulator.submits == 12
    polls = asked(emulator, "ocrdoc/result")
    assert polls <= 36, f"each document for itself would ask 12 times as often; this were {polls}"


@pytest.mark.parametrize("dialect", [{"style": "samples"}, {"unseen": 1, "missing": "null"}], ids=str)
def test_a_service_that_answers_for_one_alone_still_serves_a_run(tmp_path: Path, dialect: dict[str, Any]) -> None:
    with Emulator("scnet", parse=pages_of, work_seconds=0.2, **dialect) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 6), concurrency=6))
    found = [texts(outcome.document)[0] for outcome in outcomes if outcome.document]
    assert found == [f"File {number} 1." for number in range(6)]
    assert emulator.submits == 6


def test_one_bad_document_does_not_touch_the_others(tmp_path: Path) -> None:
    paths = files(tmp_path, 4)
    paths[1].write_bytes(b"no pdf at all")
    paths[2] = paths[2].rename(tmp_path / "2.txt")
    with Emulator("scnet", parse=pages_of) as emulator:
        outcomes = list(parser(emulator).parse_many(paths))
    kinds = [type(outcome.error) for outcome in outcomes]
    assert kinds == [type(None), errors.JobFailed, errors.UnsupportedSource, type(None)]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("upload/presign", "503"),
        Fault("upload/presign", "drop_before"),
        Fault("upload/presign", "drop_after"),
        Fault("upload/presign", "html"),
        Fault("upload/presign", "code:10011", times=2),
        Fault("files", "503"),
        Fault("files", "403"),
        Fault("files", "drop_before"),
        Fault("files", "drop_after", times=2),
        Fault("ocrdoc/submit", "code:limit_burst_rate", times=3),
        Fault("ocrdoc/submit", "code:request_concurrency_conflict"),
        Fault("ocrdoc/submit", "429", retry_after=0.05),
        Fault("ocrdoc/result", "503", times=9),
        Fault("ocrdoc/result", "html"),
        Fault("ocrdoc/result", "code:SystemError", times=3),
        Fault("ocrdoc/result", "code:task_not_found", times=3),
        Fault("ocrdoc/result", "unknown_status", times=3),
    ],
    ids=lambda fault: f"{fault.on}-{fault.kind}",
)
def test_a_bad_day_bills_nothing_twice_and_loses_nothing(fault: Fault) -> None:
    with Emulator("scnet", parse=pages_of, faults=[fault]) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1


def test_polls_that_fail_are_asked_again() -> None:
    kinds = ("503", "html", "drop_before", "drop_after", "code:SystemError", "code:10011", "unknown_status")
    # An address needs no upload, so that all but the first request are polls.
    faults = chain([None], [Fault("*", kind) for kind in kinds], repeat(None))
    with serving({"a.pdf": PDF}) as source, Emulator("scnet", parse=pages_of, work_seconds=0.2, faults=faults) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1
    assert asked(emulator, "ocrdoc/result") > len(kinds)


@pytest.mark.parametrize("kind", ["drop_after", "503", "html", "code:SystemError"])
def test_a_submit_without_an_answer_is_uncertain_and_not_repeated(kind: str) -> None:
    with Emulator("scnet", parse=pages_of, faults=[Fault("ocrdoc/submit", kind)]) as emulator:
        with pytest.raises(errors.SubmitUncertain) as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert caught.value.token
        assert KEY not in caught.value.token
        assert asked(emulator, "ocrdoc/submit") == 1
        assert emulator.submits == (1 if kind == "drop_after" else 0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("content_illegal", errors.SubmitRejected),
        ("InvalidParameter", errors.SubmitRejected),
        ("model_not_found", errors.SubmitRejected),
        ("401", errors.AuthError),
    ],
)
def test_a_refused_submit_says_why(code: str, kind: type[DocParseError]) -> None:
    with Emulator("scnet", parse=pages_of, faults=[Fault("ocrdoc/submit", f"code:{code}")]) as emulator:
        with pytest.raises(kind) as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert (caught.value.code, emulator.submits, asked(emulator, "ocrdoc/submit")) == (code, 0, 1)
    assert caught.value.hint


def test_a_wrong_key_is_refused_before_the_upload() -> None:
    with Emulator("scnet", parse=pages_of) as emulator:
        with pytest.raises(errors.AuthError) as caught:
            DocParser(SCNet(base_url=emulator.base_url, api_key="sk-wrong"), policy=QUICK).parse(PDF, name="a.pdf")
        assert "SCNET_API_KEY" in caught.value.hint
        assert "sk-wrong" not in str(caught.value)
        assert emulator.downloads == ()


def test_the_host_alone_is_endpoint_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator("scnet", parse=pages_of) as emulator:
        monkeypatch.setenv("SCNET_BASE_URL", emulator.origin)
        monkeypatch.setenv("SCNET_API_KEY", KEY)
        document = DocParser("scnet", policy=QUICK).parse(PDF + b"Page", name="a.pdf")
    assert texts(document)[0] == "Page 1."


def test_links_that_expire_are_asked_for_anew() -> None:
    fault = [Fault("files", "403"), Fault("files", "410")]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("scnet", parse=pages_of, faults=fault) as emulator:
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert len(document.pages) == 3
    assert (emulator.submits, asked(emulator, "ocrdoc/result")) == (1, 3)


def test_a_part_of_the_result_that_expires_begins_all_parts_anew() -> None:
    faults = [Fault("files", "drop_after"), Fault("files", "404")]
    with (
        serving({"a.pdf": PDF + b"A"}) as source,
        Emulator("scnet", parse=pages_of, faults=faults, pages_per_file=1) as emulator,
    ):
        document = parser(emulator).parse(f"{source.url}/a.pdf")
    assert texts(document) == ["A 1.", "A 2.", "A 3."]
    assert emulator.submits == 1


def test_links_that_never_work_end_with_a_token() -> None:
    faults = [Fault("files", "404", times=99)]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("scnet", parse=pages_of, faults=faults) as emulator:
        with pytest.raises(errors.ProtocolError) as caught:
            parser(emulator).parse(f"{source.url}/a.pdf")
        assert (emulator.submits, len(emulator.downloads)) == (1, 3)
    assert caught.value.token


def test_a_page_in_place_of_the_result_is_asked_again() -> None:
    faults = [Fault("files", "html", times=2)]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("scnet", parse=pages_of, faults=faults) as emulator:
        assert len(parser(emulator).parse(f"{source.url}/a.pdf").pages) == 3


@pytest.mark.parametrize("code", ["limit_burst_rate", "request_concurrency_conflict"])
def test_a_task_that_failed_for_lack_of_room_is_submitted_again(code: str) -> None:
    faults = [Fault("ocrdoc/submit", "failed", times=3)]
    with Emulator("scnet", parse=pages_of, faults=faults, failure=code) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert (asked(emulator, "ocrdoc/submit"), asked(emulator, "upload/presign")) == (4, 1)


def test_it_is_not_submitted_again_for_ever() -> None:
    faults = [Fault("ocrdoc/submit", "failed", times=99)]
    with Emulator("scnet", parse=pages_of, faults=faults, failure="limit_burst_rate") as emulator:
        with pytest.raises(errors.JobFailed, match="6 times") as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert asked(emulator, "ocrdoc/submit") == 6
    assert caught.value.code == "limit_burst_rate"


@pytest.mark.parametrize("code", ["provider_error", "content_illegal", "SystemError"])
def test_a_task_that_failed_for_another_reason_is_not(code: str) -> None:
    faults = [Fault("ocrdoc/submit", "failed")]
    with Emulator("scnet", parse=pages_of, faults=faults, failure=code) as emulator:
        with pytest.raises(errors.DocParseError) as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert asked(emulator, "ocrdoc/submit") == 1
    assert caught.value.code == code


def test_a_task_that_stays_unknown_is_given_up() -> None:
    with Emulator("scnet", parse=pages_of, unseen=99) as emulator:
        with pytest.raises(errors.JobFailed) as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert asked(emulator, "ocrdoc/result") == 4
    assert caught.value.code == "task_not_found"


def test_progress_is_told_in_words() -> None:
    heard: list[Progress] = []
    with Emulator("scnet", parse=pages_of, work_seconds=0.2, queue_seconds=0.2) as emulator:
        parser(emulator, listener=lambda _, progress: heard.append(progress)).parse(PDF, name="a.pdf")
    words = [progress.status for progress in heard]
    assert list(dict.fromkeys(words)) == ["pending", "running", "done"]


def test_a_token_goes_on_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Emulator("scnet", parse=pages_of, work_seconds=0.3) as emulator:
        token = parser(emulator).submit(PDF + b"Page", name="a.pdf").token
        document = parser(emulator).resume(token)
        assert emulator.submits == 1
    assert len(document.pages) == 3
    assert len(json.loads(token)["state"]["task_id"]) == 19
    assert KEY not in caplog.text
    for secret in (KEY, "X-Signature", "x-amz", "policy-"):
        assert secret not in token


@pytest.mark.parametrize("numeric", [False, True])
def test_a_crash_after_the_submit_goes_on_with_the_same_task(numeric: bool) -> None:
    store = MemoryStore()
    with Emulator("scnet", parse=pages_of, work_seconds=0.2, numeric_ids=numeric) as emulator:
        hurry = Policy(poll=QUICK.poll, timeouts=Timeouts(job=0.15))
        with pytest.raises(errors.JobTimeout):
            parser(emulator, policy=hurry, store=store).parse(PDF + b"Page", name="a.pdf")
        document = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
        again = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
        assert emulator.submits == 1
    assert len(document.pages) == 3
    assert again == document


def test_a_crash_during_the_upload_begins_anew() -> None:
    store = MemoryStore()
    crash = Policy(poll=QUICK.poll, retry=Retry(attempts=1, base=0.01), timeouts=QUICK.timeouts)
    with Emulator("scnet", parse=pages_of, faults=[Fault("files", "drop_before")]) as emulator:
        with pytest.raises(errors.TransportError) as caught:
            parser(emulator, policy=crash, store=store).parse(PDF + b"Page", name="a.pdf")
        assert caught.value.token is None
        document = parser(emulator, store=store).parse(PDF + b"Page", name="a.pdf")
    assert len(document.pages) == 3
    assert emulator.submits == 1


def test_a_result_that_never_comes_ends_with_the_clock_and_a_token() -> None:
    hurry = Policy(poll=QUICK.poll, timeouts=Timeouts(job=0.5))
    with Emulator("scnet", parse=pages_of, faults=[Fault("ocrdoc/submit", "never")]) as emulator:
        began = time.monotonic()
        with pytest.raises(errors.JobTimeout) as caught:
            parser(emulator, policy=hurry).parse(PDF, name="a.pdf")
    assert time.monotonic() - began < 3
    assert caught.value.token


def test_what_a_user_saved_gives_the_same_pages(tmp_path: Path) -> None:
    with Emulator("scnet", parse=pages_of, pages_per_file=2) as emulator:
        document = parser(emulator).parse(PDF + b"Page", name="a.pdf")
        task_id = json.loads(parser(emulator).submit(PDF + b"Page", name="a.pdf").token)["state"]["task_id"]
        head, question = {"authorization": f"Bearer {KEY}"}, {"task_ids": [task_id]}
        polled = httpx.post(f"{emulator.base_url}/ocrdoc/result", json=question, headers=head).json()
        links = polled["data"][0]["output"]["results"]
        for link in links:
            (tmp_path / link.partition("?")[0].rpartition("/")[2]).write_bytes(httpx.get(link).content)
    assert len(links) == 2
    assert from_result(tmp_path, vendor="scnet").pages == document.pages
    one = from_result(tmp_path / f"013_result_{task_id}.json", vendor="scnet")
    assert texts(one) == ["Page 1.", "Page 2."]
