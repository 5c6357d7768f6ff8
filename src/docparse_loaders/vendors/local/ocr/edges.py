"""Edges of recognised lines made even: what is set flush is measured a little off, by the letter it begins with."""

from collections.abc import Sequence
from statistics import median

from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.ocr.layer import Word, boxed

_EM = 0.25
"""Font sizes by which edges may differ and still be one."""
_LEVEL = 0.15
"""The same for baselines in one row."""


def flush(words: Sequence[Word]) -> list[Word]:
    """The words of a page with common left and right edges, and common baselines in each row."""
    level = [index for index, word in enumerate(words) if not word.turn]
    sizes = [words[index].size for index in level]
    lefts = _gathered([words[index].box.x0 for index in level], sizes, _EM)
    rights = _gathered([words[index].box.x1 for index in level], sizes, _EM)
    bottoms = _gathered([words[index].box.y1 for index in level], sizes, _LEVEL)
    result = list(words)
    for index, left, right, bottom in zip(level, lefts, rights, bottoms, strict=True):
        word = words[index]
        box = Box(left, word.box.y0 + bottom - word.box.y1, max(right, left), bottom)
        result[index] = word._replace(box=box)
    return result


def _gathered(places: Sequence[float], sizes: Sequence[float], reach: float) -> list[float]:
    """Each place as the middle of those that are about there, as seen from the lowest of them."""
    order = sorted(range(len(places)), key=places.__getitem__)
    groups: list[list[int]] = []
    for index in order:
        if groups and places[index] - places[groups[-1][0]] <= reach * min(sizes[index], sizes[groups[-1][0]]):
            groups[-1].append(index)
        else:
            groups.append([index])
    result = list(places)
    for group in groups:
        middle = median(places[index] for index in group)
        for index in group:
            result[index] = middle
    return result


def resized(word: Word, size: float) -> Word:
    """The same word in another size, on the same baseline."""
    if word.turn:
        return word._replace(size=size)
    baseline = word.box.y1 - boxed(0.0, 0.0, 0.0, word.size).y1
    return word._replace(size=size, box=boxed(word.box.x0, word.box.x1, baseline, size))
