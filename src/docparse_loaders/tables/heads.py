"""Which rows at the top of a table name its columns, whether they are marked as header or not.

Parsers mark a header rarely, half (one row of two) or wrongly (every cell), so the rows are looked at: a row of words over
columns of numbers, or one that tells apart what the row above names alike, belongs to the header. In doubt it does not.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

Row = Sequence[str]
Merged = Sequence[tuple[int, int, int, int]]
"""Row, column, rows and columns of each merged cell, sorted."""

MOST_ROWS = 3
"""How many rows may name the columns where nothing marks them."""
MOST_TITLES = 2
MOST_MARKED = 8
"""A table of nothing but header cells, and more rows than this, has no header."""
SAMPLE = 12
"""How many rows below are looked at."""

_VALUE = re.compile(r"(?=\D*\d)[\W\d_]++")
_PERIOD = re.compile(r"\W{0,2}(?:\d{1,2}\s?[./-]\s?){0,2}(?:19|20)\d\d(?:\s?[-–/.]\s?\d{1,4}){0,2}\W{0,3}")
_NOTHING = re.compile(r"\W*+|n\.?/?a\.?|k\.\s?a\.|none|null|nil|tbd|x|无", re.IGNORECASE)


def lead_rows(rows: Sequence[Row], marked: int, spans: Merged) -> int:
    """How many rows at the top are titles of the table or name its columns; `marked` are marked as header.

    At least one of an unmarked table of two rows and more, 0 of one of a single row.
    """
    height = len(rows)
    if height < 2:
        return marked
    if marked > 1 and not (marked == height > MOST_MARKED):
        return marked
    titles = _titles(rows, spans, min(MOST_TITLES, height - 2))
    if titles and not _may_name(rows[titles]):
        titles = 0
    lead = max(titles + 1, _merged_depth(titles, spans, height))
    while lead < min(titles + MOST_ROWS, height - 1) and _goes_on(rows, spans, titles, lead):
        lead += 1
    return lead


def is_value(text: str) -> bool:
    """Whether a text is a number, an amount or a date: digits and no letters."""
    return _VALUE.fullmatch(text) is not None


def title_rows(rows: Sequence[Row], lead: int, spans: Merged) -> int:
    """How many of the `lead` rows are titles of the whole table, above those that name its columns."""
    return _titles(rows, spans, lead - 1) if lead > 1 else 0


def _titles(rows: Sequence[Row], spans: Merged, most: int) -> int:
    count = 0
    while count < most and _is_title(rows, spans, count):
        count += 1
    return count


def _is_title(rows: Sequence[Row], spans: Merged, number: int) -> bool:
    """Whether a row says one thing over all columns: one text in it, and that not merely the name of the first column."""
    row = rows[number]
    if len(row) < 2 or (row[0] and row[1] and row[0] != row[1]):
        return False
    filled = [column for column, text in enumerate(row) if text]
    if len(filled) == len(row) > 2 and len(set(row)) == 1:
        return True
    if len(filled) != 1:
        return False
    merged = [span for span in spans[bisect_left(spans, (number,)) : bisect_left(spans, (number + 1,))] if span[1] == filled[0]]
    if merged:
        _, _, down, right = merged[0]
        return down == 1 and 2 * right > len(row) and any(rows[number + 1])
    return len(row) > 2 and bool(rows[number + 1][0] or (filled[0] and any(rows[number + 1])))


def _may_name(row: Row) -> bool:
    """Whether a row below a title has names and no values."""
    return sum(map(bool, row)) > 1 and not any(_VALUE.fullmatch(text) and not _PERIOD.fullmatch(text) for text in row)


def _merged_depth(top: int, spans: Merged, height: int) -> int:
    """The end of a header whose first row holds cells merged downwards beside cells merged sideways; 0 if it has none."""
    first = spans[bisect_left(spans, (top,)) : bisect_left(spans, (top + 1,))]
    depth = max((down for _, _, down, _ in first), default=1)
    grouped = any(right > 1 and down < depth for _, _, down, right in first)
    return top + depth if grouped and depth <= min(MOST_ROWS, height - top - 1) else 0


def _goes_on(rows: Sequence[Row], spans: Merged, top: int, lead: int) -> bool:
    """Whether row `lead` names columns too, below the rows from `top` on that do."""
    row = rows[lead]
    if any(_VALUE.fullmatch(text) and not _PERIOD.fullmatch(text) for text in row[1:]):
        return False
    filled = [column for column, text in enumerate(row) if column and not _NOTHING.fullmatch(text)]
    if not filled:
        return False
    near = spans[bisect_left(spans, (top,)) : bisect_left(spans, (lead,))]
    labels = list(zip(*_shown(rows[top:lead], near, top), strict=True))
    alike = _alike(labels)
    if row[0] and any(_VALUE.fullmatch(row[column]) and column not in alike for column in (0, *filled)):
        return False
    return (
        _over_numbers(rows, lead, filled, alike)
        or _tells_apart(rows, lead, labels, alike)
        or _below_merged(row, near, len(row), lead)
    )


def _shown(rows: Sequence[Row], spans: Merged, top: int) -> list[list[str]]:
    """The rows from `top` on with the text of merged cells repeated sideways and downwards."""
    shown = [list(row) for row in rows]
    for row, column, down, right in spans:
        for line in shown[row - top : row - top + down]:
            line[column : column + right] = [rows[row - top][column]] * right
    return shown


def _alike(labels: Sequence[tuple[str, ...]]) -> set[int]:
    """The columns that the names so far leave without one or don't tell from others; a first column needs none."""
    often = Counter(labels)
    return {column for column, label in enumerate(labels) if (often[label] > 1 or column) and not _unique(label, often)}


