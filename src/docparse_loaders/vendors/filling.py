"""Whether the last line of a paragraph is full, told from its box, its length and the paragraphs around it.

A vendor gives a box around all lines and the text without its line breaks. How many lines there are follows from the height,
as lines are 1.1 to 2 times as far apart as their letters are high; how much a line holds, from the other paragraphs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from docparse_loaders.model import Block, Page

_PORTRAIT = 0.707
_LARGEST = 0.022
"""The size of letters of running text, at most, as a share of the page's height."""
_TIGHT, _WIDE = 1.1, 2.0
"""How far apart lines are, in sizes of their letters."""
_SINGLE = 1.9
_BARE = (0.06, 0.2, 0.33)
"""The part of a line's pitch that is white below the last line, as a vendor's box may have it."""
_OFF = 0.12
_MOST_LINES = 200
_NARROWEST = 0.25
_ENOUGH = 0.85
_LAST = 0.8
"""Of a line that stands by itself in the text; less of it ends a paragraph."""
_SHORT, _FULL = 0.62, 0.86
"""A last line that is probably filled less ends its paragraph; one filled more may go on without any word that says so."""
_UNKNOWN = 1.5
"""How much more than it is seen to hold a line may hold, where no paragraph shows the most."""
_CONTRADICTED = 10.0
"""What it counts against a guess, in paragraphs that agree with it, if lines would hold more than they can."""
_MOST_BLOCKS = 60
_LAST_LINES = 4000


class Extent(NamedTuple):
    """A paragraph: width and height of its box in heights of the page, and its length in sizes of its letters."""

    left: float
    width: float
    height: float
    length: float


@dataclass(frozen=True, slots=True)
class Filling:
    """What is known of the lines of a paragraph at the end of a page.

    `holds_a_line` is false if the text is too short to fill a line of its box in letters of any usual size. `is_short` says
    that its last line ends before the column does, `is_full` that it reaches its end; between the two it cannot be told.
    `is_single` and `opens_single`: it, or what may be its rest, is one line.
    """

    holds_a_line: bool
    is_short: bool
    is_full: bool
    is_single: bool
    opens_single: bool


def filling_of(tail: Block, before: Page, head: Block, page: Page) -> Filling:
    """Measure the paragraph at the end of a page against those of both pages, in time linear in their length."""
    own, rest = _extent(tail, before), _extent(head, page)
    if own is None or rest is None:
        return Filling(False, False, False, False, False)
    last = own._replace(length=_length(tail.text[-_LAST_LINES:].rpartition("\n")[2])) if tail.kind != "text" else own
    others = [*_around(tail, before), *_around(tail, page)]
    holds = last.length * _LARGEST >= _ENOUGH * own.width
    share = _share_of_last(tail.text, own, others) if holds else 0.0
    return Filling(holds, holds and share < _SHORT, share >= _FULL, _is_single(own), _is_single(rest))


def _around(tail: Block, page: Page) -> Iterator[Extent]:
    """The other paragraphs of a page that fill a line at least; some of them, where there are very many."""
    for block in page.blocks[-_MOST_BLOCKS:]:
        extent = _extent(block, page) if block.kind == "text" and block is not tail else None
        if extent is not None and extent.length * _LARGEST >= _ENOUGH * extent.width:
            yield extent


def _extent(block: Block, page: Page) -> Extent | None:
    box = block.regions[0].bbox if block.regions else None
    if box is None or box.x1 <= box.x0 or box.y1 <= box.y0:
        return None
    aspect = page.width / page.height if page.width > 0 and page.height > 0 else _PORTRAIT
    return Extent(box.x0 * aspect, (box.x1 - box.x0) * aspect, box.y1 - box.y0, _length(block.text))


def _length(text: str) -> float:
    """In sizes of letters: a Chinese character is as wide as high, others are about half as wide."""
    if text.isascii():
        return max(len(text), 1) / 2
    return max(len(text) + sum(sign > "\u2e7f" for sign in text), 1) / 2


def _is_single(extent: Extent) -> bool:
    return extent.height * extent.length <= _SINGLE * extent.width


def _share_of_last(text: str, own: Extent, others: Sequence[Extent]) -> float:
    """How much of the last line is probably filled, 1 for all of it; also if that cannot be told."""
    if own.width < max(_ENOUGH * _column(own, others), _NARROWEST * _PORTRAIT):
        return 0.0
    lines = text[-_LAST_LINES:].rstrip().split("\n")
    if len(lines) > 1:
        return 1.0 if _length(lines[-1]) >= _LAST * max(map(_length, lines[-5:-1])) else 0.0
    return _likeliest(own, others)


def _column(own: Extent, others: Sequence[Extent]) -> float:
    """The width of the column: the median of the paragraphs, each as often as it is high in lines of 0.5 %."""
    widths = [extent.width for extent in (own, *others) for _ in range(1 + min(int(extent.height / 0.005), 50))]
    return median(widths)


def _likeliest(own: Extent, others: Sequence[Extent]) -> float:
    """How much of the last line is filled by the number of lines that agrees best with the others; 1 if none does."""
    guesses = [_guess(own, lines, bare, others) for lines in _line_counts(own) for bare in _BARE]
    best = max(guesses, default=Guess(0.0, 1.0))
    return best.filled if best.agreed > 0 else 1.0


def _line_counts(own: Extent) -> Iterator[int]:
    """How many lines a paragraph can have: the pitch of that many must fit the size of letters that fills them."""
    square = own.height * own.length / own.width
    for lines in range(1, min(int((square / _TIGHT) ** 0.5) + 2, _MOST_LINES)):
        if square >= _TIGHT * max(lines - 1, 0.5) * (lines - _BARE[0]) and square <= _WIDE * lines * (lines - _BARE[-1]):
            yield lines


class Guess(NamedTuple):
    """How well a number of lines agrees with the other paragraphs, and how full the last line then is."""

    agreed: float
    filled: float


def _guess(own: Extent, lines: int, bare: float, others: Sequence[Extent]) -> Guess:
    """What a line holds lies between two bounds: every paragraph fills its lines at most, and all but the last at least.

    So each paragraph that has whole lines at this pitch narrows the bounds; the middle between them is the best guess.
    """
    pitch, length = own.height / (lines - bare), own.length / own.width
    dense, agreed = length / lines, 0
    least, most = dense, length / (lines - 1) if lines > 1 else dense * _UNKNOWN
    for other in others:
        exact = other.height / pitch + bare
        count = round(exact)
        density = other.length / count / other.width if count else 0.0
        # Paragraphs in other letters, and those whose lines cannot be counted at this pitch, say nothing.
        if abs(exact - count) <= _OFF and 0.6 * dense < density < 1.7 * dense:
            agreed += 1
            least = max(least, density)
            most = min(most, density * count / (count - 1)) if count > 1 else most
    against = _CONTRADICTED * max(0.0, least / most - 1)
    return Guess(agreed - against, (length / least + length / most) / 2 - (lines - 1))
