"""The words between vendors and the engine: what to send, what came back, what to do next.

A vendor is pure functions over these frozen values. It never sees the key (a `Call` names only the slot for it), a
clock, a socket or a file, and what it must remember is an explicit `State` that is JSON: so every decision can be tested
with `assert vendor.on_reply(state, reply) == Wait(...)`, and a job goes on after a crash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, JsonValue

from docparse_loaders.errors import DocParseError
from docparse_loaders.model import Notice, Page, SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.config import VendorConfig


class Effect(Enum):
    """What sending a call twice would do."""

    READ = "read"
    """Nothing: it may be sent again at will."""
    PUT = "put"
    """Nothing more than once: the same bytes to the same place."""
    CREATE = "create"
    """Perhaps bill the document twice: sent again only if the vendor is known not to have taken it."""


@dataclass(frozen=True, slots=True)
class Auth:
    """Where the key goes, never the key itself; left out entirely when the endpoint has no key."""

    place: Literal["none", "bearer", "form"] = "none"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An address that a vendor handed back: fetched under guard, and never with the key. Its signature shows in no repr."""

    url: str

    def __repr__(self) -> str:
        return f"Foreign({self.url.partition('?')[0]!r})"


@dataclass(frozen=True, slots=True)
class Staging:
    """The user's own storage, named by the option `staging`: the document is put there under `name`.

    The reply is `{"url": "…"}`, a signed link that the vendor can fetch. The same name always holds the same bytes.
    """

    name: str


@dataclass(frozen=True, slots=True)
class InProcess:
    """Work done in this process by the function at a dotted path `module:name`, called as `(bytes, JSON) -> JSON`."""

    function: str


@dataclass(frozen=True, slots=True)
class Body:
    """The document's bytes as part `field` of a multipart form, or as the whole body if `field` is empty."""

    field: str
    filename: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where the document's own address goes, never the address itself: it may be signed, so no state may hold it.

    `path` leads to a field of `Call.json` by names and places in lists, or names one of `Call.form`.
    """

    path: tuple[str | int, ...]
    place: Literal["json", "form"] = "json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `url` is a path relative to the configured endpoint unless it says otherwise.

    `form` shows in no repr, because that of an upload to a signed address holds the signature.
    """

    effect: Effect
    method: Literal["GET", "POST", "PUT", "RUN"]
    url: str | Foreign | Staging | InProcess
    auth: Auth = field(default_factory=Auth)
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    json: JsonValue | None = None
    body: Body | None = None
    address: Address | None = None
    expect: Literal["json", "blob"] = "json"
    large: bool = False
    """The reply may hold a whole result: `Limits.result_bytes` instead of `Limits.reply_bytes`."""
    group: str = ""
    """Calls of one group that are due at about the same time go out as one: equal calls once, others through `Merges`."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes of a result that are not JSON, such as an archive."""

    data: bytes = field(repr=False)
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """A result that a vendor hands out in several files, in their order."""

    blobs: tuple[Blob, ...] = field(repr=False)


