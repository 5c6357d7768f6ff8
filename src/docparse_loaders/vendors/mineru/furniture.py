"""Headers, footers and page numbers, put back where they stand on the page: MinerU lists them apart or at its end."""

import re
from itertools import pairwise

from docparse_loaders.model import BBox, Kind
from docparse_loaders.vendors.mineru.draft import Draft, Sheet
from docparse_loaders.vendors.mineru.kinds import DISCARDED

_NUMBER = re.compile(
    r"[\W_]*(?:page|p\.|seite|第)?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*(?:(?:/|of|von|页共|页|頁|ページ)\s*\d{0,4}\s*页?)?[\W_]*",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\s*(?:[*†‡§¶]|\$?\^?\{?\d{1,2}\}?\$?[.)]?\s|[①-⑳]|[¹²³⁰-⁹]{1,3}|\[\d{1,2}\])\s*\S.{15,}", re.DOTALL)
_FOOT, _HEAD = 0.94, 0.5
_NARROW = 0.1
_SHORT = 40
_TOUCH = 0.005


def told_apart(draft: Draft) -> Kind:
    """What a `discarded` block of MinerU 2.x is: one word there for headers, footers, page numbers and margin text."""
    if draft.label != DISCARDED:
        return draft.kind
    box = draft.box
    if draft.text and len(draft.text) < _SHORT and _NUMBER.fullmatch(draft.text):
        return "page_number"
    if box is None:
        return "other"
    if box.x1 - box.x0 < _NARROW and (box.y1 - box.y0) > 2 * (box.x1 - box.x0):
        return "aside"
    if (box.y0 + box.y1) / 2 < _HEAD:
        return "header"
    return "footnote" if box.y1 < _FOOT and _NOTE.match(draft.text) else "footer"


def in_place(sheet: Sheet) -> list[Draft]:
    """The whole page in reading order: what stands above all else first, the rest of the furniture by MinerU's own order.

    Without such an order it stays at the end, where MinerU has it.
    """
    if not sheet.furniture:
        return sheet.body
    top = min((draft.box.y0 for draft in sheet.body if draft.box is not None), default=1.0)
    above = [draft for draft in sheet.furniture if draft.box is not None and draft.box.y1 <= top + _TOUCH]
    taken = {id(draft) for draft in above}
    rest = [draft for draft in sheet.furniture if id(draft) not in taken]
    return [*sorted(above, key=_height), *_among(sheet.body, rest)]


def _among(body: list[Draft], rest: list[Draft]) -> list[Draft]:
    """Furniture between the blocks, if `index` counts all of them in their order."""
    orders = [draft.order for draft in body]
    counted = None not in orders and all(draft.order is not None and draft.label != DISCARDED for draft in rest)
    numbers = [order or 0.0 for order in orders]
    if not counted or any(one >= other for one, other in pairwise(numbers)):
        return [*body, *sorted(rest, key=_height)]
    return sorted((*body, *rest), key=_order)


def _order(draft: Draft) -> float:
    return draft.order or 0.0


def _height(draft: Draft) -> tuple[float, float]:
    box = draft.box or BBox(0.0, 1.0, 0.0, 1.0)
    return box.y0, box.x0
