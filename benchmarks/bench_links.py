"""How surely links over pages are found: documents laid out line by line and cut apart on purpose.

    python benchmarks/bench_links.py [rounds] [--show]

Each class has borders where something goes on and borders where nothing does, so that precision means something in each.
Texts are those of the example documents and some made up here; letters are as wide as in common faces, in sizes, pitches,
margins and columns drawn anew for each document. `--show` prints what was decided wrongly.
"""

import argparse
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.vendors.links import with_links

DATA = Path(__file__).parent.parent / "examples" / "data"
WIDTH, HEIGHT, BOTTOM, TOP = 595.0, 842.0, 770.0, 72.0
NARROW, BROAD = frozenset("iljtfI.,;:'!|()[] "), frozenset("mwMWÄÖÜ%@—")
WIDE_FROM = "\u2e7f"

GERMAN = (
    (
        "Die Anlage wurde im vergangenen Jahr erneuert und liefert seitdem Wärme an vierundachtzig Stationen der Stadt, "
        "wobei die Temperatur des Rücklaufs um vier Grad gesunken ist. Der Verbrauch der Pumpen ging um ein Fünftel "
        "zurück, weil die Ventile nun nach dem Bedarf der Häuser geregelt werden und nicht mehr nach der Außentemperatur "
        "allein."
    ),
    (
        "Im Winter laufen beide Kessel, im Sommer genügt der kleine; dazwischen entscheidet der Speicher, welcher von "
        "beiden zuerst angefordert wird. Die Betriebsstunden beider Kessel stehen in der Tabelle am Ende dieses "
        "Abschnitts, die Störungen im Anhang, nach Datum und Ort geordnet."
    ),
    (
        "Wer einen neuen Anschluss beantragt, bekommt innerhalb von vier Wochen eine Zusage oder eine Begründung, warum "
        "er warten muss. Meist liegt es an der Leitung in der Straße, die für weitere Häuser zu eng ist, seltener an der "
        "Leistung des Werks, das auch an den kältesten Tagen noch Reserven hat."
    ),
    (
        "Die Zähler werden monatlich ausgelesen, zuerst von Hand und seit dem Frühjahr über Funk. Dabei fiel auf, dass "
        "einige Häuser nachts mehr Wärme abnahmen als am Tag; der Grund waren vertauschte Fühler, die beim Einbau niemand"
        " geprüft hatte."
    ),
)
ENGLISH = (
    (
        "The crew walks the route twice a year and writes down every cover that is loose, every valve that weeps and "
        "every box that has filled with water. Most of what they find is small, and most of it is mended on the spot, but"
        " the list is kept because it shows after some years which streets wear out their pipes faster than others."
    ),
    (
        "A customer who moves out reads the meter together with the caretaker, and both sign the slip. Without a slip the"
        " reading is estimated from the last two winters, which is seldom to anybody's liking and takes the office half a"
        " day to explain."
    ),
    (
        "None of this would matter if the store were larger, and a larger store was in fact planned at first; the ground "
        "under the yard turned out to be too soft for it, so the money went into insulation instead, and nobody has "
        "regretted that since."
    ),
)
CHINESE = (
    (
        "泵站在冬季由两台机组轮流运行，每台运行满七十二小时后切换一次，以便检修人员在白天完成例行检查。切换之前须确认备用"
        "机组的油位和水温正常，并在记录本上签字；如有异常，应当立即报告值班长，由值班长决定是否推迟切换。"
    ),
    (
        "用户申请新装水表的，应当填写申请表并附上房屋平面图。受理之后，工作人员在五个工作日之内到现场查看管线的位置和口径"
        "，确定接入点；不具备接入条件的，书面说明原因和预计的解决时间，并在条件具备之后优先安排。"
    ),
    (
        "巡线人员每天沿固定路线检查阀门井和排气阀，发现井盖松动、积水或者渗漏的，当场拍照上传。系统根据照片的位置自动生成"
        "工单，分派给最近的抢修班；抢修完成之后再由巡线人员复查一次，复查合格才算结束。"
    ),
)
SHORT = {
    "en": (
        "Yours sincerely", "Kind regards,", "Jane Doe, Director", "12 Mill Lane", "Eastmere EM4 2QT", "Tel. 0123 456 789",
        "Invoice no. 2026-0815", "a description of the plant", "the operator of the network", "heat meters and valves",
        "Figure 3 Flow temperature over the year", "Table 2 Heat delivered by month", "where x is the flow", "name: value",
        "total amount due", "(a) the pipes", "a. meters and their seals", "EUR 1,250.00", "Dear Sir,", "with a = 3 and b = 4",
        "Attachment: list of meters", "cc: the operator", "Drawn by R. Hale", "signed on behalf of the board",
    ),
    "de": (
        "Mit freundlichen Grüßen", "Weidenweg 12", "04109 Leipzig", "Sehr geehrte Damen und Herren,", "Anlage: ein Plan",
        "im Auftrag", "gez. Meyer", "Abbildung 3 Vorlauftemperatur", "Bearbeiter: Schulz", "eine Beschreibung der Anlage",
    ),
    "zh": (
        "项目负责人：张三", "联系电话 0123456", "日期 2026年3月4日", "单位：万元", "附件清单", "图3 供水温度", "此致", "敬礼",
        "澜川水务有限公司", "二〇二六年三月四日", "编号：LC-GW-07（第 2 版）", "审核人 李四", "收件人 王五",
    ),
}  # fmt: skip
WORDS = ("Pump", "Valve", "Meter", "Boiler", "Store", "Filter", "Sensor", "Gasket", "Damper", "Relay")
PHRASES = (
    "Seal worn, replaced on the same day", "Set to the value of the plan again", "Cable bitten through by an animal",
    "No fault found, watched for a week", "Reading doubled after a reset", "Housing cracked, ordered a new one",
)  # fmt: skip
HEADERS = (
    ("Station", "Heat", "Flow", "Return"), ("Month", "Income", "Cost", "Margin"), ("Item", "2023", "2024", "2025"),
    ("Street", "Q1", "Q2", "Q3"), ("区域", "供水量", "售水量", "漏损率"), ("Anlage", "Wärme", "Fluss", "Rücklauf"),
)  # fmt: skip
LOGS = (("Date", "Part", "Finding", "Hours"), ("Day", "Device", "Complaint", "Cost"), ("日期", "设备", "Bericht", "金额"))


