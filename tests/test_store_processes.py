"""A job store under processes that share it and die with it: nothing is submitted twice, nothing is lost."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Timeouts
from docparse_loaders.vendors.somark import SoMark

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), timeouts=Timeouts(job=60))

WORKER = """
import json, os, sys
from docparse_loaders import DocParser
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.policy import Limits, Policy, Poll
from docparse_loaders.vendors.somark import SoMark
import docparse_loaders.engine.transport

def tell(*what):
    os.write(1, json.dumps(what).encode() + b"\\n")  # at once, so that no two lines run together

def work(setting):
    policy = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), limits=Limits(requests_per_second=setting["rate"]))
    store = JobStore(setting["store"], lease=setting["lease"])
    parser = DocParser(SoMark(base_url=setting["url"], api_key="sk-emulator"), store=store, policy=policy)
    tell(os.getpid())
    for outcome in parser.parse_many(setting["files"], concurrency=8):
        text = outcome.document.blocks[0].text if outcome.document else f"failed: {outcome.error}"
        tell(os.getpid(), outcome.source, text)

def beget(setting):
    pid = os.fork()
    if not pid:
        work(setting)
        os._exit(0)
    return pid

setting = json.loads(sys.argv[1])
for line in sys.stdin:  # a process that has imported everything, and begets so many others at once
    for pid in [beget(setting) for _ in range(int(line))]:
        os.waitpid(pid, 0)
    tell()
