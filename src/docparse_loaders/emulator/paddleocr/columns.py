"""Paragraphs over several columns of a page, which PaddleOCR-VL puts together again (`mergeLayoutBlocks`)."""

from docparse_loaders.emulator.layout import PICTURES, Piece, Sheet
from docparse_loaders.emulator.paddleocr.words import LABELS
from docparse_loaders.model import Kind
from docparse_loaders.vendors.endings import text_goes_on

_BETWEEN: frozenset[Kind] = PICTURES | {"table"}
"""What may stand between the parts of a paragraph in reading order."""
_GAP = 0.3
"""How far the next column may be away, as a share of the wider of the two."""


def parts_of(sheet: Sheet) -> dict[int, int]:
    """Every later part of a paragraph → its first one, by position on the sheet.

    The second stands in the column to the right of the first, as PaddleX's pipeline wants it. That pipeline asks for no
    more; here a sentence must go on as well, so that two paragraphs stay two.
    """
    heads: dict[int, int] = {}
    before: int | None = None
    for position, piece in enumerate(sheet.pieces):
        if piece.kind in _BETWEEN:
            continue
        if before is not None and _goes_on(sheet.pieces[before], piece):
            heads[position] = heads.get(before, before)
        before = position
    return heads


def _goes_on(tail: Piece, head: Piece) -> bool:
    if not LABELS[tail.kind] == LABELS[head.kind] == "text" or not _right_of(tail, head):
        return False
    return head.block.continues == tail.block.id or text_goes_on(tail.block.text, head.block.text, full=True)


def _right_of(tail: Piece, head: Piece) -> bool:
    one, other = tail.box, head.box
    if one is None or other is None:
        return False
    wider = max(one.x1 - one.x0, other.x1 - other.x0)
    return one.x1 < other.x0 < one.x1 + _GAP * wider and other.y0 < one.y1
