"""Pieces into chunks: one document on its way through the chunker, block by block."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk
from docparse_loaders.chunking.draft import NO_PREFIX, SEPARATOR, Draft, Path
from docparse_loaders.chunking.fragments import fragments, last_sentences
from docparse_loaders.chunking.items import Item
from docparse_loaders.chunking.pieces import FENCED, GAP, Piece, unfenced
from docparse_loaders.chunking.places import RowPlaces, table_parts
from docparse_loaders.chunking.rows import (
    NO_LEAD,
    Lead,
    Part,
    Rooms,
    TableFormat,
    TableText,
    parts,
    table_text,
    whole_part,
    whole_text,
)
from docparse_loaders.chunking.stretches import Stretches, text_parts
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import Block
from docparse_loaders.render import block_content
from docparse_loaders.tables import Grid, grid_of

_log = logging.getLogger("docparse_loaders")

_PREFIX_SHARE, _CAPTION_SHARE, _FRAME_SHARE = 3, 4, 4
# A text that must be cut begins below its heading if this much of a chunk is left for it.
_LEAST_SHARE, _LEAST_TOKENS = 8, 8
# More characters than this for each token and a text is not worth counting to know that it is too long.
_CHARACTERS_PER_TOKEN = 8
# Rows counted one by one may come to so much more than the table does as a whole.
_ROUNDING = 1.3


class Settings(NamedTuple):
    """What the packer needs to know of the chunker's options."""

    max_tokens: int
    overlap: int
    merge_small: bool
    by_row: bool
    table_format: TableFormat
    include_headings: bool
    count: Count
    overhead: int
    fingerprint: str


class _Table(NamedTuple):
    """A table on its way into chunks: `whole` if it fits into one, else `rows` to be put into several."""

    grid: Grid
    caption: Lead
    whole: Piece | None = None
    rows: TableText | None = None


