"""A table that is too large for one chunk, cut between its rows, with its caption and header on every part."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from docparse_loaders.chunking.cells import TableFormat as TableFormat  # noqa: PLC0414  (packing takes it from here)
from docparse_loaders.chunking.cells import as_lines, as_rows, short
from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.chunking.fragments import fragments
from docparse_loaders.chunking.tokens import Count, lines_counted
from docparse_loaders.tables import Grid, to_html, to_markdown, to_plain
from docparse_loaders.tables.writing import column_names, markdown_cell, title_texts

_HTML_FRAME = ("<table>", "</table>", "<tr><td>", "</td></tr>")
_RULER = re.compile(r"\n\|(?: --- \|)+$")
_TAGS = re.compile(r"</?t[rhd]>")
_LENGTHS = (32, 20, 12, 8, 5, 3, 2, 1)
"""The characters that a name may have where a header must be shortened."""
_SHARES = (3, 6, 12)
_LEAST_SHARE = 4


class Lead(NamedTuple):
    """What stands before the rows of a part, a caption or header, with the tokens of the line breaks around it."""

    text: str
    tokens: int


NO_LEAD = Lead("", 0)


class Part(NamedTuple):
    """Some rows of a table as text; a `bare` part has no room for the heading prefix.

    `lead` characters of it are the caption and what follows that; `shown` are its last lines, of a row each.
    """

    text: str
    tokens: int
    rows: TablePart
    bare: bool
    lead: int = 0
    shown: Sequence[str] = ()


class Numbers(NamedTuple):
    """How many rows of its block stand above a table, and how many rows all tables of the block have."""

    above: int
    total: int


class Rooms(NamedTuple):
    """The tokens that the first part has, each later one, and one without heading prefix."""

    first: int
    rest: int
    bare: int


class TableText(NamedTuple):
    """A table written row by row, each row counted once.

    `frame` is what the tags of an HTML table and of one cell cost. A header too large to be repeated is `folded` into the
    first row, and what is repeated as `header` is shortened; `shorter` ones are for parts with a large row.
    """

    block_id: str
    caption: Lead
    header: Lead
    rows: Sequence[str]
    costs: Sequence[int]
    header_rows: int
    form: TableFormat
    grid: Grid
    frame: int = 0
    folded: bool = False
    shorter: tuple[Lead, ...] = ()
    place: Numbers | None = None

    @property
    def lead_tokens(self) -> int:
        """What a part costs before its first row."""
        return self.frame + self.caption.tokens + self.header.tokens

    @property
    def least_tokens(self) -> int:
        """What the first part costs, with one row: if the header is `folded` into that, it is not above it too."""
        return self.frame + self.caption.tokens + (0 if self.folded else self.header.tokens) + self.costs[0]

    def numbers(self, first: int, last: int, *, begins: bool = False) -> TablePart:
        """The rows from `first` to `last` of `rows`, inclusive, as rows of the block; `begins` adds the header."""
        offset = self.header_rows - self.folded
        above, total = self.place or (0, len(self.rows) + offset)
        start = 0 if begins or (self.folded and first == 0) else first + offset
        return TablePart(self.block_id, above + start, above + last + offset, total, self.header_rows)

    def text(self, rows: Sequence[str], header: Lead, *, caption: bool = True) -> str:
        """Some rows below caption and header; in HTML a table of its own."""
        lines = [header.text, *rows] if header.text else rows
        if self.form == "html":
            lines = [_HTML_FRAME[0], *lines, _HTML_FRAME[1]]
        body = "\n".join(lines)
        return f"{self.caption.text}\n\n{body}" if caption and self.caption.text else body

    def lead(self, *, caption: bool = True) -> int:
        """How many characters the caption takes, with the blank line below it."""
        return len(self.caption.text) + 2 if caption and self.caption.text else 0


def whole_text(grid: Grid, form: TableFormat) -> str:
    """A table in the form wanted."""
    if form == "html":
        return to_html(grid)
    return to_markdown(grid, "rows") if form == "markdown" else "\n".join(_plain_rows(grid, header_rows(grid)))


def whole_part(block_id: str, grid: Grid, place: Numbers | None = None) -> TablePart:
    """All rows of a table, which is one of several in its block if its `place` among them is given."""
    above, total = place or (0, grid.height)
    return TablePart(block_id, above, above + max(grid.height - 1, 0), total, header_rows(grid))


def header_rows(grid: Grid) -> int:
    """How many rows to repeat on each part; never all of them."""
    return min(grid.lead_rows, max(grid.height - 1, 0))


def table_text(
    block_id: str, caption: Lead, grid: Grid, form: TableFormat, count: Count, room: int, bare: int, markdown: str
) -> TableText:
    """Write a table so that it can be cut, every merged cell repeated in each row that it reaches.

    A header of more than half of `room` tokens that leaves too little for the largest row becomes an ordinary row, and what is
    repeated is shortened; `bare` tokens are there without the heading prefix. A table whose tags alone take a quarter is
    written without them. `markdown` saves writing it again; it may be "".
    """
    number, newline = header_rows(grid), count("\n")
    frame = sum(map(count, _HTML_FRAME)) + 3 * newline if form == "html" else 0
    if frame > room // 4:
        form, frame = "plain", 0
    header, rows = _written(grid, number, form, markdown)
    lead = Lead(header, count(f"{header}\n")) if header else NO_LEAD
    costs = lines_counted(count, rows)
    free = room - caption.tokens - frame - max(costs, default=room)
    shorter = list[Lead]()
    if lead.tokens > free:
        beside = [bare - frame - cost for cost in _of_all_sizes(costs)]
        sizes = {*(room // share for share in _SHARES), min(free, room // 2), *beside}
        shorter = list(_short_headers(grid, lead, form, count, sizes))
    if shorter and shorter[0].tokens <= free and _says_all(shorter[0], grid, form):
        lead = shorter.pop(0)
    if lead.tokens + frame <= max(room // 2, free + frame):
        return TableText(block_id, caption, lead, rows, costs, number, form, grid, frame, shorter=tuple(shorter))
    rows, costs = [header, *rows], [lead.tokens, *costs]
    most, *less = shorter or [NO_LEAD]
    return TableText(block_id, caption, most, rows, costs, number, form, grid, frame, folded=True, shorter=tuple(less))


def _of_all_sizes(costs: Sequence[int]) -> Sequence[int]:
    """The least, the middle and the largest of what rows cost, so that one large row does not decide for all."""
    ranked = sorted(costs)
    return [ranked[0], ranked[len(ranked) // 2], ranked[-1]] if ranked else []


def _says_all(short_one: Lead, grid: Grid, form: TableFormat) -> bool:
    """Whether a short header has every name in full and only its signs are fewer."""
    names = column_names(grid)
    return not grid.title_rows and short_one.text == _short_header(names, max(map(len, names), default=0), form)


def _short_headers(grid: Grid, lead: Lead, form: TableFormat, count: Count, sizes: set[int]) -> Iterator[Lead]:
    """Headers with names cut short, without titles, each smaller than the one before; of at most `sizes` tokens."""
    names, before = column_names(grid), lead.tokens
    lengths = iter(_LENGTHS)
    least = count(f"{_short_header(names, 1, form)}\n")
    for most in sorted({*sizes, least} if least <= max(sizes) else sizes, reverse=True):
        text, tokens = "", before
        while most > 0 and tokens > most and (length := next(lengths, 0)):
            text = _short_header(names, length, form)
            # What is far too long needs no exact count.
            tokens = lead.tokens * len(text) // len(lead.text) if len(text) * most else before
            tokens = count(f"{text}\n") if tokens <= 2 * most else tokens
        if text and tokens <= most:
            before = tokens
            yield Lead(text, tokens)


def _short_header(names: Sequence[str], length: int, form: TableFormat) -> str:
    cut = [short(name, length) for name in names]
    if form == "html":
        return _html_row(cut, "th")
    if form == "plain":
        return "\t".join(cut)
    return "|" + "|".join(map(markdown_cell, cut)) + "|\n" + "|-" * len(cut) + "|"


def parts(table: TableText, rooms: Rooms, count: Count, most: int | None = None) -> Iterator[Part]:
    """Cut a table into parts of at most `most` rows, each as large as its room allows.

    The first part shows caption and header even if no row fits beside them. For the sake of a large row, a part first gives up
    the heading prefix, then the caption, then most of the header's text; a row that is then still too large is cut.
    """
    index, begins, room = 0, True, rooms.first
    # Caption and header are in the first part whatever it costs, where they belong.
    owed = bool(table.caption.text or table.header.text)
    source: _Source | None = None
    while index < len(table.rows):
        choice = _choice(table, index, room, rooms.bare)
        crowded = choice is None or (owed and not choice.caption)
        if crowded and owed and table.header.text and not table.folded:
            text = table.text([], table.header)
            yield Part(text, table.lead_tokens, table.numbers(0, -1, begins=True), bare=False, lead=table.lead())
        elif choice is None or crowded:
            source = source or _source(table)
            yield from _cut_row(table, source, index, Rooms(room, rooms.rest, rooms.bare), count, begins=begins)
            index += 1
        else:
            stop, tokens = _reach(table, index, choice, most)
            shown, lead = table.rows[index:stop], table.lead(caption=choice.caption)
            text = table.text(shown, choice.header, caption=choice.caption)
            yield Part(text, tokens, table.numbers(index, stop - 1, begins=begins), choice.bare, lead, shown)
            index = stop
        owed, begins, room = False, False, rooms.rest


class _Choice(NamedTuple):
    """What stands before the rows of a part and how many tokens both may have."""

    caption: bool
    header: Lead
    bare: bool
    tokens: int
    room: int


def _choice(table: TableText, index: int, room: int, bare: int) -> _Choice | None:
    """The most that can stand before row `index`; None if the row is too large beside the shortest header."""
    is_header = table.folded and index == 0
    header = NO_LEAD if is_header else table.header
    if table.header_rows and not (header.text or is_header):
        return None
    least = table.frame + header.tokens
    full, cost = least + table.caption.tokens, table.costs[index]
    if full + cost <= room:
        return _Choice(True, header, False, full, room)
    ladder = [
        _Choice(caption=True, header=header, bare=True, tokens=full, room=bare),
        _Choice(caption=False, header=header, bare=True, tokens=least, room=bare),
    ]
    short_ones = (_Choice(False, less, True, table.frame + less.tokens, bare) for less in table.shorter if header.text)
    return next((choice for choice in (*ladder, *short_ones) if choice.tokens + cost <= choice.room), None)


def _reach(table: TableText, index: int, choice: _Choice, most: int | None) -> tuple[int, int]:
    """Where the part that begins at row `index` ends, exclusive, and its tokens."""
    last = len(table.rows) if most is None else min(len(table.rows), index + most)
    stop, tokens = index, choice.tokens
    while stop < last and tokens + table.costs[stop] <= choice.room:
        tokens += table.costs[stop]
        stop += 1
    return stop, tokens


class _Source(NamedTuple):
    """What a row that must be cut is written from: every cell, and the columns' names, not too long."""

    cells: Sequence[Sequence[str]]
    names: Sequence[str]


