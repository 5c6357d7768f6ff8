"""One page of the payload with its types checked: whatever is malformed in it is left out, never raised."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from docparse_loaders.pages import MOST_PAGES
from docparse_loaders.vendors.local.frame import Frame
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lines import Item
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text

_FARTHEST = 1e7
"""Points beyond which a number is no place on a page."""
_SMALLEST = 0.01
"""Points below which a page has no size."""
_FEW = 50
"""A page that is one picture and has fewer characters than this was scanned."""
_WHOLE = 0.8
"""A picture that covers this part of a scanned page is the page."""


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell of a table as LiteParse found it."""

    text: str
    box: Box | None


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A block as LiteParse classified it; `rows` of a table begin with its header, if `headed`."""

    kind: str
    text: str
    level: int | None
    id: str
    box: Box | None
    rows: tuple[tuple[RawCell, ...], ...]
    headed: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """How a page was read by OCR: how it was turned, its size in pixels if it is a picture, and how sure each line is."""

    frame: Frame
    pixels: tuple[int, int] | None
    scores: tuple[tuple[Box, float], ...]

    def confidence(self, box: Box) -> float | None:
        """How sure the lines in a box are, 0 to 1, each by its length; None if there are none."""
        inside = [(line.x1 - line.x0, score) for line, score in self.scores if box.holds(line)]
        total = sum(length for length, _ in inside)
        return round(sum(length * score for length, score in inside) / total, 4) if total > 0 else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: runs of text, LiteParse's blocks in reading order, ruled lines and drawings, all in points."""

    number: int
    width: float
    height: float
    label: str
    items: tuple[Item, ...]
    blocks: tuple[RawBlock, ...]
    rules: tuple[Box, ...]
    drawings: tuple[Box, ...]
    reasons: frozenset[str]
    full_page_image: bool
    scan: Scan | None = None

    @property
    def unread(self) -> bool:
        """Whether it shows something and has no text layer to speak of: a scan, or text drawn as shapes."""
        if self.scan is not None:
            return False
        seen = sum(len(item.text) for item in self.items)
        pictured = self.full_page_image or any(block.kind == "figure" for block in self.blocks) or bool(self.drawings)
        return (self.full_page_image and seen < _FEW) or (pictured and not seen)


def sheet_of(raw: Object, position: int) -> Sheet:
    """Read one page; `position` gives its number if it has none."""
    number = as_int(raw.get("number"))
    width, height = _length(raw.get("width")), _length(raw.get("height"))
    pictures = [_block(as_object(entry)) for entry in as_list(raw.get("pictures"))]
    return Sheet(
        number=number if number is not None and 0 < number <= MOST_PAGES else position + 1,
        width=width,
        height=height,
        label=as_text(raw.get("label")),
        items=tuple(item for entry in as_list(raw.get("items")) if (item := _item(entry)) is not None),
        blocks=(
            *(_block(as_object(entry)) for entry in as_list(raw.get("blocks")) if isinstance(entry, dict)),
            *(block for block in pictures if block.box is not None and block.box.area < _WHOLE * width * height),
        ),
        rules=_boxes(raw.get("rules")),
        drawings=_boxes(raw.get("drawings")),
        reasons=frozenset(as_text(reason) for reason in as_list(raw.get("reasons"))),
        full_page_image=raw.get("full_page_image") is True,
        scan=_scan(as_object(raw["scan"]), width, height) if isinstance(raw.get("scan"), dict) else None,
    )


def _scan(raw: Object, width: float, height: float) -> Scan:
    pixels = [as_int(side) for side in as_list(raw.get("pixels"))]
    sides = [side for side in pixels if side is not None and 0 < side < _FARTHEST]
    entries = (as_list(entry) for entry in as_list(raw.get("scores")))
    scores = ((_box(entry[:4]), as_float(entry[-1])) for entry in entries if len(entry) == 5)
    turn, skew = as_int(raw.get("turn")) or 0, as_float(raw.get("skew")) or 0.0
    return Scan(
        Frame(width, height, turn % 360, skew if abs(skew) < 45 else 0.0),
        (sides[0], sides[1]) if len(sides) == 2 else None,
        tuple((box, min(max(score, 0.0), 1.0)) for box, score in scores if box is not None and score is not None),
    )


def images_of(payload: Object) -> Mapping[str, tuple[str, str]]:
    """Picture id → media type and base64 data."""
    entries = {name: as_object(entry) for name, entry in as_object(payload.get("images")).items()}
    return {
        name: (f"image/{as_text(entry.get('format')) or 'png'}", as_text(entry.get("data"))) for name, entry in entries.items()
    }


_BULLETS = str.maketrans({"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓"})
"""Bullets of the fonts Symbol and Wingdings, which have no Unicode of their own in what office programs write."""


def _length(value: JsonValue | None) -> float:
    number = as_float(value)
    return number if number is not None and _SMALLEST < number < _FARTHEST else 0.0


def _item(value: JsonValue) -> Item | None:
    fields = as_list(value)
    box = _box(fields[1:5])
    text = as_text(fields[0]) if fields else ""
    if box is None or not text.strip():
        return None
    size, turn, font = (*fields[5:8], None, None, None)[:3]
    return Item(text.translate(_BULLETS), box, _length(size) or box.y1 - box.y0, (as_float(turn) or 0.0) % 360, as_text(font))


def _block(raw: Object) -> RawBlock:
    header = _cells(raw.get("header"))
    rows = tuple(_cells(row) for row in as_list(raw.get("rows")))
    return RawBlock(
        kind=as_text(raw.get("kind")),
        text=as_text(raw.get("text")),
        level=as_int(raw.get("level")),
        id=as_text(raw.get("id")),
        box=_box(raw.get("bbox")),
        rows=(header, *rows) if header else rows,
        headed=bool(header),
    )


def _cells(value: JsonValue | None) -> tuple[RawCell, ...]:
    entries = [as_object(entry) for entry in as_list(value)]
    return tuple(RawCell(as_text(entry.get("text")), _box(entry.get("bbox"))) for entry in entries)


def _boxes(value: JsonValue | None) -> tuple[Box, ...]:
    return tuple(box for entry in as_list(value) if (box := _box(entry)) is not None)


def _box(value: JsonValue | None) -> Box | None:
    corners = [as_float(corner) for corner in as_list(value)]
    numbers = [corner for corner in corners if corner is not None and abs(corner) < _FARTHEST]
    if len(numbers) != 4 or len(corners) != 4:
        return None
    x0, y0, x1, y1 = numbers
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
