"""PaddleOCR's asynchronous jobs on AI Studio: submit a file or an address, ask for the job, fetch its result.

| phase      | answer                          | step                                                         |
|------------|---------------------------------|--------------------------------------------------------------|
| submitting | a job id                        | wait, then poll                                              |
| submitting | 10009: the batch is full        | submit again without it                                      |
| submitting | any other code                  | fail; sent again only if it says "queue full" or "too fast"  |
| polling    | pending, running, new words     | wait, then poll                                              |
| polling    | done with a link                | fetch the result                                             |
| polling    | failed, 11003: "系统错误"       | wait, then submit again, once                                |
| polling    | failed, 11003                   | fail                                                         |
| polling    | a batch without the job         | poll for the job alone                                       |
| polling    | 11001: unknown, right away      | wait, then poll, once                                        |
| fetching   | the file                        | done                                                         |
| fetching   | 401, 403, 404, 410              | poll for a fresh link, twice at most                         |
"""

from typing import ClassVar

from docparse_loaders.errors import (
    DocParseError,
    InvalidToken,
    SourceTooLarge,
    SubmitUncertain,
    UnsupportedSource,
)
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.paddleocr import orders
from docparse_loaders.vendors.paddleocr.answers import read
from docparse_loaders.vendors.paddleocr.decode import decode
from docparse_loaders.vendors.paddleocr.options import PaddleOCR
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.protocol import Decoded, Fail, Payload, Reply, State, Step, Traits
from docparse_loaders.vendors.readers import as_id

_SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif"})
_MAX_UPLOAD = 50 * 1024 * 1024
_MAX_ADDRESS = 200 * 1024 * 1024


class PaddleOCRVendor:
    """PaddleOCR's API v2. The docs name no file types: PDF and images are what its pipelines read."""

    name: ClassVar[str] = "paddleocr"
    state: ClassVar[type[State]] = PaddleOCRState
    traits: ClassVar[Traits] = Traits(
        suffixes=_SUFFIXES,
        max_bytes=_MAX_UPLOAD,
        max_pages=1000,
        interval=5.0,
        takes_urls=True,
        public_hosts=("paddleocr.aistudio-app.com",),
        polls_many=True,
        batch_size=100,
    )

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: PaddleOCR, batch: str | None = None) -> Step:
        """Submit the document."""
        if refusal := _refusal(facts):
            return Fail(refusal)
        return orders.submit(facts, pages, options, batch)

    def on_reply(self, state: PaddleOCRState, reply: Reply) -> Step:
        """Read the body's code first, then the HTTP status, then what the phase expects."""
        return read(state, reply)

    def on_uncertain(self, state: PaddleOCRState) -> Step:
        """PaddleOCR has no way to look up a job by its document: a person must decide."""
        if state.accepted:
            return self.resume(state)
        return Fail(
            SubmitUncertain(
                "the document was sent to PaddleOCR without a valid answer, so it may have been taken and counted.",
                vendor=self.name,
                hint="Look for it in AI Studio's list of tasks; parse again only if it is not there.",
            )
        )

    def resume(self, state: PaddleOCRState) -> Step:
        """Ask for the job; the link to a result is asked for anew, because it is signed and not kept."""
        if state.phase == "again" and state.order:
            return orders.submit_again(state)
        if state.creating:
            return self.on_uncertain(state)
        if as_id(state.job_id) is None or (state.batch_id and as_id(state.batch_id) is None):
            return Fail(InvalidToken("the token holds no job id of PaddleOCR.", hint="Parse the document again."))
        return orders.poll(state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Pages of blocks from the lines of JSON that a job leads to, or any part of them."""
        return decode(payload, pages)


def _refusal(facts: SourceFacts) -> DocParseError | None:
    suffix = f".{facts.name.rpartition('.')[2].lower()}" if "." in facts.name else ""
    # An address may end in anything ("/pdf/1706.03762"), so only a known wrong type is refused without asking.
    if suffix not in _SUFFIXES and (facts.url is None or suffix[1:].isalpha()):
        hint = "Convert it to PDF, or name it with its true suffix."
        return UnsupportedSource(f"PaddleOCR does not take {suffix or 'nameless'} files.", source=facts.uri, hint=hint)
    if facts.size > (_MAX_UPLOAD if facts.url is None else _MAX_ADDRESS):
        limit = "50 MB by upload" if facts.url is None else "200 MB by address"
        hint = "Split it, or pass an address that the service can reach (200 MB)." if facts.url is None else "Split it."
        said = f"PaddleOCR takes {limit}, the file has {facts.size / 1e6:.0f} MB."
        return SourceTooLarge(said, source=facts.uri, hint=hint)
    return None
