"""`document.show` and what displays in notebooks: the right pages, the right places, and text that stays text."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import docparse_loaders as dl
from docparse_loaders import BBox, Block, Page, ParsedDocument, Region
from docparse_loaders.errors import ConfigError, PagesOutOfRange
from docparse_loaders.model import Heading, Notice, SourceFacts
from docparse_loaders.model import Image as Picture
from docparse_loaders.viewing import lettering
from docparse_loaders.viewing.colours import COLOURS
from docparse_loaders.viewing.encoding import encoded, is_photograph
from docparse_loaders.viewing.lettering import fitted, letters, wrapped
from viewing_files import INK, block, dark, document_of, near, pdf, picture, written

WORDS = '<b onclick="x()">&amp; "quoted" 表格 </b>'


@pytest.fixture(scope="module")
def report(examples: Path) -> ParsedDocument:
    return dl.parse(examples / "report.pdf")


def small(tmp_path: Path, *blocks: Block, pages: int = 1) -> ParsedDocument:
    data = pdf(pages)
    leaves = [
        Page(number, 300, 400, blocks=tuple(one for one in blocks if one.page_number == number))
        for number in range(1, pages + 1)
    ]
    return document_of(data, leaves, uri=str(written(tmp_path, data)))


def colour(kind: Any) -> tuple[int, int, int]:
    code = COLOURS[kind]
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def coloured(image: Image.Image, wanted: tuple[int, int, int]) -> tuple[int, int, int, int] | None:
    """The box around all pixels of a colour."""
    bands = [
        band.point(lambda value, part=part: 255 if value == part else 0)
        for band, part in zip(image.split(), wanted, strict=True)
    ]
    both = Image.composite(bands[0], Image.new("L", image.size), bands[1])
    return Image.composite(both, Image.new("L", image.size), bands[2]).getbbox()


class TestShow:
    def test_a_box_is_drawn_around_its_place_in_the_colour_of_its_kind(self, tmp_path: Path) -> None:
        view = small(tmp_path, block("p1-0", 1, INK, "table")).show(1, width=400)
        [image] = view.images
        frame = coloured(image, colour("table"))
        assert frame is not None
        assert near((frame[0] / 400, frame[1] / image.height, frame[2] / 400, frame[3] / image.height), INK, 0.01)
        assert near(dark(image), INK)
        assert [key.text for key in view.legend] == ["table"]

    def test_a_page_alone_is_large_several_stand_side_by_side_and_many_are_small(self, report: ParsedDocument) -> None:
        alone, beside, all_ = report.show(4), report.show(page="4-6"), report.show()
        assert [view.images[0].width for view in (alone, beside, all_)] == [900, 640, 190]
        assert [panel.page for panel in beside.panels] == [4, 5, 6]
        assert len(all_) == 8
        assert [panel.page for panel in report.show(report.pages[3]).panels] == [4]
        assert beside.image.width > 3 * 640

    @pytest.mark.parametrize("number", range(3))
    def test_a_table_is_shown_on_all_its_pages(self, report: ParsedDocument, number: int) -> None:
        table = report.tables[number]
        view = report.show(table)
        assert [panel.page for panel in view.panels] == [region.page_number for region in table.regions]
        assert [mark.bbox for panel in view.panels for mark in panel.marks] == [region.bbox for region in table.regions]
        assert {mark.label for panel in view.panels for mark in panel.marks} == {table.id}

    def test_a_chunk_is_shown_on_all_its_pages(self, report: ParsedDocument) -> None:
        chunk = next(chunk for chunk in dl.StructureChunker(max_tokens=8000).chunk(report) if chunk.last_page_number > 4)
        view = report.show(chunk)
        assert [panel.page for panel in view.panels] == sorted({region.page_number for region in chunk.regions})
        assert {Region(panel.page, mark.bbox) for panel in view.panels for mark in panel.marks} == set(chunk.regions)

    def test_what_was_not_looked_for_is_dimmed(self, tmp_path: Path) -> None:
        document = small(tmp_path, block("p1-0", 1, INK), block("p1-1", 1, (0.1, 0.6, 0.9, 0.7)))
        bright = document.show(document.blocks[0], width=400).images[0]
        faint = document.show(document.blocks[1], width=400).images[0]
        middle = (round(0.25 * 400), round(0.25 * bright.height))
        assert bright.getpixel(middle) == (0, 0, 0)
        pixel = faint.getpixel(middle)
        assert isinstance(pixel, tuple)
        assert min(pixel) > 120

    def test_headings_regions_lists_and_words_are_found(self, report: ParsedDocument) -> None:
        heading = report.outline.headings[4]
        [place] = report.show(heading).panels
        assert (place.page, place.marks[0].label) == (heading.page_number, heading.block_id)
        assert [panel.page for panel in report.show(list(report.tables)).panels] == [2, 4, 5, 6, 7, 8]
        region = report.tables[0].regions[0]
        assert report.show(region).panels[0].marks[0].bbox == region.bbox
        cited = Region(region.page_number, BBox.of(*(round(edge, 3) for edge in region.bbox or ())))
        assert report.show(cited).panels[0].marks[0].kind == "table"
        assert [key.text for key in report.show(cited).legend] == ["table"]
        assert report.show(Region(2, BBox(0.1, 0.9, 0.2, 0.95))).legend == ()
        found = report.find("Chandlers Yard")
        assert [panel.page for panel in report.show("Chandlers Yard").panels] == sorted({at.page_number for at in found})
        assert [panel.page for panel in report.show(report.tables[1], page=5).panels] == [5]

    @pytest.mark.parametrize(
        "at", [0, -1, True, 3.5, "no such words here", Heading("none", "x", 1, 1), [], {"page": 1}, Block(id="x", kind="text")]
    )
    def test_what_is_not_in_the_document_is_refused(self, report: ParsedDocument, at: Any) -> None:
        with pytest.raises(ConfigError):
            report.show(at)

    def test_a_page_that_was_not_parsed_is_refused(self, examples: Path) -> None:
        document = dl.parse(examples / "paper.pdf", pages="2-3")
        with pytest.raises(PagesOutOfRange, match=r"page 1 was not parsed; those that were: 2-3\."):
            document.show(1)
        assert [panel.title for panel in document.show(3).panels] == ["paper.pdf, page 3 of 3"]
        assert [panel.page for panel in document.show().panels] == [2, 3]

    @pytest.mark.parametrize("width", [0, 39, 4001, True, 300.0, "wide"])
    def test_a_width_that_makes_no_sense_is_refused(self, report: ParsedDocument, width: Any) -> None:
        with pytest.raises(ConfigError, match="is not a width"):
            report.show(1, width=width)

    def test_a_document_that_was_reloaded_elsewhere_says_why_it_is_blank_and_takes_its_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        data = pdf()
        Path("made.pdf").write_bytes(data)
        parsed = document_of(data, [Page(1, 300, 400, blocks=(block("p1-0", 1, INK, text="Words"),))], uri="made.pdf")
        document = ParsedDocument.model_validate_json(parsed.model_dump_json())
        assert document.show(1).notices == ()
        (tmp_path / "else").mkdir()
        monkeypatch.chdir(tmp_path / "else")
        assert "Pass source=" in document.show(1).notices[0]
        view = document.show(1, source="../made.pdf", width=400)
        assert view.notices == ()
        assert near(dark(view.images[0]), INK)

    def test_a_blank_page_has_the_words_in_their_places(self) -> None:
        words = block("p1-0", 1, (0.1, 0.1, 0.5, 0.2), text="Some words in a box that is large enough")
        table = Block(
            id="p1-1", kind="table", text="| a | b |\n| - | - |\n| c | d |", regions=(Region(1, BBox(0.5, 0.5, 0.9, 0.9)),)
        )
        document = document_of(b"x", [Page(1, 300, 400, blocks=(words, table))])
        image = document.show(1, width=800).images[0].convert("L")
        for x0, y0, x1, y1 in ((0.1, 0.1, 0.5, 0.2), (0.5, 0.5, 0.9, 0.9)):
            inside = image.crop((round(x0 * 800) + 4, round(y0 * 1067) + 4, round(x1 * 800) - 4, round(y1 * 1067) - 4))
            assert any(inside.getpixel((x, y)) in range(120) for x in range(inside.width) for y in range(inside.height))

    def test_blocks_without_a_box_and_pages_without_blocks_are_no_fault(self, tmp_path: Path) -> None:
        document = small(tmp_path, block("p1-0", 1, None, text="nowhere"), pages=2)
        assert len(document.show()) == 2
        assert document.show(document.blocks[0]).panels[0].page == 1
        assert repr(document.show()) == "View(made.pdf, page 1 of 2, made.pdf, page 2 of 2)"
        empty = document_of(b"x", [])
        assert (empty.show().images, len(empty.show())) == ([], 0)
        assert empty.show()._repr_png_().startswith(b"\x89PNG")

    def test_boxes_that_are_no_places_and_huge_texts_are_no_fault(self, tmp_path: Path) -> None:
        nan = float("nan")
        strange = [BBox(nan, nan, nan, nan), BBox(-5, -5, 9, 9), BBox(0.5, 0.5, 0.5, 0.5), BBox(0.9, 0.9, 0.1, 0.1)]
        blocks = [
            Block(id=f"b{at}", kind="text", text="x" * 30_000, regions=(Region(1, box),)) for at, box in enumerate(strange)
        ]
        rows = Block(id="t", kind="table", text="| a |\n" * 5_000, regions=(Region(1, BBox(0, 0, 1, 1)),))
        document = document_of(b"x", [Page(1, 300, 400, rotation=90, blocks=(*blocks, rows))])
        assert len(document.show()) == len(document.show(rows)) == 1
        assert "nan" not in document.show(1)._repr_html_().partition("text · ")[0]
        document.report(tmp_path / "report.html")
        assert 'x="nan"' not in (tmp_path / "report.html").read_text(encoding="utf-8")

    def test_a_long_document_shows_its_first_pages(self) -> None:
        view = document_of(b"x", [Page(number, 300, 400) for number in range(1, 90)]).show(width=40)
        assert len(view) == 60
        assert view.notices[-1] == "The first 60 of 89 pages; page= shows others."

    def test_warnings_about_a_page_stand_on_it(self, examples: Path) -> None:
        document = dl.parse(examples / "invoice-scan.pdf", vendor={"vendor": "local", "ocr": "never"})
        assert document.show(1).notices == ()
        assert "no text layer" in document.show(2).notices[0]


class TestView:
    def test_it_is_saved_in_the_form_that_its_name_says(self, tmp_path: Path) -> None:
        view = small(tmp_path, block("p1-0", 1, INK)).show(1, width=200)
        for name, form in (("a.png", "PNG"), ("b.JPG", "JPEG"), ("c.webp", "WEBP")):
            view.save(tmp_path / name)
            with Image.open(tmp_path / name) as image:
                assert (image.format, image.size) == (form, view.image.size)
        for name in ("d.gif", "e", "f.html"):
            with pytest.raises(ConfigError, match="a picture cannot be written as"):
                view.save(tmp_path / name)
            assert not (tmp_path / name).exists()

    def test_a_notebook_gets_a_picture_and_html_that_names_the_blocks(self, tmp_path: Path) -> None:
        view = small(tmp_path, block("p1-0", 1, INK, text=WORDS)).show(1, width=200)
        assert view._repr_png_().startswith(b"\x89PNG")
        html = view._repr_html_()
        assert harmless(html)
        assert "p1-0 · text · &lt;b onclick=&quot;x()&quot;&gt;" in html
        assert len(re.findall(r'<img src="data:image/(?:png|webp);base64,', html)) == 1


def harmless(html: str) -> bool:
    """No script, no handler and nothing that is loaded from elsewhere."""
    bare = re.sub(r'title="[^"]*"|alt="[^"]*"', "", html)
    tags = re.findall(r"<[^>]*>", bare)
    return not any(
        re.search(r"<(?:script|iframe|link|object)|\son\w+\s*=|(?:src|href)=\"(?!data:image/|#)", tag) for tag in tags
    )


class TestCards:
    def test_a_document_shows_its_outline_counts_and_first_pages(self, report: ParsedDocument) -> None:
        html = report._repr_html_()
        assert harmless(html)
        assert "8 of 8 pages · 82 blocks · 19 headings · 3 tables" in html
        assert all(heading.text in html for heading in report.outline.headings)
        assert html.count("<img ") == 6
        assert len(html) < 200_000

    def test_nothing_in_it_is_read_as_markup(self, tmp_path: Path) -> None:
        title = Block(id="p1-0", kind="title", text=WORDS, level=1, regions=(Region(1, BBox(*INK)),))
        document = small(tmp_path, title)
        document = document.model_copy(
            update={
                "vendor": WORDS,
                "source": SourceFacts(WORDS, WORDS, "", 0, ""),
                "warnings": (Notice("x", WORDS),),
            }
        )
        html = document._repr_html_()
        assert harmless(html)
        assert "<b onclick" not in html

    def test_a_table_is_an_html_table_of_our_own(self) -> None:
        first = '<tr><td rowspan=2 style="x">a<script>y</script></td><td>1 &lt; 2</td></tr>'
        html = f'<table onclick="x()">{first}<tr><td><img src=x></td></tr></table>'
        shown = Block(id="t", kind="table", html=html, regions=(Region(3, None),))._repr_html_()
        assert harmless(shown)
        assert 'rowspan="2"' in shown
        assert "1 &lt; 2" in shown
        assert "page 3" in shown

    def test_a_chunk_shows_its_tables_and_code_and_all_its_words(self, report: ParsedDocument) -> None:
        for chunk in dl.StructureChunker().chunk(report):
            html = chunk._repr_html_()
            assert harmless(html)
            assert ("<table" in html) == ("| --- |" in chunk.body)
            assert ("<pre>" in html) == ("\n```\n" in chunk.body)
            assert f"{chunk.token_count} tokens" in html

    def test_a_picture_of_a_vendor_is_not_loaded(self) -> None:
        seen = Block(
            id="f", kind="figure", text="![x](https://evil.example/a.png)", image=Picture("url", "https://evil.example/a.png")
        )
        assert harmless(seen._repr_html_())

    def test_without_the_extra_a_card_says_what_to_install(
        self, report: ParsedDocument, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pypdfium2", None)
        html = report._repr_html_()
        assert "pip install &quot;docparse-loaders[notebook]&quot;" in html
        assert "<img" not in html
        assert report.outline.headings[3].text in html


class TestLetters:
    @given(st.text(max_size=200), st.integers(6, 30), st.integers(20, 600))
    def test_any_text_can_be_written(self, text: str, size: int, width: int) -> None:
        lines, used = wrapped(text, size, width, 5)
        assert len(lines) <= 5
        assert all(used.getlength(line) <= width or len(line) == 1 for line in lines)
        said, used = fitted(text, size, width)
        assert used.getlength(said) <= max(width, used.getlength("..."))

    def test_lines_break_where_their_script_breaks_them(self) -> None:
        assert wrapped("first line\nsecond", 12, 400, 5)[0] == ["first line", "second"]
        english, _ = wrapped("the heat of the network", 12, 80, 5)
        assert " ".join(english) == "the heat of the network"
        chinese, _ = wrapped("全年检出漏点 613 处，其中明漏 187 处", 12, 100, 5)
        assert all(len(line) >= 6 for line in chinese[:-1])
        assert "".join(chinese).replace(" ", "") == "全年检出漏点613处，其中明漏187处"

    def test_without_a_font_for_them_letters_are_left_out_and_not_drawn_as_boxes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lettering, "_wide", lambda size: None)
        assert letters("第3章 Results 结论", 12)[0] == "...3... Results ..."
        assert letters("plain words – here", 12)[0] == "plain words - here"
        assert letters("Größe: 20 m² für 5 €", 12)[0] == "Grosse: 20 m2 fur 5 EUR"

    @pytest.mark.parametrize("system", [True, False])
    def test_no_letter_is_drawn_as_an_empty_box(self, monkeypatch: pytest.MonkeyPatch, *, system: bool) -> None:
        if not system:
            monkeypatch.setattr(lettering, "_wide", lambda size: None)
        said, used = letters("Ünïcödé – 第三章 “x” 143,024 m² ≤ 5 € Ω Ж שלום \U0001f600 \ue000", 20)
        empty = bytes(used.getmask("\U0010ffff"))
        assert [char for char in said if bytes(used.getmask(char)) == empty] == []

    def test_drawings_become_palettes_and_scans_photographs(self) -> None:
        noise = Image.effect_noise((300, 300), 80).convert("RGB")
        noise = Image.merge("RGB", [noise.getchannel(0), noise.getchannel(1).rotate(90), noise.getchannel(2).rotate(180)])
        grey = Image.blend(picture((300, 300)), Image.effect_noise((300, 300), 30).convert("RGB"), 0.3)
        assert [is_photograph(image) for image in (noise, grey, picture())] == [True, True, False]
        assert encoded(picture()).media_type == "image/png"
        assert encoded(noise).media_type in {"image/webp", "image/jpeg"}
        with Image.open(io.BytesIO(encoded(picture()).data)) as back:
            assert near(dark(back.convert("RGB")), INK)


def test_a_dump_is_not_touched_by_looking(tmp_path: Path) -> None:
    document = small(tmp_path, block("p1-0", 1, INK))
    before = document.model_dump_json()
    document.show()
    document._repr_html_()
    assert document.model_dump_json() == before
    assert set(json.loads(before)) == set(ParsedDocument.model_fields)
