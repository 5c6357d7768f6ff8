"""The local vendor's only call: LiteParse, OCR and LibreOffice, from a worker thread of this process."""

from types import MappingProxyType
from typing import ClassVar

from pydantic import Field, JsonValue

from docparse_loaders.errors import (
    BrokenSource,
    DocParseError,
    EmptySource,
    EncryptedSource,
    JobTimeout,
    PagesOutOfRange,
    ProtocolError,
    SourceTooLarge,
    UnsupportedSource,
)
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.local.decode import decode
from docparse_loaders.vendors.local.formats import SUFFIXES, format_of, suffix_of
from docparse_loaders.vendors.local.options import Local
from docparse_loaders.vendors.protocol import (
    Body,
    Call,
    Decoded,
    Done,
    Effect,
    Fail,
    InProcess,
    Payload,
    Reply,
    Send,
    State,
    Step,
    Traits,
)
from docparse_loaders.vendors.readers import as_object, as_text

WORK = "docparse_loaders.vendors.local.work:parse"
_OTHERS = "Convert it to PDF, or name a vendor that takes such files: `docparse-loaders vendors` lists them."
_OFFICE = (
    "Install LibreOffice (Debian and Ubuntu: apt-get install libreoffice; macOS: brew install --cask libreoffice; "
    "Windows: winget install TheDocumentFoundation.LibreOffice), or save the file as PDF."
)

_FAULTS = MappingProxyType(
    {
        "empty": (EmptySource, "Check that the file was written completely."),
        "not_pdf": (UnsupportedSource, _OTHERS),
        "encrypted": (EncryptedSource, "Save a copy without the password (a PDF reader can print to PDF) and parse that."),
        "broken": (BrokenSource, "Download or export the file again; a PDF reader may be able to repair it."),
        "timeout": (JobTimeout, "Raise parse_timeout in extra_options, or parse fewer pages."),
        "not_image": (UnsupportedSource, "Open it in a picture viewer to see what it is."),
        "too_large": (SourceTooLarge, "Save it smaller: 300 dots an inch are enough for any page."),
        "ocr_timeout": (JobTimeout, "Raise ocr_timeout, parse fewer pages, or leave scans out with Local(ocr='never')."),
        "ocr_failed": (BrokenSource, "Leave scans out with Local(ocr='never'), or name a vendor that has OCR."),
        "not_office": (UnsupportedSource, "Open it in an office program to see what it is, and save it again."),
        "no_office": (UnsupportedSource, _OFFICE),
        "office_timeout": (JobTimeout, "Raise office_timeout, or save the file as PDF yourself."),
        "office_failed": (BrokenSource, "Open it in an office program, repair it, and save it as PDF."),
        "pages": (PagesOutOfRange, "Ask for pages within it."),
    }
)
"""What `work.parse` calls a fault → its error and what to do about it."""


class LocalState(State):
    """What is asked for, so that it can be asked again."""

    name: str = ""
    media_type: str = ""
    request: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def creating(self) -> bool:
        """Never: there is no job outside this process."""
        return False


class LocalVendor:
    """LiteParse on PDFs, scans and office files. Asking twice costs nothing, so every call is a READ."""

    name: ClassVar[str] = "local"
    state: ClassVar[type[State]] = LocalState
    traits: ClassVar[Traits] = Traits(suffixes=SUFFIXES, needs_key=False, in_process=True)

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: Local, batch: str | None = None) -> Step:
        """Refuse what cannot be read, then run."""
        suffix = suffix_of(facts.name, facts.media_type)
        if refusal := _refusal(facts, suffix, options):
            return Fail(refusal)
        spans: JsonValue = None if pages is None else [[first, last] for first, last in pages.spans]
        request: dict[str, JsonValue] = {**options.request(), "format": format_of(suffix), "suffix": suffix, "pages": spans}
        return self.resume(LocalState(name=facts.name, media_type=facts.media_type, request=request))

    def on_reply(self, state: LocalState, reply: Reply) -> Step:
        """A result, or the typed error for the fault that `work.parse` named."""
        payload = reply.json
        if not isinstance(payload, dict):
            return Fail(ProtocolError("LiteParse gave no result.", vendor=self.name, hint="Parse the file again."))
        if "error" not in payload:
            return Done(payload, state)
        fault = as_object(payload["error"])
        kind, message = as_text(fault.get("kind")), as_text(fault.get("message")) or "LiteParse could not read the file."
        error, hint = _FAULTS.get(kind, _FAULTS["broken"])
        return Fail(error(message, vendor=self.name, source=state.name, code=kind, hint=hint))

    def on_uncertain(self, state: LocalState) -> Step:
        """Run it again."""
        return self.resume(state)

    def resume(self, state: LocalState) -> Step:
        """Run it, from the beginning."""
        body = Body("", state.name, state.media_type)
        call = Call(Effect.READ, "RUN", InProcess(WORK), json=dict(state.request), body=body, large=True)
        return Send(call, state)

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Pages of blocks from what `work.parse` returned."""
        return decode(payload)


def _refusal(facts: SourceFacts, suffix: str, options: Local) -> DocParseError | None:
    if facts.url is not None:
        hint = "Download the file and pass its path."
        return UnsupportedSource("the local vendor takes files, not addresses.", source=facts.uri, hint=hint)
    form = format_of(suffix)
    if form is None:
        return UnsupportedSource(
            f"the local vendor takes PDF, image and office files, not {facts.name!r}.", source=facts.uri, hint=_OTHERS
        )
    if facts.size == 0:
        hint = "Check that the file was written completely."
        return EmptySource("the file has no bytes.", source=facts.uri, hint=hint)
    if form == "image" and options.ocr == "never":
        return UnsupportedSource("a picture can only be read by OCR.", source=facts.uri, hint="Leave out ocr='never'.")
    return None
