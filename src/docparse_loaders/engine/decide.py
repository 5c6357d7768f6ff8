"""The whole retry and polling policy, pure: what a failed call means, how long to pause, when to ask again.

`u` is always a random number from 0 to 1 that the caller draws.
"""

from typing import Literal, NamedTuple

from docparse_loaders.errors import DocParseError, SubmitUncertain, TransportError
from docparse_loaders.policy import Policy, Poll, Retry
from docparse_loaders.vendors.protocol import Effect, Fail, Step


class Resend(NamedTuple):
    """Send the same call again after `pause` seconds."""

    pause: float


Verdict = Resend | Literal["raise", "uncertain"]


def after_failure(
    effect: Effect, error: DocParseError, attempt: int, retry: Retry, u: float, *, accepted: bool = False
) -> Verdict:
    """What to do about `error` on the `attempt`-th try (from 1) of a call.

    A CREATE goes out again only if the vendor is known not to have taken the job; if that is not known, the verdict is
    "uncertain". A READ for an accepted job has no limit of its own: the job's clock ends it.
    """
    if not error.retryable:
        return "raise"
    if effect is Effect.CREATE and not error.refused:
        return "uncertain"
    allowed = retry.attempts if error.tries is None else min(retry.attempts, error.tries + 1)
    endless = effect is Effect.READ and accepted and error.tries is None
    if attempt >= allowed and not endless:
        return "raise"
    pause = backoff(attempt, retry, u) if error.retry_after is None else error.retry_after
    return "raise" if pause > retry.patience else Resend(pause)


def after_doubt(step: Step, attempt: int, policy: Policy, u: float) -> Resend | Literal["raise"]:
    """What to do when a vendor cannot tell whether it took a job: a person decides, unless one has decided before."""
    if not is_doubt(step) or policy.on_uncertain == "raise" or attempt >= policy.retry.attempts:
        return "raise"
    return Resend(backoff(attempt, policy.retry, u))


def is_doubt(step: Step) -> bool:
    """Whether nobody can know if a job was taken."""
    return isinstance(step, Fail) and isinstance(step.error, SubmitUncertain)


def retry_cost(error: DocParseError) -> float:
    """What a retry takes from the budget: more if the network failed, because then all other calls fail, too."""
    return 10.0 if isinstance(error, TransportError) else 5.0


def backoff(attempt: int, retry: Retry, u: float) -> float:
    """Full jitter: anything from 0 to the exponential bound of that attempt."""
    bound: float = min(retry.longest, retry.base * 2.0 ** min(attempt - 1, 30))
    return u * bound


def next_poll(asked: int, poll: Poll, u: float, *, hint: float | None = None) -> float:
    """Seconds until the next question about a job that was asked after `asked` times; a vendor's hint wins, within bounds."""
    pause = min(poll.longest, poll.first * poll.growth ** min(asked, 200)) if hint is None else min(hint, poll.longest)
    return pause * (1.0 - poll.jitter * u)
