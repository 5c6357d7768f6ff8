"""The outline: which blocks are headings, and of what level."""

from collections.abc import Sequence
from dataclasses import replace

from docparse_loaders.assemble.contents import contents_lines
from docparse_loaders.assemble.levels import Aspects, levels_of
from docparse_loaders.assemble.promotion import numbered_lines
from docparse_loaders.assemble.running import running_titles
from docparse_loaders.model import FURNITURE, Block, Heading, Kind, Outline

_MARKED: frozenset[Kind] = FURNITURE | {"title"}


def with_headings(blocks: list[Block], aspects: Aspects) -> tuple[list[Block], Outline]:
    """The same list with a level on every title, and the outline; blocks that need no change are the same objects.

    `aspects` has width / height of each page. A title that runs at the edge of the pages becomes a `header` or `footer`, a
    line of the contents a `toc`; in a document without any title, numbered lines become titles.
    """
    places, furniture = _titles_and_furniture(blocks)
    if places:
        changed: dict[int, Kind] = {**running_titles(blocks, places, furniture), **contents_lines(blocks, places)}
        places = [place for place in places if place not in changed]
    else:
        changed = dict.fromkeys(numbered_lines(blocks), "title")
        places = [place for place in changed if blocks[place].text.strip()]
    for place, kind in changed.items():
        blocks[place] = replace(blocks[place], kind=kind, level=None)
    for place, level in zip(places, levels_of([blocks[place] for place in places], aspects), strict=True):
        if blocks[place].level != level:
            blocks[place] = replace(blocks[place], level=level)
    return blocks, Outline(tuple(_heading(blocks[place]) for place in places))


def _titles_and_furniture(blocks: Sequence[Block]) -> tuple[list[int], list[Block]]:
    """The places of titles with text, and the furniture: one pass over all blocks for both."""
    marked = [place for place, block in enumerate(blocks) if block.kind in _MARKED]
    titles = [place for place in marked if blocks[place].kind == "title" and blocks[place].text.strip()]
    return titles, [blocks[place] for place in marked if blocks[place].kind in FURNITURE]


def _heading(block: Block) -> Heading:
    return Heading(block.id, " ".join(block.text.split()), block.level or 1, block.page_number)
