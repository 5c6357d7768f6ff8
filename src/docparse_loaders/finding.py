"""Where in a document some words stand: the places of a quotation, told by letters and not by line breaks."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from docparse_loaders.folding import FRAME, letters, weight, words
from docparse_loaders.model import FURNITURE, Block, Page, Region
from docparse_loaders.tables import Grid, grid_of
from docparse_loaders.tables.joining import joined

_APART = "\x02"
"""Stands between pieces of furniture, which no sentence runs through."""
_LETTERS = re.compile(r"[^\W_]+")
_LEAST_PART, _LEAST_WEIGHT = 3, 12

Places = tuple[Region, ...]


class _Stretch(NamedTuple):
    """Folded text and where it stands."""

    text: str
    places: Places


class _Text(NamedTuple):
    """All stretches as one text; stretch `n` begins at `starts[n]`."""

    text: str
    starts: Sequence[int]

    def stretches(self, wanted: str) -> Iterator[range]:
        """Which stretches each place touches where `wanted` stands; places do not overlap."""
        at = self.text.find(wanted)
        while at != -1:
            end = at + len(wanted)
            yield range(bisect_right(self.starts, at) - 1, bisect_left(self.starts, end))
            at = self.text.find(wanted, end)


class Finder:
    """Finds text in a document. The index is made once, in time linear in the document, and each search reads it once.

    Text is read in reading order over blocks, page furniture after everything else.
    """

    def __init__(self, blocks: Sequence[Block], pages: Iterable[Page]) -> None:
        """`blocks` are the assembled ones, `pages` hold the parts that they were joined from."""
        self._stretches = list(_all_stretches(blocks, _parts(pages)))

    def find(self, text: str) -> Places:
        """Where `text` stands: as whole words, else as part of words, else (a long one) by its letters alone."""
        wanted = words(text)
        if not wanted:
            return ()
        part, bare = _unframed(wanted), letters(wanted)
        return (
            self._places(self._words, wanted)
            or (self._places(self._words, part) if len(part) >= _LEAST_PART else ())
            or (self._places(self._letters, bare) if weight(bare) >= _LEAST_WEIGHT else ())
        )

    @cached_property
    def _words(self) -> _Text:
        return _text([stretch.text for stretch in self._stretches])

    @cached_property
    def _letters(self) -> _Text:
        return _text([letters(stretch.text) for stretch in self._stretches])

    def _places(self, text: _Text, wanted: str) -> Places:
        touched = dict.fromkeys(number for found in text.stretches(wanted) for number in found)
        places = dict.fromkeys(place for number in touched for place in self._stretches[number].places)
        return tuple(sorted(places, key=lambda place: place.page_number))


def _text(texts: Sequence[str]) -> _Text:
    return _Text("".join(texts), list(accumulate(map(len, texts[:-1]), initial=0)))


def _unframed(wanted: str) -> str:
    """Words of which the first and the last may be the end and the beginning of longer ones; a number is no part of one."""
    begin = 1 if wanted[0] == FRAME and not wanted[1].isdigit() else 0
    end = len(wanted) - (wanted[-1] == FRAME and not wanted[-2].isdigit())
    return wanted[begin:end]


def _parts(pages: Iterable[Page]) -> Mapping[str, Sequence[Block]]:
    """Of each block that goes on over pages, all parts in order, by the id of the first."""
    heads: dict[str, str] = {}
    found: dict[str, list[Block]] = {}
    for block in (block for page in pages for block in page.blocks):
        head = heads.get(block.continues or "", block.id)
        heads.setdefault(block.id, head)
        found.setdefault(head, []).append(block)
    return {head: parts for head, parts in found.items() if len(parts) > 1}


def _all_stretches(blocks: Sequence[Block], parts: Mapping[str, Sequence[Block]]) -> Iterator[_Stretch]:
    flow = [block for block in blocks if block.kind not in FURNITURE]
    for block in flow:
        yield from _stretches(block, parts.get(block.id, ()))
    for block in blocks if len(flow) < len(blocks) else ():
        if block.kind in FURNITURE:
            yield _Stretch(_APART, ())
            yield from _stretches(block, parts.get(block.id, ()))


def _stretches(block: Block, parts: Sequence[Block]) -> Iterator[_Stretch]:
    """A block's text, cut where it goes over to another page if that is known."""
    known = tuple(region for part in parts for region in part.regions) == block.regions
    if block.kind == "table":
        yield from _rows(block, grid_of(block), parts if known else ())
        return
    text = words(block.text or block.latex or "")
    said = [words(part.text) for part in parts] if known else []
    if not said or sum(map(_count, said)) != _count(text):
        yield _Stretch(text, block.regions)
        return
    begin = 0
    for part, end in zip(parts, [*_ends(text, said[:-1]), len(text)], strict=True):
        yield _Stretch(text[begin:end], part.regions)
        begin = end


def _count(folded: str) -> int:
    return len(letters(folded))


def _ends(text: str, parts: Iterable[str]) -> Iterator[int]:
    """Where each part ends in the text that was joined from them: after its last letter and the signs that follow it there."""
    passed = wanted = end = last = 0
    runs = _LETTERS.finditer(text)
    for part in parts:
        wanted += _count(part)
        while passed < wanted:
            run = next(runs)
            end, passed = run.end(), passed + len(run[0])
        last = max(last, end - (passed - wanted))
        signs = part[next((at for at in range(len(part), 0, -1) if part[at - 1].isalnum()), 0) :]
        last += len(signs) if text.startswith(signs, last) else 0
        yield last


def _rows(block: Block, grid: Grid, parts: Sequence[Block]) -> Iterator[_Stretch]:
    if grid.caption:
        yield _Stretch(words(grid.caption), block.regions)
    if not grid.rows:
        yield _Stretch(words(block.text or block.latex or ""), block.regions)
    rows = [words(" ".join(row)) for row in grid.rows]
    grids = [grid_of(part) for part in parts]
    whole = joined(*grids) if grids and all(part.rows for part in grids) else None
    if whole is None or whole.grid.height != grid.height:
        yield _Stretch("".join(rows), block.regions)
        return
    for number, row in enumerate(rows):
        of = parts[bisect_right(whole.ends, number) : bisect_right(whole.begins, number)]
        yield _Stretch(row, tuple([region for part in of for region in part.regions]))
