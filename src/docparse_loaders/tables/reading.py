"""From whatever a vendor calls a table to a grid."""

from docparse_loaders.model import Block
from docparse_loaders.tables.grid import Grid
from docparse_loaders.tables.markup import from_html, grids_of_html
from docparse_loaders.tables.pipes import from_markdown
from docparse_loaders.tables.writing import to_plain


def grid_of(block: Block) -> Grid:
    """The grid of a table block: its HTML if it has any, or else its text, read as HTML or Markdown or as one cell."""
    if block.html:
        return from_html(block.html)
    text = block.text
    if "<table" in text or "<TABLE" in text:
        return from_html(text)
    if "|" in text:
        return from_markdown(text)
    return Grid(((text.strip(),),) if text.strip() else ())


def grids_of(block: Block) -> list[Grid]:
    """The grids of a table block that may hold several tables, each with its own header; see `grid_of`."""
    html = block.html or (block.text if "<table" in block.text or "<TABLE" in block.text else "")
    return grids_of_html(html) if html else [grid_of(block)]


def plain_of_html(html: str) -> str:
    """The text of tables in HTML: a line for each row, tabs between cells (see `to_plain`)."""
    return to_plain(from_html(html))