@dataclass(slots=True)
class Style:
    """How a document is set: lengths in points, `pitch` from line to line."""

    size: float
    pitch: float
    left: float
    column: float
    ragged: bool
    gutter: float = 0.0
    widths: float = 1.0
    """How wide the face runs."""

    @classmethod
    def drawn(cls, rng: random.Random) -> "Style":
        """Any usual style, in one or two columns."""
        size, double = rng.uniform(8, 12), rng.random() < 0.3
        left = rng.uniform(48, 90)
        body = WIDTH - 2 * left
        gutter = rng.uniform(14, 26) if double else 0.0
        column = (body - gutter) / 2 if double else body
        return cls(size, size * rng.uniform(1.15, 1.7), left, column, rng.random() < 0.5, gutter, rng.uniform(0.85, 1.1))


@dataclass(slots=True)
class Leaf:
    """A page while it is filled from above."""

    number: int
    style: Style
    left: float
    y: float = TOP
    blocks: list[Block] = field(default_factory=list)

    def add(self, kind: Kind, text: str, lines: Sequence[str] = (), *, html: str | None = None, height: float = 0.0) -> str:
        """Put a block below the last; of text, its box is as wide as its longest line."""
        style, name = self.style, f"p{self.number}-{len(self.blocks)}"
        tall = height or (len(lines) - 1) * style.pitch + 1.1 * style.size
        wide = style.column if height or (len(lines) > 1 and not style.ragged) else max(advance(line, style) for line in lines)
        self.put(Block(name, kind, text, html=html), (self.left, self.y, self.left + min(wide, style.column), self.y + tall))
        self.y += tall + 0.7 * style.pitch
        return name

    def put(self, block: Block, box: Sequence[float]) -> None:
        """Add a block with its box in points."""
        region = Region(self.number, BBox.scaled(box, WIDTH, HEIGHT))
        self.blocks.append(Block(block.id, block.kind, block.text, html=block.html, regions=(region,)))

    @property
    def page(self) -> Page:
        """As a decoder would give it, with its furniture."""
        head = Block(f"p{self.number}-h", "header", "Report", regions=(Region(self.number, BBox(0.1, 0.04, 0.9, 0.05)),))
        foot = Block(f"p{self.number}-n", "page_number", "7", regions=(Region(self.number, BBox(0.45, 0.95, 0.5, 0.96)),))
        return Page(self.number, WIDTH, HEIGHT, "point", blocks=(head, *self.blocks, foot))


