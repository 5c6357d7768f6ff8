"""Paragraphs and tables that go on over a page border, found from where they stand and how they end."""

from collections.abc import Sequence

from docparse_loaders.emulator.layout import RUNNING, Piece, Sheet
from docparse_loaders.model import Kind
from docparse_loaders.tables import grid_of

_ENDS = frozenset(".!?:;。！？：；…")
_CLOSERS = "\"'”’»)]）】」』 \n"
_BESIDE: frozenset[Kind] = RUNNING | {"footnote", "aside", "caption"}
_LOW, _HIGH = 0.6, 0.4
"""A piece that goes on reaches below the one share of its page, and its continuation begins above the other."""
_SIDEWAYS = 0.05


def link(sheets: Sequence[Sheet]) -> None:
    """Set `source` and `repeats_header` on every continuation: those that the parser named, then those that geometry shows."""
    _take_over(sheets)
    for number in range(1, len(sheets)):
        before, after = sheets[number - 1], sheets[number]
        last, first = _last(before), _first(after)
        if last is None or first is None or after.page.number != before.page.number + 1:
            continue
        head, tail = after.pieces[first], before.pieces[last]
        if head.source is None and _goes_on(tail, head):
            head.source = (number - 1, last)
    _compare_headers(sheets)


def _take_over(sheets: Sequence[Sheet]) -> None:
    places = {piece.block.id: (s, p) for s, sheet in enumerate(sheets) for p, piece in enumerate(sheet.pieces)}
    for sheet in sheets:
        for piece in sheet.pieces:
            if piece.block.continues is not None:
                piece.source = places.get(piece.block.continues)


def _compare_headers(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        for piece in sheet.pieces:
            if piece.source is not None and piece.kind == "table":
                origin = sheets[piece.source[0]].pieces[piece.source[1]]
                piece.repeats_header = grid_of(piece.block).rows[:1] == grid_of(origin.block).rows[:1]


def _first(sheet: Sheet) -> int | None:
    return next((position for position, piece in enumerate(sheet.pieces) if piece.kind not in _BESIDE), None)


def _last(sheet: Sheet) -> int | None:
    backwards = range(len(sheet.pieces) - 1, -1, -1)
    return next((position for position in backwards if sheet.pieces[position].kind not in _BESIDE), None)


def _goes_on(tail: Piece, head: Piece) -> bool:
    low, high = tail.box, head.box
    if tail.kind != head.kind or low is None or high is None or low.y1 < _LOW or high.y0 > _HIGH:
        return False
    if tail.kind == "table":
        beside = abs(low.x0 - high.x0) + abs(low.x1 - high.x1)
        return beside <= _SIDEWAYS and grid_of(tail.block).width == grid_of(head.block).width
    text = tail.block.text.rstrip(_CLOSERS)
    return tail.kind == "text" and bool(text) and text[-1] not in _ENDS