def _unique(label: tuple[str, ...], often: "Counter[tuple[str, ...]]") -> bool:
    return any(label) and often[label] == 1


def _over_numbers(rows: Sequence[Row], lead: int, filled: Sequence[int], alike: set[int]) -> bool:
    """Whether most of a row's words stand over numbers: units, or names of a second row."""
    below = rows[lead + 1 : lead + 1 + SAMPLE]
    numeric = sum(1 for column in filled if _is_numeric(rows[lead][column], [row[column] for row in below]))
    return numeric * 2 >= len(filled) and (numeric > 1 or (numeric == 1 and bool(alike or not rows[lead][0])))


def _is_numeric(name: str, cells: Sequence[str]) -> bool:
    """Whether a column is of numbers, with one exception at most; below a year, of others than years."""
    told = [cell for cell in cells if not _NOTHING.fullmatch(cell)]
    values = [cell for cell in told if _VALUE.fullmatch(cell)]
    if _PERIOD.fullmatch(name) and all(map(_PERIOD.fullmatch, values)):
        return False
    return len(values) > 1 >= len(told) - len(values) or len(values) == len(told) == 1


def _tells_apart(rows: Sequence[Row], lead: int, labels: Sequence[tuple[str, ...]], alike: set[int]) -> bool:
    """Whether a row without a name of its own gives each column that was named like others a name that differs."""
    row = rows[lead]
    if not alike or row[0] or not rows[lead + 1][0] or not all(row[column] for column in alike):
        return False
    return len({(labels[column], row[column]) for column in alike}) == len(alike)


def _below_merged(row: Row, spans: Merged, width: int, lead: int) -> bool:
    """Whether a row has a different text in each column below a cell merged sideways, other than at the row labels."""
    return any(_differ(row[column : column + right]) for column, right in _groups(spans, width, lead))


def _groups(spans: Merged, width: int, lead: int) -> Iterator[tuple[int, int]]:
    for row, column, down, right in spans:
        if column and 1 < right < width and row + down == lead:
            yield column, right


def _differ(texts: Row) -> bool:
    return all(texts) and len(set(texts)) == len(texts)
