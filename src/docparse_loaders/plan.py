"""What a parse would send, to whom, and what it would refuse: told without any request to a vendor."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from docparse_loaders.engine.endpoint import Endpoint, endpoint_of
from docparse_loaders.engine.store import LooksUp, Store
from docparse_loaders.engine.token import key_of
from docparse_loaders.errors import DocParseError, MissingKey, PagesOutOfRange, SourceTooLarge
from docparse_loaders.lengths import pages_in, selected
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.source import Source, SourceLike, label_of
from docparse_loaders.vendors.allowance import too_many_pages
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.protocol import AnyVendor, Fail

if TYPE_CHECKING:
    from docparse_loaders.engine.jobstore import StoredJob

HERE = "this machine"
"""The endpoint of a vendor that works in this process."""


Fate = Literal["sent", "kept", "goes on", "same", "no key", "refused"]
"""What becomes of an input in one word; "same" is one whose content another one has, so that with a store it is not sent."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What would become of one input, in a word its `fate`.

    `endpoint` is the scheme, host and port that it would be sent to, or "this machine". `size` is in bytes. `pages` are those
    that the vendor would parse (all, if it cannot select) and `pages_in_file` all of them, by the file's own count; None if it
    does not tell. `kept` says that the job store has the result, so that nothing is sent; `job` is a job in it that would be
    gone on with. `same_as` is an earlier input with the same content: with a store it is not sent again. `error` is why it
    would be refused.
    """

    source: str
    vendor: str
    endpoint: str
    size: int = 0
    pages: int | None = None
    pages_in_file: int | None = None
    kept: bool = False
    job: "StoredJob | None" = None
    same_as: str = ""
    error: DocParseError | None = None
    fate: Fate = "sent"


class Planning:
    """How the inputs of one call would fare with a vendor, its endpoint and a store, which is only read."""

    def __init__(self, vendor: AnyVendor, config: VendorConfig, store: Store | None, pages: PageSelection | None) -> None:
        self._vendor = vendor
        self._config = config
        self._lookup = _lookup(store)
        self._pages = pages
        self._endpoint, self._lacking = _endpoint(vendor, config)
        self._seen: dict[str, str] = {}

    def of(self, given: SourceLike, fs: object = None) -> Planned:
        """What would become of one input, after those before."""
        try:
            if isinstance(given, DocParseError):
                raise given
            return self._known(Source.of(given, fs=fs))
        except DocParseError as error:
            return self._empty(error.source or label_of(given), error=error)

    def _empty(self, source: str, error: DocParseError | None = None) -> Planned:
        endpoint = HERE if self._vendor.traits.in_process else self._endpoint.origin
        return Planned(source, self._vendor.name, endpoint, error=error, fate=_refused(error) or "sent")

    def _known(self, source: Source) -> Planned:
        facts, total = source.facts, pages_in(source)
        key = key_of(self._vendor.name, self._endpoint.origin, facts, self._pages, self._config.fingerprint())
        kept, job = self._stored(key)
        same = self._seen.get(key, "")
        self._seen.setdefault(key, facts.uri)
        error = (None if kept else self._refusal(facts, total)) or self._lacking
        return replace(
            self._empty(facts.uri, error),
            size=facts.size,
            pages=self._parsed(total),
            pages_in_file=total,
            kept=kept,
            job=job,
            same_as=same,
            fate=_refused(error) or ("kept" if kept else "goes on" if job else "same" if same and self._lookup else "sent"),
        )

    def _stored(self, key: str) -> "tuple[bool, StoredJob | None]":
        """Whether the result is there, and else the job."""
        job = None if self._lookup is None else self._lookup.job(key)
        if job is None or (job.status != "done" and job.token is None):
            return False, None
        kept = job.status == "done" and job.size > 0
        return kept, None if kept else job

    def _refusal(self, facts: SourceFacts, total: int | None) -> DocParseError | None:
        if refusal := too_many_pages(self._vendor, facts, self._pages):
            return refusal
        first = self._vendor.begin(facts, self._pages, self._config, None)
        return first.error if isinstance(first, Fail) else self._length(facts, total)

    def _parsed(self, total: int | None) -> int | None:
        if total is None or not self._vendor.traits.selects_pages:
            return total
        return selected(total, self._pages)

    def _length(self, facts: SourceFacts, total: int | None) -> DocParseError | None:
        """What the file's own count of its pages does not allow."""
        if total is None:
            return None
        try:
            if self._pages is not None:
                self._pages.check(total, facts.uri)
        except PagesOutOfRange as error:
            return error
        return _too_long(self._vendor, facts, total, self._parsed(total) or 0)


def _refused(error: DocParseError | None) -> Literal["no key", "refused"] | None:
    if error is None:
        return None
    return "no key" if isinstance(error, MissingKey) else "refused"


def _too_long(vendor: AnyVendor, facts: SourceFacts, total: int, parsed: int) -> DocParseError | None:
    most = vendor.traits.max_pages
    if most is None or parsed <= most:
        return None
    hint = f'Parse it in parts: pages="1-{most}" and so on.' if vendor.traits.selects_pages else "Split the file."
    return SourceTooLarge(
        f"it has {total} pages by its own count, and {vendor.name} takes {most}.",
        vendor=vendor.name,
        source=facts.uri,
        hint=hint,
    )


def _lookup(store: object) -> LooksUp | None:
    return store if isinstance(store, LooksUp) else None


def _endpoint(vendor: AnyVendor, config: VendorConfig) -> tuple[Endpoint, MissingKey | None]:
    """Where the documents would go, and what is missing for that."""
    try:
        return endpoint_of(config, vendor.traits), None
    except MissingKey as error:
        return endpoint_of(config, replace(vendor.traits, needs_key=False)), error
