"""What a heading's own numbering says: "1.2.3", "第三章", "Article IV", "Appendix B", "（一）".

A number has a *style* (the form in which it is written), and up to three ranks, one in each family whose order is fixed:
words (编 > 章 > 节 > 条; Part > Chapter > Section > §), decimals (1 > 1.1) and marks (一、 > （一） > 1. > （1） > ①).
Styles of no common family have no order of their own: see `nesting`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from docparse_loaders.assemble.numerals import (
    CHINESE,
    ENGLISH,
    GERMAN,
    KOREAN,
    chinese_value,
    letter_value,
    roman_value,
    value_of,
)
from docparse_loaders.assemble.words import APPENDICES, AROUND, ARTICLE, BEFORE, CHAPTER, SCHEDULES, SECTION


class Number(NamedTuple):
    """How a heading is numbered; of the three ranks, lower stands higher and None is outside of the family.

    `parts` are the values: (3, 2) for 3.2, (4,) for Article IV. `lettered` tells B.1 from 2.1. `weak` numbers could as well be
    words ("24 hours of heat"): they count only beside a neighbour.
    """

    style: str
    parts: tuple[int, ...]
    word: int | None = None
    decimal: int | None = None
    mark: int | None = None
    lettered: bool = False
    weak: bool = False
    appendix: bool = False

    def leads(self, other: "Number") -> bool:
        """Whether `other` carries this number and goes on: 3 and 3.1, Chapter 3 and 3.1, Appendix B and B.1."""
        size = len(self.parts)
        return size < len(other.parts) and other.parts[:size] == self.parts and self.lettered == other.lettered

    def above(self, other: "Number") -> bool:
        """Whether it stands above `other` in every document: by its digits, or by the order of a family."""
        if self.decimal is not None and other.decimal is not None:
            return self.leads(other)
        words = not (self.appendix or other.appendix) and _less(self.word, other.word)
        return self.leads(other) or words or _less(self.mark, other.mark)


def _less(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one < other


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


_NUMERAL = rf"(?:\d{{1,3}}|[IVXLC]{{1,7}}|[ivxlc]{{2,7}}|[A-Z]|(?i:{ENGLISH}))"
_CHINESE = rf"[\d{CHINESE}]{{1,6}}"
_END = r"(?=\s|$|[^\w]|[^\x00-\u024f])"
_BEFORE = re.compile(rf"((?i:{_any(BEFORE)}))(?:\s+|(?=\d))({_NUMERAL})((?:\.\d{{1,3}}){{0,8}})[A-Za-z]?{_END}")
_ORDINAL = re.compile(rf"(?i:({GERMAN})[rs]?\s+({_any(BEFORE)}))\b")
_AROUND = re.compile(rf"[第제]\s*({_CHINESE})\s*({_any(AROUND)})")
_APPENDIX = re.compile(
    rf"(?i:{_any((*APPENDICES, *SCHEDULES))})(?:\s+|(?=\d))({_NUMERAL}|[{KOREAN}]){_END}"
    rf"|(?i:{_any(APPENDICES)})\s*$|附[录錄件則则表]\s*({_CHINESE}|[A-Z](?![a-z]))?"
)
_DECIMAL = re.compile(r"([A-Z]\.\d{1,3}|\d{1,3})((?:\.\d{1,3}){0,8})([.、]|(?<=\.\d)\)|)(?=\s|$|[^\W\d_a-zA-Z])")
_ENCLOSED = re.compile(
    rf"(\()?(\d{{1,3}}|[A-Za-z]|[IVXLC]{{2,7}}|[ivxlc]{{2,7}}|[{CHINESE}]{{1,6}}|[{KOREAN}])"
    r"(?:(\.)(?=\s|$|[^\W\d_a-zA-Z])|([)、])(?=\s|$|[^\W\d_]))"
)
_BARE = re.compile(r"(?:([A-Z])(\d{1,2})|([IVXLC]{1,7})|([A-Z]))\s+(?=[A-Z\d]|[^\W\d_a-zA-Z])")
_OPENINGS = frozenset(word[:2].lower() for word in (*BEFORE, *APPENDICES, *SCHEDULES, *GERMAN.split("|")))
"""The first letters of all words that number a heading, by which most headings are told to have none."""
_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(20)}
_MARKS = {"一、": 0, "一.": 0, "(一)": 1, "1.": 2, "1、": 2, "(1)": 3, "①": 4}
"""The order of enumerations in Chinese documents."""


def readings(text: str) -> list[Number]:
    """All that a heading's beginning may mean, the likeliest first: "C." is a letter or, after XCIX, a Roman numeral."""
    head = text[:200].lstrip()[:80]
    if head[:1] in _CIRCLED:
        return [Number("①", (_CIRCLED[head[0]],), mark=_MARKS["①"])]
    if not head.isascii():
        head = unicodedata.normalize("NFKC", head)
    if head[:1].isdigit():
        return _decimal(head) or list(_enclosed(head))
    word = _word(head) if len(head) > 1 and (head[:2].lower() in _OPENINGS or not head[0].isascii()) else None
    return [word] if word else _decimal(head) or list(_enclosed(head)) or list(_bare(head))


def _word(head: str) -> Number | None:
    if found := _APPENDIX.match(head):
        numeral = found[1] or found[2] or ""
        value = letter_value(numeral) or value_of(numeral)
        return Number("appendix", (value,), word=CHAPTER, lettered=numeral.isalpha() and numeral.isascii(), appendix=True)
    if found := _BEFORE.match(head):
        parts = (value_of(found[2]), *_values(found[3]))
        rank = BEFORE[found[1].lower()] + len(parts) - 1
        return Number(f"word {rank}", parts, word=rank)
    if found := _AROUND.match(head):
        return Number(f"word {AROUND[found[2]]}", (value_of(found[1]),), word=AROUND[found[2]])
    if found := _ORDINAL.match(head):
        rank = BEFORE[found[2].lower()]
        return Number(f"word {rank}", (value_of(found[1]),), word=rank)
    return None


