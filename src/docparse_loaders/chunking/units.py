"""The other ways to cut a document: by block, by page, or not at all, as chunks of the same type."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from docparse_loaders.chunking.chunk import Chunk, Span, TablePart, chunk_id, clipped, shifted
from docparse_loaders.chunking.pieces import GAP
from docparse_loaders.chunking.places import Places
from docparse_loaders.chunking.rows import whole_part
from docparse_loaders.chunking.spans import spans_of, table_spans
from docparse_loaders.chunking.tokens import estimate
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, Block, Heading, Kind, Page, Region
from docparse_loaders.render import block_content, block_markdown, markdown_parts
from docparse_loaders.tables import grid_of, grids_of


def elements(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk a block, joined over pages, written as in chunks; blocks without text or a picture to link are left out.

    `headings` is the path that is open at the block, its own text included if it is a title.
    """
    paths, places = _Paths(doc), Places(doc.pages)
    shown = 0
    for block in doc.blocks:
        if block.kind in FURNITURE and not furniture:
            continue
        text = block_content(block) or block_markdown(block)
        if text:
            table = whole_part(block.id, grid_of(block)) if block.kind == "table" else None
            unit = _Unit(text, _spans(block, text, places), table)
            yield _chunk(doc, "elements", shown, unit, [block], paths.of(block))
            shown += 1


def pages(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk a page, as Markdown of that page's own blocks, in order; a page without text has an empty one.

    Blocks are of the kind that assembly found: headings of the outline, no running titles. `headings` is the path that is
    open at the page's first block.
    """
    paths, places = _Paths(doc), Places(())
    for position, (page, found) in enumerate(_with_kinds(doc)):
        blocks = [block for block in found if furniture or block.kind not in FURNITURE]
        headings = paths.of(blocks[0]) if blocks else paths.texts
        unit = _markdown(blocks, furniture, places)
        yield _chunk(doc, "pages", position, unit, blocks, headings, page)
        paths.of(blocks[-1] if blocks else None)


def whole(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk, the document as Markdown. Its `headings` are empty, as none spans all of it."""
    blocks = [block for block in doc.blocks if furniture or block.kind not in FURNITURE]
    yield _chunk(doc, "whole", 0, _markdown(blocks, furniture, Places(doc.pages)), blocks, ())


class _Unit(NamedTuple):
    text: str
    spans: tuple[Span, ...]
    table: TablePart | None = None


class _Paths:
    """The texts of the headings above each block; `texts` are those of the block asked for last."""

    def __init__(self, doc: ParsedDocument) -> None:
        self._paths = doc.paths
        self._last: Sequence[Heading] = ()
        self.texts: tuple[str, ...] = ()

    def of(self, block: Block | None) -> tuple[str, ...]:
        path = self._paths.get(block.id, ()) if block is not None else self._last
        if path is not self._last:
            self._last, self.texts = path, tuple([heading.text for heading in path])
        return self.texts


def _with_kinds(doc: ParsedDocument) -> Iterator[tuple[Page, list[Block]]]:
    """Each page with its own blocks, of the kind and level that assembly found."""
    found = {block.id: (block.kind, block.level) for block in doc.blocks}
    for page in doc.pages:
        yield page, [_as(block, *found.get(block.id, (block.kind, block.level))) for block in page.blocks]


def _as(block: Block, kind: Kind, level: int | None) -> Block:
    return block if (block.kind, block.level) == (kind, level) else replace(block, kind=kind, level=level)


def _markdown(blocks: Iterable[Block], furniture: bool, places: Places) -> _Unit:
    """Blocks as one Markdown text."""
    texts, spans, at = list[str](), list[Span](), 0
    for block, text in markdown_parts(blocks, furniture):
        spans += shifted(_spans(block, text, places), at)
        texts.append(text)
        at += len(text) + len(GAP)
    text = GAP.join(texts)
    start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
    return _Unit(text.strip(), clipped(tuple(spans), start, stop))


def _spans(block: Block, text: str, places: Places) -> tuple[Span, ...]:
    if block.kind != "table" or len(block.regions) < 2:
        return spans_of(block, text, places)
    grids = grids_of(block)
    rows = places.rows(block, grids[0]) if len(grids) == 1 else None
    return table_spans(block, grids[0], text, "markdown", rows) if rows else spans_of(block, text, places)


def _chunk(
    doc: ParsedDocument,
    mode: str,
    position: int,
    unit: _Unit,
    blocks: Sequence[Block],
    headings: tuple[str, ...],
    page: Page | None = None,
) -> Chunk:
    names = tuple(block.id for block in blocks)
    places: dict[Region, None] = dict.fromkeys(region for block in blocks for region in block.regions)
    regions = tuple(sorted(places, key=lambda region: region.page_number))
    kinds: dict[Kind, None] = dict.fromkeys(block.kind for block in blocks)
    return Chunk(
        id=chunk_id(doc.source.sha256, mode, position, names, unit.text),
        text=unit.text,
        body=unit.text,
        headings=headings,
        kinds=tuple(kinds),
        regions=regions,
        page_number=page.number if page else (regions[0].page_number if regions else 0),
        last_page_number=page.number if page else (regions[-1].page_number if regions else 0),
        block_ids=names,
        token_count=estimate(unit.text),
        table=unit.table,
        spans=unit.spans,
    )