@dataclass(slots=True)
class Case:
    """Two pages, and which block of the second goes on from which of the first, by their ids; none if nothing does."""

    pages: tuple[Page, Page]
    links: frozenset[tuple[str, str]]


def advance(text: str, style: Style) -> float:
    """How wide a line is."""
    return style.size * sum(_width(sign) * (1.0 if sign > WIDE_FROM else style.widths) for sign in text)


@cache
def _width(sign: str) -> float:
    if sign > WIDE_FROM:
        return 1.0
    return 0.28 if sign in NARROW else 0.85 if sign in BROAD else 0.67 if sign.isupper() else 0.52


def broken(text: str, style: Style, rng: random.Random) -> list[str]:
    """The lines of a paragraph; now and then a word is broken with a hyphen."""
    pieces = [sign for word in text.split(" ") for sign in _pieces(word)]
    lines, line, used = list[str](), "", 0.0
    for piece in pieces:
        rest, wide = piece, advance(piece, style)
        if line and used + wide > style.column + style.size / 4 and piece[0] not in "，。；、：）”":
            room = len(piece) > 8 and piece.strip().isalpha() and piece.isascii() and rng.random() < 0.3
            lines.append(line + piece[:4] + "-" if room else line.rstrip())
            rest, line, used = piece[4:] if room else piece, "", 0.0
        line, used = line + rest, used + wide
    return [*lines, line.rstrip()]


def _pieces(word: str) -> Iterator[str]:
    if any(sign > WIDE_FROM for sign in word):
        yield from re.findall("[0-9A-Za-z.,%°/-]+|.", word)
        yield " "
    else:
        yield f"{word} "


def whole(lines: Sequence[str]) -> str:
    """A text as vendors give it: without line breaks."""
    text = ""
    for line in lines:
        spaced = text and not (text[-1] > WIDE_FROM or line[:1] > WIDE_FROM)
        text = text[:-1] + line if text.endswith("-") and line[:1].islower() else text + (" " if spaced else "") + line
    return text


def paragraphs() -> dict[str, list[str]]:
    """Whole paragraphs by language: of the example documents without those cut by a page, and our own."""
    texts = {"en": list(ENGLISH), "de": list(GERMAN), "zh": list(CHINESE)}
    for name in ("report", "paper", "report-zh", "invoice-scan"):
        blocks = json.loads((DATA / f"{name}.truth.json").read_text(encoding="utf-8"))["blocks"]
        cut = {block["continues"] for block in blocks} | {block["id"] for block in blocks if block.get("continues")}
        for block in blocks:
            if block["kind"] == "text" and block["id"] not in cut and len(block["text"]) > 60 and block["text"][-1] in ".。":
                texts["zh" if block["text"][0] > WIDE_FROM else "en"].append(block["text"])
    return texts


