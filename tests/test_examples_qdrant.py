"""The example that keeps a folder in Qdrant: killed, crashed, changed, shrunken, gone and broken files."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from qdrant_client import QdrantClient

from docparse_loaders.emulator import Emulator
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.somark import SoMark
from example_modules import FOLDER, example
from offline import environment
from small_files import QUICK, emulated, pages_of, small, written

ingest = example("ingest_folder_qdrant")
LONG = "\n\n".join(f"# Part {part}\n\nThe pump {part} was renewed in spring." for part in "ABC")

WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import ingest_folder_qdrant as example
from docparse_loaders import JobStore, SoMark
from docparse_loaders.langchain import DocParseLoader
from small_files import QUICK
folder, index = Path(sys.argv[2]), Path(sys.argv[3])
store = JobStore(index / "jobs.db", lease=0.5)
loader = DocParseLoader(folder, vendor=SoMark(), store=store, policy=QUICK, concurrency=2, on_error="collect")
example.ingest(loader, example.vectors_in(example.opened(index), example.WordEmbedding()))
"""


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Emulator, VendorConfig]]:
    with emulated() as found:
        yield found


@pytest.fixture
def client() -> Iterator[QdrantClient]:
    client = QdrantClient(":memory:")
    yield client
    client.close()


class Folder:
    """A folder, its index in memory, and the vendor that parses it."""

    def __init__(self, path: Path, client: QdrantClient, vendor: VendorConfig) -> None:
        self.path = path / "inbox"
        self.client = client
        self._vendor = vendor
        self._store = JobStore(path / "jobs.db", lease=0.5)

    def run(self, embedding: Any = None) -> None:
        loader = DocParseLoader(self.path, vendor=self._vendor, store=self._store, policy=QUICK, on_error="collect")
        ingest.ingest(loader, ingest.vectors_in(self.client, embedding or ingest.WordEmbedding()))

    def texts(self) -> dict[str, list[str]]:
        return _texts(self.client)


@pytest.fixture
def folder(tmp_path: Path, client: QdrantClient, service: tuple[Emulator, VendorConfig]) -> Folder:
    made = Folder(tmp_path, client, service[1])
    written(made.path, a=LONG, b="# Bridge\n\nIt is closed.", c="# Cellar\n\nIt is dry.")
    return made


def _texts(client: QdrantClient) -> dict[str, list[str]]:
    """What stands in the collection, by file."""
    found: dict[str, list[str]] = {}
    for point in client.scroll(ingest.COLLECTION, limit=1000)[0]:
        payload = point.payload or {}
        found.setdefault(payload["metadata"]["file_name"], []).append(payload["page_content"])
    return {name: sorted(texts) for name, texts in found.items()}


