"""Signs of life: what tells other processes that this one is at work on the jobs that it claimed, and at its requests."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from functools import partial

from docparse_loaders.engine.database import Database
from docparse_loaders.errors import StoreError

_log = logging.getLogger("docparse_loaders")


class Heart:
    """Tells the store that this process lives, from a thread: a notebook's busy loop must not cost us our jobs."""

    def __init__(self, database: Database, lease: float, clock: Callable[[], float]) -> None:
        self._database = database
        self._lease = lease
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._holders: set[str] = set()
        self._stopped = threading.Event()

    def beat_for(self, holder: str) -> None:
        """From now on this claim, or this place at an endpoint, is kept alive."""
        if self._process != os.getpid():
            self._begin()  # after a fork: the thread and its claims are the parent's
        with self._lock:
            self._holders.add(holder)
            if len(self._holders) == 1:
                self._stopped = threading.Event()
                threading.Thread(target=self._beat, args=(self._stopped,), name="docparse-lease", daemon=True).start()

    def stop_for(self, holder: str) -> None:
        """Let it be: from now on it is not kept alive."""
        with self._lock:
            self._holders.discard(holder)
            if not self._holders:
                self._stopped.set()

    def _beat(self, stopped: threading.Event) -> None:
        while not stopped.wait(self._lease / 3):
            with self._lock:
                holders = sorted(self._holders)
            try:
                self._database.do(partial(self._renew, holders))
            except StoreError as error:
                _log.warning("%d leases could not be renewed: %s", len(holders), error)

    def _renew(self, holders: list[str], db: sqlite3.Connection) -> None:
        until = self._clock() + self._lease
        leases = [(until, holder) for holder in holders]
        db.executemany("UPDATE jobs SET held_until=? WHERE holder=?", leases)
        # A place may be for a turn that is still to come, and then lasts for longer already.
        db.executemany("UPDATE places SET until=max(until, ?) WHERE holder=?", leases)
