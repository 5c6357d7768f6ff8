"""`scnet-document-parser` 0.4.0 (MIT), SCNet's own MCP server, against the emulated SCNet.

Most tests call its tools as the server calls them; the last one runs the server. What they do otherwise than the API docs
say, or that those leave open:

* They take the code "0" alone as success, for a submit and for a poll; the docs' samples carry "200" for both.
* The kind of task goes out as `ocrType` where the docs have `ocr_type`, with `source` and `channelTag`, which the docs lack;
  of the switches one is spelt `enfoceSeal`.
* A local file is uploaded with a permit from `/upload/presign`, which the docs only mention.
* Statuses are taken in snake_case and lower case only; SUCCEEDED and "unknown" are failures to them.
* Of several result files they read the first, and no redirect is followed to it.
* A refusal in the docs' shape (`error`, without a `code`) is told as "Submit OCR failed: None".
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, from_result
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.vendors.scnet import SCNet
from offline import environment

from .whole import INSTALL, PAGES, content, lost, text_of

pytestmark = pytest.mark.conformance
tools = pytest.importorskip("scnet_document_parser.tools", reason=f"SCNet's tools are not installed: {INSTALL}")
config = pytest.importorskip("scnet_document_parser.config")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("scnet") as running:
        yield running


def opened(emulator: Emulator, key: str | None = None) -> Any:
    """The tools; their base URL is the host alone."""
    settings = config.Settings(api_key=key or emulator.keys[0], base_url=emulator.origin, poll_interval_ms=20)
    return tools.DocumentParserTools(settings)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Any]:
    running = opened(emulator)
    yield running
    running.close()


def submitted(client: Any, file: Path) -> str:
    """The id of a task for a local file."""
    task = client.submit_parse(client.upload_file(str(file))["file_url"])
    assert task["status"] == "pending"
    return str(task["task_id"])


def result(client: Any, task_id: str, form: str) -> Any:
    answer = client.get_parse_result(task_id, format=form, max_wait_seconds=30)
    assert (answer["status"], answer["error"]) == ("completed", None)
    return answer["result"]


def test_it_uploads_a_file(client: Any, emulator: Emulator, examples: Path) -> None:
    task_id = submitted(client, examples / "report.pdf")
    agent = result(client, task_id, "agent")
    assert (agent["page_count"], agent["truncated"]["markdown"]) == (PAGES, False)
    assert lost(examples, agent["markdown"]) == set()
    assert agent["capabilities"]["tables"] == 6
    assert result(client, task_id, "markdown")["pageCount"] == PAGES
    assert emulator.submits == 1


def test_each_page_has_its_own_words(client: Any, examples: Path) -> None:
    found = result(client, submitted(client, examples / "report.pdf"), "blocks")["blocks"]
    texts = [" ".join(block["text"] for block in found if block["pageIndex"] == number) for number in range(PAGES)]
    assert [lost(examples, text, [number]) for number, text in enumerate(texts, 1)] == [set()] * PAGES
    assert all(len(block["bbox"]) == 4 for block in found)


def test_it_names_an_address(client: Any, emulator: Emulator, examples: Path, web: str) -> None:
    task = client.submit_parse(f"{web}/report.pdf", is_table_cls=True, is_inline_formula=False)
    assert lost(examples, result(client, task["task_id"], "markdown")["markdown"]) == set()
    assert emulator.submits == 1


def test_it_sees_every_state(examples: Path) -> None:
    with Emulator("scnet", queue_seconds=0.6, work_seconds=0.6) as emulator:
        client = opened(emulator)
        task_id = submitted(client, examples / "report.pdf")
        seen = [client.get_parse_task_status(task_id)]
        while not seen[-1]["result_ready"] and len(seen) < 200:
            time.sleep(0.05)
            seen.append(client.get_parse_task_status(task_id))
        client.close()
    assert list(dict.fromkeys(status["status"] for status in seen)) == ["pending", "running", "succeeded"]


def test_it_waits(examples: Path) -> None:
    with Emulator("scnet", work_seconds=0.3) as emulator:
        client = opened(emulator)
        tree = result(client, submitted(client, examples / "report.pdf"), "full")
        client.close()
    assert lost(examples, text_of(tree)) == set()


def test_its_result_gives_our_blocks(client: Any, emulator: Emulator, examples: Path) -> None:
    settings = SCNet(base_url=emulator.base_url, api_key=emulator.keys[0])
    ours = DocParser(settings).parse(examples / "report.pdf")
    tree = result(client, submitted(client, examples / "report.pdf"), "full")
    theirs = from_result(tree, vendor=settings, source=examples / "report.pdf")
    assert len(theirs.pages) == PAGES
    assert content(theirs) == content(ours)


def test_a_file_that_cannot_be_read_fails_with_a_reason(client: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"this is no pdf")
    answer = client.get_parse_result(submitted(client, tmp_path / "broken.pdf"), max_wait_seconds=30)
    assert (answer["status"], answer["result"]) == ("failed", None)
    assert "unknown" not in answer["error"]


def test_too_many_requests_are_told_softly(examples: Path, web: str) -> None:
    with Emulator("scnet", faults=[Fault("submit", "code:10011")]) as emulator:
        client = opened(emulator)
        task = client.submit_parse(f"{web}/report.pdf")
        client.close()
        assert (task["task_id"], task["status"]) == (None, "failed")
        assert emulator.submits == 0


def test_a_refused_key_is_an_http_error_to_it(emulator: Emulator, examples: Path) -> None:
    client = opened(emulator, key="sk-wrong")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        client.upload_file(str(examples / "report.pdf"))
    client.close()


def test_it_takes_the_documented_code_for_an_error(examples: Path, web: str) -> None:
    with Emulator("scnet", style="documented") as emulator:
        client = opened(emulator)
        with pytest.raises(RuntimeError, match="Submit OCR failed"):
            client.submit_parse(f"{web}/report.pdf")
        client.close()
        assert emulator.submits == 1, "the task runs, and is billed, all the same"


def test_the_server_itself(emulator: Emulator, examples: Path, tmp_path: Path) -> None:
    """The MCP server as its users start it, spoken to in MCP's own lines."""
    found = environment(tmp_path) | {"SCNET_BASE_URL": emulator.origin, "SCNET_API_KEY": emulator.keys[0]}
    command = [sys.executable, "-m", "scnet_document_parser.server"]
    with subprocess.Popen(command, env=found, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, encoding="utf-8") as server:  # noqa: S603  # the published program, no shell
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "conformance", "version": "1"}}
        ask(server, 1, "initialize", about)
        say(server, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        upload = call(server, 2, "upload_file", file_path=str(examples / "report.pdf"))
        task = call(server, 3, "submit_parse", file_url=upload["file_url"])
        answer = call(server, 4, "get_parse_result", task_id=task["task_id"], format="markdown", max_wait_seconds=30)
        server.kill()
    assert answer["result"]["pageCount"] == PAGES
    assert lost(examples, answer["result"]["markdown"]) == set()


def call(server: "subprocess.Popen[str]", number: int, tool: str, **arguments: Any) -> Any:
    result = ask(server, number, "tools/call", {"name": tool, "arguments": arguments})
    return json.loads(result["content"][0]["text"])


def ask(server: "subprocess.Popen[str]", number: int, method: str, params: Any) -> Any:
    say(server, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    assert server.stdout is not None
    for line in server.stdout:
        answer = json.loads(line)
        if answer.get("id") == number:
            return answer["result"]
    raise AssertionError(f"the server ended before it answered {method}")


def say(server: "subprocess.Popen[str]", message: Any) -> None:
    assert server.stdin is not None
    server.stdin.write(json.dumps(message) + "\n")
    server.stdin.flush()
