"""The job store in a file: jobs that survive a crash, results that are never paid for twice, one worker for one job.

Leases are counted on the machine's monotonic clock, which all its processes share and nobody can set; dates, which only
people and the age limit see, on the calendar's.
"""

import logging
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from docparse_loaders.engine import turns
from docparse_loaders.engine.database import Database
from docparse_loaders.engine.lease import Heart
from docparse_loaders.engine.limits import Admission
from docparse_loaders.engine.payloads import packed, unpacked
from docparse_loaders.engine.store import About, Claim, Finished
from docparse_loaders.errors import ClaimLost, StoreError
from docparse_loaders.policy import Limits
from docparse_loaders.vendors.protocol import Payload

_log = logging.getLogger("docparse_loaders")
_LEASE = 30.0
"""Seconds for which a job stays ours without a sign of life."""
_LISTED = """SELECT key, vendor, origin, source, pages, status, error, size, created, updated, token, holder, held_until
FROM jobs LEFT JOIN results USING (key)"""
_NEWEST_FIRST = f"{_LISTED} ORDER BY updated DESC, key"
_ONE = f"{_LISTED} WHERE key=?"


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job in the store, as a person wants to see it: `size` of its result in bytes, dates in seconds since 1970.

    `status` is "working" (somebody is at it now), "open" (accepted or being submitted, to be gone on with) or "done".
    """

    key: str
    vendor: str
    origin: str
    source: str
    pages: str
    status: str
    error: str
    size: int
    created: float
    updated: float
    token: str | None = field(default=None, repr=False)


class JobStore:
    """Jobs and results in a SQLite file, for any number of threads and processes of one machine.

    `max_bytes` and `max_age` (seconds) bound the results that are kept, those not used for longest going first; jobs under
    way are never dropped. With `keep_results=False` no document's content is written, only what is needed to ask the vendor
    for it again. The file is readable by its owner only. Not for a network drive: SQLite's locks do not work there.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        keep_results: bool = True,
        max_bytes: int | None = None,
        max_age: float | None = None,
        lease: float = _LEASE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = Database(Path(path))
        self._keep_results = keep_results
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._lease = lease
        self._clock = clock
        self._heart = Heart(self._database, lease, clock)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def __repr__(self) -> str:
        return f"JobStore({str(self.path)!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_heart"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._heart = Heart(self._database, self._lease, self._clock)

    @asynccontextmanager
    async def kept_open(self) -> AsyncIterator[None]:
        """Keep the file open for the time of many jobs; without it each call opens the file for itself."""
        with self._database.kept_open():
            yield

    # What the engine asks.

    async def claim(self, key: str, about: About) -> Claim | Finished | None:
        """The job as ours, or its result; None while somebody else is at work on it."""
        stored = await self._database.ask(partial(self._result, key))
        if stored is not None:
            try:
                return Finished(unpacked(*stored[:2]), stored[2])
            except ValueError:
                _log.warning("a result in %s is damaged and was dropped; the vendor is asked for it again", self.path)
                await self._database.ask(partial(_drop_result, key))
        claim = await self._database.ask(partial(self._claim, key, about))
        if claim is not None:
            self._heart.beat_for(claim.holder)
        return claim

    async def save(self, claim: Claim, token: str) -> None:
        """Remember a job's state. Raises `ClaimLost` if the job is no longer ours."""
        await self._database.ask(partial(self._save, claim, token))

    async def finish(self, claim: Claim, payload: Payload) -> None:
        """Remember a result; the job is done. Old results are dropped if there is no room for all."""
        stored = packed(payload) if self._keep_results else None
        await self._database.ask(partial(self._finish, claim, stored))
        self._heart.stop_for(claim.holder)

    async def release(self, claim: Claim, error: str = "") -> None:
        """Leave a job as it stands, for whoever comes next. A job of which the vendor knows nothing leaves no trace."""
        self._heart.stop_for(claim.holder)
        await self._database.ask(partial(_release, claim, error))

    async def forget(self, claim: Claim) -> None:
        """Drop a job that can never finish."""
        self._heart.stop_for(claim.holder)
        await self._database.ask(partial(_forget, claim))

    async def admit(self, gate: str, limits: Limits, lease: float) -> Admission:
        """A place and a turn among all processes, or when to look again. The place is ours while this process lives."""
        lease = min(lease, self._lease)
        admission = await self._database.ask(partial(turns.admit, gate, limits, lease, self._clock()), durable=False)
        if admission.ticket is not None:
            self._heart.beat_for(admission.ticket)
        return admission

    async def leave(self, gate: str, ticket: str) -> None:
        """Give a place back."""
        self._heart.stop_for(ticket)
        await self._database.ask(partial(turns.leave, gate, ticket), durable=False)

    async def close_gate(self, gate: str, seconds: float) -> None:
        """Keep the requests of all processes back for a while."""
        await self._database.ask(partial(turns.close, gate, seconds, self._clock()), durable=False)

    async def closed(self, gate: str) -> float:
        """For how many seconds requests are still kept back."""
        return await self._database.ask(partial(turns.closed, gate, self._clock()), durable=False)

    # What people ask.

    def jobs(self) -> list[StoredJob]:
        """Every job, the newest first."""
        return self._database.do(self._jobs)

    def job(self, key: str) -> StoredJob | None:
        """One job; None if it is not there, or the file is not. Nothing is written, and no file is made."""
        if not self.path.is_file() or not self.path.stat().st_size:
            return None
        return next(iter(self._database.do(partial(self._jobs, key=key))), None)

    def drop(self, key: str) -> bool:
        """Forget a job and its result, whatever its state; False if there is none. The vendor is told nothing."""
        return self._database.do(partial(_drop, key))

    def result(self, key: str) -> Payload | None:
        """The raw result of a job, for `from_result`; None if it is not kept."""
        stored = self._database.do(partial(self._result, key))
        if stored is None:
            return None
        try:
            return unpacked(*stored[:2])
        except ValueError:
            raise StoreError(f"the result {key[:12]} is damaged.", hint="Drop it and parse the document again.") from None

    # In a transaction.

    def _result(self, key: str, db: sqlite3.Connection) -> tuple[str, bytes, str | None] | None:
        found: tuple[str, bytes, str | None] | None = db.execute(
            "SELECT kind, data, token FROM results LEFT JOIN jobs USING (key) WHERE key=?", (key,)
        ).fetchone()
        if found is not None:
            db.execute("UPDATE results SET used=? WHERE key=?", (time.time(), key))
        return found

    def _claim(self, key: str, about: About, db: sqlite3.Connection) -> Claim | None:
        row = db.execute("SELECT token, status, holder, held_until FROM jobs WHERE key=?", (key,)).fetchone()
        if row is not None and self._is_held(*row[2:]):
            return None
        claim = Claim(key, f"{secrets.token_hex(8)}-{self._lease!r}", *(row[0], row[1] == "done") if row else ())
        today, until = time.time(), self._clock() + self._lease
        db.execute(
            "INSERT INTO jobs (key, vendor, origin, source, pages, status, created, updated, holder, held_until)"
            " VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET source=excluded.source, holder=excluded.holder, held_until=excluded.held_until",
            (key, about.vendor, about.origin, about.source, about.pages, today, today, claim.holder, until),
        )
        return claim

    def _is_held(self, holder: str | None, until: float) -> bool:
        """Whether its holder is alive. A lease that ends too late was made before the machine was started anew.

        Leases may be of different lengths, so each holder's name ends with its own.
        """
        return holder is not None and 0.0 < until - self._clock() <= float(holder.partition("-")[2] or self._lease)

    def _save(self, claim: Claim, token: str, db: sqlite3.Connection) -> None:
        changed = db.execute(
            "UPDATE jobs SET token=?, status='open', error='', updated=?, held_until=? WHERE key=? AND holder=?",
            (token, time.time(), self._clock() + self._lease, claim.key, claim.holder),
        )
        if not changed.rowcount:
            raise ClaimLost("somebody else went on with this job meanwhile.", hint="Parse it again: the result is waited for.")

    def _finish(self, claim: Claim, stored: tuple[str, bytes] | None, db: sqlite3.Connection) -> None:
        today = time.time()
        known = db.execute(
            "UPDATE jobs SET status='done', error='', updated=?, holder=NULL, held_until=0 WHERE key=?", (today, claim.key)
        ).rowcount
        if known and stored is not None:  # a job that a person dropped meanwhile leaves nothing behind
            values = (claim.key, stored[0], len(stored[1]), today, stored[1])
            db.execute("INSERT OR REPLACE INTO results (key, kind, size, used, data) VALUES (?, ?, ?, ?, ?)", values)
        self._tidy(db, today)

    def _tidy(self, db: sqlite3.Connection, today: float) -> None:
        if self._max_age is not None:
            oldest = today - self._max_age
            db.execute("DELETE FROM results WHERE used < ?", (oldest,))
            unread = "status='done' AND updated < ? AND holder IS NULL AND key NOT IN (SELECT key FROM results)"
            db.execute(f"DELETE FROM jobs WHERE {unread}", (oldest,))  # noqa: S608  (a constant)
        if self._max_bytes is not None:
            self._shrink(db, self._max_bytes)
        db.execute("PRAGMA incremental_vacuum").fetchall()

    def _shrink(self, db: sqlite3.Connection, most: int) -> None:
        over = (db.execute("SELECT sum(size) FROM results").fetchone()[0] or 0) - most
        while over > 0:
            key, size = db.execute("SELECT key, size FROM results ORDER BY used LIMIT 1").fetchone()
            _drop_result(key, db)
            over -= size

    def _jobs(self, db: sqlite3.Connection, key: str | None = None) -> list[StoredJob]:
        # A condition that holds for every key would read the whole store for one.
        rows = db.execute(_NEWEST_FIRST) if key is None else db.execute(_ONE, (key,))
        return [self._listed(*row) for row in rows]

    def _listed(self, *row: Any) -> StoredJob:
        key, vendor, origin, source, pages, status, error, size, created, updated, token, holder, until = row
        status = "working" if self._is_held(holder, until) else status
        return StoredJob(key, vendor, origin, source, pages, status, error, size or 0, created, updated, token)


def _drop_result(key: str, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM results WHERE key=?", (key,))


def _drop(key: str, db: sqlite3.Connection) -> bool:
    _drop_result(key, db)
    return db.execute("DELETE FROM jobs WHERE key=?", (key,)).rowcount > 0


def _release(claim: Claim, error: str, db: sqlite3.Connection) -> None:
    ours = (claim.key, claim.holder)
    db.execute("DELETE FROM jobs WHERE key=? AND holder=? AND token IS NULL", ours)
    db.execute("UPDATE jobs SET error=?, holder=NULL, held_until=0 WHERE key=? AND holder=?", (error, *ours))


def _forget(claim: Claim, db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM jobs WHERE key=? AND holder=?", (claim.key, claim.holder))
