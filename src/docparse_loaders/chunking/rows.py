"""A table that is too large for one chunk, cut between its rows, with its caption and header on every part."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Literal, NamedTuple

from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.chunking.fragments import fragments
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.tables import Grid, to_html, to_markdown, to_plain

TableFormat = Literal["markdown", "html", "plain"]

_HTML_FRAME = ("<table>", "</table>", "<tr><td>", "</td></tr>")
_RULER = re.compile(r"\n\|(?: --- \|)+$")
_TAGS = re.compile(r"</?t[rhd]>")


class Lead(NamedTuple):
    """What stands before the rows of a part, a caption or header, with the tokens of the line breaks around it."""

    text: str
    tokens: int


NO_LEAD = Lead("", 0)


class Part(NamedTuple):
    """Some rows of a table as text; a `bare` part has no room for the heading prefix."""

    text: str
    tokens: int
    rows: TablePart
    bare: bool


class Rooms(NamedTuple):
    """The tokens that the first part has, each later one, and one without heading prefix."""

    first: int
    rest: int
    bare: int


class TableText(NamedTuple):
    """A table written row by row, each row counted once.

    `frame` is what the tags of an HTML table and of one cell cost. A header too large to be repeated is `folded` into the
    first row.
    """

    block_id: str
    caption: Lead
    header: Lead
    rows: Sequence[str]
    costs: Sequence[int]
    header_rows: int
    form: TableFormat
    frame: int = 0
    folded: bool = False

    @property
    def lead_tokens(self) -> int:
        """What a part costs before its first row."""
        return self.frame + self.caption.tokens + self.header.tokens

    def numbers(self, first: int, last: int, *, begins: bool = False) -> TablePart:
        """The rows from `first` to `last` of `rows`, inclusive, as rows of the whole table; `begins` adds its header."""
        offset = self.header_rows - self.folded
        start = 0 if begins or (self.folded and first == 0) else first + offset
        return TablePart(self.block_id, start, last + offset, len(self.rows) + offset, self.header_rows)

    def text(self, rows: Sequence[str], *, caption: bool = True, header: bool = True) -> str:
        """Some rows below caption and header; in HTML a table of its own."""
        lines = [self.header.text, *rows] if header and self.header.text else rows
        if self.form == "html":
            lines = [_HTML_FRAME[0], *lines, _HTML_FRAME[1]]
        body = "\n".join(lines)
        return f"{self.caption.text}\n\n{body}" if caption and self.caption.text else body


def whole_text(grid: Grid, form: TableFormat) -> str:
    """A table in the form wanted."""
    if form == "html":
        return to_html(grid)
    return to_markdown(grid) if form == "markdown" else to_plain(grid)


def whole_part(block_id: str, grid: Grid) -> TablePart:
    """All rows of a table."""
    return TablePart(block_id, 0, max(grid.height - 1, 0), grid.height, header_rows(grid))


def header_rows(grid: Grid) -> int:
    """How many rows to repeat on each part; never all of them."""
    return min(grid.lead_rows, max(grid.height - 1, 0))


def table_text(
    block_id: str, caption: Lead, grid: Grid, form: TableFormat, count: Count, room: int, markdown: str
) -> TableText:
    """Write a table so that it can be cut, every spanning cell repeated in each row that it covers.

    A header of more than half of `room` tokens that leaves too little for the largest row becomes an ordinary row, and a
    table whose tags alone take a quarter is written without them. `markdown` saves writing it again; it may be "".
    """
    number, newline = header_rows(grid), count("\n")
    frame = sum(map(count, _HTML_FRAME)) + 3 * newline if form == "html" else 0
    if frame > room // 4:
        form, frame = "plain", 0
    header, rows = _written(grid, number, form, markdown)
    lead = Lead(header, count(f"{header}\n")) if header else NO_LEAD
    costs = [count(f"{row}\n") for row in rows]
    beside = caption.tokens + max(costs, default=room)
    if lead.tokens + frame <= max(room // 2, room - beside):
        return TableText(block_id, caption, lead, rows, costs, number, form, frame)
    return TableText(block_id, caption, NO_LEAD, [header, *rows], [lead.tokens, *costs], number, form, frame, folded=True)


def parts(table: TableText, rooms: Rooms, count: Count, most: int | None = None) -> Iterator[Part]:
    """Cut a table into parts of at most `most` rows, each as large as its room allows.

    The first part shows caption and header even if no row fits beside them. For the sake of a large row, a part first gives up
    the heading prefix, then the caption, then the header; only a row that alone is too large is cut.
    """
    index, begins, room = 0, True, rooms.first
    # Caption and header are in the first part whatever it costs, where they belong.
    owed = bool(table.caption.text or table.header.text)
    while index < len(table.rows):
        choice = _choice(table, room, rooms.bare, table.costs[index])
        crowded = choice is None or (owed and not choice.caption)
        if crowded and owed and table.header.text:
            yield Part(table.text([]), table.lead_tokens, table.numbers(0, -1, begins=True), bare=False)
        elif choice is None or crowded:
            yield from _cut_row(table, index, room, count, begins)
            index += 1
        else:
            stop, tokens = _reach(table, index, choice, most)
            text = table.text(table.rows[index:stop], caption=choice.caption, header=choice.header)
            yield Part(text, tokens, table.numbers(index, stop - 1, begins=begins), choice.bare)
            index = stop
        owed, begins, room = False, False, rooms.rest


class _Choice(NamedTuple):
    """What stands before the rows of a part and how many tokens both may have."""

    caption: bool
    header: bool
    bare: bool
    tokens: int
    room: int


def _choice(table: TableText, room: int, bare: int, cost: int) -> _Choice | None:
    """The most that can stand before a row of `cost` tokens; None if the row alone is too large."""
    full, header = table.lead_tokens, table.frame + table.header.tokens
    ladder = (
        _Choice(caption=True, header=True, bare=False, tokens=full, room=room),
        _Choice(caption=True, header=True, bare=True, tokens=full, room=bare),
        _Choice(caption=False, header=True, bare=True, tokens=header, room=bare),
        _Choice(caption=False, header=False, bare=True, tokens=table.frame, room=bare),
    )
    return next((choice for choice in ladder if choice.tokens + cost <= choice.room), None)


def _reach(table: TableText, index: int, choice: _Choice, most: int | None) -> tuple[int, int]:
    """Where the part that begins at row `index` ends, exclusive, and its tokens."""
    last = len(table.rows) if most is None else min(len(table.rows), index + most)
    stop, tokens = index, choice.tokens
    while stop < last and tokens + table.costs[stop] <= choice.room:
        tokens += table.costs[stop]
        stop += 1
    return stop, tokens


def _cut_row(table: TableText, index: int, room: int, count: Count, begins: bool) -> Iterator[Part]:
    """Spread the text of one row over several parts, without its outer markup; in HTML each piece is a row of one cell."""
    begin, end = _HTML_FRAME[2:] if table.form == "html" else ("", "")
    text = _bare(table.rows[index], table.form)
    overhead = table.lead_tokens + count("\n")
    numbers = table.numbers(index, index, begins=begins)
    for fragment in fragments(text, count, room - overhead, room - overhead):
        yield Part(table.text([f"{begin}{fragment.text}{end}"]), fragment.tokens + overhead, numbers, bare=False)


def _bare(row: str, form: TableFormat) -> str:
    if form == "html":
        return _TAGS.sub(" ", row).strip()
    return _RULER.sub("", row).removeprefix("|").removesuffix("|").strip() if form == "markdown" else row.strip()


def _written(grid: Grid, header: int, form: TableFormat, markdown: str) -> tuple[str, list[str]]:
    """The header as one text and every other row as a line."""
    if form == "html":
        rows = [_html_row(row, "th" if number < header else "td") for number, row in enumerate(grid.expanded().rows)]
        return "\n".join(rows[:header]), rows[header:]
    text = (markdown or to_markdown(grid)) if form == "markdown" else to_plain(grid.expanded())
    lines = text.split("\n") if header else [text]
    body = len(lines) - (grid.height - header)
    return "\n".join(lines[:body]), lines[body:]


def _html_row(cells: Sequence[str], tag: str) -> str:
    escaped = [escape(cell, quote=False) for cell in cells]
    return f"<tr><{tag}>" + f"</{tag}><{tag}>".join(escaped).replace("\n", "<br>") + f"</{tag}></tr>"
