"""A selection of pages, all the way: numbers, texts and places are those of the file, in every form that a result has."""

from typing import Any

import pytest

from docparse_loaders import DocParser
from docparse_loaders.emulator import Emulator
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from mineru_servers import serving

QUICK = Policy(poll=Poll(first=0.01, growth=1.1, longest=0.05))
PDF = b"%PDF-1.7 "
FORMS: list[dict[str, Any]] = [
    {"layout": "2.7"},
    {"layout": "3.x"},
    {"layout": "4.x"},
    {"layout": "2.7", "page_tree": False},
    {"layout": "3.x", "page_tree": False},
    {"layout": "4.x", "page_tree": False},
    {"layout": "3.x", "nested": True},
]


def pages_of(data: bytes) -> tuple[Page, ...]:
    """Nine pages; each says its number, at a height that tells it, too."""
    return tuple(
        Page(n, 600.0, 800.0, "point", 0, (Block(f"p{n}-0", "text", f"Sheet {n}.", regions=(Region(n, place(n)),)),))
        for n in range(1, 10)
    )


def place(number: int) -> BBox:
    return BBox(0.1, number / 20, 0.9, (number + 1) / 20)


def parsed(name: str, ranges: Any, model: Any, **form: Any) -> Any:
    config: Any = {"mineru": MinerU, "parse4ai": Parse4AI}[name]
    with serving({"a.pdf": PDF}) as files, Emulator(name, parse=pages_of, **form) as emulator:
        options = config(base_url=emulator.base_url, api_key="sk-emulator", model_version=model)
        return DocParser(options, policy=QUICK).parse(f"{files.url}/a.pdf", pages=ranges)


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", ["mineru", "parse4ai"])
@pytest.mark.parametrize("model", ["pipeline", "vlm"])
def test_pages_are_those_of_the_file(name: str, model: str, form: dict[str, Any]) -> None:
    document = parsed(name, "2-4,7", model, **form)
    assert [page.number for page in document.pages] == [2, 3, 4, 7]
    for page in document.pages:
        (block,) = page.blocks
        (region,) = block.regions
        assert (block.text, region.page_number) == (f"Sheet {page.number}.", page.number)
        assert region.bbox is not None
        assert region.bbox.y0 == pytest.approx(place(page.number).y0, abs=0.002)
    assert [code.code for code in document.warnings] == ([] if form.get("page_tree", True) else ["no_page_tree"])


@pytest.mark.parametrize(("ranges", "numbers"), [("1", [1]), (9, [9]), ([3, 1, 2], [1, 2, 3]), (range(8, 10), [8, 9])])
@pytest.mark.parametrize("layout", ["3.x", "4.x"])
def test_every_way_to_select_pages(ranges: Any, numbers: list[int], layout: str) -> None:
    document = parsed("mineru", ranges, "pipeline", layout=layout)
    assert [(page.number, page.blocks[0].text) for page in document.pages] == [(n, f"Sheet {n}.") for n in numbers]
