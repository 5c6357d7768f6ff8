"""The whole retry and polling policy, pure: what a failed call means, how long to pause, when to ask again.

`u` is always a random number from 0 to 1 that the caller draws.
"""

from math import floor, log2
from typing import Literal, NamedTuple

from docparse_loaders.errors import DocParseError, SubmitUncertain, TransportError
from docparse_loaders.policy import Policy, Poll, Retry
from docparse_loaders.vendors.protocol import Effect, Fail, Progress, Step

_LEAST = 0.25
"""The shortest pause of one job, as a share of `Poll.first`."""
_COMMON = 0.125
"""The shortest pause between requests for all of them, as a share of `Poll.first`."""


class Resend(NamedTuple):
    """Send the same call again after `pause` seconds."""

    pause: float


Verdict = Resend | Literal["raise", "uncertain"]


def after_failure(
    effect: Effect,
    error: DocParseError,
    attempt: int,
    retry: Retry,
    u: float,
    *,
    accepted: bool = False,
    same: int | None = None,
) -> Verdict:
    """What to do about `error` on the `attempt`-th try (from 1) of a call.

    A CREATE goes out again only if the vendor is known not to have taken the job; if that is not known, the verdict is
    "uncertain". A READ for an accepted job has no limit of its own: the job's clock ends it. `same` counts the tries that
    ended with an error of this kind, for errors that cap those themselves (`tries`); without it all of them count.
    """
    if not error.retryable:
        return "raise"
    if effect is Effect.CREATE and not error.refused:
        return "uncertain"
    endless = effect is Effect.READ and accepted
    if attempt >= retry.attempts and not endless:
        return "raise"
    if error.tries is not None and (attempt if same is None else same) > min(error.tries, retry.attempts - 1):
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


class Waiting(NamedTuple):
    """One job that is waited for: seconds since it was taken, questions asked so far, and what the last answer said.

    A question that was asked together with n - 1 others counts as 1/n.
    """

    seconds: float
    asked: float
    progress: Progress = Progress("")
    hint: float | None = None


class Crowd(NamedTuple):
    """Who else waits for jobs of the same key, and how a vendor wants to be asked.

    `jobs` wait, this one among them, and `common` of those are asked after in one request with it; `interval` is the
    vendor's recommended pause between two questions about a job; `stretch` grows while the vendor says "too fast".
    """

    jobs: int = 1
    common: int = 1
    interval: float | None = None
    stretch: float = 1.0


def next_poll(job: Waiting, poll: Poll, u: float, crowd: Crowd | None = None) -> float:
    """Seconds until the next question about a job; a vendor's hint wins, within bounds.

    Otherwise each pause is a share of the time that the job has taken so far, so that its result is noticed late by no more
    than that share, however long it takes; what is left according to its progress shortens or stretches it. After a quick
    start the vendor's recommended pause is the least.
    """
    if job.hint is not None:
        return min(job.hint, poll.longest) * (1.0 - poll.jitter * u)
    crowd = crowd or Crowd()
    pause = _common(job, poll, crowd) if crowd.common > 1 else _single(job, poll, crowd)
    return min(pause * crowd.stretch, poll.longest) * (1.0 - poll.jitter * u)


def in_step(now: float, pause: float, poll: Poll) -> float:
    """The moment near `now + pause` at which other jobs ask, too: on a beat that all clocks of this pause have."""
    step = common_step(poll)
    if step <= 0.0 or pause < step / 2.0:
        return now + pause
    beat: float = step * 2.0 ** max(floor(log2(pause / step)) - 2, 0)
    return max(round((now + pause) / beat) * beat, now)


def common_step(poll: Poll) -> float:
    """The shortest pause between two common requests."""
    return poll.first * _COMMON


def _single(job: Waiting, poll: Poll, crowd: Crowd) -> float:
    """A request for each job: led to the recommended pause, and not too many of all jobs."""
    turn = crowd.jobs / poll.per_second * (1 if job.asked else 2)  # who comes first does not see yet how many will come
    return max(_share(job, poll), _led(job, poll, crowd), turn)


def _common(job: Waiting, poll: Poll, crowd: Crowd) -> float:
    """A request for many jobs: as often as all of them would have asked alone is often enough."""
    alone = max(_share(job, poll), _led(job, poll, crowd), crowd.jobs / poll.per_second)
    return min(_share(job, poll), max(alone / crowd.common, common_step(poll))) if job.asked else poll.first


def _led(job: Waiting, poll: Poll, crowd: Crowd) -> float:
    """From no pause at all after `quick` questions, in as many steps, to the recommended one."""
    beyond = (job.asked - poll.quick) / max(poll.quick, 1)
    return min(max(beyond, 0.0), 1.0) * (crowd.interval or 0.0)


def _share(job: Waiting, poll: Poll) -> float:
    """A share of the job's time, shortened or stretched by what is left of it."""
    if not job.asked:
        return poll.first
    pause = job.seconds * (poll.growth - 1.0)
    left = _left(job)
    if left is not None:
        pause = min(max(left / 2.0, pause / 4.0), pause * 2.0)
    return max(pause, poll.first * _LEAST)


def _left(job: Waiting) -> float | None:
    """Seconds that the rest of the job will take, if its pages go on as they did; None if nobody knows."""
    done, total = job.progress.done, job.progress.total
    if not done or not total or done < 0 or total < done:
        return None
    return job.seconds * (total - done) / done
