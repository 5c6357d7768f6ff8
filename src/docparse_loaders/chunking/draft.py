"""A chunk in the making, and the headings that are open while it is made."""

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk, chunk_id
from docparse_loaders.chunking.pieces import GAP, Piece, joined
from docparse_loaders.model import Region

SEPARATOR = " > "
_page = attrgetter("page_number")


class Prefix(NamedTuple):
    """The line of headings above a chunk's body, with the blank line that follows it; both empty if there is none."""

    text: str
    tokens: int


NO_PREFIX = Prefix("", 0)


class _Heading(NamedTuple):
    level: int
    text: str
    tokens: int


class Path:
    """The headings under which the reader is; `texts` are theirs, outermost first."""

    __slots__ = ("_headings", "_limit", "_overhead", "_prefix", "texts")

    def __init__(self, limit: int, overhead: int) -> None:
        """`limit` is the most tokens that a prefix may have, `overhead` those of a separator or of the blank line."""
        self._headings: list[_Heading] = []
        self._limit = limit
        self._overhead = overhead
        self._prefix: Prefix | None = None
        self.texts: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """That of the innermost open heading; 0 before the first."""
        return self._headings[-1].level if self._headings else 0

    def close(self, level: int) -> None:
        """Leave every section that a heading of `level` ends."""
        while self._headings and self._headings[-1].level >= level:
            self._headings.pop()
        self._changed()

    def open(self, level: int, text: str, tokens: int) -> None:
        """Enter a section."""
        self._headings.append(_Heading(level, text, tokens))
        self._changed()

    def prefix(self) -> Prefix:
        """As many of the headings as fit, the innermost before the outer ones."""
        if self._prefix is None:
            self._prefix = self._fitting()
        return self._prefix

    def _changed(self) -> None:
        self.texts = tuple([heading.text for heading in self._headings])
        self._prefix = None

    def _fitting(self) -> Prefix:
        shown: list[str] = []
        total = 0
        for heading in reversed(self._headings):
            if total + heading.tokens + self._overhead > self._limit:
                break
            total += heading.tokens + self._overhead
            shown.append(heading.text)
        return Prefix(SEPARATOR.join(reversed(shown)) + GAP, total) if shown else NO_PREFIX


class Draft:
    """The pieces of one chunk so far. `used` counts the tokens of prefix and pieces with what stands between them."""

    __slots__ = ("fresh", "has_table", "headings_only", "pieces", "prefix", "used")

    def __init__(self, prefix: Prefix, repeated: Iterable[Piece] = (), gap: int = 0) -> None:
        self.prefix = prefix
        self.pieces: list[Piece] = []
        self.used = prefix.tokens
        self.fresh = self.headings_only = self.has_table = False
        for piece in repeated:
            self.add(piece, gap)

    def add(self, piece: Piece, gap: int) -> None:
        """Append a piece; `gap` is what a blank line costs."""
        if self.pieces:
            self.used += gap
            self.headings_only = self.headings_only and piece.blocks[-1].kind == "title"
        else:
            self.headings_only = piece.blocks[-1].kind == "title"
        self.used += piece.tokens
        if not piece.repeated:
            self.fresh = True
        if piece.table is not None:
            self.has_table = True
        self.pieces.append(piece)

    def finish(self, document: str, options: str, position: int, headings: tuple[str, ...]) -> Chunk:
        """The chunk; `document` is the hash of the file and `options` that of the chunker."""
        pieces = self.pieces
        body = joined(pieces)
        text = self.prefix.text + body
        blocks = [block for piece in pieces for block in piece.blocks]
        names = tuple(dict.fromkeys([block.id for block in blocks]))
        regions = _regions(pieces)
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


def _regions(pieces: list[Piece]) -> tuple[Region, ...]:
    """Each place once, page by page, within a page in reading order."""
    found: dict[Region, None] = {}
    for piece in pieces:
        for places in [block.regions for block in piece.blocks] if piece.regions is None else [piece.regions]:
            for place in places:
                found[place] = None
    return tuple(sorted(found, key=_page))
