"""Scans and pictures: what OCR reads, where it stands, and what is said where there is none."""

import io
import json
import runpy
import sys
from functools import cache
from importlib.metadata import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pydantic import JsonValue
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders.engine.tools import Workshop
from docparse_loaders.errors import (
    BrokenSource,
    DocParseError,
    EmptySource,
    JobTimeout,
    MissingExtra,
    PagesOutOfRange,
    UnsupportedSource,
)
from docparse_loaders.model import BBox, SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.frame import Frame
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.ocr.edges import flush
from docparse_loaders.vendors.local.ocr.layer import Leaf, Word, boxed, layer, plain
from docparse_loaders.vendors.local.ocr.letters import set_of
from docparse_loaders.vendors.local.ocr.scans import installed
from docparse_loaders.vendors.local.ocr.sizes import Sized, evened
from docparse_loaders.vendors.local.pdf import parsed
from docparse_loaders.vendors.local.sheet import sheet_of
from docparse_loaders.vendors.local.wire import LocalVendor
from docparse_loaders.vendors.local.work import parse
from docparse_loaders.vendors.protocol import Decoded, Done, Fail, Reply, Send
from docparse_loaders.vendors.readers import as_object

DATA = Path(__file__).parent.parent / "examples" / "data"
BENCH = runpy.run_path(str(DATA.parent.parent / "benchmarks" / "bench_local.py"))
READS = pytest.mark.skipif(not installed(), reason="the extra 'ocr' is not installed")
VENDOR = LocalVendor()
HERE = Local(isolated=False)
"""Most of these tests read in this process, where RapidOCR is loaded once; that the result is the same is tested below."""


def run(name: str, data: bytes, options: Local | None = None, pages: str | None = None) -> Decoded | DocParseError:
    """Begin, do the work that is asked for, and read the answer, as the engine does."""
    facts = SourceFacts(uri=name, name=name, media_type="", size=len(data), sha256="0" * 64)
    step = VENDOR.begin(facts, PageSelection.of(pages), options or HERE)
    if isinstance(step, Fail):
        return step.error
    assert isinstance(step, Send)
    workshop = Workshop()
    try:
        answer = VENDOR.on_reply(step.state, Reply(200, json=json.loads(json.dumps(parse(data, step.call.json, workshop)))))  # type: ignore[arg-type]  # begin makes a LocalState
    finally:
        workshop.close()
    if isinstance(answer, Fail):
        return answer.error
    assert isinstance(answer, Done)
    return VENDOR.decode(answer.payload)


def decoded(name: str, data: bytes, options: Local | None = None, pages: str | None = None) -> Decoded:
    result = run(name, data, options, pages)
    assert isinstance(result, Decoded), result
    return result


