"""`mineru-open-sdk` 0.2.5 (Apache-2.0), `langchain-mineru` 0.1.3 and `llama-index-readers-mineru` 0.1.1 (MIT), against the
emulated mineru.net and, as far as they speak its language, Parse4AI.

What the SDK does otherwise than the API docs say, or that they leave open:

* It never uses the calls for one document; one file is a batch of one. It gives no `data_id` and matches entries by place.
* It sends `Content-Type: application/json` with a GET, too, and a header `source` of its own with every POST.
* Its default model is "vlm"; the service's is "pipeline".
* It takes only an integer 0 as success, so a service that writes its codes as strings is an error to it.
* It looks at the HTTP status before the body: a refused token (HTTP 401 and A0202) is an `httpx.HTTPStatusError`, and its
  own `AuthError` is never raised.
* Of the two ways in which places for uploads are listed, it reads `file_urls` as a list only; the docs' table says `files`.
* A batch that is empty for a moment counts as finished and ends in an `IndexError`.
* At every look at a batch it downloads the zip of each finished entry again.
* It knows no error that is worth another try, and polls after 2, 4, 8 … 30 seconds.
* Of a zip it takes the last Markdown file that it meets.

The two loaders have no setting for the address, so their client is put in place of the one that they make.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, from_result
from docparse_loaders.emulator import Emulator
from docparse_loaders.vendors.mineru import MinerU

from .whole import INSTALL, PAGES, content, lost, text_of

pytestmark = pytest.mark.conformance
sdk = pytest.importorskip("mineru", reason=f"MinerU's SDK is not installed: {INSTALL}")


@pytest.fixture(params=[{}, {"layout": "2.7"}, {"layout": "4.x"}, {"nested": True}], ids=["3", "2", "4", "nested"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator("mineru", **request.param) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Any]:
    with sdk.MinerU(token=emulator.keys[0], base_url=emulator.base_url) as opened:
        yield opened


@pytest.fixture
def plain() -> Iterator[Emulator]:
    with Emulator("mineru") as running:
        yield running


def opened(emulator: Emulator) -> Any:
    return sdk.MinerU(token=emulator.keys[0], base_url=emulator.base_url)


def is_whole(result: Any, examples: Path) -> None:
    assert (result.state, result.filename, result.error) == ("done", "report.pdf", None)
    assert lost(examples, result.markdown) == set()
    assert {entry["page_idx"] for entry in result.content_list} == set(range(PAGES))
    assert lost(examples, text_of(result.content_list)) == set()


@pytest.mark.parametrize("model", ["pipeline", "vlm"])
def test_it_uploads_a_file(client: Any, emulator: Emulator, examples: Path, model: str) -> None:
    result = client.extract(str(examples / "report.pdf"), model=model)
    is_whole(result, examples)
    assert all(image.data for image in result.images)
    assert emulator.submits == 1


def test_it_names_an_address(client: Any, emulator: Emulator, examples: Path, web: str) -> None:
    is_whole(client.extract(f"{web}/report.pdf"), examples)
    assert emulator.submits == 1


def looks(client: Any, batch: str, times: int = 400) -> Iterator[Any]:
    """The only file of a batch, looked at until it is done, and twice more."""
    left = times
    while left:
        (result,) = client.get_batch(batch)
        yield result
        left = min(left - 1, 2) if result.state == "done" else left - 1
        time.sleep(0.05)


def test_it_sees_every_state(examples: Path) -> None:
    with Emulator("mineru", queue_seconds=1.0, work_seconds=1.0) as emulator, opened(emulator) as client:
        seen = list(looks(client, client.submit(str(examples / "report.pdf"))))
    states = list(dict.fromkeys(result.state for result in seen))
    # The service may not have noticed the upload when it is asked for the first time.
    assert [state for state in states if state != "waiting-file"] == ["pending", "running", "done"]
    assert {result.progress.total_pages for result in seen if result.state == "running"} == {PAGES}
    is_whole(seen[-1], examples)


def test_it_waits(examples: Path) -> None:
    with Emulator("mineru", work_seconds=1.0) as emulator, opened(emulator) as client:
        is_whole(client.extract(str(examples / "report.pdf"), timeout=60), examples)


def test_it_mixes_files_and_addresses(plain: Emulator, examples: Path, web: str) -> None:
    names = ["report.pdf", "report-zh.pdf", "paper.pdf"]
    sources = [str(examples / names[0]), f"{web}/{names[1]}", str(examples / names[2])]
    with opened(plain) as client:
        results = {result.filename: result for result in client.extract_batch(sources, timeout=60)}
    assert {name: result.state for name, result in results.items()} == dict.fromkeys(names, "done")
    assert plain.submits == len(names)
    is_whole(results["report.pdf"], examples)
    assert "热" in results["report-zh.pdf"].markdown


def test_it_asks_for_pages(plain: Emulator, examples: Path) -> None:
    with opened(plain) as client:
        result = client.extract(str(examples / "report.pdf"), pages="2,7-8")
    assert lost(examples, result.markdown, [2, 7, 8]) == set()
    assert lost(examples, result.markdown, [4]) != set()
    assert {entry["page_idx"] for entry in result.content_list} == {0, 1, 2}, "numbered within the selection before 4.x"


def test_its_result_gives_our_blocks(client: Any, emulator: Emulator, examples: Path, tmp_path: Path) -> None:
    config = MinerU(base_url=emulator.base_url, api_key=emulator.keys[0], model_version="vlm")
    ours = DocParser(config).parse(examples / "report.pdf")
    client.extract(str(examples / "report.pdf")).save_all(str(tmp_path / "result"))
    theirs = from_result(tmp_path / "result", vendor=config, source=examples / "report.pdf")
    assert len(theirs.pages) == PAGES
    assert content(theirs) == content(ours)


def test_a_refused_token_is_an_http_error_to_it(plain: Emulator, examples: Path) -> None:
    with sdk.MinerU(token="sk-wrong", base_url=plain.base_url) as client, pytest.raises(httpx.HTTPStatusError, match="401"):
        client.extract(str(examples / "report.pdf"))


def test_it_names_a_broken_file(plain: Emulator, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"this is no pdf")
    with opened(plain) as client:
        result = client.extract(str(tmp_path / "broken.pdf"))
    assert (result.state, result.err_code, result.markdown) == ("failed", "-60003", None)


@pytest.mark.parametrize(("dialect", "error"), [({"urls": "files"}, KeyError), ({"codes": "str"}, sdk.MinerUError)])
def test_other_spellings_are_errors_to_it(examples: Path, dialect: dict[str, Any], error: type[Exception]) -> None:
    with Emulator("mineru", **dialect) as emulator, opened(emulator) as client, pytest.raises(error):
        client.extract(str(examples / "report.pdf"))


def test_it_downloads_at_every_look(plain: Emulator, examples: Path) -> None:
    with opened(plain) as client:
        seen = list(looks(client, client.submit(str(examples / "paper.pdf"))))
    assert [result.state for result in seen[-3:]] == ["done"] * 3
    assert [arrival.method for arrival in plain.downloads] == ["PUT", "GET", "GET", "GET"]


def test_it_speaks_to_parse4ai_of_addresses(examples: Path, web: str) -> None:
    with Emulator("parse4ai") as emulator:
        with sdk.MinerU(token=emulator.keys[0], base_url=f"{emulator.base_url}/v1") as client:
            is_whole(client.extract(f"{web}/report.pdf"), examples)
            with pytest.raises(httpx.HTTPStatusError, match="404"):
                client.extract(str(examples / "report.pdf"))
        assert emulator.submits == 1


@pytest.mark.parametrize("source", ["file", "address"])
def test_the_langchain_loader(plain: Emulator, examples: Path, web: str, source: str) -> None:
    loaders = pytest.importorskip("langchain_mineru", reason=f"langchain-mineru is not installed: {INSTALL}")
    place = str(examples / "report.pdf") if source == "file" else f"{web}/report.pdf"
    loader = loaders.MinerULoader(place, mode="precision", token=plain.keys[0])
    loader._client.close()
    with opened(plain) as loader._client:
        (document,) = loader.load()
    assert lost(examples, document.page_content) == set()
    assert document.metadata["filename"] == "report.pdf"


def test_the_langchain_loader_splits_pages(plain: Emulator, examples: Path) -> None:
    loaders = pytest.importorskip("langchain_mineru", reason=f"langchain-mineru is not installed: {INSTALL}")
    place = str(examples / "report.pdf")
    loader = loaders.MinerULoader(place, mode="precision", token=plain.keys[0], split_pages=True, pages="7-8")
    loader._client.close()
    with opened(plain) as loader._client:
        documents = loader.load()
    found = {document.metadata["page"]: document.page_content for document in documents}
    assert {page: lost(examples, text, [page]) for page, text in found.items()} == {7: set(), 8: set()}
    assert plain.submits == 2


@pytest.mark.parametrize("source", ["file", "address"])
def test_the_llama_index_reader(plain: Emulator, examples: Path, web: str, source: str) -> None:
    readers = pytest.importorskip("llama_index.readers.mineru", reason=f"the MinerU reader is not installed: {INSTALL}")
    reader = readers.MinerUReader(mode="precision", token=plain.keys[0])
    reader._client.close()
    with opened(plain) as reader._client:
        (document,) = reader.load_data(examples / "report.pdf" if source == "file" else f"{web}/report.pdf")
    assert lost(examples, document.text) == set()
    assert document.metadata["filename"] == "report.pdf"
