"""Documents in which every sentence, item and cell carries signs that occur nowhere else, and what is true of each sign.

Chunks of such a document can be checked exactly: what was lost, doubled, cut, or given a wrong heading or place. Nothing
here asks the library what it thinks: paths, places and header rows are those that the document was made with.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Literal, NamedTuple

from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, BBox, Block, Image, Kind, Page, Region, SourceFacts

FIRST = 0xF0000
"""The first sign; all are of a plane for private use, so that no text has them and no cut can part them."""

Role = Literal["heading", "sentence", "item", "line", "cell", "head", "caption", "furniture"]


class Mark(NamedTuple):
    """What is true of one sign: what it is part of (`unit` tells sentences apart), where it stands, and below which headings.

    `path` ends with the heading's own text for a heading. Of a cell `row` and `last_row` count body rows of the joined
    table; a `label` is a row's first cell.
    """

    role: Role
    unit: int
    block: str
    places: tuple[Region, ...]
    path: tuple[str, ...]
    row: int = -1
    last_row: int = -1
    label: bool = False


class Table(NamedTuple):
    """A table as it was made: its header rows and body rows as texts."""

    block: str
    head: Sequence[Sequence[str]]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Tagged:
    """A document with its marks by sign, its sentences by unit, and its tables and captions by the id of the block."""

    document: ParsedDocument
    marks: dict[str, Mark]
    units: dict[int, str]
    tables: dict[str, Table]
    captions: dict[str, str]


class Script(NamedTuple):
    """Words of one or two languages and how sentences are made of them."""

    words: Sequence[str]
    space: str
    ends: Sequence[str]


SCRIPTS: dict[str, Script] = {
    "Latin": Script(
        [
            "the river authority reports a steady inflow from eastern valleys while pumps near Ostermond ran at half load",
            "die Anlage lieferte im Winter deutlich mehr Wärme als geplant und blieb dabei unter dem Grenzwert",
        ],
        " ",
        (".", "!", "?"),
    ),
    "Chinese": Script(["本年度水务公司共铺设管道三百余公里改造泵站七座供水能力明显提高漏损率逐步下降"], "", ("。", "！", "？")),
    "Cyrillic and Arabic": Script(
        [
            "за отчётный период станция выработала больше тепла чем предполагалось и осталась в пределах нормы",
            "سجلت المحطة خلال العام الماضي ارتفاعا ملحوظا في كمية المياه المنتجة مقارنة بالخطة",
        ],
        " ",
        (".", "؟", "!"),
    ),
}


@dataclass
class Writer:
    """Writes a document block by block and notes what is true of every sign."""

    script: Script
    rng: random.Random
    marks: dict[str, Mark] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    pages: list[list[Block]] = field(default_factory=lambda: [[]])
    open: list[tuple[int, str]] = field(default_factory=list)
    made: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        """The open headings."""
        return tuple(text for _, text in self.open)

    def name(self) -> str:
        """An id for the next block."""
        self.made += 1
        return f"b{self.made}"

    def place(self) -> Region:
        """Where the next block of this page stands: no other stands there."""
        top = min(len(self.pages[-1]) + 1, 97) / 100
        return Region(len(self.pages), BBox(0.1, top, 0.9, top + 0.01 + self.made % 97 / 10_000))

    def put(self, block: Block) -> None:
        """Add a block to the page."""
        self.pages[-1].append(block)

    def turn(self) -> None:
        """Begin a new page, with furniture at the end of one and the beginning of the next."""
        self.furniture("footer", "page_number")
        self.pages.append([])
        self.furniture("header", "aside")

    def furniture(self, *kinds: Kind) -> None:
        """Texts that belong to the page."""
        for kind in kinds:
            block, place = self.name(), self.place()
            self.put(Block(block, kind, self.sign(Mark("furniture", self.made, block, (place,), ())), regions=(place,)))

    def sign(self, mark: Mark) -> str:
        """A new sign of which `mark` is true."""
        made = chr(FIRST + len(self.marks))
        self.marks[made] = mark
        return made

    def sentence(self, mark: Mark, size: int = 0, *, end: bool = True) -> str:
        """A sentence of `size` words with signs at its beginning, after every sixth word, and before its full stop."""
        bank = self.bank()
        mark = mark._replace(unit=len(self.units) + 1)
        said = [self.rng.choice(bank) for _ in range(size or self.rng.randint(4, 18))]
        said[0] = self.sign(mark) + said[0].capitalize()
        for at in range(5, len(said) - 1, 6):
            said[at] += self.sign(mark)
        said[-1] += self.sign(mark) + (self.rng.choice(self.script.ends) if end else "")
        text = self.units[mark.unit] = self.script.space.join(said)
        return text

    def heading(self, level: int, size: int = 4) -> None:
        """Open a section."""
        block, place = self.name(), self.place()
        mark = Mark("heading", 0, block, (place,), ())
        before = len(self.marks)
        text = self.sentence(mark, size, end=False)
        self.open = [(above, title) for above, title in self.open if above < level] + [(level, text)]
        for sign in list(self.marks)[before:]:
            self.marks[sign] = self.marks[sign]._replace(path=self.path)
        self.put(Block(block, "title", text, level=level, regions=(place,)))

    def prose(self, kind: Kind, sentences: int, size: int = 0) -> None:
        """A block of sentences."""
        block, place = self.name(), self.place()
        mark = Mark("sentence", 0, block, (place,), self.path)
        gap = self.script.space
        self.put(Block(block, kind, gap.join(self.sentence(mark, size) for _ in range(sentences)), regions=(place,)))

    def items(self, kind: Kind, count: int, bullet: str = "• ") -> None:
        """A list, contents or references: an entry a line."""
        block, place = self.name(), self.place()
        mark = Mark("item", 0, block, (place,), self.path)
        lines = [f"{bullet or f'{n}. '}{self.sentence(mark, self.rng.randint(3, 9), end=False)}" for n in range(1, count + 1)]
        self.put(Block(block, kind, "\n".join(lines), regions=(place,)))

    def code(self, functions: int, lines: int = 4) -> None:
        """A program of some functions."""
        block, place = self.name(), self.place()
        mark = Mark("line", 0, block, (place,), self.path)
        text = []
        for number in range(functions):
            text.append(f"{self.sign(mark)}def step_{number}(value):  # {self.sign(mark)}")
            text += [f"    {self.sign(mark)}value += table[{at}]  # {self.sign(mark)}" for at in range(lines)]
            text.append("")
        self.put(Block(block, "code", "\n".join(text).rstrip(), regions=(place,)))

    def equation(self, terms: int) -> None:
        """A formula, long if it has many terms."""
        block, place = self.name(), self.place()
        mark = Mark("line", 0, block, (place,), self.path)
        latex = r" \\ ".join(rf"{self.sign(mark)} x_{{{n}}} &= \frac{{a_{n}}}{{b_{n}}} {self.sign(mark)}" for n in range(terms))
        self.put(Block(block, "equation", latex=latex, regions=(place,)))

    def caption(self, word: str, size: int = 6) -> Block:
        """A caption, which is yet to be put on the page."""
        block, place = self.name(), self.place()
        mark = Mark("caption", 0, block, (place,), self.path)
        text = f"{word} {self.made}.{self.sign(mark)} {self.sentence(mark, size, end=False)}"
        return Block(block, "caption", text, regions=(place,))

    def figure(self, kind: Kind = "figure", *, words: bool = False, linked: bool = True) -> None:
        """A picture with its caption below; with words read off it, or described by a model."""
        block, place = self.name(), self.place()
        mark = Mark("sentence", 0, block, (place,), self.path)
        text = self.sentence(mark) if words else ""
        image = Image("url", "https://pictures.test/a.png")
        made = Block(block, kind, text, image=image, regions=(place,), generated=kind == "chart" and words)
        self.put(made)
        caption = self.caption("Figure")
        self.pages[-1][-1] = replace(made, caption_ids=(caption.id,) if linked else ())
        self.put(caption)
        self.captions[block] = caption.text

    def linked(self, kind: Kind, pages: int, sentences: int = 2) -> None:
        """A paragraph or list over several pages, cut inside a sentence (a list between items)."""
        head = before = ""
        torn = 0
        for number in range(pages):
            block, place = self.name(), self.place()
            head = head or block
            mark = Mark("sentence", 0, head, (place,), self.path)
            said = [self.sentence(mark) for _ in range(sentences)]
            if torn:  # without a full stop before it, a sentence and the next one are one
                both = f"{self.units[torn]}{self.script.space}{self.units[torn + 1]}"
                self.units[torn] = self.units[torn + 1] = both
            if number + 1 < pages:
                said.append(self.sentence(mark, 4, end=False))
                torn = len(self.units)
            text = self.script.space.join(said)
            self.put(Block(block, kind, text, regions=(place,), continues=before or None))
            before = block
            if number + 1 < pages:
                self.turn()

    def table(
        self,
        rows: Sequence[int],
        columns: int = 4,
        *,
        form: Literal["pipes", "th", "td"] = "th",
        head_rows: int = 1,
        reach: int = 1,
        repeat: bool = True,
        caption: bool = True,
        size: int = 1,
    ) -> None:
        """A table with so many body rows on each of one or more pages.

        Without `th` a header is not marked. A header of two rows groups columns. The first cell covers `reach` rows. With
        `repeat` the header stands on every page. `size` is how many words a cell has, one of them a number.
        """
        owner = self.caption("Table") if caption else None
        if owner is not None:
            self.put(owner)
        head_id, before, done = "", "", 0
        head: list[list[str]] = []
        body: list[list[str]] = []
        for number, height in enumerate(rows):
            block, place = self.name(), self.place()
            head_id = head_id or block
            head = head or [self.head_row(head_id, place, columns, grouped=n < head_rows - 1) for n in range(head_rows)]
            part = [self.body_row(head_id, place, columns, done + n, height - n, reach, n, size) for n in range(height)]
            shown = head if number == 0 or repeat else []
            text, html = _written(shown, part, form, reach)
            captions = (owner.id,) if owner is not None and number == 0 else ()
            link = before or None
            self.put(Block(block, "table", text, html, regions=(place,), caption_ids=captions, continues=link))
            done, before = done + height, block
            body += part
            if number + 1 < len(rows):
                self.turn()
        self.tables[head_id] = Table(head_id, head, body)
        if owner is not None:
            self.captions[head_id] = owner.text

    def head_row(self, block: str, place: Region, columns: int, *, grouped: bool) -> list[str]:
        """Names of columns; `grouped` ones cover two columns each after the first."""
        mark = Mark("head", 0, block, (place,), self.path)
        names = [f"{self.word()}{self.sign(mark)}" for _ in range(columns)]
        return ["" if grouped and n > 1 and n % 2 == 0 else name for n, name in enumerate(names)]

    def body_row(
        self, block: str, place: Region, columns: int, row: int, left: int, reach: int, within: int, size: int
    ) -> list[str]:
        """A label and numbers; the label "" where the one above reaches down to it."""
        mark = Mark("cell", 0, block, (place,), self.path, row, row)
        label = ""
        if within % reach == 0:
            label = f"{self.words(size)}{self.sign(mark._replace(last_row=row + min(reach, left) - 1, label=True))}"
        cells = [f"{self.words(size - 1)}{self.rng.randint(1, 9999)}{self.sign(mark)}" for _ in range(columns - 1)]
        return [label, *cells]

    def bank(self) -> Sequence[str]:
        """The words of one language, or the characters."""
        bank = self.rng.choice(self.script.words)
        return bank.split() if self.script.space else bank

    def word(self) -> str:
        """A word, of a script without spaces some characters."""
        bank = self.bank()
        return "".join(self.rng.choice(bank) for _ in range(1 if self.script.space else 3))

    def words(self, count: int) -> str:
        """So many words, each followed by a space."""
        return "".join(f"{self.word()} " for _ in range(count))

    def finished(self) -> Tagged:
        """The document, with the signs that a group heading left unused taken out."""
        self.furniture("footer", "page_number")
        made = [Page(number, 600, 800, blocks=tuple(blocks)) for number, blocks in enumerate(self.pages, 1)]
        source = SourceFacts("tagged.pdf", "tagged.pdf", "application/pdf", 1, "7a" * 32)
        document = ParsedDocument(source=source, vendor="tagged", pages=tuple(made), total_pages=len(made))
        said = {sign for page in made for block in page.blocks for sign in signs(said_by(block))}
        marks = {sign: mark for sign, mark in self.marks.items() if sign in said}
        return Tagged(document, marks, self.units, self.tables, self.captions)


def said_by(block: Block) -> str:
    """Everything that a block says."""
    return f"{block.text}{block.html or ''}{block.latex or ''}"


def signs(text: str) -> list[str]:
    """The signs in a text, in order."""
    return [sign for sign in text if ord(sign) >= FIRST]


def _written(
    head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], form: Literal["pipes", "th", "td"], reach: int
) -> tuple[str, str | None]:
    if form == "pipes":
        lines = ["| " + " | ".join(row) + " |" for row in (*head, *rows)]
        ruler = "|" + " --- |" * len((head or rows)[0])
        return "\n".join([*lines[: len(head)], ruler, *lines[len(head) :]] if head else lines), None
    tag = "th" if form == "th" else "td"
    made = [_head_markup(row, tag, grouped=n < len(head) - 1) for n, row in enumerate(head)]
    made += [_row_markup(row, min(reach, len(rows) - n) if row[0] else 0) for n, row in enumerate(rows)]
    return "", f"<table>{''.join(made)}</table>"


def _head_markup(row: Sequence[str], tag: str, *, grouped: bool) -> str:
    if not grouped:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
    wide = [f'<{tag} colspan="{min(2, len(row) - at)}">{escape(row[at])}</{tag}>' for at in range(1, len(row), 2)]
    return f"<tr><{tag}>{escape(row[0])}</{tag}>{''.join(wide)}</tr>"


def _row_markup(row: Sequence[str], reach: int) -> str:
    label = [f'<td rowspan="{reach}">{escape(row[0])}</td>' if reach > 1 else f"<td>{escape(row[0])}</td>"] if reach else []
    return "<tr>" + "".join([*label, *(f"<td>{escape(cell)}</td>" for cell in row[1:])]) + "</tr>"


def _section(writer: Writer, level: int) -> None:
    """A section with a bit of everything, in an order that chance gives."""
    writer.heading(level, writer.rng.choice([2, 4, 9]))
    steps: list[Callable[[], None]] = [
        lambda: writer.prose("text", writer.rng.randint(1, 6)),
        lambda: writer.prose("text", 1, 60),
        lambda: writer.items("list", writer.rng.randint(2, 9)),
        lambda: writer.items("reference", 3, "[1] "),
        lambda: writer.items("list", 4, ""),
        lambda: writer.code(writer.rng.randint(1, 4)),
        lambda: writer.equation(writer.rng.randint(1, 6)),
        lambda: writer.figure(words=writer.rng.random() < 0.5),
        lambda: writer.figure("chart", words=True, linked=False),
        lambda: writer.prose("footnote", 1),
        lambda: writer.prose("seal", 1, 3),
        lambda: writer.prose("other", 1),
        lambda: writer.linked("text", writer.rng.randint(2, 4)),
        lambda: _any_table(writer),
        lambda: _any_table(writer),
    ]
    for step in writer.rng.sample(steps, writer.rng.randint(2, 8)):
        step()


def _any_table(writer: Writer) -> None:
    rng = writer.rng
    form = rng.choice(["pipes", "th", "td"])
    pages = [rng.randint(2, 24) for _ in range(rng.choice([1, 1, 2, 3]))]
    two = form == "th" and rng.random() < 0.5
    reach = rng.choice([1, 1, 3]) if form != "pipes" else 1
    repeat, caption, size = rng.random() < 0.7, rng.random() < 0.8, rng.choice([1, 1, 1, 6])
    writer.table(
        pages,
        rng.randint(3, 6),
        form=form,  # type: ignore[arg-type]  # one of the three above
        head_rows=1 + two,
        reach=reach,
        repeat=repeat,
        caption=caption,
        size=size,
    )


def _hard_cases(writer: Writer) -> None:
    """What is always there: long tables of each form over pages, and a chain of four pages."""
    writer.heading(1)
    writer.heading(4)
    writer.table([14, 9, 11], 4, form="td", repeat=False)
    writer.table([13, 12], 5, form="th", head_rows=2, reach=3)
    writer.table([6, 6], 3, form="td", reach=4)
    writer.linked("text", 4)
    writer.table([30], 3, form="pipes")
    writer.heading(2)


def _levels(rng: random.Random, sections: int) -> Iterator[int]:
    """Levels of headings: sometimes deeper, sometimes by two or three at once."""
    level = 1
    for _ in range(sections):
        yield level
        level = min(6, level + rng.choice([1, 1, 2, 3])) if rng.random() < 0.5 else rng.randint(1, level)


def tagged(script: str = "Latin", sections: int = 30, seed: int = 7) -> Tagged:
    """A document of so many sections, the same every time; a third of the headings have no body of their own."""
    rng = random.Random(f"{script} {seed}")  # noqa: S311  # made-up text, no secret
    writer = Writer(SCRIPTS[script], rng)
    writer.furniture("header")
    writer.items("toc", 3, "")
    _hard_cases(writer)
    for level in _levels(rng, sections):
        if rng.random() < 0.3:
            writer.heading(level, 3)
        else:
            _section(writer, level)
        if rng.random() < 0.4:
            writer.turn()
    return writer.finished()


def flow(made: Tagged) -> dict[str, Mark]:
    """The marks that chunks must hold: all but those of furniture."""
    furniture = {block.id for page in made.document.pages for block in page.blocks if block.kind in FURNITURE}
    return {sign: mark for sign, mark in made.marks.items() if mark.block not in furniture}
