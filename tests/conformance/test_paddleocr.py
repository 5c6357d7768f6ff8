"""PaddleOCR's own client, `paddleocr._api_client` of `paddleocr` 3.7.0 (Apache-2.0), and the one of `markitdown-paddleocr`
0.2.3 (MIT), which is another's, against the emulated service of asynchronous jobs.

Both packages import far more at their top than their clients need (PaddleX; MarkItDown), so the modules of the clients are
imported without it. Apart from `requests`, and `aiohttp` for the asynchronous one, they need nothing.

What the clients do otherwise than the API docs say, or that they leave open:

* Their default models, PaddleOCR-VL-1.6 and PP-OCRv6, are newer than the docs' list.
* One writes the scheme "Bearer" as in the docs' tables, the other "bearer" as in their samples.
* Both ignore the body's code where the HTTP status is an error: a full queue (10010) is an invalid request, a used-up quota
  (12001) a wrong token. Only an integer 0, null or no code at all is success.
* The official one takes the four documented states and nothing else, so a new word is an error to it.
* Both split the result at line feeds only, and take its charset from the reply: as `text/plain` without one, it would be
  read as Latin-1.
* The official one forgets where a line ends, and of `dataInfo`, which every line has for its own pages, keeps the last.
* The official one saves pictures by their names in the Markdown, but refuses names with a folder, and all have one.
* markitdown's takes HTTP 200 alone as success, and skips lines that are not JSON without a word.
* The official one looks at once, then after 3 seconds and half as long again each time; markitdown's every 2 seconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from docparse_loaders import DocParser, from_result
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.vendors.paddleocr import PaddleOCR

from .whole import INSTALL, PAGES, content, lost

pytestmark = pytest.mark.conformance
pytest.importorskip("requests", reason=f"PaddleOCR's clients are not installed: {INSTALL}")

PARSERS = ("PaddleOCR-VL-1.6", "PaddleOCR-VL-1.5", "PaddleOCR-VL", "PP-StructureV3")
READERS = ("PP-OCRv6", "PP-OCRv5")


def part(package: str, module: str, patch: pytest.MonkeyPatch) -> Any:
    """A module of a package whose own top is not run."""
    spec = find_spec(package)
    if spec is None:
        pytest.skip(f"{package} is not installed: {INSTALL}")
    top = ModuleType(package)
    top.__spec__ = spec
    top.__path__ = list(spec.submodule_search_locations or ())
    patch.setitem(sys.modules, package, top)
    return import_module(f"{package}.{module}")


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="module")
def sdk(patch: pytest.MonkeyPatch) -> Any:
    """The official client's module."""
    return part("paddleocr", "_api_client.client", patch)


@pytest.fixture(scope="module")
def other(patch: pytest.MonkeyPatch) -> Any:
    """markitdown's."""
    return part("markitdown_paddleocr", "_paddle_client", patch)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("paddleocr") as running:
        yield running


@pytest.fixture
def client(sdk: Any, emulator: Emulator) -> Iterator[Any]:
    with sdk.PaddleOCRClient(token=emulator.keys[0], base_url=emulator.base_url) as opened:
        yield opened


def is_whole(result: Any, examples: Path) -> None:
    assert len(result.pages) == PAGES
    assert lost(examples, "\n".join(page.markdown_text for page in result.pages)) == set()
    assert lost(examples, "\n".join(str(page.pruned_result) for page in result.pages).replace("\\n", " ")) == set()


def lines_again(pages: list[Any]) -> bytes:
    """The lines of a result from the pages that the client made of them; every page tells how many its line had."""
    lines = []
    while pages:
        count = pages[0]["prunedResult"]["page_count"]
        lines.append(json.dumps({"result": {"layoutParsingResults": pages[:count]}}))
        pages = pages[count:]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("model", PARSERS)
def test_it_uploads_a_file(client: Any, emulator: Emulator, examples: Path, model: str) -> None:
    is_whole(client.parse_document(model, file_path=str(examples / "report.pdf")), examples)
    assert emulator.submits == 1


def test_each_page_has_its_own_words(client: Any, examples: Path) -> None:
    found = client.parse_document(file_path=str(examples / "report.pdf")).pages
    missing = [lost(examples, page.markdown_text, [number]) for number, page in enumerate(found, 1)]
    assert missing == [set()] * PAGES


def test_it_names_an_address(client: Any, emulator: Emulator, examples: Path, web: str) -> None:
    is_whole(client.parse_document(file_url=f"{web}/report.pdf"), examples)
    assert emulator.submits == 1


@pytest.mark.parametrize("model", READERS)
def test_it_reads_lines(client: Any, examples: Path, model: str) -> None:
    result = client.ocr(file_path=str(examples / "report.pdf"), model=model)
    assert len(result.pages) == PAGES
    lines = [line for page in result.pages for line in page.pruned_result["rec_texts"]]
    assert lost(examples, "\n".join(lines)) == set()
    assert result.data_info["numPages"] == PAGES - 5, "the last line's, which are those after the first five pages"


def test_it_reads_chinese(client: Any, examples: Path) -> None:
    result = client.parse_document(file_path=str(examples / "report-zh.pdf"))
    text = "".join(page.markdown_text for page in result.pages)
    assert "热" in text
    assert "Ã" not in text


