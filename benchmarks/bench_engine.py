"""How long many files take at a bounded number in flight, for every vendor: what the client adds to the jobs' own time.

    python benchmarks/bench_engine.py [files] [in flight] [vendor]

Jobs take 1 to 4 seconds. The bound is the sum of their times divided by the number in flight; `ideal` is what the same jobs
take in the same order if each is noticed at once, which is a little more, because the last ones leave places empty. Each
vendor is its emulator on loopback, without limits, and parsing costs nothing there.
"""

import heapq
import random
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from bench_vendors import HEAD, PAGES, cases

import docparse_loaders as dl
from docparse_loaders.emulator import Emulator
from docparse_loaders.outcome import Order
from docparse_loaders.policy import Limits, Policy

REACH = 1.10


def ideal(seconds: Sequence[float], places: int) -> float:
    """When the last job is ready if each begins as soon as a place is free."""
    free = [0.0] * places
    for took in seconds:
        heapq.heappush(free, heapq.heappop(free) + took)
    return max(free)


def measure(
    name: str, vendor: Any, seconds: Sequence[float], places: int, *, by_address: bool, order: Order = "input"
) -> tuple[float, int]:
    """Wall time in seconds, and requests to the service."""
    settings: dict[str, Any] = {"work_seconds": lambda number: seconds[number % len(seconds)], "parse": lambda data: PAGES}
    with Emulator(name, **settings) as emulator, Emulator("mineru") as server:
        sources: list[Any] = [HEAD + str(number).encode() + bytes(2000) for number in range(len(seconds))]
        if by_address:
            sources = [server.offer(f"{number}.pdf", document) for number, document in enumerate(sources)]
        policy = Policy(limits=Limits(requests_at_once=places))
        begin = perf_counter()
        parser = dl.DocParser(vendor(emulator), policy=policy)
        for outcome in parser.parse_many(sources, concurrency=places, order=order):
            assert outcome.error is None, outcome.error
        return perf_counter() - begin, len(emulator.requests)


def main(files: int = 200, places: int = 16, only: str = "") -> None:
    """Print a row for each vendor, in multiples of the bound."""
    rng = random.Random(5)  # noqa: S311  (durations, not secrets)
    seconds = [rng.uniform(1.0, 4.0) for _ in range(files)]
    bound, best = sum(seconds) / places, ideal(seconds, places)
    print(f"{files} files, {places} in flight: bound {bound:.2f} s, ideal {best / bound:.2f}x")
    print(f"{'vendor':<12}{'wall s':>9}{'ratio':>8}{'requests a job':>16}{'a second':>10}")
    for case in cases():
        if case.together and only in ("", case.name):
            took, asked = measure(case.name, case.vendor, seconds, places, by_address=case.by_address)
            row = f"{case.name:<12}{took:>9.2f}{took / bound:>7.2f}x{asked / files:>16.2f}{asked / took:>10.1f}"
            print(row + ("" if took <= REACH * bound else "   over reach"))


if __name__ == "__main__":
    given = [*sys.argv[1:4], *("200", "16", "")[len(sys.argv) - 1 :]]
    main(int(given[0]), int(given[1]), given[2])
