"""Boxes on the picture of a page: by kind, in reading order, with their ids; or some places, and all else dimmed."""

from collections.abc import Iterable, Sequence

from PIL import Image, ImageChops, ImageColor, ImageDraw

from docparse_loaders.viewing.colours import COLOURS
from docparse_loaders.viewing.lettering import font, letters, size_of
from docparse_loaders.viewing.places import Box, Leaf, Mark, place_of
from docparse_loaders.viewing.sheets import Sheet
from docparse_loaders.viewing.writing import write

_LABELLED = 420
"""Pixels: on narrower pictures labels could not be read, and would hide the page."""
_FILL = 26
_DIMMED = 150
_FURTHER = 3


def drawn(sheet: Sheet, leaf: Leaf, *, boxes: bool = True) -> Image.Image:
    """The page with its boxes, or with the places that were looked for, as a new picture."""
    image = sheet.image.copy()
    if sheet.blank:
        write(image, leaf.marks or leaf.found)
    if leaf.found:
        image = _dimmed(image, leaf.found)
        _boxed(image, leaf.found, fill=False)
    elif boxes:
        _boxed(image, leaf.marks, fill=True)
    return _framed(image)


def colour_of(mark: Mark) -> str:
    """The colour of a box."""
    return mark.colour or COLOURS[mark.kind]


def _dimmed(image: Image.Image, found: Iterable[Mark]) -> Image.Image:
    """All but the places that were looked for, faint; the whole page stays as it is if one of them has no box."""
    places = [place_of(mark, image.size) for mark in found]
    if None in places:
        return image
    faint = Image.blend(image, Image.new("RGB", image.size, "white"), _DIMMED / 255)
    mask = Image.new("L", image.size, 255)
    paint = ImageDraw.Draw(mask)
    for place in places:
        if place is not None:
            paint.rectangle(_grown(place, _FURTHER), fill=0)
    return Image.composite(faint, image, mask)


def _grown(place: Box, by: int) -> Box:
    return place[0] - by, place[1] - by, place[2] + by, place[3] + by


def _boxed(image: Image.Image, marks: Sequence[Mark], *, fill: bool) -> None:
    line = max(round(image.width / 450), 1) + (0 if fill else 1)
    if fill:
        _filled(image, marks)
    paint = ImageDraw.Draw(image)
    for mark in marks:
        if (place := place_of(mark, image.size)) is not None:
            # Around the box and not on it, for boxes often begin with their first letter.
            paint.rectangle(_grown(place, line + (0 if fill else _FURTHER)), outline=colour_of(mark), width=line)
    for mark in marks:
        # The number of a citation is what it is about; other labels would hide a small page.
        if (image.width >= _LABELLED or mark.colour) and (place := place_of(mark, image.size)) is not None:
            _labelled(image, paint, mark, place)


def _filled(image: Image.Image, marks: Iterable[Mark]) -> None:
    """A breath of colour, through which the page is read as before: its darkest parts stay as they are."""
    tint = Image.new("RGB", image.size, "white")
    paint = ImageDraw.Draw(tint)
    for mark in marks:
        if (place := place_of(mark, image.size)) is not None:
            red, green, blue = ImageColor.getrgb(colour_of(mark))[:3]
            paint.rectangle(place, fill=tuple(255 - (255 - part) * _FILL // 255 for part in (red, green, blue)))
    image.paste(ImageChops.multiply(image, tint))


def _labelled(image: Image.Image, paint: ImageDraw.ImageDraw, mark: Mark, place: Box) -> None:
    """The number before the box, where a page has its margin; the id above its end."""
    size = max(round(image.width / 40), 12) if mark.colour else max(round(image.width / 68), 9)
    if mark.number:
        _tagged(image, paint, mark, place, size)
    if mark.label and not mark.colour:
        said, used = letters(mark.label, max(size * 3 // 4, 8))
        wide, high = size_of(said, used)
        x, y = min(max(place[2] - wide, 0), image.width - wide - 1), max(place[1] - high - 3, 0)
        paint.rectangle((x - 2, y - 1, x + wide + 1, y + high + 1), fill="white")
        paint.text((x, y), said, font=used, fill=colour_of(mark), anchor="lt")


def _tagged(image: Image.Image, paint: ImageDraw.ImageDraw, mark: Mark, place: Box, size: int) -> None:
    used = font(size)
    wide, high = size_of(mark.number, used)
    wide, high = wide + size // 2 + 2, high + size // 2 + 1
    x, y = max(place[0] - wide - 3, 0), min(max(place[1], 0), image.height - high)
    paint.rectangle((x, y, x + wide, y + high), fill=colour_of(mark))
    paint.text((x + wide / 2, y + high / 2), mark.number, font=used, fill="white", anchor="mm")


def _framed(image: Image.Image) -> Image.Image:
    ImageDraw.Draw(image).rectangle((0, 0, image.width - 1, image.height - 1), outline="#ced4da")
    return image
