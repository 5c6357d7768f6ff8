"""What importing the library costs, each import in a fresh process, as ratios to what it stands on.

    python benchmarks/bench_imports.py [runs] [--blame]

Every process measures itself from before the import to after it, so the bare interpreter is not in it; the median of 7 runs
counts. `--blame` adds, for whatever is over its reach, the modules that the peer does not import and that take longest.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import median

TIMED = "from time import perf_counter as now; start = now(); {statement}; print((now() - start) * 1000)"


@dataclass(frozen=True)
class Case:
    """An import, the import that it is compared with, and how many times as long it may take (or milliseconds, without)."""

    name: str
    statement: str
    peer: str
    reach: float


CASES = (
    Case("docparse_loaders", "import docparse_loaders", "", 3.0),
    Case("core client", "import docparse_loaders.parser", "import httpx, pydantic", 1.3),
    Case(
        "core client, sending",  # httpx waits for the first job and httpcore for its first client, pydantic for the first name
        "import docparse_loaders.parser, docparse_loaders.engine.transport",
        "import httpx, httpcore; from pydantic import BaseModel",
        1.3,
    ),
    Case(
        "LangChain loader",
        "import docparse_loaders.langchain",
        "from langchain_core.document_loaders import BaseLoader",
        1.4,
    ),
    Case("LlamaIndex reader", "import docparse_loaders.llama_index", "import llama_index.core.readers.base", 1.1),
)


def _run(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A fresh process that may keep bytecode, as an installed package has it: compiling is no part of an import."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603  # our own code


def milliseconds(statement: str) -> float:
    """How long an import takes in a fresh process."""
    return float(_run(TIMED.format(statement=statement)).stdout)


def measure(case: Case, runs: int) -> tuple[float, float, float]:
    """Medians of the import, of its peer, and of the ratio of the two when run one after the other.

    Pairs make the ratio hold on a busy machine. The first one only fills the file cache.
    """
    pairs = [(milliseconds(case.statement), milliseconds(case.peer or "pass")) for _ in range(runs + 1)][1:]
    return median(own for own, _ in pairs), median(peer for _, peer in pairs), median(own / peer for own, peer in pairs)


def imports(statement: str) -> dict[str, float]:
    """Modules that an import brings and the milliseconds that each takes itself, without those that it imports."""
    found = {}
    for line in _run(statement, "-X", "importtime").stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            found[name.strip()] = int(own) / 1000
    return found


def blame(case: Case, most: int = 12) -> list[tuple[str, float]]:
    """The packages and modules that only the library's import brings, dearest first."""
    base = imports(case.peer or "pass")
    extra: dict[str, float] = {}
    for name, own in imports(case.statement).items():
        if name not in base:
            label = name if name.startswith("docparse_loaders") else name.partition(".")[0]
            extra[label] = extra.get(label, 0.0) + own
    return sorted(extra.items(), key=lambda item: -item[1])[:most]


def main() -> None:
    """Print the table of design §10."""
    [runs] = [int(word) for word in sys.argv[1:] if word.isdigit()] or [7]
    print(f"{'import':22} {'ms':>8} {'peer ms':>8} {'ratio':>7} {'reach':>7}")
    for case in CASES:
        taken, base, ratio = measure(case, runs)
        over = (ratio if case.peer else taken) > case.reach
        shown = f"{base:8.1f} {ratio:6.2f}x {case.reach:6.1f}x" if case.peer else f"{'':16} {case.reach:4.1f} ms"
        print(f"{case.name:22} {taken:8.1f} {shown}  {'OVER' if over else 'ok'}")
        if over and "--blame" in sys.argv:
            for name, own in blame(case):
                print(f"    {name:46} {own:7.1f} ms")


if __name__ == "__main__":
    main()
