"""The ink on a scanned page: straight lines, and how far the letters of a line of text really reach."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from docparse_loaders.vendors.local.geometry import Box

Pixels = Any
"""An array of numpy's: its own type would make numpy an import of everything here."""

_FAINT = 12
"""How much darker than its surroundings ink is, of 255."""
_SHORT = 40
"""A straight line is longer than this part of the page's longer side."""
_LEAST = 20
"""Pixels that it has at least."""
_THICK = 250
"""And not thicker than this part."""
_SPECK = 200
"""A shape is larger than this part of the longer side, both ways."""
_MOST_SHAPES = 2000
_GAP = 0.1
"""The part of a text's height that may be empty between a letter and its dot."""
_CORE = 0.25
"""The part of a text's height, at its top and bottom, in which a line under or over it may run."""


class Ink(NamedTuple):
    """A page in black and white: `letters` without the straight lines, which are `rules`; `shapes` is what else there is.

    All in pixels.
    """

    letters: Pixels
    rules: tuple[Box, ...]
    shapes: tuple[Box, ...]


def ink_of(gray: Pixels, texts: Sequence[Box]) -> Ink:
    """Find the ink of a gray page on which `texts` are the boxes of its lines of text."""
    import cv2

    black = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, _FAINT)
    length, thickness = max(max(black.shape) // _SHORT, _LEAST), max(max(black.shape) // _THICK, 5)
    letters = black.copy()
    rules: list[Box] = []
    for shape in ((length, 1), (1, length)):
        found = [rule for rule in _long(black, shape, thickness) if not _is_stroke(rule, texts)]
        for rule in found:
            letters[max(int(rule.y0) - 1, 0) : int(rule.y1) + 1, max(int(rule.x0) - 1, 0) : int(rule.x1) + 1] = 0
        rules += [_thin(rule, flat=shape[0] > 1) for rule in found]
    return Ink(letters, tuple(rules), tuple(_shapes(letters, texts)))


def _long(black: Pixels, shape: tuple[int, int], thickness: int) -> Iterator[Box]:
    """Thin long parts; small holes are closed first, because a scanned line is seldom without one."""
    import cv2

    closing = cv2.getStructuringElement(cv2.MORPH_RECT, tuple(min(side, 3) for side in shape))
    whole = cv2.morphologyEx(black, cv2.MORPH_CLOSE, closing)
    found = cv2.morphologyEx(whole, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
    _, _, parts, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    for x, y, width, height, _ in parts[1:].tolist():
        if (height if shape[0] > 1 else width) <= thickness:
            yield Box(x, y, x + width, y + height)


def _is_stroke(rule: Box, texts: Iterable[Box]) -> bool:
    """Whether it is a part of letters: in the middle of a text, or upright and no higher than the text that it is in."""
    flat = rule.x1 - rule.x0 > rule.y1 - rule.y0
    for text in texts:
        inset = _CORE * (text.y1 - text.y0) if flat else 0.0
        core = Box(text.x0, text.y0 + inset, text.x1, text.y1 - inset)
        if core.covers(rule) > 0.7:
            return True
    return False


def _thin(rule: Box, *, flat: bool) -> Box:
    at = (rule.y0 + rule.y1) / 2 if flat else (rule.x0 + rule.x1) / 2
    return rule._replace(y0=at, y1=at) if flat else rule._replace(x0=at, x1=at)


def _shapes(letters: Pixels, texts: Iterable[Box]) -> list[Box]:
    """What is neither text nor a line, as far as it hangs together; specks are left out."""
    import cv2

    rest = letters.copy()
    for box in texts:
        rest[max(int(box.y0), 0) : max(int(box.y1) + 1, 0), max(int(box.x0), 0) : max(int(box.x1) + 1, 0)] = 0
    _, _, parts, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    least = max(rest.shape) // _SPECK
    boxes = (Box(x, y, x + width, y + height) for x, y, width, height, _ in parts[1:].tolist() if min(width, height) > least)
    return sorted(boxes, key=lambda box: -box.area)[:_MOST_SHAPES]


def tightened(letters: Pixels, box: Box) -> Box:
    """The box around the ink in `box`; `box` itself where there is hardly any, as in white text on black."""
    x0, y0 = max(int(box.x0), 0), max(int(box.y0), 0)
    part = letters[y0 : int(box.y1) + 1, x0 : int(box.x1) + 1] > 0
    if part.size == 0:
        return box
    first, last = _run(part.sum(axis=1).tolist())
    xs = part[first : last + 1].any(axis=0).nonzero()[0]
    if len(xs) == 0:
        return box
    tight = Box(float(x0 + xs[0]), float(y0 + first), float(x0 + xs[-1] + 1), float(y0 + last + 1))
    enough = tight.y1 - tight.y0 > 0.3 * (box.y1 - box.y0) and tight.x1 - tight.x0 > 0.25 * (box.x1 - box.x0)
    return tight if enough else box


def _run(rows: Sequence[int]) -> tuple[int, int]:
    """The first and last row around the darkest one that hang together: what lies apart belongs to the next line of text."""
    apart = max(round(_GAP * len(rows)), 1)
    middle = max(range(len(rows)), key=rows.__getitem__)
    first = last = middle
    for row in range(middle - 1, -1, -1):
        if rows[row] and first - row <= apart:
            first = row
    for row in range(middle + 1, len(rows)):
        if rows[row] and row - last <= apart:
            last = row
    return first, last
