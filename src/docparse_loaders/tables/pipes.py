"""Markdown tables to grids."""

import html as entities
import re
from collections.abc import Sequence

from docparse_loaders.tables.grid import Grid
from docparse_loaders.tables.layout import fill

_DASHES = re.compile(r":?-+:?")
_PIPE = re.compile(r"(?<!\\)\|")
_BR = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def from_markdown(text: str) -> Grid:
    r"""Read a pipe table, with or without outer pipes, as a grid.

    A row of dashes below the first row marks it as header, and an empty header is left out. `\\|`, `<br>` and entities are
    resolved. Blank lines are skipped, lines without a pipe above a header are the caption, another is a row of one cell, and
    no row loses cells for being long.
    """
    lines = [line for line in text.split("\n") if line and not line.isspace()]
    if "\\" in text or "&" in text or "<" in text:
        rows = list(map(_escaped_cells, lines))
    else:
        rows = _even(text, len(lines)) or list(map(_cells, lines))
    header, above = 0, _lines_above(lines)
    if above and len(rows) > above + 1 and _is_ruler(rows[above + 1]):
        caption = "\n".join(row[0] for row in rows[:above])
        rows = rows[above:]
    else:
        caption = ""
    if len(rows) > 1 and _is_ruler(rows[1]):
        del rows[1]
        header = 1
    elif rows and _is_ruler(rows[0]):
        del rows[0]
    if header and not any(rows[0]):
        del rows[0]
        header = 0
    return fill(rows, header, caption)


def _even(text: str, lines: int) -> list[tuple[str, ...]]:
    """The rows where each line is closed by pipes and has as many cells as the first, split at once; else none."""
    step = text.count("|", 0, text.find("\n"))
    parts = text.split("|")
    if step < 2 or len(parts) != step * lines + 1 or parts[0] or parts[-1]:
        return []
    if parts[step:-1:step].count("\n") != lines - 1 or text.count("\n") != lines - 1:
        return []
    cells = tuple(map(str.strip, parts))
    return [cells[start : start + step - 1] for start in range(1, len(cells), step)]


def _lines_above(lines: Sequence[str]) -> int:
    """How many lines without a pipe come before the first with one."""
    return next((number for number, line in enumerate(lines) if _PIPE.search(line)), 0)


def _cells(line: str) -> tuple[str, ...]:
    line = line.strip()
    if line[0] == "|":
        line = line[1:]
    if line[-1:] == "|":
        line = line[:-1]
    return tuple(map(str.strip, line.split("|")))


def _escaped_cells(line: str) -> tuple[str, ...]:
    cells = _PIPE.split(line.strip())
    if len(cells) > 1 and not cells[0]:
        del cells[0]
    if len(cells) > 1 and not cells[-1]:
        del cells[-1]
    return tuple(map(_resolved, cells))


def _resolved(cell: str) -> str:
    text = cell.strip().replace("\\|", "|")
    if "<" in text:
        text = _BR.sub("\n", text)
    return _ENTITY.sub(lambda found: entities.unescape(found[0]), text) if "&" in text else text


def _is_ruler(cells: tuple[str, ...]) -> bool:
    """Whether a row is the line between header and body; a single dash alone is a cell without a value."""
    return all(map(_DASHES.fullmatch, cells)) and cells != ("-",)
