"""Our chunker and those that people use, on the same parsed pages: what they keep of the structure, and what they cost.

    uv run --with-requirements benchmarks/requirements.txt python benchmarks/bench_chunkers.py [--write] [--quick]

Structure is counted on tagged documents (`tagged.py`) by the same code for all (`peers/pieces.py`); speed is CPU seconds for
a made-up result of 300 pages (`bench_chunking.py`), the least of some runs, each chunker in a process of its own. `--write`
keeps the run in `benchmarks/results/chunkers.json` and writes `docs/benchmarks.md` again from what is kept.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from bench_chunking import best, cl100k, document, payload
from peers import machine, page, results
from peers.apart import Ended, apart
from peers.pieces import MEASURES, Tally, tally
from peers.splitters import Contender, contenders, counter
from tagged import FIRST, SCRIPTS, tagged

from docparse_loaders.document import ParsedDocument
from docparse_loaders.vendors.somark.decode import decode

PACKAGES = (
    "docparse-loaders",
    "docling-core",
    "unstructured",
    "langchain-text-splitters",
    "llama-index-core",
    "tiktoken",
)
BUDGETS = (512, 256)
SECTIONS = 20
PAGES = 300
RUNS = 2
LONGEST = 300.0
"""Seconds after which a chunker is given up."""
TWICE = "page by page"
"""In the name of what differs from another row only in what it is given, which is not timed again."""


def structure(contender: Contender, budget: int, sections: int) -> dict[str, Any]:
    """What a chunker does to the tagged documents."""
    made = [tagged(script, sections) for script in SCRIPTS]
    found = tally(made, lambda one: contender.of(one.document), counter(), budget)
    return {"chunks": found.chunks, "tokens": round(found.tokens / found.of_tokens, 3), "measures": measures(found)}


def measures(found: Tally) -> dict[str, list[int] | None]:
    """Of each measure how many are wrong, of how many; None if the chunker gives nothing of the kind."""
    given = [name for name in MEASURES if name in found.given or not name.startswith("wrong")]
    return {name: [found.wrong[name], found.of[name]] if name in given else None for name in MEASURES}


def speed(contender: Contender, pages: int, runs: int) -> dict[str, Any]:
    """CPU seconds of chunking, after a first document that brings all imports."""
    contender.split(contender.prepare(parsed(5)))
    taken = contender.prepare(parsed(pages))
    made: list[int] = []
    seconds = best(lambda: made.append(len(contender.split(taken))), runs)
    return {"seconds": round(seconds, 3), "chunks": made[0]}


def parsed(pages: int) -> ParsedDocument:
    """The made-up document."""
    return document(decode(json.loads(payload(pages))).pages)


def floor(pages: int) -> dict[str, float]:
    """What the others are compared with: `json.loads` of the payload, and counting the tokens of every block once."""
    data, count = payload(pages), cl100k()
    texts = [block.text for block in parsed(pages).blocks if block.text]
    count.encode_ordinary("once")
    return {
        "json.loads": round(best(lambda: json.loads(data)), 4),
        "count once": round(best(lambda: [count.encode_ordinary(text) for text in texts]), 4),
        "megabytes": round(len(data) / 1e6, 2),
    }


def signs_cost(sections: int) -> float:
    """How many times the tokens a tagged document has that it would have without its signs."""
    texts = [tagged(script, sections).document.to_markdown() for script in SCRIPTS]
    count, bare = counter(), ["".join(letter for letter in text if ord(letter) < FIRST) for text in texts]
    return round(sum(map(count, texts)) / sum(map(count, bare)), 2)


def rows(budget: int, work: Callable[[Contender], dict[str, Any]], *, timed: bool) -> list[dict[str, Any]]:
    """A row for each chunker that is installed."""
    found = []
    for contender in contenders(budget):
        if timed and TWICE in contender.name:
            continue
        lacking = machine.missing(contender.modules)
        ended = Ended(None, f"not installed: {', '.join(lacking)}") if lacking else apart(lambda: work(contender), LONGEST)  # noqa: B023  (done in this turn)
        facts: Mapping[str, Any] = ended.value or {"error": ended.error}
        found.append({"name": contender.name, "given": contender.given, "setting": contender.setting, **facts})
        print(f"  {contender.name}: {ended.error or 'measured'}", file=sys.stderr)
    return found


def run(sections: int, pages: int, runs: int) -> dict[str, Any]:
    """Everything, as it is kept."""
    before = machine.load()
    kept: dict[str, Any] = {"machine": machine.facts(), "versions": machine.versions(PACKAGES), "sections": sections}
    kept["structure"] = {
        str(budget): rows(budget, lambda one: structure(one, budget, sections), timed=False)  # noqa: B023  (done in this turn)
        for budget in BUDGETS
    }
    kept["signs"] = signs_cost(sections)
    kept["speed"] = rows(BUDGETS[0], lambda one: speed(one, pages, runs), timed=True)
    kept["floor"] = apart(lambda: floor(pages), LONGEST).value
    return {**kept, "pages": pages, "runs": runs, "load": [before, machine.load()]}


def main() -> None:
    """Print the tables; keep them with `--write`."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", action="store_true", help="keep the run and write the page of the docs")
    asked.add_argument("--quick", action="store_true", help="small documents, one run: to see that it works")
    options = asked.parse_args()
    kept = run(6, 50, 1) if options.quick else run(SECTIONS, PAGES, RUNS)
    print(page.chunkers(kept))
    if options.write:
        results.keep("chunkers", kept)


if __name__ == "__main__":
    main()
