"""The example of a chunker of one's own, and what every face promises of such a one."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import Chunk, ParsedDocument, StructureChunker, boxes_of, errors
from docparse_loaders.chunking import elements, together
from docparse_loaders.langchain import DocParseBlobParser, DocParseLoader
from docparse_loaders.llama_index import DocParseNodeParser, DocParseReader
from example_modules import example
from golden_ids import document_of_truth

custom = example("custom_chunker")
REPORT = document_of_truth("report")
CLAUSES: list[Chunk] = list(custom.ClauseChunker().chunk(REPORT))


def squeezed(text: str) -> str:
    return "".join(text.split())


class TestClauses:
    @pytest.mark.parametrize("name", ["report", "report-zh", "paper", "invoice-scan"])
    def test_nothing_is_lost_or_doubled(self, name: str) -> None:
        document = document_of_truth(name)
        chunks = list(custom.ClauseChunker().chunk(document))
        assert "\n\n".join(chunk.text for chunk in chunks) == "\n\n".join(block.text for block in elements(document))
        assert len({chunk.id for chunk in chunks}) == len(chunks)

    def test_each_numbered_heading_with_text_begins_one(self) -> None:
        found = [chunk.headings[-1] for chunk in CLAUSES[1:]]
        titles = [heading.text for heading in REPORT.outline.headings if re.match(r"\d", heading.text)]
        bare = {"1 Introduction", "2 The network", "3 Measured performance", "4 Supply temperature control"}
        assert found == [title for title in titles if title not in bare]

    def test_a_clause_over_pages_has_the_places_of_all_its_parts(self) -> None:
        [clause] = [chunk for chunk in CLAUSES if chunk.headings[-1] == "3.2 Substations"]
        assert (clause.page_number, clause.last_page_number) == (4, 6)
        mine = [block for block in REPORT.blocks if block.id in clause.block_ids]
        assert set(clause.regions) == {region for block in mine for region in block.regions}
        assert {region.page_number for region in clause.regions} == {4, 5, 6}

    def test_a_quotation_is_located_as_in_the_document(self) -> None:
        quote = "Heat is metered where the network leaves"
        [clause] = [chunk for chunk in CLAUSES if quote in chunk.text]
        start = clause.text.index(quote)
        assert clause.locate(start, start + len(quote)) == REPORT.find(quote) != ()

    def test_a_clause_of_text_begins_one_and_a_numbered_list_does_not(self) -> None:
        paragraphs = [block for block in REPORT.blocks if block.kind in {"text", "list"}]
        begun = custom.ClauseChunker(number=re.escape(paragraphs[3].text[:20]))
        assert [chunk.text[:20] for chunk in begun.chunk(REPORT)][1:] == [paragraphs[3].text[:20]]
        assert not any(chunk.text.startswith("1. Set right") for chunk in CLAUSES)

    def test_what_is_too_long_for_a_model_is_said(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            list(custom.ClauseChunker(warn_tokens=2000).chunk(REPORT))
        [said] = caplog.messages
        assert "page 4" in said

    def test_it_prints_where_each_clause_stands(self, capsys: pytest.CaptureFixture[str]) -> None:
        custom.main()
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 14
        assert re.fullmatch(r"pages 4–6 +\d+ tokens  boxes \d+ +3\.2 Substations .*", lines[8])


class TestFaces:
    def test_both_frameworks_give_the_same_chunks_and_ids(self, examples: Path) -> None:
        file, chunker = examples / "report.pdf", custom.ClauseChunker()
        documents = DocParseLoader(file, chunker=chunker).load()
        nodes = DocParseReader(chunker=chunker).load_data(file)
        assert [(one.id, one.page_content) for one in documents] == [(one.id_, one.text) for one in nodes]
        whole = DocParseReader(mode="document").load_data(file)
        assert [node.node_id for node in DocParseNodeParser(chunker=chunker)(whole)] == [one.id for one in documents]
        assert boxes_of(documents[8])[0].page_number == 4

    def test_other_options_give_other_ids(self, examples: Path) -> None:
        file = examples / "report.pdf"
        some = DocParseLoader(file, chunker=custom.ClauseChunker()).load()
        other = DocParseLoader(file, chunker=custom.ClauseChunker(number=f"(?:{custom.NUMBER})")).load()
        assert [one.page_content for one in some] == [one.page_content for one in other]
        assert {one.id for one in some}.isdisjoint(one.id for one in other)

    @pytest.mark.parametrize("given", [StructureChunker, "small", object(), 512], ids=["class", "word", "object", "number"])
    def test_what_is_no_chunker_is_refused_before_anything_is_read(self, given: Any) -> None:
        for make in (DocParseReader, DocParseNodeParser, DocParseBlobParser):
            with pytest.raises(errors.ConfigError, match=r"is not a chunker\. Pass StructureChunker"):
                make(chunker=given)
        with pytest.raises(errors.ConfigError, match="is not a chunker"):
            DocParseLoader("nowhere.pdf", chunker=given)

    def test_a_kept_reader_says_that_its_chunker_is_not_kept(self) -> None:
        kept = json.loads(DocParseReader(chunker=custom.ClauseChunker()).to_json())
        assert kept["chunker"] == {"chunker": "ClauseChunker", "fingerprint": custom.ClauseChunker().fingerprint()}
        with pytest.raises(errors.ConfigError, match=r"'ClauseChunker' was not kept\. Pass chunker="):
            DocParseReader.from_dict(kept)
        again = DocParseReader.from_dict(kept, chunker=custom.ClauseChunker())
        assert isinstance(again.chunker, custom.ClauseChunker)


class TestTogether:
    @given(st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=8))
    def test_whatever_is_put_together_is_located_as_before(self, sizes: list[int]) -> None:
        parts = iter(CHUNKS)
        for size in sizes:
            group = [chunk for chunk, _ in zip(parts, range(size), strict=False)]
            if not group:
                return
            _check(together(group), group)

    def test_one_alone_stays_what_it_is(self) -> None:
        one = next(chunk for chunk in CHUNKS if chunk.table)
        assert together([one]).table == one.table
        assert together([one]).text == one.text

    def test_none_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="not enough"):
            together([])


CHUNKS = list(StructureChunker(max_tokens=120).chunk(REPORT))


def _check(whole: Chunk, group: list[Chunk]) -> None:
    assert whole.body == "\n\n".join(chunk.body for chunk in group)
    assert whole.text.endswith(whole.body)
    assert whole.headings == group[0].headings
    assert set(whole.regions) == {region for chunk in group for region in chunk.regions}
    spans = [(whole.text[span.start : span.stop], span.regions) for span in whole.spans]
    assert spans == [said for chunk in group for said in _said(chunk)]


def _said(chunk: Chunk) -> Iterator[tuple[str, object]]:
    for span in chunk.spans:
        yield chunk.text[span.start : span.stop], span.regions


def test_a_document_without_blocks_has_no_clause() -> None:
    empty = ParsedDocument(**{name: getattr(REPORT, name) for name in ParsedDocument.model_fields} | {"pages": ()})
    assert list(custom.ClauseChunker().chunk(empty)) == []
