"""From what LiteParse found to blocks: by hand-made pages, by drawn PDFs, by the examples' truth, and by damaged payloads."""

import copy
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import BBox, Block
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.decode import decode
from docparse_loaders.vendors.local.work import parse
from docparse_loaders.vendors.protocol import Blob, Decoded

DATA = Path(__file__).parent.parent / "examples" / "data"
LOREM = "Heat is metered where the network leaves the centre and at every substation in it"
Draw = Callable[[Canvas], None]


def drawn(*pages: Draw, options: Local | None = None) -> Decoded:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for draw in pages:
        canvas.setFont("Helvetica", 11)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return decode(parse(buffer.getvalue(), (options or Local()).request()))


def column(*lines: str, top: float = 700, left: float = 72, step: float = 14) -> Draw:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(left, top - number * step, line)

    return draw


def blocks(result: Decoded) -> list[Block]:
    return [block for page in result.pages for block in page.blocks]


def told(result: Decoded) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(result)]


def payload_of(*pages: JsonValue) -> JsonValue:
    return {"format": "liteparse", "version": "2.18.0", "total_pages": len(pages), "pages": list(pages)}


def item(text: str, x: float, y: float, size: float = 10.0, font: str = "Helvetica") -> JsonValue:
    return [text, x, y, x + 5.0 * len(text), y + size, size, 0.0, font]


# What stands on the page is plain text, whatever Markdown would make of it.

MARKS = [
    "a*b*c and *x* and **y**",
    "snake_case _z_ __w__",
    "`code` ~~t~~ #hash # 5",
    "back\\slash \\* [link](u)",
    "5 < 6 & <b>b</b> &amp;",
]


@pytest.mark.parametrize("mark", MARKS)
def test_text_is_what_stands_on_the_page(mark: str) -> None:
    assert told(drawn(column(f"Some words {mark} and more"))) == [("text", f"Some words {mark} and more")]


def test_cells_are_what_stands_on_the_page() -> None:
    cells = [["Name", "Value", "Note"], ["a*b*c", "**x**", "_y_"], ["snake_case", "1|2", "back\\slash"], ["bold", "3", "~~s~~"]]

    def page(canvas: Canvas) -> None:
        for row, texts in enumerate(cells):
            canvas.setFont("Helvetica-Bold" if row in {0, 3} else "Helvetica", 11)
            for place, text in enumerate(texts):
                canvas.drawString(72 + 130 * place, 720 - 18 * row, text)

    (found,) = blocks(drawn(page))
    assert found.kind == "table"
    assert found.text == "\n".join(" ".join(row) for row in cells)


def test_bold_words_keep_only_the_marks_that_stand_there() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(72, 700, "**Bold** and __init__,")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(210, 700, "then plain ones with a * and a _ in them.")

    assert told(drawn(page)) == [("text", "**Bold** and __init__, then plain ones with a * and a _ in them.")]


def test_a_number_alone_at_the_edge_of_a_page_is_not_lost() -> None:
    def page(canvas: Canvas) -> None:
        column(LOREM, LOREM)(canvas)
        canvas.drawString(295, 40, "7")

    assert told(drawn(page)) == [("text", f"{LOREM} {LOREM}"), ("text", "7")]


def test_emphasis_leaves_no_marks() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(72, 700, "Bold lead.")
        canvas.setFont("Helvetica-Oblique", 11)
        canvas.drawString(135, 700, "Then italic words and plain ones after them.")

    assert told(drawn(page)) == [("text", "Bold lead. Then italic words and plain ones after them.")]


def test_broken_words_and_chinese_lines_are_joined_without_spaces() -> None:
    page: JsonValue = {
        "number": 1,
        "width": 600,
        "height": 800,
        "items": [item("a long exam-", 50, 100), item("ple of text", 50, 112), item("中文的", 50, 300), item("处理", 50, 312)],
        "blocks": [
            {"kind": "paragraph", "text": "a long example of text", "bbox": [50, 100, 300, 122]},
            {"kind": "paragraph", "text": "中文的 处理", "bbox": [50, 300, 300, 322]},
        ],
    }
    assert told(decode(payload_of(page))) == [("text", "a long example of text"), ("text", "中文的处理")]