class Packer:
    """Takes the items of one document in reading order and leaves finished chunks in `ready`.

    A chunk holds blocks of one section only, so it never crosses a heading; headings that follow each other without text
    between them begin one chunk together. What does not fit is cut: tables between rows, text by its kind.
    """

    def __init__(self, settings: Settings, document: ParsedDocument) -> None:
        self.ready: list[Chunk] = []
        self._settings = settings
        self._source = document.source
        self._pages = document.pages
        self._tables: dict[str, list[Block]] | None = None
        self._texts: dict[str, list[Block]] | None = None
        self._count = settings.count
        self._max = settings.max_tokens - settings.overhead
        self._gap = settings.count(GAP)
        limit = self._max // _PREFIX_SHARE if settings.include_headings else 0
        self._path = Path(limit, max(self._gap, settings.count(SEPARATOR)), settings.count)
        self._draft = Draft(self._path.prefix())
        self._position = 0
        self._shortened = False

    def add(self, group: Sequence[Item]) -> None:
        """Take the next items, which stand in one chunk if they fit."""
        if len(group) == 1:
            self._add(group[0])
        elif self._settings.merge_small:
            self._together(group)
        else:
            for item in group:
                self._add(item)

    def finish(self) -> None:
        """Close the last chunk."""
        self._flush()
        if self._shortened:
            _log.warning(
                "%s: some heading paths are too long for max_tokens=%d and were cut short in the chunks' text.",
                self._source.name,
                self._settings.max_tokens,
            )

    def _add(self, item: Item) -> None:
        kind = item.block.kind
        if kind == "title":
            self._heading(item)
        elif kind == "table":
            self._table(item)
        else:
            self._text(item)

    def _together(self, group: Sequence[Item]) -> None:
        pieces = [self._whole(item) for item in group]
        found = [piece for piece in pieces if piece is not None]
        total = sum([piece.tokens for piece in found]) + self._gap * (len(found) - 1)
        if len(found) == len(group) and total <= self._room():
            self._made_room(total, table=any(piece.table for piece in found))
            for fitting in found:
                self._draft.add(fitting, self._gap)
            return
        for at, (item, piece) in enumerate(zip(group, pieces, strict=True)):
            last = at + 1 == len(group)
            if item.block.kind == "table":
                self._table(item, noted=not last)
            elif piece is None or item.captions:
                self._text(item)
            else:
                after = None if last else pieces[at + 1]
                self._place_before(piece, cut=not last and (after is None or after.tokens > self._rest()))

    def _whole(self, item: Item) -> Piece | None:
        """The item in one piece; None if that is too large for a chunk, or empty."""
        return self._measured(item).whole if item.block.kind == "table" else self._piece(item)

    def _place_before(self, piece: Piece, *, cut: bool) -> None:
        """Place what introduces something; if that must be `cut`, with room for a good part of it."""
        half = self._rest() // 2
        if cut and not self._draft.leading and (piece.tokens + half > self._left() or self._draft.has_table):
            self._flush(continued=True)
        self._place(piece)
        if cut:
            self._draft.leading = self._draft.fresh and self._left() >= half

    def _heading(self, item: Item) -> None:
        text = block_content(item.block)
        if not text:
            return
        block = item.block
        level = block.level if block.level and block.level > 0 else max(self._path.level, 1)
        piece = Piece(text, self._count(text), "title", item.blocks)
        nested = self._draft.leading and level > self._path.level and self._fits(piece.tokens)
        if not nested:
            self._flush()
            self._path.close(level)
            self._draft = Draft(self._path.prefix())
        self._path.open(level, text, piece.tokens)
        if self._fits(piece.tokens):
            self._place(piece)
            return
        self._path.say(innermost=False)
        self._place(piece)
        self._path.say(innermost=True)

    def _text(self, item: Item) -> None:
        """Place a text, a figure with its captions unless they are too much for one chunk."""
        piece = self._piece(item)
        if piece is not None and item.captions and piece.tokens > self._room():
            for part in self._apart(item):
                self._place(part)
        elif piece is not None:
            self._place(piece)

    def _piece(self, item: Item) -> Piece | None:
        block = item.block
        if not item.captions:
            text = block_content(block)
            blocks = item.blocks if item.before or item.after else (block,)
            return Piece(text, self._count(text), block.kind, blocks) if text else None
        texts = [text for text in map(block_content, (*item.captions, item.block)) if text]
        tokens = sum(map(self._count, texts)) + self._gap * len(texts)
        return Piece(GAP.join(texts), tokens, item.block.kind, item.blocks) if texts else None

    def _apart(self, item: Item) -> Iterator[Piece]:
        """Captions and block as a piece each; what says nothing goes with the one before it."""
        held: list[Block] = list(item.before)
        text, kind = "", item.block.kind
        for block in (*item.captions, item.block):
            shown = block_content(block)
            if shown and text:
                yield Piece(text, self._count(text), kind, tuple(held))
                held = []
            text, kind = (shown, block.kind) if shown else (text, kind)
            held.append(block)
        yield Piece(text, self._count(text), kind, (*held, *item.after))

    def _table(self, item: Item, *, noted: bool = False) -> None:
        """Place a table; the last part of one that is cut stays open if it is `noted`."""
        table = self._measured(item)
        if table.whole is not None:
            self._place(table.whole)
        elif table.rows is None:
            self._text(item)
        else:
            self._cut_table(item, table.grid, table.rows, noted=noted and not self._settings.by_row)

    def _measured(self, item: Item) -> _Table:
        grid = grid_of(item.block)
        captions = GAP.join(filter(None, (*map(block_content, item.captions), grid.caption)))
        grid = replace(grid, caption="") if grid.caption else grid
        if not any(map(any, grid.rows)):
            return _Table(grid, NO_LEAD)
        caption = Lead(captions, self._count(captions) + self._gap) if captions else NO_LEAD
        form, by_row = self._settings.table_format, self._settings.by_row
        text = "" if by_row or grid.height > self._max else whole_text(grid, form)
        rows = self._by_rows(item.block, caption, grid, text) if form == "markdown" or not text else None
        whole = self._whole_table(item, grid, text, caption, rows) if text else None
        if whole is None and rows is None:
            rows = self._by_rows(item.block, caption, grid, "")
        return _Table(grid, caption, whole, rows)

    def _by_rows(self, block: Block, caption: Lead, grid: Grid, text: str) -> TableText:
        form, room = self._settings.table_format, self._rest()
        return table_text(block.id, caption, grid, form, self._count, room, text if form == "markdown" else "")

    def _whole_table(self, item: Item, grid: Grid, text: str, caption: Lead, rows: TableText | None) -> Piece | None:
        """A table that fits into one chunk; None if it does not. What its rows cost saves counting it again."""
        room = self._room()
        text = f"{caption.text}{GAP}{text}" if caption.text else text
        tokens = rows.lead_tokens + sum(rows.costs) if rows else len(text) // _CHARACTERS_PER_TOKEN
        if tokens > room * (_ROUNDING if rows else 1):
            return None
        if rows is None or tokens > room:
            tokens = self._count(text)
        return Piece(text, tokens, "table", item.blocks, whole_part(item.block.id, grid)) if tokens <= room else None

    def _cut_table(self, item: Item, grid: Grid, table: TableText, *, noted: bool) -> None:
        if not self._draft.leading:
            self._renew()
        rest, first = self._rest(), (*item.before, *item.captions)
        if table.caption.tokens > rest // _CAPTION_SHARE:
            self._place(Piece(table.caption.text, table.caption.tokens, "caption", first or (item.block,)))
            table, first = table._replace(caption=NO_LEAD), ()
        if self._draft.pieces and table.lead_tokens + table.costs[0] > self._left():
            self._renew()
        rooms = Rooms(self._left(), rest, self._max)
        places = self._row_places(item.block, grid)
        part = None
        for part in parts(table, rooms, self._count, 1 if self._settings.by_row else None):
            if self._draft.has_table:
                self._renew()
            self._place_part(part, first, item.block, places)
            first = ()
        self._draft.attach((), item.after)
        if part is None or part.bare or not noted:
            self._renew()

    def _row_places(self, block: Block, grid: Grid) -> RowPlaces | None:
        if len(block.regions) < 2:
            return None
        if self._tables is None:
            self._tables = table_parts(self._pages)
        return RowPlaces(block, grid, self._tables.get(block.id, ()))

    def _place_part(self, part: Part, first: tuple[Block, ...], block: Block, places: RowPlaces | None) -> None:
        if part.bare:
            self._draft = Draft(NO_PREFIX)
        regions = None
        if places is not None:
            regions = (*(region for before in first for region in before.regions), *places.of(part.rows))
        self._draft.add(Piece(part.text, part.tokens, "table", (*first, block), part.rows, regions), self._gap)

    def _place(self, piece: Piece) -> None:
        """Put a piece into this chunk, else into the next, else cut it."""
        close = self._draft.used + self._gap + piece.tokens > self._max
        if (close or piece.table is not None) and not self._made_room(piece.tokens, table=piece.table is not None):
            self._cut(piece)
            return
        self._draft.add(piece, self._gap)
        if not self._settings.merge_small:
            self._settle(piece)

    def _made_room(self, tokens: int, *, table: bool) -> bool:
        """Begin a new chunk if this one is too full, without the overlap if it must be; False if even that is not enough."""
        if self._fits(tokens, table=table):
            return True
        if not self._draft.leading:
            self._flush(continued=True)
        if not self._fits(tokens, table=table) and not self._draft.fresh:
            self._draft = Draft(self._path.prefix())
        return self._fits(tokens, table=table)

    def _cut(self, piece: Piece) -> None:
        """Spread a piece over chunks; the first part stays with what leads to it unless that leaves it no room."""
        again = self._settings.overlap + self._gap if self._settings.overlap else 0
        rest = self._rest()
        rest -= again if again < rest // 2 else 0
        if self._draft.fresh and self._left() < max(rest // _LEAST_SHARE, _LEAST_TOKENS):
            self._renew()
        fence, text = unfenced(piece)
        frame = 2 * self._count(f"{fence}\n") if fence else 0
        if frame > min(rest, self._left()) // _FRAME_SHARE:
            fence, frame = "", 0
        before, block, after = _sides(piece)
        stretches = self._stretches(block, text)
        for number, fragment in enumerate(fragments(text, self._count, self._left() - frame, rest - frame, kind=piece.kind)):
            if number:
                self._flush(continued=True)
            tokens = fragment.tokens + frame
            if tokens > self._left() and not self._draft.fresh:
                self._draft = Draft(self._path.prefix())
            shown = f"{fence}\n{fragment.text}\n{fence}" if fence else fragment.text
            regions = stretches.following(fragment.text) if stretches else None
            self._draft.add(Piece(shown, tokens, piece.kind, (block,), None, regions), self._gap)
            if not number:
                self._draft.attach(before)
        self._draft.attach((), after)
        self._settle(piece)

    def _stretches(self, block: Block, text: str) -> Stretches | None:
        if len(block.regions) < 2:
            return None
        if self._texts is None:
            self._texts = text_parts(self._pages)
        return Stretches(block, text, self._texts.get(block.id, ()))

    def _settle(self, piece: Piece) -> None:
        if not self._settings.merge_small and piece.kind != "title":
            self._flush(continued=True)

    def _fits(self, tokens: int, *, table: bool = False) -> bool:
        return tokens <= self._left() and not (table and self._draft.has_table)

    def _left(self) -> int:
        """The tokens that another piece of this chunk may have."""
        draft = self._draft
        return self._max - draft.used - (self._gap if draft.pieces else 0)

    def _rest(self) -> int:
        """The tokens of a chunk that holds nothing but the heading prefix yet."""
        return self._max - self._path.prefix().tokens

    def _room(self) -> int:
        """The tokens of the largest piece that can be placed without cutting it."""
        return self._left() if self._draft.leading else self._rest()

    def _renew(self) -> None:
        self._flush()
        self._draft = Draft(self._path.prefix())

    def _flush(self, *, continued: bool = False) -> None:
        """Finish the chunk; if its section is `continued`, begin the next one with the overlap."""
        draft = self._draft
        if draft.fresh:
            draft.used += self._settings.overhead
            self._shortened = self._shortened or draft.prefix.short
            texts = self._path.texts
            self.ready.append(draft.finish(self._source.sha256, self._settings.fingerprint, self._position, texts))
            self._position += 1
        repeated = self._tail(draft) if continued and self._settings.overlap else []
        self._draft = Draft(self._path.prefix(), repeated, self._gap)

    def _tail(self, draft: Draft) -> list[Piece]:
        """The last sentences of a chunk, up to `overlap` tokens; nothing from headings and tables, no part of code."""
        room, tail = self._settings.overlap, list[Piece]()
        for piece in reversed(draft.pieces):
            if piece.table is not None or piece.kind == "title" or (piece.kind in FENCED and piece.tokens > room):
                break
            text, tokens = (
                (piece.text, piece.tokens) if piece.kind in FENCED else last_sentences(piece.text, self._count, room)[:2]
            )
            if text:
                tail.append(piece._replace(text=text, tokens=tokens, repeated=True))
            room -= tokens + self._gap
            if len(text) < len(piece.text) or room <= 0:
                break
        return tail[::-1]


def _sides(piece: Piece) -> tuple[Sequence[Block], Block, Sequence[Block]]:
    """The block that speaks, and those before and after it."""
    at = next((at for at, block in enumerate(piece.blocks) if block.text or block.html or block.latex), 0)
    return piece.blocks[:at], piece.blocks[at], piece.blocks[at + 1 :]
