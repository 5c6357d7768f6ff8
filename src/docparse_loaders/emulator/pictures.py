"""A page as the picture that a vendor makes of it, and the pictures that are cut out of it."""

import base64

from docparse_loaders.emulator.layout import Piece
from docparse_loaders.model import Page

PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==")
"""One white pixel as PNG: what a picture is where the parser gives none."""

_PIXELS_PER_POINT = 2


def page_size(page: Page) -> tuple[int, int]:
    """Width and height of a page's picture in pixels: two for a point, or A4 if the page has no size."""
    scale = 1 if page.unit == "pixel" else _PIXELS_PER_POINT
    width, height = round(page.width * scale), round(page.height * scale)
    return (width, height) if width > 0 and height > 0 else (1190, 1684)


def picture_of(piece: Piece) -> tuple[str, bytes]:
    """The picture of a piece as the parser gave it, or a white pixel: its format's name and its bytes."""
    image = piece.block.image
    if image is None or image.form != "base64":
        return "png", PICTURE
    return image.media_type.removeprefix("image/") or "png", base64.b64decode(image.value)
