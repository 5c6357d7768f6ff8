"""A page's runs of text shared out: to ruled tables first, then to drawings, then to LiteParse's blocks.

Every run ends in exactly one place, so no text is lost or doubled. What no block takes (among it the headers and footers
that LiteParse strips) is kept as loose lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from types import MappingProxyType
from typing import NamedTuple

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.aligned import Aligned, aligned, leads, lists_contents
from docparse_loaders.vendors.local.columns import zone_of, zones
from docparse_loaders.vendors.local.geometry import Box, around
from docparse_loaders.vendors.local.grid import Grid, gridded, ruled, shared_out, unruled
from docparse_loaders.vendors.local.lattice import Lattice, lattices
from docparse_loaders.vendors.local.lines import Item, Line, letters, lines_of
from docparse_loaders.vendors.local.lists import bulleted
from docparse_loaders.vendors.local.piece import Piece, placed
from docparse_loaders.vendors.local.sheet import RawBlock, Sheet
from docparse_loaders.vendors.local.split import caption_of, streams

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "heading": "title",
        "paragraph": "text",
        "list_item": "list",
        "code": "code",
        "grid_fallback": "text",
        "table": "table",
        "figure": "figure",
    }
)
"""LiteParse's kinds in our vocabulary; a `rule` is only a line drawn on the page."""

_GAP = 2.5
"""Font sizes between two runs in one row that are not of one line."""
_GUTTER = 1.5
"""The same where columns are already known to be."""
_OUTSIDE = 1e6
"""Points: what stands beyond the edge of the page belongs to the part of it that is nearest."""


class Part(NamedTuple):
    """A part of a page that is read in one go: its pieces in reading order and the lines that belong to none of them."""

    pieces: list[Piece]
    loose: list[Line]


Layout = list[Part]
"""A page's parts in reading order: one, or more where it has columns."""


def layout(sheet: Sheet) -> Layout:
    """Share out the runs of a page. Slanted text, such as a watermark, becomes one piece of kind aside."""
    straight = [item for item in sheet.items if not item.slanted]
    found = [_Found(lattice, list(inside)) for lattice, inside in _ruled(sheet, straight)]
    claimed = {id(item) for table in found for item in table.items}
    rest = [item for item in straight if id(item) not in claimed]
    tables = [table.lattice.box for table in found]
    drawings, rest = _drawn(sheet, tables, rest)
    fixed = [_ruled_piece(sheet, table) for table in found]
    pictures = [block.box for block in sheet.blocks if block.kind == "figure" and block.box is not None]
    areas = zones(lines_of(rest, _GUTTER), [*tables, *(piece.box for piece in drawings), *pictures], _page_box(sheet))
    parts = _parts_of(sheet, tables, [piece.box for piece in drawings], rest, areas)
    for piece, left in fixed:
        part = parts[zone_of(piece.box, areas)]
        placed(part.pieces, piece)
        part.loose.extend(left)
    for piece in (*drawings, *_slanted(sheet)):
        placed(parts[zone_of(piece.box, areas)].pieces, piece)
    return parts


def _page_box(sheet: Sheet) -> Box:
    return Box(-_OUTSIDE, -_OUTSIDE, sheet.width + _OUTSIDE, sheet.height + _OUTSIDE)


def _ruled_piece(sheet: Sheet, table: "_Found") -> tuple[Piece, list[Line]]:
    grid = ruled(table.lattice, table.items, _header_bottom(sheet, table.lattice.box))
    return Piece("table", "table", table.lattice.box, written=grid.text, html=grid.html), lines_of(grid.left, _GAP)


def _along(item: Item) -> float:
    """How far along its own direction a slanted run begins; a turn is clockwise, as y grows downwards."""
    turn = radians(item.turn)
    return (item.box.x0 + item.box.x1) * cos(turn) + (item.box.y0 + item.box.y1) * sin(turn)


@dataclass(frozen=True, slots=True)
class _Found:
    lattice: Lattice
    items: list[Item]


def _ruled(sheet: Sheet, items: Sequence[Item]) -> Iterable[tuple[Lattice, list[Item]]]:
    """Grids with text in at least two cells: others are frames, forms' boxes or charts."""
    for lattice in lattices(sheet.rules):
        inside = [item for item in items if lattice.box.holds(item.box, 0)]
        held, _ = shared_out([cell.box for cell in lattice.cells], inside)
        used = sum(1 for items_of_cell in held if items_of_cell)
        if used >= 2 and used * 4 >= len(lattice.cells):
            yield lattice, inside


