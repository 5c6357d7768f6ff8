"""A page as PP-OCR reads it: lines of text with their places, from the top down, and nothing of what they are."""

import math
from collections.abc import Iterator
from typing import Any

from docparse_loaders.emulator.layout import Piece, Sheet
from docparse_loaders.emulator.pictures import page_size
from docparse_loaders.tables import grid_of, to_plain

Json = dict[str, Any]
Line = tuple[list[int], str]

_LINE = 30
"""About how many pixels a line of text is high, from one to the next."""
_INK = 0.8
_DETECTION: Json = {"limit_side_len": 960, "limit_type": "max", "thresh": 0.3, "box_thresh": 0.6, "unclip_ratio": 1.5}


def ocr_entry(sheet: Sheet) -> Json:
    """A page's entry in `ocrResults`, without its pictures."""
    size = page_size(sheet.page)
    lines = sorted((line for piece in sheet.pieces for line in _lines(piece, size)), key=lambda line: (line[0][1], line[0][0]))
    boxes = [box for box, _ in lines]
    polygons = [[[x0, y0], [x1, y0], [x1, y1], [x0, y1]] for x0, y0, x1, y1 in boxes]
    pruned: Json = {
        "model_settings": {"use_doc_preprocessor": False, "use_textline_orientation": False},
        "dt_polys": polygons,
        "text_det_params": _DETECTION,
        "text_type": "general",
        "textline_orientation_angles": [-1] * len(lines),
        "text_rec_score_thresh": 0.0,
        "return_word_box": False,
        "rec_texts": [text for _, text in lines],
        "rec_scores": [0.99] * len(lines),
        "rec_polys": polygons,
        "rec_boxes": boxes,
    }
    return {"prunedResult": pruned}


def _lines(piece: Piece, size: tuple[int, int]) -> Iterator[Line]:
    """The lines of a piece, one below the other in its box; all but the last as wide as it."""
    written = piece.block.text or (to_plain(grid_of(piece.block)) if piece.kind == "table" else "")
    if piece.box is None or not written.strip():
        return
    x0, y0, x1, y1 = piece.box.to_pixels(*size)
    given = [line for line in written.split("\n") if line.strip()]
    texts = given if len(given) > 1 else _wrapped(given[0], max(1, round((y1 - y0) / _LINE)))
    step = (y1 - y0) / len(texts)
    widest = max(map(len, texts))
    for place, text in enumerate(texts):
        right = x1 if place < len(texts) - 1 else x0 + math.ceil((x1 - x0) * len(text) / widest)
        top = y0 + step * place
        yield [x0, round(top), min(right, x1), round(top + step * _INK)], " ".join(text.split())


def _wrapped(text: str, count: int) -> list[str]:
    """A text in at most `count` lines of about the same length; only one in a script without spaces is cut anywhere."""
    spaced = " " in text.strip() or text.isascii()
    words, space = (text.split(), " ") if spaced else (list(text.strip()), "")
    room = math.ceil(sum(len(word) + len(space) for word in words) / count) + 1
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(space) + len(word) <= room:
            lines[-1] += space + word
        else:
            lines.append(word)
    return lines
