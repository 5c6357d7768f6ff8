"""On which page a stretch of a text stands that was joined over pages."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from docparse_loaders.model import Block, Page, Region

_SIGNS = re.compile(r"[\W_]+")


class Stretches:
    """The regions of one piece of a text after the other: those of the parts that hold it, all where that cannot be known.

    Letters and figures are counted: a join changes only blank space, hyphens and bullets.
    """

    __slots__ = ("_ends", "_parts", "_passed", "_regions", "_shown")

    def __init__(self, block: Block, text: str, parts: Sequence[Block]) -> None:
        """`block` is the joined one, `text` what is shown of it and `parts` the blocks that it was joined from."""
        self._regions = block.regions
        self._parts = parts
        self._passed = self._shown = 0
        self._ends = list(accumulate(_letters(part.text) for part in parts))
        same = tuple([region for part in parts for region in part.regions]) == block.regions
        if not same or self._ends[-1:] != [_letters(text)]:
            self._ends = []

    def following(self, text: str) -> tuple[Region, ...]:
        """Where the next piece of the text stands."""
        if not self._ends:
            return self._regions
        first = bisect_right(self._ends, self._passed)
        self._passed += _letters(text)
        last = len(self._parts) if self._passed >= self._ends[-1] else bisect_left(self._ends, self._passed) + 1
        # A part of signs alone is between two others.
        first, self._shown = min(first, self._shown), last
        return tuple([region for part in self._parts[first:last] for region in part.regions])


def text_parts(pages: Iterable[Page]) -> dict[str, list[Block]]:
    """The texts that go on over pages: the id of the first part and all parts in order."""
    heads: dict[str, str] = {}
    found: dict[str, list[Block]] = {}
    for block in (block for page in pages for block in page.blocks if block.kind != "table"):
        head = heads.get(block.continues or "", block.id)
        heads.setdefault(block.id, head)
        found.setdefault(head, []).append(block)
    return {head: parts for head, parts in found.items() if len(parts) > 1}


def _letters(text: str) -> int:
    return len(_SIGNS.sub("", text))