def _source(table: TableText) -> _Source:
    """The cells of the rows that are no header, merged ones in each row that they reach."""
    names = [short(name, _LENGTHS[0]) for name in column_names(table.grid)]
    return _Source(table.grid.row_by_row().rows[table.header_rows :], names)


def _cut_row(table: TableText, source: _Source, index: int, rooms: Rooms, count: Count, *, begins: bool) -> Iterator[Part]:
    """Spread one row over several parts, the first cell on each: below the header, or with a name for each cell.

    Where there is no room for either, the row stands alone if it fits, and else its text is cut.
    """
    numbers = table.numbers(index, index, begins=begins)
    row, room = index - table.folded, rooms.first
    for caption, header in _leads(table, room) if row >= 0 else ():
        overhead = table.frame + header.tokens + (table.caption.tokens if caption else 0)
        cut = as_rows if header.text or not any(source.names) else as_lines
        written = False
        for strip in cut(source.cells[row], source.names, table.form, count, room - overhead):
            text, lead = table.text([strip.text], header, caption=caption), table.lead(caption=caption)
            yield Part(text, strip.tokens + overhead, numbers, False, lead, [strip.text])
            written = True
        if written:
            return
    tokens = table.frame + table.costs[index]
    if tokens <= rooms.bare and not begins:
        shown = [table.rows[index]]
        yield Part(table.text(shown, NO_LEAD, caption=False), tokens, numbers, bare=True, shown=shown)
    else:
        yield from _cut_text(table, index, room, count, numbers)


