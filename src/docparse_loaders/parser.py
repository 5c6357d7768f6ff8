"""The composition root: the only module that knows every stage, from a user's file to a parsed document."""

import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple

import anyio.to_thread
from pydantic import JsonValue

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.engine import bridge
from docparse_loaders.engine.address import hide, kept
from docparse_loaders.engine.drive import Run, drive
from docparse_loaders.engine.endpoint import Endpoint, endpoint_of
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.masking import mask
from docparse_loaders.engine.store import JobStore
from docparse_loaders.engine.stream import ordered
from docparse_loaders.engine.together import Batches, Together
from docparse_loaders.engine.token import Token
from docparse_loaders.errors import ConfigError, DocParseError, InvalidToken, JobFailed, NoDocuments, SubmitUncertain
from docparse_loaders.job import Job
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection, PagesLike
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source, SourceLike, expand, is_many
from docparse_loaders.vendors import config_of, describe, vendor_of
from docparse_loaders.vendors.allowance import too_many_pages
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.protocol import Done, Fail, Payload, Progress, Reply, State, Step, Wait

_log = logging.getLogger("docparse_loaders")

VendorLike = str | VendorConfig | Mapping[str, Any]
"""A vendor's name, its config object, or what `DocParser.describe` made of one."""

Listener = Callable[[str, Progress], None]
"""Called with a source's uri and how far its job is."""


class Outcome(NamedTuple):
    """What became of one input: a document or the error that stood in its way."""

    source: str
    document: ParsedDocument | None
    error: DocParseError | None