def test_a_second_run_sends_and_embeds_nothing(
    folder: Folder, service: tuple[Emulator, VendorConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    folder.run()
    before, submits = folder.texts(), service[0].submits
    assert {name: len(texts) for name, texts in before.items()} == {"a.pdf": 3, "b.pdf": 1, "c.pdf": 1}
    capsys.readouterr()
    folder.run(_Broken(after=0))
    assert capsys.readouterr().out.splitlines() == [
        "a.pdf: 3 chunks, 0 embedded, 0 old ones deleted",
        "b.pdf: 1 chunks, 0 embedded, 0 old ones deleted",
        "c.pdf: 1 chunks, 0 embedded, 0 old ones deleted",
        "0 chunks of files that are gone deleted",
    ]
    assert (folder.texts(), service[0].submits) == (before, submits)


def test_a_changed_file_leaves_nothing_behind_and_the_rest_alone(
    folder: Folder, service: tuple[Emulator, VendorConfig], capsys: pytest.CaptureFixture[str]
) -> None:
    folder.run()
    submits = service[0].submits
    (folder.path / "a.pdf").write_bytes(small("# Part A\n\nThe pump A was sold."))  # changed and shrunken
    (folder.path / "b.pdf").write_bytes(small(""))  # nothing is left in it
    (folder.path / "c.pdf").unlink()
    capsys.readouterr()
    folder.run()
    assert folder.texts() == {"a.pdf": ["Part A\n\nThe pump A was sold."]}
    assert service[0].submits == submits + 2
    said = capsys.readouterr().out.splitlines()
    assert "a.pdf: 1 chunks, 1 embedded, 3 old ones deleted" in said
    assert "b.pdf: 0 chunks, 0 embedded, 1 old ones deleted" in said
    assert said[-1] == "1 chunks of files that are gone deleted"


def test_a_file_that_fails_keeps_its_chunks_and_is_named(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.run()
    before = folder.texts()
    (folder.path / "b.pdf").write_bytes(b"no longer a PDF")
    folder.run()
    assert folder.texts() == before
    assert "b.pdf: failed, and keeps the chunks that it has: " in capsys.readouterr().out


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "missing"])
def test_a_drive_that_is_not_there_deletes_nothing(folder: Folder, empty: bool, capsys: pytest.CaptureFixture[str]) -> None:
    folder.run()
    before = folder.texts()
    folder.path.rename(folder.path.with_name("elsewhere"))
    if empty:
        folder.path.mkdir()
    folder.run()
    assert folder.texts() == before
    assert "failed" in capsys.readouterr().out


class _Broken(Embeddings):
    """Fails when it is asked to embed once more than it may be."""

    def __init__(self, after: int) -> None:
        self._left = after + 1  # LangChain embeds a word of its own first, to compare sizes
        self._works = ingest.WordEmbedding()

    def embed_query(self, text: str) -> list[float]:
        return list(self._works.embed_query(text))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if texts and self._left == 0:
            raise RuntimeError("the embedding service is down")
        self._left -= 1
        return list(self._works.embed_documents(texts))


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_run_that_crashed_is_gone_on_with(folder: Folder, service: tuple[Emulator, VendorConfig], after: int) -> None:
    submits = service[0].submits
    with pytest.raises(RuntimeError, match="is down"):
        folder.run(_Broken(after))
    folder.run()
    assert {name: len(texts) for name, texts in folder.texts().items()} == {"a.pdf": 3, "b.pdf": 1, "c.pdf": 1}
    assert service[0].submits == submits + 3


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_killed_in_the_middle_it_submits_no_file_twice(tmp_path: Path) -> None:
    inbox, index = tmp_path / "inbox", tmp_path / "index"
    written(inbox, **{name: f"# {name}\n\nIt is {name}." for name in "abcdef"})
    index.mkdir()
    now = [0.0]
    slow: dict[str, Any] = {"clock": lambda: now[0], "work_seconds": lambda number: 9.0 if number in {3, 4} else 0.0}
    with Emulator("somark", parse=pages_of, **slow) as emulator:
        _run_until_killed(emulator, tmp_path, inbox, index)
        assert emulator.submits == 4  # two are done, two under way
        now[0] = 10.0
        client = ingest.opened(index)
        assert set(_texts(client)) == {"a.pdf"}
        vendor = SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
        loader = DocParseLoader(inbox, vendor=vendor, store=JobStore(index / "jobs.db", lease=0.5), policy=QUICK)
        ingest.ingest(loader, ingest.vectors_in(client, ingest.WordEmbedding()))
        assert _texts(client) == {f"{name}.pdf": [f"{name}\n\nIt is {name}."] for name in "abcdef"}
        assert emulator.submits == 6
        assert sorted(_sent(emulator)) == [f"{name}.pdf" for name in "abcdef"]
        client.close()


def _sent(emulator: Emulator) -> list[str]:
    """The name of each file that was submitted."""
    return [name for arrival in emulator.requests for _, name, _ in arrival.files]


def _asked_about(emulator: Emulator) -> set[str]:
    """The jobs that somebody has asked about."""
    return {value for arrival in emulator.requests for name, value in arrival.form if name == "task_id"}


def _run_until_killed(emulator: Emulator, home: Path, inbox: Path, index: Path) -> None:
    variables = environment(home) | emulator.environment
    variables["PYTHONPATH"] = os.pathsep.join((variables["PYTHONPATH"], str(Path(__file__).parent)))
    command = [sys.executable, "-u", "-c", WORKER, str(FOLDER), str(inbox), str(index)]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own script
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("a.pdf: ")
        for _ in range(1000):
            if len(_asked_about(emulator)) == 4:  # so the answers to all submits have arrived, and are in the store
                break
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()


def test_it_runs_as_it_stands_and_cites_page_and_box(
    examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DOCPARSE_VENDOR", "QDRANT_URL"):
        monkeypatch.delenv(name, raising=False)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "report.pdf").write_bytes((examples / "report.pdf").read_bytes())
    assert ingest.main(inbox, "Who runs the electric boiler?", tmp_path / "index") == 0
    out = capsys.readouterr().out
    assert re.search(r"^report\.pdf: 25 chunks, 25 embedded, 0 old ones deleted$", out, re.MULTILINE)
    found = re.search(r"report\.pdf, page 2, box (\S+) (\S+) (\S+) (\S+): .*2\.1\.2 Electric boiler$", out, re.MULTILINE)
    assert found is not None
    left, top, right, bottom = map(float, found.groups())
    assert 0 < left < right < 1
    assert 0 < top < bottom < 1
    (inbox / "report.pdf").write_bytes(b"broken")
    assert ingest.main(inbox, "boiler", tmp_path / "index") == 1