TEXTS = paragraphs()


class Maker:
    """Makes borders of one class; `link` says whether something goes on."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.style = Style.drawn(rng)
        style = self.style
        last = style.left + style.column + style.gutter if style.gutter else style.left
        self.first, self.second = Leaf(1, style, last), Leaf(2, style, style.left)

    def start(self, language: str, room: float) -> None:
        """Fill the first page with paragraphs until only `room` points are left, and put the rest at its end."""
        leaf, style = self.first, self.style
        if style.gutter:
            other = Leaf(1, style, style.left)
            self.fill(other, language, 40.0)
            leaf.blocks += other.blocks
        self.fill(leaf, language, room)
        leaf.y = max(leaf.y, BOTTOM - room)

    def fill(self, leaf: Leaf, language: str, room: float) -> None:
        """Put whole paragraphs on a page until only `room` points are left."""
        for text in self.rng.sample(TEXTS[language], len(TEXTS[language])):
            lines = broken(text, self.style, self.rng)
            if leaf.y + len(lines) * self.style.pitch > BOTTOM - room:
                return
            leaf.add("text", whole(lines), lines)

    def end(self, language: str) -> None:
        """Some paragraphs below what stands first on the second page."""
        self.fill(self.second, language, 300.0)

    def tall(self, lines: Sequence[str]) -> float:
        """How much room lines take."""
        return len(lines) * self.style.pitch + 4

    def case(self, *links: tuple[str, str]) -> Case:
        """Both pages, and what is true of them."""
        return Case((self.first.page, self.second.page), frozenset(links))


def cut_paragraph(rng: random.Random, language: str, *, floats: bool = False) -> Case:
    """A paragraph cut between two lines, perhaps with a picture or a note below its first half."""
    while True:
        made = Maker(rng)
        lines = broken(rng.choice(TEXTS[language]), made.style, rng)
        places = [place for place in range(1, len(lines)) if lines[place - 1][-1] not in ".。:：;；!?"]
        if places:
            break
    place = rng.choice(places)
    above, below = lines[:place], lines[place:]
    extra = rng.choice((60.0, 140.0)) if floats else 0.0
    made.start(language, made.tall(above) + extra * 1.3)
    tail = made.first.add("text", whole(above), above)
    if floats:
        _float(made.first, rng, extra)
    if floats and rng.random() < 0.4:
        _float(made.second, rng, 90.0)
    head = made.second.add("text", whole(below), below)
    made.end(language)
    return made.case((head, tail))


def _float(leaf: Leaf, rng: random.Random, height: float) -> None:
    if rng.random() < 0.4:
        leaf.add("footnote", "¹ Measured at noon.", ["¹ Measured at noon."])
    else:
        leaf.add("figure", "", height=height - 25)
        leaf.add("caption", "Figure 4. The yard.", ["Figure 4. The yard."])


def two_paragraphs(rng: random.Random, language: str, *, open_end: bool = False) -> Case:
    """Two whole paragraphs; the first may lack its full stop."""
    made = Maker(rng)
    one, other = (broken(text, made.style, rng) for text in rng.sample(TEXTS[language], 2))
    one = [*one[:-1], one[-1][:-1]] if open_end else one
    made.start(language, made.tall(one))
    made.first.add("text", whole(one), one)
    made.second.add("text", whole(other), other)
    made.end(language)
    return made.case()


def short_lines(rng: random.Random, language: str, *, both: bool) -> Case:
    """A line of an address, a signature, a list without marks, at the end of a page."""
    made = Maker(rng)
    line = rng.choice(SHORT[language])
    made.start(language, made.tall([line]) + rng.choice((0.0, 30.0)))
    made.first.add("text", line, broken(line, made.style, rng))
    after = rng.choice(SHORT[language]) if both else rng.choice(TEXTS[language])
    made.second.add("text", after, broken(after, made.style, rng))
    made.end(language)
    return made.case()


def marks(rng: random.Random, count: int) -> list[str]:
    """The marks of a list's items."""
    form = rng.choice(("1.", "(a)", "•", "–", "[1]", "1)"))
    first = rng.randint(1, 4)
    if form in "•–":
        return [form] * count
    names = [chr(96 + first + place) if "a" in form else str(first + place) for place in range(count)]
    return [form.replace("a", name).replace("1", name) for name in names]


