"""PaddleOCR over a real socket: files and addresses into its protocol, documents, tokens and errors out."""

from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.document import ParsedDocument
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.paddleocr import words
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.protocol import Progress
from mineru_servers import serving

QUICK = Policy(
    poll=Poll(first=0.02, growth=1.1, longest=0.1, together=0.05),
    retry=Retry(base=0.01, longest=0.05),
    timeouts=Timeouts(job=20),
)
PDF = b"%PDF-1.7 "
KEY = "sk-emulator"
ROWS = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>{}</td><td>{}</td></tr></table>"


def _block(page: int, place: int, kind: Any, text: str, y: float, **fields: Any) -> Block:
    return Block(f"p{page}-{place}", kind, text, regions=(Region(page, BBox(0.1, y, 0.9, y + 0.1)),), **fields)


def pages_of(data: bytes) -> tuple[Page, ...]:
    """Three pages of what the file says: a table that goes on from the first to the second, a line on each."""
    words = data.removeprefix(PDF).decode()
    first = (_block(1, 0, "text", f"{words} 1.", 0.1), _block(1, 1, "table", "", 0.85, html=ROWS.format("P-1", 1)))
    second = (_block(2, 0, "table", "", 0.05, html=ROWS.format("P-2", 2)), _block(2, 1, "text", f"{words} 2.", 0.5))
    third = (_block(3, 0, "title", "1 End", 0.1, level=2), _block(3, 1, "text", f"{words} 3.", 0.5))
    return tuple(Page(n, 595.0, 842.0, "point", 0, blocks) for n, blocks in enumerate((first, second, third), 1))


def emulated(**settings: Any) -> Emulator:
    return Emulator("paddleocr", **{"parse": pages_of, **settings})


def parser(emulator: Emulator, *, policy: Policy = QUICK, store: Any = None, listener: Any = None, **options: Any) -> DocParser:
    config = PaddleOCR(base_url=emulator.base_url, api_key=KEY, **options)
    return DocParser(config, policy=policy, store=store, on_progress=listener)


def files(folder: Path, count: int) -> list[Path]:
    made = [folder / f"{number}.pdf" for number in range(count)]
    for number, path in enumerate(made):
        path.write_bytes(PDF + f"File {number}".encode())
    return made


def texts(document: ParsedDocument) -> list[str]:
    return [block.text for page in document.pages for block in page.blocks if block.kind == "text"]


def joined(document: ParsedDocument) -> list[tuple[str, list[int]]]:
    found = [(block.kind, [region.page_number for region in block.regions]) for block in document.blocks]
    return [(kind, numbers) for kind, numbers in found if len(set(numbers)) > 1]


# Documents


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("model", ["PaddleOCR-VL-1.6", "PaddleOCR-VL", "PP-StructureV3"])
def test_a_document_through_every_model_of_layouts(model: str, plain: bool) -> None:
    with emulated() as emulator:
        document = parser(emulator, model=model, format_block_content=not plain).parse(PDF + b"File")
    assert texts(document) == ["File 1.", "File 2.", "File 3."]
    assert joined(document) == [("table", [1, 2])]
    (table,) = document.tables
    assert table.text.split() == ["Part", "Qty", "P-1", "1", "P-2", "2"]
    assert (document.model, document.total_pages, emulator.submits) == (model, 3, 1)
    assert document.warnings == ()
    box = document.pages[1].blocks[0].regions[0].bbox
    assert box == pytest.approx((0.1, 0.05, 0.9, 0.15), abs=1 / 1190)


@pytest.mark.parametrize("model", ["PP-OCRv5", "PP-OCRv6"])
def test_a_document_through_the_models_of_lines(model: str) -> None:
    with emulated() as emulator:
        document = parser(emulator, model=model).parse(PDF + b"File")
    assert [page.number for page in document.pages] == [1, 2, 3]
    words = " ".join(block.text for page in document.pages for block in page.blocks)
    assert all(f"File {number}." in words for number in (1, 2, 3))
    assert {block.kind for block in document.blocks} == {"text"}


def test_a_line_that_holds_one_page_does_not_part_a_table() -> None:
    with emulated(pages_per_line=1) as emulator:
        document = parser(emulator).parse(PDF + b"File")
    assert joined(document) == [("table", [1, 2])]


