"""Counts that processes share: who is under way at an endpoint, whose turn is next, and until when nobody may go.

Leases and turns are on the machine's monotonic clock. What lies too far ahead was written before it was started anew.
"""

import secrets
import sqlite3

from docparse_loaders.engine.limits import Admission
from docparse_loaders.policy import Limits

_CHECK = 0.05  # seconds until one looks again whether a place is free
_LONGEST = 3600.0


def admit(gate: str, limits: Limits, lease: float, now: float, db: sqlite3.Connection) -> Admission:
    """A place and a turn, or when to look again."""
    db.execute("DELETE FROM places WHERE gate=? AND (until<=? OR until>?)", (gate, now, now + max(lease, _LONGEST)))
    (taken,) = db.execute("SELECT count(*) FROM places WHERE gate=?", (gate,)).fetchone()
    if taken >= limits.requests_at_once:
        return Admission(None, _CHECK)
    interval = 1.0 / limits.requests_per_second if limits.requests_per_second else 0.0
    next_turn, closed_until = _times(gate, now, db)
    start = max(next_turn, closed_until, now)
    if interval:
        _write(gate, start + interval, closed_until, db)
    ticket = secrets.token_hex(8)
    db.execute("INSERT INTO places (gate, holder, until) VALUES (?, ?, ?)", (gate, ticket, start + lease))
    return Admission(ticket, start - now)


def leave(gate: str, ticket: str, db: sqlite3.Connection) -> None:
    """Give a place back."""
    db.execute("DELETE FROM places WHERE gate=? AND holder=?", (gate, ticket))


def close(gate: str, seconds: float, now: float, db: sqlite3.Connection) -> None:
    """Keep everybody out for a while, at most an hour."""
    next_turn, closed_until = _times(gate, now, db)
    _write(gate, next_turn, max(closed_until, now + min(seconds, _LONGEST)), db)


def closed(gate: str, now: float, db: sqlite3.Connection) -> float:
    """For how many seconds everybody is still kept out."""
    return max(_times(gate, now, db)[1] - now, 0.0)


def _times(gate: str, now: float, db: sqlite3.Connection) -> tuple[float, float]:
    row = db.execute("SELECT next_turn, closed_until FROM gates WHERE gate=?", (gate,)).fetchone() or (0.0, 0.0)
    next_turn, closed_until = (time if time <= now + _LONGEST else 0.0 for time in row)
    return next_turn, closed_until


def _write(gate: str, next_turn: float, closed_until: float, db: sqlite3.Connection) -> None:
    db.execute("INSERT OR REPLACE INTO gates (gate, next_turn, closed_until) VALUES (?, ?, ?)", (gate, next_turn, closed_until))
