"""Where the words and rows of a block stand that was joined over pages or columns.

Joining changes blank space, hyphens and bullets, so all other characters are counted; rows are counted as they were joined.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Span
from docparse_loaders.model import Block, Page, Region
from docparse_loaders.tables import Grid, grid_of
from docparse_loaders.tables.joining import joined

_SIGNS = r"\s\-\u2010\u00ad•◦▪●○■□‣∙·–—*+`$#\\"
_UNCOUNTED = re.compile(f"[{_SIGNS}]+")
_COUNTED = re.compile(f"[^{_SIGNS}]+")
_BLANK = re.compile(r"\s*")
_FEW = 4
"""So many places of one text are all named, where it is not known which of its words are at which."""


class _Stretch(NamedTuple):
    """`size` characters or rows and where they stand; `tail` signs that are not counted follow the last of them."""

    size: int
    regions: tuple[Region, ...]
    tail: int = 0


class Places:
    """The places of what a document's blocks say; only a block of several regions is looked at closely."""

    __slots__ = ("_pages", "_parts")

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._parts: dict[str, list[Block]] | None = None

    def of(self, block: Block, text: str) -> tuple[Span, ...] | None:
        """The spans of a block's whole text as it is shown; None if all of it stands in one place."""
        if len(block.regions) < 2:
            return None
        stretches = _stretches(block, self._joined_from(block), text)
        if len(stretches) == 1:
            return tuple(_shares(block.id, 0, len(text), block.regions))
        return tuple(_spans(block.id, text, stretches))

    def rows(self, block: Block, grid: Grid) -> "RowPlaces | None":
        """The places of a table's rows; None if they stand in one place."""
        return RowPlaces(block, grid, self._joined_from(block)) if len(block.regions) > 1 else None

    def _joined_from(self, block: Block) -> Sequence[Block]:
        if self._parts is None:
            self._parts = _parts(self._pages)
        parts = self._parts.get(block.id, ())
        same = tuple([region for part in parts for region in part.regions]) == block.regions
        return parts if same else ()


class RowPlaces:
    """The regions of the rows of one table: those of the parts that hold them, all where that cannot be known."""

    __slots__ = ("_begins", "_ends", "_regions")

    def __init__(self, block: Block, grid: Grid, parts: Sequence[Block]) -> None:
        """`block` is the joined table, `grid` what it holds and `parts` the blocks that it was joined from."""
        spans = sorted(_row_spans(block, grid, parts))
        self._begins = [span.start for span in spans]
        self._ends = [span.stop for span in spans]
        self._regions = [span.regions for span in spans]

    def of(self, first: int, last: int) -> tuple[Region, ...]:
        """Where the rows from `first` to `last` stand, inclusive; a row over a page break stands on both pages."""
        groups = self._regions[bisect_right(self._ends, first) : bisect_right(self._begins, last)]
        return tuple(dict.fromkeys([region for group in groups for region in group]))

    def runs(self, first: int, last: int) -> Iterator[tuple[int, int, tuple[Region, ...]]]:
        """The rows from `first` to `last`, inclusive, in runs of the same place: first row, last row and place of each."""
        low, high = bisect_right(self._ends, first), bisect_right(self._begins, last)
        borders = {*self._begins[low:high], *self._ends[low:high]}
        inner = sorted(border for border in borders if first < border <= last)
        for begin, end in pairwise([first, *inner, last + 1]):
            yield begin, end - 1, self.of(begin, end - 1)


def _parts(pages: Iterable[Page]) -> dict[str, list[Block]]:
    """The blocks that go on over pages or columns: the id of the first part and all parts in order."""
    heads: dict[tuple[str, bool], Block] = {}
    found: dict[str, list[Block]] = {}
    for block in (block for page in pages for block in page.blocks):
        is_table = block.kind == "table"
        head = heads.get((block.continues, is_table), block) if block.continues is not None else block
        heads.setdefault((block.id, is_table), head)
        if head is not block:
            found.setdefault(head.id, [head]).append(block)
    return found


