"""What an agent gets from a library of documents, and all that it does not get."""

import os
import threading
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.chunking import estimate
from docparse_loaders.toolbox import DocumentLibrary
from docparse_loaders.toolbox.answers import fenced, fitting
from docparse_loaders.toolbox.ranking import Ranking, terms
from docparse_loaders.toolbox.shelves import Entry, Shelves

SECRET = b"%PDF-1.4 the secret of the house"
PDF = frozenset({".pdf"})


@pytest.fixture(scope="module")
def library(examples: Path) -> DocumentLibrary:
    return DocumentLibrary([examples])


def _id(library: DocumentLibrary, stem: str) -> str:
    return next(line.split(" | ")[0] for line in library.list_documents().text.split("\n") if f"| {stem}.pdf |" in line)


class TestReading:
    def test_the_documents_are_listed_by_id(self, library: DocumentLibrary) -> None:
        text = library.list_documents().text
        assert "4 documents" in text
        assert _id(library, "report").startswith("report-")
        assert "/" not in _id(library, "report")

    def test_the_outline_numbers_sections_and_tables(self, library: DocumentLibrary) -> None:
        text = library.outline(_id(library, "report")).text
        assert "section 12: 3.1 Method (p. 3)" in text
        assert "table 2: No., Address" in text

    def test_a_section_is_read_to_its_end_and_no_further(self, library: DocumentLibrary) -> None:
        answer = library.read_section(_id(library, "report"), 12)
        assert "### 3.1 Method" in answer.text
        assert "3.2 Substations" not in answer.text
        assert {citation.page_number for citation in answer.citations} <= {3, 4}

    def test_pages_are_read_by_their_numbers(self, library: DocumentLibrary) -> None:
        answer = library.read_pages(_id(library, "report"), "8")
        assert "6 Conclusions" in answer.text
        assert 8 in {citation.page_number for citation in answer.citations}

    def test_long_text_comes_in_parts_that_lose_nothing(self, examples: Path) -> None:
        library = DocumentLibrary(examples / "report.pdf", max_tokens=300)
        document = _id(library, "report")
        offset: int | None = 0
        parts = []
        while offset is not None:
            answer = library.read_pages(document, "1-3", offset)
            assert estimate(answer.text) <= 300 + 80
            parts.append(answer.text)
            offset = answer.next_offset
        assert len(parts) > 3
        whole = "".join(parts)
        assert whole.count("This report covers the twelve months") == 1
        assert "3.1 Method" in whole

    def test_what_is_found_is_cited_with_its_page(self, library: DocumentLibrary) -> None:
        document = _id(library, "report")
        answer = library.find("noise complaint pump pressure lowered", document, 1)
        assert f"[{document} p. 8]" in answer.text
        assert answer.citations[0].page_number in {7, 8}
        assert answer.citations[0].boxes

    def test_a_table_is_given_as_markdown_and_as_rows(self, library: DocumentLibrary) -> None:
        document = _id(library, "report")
        assert "| Heat pump A | Base load | 1,450 |" in library.get_table(document, 1).text
        answer = library.get_table(document, 1, "rows")
        assert '"Duty": "Base load"' in answer.text
        assert answer.citations[0].page_number == 2

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (lambda library, name: library.outline("../report.pdf"), "no document"),
            (lambda library, name: library.read_section(name, 99), "no section 99"),
            (lambda library, name: library.read_section(name, 0), "no section 0"),
            (lambda library, name: library.read_pages(name, "900"), "no pages"),
            (lambda library, name: library.get_table(name, 42), "no table 42"),
            (lambda library, name: library.get_table(name, 1, "xml"), "form='xml'"),
        ],
    )
    def test_what_is_not_there_is_said_to_the_agent(self, library: DocumentLibrary, call: object, said: str) -> None:
        assert callable(call)
        with pytest.raises(errors.ToolRefused, match=said) as caught:
            call(library, _id(library, "report"))
        assert caught.value.hint


class TestBudget:
    def test_no_document_is_parsed_when_the_pages_are_used_up(self, examples: Path) -> None:
        library = DocumentLibrary(examples, max_pages=8)
        library.outline(_id(library, "report"))
        assert library.pages_left == 0
        with pytest.raises(errors.ToolRefused, match="budget of 8 pages"):
            library.outline(_id(library, "paper"))
        assert "section 1" in library.outline(_id(library, "report")).text

    def test_a_document_is_parsed_once(self, examples: Path) -> None:
        library = DocumentLibrary(examples / "report.pdf", max_pages=100)
        for _ in range(3):
            library.outline(_id(library, "report"))
        assert library.pages_left == 92

    def test_a_file_that_was_changed_is_parsed_again(self, examples: Path, tmp_path: Path) -> None:
        target = tmp_path / "a.pdf"
        target.write_bytes((examples / "report.pdf").read_bytes())
        library = DocumentLibrary(tmp_path)
        before = library.outline(_id(library, "a")).text
        target.write_bytes((examples / "paper.pdf").read_bytes())
        assert library.outline(_id(library, "a")).text != before


