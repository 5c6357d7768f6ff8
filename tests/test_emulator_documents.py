"""What the emulator makes of documents: links over pages, captions, furniture, and invariants of the JSON."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.layout import Sheet, lay_out
from docparse_loaders.emulator.links import link
from docparse_loaders.emulator.pictures import page_size
from docparse_loaders.emulator.somark.form import Order
from docparse_loaders.emulator.somark.result import Dialect, Paper
from docparse_loaders.emulator.somark.words import ELEMENTS, FEATURES, OUTPUTS, TYPES
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.vendors.links import with_links

ROWS = "<table><tr><td>A</td><td>B</td></tr><tr><td>1</td><td>2</td></tr></table>"
THREE = "<table><tr><td>A</td><td>B</td><td>C</td></tr></table>"


def at(y0: float, y1: float, *, page: int = 1, x0: float = 0.1, x1: float = 0.9) -> tuple[Region, ...]:
    return (Region(page, BBox(x0, y0, x1, y1)),)


def page_of(number: int, *blocks: Block) -> Page:
    return Page(number, 595.0, 842.0, "point", 0, blocks)


def linked(*pages: Page, furniture: bool = True) -> list[Sheet]:
    sheets = lay_out(tuple(with_links(pages)), furniture=furniture)
    link(sheets)
    return sheets


def text(name: str, content: str, y0: float, y1: float) -> Block:
    return Block(name, "text", content, regions=at(y0, y1))


@pytest.mark.parametrize(
    ("ending", "goes_on"),
    [
        ("people who", True),
        ("people,", True),
        ("two-", True),
        ("人们", True),
        ("people.", False),
        ("people?”", False),
        ("人们。", False),
        ("(sic.)", False),
    ],
)
def test_a_paragraph_goes_on_unless_it_ends(ending: str, goes_on: bool) -> None:
    sheets = linked(page_of(1, text("a", ending, 0.7, 0.9)), page_of(2, text("b", "did not", 0.1, 0.2)))
    assert sheets[1].pieces[0].source == ((0, 0) if goes_on else None)


@pytest.mark.parametrize(
    "pages",
    [
        (page_of(1, text("a", "half a page", 0.1, 0.4)), page_of(2, text("b", "new", 0.1, 0.2))),
        (page_of(1, text("a", "to the end", 0.7, 0.9)), page_of(2, text("b", "new", 0.5, 0.6))),
        (page_of(1, text("a", "to the end", 0.7, 0.9)), page_of(3, text("b", "a page was left out", 0.1, 0.2))),
        (page_of(1, text("a", "to the end", 0.7, 0.9)), page_of(2, Block("b", "title", "New", regions=at(0.1, 0.2)))),
        (page_of(1, text("a", "  ", 0.7, 0.9)), page_of(2, text("b", "new", 0.1, 0.2))),
        (page_of(1, text("a", "no place", 0.7, 0.9)), page_of(2, Block("b", "text", "new"))),
        (page_of(1, text("a", "then nothing", 0.7, 0.9)), page_of(2)),
    ],
)
def test_a_paragraph_that_stands_alone_stays_alone(pages: tuple[Page, Page]) -> None:
    assert all(piece.source is None for sheet in linked(*pages) for piece in sheet.pieces)


def test_links_look_past_furniture_footnotes_and_captions() -> None:
    before = page_of(1, text("a", "to the end", 0.6, 0.8), Block("n", "footnote", "¹ A note."), Block("f", "page_number", "1"))
    after = page_of(2, Block("h", "header", "Report"), text("b", "and on", 0.1, 0.2))
    assert linked(before, after)[1].pieces[1].source == (0, 0)
    assert linked(before, after, furniture=False)[1].pieces[0].source == (0, 0)


def table(name: str, html: str, y0: float, y1: float, x1: float = 0.9) -> Block:
    return Block(name, "table", "", html, regions=at(y0, y1, x1=x1))


@pytest.mark.parametrize(
    ("after", "source", "repeats"),
    [
        (table("b", ROWS, 0.1, 0.3), (0, 0), True),
        (table("b", ROWS.replace("A", "8").replace("B", "9"), 0.1, 0.3), (0, 0), False),
        (table("b", ROWS.replace("A", "P-9"), 0.1, 0.3), None, False),
        (table("b", THREE, 0.1, 0.3), None, False),
        (table("b", ROWS, 0.1, 0.3, x1=0.5), None, False),
    ],
)
def test_a_table_goes_on_in_one_of_the_same_columns(after: Block, source: tuple[int, int] | None, repeats: bool) -> None:
    piece = linked(page_of(1, table("a", ROWS, 0.3, 0.9)), page_of(2, after))[1].pieces[0]
    assert (piece.source, piece.repeats_header) == (source, repeats)


def test_a_chain_names_the_page_before_each_time() -> None:
    pages = [page_of(number, table(f"t{number}", ROWS, 0.1, 0.9)) for number in (1, 2, 3)]
    assert [sheet.pieces[0].source for sheet in linked(*pages)] == [None, (0, 0), (1, 0)]


def test_the_parsers_own_links_come_first() -> None:
    first = page_of(1, text("a", "It ends.", 0.2, 0.3), text("z", "to the end", 0.8, 0.9))
    second = page_of(
        2, Block("b", "text", "goes on", regions=at(0.1, 0.2), continues="a"), Block("c", "text", "x", continues="gone")
    )
    assert [piece.source for piece in linked(first, second)[1].pieces] == [(0, 0), None]


def test_captions_become_positions_and_captions() -> None:
    blocks = [
        Block("h", "header", "Report"),
        Block("c", "caption", "Table 1"),
        Block("t", "table", caption_ids=("c", "n", "gone", "c")),
        Block("n", "text", "In tonnes."),
    ]
    (whole,) = lay_out([page_of(1, *blocks)], furniture=True)
    (bare,) = lay_out([page_of(1, *blocks)], furniture=False)
    assert [(piece.kind, piece.of, piece.captions) for piece in whole.pieces] == [
        ("header", None, []),
        ("caption", "table", []),
        ("table", None, [1, 3]),
        ("caption", "table", []),
    ]
    assert bare.pieces[1].captions == [0, 2]


@pytest.mark.parametrize(
    ("page", "size"),
    [
        (Page(1, 595.0, 842.0, "point"), (1190, 1684)),
        (Page(1, 1241.0, 1754.0, "pixel"), (1241, 1754)),
        (Page(1, 0.0, 842.0, "point"), (1190, 1684)),
    ],
)
def test_pages_are_measured_at_144_dots_per_inch(page: Page, size: tuple[int, int]) -> None:
    assert page_size(page) == size


corner = st.floats(0, 1)
boxes = st.none() | st.builds(BBox.of, corner, corner, corner, corner)
contents = st.sampled_from(["", "Table 1 x", "Figure 2", "who", "It ends.", "¹ note", "a|b"]) | st.text(max_size=8)


@st.composite
def documents(draw: st.DrawFn) -> list[Page]:
    pages = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        names = [f"p{number}-{count}" for count in range(draw(st.integers(0, 5)))]
        made = [
            Block(
                name,
                draw(st.sampled_from(sorted(TYPES))),
                draw(contents),
                draw(st.sampled_from([None, ROWS, THREE, "<table", "<tr><td>"])),
                regions=(Region(number, draw(boxes)),),
                caption_ids=tuple(draw(st.lists(st.sampled_from([*names, "gone"]), max_size=2))),
                continues=draw(st.sampled_from([None, None, "p1-0", "gone"])),
                level=draw(st.none() | st.integers(1, 9)),
            )
            for name in names
        ]
        pages.append(page_of(number, *made))
    return pages


@st.composite
def papers(draw: st.DrawFn) -> Paper:
    elements = {name: draw(st.sampled_from(values)) for name, values in ELEMENTS.items()}
    features = {name: draw(st.booleans()) for name in FEATURES}
    dialect = Dialect(first_idx=draw(st.integers(0, 1)), capitalised=draw(st.booleans()))
    return Paper(Order("a.pdf", ".pdf", b"", OUTPUTS, elements, features, ()), dialect, lambda name: f"http://h/{name}")


@given(documents(), papers())
def test_any_document_becomes_sound_json(pages: list[Page], paper: Paper) -> None:
    outputs = paper.outputs(pages)
    assert json.loads(json.dumps(outputs)) == outputs
    written = outputs["json"]["pages"]
    assert [page["page_num"] for page in written] == [page.number - 1 for page in pages]
    known = {(page["page_num"], block["idx"]): block for page in written for block in page["blocks"]}
    assert len(known) == sum(len(page["blocks"]) for page in written)
    for (number, _), block in known.items():
        assert_sound(block, number, known)
    if paper.order.features["keep_header_footer"]:
        assert len(known) == sum(len(page.blocks) for page in pages)


def assert_sound(block: dict[str, Any], number: int, known: dict[tuple[int, int], dict[str, Any]]) -> None:
    x0, y0, x1, y1 = block["bbox"]
    assert 0 <= x0 <= x1 <= 1190
    assert 0 <= y0 <= y1 <= 1684
    for caption in block.get("captions", []):
        assert "caption" in known[number, caption]["type"]
    for name in ("text_cross_page", "table_cross_page"):
        if name in block:
            assert (block[name]["page_num"], block[name]["block_idx"]) in known


def two_pages() -> bytes:
    """A paragraph that runs over the first page border and a table that runs over the second."""
    made, style = io.BytesIO(), getSampleStyleSheet()
    sentence = "the reading was taken by two people who did not see the value that was written down by the other and "
    rows = [["Part", "Quantity", "Weight (kg)"], *([f"P-{number:03}", str(number), f"{number / 2}"] for number in range(50))]
    SimpleDocTemplate(made, pagesize=A4).build(
        [
            Paragraph("Inventory report", style["Title"]),
            Spacer(1, 520),
            Paragraph(f"The scales were tested, {sentence * 14} it was right.", style["BodyText"]),
            Paragraph("Counting", style["Heading1"]),
            Spacer(1, 250),
            Table(rows, repeatRows=1, style=TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")])),
        ]
    )
    return made.getvalue()


def parsed(emulator: Emulator, data: bytes) -> Any:
    features = dict.fromkeys(("enable_text_cross_page", "enable_table_cross_page", "enable_title_level_recognition"), True)
    form = {"api_key": "sk-emulator", "feature_config": json.dumps(features)}
    taken = httpx.post(f"{emulator.base_url}/parse/async", data=form, files={"file": ("a.pdf", data)}, timeout=60).json()
    poll = {"api_key": "sk-emulator", "task_id": taken["data"]["task_id"]}
    answer = httpx.post(f"{emulator.base_url}/parse/async_check", data=poll).json()
    return answer["data"]["result"]["outputs"]["json"]["pages"]


def links_of(pages: Any, name: str) -> list[tuple[int, int, str]]:
    """(page of the continuation, page of its source, type of its source)."""
    found = []
    for page in pages:
        for block in page["blocks"]:
            if name in block:
                source = pages[block[name]["page_num"]]["blocks"][block[name]["block_idx"]]
                found.append((page["page_num"], block[name]["page_num"], source["type"]))
    return found


def test_a_real_pdf_is_linked_over_its_pages() -> None:
    with Emulator("somark") as emulator:
        pages = parsed(emulator, two_pages())
    assert links_of(pages, "text_cross_page") == [(1, 0, "text")]
    assert links_of(pages, "table_cross_page") == [(2, 1, "table")]
    assert [page["merge_content_from_pre_page"] for page in pages] == [False, True, False]
    assert pages[0]["blocks"][0] | {"bbox": []} == {
        "idx": 0, "type": "title", "bbox": [], "content": "Inventory report", "format": "text", "captions": [], "img_url": "",
        "title_level": 1,
    }  # fmt: skip


def test_the_example_report_is_linked_as_its_truth_says(examples: Path) -> None:
    truth = json.loads((examples / "report.truth.json").read_text(encoding="utf-8"))
    wanted = {
        (block["page"] - 1, {entry["id"]: entry["page"] - 1 for entry in truth["blocks"]}[block["continues"]], block["kind"])
        for block in truth["blocks"]
        if block.get("continues")
    }
    with Emulator("somark") as emulator:
        pages = parsed(emulator, (examples / "report.pdf").read_bytes())
    assert {*links_of(pages, "text_cross_page"), *links_of(pages, "table_cross_page")} == wanted


@pytest.mark.parametrize("cut", [900, 60])
def test_a_cut_pdf_is_refused(cut: int) -> None:
    with Emulator("somark") as emulator:
        form = {"api_key": "sk-emulator"}
        files = {"file": ("a.pdf", two_pages()[:cut])}
        assert httpx.post(f"{emulator.base_url}/parse/async", data=form, files=files).json()["code"] == 1106
