"""Wherever a loader is called, it gives the same Documents, leaves nothing behind, and no copy of it holds the key.

Every way of calling (sync, async) from every place: a script, a thread, 32 threads with one loader, a running loop, a
notebook's kernel, after a fork, and in a spawned worker that got the loader as a pickle.
"""

import asyncio
import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.somark import SoMark
from test_store_processes import _pages

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1))
FILE = b"%PDF-1.4\n%%EOF\nthe text"
TEXTS = ["the text"]


def _face(face: str, url: str) -> Any:
    vendor = SoMark(base_url=url, api_key="sk-emulator")
    return (
        DocParseLoader(FILE, vendor=vendor, policy=QUICK)
        if face == "langchain"
        else DocParseReader(vendor=vendor, policy=QUICK)
    )


def by_sync(face: Any) -> list[str]:
    if isinstance(face, DocParseLoader):
        return [document.page_content for document in face.load()]
    return [document.text for document in face.load_data(FILE)]


async def awaited(face: Any) -> list[str]:
    if isinstance(face, DocParseLoader):
        return [document.page_content for document in await face.aload()]
    return [document.text for document in await face.aload_data(FILE)]


def by_async(face: Any) -> list[str]:
    return asyncio.run(awaited(face))


Way = Callable[[Any], list[str]]
each_way = pytest.mark.parametrize("way", [by_sync, by_async], ids=["sync", "async"])
each_face = pytest.mark.parametrize("name", ["langchain", "llama_index"])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An endpoint; when it is gone, no thread is left, neither its own nor ours."""
    before = set(threading.enumerate())
    with Emulator("somark", parse=_pages) as emulator:
        yield emulator.base_url
    deadline = time.monotonic() + 5.0
    while left := {thread for thread in threading.enumerate() if thread not in before}:
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


@each_way
@each_face
def test_in_a_script(url: str, name: str, way: Way) -> None:
    face = _face(name, url)
    assert [way(face), way(face), way(copy.deepcopy(face))] == [TEXTS] * 3


@each_way
@each_face
def test_in_a_thread(url: str, name: str, way: Way) -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(way, _face(name, url)).result() == TEXTS


@each_way
def test_in_32_threads_that_share_a_loader(url: str, way: Way) -> None:
    face = _face("langchain", url)
    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(way, [face] * 32)) == [TEXTS] * 32


@each_face
def test_sync_in_a_running_loop(url: str, name: str) -> None:
    async def inside() -> list[list[str]]:
        found = [by_sync(face), await anyio.to_thread.run_sync(by_sync, face)]
        assert len(asyncio.all_tasks()) == 1
        return found

    face = _face(name, url)
    assert asyncio.run(inside()) == [TEXTS] * 2


@each_face
def test_async_in_a_running_loop(url: str, name: str) -> None:
    async def inside() -> list[list[str]]:
        found = await asyncio.gather(*(awaited(face) for _ in range(4)))
        assert len(asyncio.all_tasks()) == 1
        return found

    face = _face(name, url)
    assert asyncio.run(inside()) == [TEXTS] * 4


# A process of its own for the kernel's client, whose threads and warnings are not ours.
KERNEL = """
import sys
import nbformat
from nbclient import NotebookClient

cells = [nbformat.v4.new_code_cell(source) for source in sys.stdin.read().split("#%%\\n")]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
print(*(output["text"] for cell in notebook.cells for output in cell.outputs if output["output_type"] == "stream"), sep="")
"""
CELLS = """
import asyncio, json
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.vendors.somark import SoMark

def texts(documents):
    print(json.dumps([document.page_content for document in documents]))

loader = DocParseLoader({file!r}, vendor=SoMark(base_url={url!r}, api_key="sk-emulator"))
asyncio.get_running_loop()  # a cell runs in a loop already
texts(loader.load())
#%%
texts(await loader.aload())
#%%
for documents in await asyncio.gather(*(loader.aload() for _ in range(3))):
    texts(documents)
#%%
texts(loader.load())
"""


def test_in_a_notebook_s_kernel(url: str, tmp_path: Path) -> None:
    """Both ways in one kernel, as a kernel takes seconds to start."""
    source = CELLS.format(file=FILE, url=url)
    environment = os.environ | {"IPYTHONDIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    run = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, "-c", KERNEL],
        input=source,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env=environment,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert [json.loads(line) for line in run.stdout.splitlines() if line] == [TEXTS] * 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@each_way
@each_face
def test_after_a_fork(url: str, name: str, way: Way) -> None:
    """A loader that has worked in the parent works in the child, and goes on working in the parent."""
    face = _face(name, url)
    assert way(face) == TEXTS
    child = os.fork()
    if not child:
        try:
            os._exit(0 if way(face) == TEXTS else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert way(face) == TEXTS


def test_pickled_to_a_spawned_worker(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both faces and both ways in one worker, as it takes seconds to start; it has the key from its environment."""
    monkeypatch.setenv("SOMARK_API_KEY", "sk-emulator")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        for face in (_face("langchain", url), _face("llama_index", url)):
            assert [pool.submit(way, face).result(timeout=100) for way in (by_sync, by_async)] == [TEXTS] * 2


@each_face
def test_no_pickle_holds_the_key(name: str) -> None:
    face = _face(name, "http://127.0.0.1:9")
    assert b"sk-emulator" not in pickle.dumps(face)
