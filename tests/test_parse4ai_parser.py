"""Parse4AI over a real socket: addresses, files through storage of the user's own, batches, callbacks, a plain endpoint."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.mineru import Parse4AI, verify_callback
from mineru_servers import serving

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))
PDF = b"%PDF-1.7 "
KEY = "sk-emulator"


def pages_of(data: bytes) -> tuple[Page, ...]:
    block = Block("p1-0", "text", data.removeprefix(PDF).decode(), regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
    return (Page(1, 595.0, 842.0, "point", 0, (block,)),)


def parser(emulator: Emulator, **options: Any) -> DocParser:
    return DocParser(Parse4AI(base_url=emulator.base_url, api_key=KEY, **options), policy=QUICK)


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """What opens an empty bucket called `bucket` on loopback."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = server_module.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.put(f"{url}/bucket", timeout=60.0).raise_for_status()  # the first request loads all of its services
    client = {"region_name": "us-east-1"}
    yield {"key": "id", "secret": "s3-canary", "endpoint_url": url, "client_kwargs": client, "skip_instance_cache": True}
    server.stop()


@pytest.mark.parametrize("layout", ["2.7", "3.x", "4.x"])
def test_an_address_becomes_a_document(examples: Path, layout: str) -> None:
    data = (examples / "report.pdf").read_bytes()
    with serving({"report.pdf": data}) as source, Emulator("parse4ai", layout=layout) as emulator:
        document = parser(emulator).parse(f"{source.url}/report.pdf", pages="4-6")
    assert (document.vendor, [page.number for page in document.pages]) == ("parse4ai", [4, 5, 6])
    assert {tuple(sorted({region.page_number for region in block.regions})) for block in document.tables} >= {(4, 5, 6)}
    assert emulator.requests[0].path == "/api/v1/extract/task"


def test_only_markdown_is_read_with_a_warning(examples: Path) -> None:
    data = (examples / "report.pdf").read_bytes()
    with serving({"report.pdf": data}) as source, Emulator("parse4ai", archive=False) as emulator:
        document = parser(emulator).parse(f"{source.url}/report.pdf")
    assert [notice.code for notice in document.warnings] == ["no_pages"]
    assert len(document.tables) > 1


def test_a_file_without_storage_is_refused_before_any_request() -> None:
    with Emulator("parse4ai") as emulator:
        with pytest.raises(errors.UnsupportedSource, match="no uploads") as caught:
            parser(emulator).parse(PDF, name="a.pdf")
        assert 'staging="s3://bucket/prefix"' in caught.value.hint
        assert emulator.requests == ()


