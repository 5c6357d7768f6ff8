"""What goes on over a column or a page: PaddleOCR's group ids and paragraph flags as `continues`, and links it cannot give.

PaddleOCR-VL names the first part of a paragraph in `group_id` (on a page) and of a table in `global_group_id` (over pages);
the text of all parts stands in the first, the others are empty. PP-StructureV3 says of each page whether its first element
begins a paragraph and whether its last one ends one. Neither speaks of text and tables both, so the rest is inferred.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from docparse_loaders.model import FURNITURE, Block, Kind, Notice, Page
from docparse_loaders.vendors.links import with_links
from docparse_loaders.vendors.readers import Object, as_int

_BETWEEN: frozenset[Kind] = FURNITURE | {"footnote", "figure", "chart", "table", "caption", "seal"}


@dataclass(frozen=True, slots=True)
class Said:
    """What PaddleOCR said of a page: the part of the result that it came in, and whether it is linked to its neighbours.

    `begins` and `ends` are the flags of a page's first and last paragraph. `tables` is true if tables were joined within
    the part (`restructurePages`).
    """

    part: int
    begins: bool | None = None
    ends: bool | None = None
    tables: bool = False


@dataclass(slots=True)
class Groups:
    """Finds the first part of what goes on, while blocks go by in their order.

    Ids are looked up by value, the latest first: they jump between the parts of a long document, or begin again.
    """

    notices: list[Notice]
    _everywhere: dict[int, str] = field(default_factory=dict)
    _here: dict[tuple[int, str], str] = field(default_factory=dict)
    _page: int = 0

    def source(self, raw: Object, block_id: str, page: int, *, empty: bool) -> str | None:
        """The id of the block that this one continues, if any."""
        if page != self._page:
            self._here.clear()
            self._page = page
        own, group = as_int(raw.get("global_block_id")), as_int(raw.get("global_group_id"))
        link = None
        if own is not None and group is not None and own != group:
            link = self._everywhere.get(group)
            if link is None:
                message = f"block {block_id} continues block {group}, which is not in the result before it."
                self.notices.append(Notice("dangling_link", message, page))
        if own is not None:
            self._everywhere[own] = block_id
        return link or self._on_page(raw, block_id, empty=empty)

    def _on_page(self, raw: Object, block_id: str, *, empty: bool) -> str | None:
        """The first part of a paragraph of several columns: a later part names it, and usually its text was moved there."""
        group, label = as_int(raw.get("group_id")), raw.get("block_label")
        if group is None or not isinstance(label, str):
            return None
        own = as_int(raw.get("block_id"))
        if empty or (own is not None and own != group):
            return self._here.get((group, label))
        self._here.setdefault((group, label), block_id)
        return None


def linked(pages: Sequence[Page], said: Sequence[Said], *, infer: bool) -> list[Page]:
    """The pages with links between neighbours: by the flags where there are any, and with `infer` where nothing was said."""
    result: list[Page] = []
    heads: dict[str, Block] = {}
    for page, told in zip(pages, said, strict=True):
        if result and result[-1].number + 1 == page.number:
            result.append(_after(_filled(result[-1], heads), page, said[len(result) - 1], told, infer=infer))
        else:
            result.append(page)
    return result


def _filled(page: Page, heads: dict[str, Block]) -> Page:
    """The page with its tables that go on, which PaddleOCR emptied, as wide as their first parts, kept in `heads`."""
    blocks: list[Block] = []
    for block in page.blocks:
        if block.kind == "table":
            head = heads.get(block.continues or "", block)
            heads[block.id] = head
            blocks.append(block if block.html or block.text else replace(block, html=head.html, text=head.text))
        else:
            blocks.append(block)
    return replace(page, blocks=tuple(blocks))


def _after(before: Page, page: Page, told: Said, now: Said, *, infer: bool) -> Page:
    flagged = told.ends is not None and now.begins is not None
    if flagged and not told.ends and not now.begins:
        page = _joined(before, page)
    if not infer:
        return page
    found = next(islice(with_links((before, page)), 1, None))
    earlier = {block.id for block in before.blocks}
    joins_tables = told.tables and now.tables and told.part == now.part

    def wanted(new: Block) -> bool:
        # PaddleOCR joins columns itself, and what it said of text or tables counts more than a guess.
        return new.continues in earlier and not (joins_tables if new.kind == "table" else flagged)

    pairs = zip(page.blocks, found.blocks, strict=True)
    return replace(page, blocks=tuple([new if old is not new and wanted(new) else old for old, new in pairs]))


def _joined(before: Page, page: Page) -> Page:
    """Link a page's first paragraph to the last of the page before; pictures and tables may stand between the two."""
    tail = next((block for block in reversed(before.blocks) if block.kind not in _BETWEEN), None)
    place = next((place for place, block in enumerate(page.blocks) if block.kind not in _BETWEEN), None)
    if tail is None or place is None or not (tail.kind == page.blocks[place].kind == "text") or page.blocks[place].continues:
        return page
    blocks: list[Block] = list(page.blocks)
    blocks[place] = replace(blocks[place], continues=tail.id)
    return replace(page, blocks=tuple(blocks))
