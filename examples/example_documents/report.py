"""The English report: its type, its furniture and its order."""

from pathlib import Path

from example_documents import report_text as say
from example_documents.figures import infrared_view, temperature_chart
from example_documents.flow import Flow, Style
from example_documents.grid import Grid, Look
from example_documents.maths import Fraction, Run, index, upright
from example_documents.sheet import Sheet
from example_documents.substations import FAULTS, substations
from example_documents.truth import Drawn, Truth
from example_documents.typeset import Face

STYLE = Style(
    body=Face("Times-Roman", 10.8, 14.2),
    heads=(
        (Face("Helvetica-Bold", 23, 29, "#16324a"), 0),
        (Face("Helvetica-Bold", 17, 21, "#16324a"), 20),
        (Face("Helvetica-Bold", 13.5, 17, "#16324a"), 13),
        (Face("Helvetica-Bold", 12, 15, "#16324a"), 10),
    ),
    caption=Face("Helvetica-Bold", 8.8, 12, "#333333"),
    note=Face("Times-Roman", 8.6, 11, "#333333"),
    code=Face("Courier", 8.8, 11.4),
    after=10.0,
)
LOOK = Look(body=Face("Helvetica", 8.6, 11), head=Face("Helvetica-Bold", 8.6, 11))
SMALL = Face("Helvetica", 8, 10, "#5a6670")
BYLINE = Face("Helvetica", 10.2, 15, "#444444")


def make_report(folder: Path) -> Truth:
    """Write report.pdf into `folder`."""
    sheet = Sheet(folder / "report.pdf", say.TITLE, say.AUTHOR)
    flow = Flow(sheet, STYLE, (66, 82, 66, 78), _head, _foot)
    for section in (_front, _introduction, _network, _results, _control, _faults, _outlook):
        section(flow)
    flow.close()
    return sheet.save()


def _head(sheet: Sheet) -> None:
    if sheet.page == 1:
        return
    box = sheet.words(SMALL, [(66, 50, say.RUNNING_HEAD)])
    sheet.note(Drawn("header", sheet.page, box, say.RUNNING_HEAD))
    sheet.rule(66, 57, sheet.size[0] - 66, 57, colour="#9aa7b1")


def _foot(sheet: Sheet) -> None:
    y, number = sheet.size[1] - 42, f"Page {sheet.page}"
    box = sheet.words(SMALL, [(66, y, say.RUNNING_FOOT)])
    sheet.note(Drawn("footer", sheet.page, box, say.RUNNING_FOOT))
    box = sheet.words(SMALL, [(sheet.size[0] - 66 - SMALL.width(number), y, number)])
    sheet.note(Drawn("page_number", sheet.page, box, number))


def _front(flow: Flow) -> None:
    flow.y += 14
    flow.heading(say.TITLE, 1)
    flow.skip(6)
    flow.paragraph(say.BYLINE, face=BYLINE)
    flow.sheet.rule(flow.left, flow.y + 2, flow.right, flow.y + 2, width=1.2, colour="#16324a")
    flow.skip(10)
    flow.heading("Summary", 2)
    for text in say.SUMMARY:
        flow.paragraph(text)


def _introduction(flow: Flow) -> None:
    flow.heading("1 Introduction", 2)
    flow.heading("1.1 Scope", 3)
    for text in say.SCOPE:
        flow.paragraph(text)
    flow.heading("1.2 Terms", 3)
    flow.paragraph(say.TERMS_LEAD)
    flow.items(say.TERMS, ["•"] * len(say.TERMS))


def _network(flow: Flow) -> None:
    flow.heading("2 The network", 2)
    flow.heading("2.1 Energy centre", 3)
    flow.paragraph(say.CENTRE)
    flow.heading("2.1.1 Heat pumps and store", 4)
    flow.paragraph(say.PUMPS)
    flow.table(say.PLANT_CAPTION, Grid(say.PLANT, [92, 91, 70, 70, 70, 70], "llrrrr", say.PLANT_SPANS, 2, look=LOOK))
    flow.heading("2.1.2 Electric boiler", 4)
    flow.paragraph(say.BOILER)
    flow.heading("2.2 Distribution", 3)
    for text in say.DISTRIBUTION:
        flow.paragraph(text)
    flow.figure("chart", say.CHART_CAPTION, (430, 205), temperature_chart)


def _results(flow: Flow) -> None:
    flow.heading("3 Measured performance", 2)
    flow.heading("3.1 Method", 3)
    flow.footnote(say.METER_NOTE)
    flow.paragraph(say.METHOD)
    _equations(flow)
    flow.heading("3.2 Substations", 3)
    flow.paragraph(say.SUBSTATIONS)
    head = ["No.", "Address", "Use", "Area m²", "Peak kW", "Heat MWh", "Return °C"]
    rows = [[s.code, s.address, s.use, f"{s.area:,}", str(s.peak), f"{s.heat:.1f}", f"{s.back:.1f}"] for s in substations()]
    widths = [38.0, 135, 62, 58, 56, 58, 56]
    flow.table(say.SUBSTATION_CAPTION, Grid([head, *rows], widths, "lllrrrr", repeat_header=True, look=LOOK))
    flow.heading("3.2.1 Warm returns", 4)
    for text in say.WARM_RETURNS:
        flow.paragraph(text)
    flow.figure("figure", say.INFRARED_CAPTION, (300, 150), infrared_view)


def _equations(flow: Flow) -> None:
    spf = (
        Run("SPF"),
        upright(" = "),
        Fraction((Run("Q"), index("net")), (Run("W"), index("c"), upright(" + "), Run("W"), index("p"))),
    )
    flow.equation(spf, "(1)", r"\mathrm{SPF} = \frac{Q_\mathrm{net}}{W_\mathrm{c} + W_\mathrm{p}}")
    flow.paragraph(say.AFTER_SPF)
    loss = (
        Run("q"),
        upright(" = 2π"),
        Run("λ"),
        Fraction(
            (Run("T"), index("s"), upright(" − "), Run("T"), index("g")),
            (upright("ln("), Run("D"), upright(" / "), Run("d"), upright(")")),
        ),
    )
    flow.equation(loss, "(2)", r"q = 2\pi\lambda\,\frac{T_\mathrm{s} - T_\mathrm{g}}{\ln(D/d)}")
    flow.paragraph(say.AFTER_LOSS)


def _faults(flow: Flow) -> None:
    flow.heading("5 Faults and remedies", 2)
    flow.paragraph(say.FAULTS_LEAD)
    rows = [["Date", "Place", "Symptom", "Remedy", "Hours"], *(list(fault) for fault in FAULTS)]
    flow.table(say.FAULT_CAPTION, Grid(rows, [46, 66, 137, 172, 42], "llllr", look=LOOK))


def _control(flow: Flow) -> None:
    flow.heading("4 Supply temperature control", 2)
    flow.heading("4.1 Present curve", 3)
    flow.paragraph(say.CURVE)
    flow.code(say.CURVE_CODE)
    flow.heading("4.2 Proposed change", 3)
    flow.paragraph(say.CHANGE)


def _outlook(flow: Flow) -> None:
    flow.heading("6 Conclusions", 2)
    for text in say.CONCLUSIONS:
        flow.paragraph(text)
    flow.items(say.STEPS, [f"{n}." for n in range(1, len(say.STEPS) + 1)])
