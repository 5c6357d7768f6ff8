"""Scripted faults: what each does to the answer, to the job and to the connection."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from docparse_loaders.emulator import Emulator, Fault, Service
from docparse_loaders.emulator.faults import Script
from docparse_loaders.emulator.somark import somark_app
from docparse_loaders.emulator.somark.words import CODES
from docparse_loaders.errors import ConfigError
from docparse_loaders.model import Block, Page

KEY = "sk-emulator"
PAGES = (Page(1, 595.0, 842.0, "point", 0, (Block("p1-0", "text", "One."),)),)


def running(*faults: Fault) -> Emulator:
    return Emulator("somark", faults=faults, parse=lambda data: PAGES)


def submit(emulator: Emulator, size: int = 0) -> httpx.Response:
    files = {"file": ("a.pdf", b"%PDF-1.7" + bytes(size))}
    return httpx.post(f"{emulator.base_url}/parse/async", data={"api_key": KEY}, files=files)


def check(emulator: Emulator, reply: httpx.Response) -> Any:
    task_id = reply.json()["data"]["task_id"]
    return httpx.post(f"{emulator.base_url}/parse/async_check", data={"api_key": KEY, "task_id": task_id}).json()


@pytest.mark.parametrize(("kind", "status"), [("503", 503), ("500", 500), ("429", 429)])
def test_a_status_comes_so_often_and_no_job_is_taken(kind: str, status: int) -> None:
    with running(Fault("async", kind, times=2, retry_after=1.5)) as emulator:
        replies = [submit(emulator, size=2_000_000) for _ in range(3)]
        assert [reply.status_code for reply in replies] == [status, status, 200]
        assert replies[0].headers["retry-after"] == "1.5"
        assert "retry-after" not in replies[2].headers
        assert emulator.submits == 1
        assert len(emulator.requests) == 3


def test_a_page_for_people_is_no_json() -> None:
    with running(Fault("async_check", "html")) as emulator:
        taken = submit(emulator)
        with pytest.raises(json.JSONDecodeError):
            check(emulator, taken)
        assert check(emulator, taken)["data"]["status"] == "SUCCESS"


@pytest.mark.parametrize(("kind", "jobs"), [("drop_before", 0), ("drop_after", 1)])
@pytest.mark.parametrize("size", [0, 3_000_000])
def test_a_dropped_submit_was_taken_or_not(kind: str, jobs: int, size: int) -> None:
    with running(Fault("async", kind)) as emulator:
        with pytest.raises(httpx.TransportError):
            submit(emulator, size)
        assert emulator.submits == jobs
        assert bool(emulator.requests[0].fields) == bool(jobs)
        assert submit(emulator).json()["code"] == 0


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_documented_code_can_be_demanded(code: int) -> None:
    with running(Fault("async", f"code:{code}")) as emulator:
        assert submit(emulator).json() == {"code": code, "message": CODES[code], "data": None}
        assert emulator.submits == 0


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("never", ["PROCESSING", "PROCESSING"]),
        ("failed", ["FAILED", "FAILED"]),
        ("unknown_status", ["SUCCESS", "SUCCESS"]),  # a job without working time is done before anyone asks
    ],
)
def test_the_fate_of_a_job(kind: str, statuses: list[str]) -> None:
    with running(Fault("async", kind)) as emulator:
        taken = submit(emulator)
        assert [check(emulator, taken)["data"]["status"] for _ in range(2)] == statuses


def test_a_job_may_show_a_word_that_no_document_names() -> None:
    now = [0.0]
    fault = Fault("async", "unknown_status")
    with Emulator("somark", faults=[fault], parse=lambda data: PAGES, work_seconds=5, clock=lambda: now[0]) as emulator:
        taken = submit(emulator)
        assert check(emulator, taken)["data"]["status"] == "POSTPROCESSING"
        now[0] = 5.0
        assert check(emulator, taken)["data"]["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("kind", "status"), [("unknown_status", "POSTPROCESSING"), ("never", "PROCESSING"), ("failed", "FAILED")]
)
def test_one_answer_may_be_off(kind: str, status: str) -> None:
    with running(Fault("async_check", kind)) as emulator:
        taken = submit(emulator)
        first = check(emulator, taken)["data"]
        assert (first["status"], first["result"]) == (status, None)
        assert check(emulator, taken)["data"]["status"] == "SUCCESS"


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_job_may_fail_with_any_documented_code(code: int) -> None:
    with running(Fault("async", f"failed:{code}")) as emulator:
        taken = submit(emulator)
        assert taken.json()["code"] == 0
        for _ in range(2):
            answer = check(emulator, taken)
            assert (answer["code"], answer["message"]) == (code, CODES[code])
            assert (answer["data"]["status"], answer["data"]["result"]) == ("FAILED", None)
        assert emulator.submits == 1


def test_one_answer_may_say_that_the_job_failed_with_a_code() -> None:
    with running(Fault("async_check", "failed:1106")) as emulator:
        taken = submit(emulator)
        assert [check(emulator, taken)["code"] for _ in range(2)] == [1106, 0]


def test_at_once_a_failed_job_is_its_code() -> None:
    with running(Fault("sync", "failed:1102"), Fault("sync", "failed")) as emulator:
        answers = [
            httpx.post(f"{emulator.base_url}/parse/sync", data={"api_key": KEY}, files={"file": ("a.pdf", b"%PDF-1.7")}).json()
            for _ in range(3)
        ]
    assert [answer["code"] for answer in answers] == [1102, 1137, 0]


def test_the_self_hosted_server_tells_the_reason_in_its_own_field() -> None:
    faults = [Fault("async", "failed:1137")]
    with Emulator("somark", faults=faults, parse=lambda data: PAGES, private=True, capitalised=True) as emulator:
        files = {"file": ("a.pdf", b"%PDF-1.7")}
        task_id = httpx.post(f"{emulator.base_url}/parse/async", files=files).json()["data"]["task_id"]
        answer = httpx.post(f"{emulator.base_url}/parse/async_check", data={"task_id": task_id}).json()
    assert (answer["code"], answer["data"]["status"], answer["data"]["error"]) == (1137, "failed", "Parse failed")


@pytest.mark.parametrize(
    ("kind", "fate", "failure", "code"),
    [
        ("failed", "failed", None, None),
        ("failed:1106", "failed", "1106", None),
        ("failed:-60010", "failed", "-60010", None),
        ("failed:provider_error", "failed", "provider_error", None),
        ("never", "never", None, None),
        ("unknown_status", "unknown_status", None, None),
        ("code:1106", None, None, "1106"),
        ("503", None, None, None),
        ("html", None, None, None),
    ],
)
def test_what_a_fault_says_of_a_job(kind: str, fate: str | None, failure: str | None, code: str | None) -> None:
    fault = Fault("async", kind)
    assert (fault.fate, fault.failure, fault.code) == (fate, failure, code)


@pytest.mark.parametrize("kind", ["boom", "200", "code:", "code:!", "drop", "", "failed:", "failed:!", "never:1", "failed1106"])
def test_an_unknown_fault_is_refused_when_it_is_written(kind: str) -> None:
    with pytest.raises(ConfigError, match="no fault"):
        Fault("async", kind)


def test_faults_fit_whole_path_segments() -> None:
    assert Fault("async", "503").fits("/api/v1/parse/async")
    assert not Fault("async", "503").fits("/api/v1/parse/async_check")
    assert not Fault("sync", "503").fits("/api/v1/parse/async")
    assert Fault("*", "503").fits("/anything")


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 3))), st.lists(st.sampled_from(["/x/a", "/x/b"])))
def test_a_script_plays_each_fault_as_often_as_it_says(parts: list[tuple[str, int]], paths: list[str]) -> None:
    faults = [Fault(on, "503", times=times) for on, times in parts]
    script = Script(faults)
    played = [path for path in paths if script.take(path) is not None]
    for on in ("a", "b"):
        planned = sum(times for name, times in parts if name == on)
        assert played.count(f"/x/{on}") == min(planned, paths.count(f"/x/{on}"))


def test_a_script_may_be_endless() -> None:
    def forever() -> Iterator[Fault | None]:
        while True:
            yield Fault("*", "503")
            yield None

    script = Script(forever())
    assert [script.take("/x") is not None for _ in range(6)] == [True, False] * 3


async def in_process(service: Service) -> list[str]:
    """A poll loop with the pause that the docs advise, in a world whose time is simulated."""
    app = somark_app(service)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://emulator/api/v1") as client:
        files = {"file": ("a.pdf", b"%PDF-1.7" + bytes(2_000_000))}
        taken = (await client.post("/parse/async", data={"api_key": KEY}, files=files)).json()["data"]["task_id"]
        words: list[str] = []
        while "SUCCESS" not in words:
            await trio.sleep(4)
            reply = await client.post("/parse/async_check", data={"api_key": KEY, "task_id": taken})
            words.append(reply.json()["data"]["status"])
    assert app.state.journal.submits == 1
    return words


def test_runs_in_process_under_a_virtual_clock() -> None:
    service = Service(queue_seconds=720, work_seconds=360, parse=lambda data: PAGES, clock=trio.current_time)
    words = trio.run(in_process, service, clock=MockClock(autojump_threshold=0))
    assert words == ["QUEUING"] * 179 + ["PROCESSING"] * 90 + ["SUCCESS"]


def test_a_drop_in_process_is_a_reset_connection() -> None:
    async def lost(fault: Fault) -> int:
        app = somark_app(Service(faults=[fault], parse=lambda data: PAGES))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://emulator/api/v1") as client:
            with pytest.raises(ConnectionResetError):
                await client.post("/parse/async", data={"api_key": KEY}, files={"file": ("a.pdf", b"%PDF-1.7")})
        submits: int = app.state.journal.submits
        return submits

    assert trio.run(lost, Fault("async", "drop_before")) == 0
    assert trio.run(lost, Fault("async", "drop_after")) == 1
