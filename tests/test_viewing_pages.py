"""Pages as pictures: the very file that was parsed, turned and cut as a reader sees it, or a blank page that says why."""

import gc
import io
import os
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen import canvas

import docparse_loaders as dl
from docparse_loaders import Page, ParsedDocument
from docparse_loaders.errors import SourceNotFound
from docparse_loaders.viewing.sheets import opened, ratio_of
from viewing_files import INK, Spot, dark, document_of, near, pdf, picture, written

WIDTH = 300


def drawn(document: ParsedDocument, number: int = 1, width: int = WIDTH, source: object = None) -> tuple[Image.Image, str]:
    page = document.page(number)
    assert page is not None
    with opened(document.source, source) as sheets:
        sheet = sheets.draw(page, width)
    return sheet.image, sheet.why


def turned(box: Spot, quarters: int) -> Spot:
    """Where a box is after so many quarter turns clockwise."""
    for _ in range(quarters % 4):
        x0, y0, x1, y1 = box
        box = 1 - y1, x0, 1 - y0, x1
    return box


def changed(data: bytes, *, rotate: int = 0, crop: tuple[float, float, float, float] | None = None) -> bytes:
    """A PDF with its first page turned or cropped."""
    with closing(pypdfium2.PdfDocument(data)) as document:
        page = document[0]
        page.set_rotation(rotate)
        if crop:
            page.set_cropbox(*crop)
        page.close()
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


