"""The composition root: the only module that knows every stage, from a user's file to a parsed document."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, get_args

import anyio
import anyio.to_thread
from pydantic import JsonValue

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.engine import bridge
from docparse_loaders.engine.address import hide
from docparse_loaders.engine.drive import Run, Tally, drive
from docparse_loaders.engine.endpoint import Endpoint, endpoint_of
from docparse_loaders.engine.limits import Gate, SharesGates, counts_of, gate_name
from docparse_loaders.engine.masking import mask
from docparse_loaders.engine.remember import Remembered, insisted, is_begun, payload_of
from docparse_loaders.engine.session import Session, connected
from docparse_loaders.engine.store import About, Finished, StoreLike, kept_open, store_of
from docparse_loaders.engine.stream import completed, ordered
from docparse_loaders.engine.token import Token, key_of, written
from docparse_loaders.errors import ConfigError, DocParseError, InvalidToken
from docparse_loaders.job import Job
from docparse_loaders.outcome import Effort, Order, Outcome
from docparse_loaders.pages import PageSelection, PagesLike
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source, SourceLike, each_of, is_alone, label_of
from docparse_loaders.vendors import config_of, describe, vendor_of
from docparse_loaders.vendors.allowance import too_many_pages
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.protocol import Done, Fail, Payload, Progress, Reply, State, Step, Wait

if TYPE_CHECKING:
    from docparse_loaders.following import Event, File, Following
    from docparse_loaders.plan import Planned

_log = logging.getLogger("docparse_loaders")

VendorLike = str | VendorConfig | Mapping[str, Any]
"""A vendor's name, its config object, or what `DocParser.describe` made of one."""

Listener = Callable[[str, Progress], None]
"""Called with a source's uri and how far its job is."""
OnEvent = Callable[["Event"], object]
"""Called with what happens to each input."""