def test_pages_keep_their_numbers() -> None:
    with emulated() as emulator:
        document = parser(emulator).parse(PDF + b"File", pages="3,2")
    assert [page.number for page in document.pages] == [2, 3]
    assert texts(document) == ["File 2.", "File 3."]
    assert {region.page_number for block in document.blocks for region in block.regions} == {2, 3}


@pytest.mark.parametrize("dialect", [{"counts": "int"}, {"counts": "str"}, {"flat_url": True}, {"markdown_url": False}])
def test_every_dialect_is_understood(dialect: dict[str, Any]) -> None:
    with emulated(**dialect) as emulator:
        assert len(parser(emulator).parse(PDF + b"File").pages) == 3


def test_an_address_is_fetched_by_the_service_to_the_letter() -> None:
    with serving({"report.pdf": PDF + b"Far"}) as server, emulated() as emulator:
        document = parser(emulator).parse(f"{server.url}/report.pdf?signature=x")
        submit, uri = emulator.requests[0], f"{server.url}/report.pdf"
    assert texts(document) == ["Far 1.", "Far 2.", "Far 3."]
    assert (submit.method, submit.files, server.paths) == ("POST", (), ["/report.pdf?signature=x"])
    assert document.source.uri == uri


def test_an_address_that_leads_nowhere_is_an_error() -> None:
    with emulated() as emulator, pytest.raises(errors.UnsupportedSource) as caught:
        parser(emulator).parse(f"{emulator.origin}/nothing.pdf?signature=x")
    assert (caught.value.code, caught.value.token, emulator.submits) == ("10002", None, 0)
    assert "signature" not in str(caught.value)


def test_the_key_stays_with_the_service() -> None:
    with emulated() as emulator:
        parser(emulator).parse(PDF + b"File")
        assert len(emulator.downloads) == 1
        assert not [arrival for arrival in emulator.downloads if "authorization" in arrival.headers]


def test_progress_is_told_from_counts_in_either_form() -> None:
    for counts in ("str", "int"):
        heard: list[Progress] = []

        def listen(uri: str, progress: Progress, heard: list[Progress] = heard) -> None:
            heard.append(progress)

        with emulated(counts=counts, work_seconds=0.3) as emulator:
            parser(emulator, listener=listen).parse(PDF + b"File")
        running = [progress for progress in heard if progress.status == "running"]
        assert running
        assert {progress.total for progress in running} == {3}
        assert all(isinstance(progress.done, int) for progress in running)


# Many documents


def test_many_documents_are_asked_about_in_one_request(tmp_path: Path) -> None:
    with emulated(work_seconds=0.5) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 6)))
    assert [outcome.error for outcome in outcomes] == [None] * 6
    found = [texts(outcome.document)[0] for outcome in outcomes if outcome.document is not None]
    assert found == [f"File {number} 1." for number in range(6)]
    polls = [arrival.path for arrival in emulator.requests if arrival.method == "GET"]
    assert emulator.submits == 6
    assert all("/batch/" in path for path in polls)
    assert len(set(polls)) == 1


def test_one_bad_file_does_not_touch_the_others(tmp_path: Path) -> None:
    paths = files(tmp_path, 3)
    paths[1].write_bytes(b"this is no pdf")
    with emulated() as emulator:
        outcomes = list(parser(emulator).parse_many(paths))
    assert [type(outcome.error) for outcome in outcomes] == [type(None), errors.BrokenSource, type(None)]


def test_a_full_batch_is_left_for_a_submit_alone(tmp_path: Path) -> None:
    with emulated(faults=[Fault("jobs", "code:10009")]) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 2)))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert emulator.submits == 2


# Bad days


@pytest.mark.parametrize("kind", ["429", "code:10010", "code:12002"])
def test_a_refused_submit_goes_out_again_and_counts_once(kind: str) -> None:
    with emulated(faults=[Fault("jobs", kind, times=2, retry_after=0.02)]) as emulator:
        parser(emulator).parse(PDF + b"File")
    assert emulator.submits == 1


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("by", ["parse", "parse_many", "submit"])
def test_a_submit_whose_answer_is_lost_is_found_in_its_batch(tmp_path: Path, by: str, *, kept: bool) -> None:
    """A document that comes alone has a batch of its own, by whatever call it comes."""
    (path,) = files(tmp_path, 1)
    with emulated(faults=[Fault("jobs", "drop_after")]) as emulator:
        used = parser(emulator, store=MemoryStore() if kept else None)
        if by == "parse_many":
            (outcome,) = used.parse_many([path])
            assert outcome.document is not None
            document = outcome.document
        else:
            document = used.parse(path) if by == "parse" else used.submit(path).result()
    assert texts(document)[0] == "File 0 1."
    assert emulator.submits == 1


