"""Headings of a page: SCNet has no level on its blocks, but its Markdown has the same texts behind `#`."""

import re
from typing import Self

_LINE = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_MARKED = re.compile(r"(#{1,6})[ \t]+(\S[^\n]*)")
_NOISE = re.compile(r"[\s\\*_`#]+")
_SLACK = 40
"""How much longer than a heading in Markdown, marks and spaces included, its block's text may be."""


class Headings:
    """The headings of one page that no block has been found for yet."""

    __slots__ = ("_levels", "_longest")

    def __init__(self, levels: dict[str, list[int]], longest: int = 0) -> None:
        self._levels = levels
        self._longest = longest

    @classmethod
    def of(cls, markdown: str) -> Self:
        """Those in a page's Markdown."""
        levels: dict[str, list[int]] = {}
        longest = 0
        if "#" in markdown:
            for marks, text in _LINE.findall(markdown):
                levels.setdefault(_bare(text), []).append(len(marks))
                longest = max(longest, len(text) + _SLACK)
        return cls(levels, longest)

    def find(self, text: str) -> tuple[str, int | None]:
        """The text of a block without a mark of its own, and its level if it is a heading; each heading is found once."""
        marked = _MARKED.fullmatch(text) if text.startswith("#") else None
        if marked is not None:
            text = marked[2].rstrip("# \t")
        # Most blocks are paragraphs, longer than any heading: they are not looked up.
        level = self._taken(_bare(text)) if len(text) <= self._longest else None
        return text, len(marked[1]) if marked is not None else level

    def _taken(self, bare: str) -> int | None:
        levels = self._levels.get(bare)
        if levels is None:
            return None
        level = levels.pop(0)
        if not levels:
            del self._levels[bare]
        return level


def _bare(text: str) -> str:
    """What is left of a text when Markdown's marks and all spaces are gone."""
    return _NOISE.sub("", text)
