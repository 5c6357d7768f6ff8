"""From the PDF to the chunk, against what the PDF was made from: joins, outline, places and words."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import ParsedDocument, SoMark, StructureChunker, parse
from docparse_loaders.chunking import Chunk
from docparse_loaders.emulator import Emulator
from docparse_loaders.model import Block
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.tables import grid_of

EXAMPLES = Path(__file__).parent.parent / "examples" / "data"
NAMES = ["report", "report-zh"]
VENDORS = ["local", "somark"]
EACH = pytest.mark.parametrize(("name", "vendor"), [(name, vendor) for name in NAMES for vendor in VENDORS])
# LiteParse, which reads the page for both vendors, writes these in ASCII.
_ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "−": "-", "—": "-", "–": "-", "\xad": None})


@cache
def _truth(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.truth.json").read_text(encoding="utf-8"))
    return found


@cache
def _document(name: str, vendor: str) -> ParsedDocument:
    if vendor == "local":
        return parse(EXAMPLES / f"{name}.pdf")
    with Emulator("somark") as emulator:
        config = SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
        return parse(EXAMPLES / f"{name}.pdf", vendor=config, policy=Policy(poll=Poll(first=0.05)))


@cache
def _chunks(name: str, vendor: str, budget: int) -> tuple[Chunk, ...]:
    return tuple(StructureChunker(max_tokens=budget).chunk(_document(name, vendor)))


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text.translate(_ASCII))


def _joined(name: str, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in _truth(name)["joined"] if entry["kind"] == kind and len(entry["block_ids"]) > 1]


def _pages(name: str, entry: dict[str, Any]) -> list[int]:
    by_id = {block["id"]: block for block in _truth(name)["blocks"]}
    return [by_id[block_id]["page"] for block_id in entry["block_ids"]]


def _found(name: str, vendor: str, kind: str) -> list[Block]:
    return [block for block in _document(name, vendor).blocks if block.kind == kind and len(block.regions) > 1]


def test_there_is_something_to_compare() -> None:
    assert [len(_joined(name, "table")) for name in NAMES] == [2, 1]
    assert all(_joined(name, "text") for name in NAMES)


@EACH
def test_tables_over_pages_are_whole_and_know_their_places(name: str, vendor: str) -> None:
    found = _found(name, vendor, "table")
    assert len(found) == len(_joined(name, "table"))
    for block, entry in zip(found, _joined(name, "table"), strict=True):
        assert [[_plain(cell) for cell in row] for row in grid_of(block).rows] == [
            [_plain(c) for c in row] for row in entry["cells"]
        ]
        assert [region.page_number for region in block.regions] == _pages(name, entry)


@EACH
def test_paragraphs_over_pages_are_whole_and_know_their_places(name: str, vendor: str) -> None:
    found = {_plain(block.text): block for block in _found(name, vendor, "text")}
    for entry in _joined(name, "text"):
        block = found[_plain(entry["text"])]
        assert [region.page_number for region in block.regions] == _pages(name, entry)
        chinese = re.search(r"[\u4e00-\u9fff]\s+[\u4e00-\u9fff]", block.text)
        assert chinese is None, "no space comes between Chinese characters at a join"


@EACH
def test_the_outline(name: str, vendor: str) -> None:
    found = [(heading.level, _plain(heading.text), heading.page_number) for heading in _document(name, vendor).outline.headings]
    assert found == [(entry["level"], _plain(entry["text"]), entry["page"]) for entry in _truth(name)["outline"]]


@EACH
@pytest.mark.parametrize("budget", [120, 512, 4000])
def test_every_paragraph_and_list_is_in_the_chunks(name: str, vendor: str, budget: int) -> None:
    bullets = str.maketrans("", "", "•-")  # a chunk begins each item with "- "
    everything = _plain("".join(chunk.body for chunk in _chunks(name, vendor, budget))).translate(bullets)
    wanted = [
        _plain(entry["text"]) for entry in _truth(name)["joined"] if entry["kind"] in {"text", "list", "title", "caption"}
    ]
    missing = [text[:60] for text in wanted if text.translate(bullets) not in everything]
    assert not missing


@EACH
@pytest.mark.parametrize("budget", [200, 512])
def test_no_table_row_is_cut_and_every_part_has_its_header(name: str, vendor: str, budget: int) -> None:
    for entry in _joined(name, "table"):
        rows = ["|".join(_plain(cell) for cell in row) for row in entry["cells"]]
        header, parts = rows[0], [chunk for chunk in _chunks(name, vendor, budget) if chunk.table and header_in(chunk, rows[0])]
        assert len(parts) > 1
        lines = [_line(line) for chunk in parts for line in chunk.body.splitlines() if line.startswith("|")]
        assert [line for line in lines if line in rows and line != header] == rows[1:]
        assert lines.count(header) == len(parts)


def header_in(chunk: Chunk, header: str) -> bool:
    return any(_line(line) == header for line in chunk.body.splitlines())


def _line(line: str) -> str:
    return "|".join(_plain(cell) for cell in line.strip("|").split(" | "))


@EACH
def test_chunks_stand_where_their_words_stand(name: str, vendor: str) -> None:
    by_text = {_plain(b["text"]): b for b in _truth(name)["blocks"] if b["kind"] == "text" and len(b["text"]) > 80}
    checked = 0
    for block in _document(name, vendor).blocks:
        true = by_text.get(_plain(block.text))
        if true is None or len(block.regions) != 1:
            continue
        box = block.regions[0].bbox
        assert block.page_number == true["page"]
        assert box is not None
        assert tuple(box) == pytest.approx(true["bbox"], abs=0.02)
        checked += 1
    assert checked > 10


@EACH
def test_furniture_is_in_the_document_and_in_no_chunk(name: str, vendor: str) -> None:
    furniture = {_plain(b["text"]) for b in _truth(name)["blocks"] if b["kind"] in {"header", "footer"}}
    kept = {_plain(block.text) for block in _document(name, vendor).blocks if block.kind in {"header", "footer"}}
    assert kept & furniture
    assert not any(text in _plain(chunk.body) for chunk in _chunks(name, vendor, 512) for text in furniture)
