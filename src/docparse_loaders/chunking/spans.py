"""The spans of a block as it is shown: which of its lines, rows and words stand where."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from re import finditer

from docparse_loaders.chunking.cells import TableFormat
from docparse_loaders.chunking.chunk import Span
from docparse_loaders.chunking.places import Places, RowPlaces
from docparse_loaders.chunking.rows import Part
from docparse_loaders.model import Block, Region
from docparse_loaders.tables import Grid

_HTML_END = "\n</table>"
_Run = tuple[int, int, tuple[Region, ...]]


def spans_of(block: Block, text: str, places: Places) -> tuple[Span, ...]:
    """The spans of what a block says, in any form but a table."""
    return places.of(block, text) or (Span(0, len(text), block.id, block.regions),)


def table_spans(block: Block, grid: Grid, text: str, form: TableFormat, places: RowPlaces | None) -> tuple[Span, ...]:
    """The spans of a whole table without caption, written as `text` in that form."""
    if places is None or not grid.height:
        return (Span(0, len(text), block.id, block.regions),)
    starts = [*_row_starts(grid, text, form), len(text)]
    runs = ((starts[first], starts[last + 1], regions) for first, last, regions in places.runs(0, grid.height - 1))
    return tuple(_merged(block.id, text, runs))


def part_spans(block: Block, part: Part, form: TableFormat, places: RowPlaces | None, above: int) -> tuple[Span, ...]:
    """The spans of some rows of a table without those of the caption. A header that stands elsewhere has none.

    `above` rows of the block are of tables that stand above this one.
    """
    if places is None:
        return (Span(part.lead, len(part.text), block.id, block.regions),)
    begins, last = part.rows.first_row - above, part.rows.last_row - above
    stop = len(part.text) - (len(_HTML_END) if form == "html" and part.text.endswith(_HTML_END) else 0)
    ends = list(accumulate([len(row) + 1 for row in part.shown], initial=0))
    body = stop + 1 - ends[-1] if part.shown else stop
    own, header = places.of(begins, last), places.of(0, max(part.rows.header_rows - 1, 0))
    first = last + 1 - len(part.shown)
    runs: list[_Run] = [(part.lead, body, header)] if {*header} <= {*own} else []
    for begin, end, regions in places.runs(first, last) if part.shown else ():
        runs.append((body + ends[begin - first], body + ends[end + 1 - first], regions))
    if runs:
        runs[-1] = (runs[-1][0], len(part.text), runs[-1][2])
    return tuple(_merged(block.id, part.text, runs))


def _row_starts(grid: Grid, text: str, form: TableFormat) -> Sequence[int]:
    """Where each row begins in a whole table; rows that are written as one begin where the first of them does."""
    if form == "html":
        starts = [match.start() for match in finditer("<tr>", text)]
    else:
        starts = list(accumulate([len(line) + 1 for line in text.split("\n")], initial=0))[:-1]
    apart = grid.height if form != "markdown" else grid.height - max(grid.lead_rows, 1)
    return [*[0] * (grid.height - apart), *starts[len(starts) - apart :]]


def _merged(name: str, text: str, runs: Iterable[_Run]) -> Iterator[Span]:
    """The runs as spans, neighbours of one place put together, without the line break after each."""
    held: _Run | None = None
    for start, stop, regions in runs:
        if held is not None and held[2] == regions:
            held = held[0], stop, regions
        else:
            if held is not None:
                yield _span(name, text, held)
            held = start, stop, regions
    if held is not None:
        yield _span(name, text, held)


def _span(name: str, text: str, run: _Run) -> Span:
    start, stop, regions = run
    return Span(start, stop - (text[stop - 1 : stop] == "\n"), name, regions)
