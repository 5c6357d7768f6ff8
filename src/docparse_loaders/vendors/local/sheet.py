"""One page of the payload with its types checked: whatever is malformed in it is left out, never raised."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lines import Item
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text

_FARTHEST = 1e7
"""Points beyond which a number is no place on a page."""


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


def sheet_of(raw: Object, position: int) -> Sheet:
    """Read one page; `position` gives its number if it has none."""
    number = as_int(raw.get("number"))
    return Sheet(
        number=number if number is not None and number > 0 else position + 1,
        width=_length(raw.get("width")),
        height=_length(raw.get("height")),
        label=as_text(raw.get("label")),
        items=tuple(item for entry in as_list(raw.get("items")) if (item := _item(entry)) is not None),
        blocks=tuple(_block(as_object(entry)) for entry in as_list(raw.get("blocks")) if isinstance(entry, dict)),
        rules=_boxes(raw.get("rules")),
        drawings=_boxes(raw.get("drawings")),
        reasons=frozenset(as_text(reason) for reason in as_list(raw.get("reasons"))),
        full_page_image=raw.get("full_page_image") is True,
    )


def images_of(payload: Object) -> Mapping[str, tuple[str, str]]:
    """Picture id → media type and base64 data."""
    entries = {name: as_object(entry) for name, entry in as_object(payload.get("images")).items()}
    return {
        name: (f"image/{as_text(entry.get('format')) or 'png'}", as_text(entry.get("data"))) for name, entry in entries.items()
    }


def _length(value: JsonValue | None) -> float:
    number = as_float(value)
    return number if number is not None and 0 < number < _FARTHEST else 0.0


def _item(value: JsonValue) -> Item | None:
    fields = as_list(value)
    box = _box(fields[1:5])
    text = as_text(fields[0]) if fields else ""
    if box is None or not text.strip():
        return None
    size, turn, font = (*fields[5:8], None, None, None)[:3]
    return Item(text, box, as_float(size) or box.y1 - box.y0, as_float(turn) or 0.0, as_text(font))


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
