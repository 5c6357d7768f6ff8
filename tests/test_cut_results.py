"""What came of a result before the connection ended is no result: it is fetched again a few times, then left with its token."""

import io
import json
import zipfile
from typing import Any

import pytest

from docparse_loaders import errors
from docparse_loaders.engine.decide import Resend, after_failure
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.mineru.wire import MinerUVendor
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.paddleocr.wire import PaddleOCRVendor
from docparse_loaders.vendors.protocol import AnyVendor, Blob, Done, Effect, Fail, Reply, State, Step
from docparse_loaders.vendors.scnet.state import SCNetState
from docparse_loaders.vendors.scnet.wire import SCNetVendor
from paddleocr_pages import block, jsonl, line, page


def zipped(name: str, data: bytes) -> bytes:
    """An archive of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(name, data)
    return buffer.getvalue()


BOM = b"\xef\xbb\xbf"
TASK = "a90e6ab6-44f3-4554-b459-b62fe4c6b436"
LINES = jsonl(line(page(block("text", "One } of\u2028two."))), line(page(block("text", "{ Two: 二"))))
PAGES: Any = {"documents": [{"datas": [{"md": {"markdown_content": text}} for text in ("One } of two.", "[ 二")]}]}
ZIP = zipped("full.md", b"# Title\n\nText.\n")


SERVICES: dict[str, tuple[AnyVendor, State]] = {
    "mineru": (MinerUVendor(), MinerUState(phase="fetching", task_id=TASK)),
    "paddleocr": (PaddleOCRVendor(), PaddleOCRState(phase="fetching", job_id="ocrjob-1")),
    "scnet": (SCNetVendor(), SCNetState(phase="fetching", task_id=TASK)),
}
RESULTS = {
    "mineru zip": ("mineru", ZIP),
    "paddleocr one line": ("paddleocr", LINES.partition(b"\n")[0]),
    "paddleocr a value over several lines": ("paddleocr", json.dumps(json.loads(LINES.partition(b"\n")[0]), indent=1).encode()),
    "paddleocr with a mark": ("paddleocr", BOM + LINES.partition(b"\n")[0]),
    "paddleocr zip": ("paddleocr", zipped("result.jsonl", LINES)),
    "scnet object": ("scnet", json.dumps(PAGES).encode()),
    "scnet list": ("scnet", json.dumps([PAGES]).encode()),
    "scnet over several lines": ("scnet", json.dumps(PAGES, indent=2, ensure_ascii=False).encode() + b"\n"),
    "scnet with a mark": ("scnet", BOM + json.dumps(PAGES).encode()),
    "scnet zip": ("scnet", zipped("1.json", json.dumps(PAGES).encode())),
}


def fetched(service: str, data: bytes, status: int = 200) -> Step:
    """The step after a download."""
    vendor, state = SERVICES[service]
    return vendor.on_reply(state, Reply(status, blob=Blob(data)))


@pytest.mark.parametrize("name", RESULTS)
def test_a_whole_result_is_taken_as_it_came(name: str) -> None:
    service, data = RESULTS[name]
    step = fetched(service, data)
    assert isinstance(step, Done)
    assert any(found.text for found in SERVICES[service][0].decode(step.payload).pages[0].blocks)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_that_is_cut_at_any_byte_is_fetched_again_and_at_last_given_up(name: str) -> None:
    service, data = RESULTS[name]
    # What is left out of an end in white space changes nothing; a mark or one sign alone is not told from a short text.
    begin, end = len(BOM) + 2, len(data.rstrip())
    for place in (0, *range(begin, end)):
        step = fetched(service, data[:place])
        assert isinstance(step, Fail), data[:place]
        assert isinstance(step.error, errors.VendorUnavailable), (data[:place], step.error)
        assert isinstance(after_failure(Effect.READ, step.error, 1, Retry(), 0.5, accepted=True), Resend)
        assert after_failure(Effect.READ, step.error, 3, Retry(), 0.5, accepted=True) == "raise"


def test_lines_that_end_between_two_of_them_are_told_by_the_count_of_pages() -> None:
    vendor, state = PaddleOCRVendor(), PaddleOCRState(phase="fetching", job_id="ocrjob-1", total=2)
    step = vendor.on_reply(state, Reply(200, blob=Blob(LINES[: LINES.index(b"\n") + 1])))
    assert isinstance(step, Done)
    decoded = vendor.decode(step.payload)
    assert (len(decoded.pages), decoded.total_pages) == (1, 2)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("status", [300, 302, 304, 307])
def test_what_came_with_a_redirect_is_no_result(service: str, status: int) -> None:
    for data in (b"", ZIP, LINES):
        step = fetched(service, data, status)
        assert isinstance(step, Fail), (status, data)
        assert isinstance(step.error, errors.DocParseError)


def test_an_empty_text_of_mineru_that_came_with_a_redirect_is_no_result() -> None:
    state = MinerUState(phase="fetching", task_id=TASK, text=True)
    assert isinstance(MinerUVendor().on_reply(state, Reply(302, blob=Blob(b""))), Fail)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_file_whose_upload_is_redirected_has_not_arrived(status: int) -> None:
    """To wait for it would take the whole of the job's time, and nothing is there to be parsed or billed."""
    state = MinerUState(phase="uploading", batch_id=TASK, name="a.pdf", order={"data_id": "doc.1"})
    step = MinerUVendor().on_reply(state, Reply(status, blob=Blob(b"")))
    assert isinstance(step, Fail)
    assert isinstance(step.error, errors.SubmitRejected)
    assert step.error.status == status
    assert not step.error.retryable
