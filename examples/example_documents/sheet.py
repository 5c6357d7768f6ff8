"""A PDF under way, with the record of what is on it; all positions are in points from the top left."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from example_documents.truth import Box, Drawn, Truth
from example_documents.typeset import Face

Placed = tuple[float, float, str]
"""Left edge, baseline, words."""


class Sheet:
    """Pages of one size, drawn one after the other; the same drawing gives the same bytes."""

    size: tuple[float, float] = A4

    def __init__(self, path: Path, title: str, author: str, lang: str = "en") -> None:
        self.path = path
        self.page = 1
        self.drawn: list[Drawn] = []
        self.canvas: Any = Canvas(str(path), pagesize=self.size, invariant=1, pageCompression=1, lang=lang)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator("example_documents")

    def note(self, block: Drawn) -> Drawn:
        """Write down a block that has been drawn."""
        self.drawn.append(block)
        return block

    def words(self, face: Face, lines: Iterable[Placed]) -> Box:
        """Draw lines of text; returns the box around them."""
        self.canvas.setFillColor(HexColor(face.colour))
        self.canvas.setStrokeColor(HexColor(face.colour))
        self.canvas.setLineWidth(face.stroke)
        edges: list[Box] = []
        for x, y, text in lines:
            edges.append((x, y - face.ascent, x + face.width(text), y + face.descent))
            self._line(face, x, y, text)
        return around(edges)

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, width: float = 0.5, colour: str = "#555555") -> None:
        """Draw a straight line."""
        self.canvas.setLineWidth(width)
        self.canvas.setStrokeColor(HexColor(colour))
        self.canvas.line(x0, self.size[1] - y0, x1, self.size[1] - y1)

    def fill(self, box: Box, colour: str) -> None:
        """Fill a rectangle."""
        x0, y0, x1, y1 = box
        self.canvas.setFillColor(HexColor(colour))
        self.canvas.rect(x0, self.size[1] - y1, x1 - x0, y1 - y0, stroke=0, fill=1)

    def picture(self, image: object, box: Box) -> None:
        """Draw a bitmap, stretched over the box."""
        x0, y0, x1, y1 = box
        self.canvas.drawImage(image, x0, self.size[1] - y1, x1 - x0, y1 - y0)

    def bookmark(self, text: str, level: int, top: float) -> None:
        """Put a heading into the list of contents that PDF viewers show at the side."""
        key = f"heading-{len(self.drawn)}"
        self.canvas.bookmarkHorizontal(key, 0, self.size[1] - top)
        self.canvas.addOutlineEntry(text, key, level - 1)

    def turn(self) -> None:
        """Go on to the next page."""
        self.canvas.showPage()
        self.page += 1

    def save(self) -> Truth:
        """Write the PDF and hand over its truth."""
        self.canvas.save()
        return Truth(self.path.name, self.size, self.page, self.drawn)

    def _line(self, face: Face, x: float, y: float, text: str) -> None:
        for font, piece in face.pieces(text):
            thickened = face.stroke and font == face.font
            self.canvas.setFont(font, face.size)
            self.canvas.drawString(x, self.size[1] - y, piece, mode=2 if thickened else 0)
            x += self.canvas.stringWidth(piece, font, face.size)


Furnish = Callable[[Sheet], None]


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)
