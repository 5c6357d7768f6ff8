"""Running titles: what a vendor calls a title and the pages repeat at their edge."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from docparse_loaders.assemble.numbering import readings
from docparse_loaders.model import Block, Kind

_BAND = 0.08
"""Of the page's height, at its top and bottom: there stand running titles."""
_PAGES = 3
"""So many pages, or half of a short document, make words running ones."""
_LARGER = 1.12
_DIGITS = re.compile(r"\d+")
_Key = tuple[Kind, str]


def running_titles(blocks: Sequence[Block], places: Sequence[int], furniture: Sequence[Block]) -> dict[int, Kind]:
    """The titles, by their place, that are headers or footers; `furniture` is that of all pages.

    That is: what furniture of an earlier page, or of a page after an equal title, says; and what stands with the same words
    at the edge of three pages or half of all. A number among the words may count the pages. A title that opens such a row in
    a larger type, or with the only number of its kind, is a heading that then runs.
    """
    found: dict[int, Kind] = dict.fromkeys(_echoes(blocks, places, furniture), "header")
    banded = [(place, band) for place in places if place not in found and (band := _band(blocks[place]))]
    if len(banded) > 1:
        found.update(_repeated(blocks, banded, {_words(blocks[place]) for place in places if not _band(blocks[place])}))
    return found


def _echoes(blocks: Sequence[Block], places: Sequence[int], furniture: Sequence[Block]) -> Iterator[int]:
    """A chapter's own title may run as header over the pages that follow it, so its first place counts as a heading."""
    first: dict[str, int] = {}
    for text, page in _first_pages(furniture).items():
        words = _said(text)
        first[words] = min(first.get(words, page), page)
    seen: set[str] = set()
    for place in places if first else ():
        words = _words(blocks[place])
        if words in first and (words in seen or first[words] < blocks[place].page_number):
            yield place
        seen.add(words)


def _first_pages(furniture: Iterable[Block]) -> dict[str, int]:
    """The first page of each text as it is written, so that what runs over all pages is looked at once."""
    first: dict[str, int] = {}
    for block in furniture:
        text, page = block.text, block.page_number
        if text and first.get(text, page) >= page:
            first[text] = page
    return first


def _repeated(blocks: Sequence[Block], banded: Sequence[tuple[int, Kind]], elsewhere: set[str]) -> dict[int, Kind]:
    pages = len({region.page_number for block in blocks for region in block.regions})
    needed = min(_PAGES, max(2, (pages + 1) // 2))
    same: dict[_Key, list[int]] = defaultdict(list)
    for place, band in banded:
        same[band, _words(blocks[place])].append(place)
    counted: dict[_Key, list[int]] = defaultdict(list)
    found: dict[int, Kind] = {}
    for (band, words), row in same.items():
        if _pages(blocks, row) >= needed:
            found.update(dict.fromkeys(row[_opens(blocks, row, words in elsewhere) :], band))
        elif any(char.isdigit() for char in words):
            counted[band, _DIGITS.sub("#", words)].extend(row)
    for (band, _), row in counted.items():
        if _pages(blocks, row) >= needed and _counts_pages([blocks[place] for place in row]):
            found.update(dict.fromkeys(row, band))
    return found


def _opens(blocks: Sequence[Block], row: Sequence[int], elsewhere: bool) -> bool:
    """Whether the first of a row is the heading itself."""
    heights = [_height(blocks[place]) for place in row]
    larger = heights[0] > _LARGER * max(heights[1:], default=0.0)
    return larger or (not elsewhere and bool(readings(blocks[row[0]].text)))


def _counts_pages(row: Sequence[Block]) -> bool:
    """Whether every number stays as it is or goes with the page, and is not that of a chapter."""
    if any(number.word is not None for number in readings(row[0].text)):
        return False
    numbers = [[int(digits[:9]) for digits in _DIGITS.findall(block.text)] for block in row]
    pages = [block.page_number for block in row]
    return all(_steady(column) or _steady(_differences(column, pages)) for column in zip(*numbers, strict=True))


def _differences(column: Sequence[int], pages: Sequence[int]) -> list[int]:
    return [number - page for number, page in zip(column, pages, strict=True)]


def _steady(values: Iterable[int]) -> bool:
    return len(set(values)) == 1


def _pages(blocks: Sequence[Block], row: Iterable[int]) -> int:
    return len({blocks[place].page_number for place in row})


def _band(block: Block) -> Kind | None:
    box = block.regions[0].bbox if block.regions else None
    if box is None:
        return None
    return "header" if box.y1 <= _BAND else "footer" if box.y0 >= 1 - _BAND else None


def _height(block: Block) -> float:
    box = block.regions[0].bbox if block.regions else None
    return box.y1 - box.y0 if box else 0.0


def _words(block: Block) -> str:
    return _said(block.text)


def _said(text: str) -> str:
    return " ".join(text.casefold().split())
