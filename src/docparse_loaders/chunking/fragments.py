"""Text that is too long for one chunk, cut where it hurts least.

That is between the parts of its kind, then sentences, clauses and words, and only then inside a word.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docparse_loaders.chunking.cuts import Cut, cuts_of
from docparse_loaders.chunking.sentences import sentence_ends
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.model import Kind

# A mark of Latin script ends a clause only before a space: "http://x" and "a,b" are words.
_CLAUSE_ENDS = (", ", "; ", ": ", ") ", " – ", ",\n", ";\n", ":\n", "，", "、", "；", "：", "）")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Characters of scripts that write no space between words, of which each may end a line."""
_CLOSING = frozenset("，。、；：！？）】》」』〉〕”’・ー々")
_OPENING = frozenset("（【《「『〈〔“‘")
"""What no line begins with, and what none ends with."""
_SPACE_THEN_LINE = re.compile(r"\s*\n")
_MARKS_ZWJ = ("\u200d", "\u200c", "\ufe0f", "\ufe0e", "\u20e3", "\U000e007f")
_LONGEST_GRAPHEME = 32
_SAFE_GUESS = 0.9
_FAR = 4
"""What by its length alone is so many times too long needs no count to be cut."""


class Fragment(NamedTuple):
    """A piece `text[start:stop]` of a longer text, without the blank space around it."""

    text: str
    tokens: int
    start: int = 0
    stop: int = 0


class _Atom(NamedTuple):
    start: int
    stop: int
    tokens: int


class _Stretch(NamedTuple):
    """A part of a text that is still to be cut, with what it costs, if that was counted."""

    text: str
    start: int
    stop: int
    tokens: int | None


def fragments(
    text: str, count: Count, first: int, rest: int, *, kind: Kind = "text", tokens: int | None = None
) -> Iterator[Fragment]:
    """Cut `text` into pieces of at most `rest` tokens, the first of at most `first`, each as long as possible.

    `kind` is that of the block: parts of a program, list items and lines are kept whole before sentences are, and code
    keeps the indentation of its lines. Every character that is not blank space is in exactly one fragment. `tokens` are
    those of the whole text, if they are known. Linear in the length of the text: each part is counted once at every size
    at which it is too long, and each fragment.
    """
    room, held, used = first, list[_Atom](), 0
    for atom in _atoms(_Stretch(text, 0, len(text), tokens), count, first, rest, cuts_of(kind)):
        while held and used + atom.tokens > room:
            fragment, held = _closed(text, held, count, room)
            room, used = rest, sum(left.tokens for left in held)
            if fragment.text:
                yield fragment
        held.append(atom)
        used += atom.tokens
    while held:
        fragment, held = _closed(text, held, count, room)
        room = rest
        if fragment.text:
            yield fragment


def last_sentences(text: str, count: Count, room: int) -> Fragment:
    """The longest run of whole sentences at the end of `text` that has at most `room` tokens; it may be empty."""
    ends = [0, *sentence_ends(text)]
    used, index = 0, len(ends) - 1
    while index and (used := used + count(text[ends[index - 1] : ends[index]])) <= room:
        index -= 1
    start, stop = _trimmed(text, ends[index], len(text))
    tokens = count(text[start:stop])
    return Fragment(text[start:stop], tokens, start, stop) if start < stop and tokens <= room else Fragment("", 0)