@pytest.mark.parametrize("kind", ["drop_before", "503", "html", "code:500"])
def test_a_submit_that_left_no_trace_is_not_sent_again(kind: str) -> None:
    with emulated(faults=[Fault("jobs", kind)]) as emulator:
        with pytest.raises(errors.SubmitUncertain) as caught:
            parser(emulator).parse(PDF + b"File")
        looks = [arrival for arrival in emulator.requests if "/batch/" in arrival.path]
        assert (emulator.submits, len(looks), len(emulator.requests)) == (0, 6, 7)
        assert caught.value.token
        with pytest.raises(errors.SubmitUncertain):
            parser(emulator).resume(caught.value.token)
        assert (emulator.submits, len(emulator.requests)) == (0, 8)


@pytest.mark.parametrize("kept", [False, True])
def test_what_left_no_trace_is_sent_again_if_that_was_chosen(*, kept: bool) -> None:
    chosen = replace(QUICK, on_uncertain="resubmit")
    with emulated(faults=[Fault("jobs", "503")]) as emulator:
        document = parser(emulator, policy=chosen, store=MemoryStore() if kept else None).parse(PDF + b"File")
    assert texts(document)[0] == "File 1."
    assert emulator.submits == 1


def test_a_job_that_was_found_is_never_sent_again() -> None:
    with emulated(faults=[Fault("jobs", "drop_after")]) as emulator:
        parser(emulator, policy=replace(QUICK, on_uncertain="resubmit")).parse(PDF + b"File")
    assert emulator.submits == 1


def test_a_look_that_is_interrupted_goes_on_in_the_next_run() -> None:
    """Whatever befalls the question, the job is neither forgotten nor submitted again."""
    store = MemoryStore()
    with emulated(faults=[Fault("jobs", "drop_after"), Fault("*", "code:401")]) as emulator:
        with pytest.raises(errors.AuthError) as caught:
            parser(emulator, store=store).parse(PDF + b"File")
        assert caught.value.token
        parser(emulator, store=store).parse(PDF + b"File")
    assert emulator.submits == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("401", errors.AuthError),
        ("10007", errors.SubmitRejected),
        ("10008", errors.SubmitRejected),
        ("10009", errors.SubmitRejected),
        ("12001", errors.QuotaError),
    ],
)
def test_a_code_counts_before_the_status_and_is_final(code: str, error: type[DocParseError]) -> None:
    with emulated(faults=[Fault("jobs", f"code:{code}")]) as emulator, pytest.raises(error) as caught:
        parser(emulator).parse(PDF + b"File")
    assert (caught.value.code, caught.value.token, len(emulator.requests)) == (code, None, 1)
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["503", "429", "html", "drop_after", "drop_before", "unknown_status", "code:11001"])
def test_one_fault_while_polling_does_not_surface(kind: str) -> None:
    faults = chain([None, Fault("*", kind, retry_after=0.02)], repeat(None))
    with emulated(faults=faults) as emulator:
        assert len(parser(emulator).parse(PDF + b"File").pages) == 3
    assert emulator.submits == 1


@pytest.mark.parametrize("kind", ["503", "html", "403", "404", "drop_before"])
def test_one_fault_at_the_result_does_not_surface(kind: str) -> None:
    with emulated(faults=[Fault("files", kind)]) as emulator:
        assert len(parser(emulator).parse(PDF + b"File").pages) == 3
    assert emulator.submits == 1


def test_links_that_never_work_end_in_an_error_that_resumes() -> None:
    with emulated(faults=[Fault("files", "403", times=3)]) as emulator:
        with pytest.raises(errors.ProtocolError) as caught:
            parser(emulator).parse(PDF + b"File")
        assert caught.value.token is not None
        document = parser(emulator).resume(caught.value.token)
    assert len(document.pages) == 3
    assert emulator.submits == 1


