"""Grids written as Markdown, HTML, plain text, CSV, rows and records."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from io import StringIO
from typing import Literal

from docparse_loaders.tables.grid import Grid
from docparse_loaders.tables.heads import title_rows

_SPECIAL = re.compile(r"[\n\r&<]")
_MARKDOWN = re.compile(r"\r\n?|\n|\\\||\||&(?=#?\w+;)|<(?=[a-zA-Z/!?])")
_CODES = {"|": "\\|", "\\|": "\\&#124;", "&": "&amp;", "<": "&lt;"}
_WHITE = re.compile(r"[\t\r\n]+")

_SHOWN: Mapping[str, Callable[[Grid], Grid]] = {
    "repeat": Grid.expanded,
    "rows": Grid.row_by_row,
    "blank": lambda grid: replace(grid, spans=()),
}


def to_markdown(grid: Grid, spans: Literal["repeat", "blank", "rows"] = "repeat") -> str:
    """Write a pipe table; its caption and title rows, if any, stand above it before a blank line.

    Markdown knows neither merged cells, whose text is repeated (or not: "blank"; or "rows": once in each row below the
    header, see `Grid.row_by_row`), nor headers of several rows, which become one ("Heat / 2024"), nor tables without
    header: the first row is shown as one. Pipes, line breaks and what would be read as HTML are escaped, so that
    `from_markdown` gives the same text back.
    """
    if not grid.rows:
        return grid.caption
    shown = _SHOWN[spans](grid)
    lead = grid.lead_rows
    header, titles = max(lead, 1), title_rows(grid.rows, lead, grid.spans)
    names = _labels(shown.rows[titles:header])
    lines = [_pipes(names), "|" + " --- |" * grid.width, *_all_pipes(shown.rows[header:])]
    above = [grid.caption] if grid.caption else []
    above += [markdown_cell(text) for text in title_texts(grid, titles)]
    return "\n".join([*above, "", *lines] if above else lines)


def title_texts(grid: Grid, titles: int) -> list[str]:
    """What the first `titles` rows say, once each."""
    return [next(filter(None, row), "") for row in grid.rows[:titles]]


def to_html(grid: Grid) -> str:
    """Write clean HTML: escaped text, line breaks as `<br>`, header rows in `thead`, merged cells with their spans."""
    sizes = {(row, column): (rows, columns) for row, column, rows, columns in grid.spans}
    covered = {
        (line, cell)
        for row, column, rows, columns in grid.spans
        for line in range(row, row + rows)
        for cell in range(column, column + columns)
    }.difference(sizes)
    lines = ["<table>"]
    if grid.caption:
        lines.append(f"<caption>{_escaped(grid.caption)}</caption>")
    for number, row in enumerate(grid.rows):
        if number == 0:
            lines.append("<thead>" if grid.header_rows else "<tbody>")
        elif number == grid.header_rows:
            lines.append("</thead>\n<tbody>")
        tag = "th" if number < grid.header_rows else "td"
        cells = (_cell(tag, text, sizes.get((number, i))) for i, text in enumerate(row) if (number, i) not in covered)
        lines.append(f"<tr>{''.join(cells)}</tr>")
    if grid.rows:
        lines.append("</thead>" if grid.height == grid.header_rows else "</tbody>")
    return "\n".join([*lines, "</table>"])


def to_plain(grid: Grid) -> str:
    """Write one line for each row with tabs between its cells, after the caption; a merged cell's text stands once."""
    lines = [_tabbed(row) for row in grid.rows]
    return "\n".join([grid.caption, *lines] if grid.caption else lines)


def to_csv(grid: Grid) -> str:
    """Write CSV (RFC 4180), without the caption; use `grid.expanded()` to repeat the text of merged cells."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(grid.rows)
    return out.getvalue()


def to_rows(grid: Grid) -> list[list[str]]:
    """The rows as lists, header included; use `grid.expanded()` to repeat the text of merged cells."""
    return [list(row) for row in grid.rows]


def to_records(grid: Grid) -> list[dict[str, str]]:
    """One dictionary for each row below the header, by column name; the text of merged cells is repeated.

    A header of several rows is joined ("Heat / 2024"), an empty name becomes "column 3", a name that was there before
    gets a number ("Heat 2"), a title over all columns names none. Without a marked header the first rows give the names (see
    `Grid.lead_rows`).
    """
    shown = grid.expanded()
    header = grid.lead_rows
    names = _distinct(_labels(shown.rows[grid.title_rows : header]) if header else [""] * grid.width)
    return [dict(zip(names, row, strict=True)) for row in shown.rows[header:]]


def column_names(grid: Grid) -> Sequence[str]:
    """The name of each column from all header rows below the titles ("Heat / 2024"); all are "" where none is known."""
    header = grid.lead_rows
    if not header:
        return [""] * grid.width
    return _labels(grid.part(0, header).expanded().rows[grid.title_rows :])


def markdown_cell(text: str) -> str:
    """A text escaped for one cell of a pipe table."""
    return _MARKDOWN.sub(_code, text)


def _labels(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    """One name for each column from all header rows; what a merged cell says twice is said once."""
    if len(rows) == 1:
        return rows[0]
    return [" / ".join(dict.fromkeys(filter(None, column))) for column in zip(*rows, strict=True)]


def _distinct(names: Iterable[str]) -> list[str]:
    found: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        base = wanted = " ".join(name.split()) or f"column {number}"
        while wanted in found:
            found[base] += 1
            wanted = f"{base} {found[base]}"
        found[wanted] = 1
    return list(found)


def _tabbed(row: Sequence[str]) -> str:
    line = "\t".join(row)
    if "\n" in line or "\r" in line or line.count("\t") >= len(row):
        line = "\t".join([_WHITE.sub(" ", cell) for cell in row])
    return line.rstrip("\t")


def _all_pipes(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    """Each row as a line; all in one go where no cell has anything to escape, as in most tables."""
    if not rows:
        return ()
    lines = [" | ".join(row) for row in rows]
    text = "\n".join(lines)
    pipes, breaks = (len(rows[0]) - 1) * len(rows), len(rows) - 1
    if text.count("|") > pipes or text.count("\n") > breaks or "&" in text or "<" in text or "\r" in text:
        return map(_pipes, rows)
    return [f"| {line} |" for line in lines]


def _pipes(row: Sequence[str]) -> str:
    line = " | ".join(row)
    if line.count("|") >= len(row) or _SPECIAL.search(line):
        line = " | ".join([markdown_cell(cell) for cell in row])
    return f"| {line} |"


def _code(found: re.Match[str]) -> str:
    return _CODES.get(found[0], "<br>")


def _cell(tag: str, text: str, size: tuple[int, int] | None) -> str:
    rows, columns = size or (1, 1)
    spans = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    return f"<{tag}{spans}>{_escaped(text) if text else ''}</{tag}>"


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")