def _header_bottom(sheet: Sheet, box: Box) -> float | None:
    """Where the header ends that LiteParse saw in the same table."""
    for block in sheet.blocks:
        if block.headed and block.box is not None and block.box.covers(box) > 0.5:
            bottoms = [cell.box.y1 for cell in block.rows[0] if cell.box is not None]
            return max(bottoms, default=None)
    return None


def _drawn(sheet: Sheet, tables: Sequence[Box], items: Sequence[Item]) -> tuple[list[Piece], list[Item]]:
    """Drawings with their labels, and the runs that are in none. A frame around text and a shaded table are no drawings."""
    pieces: list[Piece] = []
    rest = list(items)
    taken = [*tables, *(b.box for b in sheet.blocks if b.kind in {"table", "figure"} and b.box is not None)]
    for box in sheet.drawings:
        inside = [item for item in rest if box.holds(item.box)]
        if sum(item.box.area for item in inside) > 0.2 * box.area or any(other.covers(box) > 0.5 for other in taken):
            continue
        labels = _labels(box, rest, inside)
        whole = around([box, *(item.box for item in labels)])
        text = "\n".join(line.text for line in lines_of(labels, _GAP))
        pieces.append(Piece("figure", "drawing", whole, written=text))
        gone = {id(item) for item in labels}
        rest = [item for item in rest if id(item) not in gone]
    return pieces, rest


def _labels(box: Box, items: Sequence[Item], inside: Sequence[Item]) -> list[Item]:
    """The runs in a drawing and short ones beside it: the words along an axis, then a legend; never its caption."""
    labels = list(inside)
    for longest in (12, 30):
        seen = {id(item) for item in labels}
        near = around([box, *(item.box for item in labels)]).grown(10)
        labels += [
            item
            for item in items
            if id(item) not in seen and near.shared(item.box) > 0 and len(item.text) <= longest and not caption_of(item.text)
        ]
    return labels


def _slanted(sheet: Sheet) -> list[Piece]:
    items = sorted((item for item in sheet.items if item.slanted), key=_along)
    if not items:
        return []
    # Slanted words come in fragments, whose boxes touch where no space is between them.
    parts = (right.text if left.box.grown(1).shared(right.box) else f" {right.text}" for left, right in pairwise(items))
    text = items[0].text + "".join(parts)
    return [Piece("aside", "slanted", around(item.box for item in items), written=text)]


def _parts_of(
    sheet: Sheet, tables: Sequence[Box], drawings: Sequence[Box], items: Sequence[Item], areas: Sequence[Box]
) -> Layout:
    """Pieces for LiteParse's blocks with the runs that stand in them, and the lines of the others, for each part of the page.

    A table of LiteParse that reaches into a ruled table or a drawing was put together wrongly, and is taken apart; so is any
    block that reaches over a gutter.
    """
    blocks = [block for block in sheet.blocks if block.box is not None and block.kind != "rule"]
    spoilt = [*tables, *drawings]
    sound = [b for b in blocks if b.kind != "table" or not any(_meets(b.box, other) for other in spoilt)]
    if len(areas) > 1:
        held, _ = _held(sound, items)
        places = [{zone_of(item.box, areas) for item in inside} for inside in held]
        sound = [block for block, found in zip(sound, places, strict=True) if len(found) < 2]
    parts: Layout = []
    for index in range(len(areas)):
        own = [item for item in items if zone_of(item.box, areas) == index]
        parts.append(_part([b for b in sound if b.box is not None and zone_of(b.box, areas) == index], own))
    return parts


def _part(blocks: Sequence[RawBlock], items: Sequence[Item]) -> Part:
    found = [table for table in aligned(items) if not any(_better(block, table) for block in blocks)]
    claimed = {id(item) for table in found for item in table.items}
    blocks = [block for block in blocks if block.kind != "table" or not any(_meets(block.box, table.box) for table in found)]
    held, loose = _held(blocks, [item for item in items if id(item) not in claimed])
    loose = _recalled(blocks, held, loose)
    pieces: list[Piece] = []
    for block, inside in zip(blocks, held, strict=True):
        pieces += _pieces(block, inside, loose)
    for table in found:
        grid = gridded(table)
        placed(pieces, Piece("table", "aligned", table.box, written=grid.text, html=grid.html))
    return Part(pieces, _rows_adopted(pieces, lines_of(loose, _GAP)))


def _better(block: RawBlock, table: Aligned) -> bool:
    """Whether LiteParse saw the same table with as many cells, or something of another kind that is no running text."""
    if not _meets(block.box, table.box):
        return False
    if block.kind == "table" and not any(caption_of(" ".join(cell.text for cell in row)) for row in block.rows):
        return sum(1 for row in block.rows for cell in row if cell.text) >= table.filled
    return block.kind in {"code", "figure"}


