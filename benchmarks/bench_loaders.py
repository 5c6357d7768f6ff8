"""Our loader and reader, those of others, and the vendors' own clients, at the same emulators with the same documents.

    uv run --with-requirements benchmarks/requirements.txt python benchmarks/bench_loaders.py [--write] [--quick]

Three questions: how long 8 and 64 files take whose jobs are each ready after two seconds, and in how many requests; what
becomes of a document and of the bill when one thing goes wrong; what is left of pages, boxes and headings in the Documents.
Each client runs in a process of its own, the emulator in another. Those that take one file after the other are measured side
by side, since they wait; all others alone, the least of some runs. `--write` keeps the run in
`benchmarks/results/loaders.json` and writes `docs/benchmarks.md` again from what is kept.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from peers import keeping, loader_page, machine, misfortunes, pace, results
from peers.clients import clients, split_pages

SECONDS = 2.0
FILES = (8, 64)
RUNS = 2
PARTS = ("pace", "faults", "metadata")


def versions() -> dict[str, str]:
    """Of everything that is compared, and of the frameworks."""
    packages = dict.fromkeys(client.package for client in clients())
    return machine.versions([*packages, "langchain-core", "llama-index-core", "httpx"])


def measured(part: str, quick: bool, only: str) -> dict[str, Any]:
    """One part of the run: the clients or faults with `only` in their names, the others as they are kept."""
    before, all_of_them = machine.load(), clients()
    print(f"{part} …", file=sys.stderr)
    if part == "pace":
        counts, runs = ((2, 4), 1) if quick else (FILES, RUNS)
        facts = {"seconds": SECONDS, "counts": counts, "runs": runs}
        made = pace.rows([client for client in all_of_them if only in client.name], counts, SECONDS, runs)
        found: dict[str, Any] = {**facts, "rows": _merged("pace", made, ("vendor", "name", "way"), only)}
    elif part == "faults":
        careful = {client.name: client.careful_setting for client in all_of_them if client.careful}
        rows = _merged("faults", misfortunes.rows(all_of_them, only), ("fault",), only)
        found = {"patience": misfortunes.PATIENCE_IN_ALL, "careful": careful, "rows": rows}
    else:
        loaders = [client for client in all_of_them if client.is_loader and client.vendor in {"mineru", "paddleocr"}]
        wanted, looked = keeping.rows(sorted([*loaders, split_pages()], key=lambda client: client.vendor))
        found = {"file": keeping.EXAMPLE.name, "wanted": wanted, "rows": looked}
    loads = [before, machine.load(), *(_kept(part).get("load", []) if only else [])]
    return {**found, "load": [min(loads), max(loads)]}


def _kept(part: str) -> dict[str, Any]:
    part_of_run: dict[str, Any] = results.kept().get("loaders", {}).get(part, {})
    return part_of_run


def _merged(part: str, made: Iterable[dict[str, Any]], keys: Sequence[str], only: str) -> list[dict[str, Any]]:
    """New rows in the place of those that are kept, if only some were measured."""
    before = _kept(part).get("rows", []) if only else []
    rows = {tuple(row[key] for key in keys): row for row in (*before, *made)}
    return list(rows.values())


def main() -> None:
    """Print the tables; keep them with `--write`."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", action="store_true", help="keep the run and write the page of the docs")
    asked.add_argument("--quick", action="store_true", help="2 and 4 files, one run: to see that it works")
    asked.add_argument("--part", choices=PARTS, action="append", help="this part alone; the others stay as they are kept")
    asked.add_argument(
        "--only", default="", help="of clients (pace) or faults those with this in their name, the others as kept"
    )
    asked.add_argument("--page", action="store_true", help="measure nothing: write the page again from what is kept")
    options = asked.parse_args()
    if options.page:
        results.write()
        return
    found = {part: measured(part, options.quick, options.only) for part in options.part or PARTS}
    run = {**results.kept().get("loaders", {}), "machine": machine.facts(), "versions": versions(), **found}
    print(loader_page.loaders(run))
    if options.write:
        results.keep("loaders", run)


if __name__ == "__main__":
    main()
