"""The jobs of an emulated vendor: what a job's state is follows from the clock alone, so nothing runs in the background."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from docparse_loaders.emulator.service import Clock, Service, seconds_of

Stage = Literal["queuing", "processing", "unknown", "success", "failed"]


@dataclass(slots=True)
class Job:
    """One accepted document. `result` is what it hands out when it is due; without one it fails, with the code `failure`."""

    id: str
    number: int
    key: str
    file_name: str
    page_count: int
    starts: float
    ends: float
    fate: str | None = None
    result: Any = None
    failure: str | None = None

    def stage(self, now: float) -> Stage:
        """How far the job is."""
        if now < self.starts:
            return "queuing"
        if self.fate == "never" or now < self.ends:
            return "unknown" if self.fate == "unknown_status" else "processing"
        return "failed" if self.fate == "failed" or self.result is None else "success"


class JobTable:
    """All jobs by their id, which is 32 hex digits as in the vendors' samples, or a UUID with `dashes`."""

    def __init__(self, service: Service, *, dashes: bool = False) -> None:
        self._service = service
        self._dashes = dashes
        self._jobs: dict[str, Job] = {}
        self.pages = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def new_id(self) -> str:
        """An id that no job has."""
        return str(uuid4()) if self._dashes else uuid4().hex

    def add(self, job_id: str, key: str, file_name: str, page_count: int, fate: str | None) -> Job:
        """Take a job; its result is set by the caller."""
        number = len(self._jobs) + 1
        starts = self._service.clock() + seconds_of(self._service.queue_seconds, number)
        ends = starts + seconds_of(self._service.work_seconds, number)
        job = Job(job_id, number, key, file_name, page_count, starts, ends, fate)
        self._jobs[job_id] = job
        self.pages += page_count
        return job

    def find(self, job_id: str, key: str | None = None) -> Job | None:
        """The job with that id, if it was submitted with that key (None: whoever asks)."""
        job = self._jobs.get(job_id)
        return job if job is not None and key in (None, job.key) else None


class Rate:
    """At most `qps` requests of one key in any second; None is no limit."""

    def __init__(self, qps: int | None, clock: Clock) -> None:
        self._qps = qps
        self._clock = clock
        self._seen: dict[str, deque[float]] = {}

    def admits(self, key: str) -> bool:
        """Count a request; False if it comes too soon. A refused request does not count."""
        if self._qps is None:
            return True
        now = self._clock()
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - 1.0:
            seen.popleft()
        if len(seen) >= self._qps:
            return False
        seen.append(now)
        return True
