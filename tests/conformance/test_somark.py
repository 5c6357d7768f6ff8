"""`somark` 0.1.0, SoMark's own SDK (Apache-2.0), against the emulated SoMark.

What the SDK does otherwise than SoMark's API docs say, or that they leave open:

* It asks for the "markdown" output alone unless told otherwise; the docs' default is "markdown" and "json".
* Its formats may name "zip" without `element_formats.image = "file"`, which the docs require; the service refuses that.
* `extract_config` is its name for what goes out as `feature_config`, and it leaves inline images on, as only some hosts do.
* The file part is named by the path as it was given, folders and all.
* It polls with an url-encoded form where the docs show a multipart one.
* A link that has expired is an error of `save`; it does not ask for a fresh one.
* It sends a document again after a timeout, and after HTTP 500 to 504, when the first copy may have been taken and billed.
* Its base URL includes `/api/v1`; its default host is somark.tech, that of the newer docs somark.cn.
"""

import asyncio
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, SoMark, from_result
from docparse_loaders.emulator import Emulator, Fault

from .whole import INSTALL, PAGES, content, lost

pytestmark = pytest.mark.conformance
sdk = pytest.importorskip("somark", reason=f"SoMark's SDK is not installed: {INSTALL}")


@pytest.fixture(params=[{}, {"case": "lower", "first_idx": 1}], ids=["cn", "tech"])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator("somark", **request.param) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Any]:
    with sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url, max_retries=0) as opened:
        yield opened


def by_page(tree: Any) -> dict[int, str]:
    return {page["page_num"] + 1: " ".join(block["content"] for block in page["blocks"]) for page in tree["pages"]}


def test_it_parses_at_once(client: Any, emulator: Emulator, examples: Path) -> None:
    parsed = client.parser.parse(str(examples / "report.pdf"))
    assert (parsed.ok, parsed.pages, parsed.file_type, parsed.json_output) == (True, PAGES, ".pdf", None)
    assert lost(examples, parsed.md) == set()
    assert emulator.submits == 1


def test_it_waits_for_a_task(client: Any, emulator: Emulator, examples: Path) -> None:
    task = client.parser.create(str(examples / "report.pdf"), formats=["md", "json"])
    assert (task.status, task.completed) == ("queuing", False)
    parsed = task.wait(poll_interval=0.05)
    assert (task.status, task.pages, parsed.pages) == ("success", PAGES, PAGES)
    found = by_page(parsed.json_output)
    assert sorted(found) == list(range(1, PAGES + 1))
    assert not any(lost(examples, text, [number]) for number, text in found.items())
    assert lost(examples, parsed.md) == set()
    assert emulator.submits == 1


def test_it_sees_every_state(examples: Path) -> None:
    with Emulator("somark", queue_seconds=0.6, work_seconds=0.6) as emulator:
        client = sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url)
        task = client.parser.create(str(examples / "paper.pdf"))
        states = [task.status]
        while not task.completed and len(states) < 100:
            time.sleep(0.05)
            task.refresh()
            states.append(task.status)
        client.close()
    assert list(dict.fromkeys(states)) == ["queuing", "processing", "success"]


def test_it_downloads_the_archive(client: Any, examples: Path, tmp_path: Path) -> None:
    formats = {"image": "file"}
    parsed = client.parser.parse(str(examples / "report.pdf"), formats=["md", "json", "zip"], element_formats=formats)
    parsed.save(str(tmp_path / "report.zip"))
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        names = archive.namelist()
        tree = json.loads(archive.read("result.json"))
    assert len(tree["pages"]) == PAGES
    assert any(name.startswith("images/") for name in names)


def test_an_archive_without_picture_files_is_refused(client: Any, emulator: Emulator, examples: Path) -> None:
    with pytest.raises(sdk.InvalidParamError, match=r"element_formats\.image"):
        client.parser.parse(str(examples / "report.pdf"), formats=["zip"])
    assert emulator.submits == 0


