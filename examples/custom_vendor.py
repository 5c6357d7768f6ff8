"""A vendor of your own in one file: a service that this library does not know, in everything that takes `vendor=`.

    uv run python examples/custom_vendor.py [PDF]

`PlainOptions` are what a user may say, `PlainState` is what must be remembered between two requests, `PlainVendor` says what to
send and what an answer means. All of it is pure: sockets, waiting, retries, the job store and resuming are the library's. Here
it talks to a small server in this file, which takes a file by `POST /jobs` and answers `GET /jobs/ID`; it prints what was sent,
then the chunks with page and box. In a package of your own an entry point makes `vendor="plain"` work everywhere:

    [project.entry-points."docparse_loaders.vendors"]
    plain = "your_package.your_module:PlainOptions"

Error codes, uploads to signed links, batches and the tests that every vendor passes: docs/adding-a-vendor.md.
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from pydantic import JsonValue

from docparse_loaders import Block, DocParseError, Page, Region, StructureChunker, errors, parse
from docparse_loaders.model import Kind, SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.config import RemoteConfig
from docparse_loaders.vendors.http import fault_of
from docparse_loaders.vendors.protocol import (
    Auth,
    Body,
    Call,
    Decoded,
    Done,
    Effect,
    Fail,
    Payload,
    Progress,
    Reply,
    Send,
    State,
    Step,
    Traits,
    Wait,
)
from docparse_loaders.vendors.readers import as_box, as_id, as_list, as_object, as_text

REPORT = Path(__file__).parent / "data" / "report.pdf"
KEY = Auth("bearer")  # where the key goes; the vendor never sees it
MOST_BYTES = 50_000_000
KINDS: dict[str, Kind] = {"heading": "title", "paragraph": "text"}


class PlainOptions(RemoteConfig):
    """Options of the service; `api_key` and `base_url` default to `PLAIN_API_KEY` and `PLAIN_BASE_URL`."""

    wire: ClassVar[str] = f"{__name__}:PlainVendor"
    key_env: ClassVar[str] = "PLAIN_API_KEY"
    url_env: ClassVar[str] = "PLAIN_BASE_URL"

    language: str = "en"


class PlainState(State):
    """The job's id; without one nothing was accepted, and nothing is lost by beginning anew."""

    job_id: str = ""

    @property
    def accepted(self) -> bool:
        """From here on a job may be billed, so its state is kept."""
        return bool(self.job_id)


class PlainVendor:
    """What to send, and what an answer means."""

    name: ClassVar[str] = "plain"
    state: ClassVar[type[State]] = PlainState
    traits: ClassVar[Traits] = Traits(suffixes=frozenset({".pdf"}), max_bytes=MOST_BYTES, selects_pages=False)

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: PlainOptions, batch: str | None = None) -> Step:
        """Submit. CREATE may bill, so the library repeats it only if the service is known not to have taken it."""
        if not facts.name.lower().endswith(".pdf"):
            return Fail(errors.UnsupportedSource("it takes PDF files.", source=facts.uri, hint="Convert it to PDF."))
        if facts.size > MOST_BYTES:
            return Fail(errors.SourceTooLarge("it takes 50 MB.", source=facts.uri, hint="Split it."))
        form, body = (("language", options.language),), Body("file", facts.name, facts.media_type)
        return Send(Call(Effect.CREATE, "POST", "jobs", auth=KEY, form=form, body=body), PlainState())

    def on_reply(self, state: PlainState, reply: Reply) -> Step:
        """After the submit there is an id, after each question a status."""
        if (error := fault_of(reply, self.name)) is not None:
            return Fail(error)
        answer = as_object(reply.json)
        if not state.accepted:
            job_id = as_id(answer.get("id"))
            return Wait(PlainState(job_id=job_id), Progress("queued")) if job_id else self.on_uncertain(state)
        match as_text(answer.get("status")):
            case "done":
                return Done(answer.get("pages"), state)
            case "failed":
                hint = "Open and save the file again."
                return Fail(errors.JobFailed("the service could not parse the file.", vendor=self.name, hint=hint))
            case status:
                return Wait(state, Progress(status, known=status in {"queued", "working"}))

    def on_uncertain(self, state: PlainState) -> Step:
        """The file was sent and no answer came: look the job up if the service can do that, else leave it to a person."""
        if state.accepted:
            return self.resume(state)
        hint = "Look for it in your account before you parse it again."
        return Fail(errors.SubmitUncertain("the file may have reached the service.", vendor=self.name, hint=hint))

    def resume(self, state: PlainState) -> Step:
        """Ask again; READ may be repeated at will."""
        if not state.accepted:
            return self.on_uncertain(state)
        return Send(Call(Effect.READ, "GET", f"jobs/{state.job_id}", auth=KEY, large=True), state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """A list of pages, each a list of `{"kind", "text", "box"}`, boxes in percent of the page. Nothing in it is trusted."""
        if not isinstance(payload, list):
            raise errors.ProtocolError("this is not a result of the service.", vendor=self.name, hint="Check base_url.")
        return Decoded(tuple(self._page(number, blocks) for number, blocks in enumerate(payload, start=1)))

    def _page(self, number: int, found: JsonValue) -> Page:
        return Page(number, 100.0, 100.0, blocks=tuple(self._block(number, *item) for item in enumerate(as_list(found))))

    def _block(self, number: int, place: int, found: JsonValue) -> Block:
        item = as_object(found)
        label, region = as_text(item.get("kind")), Region(number, as_box(item.get("box"), 100.0, 100.0))
        kind = KINDS.get(label, "other")  # a word that nobody knows is kept
        return Block(f"p{number}-{place}", kind, as_text(item.get("text")), label=label, regions=(region,))


class Service(BaseHTTPRequestHandler):
    """Stands for the service: takes anything, says "working" once, and hands out the same two pages."""

    pages: ClassVar[JsonValue] = [
        [
            {"kind": "heading", "text": "Lease of the boat house", "box": [10, 8, 60, 12]},
            {"kind": "paragraph", "text": "The lease begins in May.", "box": [10, 15, 90, 20]},
        ],
        [{"kind": "paragraph", "text": "The rent is due on the first of each month.", "box": [10, 8, 90, 13]}],
    ]
    asked: ClassVar[int] = 0

    def do_POST(self) -> None:
        """Take a job."""
        self.rfile.read(int(self.headers["content-length"]))
        self._answer({"id": "job-1"})

    def do_GET(self) -> None:
        """Tell how far it is."""
        type(self).asked += 1
        self._answer({"status": "working"} if self.asked < 2 else {"status": "done", "pages": self.pages})

    def _answer(self, body: JsonValue) -> None:
        print(f"{self.command} {self.path}: {json.dumps(body):.60}")
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing more."""


@contextmanager
def serving() -> Iterator[str]:
    """The service's address, for as long as it runs."""
    Service.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def main(pdf: str | Path = REPORT) -> None:
    """Parse with the vendor, and print what comes."""
    with serving() as url:
        document = parse(pdf, vendor=PlainOptions(base_url=url, api_key="any"))
    for chunk in StructureChunker().chunk(document):
        for page, box in chunk.regions:
            print(f"page {page}, box {' '.join(f'{edge:.2f}' for edge in box or ())}")
        print(chunk.text)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except DocParseError as error:
        sys.exit(str(error))
