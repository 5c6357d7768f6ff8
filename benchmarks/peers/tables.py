"""Figures as Markdown tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def facts(run: Mapping[str, Any]) -> str:
    """Machine and versions in words."""
    found = [f"{name} {number}" for name, number in run["versions"].items() if number]
    absent = [name for name, number in run["versions"].items() if not number]
    machine = run["machine"]
    said = f"{machine['python']} on {machine['system']} with {machine['cores']} cores. {', '.join(found)}."
    return f"{said} Not installed: {', '.join(absent)}." if absent else said


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> str:
    """A pipe table: the first `left` columns are text, the others figures or short words."""
    lines = [_line(head), "|---" * left + "|---:" * (len(head) - left) + "|"]
    return "\n".join([*lines, *map(_line, rows)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def wrong(pair: Sequence[int] | None) -> str:
    """How many of how many: "0", "12 (3.1 %)", or "none given"."""
    if pair is None:
        return "none given"
    bad, of = pair
    if not bad:
        return "0" if of else "–"
    return f"{bad:,} ({share(bad, of)})"


def share(part: int, of: int) -> str:
    """A share in per cent: to the tenth below ten, and never 0 or 100 for what is not."""
    per_cent = 100 * part / of
    if per_cent < 0.1:
        return "< 0.1 %"
    return f"{per_cent:.1f} %" if per_cent < 10 or 99 < per_cent < 100 else f"{per_cent:.0f} %"


def times(value: float, of: float) -> str:
    """A ratio: "0.45 x", "12.3 x", "310 x"."""
    ratio = value / of
    return f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.1f} ×" if ratio < 100 else f"{ratio:,.0f} ×"
