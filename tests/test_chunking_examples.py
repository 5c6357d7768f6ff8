"""Every invariant of the chunker over real documents: the examples as they are and as `local` reads them, and sample results.

Sample results are those in the folder that DOCPARSE_FIXTURES names, one folder in it for each vendor.
"""

import os
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from docparse_loaders import ParsedDocument, from_result, parse
from docparse_loaders.chunking import Chunk, StructureChunker, estimate
from docparse_loaders.errors import DocParseError
from docparse_loaders.folding import letters, words
from docparse_loaders.model import FURNITURE, Block
from docparse_loaders.tables import grid_of
from golden_ids import EXAMPLES, document_of_truth

FIXTURES = Path(os.environ.get("DOCPARSE_FIXTURES", "/nowhere"))
VENDORS = ("somark", "paddleocr", "scnet", "mineru")
BUDGETS = (64, 128, 512, 2048)
_SENTENCE = re.compile(r"(?<=[\w)$%][.!?])\s+(?=[A-Z$(])|(?<=[。！？])(?=[^”’」』）】》。！？\s])")


@cache
def _read(name: str) -> ParsedDocument | None:
    """The document of that name, None for a file that is no result."""
    if name.startswith("truth of "):
        return document_of_truth(name.removeprefix("truth of "))
    if name.startswith("local "):
        return parse(EXAMPLES / f"{name.removeprefix('local ')}.pdf")
    try:
        return from_result(FIXTURES / name, vendor=name.split("/", maxsplit=1)[0])
    except DocParseError:
        return None


def _results() -> list[str]:
    """The samples that are results, and not replies on the way to one."""
    if not FIXTURES.is_dir():
        return []
    paths = [path for vendor in VENDORS for path in sorted((FIXTURES / vendor).iterdir()) if path.name != "envelopes"]
    names = [f"{path.parent.name}/{path.name}" for path in paths]
    return [name for name in names if _read(name) is not None]


NAMES = [
    *(f"truth of {name}" for name in ("report", "report-zh", "paper", "invoice-scan")),
    *(f"local {name}" for name in ("report", "report-zh", "paper")),
    *_results(),
]
each = pytest.mark.parametrize("name", NAMES)


def _document(name: str) -> ParsedDocument:
    doc = _read(name)
    assert doc is not None
    return doc


def _chunks(doc: ParsedDocument, budget: int, **options: object) -> list[Chunk]:
    return list(StructureChunker(max_tokens=budget, **options).chunk(doc))  # type: ignore[arg-type]  # as drawn below


def _flow(doc: ParsedDocument) -> list[Block]:
    return [block for block in doc.blocks if block.kind not in FURNITURE]


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="DOCPARSE_FIXTURES names no folder of sample results")
def test_the_samples_are_results() -> None:
    assert {name.split("/")[0] for name in _results()} == set(VENDORS)
    assert sum(len(_document(name).blocks) for name in _results()) > 500


@each
@pytest.mark.parametrize("budget", BUDGETS)
def test_every_letter_of_the_text_is_in_one_chunk_in_order(name: str, budget: int) -> None:
    doc = _document(name)
    apart = {"table", "figure", "chart", "caption", "seal"}
    pages = tuple(replace(page, blocks=tuple(b for b in page.blocks if b.kind not in apart)) for page in doc.pages)
    doc = ParsedDocument.model_validate({**doc.model_dump(), "pages": pages})
    texts = (block.latex if block.kind == "equation" and block.latex else block.text for block in _flow(doc))
    said = "".join(letters(words(text)) for text in texts)
    found = "".join(letters(words(chunk.body)) for chunk in _chunks(doc, budget))
    assert found == said


@each
@pytest.mark.parametrize("budget", BUDGETS)
def test_every_row_of_a_table_is_in_a_chunk_with_its_header(name: str, budget: int) -> None:
    doc = _document(name)
    shown: dict[str, list[Chunk]] = defaultdict(list)
    for chunk in _chunks(doc, budget):
        if chunk.table is not None:
            shown[chunk.table.block_id].append(chunk)
    for block in doc.tables:
        parts, grid = shown[block.id], grid_of(block)
        cells = [letters(words(cell)) for row in grid.rows for cell in row]
        everything = letters("".join(words(chunk.body) for chunk in parts))
        if any(cells):
            assert not [cell for cell in cells if len(cell) < 40 and cell not in everything]
            rows = {row for chunk in parts if chunk.table for row in range(chunk.table.first_row, chunk.table.last_row + 1)}
            assert rows == set(range(parts[0].table.total_rows if parts[0].table else 0))
        if budget >= 512:
            heads = [letters(words(cell)) for cell in grid.rows[0]] if grid.height > 1 else []
            assert all(head in letters(words(chunk.body)) for chunk in parts for head in heads)


