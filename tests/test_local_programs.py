"""Programs that in-process work runs: in a folder of their own, in bounded time, and never left behind."""

import json
import os
import sys
import threading
import time
from pathlib import Path

import anyio
import pytest
from pydantic import JsonValue

from docparse_loaders.engine.inprocess import run as run_in_process
from docparse_loaders.engine.tools import Workshop
from docparse_loaders.source import Source
from docparse_loaders.vendors.programs import FOLDER, Program, Tools
from docparse_loaders.vendors.protocol import InProcess

POSIX = pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX")


def python(code: str, seconds: float = 60, files: dict[str, bytes] | None = None, result: str = "out") -> Program:
    return Program((sys.executable,), ("-c", code), files or {}, result, seconds)


def test_a_program_finds_its_files_and_its_result_is_brought_back() -> None:
    code = "import pathlib; pathlib.Path('out').write_bytes(pathlib.Path('in/a').read_bytes()[::-1])"
    assert Workshop().run(python(code, files={"in/a": b"abc"})).data == b"cba"


def test_the_folder_is_a_place_of_its_own_and_gone_afterwards() -> None:
    code = "import os, sys; open('out', 'w').write(os.getcwd() + '\\n' + sys.argv[1])"
    program = python(code)
    ran = Workshop().run(Program(program.names, (*program.arguments, f"x={FOLDER}/y"), {}, "out", 60))
    folder, told = ran.data.decode().split("\n")
    assert told == f"x={Path(folder).as_uri()}/y"
    assert not Path(folder).exists()


def test_a_program_that_is_not_there_is_missing() -> None:
    ran = Workshop().run(Program(("no-such-program", "/no/such/path"), (), {}, "out", 1))
    assert (ran.fault, "no-such-program" in ran.message) == ("missing", True)


def test_the_last_words_of_a_failure_are_told() -> None:
    ran = Workshop().run(python("import sys; print('first'); sys.exit('it was my fault')"))
    assert (ran.fault, ran.message) == ("failed", "it was my fault")


@pytest.mark.parametrize(
    "name", ["SOMARK_API_KEY", "PADDLEOCR_ACCESS_TOKEN", "MINERU_TOKEN", "AWS_SECRET_ACCESS_KEY", "db_password"]
)
def test_a_program_is_given_no_secret_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("DOCPARSE_TEST", "plain")
    told = Workshop().run(python("import json, os; json.dump(dict(os.environ), open('out', 'w'))")).data
    assert b"canary" not in told
    assert json.loads(told)["DOCPARSE_TEST"] == "plain"


def test_a_large_output_does_not_block() -> None:
    ran = Workshop().run(python("print('x' * 3_000_000); open('out', 'w').write('done')"))
    assert ran.data == b"done"


@POSIX
def test_after_its_time_a_program_is_ended_with_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    code = f"import subprocess, sys, time; open({str(note)!r}, 'w').write(str({child}.pid)); time.sleep(60)"
    started = time.monotonic()
    assert Workshop().run(python(code, seconds=8)).fault == "timeout"
    assert time.monotonic() - started < 30
    assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds; one that waits for its new parent to notice has ended."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_closed_workshop_ends_what_runs_and_starts_nothing() -> None:
    workshop = Workshop()
    timer = threading.Timer(1.0, workshop.close)
    timer.start()
    started = time.monotonic()
    assert workshop.run(python("import time; time.sleep(60)")).fault == "failed"
    assert time.monotonic() - started < 20
    assert workshop.run(python("open('out', 'w').write('x')")).data == b""
    timer.join()


def shout(data: bytes, options: JsonValue) -> JsonValue:
    """Work for another interpreter."""
    return [data.decode().upper(), options, os.getpid()]


def fail(data: bytes, options: JsonValue) -> JsonValue:
    """Work that cannot be done."""
    raise ValueError(f"cannot read {data!r}")


def test_work_is_done_in_another_interpreter() -> None:
    ran = Workshop().apart(f"{__name__}:shout", b"abc", {"a": 1}, 60)
    text, options, pid = json.loads(ran.data)
    assert (text, options) == ("ABC", {"a": 1})
    assert pid != os.getpid()


def test_what_work_raises_there_is_told() -> None:
    ran = Workshop().apart(f"{__name__}:fail", b"abc", None, 60)
    assert (ran.fault, ran.message) == ("failed", "ValueError: cannot read b'abc'")


def test_a_frozen_program_has_no_other_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert json.loads(Workshop().apart(f"{__name__}:shout", b"abc", None, 60).data) == ["ABC", None, os.getpid()]


NOTES: dict[str, float] = {}


def wait_long(data: bytes, options: JsonValue, tools: Tools) -> JsonValue:
    """Work that runs a program for a minute."""
    NOTES["begun"] = time.monotonic()
    tools.run(python("import time; time.sleep(60)"))
    NOTES["ended"] = time.monotonic()
    return None


def test_cancelled_work_ends_the_program_that_it_runs() -> None:
    async def cancelled() -> None:
        with anyio.move_on_after(2):
            await run_in_process(InProcess(f"{__name__}:wait_long"), None, Source.of(b"abc", name="a.pdf"))

    anyio.run(cancelled)
    for _ in range(100):
        if "ended" in NOTES:
            break
        time.sleep(0.1)
    assert NOTES["ended"] - NOTES["begun"] < 20