@pytest.mark.parametrize("coded", [True, False])
def test_a_failed_job_is_final(coded: bool) -> None:
    with emulated(faults=[Fault("jobs", "failed")], failed_code=coded) as emulator, pytest.raises(errors.JobFailed) as caught:
        parser(emulator).parse(PDF + b"File")
    assert emulator.submits == 1
    assert caught.value.hint


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("code", ["10005", "10006", "10008", "12001"])
def test_a_job_that_failed_for_its_document_is_not_submitted_again(code: str, coded: bool) -> None:
    faults = [Fault("jobs", f"failed:{code}")]
    with emulated(faults=faults, failed_code=coded) as emulator, pytest.raises(errors.JobFailed) as caught:
        parser(emulator).parse(PDF + b"File")
    assert emulator.submits == 1
    assert words.CODES[int(code)][1] in str(caught.value)


@pytest.mark.parametrize("coded", [True, False])
def test_a_fault_of_the_service_is_submitted_once_more(coded: bool) -> None:
    """The page's own words for it are "系统错误", with the advice to try again later."""
    with emulated(faults=[Fault("jobs", "failed:500")], failed_code=coded) as emulator:
        assert texts(parser(emulator).parse(PDF + b"File")) == ["File 1.", "File 2.", "File 3."]
        assert emulator.submits == 2
    with emulated(faults=[Fault("jobs", "failed:500", times=3)], failed_code=coded) as emulator:
        with pytest.raises(errors.JobFailed, match="系统错误"):
            parser(emulator).parse(PDF + b"File")
        assert emulator.submits == 2


def test_a_signed_address_is_submitted_once_more_as_it_is() -> None:
    with serving({"report.pdf": PDF + b"Far"}) as server, emulated(faults=[Fault("jobs", "failed:500")]) as emulator:
        document = parser(emulator).parse(f"{server.url}/report.pdf?signature=canary")
    assert (texts(document)[0], emulator.submits) == ("Far 1.", 2)
    assert server.paths == ["/report.pdf?signature=canary"] * 2
    assert "canary" not in document.model_dump_json()


def test_a_fault_of_the_service_in_a_batch_touches_no_other(tmp_path: Path) -> None:
    with emulated(faults=[Fault("jobs", "failed:500")], work_seconds=0.2) as emulator:
        outcomes = list(parser(emulator).parse_many(files(tmp_path, 3)))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert emulator.submits == 4


def test_a_file_of_too_many_pages_is_refused_in_plain_words() -> None:
    with emulated(max_pages=2) as emulator:
        with pytest.raises(errors.SourceTooLarge) as caught:
            parser(emulator).parse(PDF + b"File")
        assert (caught.value.code, emulator.submits) == ("10006", 0)
        assert "1,000 pages" in caught.value.hint
        assert len(parser(emulator).parse(PDF + b"File", pages="2-3").pages) == 2


def test_a_job_that_never_ends_is_given_up_in_time_and_resumes() -> None:
    now = [0.0]
    hurried = Policy(poll=QUICK.poll, retry=QUICK.retry, timeouts=Timeouts(job=2.0))
    with emulated(work_seconds=10.0, clock=lambda: now[0]) as emulator:
        with pytest.raises(errors.JobTimeout) as caught:
            parser(emulator, policy=hurried).parse(PDF + b"File")
        assert caught.value.token is not None
        now[0] = 10.0
        assert len(parser(emulator).resume(caught.value.token).pages) == 3
    assert emulator.submits == 1


def test_the_same_file_is_not_submitted_twice() -> None:
    store = MemoryStore()
    with emulated() as emulator:
        first, second = (parser(emulator, store=store).parse(PDF + b"File") for _ in range(2))
    assert first == second
    assert emulator.submits == 1


# Bad input


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "report.pdf", errors.EmptySource),
        (b"hello", "report.exe", errors.UnsupportedSource),
        (b"hello", "report.pdf", errors.BrokenSource),
    ],
)
def test_a_bad_file_is_refused_and_counts_nothing(data: bytes, name: str, error: type[DocParseError]) -> None:
    with emulated() as emulator, pytest.raises(error) as caught:
        parser(emulator).parse(data, name=name)
    assert emulator.submits == 0
    assert caught.value.hint


def test_pages_that_are_not_there_are_an_error() -> None:
    with emulated() as emulator, pytest.raises(DocParseError) as caught:
        parser(emulator).parse(PDF + b"File", pages="2-9")
    assert caught.value.hint
