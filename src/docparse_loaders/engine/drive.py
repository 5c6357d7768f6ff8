"""The one loop: a vendor's step, performed, gives the next step, until the job is done or has failed.

The state is saved before every effect. Every decision is pure and lies elsewhere: what a reply means in the vendor, whether
to send again and when to ask in `decide`.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import anyio
from pydantic import SecretStr

from docparse_loaders.engine.address import hide, is_missing, unknown
from docparse_loaders.engine.decide import Crowd, Resend, Waiting, after_doubt, after_failure, in_step, next_poll, retry_cost
from docparse_loaders.engine.doubt import tell
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.masking import mask
from docparse_loaders.engine.together import Together
from docparse_loaders.errors import (
    DocParseError,
    JobTimeout,
    LimitExceeded,
    ProtocolError,
    RateLimited,
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
class Tally:
    """What one document has taken so far; `cached` if its result came from a job store.

    `requests` are all that went out for it, those for several documents too; `retries` those of them that repeated a call
    which had failed. A further question about a job is no retry.
    """

    requests: int = 0
    retries: int = 0
    cached: bool = False


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
    options: str = ""
    tally: Tally = field(default_factory=Tally)
    on_progress: Callable[[Progress], None] | None = None
    on_sent: Callable[[], None] | None = None
    key: SecretStr | None = None
    state: State | None = None
    under_way: Effect | None = None
    endpoint: str = ""
    sent_at: datetime | None = None
    asked: float = 0.0
    since: float | None = None
    company: ExitStack = field(default_factory=ExitStack)
    last: Progress = field(default_factory=lambda: Progress(""))

    def token(self, *, uncertain: bool = False) -> str | None:
        """The resume token, if the vendor has the job or, when `uncertain`, may have it."""
        return self.token_of(self.state) if self.state is not None and (uncertain or self.state.accepted) else None


async def drive(run: Run, step: Step, *, stop_at_wait: bool = False) -> Done | Wait:
    """Go from `step` to the result, or only until the job is accepted if `stop_at_wait`.

    Raises the vendor's or the network's typed error, with a resume token if the job was accepted, and `JobTimeout` after
    `Timeouts.job`.
    """
    run.since, run.asked = None, 0.0
    try:
        with run.company, anyio.move_on_after(run.policy.timeouts.job) as clock:
            return await _follow(run, step, clock, stop_at_wait=stop_at_wait)
        raise _out_of_time(run)
    except DocParseError as error:
        error.token = error.token or run.token(uncertain=isinstance(error, SubmitUncertain))
        error.source = run.source.facts.uri
        if isinstance(error, SubmitUncertain):
            tell(error, run.source.facts, run.endpoint, run.sent_at)
        mask(error, run.key)
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
                following = run.vendor.resume(step.state)
                await _pause(run, step, following)
                step = following
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
    attempt, kinds = 0, Counter[type[DocParseError]]()
    while True:
        attempt += 1
        step = await _attempt(run, send, again=attempt > 1)
        if not isinstance(step, Fail):
            run.gate.succeeded()
            return step
        hide(step.error, run.source)
        mask(step.error, run.key)
        kinds[type(step.error)] += 1
        pause, outcome = _judged(run, send, step.error, attempt, kinds[type(step.error)])
        if pause is None or anyio.current_time() + pause > clock.deadline:
            return outcome
        await _hold(run, pause, step.error)


def _judged(run: Run, send: Send, error: DocParseError, attempt: int, same: int) -> tuple[float | None, Step]:
    """After how long the call goes out again, or None; and what it leads to if it does not."""
    policy, accepted = run.policy, send.state.accepted
    outcome: Step = Fail(error)
    verdict = after_failure(send.call.effect, error, attempt, policy.retry, run.chance(), accepted=accepted, same=same)
    if verdict == "uncertain":
        outcome = _with_cause(run.vendor.on_uncertain(send.state), error)
        verdict = after_doubt(outcome, attempt, policy, run.chance())
    if not isinstance(verdict, Resend):
        return None, outcome
    if run.gate.affords_retry(retry_cost(error)):
        return verdict.pause, outcome
    # Questions about paid work are never given up, only asked seldom.
    return (max(verdict.pause, policy.retry.longest) if accepted and send.call.effect is Effect.READ else None), outcome


async def _attempt(run: Run, send: Send, *, again: bool, alone: bool = False) -> Step:
    begun = partial(_begun, run, send.call.effect, again=again)
    try:
        reply, shared = await run.together.perform(send.call, run.source, begun, alone=alone)
    except DocParseError as error:
        run.under_way = None
        return Fail(error)
    run.under_way = None
    step = run.vendor.on_reply(send.state, reply)
    if shared and isinstance(step, Fail) and isinstance(step.error, SubmitRejected | SourceError):
        # Some document of the common request was refused, and nobody knows which: now each speaks for itself.
        return await _attempt(run, send, again=True, alone=True)
    return step


def _begun(run: Run, effect: Effect, *, again: bool) -> None:
    run.under_way = effect
    if effect is Effect.CREATE:
        run.sent_at = datetime.now(UTC)
    run.tally.requests += 1
    run.tally.retries += again
    if run.on_sent is not None:
        run.on_sent()


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


async def _hold(run: Run, pause: float, error: DocParseError) -> None:
    _log.info("%s: %s; again in %.1f s", run.vendor.name, error.message, pause)
    if isinstance(error, RateLimited):
        run.gate.slow_down()
    if error.retry_after is not None:
        await run.gate.pause_all(pause)
    await anyio.sleep(pause)


async def _pause(run: Run, wait: Wait, following: Step) -> None:
    now, poll = anyio.current_time(), run.policy.poll
    group = following.call.group if isinstance(following, Send) else ""
    if run.since is None:
        run.since = now
        run.company.enter_context(run.gate.waiting())
        run.company.enter_context(run.together.waiting(group))
    common, (jobs, stretch) = run.together.company(group), run.gate.crowd
    job = Waiting(now - run.since, run.asked, wait.progress, wait.hint)
    pause = next_poll(job, poll, run.chance(), Crowd(jobs, max(common, 1), run.vendor.traits.interval, stretch))
    await anyio.sleep_until(in_step(now, pause, poll) if common and wait.hint is None else now + pause)
    run.asked += 1.0 / max(common, 1)


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
