"""Office files: converted by LibreOffice where there is one, refused with a reason where there is none."""

import io
import shutil
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from docparse_loaders.engine.tools import Workshop
from docparse_loaders.errors import BrokenSource, DocParseError, EncryptedSource, JobTimeout, UnsupportedSource
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.office import PROGRAMS
from docparse_loaders.vendors.local.wire import LocalState, LocalVendor
from docparse_loaders.vendors.local.work import parse
from docparse_loaders.vendors.programs import Program, Ran
from docparse_loaders.vendors.protocol import Decoded, Done, Fail, Reply, Send

CONVERTS = pytest.mark.skipif(not any(shutil.which(name) for name in PROGRAMS), reason="LibreOffice is not installed")
VENDOR = LocalVendor()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RTF = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0\fs40\b Annual report\b0\par\fs22 Some words about heat.\par}"


class Recording(Workshop):
    """A workshop that runs nothing, and answers what it is told to."""

    def __init__(self, answer: Ran) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[Program] = []

    def run(self, program: Program) -> Ran:
        self.asked.append(program)
        return self.answer


def run(name: str, data: bytes, workshop: Workshop | None = None, options: Local | None = None) -> Decoded | DocParseError:
    facts = SourceFacts(uri=name, name=name, media_type="", size=len(data), sha256="0" * 64)
    step = VENDOR.begin(facts, None, options or Local())
    assert isinstance(step, Send)
    assert isinstance(step.state, LocalState)
    shop = workshop or Workshop()
    try:
        answer = VENDOR.on_reply(step.state, Reply(200, json=parse(data, step.call.json, shop)))
    finally:
        shop.close()
    if isinstance(answer, Fail):
        return answer.error
    assert isinstance(answer, Done)
    return VENDOR.decode(answer.payload)


def opendocument(body: str, more: str = "") -> bytes:
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    }
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    content = (
        f"<office:document-content {spaces} office:version='1.2'><office:body>{body}</office:body></office:document-content>"
    )
    kind = "text" if "<office:text>" in body else "spreadsheet"
    entry = (
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.{kind}">{more}'
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'{entry}</manifest:file-entry><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


TEXT = opendocument(
    "<office:text><text:h text:outline-level='1'>Annual report</text:h><text:p>Words about heat.</text:p></office:text>"
)


def test_without_libreoffice_it_is_said_what_to_install() -> None:
    result = run("a.docx", b"PK\x03\x04", Recording(Ran(fault="missing")))
    assert isinstance(result, UnsupportedSource)
    assert "LibreOffice" in result.message
    assert "apt-get install libreoffice" in result.hint
    assert result.source == "a.docx"


def test_without_a_place_to_run_programs_the_refusal_is_the_same() -> None:
    step = VENDOR.begin(SourceFacts("a.odt", "a.odt", "", 9, "0" * 64), None, Local())
    assert isinstance(step, Send)
    reply = parse(TEXT, step.call.json)
    assert isinstance(reply, dict)
    assert isinstance(reply["error"], dict)
    assert reply["error"]["kind"] == "no_office"


@pytest.mark.parametrize(
    ("ran", "error"),
    [
        (Ran(fault="timeout", message="3 s were over"), JobTimeout),
        (Ran(fault="failed", message="source file could not be loaded"), BrokenSource),
        (Ran(b"not a PDF"), BrokenSource),
    ],
)
def test_what_libreoffice_cannot_do_is_a_typed_error(ran: Ran, error: type[DocParseError]) -> None:
    result = run("a.docx", b"PK\x03\x04", Recording(ran))
    assert type(result) is error
    assert isinstance(result, DocParseError)
    assert result.hint


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.docx", b"<html>Please log in</html>", UnsupportedSource),
        ("a.xlsx", b"Name,Quantity\n", UnsupportedSource),
        ("a.xls", RTF, UnsupportedSource),
        ("a.docx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), EncryptedSource),
        ("a.odt", opendocument("<office:text/>", "<manifest:encryption-data/>"), EncryptedSource),
    ],
    ids=["html", "csv", "rtf as sheet", "encrypted docx", "encrypted odt"],
)
def test_what_is_no_office_file_never_reaches_libreoffice(name: str, data: bytes, error: type[DocParseError]) -> None:
    workshop = Recording(Ran())
    assert type(run(name, data, workshop)) is error
    assert not workshop.asked


