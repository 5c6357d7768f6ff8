"""Which passages answer a question best: BM25 over words, and over pairs of characters where there are no spaces."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_SATURATION, _LENGTH = 1.2, 0.75
_WORDS = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


def terms(text: str) -> list[str]:
    """The words of a text without regard to case and plural; of text without spaces, each character and each pair of them."""
    found: list[str] = []
    for word in _WORDS.findall(text.casefold()):
        if _UNSPACED.search(word):
            found += word
            found += [word[place : place + 2] for place in range(len(word) - 1)]
        else:
            found.append(_singular(word))
    return found


def _singular(word: str) -> str:
    """Without the s that many languages add for more than one; what is cut too short is so in questions as well."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@dataclass(slots=True)
class Ranking:
    """Passages by number, to be asked again and again."""

    _counts: list[Counter[str]] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)
    _holders: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, passages: Iterable[str]) -> "Ranking":
        """Read the passages once."""
        ranking = cls()
        for number, passage in enumerate(passages):
            counts = Counter(terms(passage))
            ranking._counts.append(counts)
            ranking._lengths.append(counts.total())
            for term in counts:
                ranking._holders.setdefault(term, []).append(number)
        return ranking

    def best(self, query: str, most: int) -> Sequence[tuple[int, float]]:
        """The numbers of the passages that fit best, with their scores, the best first; none that has no word of it."""
        scores: dict[int, float] = {}
        average = sum(self._lengths) / max(len(self._lengths), 1) or 1.0
        for term in dict.fromkeys(terms(query)):
            holders = self._holders.get(term, ())
            rare = math.log(1.0 + (len(self._counts) - len(holders) + 0.5) / (len(holders) + 0.5))
            for number in holders:
                often = self._counts[number][term]
                score = rare * often * (_SATURATION + 1.0) / (often + self._damping(number, average))
                scores[number] = scores.get(number, 0.0) + score
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:most]

    def _damping(self, number: int, average: float) -> float:
        return _SATURATION * (1.0 - _LENGTH + _LENGTH * self._lengths[number] / average)
