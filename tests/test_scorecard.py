"""The bars of chunking on tagged documents, as `benchmarks/scorecard.py` prints them; and that it sees what is wrong."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest

from docparse_loaders.chunking import Chunk, StructureChunker, estimate
from docparse_loaders.model import FURNITURE, BBox, Region

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from scorecard import AIMS, BARS, Card, Score, head_lines, line, score
from tagged import SCRIPTS, Tagged, flow, said_by, signs, tagged

SECTIONS = 8
Mode = Literal["whole", "rows"]


@cache
def made(script: str, seed: int = 7) -> Tagged:
    return tagged(script, SECTIONS, seed)


def missed(found: Score, names: Sequence[str]) -> list[str]:
    return [miss for miss in found.misses if miss.startswith(tuple(f"{name}:" for name in names))]


def test_the_documents_have_everything() -> None:
    for script in SCRIPTS:
        document = made(script).document
        blocks = [block for seed in (7, 8) for page in made(script, seed).document.pages for block in page.blocks]
        assert len({block.kind for block in blocks}) >= 15
        assert {block.kind for block in blocks} >= FURNITURE
        assert any(block.continues for block in blocks)
        assert "rowspan" in "".join(block.html or "" for block in blocks)
        levels = [heading.level for heading in document.outline.headings]
        assert any(after > before + 1 for before, after in pairwise(levels)), "levels jump"
        assert not document.assembly.notices


def test_each_sign_stands_where_its_mark_says() -> None:
    for script in SCRIPTS:
        document, marks = made(script).document, made(script).marks
        found = {sign: block.id for block in document.blocks for sign in signs(said_by(block))}
        assert found == {sign: mark.block for sign, mark in marks.items()}
        assert set(flow(made(script))) < set(marks)


@pytest.mark.parametrize("mode", ["whole", "rows"])
@pytest.mark.parametrize("budget", [128, 256, 512, 2048])
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_bars_hold(script: str, budget: int, mode: Mode) -> None:
    found = score(made(script), budget, mode)
    # Below 512, a row that fits only beside names of a letter each may be cut all the same, so that the names stay readable.
    assert found.wrong["rows cut"] <= (0 if budget >= 512 else found.of["rows cut"] // 50)
    assert missed(found, [name for name in BARS if name != "rows cut"]) == []
    assert found.of["lost"] > 300
    assert found.of["wrong place"] > 0.9 * found.chunks


@pytest.mark.parametrize("budget", [256, 512, 2048])
@pytest.mark.parametrize("script", SCRIPTS)
def test_what_belongs_together_stands_together(script: str, budget: int) -> None:
    found = score(made(script), budget)
    assert missed(found, AIMS) == []
    assert found.of["sentence cut"] > 50


@pytest.mark.parametrize("budget", [32, 64])
@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_is_lost_where_hardly_anything_fits(script: str, budget: int) -> None:
    assert missed(score(made(script), budget), ("lost", "over", "wrong path", "furniture")) == []


@pytest.mark.parametrize("options", [{"table_format": "html"}, {"table_format": "plain"}, {"merge_small": False}])
def test_the_bars_hold_for_other_options(options: dict[str, object]) -> None:
    names = [name for name in BARS if options.get("table_format") != "html" or name not in {"no header", "no caption"}]
    for script in SCRIPTS:
        assert missed(score(made(script), 512, **options), names) == []  # type: ignore[arg-type]  # as drawn above


def test_the_bars_hold_with_a_counter_of_letters() -> None:
    assert missed(score(made("Latin"), 1200, "whole", len), BARS) == []


def test_headers_are_needed_often_enough() -> None:
    found = [score(made(script), 256) for script in SCRIPTS]
    assert sum(one.of["no header"] for one in found) > 30
    assert sum(one.of["caption apart"] for one in found) > 10


# What may go wrong with chunks, by the name under which the scorecard must tell it.
def without_one(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return chunks[1:]


def with_one_twice(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [*chunks, chunks[-1]]


def too_long(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [*chunks[:-1], replace(chunks[-1], text="long " * 500 + chunks[-1].body)]


def other_path(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [replace(chunk, headings=chunk.headings[:-1]) for chunk in chunks]


def other_place(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [replace(chunk, regions=(*chunk.regions, Region(1, BBox(0, 0, 1, 1)))) for chunk in chunks]


def fewer_places(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [replace(chunk, regions=chunk.regions[1:]) for chunk in chunks]


def rows_halved(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [part for chunk in chunks for part in _halved(chunk, "|")]


def _halved(chunk: Chunk, at: str) -> list[Chunk]:
    middle = chunk.body.find(at, len(chunk.body) * 2 // 3)
    if chunk.table is None or middle < 0:
        return [chunk]
    return [replace(chunk, body=body, text=body) for body in (chunk.body[:middle], chunk.body[middle:])]


def without_headers(chunks: list[Chunk], of: Tagged) -> list[Chunk]:
    heads = {row.split("\n")[0] for row in map(head_lines, of.tables.values())}
    return [replace(chunk, body="\n".join(row for row in chunk.body.split("\n") if row not in heads)) for chunk in chunks]


def without_captions(chunks: list[Chunk], of: Tagged) -> list[Chunk]:
    def bare(body: str) -> str:
        for caption in of.captions.values():
            body = body.replace(caption, "")
        return body

    return [replace(chunk, body=bare(chunk.body)) for chunk in chunks]


def with_furniture(chunks: list[Chunk], of: Tagged) -> list[Chunk]:
    text = next(sign for sign, mark in of.marks.items() if mark.role == "furniture")
    return [*chunks[:-1], replace(chunks[-1], body=chunks[-1].body + text)]


def each_block_alone(chunks: list[Chunk], _: Tagged) -> list[Chunk]:
    return [replace(chunk, body=body, text=body) for chunk in chunks for body in chunk.body.split("\n\n")]


def sentences_halved(chunks: list[Chunk], of: Tagged) -> list[Chunk]:
    found = []
    for chunk in chunks:
        unit = next((text for text in of.units.values() if text in chunk.body), "")
        at = chunk.body.index(unit) + len(unit) // 2 if unit else 0
        found += [replace(chunk, body=body, text=body) for body in (chunk.body[:at], chunk.body[at:]) if body]
    return found


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (without_one, "lost"),
        (with_one_twice, "doubled"),
        (too_long, "over"),
        (other_path, "wrong path"),
        (other_place, "wrong place"),
        (fewer_places, "wrong place"),
        (rows_halved, "rows cut"),
        (without_headers, "no header"),
        (without_captions, "no caption"),
        (with_furniture, "furniture"),
        (each_block_alone, "caption apart"),
        (each_block_alone, "heading alone"),
        (sentences_halved, "sentence cut"),
    ],
)
def test_the_scorecard_sees_what_is_wrong(spoil: Callable[[list[Chunk], Tagged], list[Chunk]], name: str) -> None:
    of = made("Latin")
    chunks = list(StructureChunker(max_tokens=256).chunk(of.document))
    assert missed(Card(of, chunks, estimate, 256).scored(), [name]) == []
    assert missed(Card(of, spoil(chunks, of), estimate, 256).scored(), [name])


def test_a_row_is_written_with_the_label_that_reaches_it() -> None:
    tables = [table for script in SCRIPTS for table in made(script).tables.values()]
    spanned = [table for table in tables if not all(row[0] for row in table.rows)]
    assert spanned
    for table in spanned:
        row = next(number for number, cells in enumerate(table.rows) if not cells[0])
        assert line(table, row).split("|")[1] == line(table, row - 1).split("|")[1]
