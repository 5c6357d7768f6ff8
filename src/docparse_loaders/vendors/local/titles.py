"""Which lines head the text below them, and on which level."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from docparse_loaders.vendors.local.lines import Line
from docparse_loaders.vendors.local.piece import Piece
from docparse_loaders.vendors.local.split import depth

_SENTENCE = re.compile(r"[.。!！?？;；,，:：]$")
_EQUATION = re.compile(r"(?:^|\s)[(（]\d{1,3}(?:[.\-]\d{1,3})?[)）]$")
_STOPS = re.compile(r"[,，、;；。:：]|[.!?！？](?=\s|$)")
_RELATION = re.compile(r"[=≈≤≥<>∝→]")
_LEVELS = 6


def body_size(pieces: Iterable[Piece]) -> float:
    """The font size in which most of the text is set, in points; 0 if there is none."""
    sizes: Counter[float] = Counter()
    for piece in pieces:
        if piece.kind in {"text", "list"}:
            for line in piece.lines:
                sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def judged(piece: Piece, body: float, page_height: float) -> Piece:
    """A title, a paragraph, an equation or a footnote: LiteParse's word, corrected where the page shows better."""
    if piece.kind not in {"title", "text"} or not piece.lines:
        return piece
    text = piece.text
    if is_equation(piece.lines):
        return replace(piece, kind="equation", level=None)
    if piece.kind == "title":
        return replace(piece, kind="text", level=None) if _is_subtitle(piece, text, body) else piece
    if _is_title(piece, text, body):
        return replace(piece, kind="title")
    return replace(piece, kind="footnote") if _is_footnote(piece, text, body, page_height) else piece


def is_prose(text: str) -> bool:
    """Whether a text has so many stops that it is no heading, in whatever size it is set."""
    return depth(text) is None and len(_STOPS.findall(text)) >= 3


def is_equation(lines: Sequence[Line]) -> bool:
    """Short, with a relation and a number in parentheses at the right: an equation that the text refers to."""
    text = " ".join(line.text for line in lines)
    if len(text) > 120 or not _RELATION.search(text):
        return False
    return _EQUATION.search(max(lines, key=lambda line: line.box.x1).text) is not None


def _is_subtitle(piece: Piece, text: str, body: float) -> bool:
    """Slightly larger italics are a remark under a title rather than a heading."""
    soft = all(line.italic and not line.bold for line in piece.lines)
    return soft and piece.size < 1.25 * body and depth(text) is None


def _is_title(piece: Piece, text: str, body: float) -> bool:
    if len(piece.lines) > 2 or len(text) > 90 or _SENTENCE.search(text) or not any(char.isalpha() for char in text):
        return False
    if any(depth(line.text) is not None for line in piece.lines[1:]):
        return False
    bold = all(line.bold for line in piece.lines)
    if depth(text) is not None:
        return piece.size >= (1.0 if bold else 1.12) * body
    return piece.size >= (1.12 if bold else 1.3) * body


def _is_footnote(piece: Piece, text: str, body: float, page_height: float) -> bool:
    low = piece.box.y0 > 0.6 * page_height
    return low and piece.size <= 0.88 * body and re.match(r"[¹²³⁴-⁹*†‡§]|\d{1,2}[\s)]\s*\S", text) is not None


def levelled(titles: Sequence[Piece]) -> list[int]:
    """A level for each title of the document, 1 for the highest: LiteParse's order refined by size and by numbering."""
    known = [(title.level, title.size) for title in titles if title.level is not None]
    keys = [(_level(title, known), -_step(title.size)) for title in titles]
    shallowest: dict[tuple[int, float], int] = {}
    depths = [depth(title.text) for title in titles]
    for key, deep in zip(keys, depths, strict=True):
        if deep is not None:
            shallowest[key] = min(deep, shallowest.get(key, deep))
    full = [(*key, 0 if deep is None else deep - shallowest[key]) for key, deep in zip(keys, depths, strict=True)]
    rank = {key: position for position, key in enumerate(sorted(set(full)), start=1)}
    return [min(rank[key], _LEVELS) for key in full]


def _level(title: Piece, known: Sequence[tuple[int, float]]) -> int:
    if title.level is not None:
        return title.level
    return min((level for level, size in known if size <= title.size + 0.25), default=max(known, default=(1, 0.0))[0])


def _step(size: float) -> float:
    return round(size * 2) / 2
