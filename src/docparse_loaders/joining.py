"""Text that a page break has cut, put together again: by script, by hyphenation, by kind of block."""

import re
from collections.abc import Container, Iterable

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
_SOFT = re.compile("\u00ad+(?:[^\\S\n]*\n[^\\S\n]*)?")
"""A place where a word may be broken, with the line break if it is broken there."""
_COMPOUND = re.compile(r"\w+[-\u2010]\w")
_TENS = frozenset(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_ONES = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)\b"
)
_FIRST_PARTS = frozenset(["self", "well", "long", "short", "high", "low", "half", "cross"])
"""First parts of compounds that are written with a hyphen, unless an ending makes another word of them."""
_ENDINGS = re.compile(
    r"(?:e[rd]s?|est|en(?:s|ed|ing)?|ing|ish|ness|less|l[yi]|y|age|hand|light|lights|way|ways|land|lands|road|roads|evity"
    r"|itude|itudes|itudinal|ish(?:ly|ness))\b"
)
_THOUSANDS = re.compile(r"(?:^|[\s(\[€$£¥])[-+−]?\d{1,3}(?:,\d{3})*,$")
_GROUP = re.compile(r"\d{3}(?!\d)")
_OPENING, _CLOSING, _EITHER = "‘«‹„‚「『", "’›」』", "\"'“”»"
_BY_LINE: frozenset[Kind] = frozenset({"code", "toc"})
_BY_ITEM: frozenset[Kind] = frozenset({"list", "reference"})


def join_texts(texts: Iterable[str], kind: Kind = "text", *, words: Container[str] | None = None) -> str:
    """Join the parts of one block, empty ones left out, in time linear in their length.

    Soft hyphens are taken out of all but code. `words` are those of the rest of the document, as they are written there: a
    hyphen between two parts stays if the compound is among them and the whole word is not, and goes in the other case.
    """
    parts = (text.strip("\r\n") if kind == "code" else _bare(text.strip()) for text in texts)
    joined: list[str] = []
    for part in filter(None, parts):
        if joined:
            cut, between = _joint(joined[-1], part, kind, words)
            joined[-1] = joined[-1][:-cut] if cut else joined[-1]
            joined.append(between)
        joined.append(part)
    return without_soft_hyphens("".join(joined)).strip() if kind != "code" else "".join(joined)


def without_soft_hyphens(text: str) -> str:
    """The text without marks of where a word may be broken, and without the line breaks after them."""
    return _SOFT.sub("", text) if _SOFT_HYPHEN in text else text


def _bare(text: str) -> str:
    """Without soft hyphens but for one at the end, which says that the word goes on."""
    if _SOFT_HYPHEN not in text:
        return text
    end = _SOFT_HYPHEN if text.endswith(_SOFT_HYPHEN) else ""
    bare = without_soft_hyphens(text).strip()
    return bare + end if bare else ""


def _joint(before: str, after: str, kind: Kind, words: Container[str] | None) -> tuple[int, str]:
    """How many characters to take off the end of `before`, and what to put between it and `after`."""
    if kind in _BY_LINE or (kind in _BY_ITEM and _ITEM.match(after)):
        return 0, "\n"
    last, first = before[-1], after[0]
    if last == _SOFT_HYPHEN:
        return 1, ""
    if last in _HYPHENS:
        return _hyphenated(before, after, words)
    tight = last in "([{/–—" and not before[-2:-1].isspace()
    if (
        tight
        or first in ",;:)]}"
        or _quoted(before, after)
        or _grouped(before, after)
        or _UNSPACED.match(last)
        or _UNSPACED.match(first)
    ):
        return 0, ""
    return 0, " "


def _quoted(before: str, after: str) -> bool:
    """Whether a mark of quotation at the border belongs to the word on its other side, told by what is beside it."""
    opened = before[-2:-1] in {"", " ", "\n", "(", "["}
    opening = before[-1] in _OPENING or before[-1] in _EITHER
    closed = after[1:2] in {"", " ", "\n"} or after[1:2] in ",;:.!?)]"
    return (opening and opened) or (after[0] in _CLOSING + _EITHER and closed)


def _grouped(before: str, after: str) -> bool:
    """Whether a number is broken between two groups of three digits."""
    return before[-1] == "," and _GROUP.match(after) is not None and _THOUSANDS.search(before[-20:]) is not None


def _hyphenated(before: str, after: str, words: Container[str] | None) -> tuple[int, str]:
    """A hyphen is taken off where it only marks the break of one word, and kept in "COVID-19" or "state-of-the-art"."""
    word = before[-60:].rsplit(maxsplit=1)[-1][:-1]
    if not word or _SUSPENDED.match(after):
        return 0, " "
    breaks_word = word[-1].isalpha() and after[0].isalpha() and after[0].islower()
    return (1 if breaks_word and not _is_compound(word, after[:60], words) else 0), ""


def _is_compound(word: str, after: str, words: Container[str] | None) -> bool:
    """Whether two parts of a word are written with a hyphen: as elsewhere in the document, as others beside it, or by habit."""
    rest = after.split(maxsplit=1)[0].rstrip(",.;:!?)]”’\"'")
    word = word.lstrip("([“‘\"'")
    if words is not None and (kept := f"{word}-{rest}" in words) != (f"{word}{rest}" in words):
        return kept
    if any(hyphen in word for hyphen in _HYPHENS) or _COMPOUND.match(rest):
        return True
    first = word.lower()
    return (first in _TENS and _ONES.match(rest) is not None) or (first in _FIRST_PARTS and not _ENDINGS.match(rest))
