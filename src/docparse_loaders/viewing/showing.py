"""`document.show`: from what a user points at to pictures of the pages where it stands."""

from collections.abc import Sequence
from typing import Any

from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError
from docparse_loaders.pages import PagesLike
from docparse_loaders.source import SourceLike
from docparse_loaders.viewing.colours import COLOURS, in_order
from docparse_loaders.viewing.overlay import drawn
from docparse_loaders.viewing.places import Leaf, Mark, leaves
from docparse_loaders.viewing.sheets import opened
from docparse_loaders.viewing.view import Legend, Panel, View

_ALONE, _BESIDE, _SMALL = 900, 640, 190
"""Pixels: a page alone, one of several, one of many."""
_FEW = 6
_NARROWEST, _WIDEST = 40, 4000
_MOST = 60
"""More pages than this at once are no view, and would fill a notebook."""


def shown(
    document: ParsedDocument,
    at: Any,
    *,
    page: PagesLike | None = None,
    width: int | None = None,
    source: SourceLike | None = None,
    boxes: bool = True,
) -> View:
    """The pages where something stands; see `ParsedDocument.show`. Without `boxes` a page is shown as it is."""
    wanted = leaves(document, at, page)
    kept = wanted[:_MOST]
    wide = width_of(width, len(kept), overview=at is None and page is None)
    sizes = {one.number: one for one in document.pages}
    panels, notices = [], list[str]()
    with opened(document.source, source) as sheets:
        for leaf in kept:
            sheet = sheets.draw(sizes[leaf.number], wide)
            notices += [sheet.why] if sheet.blank else []
            panels.append(Panel(drawn(sheet, leaf, boxes=boxes), titled(document, leaf.number), leaf.number, _spots(leaf)))
    seen = {leaf.number for leaf in kept}
    notices += [notice.message for notice in document.warnings if notice.page_number in seen]
    notices += [f"The first {_MOST} of {len(wanted)} pages; page= shows others."] if len(wanted) > _MOST else []
    return View(panels, legend=_legend(kept) if boxes else (), notices=notices)


def width_of(asked: Any, pages: int, *, overview: bool = False) -> int:
    """How wide each page is drawn. Raises `ConfigError`."""
    if asked is None:
        return _ALONE if pages == 1 else _BESIDE if pages <= _FEW and not overview else _SMALL
    if isinstance(asked, bool) or not isinstance(asked, int) or not _NARROWEST <= asked <= _WIDEST:
        hint = f"A page is drawn {_NARROWEST} to {_WIDEST} pixels wide."
        raise ConfigError(f"width={asked!r} is not a width.", hint=hint)
    return asked


def titled(document: ParsedDocument, number: int) -> str:
    """A page's title."""
    of = f" of {document.total_pages}" if document.total_pages else ""
    return f"{document.source.name}, page {number}{of}"


def _spots(leaf: Leaf) -> tuple[Mark, ...]:
    return leaf.found or leaf.marks


def _legend(pages: Sequence[Leaf]) -> list[Legend]:
    kinds = in_order(mark.kind for leaf in pages for mark in _spots(leaf) if not mark.colour)
    return [Legend(kind.replace("_", " "), COLOURS[kind]) for kind in kinds]
