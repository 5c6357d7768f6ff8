"""Wherever a loader is called, it gives the same Documents, leaves nothing behind, and no copy of it holds the key."""

import asyncio
import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.somark import SoMark
from test_store_processes import _pages

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1))
FILE = b"%PDF-1.4\n%%EOF\nthe text"


def _face(face: str, url: str) -> Any:
    vendor = SoMark(base_url=url, api_key="sk-emulator")
    return (
        DocParseLoader(FILE, vendor=vendor, policy=QUICK)
        if face == "langchain"
        else DocParseReader(vendor=vendor, policy=QUICK)
    )


def _sync(face: Any) -> list[str]:
    if isinstance(face, DocParseLoader):
        return [document.page_content for document in face.load()]
    return [document.text for document in face.load_data(FILE)]


async def _async(face: Any) -> list[str]:
    if isinstance(face, DocParseLoader):
        return [document.page_content for document in await face.aload()]
    return [document.text for document in await face.aload_data(FILE)]


async def _inside(face: Any) -> list[list[str]]:
    """Both ways in a running loop, which has no other task afterwards."""
    found = [_sync(face), await _async(face), *await asyncio.gather(*(_async(face) for _ in range(4)))]
    assert len(asyncio.all_tasks()) == 1
    return found


@pytest.mark.parametrize("name", ["langchain", "llama_index"])
def test_the_same_from_everywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator("somark", parse=_pages) as emulator:
        face, before = _face(name, emulator.base_url), set(threading.enumerate())
        found = [_sync(face), asyncio.run(_async(face)), *asyncio.run(_inside(face))]
        with ThreadPoolExecutor(32) as pool:
            found += pool.map(lambda _: _sync(face), range(32))
        monkeypatch.setenv("SOMARK_API_KEY", "sk-emulator")
        found += [_sync(pickle.loads(pickle.dumps(face))), _sync(copy.deepcopy(face))]  # noqa: S301  # our own bytes
        assert found == [["the text"]] * len(found)
        assert {thread for thread in threading.enumerate() if thread not in before and thread.is_alive()} == set()


@pytest.mark.parametrize("name", ["langchain", "llama_index"])
def test_no_pickle_holds_the_key(name: str) -> None:
    face = _face(name, "http://127.0.0.1:9")
    assert b"sk-emulator" not in pickle.dumps(face)
