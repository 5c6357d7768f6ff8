"""The worked vendor of docs/adding-a-vendor.md, taken from the page: over a real socket, and through the contract."""

import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from pydantic import JsonValue

from contract.suite import KEY, Case, VendorContract
from docparse_loaders import DocParser, StructureChunker, errors
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.protocol import Reply

PAGE = Path(__file__).parent.parent / "docs" / "adding-a-vendor.md"
CODE = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def acme_loader() -> Any:
    """The page's code as the module that it says it is."""
    module = ModuleType("acme_loader")
    sys.modules["acme_loader"] = module
    for block in CODE:
        exec(compile(block, str(PAGE), "exec"), module.__dict__)  # noqa: S102  # our own documentation
    return module


acme = acme_loader()
SHEET: JsonValue = {
    "width": 600,
    "height": 800,
    "blocks": [
        {"type": "heading", "text": "Heat", "level": 1, "box": [60, 80, 300, 120]},
        {"type": "paragraph", "text": "It is warm.", "box": [60, 160, 540, 200]},
        {"type": "hologram", "text": "Boo", "box": None},
    ],
}


class Service(BaseHTTPRequestHandler):
    """Acme: a job is done when it was asked after twice."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        taken = self.path == "/v1/jobs" and b'name="file"; filename="report.pdf"' in body and b"%PDF" in body
        self._answer(200 if taken else 400, {"id": "j-7"} if taken else {"error": {"code": "unreadable"}})

    def do_GET(self) -> None:
        self.asked.append(self.path)
        done = len(self.asked) > 1
        self._answer(200, {"status": "done", "result": {"pages": [SHEET]}} if done else {"status": "working"})

    def _answer(self, status: int, body: object) -> None:
        allowed = self.headers["authorization"] == f"Bearer {KEY}"
        data = dumps(body if allowed else {"error": {"code": "bad_key"}}).encode()
        self.send_response(status if allowed else 401)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Keep still."""


@contextmanager
def serving() -> Iterator[str]:
    Service.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


FAST = Policy(poll=Poll(first=0.01))


def test_a_document_goes_through_the_worked_vendor() -> None:
    with serving() as url:
        document = DocParser(acme.Acme(api_key=KEY, base_url=url), policy=FAST).parse(b"%PDF-1.4 x", name="report.pdf")
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("title", "Heat"),
        ("text", "It is warm."),
        ("other", "Boo"),
    ]
    assert document.blocks[0].regions[0].bbox == (0.1, 0.1, 0.5, 0.15)
    assert next(iter(StructureChunker().chunk(document))).headings == ("Heat",)
    assert Service.asked == ["/v1/jobs/j-7"] * 2


def test_its_errors_are_typed_and_its_options_checked() -> None:
    with serving() as url, pytest.raises(errors.AuthError, match="bad_key"):
        DocParser(acme.Acme(api_key="sk-wrong", base_url=url)).parse(b"%PDF-1.4 x", name="report.pdf")
    with pytest.raises(errors.UnknownOption, match="tabels") as caught:
        acme.Acme(tabels=True)
    assert "'tables'" in caught.value.hint


def test_nothing_listens_after_the_test() -> None:
    with serving() as url:
        port = int(url.rsplit(":", 1)[1].partition("/")[0])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


class TestAcme(VendorContract):
    case = Case(
        options=acme.Acme(api_key=KEY, base_url="https://acme.test"),
        facts=SourceFacts("a.pdf", "a.pdf", "application/pdf", 1000, "ab" * 32),
        replies=(
            Reply(200, json={"id": "j1"}),
            Reply(200, json={"status": "working"}),
            Reply(200, json={"status": "done", "result": {"pages": [SHEET]}}),
        ),
        unknown_status=Reply(200, json={"status": "pondering"}),
        codes={code: kind for code, (kind, _) in acme.CODES.items()},
        refusal=lambda code: Reply(400, json={"error": {"code": code, "message": "no"}}),
        pages=1,
    )
