"""Parse4AI and MinerU: one wire. Documents are submitted by address, alone or in batches; mineru.net takes uploads, too.

| phase      | answer                              | step                                               |
|------------|-------------------------------------|----------------------------------------------------|
| staging    | a signed link                       | submit it                                          |
| submitting | a task or batch id                  | wait, then poll                                    |
| reserving  | a batch id and an upload address    | PUT the file there                                 |
| uploading  | any 2xx                             | wait, then poll: parsing starts by itself          |
| polling    | pending, running, converting, …     | wait, then poll                                    |
| polling    | done                                | fetch the zip, or the Markdown where there is none |
| polling    | failed for lack of room             | wait, then submit again, three times at most       |
| polling    | failed                              | fail                                               |
| fetching   | the file                            | done                                               |
| fetching   | 401, 403, 404, 410                  | poll for a fresh link, twice at most               |
"""

from collections.abc import Sequence
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
from docparse_loaders.vendors.mineru import orders
from docparse_loaders.vendors.mineru.answers import read
from docparse_loaders.vendors.mineru.decode import decode
from docparse_loaders.vendors.mineru.options import MinerU, Parse4AI
from docparse_loaders.vendors.mineru.orders import MINERU, PARSE4AI, Profile
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.mineru.steps import first_step, poll
from docparse_loaders.vendors.protocol import Call, Decoded, Fail, Payload, Reply, State, Step, Traits

_SUFFIXES = frozenset({".pdf", ".doc", ".docx", ".ppt", ".pptx", ".png", ".jpg", ".jpeg"})
_PAGES = frozenset({".html", ".htm"})
_MAX_BYTES = 200 * 1024 * 1024


class _Wire:
    """What both services have in common."""

    name: ClassVar[str]
    state: ClassVar[type[State]] = MinerUState
    traits: ClassVar[Traits]
    profile: ClassVar[Profile]

    def on_reply(self, state: MinerUState, reply: Reply) -> Step:
        """Read the body's code first, then the HTTP status, then what the phase expects."""
        return read(self.profile, state, reply)

    def on_uncertain(self, state: MinerUState) -> Step:
        """There is no way to look up a job by its document: a person must decide."""
        if state.accepted:
            return self.resume(state)
        return Fail(
            SubmitUncertain(
                f"the document was submitted to {self.name} without a valid answer, so it may have been taken and billed.",
                vendor=self.name,
                hint="Look for it in the service's task list; parse again only if it is not there.",
            )
        )

    def resume(self, state: MinerUState) -> Step:
        """Ask for the result, or submit again what was turned away."""
        match state.phase:
            case "again":
                return first_step(self.profile, state)
            case "submitting":
                return self.on_uncertain(state)
            case "staging" | "reserving":
                return Fail(InvalidToken("nothing was submitted with this token.", hint="Parse the document again."))
            case _:
                return poll(self.profile, state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Pages of blocks from the zip, or any of the files in it."""
        return decode(payload, pages)

    def merged(self, calls: Sequence[Call]) -> Call:
        """One submit or reservation for several documents."""
        return orders.merged(calls)

    def share(self, reply: Reply, index: int) -> Reply:
        """One document's part of the answer."""
        return orders.share(reply, index)

    def _state(
        self, facts: SourceFacts, pages: PageSelection | None, options: Parse4AI | MinerU, batch: str | None
    ) -> MinerUState:
        order = orders.order_of(facts, pages, options)
        return MinerUState(
            name=orders.upload_name(facts),
            media_type=facts.media_type,
            data_id=orders.data_id_of(facts, pages),
            batch=batch,
            linked=facts.url is not None,
            order=order,
            images=options.images,
            infer_links=options.infer_links,
        )

    def _refusal(self, facts: SourceFacts, suffixes: frozenset[str]) -> DocParseError | None:
        suffix = f".{facts.name.rpartition('.')[2].lower()}" if "." in facts.name else ""
        # An address may end in anything ("/pdf/1706.03762"), so only a known wrong type is refused without asking.
        unfit = suffix not in suffixes and (facts.url is None or suffix[1:].isalpha())
        if unfit:
            hint = f"Convert it to PDF, or name it with its true suffix: {', '.join(sorted(suffixes))}."
            return UnsupportedSource(f"{self.name} does not take {suffix or 'nameless'} files.", source=facts.uri, hint=hint)
        if facts.size > _MAX_BYTES:
            size = f"{facts.size / 1e6:.0f} MB"
            return SourceTooLarge(f"{self.name} takes 200 MB, the file has {size}.", source=facts.uri, hint="Split it.")
        return None


class Parse4AIVendor(_Wire):
    """Parse4AI: addresses only, so local files need storage of the user's own."""

    name: ClassVar[str] = "parse4ai"
    profile: ClassVar[Profile] = PARSE4AI
    traits: ClassVar[Traits] = Traits(
        suffixes=_SUFFIXES,
        max_bytes=_MAX_BYTES,
        max_pages=600,
        interval=2.0,
        takes_urls=True,
        public_hosts=("8.148.69.123", "parse4ai.com"),
        polls_many=True,
        batch_size=200,
    )

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: Parse4AI, batch: str | None = None) -> Step:
        """Submit an address, or put the file into the user's storage first."""
        if refusal := self._refusal(facts, _SUFFIXES):
            return Fail(refusal)
        state = self._state(facts, pages, options, batch)
        if facts.url is not None:
            return first_step(self.profile, state)
        if options.staging is None:
            return Fail(
                UnsupportedSource(
                    "Parse4AI fetches documents from addresses and takes no uploads.",
                    source=facts.uri,
                    hint='Pass a public address, or Parse4AI(staging="s3://bucket/prefix") to put files into storage of yours.',
                )
            )
        suffix = facts.name.rpartition(".")[2].lower()
        return first_step(self.profile, state.model_copy(update={"staged": f"{facts.sha256}.{suffix}"}))


class MinerUVendor(_Wire):
    """mineru.net, API v4: addresses and uploads."""

    name: ClassVar[str] = "mineru"
    profile: ClassVar[Profile] = MINERU
    traits: ClassVar[Traits] = Traits(
        suffixes=_SUFFIXES | _PAGES,
        max_bytes=_MAX_BYTES,
        max_pages=600,
        interval=2.0,
        takes_urls=True,
        public_hosts=("mineru.net",),
        polls_many=True,
        batch_size=50,
    )

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: MinerU, batch: str | None = None) -> Step:
        """Submit an address, or ask where to upload the file."""
        web = options.model_version == "MinerU-HTML"
        if refusal := self._refusal(facts, _PAGES if web else _SUFFIXES):
            return Fail(refusal)
        return first_step(self.profile, self._state(facts, pages, options, batch))
