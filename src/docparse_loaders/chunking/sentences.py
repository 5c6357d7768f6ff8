"""Where a sentence ends, in Latin and in CJK text, in one linear pass and without a model."""

import re
from collections.abc import Iterator

_END = re.compile(
    # The look-behind starts a run of dots only once, which keeps dot leaders from being quadratic.
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？；．｡۔؟।॥]++[”’」』）】》\"')]*+|(?=\n[ \t\r]*+\n)"
)
_WORD_BEFORE = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)\.\Z")
_NEXT = re.compile(r"\s*(\S)")
_LATIN = ".!?…"
_LOOK_BACK = 24

_ABBREVIATIONS = frozenset(
    {
        *("mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "hrsg", "ed", "eds", "al", "inc", "ltd", "co", "corp", "dept"),
        *("fig", "figs", "eq", "eqs", "no", "nos", "nr", "vol", "vols", "ch", "chap", "sec", "sect", "art", "pp", "p", "para"),
        *("app", "bd", "abb", "abs", "cap", "núm", "pág", "réf", "est", "av"),
        *("e.g", "i.e", "vs", "cf", "ca", "approx", "viz", "resp", "vgl", "bzw", "z.b", "u.a", "d.h"),
    }
)


def sentence_ends(text: str) -> Iterator[int]:
    """The offset after each sentence, before the blank space that follows it; the last one is `len(text)`.

    Full stops in numbers, initials and common abbreviations, and marks followed by a small letter, end nothing.
    """
    begin = 0
    for match in _END.finditer(text):
        end = match.end()
        if match[0] and match[0][0] in _LATIN and not _ends(text, begin, match):
            continue
        if begin < end < len(text):
            yield end
            begin = end
    yield len(text)


def _ends(text: str, begin: int, mark: re.Match[str]) -> bool:
    """Whether a Latin mark closes the sentence that started at `begin`."""
    end = mark.end()
    following = _NEXT.match(text, end)
    if following is not None and following[1].islower():
        return False
    word = _WORD_BEFORE.search(text[max(begin, end - _LOOK_BACK) : end])
    if word is None:
        return True
    before = word[1]
    if before.lower() in _ABBREVIATIONS or (len(before) == 1 and before.isalpha() and before.isupper()):
        return False
    # "1. Scope" is a numbered heading or item, not a sentence of its own.
    return not (before.replace(".", "").isdigit() and not text[begin : end - len(before) - 1].strip())
