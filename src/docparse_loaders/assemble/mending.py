"""Words that a line break has parted, made whole: soft hyphens vanish, hard ones stay or go as the document writes the word."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from docparse_loaders.joining import without_soft_hyphens
from docparse_loaders.model import Block, Kind

_AS_IT_IS: frozenset[Kind] = frozenset({"code", "equation"})
_BY_LINE: frozenset[Kind] = _AS_IT_IS | {"table", "toc"}
"""Kinds whose lines are no lines of running text."""
_SIGNS = ("\u00ad", "-\n", "\u2010\n", "- \n")
_SOFT_CODE = re.compile("&shy;|&#173;|&#xad;", re.IGNORECASE)
_PARTED = re.compile(
    r"(?<![\w\u2010-])((?:[^\W\d_]|[-\u2010])*[^\W\d_])"  # the word so far, perhaps a compound
    r"[-\u2010][^\S\n]*\n[^\S\n]*([^\W\d_]+(?:[-\u2010][^\W\d_]+)*)"
)
_AROUND = "()[]{}<>.,;:!?…'\"“”„‘’«»。，；：！？（）"


class Vocabulary(Container[str]):
    """The words of a document's running text, compound words as one, small and capital letters alike.

    They are collected on the first question, in one pass: most documents ask none.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = blocks

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and _spelt(word) in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        found: set[str] = set()
        for block in self._blocks:
            if block.kind not in _BY_LINE:
                found.update(without_soft_hyphens(block.text).split())
        return frozenset(_spelt(word.strip(_AROUND)) for word in found)


def _spelt(word: str) -> str:
    return word.casefold().replace("\u2010", "-")


def mend(blocks: list[Block], words: Container[str]) -> None:
    """Change the blocks, in their list, that have parted words; all others stay the same objects.

    A soft hyphen goes from all but code and formulas. A hyphen at the end of a line within a text goes with its line break if
    `words` have the whole word, only the line break if they have the compound, and else both stay.
    """
    for place in _suspects(blocks):
        text = blocks[place].text
        if any(sign in text for sign in _SIGNS):
            blocks[place] = _mended(blocks[place], words)


def _suspects(blocks: Sequence[Block]) -> list[int]:
    """The places of the few blocks that can have a parted word, told as cheaply as can be: nearly all have none."""
    return [
        place
        for place, block in enumerate(blocks)
        if (not (text := block.text).isascii() or (block.kind not in _BY_LINE and "\n" in text)) and block.kind not in _AS_IT_IS
    ]


def _mended(block: Block, words: Container[str]) -> Block:
    text, html = without_soft_hyphens(block.text), block.html
    if block.kind not in _BY_LINE:
        text = _PARTED.sub(lambda found: _whole(found, words), text)
    html = _SOFT_CODE.sub("", without_soft_hyphens(html)) if html else html
    return block if (text, html) == (block.text, block.html) else replace(block, text=text, html=html)


def _whole(found: re.Match[str], words: Container[str]) -> str:
    first, rest = found.groups()
    if f"{first}{rest}" in words:
        return f"{first}{rest}"
    return f"{first}-{rest}" if f"{first}-{rest}" in words else found[0]
