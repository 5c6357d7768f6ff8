"""A run with a job store: the result is found there, or the job is gone on with, or begun and remembered at every step."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from docparse_loaders.engine.claims import claimed
from docparse_loaders.engine.decide import is_doubt
from docparse_loaders.engine.drive import Run, drive
from docparse_loaders.engine.store import About, Claim, Finished, Store
from docparse_loaders.engine.token import Token
from docparse_loaders.errors import (
    AuthError,
    ClaimLost,
    DocParseError,
    JobFailed,
    QuotaError,
    StoreError,
    SubmitUncertain,
    VendorError,
)
from docparse_loaders.vendors.protocol import Done, Payload, State, Step, Wait

T = TypeVar("T")
Begin = Callable[[], Step]
Go = Callable[[Step], Awaitable[Done | Wait]]
Read = Callable[[Payload], Awaitable[T]]
"""Makes something of a payload, and raises if the result is not whole."""

_log = logging.getLogger("docparse_loaders")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One document's run, and what the store calls its job."""

    store: Store
    run: Run
    key: str
    about: About = field(default_factory=About)

    async def result(self, begin: Begin, read: Read[T]) -> T:
        """From a result in the store, from a job in the store, or from a new job.

        A result is kept only once `read` has found it whole; until then the job can be asked again at no cost. Raises as
        `drive`, and `StoreError`.
        """
        while True:
            try:
                async with self._claimed() as found:
                    if isinstance(found, Finished):
                        self.run.tally.cached = True
                        return await read(found.payload)
                    return await self._kept(found, await self._payload(found, begin), read)
            except ClaimLost:
                _log.warning("%s: another process went on with this job; its result is waited for", self.about.source)

    async def resumed(self, step: Step, read: Read[T]) -> T:
        """From a result in the store, or from where a token leads."""
        async with self._claimed() as found:
            if isinstance(found, Finished):
                self.run.tally.cached = True
                return await read(found.payload)
            return await self._kept(found, payload_of(await self._driven(found, step)), read)

    async def submitted(self, begin: Begin) -> Done | Wait | Finished:
        """Only until the vendor has the job."""
        async with self._claimed() as found:
            if isinstance(found, Finished):
                return found
            return await insisted(self.run, self._first(found, begin), begin, partial(self._driven, found, stop_at_wait=True))

    def _claimed(self) -> AbstractAsyncContextManager[Claim | Finished]:
        return claimed(self.store, self.key, self.about)

    async def _payload(self, claim: Claim, begin: Begin) -> Payload:
        try:
            return payload_of(await insisted(self.run, self._first(claim, begin), begin, partial(self._driven, claim)))
        except VendorError as error:
            if not _is_gone(claim, error):
                raise
            _log.warning("%s: its result was not kept, and the vendor has it no longer: %s", self.about.source, error)
            return payload_of(await self._driven(claim, begin()))

    async def _kept(self, claim: Claim, payload: Payload, read: Read[T]) -> T:
        found = await read(payload)
        try:
            await self.store.finish(claim, payload)
        except StoreError as error:
            _log.warning("%s: the result is not in the store: %s", self.about.source, error)
        return found

    def _first(self, claim: Claim, begin: Begin) -> Step:
        """Where to go on with what the store knows; the beginning if nothing was submitted yet."""
        run = self.run
        if claim.token is None:
            return begin()
        state = Token.read(claim.token, run.vendor, self.about.origin).state_of(run.vendor)
        if not is_begun(state):
            return begin()
        step = run.vendor.resume(state)
        if is_doubt(step) and run.policy.on_uncertain == "resubmit":
            return begin()
        run.state = state
        return step

    async def _driven(self, claim: Claim, step: Step, *, stop_at_wait: bool = False) -> Done | Wait:
        async def save(state: State) -> None:
            await self.store.save(claim, self.run.token_of(state))

        self.run.save = save
        try:
            return await drive(self.run, step, stop_at_wait=stop_at_wait)
        except DocParseError as error:
            if _is_over(self.run, error) and not claim.done:
                await self.store.forget(claim)
            raise


async def insisted(run: Run, step: Step, begin: Begin, go: Go) -> Done | Wait:
    """Go on from a step; if a vendor's look-up leaves open whether a job was taken, begin anew where the user chose that.

    A vendor without a look-up is in doubt at once, and its submit was repeated by `drive`, if at all.
    """
    for _ in range(run.policy.retry.attempts - 1):
        try:
            return await go(step)
        except SubmitUncertain:
            looked = run.state is not None and not is_doubt(run.vendor.resume(run.state))
            if run.policy.on_uncertain == "raise" or not looked:
                raise
            _log.warning("%s: nobody knows whether it was taken; it is submitted again, as chosen", run.source.facts.uri)
            step = begin()
    return await go(step)


def is_begun(state: State) -> bool:
    """Whether a job exists or may exist; before that, a document is simply begun anew."""
    return state.accepted or state.creating


def payload_of(reached: Done | Wait) -> Payload:
    """The payload of a job that is done."""
    if isinstance(reached, Done):
        return reached.payload
    message = "unreachable: the engine was not asked to stop at a wait"
    raise AssertionError(message)


def _is_over(run: Run, error: DocParseError) -> bool:
    """Whether nothing is left at the vendor that was or may be paid for: the job has ended, or was never taken."""
    accepted = run.state is not None and run.state.accepted
    return _has_ended(error) or not (accepted or isinstance(error, SubmitUncertain | StoreError))


def _is_gone(claim: Claim, error: DocParseError) -> bool:
    """Whether a job was finished once and the vendor cannot tell its result again."""
    return claim.done and (_has_ended(error) or not (error.retryable or isinstance(error, AuthError | QuotaError)))


def _has_ended(error: DocParseError) -> bool:
    """Whether the job itself failed, whatever kind of error its reason is: asked again, the vendor would only repeat it."""
    return error.final or isinstance(error, JobFailed)
