"""A page of PP-OCR as blocks: lines of text with their places, grouped into paragraphs and ordered by columns.

PP-OCR knows lines only, from the top down. Lines belong together where one stands close below the other, in letters of about
the same height and with the same left edge, unless the upper one ends early.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from docparse_loaders.joining import join_texts
from docparse_loaders.model import BBox, Block, Notice, Page, Region
from docparse_loaders.vendors.readers import Object, as_float, as_list, as_object, as_text

_WIDE = re.compile("[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef]")
_ITEM = re.compile("[•●○▪▫■□◦‣∙]")
_BROKEN_WORD = re.compile(r"[^\W\d_]-$")
_NEAR = 40
"""How many paragraphs back a line may continue one: those of other columns on the same height."""
_COLUMN, _FULL = 0.25, 0.6
"""What a column of text is wide at least, and above which share of the page something runs over all columns."""


class Line(NamedTuple):
    """A line of text with its box in pixels (None if it has none) and how sure PaddleOCR is of it."""

    text: str
    box: tuple[float, float, float, float] | None
    score: float | None


Paragraph = list[Line]


def ocr_page(entry: Object, number: int, size: tuple[float, float], notices: list[Notice]) -> Page:
    """Read an entry of `ocrResults`; a paragraph is as sure as its lines are on average."""
    pruned = as_object(entry.get("prunedResult"))
    lines = list(_lines(pruned))
    if any(line.box is None for line in lines):
        notices.append(Notice("bad_box", f"page {number} has lines without a box that can be read.", number))
    paragraphs = _in_columns(_grouped(lines), size[0])
    blocks = (_block(paragraph, f"p{number}-{place}", number, size) for place, paragraph in enumerate(paragraphs))
    return Page(number, *size, "pixel", 0, tuple(blocks))


def _block(lines: Paragraph, block_id: str, number: int, size: tuple[float, float]) -> Block:
    box = _around(lines)
    scores = [line.score for line in lines if line.score is not None]
    return Block(
        id=block_id,
        kind="text",
        text=join_texts(line.text for line in lines),
        label="ocr",
        regions=(Region(number, BBox.scaled(box, *size) if box and min(size) > 0 else None),),
        confidence=round(sum(scores) / len(scores), 6) if scores else None,
    )


def _lines(pruned: Object) -> Iterator[Line]:
    boxes, polygons = as_list(pruned.get("rec_boxes")), as_list(pruned.get("rec_polys"))
    scores = as_list(pruned.get("rec_scores"))
    for place, raw in enumerate(as_list(pruned.get("rec_texts"))):
        text = as_text(raw).strip()
        if text:
            box = _corners(_at(boxes, place)) or _corners(_at(polygons, place))
            score = as_float(_at(scores, place))
            yield Line(text, box, score if score is None else min(max(score, 0.0), 1.0))


def _at(values: Sequence[JsonValue], place: int) -> JsonValue | None:
    return values[place] if place < len(values) else None


def _corners(value: JsonValue | None) -> tuple[float, float, float, float] | None:
    """The upright box around two corners or the points of a polygon; None if there are none."""
    points = as_list(value)
    if len(points) == 4 and not isinstance(points[0], list):
        points = [points[:2], points[2:]]
    found = [(as_float(_at(as_list(point), 0)), as_float(_at(as_list(point), 1))) for point in points[:64]]
    xs, ys = [x for x, _ in found if x is not None], [y for _, y in found if y is not None]
    if len(xs) < 2 or len(xs) != len(found) or len(ys) != len(found):
        return None
    return min(xs), min(ys), max(xs), max(ys)


def _grouped(lines: Iterable[Line]) -> list[Paragraph]:
    """Paragraphs in the order of their first lines."""
    paragraphs: list[Paragraph] = []
    for line in lines:
        near = reversed(paragraphs[-_NEAR:])
        above = next((paragraph for paragraph in near if _goes_on(paragraph, line)), None)
        if above is None:
            paragraphs.append([line])
        else:
            above.append(line)
    return paragraphs


def _goes_on(paragraph: Paragraph, line: Line) -> bool:
    upper, lower = paragraph[-1].box, line.box
    if upper is None or lower is None or _ITEM.match(line.text):
        return False
    tall, high = upper[3] - upper[1], lower[3] - lower[1]
    gap = lower[1] - upper[3]
    if min(tall, high) <= 0 or max(tall, high) > 1.4 * min(tall, high) or not -0.5 * high < gap < 0.75 * high:
        return False
    ends_early = upper[2] < lower[2] - 0.2 * (lower[2] - lower[0])
    # Only the first line may stand farther to the right than those below it.
    indent = upper[0] - lower[0]
    aligned = -1.0 * high <= indent <= (4.0 if len(paragraph) == 1 else 1.0) * high
    return aligned and not ends_early


def _in_columns(paragraphs: Sequence[Paragraph], width: float) -> Iterator[Paragraph]:
    """Column by column, between what runs over the whole width."""
    band: list[Paragraph] = []
    for paragraph in paragraphs:
        box = _around(paragraph)
        if box is None or width <= 0 or box[2] - box[0] > _FULL * width:
            yield from _columns(band, width)
            band = []
            yield paragraph
        else:
            band.append(paragraph)
    yield from _columns(band, width)


def _columns(band: Sequence[Paragraph], width: float) -> Iterable[Paragraph]:
    """The paragraphs of each column one after the other; as they were if what stands side by side is no column of text."""
    columns: list[tuple[float, float, list[int]]] = []
    sides = [(box[0], box[2], place) for place, paragraph in enumerate(band) if (box := _around(paragraph)) is not None]
    for left, right, place in sorted(sides):
        if columns and left < columns[-1][1]:
            before = columns.pop()
            columns.append((before[0], max(before[1], right), [*before[2], place]))
        else:
            columns.append((left, right, [place]))
    if any(right - left < _COLUMN * width for left, right, _ in columns):
        return band
    return [band[place] for _, _, places in columns for place in sorted(places)]


def _around(lines: Paragraph) -> tuple[float, float, float, float] | None:
    boxes = [line.box for line in lines if line.box is not None]
    if not boxes:
        return None
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
