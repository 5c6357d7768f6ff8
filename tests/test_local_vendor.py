"""The local vendor's calls, and what LiteParse makes of good and bad files."""

import io
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pydantic import JsonValue
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders.errors import (
    BrokenSource,
    ConfigError,
    DocParseError,
    EmptySource,
    EncryptedSource,
    JobTimeout,
    MissingExtra,
    PagesOutOfRange,
    ProtocolError,
    UnsupportedSource,
)
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.formats import format_of
from docparse_loaders.vendors.local.wire import WORK, LocalState, LocalVendor
from docparse_loaders.vendors.local.work import parse
from docparse_loaders.vendors.protocol import Body, Call, Decoded, Done, Effect, Fail, InProcess, Reply, Send

FACTS = SourceFacts(uri="a/report.pdf", name="report.pdf", media_type="application/pdf", size=9, sha256="0" * 64)
VENDOR = LocalVendor()


def pdf_of(*pages: Callable[[Canvas], None], **options: object) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, **options)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def words(text: str) -> Callable[[Canvas], None]:
    return lambda canvas: canvas.drawString(72, 700, text)


def scan(canvas: Canvas) -> None:
    canvas.drawImage(ImageReader(Image.new("RGB", (60, 84), "beige")), 0, 0, 595.27, 841.89)


def facts(name: str, media_type: str = "", size: int = 9, url: str | None = None) -> SourceFacts:
    return SourceFacts(uri=name, name=name, media_type=media_type, size=size, sha256="0" * 64, url=url)


def run(data: bytes, options: Local | None = None, pages: str | None = None) -> Decoded | DocParseError:
    """Begin, do the work that is asked for, and read the answer, as the engine does."""
    step = VENDOR.begin(FACTS, PageSelection.of(pages), options or Local())
    assert isinstance(step, Send)
    assert isinstance(step.state, LocalState)
    answer = VENDOR.on_reply(step.state, Reply(200, json=json.loads(json.dumps(parse(data, step.call.json)))))
    if isinstance(answer, Fail):
        return answer.error
    assert isinstance(answer, Done)
    return VENDOR.decode(answer.payload)


def decoded(data: bytes, options: Local | None = None, pages: str | None = None) -> Decoded:
    result = run(data, options, pages)
    assert isinstance(result, Decoded)
    return result


def test_begin_asks_for_the_work() -> None:
    request: JsonValue = {
        "furniture": True,
        "drawings": True,
        "infer_links": True,
        "images": False,
        "isolated": True,
        "ocr": "auto",
        "ocr_timeout": 60.0,
        "office_timeout": 120.0,
        "liteparse": {},
        "format": "pdf",
        "suffix": "pdf",
        "pages": [[2, 3], [7, 7]],
    }
    assert isinstance(request, dict)
    state = LocalState(name="report.pdf", media_type="application/pdf", request=request)
    body = Body("", "report.pdf", "application/pdf")
    call = Call(Effect.READ, "RUN", InProcess(WORK), json=request, body=body, large=True)
    assert VENDOR.begin(FACTS, PageSelection.of("2-3,7"), Local()) == Send(call, state)
    assert VENDOR.resume(state) == VENDOR.on_uncertain(state) == Send(call, state)


def test_the_work_is_where_begin_says() -> None:
    assert f"{parse.__module__}:{parse.__name__}" == WORK


def test_state_survives_json_and_holds_no_paid_work() -> None:
    step = VENDOR.begin(FACTS, None, Local())
    assert isinstance(step, Send)
    assert LocalState.model_validate_json(step.state.model_dump_json()) == step.state
    assert not step.state.accepted


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (facts("a.epub", "application/epub+zip"), UnsupportedSource),
        (facts("noext"), UnsupportedSource),
        (facts("a.pdf", size=0), EmptySource),
        (facts("a.docx", size=0), EmptySource),
        (facts("a.pdf", url="https://example.org/a.pdf"), UnsupportedSource),
    ],
)
def test_begin_refuses(source: SourceFacts, error: type[DocParseError]) -> None:
    step = VENDOR.begin(source, None, Local())
    assert isinstance(step, Fail)
    assert type(step.error) is error
    assert step.error.hint
    assert step.error.source == source.uri


