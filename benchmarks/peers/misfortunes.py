"""What becomes of a document and its bill when one thing goes wrong: faults of `bench_faults.py`, and two of whole runs."""

import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bench_faults import Fault, faults

from gateway import Phase, Twist, answer, once
from peers import machine
from peers.apart import Apart, side_by_side
from peers.clients import Client, Load, Loaded
from peers.pace import files, whole
from peers.stage import BAD, Address, Seen, document, staged

PATIENCE = 2.0
PATIENCE_IN_ALL = 40
"""Seconds after which a client that has not come back is left."""
LONGEST = 120.0
AT_ONCE = 6
INLINE = {"somark"}
"""Vendors whose result is part of the last answer to a poll: there is no link that could expire."""
CHOSEN = {
    "submit: 429 with Retry-After: 1": "429 with Retry-After: 1 at submit",
    "poll: 503, once": "503 on one poll",
    "submit accepted, answer lost": "submit accepted, connection dropped",
    "poll: no answer in time, once": "one poll answered after 4 s",
    "result cut in half, no length": "truncated result",
}
"""Rows of `bench_faults.py`, and what they are called here."""
BATCH, KILLED = "one failed file of eight", "process killed after submit, run again"


@dataclass(frozen=True)
class Report:
    """What a client came back with, as plain values: it crosses a process border."""

    whole: tuple[str, ...]
    documents: int
    failed: tuple[str, ...]
    held: tuple[str, ...]
    error: str = ""
    said: str = ""
    token: bool = False


def misfortunes() -> list[Fault]:
    """The faults of single documents."""
    known = {fault.name: fault for fault in faults()}
    chosen = [replace(known[name], name=shown) for name, shown in CHOSEN.items()]
    slow = Fault("slow result: two bytes a second, once", lambda vendor: once(_result(vendor), Twist(drip=0.5)))
    expired = Fault("result link expired, once", lambda vendor: None if vendor in INLINE else _expired())
    return [*chosen, slow, expired]


def _result(vendor: str) -> Phase:
    return "poll" if vendor in INLINE else "result"


def _expired() -> Any:
    body = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    return once("result", Twist(instead=answer("403 Forbidden", body)))


class StillWaiting(Exception):
    """A client has not come back in time."""


def tried(load: Load, modules: Sequence[str], address: Address, paths: Sequence[str]) -> Report:
    """Load for `PATIENCE_IN_ALL` seconds at most, after all imports, whatever comes of it."""
    for name in modules:
        import_module(name)
    loaded = Loaded()
    signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(PATIENCE_IN_ALL)
    try:
        load(address, paths, loaded)
    except Exception as error:  # noqa: BLE001  (whatever a stranger raises is the finding)
        return _report(loaded, paths, error)
    return _report(loaded, paths, None)


def _give_up(*_: object) -> None:
    raise StillWaiting


def _report(loaded: Loaded, paths: Sequence[str], error: Exception | None) -> Report:
    chain: list[str] = []
    here: BaseException | None = error
    while here is not None and len(chain) < 10:
        chain.append(f"{here!r} {here} {vars(here)}")
        here = here.__cause__ or here.__context__
    return Report(
        tuple(whole(loaded, paths)),
        len(loaded.documents),
        tuple(loaded.failed),
        tuple(loaded.held),
        type(error).__name__ if error else "",
        " ".join(chain),
        bool(getattr(error, "token", None)),
    )


def single(client: Client, fault: Fault) -> str:
    """One document and one fault."""
    twist = fault.twist(client.vendor)
    if twist is None:
        return "–"
    with staged(client.vendor, twist, PATIENCE) as stage, files(1) as paths:
        ended = Apart(partial(tried, client.load, client.modules, stage.address, paths)).ended(LONGEST)
        return outcome(ended.value, stage.seen()) if ended.value else ended.error


def outcome(report: Report, seen: Seen) -> str:
    """In words: what the caller has, and whether it was paid for twice."""
    if not report.error:
        said = "comes through" if report.whole else "a part, silently" if report.documents else "nothing, silently"
        return said + _paid(seen)
    if report.error == StillWaiting.__name__:
        return f"waits for more than {PATIENCE_IN_ALL} s{_paid(seen)}"
    if not seen.bills:
        return f"`{report.error}`, nothing billed"
    return f"`{report.error}`, {_left(report, seen)}{_paid(seen)}"


def _left(report: Report, seen: Seen) -> str:
    """What there is to go on with."""
    if report.token:
        return "token to go on"
    if set(report.held) & set(seen.ids):
        return "id in hand"
    return "id in its message" if any(one in report.said for one in seen.ids) else "**job lost**"


def _paid(seen: Seen) -> str:
    most = max(seen.bills.values(), default=0)
    return f", **billed {most} times**" if most > 1 else ""


def batch(client: Client, load: Load) -> str:
    """Eight files, of which the vendor cannot read the fourth."""
    with staged(client.vendor, gateway=True, patience=5 * PATIENCE) as stage, files(8, BAD) as paths:
        order = [*paths[1:4], paths[0], *paths[4:]]
        ended = Apart(partial(tried, load, client.modules, stage.address, order)).ended(LONGEST)
    report = ended.value
    if report is None or report.error == StillWaiting.__name__:
        return f"waits for more than {PATIENCE_IN_ALL} s"
    named = any(BAD in one for one in (*report.failed, report.said))
    told = ", the failed one named" if named else ", **which failed is not said**" if len(report.whole) == 7 else ""
    return f"{len(report.whole)} of 7" + (f", `{report.error}`" if report.error else told)


def killed(client: Client, load: Load) -> str:
    """A process that is ended without warning as soon as the vendor has the job, and begun again."""
    with staged(client.vendor, gateway=True, work_seconds=3.0) as stage, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file0.pdf"
        path.write_bytes(document("file0"))
        work = partial(tried, load, client.modules, stage.address, [str(path)])
        first, begun = Apart(work), time.monotonic()
        while not stage.seen().bills and time.monotonic() < begun + LONGEST:
            time.sleep(0.05)
        time.sleep(0.5)
        first.kill()
        again = Apart(work).ended(LONGEST)
        return outcome(again.value, stage.seen()) if again.value else again.error


def both(client: Client, work: Any) -> str:
    """By default, and with the settings that lose least, where there are such."""
    plain = str(work(client, client.load))
    careful = str(work(client, client.careful)) if client.careful else plain
    return plain if careful == plain else f"{plain}; carefully: {careful}"


def rows(all_of_them: Sequence[Client], only: str = "") -> Iterator[dict[str, Any]]:
    """A row for each fault of which the name has `only` in it, with a cell for each client that is installed."""
    here = [client for client in all_of_them if not machine.missing(client.modules)]
    kinds: list[tuple[str, Any]] = [(fault.name, partial(_single, fault)) for fault in misfortunes()]
    kinds += [(BATCH, partial(both, work=batch)), (KILLED, partial(both, work=killed))]
    kinds = [(name, work) for name, work in kinds if only in name]
    works = [partial(work, client) for _, work in kinds for client in here]
    found = side_by_side(works, 4 * LONGEST, AT_ONCE)
    for name, _ in kinds:
        cells = [ended.value or ended.error for _, ended in zip(here, found, strict=False)]
        yield {
            "fault": name,
            "cells": {f"{client.vendor}: {client.name}": cell for client, cell in zip(here, cells, strict=True)},
        }


def _single(fault: Fault, client: Client) -> str:
    return single(client, fault)
