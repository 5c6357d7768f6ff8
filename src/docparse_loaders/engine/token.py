"""Resume tokens: what is needed to go on with a job in another process, as small JSON without secrets."""

from dataclasses import replace
from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from docparse_loaders.engine.address import kept
from docparse_loaders.errors import ConfigError, InvalidToken, SourceChanged
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import AnyVendor, State

_HINT = "Pass the token of an error or a Job unchanged, to a DocParser of the same vendor and endpoint."
_LONGEST = 8192


class Token(BaseModel):
    """A job under way, bound to a vendor and the origin of its endpoint. It is input like any other: checked when read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    v: Literal[1] = 1
    vendor: str = Field(max_length=64)
    origin: str = Field(max_length=512)
    source: SourceFacts
    pages: str | None = None
    options: str = Field(default="", max_length=64)
    job: str = Field(default="", max_length=512)
    state: dict[str, JsonValue]

    @field_validator("pages")
    @classmethod
    def _of_real_pages(cls, pages: str | None) -> str | None:
        try:
            return None if pages is None else str(PageSelection.of(pages))
        except ConfigError as error:
            raise ValueError(error.message) from None

    @classmethod
    def read(cls, text: str, vendor: AnyVendor, origin: str) -> "Token":
        """Read a token for this vendor and endpoint. Raises `InvalidToken`; nothing is requested."""
        if len(text) > _LONGEST:
            raise InvalidToken("this is too long for a resume token.", hint=_HINT)
        try:
            token = cls.model_validate_json(text)
        except (ValidationError, UnicodeError):
            raise InvalidToken("this is not a resume token, or it is damaged.", hint=_HINT) from None
        if token.vendor != vendor.name:
            raise InvalidToken(f"the token belongs to {token.vendor!r}, not to {vendor.name!r}.", hint=_HINT)
        if token.origin != origin:
            raise InvalidToken(f"the token belongs to {token.origin}, not to {origin}.", hint=_HINT)
        return token

    def state_of(self, vendor: AnyVendor) -> State:
        """The vendor's state in it. Raises `InvalidToken`."""
        try:
            return vendor.state.model_validate(self.state)
        except ValidationError:
            raise InvalidToken(f"the token holds no state of {vendor.name}.", hint=_HINT) from None

    def document(self, found: Source) -> Source:
        """The document that the token is about, as it is found again: its facts, with the address or the bytes that it lacks.

        Raises `SourceChanged` for any other document.
        """
        if found.facts.sha256 != self.source.sha256:
            said = "this is not the document that the token is about, or it has changed since."
            hint = "Pass the same file or the same address; or parse this one as a document of its own."
            raise SourceChanged(said, source=found.facts.uri, hint=hint)
        return Source(replace(self.source, size=found.facts.size, url=found.facts.url), found.opener)


def written(vendor: str, origin: str, facts: SourceFacts, pages: PageSelection | None, options: str, state: State) -> str:
    """A token's text. The source's address is left out if it may be signed."""
    token = Token(
        vendor=vendor,
        origin=origin,
        source=kept(facts),
        pages=str(pages) if pages else None,
        options=options,
        job=state.known_as[:512],
        state=state.model_dump(mode="json"),
    )
    return token.model_dump_json()


def key_of(vendor: str, origin: str, facts: SourceFacts, pages: PageSelection | None, options: str) -> str:
    """What a job store calls this job: the same for the same content, vendor, endpoint, options and pages."""
    return sha256("\n".join((vendor, origin, facts.sha256, options, str(pages or ""))).encode()).hexdigest()
