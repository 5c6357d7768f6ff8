"""SCNet's calls: presign, upload, submit, ask for the result, fetch its files.

| phase      | answer                                  | step                                              |
|------------|-----------------------------------------|---------------------------------------------------|
| presigning | the form of an upload                   | post the file there                               |
| uploading  | any 2xx                                 | submit the file's address                         |
| uploading  | 401, 403, 404, 410                      | presign again, twice at most                      |
| submitting | a task id                               | wait, then poll                                   |
| submitting | any error code                          | fail; sent again only if the code says "too fast" |
| polling    | pending, running, new words             | wait, then poll                                   |
| polling    | unknown, or nothing about the task      | wait for 30 s in three steps, then fail           |
| polling    | succeeded                               | fetch every file                                  |
| polling    | failed because too many ran             | wait, then submit again, five times at most       |
| polling    | failed                                  | fail                                              |
| fetching   | the file                                | done                                              |
| fetching   | 401, 403, 404, 410                      | poll for fresh links, twice at most               |
"""

from collections.abc import Sequence
from typing import ClassVar

from docparse_loaders.errors import DocParseError, InvalidToken, SourceTooLarge, SubmitUncertain, UnsupportedSource
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.protocol import Call, Decoded, Fail, Payload, Reply, State, Step, Traits
from docparse_loaders.vendors.scnet import orders
from docparse_loaders.vendors.scnet.answers import read
from docparse_loaders.vendors.scnet.decode import decode
from docparse_loaders.vendors.scnet.options import SCNet
from docparse_loaders.vendors.scnet.state import SCNetState

_SUFFIXES = ".pdf .doc .docx .ppt .pptx .xls .xlsx .csv .xlsm .xlsb .jpg .jpeg .png .bmp .tif .tiff .webp"
_MAX_BYTES = 100 * 1024 * 1024


class SCNetVendor:
    """SCNet's `ocrdoc` service (its ocrdoc page; what that leaves open, as its published client does it)."""

    name: ClassVar[str] = "scnet"
    state: ClassVar[type[State]] = SCNetState
    traits: ClassVar[Traits] = Traits(
        suffixes=frozenset(_SUFFIXES.split()),
        max_bytes=_MAX_BYTES,
        interval=3.0,
        selects_pages=False,
        takes_urls=True,
        public_hosts=("scnet.cn",),
        polls_many=True,
        batch_size=50,
    )

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: SCNet, batch: str | None = None) -> Step:
        """Submit an address, or ask where to upload the file. Pages are selected afterwards, and batches need no name."""
        if refusal := self._refusal(facts):
            return Fail(refusal)
        state = SCNetState(
            upload=facts.url is None,
            name=facts.name,
            media_type=facts.media_type,
            order=options.order(),
            infer_links=options.infer_links,
        )
        return orders.presign(state) if facts.url is None else orders.submit_address(state)

    def on_reply(self, state: SCNetState, reply: Reply) -> Step:
        """Read the body's code first, then the HTTP status, then what the phase expects."""
        return read(state, reply)

    def on_uncertain(self, state: SCNetState) -> Step:
        """SCNet has no way to look up a task by its document: a person must decide."""
        if state.accepted:
            return self.resume(state)
        return Fail(
            SubmitUncertain(
                "the document was submitted to SCNet without a valid answer, so it may have been taken and billed.",
                vendor=self.name,
                hint="Look for it in SCNet's console; parse again only if it is not there.",
            )
        )

    def resume(self, state: SCNetState) -> Step:
        """Ask for the result, or submit again what SCNet had no room for."""
        match state.phase:
            case "again":
                return orders.submit_again(state)
            case "submitting":
                return self.on_uncertain(state)
            case "presigning" | "uploading":
                return Fail(InvalidToken("nothing was submitted with this token.", hint="Parse the document again."))
            case _:
                return orders.poll(state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Pages of blocks from the files of a result, together or each alone, in any of their shapes."""
        return decode(payload)

    def merged(self, calls: Sequence[Call]) -> Call:
        """One question about several tasks."""
        return orders.merged(calls)

    def share(self, reply: Reply, index: int) -> Reply:
        """All of the answer: each finds its own task in it by the id."""
        return reply

    def _refusal(self, facts: SourceFacts) -> DocParseError | None:
        suffix = f".{facts.name.rpartition('.')[2].lower()}" if "." in facts.name else ""
        # An address may end in anything ("/pdf/1706.03762"), so only a known wrong type is refused without asking.
        if suffix not in self.traits.suffixes and (facts.url is None or suffix[1:].isalpha()):
            hint = f"Convert it to PDF, or name it with its true suffix: {', '.join(sorted(self.traits.suffixes))}."
            return UnsupportedSource(f"SCNet does not take {suffix or 'nameless'} files.", source=facts.uri, hint=hint)
        if facts.size > _MAX_BYTES:
            size = f"{facts.size / 1e6:.0f} MB"
            return SourceTooLarge(f"SCNet takes 100 MB, the file has {size}.", source=facts.uri, hint="Split it.")
        return None
