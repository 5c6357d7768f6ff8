"""What documents, chunks and blocks look like at the end of a notebook's cell. Styles are inline: notebooks keep no others."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from docparse_loaders.chunking import Chunk
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import DocParseError
from docparse_loaders.metadata import SEPARATOR
from docparse_loaders.model import Block, Heading, Kind
from docparse_loaders.viewing.colours import COLOURS, in_order
from docparse_loaders.viewing.prose import block_prose, text_prose

_HEADINGS, _THUMBNAILS, _WARNINGS = 14, 6, 5
_SMALL = 132

_CARD = "font-family:system-ui,sans-serif;line-height:1.45;max-width:60rem"
_SOFT = "opacity:.7;font-size:13px"
_CELL = "border:1px solid #8888;padding:3px 8px;text-align:left;vertical-align:top"
_TABLE = (
    ("<table>", '<table style="border-collapse:collapse;margin:6px 0;font-variant-numeric:tabular-nums">'),
    ("<th>", f'<th style="{_CELL}">'),
    ("<th ", f'<th style="{_CELL}" '),  # not "<thead"
    ("<td", f'<td style="{_CELL}"'),
    ("<p>", '<p style="margin:6px 0;white-space:pre-wrap">'),
)


def document_card(document: ParsedDocument) -> str:
    """Name, counts, warnings, outline and the first pages."""
    return (
        f'<div style="{_CARD}"><div style="font-size:16px;font-weight:600">{escape(document.source.name)}</div>'
        f'<div style="{_SOFT}">{escape(_facts(document))}</div>{_kinds(document.blocks)}{_warned(document)}'
        f'<div style="display:flex;flex-wrap:wrap;gap:24px;margin-top:10px;align-items:flex-start">{_outline(document)}'
        f"{_thumbnails(document)}</div></div>"
    )


def block_card(block: Block) -> str:
    """Kind, id and pages, then what it says."""
    where = _pages(region.page_number for region in block.regions)
    return _card(filter(None, (_chip(block.kind), escape(block.id), where)), block_prose(block))


def chunk_card(chunk: Chunk) -> str:
    """Headings, pages, kinds and tokens, then what it says."""
    where = _pages(region.page_number for region in chunk.regions)
    kinds = " ".join(_chip(kind) for kind in in_order(chunk.kinds))
    path = f'<div style="font-weight:600">{escape(SEPARATOR.join(chunk.headings))}</div>' if chunk.headings else ""
    return _card(filter(None, (where, kinds, f"{chunk.token_count} tokens")), path + text_prose(chunk.body))


def _card(facts: Iterable[str], body: str) -> str:
    for plain, styled in _TABLE:
        # Only our own tags are left: everything else has been escaped.
        body = body.replace(plain, styled)
    return f'<div style="{_CARD}"><div style="{_SOFT}">{" · ".join(facts)}</div><div style="overflow-x:auto">{body}</div></div>'


def _pages(numbers: Iterable[int]) -> str:
    known = sorted({number for number in numbers if number})
    if not known:
        return ""
    return f"page {known[0]}" if len(known) == 1 else f"pages {known[0]}–{known[-1]}"


def _facts(document: ParsedDocument) -> str:
    pages = f"{len(document.pages)} of {document.total_pages} pages" if document.total_pages else f"{len(document.pages)} pages"
    who = f"{document.vendor} {document.model}".strip()
    counts = ((len(document.blocks), "block"), (len(document.outline.headings), "heading"), (len(document.tables), "table"))
    return " · ".join([who, pages, *(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)])


def _kinds(blocks: Sequence[Block]) -> str:
    counts = Counter(block.kind for block in blocks)
    return f'<div style="margin-top:6px">{" ".join(f"{_chip(kind, counts[kind])}" for kind in in_order(counts))}</div>'


def _chip(kind: Kind, count: int | None = None) -> str:
    said = kind.replace("_", " ") + (f" {count}" if count is not None else "")
    colour = COLOURS[kind]
    style = f"display:inline-block;border-left:4px solid {colour};padding:0 8px 0 5px;font-size:12px;white-space:nowrap"
    return f'<span style="{style}">{said}</span>'


def _warned(document: ParsedDocument) -> str:
    warnings = document.warnings
    if not warnings:
        return ""
    more = f"<li>and {len(warnings) - _WARNINGS} more in document.warnings</li>" if len(warnings) > _WARNINGS else ""
    items = "".join(f"<li>{escape(notice.message)}</li>" for notice in warnings[:_WARNINGS])
    return f'<ul style="border-left:3px solid #e8590c;margin:8px 0 0;padding:2px 0 2px 26px;font-size:13px">{items}{more}</ul>'


def _outline(document: ParsedDocument) -> str:
    headings = document.outline.headings
    if not headings:
        return f'<div style="{_SOFT}">no headings</div>'
    first, rest = headings[:_HEADINGS], headings[_HEADINGS:]
    summary = f'<summary style="cursor:pointer;{_SOFT}">{len(rest)} more</summary>'
    more = f"<details>{summary}{_entries(rest)}</details>" if rest else ""
    return f'<div style="flex:1 1 280px;max-width:30rem;font-size:13px">{_entries(first)}{more}</div>'


def _entries(headings: Iterable[Heading]) -> str:
    return "".join(
        f'<div style="display:flex;gap:10px;padding-left:{14 * (min(heading.level, 6) - 1)}px">'
        f"<span>{escape(' '.join(heading.text.split()))}</span>"
        f'<span style="margin-left:auto;opacity:.6">{heading.page_number}</span></div>'
        for heading in headings
    )


def _thumbnails(document: ParsedDocument) -> str:
    """The first pages, or why there are none: a card is shown whatever happens."""
    from docparse_loaders.viewing import show

    numbers = [page.number for page in document.pages[:_THUMBNAILS]]
    if not numbers:
        return ""
    try:
        view = show(document, page=numbers, width=_SMALL)
    except DocParseError as error:
        return f'<div style="{_SOFT};flex:1 1 260px">{escape(str(error))}</div>'
    return f'<div style="flex:1 1 440px">{view.strip(short=True)}</div>'
