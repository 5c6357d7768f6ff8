"""The example service: accepted, followed, fetched; limits, typed failures, a full queue, and a restart that pays nothing."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.faults import Fault
from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors.config import VendorConfig
from example_modules import example
from small_files import QUICK, emulated, small

service = example("fastapi_service")
TEXT = small("# Bridge\n\nIt is closed.\n\n# Cellar\n\nIt is dry.")


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorConfig]:
    with emulated() as (_, vendor):
        yield vendor


@asynccontextmanager
async def running(folder: Path, vendor: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The service from its start to its end."""
    app = service.create_app(folder, vendor, QUICK)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client,
    ):
        yield client


def within(work: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    return asyncio.run(asyncio.wait_for(work(), seconds))


async def send(client: httpx.AsyncClient, data: bytes = TEXT, name: str = "a.pdf") -> str:
    answer = await client.post("/documents", params={"name": name}, content=data)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)


def asked_about(emulator: Emulator) -> set[str]:
    """The jobs that somebody has asked about."""
    return {value for arrival in emulator.requests for name, value in arrival.form if name == "task_id"}


async def settled(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """The state, once it is done or failed."""
    while True:
        state: dict[str, Any] = (await client.get(f"/documents/{name}")).json()
        if state["state"] in {"done", "failed"}:
            return state
        await asyncio.sleep(0.01)


def test_a_file_is_accepted_parsed_and_handed_out_with_its_places(tmp_path: Path, vendor: VendorConfig) -> None:
    async def work() -> list[dict[str, Any]]:
        async with running(tmp_path, vendor) as client:
            name = await send(client)
            assert await settled(client, name) == {"id": name, "state": "done"}
            answer = await client.get(f"/documents/{name}/chunks")
            assert str(tmp_path) not in answer.text
            chunks: list[dict[str, Any]] = answer.json()
            return chunks

    chunks = within(work)
    assert [(chunk["headings"], chunk["text"]) for chunk in chunks] == [
        (["Bridge"], "Bridge\n\nIt is closed."),
        (["Cellar"], "Cellar\n\nIt is dry."),
    ]
    page, box = chunks[1]["places"][0]
    assert page == 1
    assert box == pytest.approx([0.1, 0.5, 0.9, 0.725], abs=0.002)


def test_progress_is_told_and_chunks_are_not_there_before_they_are(tmp_path: Path) -> None:
    async def work() -> set[str]:
        with emulated(work_seconds=0.3) as (_, vendor):
            async with running(tmp_path, vendor) as client:
                name, seen = await send(client), set()
                early = await client.get(f"/documents/{name}/chunks")
                assert (early.status_code, early.headers["retry-after"]) == (409, "2")
                while (state := (await client.get(f"/documents/{name}")).json())["state"] != "done":
                    seen.add(state.get("status", state["state"]))
                    await asyncio.sleep(0.01)
                return seen

    assert "PROCESSING" in within(work)


def test_more_than_it_takes_is_refused_while_it_arrives_and_leaves_nothing(
    tmp_path: Path, vendor: VendorConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_BYTES", 1000)
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield b"x" * 400

    async def work() -> None:
        async with running(tmp_path, vendor) as client:
            answer = await client.post("/documents", params={"name": "a.pdf"}, content=endless())
            assert answer.status_code == 413
            await send(client, b"%PDF-1.4\n" + b" " * 900)

    within(work)
    assert len(list(tmp_path.glob("*.pdf"))) == 1
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["a.exe", "a", "", ".pdf", "../../a.sh"])
def test_other_types_are_refused_at_once(tmp_path: Path, vendor: VendorConfig, name: str) -> None:
    async def work() -> int:
        async with running(tmp_path, vendor) as client:
            return (await client.post("/documents", params={"name": name}, content=b"x")).status_code

    assert within(work) == 415


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, vendor: VendorConfig) -> None:
    async def work() -> list[int]:
        async with running(tmp_path / "data", vendor) as client:
            await settled(client, await send(client, name="../../../outside.pdf"))
            paths = ["/documents/..%2Fjobs", "/documents/jobs/chunks", "/documents/%2e%2e/chunks", "/documents/x%00/chunks"]
            return [(await client.get(path)).status_code for path in paths]

    assert within(work) == [404] * 4
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_too_many_that_wait_are_refused_for_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 1)
    monkeypatch.setattr(service, "WORKERS", 1)

    async def work() -> httpx.Response:
        with emulated(work_seconds=30) as (emulator, vendor):
            async with running(tmp_path, vendor) as client:
                await send(client)
                await until(lambda: emulator.submits == 1)
                await send(client, small("second"))
                return await client.post("/documents", params={"name": "c.pdf"}, content=small("third"))

    answer = within(work)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (b"%PDF-broken", None, 422),
        (b"", None, 422),
        (TEXT, "code:1108", 402),
        (TEXT, "code:1107", 500),
        (TEXT, "429", 503),
        (TEXT, "drop_after", 500),
    ],
    ids=["broken", "empty", "quota", "key", "busy", "lost"],
)
def test_failures_have_their_status_and_say_nothing_private(
    tmp_path: Path, data: bytes, code: str | None, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [Fault("*", code, times=50)] if code else []

    async def work() -> tuple[dict[str, Any], httpx.Response]:
        with emulated(faults=faults) as (_, vendor):
            async with running(tmp_path, vendor) as client:
                name = await send(client, data)
                return await settled(client, name), await client.get(f"/documents/{name}/chunks")

    with caplog.at_level(logging.ERROR):
        state, answer = within(work)
    assert (state["state"], state["code"], answer.status_code) == ("failed", status, status), (state, caplog.text)
    assert answer.json() == {"detail": state["message"]}
    for private in (str(tmp_path), "sk-emulator", "127.0.0.1", "SOMARK"):
        assert private not in json.dumps(state) + answer.text
    assert any(record.exc_info and isinstance(record.exc_info[1], DocParseError) for record in caplog.records)


def test_after_a_restart_nothing_is_paid_for_again(tmp_path: Path) -> None:
    now = [0.0]

    async def work() -> None:
        with emulated(work_seconds=5.0, clock=lambda: now[0]) as (emulator, vendor):
            async with running(tmp_path, vendor) as client:
                one = await send(client)
                await until(lambda: emulator.submits == 1)
                now[0] = 6.0
                await settled(client, one)
                two, broken = await send(client, small("Later.")), await send(client, b"broken")
                await settled(client, broken)
                await until(lambda: len(asked_about(emulator)) == 2)  # so the answer to its submit is in the store
            now[0] = 20.0  # the second was under way when the service was stopped
            submits, asked = emulator.submits, len(emulator.requests)
            (tmp_path / "left.part").write_bytes(b"half an upload")
            async with running(tmp_path, vendor) as client:
                assert (await settled(client, one))["state"] == "done"
                assert (await settled(client, broken))["code"] == 422
                assert (await settled(client, two))["state"] == "done"
                assert (await client.get(f"/documents/{two}/chunks")).json()[0]["text"] == "Later."
            _nothing_new(emulator, submits, asked)

    within(work)
    assert not list(tmp_path.glob("*.part"))


def _nothing_new(emulator: Emulator, submits: int, asked: int) -> None:
    assert emulator.submits == submits
    assert not [arrival for arrival in emulator.requests[asked:] if arrival.files]


def test_the_same_file_again_is_not_paid_for_again(tmp_path: Path) -> None:
    async def work() -> int:
        with emulated() as (emulator, vendor):
            async with running(tmp_path, vendor) as client:
                for _ in range(3):
                    assert (await settled(client, await send(client)))["state"] == "done"
            return emulator.submits

    assert within(work) == 1


def test_every_error_of_the_library_has_an_answer() -> None:
    def kinds(root: type[DocParseError]) -> Iterator[type[DocParseError]]:
        yield root
        for child in root.__subclasses__():
            yield from kinds(child)

    found = {
        kind.__name__: next(code for some, code, _ in service.ANSWERS if issubclass(kind, some))
        for kind in kinds(DocParseError)
    }
    expected = {
        402: {"QuotaError"},
        413: {"SourceTooLarge"},
        415: {"UnsupportedSource"},
        422: {"BrokenSource", "EmptySource", "EncryptedSource", "JobFailed", "SubmitRejected"},
        503: {"EndpointUnreachable", "ReplyLost", "RateLimited", "VendorUnavailable"},
        504: {"JobTimeout"},
        500: {"SubmitUncertain", "AuthError", "StoreError", "MissingKey", "ProtocolError", "LimitExceeded"},
    }
    for code, names in expected.items():
        assert {found[name] for name in names} == {code}


def test_it_runs_as_it_stands(tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCPARSE_VENDOR", raising=False)

    async def work() -> Any:
        async with running(tmp_path, None) as client:
            name = await send(client, (examples / "report.pdf").read_bytes(), "report.pdf")
            assert (await settled(client, name))["state"] == "done"
            return (await client.get(f"/documents/{name}/chunks")).json()

    assert len(within(work, 60)) == 25
