"""A parsed document of ours as a DoclingDocument: headings with levels, lists, tables with cells, pages and boxes.

Paragraphs and tables are joined over pages, with a provenance for each page, or stand page by page. Header rows are marked
where our reader of tables finds some, also unmarked ones, but for the pages on which a table goes on. Words read off a picture
follow it as text, because the chunkers skip what is inside.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import chain
from typing import Any

from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, BBox, Block, Region
from docparse_loaders.tables import Grid, grid_of

LINES = {"list", "toc"}
LABELS = {"reference": "reference", "footnote": "footnote", "caption": "caption"}
BULLETS = ("• ", "- ")


class Builder:
    """Adds one block after the other."""

    def __init__(self, document: ParsedDocument, *, joined: bool = True) -> None:
        self.types: Any = import_module("docling_core.types.doc")
        self.blocks, self.made = blocks_of(document, joined=joined), self.types.DoclingDocument(name=document.source.name)
        self.sizes: dict[int, tuple[float, float]] = {}
        for page in document.pages:
            self.sizes[page.number] = page.width or 1.0, page.height or 1.0
            width, height = self.sizes[page.number]
            self.made.add_page(page.number, self.types.Size(width=width, height=height))
        self.owned = {name for block in self.blocks for name in block.caption_ids}
        self.by_id = {block.id: block for block in self.blocks}

    def built(self) -> Any:
        """Every block."""
        for block in self.blocks:
            if block.id not in self.owned:
                self._kinds.get(block.kind, self._text)(block)
        return self.made

    @property
    def _kinds(self) -> Mapping[str, Callable[[Block], None]]:
        lines = dict.fromkeys(LINES, self._list)
        pictures = dict.fromkeys(("figure", "chart"), self._picture)
        return {
            "title": self._heading,
            "table": self._table,
            "code": self._code,
            "equation": self._formula,
            **lines,
            **pictures,
        }

    def _provs(self, block: Block) -> list[Any]:
        return [self._prov(region, len(block.text)) for region in block.regions if region.bbox]

    def _prov(self, region: Region, length: int) -> Any:
        width, height = self.sizes[region.page_number]
        x0, y0, x1, y1 = region.bbox or BBox(0, 0, 1, 1)
        corner = self.types.CoordOrigin.TOPLEFT
        box = self.types.BoundingBox(l=x0 * width, t=y0 * height, r=x1 * width, b=y1 * height, coord_origin=corner)
        return self.types.ProvenanceItem(page_no=region.page_number, bbox=box, charspan=(0, length))

    def _placed(self, item: Any, block: Block) -> Any:
        item.prov = self._provs(block)
        return item

    def _text(self, block: Block) -> None:
        label = self.types.DocItemLabel(LABELS.get(block.kind, "text"))
        layer = self.types.ContentLayer.FURNITURE if block.kind in FURNITURE else None
        if block.text:
            self._placed(self.made.add_text(label, block.text, content_layer=layer), block)

    def _heading(self, block: Block) -> None:
        self._placed(self.made.add_heading(block.text, level=block.level or 1), block)

    def _list(self, block: Block) -> None:
        group = self.made.add_list_group()
        for text in filter(None, block.text.split("\n")):
            bullet = next((mark for mark in BULLETS if text.startswith(mark)), "")
            self._placed(self.made.add_list_item(text.removeprefix(bullet), marker=bullet.strip() or "-", parent=group), block)

    def _code(self, block: Block) -> None:
        self._placed(self.made.add_code(block.text), block)

    def _formula(self, block: Block) -> None:
        self._placed(self.made.add_formula(block.latex or block.text), block)

    def _captions(self, block: Block) -> list[Any]:
        owned = [self.by_id[name] for name in block.caption_ids if name in self.by_id]
        return [self._placed(self.made.add_text(self.types.DocItemLabel.CAPTION, one.text), one) for one in owned]

    def _table(self, block: Block) -> None:
        captions = self._captions(block)
        table = self._placed(self.made.add_table(self._data(headed(block))), block)
        table.captions = [caption.get_ref() for caption in captions]

    def _picture(self, block: Block) -> None:
        captions = self._captions(block)
        picture = self._placed(self.made.add_picture(), block)
        picture.captions = [caption.get_ref() for caption in captions]
        self._text(block)

    def _data(self, grid: Grid) -> Any:
        sizes = {(span.row, span.column): (span.rows, span.columns) for span in grid.spans}
        made = [
            self._cell(text, row, column, *sizes.get((row, column), (1, 1)), row < grid.header_rows)
            for row, texts in enumerate(grid.rows)
            for column, text in enumerate(texts)
            if (row, column) not in covered(grid)
        ]
        return self.types.TableData(num_rows=grid.height, num_cols=grid.width, table_cells=made)

    def _cell(self, text: str, row: int, column: int, rows: int, columns: int, header: bool) -> Any:
        return self.types.TableCell(
            text=text,
            row_span=rows,
            col_span=columns,
            start_row_offset_idx=row,
            end_row_offset_idx=row + rows,
            start_col_offset_idx=column,
            end_col_offset_idx=column + columns,
            column_header=header,
        )


def blocks_of(document: ParsedDocument, *, joined: bool) -> Sequence[Block]:
    """All blocks, joined over pages or page by page."""
    return document.blocks if joined else [block for page in document.pages for block in page.blocks]


def headed(block: Block) -> Grid:
    """The grid of a table with the header rows marked that our reader finds; where a table goes on, those that are marked."""
    grid = grid_of(block)
    return grid if block.continues else replace(grid, header_rows=grid.lead_rows)


def covered(grid: Grid) -> set[tuple[int, int]]:
    """The places that merged cells reach beyond where they begin."""
    reached = (
        (span.row + down, span.column + right)
        for span in grid.spans
        for down in range(span.rows)
        for right in range(span.columns)
        if down or right
    )
    return set(reached)


def regions_of(items: Iterable[Any], sizes: Mapping[int, Any]) -> tuple[Region, ...]:
    """The places of the items of a chunk, as ours; `sizes` are the document's pages."""
    found: dict[Region, None] = {}
    for prov in chain.from_iterable(item.prov for item in items):
        size = sizes[prov.page_no].size
        box = prov.bbox.to_top_left_origin(size.height)
        values = (box.l / size.width, box.t / size.height, box.r / size.width, box.b / size.height)
        found[Region(prov.page_no, BBox(*values))] = None
    return tuple(found)
