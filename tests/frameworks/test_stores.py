"""Real vector stores by both frameworks' own classes: what enters comes back equal, can be filtered, and can be drawn.

uv run --group frameworks pytest -n 0 -o asyncio_default_fixture_loop_scope=function tests/frameworks
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import boxes_of

from . import langchain_stores, llama_index_stores

pytestmark = pytest.mark.filterwarnings("ignore")  # the stores' own, of which there are many
Open = Callable[[Path, Callable[[], str]], Any]
CASES = [
    pytest.param(framework, store, id=f"{framework}-{store.__name__}")
    for framework, stores in (("langchain", langchain_stores.STORES), ("llama_index", llama_index_stores.STORES))
    for store in stores
]
EVERYTHING = 1_000


def identity(document: Any) -> str:
    return str(document.metadata["chunk_id"]) + str(document.metadata["vendor"])


def text_of(document: Any) -> str:
    return str(document.page_content if hasattr(document, "page_content") else document.get_content())


@pytest.mark.parametrize(("framework", "store"), CASES)
def test_a_store(
    framework: str, store: Open, shelf: dict[str, list[Any]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    given = {identity(document): document for document in shelf[framework]}
    opened = store(tmp_path, lambda: str(request.getfixturevalue("postgres")))
    opened.add(shelf[framework])
    found = opened.search("heat", EVERYTHING)
    assert len(found) == len(given) > 50
    for document in found:
        mine = given[identity(document)]
        assert {key: document.metadata[key] for key in mine.metadata} == mine.metadata
        assert {key: type(document.metadata[key]) for key in mine.metadata} == {k: type(v) for k, v in mine.metadata.items()}
        assert text_of(document) == text_of(mine)
        assert boxes_of(document) == boxes_of(mine)
    filtered(opened, given)
    cited(opened)


def filtered(opened: Any, given: dict[str, Any]) -> None:
    """A page of a file by one vendor, and nothing else."""
    for wanted in ({"page_number": 2, "vendor": "mineru"}, {"page_number": 1, "vendor": "somark", "file_name": "report.pdf"}):
        meant = {name for name, document in given.items() if document.metadata.items() >= wanted.items()}
        assert {identity(document) for document in opened.search("heat", EVERYTHING, wanted)} == meant
        assert meant


def cited(opened: Any) -> None:
    """The best answer says where it stands, so that it can be drawn."""
    question = "Bypass valve found open; return over 45 °C for six days"
    best = opened.search(question, 3, {"vendor": "somark", "file_name": "report.pdf"})
    [hit] = [document for document in best if "Bypass valve found open" in text_of(document)]
    places = boxes_of(hit)
    assert places[0].page_number == hit.metadata["page_number"] == 7
    assert all(region.bbox is not None and region.bbox.to_pixels(1000, 1400)[3] > 0 for region in places)
