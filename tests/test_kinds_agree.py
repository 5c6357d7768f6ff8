"""One page through every vendor gives the same blocks: kinds, pages and boxes, whatever their wire calls them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import anyio
import pytest

from docparse_loaders import DocParser, MinerU, PaddleOCR, Parse4AI, SCNet, SoMark
from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.parsing import read
from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.mineru import kinds as mineru_kinds
from docparse_loaders.vendors.paddleocr import kinds as paddleocr_kinds
from docparse_loaders.vendors.scnet import decode as scnet_decode
from docparse_loaders.vendors.somark import decode as somark_decode

Vendors = Callable[[Emulator], VendorConfig]

VENDORS: dict[str, Vendors] = {
    "somark": lambda e: SoMark(base_url=e.base_url, api_key=e.keys[0]),
    "paddleocr": lambda e: PaddleOCR(base_url=e.base_url, api_key=e.keys[0]),
    "mineru": lambda e: MinerU(base_url=e.base_url, api_key=e.keys[0]),
    "scnet": lambda e: SCNet(base_url=e.base_url, api_key=e.keys[0]),
    "parse4ai": lambda e: Parse4AI(base_url=e.base_url, api_key=e.keys[0]),
}
PLAIN: dict[str, dict[Kind, Kind]] = {
    "somark": {"list": "text", "chart": "figure", "page_number": "footer", "other": "text"},
    "paddleocr": {"list": "text", "other": "text"},
    "mineru": {"other": "text"},
    "parse4ai": {"other": "text"},
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
    ("figure", {"caption_ids": ("p1-6",)}),
    ("caption", {"text": "Figure 1 Heat by year"}),
    ("chart", {}),
    ("equation", {"text": "E = mc^2", "latex": "E = mc^2"}),
    ("code", {"text": "print(1)"}),
    ("seal", {"text": "APPROVED"}),
    ("toc", {"text": "1 Results 1"}),
    ("reference", {"text": "[1] A book."}),
    ("footnote", {"text": "1 A note."}),
    ("aside", {"text": "In the margin"}),
    ("other", {"text": "What no vendor has a word for"}),
    ("footer", {"text": "Running foot"}),
    ("page_number", {"text": "7"}),
)
WIDTH, HEIGHT = 595.0, 842.0


def made() -> tuple[Page, ...]:
    """A page with a block of every kind, one below the other."""
    blocks = tuple(
        Block(f"p1-{place}", kind, regions=(Region(1, BBox(0.1, 0.02 + 0.05 * place, 0.9, 0.05 + 0.05 * place)),), **content)
        for place, (kind, content) in enumerate(ROWS)
    )
    return (Page(1, WIDTH, HEIGHT, "point", 0, blocks),)


def through(name: str, data: bytes, parse: Callable[[bytes], Sequence[Page]] | None = None) -> tuple[Page, ...]:
    """The pages that come out of a vendor; where it takes addresses only, the file is on another emulator's shelf."""
    with Emulator(name, parse=parse) as emulator, Emulator("mineru") as files:
        parser = DocParser(VENDORS[name](emulator))
        given: Any = files.offer("page.pdf", data) if name == "parse4ai" else data
        return parser.parse(given, name="page.pdf").pages


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


def kinds(name: str, blocks: Sequence[Block]) -> list[Kind]:
    """What a vendor is to make of blocks, in their order."""
    return [PLAIN[name].get(block.kind, block.kind) for block in blocks]


@pytest.mark.parametrize("name", VENDORS)
def test_a_page_with_every_kind_of_block(name: str) -> None:
    want = made()[0].blocks
    found = through(name, b"%PDF-1.4\n1", lambda data: made())[0].blocks
    assert [block.kind for block in found] == kinds(name, want)
    for block, twin in zip(want, found, strict=True):
        assert near(block, twin), block.kind
        assert twin.text.split() == block.text.split() or twin.generated, block.kind
        assert twin.latex == block.latex, block.kind


