"""Headings of a page: SCNet has no level on its blocks, but its Markdown has the same texts behind `#`."""

import re
from typing import Self

_LINE = re.compile(r"^ {0,3}(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_MARKED = re.compile(r"(#{1,6})[ \t]+(\S[^\n]*)")
_NOISE = re.compile(r"[\s\\*_`#]+")
_LONGEST = 400


class Headings:
    """The headings of one page that no block has been found for yet."""

    __slots__ = ("_levels",)

    def __init__(self, levels: dict[str, list[int]]) -> None:
        self._levels = levels

    @classmethod
    def of(cls, markdown: str) -> Self:
        """Those in a page's Markdown."""
        levels: dict[str, list[int]] = {}
        if "#" in markdown:
            for marks, text in _LINE.findall(markdown):
                levels.setdefault(_bare(text), []).append(len(marks))
        return cls(levels)

    def find(self, text: str) -> tuple[str, int | None]:
        """The text of a block without a mark of its own, and its level if it is a heading; each heading is found once."""
        marked = _MARKED.fullmatch(text) if text.startswith("#") else None
        if marked is not None:
            text = marked[2].rstrip("# \t")
        found = self._levels.get(_bare(text), []) if self._levels and len(text) <= _LONGEST else []
        level = found.pop(0) if found else None
        return text, len(marked[1]) if marked is not None else level


def _bare(text: str) -> str:
    """What is left of a text when Markdown's marks and all spaces are gone."""
    return _NOISE.sub("", text)
