"""A chunk in the making, and the headings that are open while it is made."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk, chunk_id
from docparse_loaders.chunking.pieces import GAP, Piece, joined
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.model import Block, Region

SEPARATOR = " > "
DEEPEST = 9
"""The headings that a path has at most, which bounds the work for each chunk."""
MORE = "…"
"""Stands where the beginning of a heading is left out."""
_BREAK = re.compile(r"\s+|(?<=[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef])")
_LONGEST_TOKEN = 100
_page = attrgetter("page_number")


class Prefix(NamedTuple):
    """The line of headings above a chunk's body, with the blank line that follows it; both empty if there is none.

    It is `short` if it should be longer.
    """

    text: str
    tokens: int
    short: bool = False


NO_PREFIX = Prefix("", 0)


class _Heading(NamedTuple):
    level: int
    text: str
    tokens: int


class Path:
    """The headings under which the reader is; `texts` are theirs, outermost first."""

    __slots__ = ("_count", "_headings", "_limit", "_overhead", "_prefix", "_said", "_texts")

    def __init__(self, limit: int, overhead: int, count: Count) -> None:
        """`limit` is the most tokens that a prefix may have, `overhead` those of a separator or of the blank line."""
        self._headings: list[_Heading] = []
        self._limit = limit
        self._overhead = overhead
        self._count = count
        self._prefix: Prefix | None = None
        self._texts: tuple[str, ...] | None = ()
        self._said = True

    @property
    def level(self) -> int:
        """That of the innermost open heading; 0 before the first."""
        return self._headings[-1].level if self._headings else 0

    @property
    def texts(self) -> tuple[str, ...]:
        """The headings, outermost first."""
        if self._texts is None:
            self._texts = tuple([heading.text for heading in self._headings])
        return self._texts

    def close(self, level: int) -> None:
        """Leave every section that a heading of `level` ends."""
        while self._headings and self._headings[-1].level >= level:
            self._headings.pop()
        self._texts = self._prefix = None

    def open(self, level: int, text: str, tokens: int) -> None:
        """Enter a section; deeper than `DEEPEST` it takes the place of the innermost."""
        if len(self._headings) >= DEEPEST:
            self._headings.pop()
        self._headings.append(_Heading(level, text, tokens))
        self._texts = self._prefix = None

    def prefix(self) -> Prefix:
        """As many of the headings as fit, the innermost before the outer ones; if even that does not fit, its end."""
        if self._prefix is None:
            self._prefix = self._fitting()
        return self._prefix

    def say(self, *, innermost: bool) -> None:
        """Leave the innermost heading out of the prefix while it is itself the text of chunks, or take it in again."""
        self._said = innermost
        self._prefix = None

    def _fitting(self) -> Prefix:
        headings = self._headings if self._said else self._headings[:-1]
        shown: list[str] = []
        total = 0
        for heading in reversed(headings):
            if total + heading.tokens + self._overhead > self._limit:
                break
            total += heading.tokens + self._overhead
            shown.append(heading.text)
        short = len(shown) < len(headings) and self._limit > 0
        if short and not shown:
            return self._ending(headings[-1].text)
        return Prefix(SEPARATOR.join(reversed(shown)) + GAP, total, short) if shown else NO_PREFIX

    def _ending(self, text: str) -> Prefix:
        """As many of the last words of a heading as fit, after a sign that some are missing."""
        room = self._limit - self._overhead
        starts = [match.end() for match in _BREAK.finditer(text, max(1, len(text) - _LONGEST_TOKEN * max(room, 0)))]
        found, low, high = NO_PREFIX._replace(short=True), 0, len(starts)
        while low < high:
            middle = (low + high) // 2
            shown = f"{MORE} {text[starts[middle] :]}"
            tokens = self._count(shown)
            if tokens <= room and starts[middle] < len(text):
                found, high = Prefix(shown + GAP, tokens + self._overhead, short=True), middle
            else:
                low = middle + 1
        return found


class Draft:
    """The pieces of one chunk so far. `used` counts the tokens of prefix and pieces with what stands between them.

    It is `leading` while it holds only headings, or ends in what belongs to the text that follows.
    """

    __slots__ = ("fresh", "has_table", "leading", "pieces", "prefix", "used")

    def __init__(self, prefix: Prefix, repeated: Iterable[Piece] = (), gap: int = 0) -> None:
        self.prefix = prefix
        self.pieces: list[Piece] = []
        self.used = prefix.tokens
        self.fresh = self.leading = self.has_table = False
        for piece in repeated:
            self.add(piece, gap)

    def add(self, piece: Piece, gap: int) -> None:
        """Append a piece; `gap` is what a blank line costs."""
        if self.pieces:
            self.used += gap
            self.leading = self.leading and piece.kind == "title"
        else:
            self.leading = piece.kind == "title"
        self.used += piece.tokens
        if not piece.repeated:
            self.fresh = True
        if piece.table is not None:
            self.has_table = True
        self.pieces.append(piece)

    def attach(self, before: Sequence[Block], after: Sequence[Block] = ()) -> None:
        """Let the last piece stand for more blocks, which say nothing."""
        if (before or after) and self.pieces:
            piece = self.pieces[-1]
            own = None if piece.regions is None else (*_places(before), *piece.regions, *_places(after))
            self.pieces[-1] = piece._replace(blocks=(*before, *piece.blocks, *after), regions=own)

    def finish(self, document: str, options: str, position: int, headings: tuple[str, ...]) -> Chunk:
        """The chunk; `document` is the hash of the file and `options` that of the chunker."""
        pieces = self.pieces
        body = joined(pieces)
        text = self.prefix.text + body
        blocks = [block for piece in pieces for block in piece.blocks]
        names = tuple(dict.fromkeys([block.id for block in blocks]))
        regions = _regions(pieces, blocks)
        return Chunk(
            id=chunk_id(document, options, position, names, text),
            text=text,
            body=body,
            headings=headings,
            kinds=tuple(dict.fromkeys([block.kind for block in blocks])),
            regions=regions,
            page_number=regions[0].page_number if regions else 0,
            last_page_number=regions[-1].page_number if regions else 0,
            block_ids=names,
            token_count=self.used,
            table=next((piece.table for piece in pieces if piece.table), None) if self.has_table else None,
        )


def _regions(pieces: Sequence[Piece], blocks: Sequence[Block]) -> tuple[Region, ...]:
    """Each place once, page by page, within a page in reading order."""
    if any(piece.regions is not None for piece in pieces):
        given = [_places(piece.blocks) if piece.regions is None else piece.regions for piece in pieces]
        found = dict.fromkeys(chain.from_iterable(given))
    else:
        found = dict.fromkeys([place for block in blocks for place in block.regions])
    return tuple(sorted(found, key=_page)) if len(found) > 1 else tuple(found)


def _places(blocks: Iterable[Block]) -> Iterator[Region]:
    return (place for block in blocks for place in block.regions)