def items(rng: random.Random, count: int) -> list[str]:
    """Items of one or two sentences with their marks."""
    texts = [". ".join(rng.choice(TEXTS["en"]).split(". ")[: rng.choice((1, 1, 2))]) for _ in range(count)]
    return [
        f"{mark} {text.rstrip('.')}{rng.choice(('.', ';', ''))}" for mark, text in zip(marks(rng, count), texts, strict=True)
    ]


def cut_list(rng: random.Random) -> Case:
    """A list cut between two items or in the middle of one."""
    while True:
        made = Maker(rng)
        lines = [(broken(item, made.style, rng), place) for place, item in enumerate(items(rng, rng.randint(3, 6)))]
        flat = [(line, place) for part, place in lines for line in part]
        places = [at for at in range(1, len(flat)) if flat[at - 1][1] != flat[at][1] or flat[at - 1][0][-1] not in ".:;!?"]
        at = rng.choice(places)
        if at * made.style.pitch < 500:
            break
    above, below = flat[:at], flat[at:]
    made.start("en", made.tall([line for line, _ in above]))
    tail = made.first.add("list", _listed(above), [line for line, _ in above])
    head = made.second.add("list", _listed(below), [line for line, _ in below])
    made.end("en")
    return made.case((head, tail))


def _listed(lines: Sequence[tuple[str, int]]) -> str:
    parts: dict[int, list[str]] = defaultdict(list)
    for line, place in lines:
        parts[place].append(line)
    return "\n".join(map(whole, parts.values()))


def two_lists(rng: random.Random) -> Case:
    """A list that ends, and another that begins: with other marks, or numbered anew."""
    while True:
        made = Maker(rng)
        one, other = items(rng, rng.randint(2, 4)), items(rng, rng.randint(2, 4))
        lines = [line for item in one for line in broken(item, made.style, rng)]
        alike = one[-1][0] == other[0][0] and one[-1][0] in "•–"
        last, first = one[-1].split()[0], other[0].split()[0]
        if not alike and first not in _next(last) and len(lines) * made.style.pitch < 500:
            break
    made.start("en", made.tall(lines))
    made.first.add("list", "\n".join(one), lines)
    made.second.add("list", "\n".join(other), [line for item in other for line in broken(item, made.style, rng)])
    made.end("en")
    return made.case()


def _next(mark: str) -> tuple[str, ...]:
    bare = mark.strip("()[].")
    return (mark.replace(bare, str(int(bare) + 1) if bare.isdigit() else chr(ord(bare[0]) + 1)),)


def rows(rng: random.Random, count: int, *, log: bool) -> list[tuple[str, ...]]:
    """The body of a table: figures by station, or a log with sentences in it."""
    if log:
        days = (f"{rng.randint(1, 28):02} {rng.choice(('Oct', 'Nov', 'Mar'))}" for _ in range(count))
        return [(day, rng.choice(WORDS), rng.choice(PHRASES), f"{rng.uniform(0.5, 9):.1f}") for day in days]
    names = [rng.choice((f"S{rng.randint(1, 99):02}", rng.choice(WORDS), "东城一区")) for _ in range(count)]
    return [(name, f"{rng.randint(100, 9999):,}", f"{rng.uniform(1, 99):.1f}", f"{rng.uniform(1, 99):.1f} %") for name in names]


def markup(body: Sequence[Sequence[str]]) -> str:
    """As most vendors write a table: without marking its header."""
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body) + "</table>"


