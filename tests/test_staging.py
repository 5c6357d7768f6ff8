"""Documents put into the user's own storage: a real S3 interface on loopback, with links that anybody can fetch."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Stage
from docparse_loaders.engine.staging import stage
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Staging

pytestmark = pytest.mark.anyio
SOURCE = Source.of(b"%PDF-1.4 " + bytes(range(256)) * 300, name="a.pdf")
NAME = f"{SOURCE.facts.sha256}.pdf"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """What opens an empty bucket called `bucket` on loopback."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = server_module.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.put(f"{url}/bucket").raise_for_status()
    client = {"region_name": "us-east-1"}
    yield {"key": "id", "secret": "s3-canary", "endpoint_url": url, "client_kwargs": client, "skip_instance_cache": True}
    server.stop()


async def test_a_document_is_put_there_once_and_its_link_is_signed(s3: dict[str, Any]) -> None:
    to = Stage("s3://bucket/in box", s3, seconds=600)
    first = await stage(Staging(NAME), to, SOURCE)
    again = await stage(Staging(NAME), to, Source(SOURCE.facts, _never))
    for reply in (first, again):
        assert isinstance(reply.json, dict)
        url = str(reply.json["url"])
        assert urlsplit(url).path == f"/bucket/in%20box/{NAME}"
        assert "Signature=" in url
        assert "s3-canary" not in url + repr(to)
        async with httpx.AsyncClient() as client:
            assert (await client.get(url)).content == SOURCE.read()


async def test_a_bucket_that_does_not_exist_is_a_clear_error(s3: dict[str, Any]) -> None:
    with pytest.raises(errors.EndpointUnreachable, match="s3://nowhere/x did not take the file") as caught:
        await stage(Staging(NAME), Stage("s3://nowhere/x", s3), SOURCE)
    assert "s3-canary" not in str(caught.value)


async def test_storage_that_cannot_sign_is_refused() -> None:
    with pytest.raises(errors.ConfigError, match="memory:// cannot sign links"):
        await stage(Staging(NAME), Stage("memory://box"), SOURCE)


@pytest.mark.parametrize("folder", ["nosuch://bucket", "s4://bucket/x"])
async def test_storage_that_nobody_knows_is_refused(folder: str) -> None:
    with pytest.raises(errors.ConfigError, match="is not storage"):
        await stage(Staging(NAME), Stage(folder), SOURCE)


async def test_without_storage_there_is_nowhere_to_put_it() -> None:
    with pytest.raises(errors.ConfigError, match="no storage"):
        await stage(Staging(NAME), None, SOURCE)


def _never() -> Any:
    raise AssertionError