@pytest.mark.parametrize(
    ("name", "data", "known"),
    [
        ("a.docx", b"PK\x03\x04", "MS Word 2007 XML"),
        ("a.doc", OLE, "MS Word 97"),
        ("a.doc", b"PK\x03\x04", "MS Word 2007 XML"),
        ("a.doc", RTF, "Rich Text Format"),
        ("a.xls", OLE, "MS Excel 97"),
        ("a.xlsx", b"PK\x03\x04", "Calc MS Excel 2007 XML"),
        ("a.pptx", b"PK\x03\x04", "Impress MS PowerPoint 2007 XML"),
        ("a.ods", b"PK\x03\x04", "calc8"),
    ],
)
def test_libreoffice_is_told_what_it_reads_and_where_it_may_write(name: str, data: bytes, known: str) -> None:
    workshop = Recording(Ran(fault="failed"))
    run(name, data, workshop, Local(office_timeout=7))
    (program,) = workshop.asked
    assert f"--infilter={known}" in program.arguments
    assert program.arguments[0] == "-env:UserInstallation={folder}/profile"
    assert program.seconds == 7
    assert program.files[program.arguments[-1]] == data
    profile = program.files["profile/user/registrymodifications.xcu"].decode()
    assert '"DisableMacrosExecution" oor:op="fuse"><value>true' in profile


def test_a_pdf_by_another_name_is_read_as_it_is() -> None:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.drawString(72, 700, "Words")
    canvas.save()
    workshop = Recording(Ran())
    result = run("a.docx", out.getvalue(), workshop)
    assert isinstance(result, Decoded)
    assert not workshop.asked


@CONVERTS
@pytest.mark.parametrize(("name", "data"), [("a.rtf", RTF), ("a.doc", RTF), ("a.odt", TEXT)])
def test_a_text_is_read(name: str, data: bytes) -> None:
    result = run(name, data)
    assert isinstance(result, Decoded), result
    assert result.pages[0].blocks[0].text == "Annual report"
    assert result.pages[0].blocks[0].kind == "title"


@CONVERTS
def test_a_sheet_is_read_as_a_table() -> None:
    rows = [["Name", "Quantity", "Price"], ["Bolt", "3", "4.5"], ["Nut", "5", "2.25"], ["Washer", "12", "0.1"]]
    lines = ["".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row) for row in rows]
    body = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    sheet = f"<office:spreadsheet><table:table table:name='s'>{body}</table:table></office:spreadsheet>"
    result = run("a.ods", opendocument(sheet))
    assert isinstance(result, Decoded), result
    (table,) = [block for block in result.pages[0].blocks if block.kind == "table"]
    assert table.text == "\n".join(" ".join(row) for row in rows)


@CONVERTS
@pytest.mark.parametrize(("name", "data"), [("a.docx", b"PK\x03\x04" + b"x" * 500), ("a.doc", OLE + b"x" * 500)])
def test_a_damaged_file_is_broken(name: str, data: bytes) -> None:
    assert isinstance(run(name, data), BrokenSource)


@CONVERTS
def test_a_conversion_that_takes_too_long_is_ended() -> None:
    result = run("a.odt", TEXT, options=Local(office_timeout=0.05))
    assert isinstance(result, JobTimeout)
    assert "office_timeout" in result.hint


class Listener(BaseHTTPRequestHandler):
    """Counts who asks."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_OPTIONS = do_CONNECT = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@CONVERTS
def test_nothing_that_a_file_links_to_is_fetched() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/picture.png"
        image = f'<draw:image xlink:href="{address}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
        frame = f'<text:p>Words <draw:frame svg:width="3cm" svg:height="3cm">{image}</draw:frame></text:p>'
        result = run("a.odt", opendocument(f"<office:text>{frame}</office:text>"))
        server.shutdown()
        thread.join()
    assert isinstance(result, Decoded), result
    assert Listener.asked == []
