"""One page through every vendor gives the same blocks: kinds, pages and boxes, whatever their wire calls them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, MinerU, PaddleOCR, Parse4AI, SCNet, SoMark
from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.parsing import parse_locally
from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.vendors.config import VendorConfig

Vendors = Callable[[Emulator], VendorConfig]

VENDORS: dict[str, Vendors] = {
    "somark": lambda e: SoMark(base_url=e.base_url, api_key=e.keys[0]),
    "paddleocr": lambda e: PaddleOCR(base_url=e.base_url, api_key=e.keys[0]),
    "mineru": lambda e: MinerU(base_url=e.base_url, api_key=e.keys[0]),
    "scnet": lambda e: SCNet(base_url=e.base_url, api_key=e.keys[0]),
}
PLAIN: dict[str, dict[Kind, Kind]] = {
    "somark": {"list": "text", "chart": "figure", "page_number": "footer", "other": "text"},
    "paddleocr": {"list": "text", "other": "text"},
    "mineru": {"other": "text", "toc": "toc"},
    "scnet": {
        "list": "text",
        "caption": "text",
        "code": "text",
        "toc": "text",
        "reference": "text",
        "page_number": "footer",
        "footnote": "text",
        "aside": "text",
        "other": "text",
    },
}
"""What a vendor has no word for, and what stands in for it (reference table of kinds)."""

TABLE = "<table><tr><th>Year</th><th>Heat</th></tr><tr><td>1</td><td>8107</td></tr></table>"
ROWS: tuple[tuple[Kind, dict[str, Any]], ...] = (
    ("header", {"text": "Running title"}),
    ("title", {"text": "1 Results", "level": 1}),
    ("text", {"text": "A paragraph of plain text."}),
    ("list", {"text": "- one\n- two"}),
    ("table", {"text": "Year Heat 1 8107", "html": TABLE}),
    ("figure", {}),
    ("chart", {}),
    ("equation", {"text": "E = mc^2", "latex": "E = mc^2"}),
    ("code", {"text": "print(1)"}),
    ("seal", {"text": "APPROVED"}),
    ("toc", {"text": "1 Results 1"}),
    ("reference", {"text": "[1] A book."}),
    ("footnote", {"text": "1 A note."}),
    ("aside", {"text": "In the margin"}),
    ("footer", {"text": "Running foot"}),
    ("page_number", {"text": "7"}),
)
WIDTH, HEIGHT = 595.0, 842.0


def made() -> tuple[Page, ...]:
    """A page with a block of every kind, one below the other."""
    blocks = tuple(
        Block(f"p1-{place}", kind, regions=(Region(1, BBox(0.1, 0.02 + 0.06 * place, 0.9, 0.06 + 0.06 * place)),), **content)
        for place, (kind, content) in enumerate(ROWS)
    )
    return (Page(1, WIDTH, HEIGHT, "point", 0, blocks),)


def through(name: str, data: bytes, parse: Callable[[bytes], Sequence[Page]] | None = None) -> tuple[Page, ...]:
    """The pages that come out of a vendor."""
    with Emulator(name, parse=parse) as emulator:
        return DocParser(VENDORS[name](emulator)).parse(data, name="page.pdf").pages


def pixels(block: Block) -> list[tuple[int, tuple[int, int, int, int] | None]]:
    """Where a block is, in pixels of a page of 1190 by 1684."""
    return [(page, box and box.to_pixels(1190, 1684)) for page, box in block.regions]


def near(one: Block, other: Block) -> bool:
    """Whether two blocks stand at the same place, within a pixel."""
    for (page, box), (other_page, other_box) in zip(pixels(one), pixels(other), strict=True):
        if page != other_page or box is None or other_box is None:
            return False
        if any(abs(a - b) > 1 for a, b in zip(box, other_box, strict=True)):
            return False
    return True


@pytest.mark.parametrize("name", VENDORS)
def test_a_page_with_every_kind_of_block(name: str) -> None:
    want = made()[0].blocks
    found = through(name, b"%PDF-1.4\n1", lambda data: made())[0].blocks
    assert sorted(block.kind for block in found) == sorted(PLAIN[name].get(block.kind, block.kind) for block in want)
    for block in want:
        twin = [other for other in found if near(block, other)]
        assert [other.kind for other in twin] == [PLAIN[name].get(block.kind, block.kind)], block.kind
        assert twin[0].text.split() == block.text.split() or twin[0].generated, block.kind
        assert twin[0].latex == block.latex, block.kind


@pytest.mark.parametrize("name", VENDORS)
def test_a_real_document(name: str, examples: Path) -> None:
    data = (examples / "report.pdf").read_bytes()
    want = parse_locally(data)
    found = through(name, data)
    assert [page.number for page in found] == [page.number for page in want]
    for page, twin in zip(want, found, strict=True):
        expected = sorted((PLAIN[name].get(block.kind, block.kind), block.regions[0].bbox) for block in page.blocks)
        blocks = sorted((block.kind, block.regions[0].bbox) for block in twin.blocks)
        assert [kind for kind, _ in blocks] == [kind for kind, _ in expected], page.number
        assert all(any(near(block, other) for other in twin.blocks) for block in page.blocks), page.number


def test_parse4ai_is_mineru_under_another_name(examples: Path) -> None:
    data = (examples / "report.pdf").read_bytes()
    whole = through("mineru", data)
    with Emulator("mineru") as files, Emulator("parse4ai") as emulator:
        link = files._shelf.offer("report.pdf", data)
        vendor = Parse4AI(base_url=emulator.base_url, api_key=emulator.keys[0])
        found = DocParser(vendor).parse(link).pages
    assert [[block.kind for block in page.blocks] for page in found] == [
        [block.kind for block in page.blocks] for page in whole
    ]
