"""Pieces into chunks: one document on its way through the chunker, block by block."""

from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk
from docparse_loaders.chunking.draft import NO_PREFIX, SEPARATOR, Draft, Path
from docparse_loaders.chunking.fragments import fragments, last_sentences
from docparse_loaders.chunking.pieces import BY_LINES, GAP, Item, Piece, text_of
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
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import Block
from docparse_loaders.tables import Grid, grid_of

_PREFIX_SHARE, _CAPTION_SHARE = 3, 4
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


class Packer:
    """Takes the items of one document in reading order and leaves finished chunks in `ready`.

    A chunk holds blocks of one section only, so it never crosses a heading; headings that follow each other without text
    between them begin one chunk together. What does not fit is cut: tables between rows, text between sentences.
    """

    def __init__(self, settings: Settings, document: ParsedDocument) -> None:
        self.ready: list[Chunk] = []
        self._settings = settings
        self._document = document.source.sha256
        self._pages = document.pages
        self._joined: dict[str, list[Block]] | None = None
        self._count = settings.count
        self._max = settings.max_tokens - settings.overhead
        self._gap = settings.count(GAP)
        limit = self._max // _PREFIX_SHARE if settings.include_headings else 0
        self._path = Path(limit, max(self._gap, settings.count(SEPARATOR)))
        self._draft = Draft(self._path.prefix())
        self._position = 0

    def add(self, item: Item) -> None:
        """Take the next block with its captions."""
        kind = item.block.kind
        if kind == "title":
            self._heading(item.block)
        elif kind == "table":
            self._table(item)
        elif item.captions:
            self._captioned(item)
        else:
            self._prose(item.block)

    def finish(self) -> None:
        """Close the last chunk."""
        self._flush()

    def _heading(self, block: Block) -> None:
        text = " ".join(text_of(block).split())
        if not text:
            return
        level = block.level if block.level and block.level > 0 else max(self._path.level, 1)
        piece = Piece(text, self._count(text), (block,))
        nested = self._draft.headings_only and level > self._path.level and self._fits(piece)
        if not nested:
            self._flush()
            self._path.close(level)
            self._draft = Draft(self._path.prefix())
        self._path.open(level, text, piece.tokens)
        self._place(piece)

    def _prose(self, block: Block) -> None:
        text = text_of(block)
        if text:
            self._place(Piece(text, self._count(text), (block,)))

    def _captioned(self, item: Item) -> None:
        """A figure goes into one chunk with its captions unless they are too much for one."""
        blocks = (*item.captions, item.block)
        texts = [text for text in map(text_of, blocks) if text]
        tokens = sum(map(self._count, texts)) + self._gap * len(texts)
        if texts and tokens <= self._room():
            self._place(Piece(GAP.join(texts), tokens, blocks))
            return
        for block in blocks:
            self._prose(block)

    def _table(self, item: Item) -> None:
        grid = grid_of(item.block)
        captions = GAP.join(filter(None, (*map(text_of, item.captions), grid.caption)))
        grid = replace(grid, caption="") if grid.caption else grid
        if not any(map(any, grid.rows)):
            self._captioned(item)
            return
        caption = Lead(captions, self._count(captions) + self._gap) if captions else NO_LEAD
        form, by_row = self._settings.table_format, self._settings.by_row
        text = "" if by_row or grid.height > self._max else whole_text(grid, form)
        table = self._by_rows(item.block, caption, grid, text) if form == "markdown" or not text else None
        if not (text and self._whole_table(item, grid, text, caption, table)):
            self._cut_table(item, grid, table or self._by_rows(item.block, caption, grid, ""))

    def _by_rows(self, block: Block, caption: Lead, grid: Grid, text: str) -> TableText:
        form, room = self._settings.table_format, self._max - self._path.prefix().tokens
        return table_text(block.id, caption, grid, form, self._count, room, text if form == "markdown" else "")

    def _whole_table(self, item: Item, grid: Grid, text: str, caption: Lead, table: TableText | None) -> bool:
        """Place a table that fits into one chunk; False if it does not. What its rows cost saves counting it again."""
        room = self._room()
        text = f"{caption.text}{GAP}{text}" if caption.text else text
        tokens = table.lead_tokens + sum(table.costs) if table else len(text) // _CHARACTERS_PER_TOKEN
        if tokens > room * (_ROUNDING if table else 1):
            return False
        if table is None or tokens > room:
            tokens = self._count(text)
        if tokens > room:
            return False
        self._place(Piece(text, tokens, (*item.captions, item.block), whole_part(item.block.id, grid)))
        return True

    def _cut_table(self, item: Item, grid: Grid, table: TableText) -> None:
        if not self._draft.headings_only:
            self._renew()
        rest, owned = self._max - self._path.prefix().tokens, item.captions
        if table.caption.tokens > rest // _CAPTION_SHARE:
            self._place(Piece(table.caption.text, table.caption.tokens, item.captions or (item.block,)))
            table, owned = table._replace(caption=NO_LEAD), ()
        if self._draft.pieces and table.lead_tokens + table.costs[0] > self._left():
            self._renew()
        rooms = Rooms(self._left(), rest, self._max)
        places = self._places(item.block, grid)
        for part in parts(table, rooms, self._count, 1 if self._settings.by_row else None):
            self._place_part(part, owned, item.block, places)
            owned = ()

    def _places(self, block: Block, grid: Grid) -> RowPlaces | None:
        if len(block.regions) < 2:
            return None
        if self._joined is None:
            self._joined = table_parts(self._pages)
        return RowPlaces(block, grid, self._joined.get(block.id, ()))

    def _place_part(self, part: Part, captions: tuple[Block, ...], block: Block, places: RowPlaces | None) -> None:
        if part.bare:
            self._draft = Draft(NO_PREFIX)
        regions = None
        if places is not None:
            regions = (*(region for caption in captions for region in caption.regions), *places.of(part.rows))
        self._draft.add(Piece(part.text, part.tokens, (*captions, block), part.rows, regions), self._gap)
        self._renew()

    def _place(self, piece: Piece) -> None:
        """Put a piece into this chunk, else into the next, else cut it."""
        close = self._draft.used + self._gap + piece.tokens > self._max
        if (close or piece.table is not None) and not self._made_room(piece):
            self._cut(piece)
            return
        self._draft.add(piece, self._gap)
        if not self._settings.merge_small:
            self._settle(piece)

    def _made_room(self, piece: Piece) -> bool:
        """Begin a new chunk if this one is too full, without the overlap if it must be; False if even that is not enough."""
        if self._fits(piece):
            return True
        if not self._draft.headings_only:
            self._flush(continued=True)
        if not self._fits(piece) and not self._draft.fresh:
            self._draft = Draft(self._path.prefix())
        return self._fits(piece)

    def _cut(self, piece: Piece) -> None:
        """Spread a piece over chunks; the first part stays with the headings unless they leave it little room."""
        again = self._settings.overlap + self._gap if self._settings.overlap else 0
        rest = self._max - self._path.prefix().tokens
        rest -= again if again < rest // 2 else 0
        if self._draft.fresh and self._left() < rest // 2:
            self._renew()
        lines = piece.kind in BY_LINES
        for number, fragment in enumerate(fragments(piece.text, self._count, self._left(), rest, lines=lines)):
            if number:
                self._flush(continued=True)
            if fragment.tokens > self._left() and not self._draft.fresh:
                self._draft = Draft(self._path.prefix())
            self._draft.add(Piece(fragment.text, fragment.tokens, piece.blocks), self._gap)
        self._settle(piece)

    def _settle(self, piece: Piece) -> None:
        if not self._settings.merge_small and piece.kind != "title":
            self._flush(continued=True)

    def _fits(self, piece: Piece) -> bool:
        if piece.table is not None and self._draft.has_table:
            return False
        return piece.tokens <= self._left()

    def _left(self) -> int:
        """The tokens that another piece of this chunk may have."""
        draft = self._draft
        return self._max - draft.used - (self._gap if draft.pieces else 0)

    def _room(self) -> int:
        """The tokens of the largest piece that can be placed without cutting it."""
        if self._draft.headings_only:
            return self._left()
        return self._max - self._path.prefix().tokens

    def _renew(self) -> None:
        self._flush()
        self._draft = Draft(self._path.prefix())

    def _flush(self, *, continued: bool = False) -> None:
        """Finish the chunk; if its section is `continued`, begin the next one with the overlap."""
        draft = self._draft
        if draft.fresh:
            draft.used += self._settings.overhead
            self.ready.append(draft.finish(self._document, self._settings.fingerprint, self._position, self._path.texts))
            self._position += 1
        repeated = self._tail(draft) if continued and self._settings.overlap else []
        self._draft = Draft(self._path.prefix(), repeated, self._gap)

    def _tail(self, draft: Draft) -> list[Piece]:
        """The last sentences of a chunk, up to `overlap` tokens; nothing from headings and tables."""
        room, tail = self._settings.overlap, list[Piece]()
        for piece in reversed(draft.pieces):
            if piece.table is not None or piece.kind == "title":
                break
            text, tokens = last_sentences(piece.text, self._count, room)
            if text:
                tail.append(Piece(text, tokens, piece.blocks, repeated=True))
            room -= tokens + self._gap
            if len(text) < len(piece.text) or room <= 0:
                break
        return tail[::-1]
