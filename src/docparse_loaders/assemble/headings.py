"""The outline: which titles are headings, and of what level."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median

from docparse_loaders.assemble.numbering import ranks_of
from docparse_loaders.model import FURNITURE, Block, Heading, Outline

_ALIKE = 1.12
"""Type sizes that differ by less than this factor are taken for the same."""
_LETTER_WIDTH = 0.45
"""Of a line's height; Chinese and Japanese characters are about twice as wide."""
_LINES = range(1, 9)

Aspects = Mapping[int, float]


def with_headings(blocks: list[Block], aspects: Aspects) -> tuple[list[Block], Outline]:
    """Blocks with a level on every title, and the outline; blocks that need no change are the same objects.

    `aspects` has width / height of each page. Levels are the vendor's if it gave some that differ, and else follow from
    numbering and type size. A title that repeats a running header is one itself and becomes a `header`.
    """
    places = [place for place, block in enumerate(blocks) if block.kind == "title" and block.text.strip()]
    if not places:
        return blocks, Outline()
    running = _running(blocks, places)
    if running:
        places = [place for place in places if place not in running]
        blocks = [
            replace(block, kind="header", level=None) if place in running else block for place, block in enumerate(blocks)
        ]
    levels = _levels([blocks[place] for place in places], aspects)
    for place, level in zip(places, levels, strict=True):
        if blocks[place].level != level:
            blocks[place] = replace(blocks[place], level=level)
    return blocks, Outline(tuple(_heading(blocks[place]) for place in places))


def _heading(block: Block) -> Heading:
    return Heading(block.id, " ".join(block.text.split()), block.level or 1, block.page_number)


def _running(blocks: Sequence[Block], places: Sequence[int]) -> set[int]:
    """The titles that say what furniture of an earlier page, or of a page after an equal title, says.

    A chapter's own title may run as header over the pages that follow it, so its first place counts as a heading.
    """
    first: dict[str, int] = {}
    for block in blocks:
        if block.kind in FURNITURE and block.text:
            words = _words(block)
            first[words] = min(first.get(words, block.page_number), block.page_number)
    found: set[int] = set()
    seen: set[str] = set()
    for place in places if first else ():
        words = _words(blocks[place])
        if words in first and (words in seen or first[words] < blocks[place].page_number):
            found.add(place)
        seen.add(words)
    return found


def _words(block: Block) -> str:
    return " ".join(block.text.casefold().split())


def _levels(titles: Sequence[Block], aspects: Aspects) -> list[int]:
    given = [title.level for title in titles]
    if None not in given and (len(titles) == 1 or len(set(given)) > 1):
        return [level or 1 for level in given]
    ranks = ranks_of([title.text for title in titles])
    if len(set(given) - {None}) > 1:
        return _completed(given, ranks)
    sizes = [_type_size(title, aspects) for title in titles]
    inferred = _inferred(ranks, sizes)
    return inferred if len(set(inferred)) > 1 else [level or 1 for level in given]


def _completed(given: Sequence[int | None], ranks: Sequence[int | None]) -> list[int]:
    """Levels for the few titles without one: that of titles numbered alike, or else of the title before."""
    known = {rank: level for level, rank in zip(given, ranks, strict=True) if level is not None and rank is not None}
    levels: list[int] = []
    for level, rank in zip(given, ranks, strict=True):
        before = levels[-1] if levels else 1
        levels.append(level or (known.get(rank, before) if rank is not None else before))
    return levels


def _inferred(ranks: Sequence[int | None], sizes: Sequence[float]) -> list[int]:
    """Numbered titles in the order of their ranks, the others among them by type size, the largest on top."""
    classes = [(rank, _median(sizes, ranks, rank)) for rank in sorted({rank for rank in ranks if rank is not None})]
    steps = _steps([size for rank, size in zip(ranks, sizes, strict=True) if rank is None and size])
    order: list[tuple[int | None, float]] = list(classes)
    for step in steps:
        if not any(_alike(step, size) for _, size in classes if size):
            place = next((i for i, (_, size) in enumerate(order) if size and size < step), len(order))
            order.insert(place, (None, step))
    found = [_level(order, rank, size) for rank, size in zip(ranks, sizes, strict=True)]
    compact = {level: number for number, level in enumerate(sorted(set(found)), 1)}
    return [compact[level] for level in found]


def _level(order: Sequence[tuple[int | None, float]], rank: int | None, size: float) -> int:
    if rank is not None:
        return next(i for i, (other, _) in enumerate(order, 1) if other == rank)
    if not size:
        return 1
    return min(enumerate(order, 1), key=lambda entry: (_distance(size, entry[1][1]), entry[0]), default=(1, (None, 0.0)))[0]


def _distance(size: float, other: float) -> float:
    """How unlike two sizes are; 0 for those that are alike."""
    ratio = max(size, other) / min(size, other) if other else 1e9
    return 0.0 if ratio < _ALIKE else ratio


def _alike(size: float, other: float) -> bool:
    return _distance(size, other) == 0.0


def _median(sizes: Sequence[float], ranks: Sequence[int | None], wanted: int) -> float:
    return median([size for size, rank in zip(sizes, ranks, strict=True) if rank == wanted and size] or [0.0])


def _steps(sizes: Sequence[float]) -> list[float]:
    """The distinct type sizes, largest first."""
    steps: list[float] = []
    for size in sorted(sizes, reverse=True):
        if not steps or not _alike(steps[-1], size):
            steps.append(size)
    return steps


def _type_size(title: Block, aspects: Aspects) -> float:
    """The height of one line of a title as a fraction of the page; 0 if it has no box.

    The number of lines is not known: it is the smallest for which the text fits into the box.
    """
    box = title.regions[0].bbox if title.regions else None
    if box is None or box.y1 <= box.y0 or box.x1 <= box.x0:
        return 0.0
    letters = sum(2 if char > "\u2e80" else 1 for char in title.text.strip()[:500])
    wide = (box.x1 - box.x0) * aspects.get(title.page_number, 0.707)
    height = box.y1 - box.y0
    return next((height / n for n in _LINES if letters * _LETTER_WIDTH * height / n <= wide * n * 1.1), height / _LINES[-1])
