"""One row of a table that is too large for a chunk, spread over several: each says which row and columns it is of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple

from docparse_loaders.chunking.fragments import Fragment, fragments
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.tables.writing import markdown_cell

TableFormat = Literal["markdown", "html", "plain"]

_LABEL_SHARE, _NAME_SHARE, _LEAST_SHARE = 4, 4, 4
_MORE = "…"
_MARK = "."


class Form(NamedTuple):
    """How cells are written: `code` escapes one, `line` writes some of them by column, each on a line of its own or not."""

    code: Callable[[str], str]
    line: Callable[[Mapping[int, str]], str]
    by_line: bool = False


def short(text: str, most: int) -> str:
    """A text of at most `most` characters, cut in its middle: names that differ do so at one of their ends."""
    text = " ".join(text.split())
    if len(text) <= most or most < 1:
        return text
    if most < 4:
        return text[:most]
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}{_MORE}{text[len(text) - tail :]}"


def shortened(text: str, count: Count, room: int) -> str:
    """A text cut to at most `room` tokens, "" if not even a character fits."""
    tokens, most = count(text), len(text)
    while tokens > room and most:
        most = min(most - 1, most * max(room, 0) // tokens)
        tokens = count(short(text, most)) if most else 0
    return short(text, most) if most else ""


def as_rows(cells: Sequence[str], names: Sequence[str], form: TableFormat, count: Count, room: int) -> Iterator[Fragment]:
    """The row as several rows of the same table, each with the first cell; "" elsewhere. Nothing if that leaves no room.

    `names` are not needed here: the header stands above.
    """
    del names
    return _strips(cells, _table_form(form, len(cells)), count, room)


def as_lines(cells: Sequence[str], names: Sequence[str], form: TableFormat, count: Count, room: int) -> Iterator[Fragment]:
    """The row as lines of "name: value", the first of them on each part, for where no header fits."""
    most = room // _NAME_SHARE
    known = {column: shortened(name, count, most) for column, name in enumerate(names) if name and cells[column]}
    return _strips(cells, _line_form(form, known), count, room)


def _table_form(form: TableFormat, width: int) -> Form:
    if form == "html":
        return Form(
            _html, lambda held: "<tr>" + "".join([f"<td>{held.get(column, '')}</td>" for column in range(width)]) + "</tr>"
        )
    if form == "plain":
        return Form(_plain, lambda held: "\t".join([held.get(column, "") for column in range(width)]).rstrip("\t"))
    return Form(markdown_cell, lambda held: "| " + " | ".join([held.get(column, "") for column in range(width)]) + " |")


def _line_form(form: TableFormat, names: Mapping[int, str]) -> Form:
    if form == "html":
        return Form(
            _html,
            lambda held: "\n".join([f"<tr><th>{_html(names.get(n, ''))}</th><td>{held[n]}</td></tr>" for n in sorted(held)]),
            by_line=True,
        )
    return Form(
        _plain, lambda held: "\n".join([_named(names.get(column, ""), held[column]) for column in sorted(held)]), by_line=True
    )


def _named(name: str, value: str) -> str:
    return f"{name}: {value}" if name else value


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _strips(cells: Sequence[str], form: Form, count: Count, room: int) -> Iterator[Fragment]:
    """Put cells side by side while they fit, and cut those that alone do not."""
    filled = [column for column, text in enumerate(cells) if text]
    if not filled:
        return
    label = _label(cells, filled, form, count, room)
    # The mark holds the place of a cell: a text put between two others may cost a token more than it does alone.
    base = count(form.line(label if form.by_line else {filled[-1]: _MARK, **label}) + "\n") if label else 0
    extra = {n: count(form.line({n: _MARK}) + "\n") if form.by_line or not label else 1 for n in filled}
    least = room // _LEAST_SHARE
    if base + max(extra.values()) + least > room:
        return
    if filled[0] in label and label[filled[0]] != form.code(cells[filled[0]]):  # shortened: the whole of it comes first
        yield from _strips([text if n == filled[0] else "" for n, text in enumerate(cells)], form, count, room)
    held, used = dict(label), base
    for column in filled[1:] if label else filled:
        first = True
        for piece in fragments(cells[column], lambda text: count(form.code(text)), *(room - base - extra[column],) * 2):
            cost = piece.tokens + extra[column]
            if (not first or used + cost > room) and held != label:
                yield Fragment(form.line(held), used)
                held, used = dict(label), base
            held[column], used, first = form.code(piece.text), used + cost, False
    if held != label:
        yield Fragment(form.line(held), used)


def _label(cells: Sequence[str], filled: Sequence[int], form: Form, count: Count, room: int) -> dict[int, str]:
    """The row's first cell, which tells it from others, shortened if it is long; none if it is all there is."""
    if len(filled) < 2:
        return {}
    text = form.code(shortened(cells[filled[0]], count, room // _LABEL_SHARE))
    return {filled[0]: text} if text else {}
