"""What stands in a block: plain, or written as the Markdown and HTML that `formatBlockContent` asks for."""

from collections.abc import Iterable, Sequence

from docparse_loaders.tables import Grid, to_html

_CENTRED = '<div style="text-align: center;">'
_TABLE = "<table border=1 style='margin: auto; word-wrap: break-word;'>"
_CELL = "style='text-align: center; word-wrap: break-word;'"
_DEEPEST = 6


def heading(text: str, level: int) -> str:
    """A heading in one line, with as many # as it is deep."""
    return f"{'#' * min(max(level, 1), _DEEPEST)} {' '.join(text.split())}"


def caption(text: str) -> str:
    """What is written above or below a picture or table."""
    return f"{_CENTRED}{_CENTRED}{text}</div> </div>\n"


def picture(path: str, percent: int) -> str:
    """A picture by its path in `markdown.images`; `percent` is its share of the page's width."""
    return f'{_CENTRED}<img src="{path}" alt="Image" width="{percent}%" /></div>\n'


def formula(latex: str) -> str:
    """A formula on a line of its own."""
    return f" $$ {latex} $$ "


def table(grid: Grid, *, styled: bool, wrapped: bool) -> str:
    """A table as these models write it: in one line, with no cell marked as header; `wrapped` as a document of its own."""
    html = to_html(grid).replace("\n", "")
    for tag in ("thead", "tbody"):
        html = html.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    html = html.replace("<th", "<td").replace("</th>", "</td>")
    if styled:
        html = html.replace("<table>", _TABLE, 1).replace("<td", f"<td {_CELL}")
    return f"<html><body>{html}</body></html>" if wrapped else html


def spaced(html: str) -> str:
    """A table with the blank lines around it that Markdown needs."""
    return f"\n\n{html}\n\n"


def joined(parts: Iterable[str]) -> str:
    """The text of a page from that of its blocks; empty ones leave no gap."""
    return "\n\n".join(text for part in parts if (text := part.strip()))


def polygon(box: Sequence[int]) -> list[list[int]]:
    """The four corners of a box, from the top left clockwise."""
    x0, y0, x1, y1 = box
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