def _cut_text(table: TableText, index: int, room: int, count: Count, numbers: TablePart) -> Iterator[Part]:
    """Spread the text of one row over several parts, without its outer markup; in HTML each piece is a row of one cell."""
    begin, end = _HTML_FRAME[2:] if table.form == "html" else ("", "")
    text = _bare(table.rows[index], table.form)
    overhead = table.frame + table.caption.tokens + count("\n")
    for fragment in fragments(text, count, room - overhead, room - overhead):
        shown = [f"{begin}{fragment.text}{end}"]
        yield Part(table.text(shown, NO_LEAD), fragment.tokens + overhead, numbers, False, table.lead(), shown)


def _leads(table: TableText, room: int) -> Iterator[tuple[bool, Lead]]:
    """What may stand above the parts of a row that is cut, the most that leaves a quarter of the room first.

    A header whose names are cut short must leave more than that: with a name for each value, no column is a riddle.
    """
    least, most = room // _LEAST_SHARE, room // _SHARES[0]
    for caption, header in ((True, table.header), *((False, header) for header in (table.header, *table.shorter))):
        tokens = table.frame + header.tokens + (table.caption.tokens if caption else 0)
        cut_short = table.folded or header is not table.header
        if header.text and room - tokens >= least and (header.tokens <= most or not cut_short):
            yield caption, header
    yield True, NO_LEAD
    yield False, NO_LEAD


