"""On which page a row of a table stands that was joined over pages."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.model import Block, Page, Region
from docparse_loaders.tables import Grid, grid_of
from docparse_loaders.tables.joining import Joined, joined


class RowPlaces:
    """The regions of some rows of one table: those of the parts that hold them, all where that cannot be known."""

    __slots__ = ("_joined", "_parts", "_regions")

    def __init__(self, block: Block, grid: Grid, parts: Sequence[Block]) -> None:
        """`block` is the joined table, `grid` what it holds and `parts` the blocks that it was joined from."""
        self._regions = block.regions
        self._parts = parts
        self._joined = _joined(parts)
        same = tuple(region for part in parts for region in part.regions) == block.regions
        if self._joined and not (same and self._joined.grid.height == grid.height):
            self._joined = None

    def of(self, rows: TablePart) -> tuple[Region, ...]:
        """Where these rows stand; a header that is only repeated does not count, a row over a page break stands on both."""
        if not self._joined:
            return self._regions
        first = bisect_right(self._joined.ends, rows.first_row)
        last = bisect_right(self._joined.begins, rows.last_row)
        return tuple(region for part in self._parts[first:last] for region in part.regions)


def table_parts(pages: Iterable[Page]) -> dict[str, list[Block]]:
    """The tables that go on over pages: the id of the first part and all parts in order."""
    heads: dict[str, str] = {}
    found: dict[str, list[Block]] = {}
    for block in (block for page in pages for block in page.blocks if block.kind == "table"):
        head = heads.get(block.continues or "", block.id)
        heads.setdefault(block.id, head)
        found.setdefault(head, []).append(block)
    return {head: parts for head, parts in found.items() if len(parts) > 1}


def _joined(parts: Sequence[Block]) -> Joined | None:
    """The parts joined once more, for the rows of each; None if there are none or one holds no rows."""
    grids = list(map(grid_of, parts))
    return joined(*grids) if grids and all(grid.height for grid in grids) else None
