"""What reading a table costs, as multiples of selectolax (lexbor) on the same HTML, and what finding its header costs.

    python benchmarks/bench_tables.py [nested]

selectolax is compared where it is installed (`uv run --with selectolax python benchmarks/bench_tables.py`): once for the
text of its cells only, and once for texts and spans, which is less than a grid. `nested` also gives both 20,000 open `div`s.
Times are CPU seconds, the least of five runs, so that the ratios hold on a busy machine.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

from docparse_loaders.tables import from_html, join, to_markdown

HEADER = (
    "<tr><td rowspan=2>Name</td><td colspan=5>Sums</td></tr><tr>"
    + "".join(f"<td>{year}</td>" for year in range(2020, 2025))
    + "</tr>"
)


def table(rows: int, *, marked_up: bool = False) -> str:
    """A table of words and numbers; with spans, breaks and bold text in its cells or without."""
    lines = []
    for number in range(rows):
        cells = [f"word {number}", *(f"{number * column}.5" for column in range(1, 6))]
        if marked_up:
            cells = [f"<b>{cell}</b><br>m<sup>2</sup>" for cell in cells]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>{HEADER if marked_up else ''}{''.join(lines)}</table>"


def texts(parse: Callable[[str], Any], html: str) -> list[list[str]]:
    """The cells' texts as selectolax gives them."""
    return [[cell.text() for cell in row.css("td,th")] for row in parse(html).css("tr")]


def texts_and_spans(parse: Callable[[str], Any], html: str) -> list[list[tuple[str, dict[str, str]]]]:
    """The cells' texts and attributes, from which a grid would still have to be made."""
    rows = []
    for row in parse(html).css("tr"):
        cells, node = [], row.child
        while node is not None:
            if node.tag in {"td", "th"}:
                cells.append((node.text(), node.attributes))
            node = node.next
        rows.append(cells)
    return rows


def seconds(work: Callable[[], object], repeats: int) -> float:
    """CPU seconds of one call."""
    times = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            work()
        times.append((time.process_time() - start) / repeats)
    return min(times)


def compared(name: str, html: str, repeats: int, parse: Callable[[str], Any] | None) -> None:
    """Print one line."""
    ours = seconds(lambda: from_html(html), repeats)
    print(f"{name:26} ours {ours * 1e6:10.0f} us", end="")
    if parse is not None:
        for label, other in (("texts", texts), ("texts and spans", texts_and_spans)):
            theirs = seconds(lambda other=other: other(parse, html), repeats)  # type: ignore[misc]  # bound at once
            print(f"   selectolax, {label}: {theirs / ours:5.2f} x ours", end="")
    print()


def nested(parse: Callable[[str], Any] | None) -> None:
    """What twice as many open tags take; 200,000 keep an HTML5 tree builder busy for minutes (168 s measured)."""
    sizes = [2_500, 5_000, 10_000, 20_000]
    readers: dict[str, Callable[[str], object]] = {"ours": from_html}
    if parse is not None:
        readers["selectolax"] = parse
    for name, read in readers.items():
        times = [seconds(lambda size=size: read("<table><tr><td>" + "<div>" * size), 1) for size in sizes]  # type: ignore[misc]  # noqa: B023  (called at once)
        growth = ", ".join(f"{after / before:.1f}" for before, after in pairwise(times))
        print(f"{sizes[-1]:,} open divs: {name} {times[-1] * 1e3:.1f} ms; growth when doubled: {growth}")


def main() -> None:
    """Print all measures."""
    parse = import_module("selectolax.lexbor").LexborHTMLParser if find_spec("selectolax") else None
    if parse is None:
        print("selectolax is not installed: only our own times (uv run --with selectolax ... compares).")
    compared("20 x 6, plain", table(20), 200, parse)
    compared("20 x 6, marked up, spans", table(20, marked_up=True), 100, parse)
    compared("2,000 x 6, plain", table(2_000), 2, parse)
    for rows in (20, 2_000):
        grid, repeats = from_html(table(rows, marked_up=True)), 2_000 // rows
        read = seconds(lambda rows=rows: from_html(table(rows, marked_up=True)), repeats)  # type: ignore[misc]  # bound at once
        shares = {
            "header": seconds(lambda grid=grid: grid.lead_rows, repeats),  # type: ignore[misc]  # bound at once
            "to_markdown": seconds(lambda grid=grid: to_markdown(grid), repeats),  # type: ignore[misc]  # bound at once
            "join of two": seconds(lambda grid=grid: join(grid, grid), repeats),  # type: ignore[misc]  # bound at once
        }
        print(f"{rows:,} rows, of reading:", ", ".join(f"{name} {share / read:.3f} x" for name, share in shares.items()))
    if "nested" in sys.argv[1:]:
        nested(parse)


if __name__ == "__main__":
    main()
