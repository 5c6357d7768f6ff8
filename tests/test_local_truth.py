"""How well the local vendor reads the example documents, as `benchmarks/bench_local.py` prints it, with floors."""

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
BENCH = runpy.run_path(str(ROOT / "benchmarks" / "bench_local.py"))


@cache
def score(name: str) -> Any:
    return BENCH["measured"](name)


@pytest.mark.parametrize(("name", "iou"), [("report", 0.88), ("report-zh", 0.94), ("paper", 0.85)])
def test_nothing_is_missed_and_nothing_is_made_up(name: str, iou: float) -> None:
    found = score(name)
    # LiteParse does not tell where a page number stands that is alone in its row; the row is all that is known.
    rows = {"page_number"} if name == "paper" else set()
    kinds = {*found.wanted, *found.found} - rows
    assert {kind: (found.wanted[kind], found.found[kind]) for kind in kinds} == {
        kind: (found.right[kind],) * 2 for kind in kinds
    }
    assert found.wanted["page_number"] == found.found["page_number"]
    assert found.table == 1.0
    assert found.order > 0.97
    assert found.iou > iou


@pytest.mark.parametrize(("name", "text"), [("report", 0.999), ("report-zh", 0.999), ("paper", 0.9)])
def test_text_is_like_the_truth(name: str, text: float) -> None:
    assert score(name).text >= text


def test_the_measure_can_tell_wrong_from_right() -> None:
    from docparse_loaders import parse

    truth = BENCH["truth_of"]("report")
    pages = parse(ROOT / "examples" / "data" / "report.pdf").pages
    turned = tuple(page.__class__(page.number, page.width, page.height, page.unit, 0, page.blocks[::-1]) for page in pages)
    other = {page["page"]: page["page"] for page in truth["blocks"]}
    assert BENCH["score_of"](turned, truth, other).order == -1.0
    shifted = BENCH["score_of"](pages, truth, {page: page % 8 + 1 for page in other})
    assert shifted.text < 0.5
    assert shifted.recall < 0.8
    assert shifted.table < 0.3