def test_paragraphs_that_liteparse_ran_together_are_cut_where_the_distance_grows() -> None:
    first, second = [f"{LOREM} {number}" for number in range(3)], [f"{LOREM} {number}" for number in range(3, 6)]

    def page(canvas: Canvas) -> None:
        column(*first)(canvas)
        column(*second, top=700 - 3 * 14 - 6)(canvas)

    assert told(drawn(page)) == [("text", " ".join(first)), ("text", " ".join(second))]


def test_lists_are_one_block_with_markers_and_nesting() -> None:
    def page(canvas: Canvas) -> None:
        column("• first item", "• second item")(canvas)
        column("- nested", "- nested again", left=90, top=700 - 28)(canvas)
        column("• third item", top=700 - 56)(canvas)

    assert told(drawn(page)) == [("list", "• first item\n• second item\n  - nested\n  - nested again\n• third item")]


def test_code_keeps_its_indentation_and_empty_lines() -> None:
    def page(canvas: Canvas) -> None:
        column(LOREM, LOREM)(canvas)
        canvas.setFont("Courier", 10)
        for number, line in enumerate(("def f(x):", "    if x:", "        return 1", "", "print(f(2))")):
            canvas.drawString(72 + 6 * (len(line) - len(line.lstrip())), 600 - 12 * number, line.lstrip())

    assert told(drawn(page))[1:] == [("code", "def f(x):\n    if x:\n        return 1\n\nprint(f(2))")]


def table(canvas: Canvas) -> None:
    """Three columns, four rows; "Group" spans two rows and "Values" two columns; the last row has an empty cell."""
    xs, ys = (100, 200, 260, 320), (600, 582, 564, 546, 528)
    for y in ys:
        canvas.line(200 if y == 582 else 100, y, 320, y)
    for x in xs:
        canvas.line(x, 582 if x == 260 else 600, x, 528)
    cells = {(105, 587): "Group", (205, 587): "Values", (205, 569): "A", (265, 569): "B*", (105, 551): "x < y"}
    cells |= {(205, 551): "1", (265, 551): "2", (205, 533): "3", (265, 533): "4"}
    for (x, y), text in cells.items():
        canvas.drawString(x, y, text)


def test_ruled_tables_keep_merged_and_empty_cells() -> None:
    def page(canvas: Canvas) -> None:
        column("Table 1: Values by group", top=615)(canvas)
        table(canvas)

    caption, found = blocks(drawn(page))
    assert (caption.kind, found.kind, found.caption_ids) == ("caption", "table", (caption.id,))
    html = (found.html or "").replace("th>", "td>").replace("<th", "<td")
    assert html == (
        '<table><tr><td rowspan="2">Group</td><td colspan="2">Values</td></tr><tr><td>A</td><td>B*</td></tr>'
        "<tr><td>x &lt; y</td><td>1</td><td>2</td></tr><tr><td></td><td>3</td><td>4</td></tr></table>"
    )
    assert found.text == "Group Values\nA B*\nx < y 1 2\n3 4"
    box = found.regions[0].bbox
    assert box == pytest.approx((100 / 595.28, 1 - 600 / 841.89, 320 / 595.28, 1 - 528 / 841.89), abs=0.002)


def test_a_sentence_about_a_table_is_no_caption() -> None:
    def page(canvas: Canvas) -> None:
        column("Table 1 lists the values by group.", top=615)(canvas)
        table(canvas)

    assert [block.kind for block in blocks(drawn(page))] == ["text", "table"]


def test_a_chart_is_a_figure_with_its_labels_and_caption() -> None:
    def page(canvas: Canvas) -> None:
        column(LOREM, LOREM, LOREM)(canvas)
        for number, height in enumerate((40, 90, 60)):
            canvas.rect(120 + 50 * number, 400, 40, height, fill=1)
            canvas.drawString(125 + 50 * number, 388, f"Q{number + 1}")
        canvas.line(110, 400, 300, 400)
        column("Figure 1. Sales by quarter", top=360)(canvas)
        column(LOREM, LOREM, top=320)(canvas)

    text, chart, caption, _ = blocks(drawn(page))
    assert [text.kind, chart.kind, caption.kind] == ["text", "figure", "caption"]
    assert chart.text == "Q1\nQ2\nQ3"
    assert chart.caption_ids == (caption.id,)
    plain = blocks(drawn(page, options=Local(drawings=False)))
    assert "figure" not in {block.kind for block in plain}