def test_it_sees_every_state(sdk: Any, examples: Path) -> None:
    with Emulator("paddleocr", queue_seconds=0.6, work_seconds=0.9) as emulator:
        client = sdk.PaddleOCRClient(token=emulator.keys[0], base_url=emulator.base_url)
        job = client.submit_document_parsing(file_path=str(examples / "report.pdf"))
        seen = [client.get_status(job.job_id)]
        while seen[-1].state != "done" and len(seen) < 200:
            time.sleep(0.05)
            seen.append(client.get_status(job.job_id))
        is_whole(client.wait_document_parsing_result(job), examples)
        client.close()
    assert list(dict.fromkeys(status.state for status in seen)) == ["pending", "running", "done"]
    assert {int(status.progress.total_pages) for status in seen if status.state == "running"} == {PAGES}


def test_it_waits(sdk: Any, examples: Path) -> None:
    with Emulator("paddleocr", work_seconds=1.0) as emulator:
        client = sdk.PaddleOCRClient(token=emulator.keys[0], base_url=emulator.base_url)
        is_whole(client.parse_document(file_path=str(examples / "report.pdf")), examples)
        client.close()


def test_it_asks_about_a_batch(client: Any, examples: Path) -> None:
    names = ["report.pdf", "paper.pdf"]
    jobs = [client.submit_document_parsing(file_path=str(examples / name), batch_id="two") for name in names]
    status = client.get_batch_status("two")
    assert {job.job_id for job in status.jobs} == {job.job_id for job in jobs}
    assert {job.state for job in status.jobs} == {"done"}
    assert len(client.wait_document_parsing_result(jobs[1]).pages) == 3


def test_it_asks_for_pages(client: Any, examples: Path) -> None:
    found = client.parse_document(file_path=str(examples / "report.pdf"), page_ranges="2,7-8").pages
    assert [lost(examples, page.markdown_text, [number]) for number, page in zip((2, 7, 8), found, strict=True)] == [set()] * 3


def test_its_result_gives_our_blocks(client: Any, sdk: Any, emulator: Emulator, examples: Path) -> None:
    config = PaddleOCR(base_url=emulator.base_url, api_key=emulator.keys[0], model="PaddleOCR-VL-1.6")
    ours = DocParser(config).parse(examples / "report.pdf")
    asked = json.loads(dict(emulator.requests[0].form)["optionalPayload"])
    options = import_module("paddleocr._api_client.models").PaddleOCRVLOptions(extra_options=asked)
    result = client.parse_document("PaddleOCR-VL-1.6", file_path=str(examples / "report.pdf"), options=options)
    theirs = from_result(lines_again([page.raw for page in result.pages]), vendor=config, source=examples / "report.pdf")
    assert len(theirs.pages) == PAGES
    assert content(theirs) == content(ours)


def test_it_saves_the_pictures(client: Any, examples: Path, tmp_path: Path) -> None:
    result = client.parse_document(file_path=str(examples / "report.pdf"))
    pictures = {name: link for page in result.pages for name, link in page.markdown_images.items()}
    assert pictures
    for number, link in enumerate(pictures.values()):
        saved = client.save_resource(link, str(tmp_path), filename=f"{number}.png")
        assert Path(saved).stat().st_size > 50


def test_it_refuses_the_names_of_pictures(client: Any, examples: Path, tmp_path: Path) -> None:
    options = import_module("paddleocr._api_client.models").PaddleOCRVLOptions(visualize=True)
    result = client.parse_document(file_path=str(examples / "report.pdf"), options=options)
    errors = import_module("paddleocr._api_client.errors")
    with pytest.raises(errors.InvalidRequestError, match="Unsafe resource filename: imgs/"):
        client.save_document_parsing_result_resources(result, str(tmp_path), overwrite=True)


def test_the_asynchronous_client(patch: pytest.MonkeyPatch, emulator: Emulator, examples: Path) -> None:
    pytest.importorskip("aiohttp", reason=f"aiohttp is not installed: {INSTALL}")
    module = part("paddleocr", "_api_client.async_client", patch)

    async def run() -> Any:
        async with module.AsyncPaddleOCRClient(token=emulator.keys[0], base_url=emulator.base_url) as client:
            return await client.parse_document(file_path=str(examples / "report.pdf"))

    is_whole(asyncio.run(run()), examples)


def test_it_names_a_wrong_token(sdk: Any, emulator: Emulator, examples: Path) -> None:
    errors = import_module("paddleocr._api_client.errors")
    client = sdk.PaddleOCRClient(token="sk-wrong", base_url=emulator.base_url)
    with pytest.raises(errors.AuthError):
        client.parse_document(file_path=str(examples / "report.pdf"))
    client.close()


@pytest.mark.parametrize(
    ("code", "name"), [("10010", "InvalidRequestError"), ("12001", "AuthError"), ("12002", "RateLimitError")]
)
def test_it_judges_by_the_http_status(sdk: Any, examples: Path, code: str, name: str) -> None:
    errors = import_module("paddleocr._api_client.errors")
    with Emulator("paddleocr", faults=[Fault("jobs", f"code:{code}")]) as emulator:
        client = sdk.PaddleOCRClient(token=emulator.keys[0], base_url=emulator.base_url)
        with pytest.raises(getattr(errors, name)):
            client.parse_document(file_path=str(examples / "report.pdf"))
        client.close()


@pytest.mark.parametrize("source", ["file", "address"])
def test_the_other_client(other: Any, emulator: Emulator, examples: Path, web: str, source: str) -> None:
    client = other.PaddleClient(token=emulator.keys[0], job_url=f"{emulator.base_url}/api/v2/ocr/jobs", poll_interval=0.05)
    if source == "file":
        text = client.ocr(file_bytes=(examples / "report.pdf").read_bytes(), filename="report.pdf")
    else:
        text = client.ocr(file_url=f"{web}/report.pdf")
    assert lost(examples, text) == set()
    assert emulator.submits == 1
