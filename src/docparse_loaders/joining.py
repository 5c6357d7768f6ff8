"""Text that a page break has cut, put together again: by script, by hyphenation, by kind of block."""

import re
from collections.abc import Iterable

from docparse_loaders.model import Kind

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"  # Chinese, Japanese, their punctuation
)
"""Characters next to which no space is written; Korean puts spaces between words and is not among them."""

_ITEM = re.compile(
    r"(?:[-–—*+•◦▪●○■□‣∙·]\s"
    r"|[(（]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})(?:[.)）](?=\s)|[)）、．])"
    r"|\[\d{1,4}\]\s?|[①-⑳])"
)
_SUSPENDED = re.compile(r"(?:and|or|to|und|oder|bzw|bis|et|ou|y|o|e)\b")
_HYPHENS = ("-", "\u2010")
_SOFT_HYPHEN = "\u00ad"
_BY_LINE: frozenset[Kind] = frozenset({"code", "toc"})
_BY_ITEM: frozenset[Kind] = frozenset({"list", "reference"})


def join_texts(texts: Iterable[str], kind: Kind = "text") -> str:
    """Join the parts of one block, empty ones left out, in time linear in their length."""
    parts = (text.strip("\r\n") if kind == "code" else text.strip() for text in texts)
    joined: list[str] = []
    for part in filter(None, parts):
        if joined:
            cut, between = _joint(joined[-1], part, kind)
            joined[-1] = joined[-1][:-cut] if cut else joined[-1]
            joined.append(between)
        joined.append(part)
    return "".join(joined)


def _joint(before: str, after: str, kind: Kind) -> tuple[int, str]:
    """How many characters to take off the end of `before`, and what to put between it and `after`."""
    if kind in _BY_LINE or (kind in _BY_ITEM and _ITEM.match(after)):
        return 0, "\n"
    last, first = before[-1], after[0]
    if last == _SOFT_HYPHEN:
        return 1, ""
    if last in _HYPHENS:
        return _hyphenated(before, after)
    tight = last in "([{/–—" and not before[-2:-1].isspace()
    if tight or first in ",;:)]}" or _UNSPACED.match(last) or _UNSPACED.match(first):
        return 0, ""
    return 0, " "


def _hyphenated(before: str, after: str) -> tuple[int, str]:
    """A hyphen is taken off where it only marks the break of one word, and kept in "COVID-19" or "state-of-the-art"."""
    word = before[-60:].rsplit(maxsplit=1)[-1][:-1]
    if not word or _SUSPENDED.match(after):
        return 0, " "
    breaks_word = word[-1].isalpha() and after[0].isalpha() and after[0].islower()
    compound = any(hyphen in word for hyphen in _HYPHENS)
    return (1 if breaks_word and not compound else 0), ""
