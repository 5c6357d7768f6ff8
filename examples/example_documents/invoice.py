"""The invoice: a page of text, and a delivery note that is only a picture of a page."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.utils import ImageReader

from example_documents.flow import Flow, Style
from example_documents.grid import Grid, Look
from example_documents.sheet import Sheet
from example_documents.truth import Drawn, Truth
from example_documents.typeset import Face

SCAN_DPI = 110
SELLER = "Quayside Paper & Print, 14 Ropewalk, Eastmere EM2 4QP"
PARTIES = [
    "Bill to: Eastmere Heat Cooperative, 3 Weir Street, Eastmere EM1 7WS",
    "Invoice number: QP-20817. Date: 12 November. Due: 12 December.",
]
ITEMS = [
    ["Item", "Description", "Quantity", "Unit price", "Amount"],
    ["A4-R80", "Copy paper A4, 80 g, box of 2,500 sheets", "12", "18.40", "220.80"],
    ["BIND-9", "Wire binding, 9 mm, black", "250", "0.42", "105.00"],
    ["PR-COL", "Colour printing, both sides, per sheet", "1,840", "0.11", "202.40"],
    ["CARD-W", "Cover card, white, 250 g", "500", "0.16", "80.00"],
    ["DELIV", "Delivery to the energy centre", "1", "15.00", "15.00"],
    ["Net total", "", "", "", "623.20"],
    ["Value added tax, 20 %", "", "", "", "124.64"],
    ["Total due", "", "", "", "747.84"],
]
ITEM_SPANS = ((6, 0, 1, 4), (7, 0, 1, 4), (8, 0, 1, 4))
TERMS = (
    "Please pay within thirty days and name the invoice number. Goods remain our property until they are paid for. The signed "
    "delivery note is on the next page."
)
DELIVERED = [
    ["Item", "Ordered", "Delivered", "Remark"],
    ["A4-R80", "12", "12", "4 boxes left at the gate"],
    ["BIND-9", "250", "250", ""],
    ["PR-COL", "1,840", "1,840", "Bound as 20 copies"],
    ["CARD-W", "500", "480", "20 sheets damaged, not charged again"],
]
RECEIPT = (
    "Received in good order except as remarked above. The driver waited 15 minutes. One pallet was taken back empty, and a "
    "second one will be fetched with the next delivery."
)
STYLE = Style(
    body=Face("Helvetica", 10.4, 15),
    heads=((Face("Helvetica-Bold", 24, 30), 0), (Face("Helvetica-Bold", 14, 19), 16)),
    caption=Face("Helvetica", 9, 12),
    note=Face("Helvetica", 8.5, 11),
    code=Face("Courier", 9, 12),
)
LOOK = Look(body=Face("Helvetica", 9.4, 13), head=Face("Helvetica-Bold", 9.4, 13), shade="#ececec")
MARGINS = (70.0, 84.0, 70.0, 80.0)


def make_invoice(folder: Path) -> Truth:
    """Write invoice-scan.pdf into `folder`; its second page is a picture."""
    sheet = Sheet(folder / "invoice-scan.pdf", "Invoice QP-20817", "Quayside Paper & Print")
    flow = Flow(sheet, STYLE, MARGINS, _nothing, _foot)
    _invoice(flow)
    flow.close()
    sheet.turn()
    note, picture = _scan()
    sheet.picture(picture, (0, 0, *sheet.size))
    for block in note.blocks:
        block.page = sheet.page
        sheet.note(block)
    truth = sheet.save()
    return Truth(truth.file, truth.page_size, truth.page_count, truth.blocks, scanned=(2,))


def _nothing(_: Sheet) -> None:
    """An invoice has no running head."""


def _foot(sheet: Sheet) -> None:
    face, y = STYLE.note, sheet.size[1] - 46
    sheet.note(Drawn("footer", sheet.page, sheet.words(face, [(70, y, SELLER)]), SELLER))


def _invoice(flow: Flow) -> None:
    flow.heading("Invoice", 1)
    for line in PARTIES:
        flow.paragraph(line)
    flow.heading("Goods and services", 2)
    flow.table("All amounts in euros", Grid(ITEMS, [52, 176, 75, 76, 76], "llrrr", ITEM_SPANS, look=LOOK))
    flow.heading("Terms", 2)
    flow.paragraph(TERMS)


def _delivery_note(flow: Flow) -> None:
    flow.heading("Delivery note", 1)
    flow.paragraph("For invoice QP-20817, delivered on 10 November.")
    flow.table("Checked at the gate", Grid(DELIVERED, [80, 70, 70, 235], "lrrl", look=LOOK))
    flow.heading("Remarks", 2)
    flow.paragraph(RECEIPT)


def _scan() -> tuple[Truth, Any]:
    with TemporaryDirectory() as folder:
        sheet = Sheet(Path(folder) / "note.pdf", "Delivery note", "Quayside Paper & Print")
        flow = Flow(sheet, STYLE, MARGINS, _nothing, _foot)
        _delivery_note(flow)
        flow.close()
        truth = sheet.save()
        return truth, ImageReader(BytesIO(_photographed(sheet.path)))


def _photographed(path: Path) -> bytes:
    """The first page as a grey JPEG, a little soft and on paper that is not quite white."""
    with pypdfium2.PdfDocument(path) as document:
        page = document[0].render(scale=SCAN_DPI / 72, grayscale=True).to_pil().convert("L")
    soft = page.filter(ImageFilter.GaussianBlur(0.5))
    paper = Image.eval(soft, lambda grey: 24 + grey * 224 // 255)
    out = BytesIO()
    paper.save(out, "JPEG", quality=70, dpi=(SCAN_DPI, SCAN_DPI))
    return out.getvalue()
