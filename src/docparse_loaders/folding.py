"""Text as a search compares it: without what a line break, a typesetter or a copy changes.

Case, width, form of quotes and dashes, soft and hard hyphens inside words, and all blank space are folded away; where a word
begins and ends is kept, because "tin" does not stand in "cat in".
"""

import re
import unicodedata

FRAME = "\x01"
"""Stands before and after each word of a script that writes words apart."""

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_LETTER = f"[^\\W{_UNSPACED}]"
_WORD = re.compile(rf"({_LETTER}+(?:(?<=\d)[.,](?=\d){_LETTER}+)*)")
_IDEOGRAPH = re.compile(f"[{_UNSPACED}]")
_HYPHEN = re.compile(r"-(?:(?<=[^\W\d_]-)\s*+(?=[^\W\d_])|(?<=\w-)[^\S\n]*+\n\s*+(?=\w))")
"""The look-behind stands after the sign, which is found faster than what may be before it."""
_SIGNS = re.compile(r"[\W_]+")
_RUN = re.compile(r"([^\w\s\x00-\x7f]{30})(?=[^\w\s\x00-\x7f])")
_BREAK = "\\1\u034f"
"""Ends a run of combining marks, as in UAX 15: sorting a run takes quadratic time."""

_SAME = {
    **dict.fromkeys(map(ord, "‘’‚‛′`´ʼ＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟″«»「」『』〝〞＂"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-"),
    **dict.fromkeys(map(ord, "\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f"), None),
    **dict.fromkeys(map(ord, "|｜"), " "),
    ord(FRAME): None,
}


def words(text: str) -> str:
    """The words of a text, each in a frame, with what stands between them but blank space; linear in its length.

    Equal for texts that differ only in what is folded away. `words(a) + words(b)` is `words(f"{a} {b}")` if `a` does not end
    in a hyphen.
    """
    text = text.translate(_SAME)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _RUN.sub(_BREAK, text))
    folded = _HYPHEN.sub(_unbroken, text.casefold())
    return "".join(FRAME.join(_WORD.split(folded)).split())


def letters(folded: str) -> str:
    """Of folded words, the letters and figures alone."""
    return _SIGNS.sub("", folded)


def weight(text: str) -> int:
    """How telling some letters are: an ideograph says as much as three letters of an alphabet."""
    return len(text) + 2 * len(_IDEOGRAPH.findall(text))


def _unbroken(match: re.Match[str]) -> str:
    """Nothing for a hyphen between letters; beside a figure it stays, without the line break."""
    text, end = match.string, match.end()
    return "" if text[match.start() - 1].isalpha() and text[end].isalpha() else "-"
