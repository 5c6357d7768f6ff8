"""Chunks in which blocks of some kinds stand alone: a table or figure out of the text around it, with its captions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import groupby
from typing import NamedTuple

from docparse_loaders.chunking import Chunk, estimate
from docparse_loaders.chunking.chunk import Span
from docparse_loaders.document import ParsedDocument
from docparse_loaders.metadata import SEPARATOR
from docparse_loaders.model import Block, Kind, Region


class _Part(NamedTuple):
    """A piece of a chunk's text: what says something in it, and where it begins and ends."""

    spans: Sequence[Span]
    start: int
    stop: int


class _Apart(NamedTuple):
    """A document's blocks by id, and of those that stand alone and their captions, whose they are."""

    blocks: Mapping[str, Block]
    owners: Mapping[str, str]


def set_apart(
    document: ParsedDocument, chunks: Iterable[Chunk], kinds: frozenset[Kind], *, headings: bool = True
) -> Iterator[Chunk]:
    """The chunks in their order, those that hold a block of these kinds and something else cut around it.

    Each part begins with its chunk's heading path; together they have the whole text of the chunk. A heading stays with what
    it stands above, and with `headings` it is in the path of the parts after that.
    """
    blocks = {block.id: block for block in document.blocks}
    owners = {name: block.id for block in document.blocks if block.kind in kinds for name in (block.id, *block.caption_ids)}
    apart = _Apart(blocks, owners)
    for chunk in chunks:
        parts = [] if kinds.isdisjoint(chunk.kinds) else _parts(chunk, apart)
        if len(parts) < 2:
            yield chunk
        else:
            names, head = _names(chunk, parts, apart), chunk.text[: len(chunk.text) - len(chunk.body)]
            later = _path(chunk, head) if headings and _is_title(chunk.spans[0], apart) else head
            for place, part in enumerate(parts):
                yield _chunk(chunk, place, part, names[place], later if place else head, apart)


def _path(chunk: Chunk, head: str) -> str:
    """The path of what follows a section's own heading, as in every later chunk of the section."""
    return f"{head.rstrip()}{SEPARATOR if head else ''}{chunk.headings[-1]}\n\n" if chunk.headings else head


def _parts(chunk: Chunk, apart: _Apart) -> list[_Part]:
    """Cut where the text goes over from one owner to another; what has none belongs together."""
    groups = [list(found) for _, found in groupby(chunk.spans, key=lambda span: apart.owners.get(span.block_id, ""))]
    if len(groups) > 1 and all(_is_title(span, apart) for span in groups[0]):
        groups[:2] = [[*groups[0], *groups[1]]]
    starts = [len(chunk.text) - len(chunk.body), *(group[0].start for group in groups[1:])]
    return [_Part(*made) for made in zip(groups, starts, [*starts[1:], len(chunk.text)], strict=True)] if groups else []


def _is_title(span: Span, apart: _Apart) -> bool:
    return span.block_id in apart.blocks and apart.blocks[span.block_id].kind == "title"


def _names(chunk: Chunk, parts: Sequence[_Part], apart: _Apart) -> list[list[str]]:
    """The blocks of each part in the chunk's order; one that says nothing goes with its caption, or with the first part."""
    homes: dict[str, dict[int, None]] = {}
    for place, part in enumerate(parts):
        for span in part.spans:
            homes.setdefault(span.block_id, {})[place] = None
            homes.setdefault(apart.owners.get(span.block_id, span.block_id), {})[place] = None
    found: list[list[str]] = [[] for _ in parts]
    for name in chunk.block_ids:
        for place in homes.get(name, {0: None}):
            found[place].append(name)
    return found


def _places(chunk: Chunk, part: _Part, names: Sequence[str], apart: _Apart) -> tuple[Region, ...]:
    said = {span.block_id for span in part.spans}
    places = dict.fromkeys(region for span in part.spans for region in span.regions)
    for name in names:
        if name not in said and name in apart.blocks:
            places |= dict.fromkeys(apart.blocks[name].regions)
    return tuple(sorted(places, key=lambda region: region.page_number)) or chunk.regions


def _chunk(chunk: Chunk, place: int, part: _Part, names: Sequence[str], head: str, apart: _Apart) -> Chunk:
    raw = chunk.text[part.start : part.stop]
    body = raw.strip("\n")
    shift = len(head) - part.start - (len(raw) - len(raw.lstrip("\n")))
    regions = _places(chunk, part, names, apart)
    kinds = tuple(dict.fromkeys(apart.blocks[name].kind for name in names if name in apart.blocks))
    return replace(
        chunk,
        id=sha256(f"{chunk.id}\x00{place}".encode()).hexdigest()[:32],
        text=head + body,
        body=body,
        kinds=kinds or chunk.kinds,
        regions=regions,
        page_number=regions[0].page_number if regions else chunk.page_number,
        last_page_number=regions[-1].page_number if regions else chunk.last_page_number,
        block_ids=tuple(names),
        token_count=min(chunk.token_count, estimate(head + body)),
        table=chunk.table if chunk.table is not None and chunk.table.block_id in names else None,
        spans=tuple(span._replace(start=span.start + shift, stop=span.stop + shift) for span in part.spans),
    )
