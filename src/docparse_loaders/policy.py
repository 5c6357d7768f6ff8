"""Every number of the library: how long to wait, how often to try, how much to accept. All times are in seconds."""

from dataclasses import dataclass, field
from typing import Literal

MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Three clocks: one connection, one request from first to last byte, one whole job.

    `slow` is how long the body of an answer may come slower than `Limits.bytes_per_second` before it is given up.
    """

    connect: float = 10.0
    request: float = 300.0
    job: float = 3600.0
    slow: float = 30.0


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how long one call is tried again.

    The n-th pause is drawn from 0 to `min(longest, base * 2**(n - 1))` (full jitter), unless the vendor names one with
    Retry-After. A pause longer than `patience` is not slept through: the error is raised, with the time in it.
    """

    attempts: int = 6
    base: float = 0.5
    longest: float = 30.0
    patience: float = 120.0


@dataclass(frozen=True, slots=True)
class Poll:
    """When to ask again after a job: `first` after that many seconds, then whenever it has taken `growth` times as long.

    So a result is noticed late by an eighth of the job's own time at most, and no pause is longer than `longest`. After
    `quick` questions the vendor's recommended pause is gone over to. All jobs of a key together ask no more than
    `per_second` times in a second, and less often while the vendor says "too fast".

    Each pause is shortened by up to `jitter` of itself so that many jobs do not ask in step. Where one request can speak for
    many documents, they do ask in step, and the first waits `together` for others; 0 gives each document requests of its own.
    """

    first: float = 1.0
    growth: float = 1.125
    longest: float = 10.0
    jitter: float = 0.1
    together: float = 0.05
    quick: int = 8
    per_second: float = 50.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted from files and vendors, and how much is asked of them at once.

    Requests are counted together for all parsers of a process that use the same endpoint and key, and for all processes
    that share a job store. `retry_credit` pays for retries: each costs 5, or 10 if the network failed, and each answer gives
    back 1; when it is used up, calls are not tried again, so that a dead service is not stormed.

    `reply_ratio` is how many times larger an answer over 1 MiB may be than it was on the wire, `archive_ratio` the same for a
    member of an archive.
    """

    requests_at_once: int = 16
    requests_per_second: float | None = None
    retry_credit: float = 500.0
    reply_bytes: int = 1 * MiB
    result_bytes: int = 512 * MiB
    reply_ratio: int = 200
    bytes_per_second: int = 1024
    archive_members: int = 20_000
    archive_member_bytes: int = 256 * MiB
    archive_bytes: int = 1024 * MiB
    archive_ratio: int = 200
    snippet: int = 200


@dataclass(frozen=True, slots=True)
class Policy:
    """All of the above, accepted wherever `vendor=` is.

    `on_uncertain` says what happens when a billable call may or may not have arrived and the vendor offers no way to look
    it up: "raise" `SubmitUncertain`, so that a person decides, or "resubmit", which may bill the document twice.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    retry: Retry = field(default_factory=Retry)
    poll: Poll = field(default_factory=Poll)
    limits: Limits = field(default_factory=Limits)
    on_uncertain: Literal["raise", "resubmit"] = "raise"
