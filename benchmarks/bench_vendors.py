"""How long eight files take whose jobs are each ready after two seconds, and in how many requests, for every vendor.

    python benchmarks/bench_vendors.py [files] [seconds]

Each vendor is its emulator on loopback, without limits, and each file is a PDF of its own. Vendors that can ask about many
jobs in one request are measured with and without it. What passes here is the pace of the client: the emulators parse every
file when it is submitted, before the clock of its job starts, with a parser that costs nothing.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import docparse_loaders as dl
from docparse_loaders.emulator import Emulator
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.config import VendorConfig

REACH = 2.5
BLOCK = Block("p1-0", "text", "A page of text.", regions=(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),))
PAGES = (Page(1, 595.0, 842.0, "point", 0, (BLOCK,)),)
HEAD = b"%PDF-1.4\n"


@dataclass(frozen=True)
class Case:
    """A vendor, and how its documents are handed in: `by_address`, a server of files has them."""

    name: str
    vendor: Callable[[Emulator], VendorConfig]
    together: float = Poll().together
    by_address: bool = False


def cases() -> Iterator[Case]:
    """Every vendor, with and without requests in common."""
    yield Case("somark", lambda e: dl.SoMark(base_url=e.base_url, api_key=e.keys[0]))
    for together in (Poll().together, 0.0):
        yield Case("paddleocr", lambda e: dl.PaddleOCR(base_url=e.base_url, api_key=e.keys[0]), together)
        yield Case("mineru", lambda e: dl.MinerU(base_url=e.base_url, api_key=e.keys[0]), together)
        yield Case("parse4ai", lambda e: dl.Parse4AI(base_url=e.base_url, api_key=e.keys[0]), together, by_address=True)
        yield Case("scnet", lambda e: dl.SCNet(base_url=e.base_url, api_key=e.keys[0]), together)


def measure(case: Case, files: int, seconds: float) -> tuple[float, int, int]:
    """Wall time in seconds, requests to the service, and requests for files."""
    settings: dict[str, Any] = {"work_seconds": seconds, "parse": lambda data: PAGES}
    with Emulator(case.name, **settings) as emulator, Emulator("mineru") as server:
        documents = [HEAD + str(number).encode() + bytes(2000) for number in range(files)]
        sources: list[Any] = documents
        if case.by_address:
            sources = [server.offer(f"{number}.pdf", document) for number, document in enumerate(documents)]
        policy = Policy(poll=Poll(together=case.together))
        begin = perf_counter()
        found = list(dl.parse_many(sources, vendor=case.vendor(emulator), policy=policy, concurrency=files))
        took = perf_counter() - begin
        errors = [outcome.error for outcome in found if outcome.error is not None]
        assert not errors, errors[0]
        return took, len(emulator.requests), len(emulator.downloads)


def main(files: int = 8, seconds: float = 2.0) -> None:
    """Print a row for each case, in multiples of the time that the jobs themselves take."""
    measure(next(cases()), 1, 0.0)  # imports are not measured
    print(f"{files} files, each ready after {seconds:g} s")
    print(f"{'vendor':<12}{'together':>9}{'wall s':>9}{'ratio':>8}{'requests a job':>16}{'files':>7}")
    for case in cases():
        took, asked, fetched = measure(case, files, seconds)
        row = f"{case.name:<12}{'yes' if case.together else 'no':>9}{took:>9.2f}{took / seconds:>7.2f}x"
        print(f"{row}{asked / files:>16.2f}{fetched / files:>7.2f}{'' if took <= REACH else '   over reach'}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *map(float, sys.argv[2:3]))