def cut_table(rng: random.Random) -> Case:
    """A table cut between two rows: header repeated or not, called continued or not, a note below or not."""
    made, log = Maker(rng), rng.random() < 0.4
    header = rng.choice(LOGS if log else HEADERS)
    above, below = rows(rng, rng.randint(2, 9), log=log), rows(rng, rng.randint(1, 9), log=log)
    told, repeats, noted = rng.random() < 0.25, rng.random() < 0.5, rng.random() < 0.25
    made.start("en", 12.0 * (len(above) + 4))
    tail = made.first.add("table", "", html=markup([header, *above]), height=12.0 * (len(above) + 1))
    if noted:
        note = rng.choice(("Source: own data", "Note: without August", "资料来源：年报", "Quelle: eigene Daten"))
        made.first.add(rng.choice(("text", "caption", "footnote")), note, [note])
    if told:
        words = rng.choice(("Table 1 (continued)", "续表 1", "表1（续）", "Table 1, cont.", "Tabelle 1 (Fortsetzung)"))
        made.second.add(rng.choice(("caption", "text")), words, [words])
    html = markup([*([header] if repeats else []), *below])
    head = made.second.add("table", "", html=html, height=12.0 * (len(below) + 1))
    made.end("en")
    return made.case((head, tail))


def two_tables(rng: random.Random) -> Case:
    """Two tables of one width, with nothing or with a caption between them."""
    made = Maker(rng)
    log, other_log = rng.random() < 0.4, rng.random() < 0.4
    one = rng.choice(LOGS if log else HEADERS)
    other = rng.choice([header for header in (LOGS if other_log else HEADERS) if header != one])
    captioned = rng.random() < 0.3
    made.start("en", 130.0)
    made.first.add("table", "", html=markup([one, *rows(rng, rng.randint(2, 8), log=log)]), height=125.0)
    if captioned:
        words = rng.choice(("Table 2 Costs by month", "表 2 各月费用", "Tabelle 2 Kosten"))
        made.second.add("caption", words, [words])
    html = markup([one if captioned else other, *rows(rng, rng.randint(2, 8), log=other_log)])
    made.second.add("table", "", html=html, height=100.0)
    made.end("en")
    return made.case()


def column_border(rng: random.Random, *, cut: bool, stop: bool = True) -> Case:
    """Two columns of a page: a paragraph cut between them, or a whole one at the end of the first."""
    language = rng.choice(("en", "de", "zh"))
    while True:
        made = Maker(rng)
        if not made.style.gutter:
            continue
        one, other = (broken(text, made.style, rng) for text in rng.sample(TEXTS[language], 2))
        places = [place for place in range(1, len(one)) if one[place - 1][-1] not in ".。:：;；!?"]
        if places or not cut:
            break
    if cut:
        place = rng.choice(places)
        one, other = one[:place], one[place:]
    elif not stop:
        one = [*one[:-1], one[-1][:-1]]
    style = made.style
    left, right = Leaf(1, style, style.left), Leaf(1, style, style.left + style.column + style.gutter)
    room = rng.choice((0.0, 0.0, 200.0))
    made.fill(left, language, made.tall(one) + room)
    tail = left.add("text", whole(one), one)
    right.blocks = left.blocks
    head = right.add("text", whole(other), other)
    made.fill(right, language, 40.0 + room)
    pages = (Leaf(1, style, style.left).page, replace(right.page, number=2))
    return Case(pages, frozenset({(head, tail)} if cut else ()))


Make = Callable[[random.Random], Case]


def _prose(language: str) -> tuple[Make, ...]:
    ends = partial(two_paragraphs, language=language)
    return partial(cut_paragraph, language=language), partial(cut_paragraph, language=language), ends, ends


def _adversarial(rng: random.Random) -> Case:
    language = rng.choice(("en", "de", "zh"))
    return short_lines(rng, language, both=rng.random() < 0.3)


