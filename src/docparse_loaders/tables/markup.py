"""HTML tables to cells, in one pass over the tags.

A tokenizer and not a DOM: tables of parsers are shallow and often broken, and building a tree for them costs more than
reading them and takes quadratic time on hostile nesting (200,000 open `div`s keep a standard HTML5 parser busy for
minutes). Every text outside of a tag, a comment or a script is kept, in a cell or in the caption.
"""

import html as entities
import re
from itertools import pairwise, takewhile

from docparse_loaders.tables.grid import Grid, stack
from docparse_loaders.tables.inline import BREAK, closed_mark, picture, simplified
from docparse_loaders.tables.layout import ONE, Line, Size, lay_out

# Attributes stop at the next "<" outside of quotes, so that no input makes the search run over the same text twice.
_ATTRIBUTES = r"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)"""
_TAG = re.compile(
    rf"<(?:([tT][dDhH])(?=[\s>]){_ATTRIBUTES}>([^<]*+)</[tT][dDhH]>"  # a whole cell without markup, which most cells are
    rf"|(/?)([a-zA-Z][^\s/<>]*){_ATTRIBUTES}>"  # any other tag
    r"|[!?](?:--(?s:.*?)(?:-->|\Z)|[^<>]*+>))"  # a comment or declaration
)
_END_TAG = re.compile(r"</([a-zA-Z][^\s/<>]*+)")
_SPAN = re.compile(r"""(?<![\w-])(row|col)span\s*=\s*["']?\s*\+?(-?\d{1,12})""", re.IGNORECASE)
_BLANKS = re.compile(" {2,}")
_WHITE = str.maketrans("\t\n\r\f", "    ")
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_HEAD, _BODY, _FOOT = 0, 1, 2
_RAISED = {"sup": "^", "sub": "_"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"br", "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "hr", "pre", "blockquote", "caption", "tr"}
_UNSEEN = frozenset({"script", "style", "template", "title"})
_VOID = _SECTIONS | {"html", "body", "col", "colgroup", "wbr", "input", "source", "link", "meta", "option"}


def from_html(html: str) -> Grid:
    """Read the tables in a piece of HTML as one grid.

    Merged cells, missing end tags and wrong numbers are read as browsers do, a late `thead` and an early `tfoot` are put
    where they belong, `<br>` and paragraphs are line breaks, a picture is its alternative text or "[image: name]", raised
    and lowered text is told apart ("10^6", "H₂O": see `inline`), a table within a cell is text. Several tables are put below
    one another (`grids_of_html` keeps them apart), text outside of them becomes the caption; HTML without a table is a grid
    of one cell.
    """
    grids = grids_of_html(html)
    return grids[0] if len(grids) == 1 else stack(*grids)


def grids_of_html(html: str) -> list[Grid]:
    """Read each table in a piece of HTML as a grid of its own; see `from_html`.

    Text between two tables is the caption of the second, text below the last one belongs to its caption too.
    """
    html = _collapsed(html.replace(BREAK, ""))
    first, *parts = _TAG.split(simplified(html))
    reading = _Reading(html)
    reading.text.append(first)
    tokens = (parts[group::7] for group in range(7))
    for cell, size, content, closing, name, attributes, text in zip(*tokens, strict=True):
        if cell:
            reading.whole_cell(cell, size, content)
        elif name:
            reading.tag(name.lower(), closing == "/", attributes)
        if text:
            reading.text.append(text)
    return reading.finished()


class _Table:
    """The rows of one table as they come, whether each is marked as header, and where those of another section begin."""

    def __init__(self, outside: int) -> None:
        self.outside = outside
        self.lines: list[Line] = []
        self.heads: list[bool] = []
        self.sections: list[tuple[int, int]] = []
        self.seen: set[int] = set()

    def begin(self, kind: int) -> bool:
        """Begin a section; only the first head and the first foot are moved to where they belong. True if it is a head."""
        place = kind if kind not in self.seen else _BODY
        self.seen.add(kind)
        self.sections.append((place, len(self.lines)))
        return kind == _HEAD

    def grid(self, caption: str) -> Grid:
        """The table with its sections in order."""
        places = [place for place, _ in self.sections]
        if places != sorted(places):
            starts = [0, *(start for _, start in self.sections), len(self.lines)]
            order = sorted(zip([_BODY, *places], pairwise(starts), strict=True), key=lambda section: section[0])
            self.lines = [line for _, (start, stop) in order for line in self.lines[start:stop]]
            self.heads = [head for _, (start, stop) in order for head in self.heads[start:stop]]
        return lay_out(self.lines, sum(1 for _ in takewhile(bool, self.heads)), caption)


class _Reading:
    """Where the reader is: in which section, row and cell, and how deep in tables within that cell."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.closed: set[str] | None = None
        self.outside: list[str] = []
        self.tables = [_Table(0)]
        self.lines, self.heads = self.tables[0].lines, self.tables[0].heads
        self.text = self.outside
        self.raised: list[tuple[str, int]] = []
        self.behind: list[str] = []
        self.unseen = ""
        self.formula = -1
        self.section = self.nested = self.behind_table = 0
        self.in_head = self.in_row = False
        self.size = ONE

    def whole_cell(self, name: str, attributes: str, text: str) -> None:
        """Take a cell that holds nothing but text."""
        if self.nested or self.unseen:
            self.text.append(f" {text}")
            return
        self._begin_cell(name.lower())
        if attributes:
            self.lines[-1].add(_tidy(text), _size(attributes))
        else:
            self.lines[-1].texts.append(_tidy(text))

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        """Act on one tag; text that follows goes to `self.text`."""
        if self.unseen:
            if closing and name == self.unseen:
                self.unseen, self.text = "", self.behind
        elif self.nested and name != "table":
            self._inline(name, closing, attributes)
        elif name in {"td", "th"}:
            self._cell(name, closing, attributes)
        elif name == "tr":
            self._row(closing)
        elif name == "table":
            self._table(closing)
        elif name in _SECTIONS:
            self._section(_BODY if closing or name == "tbody" else _HEAD if name == "thead" else _FOOT)
        else:
            self._inline(name, closing, attributes)

    def _cell(self, name: str, closing: bool, attributes: str) -> None:
        if closing:
            self._end_cell()
        else:
            self._begin_cell(name)
            self.size = _size(attributes)
            self.text = []

    def _begin_cell(self, name: str) -> None:
        self._end_cell()
        if not self.in_row:
            self._row(closing=False)
        if not self.in_head:
            self.heads[-1] = name == "th" and (self.heads[-1] or not self.lines[-1].texts)

    def _end_cell(self) -> None:
        if self.text is not self.outside:
            self.lines[-1].add(_tidy("".join(self.text)), self.size)
            self.text = self.outside
            self.formula = -1
            self.raised.clear()

    def _row(self, closing: bool) -> None:
        self._end_cell()
        self.in_row = not closing
        if not closing:
            self.lines.append(Line([], {}, self.section))
            self.heads.append(self.in_head)

    def _table(self, closing: bool) -> None:
        if self.text is not self.outside and (self.nested or not closing):
            self.nested += -1 if closing else 1
            self.text.append(BREAK)
            return
        self._end_cell()
        if closing:
            self.behind_table = len(self.outside)
        elif self.lines:
            self.tables.append(_Table(self.behind_table))
            self.lines, self.heads = self.tables[-1].lines, self.tables[-1].heads
        self._section(_BODY)

    def _section(self, kind: int) -> None:
        self._end_cell()
        self.section += 1
        self.in_head, self.in_row = self.tables[-1].begin(kind), False

    def _inline(self, name: str, closing: bool, attributes: str) -> None:
        if name in _BLOCKS:
            self.text.append(BREAK)
        elif name in {"td", "th"}:
            self.text.append(" ")
        elif name == "img":
            self.text.append(picture(attributes))
        elif name in _RAISED and (closing or name in self._closed_names()):
            self._raise(name, closing)
        elif name in _UNSEEN and not closing:
            self._hide(name)
        elif name in {"math", "annotation"}:
            self._formula(name, closing)
        elif not closing and name not in _VOID and name not in self._closed_names():
            self.text.append(f"&lt;{name}{attributes}>")

    def _raise(self, name: str, closing: bool) -> None:
        """Mark text that is raised or lowered, once its end shows what it is."""
        if not closing:
            self.raised.append((_RAISED[name], len(self.text)))
            self.text.append("")
        elif self.raised:
            sign, begun = self.raised.pop()
            closed_mark(self.text, begun, sign)

    def _hide(self, name: str) -> None:
        """Ignore everything up to the end tag `name`."""
        self.unseen, self.behind, self.text = name, self.text, []

    def _formula(self, name: str, closing: bool) -> None:
        """Prefer the source of a MathML formula, where it is annotated, to the glyphs of its presentation."""
        if name == "math":
            self.formula = -1 if closing else len(self.text)
        elif self.formula >= 0 and closing:
            self._hide("math")
        elif self.formula >= 0:
            del self.text[self.formula :]

    def _closed_names(self) -> set[str]:
        """The names that have an end tag somewhere: `<y>` in "x<y>z" has none and is text."""
        if self.closed is None:
            self.closed = set(map(str.lower, _END_TAG.findall(self.html)))
        return self.closed

    def finished(self) -> list[Grid]:
        """A grid for each table read, at least one."""
        if self.unseen:  # its end tag is missing: what looked like a script may be the rest of the table
            self.outside += self.text
            self.text = self.behind
        self._end_cell()
        filled = [table for table in self.tables if table.lines]
        if not filled:
            caption = _tidy("".join(self.outside))
            return [Grid(((caption,),) if caption else ())]
        edges = [0, *(table.outside for table in filled[1:]), len(self.outside)]
        captions = [_tidy("".join(self.outside[start:stop])) for start, stop in pairwise(edges)]
        return [table.grid(caption) for table, caption in zip(filled, captions, strict=True)]


def _size(attributes: str) -> Size:
    """The rows and columns of a cell; rows 0 means down to the end of the section, as in HTML."""
    sizes = {name.lower(): int(number) for name, number in _SPAN.findall(attributes)}
    rows, columns = sizes.get("row", 1), sizes.get("col", 1)
    return Size(rows if rows >= 0 else 1, max(columns, 1))


def _tidy(text: str) -> str:
    """Text as a browser shows it: entities resolved, one line for each break; white space was collapsed before."""
    if "&" in text:
        text = _collapsed(entities.unescape(text))
    if BREAK in text:
        return "\n".join(filter(None, (line.strip(" ") for line in text.split(BREAK))))
    return text.strip(" ")


def _collapsed(text: str) -> str:
    """Every run of HTML's white space as one space; no-break and ideographic spaces are text."""
    if "\n" in text or "\t" in text or "\r" in text or "\f" in text:
        text = text.translate(_WHITE)
    return _BLANKS.sub(" ", text) if "  " in text else text
