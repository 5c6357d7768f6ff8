"""Captions: paragraphs next to a table or figure that begin with its number."""

from collections.abc import Sequence
from dataclasses import replace

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.piece import Piece
from docparse_loaders.vendors.local.split import caption_of

_LONGEST = 600
_FARTHEST = 60.0
"""Points between a caption and what it describes."""


def captioned(pieces: Sequence[Piece]) -> tuple[list[Piece], dict[int, int]]:
    """The pieces with their captions marked, and position of a table or figure → position of its caption."""
    marked = list(pieces)
    described: dict[int, int] = {}
    for position, piece in enumerate(pieces):
        about = caption_of(piece.text) if piece.kind in {"text", "title"} and len(piece.text) <= _LONGEST else None
        target = None if about is None else _target(marked, position, about, described)
        if target is not None:
            marked[position] = replace(piece, kind="caption", level=None)
            described[target] = position
    return marked, described


def _target(pieces: Sequence[Piece], position: int, about: str, described: dict[int, int]) -> int | None:
    """A table is looked for below its caption first, a figure above it."""
    kind: Kind = "table" if about == "table" else "figure"
    order = (1, -1) if kind == "table" else (-1, 1)
    for step in order:
        near = position + step
        if 0 <= near < len(pieces) and pieces[near].kind == kind and near not in described and _close(pieces, position, near):
            return near
    return None


def _close(pieces: Sequence[Piece], position: int, near: int) -> bool:
    one, other = pieces[position].box, pieces[near].box
    return max(one.y0 - other.y1, other.y0 - one.y1) < _FARTHEST
