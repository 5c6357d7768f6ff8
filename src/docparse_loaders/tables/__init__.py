"""Tables as grids: read from HTML or Markdown, joined, cut, and written again."""

from docparse_loaders.tables.grid import Grid, Span, stack
from docparse_loaders.tables.joining import join
from docparse_loaders.tables.markup import from_html
from docparse_loaders.tables.pipes import from_markdown
from docparse_loaders.tables.reading import grid_of, grids_of, plain_of_html
from docparse_loaders.tables.writing import to_csv, to_html, to_markdown, to_plain, to_records, to_rows

__all__ = [
    "Grid", "Span", "from_html", "from_markdown", "grid_of", "grids_of", "join", "plain_of_html", "stack", "to_csv", "to_html",
    "to_markdown", "to_plain", "to_records", "to_rows",
]  # fmt: skip