class TestRoots:
    @pytest.fixture
    def house(self, tmp_path: Path) -> Path:
        """A root with a file in it, and beside it what must never be read."""
        for folder in ("root/inner", "root-evil", "outside"):
            (tmp_path / folder).mkdir(parents=True)
        for name in ("root/a.pdf", "root/inner/b.pdf"):
            (tmp_path / name).write_bytes(b"%PDF-1.4 fine")
        for name in ("outside/secret.pdf", "root-evil/secret.pdf", "root/.hidden.pdf", "secret.pdf"):
            (tmp_path / name).write_bytes(SECRET)
        return tmp_path

    def test_only_plain_files_of_the_right_kind_are_listed(self, house: Path) -> None:
        root = house / "root"
        (root / "link.pdf").symlink_to(house / "outside/secret.pdf")
        (root / "folder").symlink_to(house / "outside")
        (root / "notes.txt").write_text("no")
        os.mkfifo(root / "pipe.pdf")
        assert [entry.name for entry in Shelves([root], PDF, 1000).entries()] == ["a.pdf", "inner/b.pdf"]

    def test_no_trick_with_a_name_leads_outside(self, house: Path) -> None:
        """More than 300 names that an agent, or a file system that changed, might come up with."""
        root = house / "root"
        shelves = Shelves([root], PDF, 1000)
        (root / "link.pdf").symlink_to(house / "outside/secret.pdf")
        (root / "folder").symlink_to(house / "outside")
        (root / "far").symlink_to(root / "folder")
        steps = (
            "..",
            ".",
            "",
            "folder",
            "far",
            "inner/..",
            "root-evil",
            "%2e%2e",
            "..\\",
            "/",
            "~",
            "\0",
            "inner\0",
            "..;",
            "C:",
        )
        ends = (
            "secret.pdf",
            "outside/secret.pdf",
            "root-evil/secret.pdf",
            "../secret.pdf",
            "SECRET.PDF",
            "link.pdf",
            "/etc/passwd",
        )
        names = [f"{one}/{two}/{end}" for one, two in product(steps, repeat=2) for end in ends]
        names += [str(house / "secret.pdf"), "/proc/self/environ", "/dev/zero", "//server/share.pdf", "a.pdf/../../secret.pdf"]
        assert len(names) > 300
        for name in names:
            with pytest.raises(errors.ToolRefused):
                shelves.read(Entry("x", name, root, 1))

    def test_an_agent_s_words_are_never_taken_for_a_path(self, house: Path) -> None:
        library = DocumentLibrary(house / "root")
        for name in (
            "a.pdf",
            "../secret.pdf",
            str(house / "secret.pdf"),
            "file:///etc/passwd",
            "https://example.test/x.pdf",
            "",
        ):
            with pytest.raises(errors.ToolRefused, match="no document"):
                library.outline(name)

    def test_a_folder_that_is_swapped_for_a_link_is_not_followed(self, house: Path) -> None:
        root = house / "root"
        shelves = Shelves([root], PDF, 1000)
        entry = next(entry for entry in shelves.entries() if entry.name == "inner/b.pdf")
        (house / "outside/b.pdf").write_bytes(SECRET)
        stop = threading.Event()

        def swap() -> None:
            kept, link = house / "kept", house / "link"
            link.symlink_to(house / "outside")
            while not stop.is_set():
                (root / "inner").rename(kept)
                link.rename(root / "inner")
                (root / "inner").rename(link)
                kept.rename(root / "inner")

        thread = threading.Thread(target=swap)
        thread.start()
        try:
            read = 0
            for _ in range(2000):
                try:
                    assert shelves.read(entry) != SECRET
                    read += 1
                except errors.ToolRefused:
                    continue
        finally:
            stop.set()
            thread.join()
        assert read > 0

    def test_a_file_that_is_too_large_is_not_read(self, house: Path) -> None:
        (entry, *_) = Shelves([house / "root"], PDF, 5).entries()
        with pytest.raises(errors.SourceTooLarge):
            Shelves([house / "root"], PDF, 5).read(entry)

    def test_two_roots_with_equal_names_have_two_ids(self, house: Path) -> None:
        entries = Shelves([house / "root", house / "outside", house / "root-evil"], PDF, 1000).entries()
        assert len({entry.id for entry in entries}) == len(entries) == 4

    @pytest.mark.parametrize("roots", [[], ["/no/such/folder"]])
    def test_roots_that_list_nothing_are_refused(self, roots: list[str]) -> None:
        with pytest.raises(errors.ConfigError):
            DocumentLibrary(roots)


class TestFences:
    @given(st.text(max_size=300))
    def test_a_document_cannot_close_its_own_fence(self, text: str) -> None:
        shown = fenced(text, "doc")
        mark = shown.split("<<<", 1)[1].split(" ", 1)[0]
        assert shown.count(f"\n{mark}>>>") == 1
        assert text in shown

    @given(st.lists(st.text(min_size=1, max_size=200), max_size=20), st.integers(20, 400))
    def test_all_pieces_are_shown_once_in_their_order(self, pieces: list[str], most: int) -> None:
        offset: int | None = 0
        seen = 0
        while offset is not None:
            shown, following = fitting(pieces, offset, most, estimate)
            assert following is None or following > offset
            seen += len(shown)
            offset = following
        assert seen == len(pieces)


class TestRanking:
    def test_rare_words_count_more_than_common_ones(self) -> None:
        ranking = Ranking.of(["the pump and the valve", "the pump the pump the pump", "the store"])
        assert ranking.best("the valve", 3)[0][0] == 0
        assert ranking.best("nowhere", 3) == []

    def test_chinese_is_found_without_spaces(self) -> None:
        ranking = Ranking.of(["供热管网的第二年运行情况", "热泵和蓄热罐", "结论"])
        assert ranking.best("蓄热罐", 1)[0][0] == 1

    def test_terms_do_not_regard_case(self) -> None:
        assert terms("Heat-Pump A7") == ["heat", "pump", "a7"]
