"""The example receiver of callbacks: believed only if signed for this very job, harmless if repeated, never lost."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from docparse_loaders import Parse4AI, ParsedDocument, errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.mineru.callbacks import signed
from docparse_loaders.vendors.config import VendorConfig
from example_modules import example
from small_files import QUICK, emulated, small

webhook = example("webhook_parse4ai")
UID = "uid-emulator"


@pytest.fixture
def service() -> Iterator[tuple[Emulator, VendorConfig]]:
    with emulated("parse4ai") as found:
        yield found


def within(work: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    return asyncio.run(asyncio.wait_for(work(), seconds))


@asynccontextmanager
async def receiving(inbox: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The receiver from its start to its end, without a socket."""
    app = webhook.create_app(inbox)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        yield client


@asynccontextmanager
async def listening(inbox: Any, port: socket.socket) -> AsyncIterator[None]:
    """The receiver on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(webhook.create_app(inbox), log_level="warning"))
    serving = asyncio.create_task(server.serve([port]))
    yield
    server.should_exit = True
    await serving


def inbox_of(folder: Path, vendor: VendorConfig, url: str = "http://127.0.0.1:9") -> Any:
    return webhook.Inbox(folder, vendor, UID, url, QUICK)


def seed_of(folder: Path, number: str) -> str:
    record: dict[str, str] = webhook.json.loads((folder / f"{number}.json").read_text())
    return record["seed"]


async def submitted(inbox: Any, service: tuple[Emulator, VendorConfig], text: str = "Hello.") -> tuple[str, dict[str, Any]]:
    """A job, and what the service says of it when it is done, as content of a callback."""
    number = await inbox.submit(service[0].offer("a.pdf", small(text)))
    token = webhook.json.loads((inbox.folder / f"{number}.json").read_text())["token"]
    job = webhook.json.loads(token)["state"]["task_id"]
    key = {"Authorization": f"Bearer {service[0].keys[0]}"}
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{service[0].base_url}/v1/extract/task/{job}", headers=key)
    content: dict[str, Any] = answer.json()["data"]
    return number, content


def test_the_service_calls_back_and_the_document_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> tuple[str, list[str]]:
        with socket.create_server(("127.0.0.1", 0)) as port, emulated("parse4ai", work_seconds=0.2) as (emulator, vendor):
            inbox = inbox_of(tmp_path, vendor, f"http://127.0.0.1:{port.getsockname()[1]}")
            async with listening(inbox, port):
                number = await inbox.submit(emulator.offer("a.pdf", small("# Hello\n\nIt is done.")))
                await inbox.wait([number])
            return number, [arrival.method for arrival in emulator.requests]

    number, methods = within(work)
    document = ParsedDocument.model_validate_json((tmp_path / f"{number}.document").read_bytes())
    assert [block.text for block in document.blocks] == ["Hello", "It is done."]
    assert methods == ["POST"]  # nobody asked how far it was
    assert capsys.readouterr().out == "a.pdf: 1 pages, 2 blocks\n"


def test_forged_replayed_and_broken_callbacks_are_refused(tmp_path: Path, service: tuple[Emulator, VendorConfig]) -> None:
    async def work() -> list[int]:
        inbox = inbox_of(tmp_path, service[1])
        number, content = await submitted(inbox, service)
        other, foreign = await submitted(inbox, service, "Another.")
        good = signed(content, UID, seed_of(tmp_path, number))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t") as client:

            async def post(path: str, body: Any) -> int:
                return (await client.post(f"/callbacks/{path}", json=body)).status_code

            return [
                await post(number, signed(content, UID, "guessed")),
                await post(number, signed(content, "uid-other", seed_of(tmp_path, number))),
                await post(number, good | {"content": good["content"].replace("done", "failed")}),
                await post(number, signed(foreign, UID, seed_of(tmp_path, other))),  # signed for another job
                await post(number, {"content": "{}"}),
                await post(number, ["x"]),
                await post(number, signed(content, UID, "x") | {"content": "x" * (1 << 20)}),
                await post("0" * 32, good),
                await post("..%2fwebhook", good),
            ]

    assert within(work) == [401, 401, 401, 401, 400, 400, 413, 404, 404]
    assert not list(tmp_path.glob("*.document"))
    assert not list(tmp_path.glob("*.failed"))


def test_a_signed_answer_about_another_job_is_not_taken_for_this_one(
    tmp_path: Path, service: tuple[Emulator, VendorConfig]
) -> None:
    async def work() -> int:
        inbox = inbox_of(tmp_path, service[1])
        number, _ = await submitted(inbox, service)
        _, foreign = await submitted(inbox, service, "Another.")
        body = signed(foreign, UID, seed_of(tmp_path, number))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t") as client:
            return (await client.post(f"/callbacks/{number}", json=body)).status_code

    assert within(work) == 503
    assert not list(tmp_path.glob("*.document"))


def test_one_that_comes_twice_changes_nothing(
    tmp_path: Path, service: tuple[Emulator, VendorConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> tuple[list[int], int]:
        inbox = inbox_of(tmp_path, service[1])
        number, content = await submitted(inbox, service)
        body = signed(content, UID, seed_of(tmp_path, number))
        fetched = len(service[0].downloads)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t") as client:
            codes = [(await client.post(f"/callbacks/{number}", json=body)).status_code for _ in range(3)]
        return codes, len(service[0].downloads) - fetched

    assert within(work) == ([200, 200, 200], 1)
    assert capsys.readouterr().out.count("\n") == 1


def test_one_that_overtakes_the_answer_to_the_submit_is_asked_to_come_again(
    tmp_path: Path, service: tuple[Emulator, VendorConfig]
) -> None:
    async def work() -> list[int]:
        inbox = inbox_of(tmp_path, service[1])
        number, content = await submitted(inbox, service)
        body, record = signed(content, UID, seed_of(tmp_path, number)), tmp_path / f"{number}.json"
        whole = record.read_text()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t") as client:
            record.write_text(webhook.json.dumps({"seed": seed_of(tmp_path, number)}))
            early = await client.post(f"/callbacks/{number}", json=body)
            record.write_text(whole)
            return [early.status_code, (await client.post(f"/callbacks/{number}", json=body)).status_code]

    assert within(work) == [503, 200]


def test_a_job_that_failed_is_settled(tmp_path: Path, service: tuple[Emulator, VendorConfig]) -> None:
    async def work() -> list[int]:
        inbox = inbox_of(tmp_path, service[1])
        number, content = await submitted(inbox, service)
        failed = signed(content | {"state": "failed", "errCode": "-60003"}, UID, seed_of(tmp_path, number))
        done = signed(content, UID, seed_of(tmp_path, number))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t") as client:
            return [(await client.post(f"/callbacks/{number}", json=body)).status_code for body in (failed, done)]

    assert within(work) == [200, 200]
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".failed", ".json"]


def test_a_new_start_asks_for_what_did_not_come(tmp_path: Path, service: tuple[Emulator, VendorConfig]) -> None:
    async def work() -> None:
        number, _ = await submitted(inbox_of(tmp_path, service[1]), service)
        inbox = inbox_of(tmp_path, service[1])
        async with receiving(inbox):
            await inbox.wait([number])

    within(work)
    assert len(list(tmp_path.glob("*.document"))) == 1


def test_a_callback_finds_the_job_whose_submit_had_no_answer(tmp_path: Path) -> None:
    async def work() -> int:
        with emulated("parse4ai", faults=[Fault("extract/task", "drop_after")]) as service:
            inbox = inbox_of(tmp_path, service[1])
            number = await inbox.submit(service[0].offer("a.pdf", small("Lost and found.")))
            _, content = await submitted(inbox_of(tmp_path / "other", service[1]), service, "Lost and found.")
            body = signed(content, UID, seed_of(tmp_path, number))
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(webhook.create_app(inbox)), base_url="http://t"
            ) as client:
                return (await client.post(f"/callbacks/{number}", json=body)).status_code

    assert within(work) == 200
    [document] = tmp_path.glob("*.document")
    assert "Lost and found." in document.read_text()


def test_what_was_not_taken_leaves_nothing(tmp_path: Path, service: tuple[Emulator, VendorConfig]) -> None:
    inbox = inbox_of(tmp_path, Parse4AI(base_url=service[0].base_url, api_key="sk-wrong"))
    with pytest.raises(errors.AuthError):
        within(lambda: inbox.submit(service[0].offer("a.pdf", small("x"))))
    assert not list(tmp_path.iterdir())


def test_it_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("PARSE4AI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as port:
        free = port.getsockname()[1]
    monkeypatch.setattr(webhook, "PORT", free)
    within(webhook.main, 60)
    assert capsys.readouterr().out.splitlines()[-1] == "report.pdf: 8 pages, 82 blocks"
