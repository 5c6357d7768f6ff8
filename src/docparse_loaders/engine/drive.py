"""The one loop: a vendor's step, performed, gives the next step, until the job is done or has failed.

The state is saved before every effect. Every decision is pure and lies elsewhere: what a reply means in the vendor, whether
to send again and when to ask in `decide`.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import anyio
from pydantic import SecretStr

from docparse_loaders.engine.address import hide, is_missing, unknown
from docparse_loaders.engine.decide import Resend, after_failure, next_poll
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.masking import mask
from docparse_loaders.engine.together import Together
from docparse_loaders.errors import (
    DocParseError,
    JobTimeout,
    LimitExceeded,
    ProtocolError,
    SourceError,
    SubmitRejected,
    SubmitUncertain,
)
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import (
    AnyVendor,
    Blob,
    Collect,
    Done,
    Effect,
    Fail,
    Parts,
    Progress,
    Send,
    State,
    Step,
    Wait,
)

_log = logging.getLogger("docparse_loaders")


@dataclass(slots=True)
class Run:
    """One document on its way through the engine: what it needs, and where it stands."""

    vendor: AnyVendor
    source: Source
    together: Together
    gate: Gate
    policy: Policy
    chance: Callable[[], float]
    save: Callable[[State], Awaitable[None]]
    token_of: Callable[[State], str]
    on_progress: Callable[[Progress], None] | None = None
    key: SecretStr | None = None
    state: State | None = None
    under_way: Effect | None = None
    asked: int = 0
    last: Progress = field(default_factory=lambda: Progress(""))

    def token(self, *, uncertain: bool = False) -> str | None:
        """The resume token, if the vendor has the job or, when `uncertain`, may have it."""
        return self.token_of(self.state) if self.state is not None and (uncertain or self.state.accepted) else None


async def drive(run: Run, step: Step, *, stop_at_wait: bool = False) -> Done | Wait:
    """Go from `step` to the result, or only until the job is accepted if `stop_at_wait`.

    Raises the vendor's or the network's typed error, with a resume token if the job was accepted, and `JobTimeout` after
    `Timeouts.job`.
    """
    try:
        with anyio.move_on_after(run.policy.timeouts.job) as clock:
            return await _follow(run, step, clock, stop_at_wait=stop_at_wait)
        raise _out_of_time(run)
    except DocParseError as error:
        error.token = error.token or run.token(uncertain=isinstance(error, SubmitUncertain))
        error.source = run.source.facts.uri
        raise


async def _follow(run: Run, step: Step, clock: anyio.CancelScope, *, stop_at_wait: bool) -> Done | Wait:
    while True:
        _check_address(run, step)
        match step:
            case Send():
                await _remember(run, step.state)
                step = await _send(run, step, clock)
            case Collect():
                await _remember(run, step.state)
                step = await _collect(run, step, clock)
            case Wait():
                await _remember(run, step.state)
                _report(run, step.progress)
                if stop_at_wait:
                    return step
                await _pause(run, step)
                step = run.vendor.resume(step.state)
            case Done():
                run.state = step.state
                _report(run, Progress("done"))
                return step
            case Fail():
                raise step.error


def _check_address(run: Run, step: Step) -> None:
    """Refuse a further submit without the document's address before its state is saved: the job's token is still good."""
    following = run.vendor.resume(step.state) if isinstance(step, Wait) else step
    if isinstance(following, Send) and is_missing(following.call, run.source):
        raise unknown(run.vendor.name, step.progress.status if isinstance(step, Wait) else "")


async def _remember(run: Run, state: State) -> None:
    if state != run.state:
        run.state = state
        await run.save(state)


async def _send(run: Run, send: Send, clock: anyio.CancelScope) -> Step:
    """Perform a call, again where that is safe, and return what its answer leads to."""
    call, attempt = send.call, 0
    while True:
        attempt += 1
        step = await _attempt(run, send)
        if not isinstance(step, Fail):
            return step
        hide(step.error, run.source)
        mask(step.error, run.key)
        verdict = after_failure(call.effect, step.error, attempt, run.policy.retry, run.chance(), accepted=send.state.accepted)
        if verdict == "uncertain":
            return _with_cause(run.vendor.on_uncertain(send.state), step.error)
        if verdict == "raise" or anyio.current_time() + verdict.pause > clock.deadline:
            return step
        await _hold(run, verdict, step.error)


async def _attempt(run: Run, send: Send, *, alone: bool = False) -> Step:
    try:
        reply, shared = await run.together.perform(send.call, run.source, partial(_begun, run, send.call.effect), alone=alone)
    except DocParseError as error:
        run.under_way = None
        return Fail(error)
    run.under_way = None
    step = run.vendor.on_reply(send.state, reply)
    if shared and isinstance(step, Fail) and isinstance(step.error, SubmitRejected | SourceError):
        # Some document of the common request was refused, and nobody knows which: now each speaks for itself.
        return await _attempt(run, send, alone=True)
    return step


def _begun(run: Run, effect: Effect) -> None:
    run.under_way = effect


async def _collect(run: Run, collect: Collect, clock: anyio.CancelScope) -> Step:
    """Fetch every part of a result, or follow the first step that leads elsewhere."""
    parts: list[Blob] = []
    for call in collect.calls:
        step = await _send(run, Send(call, collect.state), clock)
        if not isinstance(step, Done):
            return step
        if not isinstance(step.payload, Blob):
            return Fail(ProtocolError("a part of the result is not a file.", vendor=run.vendor.name))
        parts.append(step.payload)
        if sum(len(part.data) for part in parts) > run.policy.limits.result_bytes:
            hint = "Raise Limits.result_bytes if you trust the endpoint."
            return Fail(LimitExceeded("the result is larger than allowed.", vendor=run.vendor.name, hint=hint))
    return Done(Parts(tuple(parts)), collect.state)


def _with_cause(step: Step, cause: DocParseError) -> Step:
    """A vendor's "uncertain" knows nothing of the answer that led to it, so what happened is added here."""
    if isinstance(step, Fail):
        step.error.message = f"{step.error.message} ({cause.message.rstrip('.')})"
        step.error.__cause__ = cause
        step.error.code = step.error.code or cause.code
        step.error.status = step.error.status or cause.status
    return step


