"""What an agent gets from a library of documents, and all that it does not get."""

from pathlib import Path

import pytest

from docparse_loaders import errors
from docparse_loaders.toolbox import DocumentLibrary
from docparse_loaders.toolbox.ranking import Ranking, terms


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
        assert "table 2: Table 2: Substations in the second year (85 rows, p. 4)" in text

    def test_a_section_is_read_to_its_end_and_no_further(self, library: DocumentLibrary) -> None:
        answer = library.read_section(_id(library, "report"), 12)
        assert "### 3.1 Method" in answer.text
        assert "3.2 Substations" not in answer.text
        assert {citation.page_number for citation in answer.citations} <= {3, 4}

    def test_pages_are_read_by_their_numbers(self, library: DocumentLibrary) -> None:
        answer = library.read_pages(_id(library, "report"), "8")
        assert "6 Conclusions" in answer.text
        assert 8 in {citation.page_number for citation in answer.citations}

    def test_what_is_found_is_cited_with_its_page(self, library: DocumentLibrary) -> None:
        document = _id(library, "report")
        answer = library.find("noise complaint pump pressure lowered", document, 1)
        assert f"[{document} p. 8, box 0.111 0.097 0.889 0.201]" in answer.text
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

    def test_a_file_s_name_leads_to_its_id(self, library: DocumentLibrary) -> None:
        with pytest.raises(errors.ToolRefused) as caught:
            library.outline("report.pdf")
        assert caught.value.hint == f"The id of that file is {_id(library, 'report')}. Call list_documents for the ids."


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

    def test_one_is_found_as_many_and_many_as_one(self) -> None:
        assert terms("pumps losses gas analysis status") == ["pump", "losse", "gas", "analysis", "status"]
        ranking = Ranking.of(["two pumps", "a store"])
        assert [number for number, _ in ranking.best("pump", 2)] == [0]
