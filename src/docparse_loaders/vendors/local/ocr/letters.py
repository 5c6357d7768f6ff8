"""What the ink of a line of text says about its font: letters reach over and under the baseline by known parts of its size."""

from typing import NamedTuple

_TALL = 0.72
"""Capitals, digits and letters with an ascender, in font sizes; the figures are those of Helvetica, and of most others."""
_LOW = 0.53
_DEEP = 0.21
_WIDE = 0.92
"""A Chinese or Japanese letter fills its square, a little of it under the baseline."""
_WIDE_DEEP = 0.12
_FIRST_WIDE = 0x2E80
_SMALL = frozenset("acemnorsuvwxz.…-–—~+<>=:;,_·•")
_HANGING = frozenset("gjpqyQ()[]{}|@$µ§_/\\")
_COMMA = 0.14
"""How far a comma reaches down where nothing else does."""


class Set(NamedTuple):
    """How a line is set: its font size and how far its ink reaches under the baseline, in the unit of the ink's height."""

    size: float
    under: float


def set_of(text: str, ink: float) -> Set:
    """The size of a line of text from the height of its ink."""
    letters = [letter for letter in text if not letter.isspace()]
    wide = sum(1 for letter in letters if ord(letter) >= _FIRST_WIDE)
    if wide:
        deep = _DEEP if any(letter in _HANGING for letter in letters) and wide * 2 < len(letters) else _WIDE_DEEP
        return Set(ink / _WIDE, deep * ink / _WIDE)
    over = _LOW if letters and all(letter in _SMALL or letter in "gpqy" for letter in letters) else _TALL
    comma = _COMMA if any(letter in ",;" for letter in letters) else 0.0
    under = _DEEP if any(letter in _HANGING for letter in letters) else comma
    size = ink / (over + under)
    return Set(size, under * size)
