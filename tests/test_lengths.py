"""How many pages a file seems to have, told from its bytes: right for what writers write, quick for any bytes."""

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.lengths import guess, pages_in, pages_of, selected
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source
from growth import assert_linear
from paper_files import a_pdf


@pytest.mark.parametrize(("file", "pages"), [("report", 8), ("paper", 3), ("report-zh", 5), ("invoice-scan", 2)])
def test_the_pages_of_a_pdf_are_known_before_it_is_parsed(examples: Path, file: str, pages: int) -> None:
    assert pages_of((examples / f"{file}.pdf").read_bytes(), ".pdf") == pages


@pytest.mark.parametrize("pages", [1, 2, 40])
def test_also_if_its_objects_are_compressed(tmp_path: Path, pages: int) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    a_pdf(tmp_path / "a.pdf", pages, "x")
    data = (tmp_path / "a.pdf").read_bytes()
    assert pages_of(data, ".pdf") == pages == len(pdfium.PdfDocument(data))
    assert pages_of(_compressed(data), ".pdf") == pages


def test_a_picture_has_one_and_others_are_not_known() -> None:
    assert pages_of(b"", ".png") == 1
    assert pages_of(b"PK", ".docx") is None
    assert pages_of(b"%PDF-1.7 encrypted", ".pdf") is None
    assert guess(b"x" * 5000) == 5


@given(
    st.lists(
        st.sampled_from(
            [b"<<", b">>", b"/Type/Page ", b"/Type /Pages", b"/Count 3", b"/ObjStm", b"stream\n", b"endstream", b"x"]
        )
    )
)
def test_no_bytes_are_too_odd(parts: list[bytes]) -> None:
    found = pages_of(b"".join(parts), ".pdf")
    assert found is None or found > 0


@pytest.mark.parametrize(
    "part", [b"<<", b"<<x>>", b"/ObjStm", b"/ObjStm stream ", b"/ObjStm stream x endstream ", b"/Count   "]
)
def test_a_hostile_file_takes_no_longer_than_its_size(part: bytes) -> None:
    assert_linear(lambda size: pages_of(b"/Type /Pages" + part * size, ".pdf"), 20_000)


def _compressed(data: bytes) -> bytes:
    """The same objects as a writer puts them that compresses them."""
    objects = b" ".join(
        found[1] for found in re.finditer(rb"\d+ 0 obj(.*?)endobj", data, re.DOTALL) if b"stream" not in found[1]
    )
    return b"%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /N 9 >>\nstream\r\n" + zlib.compress(objects) + b"\nendstream\nendobj\n"


def test_a_document_is_read_only_if_it_may_tell(examples: Path, tmp_path: Path) -> None:
    report = Source.of(examples / "report.pdf")
    assert (pages_in(report), pages_in(report, report.facts.size), pages_in(report, report.facts.size - 1)) == (8, 8, None)
    assert pages_in(Source.of("https://example.com/a.pdf")) is None
    assert pages_in(Source.of("https://example.com/a.png")) == 1
    assert pages_in(Source.of(b"PK", name="a.docx")) is None
    (tmp_path / "gone.pdf").write_bytes(b"%PDF-1.7")
    gone = Source.of(tmp_path / "gone.pdf")
    (tmp_path / "gone.pdf").unlink()
    assert pages_in(gone) is None


@given(st.integers(0, 40), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_as_many_are_meant_as_there_are_and_were_asked_for(total: int, pages: list[int]) -> None:
    assert selected(total, PageSelection.of(pages)) == len({page for page in pages if page <= total})
    assert selected(total, None) == total