def _shares(name: str, start: int, stop: int, regions: tuple[Region, ...]) -> Iterator[Span]:
    """Text of which it is not known which part stands where: all of it in each of a few places.

    It is spread over many as if evenly, each part with the places before and after, lest a hostile document names them all
    in each of its chunks.
    """
    size, count = stop - start, len(regions)
    steps = 1 if count <= _FEW else min(count, size)
    for step in range(steps):
        low, high = step * count // steps, (step + 1) * count // steps
        begin, end = start + step * size // steps, start + (step + 1) * size // steps
        yield Span(begin, end, name, regions[max(low - 1, 0) : high + 1] if steps > 1 else regions)


def _stretches(block: Block, parts: Sequence[Block], text: str) -> list[_Stretch]:
    """How many counted characters of the text each part has; one for all if that does not add up.

    Where a vendor moved the words of a part to the one before, they stand in both places.
    """
    sizes = [len(_UNCOUNTED.sub("", part.text)) for part in parts]
    if not parts or sum(sizes) != len(_UNCOUNTED.sub("", text)):
        return [_Stretch(len(text), block.regions)]
    tails = [_tail(part.text) for part in parts]
    return _gathered(zip(sizes, [part.regions for part in parts], tails, strict=True))


def _gathered(parts: Iterable[tuple[int, tuple[Region, ...], int]]) -> list[_Stretch]:
    """What is empty with the one before it; at the beginning, with the one after it."""
    sizes, places, tails = list[int](), list[list[Region]](), list[int]()
    for size, regions, tail in parts:
        if sizes and not (size and sizes[-1]):
            places[-1] += regions
            sizes[-1], tails[-1] = sizes[-1] or size, tails[-1] or tail
        else:
            sizes.append(size)
            places.append(list(regions))
            tails.append(tail)
    return [_Stretch(size, tuple(found), tail) for size, found, tail in zip(sizes, places, tails, strict=True)]


def _tail(text: str) -> int:
    """How many signs follow the last counted character."""
    text = text.rstrip()
    signs = _UNCOUNTED.match(text[::-1])
    return signs.end() if signs else 0


def _spans(name: str, text: str, stretches: Sequence[_Stretch]) -> Iterator[Span]:
    start = 0
    last = len(text.rstrip())
    ends = list(_ends(text, stretches))
    for stretch, end in zip(stretches, [*ends[:-1], last], strict=True):
        yield from _shares(name, start, end, stretch.regions)
        blank = _BLANK.match(text, end)
        start = blank.end() if blank else end


def _ends(text: str, stretches: Sequence[_Stretch]) -> Iterator[int]:
    """Where each stretch of the text ends: after its last counted character and the signs that belong to it."""
    runs, seen, stop = _COUNTED.finditer(text), 0, 0
    following = next(runs, None)
    for stretch, wanted in zip(stretches, accumulate(stretch.size for stretch in stretches), strict=True):
        while seen < wanted and following is not None:
            seen += len(following[0])
            stop = following.end()
            following = next(runs, None)
        if seen > wanted:
            yield stop - (seen - wanted)
        else:
            end = min(stop + stretch.tail, following.start() if following is not None else len(text))
            while end > stop and text[end - 1].isspace():
                end -= 1
            yield end


def _row_spans(block: Block, grid: Grid, parts: Sequence[Block]) -> Iterator[Span]:
    """The rows of each part. A part without rows of its own is with the one before."""
    filled = [part for part in parts if part.html or part.text]
    whole = joined(*map(grid_of, filled)) if filled else None
    if whole is None or not grid.height or whole.grid.height != grid.height:
        yield from _shares(block.id, 0, grid.height, block.regions)
        return
    spoken = iter(zip(whole.begins, whole.ends, strict=True))
    rows = [next(spoken) if part.html or part.text else (0, 0) for part in parts]
    sizes = ((end - begin, part.regions, 0) for part, (begin, end) in zip(parts, rows, strict=True))
    held = [pair for pair in rows if pair[0] < pair[1]]
    for (begin, end), stretch in zip(held, _gathered(sizes), strict=True):
        yield from _shares(block.id, begin, end, stretch.regions)
