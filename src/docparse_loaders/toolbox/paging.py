"""A long text in parts that each fit, and that put one after the other are the text again."""

from collections.abc import Callable

Count = Callable[[str], int]

_ENDS = (("\n\n", 2), ("\n", 3), (". ", 2), ("。", 2), (" ", 2))
"""Where a part had better end, the best first, and which share of it, as 1 in so many, must at least be left before that."""


def end_of(text: str, begin: int, most: int, count: Count) -> int:
    """Where the part that begins at `begin` ends so that it has at most `most` tokens; at least one character further.

    It ends where a paragraph, line, sentence or word does, if that is not too early. `count` must not shrink when text is
    added. Only as much text is counted as a part may have, so that reading on and on is linear in the whole.
    """
    size = _reach(text, begin, most, count)
    if begin + size >= len(text):
        return len(text)
    for sign, share in _ENDS:
        place = text.rfind(sign, begin + size // share, begin + size)
        if place >= 0:
            return place + len(sign)
    return begin + size


def _reach(text: str, begin: int, most: int, count: Count) -> int:
    """The largest number of characters from `begin` on that cost no more than `most`; at least one."""
    high = max(most, 16)
    while begin + high < len(text) and count(text[begin : begin + high]) <= most:
        high *= 2
    low, high = 1, min(high, len(text) - begin) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if count(text[begin : begin + middle]) <= most:
            low = middle
        else:
            high = middle
    return low