def test_a_frame_around_text_is_no_figure() -> None:
    def page(canvas: Canvas) -> None:
        canvas.rect(65, 640, 450, 80)
        column(LOREM, LOREM, LOREM, LOREM)(canvas)

    assert [block.kind for block in blocks(drawn(page))] == ["text"]


def test_headings_get_levels_from_size_and_number() -> None:
    def page(canvas: Canvas) -> None:
        y = 760.0
        for text, size in (("Annual report", 24), ("1 Summary", 17), ("1.1 Scope", 13), ("2 Results", 17)):
            canvas.setFont("Helvetica-Bold", size)
            canvas.drawString(72, y, text)
            canvas.setFont("Helvetica", 11)
            column(LOREM, LOREM, LOREM, top=y - 30)(canvas)
            y -= 120

    titles = [(block.text, block.level) for block in blocks(drawn(page)) if block.kind == "title"]
    assert titles == [("Annual report", 1), ("1 Summary", 2), ("1.1 Scope", 3), ("2 Results", 2)]


def report_page(number: int) -> Draw:
    def page(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 810, "Quarterly review")
        canvas.drawString(480, 30, f"Page {number}")
        canvas.setFont("Helvetica", 11)
        openings = ("Heat is lost", "Water is kept", "Power is bought")
        column(*(f"{openings[number - 1]} wherever {line}" for line in ("it flows", "it stands", "it is used")), top=780)(
            canvas
        )

    return page


def test_furniture_is_told_apart_from_the_text_beside_it() -> None:
    pages = [report_page(number) for number in (1, 2, 3)]
    assert [block.kind for block in drawn(*pages).pages[1].blocks] == ["header", "text", "page_number"]
    off = drawn(*pages, options=Local(furniture=False))
    assert {block.kind for block in blocks(off)} == {"text"}
    letters = [Counter("".join(block.text for block in blocks(result)).replace(" ", "")) for result in (off, drawn(*pages))]
    assert letters[0] == letters[1]


def test_runs_outside_the_box_of_their_own_block_are_given_back_to_it() -> None:
    page: JsonValue = {
        "number": 1,
        "width": 600,
        "height": 800,
        "items": [item("A title that goes on", 50, 200, 18), item("in a second line", 50, 222, 18), item("Apart", 50, 300)],
        "blocks": [
            {"kind": "heading", "level": 1, "text": "A title that goes on in a second line", "bbox": [50, 200, 400, 218]}
        ],
    }
    assert told(decode(payload_of(page))) == [("title", "A title that goes on in a second line"), ("text", "Apart")]


def test_a_watermark_is_kept_aside() -> None:
    def page(canvas: Canvas) -> None:
        column(LOREM, LOREM)(canvas)
        canvas.translate(200, 300)
        canvas.rotate(45)
        canvas.drawString(0, 0, "DRAFT not final")

    assert told(drawn(page))[1] == ("aside", "DRAFT not final")


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = [f"left words {n} run on here" for n in range(20)], [f"right words {n} run on here" for n in range(20)]

    def page(canvas: Canvas) -> None:
        column(*left)(canvas)
        column(*right, left=330)(canvas)

    text = " ".join(block.text for block in blocks(drawn(page)))
    assert text == " ".join([*left, *right])


# The examples and the truth that comes out of the script that drew them.


@cache
def example(name: str) -> Decoded:
    return decode(parse((DATA / f"{name}.pdf").read_bytes(), Local().request()))


@cache
def unread(name: str) -> Decoded:
    return decode(parse((DATA / f"{name}.pdf").read_bytes(), Local(ocr="never").request()))


def truth(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / f"{name}.truth.json").read_text("utf-8"))
    return loaded


def overlap(one: BBox, other: BBox) -> float:
    width, height = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
    shared = max(width, 0) * max(height, 0)
    areas = [(box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, other)]
    return shared / (sum(areas) - shared)