async def _hold(run: Run, verdict: Resend, error: DocParseError) -> None:
    _log.info("%s: %s; again in %.1f s", run.vendor.name, error.message, verdict.pause)
    if error.retry_after is not None:
        run.gate.pause(verdict.pause)
    await anyio.sleep(verdict.pause)


async def _pause(run: Run, wait: Wait) -> None:
    await anyio.sleep(next_poll(run.asked, run.policy.poll, run.chance(), hint=wait.hint))
    run.asked += 1


def _report(run: Run, progress: Progress) -> None:
    if not progress.known and progress.status != run.last.status:
        _log.warning("%s: status %r is not known to this version; still waiting", run.vendor.name, progress.status)
    run.last = progress
    if run.on_progress is not None:
        run.on_progress(progress)


def _out_of_time(run: Run) -> DocParseError:
    seconds = f"{run.policy.timeouts.job:g} s"
    if run.under_way is Effect.CREATE:
        return SubmitUncertain(
            f"{seconds} were over while the file was being sent, so it may have been taken and billed.",
            vendor=run.vendor.name,
            hint="Look for it at the vendor before you parse it again; raise Timeouts.job for large files.",
        )
    word = f"the last status was {run.last.status!r}" if run.last.status else "there was no status yet"
    if not run.last.known:
        word += ", a word that this version does not know"
    error = JobTimeout(
        f"the job did not finish within {seconds}; {word}.",
        vendor=run.vendor.name,
        hint="It goes on at the vendor: resume it with the token of this error, or raise Timeouts.job.",
    )
    error.last_status = run.last.status
    return error
