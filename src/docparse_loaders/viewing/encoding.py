"""Pictures as bytes, each in the form that suits it: few colours as a palette, photographs as WebP or JPEG."""

from base64 import b64encode
from io import BytesIO
from typing import NamedTuple

from PIL import Image, features

_DRAWN = 6000
"""A page of text and drawings has fewer colours than this, smoothed edges included; a scan has more."""
_GREYS = 100
_PAPER = 0.3
"""The least part of a written page that is bare paper."""
_PALETTE = 48


class Encoded(NamedTuple):
    """A picture's bytes."""

    media_type: str
    data: bytes

    @property
    def address(self) -> str:
        """As a `data:` address."""
        return f"data:{self.media_type};base64,{b64encode(self.data).decode('ascii')}"


def encoded(image: Image.Image, quality: int = 60) -> Encoded:
    """The smaller part of what a screenshot would need, at no loss that is seen."""
    return photograph(image, quality) if is_photograph(image) else palette(image)


def is_photograph(image: Image.Image) -> bool:
    """Whether it has more colours than what is written and drawn, or many and no paper of one colour, as a grey scan has."""
    colours = image.getcolors(_DRAWN)
    if colours is None:
        return True
    return len(colours) > _GREYS and max(count for count, _ in colours) < _PAPER * image.width * image.height


def palette(image: Image.Image, colours: int = _PALETTE) -> Encoded:
    """A PNG of few colours."""
    data = BytesIO()
    image.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(data, "PNG", optimize=False)
    return Encoded("image/png", data.getvalue())


def photograph(image: Image.Image, quality: int = 60) -> Encoded:
    """A WebP, or a JPEG where Pillow was built without it."""
    data = BytesIO()
    if features.check("webp"):
        image.save(data, "WEBP", quality=quality, method=2)
        return Encoded("image/webp", data.getvalue())
    image.save(data, "JPEG", quality=quality, optimize=True)
    return Encoded("image/jpeg", data.getvalue())


def png(image: Image.Image) -> bytes:
    """A PNG, of 256 colours if that is enough for it."""
    data = BytesIO()
    if image.getcolors(_DRAWN) is None:
        image.save(data, "PNG")
    else:
        image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(data, "PNG")
    return data.getvalue()
