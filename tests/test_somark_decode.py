"""SoMark's results as blocks: every type, every alias, every form of picture, and links over pages."""

from typing import Any

import pytest

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import BBox, Block, Image
from docparse_loaders.vendors.protocol import Blob
from docparse_loaders.vendors.somark.decode import KINDS, decode, image_of
from somark_pages import answer, block, page, report


def _blocks(*blocks: dict[str, Any], **fields: Any) -> tuple[Block, ...]:
    return decode(answer(page(0, *blocks, **fields))).pages[0].blocks


DOCUMENTED = {
    "text": "text",
    "title": "title",
    "figure": "figure",
    "figure_caption": "caption",
    "table": "table",
    "table_caption": "caption",
    "header": "header",
    "footer": "footer",
    "footnote": "footnote",
    "sider": "aside",
    "cate": "toc",
    "cate_item": "toc",
    "code": "code",
    "choice": "text",
    "blank": "text",
    "qrcode": "figure",
    "stamp": "seal",
    "reference": "reference",
    "equation": "equation",
    "cs": "figure",
    "cs_equation": "equation",
}
ALIASES = {
    "formula": "equation",
    "image": "figure",
    "picture": "figure",
    "seal": "seal",
    "image_caption": "caption",
    "caption": "caption",
    "catalog": "toc",
    "list": "text",
    "Page-header": "header",
    "Page-footer": "footer",
    "Chemical Structure": "figure",
    "Chemical Equation": "equation",
    "Code Block": "code",
    "Stamp": "seal",
    "Title": "title",
}


def test_the_documented_types_are_twenty_one() -> None:
    assert len(DOCUMENTED) == 21
    assert set(DOCUMENTED) <= set(KINDS)


@pytest.mark.parametrize(("label", "kind"), [*DOCUMENTED.items(), *ALIASES.items()])
def test_every_type_has_its_kind_and_keeps_its_label(label: str, kind: str) -> None:
    (found,) = _blocks(block(0, label, "x"))
    assert (found.kind, found.label, found.text) == (kind, label, "x")


def test_an_unknown_type_is_kept() -> None:
    (found,) = _blocks(block(0, "hologram", "text of it"))
    assert (found.kind, found.label, found.text) == ("other", "hologram", "text of it")


def test_boxes_are_fractions_of_their_own_page() -> None:
    (found,) = _blocks(block(0, "text", bbox=[119, 168.4, 595, 842]))
    region = found.regions[0]
    assert region.page_number == 1
    assert region.bbox == pytest.approx((0.1, 0.1, 0.5, 0.5))


@pytest.mark.parametrize("bbox", [None, [], [1, 2, 3], ["a", 1, 2, 3], [1, 2, 3, None], {}, "1,2,3,4", [1, 2, 3, float("nan")]])
def test_a_box_that_is_none_is_no_box(bbox: Any) -> None:
    (found,) = _blocks(block(0, "text", "kept", bbox=bbox))
    assert found.text == "kept"
    assert found.regions[0].bbox is None


def test_swapped_corners_and_boxes_beyond_the_page() -> None:
    (found,) = _blocks(block(0, "text", bbox=[1300, 842, -5, 0]))
    assert found.regions[0].bbox == BBox(0.0, 0.0, 1.0, 0.5)


@pytest.mark.parametrize("first", [0, 1])
def test_captions_and_links_are_resolved_by_idx_from_zero_or_one(first: int) -> None:
    one = page(0, block(first, "figure", captions=[first + 1]), block(first + 1, "figure_caption", "Figure 1"))
    two = page(1, block(first, "text", "on", text_cross_page={"page_num": 0, "block_idx": first + 1}))
    pages = decode(answer(one, two)).pages
    assert pages[0].blocks[0].caption_ids == (pages[0].blocks[1].id,)
    assert pages[1].blocks[0].continues == pages[0].blocks[1].id


def test_without_idx_the_position_counts() -> None:
    raw = [block(0, "figure", captions=[1]), block(0, "figure_caption", "Figure 1")]
    for item in raw:
        del item["idx"]
    blocks = _blocks(*raw)
    assert blocks[0].caption_ids == (blocks[1].id,)


@pytest.mark.parametrize(
    ("value", "image"),
    [
        ("", None),
        ("https://img.example.test/a.png?sig=1", Image("url", "https://img.example.test/a.png?sig=1")),
        ("data:image/png;base64,iVBORw0KGgo=", Image("base64", "iVBORw0KGgo=", "image/png")),
        ("iVBORw0KGgo" * 12, Image("base64", "iVBORw0KGgo" * 12)),
        ("images/p0_5.png", Image("file", "images/p0_5.png")),
    ],
)
def test_pictures_in_their_four_forms(value: str, image: Image | None) -> None:
    assert image_of(value) == image
    assert _blocks(block(0, "figure", img_url=value))[0].image == image


def test_a_description_of_a_figure_is_marked_and_other_text_is_not() -> None:
    figure, code, stamp, empty = _blocks(
        block(0, "figure", "A dog."), block(1, "qrcode", "https://a.test"), block(2, "stamp", "PAID"), block(3, "figure")
    )
    assert figure.generated
    assert not code.generated
    assert not stamp.generated
    assert not empty.generated