def test_files_go_through_storage_of_the_users_own(s3: dict[str, Any], tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(PDF + f"File {number}".encode())
    with Emulator("parse4ai", parse=pages_of) as emulator:
        staged = parser(emulator, staging="s3://bucket/in", staging_options=s3)
        document = staged.parse(tmp_path / "0.pdf")
        outcomes = list(staged.parse_many(tmp_path))
    assert document.pages[0].blocks[0].text == "File 0"
    texts = [outcome.document.pages[0].blocks[0].text for outcome in outcomes if outcome.document]
    assert texts == ["File 0", "File 1", "File 2"]
    assert emulator.submits == 4
    # How many go out together depends on how long each takes to get into the storage.
    assert 1 <= sum(request.path.endswith("extract/task/batch") for request in emulator.requests) <= 3


def test_a_token_holds_neither_key_nor_signed_link(s3: dict[str, Any]) -> None:
    with Emulator("parse4ai", parse=pages_of) as emulator:
        staged = parser(emulator, staging="s3://bucket/in", staging_options=s3)
        job = staged.submit(PDF + b"A", name="a.pdf")
    for secret in (KEY, "s3-canary", "Signature"):
        assert secret not in job.token


def test_addresses_of_a_run_are_one_batch() -> None:
    contents = {f"{number}.pdf": PDF + f"File {number}".encode() for number in range(20)}
    with serving(contents) as source, Emulator("parse4ai", parse=pages_of) as emulator:
        options = Parse4AI(base_url=emulator.base_url, api_key=KEY)
        patient = replace(QUICK, poll=replace(QUICK.poll, together=1.5))
        given = [f"{source.url}/{name}" for name in contents]
        outcomes = list(DocParser(options, policy=patient).parse_many(given, concurrency=20))
    texts = [outcome.document.pages[0].blocks[0].text for outcome in outcomes if outcome.document]
    assert texts == [f"File {number}" for number in range(20)]
    assert sum(request.path.endswith("extract/task/batch") for request in emulator.requests) == 1
    assert emulator.submits == 20


def test_a_batch_that_is_refused_is_taken_apart(caplog: pytest.LogCaptureFixture) -> None:
    contents = {"a.pdf": PDF + b"A", "b.pdf": PDF + b"B"}
    with serving(contents) as source, Emulator("parse4ai", parse=pages_of) as emulator:
        urls = [f"{source.url}/a.pdf", f"{source.url}/1706.03762", f"{source.url}/b.pdf"]
        outcomes = list(parser(emulator).parse_many(urls))
    assert [type(outcome.error) for outcome in outcomes] == [type(None), errors.UnsupportedSource, type(None)]
    assert emulator.submits == 2


def test_a_plain_endpoint_works_and_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    # Loopback is not warned of; that any other plain endpoint is, is the engine's test.
    caplog.set_level(logging.WARNING)
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("parse4ai", parse=pages_of) as emulator:
        assert parser(emulator).parse(f"{source.url}/a.pdf").pages
    assert "not encrypted" not in caplog.text


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (Fault("extract/task", "code:-20002"), errors.AuthError, "-20002"),
        (Fault("extract/task", "code:-60017"), errors.QuotaError, "-60017"),
        (Fault("extract/task", "failed", times=2), errors.JobFailed, "-60010"),
        (Fault("extract/task", "drop_after"), errors.SubmitUncertain, ""),
    ],
)
def test_what_goes_wrong_is_told(fault: Fault, kind: type[errors.DocParseError], code: str) -> None:
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("parse4ai", parse=pages_of, faults=[fault]) as emulator:
        with pytest.raises(kind) as caught:
            parser(emulator).parse(f"{source.url}/a.pdf")
        assert caught.value.code == code
        assert emulator.submits <= fault.times


def test_a_parse_that_failed_is_tried_once_more() -> None:
    faults = [Fault("extract/task", "failed")]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("parse4ai", parse=pages_of, faults=faults) as emulator:
        assert parser(emulator).parse(f"{source.url}/a.pdf").pages
    assert emulator.submits == 2


def test_a_queue_that_is_full_is_waited_for() -> None:
    faults = [Fault("extract/task", "code:-60009", times=3)]
    with serving({"a.pdf": PDF + b"A"}) as source, Emulator("parse4ai", parse=pages_of, faults=faults) as emulator:
        assert parser(emulator).parse(f"{source.url}/a.pdf").pages
    assert emulator.submits == 1


def test_a_callback_is_repeated_until_it_is_taken_and_completes_the_job() -> None:
    with serving({"a.pdf": PDF + b"A"}, refuse=2) as server, Emulator("parse4ai", parse=pages_of) as emulator:
        waiting = parser(emulator, callback=f"{server.url}/done", seed="s")
        token = waiting.submit(f"{server.url}/a.pdf").token
        assert server.came.wait(5)
        content = verify_callback("uid-emulator", "s", server.bodies[-1])
        assert content["state"] == "done"
        assert waiting.resume(token, answer=content).pages[0].blocks[0].text == "A"
    assert len(server.bodies) == 3


def test_a_signed_address_is_in_no_document_and_no_token() -> None:
    with serving({"a.pdf": PDF + b"One."}) as source, Emulator("parse4ai", parse=pages_of) as emulator:
        job = parser(emulator).submit(f"{source.url}/a.pdf?X-Signature=url-canary")
        document = job.result()
    assert "url-canary" not in job.token + document.model_dump_json()
    assert document.source.uri == f"{source.url}/a.pdf"


def test_storage_that_fails_costs_nothing_and_tells_no_secret(s3: dict[str, Any]) -> None:
    with Emulator("parse4ai", parse=pages_of) as emulator:
        failing = parser(emulator, staging="s3://not-there/in", staging_options=s3)
        failing.policy = Policy(retry=Retry(attempts=2, base=0.01))
        with pytest.raises(errors.EndpointUnreachable, match="s3://not-there/in") as caught:
            failing.parse(PDF + b"One.", name="a.pdf")
        assert emulator.requests == ()
    assert "s3-canary" not in f"{caught.value} {failing.config!r} {DocParser.describe(failing.config)}"
