"""What an emulated vendor reads besides PDFs with a text layer: scans, pictures and office files, where that is installed."""

import io
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders import DocParser, MinerU, SoMark
from docparse_loaders.emulator import Emulator, parsing
from docparse_loaders.emulator.formats import suffix_of
from docparse_loaders.emulator.parsing import read
from docparse_loaders.errors import BrokenSource, JobFailed
from docparse_loaders.model import Page
from docparse_loaders.vendors.local.ocr import scans
from docparse_loaders.vendors.local.office import PROGRAMS

READS = pytest.mark.skipif(not scans.installed(), reason="the extra 'ocr' is not installed")
CONVERTS = pytest.mark.skipif(not any(map(shutil.which, PROGRAMS)), reason="LibreOffice is not installed")
RTF = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0\fs22 Some words about heat.\par}"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sign(text: str, form: str = "PNG") -> bytes:
    image = Image.new("RGB", (900, 1200), "white")
    ImageDraw.Draw(image).text((100, 150), text, fill="black", font_size=44)
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def scan(*texts: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for text in texts:
        canvas.drawImage(ImageReader(io.BytesIO(sign(text))), 0, 0, 595.27, 841.89)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def words(pages: Sequence[Page]) -> str:
    return " ".join(block.text for page in pages for block in page.blocks)


@READS
def test_a_scan_goes_through_an_emulator_with_its_text(examples: Path) -> None:
    with Emulator("somark") as emulator:
        vendor = SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
        document = DocParser(vendor).parse(examples / "invoice-scan.pdf")
    assert [page.number for page in document.pages] == [1, 2]
    assert all(any(block.text for block in page.blocks) for page in document.pages)
    assert "RECHNUNG" in words(document.pages).upper() or "INVOICE" in words(document.pages).upper()
    assert all(block.regions[0].bbox is not None for page in document.pages for block in page.blocks)


@READS
def test_a_picture_goes_through_an_emulator_with_its_text() -> None:
    with Emulator("mineru") as emulator:
        vendor = MinerU(base_url=emulator.base_url, api_key=emulator.keys[0])
        document = DocParser(vendor).parse(sign("Meter 4711"), name="sign.png")
    assert "4711" in words(document.pages)


@CONVERTS
def test_an_office_file_goes_through_an_emulator_with_its_text() -> None:
    assert "Some words about heat." in words(anyio.run(read, RTF))


def test_pdfs_with_text_are_read_without_ocr(examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "_read", lambda *_: pytest.fail("no page of it is a scan"))
    assert len(anyio.run(read, (examples / "paper.pdf").read_bytes())) == 3


@pytest.mark.parametrize("data", [sign("Meter 4711"), scan("Meter 4711")], ids=["picture", "scan"])
def test_without_ocr_a_scan_cannot_be_read(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "installed", lambda: False)
    with pytest.raises(BrokenSource) as caught:
        anyio.run(read, data)
    assert "[ocr]" in caught.value.hint


def test_without_ocr_the_job_of_a_picture_fails_as_the_vendor_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "installed", lambda: False)
    with Emulator("somark") as emulator:
        parser = DocParser(SoMark(base_url=emulator.base_url, api_key=emulator.keys[0]))
        with pytest.raises(JobFailed):
            parser.parse(sign("Meter 4711"), name="sign.png")
        assert emulator.submits == 1


def test_without_libreoffice_an_office_file_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BrokenSource, match="LibreOffice"):
        anyio.run(read, RTF)


def test_a_file_that_takes_too_long_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_LONGEST", 0.0)
    with Emulator("mineru") as emulator:
        parser = DocParser(MinerU(base_url=emulator.base_url, api_key=emulator.keys[0]))
        with pytest.raises(BrokenSource, match="longer"):
            parser.parse(scan("Meter 4711"), name="scan.pdf")


def archive(*names: str, first: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as members:
        if first:
            members.writestr("mimetype", first)
        for name in names:
            members.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"junk before it %PDF-1.7", "pdf"),
        (sign("x"), "png"),
        (sign("x", "JPEG"), "jpg"),
        (sign("x", "TIFF"), "tiff"),
        (sign("x", "GIF"), "gif"),
        (sign("x", "BMP"), "bmp"),
        (sign("x", "WEBP"), "webp"),
        (RTF, "rtf"),
        (archive("[Content_Types].xml", "word/document.xml"), "docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (archive("content.xml", first="application/vnd.oasis.opendocument.text"), "odt"),
        (archive("content.xml", first="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (archive("content.xml", first="application/vnd.oasis.opendocument.presentation"), "odp"),
        (archive("notes.txt"), ""),
        (OLE + bytes(512) + "WordDocument".encode("utf-16-le"), "doc"),
        (OLE + bytes(512) + "Workbook".encode("utf-16-le"), "xls"),
        (OLE + bytes(512) + "PowerPoint Document".encode("utf-16-le"), "ppt"),
        (b"plain words", ""),
        (b"", ""),
    ],
)
def test_a_file_is_known_by_its_content(data: bytes, suffix: str) -> None:
    assert suffix_of(data) == suffix


@given(st.binary(max_size=200))
def test_any_bytes_have_a_known_suffix_or_none(data: bytes) -> None:
    assert suffix_of(data) in {"", "pdf", "png", "jpg", "tiff", "gif", "bmp", "webp", "rtf", "doc", "docx", "xls"}
