"""The paper: a title over two columns, a figure over both, lists that hang and nest, tables with few rules and with none."""

from pathlib import Path

from example_documents import paper_text as say
from example_documents.figures import temperature_chart
from example_documents.flow import Flow, Style
from example_documents.grid import Grid, Look
from example_documents.sheet import Sheet, around
from example_documents.truth import Box, Drawn, Truth
from example_documents.typeset import Face, lines_of

STYLE = Style(
    body=Face("Times-Roman", 9.6, 12),
    heads=((Face("Times-Bold", 18, 22), 0), (Face("Times-Bold", 11.5, 14), 12)),
    caption=Face("Times-Italic", 8.6, 11),
    note=Face("Times-Roman", 8, 10),
    code=Face("Courier", 8, 10),
    after=6.0,
)
LOOK = Look(body=Face("Times-Roman", 9, 12), head=Face("Times-Bold", 9, 12))
LEFT, TOP, GUTTER, FOOT = 56.0, 64.0, 20.0, 70.0


class Columns(Flow):
    """A flow in two columns; `across` leaves them for what stands over both."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet, STYLE, (LEFT, TOP, LEFT, FOOT), _nothing, _number)
        self.second = False

    def across(self) -> None:
        """Write over the whole width from here on."""
        self.left, self.right = LEFT, self.sheet.size[0] - LEFT

    def columns(self) -> None:
        """Write in two columns from here on, the first on the left."""
        self.top, self.second = self.y, False
        self._narrow()

    def turn(self) -> None:
        """Go on in the second column, or on the next page."""
        if not self.second and self.right < self.sheet.size[0] / 2:
            self.second, self.y = True, self.top
        else:
            self.top, self.second = TOP, False
            super().turn()
        self._narrow()

    def nested(self, items: list[tuple[int, str, str]]) -> Drawn:
        """A list whose items have a depth, a mark and a text."""
        face, boxes, text = self.style.body, list[Box](), list[str]()
        for depth, mark, words in items:
            left = self.left + 4 + 14 * depth
            lines = lines_of(words, face, self.right - left - 12)
            boxes.append(self.sheet.words(face, [(left, self.y + face.ascent, mark)]))
            boxes.append(self.sheet.words(face, self._stacked(face, lines, self.y, left + 12)))
            self.y += len(lines) * face.leading + 2
            text.append(f"{'  ' * depth}{mark} {words}")
        self.y += self.style.after
        return self.sheet.note(Drawn("list", self.sheet.page, around(boxes), "\n".join(text)))

    def bare(self, caption: str, grid: Grid, *, ruled: bool) -> Drawn:
        """A captioned table with a line over, under and below its head, or with none at all."""
        self.need(40 + len(grid.rows) * 15)
        title, top = self.caption(caption), self.y
        edges = [self.left + 2 + sum(grid.widths[:column]) for column in range(len(grid.widths) + 1)]
        boxes = [box for row in range(len(grid.rows)) for box in self._bare_row(grid, row, edges, top + 15 * row)]
        self.y = top + 15 * len(grid.rows)
        for y in (top, top + 15, self.y) if ruled else ():
            self.sheet.rule(self.left, y, edges[-1], y, width=0.6)
        text = "\n".join(" ".join(cell for cell in row if cell) for row in grid.rows)
        block = Drawn("table", self.sheet.page, around(boxes), text, cells=grid.rows, header_rows=1)
        self.y += self.style.after + 8
        title.caption_of = block
        return self.sheet.note(block)

    def _bare_row(self, grid: Grid, row: int, edges: list[float], y: float) -> list[Box]:
        face = grid.face(row)
        boxes: list[Box] = []
        for column, cell in enumerate(grid.rows[row]):
            right = edges[column + 1] - 8 - face.width(cell)
            x = right if grid.align[column] == "r" else edges[column]
            boxes.append(self.sheet.words(face, [(x, y + 11, cell)]))
        return boxes

    def _narrow(self) -> None:
        width = (self.sheet.size[0] - 2 * LEFT - GUTTER) / 2
        self.left = LEFT + (width + GUTTER) * self.second
        self.right = self.left + width


def make_paper(folder: Path) -> Truth:
    """Write paper.pdf into `folder`."""
    flow = Columns(Sheet(folder / "paper.pdf", say.TITLE, say.AUTHORS))
    for part in (_front, _sections, _results, _discussion, _appendix):
        part(flow)
    flow.close()
    return flow.sheet.save()


def _nothing(_: Sheet) -> None:
    """A paper has no running head."""


def _number(sheet: Sheet) -> None:
    face, text = STYLE.note, str(sheet.page)
    x = (sheet.size[0] - face.width(text)) / 2
    sheet.note(Drawn("page_number", sheet.page, sheet.words(face, [(x, sheet.size[1] - 40, text)]), text))


def _front(flow: Columns) -> None:
    flow.across()
    flow.heading(say.TITLE, 1)
    flow.paragraph(say.AUTHORS)
    flow.paragraph(say.ABSTRACT)
    flow.skip(8)
    flow.columns()


def _sections(flow: Columns) -> None:
    flow.heading("1 Introduction", 2)
    for text in say.INTRODUCTION:
        flow.paragraph(text)
    flow.heading("2 Set-up", 2)
    flow.paragraph(say.METHODS[0])
    flow.nested(say.BULLETS)
    flow.paragraph(say.METHODS[1])


def _results(flow: Columns) -> None:
    flow.heading("3 Results", 2)
    flow.paragraph(say.RESULTS[0])
    flow.bare("Table 1. Mean temperatures in °C by month", Grid(say.MONTHS, [78, 44, 52, 52], "lrrr", look=LOOK), ruled=True)
    flow.paragraph(say.RESULTS[1])
    flow.items(say.STEPS[1::2], say.STEPS[::2], hang=20)


def _discussion(flow: Columns) -> None:
    flow.second = True
    flow.turn()
    flow.across()
    flow.figure("chart", "Figure 1. Supply and return over the year before", (380, 170), temperature_chart)
    flow.columns()
    flow.heading("4 Discussion", 2)
    for text in (*say.DISCUSSION, *say.INTRODUCTION, *say.RESULTS):
        flow.paragraph(text)


def _appendix(flow: Columns) -> None:
    flow.second = True
    flow.turn()
    flow.across()
    flow.heading("5 Figures by house", 2)
    flow.paragraph(say.CLOSING)
    widths = [110.0, 70, 60, 80, 80, 70]
    flow.bare("Table 2. Return before and after", Grid(say.HOUSES, widths, "lrlrrr", look=LOOK), ruled=False)
    flow.paragraph(say.METHODS[1])
    flow.table("Table 3. Costs in euros", Grid(say.COSTS, [120, 80, 80, 80], "lrrr", say.COST_SPANS, 2, look=LOOK))