"""
LONG = os.environ.get("DOCPARSE_LONG") == "1"
KILLS = 100 if LONG else 12
RATE = 10 if LONG else 50
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def _pages(data: bytes) -> list[Page]:
    """A page whose text is the file's last line: what a test can recognise a file by."""
    text = data.decode().rsplit("\n", 1)[-1]
    block = Block("p1-0", "text", text, regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
    return [Page(1, 600.0, 800.0, "point", 0, (block,))]


def _files(folder: Path, count: int) -> list[str]:
    paths = [folder / f"file{number}.pdf" for number in range(count)]
    for path in paths:
        path.write_bytes(f"%PDF-1.4\n%%EOF\n{path.stem}".encode())
    return [str(path) for path in paths]


@contextmanager
def _parent(emulator: Emulator, folder: Path, files: list[str], **more: Any) -> Iterator["subprocess.Popen[str]"]:
    setting = {"store": str(folder / "jobs.db"), "url": emulator.base_url, "files": files, "lease": 30.0, "rate": None}
    command = [sys.executable, "-c", WORKER, json.dumps(setting | more)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  (our own script)
        try:
            yield process
        finally:
            process.kill()


def _begun(process: "subprocess.Popen[str]", workers: int) -> Iterator[list[Any]]:
    """What so many workers tell until all of them are gone: first their number, then a source and its text."""
    told, asked = process.stdout, process.stdin
    assert told is not None
    assert asked is not None
    asked.write(f"{workers}\n")
    asked.flush()
    return iter(lambda: json.loads(told.readline()), [])


def _texts(told: Iterator[list[Any]]) -> list[dict[str, str]]:
    """What each worker found in which file."""
    found: dict[int, dict[str, str]] = {}
    for pid, *outcome in told:
        texts = found.setdefault(pid, {})
        if outcome:
            texts[Path(outcome[0]).stem] = outcome[1]
    return list(found.values())


def test_four_processes_submit_each_file_once(tmp_path: Path) -> None:
    files = _files(tmp_path, 12)
    with Emulator("somark", parse=_pages, work_seconds=0.2) as emulator, _parent(emulator, tmp_path, files) as parent:
        assert _texts(_begun(parent, 4)) == [{f"file{n}": f"file{n}" for n in range(12)}] * 4
        assert emulator.submits == 12


def _killed(process: "subprocess.Popen[str]", seconds: float) -> bool:
    """Beget a worker, let it work for a while and kill it; whether it was still at work."""
    told = _begun(process, 1)
    (pid,) = next(told)
    time.sleep(seconds)
    with suppress(ProcessLookupError):  # it had done all there was to do
        os.kill(pid, signal.SIGKILL)
    return len(list(told)) < KILLS


def test_a_process_that_is_killed_loses_nothing_and_pays_nothing_twice(tmp_path: Path) -> None:
    """`kill -9` at random moments: every job that SoMark accepted and told us of is gone on with."""
    rng, files, killed = random.Random(7), _files(tmp_path, KILLS), 0  # noqa: S311  (moments, not secrets)
    with Emulator("somark", parse=_pages, work_seconds=0.1) as emulator:
        with _parent(emulator, tmp_path, files, lease=0.3, rate=30) as process:
            for _ in range(KILLS):
                killed += _killed(process, rng.uniform(0.0, 0.3))
        assert killed >= KILLS / 3
        config = SoMark(base_url=emulator.base_url, api_key="sk-emulator")
        outcomes = list(DocParser(config, store=tmp_path / "jobs.db", policy=QUICK).parse_many(files))
        found = [outcome.document.blocks[0].text for outcome in outcomes if outcome.document is not None]
        doubts = [outcome for outcome in outcomes if isinstance(outcome.error, errors.SubmitUncertain)]
        assert set(found) <= {Path(file).stem for file in files}
        assert len(set(found)) + len(doubts) == KILLS
        assert len(found) <= emulator.submits <= KILLS


def test_four_processes_share_a_limit_and_no_job_is_submitted_twice(tmp_path: Path) -> None:
    """4 processes, 50 jobs, one store: never more requests in a second than allowed (10, or 50 where time is short)."""
    files = _files(tmp_path, 50)
    with Emulator("somark", parse=_pages) as emulator, _parent(emulator, tmp_path, files, rate=RATE) as parent:
        assert _texts(_begun(parent, 4)) == [{f"file{n}": f"file{n}" for n in range(50)}] * 4
        assert emulator.submits == 50
        arrivals = sorted(arrival.at for arrival in emulator.requests)
    most = max(sum(start <= other < start + 1.0 for other in arrivals[at:]) for at, start in enumerate(arrivals))
    late = RATE * 0.2  # they leave in turn, and some, a process's first above all, are on their way for longer than others
    assert most <= RATE + 1 + late
    assert len(arrivals) <= RATE * (arrivals[-1] - arrivals[0]) + 1 + late


def test_a_second_run_makes_no_request_at_all(tmp_path: Path) -> None:
    files = _files(tmp_path, 3)
    with Emulator("somark", parse=_pages) as emulator:
        config = SoMark(base_url=emulator.base_url, api_key="sk-emulator")
        for _ in range(2):
            outcomes = list(DocParser(config, store=str(tmp_path / "jobs.db"), policy=QUICK).parse_many(files))
            assert [outcome.error for outcome in outcomes] == [None] * 3
            requests = len(emulator.requests)
        assert (emulator.submits, requests) == (3, len(emulator.requests))


@pytest.mark.parametrize("keep", [True, False])
def test_results_that_are_not_kept_are_asked_for_again(tmp_path: Path, keep: bool) -> None:
    files = _files(tmp_path, 1)
    with Emulator("somark", parse=_pages) as emulator:
        config = SoMark(base_url=emulator.base_url, api_key="sk-emulator")
        store = JobStore(tmp_path / "jobs.db", keep_results=keep)
        for _ in range(2):
            assert DocParser(config, store=store, policy=QUICK).parse(files[0]).blocks[0].text == "file0"
        assert emulator.submits == 1
    with Emulator("somark", parse=_pages) as emulator:
        elsewhere = SoMark(base_url=emulator.base_url, api_key="sk-emulator")
        assert DocParser(elsewhere, store=store, policy=QUICK).parse(files[0]).blocks[0].text == "file0"
        assert emulator.submits == 1  # another endpoint knows nothing of the job
