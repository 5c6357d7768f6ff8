"""The Chinese report: its type, its furniture and its order."""

from pathlib import Path

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import FF_FORCEBOLD, TTFont

from example_documents import report_zh_text as say
from example_documents.flow import Flow, Style
from example_documents.grid import Grid, Look
from example_documents.sheet import Sheet
from example_documents.truth import Drawn, Truth
from example_documents.typeset import Face

FONT, HEAVY = "Han", "HanHeavy"
BLUE = "#143a52"
MARGINS = (72.0, 86.0, 72.0, 80.0)


def plain(size: float, leading: float, colour: str = "#1a1a1a") -> Face:
    """Chinese type with Helvetica for Latin letters and digits."""
    return Face(FONT, size, leading, colour, western="Helvetica")


def bold(size: float, leading: float, colour: str = "#1a1a1a") -> Face:
    """The same, heavier: the Chinese font has one weight, so its glyphs get an outline."""
    return Face(HEAVY, size, leading, colour, stroke=size * 0.022, western="Helvetica-Bold")


SMALL = plain(8.2, 11, "#5a6670")
LOOK = Look(body=plain(9, 12), head=bold(9, 12), shade="#e6eef0")
STYLE = Style(
    body=plain(10.6, 17.2),
    heads=((bold(22, 30, BLUE), 0), (bold(16.5, 23, BLUE), 18), (bold(13.5, 19, BLUE), 12), (bold(12, 17, BLUE), 9)),
    caption=plain(9, 13, "#333333"),
    note=plain(8.4, 12),
    code=Face("Courier", 9, 12),
    indent=21.2,
)


def make_report_zh(folder: Path, font: Path) -> Truth:
    """Write report-zh.pdf into `folder`, with the glyphs that it needs from the TrueType file `font`."""
    _register(font)
    sheet = Sheet(folder / "report-zh.pdf", say.TITLE, say.AUTHOR, lang="zh-CN")
    flow = Flow(sheet, STYLE, MARGINS, _head, _foot)
    for section in (_front, _overview, _operation, _leakage, _outlook):
        section(flow)
    flow.close()
    return sheet.save()


def _register(font: Path) -> None:
    """Office programs mark glyphs that they thickened themselves by ",Bold" in the font's name; so do we."""
    heavy = TTFont(HEAVY, str(font))
    heavy.face.name = heavy.face.name + (b",Bold" if isinstance(heavy.face.name, bytes) else ",Bold")
    heavy.face.flags |= FF_FORCEBOLD
    registerFont(TTFont(FONT, str(font)))
    registerFont(heavy)


def _head(sheet: Sheet) -> None:
    box = sheet.words(SMALL, [(72, 52, say.RUNNING_HEAD)])
    sheet.note(Drawn("header", sheet.page, box, say.RUNNING_HEAD))
    sheet.rule(72, 60, sheet.size[0] - 72, 60, colour="#9aa7b1")


def _foot(sheet: Sheet) -> None:
    y, number = sheet.size[1] - 44, f"第 {sheet.page} 页"
    box = sheet.words(SMALL, [(72, y, say.RUNNING_FOOT)])
    sheet.note(Drawn("footer", sheet.page, box, say.RUNNING_FOOT))
    box = sheet.words(SMALL, [(sheet.size[0] - 72 - SMALL.width(number), y, number)])
    sheet.note(Drawn("page_number", sheet.page, box, number))


def _front(flow: Flow) -> None:
    flow.y += 4
    flow.heading(say.TITLE, 1)
    flow.paragraph(say.BYLINE, face=plain(10, 15, "#555555"), indent=0)
    flow.heading(say.ABSTRACT_HEAD, 2)
    for text in say.ABSTRACT:
        flow.paragraph(text)
    flow.heading(say.ENGLISH_HEAD, 2)
    flow.paragraph(say.ENGLISH, indent=0)


def _overview(flow: Flow) -> None:
    flow.heading("第一章　概况", 2)
    flow.heading("1.1 编制说明", 3)
    for text in say.SCOPE:
        flow.paragraph(text)
    flow.heading("1.2 常用词语", 3)
    flow.paragraph(say.TERMS_LEAD)
    flow.items(say.TERMS, ["•"] * len(say.TERMS))


def _operation(flow: Flow) -> None:
    flow.heading("第二章　运行情况", 2)
    flow.heading("2.1 供水水量", 3)
    for text in say.VOLUME:
        flow.paragraph(text)
    widths = [44.0, 83, 64, 64, 64, 64, 68]
    flow.table(say.VOLUME_CAPTION, Grid([say.VOLUME_HEAD, *say.VOLUMES], widths, "clrrrrr", repeat_header=True, look=LOOK))
    flow.heading("2.2 水压与水质", 3)
    flow.heading("2.2.1 管网水压", 4)
    for text in say.PRESSURE:
        flow.paragraph(text)
    flow.heading("2.2.2 管网水质", 4)
    flow.paragraph(say.QUALITY)
    widths = [82.0, 66, 75, 76, 76, 76]
    flow.table(say.QUALITY_CAPTION, Grid(say.QUALITY_CELLS, widths, "lccrrr", say.QUALITY_SPANS, 2, look=LOOK))


def _leakage(flow: Flow) -> None:
    flow.heading("第三章　漏损控制", 2)
    flow.heading("3.1 检漏工作", 3)
    flow.paragraph(say.LEAKAGE)
    flow.items(say.STEPS, [f"{n}." for n in range(1, len(say.STEPS) + 1)])
    flow.heading("3.2 管材更换", 3)
    for text in say.PIPES:
        flow.paragraph(text)
    flow.heading("3.3 用户服务", 3)
    flow.paragraph(say.SERVICE)


def _outlook(flow: Flow) -> None:
    flow.heading("第四章　结论与建议", 2)
    flow.heading("4.1 主要结论", 3)
    flow.paragraph(say.FINDINGS)
    flow.heading("4.2 下一年度工作", 3)
    flow.paragraph(say.PLANS_LEAD)
    flow.items(say.PLANS, [f"（{number}）" for number in "一二三"], hang=34)
    flow.paragraph(say.CLOSING)
