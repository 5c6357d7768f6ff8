"""Text that flows down a page and on to the next one: headings, paragraphs, lists, tables, figures, footnotes."""

from collections.abc import Callable
from dataclasses import dataclass

from docparse_loaders.model import Kind
from example_documents.grid import Grid, draw_rows, fitting
from example_documents.maths import Formula, draw_formula, formula_text, formula_width
from example_documents.sheet import Furnish, Placed, Sheet, around
from example_documents.truth import Box, Drawn
from example_documents.typeset import Face, Line, lines_of

Draw = Callable[[Sheet, Box], str]
"""Draws a picture into a box and returns the words that stand in it."""

GAP = 5.0
"""Points between the items of a list."""


@dataclass(frozen=True, slots=True)
class Style:
    """The faces of a document; `heads` has one entry a heading level, each with the space above it in points."""

    body: Face
    heads: tuple[tuple[Face, float], ...]
    caption: Face
    note: Face
    code: Face
    indent: float = 0.0
    after: float = 8.0


class Flow:
    """A column that fills page after page; margins are left, top, right, bottom in points."""

    def __init__(self, sheet: Sheet, style: Style, margins: Box, head: Furnish, foot: Furnish) -> None:
        self.sheet, self.style, self.head, self.foot = sheet, style, head, foot
        self.left, self.top = margins[0], margins[1]
        self.right, self.end = sheet.size[0] - margins[2], sheet.size[1] - margins[3]
        self.notes: list[tuple[list[Line], float]] = []
        self.y, self.bottom = self.top, self.end
        head(sheet)

    @property
    def width(self) -> float:
        """The column's width in points."""
        return self.right - self.left

    @property
    def room(self) -> float:
        """Points left on this page."""
        return self.bottom - self.y

    def turn(self) -> None:
        """Finish the page and begin the next one."""
        self.close()
        self.sheet.turn()
        self.y, self.bottom = self.top, self.end
        self.head(self.sheet)

    def close(self) -> None:
        """Draw what stands at the foot of the page."""
        for lines, y in self.notes:
            self._rows("footnote", self.style.note, lines, y)
        if self.notes:
            self.sheet.rule(self.left, self.bottom + 8, self.left + 120, self.bottom + 8)
        self.notes = []
        self.foot(self.sheet)

    def need(self, height: float) -> None:
        """Turn the page if so much does not fit on it."""
        if height > self.room:
            self.turn()

    def skip(self, height: float) -> None:
        """Leave a gap, unless at the top of a page."""
        if self.y > self.top:
            self.y += height

    def heading(self, text: str, level: int, *, keep: float = 62.0) -> Drawn:
        """A heading, kept on one page with at least `keep` points of what follows."""
        face, above = self.style.heads[level - 1]
        lines = lines_of(text, face, self.width)
        self.need(above + len(lines) * face.leading + keep)
        self.skip(above)
        block = self._rows("title", face, lines, self.y)
        block.text, block.level = text, level
        self.sheet.bookmark(text, level, self.y)
        self.y += len(lines) * face.leading + 5
        return block

    def paragraph(self, text: str, *, face: Face | None = None, indent: float | None = None) -> list[Drawn]:
        """Running text; broken over the page where it must be, never with a single line on one side."""
        face = face or self.style.body
        inset = self.style.indent if indent is None else indent
        lines = lines_of(text, face, self.width, inset)
        parts: list[Drawn] = []
        while lines:
            count = _break_after(len(lines), int(self.room / face.leading))
            if count:
                parts.append(self._part(text, lines[:count], face, inset if not parts else 0.0, parts))
            lines = lines[count:]
            if lines:
                self.turn()
        self.y += self.style.after
        return parts

    def items(self, items: list[str], marks: list[str], *, hang: float = 16.0) -> Drawn:
        """A list, one mark an item, the text `hang` points further in; kept on one page."""
        face = self.style.body
        wrapped = [lines_of(item, face, self.width - hang - 10) for item in items]
        self.need(sum(len(lines) for lines in wrapped) * face.leading + GAP * len(items))
        boxes: list[Box] = []
        for mark, lines in zip(marks, wrapped, strict=True):
            boxes.append(self.sheet.words(face, [(self.left + 10, self.y + face.ascent, mark)]))
            boxes.append(self.sheet.words(face, self._stacked(face, lines, self.y, self.left + 10 + hang)))
            self.y += len(lines) * face.leading + GAP
        self.y += self.style.after
        text = "\n".join(f"{mark} {item}" for mark, item in zip(marks, items, strict=True))
        return self.sheet.note(Drawn("list", self.sheet.page, around(boxes), text))

    def caption(self, text: str, *, centred: bool = False) -> Drawn:
        """The line above a table or below a figure."""
        face = self.style.caption
        lines = lines_of(text, face, self.width)
        inset = (self.width - face.width(text)) / 2 if centred and len(lines) == 1 else 0.0
        block = self._rows("caption", face, lines, self.y, self.left + inset)
        block.text = text
        self.y += len(lines) * face.leading + 4
        return block

    def table(self, caption: str, grid: Grid, *, keep: int = 4) -> list[Drawn]:
        """A captioned table, broken between rows; one with merged cells is kept on one page."""
        heights = grid.heights()
        self.need(2 * self.style.caption.leading + sum(heights if grid.spans else heights[: keep + 1]))
        title = self.caption(caption)
        parts: list[Drawn] = []
        row = 0
        while row < len(heights):
            head = list(range(grid.header_rows)) if grid.repeat_header and parts else []
            last = fitting(heights, row, self.room - sum(heights[r] for r in head))
            parts.append(self._table_part(grid, [*head, *range(row, last)], parts))
            row = last
            if row < len(heights):
                self.turn()
        self.y += self.style.after + 6
        title.caption_of = parts[0]
        return parts

    def figure(self, kind: Kind, caption: str, size: tuple[float, float], draw: Draw) -> Drawn:
        """A picture with its caption below, kept on one page."""
        width, height = size
        self.need(height + 2 * self.style.caption.leading + 16)
        left = self.left + (self.width - width) / 2
        box = (left, self.y + 4, left + width, self.y + 4 + height)
        text = draw(self.sheet, box)
        block = self.sheet.note(Drawn(kind, self.sheet.page, box, text))
        self.y += height + 12
        self.caption(caption, centred=True).caption_of = block
        self.y += self.style.after
        return block

    def equation(self, formula: Formula, number: str, latex: str) -> Drawn:
        """A displayed formula, centred, with its number at the right margin."""
        self.need(44)
        base = self.y + 20
        boxes = draw_formula(self.sheet, formula, self.left + (self.width - formula_width(formula)) / 2, base)
        face = self.style.body
        boxes.append(self.sheet.words(face, [(self.right - face.width(number), base, number)]))
        self.y += 44
        text = f"{formula_text(formula)} {number}"
        return self.sheet.note(Drawn("equation", self.sheet.page, around(boxes), text, latex=latex))

    def code(self, source: str) -> Drawn:
        """A listing, indented, kept on one page."""
        face, rows = self.style.code, source.splitlines()
        self.need(len(rows) * face.leading + 8)
        block = self._rows("code", face, [Line(row, 0, 0) for row in rows], self.y + 2, self.left + 16)
        block.text = source
        self.y += len(rows) * face.leading + self.style.after + 4
        return block

    def footnote(self, text: str) -> None:
        """Keep room for a note at the foot of this page; call it before the paragraph that refers to it."""
        face = self.style.note
        lines = lines_of(text, face, self.width)
        gap = 0 if self.notes else 14
        self.bottom -= len(lines) * face.leading + gap
        self.notes.append((lines, self.bottom + gap))

    def _part(self, text: str, lines: list[Line], face: Face, inset: float, before: list[Drawn]) -> Drawn:
        block = self._rows("text", face, lines, self.y, inset=inset)
        block.text = text[lines[0].start : lines[-1].end]
        if before:
            block.continues = before[-1]
            reach = sum(len(part.glue) + len(part.text) for part in before)
            block.glue = text[reach : lines[0].start]
        self.y += len(lines) * face.leading
        return block

    def _table_part(self, grid: Grid, rows: list[int], before: list[Drawn]) -> Drawn:
        box = draw_rows(self.sheet, grid, rows, self.left, self.y)
        self.y = box[3]
        cells = [grid.rows[row] for row in rows]
        text = "\n".join(" ".join(cell for cell in row if cell) for row in cells)
        block = Drawn("table", self.sheet.page, box, text, cells=cells, spans=grid.spans)
        block.continues = before[-1] if before else None
        block.header_rows = sum(row < grid.header_rows for row in rows)
        return self.sheet.note(block)

    def _rows(self, kind: Kind, face: Face, lines: list[Line], y: float, x: float | None = None, inset: float = 0.0) -> Drawn:
        placed = self._stacked(face, lines, y, self.left if x is None else x)
        if inset:
            placed[0] = (placed[0][0] + inset, *placed[0][1:])
        box = self.sheet.words(face, placed)
        text = " ".join(line.text for line in lines)
        return self.sheet.note(Drawn(kind, self.sheet.page, box, text))

    def _stacked(self, face: Face, lines: list[Line], y: float, x: float) -> list[Placed]:
        return [(x, y + face.ascent + n * face.leading, line.text) for n, line in enumerate(lines)]


def _break_after(total: int, fit: int) -> int:
    """How many of `total` lines to leave on a page with room for `fit`: all, none, or so that two are on either side."""
    if fit >= total:
        return total
    count = min(fit, total - 2)
    return count if count >= 2 else 0