def _bare(row: str, form: TableFormat) -> str:
    if form == "html":
        return _TAGS.sub(" ", row).strip()
    return _RULER.sub("", row).removeprefix("|").removesuffix("|").strip() if form == "markdown" else row.strip()


def _written(grid: Grid, header: int, form: TableFormat, markdown: str) -> tuple[str, list[str]]:
    """The header as one text and every other row as a line."""
    if form == "markdown":
        lines = (markdown or to_markdown(grid, "rows")).split("\n")
        body = len(lines) - (grid.height - header) if header else 0
        lines = lines if header else ["\n".join(lines)]
        return "\n".join(lines[:body]), lines[body:]
    rows = _html_rows(grid, header) if form == "html" else _plain_rows(grid, header)
    return "\n".join(rows[:header]), rows[header:]


def _html_rows(grid: Grid, header: int) -> list[str]:
    titles, wide = title_texts(grid, min(grid.title_rows, header)), f'<tr><th colspan="{grid.width}">'
    rows = [_html_row(row, "th" if number < header else "td") for number, row in enumerate(grid.row_by_row().rows)]
    rows[: len(titles)] = [f"{wide}{_html_cell(text)}</th></tr>" for text in titles]
    return rows


def _plain_rows(grid: Grid, header: int) -> list[str]:
    titles = title_texts(grid, min(grid.title_rows, header))
    text = to_plain(grid.row_by_row())
    rows = text.split("\n") if header else [text]
    rows[: len(titles)] = [" ".join(text.split()) for text in titles]
    return rows


def _html_cell(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _html_row(cells: Sequence[str], tag: str) -> str:
    escaped = [escape(cell, quote=False) for cell in cells]
    return f"<tr><{tag}>" + f"</{tag}><{tag}>".join(escaped).replace("\n", "<br>") + f"</{tag}></tr>"
