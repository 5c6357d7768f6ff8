"""Runs of text on a page, the lines that they form and the paragraphs' text that the lines form.

LiteParse's own block text is Markdown with escapes and joins Chinese lines with spaces; the runs are what stands on the
page, so all text is made from them.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box, around

_WORD_BREAK = re.compile(r"[^\W\d_]-$")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


class Item(NamedTuple):
    """A run of text of one font; `turn` is its rotation in degrees."""

    text: str
    box: Box
    size: float
    turn: float = 0.0
    font: str = ""

    @property
    def slanted(self) -> bool:
        """Whether it is neither upright nor at a right angle, as watermarks are."""
        return min(self.turn % 90, 90 - self.turn % 90) > 2


class Line(NamedTuple):
    """One line of text with its font size in points."""

    text: str
    box: Box
    size: float
    bold: bool = False
    italic: bool = False


def lines_of(items: Iterable[Item], gap: float | None = None) -> list[Line]:
    """Lines from top to bottom; with `gap`, a line is cut where runs are more than `gap` font sizes apart."""
    rows: list[list[Item]] = []
    bottom = top = 0.0
    for item in sorted(items, key=lambda item: item.box.y0 + item.box.y1):
        box = item.box
        shared = min(bottom, box.y1) - max(top, box.y0)
        if rows and shared > 0 and shared >= 0.5 * min(bottom - top, box.y1 - box.y0):
            rows[-1].append(item)
            top, bottom = min(top, box.y0), max(bottom, box.y1)
        else:
            rows.append([item])
            top, bottom = box.y0, box.y1
    return [_line(part) for row in rows for part in _parts(row, gap)]


def _parts(row: list[Item], gap: float | None) -> list[list[Item]]:
    row.sort(key=lambda item: item.box.x0)
    parts = [[row[0]]]
    for item in row[1:]:
        last = parts[-1][-1]
        if gap is not None and item.box.x0 - last.box.x1 > gap * max(item.size, last.size):
            parts.append([item])
        else:
            parts[-1].append(item)
    return parts


def _line(row: Sequence[Item]) -> Line:
    pieces = [row[0].text]
    for left, right in pairwise(row):
        apart = right.box.x0 - left.box.x1 > 0.15 * min(left.size, right.size)
        spaced = left.text[-1:].isspace() or right.text[:1].isspace()
        pieces.append(f" {right.text}" if apart and not spaced else right.text)
    longest = max(row, key=lambda item: len(item.text))
    fonts = [item.font.lower() for item in row]
    return Line(
        "".join(pieces).strip(),
        around(item.box for item in row),
        longest.size,
        all("bold" in font or "black" in font or "heavy" in font for font in fonts),
        all("italic" in font or "oblique" in font for font in fonts),
    )


def joined(texts: Iterable[str]) -> str:
    """One paragraph from its lines: no space between Chinese or Japanese, a word broken by a hyphen made whole."""
    parts: list[str] = []
    last = ""
    for text in texts:
        if not text:
            continue
        if last and _WORD_BREAK.search(last) and text[0].islower():
            parts[-1] = parts[-1][:-1]
        elif last and not (_WIDE.match(last[-1]) and _WIDE.match(text)):
            parts.append(" ")
        parts.append(text)
        last = text
    return "".join(parts)


def indented(lines: Sequence[Line]) -> str:
    """Code with the indentation and empty lines that its places on the page show."""
    left = min(line.box.x0 for line in lines)
    widths = sorted((line.box.x1 - line.box.x0) / len(line.text) for line in lines if line.text)
    width = widths[len(widths) // 2] if widths and widths[len(widths) // 2] > 0 else 1.0
    written: list[str] = []
    for above, line in zip((None, *lines), lines, strict=False):
        if above is not None and line.box.y0 - above.box.y0 > 1.7 * max(line.size, 1.0):
            written.append("")
        written.append(" " * min(round((line.box.x0 - left) / width), 120) + line.text)
    return "\n".join(written)


def letters(text: str) -> str:
    """Only letters and digits, to compare texts whatever their spacing, escapes and emphasis."""
    return "".join(char for char in text if char.isalnum())
