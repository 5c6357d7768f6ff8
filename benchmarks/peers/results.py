"""The runs that are kept, and the page of the docs that is written from them."""

import json
from pathlib import Path
from typing import Any

from peers import page

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
PARTS = ("loaders", "chunkers")


def keep(part: str, run: dict[str, Any]) -> None:
    """Keep a run, and write the page again."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{part}.json"
    path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write()


def write() -> None:
    """Write the page from what is kept."""
    PAGE.write_text(page.whole(kept()), encoding="utf-8")


def kept() -> dict[str, dict[str, Any]]:
    """Every run that is kept, by its part."""
    paths = {part: KEPT / f"{part}.json" for part in PARTS}
    return {part: json.loads(path.read_text(encoding="utf-8")) for part, path in paths.items() if path.exists()}
