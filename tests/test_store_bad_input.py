"""A job store where things go wrong around it: foreign and damaged files, no rights, a full disk, clocks that jump."""

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contract.playing import QUICK
from contract.whole_way import numbered
from docparse_loaders import DocParser
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.store import Claim
from docparse_loaders.errors import StoreError
from docparse_loaders.policy import MiB
from docparse_loaders.vendors import config_class
from docparse_loaders.vendors.protocol import Payload

PDF = b"%PDF-1.7 Words"
VENDORS = ("somark", "mineru", "paddleocr", "scnet")
NOBODY = 65534


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("somark", parse=lambda _: numbered(1)) as emulator:
        yield emulator


def parser(emulator: Emulator, store: object = None, vendor: str = "somark") -> DocParser:
    options = config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
    return DocParser(options, policy=QUICK, store=store)  # type: ignore[arg-type]  # a path or a store


# Files that are no store of ours


def notes(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (text)")


def later(path: Path) -> None:
    JobStore(path).jobs()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version=99")


def halved(path: Path) -> None:
    JobStore(path).jobs()
    os.truncate(path, path.stat().st_size // 2)


FOREIGN: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_bytes(b"my shopping list\n" * 400),
    "another program's": notes,
    "a later version's": later,
    "a folder": lambda path: path.mkdir(),
    "a store cut in half": halved,
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_nothing_is_sent_when_the_store_is_none(kind: str, emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    FOREIGN[kind](path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError, match=r"jobs\.db") as caught:
        parser(emulator, path).parse(PDF, name="a.pdf")
    assert caught.value.hint
    assert caught.value.token is None
    assert not emulator.requests
    assert (path.read_bytes() if path.is_file() else b"") == before


@pytest.mark.parametrize("kind", FOREIGN)
def test_each_file_of_a_batch_says_so(kind: str, emulator: Emulator, tmp_path: Path) -> None:
    FOREIGN[kind](tmp_path / "jobs.db")
    outcomes = [*parser(emulator, tmp_path / "jobs.db").parse_many([PDF, PDF + b"more"])]
    assert [type(outcome.error) for outcome in outcomes] == [StoreError, StoreError]
    assert not emulator.requests


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_command_line_explains_it(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    FOREIGN[kind](path)
    for command in (["jobs", "list"], ["jobs", "resume"], ["jobs", "forget", "--done"]):
        left = CliRunner().invoke(app, [*command, "--store", str(path)])
        assert left.exit_code in {1, 2}
        assert "jobs.db" in "".join(left.stderr.split())
        assert "Traceback" not in left.output


def test_whatever_is_damaged_is_told_as_an_error_of_the_store(emulator: Emulator, tmp_path: Path) -> None:
    """A hundred stores with some bytes changed, headers and schema among them: an answer, or `StoreError`."""
    path = tmp_path / "jobs.db"
    parser(emulator, path).parse(PDF, name="a.pdf")
    good, rng, told = path.read_bytes(), random.Random(7), 0  # noqa: S311  # places, not secrets
    for _ in range(100):
        data = bytearray(good)
        for _ in range(rng.choice((1, 8, 64))):
            data[rng.randrange(rng.choice((100, 4096, len(data))))] = rng.randrange(256)
        path.write_bytes(data)
        error = failure(
            lambda: [(JobStore(path).result(job.key), JobStore(path).drop(job.key)) for job in JobStore(path).jobs()]
        )
        told += error is not None
        assert error is None or error.hint
        for name in ("jobs.db-wal", "jobs.db-shm", "jobs.db-journal"):
            (tmp_path / name).unlink(missing_ok=True)
    assert 10 < told < 100


def failure(work: Callable[[], object]) -> StoreError | None:
    """How the store refuses, if it does."""
    try:
        work()
    except StoreError as error:
        return error
    return None


# Rights


@contextmanager
def without_rights() -> Iterator[None]:
    """What root may do everywhere, nobody may not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="rights are something else here")
@pytest.mark.parametrize(
    ("there", "folder", "file"),
    [(False, 0o555, 0), (True, 0o555, 0o444), (True, 0o777, 0o444), (True, 0o777, 0o000)],
    ids=["a new store in a read-only folder", "a store in a read-only folder", "a read-only store", "an unreadable store"],
)
def test_nothing_is_sent_without_the_right_to_write(
    there: bool, folder: int, file: int, emulator: Emulator, place: Path
) -> None:
    path = place / "jobs.db"
    if there:
        parser(emulator, path).parse(PDF, name="a.pdf")
        path.chmod(file)
    place.chmod(folder)
    before = len(emulator.requests)
    with without_rights(), pytest.raises(StoreError, match=r"jobs\.db") as caught:
        parser(emulator, path).parse(PDF + b"more", name="b.pdf")
    assert "write" in caught.value.hint
    assert len(emulator.requests) == before


# A full disk


class Full(JobStore):
    """There is room for `states` more states, and for a result if `results`; SQLite itself says so."""

    states = 0
    results = True

    async def save(self, claim: Claim, token: str) -> None:
        """Remember a state while there is room."""
        self.states -= 1
        await (super().save(claim, token) if self.states >= 0 else self._database.ask(_overflow))

    async def finish(self, claim: Claim, payload: Payload) -> None:
        """Remember a result if there is room."""
        await (super().finish(claim, payload) if self.results else self._database.ask(_overflow))


def _overflow(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA max_page_count=1").fetchall()  # as many as there are
    db.execute("INSERT INTO results (key, kind, size, used, data) VALUES ('more', '', 0, 0, zeroblob(?))", (MiB,))


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("states", range(5))
def test_a_full_disk_loses_no_job_and_pays_nothing_twice(vendor: str, states: int, tmp_path: Path) -> None:
    store = Full(tmp_path / "jobs.db", lease=1.0)  # which nobody can give back, either
    store.states = states
    with Emulator(vendor, parse=lambda _: numbered(1)) as emulator:
        failed = failure(lambda: parser(emulator, store, vendor).parse(PDF, name="a.pdf"))
        if failed is not None:
            assert "full" in failed.message
            assert "make room" in failed.hint
            assert failed.token or not emulator.submits
        if failed is not None and failed.token:
            document = parser(emulator, JobStore(store.path), vendor).resume(failed.token, source=PDF)
            assert len(document.pages) == 1
        assert len(parser(emulator, JobStore(store.path), vendor).parse(PDF, name="a.pdf").pages) == 1
        assert emulator.submits == 1
    assert failed is not None or states >= 2


def test_a_result_that_does_not_fit_is_there_all_the_same(
    emulator: Emulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Full(tmp_path / "jobs.db")
    store.states, store.results = 100, False
    assert len(parser(emulator, store).parse(PDF, name="a.pdf").pages) == 1
    assert "the result is not in the store" in caplog.text
    assert len(parser(emulator, JobStore(store.path)).parse(PDF, name="a.pdf").pages) == 1
    assert emulator.submits == 1


# Clocks that jump


@pytest.mark.parametrize("step", [86400.0, -86400.0], ids=["forward", "back"])
def test_the_calendar_may_jump_at_every_look(
    step: float, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases and waits are on another clock; only dates that people see are on this one."""
    looks = [time.time()]

    def jumping() -> float:
        looks.append(looks[-1] + step)
        return looks[-1]

    monkeypatch.setattr(time, "time", jumping)
    store = JobStore(tmp_path / "jobs.db")
    first = [outcome.document for outcome in parser(emulator, store).parse_many([PDF, PDF, PDF + b"more"])]
    again = [outcome.effort.cached for outcome in parser(emulator, store).parse_many([PDF, PDF + b"more"])]
    assert all(first)
    assert again == [True, True]
    assert emulator.submits == 2
    assert [job.status for job in store.jobs()] == ["done", "done"]
    assert len(looks) > 5


@pytest.mark.parametrize("step", [1e6, -1e6], ids=["forward", "back"])
def test_the_machines_clock_may_jump_between_two_runs(step: float, emulator: Emulator, tmp_path: Path) -> None:
    """As after a restart, or a long sleep of the machine: a lease from before is void, and the job is gone on with."""
    path, now = tmp_path / "jobs.db", [2e6]
    held = DocParser(
        parser(emulator).config, policy=QUICK, store=JobStore(path, clock=lambda: now[0]), on_progress=lambda *_: _die()
    )
    with pytest.raises(KeyboardInterrupt):
        held.parse(PDF, name="a.pdf")
    with closing(sqlite3.connect(path)) as db:  # as a process leaves it that had no time to give its claim back
        db.execute("UPDATE jobs SET holder='gone-30.0', held_until=?", (now[0] + 30.0,))
        db.commit()
    now[0] += step
    after = JobStore(path, clock=lambda: now[0])
    assert [job.status for job in after.jobs()] == ["open"]
    assert len(parser(emulator, after).parse(PDF, name="a.pdf").pages) == 1
    assert emulator.submits == 1


def _die() -> None:
    raise KeyboardInterrupt