class TestPdf:
    @pytest.mark.parametrize("rotate", [0, 90, 180, 270])
    def test_a_turned_page_is_drawn_as_it_is_displayed(self, rotate: int) -> None:
        data = changed(pdf(), rotate=rotate)
        size = (300, 400) if rotate % 180 == 0 else (400, 300)
        image, why = drawn(document_of(data, [Page(1, *size)]), source=data)
        assert why == ""
        assert image.size == (WIDTH, round(WIDTH * size[1] / size[0]))
        assert near(dark(image), turned(INK, rotate // 90))

    @pytest.mark.parametrize("rotate", [0, 90])
    def test_a_cropped_page_is_drawn_within_its_crop_box(self, rotate: int) -> None:
        # Of 300 x 400 points the upper part, 150 x 200, in which the ink is at (15, 80)-(105, 120).
        data = changed(pdf(), rotate=rotate, crop=(15, 200, 165, 400))
        size = (150, 200) if rotate == 0 else (200, 150)
        image, why = drawn(document_of(data, [Page(1, *size)]), source=data)
        assert why == ""
        assert near(dark(image), turned((15 / 150, 80 / 200, 105 / 150, 120 / 200), rotate // 90))

    @pytest.mark.parametrize("rotation", [90, 180, 270])
    def test_a_page_that_the_vendor_turned_is_turned_like_it(self, rotation: int) -> None:
        size = (300, 400) if rotation == 180 else (400, 300)
        data = pdf()
        image, why = drawn(document_of(data, [Page(1, *size, rotation=rotation)]), source=data)
        assert why == ""
        assert near(dark(image), turned(INK, rotation // 90))

    def test_pages_are_those_of_the_file_also_when_some_were_left_out(self, tmp_path: Path) -> None:
        data = io.BytesIO()
        with closing(pypdfium2.PdfDocument.new()) as together:
            for ink in (INK, (0.5, 0.5, 0.9, 0.9)):
                with closing(pypdfium2.PdfDocument(pdf(ink=ink))) as one:
                    together.import_pages(one)
            together.save(data)
        path = written(tmp_path, data.getvalue())
        image, why = drawn(document_of(data.getvalue(), [Page(2, 300, 400)], uri=str(path), total=2), 2)
        assert (near(dark(image), (0.5, 0.5, 0.9, 0.9)), why) == (True, "")

    def test_a_page_that_the_file_does_not_have_is_blank(self) -> None:
        data = pdf()
        image, why = drawn(document_of(data, [Page(7, 300, 400)]), 7, source=data)
        assert image.getcolors() == [(image.width * image.height, (255, 255, 255))]
        assert why == "made.pdf has no page 7."

    def test_other_proportions_than_the_vendor_saw_are_not_drawn_over(self) -> None:
        data = pdf()
        image, why = drawn(document_of(data, [Page(1, 400, 300)]), source=data)
        assert image.size == (WIDTH, WIDTH * 3 // 4)
        assert "other proportions" in why

    @pytest.mark.parametrize(
        ("data", "said"), [(b"%PDF-1.7 nothing more", "it is damaged"), (b"%PDF-" + b"\0" * 5000, "damaged")]
    )
    def test_a_damaged_file_is_blank(self, data: bytes, said: str) -> None:
        _, why = drawn(document_of(data, [Page(1, 300, 400)]), source=data)
        assert said in why

    def test_a_file_that_wants_a_password_is_blank(self) -> None:
        data = io.BytesIO()
        canvas.Canvas(data, pagesize=(300, 400), encrypt="secret").save()
        why = drawn(document_of(data.getvalue(), [Page(1, 300, 400)]), source=data.getvalue())[1]
        assert why == "made.pdf cannot be drawn: it wants a password."

    def test_what_was_filled_into_a_form_is_seen(self) -> None:
        data = io.BytesIO()
        paper = canvas.Canvas(data, pagesize=(300, 400))
        paper.acroForm.textfield(value="XXXXXX", x=60, y=200, width=200, height=40, fontSize=30, borderWidth=0)
        paper.showPage()
        paper.save()
        image, why = drawn(document_of(data.getvalue(), [Page(1, 300, 400)]), source=data.getvalue())
        x0, y0, x1, y1 = dark(image)
        assert why == ""
        assert 0.19 < x0 < x1 < 0.87
        assert 0.39 < y0 < y1 < 0.51

    def test_a_huge_or_endless_page_fills_no_memory(self) -> None:
        data = pdf(size=(20, 14000), ink=(0, 0, 1, 0.01))
        image, _ = drawn(document_of(data, [Page(1, 20, 14000)]), source=data)
        assert image.height <= 6 * WIDTH

    def test_threads_may_draw_at_once(self) -> None:
        data = pdf(4)
        document = document_of(data, [Page(number, 300, 400) for number in range(1, 5)])
        found: list[bool] = []

        def draw(number: int) -> None:
            found.append(near(dark(drawn(document, number, source=data)[0]), INK))

        threads = [threading.Thread(target=draw, args=(1 + at % 4,)) for at in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 12

    @pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files where the system lists them")
    def test_nothing_stays_open(self, tmp_path: Path) -> None:
        data = pdf()
        document = document_of(data, [Page(1, 300, 400)], uri=str(written(tmp_path, data)))
        drawn(document)
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # a count of what the kernel lists
        for _ in range(3):
            drawn(document)
        gc.collect()
        assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208  # as above, a count


class TestPicture:
    @pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
    def test_every_form_is_drawn(self, form: str) -> None:
        data = io.BytesIO()
        picture().save(data, form)
        image, why = drawn(document_of(data.getvalue(), [Page(1, 300, 400)]), source=data.getvalue())
        assert (why, near(dark(image), INK)) == ("", True)

    def test_a_photograph_is_turned_as_its_camera_noted(self) -> None:
        """Tag 274 is the orientation; 6 asks for a quarter turn clockwise."""
        data, exif = io.BytesIO(), Image.Exif()
        exif[274] = 6
        picture().save(data, "JPEG", exif=exif)
        image, why = drawn(document_of(data.getvalue(), [Page(1, 400, 300)]), source=data.getvalue())
        assert (why, near(dark(image), turned(INK, 1))) == ("", True)

    def test_unless_the_vendor_did_not_turn_it(self) -> None:
        data, exif = io.BytesIO(), Image.Exif()
        exif[274] = 6
        picture().save(data, "JPEG", exif=exif)
        image, why = drawn(document_of(data.getvalue(), [Page(1, 300, 400)]), source=data.getvalue())
        assert (why, near(dark(image), INK)) == ("", True)

    def test_each_frame_of_a_tiff_is_a_page(self) -> None:
        data, second = io.BytesIO(), (0.5, 0.6, 0.8, 0.7)
        picture().save(data, "TIFF", save_all=True, append_images=[picture(ink=second)])
        document = document_of(data.getvalue(), [Page(1, 300, 400), Page(2, 300, 400), Page(3, 300, 400)])
        assert near(dark(drawn(document, 1, source=data.getvalue())[0]), INK)
        assert near(dark(drawn(document, 2, source=data.getvalue())[0]), second)
        assert drawn(document, 3, source=data.getvalue())[1] == "made.pdf has no page 3."

    def test_sixteen_bits_of_grey_and_transparency_are_seen_as_they_are(self) -> None:
        deep, clear = io.BytesIO(), io.BytesIO()
        picture().convert("L").convert("I").point(lambda value: value * 257).convert("I;16").save(deep, "PNG")
        hole = picture().convert("RGBA")
        hole.putalpha(picture().convert("L").point(lambda value: 255 - value))
        hole.save(clear, "PNG")
        for data in (deep.getvalue(), clear.getvalue()):
            image, why = drawn(document_of(data, [Page(1, 300, 400)]), source=data)
            assert (why, near(dark(image), INK)) == ("", True)
            assert image.getpixel((1, 1)) == (255, 255, 255)

    def test_a_damaged_one_is_blank(self) -> None:
        data = io.BytesIO()
        picture().save(data, "PNG")
        cut = data.getvalue()[:60]
        assert "damaged" in drawn(document_of(cut, [Page(1, 300, 400)]), source=cut)[1]

    def test_a_bomb_is_not_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = io.BytesIO()
        picture().save(data, "PNG")
        for most in (Image.MAX_IMAGE_PIXELS, 100_000, 50_000):
            monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
            why = drawn(document_of(data.getvalue(), [Page(1, 300, 400)]), source=data.getvalue())[1]
            assert ("too large" in why) == (most is not None and most < 300 * 400)


class TestTheFile:
    """Boxes are only drawn on the bytes that they belong to."""

    def test_a_changed_file_is_not_drawn(self, tmp_path: Path) -> None:
        data = pdf()
        path = written(tmp_path, data)
        document = document_of(data, [Page(1, 300, 400)], uri=str(path))
        assert drawn(document)[1] == ""
        path.write_bytes(data[:-1] + b" ")
        image, why = drawn(document)
        assert why == "made.pdf was changed after it was parsed, so the boxes would be in wrong places. Parse it again."
        assert image.getcolors() == [(image.width * image.height, (255, 255, 255))]
        path.write_bytes(pdf(2))
        assert "was changed" in drawn(document)[1]

    def test_a_file_that_is_gone_can_be_handed_in(self, tmp_path: Path) -> None:
        data = pdf()
        document = document_of(data, [Page(1, 300, 400)], uri="somewhere/made.pdf")
        assert "there is no file somewhere/made.pdf here" in drawn(document)[1]
        moved = written(tmp_path, data, "moved.pdf")
        for source in (str(moved), moved, data, bytearray(data), io.BytesIO(data)):
            assert drawn(document, source=source)[1] == ""

    def test_the_wrong_file_is_named(self, tmp_path: Path) -> None:
        document = document_of(pdf(), [Page(1, 300, 400)])
        other = written(tmp_path, pdf(2), "other.pdf")
        assert drawn(document, source=other)[1] == (
            "other.pdf is not the file that was parsed as made.pdf: its content differs."
        )
        with pytest.raises(SourceNotFound):
            drawn(document, source=tmp_path / "none.pdf")

    @pytest.mark.parametrize(
        ("uri", "said"),
        [
            ("bytes:0123", "it was handed in as bytes"),
            ("https://example.org/a.pdf", "nothing is fetched"),
            ("s3://bucket/a.pdf", "nothing is fetched"),
            ("", "handed in as bytes"),
            ("/dev/null", "there is no file"),
            ("a\x00b", "handed in as bytes"),
        ],
    )
    def test_where_there_is_no_file_the_page_says_why(self, uri: str, said: str) -> None:
        assert said in drawn(document_of(b"x", [Page(1, 300, 400)], uri=uri))[1]

    def test_an_office_file_is_blank_in_its_proportions(self, tmp_path: Path) -> None:
        data = b"PK\x03\x04 something"
        path = written(tmp_path, data, "talk.pptx")
        image, why = drawn(document_of(data, [Page(1, 960, 540)], uri=path.as_uri(), name="talk.pptx"))
        assert image.size == (WIDTH, round(WIDTH * 540 / 960))
        assert "talk.pptx is neither a PDF nor a picture" in why

    def test_a_saved_result_alone_draws_no_file(self, tmp_path: Path) -> None:
        data = pdf()
        document = document_of(data, [Page(1, 300, 400)], uri=str(written(tmp_path, data)))
        unknown = document.model_copy(update={"source": replace(document.source, size=0)})
        assert "is not known to be the file that was parsed" in drawn(unknown)[1]
        assert drawn(unknown, source=data)[1] == ""

    def test_proportions_are_those_of_paper_where_the_vendor_gave_none(self) -> None:
        assert ratio_of(Page(1, 0, 0)) == pytest.approx(297 / 210)
        assert 0 < ratio_of(Page(1, 1e9, 1)) < ratio_of(Page(1, 1, 1e9)) < 10


def test_a_block_is_where_its_ink_is(examples: Path) -> None:
    """The whole way: what the local vendor says of a page, on the page as it is drawn."""
    document = dl.parse(examples / "paper.pdf", pages="3")
    image, why = drawn(document, 3, 900)
    assert why == ""
    page = document.page(3)
    assert page is not None
    for one in page.blocks:
        box = one.regions[0].bbox
        assert box is not None
        x0, y0, x1, y1 = box.to_pixels(*image.size)
        assert dark(image.crop((max(x0 - 2, 0), max(y0 - 2, 0), x1 + 2, y1 + 2)))
