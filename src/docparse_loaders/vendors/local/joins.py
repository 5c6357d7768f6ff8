"""Pieces that belong together and that LiteParse parted: the lines of a title, of a formula, of code, of a list."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from docparse_loaders.vendors.local.lines import indented
from docparse_loaders.vendors.local.lists import listed, merged
from docparse_loaders.vendors.local.piece import Piece
from docparse_loaders.vendors.local.split import headings

Test = Callable[[Piece, Piece], bool]


def joined(pieces: Sequence[Piece]) -> list[Piece]:
    """A page's pieces with all such parts joined, and code written out with its indentation."""
    whole = merged(listed(_joined(_unheaded(pieces), _belongs)))
    return [replace(piece, written=indented(piece.lines)) if piece.kind == "code" and piece.lines else piece for piece in whole]


def _unheaded(pieces: Sequence[Piece]) -> list[Piece]:
    """A title that goes on in the paragraph under it, in the same type and in the middle of a sentence, is its first line."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if last is not None and last.kind == "title" and piece.kind == "text" and _one_sentence(last, piece):
            result[-1] = Piece.of("text", last.label, last.lines + piece.lines)
        else:
            result.append(piece)
    return result


def _one_sentence(above: Piece, below: Piece) -> bool:
    if not (above.lines and below.lines) or above.lines[-1].bold != below.lines[0].bold or not below.text[:1].islower():
        return False
    close = -2 <= below.box.y0 - above.box.y1 < 0.6 * below.size and below.box.stacked(above.box)
    return close and abs(above.size - below.size) < 0.04 * below.size


def _joined(pieces: Sequence[Piece], belongs: Test) -> list[Piece]:
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if last is not None and last.lines and piece.lines and belongs(last, piece):
            result[-1] = Piece.of(last.kind, last.label, last.lines + piece.lines, last.level)
        else:
            result.append(piece)
    return result


def _belongs(above: Piece, below: Piece) -> bool:
    if above.kind == "title":
        return below.kind == "title" and below.label == "loose" and _one_title(above, below)
    if above.kind == "equation":
        return below.kind in {"text", "title"} and len(below.lines) == 1 and _one_formula(above, below)
    return above.kind == below.kind == "code" and _one_listing(above, below)


def _one_title(above: Piece, below: Piece) -> bool:
    """A line that LiteParse counts among a title's words but not into its box."""
    return len(headings(above.lines + below.lines)) == 1 and below.box.y0 - above.box.y1 < 0.6 * above.size


def _one_formula(above: Piece, below: Piece) -> bool:
    """The denominator under a fraction's line."""
    return len(below.text) <= 40 and below.box.y0 < above.box.y1 and below.box.stacked(above.box)


def _one_listing(above: Piece, below: Piece) -> bool:
    return -2 <= below.box.y0 - above.box.y1 < 2.5 * below.size and below.box.stacked(above.box)