def _meets(box: Box | None, other: Box) -> bool:
    return box is not None and (box.covers(other) > 0.3 or other.covers(box) > 0.3)


def _held(blocks: Sequence[RawBlock], items: Iterable[Item]) -> tuple[list[list[Item]], list[Item]]:
    """Items by the smallest block that holds them, and those that none does."""
    held: list[list[Item]] = [[] for _ in blocks]
    by_area = sorted((block.box.area, index) for index, block in enumerate(blocks) if block.box is not None)
    boxes = [(index, box) for _, index in by_area if (box := blocks[index].box) is not None and blocks[index].kind != "figure"]
    loose: list[Item] = []
    for item in items:
        index = next((index for index, box in boxes if box.holds(item.box)), None)
        (loose if index is None else held[index]).append(item)
    return held, loose


def _recalled(blocks: Sequence[RawBlock], held: Sequence[list[Item]], loose: list[Item]) -> list[Item]:
    """Give blocks the runs that are in their text but outside their box, which LiteParse sometimes draws too small."""
    for block, inside in zip(blocks, held, strict=True):
        told = letters(block.text)
        missing = len(told) - sum(len(letters(item.text)) for item in inside)
        if block.box is None or missing <= 0 or not loose:
            continue
        box = block.box
        wanted = [item for item in loose if box.stacked(item.box) and (own := letters(item.text)) and own in told]
        if sorted(letters("".join(item.text for item in (*inside, *wanted)))) == sorted(told):
            inside.extend(wanted)
            gone = {id(item) for item in wanted}
            loose = [item for item in loose if id(item) not in gone]
    return loose


def _pieces(block: RawBlock, items: Sequence[Item], loose: list[Item]) -> list[Piece]:
    box = block.box
    kind = KINDS.get(block.kind, "other")
    if box is None or (kind != "figure" and not items):
        return []
    if kind == "figure":
        return [Piece("figure", block.kind, box, picture=block.id)]
    if kind == "table":
        return _table(block, box, items, loose)
    return [Piece.of(kind, block.kind, tuple(_read(block, items)), block.level)]


def _read(block: RawBlock, items: Sequence[Item]) -> list[Line]:
    """A block's lines from top to bottom, or column by column where LiteParse read them so."""
    lines = lines_of(items)
    told = letters(block.text)
    if _tells(lines, told):
        return lines
    columns = [line for column in streams(lines_of(items, _GUTTER)) for line in column]
    return columns if _tells(columns, told) else lines


def _tells(lines: Iterable[Line], told: str) -> bool:
    # A list item's number is in its lines, but not in LiteParse's text of it.
    return letters("".join(line.text for line in lines)).endswith(told)


def _table(block: RawBlock, box: Box, items: Sequence[Item], loose: list[Item]) -> list[Piece]:
    lines = tuple(lines_of(items))
    starts = [bulleted(line.text) for line in lines]
    if starts[0] and sum(starts) * 2 >= len(starts):
        return [Piece.of("list", block.kind, lines)]
    if not block.rows:
        return [Piece.of("text", block.kind, lines)]
    dotted = sum(leads(line.text) for line in lines) * 2 > len(lines)
    if dotted or lists_contents([[cell.text for cell in row] for row in block.rows]):
        return [Piece("toc", block.kind, box, lines, written="\n".join(line.text for line in lines))]
    grid: Grid = unruled(block, items)
    loose += grid.left
    return [Piece("table", block.kind, box, written=grid.text, html=grid.html)]


def _rows_adopted(pieces: list[Piece], loose: Sequence[Line]) -> list[Line]:
    """Loose lines that stand in the same row as a short title or paragraph join it: the parts of a formula, its number."""
    rest: list[Line] = []
    for line in loose:
        fitting = [
            position
            for position, piece in enumerate(pieces)
            if piece.kind in {"title", "text"} and len(piece.text) < 60 and _same_row(piece, line)
        ]
        if fitting:
            piece = pieces[fitting[0]]
            lines = sorted((*piece.lines, line), key=lambda line: (line.box.y0 + line.box.y1, line.box.x0))
            pieces[fitting[0]] = Piece.of(piece.kind, piece.label, tuple(lines), piece.level)
        else:
            rest.append(line)
    return rest


def _same_row(piece: Piece, line: Line) -> bool:
    middle = (line.box.y0 + line.box.y1) / 2
    return piece.box.y0 <= middle <= piece.box.y1 and not piece.box.stacked(line.box)
