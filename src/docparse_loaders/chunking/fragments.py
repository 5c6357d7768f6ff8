"""Text that is too long for one chunk, cut where it hurts least: sentence, clause, word, and only then inside a word."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from docparse_loaders.chunking.sentences import sentence_ends
from docparse_loaders.chunking.tokens import Count

_CLAUSE_MARKS = ",;:，、；：—–)）"
_MARKS_ZWJ = ("\u200d", "\u200c", "\ufe0f", "\ufe0e", "\u20e3", "\U000e007f")
_LONGEST_GRAPHEME = 32
_SAFE_GUESS = 0.9


class Fragment(NamedTuple):
    """A piece `text[start:stop]` of a longer text, without the blank space around it."""

    text: str
    tokens: int


class _Atom(NamedTuple):
    start: int
    stop: int
    tokens: int


def fragments(text: str, count: Count, first: int, rest: int, *, lines: bool = False) -> Iterator[Fragment]:
    """Cut `text` into pieces of at most `rest` tokens, the first of at most `first`, each as long as possible.

    With `lines` a line is kept whole before a sentence is, as code and lists want it. Every character that is not blank
    space is in exactly one fragment. Linear in the length of the text: each sentence is counted once, and each fragment.
    """
    room, held, used = first, list[_Atom](), 0
    for atom in _atoms(text, count, min(first, rest) - 1, lines):
        while held and used + atom.tokens > room:
            fragment, held = _closed(text, held, count, room)
            room, used = rest, sum(left.tokens for left in held)
            yield fragment
        held.append(atom)
        used += atom.tokens
    while held:
        fragment, held = _closed(text, held, count, room)
        room = rest
        yield fragment


def last_sentences(text: str, count: Count, room: int) -> Fragment:
    """The longest run of whole sentences at the end of `text` that has at most `room` tokens; it may be empty."""
    ends = [0, *sentence_ends(text)]
    used, index = 0, len(ends) - 1
    while index and (used := used + count(text[ends[index - 1] : ends[index]])) <= room:
        index -= 1
    tail = text[ends[index] :].strip()
    tokens = count(tail)
    return Fragment(tail, tokens) if tail and tokens <= room else Fragment("", 0)


def _closed(text: str, atoms: list[_Atom], count: Count, room: int) -> tuple[Fragment, list[_Atom]]:
    """As many of the atoms as fit, at least one, and the others: a text may have a token more than the sum of its parts."""
    keep = len(atoms)
    while True:
        body = text[atoms[0].start : atoms[keep - 1].stop].strip()
        tokens = count(body)
        if tokens <= room or keep == 1:
            return Fragment(body, tokens), atoms[keep:]
        keep = max(1, min(keep - 1, keep * room // tokens))


def _atoms(text: str, count: Count, limit: int, lines: bool) -> Iterator[_Atom]:
    """The parts that are only cut when they alone are too long: sentences, or lines and then their sentences."""
    start = 0
    for end in _line_ends(text) if lines else sentence_ends(text):
        tokens = count(text[start:end])
        if tokens <= limit:
            yield _Atom(start, end, tokens)
        elif lines:
            for inner in _atoms(text[start:end], count, limit, lines=False):
                yield _Atom(start + inner.start, start + inner.stop, inner.tokens)
        else:
            yield from _slices(text, start, end, tokens, count, limit)
        start = end


def _line_ends(text: str) -> Iterator[int]:
    end = text.find("\n")
    while end != -1:
        yield end
        end = text.find("\n", end + 1)
    yield len(text)


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
    clause = max(text.rfind(mark, half, stop) for mark in _CLAUSE_MARKS) + 1
    if clause > half and not _splits_number(text, clause):
        return clause
    blank = max(text.rfind(" ", start + 1, stop), text.rfind("\n", start + 1, stop))
    return blank if blank > 0 else _grapheme_cut(text, start, stop)


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
