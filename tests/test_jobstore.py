"""The job store in a file: claims, leases, limits, and files that are not what they should be."""

import contextlib
import os
import pickle
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from docparse_loaders import errors
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.store import About, Claim, Finished, MemoryStore, Store
from docparse_loaders.vendors.protocol import Blob
from growth import seconds

pytestmark = pytest.mark.anyio
ABOUT = About("somark", "https://somark.test", "report.pdf", "1-2")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Clock:
    """A monotonic clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return JobStore(tmp_path / "jobs.db") if request.param == "file" else MemoryStore()


async def _ours(store: Store, key: str = "k") -> Claim:
    claim = await store.claim(key, ABOUT)
    assert isinstance(claim, Claim)
    return claim


class TestClaims:
    async def test_a_job_is_claimed_once(self, store: Store) -> None:
        claim = await _ours(store)
        assert await store.claim("k", ABOUT) is None
        assert isinstance(await store.claim("other", ABOUT), Claim)
        await store.release(claim)
        assert isinstance(await store.claim("k", ABOUT), Claim)

    async def test_whoever_comes_next_goes_on_with_the_token(self, store: Store) -> None:
        claim = await _ours(store)
        await store.save(claim, "first")
        await store.save(claim, "second")
        await store.release(claim, "no network")
        assert (await _ours(store)).token == "second"

    async def test_a_result_is_there_for_all(self, store: Store) -> None:
        claim = await _ours(store)
        await store.save(claim, "t")
        await store.finish(claim, {"pages": [1, 2]})
        for _ in range(2):
            assert (await store.claim("k", ABOUT)) == Finished({"pages": [1, 2]}, "t" if isinstance(store, JobStore) else None)

    async def test_a_forgotten_job_begins_anew(self, store: Store) -> None:
        claim = await _ours(store)
        await store.save(claim, "t")
        await store.forget(claim)
        assert (await _ours(store)).token is None

    async def test_releasing_what_is_finished_changes_nothing(self, store: Store) -> None:
        claim = await _ours(store)
        await store.finish(claim, Blob(b"zip", "application/zip"))
        await store.release(claim)
        assert isinstance(await store.claim("k", ABOUT), Finished)


class TestLeases:
    async def test_a_holder_without_a_sign_of_life_loses_the_job(self, tmp_path: Path) -> None:
        clock = Clock()
        one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=clock) for _ in range(2))
        claim = await _ours(one)
        await one.save(claim, "t")
        clock.now += 29.0
        assert await two.claim("k", ABOUT) is None
        clock.now += 2.0
        assert (await _ours(two)).token == "t"
        with pytest.raises(errors.ClaimLost):
            await one.save(claim, "late")

    async def test_saving_is_a_sign_of_life(self, tmp_path: Path) -> None:
        clock = Clock()
        one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=clock) for _ in range(2))
        claim = await _ours(one)
        clock.now += 20.0
        await one.save(claim, "t")
        clock.now += 20.0
        assert await two.claim("k", ABOUT) is None

    async def test_the_late_holder_takes_nothing_away_from_the_new_one(self, tmp_path: Path) -> None:
        clock = Clock()
        one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=clock) for _ in range(2))
        late = await _ours(one)
        clock.now += 31.0
        new = await _ours(two)
        await one.release(late)
        await one.forget(late)
        await two.save(new, "t")
        assert await one.claim("k", ABOUT) is None

    async def test_a_late_result_is_kept_all_the_same(self, tmp_path: Path) -> None:
        clock = Clock()
        one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=clock) for _ in range(2))
        late = await _ours(one)
        clock.now += 31.0
        await _ours(two)
        await one.finish(late, {"pages": []})
        assert isinstance(await two.claim("k", ABOUT), Finished)

    async def test_a_lease_from_before_the_machine_was_started_anew_is_void(self, tmp_path: Path) -> None:
        clock = Clock()
        one, two = (JobStore(tmp_path / "jobs.db", lease=30.0, clock=clock) for _ in range(2))
        await _ours(one)
        clock.now = 5.0
        await _ours(two)

    async def test_a_heart_beats_while_the_loop_is_busy(self, tmp_path: Path) -> None:
        one, two = (JobStore(tmp_path / "jobs.db", lease=0.6) for _ in range(2))
        claim = await _ours(one)
        time.sleep(1.5)  # noqa: ASYNC251  (the loop is blocked on purpose)
        assert await two.claim("k", ABOUT) is None
        await one.release(claim)
        assert isinstance(await two.claim("k", ABOUT), Claim)

    async def test_a_sign_of_life_does_not_look_at_every_job_that_there_ever_was(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        query = "EXPLAIN QUERY PLAN UPDATE jobs SET held_until=? WHERE holder=?"
        (plan,) = store._database.do(lambda db: db.execute(query, (1.0, "x")).fetchall())
        assert plan[-1].startswith("SEARCH")

    async def test_no_heart_beats_when_nothing_is_claimed(self, tmp_path: Path) -> None:
        others = _hearts()
        store = JobStore(tmp_path / "jobs.db", lease=0.3)
        claim = await _ours(store)
        assert len(_hearts() - others) == 1
        await store.finish(claim, None)
        deadline = time.monotonic() + 5.0
        while _hearts() - others:
            assert time.monotonic() < deadline
            time.sleep(0.02)  # noqa: ASYNC251  (another thread is waited for)


class TestLimits:
    async def _fill(self, store: JobStore, *keys: str) -> None:
        for key in keys:
            await store.finish(await _ours(store, key), Blob(key.encode() * 1000))

    async def test_results_not_used_for_longest_go_first(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db", max_bytes=2500)
        await self._fill(store, "a", "b")
        assert isinstance(await store.claim("a", ABOUT), Finished)
        await self._fill(store, "c")
        kept = {job.key for job in store.jobs() if job.size}
        assert kept == {"a", "c"}

    async def test_old_results_go(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = JobStore(tmp_path / "jobs.db", max_age=3600.0)
        await self._fill(store, "a")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 7200.0)
        await self._fill(store, "b")
        assert {job.key for job in store.jobs()} == {"b"}

    async def test_jobs_under_way_are_never_dropped(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = JobStore(tmp_path / "jobs.db", max_age=1.0, max_bytes=1)
        claim = await _ours(store, "paid")
        await store.save(claim, "t")
        await store.release(claim)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 7200.0)
        await self._fill(store, "b")
        assert (await _ours(store, "paid")).token == "t"

    async def test_results_may_be_kept_out_of_the_file(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db", keep_results=False)
        claim = await _ours(store)
        await store.save(claim, "t")
        await store.finish(claim, {"text": "confidential"})
        again = await _ours(store)
        assert (again.token, again.done) == ("t", True)
        assert not [name for name, data in _files(tmp_path).items() if b"confidential" in data]


class TestPeople:
    async def test_jobs_are_listed(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        await store.finish(await _ours(store, "done"), {"pages": []})
        claim = await _ours(store, "open")
        await store.save(claim, "t")
        await store.release(claim, "no network")
        await _ours(store, "working")
        jobs = {job.key: job for job in store.jobs()}
        assert {key: job.status for key, job in jobs.items()} == {"done": "done", "open": "open", "working": "working"}
        assert jobs["open"].error == "no network"
        assert (jobs["open"].vendor, jobs["open"].source, jobs["open"].pages) == ("somark", "report.pdf", "1-2")
        assert jobs["done"].size > 0

    async def test_one_job_is_found_without_reading_all(self, tmp_path: Path) -> None:
        """A plan asks for each file of a folder, in a store that may know as many."""
        few, many = (_filled(tmp_path / f"{count}.db", count) for count in (40, 40_000))
        assert many.job("job 7") == few.job("job 7")
        assert many.job("another") is None
        little = seconds(lambda: [few.job("job 7") for _ in range(30)])
        assert seconds(lambda: [many.job("job 7") for _ in range(30)]) < 4 * little

    async def test_a_job_can_be_dropped(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        await store.finish(await _ours(store), {"pages": []})
        assert store.drop("k")
        assert not store.drop("k")
        assert store.jobs() == []

    async def test_a_raw_result_can_be_taken_out(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        await store.finish(await _ours(store), {"pages": [7]})
        assert store.result("k") == {"pages": [7]}
        assert store.result("another") is None


class TestFiles:
    async def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        async with store.kept_open():
            await _ours(store)
            modes = _modes(tmp_path)
        assert modes == {"jobs.db": 0o600, "jobs.db-wal": 0o600, "jobs.db-shm": 0o600}

    async def test_nothing_stays_open(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        async with store.kept_open():
            await store.finish(await _ours(store), None)
        assert list(_files(tmp_path)) == ["jobs.db"]
        assert not [name for name in _open_files() if "jobs.db" in name]

    def test_a_file_that_is_no_database_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "jobs.db").write_bytes(b"my shopping list\n" * 100)
        with pytest.raises(errors.StoreError, match="not a database") as caught:
            JobStore(tmp_path / "jobs.db").jobs()
        assert "Move it away" in caught.value.hint
        assert (tmp_path / "jobs.db").read_bytes() == b"my shopping list\n" * 100

    def test_another_program_s_database_is_left_alone(self, tmp_path: Path) -> None:
        other = sqlite3.connect(tmp_path / "jobs.db")
        other.execute("CREATE TABLE notes (text)")
        other.close()
        before = (tmp_path / "jobs.db").read_bytes()
        with pytest.raises(errors.StoreError, match="some other program"):
            JobStore(tmp_path / "jobs.db").jobs()
        assert (tmp_path / "jobs.db").read_bytes() == before

    def test_a_later_version_s_file_is_left_alone(self, tmp_path: Path) -> None:
        JobStore(tmp_path / "jobs.db").jobs()
        other = sqlite3.connect(tmp_path / "jobs.db")
        other.execute("PRAGMA user_version=99")
        other.close()
        with pytest.raises(errors.StoreError, match="later version"):
            JobStore(tmp_path / "jobs.db").jobs()

    async def test_damage_is_explained(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        for number in range(50):
            await store.finish(await _ours(store, f"k{number}"), Blob(os.urandom(4000)))
        data = bytearray((tmp_path / "jobs.db").read_bytes())
        data[4096 : len(data) // 2] = os.urandom(len(data) // 2 - 4096)
        (tmp_path / "jobs.db").write_bytes(data)
        with pytest.raises(errors.StoreError, match=r"malformed|corrupt") as caught:
            store.jobs()
        assert ".recover" in caught.value.hint

    async def test_a_damaged_result_is_fetched_again(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        store = JobStore(tmp_path / "jobs.db")
        claim = await _ours(store)
        await store.save(claim, "t")
        await store.finish(claim, {"pages": []})
        with sqlite3.connect(tmp_path / "jobs.db") as db:
            db.execute("UPDATE results SET data=x'00'")
        db.close()
        assert (await _ours(store)).token == "t"
        assert "damaged" in caplog.text

    def test_a_folder_that_does_not_exist_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(errors.StoreError, match="cannot be opened") as caught:
            JobStore(tmp_path / "nowhere" / "jobs.db").jobs()
        assert "folder that exists" in caught.value.hint

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(errors.StoreError):
            JobStore(tmp_path).jobs()

    async def test_a_full_disk_is_said_and_leaves_the_file_whole(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        claim = await _ours(store)
        async with store.kept_open():
            await store._database.ask(lambda db: db.execute("PRAGMA max_page_count=30").fetchall())
            with pytest.raises(errors.StoreError, match="full") as caught:
                await store.finish(claim, Blob(os.urandom(1 << 20)))
            await store.save(claim, "t")
        assert "make room" in caught.value.hint
        assert [job.token for job in store.jobs()] == ["t"]

    def test_it_can_be_pickled(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db", max_bytes=7)
        again = pickle.loads(pickle.dumps(store))  # noqa: S301  (our own)
        assert again.path == store.path
        assert again.jobs() == []

    def test_threads_may_share_it(self, tmp_path: Path) -> None:
        store, done = JobStore(tmp_path / "jobs.db"), []

        def work() -> None:
            for _ in range(20):
                store.jobs()
            done.append(True)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 8

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    async def test_a_forked_child_opens_it_for_itself(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        async with store.kept_open():
            await _ours(store, "parent")
            assert _status_of_child(lambda: [job.key for job in store.jobs()] == ["parent"]) == 0
            await _ours(store, "later")


def _hearts() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "docparse-lease"}


def _filled(path: Path, count: int) -> JobStore:
    """A store that knows so many jobs."""
    store = JobStore(path)
    assert store.jobs() == []
    columns = "key, vendor, origin, source, pages, status, created, updated"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        rows = ((f"job {number}", number) for number in range(count))
        db.executemany(f"INSERT INTO jobs ({columns}) VALUES (?, 'v', 'o', 'a.pdf', '', 'open', 0, ?)", rows)  # noqa: S608  (our own)
    return store


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def _status_of_child(holds: Callable[[], bool]) -> int:
    child = os.fork()
    if child == 0:
        os._exit(0 if holds() else 1)
    return os.waitpid(child, 0)[1]


def _open_files() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").is_dir() else ():
        with contextlib.suppress(OSError):  # the descriptor of this very listing is gone by now
            found.append(str(entry.readlink()))
    return found
