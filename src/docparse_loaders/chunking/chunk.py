"""What the chunker yields: a piece of text that fits a model, and where in the document it came from."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from docparse_loaders.frozen import quick
from docparse_loaders.model import Kind, Region

_start, _stop = attrgetter("start"), attrgetter("stop")


@dataclass(frozen=True, slots=True)
class TablePart:
    """Which rows of a table a chunk shows.

    `first_row` and `last_row` are 0-based, inclusive, and count every row of the block's grid (see `tables.grid_of`), the
    `header_rows` of the table included; the header is repeated in each part, whether it lies between them or not. A block
    that holds several tables has parts of one after the other, and `total_rows` counts those of all.
    """

    block_id: str
    first_row: int
    last_row: int
    total_rows: int
    header_rows: int


class Span(NamedTuple):
    """What a block, or one of the parts that it was joined from, says in a chunk: `text[start:stop]`, and where it stands."""

    start: int
    stop: int
    block_id: str
    regions: tuple[Region, ...]


@quick
@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, ready to be embedded.

    `text` is what is embedded: the headings above, a blank line, then `body`. `body` begins with the section's own heading in
    the first chunk of a section, and with the caption and the header rows of its table in each part of one. `headings` is
    the whole path that is open where the chunk begins, outermost first. `kinds` and `block_ids` name the blocks in reading
    order; `regions` are the places of what is shown of them, page by page, each once. Pages are 1-based, 0 if the vendor gave
    none. `token_count` is that of `text`, summed up over its parts: the true count or a little more.

    `spans` say which part of `text` is from which block and place, in order and without overlap. Between them is what only
    repeats or separates: the headings above, blank lines, and the caption and header of a table that began in another chunk,
    unless they stand in the same place. See `locate`.
    """

    id: str
    text: str
    body: str
    headings: tuple[str, ...]
    kinds: tuple[Kind, ...]
    regions: tuple[Region, ...]
    page_number: int
    last_page_number: int
    block_ids: tuple[str, ...]
    token_count: int
    table: TablePart | None = None
    spans: tuple[Span, ...] = field(default=(), repr=False)

    def locate(self, start: int, end: int) -> tuple[Region, ...]:
        """The places of `text[start:end]`, each once, in reading order: highlight a quoted sentence, not its whole chunk.

        Offsets are those of a slice of `text`; of `body`, add `len(text) - len(body)`. Text joined over pages has the place
        of its own part, a row of a table that of the page on which it stands. Empty for what is only repeated or separates.
        """
        first, last, _ = slice(start, end).indices(len(self.text))
        if first >= last:
            return ()
        touched = self.spans[bisect_right(self.spans, first, key=_stop) : bisect_left(self.spans, last, key=_start)]
        return tuple(dict.fromkeys(region for span in touched for region in span.regions))

    def _repr_html_(self) -> str:
        from docparse_loaders.viewing.card import chunk_card

        return chunk_card(self)


def clipped(spans: tuple[Span, ...], start: int, stop: int, shift: int = 0) -> tuple[Span, ...]:
    """The spans of `text[start:stop]`, counted from there and moved by `shift`."""
    touched = spans[bisect_right(spans, start, key=_stop) : bisect_left(spans, stop, key=_start)]
    by = shift - start
    return tuple([Span(max(one.start, start) + by, min(one.stop, stop) + by, one.block_id, one.regions) for one in touched])


def shifted(spans: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    """The spans of a text that stands behind another one of `by` characters."""
    return tuple([Span(start + by, stop + by, name, regions) for start, stop, name, regions in spans]) if by else spans


def together(chunks: Sequence[Chunk], gap: str = "\n\n") -> Chunk:
    """Several chunks of one document as one, in their order: the first one's heading path, the bodies with `gap` between.

    It has the places of all of them, each once, and an id made of theirs; `locate` works as in each. What a part of a table
    repeats stays in it. Raises `ValueError` if there is none.
    """
    first, *rest = chunks
    text, spans = first.text, list(first.spans)
    for chunk in rest:
        head = len(chunk.text) - len(chunk.body)
        spans += clipped(chunk.spans, head, len(chunk.text), len(text) + len(gap))
        text += gap + chunk.body
    return replace(
        first,
        id=hashlib.sha256("\x00".join(chunk.id for chunk in chunks).encode()).hexdigest()[:32],
        text=text,
        body=text[len(first.text) - len(first.body) :],
        kinds=tuple(dict.fromkeys(kind for chunk in chunks for kind in chunk.kinds)),
        regions=tuple(dict.fromkeys(region for chunk in chunks for region in chunk.regions)),
        last_page_number=max(chunk.last_page_number for chunk in chunks),
        block_ids=tuple(dict.fromkeys(name for chunk in chunks for name in chunk.block_ids)),
        token_count=sum(chunk.token_count for chunk in chunks),
        table=first.table if not rest else None,
        spans=tuple(spans),
    )


def chunk_id(document: str, options: str, position: int, block_ids: tuple[str, ...], text: str) -> str:
    """32 hexadecimal digits: the same for the same content, options and place, in every process."""
    content = "\x00".join((document, options, str(position), *block_ids, text))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]
