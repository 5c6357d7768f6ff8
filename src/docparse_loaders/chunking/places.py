"""On which page a row of a table stands that was joined over pages."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from docparse_loaders.chunking.chunk import TablePart
from docparse_loaders.model import Block, Page, Region
from docparse_loaders.tables import Grid, grid_of, join


class RowPlaces:
    """The regions of some rows of one table: those of the parts that hold them, all where that cannot be known."""

    __slots__ = ("_ends", "_parts", "_regions")

    def __init__(self, block: Block, grid: Grid, parts: Sequence[Block]) -> None:
        """`block` is the joined table, `grid` what it holds and `parts` the blocks that it was joined from."""
        self._regions = block.regions
        self._parts = parts
        self._ends = _ends(parts)
        same = tuple(region for part in parts for region in part.regions) == block.regions
        if not (same and self._ends[-1:] == [grid.height]):
            self._ends = []

    def of(self, rows: TablePart) -> tuple[Region, ...]:
        """Where these rows stand; a header that is only repeated does not count."""
        if not self._ends:
            return self._regions
        first, last = (bisect_right(self._ends, row) for row in (rows.first_row, rows.last_row))
        return tuple(region for part in self._parts[first : last + 1] for region in part.regions)


def table_parts(pages: Iterable[Page]) -> dict[str, list[Block]]:
    """The tables that go on over pages: the id of the first part and all parts in order."""
    heads: dict[str, str] = {}
    found: dict[str, list[Block]] = {}
    for block in (block for page in pages for block in page.blocks if block.kind == "table"):
        head = heads.get(block.continues or "", block.id)
        heads.setdefault(block.id, head)
        found.setdefault(head, []).append(block)
    return {head: parts for head, parts in found.items() if len(parts) > 1}


def _ends(parts: Sequence[Block]) -> list[int]:
    """For each part the number of rows up to its end, a header that it repeats left out; empty if a part has no rows."""
    ends: list[int] = []
    top = Grid(())
    for part in parts:
        grid = grid_of(part)
        if not grid.height:
            return []
        if ends:
            ends.append(ends[-1] + join(top, grid).height - top.height)
        else:
            top = grid.part(0, max(grid.lead_rows, 1))
            ends.append(grid.height)
    return ends