def _closed(text: str, atoms: list[_Atom], count: Count, room: int) -> tuple[Fragment, list[_Atom]]:
    """As many of the atoms as fit, at least one, and the others: a text may have a token more than the sum of its parts."""
    keep = len(atoms)
    while True:
        start, stop = _trimmed(text, atoms[0].start, atoms[keep - 1].stop)
        known = keep == 1 and (start, stop) == atoms[0][:2]
        tokens = atoms[0].tokens if known else count(text[start:stop])
        if tokens <= room or keep == 1:
            return Fragment(text[start:stop], tokens, start, stop), atoms[keep:]
        keep = max(1, min(keep - 1, keep * room // tokens))


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """Without the blank space around, but for the indentation of a line that begins here."""
    body = text[start:stop].rstrip()
    lines = _SPACE_THEN_LINE.match(body)
    if lines is not None:
        return start + lines.end(), start + len(body)
    indent = 0 if start == 0 or text[start - 1] == "\n" else len(body) - len(body.lstrip())
    return start + indent, start + len(body)


def _atoms(whole: _Stretch, count: Count, first: int, rest: int, cuts: Sequence[Cut]) -> Iterator[_Atom]:
    """The parts that are only cut when they alone are too long; what begins the text must leave none of `first` unused."""
    atoms = _parts(whole, count, rest - 1, cuts)
    head = next(atoms, None)
    if head is not None:
        yield from _parts(_Stretch(whole.text, *head), count, first - 1, cuts) if head.tokens >= first else (head,)
        yield from atoms


def _parts(whole: _Stretch, count: Count, limit: int, cuts: Sequence[Cut]) -> Iterator[_Atom]:
    text, start, stop, known = whole
    begin = start
    for offset in cuts[0](text[start:stop]):
        end = start + offset
        tokens = _share(known, end - begin, stop - start)
        if tokens is None or (tokens <= _FAR * limit and end - begin < stop - start):
            tokens = count(text[begin:end])
        if tokens <= limit:
            yield _Atom(begin, end, tokens)
        elif len(cuts) > 1:
            yield from _parts(_Stretch(text, begin, end, tokens), count, limit, cuts[1:])
        else:
            yield from _slices(text, begin, end, tokens, count, limit)
        begin = end


def _share(tokens: int | None, part: int, whole: int) -> int | None:
    """About as many of the tokens of a text as a part of it has, by its length."""
    return tokens if tokens is None or part == whole else tokens * part // whole


def _slices(text: str, start: int, end: int, tokens: int, count: Count, limit: int) -> Iterator[_Atom]:
    """Cut one long sentence, guessing from its own density how much of it fits, so that little is counted twice."""
    density = tokens / (end - start)
    while start < end:
        size = max(1, int(limit / density * _SAFE_GUESS)) if density else end - start
        stop, tokens = _fitting(text, start, min(end, start + size), end, count, limit)
        yield _Atom(start, stop, tokens)
        density = max(tokens, 1) / (stop - start)
        start = stop


def _fitting(text: str, start: int, stop: int, end: int, count: Count, limit: int) -> tuple[int, int]:
    """The best place to cut at or before `stop` so that `limit` holds, and the tokens before it; at least one character."""
    while True:
        stop = stop if stop == end else _best_cut(text, start, stop)
        tokens = count(text[start:stop])
        if tokens <= limit or stop - start == 1:
            return stop, tokens
        stop = start + max(1, min(stop - start - 1, int((stop - start) * limit / tokens * _SAFE_GUESS)))


def _best_cut(text: str, start: int, stop: int) -> int:
    half = start + (stop - start) // 2
    clause = max(at + len(mark) if (at := text.rfind(mark, half, stop)) != -1 else 0 for mark in _CLAUSE_ENDS)
    if clause > half and not _splits_number(text, clause):
        return clause
    return _word_cut(text, start, stop) or _grapheme_cut(text, start, stop)


def _word_cut(text: str, start: int, stop: int) -> int:
    """After the last blank space, or beside the last character of a script without spaces; 0 if all is one word."""
    if text[stop].isspace() or text[stop - 1].isspace():
        return stop
    words = text[start:stop].rsplit(None, 1)
    word = stop - len(words[-1])
    if not text[word : stop + 1].isascii():
        for cut in range(stop, word, -1):
            if _may_part(text[cut - 1], text[cut]):
                return cut
    return word if len(words) > 1 else 0


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters that are no blank space."""
    if after in _CLOSING or before in _OPENING or _joined(before, after):
        return False
    return _UNSPACED.match(before) is not None or _UNSPACED.match(after) is not None


def _splits_number(text: str, cut: int) -> bool:
    return text[cut - 2 : cut - 1].isdigit() and text[cut : cut + 1].isdigit()


def _grapheme_cut(text: str, start: int, stop: int) -> int:
    """Step back from the middle of a character that is written with several code points."""
    for cut in range(stop, max(start, stop - _LONGEST_GRAPHEME), -1):
        if not _joined(text[cut - 1], text[cut]):
            return cut
    return stop


def _joined(before: str, after: str) -> bool:
    if before.isascii() and after.isascii():
        return before == "\r" and after == "\n"
    if after in _MARKS_ZWJ or before == "\u200d" or unicodedata.category(after)[0] == "M":
        return True
    return (
        "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tone
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")  # halves of a flag
        or ("\u1100" <= before <= "\u11ff" and "\u1160" <= after <= "\u11ff")  # Hangul written letter by letter
    )
