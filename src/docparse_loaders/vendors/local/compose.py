"""The document's pages as pieces: furniture taken out, paragraphs cut, titles judged and levelled, lists and code joined."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.furniture import Mark, Numbering, furniture
from docparse_loaders.vendors.local.joins import joined
from docparse_loaders.vendors.local.layout import Layout, layout
from docparse_loaders.vendors.local.lines import Line
from docparse_loaders.vendors.local.lists import entries
from docparse_loaders.vendors.local.piece import Piece, placed
from docparse_loaders.vendors.local.sheet import Sheet
from docparse_loaders.vendors.local.split import headings, leading, paragraphs, streams
from docparse_loaders.vendors.local.titles import body_size, is_equation, judged, levelled

_RUNNING: frozenset[Kind] = frozenset({"text", "title", "list"})
"""Kinds into which LiteParse may have mixed a header or footer."""


def composed(sheets: Sequence[Sheet], *, furnished: bool) -> list[list[Piece]]:
    """Each page's pieces in reading order. With `furnished`, headers, footers and page numbers are recognised."""
    layouts = [layout(sheet) for sheet in sheets]
    edges = _edges(sheets, layouts) if furnished else [[] for _ in sheets]
    usual = leading([line for page in layouts for piece in page.pieces if piece.kind == "text" for line in piece.lines])
    pages = [_cut(page, edge, usual) for page, edge in zip(layouts, edges, strict=True)]
    body = body_size(piece for page in pages for piece in page)
    heights = [sheet.height for sheet in sheets]
    decided = [[judged(piece, body, height) for piece in page] for page, height in zip(pages, heights, strict=True)]
    whole = [joined(page) for page in decided]
    return _levelled([_framed(page, edge) for page, edge in zip(whole, edges, strict=True)])


def _edges(sheets: Sequence[Sheet], layouts: Sequence[Layout]) -> list[list[Piece]]:
    """Each page's furniture as pieces of one line each."""
    lines = [list(_lines(page)) for page in layouts]
    marks = [[_mark(piece, line, sheet.height) for piece, line in page] for page, sheet in zip(lines, sheets, strict=True)]
    kinds = furniture(marks, [Numbering(sheet.number, sheet.label) for sheet in sheets])
    return [
        [Piece.of(kind, "furniture", (page[position][1],)) for position, kind in found.items()]
        for page, found in zip(lines, kinds, strict=True)
    ]


def _lines(page: Layout) -> Iterator[tuple[Piece | None, Line]]:
    for piece in page.pieces:
        if piece.kind in _RUNNING:
            for line in piece.lines:
                yield piece, line
    for line in page.loose:
        yield None, line


def _mark(piece: Piece | None, line: Line, height: float) -> Mark:
    scale = height or 1.0
    return Mark(line.text, line.box.y0 / scale, line.box.y1 / scale, piece is not None and piece.kind == "title")


def _cut(page: Layout, edge: Sequence[Piece], usual: float) -> list[Piece]:
    """The page's pieces without furniture, each cut into the paragraphs or headings that it holds, loose lines put between."""
    gone = {id(line) for piece in edge for line in piece.lines}
    pieces: list[Piece] = []
    for piece in page.pieces:
        kept = tuple(line for line in piece.lines if id(line) not in gone)
        if kept or not piece.lines:
            pieces += _parts(piece, kept, usual)
    for stream in streams(line for line in page.loose if id(line) not in gone):
        for group in paragraphs(stream, usual):
            placed(pieces, Piece.of("text", "loose", group))
    return pieces


def _parts(piece: Piece, lines: tuple[Line, ...], usual: float) -> Iterable[Piece]:
    if piece.kind in {"text", "title"} and lines and is_equation(lines):
        return [Piece.of(piece.kind, piece.label, lines, piece.level)]
    if piece.kind == "text" and lines:
        return [Piece.of("text", piece.label, group) for group in paragraphs(lines, usual)]
    if piece.kind == "title" and lines:
        return [Piece.of("title", piece.label, group, piece.level) for group in headings(lines)]
    if piece.kind == "list" and lines:
        items, rest = entries(lines)
        listed = Piece.of("list", piece.label, tuple(line for item in items for line in item.lines))
        return [listed, *(Piece.of("text", piece.label, group) for group in paragraphs(rest, usual))]
    return [piece]


def _framed(pieces: Sequence[Piece], edge: Sequence[Piece]) -> list[Piece]:
    """Furniture at the top first, furniture at the bottom last."""
    ordered = sorted(edge, key=lambda piece: (piece.box.y0, piece.box.x0))
    lowest = min((piece.box.y0 for piece in pieces), default=0.0)
    over = [piece for piece in ordered if piece.kind == "header" or piece.box.y1 <= lowest]
    under = [piece for piece in ordered if piece not in over]
    return [*over, *pieces, *under]


def _levelled(pages: Sequence[list[Piece]]) -> list[list[Piece]]:
    levels = iter(levelled([piece for page in pages for piece in page if piece.kind == "title"]))
    return [[replace(piece, level=next(levels)) if piece.kind == "title" else piece for piece in page] for page in pages]
