"""How large each page's picture may be, so that the whole file stays small: what one page saves, the next may spend."""

from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image

from docparse_loaders.chunking import Chunk
from docparse_loaders.viewing.encoding import Encoded, is_photograph, palette, photograph

BUDGET = 8_500_000
"""Bytes for all pictures; as text in the file they take a third more."""
_LEAST = 3_000_000
_FILE = 14_500_000
_MARKED_UP, _PER_CHUNK, _PER_BOX = 1.3, 600, 200
"""What text grows by as HTML, and what stands around a chunk and a box, in bytes."""
_LAVISH = 1.6
"""A page may take so much of its share, as long as the others have theirs."""


class Rung(NamedTuple):
    """How wide a page is drawn, in pixels, with how many colours, or, of a scan, in which quality."""

    width: int
    colours: int
    quality: int


LADDER = (
    Rung(1100, 48, 60),
    Rung(1000, 32, 50),
    Rung(900, 24, 45),
    Rung(760, 16, 40),
    Rung(620, 16, 35),
    Rung(500, 16, 30),
    Rung(400, 16, 25),
    Rung(320, 16, 20),
    Rung(240, 16, 15),
)
LEGIBLE = 620
"""Pixels: on a narrower picture small print cannot be read."""


def budget(chunks: Iterable[Chunk], boxes: int) -> int:
    """The bytes that pictures may take beside so much text, so that the file stays below 15 MB if that is possible."""
    text = sum(len(chunk.body.encode("utf-8", "replace")) * _MARKED_UP + _PER_CHUNK for chunk in chunks)
    return min(max(round((_FILE - text - boxes * _PER_BOX) * 3 / 4), _LEAST), BUDGET)


class Purse:
    """Spends a budget over pages; each begins with the size that was right for the one before."""

    def __init__(self, pages: int, budget: int = BUDGET) -> None:
        self._left = budget
        self._pages = max(pages, 1)
        self._rung = 0
        self.narrowest = LADDER[0].width

    @property
    def width(self) -> int:
        """How wide the next page is best drawn."""
        return LADDER[self._rung].width

    def spend(self, image: Image.Image) -> Encoded:
        """A page's bytes, as sharp as the budget allows."""
        allowed = max(self._left, 0) * _LAVISH / self._pages
        drawn = is_photograph(image)
        found = _encoded(image, LADDER[self._rung], scan=drawn)
        while len(found.data) > allowed and self._rung < len(LADDER) - 1:
            self._rung += 1
            found = _encoded(image, LADDER[self._rung], scan=drawn)
        self.narrowest = min(self.narrowest, self.width)
        self._left -= len(found.data)
        self._pages = max(self._pages - 1, 1)
        if len(found.data) < allowed / 3 and self._rung:
            self._rung -= 1
        return found


def _encoded(image: Image.Image, rung: Rung, *, scan: bool) -> Encoded:
    if image.width > rung.width:
        size = (rung.width, max(round(image.height * rung.width / image.width), 1))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return photograph(image, rung.quality) if scan else palette(image, rung.colours)