def _any_prose(rng: random.Random) -> Case:
    return cut_paragraph(rng, rng.choice(("en", "de", "zh")))


def _floating(rng: random.Random) -> Case:
    return cut_paragraph(rng, rng.choice(("en", "de", "zh")), floats=True)


def _stopless(rng: random.Random) -> Case:
    return two_paragraphs(rng, rng.choice(("en", "de", "zh")), open_end=True)


CLASSES: dict[str, tuple[Make, ...]] = {
    "paragraphs en": _prose("en"),
    "paragraphs de": _prose("de"),
    "paragraphs zh": _prose("zh"),
    "around floats": (_floating, partial(two_paragraphs, language="en")),
    "lists": (cut_list, two_lists),
    "tables": (cut_table, two_tables),
    "short lines": (_any_prose, _adversarial),
    "columns": (
        *(partial(column_border, cut=True),) * 4,
        *(partial(column_border, cut=False),) * 3,
        partial(column_border, cut=False, stop=False),
    ),
    "stop missing": (_any_prose, _any_prose, _any_prose, _any_prose, _stopless),
}
"""What is drawn for each class, in turn; the last lets one whole paragraph in five lack its full stop."""


@dataclass(slots=True)
class Score:
    """Links found, wrong and missed, and what was decided wrongly."""

    found: int = 0
    wrong: int = 0
    missed: int = 0
    borders: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Which part of the links found is true; 1 of none."""
        return self.found / max(self.found + self.wrong, 1) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Which part of the true links is found; 1 of none."""
        return self.found / max(self.found + self.missed, 1) if self.found + self.missed else 1.0

    def count(self, case: Case) -> None:
        """Compare what is inferred with what is true."""
        linked = list(with_links(case.pages))
        got = {(block.id, block.continues) for block in linked[1].blocks if block.continues}
        self.borders += 1
        self.found += len(got & case.links)
        self.wrong += len(got - case.links)
        self.missed += len(case.links - got)
        if got != case.links:
            self.faults.append(f"{'wrong' if got - case.links else 'missed'}: {_border(case)}")


def _border(case: Case) -> str:
    ids = {name for link in case.links for name in link}
    last = next((block for block in case.pages[0].blocks if block.id in ids), case.pages[0].blocks[-2])
    first = next((block for block in case.pages[1].blocks if block.id in ids), case.pages[1].blocks[1])
    return f"{(last.text or last.html or '')[-70:]!r} | {(first.text or first.html or '')[:70]!r}"


def measure(rounds: int, seed: int = 1) -> dict[str, Score]:
    """The score of each class over `rounds` borders of each."""
    scores: dict[str, Score] = {}
    for name, makes in CLASSES.items():
        rng, score = random.Random(f"{seed} {name}"), Score()  # noqa: S311  (no secrets: the same documents each time)
        for place in range(rounds):
            score.count(makes[place % len(makes)](rng))
        scores[name] = score
    return scores


def main() -> int:
    """Print the table; 1 if a class is less precise than 0.98."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("rounds", nargs="?", type=int, default=2000)
    reader.add_argument("--show", action="store_true")
    asked = reader.parse_args()
    scores = measure(asked.rounds)
    total = Score(*(sum(getattr(score, name) for score in scores.values()) for name in ("found", "wrong", "missed", "borders")))
    print(f"{'class':16}{'borders':>9}{'links':>8}{'false':>7}{'precision':>11}{'recall':>8}")
    for name, score in (*scores.items(), ("all", total)):
        links = score.found + score.missed
        print(f"{name:16}{score.borders:9}{links:8}{score.wrong:7}{score.precision:11.4f}{score.recall:8.3f}")
        for fault in score.faults[:40] if asked.show else ():
            print("   ", fault)
    return int(any(score.precision < 0.98 for score in scores.values()))


if __name__ == "__main__":
    sys.exit(main())
