"""A chunk in the making, and the headings that are open while it is made."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk, chunk_id
from docparse_loaders.chunking.pieces import GAP, Piece, joined
from docparse_loaders.chunking.tokens import Count
from docparse_loaders.model import Block

SEPARATOR = " > "
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
    text: str
    tokens: int


class Path:
    """The headings under which the reader is, as the document's outline has them; `texts` are theirs, outermost first."""

    __slots__ = ("_count", "_endings", "_headings", "_limit", "_overhead", "_prefix", "_said", "texts")

    def __init__(self, limit: int, overhead: int, count: Count) -> None:
        """`limit` is the most tokens that a prefix may have, `overhead` those of a separator or of the blank line."""
        self.texts: tuple[str, ...] = ()
        self._headings: list[_Heading] = []
        self._endings: dict[int, Prefix] = {}
        self._limit = limit
        self._overhead = overhead
        self._count = count
        self._prefix: Prefix | None = None
        self._said = True

    def leave(self, depth: int) -> None:
        """Go back to the place where so many headings are open."""
        del self._headings[depth:]
        self._endings = {number: ending for number, ending in self._endings.items() if number <= depth}
        self._changed()

    def enter(self, text: str, tokens: int) -> None:
        """Go into a section."""
        self._headings.append(_Heading(text, tokens))
        self._changed()

    def _changed(self) -> None:
        self._prefix = None
        self.texts = tuple([heading.text for heading in self._headings])

    def prefix(self) -> Prefix:
        """As many of the headings as fit, the innermost before the outer ones; if even that does not fit, its end."""
        if self._prefix is None:
            self._prefix = self._fitting()
        return self._prefix

    def within(self, room: int) -> Prefix:
        """As many of the innermost headings as fit into `room` tokens, for what has no room for all of them."""
        return self._inner(self._headings, min(room, self._limit))

    def say(self, *, innermost: bool) -> None:
        """Leave the innermost heading out of the prefix while it is itself the text of chunks, or take it in again."""
        self._said = innermost
        self._prefix = None

    def _fitting(self) -> Prefix:
        headings = self._headings if self._said else self._headings[:-1]
        found = self._inner(headings, self._limit)
        if found.short and not found.text:
            if len(headings) not in self._endings:
                self._endings[len(headings)] = self._ending(headings[-1])
            return self._endings[len(headings)]
        return found

    def _inner(self, headings: Sequence[_Heading], limit: int) -> Prefix:
        shown: list[str] = []
        total = 0
        for heading in reversed(headings):
            if total + heading.tokens + self._overhead > limit:
                break
            total += heading.tokens + self._overhead
            shown.append(heading.text)
        short = len(shown) < len(headings) and self._limit > 0
        return Prefix(SEPARATOR.join(reversed(shown)) + GAP if shown else "", total, short)

    def _ending(self, heading: _Heading) -> Prefix:
        """About as many of the last words of a heading as fit, after a sign that some are missing."""
        text, room = heading.text, max(self._limit - self._overhead, 0)
        starts = [match.end() for match in _BREAK.finditer(text, max(1, len(text) - _LONGEST_TOKEN * room))]
        starts = [start for start in starts if start < len(text)]
        # Guessed from the heading's own density, so that little of it is counted again.
        size = len(text) * max(room - 1, 0) // max(heading.tokens, 1)
        while (at := bisect_left(starts, max(len(text) - size, 1))) < len(starts):
            shown = f"{MORE} {text[starts[at] :]}"
            tokens = self._count(shown)
            if tokens <= room:
                return Prefix(shown + GAP, tokens + self._overhead, short=True)
            size = min((len(text) - starts[at]) * (room - 1) // tokens, len(text) - starts[at] - 1)
        return NO_PREFIX._replace(short=True)


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
        _, tokens, kind, _, table, _, repeated = piece
        if self.pieces:
            self.used += gap + tokens
            self.leading = self.leading and kind == "title"
        else:
            self.used += tokens
            self.leading = kind == "title"
        if not repeated:
            self.fresh = True
        if table is not None:
            self.has_table = True
        self.pieces.append(piece)

    def attach(self, before: tuple[Block, ...], after: tuple[Block, ...] = ()) -> None:
        """Let the last piece stand for more blocks, which say nothing."""
        if (before or after) and self.pieces:
            piece = self.pieces[-1]
            self.pieces[-1] = piece._replace(blocks=(*before, *piece.blocks, *after), spans=piece.marked())

    def finish(self, document: str, options: str, position: int, headings: tuple[str, ...]) -> Chunk:
        """The chunk; `document` is the hash of the file and `options` that of the chunker."""
        pieces = self.pieces
        body, spans, ids, kinds, places = joined(pieces, len(self.prefix.text))
        text = self.prefix.text + body
        names = tuple(dict.fromkeys(ids)) if len(ids) > 1 else (*ids,)
        regions = tuple(sorted(dict.fromkeys(places), key=_page)) if len(places) > 1 else (*places,)
        return Chunk(
            chunk_id(document, options, position, names, text),
            text,
            body,
            headings,
            tuple(dict.fromkeys(kinds)),
            regions,
            regions[0].page_number if regions else 0,
            regions[-1].page_number if regions else 0,
            names,
            self.used,
            next((piece.table for piece in pieces if piece.table), None) if self.has_table else None,
            tuple(spans),
        )