def png(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@cache
def page_image(name: str, page: int) -> Image.Image:
    return Image.open(io.BytesIO(BENCH["picture"](name, page))).convert("RGB")


def pdf_of(*pages: Image.Image | str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(72, 700, page)
        else:
            canvas.drawImage(ImageReader(page), 0, 0, 595.27, 841.89)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def sign(text: str, size: tuple[int, int] = (900, 1200)) -> Image.Image:
    """A page with a few words, large enough to be read in a moment."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((100, 150), text, fill="black", font_size=44)
    return image


def told(result: Decoded) -> list[str]:
    return ["".join(block.text.split()) for page in result.pages for block in page.blocks]


# What it reads.


@cache
def invoice() -> Decoded:
    return decoded("invoice-scan.pdf", (DATA / "invoice-scan.pdf").read_bytes(), Local())


@READS
def test_the_scanned_page_of_a_mixed_document_is_read_and_the_other_is_not() -> None:
    first, second = invoice().pages
    assert {block.confidence for block in first.blocks} == {None}
    assert all(block.confidence is not None and block.confidence > 0.9 for block in second.blocks)
    assert (second.unit, round(second.width), round(second.height)) == ("point", 595, 842)
    assert "RapidOCR" in invoice().model
    assert [notice.code for notice in invoice().notices] == []


@READS
def test_the_scan_is_what_it_was_made_from() -> None:
    truth = BENCH["truth_of"]("invoice-scan")
    score = BENCH["score_of"](invoice().pages, truth, {2: 2})
    assert (score.text, score.order, score.table) == (1.0, 1.0, 1.0)
    assert score.iou > 0.85
    kinds = [block.kind for block in invoice().pages[1].blocks]
    assert kinds == ["title", "text", "text", "table", "title", "text", "footer"]


@READS
def test_two_columns_are_read_one_after_the_other_on_a_scan() -> None:
    score = BENCH["scanned"]("paper", 1)
    assert score.order == 1.0
    assert score.table == 1.0
    assert (score.recall, score.precision >= 0.9, score.text > 0.95, score.iou > 0.85) == (1.0, True, True, True)


@READS
def test_chinese_is_read() -> None:
    score = BENCH["scanned"]("report-zh", 2)
    assert (score.order, score.table, score.recall) == (1.0, 1.0, 1.0)
    assert score.text > 0.98
    assert score.iou > 0.85


@READS
@pytest.mark.parametrize("turn", [90, 180])
def test_a_page_that_lies_on_its_side_is_read_and_its_boxes_are_where_it_shows_them(turn: int) -> None:
    upright = sign("Turned pages have words\nand each of them is long\nenough to be recognised")
    image = upright.rotate(-turn, expand=True)
    result = decoded("scan.png", png(image))
    (page,) = result.pages
    assert "".join(told(result)) == "Turnedpageshavewordsandeachofthemislongenoughtoberecognised"
    assert (page.unit, page.width, page.height) == ("pixel", *image.size)
    dark = image.convert("L").point(lambda value: 255 - value).getbbox()
    assert dark is not None
    boxes = [block.regions[0].bbox for block in page.blocks]
    union = (
        min(b[0] for b in boxes if b),
        min(b[1] for b in boxes if b),
        max(b[2] for b in boxes if b),
        max(b[3] for b in boxes if b),
    )
    assert union == pytest.approx(tuple(BBox.scaled(dark, *image.size)), abs=0.02)


@READS
def test_a_crooked_page_is_read_in_lines() -> None:
    image = sign("The first line of a crooked page\nand the second line under it\nand then the third one").rotate(
        2, fillcolor="white"
    )
    assert (
        "".join(told(decoded("scan.jpg", png(image, "JPEG"))))
        == "Thefirstlineofacrookedpageandthesecondlineunderitandthenthethirdone"
    )


@READS
def test_every_page_of_a_tiff_is_read_or_those_that_are_asked_for() -> None:
    pages = [sign(f"Sheet number {word} of three") for word in ("one", "two", "three")]
    data = png(pages[0].convert("1"), "TIFF", save_all=True, append_images=[page.convert("1") for page in pages[1:]])
    result = decoded("fax.tif", data, pages="2-3")
    assert [(page.number, "".join(b.text for b in page.blocks)) for page in result.pages] == [
        (2, "Sheet number two of three"),
        (3, "Sheet number three of three"),
    ]
    assert result.total_pages == 3
    assert isinstance(run("fax.tif", data, pages="4"), PagesOutOfRange)


@READS
@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("BMP", "L"), ("GIF", "P"), ("JPEG", "CMYK"), ("PNG", "I;16")],
)
def test_pictures_of_every_kind_are_opened(form: str, mode: str) -> None:
    image = sign("Legible words", (640, 480))
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    data = png(image.convert(mode) if image.mode != mode else image, form)
    assert told(decoded(f"a.{form.lower()}", data)) == ["Legiblewords"]


@READS
def test_a_page_with_text_is_read_anew_on_request() -> None:
    data = pdf_of("Words of the text layer")
    (page,) = decoded("a.pdf", data, Local(ocr="always", isolated=False)).pages
    assert [(block.text, block.confidence is not None) for block in page.blocks] == [("Words of the text layer", True)]


@READS
def test_a_picture_without_words_is_named() -> None:
    result = decoded("a.pdf", pdf_of(Image.new("RGB", (60, 84), "beige")))
    assert [(notice.code, notice.page_number) for notice in result.notices] == [("no_text_found", 1)]


@READS
def test_the_result_does_not_depend_on_isolation() -> None:
    data = png(sign("Same in both"))
    assert decoded("a.png", data) == decoded("a.png", data, Local())


# What can go wrong.


@READS
@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"<html>Please log in</html>", UnsupportedSource),
        (png(Image.effect_noise((400, 400), 90), "JPEG")[:9000], BrokenSource),
        (b"", EmptySource),
    ],
    ids=["html", "cut", "empty"],
)
def test_bad_pictures_get_typed_errors(data: bytes, error: type[DocParseError]) -> None:
    result = run("a.jpg", data)
    assert type(result) is error
    assert isinstance(result, DocParseError)
    assert result.hint


@READS
@pytest.mark.parametrize(
    ("size", "colour"),
    [
        *[((1, 1), "white"), ((1, 700), "black"), ((700, 1), "white")],
        *[((7, 7), "black"), ((39, 20), "white"), ((3000, 12), "white")],
    ],
)
def test_a_picture_of_any_size_is_a_page(size: tuple[int, int], colour: str) -> None:
    result = run("dot.png", png(Image.new("RGB", size, colour)))
    assert isinstance(result, Decoded)
    assert [(page.width, page.height) for page in result.pages] == [size]


@READS
def test_a_picture_that_unpacks_to_too_many_pixels_is_refused() -> None:
    result = run("bomb.png", png(Image.new("1", (20_000, 20_000))))
    assert isinstance(result, DocParseError)
    assert result.code == "too_large"


@READS
def test_ocr_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docparse_loaders.vendors.local.ocr.scans._START", 0.0)
    result = run("a.pdf", pdf_of(sign("words")), Local(ocr_timeout=0.05))
    assert isinstance(result, JobTimeout)
    assert "ocr_timeout" in result.hint


def test_a_pdf_by_another_name_is_still_a_pdf() -> None:
    assert told(decoded("a.png", pdf_of("Words of the text layer"))) == ["Wordsofthetextlayer"]


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)


@pytest.mark.usefixtures("without_ocr")
def test_without_the_extra_a_scan_gives_a_notice_with_the_install_command() -> None:
    assert find_spec("rapidocr") is None
    result = decoded("a.pdf", pdf_of("text", sign("words")))
    assert [(notice.code, notice.page_number) for notice in result.notices] == [("no_text_layer", 2)]
    assert 'pip install "docparse-loaders[ocr]"' in result.notices[0].message
    assert result.model.startswith("LiteParse")
    assert "RapidOCR" not in result.model


@pytest.mark.usefixtures("without_ocr")
@pytest.mark.parametrize(("name", "options"), [("a.png", Local()), ("a.pdf", Local(ocr="always"))])
def test_without_the_extra_what_needs_it_is_refused_with_the_install_command(name: str, options: Local) -> None:
    data = pdf_of("text") if name == "a.pdf" else png(sign("words"))
    with pytest.raises(MissingExtra) as caught:
        run(name, data, options)
    assert 'pip install "docparse-loaders[ocr]"' in caught.value.hint


@READS
def test_the_models_travel_in_the_wheel() -> None:
    models = [file.name for file in files("rapidocr") or [] if file.name.endswith(".onnx")]
    assert all(any(f"_{part}_" in name for name in models) for part in ("det", "rec", "cls"))


# The pure parts.

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


def test_a_text_layer_is_read_back_where_it_was_written() -> None:
    words = [
        Word("Hello world", boxed(72, 140, 100, 12), 12),
        Word("中文的处理 mixed", boxed(72, 200, 140, 10), 10),
        Word("astral 𝒳 letter", boxed(72, 150, 180, 10), 10),
    ]
    leaves, back = plain([Leaf(400, 300, words, [Box(50, 200, 350, 200)])])
    payload = as_object(parsed(layer(leaves), {}))
    assert isinstance(payload["pages"], list)
    sheet = sheet_of(as_object(payload["pages"][0]), 0)
    assert (round(sheet.width), round(sheet.height)) == (400, 300)
    found = {item.text.translate(back): item for item in sheet.items}
    assert set(found) == {word.text for word in words}
    for word in words:
        assert tuple(found[word.text].box) == pytest.approx(
            tuple(word.box), abs=0.8
        )  # the last letter is as wide as LiteParse's own Helvetica
        assert found[word.text].size == pytest.approx(word.size, abs=0.1)
    assert [tuple(round(side) for side in rule) for rule in sheet.rules] == [(50, 200, 350, 200)]


@given(st.floats(10, 900), st.floats(10, 900), st.sampled_from([0, 90, 180, 270]), st.floats(-10, 10), st.data())
def test_a_frame_shows_boxes_on_the_page_and_as_large(
    width: float, height: float, turn: int, skew: float, data: st.DataObject
) -> None:
    frame = Frame(width, height, turn, skew)
    x, y = data.draw(st.floats(0.4, 0.5)), data.draw(st.floats(0.4, 0.5))
    box = Box(x * width, y * height, (x + 0.1) * width, (y + 0.1) * height)
    shown = frame.shown(box)
    assert sorted(frame.displayed) == pytest.approx(sorted((width, height)))
    assert shown.area >= box.area * 0.999
    if not skew:
        assert shown.area == pytest.approx(box.area)
        back = Frame(*frame.displayed, (360 - turn) % 360).shown(shown)
        assert tuple(back) == pytest.approx(tuple(box), abs=1e-6)


def test_a_frame_knows_where_the_top_is() -> None:
    # A page that was turned clockwise by 90 degrees to stand upright: its top was at the left.
    assert Frame(100, 200, 90).shown(Box(0, 0, 10, 20)) == Box(0, 90, 20, 100)
    assert Frame(100, 200, 270).shown(Box(0, 0, 10, 20)) == Box(180, 0, 200, 10)
    assert Frame(100, 200, 180).shown(Box(0, 0, 10, 20)) == Box(90, 180, 100, 200)


@pytest.mark.parametrize(("text", "ink"), [("Hxgp", 0.93), ("Hello", 0.72), ("sunrace", 0.53), ("are,", 0.67), ("中文", 0.92)])
def test_sizes_come_from_what_the_letters_reach(text: str, ink: float) -> None:
    assert set_of(text, 10 * ink).size == pytest.approx(10, rel=0.02)


def test_sizes_with_errors_are_made_one_and_those_that_are_known_are_kept() -> None:
    lines = [Sized(9.7, 50), Sized(10.3, 60), Sized(10.0, 55), Sized(24.9, 12), Sized(14.2, 9)]
    assert evened(lines, [10.4, 24.0]) == pytest.approx([10.4, 10.4, 10.4, 24.0, 14.2])


@given(st.lists(st.builds(Sized, st.floats(1, 100), st.integers(1, 80)), max_size=30))
def test_no_size_is_changed_by_much(lines: list[Sized]) -> None:
    result = evened(lines, [])
    assert len(result) == len(lines)
    assert all(0.84 * line.size <= size <= 1.18 * line.size for line, size in zip(lines, result, strict=True))


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500), st.floats(0, 300), st.floats(6, 30)), max_size=20))
def test_flush_edges_move_no_word_by_more_than_a_letter(places: list[tuple[float, float, float, float]]) -> None:
    words = [Word("w", boxed(x, x + width, y, size), size) for x, y, width, size in places]
    for before, after in zip(words, flush(words), strict=True):
        moved = [abs(one - other) for one, other in zip(before.box, after.box, strict=True)]
        assert max(moved) <= 0.25 * before.size + 1e-6
        assert after.box.x1 >= after.box.x0


JUNK: st.SearchStrategy[JsonValue] = st.sampled_from(
    [None, True, -1, 1e300, "x", [], {}, [[]], [None, 1], {"turn": "x"}, 10**400]
)


@given(JUNK, JUNK, JUNK, JUNK)
def test_a_damaged_account_of_a_scan_is_tolerated(
    turn: JsonValue, skew: JsonValue, pixels: JsonValue, scores: JsonValue
) -> None:
    scan: JsonValue = {"turn": turn, "skew": skew, "pixels": pixels, "scores": scores}
    page: JsonValue = {"number": 1, "width": 600, "height": 800, "items": [["words", 50, 60, 90, 70, 10, 0, ""]], "scan": scan}
    (made,) = VENDOR.decode({"pages": [page]}).pages
    assert made.blocks[0].text == "words"
    assert made.blocks[0].regions[0].bbox is not None