@each
@pytest.mark.parametrize("options", [{}, {"tables": "rows"}, {"table_format": "html"}, {"overlap": 16}], ids=str)
def test_no_chunk_is_over_budget(name: str, options: dict[str, object]) -> None:
    for budget in BUDGETS:
        for chunk in _chunks(_document(name), budget, **options):
            assert estimate(chunk.text) <= chunk.token_count <= budget
            assert chunk.text.endswith(chunk.body)


@each
def test_a_chunk_stands_below_its_headings_and_crosses_none(name: str) -> None:
    doc = _document(name)
    captions = {name for block in doc.blocks for name in block.caption_ids}
    paths = {block.id: tuple(heading.text for heading in doc.path_of(block)) for block in _flow(doc)}
    titles = {heading.block_id for heading in doc.outline.headings}
    mute = {block.id for block in doc.blocks if not (block.text or block.html or block.latex)}  # stand with what is beside them
    for budget in BUDGETS:
        for chunk in _chunks(doc, budget):
            own = [one for one in chunk.block_ids if one not in captions | mute]
            assert all(paths[one] == chunk.headings for one in own if one not in titles)
            opened = [one for one in own if one in titles]
            assert own[: len(opened)] == opened
            assert all(len(paths[above]) < len(paths[below]) for above, below in pairwise(opened))


@each
def test_places_are_those_of_the_blocks(name: str) -> None:
    doc = _document(name)
    by_id = {block.id: block for block in doc.blocks}
    for budget in BUDGETS:
        chunks = _chunks(doc, budget)
        for chunk in chunks:
            assert set(chunk.regions) <= {place for one in chunk.block_ids for place in by_id[one].regions}
            assert all(set(by_id[one].regions) & set(chunk.regions) for one in chunk.block_ids if by_id[one].regions)
            pages = [place.page_number for place in chunk.regions]
            assert pages == sorted(pages)
            assert len(set(chunk.regions)) == len(chunk.regions)
        named = {one for chunk in chunks for one in chunk.block_ids}
        wanted = {place for one in named for place in by_id[one].regions}
        assert {place for chunk in chunks for place in chunk.regions} == wanted
        assert named >= {block.id for block in _flow(doc) if block.text.strip()}


@each
def test_ids_are_unique_and_the_same_after_json(name: str) -> None:
    doc = _document(name)
    chunks = _chunks(doc, 128)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert _chunks(ParsedDocument.model_validate_json(doc.model_dump_json()), 128) == chunks


@each
def test_sentences_are_whole(name: str) -> None:
    doc = _document(name)
    bodies = [" ".join(chunk.body.split()) for chunk in _chunks(doc, 512)]
    everything = "\x00".join(bodies)
    for block in _flow(doc):
        for sentence in _SENTENCE.split(block.text) if block.kind == "text" and not block.generated else ():
            if estimate(sentence) < 384:  # and so fits beside any heading prefix
                assert " ".join(sentence.split()) in everything


@each
def test_no_heading_is_parted_from_what_follows(name: str) -> None:
    for before, after in pairwise(_chunks(_document(name), 512)):
        if set(before.kinds) == {"title"} and before.headings == after.headings:
            assert before.token_count > 256 or after.table is not None


@each
def test_what_a_chunk_says_is_found_where_the_chunk_stands(name: str) -> None:
    doc = _document(name)
    captions = {one for block in doc.blocks for one in block.caption_ids}
    for chunk in _chunks(doc, 512):
        for block in doc.blocks:
            if block.id in chunk.block_ids and block.id not in captions and block.kind == "text":
                said = block.text[:120]
                if said.strip() and said in chunk.body:
                    assert set(doc.find(said)) & set(block.regions)