def paired(name: str) -> Iterator[tuple[dict[str, Any], Block, float]]:
    """Each block of the truth with the block that overlaps it best, and by how much."""
    for wanted in truth(name)["blocks"]:
        page = next(page for page in example(name).pages if page.number == wanted["page"])
        found = [(overlap(BBox(*wanted["bbox"]), box), block) for block in page.blocks if (box := block.regions[0].bbox)]
        share, block = max(found, key=lambda pair: pair[0])
        yield wanted, block, share


REPORTS = ["report", "report-zh"]


def squeezed(text: str) -> str:
    """Without spaces, which LiteParse makes narrow, and with the quotes and the minus for which LiteParse writes ASCII."""
    return "".join(text.split()).translate(str.maketrans("“”−–—", '""---'))


@pytest.mark.parametrize("name", REPORTS)
def test_every_block_of_the_examples_is_found_with_its_kind_and_place(name: str) -> None:
    for wanted, block, share in paired(name):
        kind = "figure" if wanted["kind"] == "chart" else wanted["kind"]
        assert (block.kind, share > 0.8) == (kind, True), wanted["id"]
    assert len(blocks(example(name))) == len(truth(name)["blocks"])


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_outline_is_found(name: str) -> None:
    titles = [(block.level, block.text, block.page_number) for block in blocks(example(name)) if block.kind == "title"]
    assert [(level, squeezed(text), page) for level, text, page in titles] == [
        (entry["level"], squeezed(entry["text"]), entry["page"]) for entry in truth(name)["outline"]
    ]


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_text_is_found(name: str) -> None:
    loose = {"equation", "chart"}
    for wanted, block, _ in paired(name):
        if wanted["kind"] not in loose:
            assert squeezed(block.text) == squeezed(wanted["text"]), wanted["id"]


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_tables_have_their_cells_spans_and_headers(name: str) -> None:
    tables = [(wanted, block) for wanted, block, _ in paired(name) if wanted["kind"] == "table"]
    assert len(tables) >= 3
    for wanted, block in tables:
        html = block.html or ""
        assert html.count(" rowspan=") == sum(1 for span in wanted["spans"] if span[2] > 1)
        assert html.count(" colspan=") == sum(1 for span in wanted["spans"] if span[3] > 1)
        assert html.count("<tr>") == len(wanted["cells"])
        assert html.count("<tr><th") == wanted["header_rows"]
        for row in wanted["cells"]:
            assert all(squeezed(f">{cell}<") in squeezed(html) for cell in row if cell)


@pytest.mark.parametrize("name", REPORTS)
def test_the_examples_captions_are_linked(name: str) -> None:
    ids = {wanted["id"]: block for wanted, block, _ in paired(name)}
    captions = [wanted for wanted, _, _ in paired(name) if wanted["kind"] == "caption"]
    assert captions
    for wanted in captions:
        assert ids[wanted["caption_of"]].caption_ids == (ids[wanted["id"]].id,)


def test_the_scanned_page_of_the_invoice_is_named() -> None:
    missing = truth("invoice-scan")["pages_without_text"]
    notices = unread("invoice-scan").notices
    assert [notice.page_number for notice in notices if notice.code == "no_text_layer"] == missing
    assert missing


def test_ids_are_pages_and_places() -> None:
    for page in example("report").pages:
        assert [block.id for block in page.blocks] == [f"p{page.number}-{place}" for place in range(len(page.blocks))]
        assert {block.page_number for block in page.blocks} == {page.number}
        assert (page.unit, round(page.width), round(page.height)) == ("point", 595, 842)


# No text is lost or doubled, and damaged payloads do no harm.


@cache
def raw(name: str) -> dict[str, Any]:
    payload = parse((DATA / f"{name}.pdf").read_bytes(), Local(ocr="never").request())
    assert isinstance(payload, dict)
    return payload


def letters(texts: Iterator[str]) -> Counter[str]:
    return Counter(char for text in texts for char in text if char.isalnum())


