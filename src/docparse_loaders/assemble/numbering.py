"""What a heading's own numbering says about its rank: "1.2.3", "第三章", "Article IV", "Appendix B"."""

import re

_NUMERAL = r"(?:\d{1,3}|[IVXLC]{1,7}|[A-Z])"
_CHINESE = r"[\d一二三四五六七八九十百零〇两]{1,6}"
_PATTERNS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rank)
    for pattern, rank in (
        (rf"(?:part|book|teil|partie)\s+{_NUMERAL}\b|第\s*{_CHINESE}\s*(?:编|篇|部分|部|卷)", 0),
        (rf"(?:chapter|article|appendix|annex|schedule|kapitel|chapitre)\s+{_NUMERAL}\b|第\s*{_CHINESE}\s*章|附[录件]", 10),
        (rf"section\s+{_NUMERAL}\b(?!\.\d)|第\s*{_CHINESE}\s*[节節]", 20),
        (rf"{_CHINESE}、", 25),
        (rf"[(（]{_CHINESE}[)）]", 27),
        (rf"第\s*{_CHINESE}\s*[条條]|§\s*\d", 35),
    )
)
_DECIMAL = re.compile(r"(?:section\s+|§\s*)?([A-Z]\.\d{1,3}|\d{1,3})((?:[.．]\d{1,3}){0,8})[.．)]?(?=\s|$|[^\W\d_a-zA-Z])")
_ROMAN = re.compile(r"[IVX]{1,5}[.)]\s")
_LETTER = re.compile(r"[A-H][.)]\s")
ROMAN, LETTER = 11, 12


def rank_of(text: str) -> int | None:
    """A number that is lower the higher the heading stands; None if it is not numbered.

    Parts are 0, chapters, articles and appendices 10, sections 20; decimal numbers 10 for each of their parts.
    """
    text = text.lstrip()[:80]
    decimal = _DECIMAL.match(text)
    if decimal:
        return 10 * (1 + (decimal[1][0].isalpha()) + len(re.findall(r"\d+", decimal[2])))
    for pattern, rank in _PATTERNS:
        if pattern.match(text):
            return rank
    if _ROMAN.match(text):
        return ROMAN
    return LETTER if _LETTER.match(text) else None


def ranks_of(texts: list[str]) -> list[int | None]:
    """The rank of each heading; a letter stands below roman numerals where there are any, and else beside chapters."""
    ranks = [rank_of(text) for text in texts]
    return ranks if ROMAN in ranks else [10 if rank == LETTER else rank for rank in ranks]
