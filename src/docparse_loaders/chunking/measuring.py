"""Items as pieces: their text as it stands in a chunk, what it costs, and where it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Span, shifted
from docparse_loaders.chunking.items import Item
from docparse_loaders.chunking.pieces import GAP, Piece, plain
from docparse_loaders.chunking.places import Places, RowPlaces
from docparse_loaders.chunking.rows import NO_LEAD, Lead, Numbers, TableFormat, TableText, table_text, whole_part, whole_text
from docparse_loaders.chunking.spans import spans_of, table_spans
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.model import Block
from docparse_loaders.render import block_content
from docparse_loaders.tables import Grid, grids_of

# More characters than this for each token and a text is not worth counting to know that it is too long.
_CHARACTERS_PER_TOKEN = 8
# Rows counted one by one may come to so much more than the table does as a whole.
_ROUNDING = 1.3


class Room(NamedTuple):
    """The tokens of the largest piece that can be placed whole, those that a chunk has below its prefix, and at all."""

    whole: int
    rest: int
    bare: int


class Sheet(NamedTuple):
    """A table on its way into chunks: `whole` if it fits into one, else `rows` to be put into several.

    `blocks` are those that its first part names, `spans` those of its caption.
    """

    block: Block
    blocks: tuple[Block, ...]
    grid: Grid
    caption: Lead
    spans: tuple[Span, ...]
    places: RowPlaces | None
    numbers: Numbers
    whole: Piece | None = None
    rows: TableText | None = None


class Measure:
    """Makes pieces of the items of one document, each text counted once."""

    def __init__(self, count: Count, form: TableFormat, places: Places, *, by_row: bool) -> None:
        self._count = count
        self._gap = count(GAP)
        self._form: TableFormat = form
        self._places = places
        self._by_row = by_row

    def piece(self, item: Item) -> Piece | None:
        """A text, a figure with its captions, as a whole; None if it says nothing."""
        block = item.block
        if not item.captions:
            text = block_content(block)
            if not text:
                return None
            if len(block.regions) < 2 and not item.before and not item.after:
                return plain(block, text, self._count(text))
            return Piece(text, self._count(text), block.kind, item.blocks, None, self.spans(block, text))
        text, spans = self._side_by_side((*item.captions, block))
        return Piece(text, self._count(text), block.kind, item.blocks, None, spans) if text else None

    def apart(self, item: Item) -> Iterator[Piece]:
        """Captions and block as a piece each; what says nothing goes with the one before it."""
        held: list[Block] = list(item.before)
        speaker, text = item.block, ""
        for block in (*item.captions, item.block):
            shown = block_content(block)
            if shown and text:
                yield Piece(text, self._count(text), speaker.kind, tuple(held), None, self.spans(speaker, text))
                held = []
            speaker, text = (block, shown) if shown else (speaker, text)
            held.append(block)
        yield Piece(text, self._count(text), speaker.kind, (*held, *item.after), None, self.spans(speaker, text))

    def spans(self, block: Block, text: str) -> tuple[Span, ...]:
        """The spans of what a block says."""
        return spans_of(block, text, self._places)

    def sheets(self, item: Item, room: Room) -> list[Sheet]:
        """The tables of a block, each whole if it fits; none if it holds no rows."""
        grids = [grid for grid in grids_of(item.block) if any(map(any, grid.rows)) or grid.caption]
        if not any(any(map(any, grid.rows)) for grid in grids):
            return []
        total, above, found = sum([grid.height for grid in grids]), 0, list[Sheet]()
        for number, grid in enumerate(grids):
            before = () if number else (*item.before, *item.captions)
            blocks = (*before, item.block, *(item.after if number + 1 == len(grids) else ()))
            found.append(self._sheet(item, blocks, grid, Numbers(above, total), room))
            above += grid.height
        return found

    def _sheet(self, item: Item, blocks: tuple[Block, ...], grid: Grid, numbers: Numbers, room: Room) -> Sheet:
        block, places = item.block, self._places.rows(item.block, grid)
        caption, spans = self._side_by_side(item.captions) if item.captions else ("", ())
        spans = spans if item.captions and item.captions[0] in blocks else ()
        if grid.caption:
            at = len(caption) + len(GAP) if caption else 0
            caption = f"{caption}{GAP}{grid.caption}" if caption else grid.caption
            regions = places.of(0, 0) if places else block.regions
            spans = (*spans, Span(at, len(caption), block.id, regions))
            grid = replace(grid, caption="")
        lead = Lead(caption, self._count(caption) + self._gap) if caption else NO_LEAD
        return self._laid(Sheet(block, blocks, grid, lead, spans, places, numbers), room)

    def _laid(self, sheet: Sheet, room: Room) -> Sheet:
        grid, form = sheet.grid, self._form
        text = "" if self._by_row or grid.height > room.bare else whole_text(grid, form)
        rows = self._rows(sheet, room, text) if form == "markdown" or not text else None
        whole = self._whole(sheet, text, rows, room.whole) if text else None
        if whole is None and rows is None:
            rows = self._rows(sheet, room, "")
        return sheet._replace(whole=whole, rows=rows)

    def _rows(self, sheet: Sheet, room: Room, text: str) -> TableText:
        markdown = text if self._form == "markdown" else ""
        name, caption, rooms = sheet.block.id, sheet.caption, (room.rest, room.bare)
        found = table_text(name, caption, sheet.grid, self._form, self._count, *rooms, markdown)
        return found._replace(place=sheet.numbers)

    def _whole(self, sheet: Sheet, table: str, rows: TableText | None, room: int) -> Piece | None:
        """A table that fits into one chunk; None if it does not. What its rows cost saves counting it again."""
        lead = f"{sheet.caption.text}{GAP}" if sheet.caption.text else ""
        text = lead + table
        tokens = rows.lead_tokens + sum(rows.costs) if rows else len(text) // _CHARACTERS_PER_TOKEN
        if tokens > room * (_ROUNDING if rows else 1):
            return None
        if rows is None or tokens > room:
            tokens = self._count(text)
        if tokens > room:
            return None
        spans = None
        if lead or sheet.places is not None or len(sheet.blocks) > 1:
            own = table_spans(sheet.block, sheet.grid, table, self._form, sheet.places)
            spans = (*sheet.spans, *shifted(own, len(lead)))
        return Piece(text, tokens, "table", sheet.blocks, whole_part(sheet.block.id, sheet.grid, sheet.numbers), spans)

    def _side_by_side(self, blocks: Iterable[Block]) -> tuple[str, tuple[Span, ...]]:
        """What several blocks say as one text, with its spans."""
        texts, spans, at = list[str](), list[Span](), 0
        for block in blocks:
            if text := block_content(block):
                spans += shifted(self.spans(block, text), at)
                texts.append(text)
                at += len(text) + len(GAP)
        return GAP.join(texts), tuple(spans)
