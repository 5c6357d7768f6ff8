"""Small files to look at, and documents about them without a parser: what is where is known to the point."""

import io
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas

from docparse_loaders import BBox, Block, Page, ParsedDocument, Region
from docparse_loaders.model import Kind, SourceFacts

Spot = tuple[float, float, float, float]
INK: Spot = (0.1, 0.2, 0.4, 0.3)
"""Where the black rectangle of every page is, as it is displayed."""


def block(name: str, page: int, box: Spot | None, kind: Kind = "text", text: str = "") -> Block:
    """A block with one place."""
    return Block(id=name, kind=kind, text=text, regions=(Region(page, BBox(*box) if box else None),))


def document_of(
    data: bytes, pages: Iterable[Page], *, uri: str = "bytes:made", name: str = "made.pdf", total: int = 0
) -> ParsedDocument:
    """A document that says it was parsed from these bytes."""
    facts = SourceFacts(uri, name, "application/pdf", len(data), sha256(data).hexdigest())
    kept = tuple(pages)
    return ParsedDocument(source=facts, vendor="made", pages=kept, total_pages=total or len(kept))


def pdf(pages: int = 1, size: tuple[float, float] = (300, 400), ink: Spot = INK) -> bytes:
    """A PDF whose pages have one black rectangle each."""
    data = io.BytesIO()
    paper = canvas.Canvas(data, pagesize=size, invariant=True)
    for _ in range(pages):
        x0, y0, x1, y1 = ink
        paper.rect(x0 * size[0], (1 - y1) * size[1], (x1 - x0) * size[0], (y1 - y0) * size[1], stroke=0, fill=1)
        paper.showPage()
    paper.save()
    return data.getvalue()


def picture(size: tuple[int, int] = (300, 400), ink: Spot = INK) -> Image.Image:
    """A white picture with a black rectangle."""
    image = Image.new("RGB", size, "white")
    box = (round(ink[0] * size[0]), round(ink[1] * size[1]), round(ink[2] * size[0]) - 1, round(ink[3] * size[1]) - 1)
    ImageDraw.Draw(image).rectangle(box, fill="black")
    return image


def dark(image: Image.Image) -> Spot:
    """Where a picture is dark, as fractions of it."""
    grey = image.convert("L").point(lambda value: 255 if value < 100 else 0)
    found = grey.getbbox()
    assert found is not None, "nothing is drawn"
    return found[0] / image.width, found[1] / image.height, found[2] / image.width, found[3] / image.height


def near(one: Spot, other: Spot, within: float = 0.012) -> bool:
    """Whether two boxes are the same, give or take a pixel or two."""
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def written(folder: Path, data: bytes, name: str = "made.pdf") -> Path:
    """The bytes as a file."""
    path = folder / name
    path.write_bytes(data)
    return path
