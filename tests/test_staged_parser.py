"""Parse4AI takes addresses only: a local file goes through the user's own storage, here a real S3 interface on loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, Parse4AI, errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.policy import Policy, Poll, Retry


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """What opens an empty bucket called `box`."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = server_module.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    httpx.put(f"http://{host}:{port}/box").raise_for_status()
    yield {"key": "id", "secret": "s3-canary", "endpoint_url": f"http://{host}:{port}", "skip_instance_cache": True}
    server.stop()


def parse4ai(emulator: Emulator, **options: Any) -> DocParser:
    return DocParser(Parse4AI(base_url=emulator.base_url, api_key=emulator.keys[0], **options))


def test_a_local_file_is_staged_submitted_and_parsed(s3: dict[str, Any], examples: Path) -> None:
    with Emulator("parse4ai") as emulator:
        parser = parse4ai(emulator, staging="s3://box/in", staging_options=s3)
        document = parser.parse(examples / "report.pdf")
        assert "s3-canary" not in repr(parser.config) + str(DocParser.describe(parser.config))
        submits = [arrival for arrival in emulator.requests if arrival.method == "POST"]
    assert len(document.pages) == 8
    assert any(block.kind == "table" and len(block.regions) == 3 for block in document.blocks)
    assert len(submits) == 1


def test_many_local_files_are_staged_and_submitted_in_one_request(s3: dict[str, Any], examples: Path) -> None:
    with Emulator("parse4ai") as emulator:
        parser = parse4ai(emulator, staging="s3://box/in", staging_options=s3)
        parser.policy = Policy(poll=Poll(together=2.0))
        found = list(parser.parse_many([examples / "report.pdf", examples / "report-zh.pdf", examples / "invoice-scan.pdf"]))
        posts = [arrival.path for arrival in emulator.requests if arrival.method == "POST"]
    assert [outcome.error for outcome in found] == [None] * 3
    assert [len(outcome.document.pages) for outcome in found if outcome.document] == [8, 5, 2]
    assert posts == ["/api/v1/extract/task/batch"]


def test_without_storage_a_local_file_is_refused_before_any_request(examples: Path) -> None:
    with Emulator("parse4ai") as emulator:
        with pytest.raises(errors.DocParseError, match="staging") as caught:
            parse4ai(emulator).parse(examples / "report.pdf")
        assert emulator.requests == ()
    assert caught.value.token is None


def test_storage_that_fails_costs_nothing(s3: dict[str, Any], examples: Path) -> None:
    with Emulator("parse4ai") as emulator:
        parser = parse4ai(emulator, staging="s3://not-there/in", staging_options=s3)
        parser.policy = Policy(retry=Retry(attempts=2, base=0.01))
        with pytest.raises(errors.EndpointUnreachable, match="s3://not-there/in"):
            parser.parse(examples / "report.pdf")
        assert emulator.requests == ()
