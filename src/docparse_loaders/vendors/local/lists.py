"""Lists: neighbouring items as one block, nested by their indentation, with the markers that stand on the page."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from docparse_loaders.vendors.local.lines import Line, joined
from docparse_loaders.vendors.local.piece import Piece

_BULLET = re.compile(r"[•‣⁃◦▪▫●○■□➢✓–—*·-](?:\s+|$)")
_NUMBER = re.compile(r"(?:[(（]?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)）]\s+|[（(]?[一二三四五六七八九十]+[、）)])")
_SLACK = 3.0
_STEP = 8.0
"""Points by which markers may differ and still be at one indentation: numbers are often aligned at their right."""


class Entry(NamedTuple):
    """One item of a list with its lines; the first begins with the marker."""

    lines: tuple[Line, ...]

    @property
    def left(self) -> float:
        """Where its marker stands."""
        return self.lines[0].box.x0


def bulleted(text: str) -> bool:
    """Whether a line begins with a bullet."""
    return _BULLET.match(text) is not None


def marker(text: str) -> bool:
    """Whether a line begins with a bullet or with the number of a list item."""
    return bulleted(text) or _NUMBER.match(text) is not None


def entries(lines: Sequence[Line]) -> tuple[list[Entry], tuple[Line, ...]]:
    """The items in lines of which the first begins one, and the lines after the list that no longer belong to it."""
    found: list[list[Line]] = []
    for position, line in enumerate(lines):
        if not found or _begins(line, found):
            found.append([line])
        elif _left(line, found):
            return [Entry(tuple(entry)) for entry in found], tuple(lines[position:])
        else:
            found[-1].append(line)
    return [Entry(tuple(entry)) for entry in found], ()


def _left(line: Line, found: Sequence[Sequence[Line]]) -> bool:
    """Whether a line that begins no item is text after the list: farther left than all markers, or at theirs after a gap."""
    edge = min(entry[0].box.x0 for entry in found)
    if line.box.x0 < found[-1][0].box.x0 - _STEP or line.box.x0 < edge - 1.5:
        return True
    return line.box.x0 < edge + 1.5 and line.box.y0 - found[-1][-1].box.y1 > 0.5 * line.size


def _begins(line: Line, found: Sequence[Sequence[Line]]) -> bool:
    if bulleted(line.text):
        return True
    return _NUMBER.match(line.text) is not None and any(abs(entry[0].box.x0 - line.box.x0) <= _STEP for entry in found)


def listed(pieces: Sequence[Piece]) -> list[Piece]:
    """Paragraphs that begin with a marker, at the left edge of their neighbour that does so too, as list items."""
    result = list(pieces)
    for position, (above, below) in enumerate(pairwise(pieces)):
        alike = (_marked(above) and (_marked(below) or below.kind == "list")) or (above.kind == "list" and _marked(below))
        if alike and abs(above.box.x0 - below.box.x0) <= _STEP:
            result[position : position + 2] = [replace(piece, kind="list") for piece in (above, below)]
    return result


def _marked(piece: Piece) -> bool:
    first = piece.lines[0].text if piece.kind == "text" and piece.lines else ""
    return marker(first)


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Each run of neighbouring list items as one piece."""
    result: list[Piece] = []
    run: list[Piece] = []
    for piece in pieces:
        if run and (_next_item(run[-1], piece) or _continues(run, piece)):
            run.append(piece)
            continue
        result += _closed(run)
        run = [piece] if piece.kind == "list" else []
        result += [] if run else [piece]
    return result + _closed(run)


def _next_item(item: Piece, piece: Piece) -> bool:
    """Whether two items are of one list: without a gap between them, or in different columns."""
    return piece.kind == "list" and piece.box.y0 - item.box.y1 < 1.2 * piece.size


def _continues(run: Sequence[Piece], piece: Piece) -> bool:
    """Whether a paragraph is more of the item above it: indented under its words, and close to its end."""
    item, above = next(one for one in reversed(run) if one.kind == "list"), run[-1]
    if piece.kind != "text" or not piece.lines or not item.lines:
        return False
    below = piece.box.y0 - above.box.y1
    return piece.box.x0 > item.lines[0].box.x0 + _SLACK and -2 <= below < 0.6 * above.size and piece.box.stacked(above.box)


def _closed(run: Sequence[Piece]) -> list[Piece]:
    if not run:
        return []
    found: list[Entry] = []
    for piece in run:
        if piece.kind == "list" or not found:
            found += entries(piece.lines)[0]
        else:
            found[-1] = Entry(found[-1].lines + piece.lines)
    whole = Piece.of("list", run[0].label, tuple(line for entry in found for line in entry.lines))
    return [replace(whole, written=_written(found))]


def _written(found: Sequence[Entry]) -> str:
    """One line of text an item, two spaces deeper for each step of indentation."""
    lefts: list[float] = []
    for left in sorted(entry.left for entry in found):
        if not lefts or left - lefts[-1] > _STEP:
            lefts.append(left)
    steps = [sum(1 for left in lefts if left <= entry.left + 0.01) - 1 for entry in found]
    return "\n".join("  " * step + joined(line.text for line in entry.lines) for step, entry in zip(steps, found, strict=True))
