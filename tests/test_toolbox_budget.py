"""An agent cannot spend more than its host allowed: pages are held before a parse, and no document is paid for twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

import docparse_loaders as dl
from docparse_loaders import errors
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.policy import Poll, Retry, Timeouts
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.budget import PageBudget
from paper_files import a_pdf

QUICK = dl.Policy(
    timeouts=Timeouts(connect=2.0, request=5.0, job=30.0),
    retry=Retry(attempts=2, base=0.01, longest=0.02),
    poll=Poll(first=0.02, growth=1.0, longest=0.05),
)


def ids(library: DocumentLibrary) -> dict[str, str]:
    return {line.split(" | ")[1]: line.split(" | ")[0] for line in library.list_documents().body.splitlines()}


def tried(call: Callable[[], Answer]) -> str:
    """The text of an answer, or of what the agent is told instead."""
    try:
        return call().text
    except errors.DocParseError as error:
        return f"{type(error).__name__}: {error}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """16 documents of 3 pages."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for number in range(16):
        a_pdf(shelf / f"d{number:02}.pdf", 3, f"document {number}")
    return shelf


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("somark", work_seconds=0.05) as running:
        yield running


def paid(emulator: Emulator, policy: dl.Policy = QUICK, **settings: Any) -> dict[str, Any]:
    """Settings of a library whose vendor bills."""
    return {"vendor": dl.SoMark(base_url=emulator.base_url, api_key=emulator.keys[0]), "policy": policy, **settings}


class TestPageBudget:
    @given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=20), st.integers(1, 40))
    def test_what_is_held_and_spent_never_exceeds_it(self, documents: list[tuple[int, bool]], most: int) -> None:
        budget = PageBudget(most)
        spent = 0
        for pages, known in documents:
            try:
                held = budget.hold("x", pages if known else None, pages)
            except errors.ToolRefused:
                assert spent >= most or (known and pages > most - spent)
                continue
            assert held + spent <= most
            assert budget.left == most - spent - held
            budget.settle(held, held)
            spent += held
        assert budget.left == most - spent

    def test_what_does_not_fit_beside_others_waits_for_them(self) -> None:
        budget = PageBudget(10)
        first = budget.hold("a", 8, 8)
        got: list[int] = []
        thread = threading.Thread(target=lambda: got.append(budget.hold("b", 5, 5)))
        thread.start()
        thread.join(0.1)
        assert got == []
        budget.settle(first, 4)
        thread.join(10)
        assert got == [5]

    def test_what_can_never_fit_is_refused_at_once(self) -> None:
        budget = PageBudget(10)
        with pytest.raises(errors.ToolRefused, match="has 11 pages, and 10 of the budget of 10"):
            budget.hold("a", 11, 11)

    def test_a_budget_of_nothing_is_a_mistake(self) -> None:
        with pytest.raises(errors.ConfigError, match="max_pages=0"):
            PageBudget(0)


class TestAtOnce:
    """Sixteen calls at the same moment."""

    def test_for_one_document_it_is_paid_for_once(self, folder: Path, emulator: Emulator) -> None:
        library = DocumentLibrary(folder, **paid(emulator))
        name = ids(library)["d00.pdf"]
        with ThreadPoolExecutor(16) as pool:
            texts = set(pool.map(lambda _: library.read_pages(name, "2").text, range(16)))
        assert len(texts) == 1
        assert "document 0 page 2" in texts.pop()
        assert emulator.submits == 1
        assert library.pages_left == 997

    @pytest.mark.parametrize("face", ["threads", "tasks"])
    def test_for_sixteen_documents_no_more_is_spent_than_allowed(self, folder: Path, emulator: Emulator, face: str) -> None:
        library = DocumentLibrary(folder, **paid(emulator, max_pages=10))
        names = list(ids(library).values())
        if face == "threads":
            with ThreadPoolExecutor(16) as pool:
                said = list(pool.map(lambda name: tried(lambda: library.outline(name)), names))
        else:
            said = anyio.run(_all_at_once, library, names)
        assert emulator.submits == 3
        assert library.pages_left == 1
        assert sum("has 3 pages, and 1 of the budget of 10 pages are left" in text for text in said) == 13

    def test_of_unknown_length_only_the_last_goes_beyond(
        self, folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("docparse_loaders.toolbox.desk.pages_of", lambda *_: None)
        monkeypatch.setattr("docparse_loaders.toolbox.desk.guess", lambda *_: 1)
        library = DocumentLibrary(folder, **paid(emulator, max_pages=4))
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda name: tried(lambda: library.outline(name)), ids(library).values()))
        # Each was thought to have one page, so up to four were under way; nothing began once the budget was used up.
        assert 2 <= emulator.submits <= 4
        assert library.pages_left == 0

    def test_the_same_content_under_two_names_is_paid_for_once(self, folder: Path, emulator: Emulator) -> None:
        (folder / "copy.pdf").write_bytes((folder / "d00.pdf").read_bytes())
        library = DocumentLibrary(folder, **paid(emulator))
        for file in ("d00.pdf", "copy.pdf"):
            assert "document 0" in library.read_pages(ids(library)[file], "1").text
        assert emulator.submits == 1
        assert library.pages_left == 997


async def _all_at_once(library: DocumentLibrary, names: list[str]) -> list[str]:
    said: list[str] = []

    async def ask(name: str) -> None:
        try:
            said.append((await library.aoutline(name)).text)
        except errors.ToolRefused as error:
            said.append(str(error))

    async with anyio.create_task_group() as group:
        for name in names:
            group.start_soon(ask, name)
    return said


