"""Thousands of small jobs through one process: it keeps nothing of a document that it has given away."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders.emulator import Emulator
from test_store_processes import _pages

LONG = os.environ.get("DOCPARSE_LONG") == "1"
JOBS = 5000 if LONG else 160
BYTES_A_JOB = 200
"""Less than anything that one could keep of a document: an empty dict and its entry in a list are more."""

WORKER = """
import gc, json, os, sys, tracemalloc
from pathlib import Path
from docparse_loaders import DocParser
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.somark import SoMark

def held():
    gc.collect()
    pages = Path("/proc/self/statm").read_text().split()[1] if os.path.exists("/proc/self/statm") else 0
    return tracemalloc.get_traced_memory()[0], int(pages) * os.sysconf("SC_PAGE_SIZE")

def main(url, store, jobs):
    sources = (b"%%PDF-1.4\\n%%%%EOF\\nfile%d" % number for number in range(jobs))
    policy = Policy(poll=Poll(first=0.01, growth=1.1, longest=0.1, per_second=1e6))
    parser = DocParser(SoMark(base_url=url, api_key="sk-emulator"), store=store, policy=policy)
    found, marks = [], []
    for number, outcome in enumerate(parser.parse_many(sources, concurrency=8), 1):
        if outcome.document is None or outcome.document.blocks[0].text != f"file{number - 1}":
            found.append(repr(outcome.error))
        del outcome
        if number == jobs // 4:
            tracemalloc.start()
        if number in (jobs // 2, jobs):
            marks.append(held())
    print(json.dumps({"wrong": found, "marks": marks, "threads": len(os.listdir("/proc/self/task"))
        if os.path.isdir("/proc/self/task") else 1}))

main(sys.argv[1], sys.argv[2] or None, int(sys.argv[3]))
"""


def _worked(url: str, store: str) -> dict[str, Any]:
    command = [sys.executable, "-c", WORKER, url, store, str(JOBS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1000, check=False)  # noqa: S603  (our own script)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("stored", [False, True] if LONG else [True])
def test_memory_is_flat(tmp_path: Path, stored: bool) -> None:
    with Emulator("somark", parse=_pages) as emulator:
        told = _worked(emulator.base_url, str(tmp_path / "jobs.db") if stored else "")
        assert emulator.submits == JOBS
    assert told["wrong"] == []
    (middle, resident), (end, at_last) = told["marks"]
    figures = f"{JOBS} jobs: {middle} → {end} bytes of objects, {resident} → {at_last} resident"
    assert end - middle < JOBS // 2 * BYTES_A_JOB + 20_000, figures
    assert at_last - resident < 4 << 20, figures
    assert told["threads"] <= 16
