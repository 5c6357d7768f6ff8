"""Pieces into chunks: one document on its way through the chunker, block by block."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk, clipped
from docparse_loaders.chunking.draft import SEPARATOR, Draft, Path
from docparse_loaders.chunking.fragments import fragments, last_sentences
from docparse_loaders.chunking.items import Item
from docparse_loaders.chunking.measuring import Measure, Room, Sheet
from docparse_loaders.chunking.pieces import FENCED, GAP, Piece, unfenced
from docparse_loaders.chunking.places import Places
from docparse_loaders.chunking.rows import NO_LEAD, Part, Rooms, TableFormat, TableText, parts
from docparse_loaders.chunking.spans import part_spans
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import Block
from docparse_loaders.render import block_content

_log = logging.getLogger("docparse_loaders")

_PREFIX_SHARE, _CAPTION_SHARE, _FRAME_SHARE = 3, 4, 4
# A text that must be cut begins below its heading if this much of a chunk is left for it.
_LEAST_SHARE, _LEAST_TOKENS = 8, 8


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
    between them begin one chunk together. What does not fit is cut: tables between rows, text by its kind.
    """

    def __init__(self, settings: Settings, document: ParsedDocument) -> None:
        self.ready: list[Chunk] = []
        self._settings = settings
        self._merge_small = settings.merge_small
        self._source = document.source
        self._paths = document.paths
        self._measure = Measure(settings.count, settings.table_format, Places(document.pages), by_row=settings.by_row)
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
        if len(group) > 1 and self._merge_small:
            self._together(group)
            return
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
        """The item in one piece; None if that is too large for a chunk, or empty, or several tables."""
        if item.block.kind != "table":
            return self._measure.piece(item)
        sheets = self._measure.sheets(item, self._rooms())
        return sheets[0].whole if len(sheets) == 1 else None

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
        depth = len(self._paths.get(item.block.id, ())[:-1])
        piece = Piece(text, self._count(text), "title", (item.block,))
        if item.before or item.after or len(item.block.regions) > 1:
            piece = piece._replace(blocks=item.blocks, spans=self._measure.spans(item.block, text))
        nested = self._draft.leading and depth == len(self._path.texts) and self._fits(piece.tokens)
        if not nested:
            self._flush()
            self._path.leave(depth)
            self._draft = Draft(self._path.prefix())
        self._path.enter(text, piece.tokens)
        if self._fits(piece.tokens):
            self._place(piece)
            return
        self._path.say(innermost=False)
        self._place(piece)
        self._path.say(innermost=True)

    def _text(self, item: Item) -> None:
        """Place a text, a figure with its captions unless they are too much for one chunk."""
        piece = self._measure.piece(item)
        if piece is None:
            return
        if item.captions and piece.tokens > self._room():
            for part in self._measure.apart(item):
                self._place(part)
        else:
            self._place(piece)

    def _table(self, item: Item, *, noted: bool = False) -> None:
        """Place the tables of a block; the last part of one that is cut stays open if it is `noted`."""
        sheets = self._measure.sheets(item, self._rooms())
        if not sheets:
            self._text(item)
        for number, sheet in enumerate(sheets):
            if sheet.whole is not None:
                self._place(sheet.whole)
            elif sheet.rows is not None:
                last = number + 1 == len(sheets)
                self._cut_table(sheet, sheet.rows, item.after if last else (), noted=last and noted)

    def _cut_table(self, sheet: Sheet, table: TableText, after: tuple[Block, ...], *, noted: bool) -> None:
        if not self._draft.leading:
            self._flush()
        rest = self._rest()
        blocks = sheet.blocks[: len(sheet.blocks) - len(after)]
        if table.caption.tokens > rest // _CAPTION_SHARE:
            first = blocks[:-1] if sheet.spans and sheet.spans[0].block_id != sheet.block.id else blocks
            self._place(Piece(table.caption.text, table.caption.tokens, "caption", first, None, sheet.spans))
            table, blocks, sheet = table._replace(caption=NO_LEAD), (sheet.block,), sheet._replace(spans=())
        if self._draft.pieces and table.least_tokens > self._left():
            self._flush()
        rooms = Rooms(self._left(), rest, self._max)
        part = None
        for part in parts(table, rooms, self._count, 1 if self._settings.by_row else None):
            if self._draft.has_table:
                self._flush()
            self._place_part(part, sheet, blocks)
            blocks, sheet = (sheet.block,), sheet._replace(spans=())
        self._draft.attach((), after)
        if part is None or part.bare or not noted or self._settings.by_row:
            self._flush()

    def _place_part(self, part: Part, sheet: Sheet, blocks: tuple[Block, ...]) -> None:
        if part.bare:
            self._draft = Draft(self._path.within(self._max - part.tokens))
        spans = None
        if part.lead or sheet.places is not None or len(blocks) > 1:
            form = self._settings.table_format
            spans = (*sheet.spans, *part_spans(sheet.block, part, form, sheet.places, sheet.numbers.above))
        self._draft.add(Piece(part.text, part.tokens, "table", blocks, part.rows, spans), self._gap)

    def _place(self, piece: Piece) -> None:
        """Put a piece into this chunk, else into the next, else cut it."""
        tokens, table = piece.tokens, piece.table is not None
        if (table or self._draft.used + self._gap + tokens > self._max) and not self._made_room(tokens, table=table):
            self._cut(piece)
            return
        self._draft.add(piece, self._gap)
        if not self._merge_small:
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
            self._flush()
        fence, begin, text = unfenced(piece)
        frame = 2 * self._count(f"{fence}\n") if fence else 0
        if frame > min(rest, self._left()) // _FRAME_SHARE:
            fence, frame = "", 0
        speaker = piece.speaker()
        rooms = self._left() - frame, rest - frame
        cut = fragments(text, self._count, *rooms, kind=piece.kind, tokens=piece.tokens)
        for number, fragment in enumerate(cut):
            if number:
                self._flush(continued=True)
            tokens = fragment.tokens + frame
            if tokens > self._left() and not self._draft.fresh:
                self._draft = Draft(self._path.prefix())
            shown = f"{fence}\n{fragment.text}\n{fence}" if fence else fragment.text
            where = begin + fragment.start, begin + fragment.stop, len(fence) + 1 if fence else 0
            spans = clipped(piece.spans, *where) if piece.spans is not None else None
            self._draft.add(Piece(shown, tokens, piece.kind, (piece.blocks[speaker],), None, spans), self._gap)
            if not number:
                self._draft.attach(piece.blocks[:speaker])
        self._draft.attach((), piece.blocks[speaker + 1 :])
        self._settle(piece)

    def _settle(self, piece: Piece) -> None:
        if not self._merge_small and piece.kind != "title":
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

    def _rooms(self) -> Room:
        return Room(self._room(), self._rest(), self._max)

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
            whole = piece.kind in FENCED
            if piece.table is not None or piece.kind == "title" or (whole and piece.tokens > room):
                break
            start, tokens = 0, piece.tokens
            if not whole:
                _, tokens, start, stop = last_sentences(piece.text, self._count, room)
                start = start if stop else len(piece.text)
            if start < len(piece.text):
                tail.append(piece.ending(start, tokens))
            room -= tokens + self._gap
            if start or room <= 0:
                break
        return tail[::-1]
