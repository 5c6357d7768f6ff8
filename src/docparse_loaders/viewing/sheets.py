"""Pages as pictures, one at a time: those of a PDF, of a picture file, or blank ones of the right proportions.

PDFium does not stand several threads at once, so everything that calls it holds one lock. Pages are drawn as a reader sees
them: turned, and cut to their crop box, which is what boxes are fractions of.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple, Protocol

from PIL import Image, ImageOps

from docparse_loaders.model import Page, SourceFacts
from docparse_loaders.source import SourceLike
from docparse_loaders.viewing.files import Found, found

PAPER = "#ffffff"
_A4 = 297 / 210
_TALLEST = 6.0
_ALIKE = 0.03
_LOCK = Lock()


class Sheet(NamedTuple):
    """A page as a picture in RGB. It is blank if `why` says so."""

    image: Image.Image
    why: str = ""

    @property
    def blank(self) -> bool:
        """Whether there is nothing of the file on it."""
        return bool(self.why)


class Sheets(Protocol):
    """The pages of one file."""

    def draw(self, page: Page, width: int) -> Sheet:
        """One page, `width` pixels wide."""


@contextmanager
def opened(facts: SourceFacts, given: SourceLike | None = None) -> Iterator[Sheets]:
    """The pages of the file that was parsed; blank ones, which say why, if it is not at hand or cannot be read."""
    file = found(facts, given)
    if file.form == "pdf":
        with _pdf(file, facts.name) as sheets:
            yield sheets
    elif file.form == "picture":
        with _picture(file, facts.name) as sheets:
            yield sheets
    else:
        yield _Blank(file.why)


def ratio_of(page: Page) -> float:
    """Height by width; that of A4 if the vendor gave no size, and nothing that would fill the memory."""
    ratio = page.height / page.width if page.width > 0 and page.height > 0 else _A4
    return min(max(ratio, 1 / _TALLEST), _TALLEST)


class _Blank:
    """Empty pages."""

    def __init__(self, why: str) -> None:
        self._why = why

    def draw(self, page: Page, width: int) -> Sheet:
        return Sheet(Image.new("RGB", (width, max(round(width * ratio_of(page)), 1)), PAPER), self._why)


@contextmanager
def _pdf(file: Found, name: str) -> Iterator[Sheets]:
    import pypdfium2

    try:
        with _LOCK:
            document = pypdfium2.PdfDocument(file.data)
    except (pypdfium2.PdfiumError, OSError) as error:
        yield _Blank(f"{name} cannot be drawn: {_said(error)}.")
        return
    try:
        with _LOCK:
            if document.get_formtype():
                document.init_forms()
        yield _Pdf(document, name)
    finally:
        with _LOCK:
            document.close()


def _said(error: Exception) -> str:
    return "it wants a password" if "password" in str(error).lower() else "it is damaged"


class _Pdf:
    def __init__(self, document: Any, name: str) -> None:
        self._document = document
        self._name = name

    def draw(self, page: Page, width: int) -> Sheet:
        import pypdfium2

        with _LOCK:
            if not 1 <= page.number <= len(self._document):
                return _Blank(f"{self._name} has no page {page.number}.").draw(page, width)
            try:
                image = self._drawn(page.number, _before(page, width))
            except pypdfium2.PdfiumError:
                return _Blank(f"page {page.number} of {self._name} is damaged.").draw(page, width)
        return _checked(image, page, width)

    def _drawn(self, number: int, width: int) -> Image.Image:
        page = self._document[number - 1]
        try:
            wide, high = page.get_size()
            scale = min(width / max(wide, 1), width * _TALLEST / max(high, 1))
            bitmap = page.render(scale=scale, rev_byteorder=True)
            try:
                image: Image.Image = bitmap.to_pil().convert("RGB").copy()
            finally:
                bitmap.close()
        finally:
            page.close()
        return image if image.width == width else image.resize((width, max(round(width * high / max(wide, 1)), 1)))


def _before(page: Page, width: int) -> int:
    """How wide a page is drawn that becomes `width` wide when it is turned as the vendor turned it."""
    return max(round(width * ratio_of(page)), 1) if page.rotation % 180 == 90 else width


def _checked(image: Image.Image, page: Page, width: int) -> Sheet:
    """The picture, if it has the proportions of what the vendor saw; boxes on another one would be in wrong places."""
    if turn := page.rotation % 360:
        image = image.rotate(-turn, expand=True)
        image = image.resize((width, max(round(width * image.height / image.width), 1)))
    if page.width > 0 and page.height > 0 and not _alike(image, page):
        why = f"page {page.number} has other proportions in the file than in the result, so its boxes would not fit it."
        return _Blank(why).draw(page, width)
    return Sheet(image)


def _alike(image: Image.Image, page: Page) -> bool:
    """Whether a picture has the proportions of a page, give or take what rounding does to a small one."""
    return abs(image.height / image.width / ratio_of(page) - 1) <= _ALIKE


@contextmanager
def _picture(file: Found, name: str) -> Iterator[Sheets]:
    with file.open() as data:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                image = Image.open(data)
        except Exception as error:  # noqa: BLE001  # decoders of unknown bytes: any failure is the file's
            yield _Blank(f"{name} cannot be drawn: {'it is too large' if 'Bomb' in type(error).__name__ else 'it is damaged'}.")
            return
        with image:
            yield _Picture(image, name)


class _Picture:
    """An image file: a page for each frame of a TIFF, one for any other."""

    def __init__(self, image: Image.Image, name: str) -> None:
        self._image = image
        self._name = name

    def draw(self, page: Page, width: int) -> Sheet:
        frames = getattr(self._image, "n_frames", 1) if self._image.format == "TIFF" else 1
        if not 1 <= page.number <= frames:
            return _Blank(f"{self._name} has no page {page.number}.").draw(page, width)
        try:
            self._image.seek(page.number - 1)
            image = _upright(self._image, page)
            wide = _before(page, width)
            size = (wide, min(max(round(wide * image.height / image.width), 1), round(wide * _TALLEST)))
            image = on_white(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        except Exception:  # noqa: BLE001  # decoders of unknown bytes: any failure is the file's
            return _Blank(f"page {page.number} of {self._name} is damaged.").draw(page, width)
        return _checked(image, page, width)


def _upright(image: Image.Image, page: Page) -> Image.Image:
    """Turned as its camera noted, unless only the picture as it is stored has the proportions of what the vendor saw."""
    turned = ImageOps.exif_transpose(image)
    if page.rotation % 360:
        return turned
    stored = page.width > 0 and page.height > 0 and _alike(image, page) and not _alike(turned, page)
    return image.copy() if stored else turned


def on_white(image: Image.Image) -> Image.Image:
    """A picture in RGB, with white where it is transparent."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey, which a plain conversion would cut instead of scaling them.
        image = image.point(lambda value: value / 257).convert("L")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
