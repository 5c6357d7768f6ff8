"""Several pages on one picture: side by side in rows, with titles above them, captions below, and what the colours mean."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from docparse_loaders.viewing.lettering import fitted, letters, size_of, wrapped

if TYPE_CHECKING:
    from docparse_loaders.viewing.view import Caption, Panel, View

_GAP = 18
_WIDEST = 2400
_SIZE = 15
_LINE = 21
_CAPTION_LINES = 3
_INK, _SOFT, _WARN = "#212529", "#5c636a", "#c2410c"


def mounted(view: "View") -> Image.Image:
    """The whole view as one picture on white."""
    rows = [_row(panels) for panels in _rows(view.panels)]
    wide = max((row.width for row in rows), default=480)
    parts = [*(_notice(text, wide) for text in view.notices), *rows, *_legend(view, wide)]
    sheet = Image.new("RGB", (wide + 2 * _GAP, sum(part.height + _GAP for part in parts) + _GAP), "white")
    top = _GAP
    for part in parts:
        sheet.paste(part, (_GAP, top))
        top += part.height + _GAP
    return sheet


def _rows(panels: "Sequence[Panel]") -> "Iterator[list[Panel]]":
    """As many pages in each row as fit, and about as many in the last one as in the others."""
    widest = max((panel.image.width for panel in panels), default=1)
    fit = max((_WIDEST + _GAP) // (widest + _GAP), 1)
    count = -(-len(panels) // fit)
    each = -(-len(panels) // count) if count else 1
    for first in range(0, len(panels), each):
        yield list(panels[first : first + each])


def _row(panels: "Sequence[Panel]") -> Image.Image:
    columns = [_column(panel) for panel in panels]
    wide = sum(column.width + _GAP for column in columns) - _GAP
    row = Image.new("RGB", (wide, max(column.height for column in columns)), "white")
    left = 0
    for column in columns:
        row.paste(column, (left, 0))
        left += column.width + _GAP
    return row


def _column(panel: "Panel") -> Image.Image:
    """A page with its title above it and its captions below."""
    wide, high = panel.image.size
    below = [_caption(caption, wide) for caption in panel.captions]
    column = Image.new("RGB", (wide, _LINE + high + sum(part.height + 4 for part in below) + (6 if below else 0)), "white")
    said, used = fitted(panel.title, _SIZE - 2, wide)
    ImageDraw.Draw(column).text((0, 0), said, font=used, fill=_SOFT)
    column.paste(panel.image, (0, _LINE))
    top = _LINE + high + 6
    for part in below:
        column.paste(part, (0, top))
        top += part.height + 4
    return column


def _caption(caption: "Caption", wide: int) -> Image.Image:
    mark = f"[{caption.number}] " if caption.number else ""
    number, plain = letters(mark, _SIZE)
    indent = round(plain.getlength(number)) if mark else 0
    lines, used = wrapped(caption.text, _SIZE, wide - indent, _CAPTION_LINES)
    part = Image.new("RGB", (wide, _LINE * max(len(lines), 1)), "white")
    paint = ImageDraw.Draw(part)
    if mark:
        paint.text((0, _LINE // 2), number, font=plain, fill=caption.colour or _INK, anchor="lm")
    for at, line in enumerate(lines):
        paint.text((indent, at * _LINE + _LINE // 2), line, font=used, fill=_INK, anchor="lm")
    return part


def _notice(text: str, wide: int) -> Image.Image:
    lines, used = wrapped(text, _SIZE, wide - 12, 4)
    part = Image.new("RGB", (wide, _LINE * len(lines)), "white")
    paint = ImageDraw.Draw(part)
    paint.rectangle((0, 0, 3, part.height), fill=_WARN)
    for at, line in enumerate(lines):
        paint.text((12, at * _LINE + _LINE // 2), line, font=used, fill=_WARN, anchor="lm")
    return part


def _legend(view: "View", wide: int) -> Iterator[Image.Image]:
    """What the colours mean, in as many lines as it takes."""
    if not view.legend:
        return
    placed, left, top = [], 0, 0
    for key in view.legend:
        said, used = letters(key.text, _SIZE - 1)
        needs = size_of(said, used)[0] + 40
        if left and left + needs > wide:
            left, top = 0, top + _LINE
        placed.append((left, top, said, used, key.colour))
        left += needs
    part = Image.new("RGB", (wide, top + _LINE), "white")
    paint = ImageDraw.Draw(part)
    for x, y, said, used, colour in placed:
        paint.rectangle((x, y + 4, x + 12, y + 16), fill=colour)
        paint.text((x + 19, y + _LINE // 2), said, font=used, fill=_INK, anchor="lm")
    yield part
