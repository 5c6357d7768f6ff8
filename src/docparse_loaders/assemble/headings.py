"""The outline: which blocks are headings, and of what level."""

from collections.abc import Sequence
from dataclasses import replace

from docparse_loaders.assemble.contents import contents_lines
from docparse_loaders.assemble.levels import Aspects, levels_of
from docparse_loaders.assemble.promotion import numbered_lines
from docparse_loaders.assemble.running import running_titles
from docparse_loaders.model import Block, Heading, Kind, Outline


def with_headings(blocks: list[Block], aspects: Aspects) -> tuple[list[Block], Outline]:
    """Blocks with a level on every title, and the outline; blocks that need no change are the same objects.

    `aspects` has width / height of each page. A title that runs at the edge of the pages becomes a `header` or `footer`, a
    line of the contents a `toc`; in a document without any title, numbered lines become titles.
    """
    places = _titles(blocks)
    if places:
        changed: dict[int, Kind] = {**running_titles(blocks, places), **contents_lines(blocks, places)}
    else:
        changed = dict.fromkeys(numbered_lines(blocks), "title")
    if changed:
        blocks = [_as(block, changed[place]) if place in changed else block for place, block in enumerate(blocks)]
        places = _titles(blocks)
    for place, level in zip(places, levels_of([blocks[place] for place in places], aspects), strict=True):
        if blocks[place].level != level:
            blocks[place] = replace(blocks[place], level=level)
    return blocks, Outline(tuple(_heading(blocks[place]) for place in places))


def _titles(blocks: Sequence[Block]) -> list[int]:
    return [place for place, block in enumerate(blocks) if block.kind == "title" and block.text.strip()]


def _as(block: Block, kind: Kind) -> Block:
    return replace(block, kind=kind, level=None)


def _heading(block: Block) -> Heading:
    return Heading(block.id, " ".join(block.text.split()), block.level or 1, block.page_number)