Problem = Literal["not_json", "too_big", "truncated"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, bounded and decoded. Header names are in lower case; `snippet` begins a body that could not be read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    json: JsonValue | None = None
    blob: Blob | None = None
    problem: Problem | None = None
    snippet: str = ""


class State(BaseModel):
    """What a vendor must remember between steps: small, JSON, versioned, without secrets.

    `accepted` is true from the moment when the vendor has a job that may be billed, and `creating` while a CREATE is or may
    be under way. Before either, nothing is lost by beginning anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    v: Literal[1] = 1

    @property
    def accepted(self) -> bool:
        """Whether losing this state would lose paid work."""
        return False

    @property
    def known_as(self) -> str:
        """The vendor's own name for the job, for its support and its console; empty while it has given none."""
        return ""

    @property
    def creating(self) -> bool:
        """Whether a job may come to be at the vendor that this state does not know of yet."""
        return not self.accepted


class Progress(NamedTuple):
    """How far a job is: the vendor's status word, and pages done of all pages where it tells them.

    `known` is false for a word that its documents do not have; the job is waited for all the same.
    """

    status: str
    done: int | None = None
    total: int | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Send:
    """Perform `call`; `state` is saved first, so that it is known after a crash what was under way."""

    call: Call
    state: State


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do yet: ask `resume` again later, after `hint` seconds if the vendor named a time."""

    state: State
    progress: Progress
    hint: float | None = None


@dataclass(frozen=True, slots=True)
class Collect:
    """Perform all these READs: the result lies in several places.

    Each reply goes to `on_reply(state, reply)`, whose `Done` holds that part as a `Blob`; all of them become one `Parts`.
    Any other step is followed instead, for example to ask again for links that have expired.
    """

    calls: tuple[Call, ...]
    state: State


Payload = JsonValue | Blob | Parts


@dataclass(frozen=True, slots=True)
class Done:
    """The vendor's result, ready for `decode`."""

    payload: Payload = field(repr=False)
    state: State


@dataclass(frozen=True, slots=True)
class Fail:
    """The job cannot go on, or not without sending the last call again: the error says which (`retryable`, `refused`)."""

    error: DocParseError


Step = Send | Collect | Wait | Done | Fail


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts about a vendor, as data. Sizes in bytes, `interval` (the recommended polling pause) in seconds."""

    suffixes: frozenset[str]
    max_bytes: int | None = None
    max_pages: int | None = None
    """Of one request: a selection of more is refused before it is sent, a file that is longer by the vendor."""
    interval: float | None = None
    selects_pages: bool = True
    takes_urls: bool = False
    needs_key: bool = True
    public_hosts: tuple[str, ...] = ()
    """Hosts of the vendor's own service, where a key is needed; any other endpoint is a private deployment."""
    result_hosts: tuple[str, ...] = ()
    polls_many: bool = False
    """Whether one request can ask about several jobs, or submit several documents: see `Call.group` and `Merges`."""
    batch_size: int | None = None
    """How many documents may share one `batch` name, or one merged call."""
    in_process: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """A vendor's result in our words. `total_pages` is the length of the source file, if the vendor told it."""

    pages: tuple[Page, ...]
    notices: tuple[Notice, ...] = ()
    model: str = ""
    total_pages: int | None = None
    usage: Mapping[str, int | float | str] = field(default_factory=dict)


Config_contra = TypeVar("Config_contra", bound=VendorConfig, contravariant=True)
State_contra = TypeVar("State_contra", bound=State, contravariant=True)


class Vendor(Protocol[Config_contra, State_contra]):
    """What a vendor's folder must provide. All of it is pure and none of it keeps anything on `self`."""

    name: ClassVar[str]
    traits: ClassVar[Traits]
    state: ClassVar[type[State]]

    def begin(self, facts: SourceFacts, pages: PageSelection | None, options: Config_contra, batch: str | None = None) -> Step:
        """The first step for a document; refuses here what the vendor is known to refuse.

        `batch` names a run of several documents that this one belongs to, for vendors that can submit or poll many at once.
        """

    def on_reply(self, state: State_contra, reply: Reply) -> Step:
        """What an answer to the call sent in `state` means."""

    def on_uncertain(self, state: State_contra) -> Step:
        """A CREATE was sent and no answer came: look the job up, or fail with `SubmitUncertain`."""

    def resume(self, state: State_contra) -> Step:
        """Go on from a saved state: after a `Wait`, a crash, or in another process."""

    def decode(self, payload: Payload, pages: PageSelection | None = None) -> Decoded:
        """Turn a result into pages of blocks; also takes a result that a user saved, in any of its wrappings.

        `pages` are those that were asked for, for vendors whose results count only the pages that they parsed.
        """


@runtime_checkable
class Merges(Protocol):
    """What a vendor offers besides if different calls of one `group` can go out as one.

    Each document's address (`Call.address`) is in its call by then.
    """

    def merged(self, calls: Sequence[Call]) -> Call:
        """One call in place of these; at most `Traits.batch_size` of them."""

    def share(self, reply: Reply, index: int) -> Reply:
        """What of the common answer is for the call at `index`; often all of it, where entries are found by an id."""


AnyVendor = Vendor[Any, Any]
"""A vendor whose own types don't matter to the caller."""
