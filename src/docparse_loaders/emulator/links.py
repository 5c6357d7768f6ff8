"""Which piece goes on which, by position, as a vendor's result names them."""

from collections.abc import Sequence

from docparse_loaders.emulator.layout import Sheet
from docparse_loaders.tables import grid_of


def link(sheets: Sequence[Sheet]) -> None:
    """Set `source` and `repeats_header` on every piece whose block goes on from an earlier one."""
    places = {piece.block.id: (s, p) for s, sheet in enumerate(sheets) for p, piece in enumerate(sheet.pieces)}
    for sheet in sheets:
        for piece in sheet.pieces:
            if piece.block.continues is not None:
                piece.source = places.get(piece.block.continues)
    _compare_headers(sheets)


def _compare_headers(sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        for piece in sheet.pieces:
            if piece.source is not None and piece.kind == "table":
                origin = sheets[piece.source[0]].pieces[piece.source[1]]
                piece.repeats_header = grid_of(piece.block).rows[:1] == grid_of(origin.block).rows[:1]
