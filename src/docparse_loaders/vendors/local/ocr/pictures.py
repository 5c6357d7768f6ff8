"""Pages as pictures: those of a PDF drawn by LiteParse, those of an image file opened by Pillow."""

import io
from typing import TYPE_CHECKING, NamedTuple

from docparse_loaders.vendors.local.ocr.ink import Pixels

if TYPE_CHECKING:
    from PIL import Image

_SIDE = 2000
"""Pixels along the longer side: small print is legible, and RapidOCR would make a larger picture smaller."""
_MOST = 2600
_PAPER = 842.0
"""Points: the longer side of A4, of which a picture without a resolution is thought to be."""
_LARGER = 1.6
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "PPM")


class Picture(NamedTuple):
    """A page in colour (BGR). `width` and `height` are in points, `pixels` the size of an image file's own page."""

    number: int
    colours: Pixels
    width: float
    height: float
    pixels: tuple[int, int] | None = None


class Wanted(NamedTuple):
    """A page of a PDF: its number and its size in points."""

    number: int
    width: float
    height: float


def drawn(data: bytes, wanted: Wanted) -> Picture:
    """One page of a PDF."""
    import cv2
    import numpy as np
    from liteparse import LiteParse

    longer = max(wanted.width, wanted.height, 1.0)
    side = _SIDE * min(max(longer / _PAPER, 1.0), _LARGER)
    dpi = min(max(72 * side / longer, 36.0), 400.0)
    parser = LiteParse(ocr_enabled=False, quiet=True, extract_screenshots=True, dpi=dpi, target_pages=str(wanted.number))
    shot = parser.parse(data).screenshots[0]
    colours = cv2.imdecode(np.frombuffer(shot.image_bytes, np.uint8), cv2.IMREAD_COLOR)
    return Picture(wanted.number, colours, wanted.width, wanted.height)


class Unreadable(Exception):
    """A picture that cannot be opened; `kind` is what `faults` calls that."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def opened(data: bytes) -> "Image.Image":
    """An image file, not decoded yet. Raises `Unreadable`, also for more pixels than any page has."""
    from PIL import Image

    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("too_large", f"the picture is too large: {error}") from error
    except Exception as error:
        raise Unreadable("not_image", "the file is not a picture, whatever its name says, or it is damaged.") from error


def frames(image: "Image.Image") -> int:
    """How many pages it has: those of a TIFF; of an animation only the first picture counts."""
    return getattr(image, "n_frames", 1) if image.format == "TIFF" else 1


def framed(image: "Image.Image", number: int) -> Picture:
    """One page, upright as its camera noted. Raises `Unreadable` if it is damaged."""
    import numpy as np
    from PIL import ImageOps

    try:
        image.seek(number - 1)
        dpi = image.info.get("dpi")
        upright = ImageOps.exif_transpose(image)
        width, height = upright.size
        plain = _on_white(upright)
        plain.thumbnail((_MOST, _MOST))
        colours = np.ascontiguousarray(np.asarray(plain)[:, :, ::-1])
    except Exception as error:
        raise Unreadable("broken", f"the picture is damaged: {error}.") from error
    scale = _points(width, height, dpi)
    return Picture(number, colours, width * scale, height * scale, (width, height))


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode.startswith("I"):
        # Sixteen bits of gray, which a plain conversion would cut instead of scaling them.
        image = image.point(lambda value: value / 257).convert("L") if image.mode.startswith("I;16") else image.convert("L")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")


def _points(width: int, height: int, dpi: object) -> float:
    """Points for a pixel: by the file's resolution if paper of that size is likely, else as if it were A4."""
    longer = max(width, height, 1)
    try:
        told = float(dpi[0]) if isinstance(dpi, tuple) else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        told = 0.0
    if told > 1 and 250 <= longer * 72 / told <= 2500:
        return 72 / told
    return _PAPER / longer