class TestOnce:
    def test_a_document_is_parsed_once(self, examples: Path) -> None:
        library = DocumentLibrary(examples / "report.pdf", max_pages=8)
        name = ids(library)["report.pdf"]
        for _ in range(3):
            library.outline(name)
        assert library.pages_left == 0
        assert "open, 8 pages" in library.list_documents().text

    def test_what_is_open_can_be_read_when_the_pages_are_used_up(self, examples: Path) -> None:
        library = DocumentLibrary(examples, max_pages=8)
        library.outline(ids(library)["report.pdf"])
        with pytest.raises(errors.ToolRefused, match="budget of 8 pages is used up") as caught:
            library.outline(ids(library)["paper.pdf"])
        assert "max_pages" in caught.value.hint
        assert "section 1" in library.outline(ids(library)["report.pdf"]).text
        assert library.find("heat pump").citations

    def test_a_file_that_was_changed_is_parsed_again(self, folder: Path, emulator: Emulator) -> None:
        library = DocumentLibrary(folder, **paid(emulator))
        name = ids(library)["d00.pdf"]
        assert "document 0" in library.read_pages(name, "1").text
        (folder / "d00.pdf").write_bytes((folder / "d01.pdf").read_bytes())
        assert "document 1" in library.read_pages(name, "1").text
        assert emulator.submits == 2

    def test_with_a_store_another_process_pays_nothing(self, folder: Path, emulator: Emulator, tmp_path: Path) -> None:
        for expected in (1000 - 3, 1000):
            library = DocumentLibrary(folder, **paid(emulator, store=str(tmp_path / "jobs.db")))
            assert "document 0" in library.read_pages(ids(library)["d00.pdf"], "1").text
            assert library.pages_left == expected
        assert emulator.submits == 1

    def test_with_a_store_what_was_put_away_is_fetched_for_nothing(
        self, folder: Path, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("docparse_loaders.toolbox.desk._REMEMBERED", 1)
        library = DocumentLibrary(folder, **paid(emulator, store=str(tmp_path / "jobs.db"), max_pages=6))
        for file in ("d00.pdf", "d01.pdf", "d00.pdf"):
            assert f"document {int(file[1:3])}" in library.read_pages(ids(library)[file], "1").text
        assert emulator.submits == 2
        assert library.pages_left == 0

    def test_a_call_that_is_cancelled_does_not_lose_what_is_paid_for(self, folder: Path) -> None:
        with Emulator("somark", work_seconds=0.5) as emulator:
            library = DocumentLibrary(folder, **paid(emulator, max_pages=3))
            name = ids(library)["d00.pdf"]

            async def impatient() -> str:
                for patience in count(1):
                    with anyio.move_on_after(0.15 if patience == 1 else 20):
                        return (await library.aread_pages(name, "3")).text
                raise AssertionError

            assert "document 0 page 3" in anyio.run(impatient)
            assert emulator.submits == 1
            assert library.pages_left == 0

    def test_a_job_that_was_taken_is_gone_on_with_and_counts_once(self, folder: Path) -> None:
        with Emulator("somark", faults=[Fault("async_check", "401")]) as emulator:
            library = DocumentLibrary(folder, **paid(emulator, max_pages=3))
            name = ids(library)["d00.pdf"]
            first, second = (tried(lambda: library.read_pages(name, "1")) for _ in range(2))
        assert first.startswith("AuthError")
        assert "document 0 page 1" in second
        assert emulator.submits == 1
        assert library.pages_left == 0

    def test_jobs_that_fail_use_up_the_budget_too(self, folder: Path) -> None:
        """Otherwise an agent that tries again and again could spend without end."""
        with Emulator("somark", faults=[Fault("async", "failed:1102")] * 9) as emulator:
            library = DocumentLibrary(folder, **paid(emulator, max_pages=7))
            name = ids(library)["d00.pdf"]
            said = [tried(lambda: library.outline(name)) for _ in range(5)]
        assert emulator.submits == 2
        assert "1 of the budget of 7 pages are left" in said[-1]

    def test_what_never_reached_a_vendor_costs_nothing(self, folder: Path) -> None:
        with Emulator("somark") as emulator:
            library = DocumentLibrary(folder, **paid(emulator, max_pages=3))
        assert "EndpointUnreachable" in tried(lambda: library.outline(ids(library)["d00.pdf"]))
        assert library.pages_left == 3

    def test_a_library_that_is_closed_ends_what_is_under_way(self, folder: Path) -> None:
        with Emulator("somark", work_seconds=60) as emulator:
            with DocumentLibrary(folder, **paid(emulator)) as library:
                name = ids(library)["d00.pdf"]
                said: list[str] = []
                thread = threading.Thread(target=lambda: said.append(tried(lambda: library.outline(name))))
                thread.start()
                while not emulator.submits:
                    thread.join(0.05)
            thread.join(20)
            assert not thread.is_alive()
            assert said == ["ToolRefused: this library was closed meanwhile. Nothing more can be read."]
            assert "closed" in tried(lambda: library.outline(name))
            assert emulator.submits == 1

    def test_a_library_works_in_any_event_loop(self, examples: Path) -> None:
        library = DocumentLibrary(examples / "paper.pdf")
        for backend in ("asyncio", "trio"):
            answer = anyio.run(library.afind, "the results", ids(library)["paper.pdf"], backend=backend)
            assert answer.citations

    def test_a_key_that_is_missing_is_missed_at_once(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in ("SOMARK_API_KEY", "SOMARK_BASE_URL"):
            monkeypatch.delenv(variable, raising=False)
        with pytest.raises(errors.MissingKey):
            DocumentLibrary(folder, vendor="somark")
