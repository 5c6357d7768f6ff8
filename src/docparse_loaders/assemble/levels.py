"""The level of each title: the vendor's where it means something, else from numbering and type size."""

from collections.abc import Mapping, Sequence

from docparse_loaders.assemble.nesting import depths_of
from docparse_loaders.assemble.numbering import Number, numbers_of
from docparse_loaders.assemble.sizes import alike, levels_by_size, type_size
from docparse_loaders.model import Block

DEEPEST = 9
"""No heading stands deeper, as in any word processor: a path is short, however a vendor nests its titles."""
_FRONT = frozenset(
    {"abstract", "summary", "executive summary", "contents", "table of contents", "introduction", "preface", "foreword"}
    | {"background", "overview", "zusammenfassung", "inhalt", "inhaltsverzeichnis", "vorwort", "einleitung", "résumé"}
    | {"sommaire", "введение", "содержание", "аннотация", "摘要", "目录", "目錄", "目次", "前言", "引言", "序言", "概要"}
    | {"요약", "목차", "서론"}
)
"""What opens a document and is not its name."""
Aspects = Mapping[int, float]
Numbers = Sequence[Number | None]


def levels_of(titles: Sequence[Block], aspects: Aspects) -> list[int]:
    """From 1 to `DEEPEST`, in order. `aspects` has width / height of each page.

    Levels of the vendor that differ are kept, and the numbers in a run of equal ones nested below each other. Where all are
    equal or missing, or only the document's own title stands above the others, they follow from numbering and type size.
    """
    given = [max(title.level, 1) if title.level is not None else None for title in titles]
    numbers = numbers_of(title.text for title in titles)
    return _capped(_levels(titles, given, numbers, aspects))


def _levels(titles: Sequence[Block], given: Sequence[int | None], numbers: Numbers, aspects: Aspects) -> list[int]:
    known = {level for level in given if level is not None}
    if len(known) > 1 or (len(titles) == 1 and known):
        top = _flat_below(given, numbers)
        levels = _completed(given, numbers)
        found = _inferred(titles[top:], numbers[top:], aspects) if top else None
        if found and len(set(found[1])) > 1:
            return levels[:top] + [levels[top] - 1 + level for level in found[0]]
        return _unflattened(levels, numbers)
    inferred, _ = _inferred(titles, numbers, aspects)
    return inferred if len(set(inferred)) > 1 else [level or 1 for level in given]


def _flat_below(given: Sequence[int | None], numbers: Numbers) -> int:
    """How many titles without a number stand above all the others, which share one level; 0 if the levels tell more."""
    top = next((place for place, level in enumerate(given) if level != given[0]), 0)
    flat = set(given[top:])
    above = given[0] is not None and None not in flat and len(flat) == 1 and given[0] < (given[-1] or 0)
    return top if above and not any(numbers[:top]) else 0


def _inferred(titles: Sequence[Block], numbers: Numbers, aspects: Aspects) -> tuple[list[int], list[int]]:
    """Levels, and the depths of what is numbered."""
    depths = depths_of(numbers)
    sizes = [type_size(title, aspects.get(title.page_number, 0.707)) for title in titles]
    levels = levels_by_size(depths, sizes)
    if _named(titles, numbers, sizes) and levels[0] == 1 == min(levels[1:]):
        levels = [1, *(level + 1 for level in levels[1:])]
    return levels, [depth for depth in depths if depth is not None]


def _named(titles: Sequence[Block], numbers: Numbers, sizes: Sequence[float]) -> bool:
    """Whether the first title is the document's own name: the only one without a number, and no "Abstract"."""
    if len(titles) < 3 or numbers[0] is not None or None in numbers[1:]:
        return False
    first = numbers[1]
    fits = first is not None and first.parts[-1] == 1 and (not sizes[0] or alike(sizes[0], sizes[1]))
    return fits and " ".join(titles[0].text.casefold().split()).rstrip(":.") not in _FRONT


def _completed(given: Sequence[int | None], numbers: Numbers) -> list[int]:
    """Levels for the few titles without one: that of titles numbered alike, or else of the title before."""
    known = {number.style: level for level, number in zip(given, numbers, strict=True) if level and number}
    levels: list[int] = []
    for level, number in zip(given, numbers, strict=True):
        before = levels[-1] if levels else 1
        levels.append(level or (known.get(number.style, before) if number else before))
    return levels


def _unflattened(given: Sequence[int], numbers: Numbers) -> list[int]:
    """Numbers that a vendor put on one level though they stand above each other, nested; what is below moves along."""
    levels: list[int] = []
    stack: list[tuple[int, int, Number | None]] = []
    for level, number in zip(given, numbers, strict=True):
        while stack and (stack[-1][0] > level or (stack[-1][0] == level and not _above(stack[-1][2], number))):
            stack.pop()
        outer, moved, _ = stack[-1] if stack else (0, 0, None)
        levels.append(moved + max(level - outer, 1))
        stack.append((level, levels[-1], number))
    return levels


def _above(one: Number | None, number: Number | None) -> bool:
    return one is not None and number is not None and one.above(number)


def _capped(levels: list[int]) -> list[int]:
    """Levels no deeper than `DEEPEST`; deeper ones first lose their gaps."""
    if max(levels, default=0) <= DEEPEST:
        return levels
    dense = {level: min(place, DEEPEST) for place, level in enumerate(sorted(set(levels)), 1)}
    return [dense[level] for level in levels]
