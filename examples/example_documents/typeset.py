"""Type: faces, and where lines may break in English and in Chinese."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from reportlab.pdfbase.pdfmetrics import stringWidth

_OPEN, _CLOSE = "（《“", "，。、；：！？）》”…"
_HAN = r"\u2e80-\u9fff\uff00-\uffef"
_MEASURE = rf"[\d.,]+ (?:%|°C|m[²³]|[kM]Wh?|km|mm)[^\s{_HAN}]*"
_UNIT = re.compile(rf"\s+|{_MEASURE}|[{_OPEN}]*(?:[{_HAN}]|[^\s{_HAN}{_OPEN}{_CLOSE}]+)[{_CLOSE}]*|\S")

_NOT_WESTERN = "\u2102"
_PIECE = re.compile(rf"[^{_NOT_WESTERN}-\uffff]+|[{_NOT_WESTERN}-\uffff]+")


@dataclass(frozen=True, slots=True)
class Face:
    """A font at a size, both in points.

    `stroke` thickens the glyphs of a font that has no bold cut; `western` sets what a Chinese font has no glyphs for.
    """

    font: str
    size: float
    leading: float
    colour: str = "#1a1a1a"
    stroke: float = 0.0
    western: str = ""

    def width(self, text: str) -> float:
        """How wide the text runs, in points."""
        return sum(float(stringWidth(piece, font, self.size)) for font, piece in self.pieces(text))

    def pieces(self, text: str) -> list[tuple[str, str]]:
        """The text cut where the font changes, each piece with its font."""
        if not self.western:
            return [(self.font, text)]
        cut = (match[0] for match in _PIECE.finditer(text))
        return [(self.western if piece[0] < _NOT_WESTERN else self.font, piece) for piece in cut]

    @property
    def ascent(self) -> float:
        """Height of the tallest glyphs over the baseline; what font files declare is too low for some of them."""
        return self.size * (0.88 if self.western else 0.76)

    @property
    def descent(self) -> float:
        """Depth of the deepest glyphs under the baseline, positive."""
        return self.size * 0.22


class Line(NamedTuple):
    """A line of a paragraph: its words, and where they lie in the source text."""

    text: str
    start: int
    end: int


def lines_of(text: str, face: Face, width: float, indent: float = 0.0) -> list[Line]:
    """Break `text` into lines no wider than `width`; the first one begins `indent` further in."""
    lines: list[Line] = []
    start = end = 0
    room = width - indent
    for unit in _UNIT.finditer(text):
        if unit[0].isspace():
            continue
        if end > start and face.width(text[start : unit.end()]) > room:
            lines.append(Line(text[start:end], start, end))
            start, room = unit.start(), width
        end = unit.end()
    return [*lines, Line(text[start:end], start, end)] if end > start else lines