class DocParser:
    """Parses documents with one vendor.

    `vendor` is a name or a config object such as `SoMark(api_key=…)`; `policy` holds every time and limit; `store` remembers
    jobs and results, so that no file is submitted twice; `on_progress` hears of every answer about a job. A parser keeps no
    connection and no loop, so it may be shared by threads. Raises `UnknownVendor`, `UnknownOption` and `ConfigError` at once.
    """

    def __init__(
        self,
        vendor: VendorLike = "local",
        *,
        policy: Policy | None = None,
        store: JobStore | None = None,
        on_progress: Listener | None = None,
    ) -> None:
        self.config = config_of(vendor)
        self.policy = policy or Policy()
        self._vendor = vendor_of(self.config)
        self._store = _checked(store)
        self._on_progress = on_progress
        self._warned = False

    @staticmethod
    def describe(vendor: VendorLike) -> dict[str, Any]:
        """A vendor and its options as plain JSON, without the key; `DocParser` takes it back."""
        return describe(config_of(vendor))

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self._vendor.name

    @property
    def suffixes(self) -> frozenset[str]:
        """File name endings that the vendor takes, in lower case with their dot."""
        return self._vendor.traits.suffixes

    def parse(
        self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None, fs: Any = None
    ) -> ParsedDocument:
        """Parse one document and wait for it.

        `pages` selects pages of the file, 1-based (`"1-5,8"`, an int, a range, a list). `name` is the file name of bytes;
        `fs` an fsspec file system. Raises a `DocParseError`; if the job was accepted, its `token` goes to `resume`.
        """
        return bridge.run(partial(self.aparse, source, pages=pages, name=name, fs=fs))

    async def aparse(
        self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None, fs: Any = None
    ) -> ParsedDocument:
        """Parse one document; as `parse`."""
        selection = PageSelection.of(pages)
        async with self._session() as session:
            return await self._parsed(session, source, selection, name, fs)

    def parse_many(
        self, sources: SourceLike, *, pages: PagesLike | None = None, concurrency: int = 8, fs: Any = None
    ) -> Iterator[Outcome]:
        """Parse files, folders and lists of them; as `aparse_many`."""
        return bridge.iterate(partial(self.aparse_many, sources, pages=pages, concurrency=concurrency, fs=fs))

    async def aparse_many(
        self, sources: SourceLike, *, pages: PagesLike | None = None, concurrency: int = 8, fs: Any = None
    ) -> AsyncGenerator[Outcome, None]:
        """Parse files, folders and lists of them, `concurrency` at once, and yield an outcome for each in their order.

        One document's error does not touch the others, nor does a folder without any. Raises `ConfigError` and `MissingKey`
        at once.
        """
        selection = PageSelection.of(pages)
        if concurrency < 1:
            raise ConfigError(f"concurrency={concurrency} lets nothing through.", hint="Use 1 or more.")
        async with self._session(many=concurrency > 1) as session:
            work = partial(self._outcome, session, selection, fs)
            inputs = self._inputs(sources) if fs is None else [sources]
            stream = ordered(inputs, work, concurrency)
            try:
                async for outcome in stream:
                    yield outcome
            finally:
                await stream.aclose()

    def submit(self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None) -> Job:
        """Hand a document to the vendor and come back as soon as it has the job."""
        return bridge.run(partial(self.asubmit, source, pages=pages, name=name))

    async def asubmit(self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None) -> Job:
        """Hand a document to the vendor; as `submit`. The local vendor does its work here and now."""
        selection = PageSelection.of(pages)
        found = await anyio.to_thread.run_sync(partial(Source.of, source, name=name))
        async with self._session() as session:
            run = self._run(session, found, selection)
            step = await drive(run, self._begin(session, found, selection), stop_at_wait=True)
            token = self._token(session, found, selection, step.state)
            if isinstance(step, Wait):
                return Job(self, token, progress=step.progress)
            return Job(self, token, document=self._document(run, step.payload, selection))

    def resume(self, token: str, *, answer: JsonValue | None = None) -> ParsedDocument:
        """Go on with a job that was accepted earlier, here or elsewhere; as `aresume`."""
        return bridge.run(partial(self.aresume, token, answer=answer))

    async def aresume(self, token: str, *, answer: JsonValue | None = None) -> ParsedDocument:
        """Go on with a job from the token of an error or a `Job`.

        `answer` is what the vendor said of the job elsewhere, such as the verified content of a callback; it is then not
        asked for. Raises `InvalidToken` before any request.
        """
        async with self._session() as session:
            step, run, selection = self._resumed(session, token, answer=answer)
            payload = _payload(await drive(run, step))
            document = self._document(run, payload, selection)
            if self._store is not None:
                await self._store.finish(self._key(session.endpoint, run.source.facts, selection), payload)
            return document

    async def aprogress(self, token: str) -> Progress | ParsedDocument:
        """Ask once how far a job is; the document itself if it is done."""
        async with self._session() as session:
            step, run, selection = self._resumed(session, token)
            reached = await drive(run, step, stop_at_wait=True)
            if isinstance(reached, Wait):
                return reached.progress
            return self._document(run, reached.payload, selection)

    # The way of one document, stage by stage.

    def _inputs(self, sources: SourceLike) -> Iterator[SourceLike]:
        """Every document that is meant; what leads to none is passed on as its error, so that the rest goes on."""
        empty = True
        for one in sources if is_many(sources) else (sources,):
            empty = False
            try:
                yield from expand(one, self.suffixes)
            except DocParseError as error:
                yield error
        if empty:
            yield NoDocuments("there is nothing to parse: the list of inputs is empty.", hint="Pass at least one file.")

    async def _outcome(self, session: "_Session", pages: PageSelection | None, fs: Any, given: SourceLike) -> Outcome:
        if isinstance(given, DocParseError):
            return Outcome(given.source, None, given)
        label = given if isinstance(given, str) else getattr(given, "name", None) or type(given).__name__
        try:
            document = await self._parsed(session, given, pages, None, fs)
        except DocParseError as error:
            return Outcome(error.source or str(label), None, error)
        return Outcome(document.source.uri, document, None)

    async def _parsed(
        self, session: "_Session", given: SourceLike, pages: PageSelection | None, name: str | None, fs: Any
    ) -> ParsedDocument:
        source = await anyio.to_thread.run_sync(partial(Source.of, given, name=name, fs=fs))
        run = self._run(session, source, pages)
        if self._store is not None:
            return await self._remembered(self._store, session, run, pages)
        payload = _payload(await drive(run, self._begin(session, source, pages)))
        return await anyio.to_thread.run_sync(partial(self._document, run, payload, pages))

    async def _remembered(self, store: JobStore, session: "_Session", run: Run, pages: PageSelection | None) -> ParsedDocument:
        """The document from a result in the store, from a job in the store, or from a new job, which is remembered.

        A result is kept only once it has proved to be whole; until then the job can be asked again at no cost.
        """
        key = self._key(session.endpoint, run.source.facts, pages)
        payload = await store.result(key)
        if payload is None:
            token = await store.pending(key)
            if token is not None and _is_begun(state := self._state(session, token)[1]):
                step, run.state = self._vendor.resume(state), state
            else:
                step = self._begin(session, run.source, pages)
            payload = await self._driven(store, run, step, key)
        document = await anyio.to_thread.run_sync(partial(self._document, run, payload, pages))
        await store.finish(key, payload)
        return document

    async def _driven(self, store: JobStore, run: Run, step: Step, key: str) -> Payload:
        try:
            return _payload(await drive(run, step))
        except DocParseError as error:
            if _is_over(run, error):
                await store.forget(key)
            raise

    def _begin(self, session: "_Session", source: Source, pages: PageSelection | None) -> Step:
        if refusal := too_many_pages(self._vendor, source.facts, pages):
            return Fail(refusal)
        return self._vendor.begin(source.facts, pages, self.config, session.batches.next())

    def _state(self, session: "_Session", text: str) -> tuple[Token, State]:
        token = Token.read(text, self._vendor, session.endpoint.origin)
        return token, token.state_of(self._vendor)

    def _resumed(
        self, session: "_Session", text: str, answer: JsonValue | None = None
    ) -> tuple[Step, Run, PageSelection | None]:
        """Where a token leads; without the file, its bytes cannot be sent again."""
        token, state = self._state(session, text)
        if not _is_begun(state):
            raise InvalidToken("nothing was submitted yet when this token was made.", hint="Parse the document.")
        pages = PageSelection.of(token.pages)
        run = self._run(session, Source(token.source, _gone), pages)
        run.state = state
        step = self._vendor.resume(state) if answer is None else self._vendor.on_reply(state, Reply(200, json=answer))
        return step, run, pages

    def _run(self, session: "_Session", source: Source, pages: PageSelection | None) -> Run:
        token_of = partial(self._token, session, source, pages)
        key = self._key(session.endpoint, source.facts, pages)
        return Run(
            vendor=self._vendor,
            source=source,
            together=session.together,
            gate=session.gate,
            policy=self.policy,
            chance=session.chance,
            save=partial(self._save, key, token_of),
            token_of=token_of,
            on_progress=partial(self._on_progress, source.facts.uri) if self._on_progress else None,
            key=session.endpoint.key,
        )

    async def _save(self, key: str, token_of: Callable[[State], str], state: State) -> None:
        if self._store is not None:
            await self._store.save(key, token_of(state))

    def _token(self, session: "_Session", source: Source, pages: PageSelection | None, state: State) -> str:
        token = Token(
            vendor=self.vendor,
            origin=session.endpoint.origin,
            source=kept(source.facts),
            pages=str(pages) if pages else None,
            options=self.config.fingerprint(),
            state=state.model_dump(mode="json"),
        )
        return token.model_dump_json()

    def _key(self, endpoint: Endpoint, facts: SourceFacts, pages: PageSelection | None) -> str:
        parts = (self.vendor, endpoint.origin, facts.sha256, self.config.fingerprint(), str(pages or ""))
        return sha256("\n".join(parts).encode()).hexdigest()

    def _document(self, run: Run, payload: Payload, pages: PageSelection | None) -> ParsedDocument:
        """Decode and check. What fails here was paid for, so the error carries the token."""
        try:
            decoded = self._vendor.decode(payload, pages)
            return document_of(decoded, run.source.facts, self._vendor, pages, options=self.config.fingerprint())
        except DocParseError as error:
            hide(error, run.source)
            mask(error, run.key)
            error.token = error.token or run.token()
            error.source = run.source.facts.uri
            raise

    @asynccontextmanager
    async def _session(self, *, many: bool = False) -> "AsyncIterator[_Session]":
        from docparse_loaders.engine.transport import Transport

        endpoint = endpoint_of(self.config, self._vendor.traits)
        if endpoint.in_the_clear and not self._warned:
            self._warned = True
            _log.warning("%s is not encrypted: the key and the documents can be read on the way.", endpoint.origin)
        gate = Gate(self.policy.limits)
        window = (self.policy.poll.together or None) if many and self._vendor.traits.polls_many else None
        async with Transport(endpoint, self.policy) as transport:
            together = Together(self._vendor, transport, gate, window)
            batches = Batches(None if window is None else self._vendor.traits.batch_size)
            yield _Session(endpoint, together, gate, batches, random.random if window is None else _in_step())