def _decimal(head: str) -> list[Number]:
    found = _DECIMAL.match(head)
    if not found:
        return []
    first, *rest = found[1].split(".")
    lettered = first.isalpha()
    parts = (letter_value(first) if lettered else int(first), *map(int, rest), *_values(found[2]))
    size = len(parts)
    if size > 1:
        weak = size == 2 and parts[1] > 1 and not lettered
        return [Number(f"decimal {size}", parts, decimal=size, lettered=lettered, weak=weak)]
    style = f"1{found[3]}"
    return [Number(style, parts, decimal=1, mark=_MARKS.get(style), weak=not found[3])]


def _values(digits: str) -> list[int]:
    return [int(part) for part in digits.split(".") if part]


def _enclosed(head: str) -> Iterator[Number]:
    """A numeral with a mark: 1) (1) A. a) (a) I. (i) 一、 （一）."""
    found = _ENCLOSED.match(head)
    if found and (not found[1] or found[4] == ")"):
        for kind, value, weak in _kinds(found[2]):
            style = f"{found[1] or ''}{kind}{found[3] or found[4]}"
            yield Number(style, (value,), mark=_MARKS.get(style), lettered=kind in "Aa", weak=weak)


def _kinds(numeral: str) -> Iterator[tuple[str, int, bool]]:
    """The kinds of numeral that it may be, named by their first one, with its value and whether it is weak."""
    if numeral.isascii() and numeral.isdigit():
        yield "1", int(numeral), False
    elif value := chinese_value(numeral):
        yield "一", value, False
    elif numeral in KOREAN:
        yield KOREAN[0], KOREAN.index(numeral) + 1, numeral != KOREAN[0]
    else:
        roman, letter = roman_value(numeral.upper()), letter_value(numeral)
        if roman:
            yield "I" if numeral.isupper() else "i", roman, roman > 1 and len(numeral) == 1
        if letter:
            yield "A" if numeral.isupper() else "a", letter, letter > 1


def _bare(head: str) -> Iterator[Number]:
    """A1, IV, A: without any mark, so all of them weak."""
    found = _BARE.match(head)
    if found is None:
        return
    if found[1]:
        yield Number("A1", (letter_value(found[1]), int(found[2])), lettered=True, weak=True)
    if roman := roman_value(found[3] or ""):
        yield Number("I", (roman,), weak=True)
    if letter := letter_value(found[3] or found[4] or ""):
        yield Number("A", (letter,), lettered=True, weak=True)


def numbers_of(texts: Iterable[str]) -> list[Number | None]:
    """The number of each heading, in order; None for one without, or with what only looks like one.

    A weak number is believed if there is one before or after it in the same style, or one that it leads or that leads it, or
    one of the same style that is not weak.
    """
    read = [readings(text) for text in texts]
    seen = _Seen(read)
    firm = [[number for number in found if not number.weak or seen.near(number)] for found in read]
    return _settled(list(_chosen(firm)))


class _Seen:
    """All numbers of a document, to ask which of them have neighbours."""

    def __init__(self, read: Iterable[Sequence[Number]]) -> None:
        numbers = [number for found in read for number in found]
        self._values = {(_series(number), number.parts) for number in numbers}
        self._whole = {(number.lettered, number.parts) for number in numbers}
        self._marked = {number.style for number in numbers if not number.weak and number.style[-1] in ".)、"}
        self._outer = {(number.lettered, number.parts[:size]) for number in numbers for size in range(1, len(number.parts))}

    def near(self, number: Number) -> bool:
        """Whether one stands before or after it in its series, or it leads one, or one leads it, or its mark is in use."""
        if number.style in self._marked:
            return True
        *outer, last = number.parts
        beside = any((_series(number), (*outer, value)) in self._values for value in (last - 1, last + 1))
        return beside or (number.lettered, number.parts) in self._outer or (number.lettered, tuple(outer)) in self._whole


def _series(number: Number) -> str:
    """What neighbours have in common: 2 follows on 1. as well as on 1."""
    return f"{number.decimal} {number.lettered}" if number.decimal is not None else number.style


def _chosen(read: Iterable[Sequence[Number]]) -> Iterator[Number | None]:
    """Of two readings the one that goes on best with what came before: V. after IV. or after U."""
    last: dict[str, int] = {}
    for found in read:
        number = min(found, key=lambda one: _gap(one, last), default=None)
        if number:
            last[number.style] = number.parts[-1]
        yield number


def _gap(number: Number, last: Mapping[str, int]) -> tuple[float, bool]:
    """How far a number is from the one before; a new beginning is a little further than the next."""
    before = last.get(number.style, 0)
    value = number.parts[-1]
    return (value - before if value > before else 1.5 if value == 1 else 1000), not before


def _settled(numbers: list[Number | None]) -> list[Number | None]:
    """Articles above sections where the document opens with Article 1 and a section in it, as contracts and treaties do."""
    words = [number for number in numbers if number and number.word in {ARTICLE, SECTION, SECTION + 1}]
    if len(words) < 2 or words[0].word != ARTICLE or words[0].parts != (1,) or words[1].word == ARTICLE:
        return numbers
    return [number._replace(word=SECTION - 1) if number and number.word == ARTICLE else number for number in numbers]
