"""How long files take whose jobs are each ready after a fixed time, and how many requests that needs."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from peers import machine
from peers.apart import Ended, apart, side_by_side
from peers.clients import Client, Loaded, best_of
from peers.stage import SHEETS, document, staged

LONGEST = 600.0
AT_ONCE = 8
"""How many of those that take one file after the other are measured side by side: they do nothing but wait."""


@contextmanager
def files(count: int, *bad: str) -> Iterator[list[str]]:
    """Files in a folder, which the emulators read as three pages each; those named `bad` first."""
    with tempfile.TemporaryDirectory() as folder:
        names = [*bad, *(f"file{number}" for number in range(count - len(bad)))]
        for name in names:
            (Path(folder) / f"{name}.pdf").write_bytes(document(name))
        yield [str(Path(folder) / f"{name}.pdf") for name in names]


def whole(loaded: Loaded, paths: Sequence[str]) -> list[str]:
    """The names of the files of which every page is there."""
    text = "\n".join(one.text for one in loaded.documents)
    names = [Path(path).stem for path in paths]
    return [name for name in names if all(f"Sheet {sheet} of {name}." in text for sheet in range(1, SHEETS + 1))]


def paced(client: Client, count: int, seconds: float) -> dict[str, Any]:
    """Wall and CPU seconds of one load, after a first file that brings all imports, and what the vendor saw."""
    with staged(client.vendor) as warm, staged(client.vendor, work_seconds=seconds) as stage, files(count) as paths:
        client.load(warm.address, paths[:1], Loaded())
        loaded, begun, cpu = Loaded(), time.perf_counter(), time.process_time()
        client.load(stage.address, paths, loaded)
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu
        seen = stage.seen()
    complete = whole(loaded, paths)
    assert len(complete) == count, f"{len(complete)} of {count} documents are whole"
    requests = {phase: round(number / count, 3) for phase, number in seen.requests.items()}
    return {"wall": round(took, 2), "cpu": round(cpu, 2), "requests": requests, "bills": sum(seen.bills.values())}


def rows(all_of_them: Sequence[Client], counts: Sequence[int], seconds: float, runs: int) -> list[dict[str, Any]]:
    """A row for each client and setting: those that wait side by side first, then the others, each alone."""
    each = [(client, "default") for client in all_of_them]
    each += [(best_of(client), "best") for client in all_of_them if client.best]
    works = [partial(paced, client, count, seconds) for client, _ in each for count in counts]
    slow = [client.one_by_one and not machine.missing(client.modules) for client, _ in each for _ in counts]
    found: list[Ended | None] = [None] * len(works)
    waited = iter(side_by_side([work for work, waits in zip(works, slow, strict=True) if waits], LONGEST, AT_ONCE))
    for at, waits in enumerate(slow):
        found[at] = next(waited) if waits else None
    for at, work in enumerate(works):
        found[at] = found[at] or _best(each[at // len(counts)][0], work, runs)
    return [_row(client, way, counts, found[at * len(counts) :]) for at, (client, way) in enumerate(each)]


def _best(client: Client, work: Callable[[], Any], runs: int) -> Ended:
    lacking = machine.missing(client.modules)
    if lacking:
        return Ended(None, f"not installed: {', '.join(lacking)}")
    tried = [apart(work, LONGEST) for _ in range(runs)]
    return min(tried, key=lambda ended: ended.value["wall"] if ended.value else LONGEST)


def _row(client: Client, way: str, counts: Sequence[int], found: Sequence[Ended | None]) -> dict[str, Any]:
    ended = [one for one in found if one is not None]
    measured = {str(count): one.value or {"error": one.error} for count, one in zip(counts, ended, strict=False)}
    side = client.one_by_one
    return {
        "name": client.name,
        "vendor": client.vendor,
        "way": way,
        "setting": client.setting,
        "side": side,
        "files": measured,
    }