class DocParser:
    """Parses documents with one vendor.

    `vendor` is a name or a config object such as `SoMark(api_key=…)`; `policy` holds every time and limit; `store` remembers
    jobs and results, so that no file is submitted twice. `on_event` hears of each input on its way, as an `Event`; what it
    raises is logged and stops nothing. `on_progress` hears of every answer about a job. Both are called in the event loop that
    does the work, so they should be quick. A parser keeps no connection and no loop, so it may be shared by threads.

    Raises `UnknownVendor`, `UnknownOption` and `ConfigError` at once.
    """

    def __init__(
        self,
        vendor: VendorLike = "local",
        *,
        policy: Policy | None = None,
        store: StoreLike | None = None,
        on_progress: Listener | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        self.config = config_of(vendor)
        self.policy = policy or Policy()
        self._vendor = vendor_of(self.config)
        self._store = store_of(store)
        self._on_progress = on_progress
        self._on_event = on_event
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
        with self._followed() as following:
            async with self._session() as session:
                return await self._parsed(session, source, selection, name, fs, file=following.one() if following else None)

    def parse_many(
        self,
        sources: SourceLike,
        *,
        pages: PagesLike | None = None,
        concurrency: int = 8,
        order: Order = "input",
        progress: bool = False,
        fs: Any = None,
    ) -> Iterator[Outcome]:
        """Parse files, folders and lists of them; as `aparse_many`."""
        options: dict[str, Any] = {"concurrency": concurrency, "order": order, "progress": progress, "fs": fs}
        return bridge.iterate(partial(self.aparse_many, sources, pages=pages, **options))

    async def aparse_many(
        self,
        sources: SourceLike,
        *,
        pages: PagesLike | None = None,
        concurrency: int = 8,
        order: Order = "input",
        progress: bool = False,
        fs: Any = None,
    ) -> AsyncGenerator[Outcome, None]:
        """Parse files, folders and lists of them, `concurrency` at once, and yield an outcome for each.

        They come in the inputs' order, or with `order="completion"` each as soon as it is there. `sources` may be an iterator
        without end: no more is taken from it than is under way. One document's error does not touch the others, nor does a
        folder without any. `progress` shows a bar on stderr, in notebooks below the cell.
        Raises `ConfigError`, `MissingKey` and `MissingExtra` at once.
        """
        selection = PageSelection.of(pages)
        if concurrency < 1:
            raise ConfigError(f"concurrency={concurrency} lets nothing through.", hint="Use 1 or more.")
        if order not in get_args(Order):
            raise ConfigError(f"order={order!r} is not known.", hint='It is "input" or "completion".')
        inputs: Iterable[SourceLike] = each_of(sources, self.suffixes) if fs is None else [sources]
        with self._followed(concurrency, progress=progress) as following:
            many = concurrency > 1 and fs is None and not is_alone(sources)
            async with self._session(many=many) as session:
                work = partial(self._outcome, session, selection, fs, following)
                if following is not None:
                    inputs = await anyio.to_thread.run_sync(following.inputs, sources, inputs)
                stream = (ordered if order == "input" else completed)(inputs, work, concurrency)
                try:
                    async for outcome in stream:
                        yield outcome
                finally:
                    await stream.aclose()

    def plan(self, sources: SourceLike, *, pages: PagesLike | None = None, fs: Any = None) -> "list[Planned]":
        """What `parse_many` would do with each input, without any request to the vendor.

        Each `Planned` tells who would get the document, its size and pages, whether the store has its result or its job, and
        the error that would refuse it. Files are read for their hash; a job store is only read, and never made. Raises
        `ConfigError` for a call that is wrong in itself; a key that is missing is told as the error of each input.
        """
        from docparse_loaders.plan import Planning

        inputs = each_of(sources, self.suffixes) if fs is None else [sources]
        planning = Planning(self._vendor, self.config, self._store, PageSelection.of(pages))
        return [planning.of(given, fs) for given in inputs]

    def submit(self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None) -> Job:
        """Hand a document to the vendor and come back as soon as it has the job."""
        return bridge.run(partial(self.asubmit, source, pages=pages, name=name))

    async def asubmit(self, source: SourceLike, *, pages: PagesLike | None = None, name: str | None = None) -> Job:
        """Hand a document to the vendor; as `submit`. The local vendor does its work here and now."""
        selection = PageSelection.of(pages)
        found = await anyio.to_thread.run_sync(partial(Source.of, source, name=name))
        async with self._session() as session:
            run, begin = self._run(session, found, selection), partial(self._begin, session, found, selection)
            if (memory := self._memory(session, run, selection)) is None:
                return self._job(run, selection, await insisted(run, begin(), begin, partial(drive, run, stop_at_wait=True)))
            reached = await memory.submitted(begin)
            if isinstance(reached, Finished):
                return Job(self, reached.token or "", document=await self._read(run, selection, reached.payload))
            return self._job(run, selection, reached)

    def resume(
        self,
        token: str,
        *,
        answer: JsonValue | None = None,
        source: SourceLike | None = None,
        name: str | None = None,
        fs: Any = None,
    ) -> ParsedDocument:
        """Go on with a job that was accepted earlier, here or elsewhere; as `aresume`."""
        return bridge.run(partial(self.aresume, token, answer=answer, source=source, name=name, fs=fs))

    async def aresume(
        self,
        token: str,
        *,
        answer: JsonValue | None = None,
        source: SourceLike | None = None,
        name: str | None = None,
        fs: Any = None,
    ) -> ParsedDocument:
        """Go on with a job from the token of an error or a `Job`.

        `answer` is what the vendor said of the job elsewhere, such as the verified content of a callback; it is then not
        asked for. `source`, with `name` and `fs`, is the document as `parse` takes it: a token holds neither its bytes nor an
        address that may be signed, and a job needs them again if its upload was lost or it is to be submitted once more.
        Raises `InvalidToken`, and `SourceChanged` if the token is about another document, before any request.
        """
        with self._followed() as following:
            async with self._session() as session:
                step, run, selection = await self._resumed(session, token, answer=answer, given=source, name=name, fs=fs)
                going = self._gone_on(session, step, run, selection)
                return await (going if following is None else following.one().all_of(run, going))

    async def _gone_on(self, session: Session, step: Step, run: Run, pages: PageSelection | None) -> ParsedDocument:
        read = partial(self._read, run, pages)
        if (memory := self._memory(session, run, pages)) is None:
            return await read(payload_of(await drive(run, step)))
        return await memory.resumed(step, read)

    async def aprogress(self, token: str, *, source: SourceLike | None = None) -> Progress | ParsedDocument:
        """Ask once how far a job is; the document itself if it is done. `source` as for `aresume`."""
        async with self._session() as session:
            step, run, selection = await self._resumed(session, token, given=source)
            reached = await drive(run, step, stop_at_wait=True)
            if isinstance(reached, Wait):
                return reached.progress
            return self._document(run, reached.payload, selection)

    # The way of one document, stage by stage.

    async def _outcome(
        self, session: Session, pages: PageSelection | None, fs: Any, following: "Following | None", given: SourceLike
    ) -> Outcome:
        file = following.file() if following else None
        if isinstance(given, DocParseError):
            if file is not None:
                file.failed(given, "")
            return Outcome(given.source, None, given)
        tally, start = Tally(), anyio.current_time()
        found: ParsedDocument | DocParseError
        try:
            found = await self._parsed(session, given, pages, None, fs, tally, file)
        except DocParseError as error:
            found = error
        effort = Effort(tally.requests, tally.retries, round(anyio.current_time() - start, 3), tally.cached)
        if isinstance(found, DocParseError):
            return Outcome(found.source or label_of(given), None, found, effort)
        return Outcome(found.source.uri, found, None, effort)

    async def _parsed(
        self,
        session: Session,
        given: SourceLike,
        pages: PageSelection | None,
        name: str | None,
        fs: Any,
        tally: Tally | None = None,
        file: "File | None" = None,
    ) -> ParsedDocument:
        tally = tally or Tally()
        made = self._made(session, given, pages, name, fs, tally, file)
        return await (made if file is None else file.ended(made, label_of(given), tally))

    async def _made(
        self,
        session: Session,
        given: SourceLike,
        pages: PageSelection | None,
        name: str | None,
        fs: Any,
        tally: Tally,
        file: "File | None",
    ) -> ParsedDocument:
        source = await anyio.to_thread.run_sync(partial(Source.of, given, name=name, fs=fs))
        run, begin = self._run(session, source, pages), partial(self._begin, session, source, pages)
        run.tally = tally
        if file is not None:
            await anyio.to_thread.run_sync(file.read, source, pages)
            file.follows(run)
        read = partial(self._read, run, pages)
        if (memory := self._memory(session, run, pages)) is None:
            return await read(payload_of(await insisted(run, begin(), begin, partial(drive, run))))
        return await memory.result(begin, read)

    def _memory(self, session: Session, run: Run, pages: PageSelection | None) -> Remembered | None:
        if self._store is None:
            return None
        facts, origin = run.source.facts, session.endpoint.origin
        key = key_of(self.vendor, origin, facts, pages, run.options)
        return Remembered(self._store, run, key, About(self.vendor, origin, facts.uri, str(pages or "")))

    def _begin(self, session: Session, source: Source, pages: PageSelection | None) -> Step:
        if refusal := too_many_pages(self._vendor, source.facts, pages):
            return Fail(refusal)
        return self._vendor.begin(source.facts, pages, self.config, session.batches.next())

    def _state(self, session: Session, text: str) -> tuple[Token, State]:
        token = Token.read(text, self._vendor, session.endpoint.origin)
        return token, token.state_of(self._vendor)

    async def _resumed(
        self,
        session: Session,
        text: str,
        *,
        answer: JsonValue | None = None,
        given: SourceLike | None = None,
        name: str | None = None,
        fs: Any = None,
    ) -> tuple[Step, Run, PageSelection | None]:
        """Where a token leads; without the document, its bytes and a signed address cannot be sent again."""
        token, state = self._state(session, text)
        if not is_begun(state):
            raise InvalidToken("nothing was submitted yet when this token was made.", hint="Parse the document.")
        if given is None:
            source = Source(token.source, _gone)
        else:
            source = token.document(await anyio.to_thread.run_sync(partial(Source.of, given, name=name, fs=fs)))
        pages = PageSelection.of(token.pages)
        run = self._run(session, source, pages, token.options)
        run.state = state
        step = self._vendor.resume(state) if answer is None else self._vendor.on_reply(state, Reply(200, json=answer))
        return step, run, pages

    def _run(self, session: Session, source: Source, pages: PageSelection | None, options: str | None = None) -> Run:
        options = self.config.fingerprint() if options is None else options
        return Run(
            vendor=self._vendor,
            source=source,
            together=session.together,
            gate=session.gate,
            policy=self.policy,
            chance=session.chance,
            save=_nowhere,
            token_of=partial(written, self.vendor, session.endpoint.origin, source.facts, pages, options),
            options=options,
            on_progress=partial(self._on_progress, source.facts.uri) if self._on_progress else None,
            key=session.endpoint.key,
            endpoint=session.endpoint.origin,
        )

    def _job(self, run: Run, pages: PageSelection | None, reached: Done | Wait) -> Job:
        token = run.token_of(reached.state)
        if isinstance(reached, Wait):
            return Job(self, token, progress=reached.progress, source=run.source)
        return Job(self, token, document=self._document(run, reached.payload, pages))

    async def _read(self, run: Run, pages: PageSelection | None, payload: Payload) -> ParsedDocument:
        return await anyio.to_thread.run_sync(partial(self._document, run, payload, pages))

    def _document(self, run: Run, payload: Payload, pages: PageSelection | None) -> ParsedDocument:
        """Decode and check. What fails here was paid for, so the error carries the token."""
        try:
            decoded = self._vendor.decode(payload, pages)
            return document_of(decoded, run.source.facts, self._vendor, pages, options=run.options)
        except DocParseError as error:
            hide(error, run.source)
            mask(error, run.key)
            error.token = error.token or run.token()
            error.source = run.source.facts.uri
            raise

    @contextmanager
    def _followed(self, lanes: int = 1, *, progress: bool = False) -> "Iterator[Following | None]":
        """Who hears of the inputs of one call: the parser's listener and a bar, or nobody, at no cost."""
        if self._on_event is None and not progress:
            yield None
            return
        from docparse_loaders.following import Following, bar

        with ExitStack() as shown:
            listeners = [shown.enter_context(bar())] if progress else []
            listeners += [self._on_event] if self._on_event is not None else []
            yield Following(listeners, lanes, anyio.current_time)

    @asynccontextmanager
    async def _session(self, *, many: bool = False) -> AsyncIterator[Session]:
        endpoint = endpoint_of(self.config, self._vendor.traits)
        if endpoint.in_the_clear and not self._warned:
            self._warned = True
            _log.warning("%s is not encrypted: the key and the documents can be read on the way.", endpoint.origin)
        async with kept_open(self._store), self._connected(endpoint, many=many) as session:
            yield session

    def _connected(self, endpoint: Endpoint, *, many: bool) -> AbstractAsyncContextManager[Session]:
        name, policy = gate_name(endpoint), self.policy
        shared = _shared(self._store) if not self._vendor.traits.in_process else None
        lease = policy.timeouts.request + policy.retry.patience + 60.0
        gate = Gate(policy.limits, counts_of(name), name=name, shared=shared, lease=lease)
        return connected(self._vendor, endpoint, policy, gate, many=many)


def _shared(store: object) -> SharesGates | None:
    return store if isinstance(store, SharesGates) else None


async def _nowhere(_: State) -> None:
    """Where states go without a store."""


def _gone() -> BinaryIO:
    hint = "Pass it: resume(token, source=…); or parse the document again."
    raise InvalidToken("the file is needed again and a token does not hold it.", hint=hint)
