"""Where the text of each kind of block may be cut: a whole function or list item is kept before a line is, then sentences.

Every cut gives the ends of the parts, in order; the last is the length of the text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from docparse_loaders.chunking.sentences import sentence_ends
from docparse_loaders.model import Kind

Cut = Callable[[str], Iterator[int]]

# Lists are written by `render`: "- " or a number before each item, what goes on below it indented.
_ITEM = re.compile(r"\n(?=(?:- |\d{1,9}[.)]\s))")
_NESTED = re.compile(r"\n(?=[ ]*(?:- |\d{1,9}[.)]\s))")
_ENTRY = re.compile(r"\n(?=[ \t]*(?:\[[^\]\n]{1,12}\]|[(（]?\d{1,4}[.)）]|[•·*-])\s*\S)")
_ROW = re.compile(r"\\\\(?:\[[^\]\n]{1,12}\])?\s|\n")
_LINE = re.compile(r"\n")
# What closes a part of a program or goes on with it, and so begins none.
_GOES_ON = re.compile(r"[)\]}]|(?:else|elif|elsif|except|finally|catch|rescue|end|fi|done|esac|then)\b", re.IGNORECASE)
_TAB = 4


class _Line(NamedTuple):
    """A line of code that may begin a part: where the line break before it is, and what stood above."""

    start: int
    indent: int
    blank: bool
    dedent: bool
    goes_on: bool


def cuts_of(kind: Kind) -> tuple[Cut, ...]:
    """How to cut a block of that kind, the first way first; words and characters come after the last."""
    return _CUTS.get(kind, _PROSE)


def _at(pattern: re.Pattern[str], *, after: bool = False) -> Cut:
    """Cut before each match, or after it."""

    def ends(text: str) -> Iterator[int]:
        for match in pattern.finditer(text):
            yield match.end() if after else match.start()
        yield len(text)

    return ends


def _functions(text: str) -> Iterator[int]:
    """Before each outermost part of a program: what follows a blank line or deeper lines, least indented."""
    lines = list(_lines(text))
    least = min((line.indent for line in lines), default=0)
    yield from _starts(line for line in lines if line.indent <= least and not line.goes_on and (line.blank or line.dedent))
    yield len(text)


def _methods(text: str) -> Iterator[int]:
    """The same one level in."""
    lines = list(_lines(text))[1:]
    least = min((line.indent for line in lines), default=0)
    inner = min((line.indent for line in lines if line.indent > least), default=least)
    yield from _starts(line for line in lines if line.indent <= inner and not line.goes_on and (line.blank or line.dedent))
    yield len(text)


def _paragraphs(text: str) -> Iterator[int]:
    yield from _starts(line for line in _lines(text) if line.blank)
    yield len(text)


def _dedents(text: str) -> Iterator[int]:
    yield from _starts(line for line in _lines(text) if line.dedent and not line.goes_on)
    yield len(text)


def _starts(lines: Iterator[_Line]) -> Iterator[int]:
    return (line.start for line in lines if line.start > 0)


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank."""
    at, above, blank = 0, -1, False
    for line in text.split("\n"):
        body = line.lstrip()
        if body:
            indent = len(line[: len(line) - len(body)].expandtabs(_TAB))
            yield _Line(at - 1, indent, blank and above >= 0, indent < above, _GOES_ON.match(body) is not None)
            above = indent
        blank = not body
        at += len(line) + 1


_PROSE: tuple[Cut, ...] = (sentence_ends,)
_CODE: tuple[Cut, ...] = (_functions, _methods, _paragraphs, _dedents, _at(_LINE), sentence_ends)
_LIST: tuple[Cut, ...] = (_at(_ITEM), _at(_NESTED), _at(_LINE), sentence_ends)
_CUTS: Mapping[Kind, tuple[Cut, ...]] = {
    "code": _CODE,
    "list": _LIST,
    "toc": _LIST,
    "reference": (_at(_ENTRY), _at(_LINE), sentence_ends),
    "equation": (_at(_ROW, after=True), sentence_ends),
}