def test_its_result_gives_our_blocks(client: Any, emulator: Emulator, examples: Path) -> None:
    config = SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
    ours = DocParser(config).parse(examples / "report.pdf")
    asked = dict(emulator.requests[0].form)
    options = {"extract_config": json.loads(asked["feature_config"]), "element_formats": json.loads(asked["element_formats"])}
    task = client.parser.create(str(examples / "report.pdf"), formats=["json"], **options)
    theirs = from_result(task.wait(poll_interval=0.05).json_output, vendor="somark", source=examples / "report.pdf")
    assert len(theirs.pages) == PAGES
    # Links to pictures differ from job to job; content leaves them out.
    assert content(theirs) == content(ours)


def test_the_asynchronous_client(emulator: Emulator, examples: Path) -> None:
    async def run() -> Any:
        async with sdk.AsyncSoMark(api_key=emulator.keys[0], base_url=emulator.base_url) as client:
            task = await client.parser.create(str(examples / "report.pdf"), formats=["md"])
            return await task.wait(poll_interval=0.05)

    assert lost(examples, asyncio.run(run()).md) == set()


def test_it_counts_the_pages_left(client: Any, examples: Path) -> None:
    before = client.usage.get()
    client.parser.parse(str(examples / "report.pdf"))
    after = client.usage.get()
    assert before.remaining_free_pages_today - after.remaining_free_pages_today == PAGES


@pytest.mark.parametrize(("balance", "code"), [(0, 1108), (PAGES - 1, 1123)])
def test_it_names_an_empty_account(examples: Path, balance: int, code: int) -> None:
    with Emulator("somark", balance=balance, free_a_day=0) as emulator:
        with sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url) as client:
            with pytest.raises(sdk.InsufficientBalanceError) as caught:
                client.parser.create(str(examples / "report.pdf"))
            assert (caught.value.code, client.usage.get().remaining_paid_pages) == (code, balance)
        assert emulator.submits == 0


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("failed", "ParseFailedError"),
        ("failed:1137", "ParseFailedError"),
        ("failed:1102", "ParseTimeoutError"),
        ("failed:1106", "InvalidParamError"),
        ("failed:1132", "FileTooLargeError"),
    ],
)
def test_it_names_why_a_task_failed(examples: Path, kind: str, error: str) -> None:
    with Emulator("somark", faults=[Fault("async", kind)]) as emulator:
        with sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url) as client:
            task = client.parser.create(str(examples / "paper.pdf"))
            with pytest.raises(getattr(sdk, error)):
                task.wait(poll_interval=0.05)
        assert emulator.submits == 1


def test_an_archive_whose_link_has_expired_is_not_downloaded(examples: Path, tmp_path: Path) -> None:
    now, formats = [0.0], {"image": "file"}
    with (
        Emulator("somark", clock=lambda: now[0], link_seconds=60) as emulator,
        sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url) as client,
    ):
        parsed = client.parser.parse(str(examples / "paper.pdf"), formats=["json", "zip"], element_formats=formats)
        now[0] = 61.0
        with pytest.raises(ValueError, match="403"):
            parsed.save(str(tmp_path / "late.zip"))


def test_it_names_a_wrong_key(emulator: Emulator, examples: Path) -> None:
    with sdk.SoMark(api_key="sk-wrong", base_url=emulator.base_url) as client, pytest.raises(sdk.AuthenticationError):
        client.parser.create(str(examples / "report.pdf"))


def test_it_names_a_broken_file(client: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"this is no pdf")
    with pytest.raises(sdk.InvalidParamError) as caught:
        client.parser.create(str(tmp_path / "broken.pdf"))
    assert caught.value.code == 1106


def test_it_sends_again_what_was_refused_for_its_pace(examples: Path) -> None:
    with Emulator("somark", faults=[Fault("async", "code:1124")]) as emulator:
        client = sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url, max_retries=1)
        task = client.parser.create(str(examples / "paper.pdf"))
        assert task.wait(poll_interval=0.05).pages == 3
        client.close()
    assert emulator.submits == 1


def test_a_timeout_makes_it_pay_twice(examples: Path) -> None:
    with Emulator("somark", work_seconds=30.0) as emulator:
        client = sdk.SoMark(api_key=emulator.keys[0], base_url=emulator.base_url, timeout=1.5, max_retries=1)
        with pytest.raises(sdk.TimeoutError):
            client.parser.parse(str(examples / "paper.pdf"))
        client.close()
        assert emulator.submits == 2
