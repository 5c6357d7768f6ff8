"""`docparse-loaders jobs`: what a job store knows, and what can be done about it."""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from rich.text import Text

from docparse_loaders.cli.say import say
from docparse_loaders.cli.table import age, is_wide, name_of, printable, show, size, table_of
from docparse_loaders.engine.jobstore import JobStore, StoredJob
from docparse_loaders.errors import ConfigError, DocParseError
from docparse_loaders.following.board import counted
from docparse_loaders.parser import DocParser
from docparse_loaders.vendors.protocol import Blob, Parts, Payload

_KEY = 12
_SHORT = 8
"""So much of a job's name tells it from all others in a store of thousands."""
_COLUMNS, _NARROW = ("file", "vendor", "state", "pages>", "age>", "size>", "job"), {"file", "state", "job"}
_STYLES = {"done": "green", "working": "cyan", "open": "yellow"}
_ENDINGS = {"application/zip": ".zip", "application/json": ".json", "text/markdown": ".md"}


def opened(path: str) -> JobStore:
    """The store in a file that is there. Raises `ConfigError`: to list jobs must not make a store."""
    if not Path(path).is_file():
        raise ConfigError(f"there is no job store {path!r}.", hint="Name it with --store, or set DOCPARSE_STORE.")
    return JobStore(path)


def list_jobs(store: JobStore, *, as_json: bool) -> int:
    """Print every job, the newest first."""
    jobs = store.jobs()
    if as_json:
        for job in jobs:
            sys.stdout.write(to_json(_row(job)).decode() + "\n")
        return 0
    if not jobs:
        show("no jobs")
        return 0
    table = table_of(*(column for column in _COLUMNS if is_wide() or column in _NARROW))
    for job in jobs:
        cells = _cells(job, time.time())
        table.add_row(*(cells[column] for column in _COLUMNS if is_wide() or column in _NARROW))
    show(table)
    show("\n".join(["", _counts(jobs), *_faults(jobs)]))
    return 0


def _cells(job: StoredJob, now: float) -> dict[str, str | Text]:
    return {
        "file": name_of(job.source),
        "vendor": job.vendor,
        "state": Text(job.status, _STYLES.get(job.status, "")),
        "pages>": job.pages or "all",
        "age>": age(now - job.updated),
        "size>": size(job.size),
        "job": job.key[:_SHORT],
    }


def _counts(jobs: list[StoredJob]) -> str:
    """`3 jobs: 2 done, 1 open; 4.2 MB`."""
    states = Counter(job.status for job in jobs)
    words = ", ".join(f"{states[state]} {state}" for state in _STYLES if states[state])
    return f"{counted(len(jobs), 'job')}: {words}; {size(sum(job.size for job in jobs)) or 'no results'}"


def _faults(jobs: list[StoredJob]) -> list[str]:
    return [f"{job.key[:_SHORT]} {name_of(job.source)}: {printable(job.error)}" for job in jobs if job.error]


def resume_jobs(store: JobStore, keys: list[str], options: dict[str, Any]) -> int:
    """Go on with jobs that were accepted, all of them if none is named; their results go to the store."""
    jobs = [_found(store, key) for key in keys] or [job for job in store.jobs() if job.status == "open"]
    failed = 0
    for job in jobs:
        try:
            said = _resumed(store, job, options)
        except DocParseError as error:
            say(error)
            failed += 1
        else:
            sys.stdout.write(f"{job.key[:_KEY]}  {said}  {job.source}\n")
    return 1 if failed else 0


def _resumed(store: JobStore, job: StoredJob, options: dict[str, Any]) -> str:
    if job.status == "done":
        return "was done already"
    document = DocParser({"vendor": job.vendor, **options}, store=store).resume(job.token or "")
    return f"done  {len(document.pages)} pages"


def forget_jobs(store: JobStore, keys: list[str], *, done: bool) -> int:
    """Drop jobs and their results; `done` drops all that are finished."""
    chosen = [_found(store, key) for key in keys] + [job for job in store.jobs() if done and job.status == "done"]
    for job in {job.key: job for job in chosen}.values():
        store.drop(job.key)
        sys.stdout.write(f"{job.key[:_KEY]}  forgotten  {job.source}\n")
    return 0


def export_job(store: JobStore, key: str, output: str | None) -> int:
    """Write a job's raw result, as the vendor sent it, for `from_result`."""
    job = _found(store, key)
    payload = store.result(job.key)
    if payload is None:
        raise ConfigError(
            f"the store holds no result of {job.key[:_KEY]} ({job.source}).", hint="Resume the job, or parse again."
        )
    written = _written(payload, output or f"{Path(job.source).stem or 'result'}-{job.key[:_KEY]}")
    sys.stdout.write(f"{written}\n")
    return 0


def _written(payload: Payload, name: str) -> Path:
    target = Path(name)
    if isinstance(payload, Parts):
        target.mkdir(parents=True, exist_ok=True)
        for number, blob in enumerate(payload.blobs, 1):
            (target / f"part-{number}{_ending(blob)}").write_bytes(blob.data)
        return target
    ending, data = (_ending(payload), payload.data) if isinstance(payload, Blob) else (".json", to_json(payload))
    target = target if target.suffix else target.with_name(target.name + ending)
    target.write_bytes(data)
    return target


def _ending(blob: Blob) -> str:
    if blob.data[:4] == b"PK\x03\x04":
        return ".zip"
    if blob.data.lstrip()[:1] in {b"{", b"["}:
        return ".json"
    return _ENDINGS.get(blob.media_type.partition(";")[0], ".bin")


def _found(store: JobStore, key: str) -> StoredJob:
    """The job whose name begins so. Raises `ConfigError` if there is none or more than one."""
    found = [job for job in store.jobs() if key and job.key.startswith(key)]
    if len(found) != 1:
        raise ConfigError(f"{len(found) or 'no'} jobs begin with {key!r}.", hint="`docparse-loaders jobs list` shows them.")
    return found[0]


def _row(job: StoredJob) -> dict[str, Any]:
    return {name: getattr(job, name) for name in StoredJob.__dataclass_fields__}
