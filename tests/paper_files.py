"""PDFs made for a test, with text that a parser finds."""

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas


def a_pdf(path: Path, pages: int, words: str) -> None:
    """A document of that many pages."""
    canvas = Canvas(str(path), pageCompression=0)
    for page in range(1, pages + 1):
        canvas.drawString(72, 700, f"{words} page {page}")
        canvas.showPage()
    canvas.save()