def test_a_picture_reference_is_not_text() -> None:
    figure, table = _blocks(
        block(0, "figure", "![](https://img.example.test/a.png)", img_url="https://img.example.test/a.png"),
        block(1, "table", '<img src="t.png">', img_url="https://img.example.test/t.png"),
    )
    assert (figure.text, figure.generated) == ("", False)
    assert (table.text, table.html) == ("", None)
    assert table.image is not None


def test_tables_as_html_and_as_markdown() -> None:
    html = "<table><tr><td>a &amp; b</td><td>c</td></tr></table>"
    by_format, by_look, markdown = _blocks(
        block(0, "table", html, format="html"),
        block(1, "table", html),
        block(2, "table", "|a|b|\n|-|-|\n|1|2|", format="markdown"),
    )
    assert by_format.html == by_look.html == html
    assert "a & b" in by_format.text
    assert "<" not in by_format.text
    assert (markdown.html, markdown.text) == (None, "|a|b|\n|-|-|\n|1|2|")


def test_formulas() -> None:
    latex, mathml = _blocks(block(0, "equation", "x^2", format="latex"), block(1, "equation", "<math/>", format="mathml"))
    assert (latex.latex, latex.text) == ("x^2", "x^2")
    assert (mathml.latex, mathml.text) == (None, "<math/>")


def test_title_levels() -> None:
    levels = [
        b.level for b in _blocks(*(block(i, "title", "t", title_level=v) for i, v in enumerate([1, 3, "2", 0, -1, None, "x"])))
    ]
    assert levels == [1, 3, 2, None, None, None, None]
    assert _blocks(block(0, "text", "t", title_level=1))[0].level is None


def test_the_report_end_to_end() -> None:
    decoded = decode(report())
    assert decoded.total_pages == 3
    assert not decoded.notices
    assert [page.number for page in decoded.pages] == [1, 2, 3]
    assert {(p.width, p.height, p.unit) for p in decoded.pages} == {(1190.0, 1684.0, "pixel")}
    continued = {b.id: b.continues for p in decoded.pages for b in p.blocks if b.continues}
    assert continued == {"p2-0": "p1-5", "p3-0": "p2-3"}


@pytest.mark.parametrize(
    "steps", [(), ("data",), ("data", "result"), ("data", "result", "outputs"), ("data", "result", "outputs", "json")]
)
def test_any_part_that_holds_the_pages_will_do(steps: tuple[str, ...]) -> None:
    part: Any = report()
    for step in steps:
        part = part[step]
    assert decode(part).pages == decode(report()).pages
    assert decode(decode_pages(report())).pages == decode(report()).pages


def decode_pages(whole: dict[str, Any]) -> Any:
    return whole["data"]["result"]["outputs"]["json"]["pages"]


@pytest.mark.parametrize(
    "other", [None, 1, "text", {}, {"data": None}, {"code": 0, "data": {"status": "PROCESSING", "result": None}}]
)
def test_what_is_no_result_is_refused(other: Any) -> None:
    with pytest.raises(ProtocolError, match="holds no list of pages"):
        decode(other)
    with pytest.raises(ProtocolError, match="and this is not"):
        decode(Blob(b"PK"))


def test_a_job_that_is_not_done_is_named() -> None:
    with pytest.raises(ProtocolError, match="PROCESSING"):
        decode({"code": 0, "data": {"status": "PROCESSING", "result": None}})


class TestPageFlag:
    """`merge_content_from_pre_page` where no block says the same more exactly."""

    @staticmethod
    def _link(end: str, start: dict[str, Any], *, flag: bool = True, second: int = 1) -> str | None:
        first = page(0, block(0, "text", end), block(1, "footer", "1"))
        pages = decode(answer(first, page(second, block(0, "header", "h"), start, merge_content_from_pre_page=flag))).pages
        return pages[1].blocks[1].continues

    def test_it_joins_a_sentence_that_was_cut(self) -> None:
        assert self._link("the text runs", block(1, "text", "on here")) == "p1-0"
        assert self._link("这段文字没有", block(1, "text", "结束")) == "p1-0"

    def test_it_joins_nothing_else(self) -> None:
        assert self._link("A whole sentence.", block(1, "text", "Another")) is None
        assert self._link("一句话。", block(1, "text", "另一句")) is None
        assert self._link("the text runs", block(1, "title", "New")) is None
        assert self._link("the text runs", block(1, "text", "on"), flag=False) is None
        assert self._link("the text runs", block(1, "text", "on"), second=2) is None

    def test_an_explicit_link_is_believed_instead(self) -> None:
        first = page(0, block(0, "text", "one runs"), block(1, "text", "two runs"))
        second = page(
            1, block(0, "text", "on", text_cross_page={"page_num": 0, "block_idx": 0}), merge_content_from_pre_page=True
        )
        assert decode(answer(first, second)).pages[1].blocks[0].continues == "p1-0"


def test_text_that_no_database_stores_is_cleaned() -> None:
    (found,) = _blocks(block(0, "text", "a\x00b\ud800c 中"))
    assert found.text == "abc 中"