@pytest.mark.parametrize(
    ("source", "form", "suffix"),
    [
        (facts("A.PDF"), "pdf", "pdf"),
        (facts("download", "application/pdf"), "pdf", "pdf"),
        (facts("scan.TIFF"), "image", "tiff"),
        (facts("photo", "image/jpeg"), "image", "jpg"),
        (facts("a.b.docx", "application/octet-stream"), "office", "docx"),
        (facts("v1.2", "application/vnd.ms-excel"), "office", "xls"),
    ],
)
def test_begin_tells_formats_by_name_or_type(source: SourceFacts, form: str, suffix: str) -> None:
    step = VENDOR.begin(source, None, Local())
    assert isinstance(step, Send)
    assert isinstance(step.call.json, dict)
    assert (step.call.json["format"], step.call.json["suffix"]) == (form, suffix)


def test_a_picture_without_ocr_is_refused_before_any_work() -> None:
    step = VENDOR.begin(facts("scan.png"), None, Local(ocr="never"))
    assert isinstance(step, Fail)
    assert isinstance(step.error, UnsupportedSource)


def test_every_suffix_has_a_format() -> None:
    assert {format_of(suffix.removeprefix(".")) for suffix in LocalVendor.traits.suffixes} == {"pdf", "image", "office"}


CRASHER = (
    b"%PDF-\n25 0 obj<</Outlines 27 0 R///Pages 46 0 R endobj\n27 0 obj<</First 28 0 R\nendobj\n28 0 obj<</First 29 0 R/\nj\n"
    b"29 0 obj<</Next 28 0 R endobj\n46 0 obj<</ n\ntrailer<</Root 25 0 R>>"
)
"""An outline that runs in a circle: LiteParse 2.18 follows it until its process dies."""
PLAIN = pdf_of(words("one"), words("two"), words("three"))


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        (b"", EmptySource, "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), UnsupportedSource, "not_pdf"),
        (b"<html><body>Please log in</body></html>", UnsupportedSource, "not_pdf"),
        (bytes(4096) + PLAIN, UnsupportedSource, "not_pdf"),
        (PLAIN[: len(PLAIN) // 2], BrokenSource, "broken"),
        (b"%PDF-1.7\n", BrokenSource, "broken"),
        (CRASHER, BrokenSource, "broken"),
        (pdf_of(words("x"), encrypt=StandardEncryption("secret", "owner")), EncryptedSource, "encrypted"),
    ],
    ids=["empty", "png", "html", "late header", "truncated", "header only", "crashing", "encrypted"],
)
def test_bad_files_get_typed_errors(data: bytes, error: type[DocParseError], code: str) -> None:
    result = run(data)
    assert type(result) is error
    assert isinstance(result, DocParseError)
    assert (result.code, result.vendor, result.source) == (code, "local", "report.pdf")
    assert result.hint


def test_a_file_that_only_forbids_printing_is_read() -> None:
    data = pdf_of(words("readable"), encrypt=StandardEncryption("", "owner", canPrint=0))
    assert decoded(data).pages[0].blocks[0].text == "readable"


def test_bytes_before_the_header_are_tolerated() -> None:
    assert len(decoded(b"\r\n\r\n junk " + PLAIN).pages) == 3


def test_asked_pages_keep_their_numbers() -> None:
    result = decoded(PLAIN, pages="2-3")
    assert [(page.number, page.blocks[0].text) for page in result.pages] == [(2, "two"), (3, "three")]
    assert result.total_pages == 3
    assert result.pages[0].blocks[0].id == "p2-0"


def test_a_document_without_one_readable_page_is_broken() -> None:
    assert isinstance(run(pdf_of(words("x"), pageCompression=0).replace(b"/Kids [", b"/Kids [ 99 0 R ")), BrokenSource)


@pytest.mark.parametrize("pages", ["4", "2-4", "3,9", "99999", "1-99999"])
def test_pages_beyond_the_end(pages: str) -> None:
    result = run(PLAIN, pages=pages)
    assert isinstance(result, PagesOutOfRange)
    assert "has 3" in result.message


def test_a_scanned_page_gives_a_notice_that_names_it() -> None:
    result = decoded(pdf_of(words("text"), scan), Local(ocr="never"))
    assert [(notice.code, notice.page_number) for notice in result.notices] == [("no_text_layer", 2)]
    assert "page 2" in result.notices[0].message
    assert "OCR" in result.notices[0].message
    assert [len(page.blocks) for page in result.pages] == [1, 0]


def test_a_blank_page_is_not_called_a_scan() -> None:
    result = decoded(pdf_of(words("text"), lambda canvas: None))
    assert [(notice.code, notice.page_number) for notice in result.notices] == [("blank_page", 2)]


def test_pictures_are_kept_on_request() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Above the picture")
        canvas.drawImage(ImageReader(Image.new("RGB", (60, 60), "red")), 100, 300, 200, 200)

    data = pdf_of(page)
    without = [block for block in decoded(data).pages[0].blocks if block.kind == "figure"]
    images = [block.image for block in decoded(data, Local(images=True)).pages[0].blocks if block.kind == "figure"]
    assert [block.image for block in without] == [None]
    assert images[0] is not None
    assert images[0].form == "base64"
    assert images[0].media_type == "image/png"
    assert images[0].value.startswith("iVBOR")


def test_rotated_pages_are_described_as_displayed() -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(595.27, 0)
        canvas.rotate(90)
        canvas.drawString(72, 500, "upright when displayed")

    block = decoded(pdf_of(page)).pages[0].blocks[0]
    assert block.text == "upright when displayed"
    box = block.regions[0].bbox
    assert box is not None
    assert (round(box.x0, 2), round(box.y0, 2)) == (0.12, 0.1)


def test_extra_options_reach_liteparse() -> None:
    data = pdf_of(words("cut away"))
    assert decoded(data, Local(extra_options={"crop_box": [0.5, 0, 0, 0]})).pages[0].blocks == ()
    with pytest.raises(ConfigError, match="nonsense"):
        run(PLAIN, Local(extra_options={"nonsense": 1}))


def test_a_password_is_not_taken_because_it_would_be_stored() -> None:
    with pytest.raises(ConfigError, match="passwords are not taken") as caught:
        Local(extra_options={"password": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_only_options_that_change_the_result_change_the_fingerprint() -> None:
    assert Local(isolated=False).fingerprint() == Local().fingerprint()
    assert Local(ocr_timeout=1, office_timeout=1).fingerprint() == Local().fingerprint()
    others = [Local(furniture=False), Local(drawings=False), Local(images=True), Local(extra_options={"dpi": 72})]
    others.append(Local(ocr="never"))
    assert len({Local().fingerprint(), *(other.fingerprint() for other in others)}) == 6


def test_the_result_does_not_depend_on_isolation() -> None:
    assert parse(PLAIN, Local(isolated=False).request()) == parse(PLAIN, Local().request())


def test_without_liteparse_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "liteparse", None)
    with pytest.raises(MissingExtra) as caught:
        run(PLAIN)
    assert 'pip install "docparse-loaders[local]"' in caught.value.hint


def test_files_are_parsed_side_by_side() -> None:
    files = [pdf_of(words(f"file {number}")) for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(decoded, files))
    assert [result.pages[0].blocks[0].text for result in results] == [f"file {number}" for number in range(6)]


def test_a_parse_that_takes_too_long_is_ended() -> None:
    result = run(PLAIN, Local(extra_options={"parse_timeout": 1e-9}))
    assert isinstance(result, JobTimeout)


@pytest.mark.parametrize("reply", [Reply(200), Reply(200, json=[1]), Reply(200, json="x")])
def test_an_answer_that_is_no_object(reply: Reply) -> None:
    step = VENDOR.on_reply(LocalState(), reply)
    assert isinstance(step, Fail)
    assert isinstance(step.error, ProtocolError)


@pytest.mark.parametrize("fault", [None, 1, [], {}, {"kind": "new", "message": 7}])
def test_an_unknown_fault_is_a_broken_file(fault: JsonValue) -> None:
    step = VENDOR.on_reply(LocalState(name="a.pdf"), Reply(200, json={"error": fault}))
    assert isinstance(step, Fail)
    assert isinstance(step.error, BrokenSource)