@pytest.mark.parametrize("name", [name for name in VENDORS if name != "scnet"])
def test_a_caption_hangs_on_its_figure(name: str) -> None:
    found = through(name, b"%PDF-1.4\n1", lambda data: made())[0].blocks
    owners = {caption: block.kind for block in found for caption in block.caption_ids}
    assert [(block.text, owners[block.id]) for block in found if block.kind == "caption"] == [
        ("Figure 1 Heat by year", "figure")
    ]


def test_the_page_has_every_kind_there_is() -> None:
    assert {kind for kind, _ in ROWS} == set(get_args(Kind))


@pytest.mark.parametrize("name", VENDORS)
def test_a_real_document(name: str, examples: Path) -> None:
    data = (examples / "report.pdf").read_bytes()
    want = anyio.run(read, data)
    found = through(name, data)
    assert [page.number for page in found] == [page.number for page in want]
    for page, twin in zip(want, found, strict=True):
        assert [block.kind for block in twin.blocks] == kinds(name, page.blocks), page.number
        assert all(map(near, page.blocks, twin.blocks)), page.number


WORDS: dict[Kind, dict[str, str]] = {
    "title": {"somark": "title", "mineru": "title", "paddleocr": "doc_title paragraph_title abstract_title"},
    "text": {
        "somark": "text choice blank",
        "mineru": "text phonetic paragraph",
        "paddleocr": "text abstract vertical_text ocr",
        "scnet": "text",
    },
    "list": {"mineru": "list"},
    "table": {"somark": "table", "mineru": "table", "paddleocr": "table", "scnet": "table"},
    "caption": {
        "somark": "figure_caption table_caption",
        "mineru": "image_caption table_caption table_footnote chart_caption code_caption",
        "paddleocr": "figure_title chart_title table_title vision_footnote",
    },
    "figure": {"somark": "figure qrcode cs", "mineru": "image", "paddleocr": "image figure flowchart", "scnet": "image"},
    "chart": {"mineru": "chart", "paddleocr": "chart", "scnet": "chart"},
    "equation": {
        "somark": "equation cs_equation",
        "mineru": "equation interline_equation formula_number",
        "paddleocr": "display_formula formula inline_formula formula_number",
        "scnet": "formula",
    },
    "code": {"somark": "code", "mineru": "code algorithm", "paddleocr": "algorithm"},
    "seal": {"somark": "stamp", "mineru": "seal", "paddleocr": "seal", "scnet": "seal"},
    "toc": {"somark": "cate cate_item", "mineru": "index", "paddleocr": "content content_title"},
    "reference": {
        "somark": "reference",
        "mineru": "ref_text",
        "paddleocr": "reference reference_content reference_title",
    },
    "header": {"somark": "header", "mineru": "header page_header", "paddleocr": "header header_image", "scnet": "header"},
    "footer": {"somark": "footer", "mineru": "footer page_footer", "paddleocr": "footer footer_image", "scnet": "footer"},
    "page_number": {"mineru": "page_number", "paddleocr": "number"},
    "footnote": {"somark": "footnote", "mineru": "page_footnote", "paddleocr": "footnote"},
    "aside": {"somark": "sider", "mineru": "aside_text page_aside_text", "paddleocr": "aside_text"},
}
"""Kind → vendor → its words for it, as their documents have them."""
TABLES: dict[str, Mapping[str, Kind]] = {
    "somark": somark_decode.KINDS,
    "mineru": mineru_kinds.KINDS,
    "paddleocr": paddleocr_kinds.KINDS,
    "scnet": scnet_decode.KINDS,
}


@pytest.mark.parametrize(("kind", "vendor"), [(kind, vendor) for kind, words in WORDS.items() for vendor in words])
def test_one_table_of_kinds_for_all_vendors(kind: Kind, vendor: str) -> None:
    for word in WORDS[kind][vendor].split():
        assert TABLES[vendor].get(word) == kind, word