@dataclass(frozen=True, slots=True)
class _Session:
    """What the documents of one call share: the endpoint, its connections and its limits."""

    endpoint: Endpoint
    together: Together
    gate: Gate
    batches: Batches
    chance: Callable[[], float]


def _in_step() -> Callable[[], float]:
    """One draw for all documents: those that share a request must be due at the same time.

    It shortens their pauses by more than half of the jitter, because each of them also waits for the others.
    """
    drawn = 0.5 + random.random() / 2  # noqa: S311  # only jitter
    return lambda: drawn


def _checked(store: object) -> JobStore | None:
    if store is None or isinstance(store, JobStore):
        return store
    hint = "Pass an object with its methods, such as docparse_loaders.engine.store.MemoryStore()."
    raise ConfigError(f"store={store!r} is not a JobStore.", hint=hint)


def _is_begun(state: State) -> bool:
    """Whether a job exists or may exist; before that, a document is simply begun anew."""
    return state.accepted or state.creating


def _is_over(run: Run, error: DocParseError) -> bool:
    """Whether nothing is left at the vendor that was or may be paid for: the job failed, or was never taken."""
    accepted = run.state is not None and run.state.accepted
    return isinstance(error, JobFailed) or not (accepted or isinstance(error, SubmitUncertain))


def _payload(reached: Done | Wait) -> Payload:
    if isinstance(reached, Done):
        return reached.payload
    message = "unreachable: the engine was not asked to stop at a wait"
    raise AssertionError(message)


def _gone() -> BinaryIO:
    raise InvalidToken("the file is needed again and a token does not hold it.", hint="Parse the document again.")
