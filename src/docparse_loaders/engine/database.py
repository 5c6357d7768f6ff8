"""A SQLite file that several threads and processes share: opened with care, closed when nobody uses it, never guessed at."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread

from docparse_loaders.errors import StoreError

T = TypeVar("T")
_APPLICATION = 0x64706C6A  # "dplj": what tells our files from everybody else's
_VERSION = 1
_BUSY = 30.0  # seconds to wait for another process's transaction

_DAMAGED = (
    "It is damaged or not a job store; nothing in it was touched. Move it away, or try to save what is in it: "
    "sqlite3 jobs.db .recover"
)

_SCHEMA = """
CREATE TABLE jobs (
  key TEXT PRIMARY KEY,
  vendor TEXT NOT NULL, origin TEXT NOT NULL, source TEXT NOT NULL, pages TEXT NOT NULL,
  status TEXT NOT NULL,
  token TEXT, error TEXT NOT NULL DEFAULT '',
  created REAL NOT NULL, updated REAL NOT NULL,
  holder TEXT, held_until REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX jobs_held ON jobs (holder) WHERE holder IS NOT NULL;
CREATE INDEX jobs_done ON jobs (updated) WHERE status='done';
CREATE TABLE results (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, size INTEGER NOT NULL, used REAL NOT NULL, data BLOB NOT NULL
);
CREATE INDEX results_by_use ON results (used, size);
CREATE TABLE gates (gate TEXT PRIMARY KEY, next_turn REAL NOT NULL, closed_until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE places (gate TEXT, holder TEXT, until REAL NOT NULL, PRIMARY KEY (gate, holder)) WITHOUT ROWID;
"""


class Database:
    """One file. Open while anybody is inside `kept_open`; other calls open it for themselves.

    It may be shared by threads, survives a fork and is pickled as its path. Raises `StoreError` for a file that is not a
    job store, is damaged, is of a later version, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._work = threading.Lock()  # held for a whole transaction, and never by an event loop
        self._count = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._users = 0

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.path = state["path"]
        self._reset()

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep the file open from the first call on, so that not every call opens it again."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    async def ask(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Do `work` in one transaction, in a worker thread; it is not cancelled half way."""
        return await anyio.to_thread.run_sync(partial(self.do, work, durable=durable))

    def do(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Do `work` in one transaction: all of it is there afterwards, or nothing.

        What is `durable` survives a power cut; the rest survives the end of the process, and is much faster.
        """
        with self.kept_open(), self._work, _explained(self.path):
            connection = self._connection = self._connection or _opened(self.path)
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                found = work(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
            return found

    def _enter(self) -> None:
        """Count one more user; nothing is opened before something is asked."""
        if self._process != os.getpid():
            self._abandon()
        with self._count:
            self._users += 1

    def _leave(self) -> None:
        """Count one user less; the last closes the file."""
        unused = None
        with self._count:
            self._users -= 1
            if self._users == 0:
                unused, self._connection = self._connection, None
        if unused is not None:
            unused.close()

    def _abandon(self) -> None:
        """After a fork: the connection is the parent's. SQLite forbids to use it here, and even to close it, so it is kept."""
        self._parents = self._connection
        self._reset()


def _opened(path: Path) -> sqlite3.Connection:
    with _explained(path):
        _made_private(path)
        connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            _prepared(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _made_private(path: Path) -> None:
    """Create the file so that only its owner may read it; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _prepared(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "application_id") != _APPLICATION:
        _create(connection, path)
    if _number(connection, "user_version") > _VERSION:
        hint = "Update docparse-loaders, or use another file."
        raise StoreError(f"the job store {str(path)!r} was made by a later version.", hint=hint)
    connection.execute("PRAGMA journal_mode=WAL")


def _create(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in an empty file; somebody else may be doing so at this moment."""
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _number(connection, "application_id") != _APPLICATION:
            _empty(connection, path)
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={_APPLICATION}")
            connection.execute(f"PRAGMA user_version={_VERSION}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _empty(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        hint = "Nothing in it was touched. Name another file."
        raise StoreError(f"{str(path)!r} is a database of some other program, not a job store.", hint=hint)


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    found: int = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    return found


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors in words that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the job store {str(path)!r} failed: {error}.", hint=_cure(error)) from None
    except UnicodeError:
        raise StoreError(f"the job store {str(path)!r} holds texts that are none.", hint=_DAMAGED) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = "Name a file in a folder that exists and that you may write to."
        raise StoreError(f"the job store {str(path)!r} cannot be opened: {reason}.", hint=hint) from None


def _cure(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return _DAMAGED
        case sqlite3.SQLITE_FULL:
            return "The disk is full: make room, or let the store drop old results (JobStore(max_bytes=…))."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return "Its file and folder must be yours to write."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "Another process keeps it locked: end that process."
        case _:
            return "Name another file if this goes on."