@pytest.mark.parametrize("name", [*REPORTS, "invoice-scan", "paper"])
def test_every_letter_on_the_page_is_in_one_block(name: str) -> None:
    for page, source in zip(unread(name).pages, raw(name)["pages"], strict=True):
        assert letters(block.text for block in page.blocks) == letters(entry[0] for entry in source["items"])


places = st.floats(0, 600).map(lambda value: round(value, 1))
runs = st.builds(
    lambda text, x, y, size, turn: [text, x, y, x + 5 * len(text), y + size, size, turn, "Helvetica"],
    st.text(alphabet="ab1.•-( )图T", min_size=1, max_size=12).filter(str.strip),
    places,
    places,
    st.sampled_from([8, 10, 18]),
    st.sampled_from([0, 0, 0, 45, 90]),
)
areas = st.tuples(places, places, places, places).map(list)
found_blocks = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["heading", "paragraph", "list_item", "code", "rule", "figure", "grid_fallback", "novel"]),
        "text": st.just("x"),
        "level": st.sampled_from([None, 1, 2]),
        "bbox": areas,
    }
)
lines = st.one_of(
    st.tuples(places, places, places).map(lambda t: [t[0], t[1], t[2], t[1]]),
    st.tuples(places, places, places).map(lambda t: [t[0], t[1], t[0], t[2]]),
)
made_pages = st.fixed_dictionaries(
    {
        "width": st.just(600),
        "height": st.just(600),
        "items": st.lists(runs, max_size=12),
        "blocks": st.lists(found_blocks, max_size=5),
        "rules": st.lists(lines, max_size=12),
        "drawings": st.lists(areas, max_size=3),
    }
)


@given(st.lists(made_pages, max_size=3))
def test_whatever_the_layout_no_letter_is_lost_or_doubled(pages: list[dict[str, Any]]) -> None:
    for number, page in enumerate(pages, start=1):
        page["number"] = number
    result = decode({"pages": list(pages)})
    for done, source in zip(result.pages, pages, strict=True):
        assert letters(block.text for block in done.blocks) == letters(entry[0] for entry in source["items"])
        for block in done.blocks:
            box = block.regions[0].bbox
            assert box is not None
            assert 0 <= box.x0 <= box.x1 <= 1
            assert 0 <= box.y0 <= box.y1 <= 1


junk: st.SearchStrategy[JsonValue] = st.sampled_from(
    [None, True, -1, 0, 1e300, "", "x", "NaN", [], {}, [[]], [None], {"text": None}, "\x00\ud800", 10**400]
)


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from spots(entry, (*path, key))


@cache
def small() -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    payload = {**raw("report"), "pages": [raw("report")["pages"][number] for number in (1, 2)]}
    return payload, list(spots(payload))


@given(st.data())
def test_damaged_payloads_are_tolerated(data: st.DataObject) -> None:
    payload, paths = small()
    damaged = copy.deepcopy(payload)
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=8)):
        here: Any = damaged
        try:
            for key in path[:-1]:
                here = here[key]
            if data.draw(st.booleans()):
                del here[path[-1]]
            else:
                here[path[-1]] = data.draw(junk)
        except (KeyError, IndexError, TypeError):
            continue
    try:
        result = decode(damaged)
    except ProtocolError:
        return
    assert isinstance(result, Decoded)
    json.dumps([[block.text, block.html] for block in blocks(result)], ensure_ascii=False).encode()


@pytest.mark.parametrize("payload", [None, [], {}, {"pages": None}, {"pages": {}}, "text", Blob(b"%PDF")])
def test_what_is_no_result_is_refused(payload: JsonValue | Blob) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(payload)
    assert caught.value.hint


def test_a_page_that_could_not_be_read_is_empty_and_named() -> None:
    page: JsonValue = {"number": 1, "width": 600, "height": 800, "items": [item("words", 50, 300)]}
    result = decode({"pages": [page], "total_pages": 2, "page_errors": [{"page": 2, "message": "bad stream"}]})
    assert [(page.number, len(page.blocks)) for page in result.pages] == [(1, 1), (2, 0)]
    assert [(notice.code, notice.page_number) for notice in result.notices] == [("page_error", 2)]
    assert "bad stream" in result.notices[0].message
