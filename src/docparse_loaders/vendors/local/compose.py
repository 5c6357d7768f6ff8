"""The document's pages as pieces: furniture taken out, paragraphs cut, titles judged and levelled, lists and code joined."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.furniture import Mark, Numbering, furniture
from docparse_loaders.vendors.local.joins import joined
from docparse_loaders.vendors.local.layout import Layout, Part, layout
from docparse_loaders.vendors.local.lines import Line
from docparse_loaders.vendors.local.lists import bulleted, entries
from docparse_loaders.vendors.local.piece import Piece, placed
from docparse_loaders.vendors.local.sheet import Sheet
from docparse_loaders.vendors.local.split import headings, leading, paragraphs, streams
from docparse_loaders.vendors.local.titles import body_size, is_equation, is_prose, judged, levelled

_RUNNING: frozenset[Kind] = frozenset({"text", "title", "list"})
"""Kinds into which LiteParse may have mixed a header or footer."""
_FULL = 0.8
"""The part of a column's width that a line reaches over at least if its paragraph goes on below."""


def composed(sheets: Sequence[Sheet], *, furnished: bool) -> list[list[Piece]]:
    """Each page's pieces in reading order. With `furnished`, headers, footers and page numbers are recognised."""
    layouts = [layout(sheet) for sheet in sheets]
    edges = _edges(sheets, layouts) if furnished else [[] for _ in sheets]
    parts = [part for page in layouts for part in page]
    usual = leading([line for part in parts for piece in part.pieces if piece.kind == "text" for line in piece.lines])
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
    for part in page:
        for piece in part.pieces:
            if piece.kind in _RUNNING:
                for line in piece.lines:
                    yield piece, line
        for line in part.loose:
            yield None, line


def _mark(piece: Piece | None, line: Line, height: float) -> Mark:
    scale = height or 1.0
    return Mark(line.text, line.box.y0 / scale, line.box.y1 / scale, piece is not None and piece.kind == "title")


def _cut(page: Layout, edge: Sequence[Piece], usual: float) -> list[Piece]:
    """The page's pieces without furniture, each cut into the paragraphs or headings that it holds, loose lines put between."""
    gone = {id(line) for piece in edge for line in piece.lines}
    return [piece for part in page for piece in _rejoined(_cut_part(part, gone, usual), usual, columns=len(page) > 1)]


def _cut_part(part: Part, gone: set[int], usual: float) -> list[Piece]:
    pieces: list[Piece] = []
    for piece in part.pieces:
        kept = tuple(line for line in piece.lines if id(line) not in gone)
        if kept or not piece.lines:
            pieces += _parts(piece, kept, usual)
    for stream in streams(line for line in part.loose if id(line) not in gone):
        for group in paragraphs(stream, usual):
            placed(pieces, Piece.of("text", "loose", group))
    return pieces


def _rejoined(pieces: Sequence[Piece], usual: float, *, columns: bool) -> list[Piece]:
    """Paragraphs that go on in loose lines, or the other way round, made whole.

    In columns also those that LiteParse parted, as it does where something begins or ends beside them.
    """
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if (
            last is not None
            and _is_one(last, piece, columns=columns)
            and len(paragraphs((*last.lines, *piece.lines), usual)) == 1
        ):
            result[-1] = Piece.of("text", last.label, (*last.lines, *piece.lines))
        else:
            result.append(piece)
    return result


def _is_one(above: Piece, below: Piece, *, columns: bool) -> bool:
    if not (above.kind == below.kind == "text" and above.lines and below.lines):
        return False
    if not (columns or "loose" in {above.label, below.label}) or bulleted(below.text):
        return False
    left, right = min(above.box.x0, below.box.x0), max(above.box.x1, below.box.x1)
    if above.lines[-1].box.x1 - left < _FULL * (right - left):
        return False
    apart = below.box.y0 - above.box.y1
    aside = above.lines[-1].box.x0 - below.lines[0].box.x0
    indented = len(above.lines) == 1 and 0 < aside <= 4 * below.size
    return (abs(aside) <= 1.5 or indented) and -2 < apart < 0.5 * below.size


def _parts(piece: Piece, lines: tuple[Line, ...], usual: float) -> Iterable[Piece]:
    if piece.kind in {"text", "title"} and lines and is_equation(lines):
        return [Piece.of(piece.kind, piece.label, lines, piece.level)]
    if piece.kind == "text" and lines:
        return [Piece.of("text", piece.label, group) for group in paragraphs(lines, usual)]
    if piece.kind == "title" and lines and is_prose(piece.text):
        return [Piece.of("text", "loose", group) for group in paragraphs(lines, usual)]
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
