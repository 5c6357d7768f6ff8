"""Fonts for what is written on pictures. The built-in one has English letters; others are the system's, if it has any."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

_WIDE = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "SourceHanSansCN-Regular.otf", "DroidSansFallbackFull.ttf"),
    *("wqy-microhei.ttc", "wqy-zenhei.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc", "STHeiti Light.ttc"),
    *("msyh.ttc", "simhei.ttf", "malgun.ttf", "DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf"),
)
"""Fonts with many scripts, as systems name their files."""
_MEASURED = 12
_NO_LETTER = "\U0010ffff"
_LOST = "\x00"
_GAP = re.compile(f"{_LOST}+")
_PLAIN: Mapping[str, str] = MappingProxyType(
    {"…": "...", "–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "•": "·", "›": ">", "→": "->", "×": "x"}
    | {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "€": "EUR", "£": "GBP", "≤": "<=", "≥": ">="}
)
"""What stands for a letter where no font has it."""
_UNSPACED = 0x2E80


@cache
def font(size: int) -> Font:
    """The built-in font."""
    return ImageFont.load_default(size)


@cache
def _wide_file() -> str:
    """The system's first font with Chinese letters; "" if it has none."""
    for name in _WIDE:
        try:
            found = ImageFont.truetype(name, 12)
        except OSError:
            continue
        path = str(found.path)
        if Path(path).is_file():
            return path
    return ""


@cache
def _wide(size: int) -> Font | None:
    file = _wide_file()
    try:
        return ImageFont.truetype(file, size) if file else None
    except OSError:
        return None


@lru_cache(20_000)
def _drawn(letter: str, *, wide: bool) -> bool:
    """Whether a font has a letter: what it has not, it draws as it draws a code that no letter has."""
    used = _wide(_MEASURED) if wide else font(_MEASURED)
    try:
        return used is not None and (letter == " " or bytes(used.getmask(letter)) != bytes(used.getmask(_NO_LETTER)))
    except UnicodeError:
        return False


def letters(text: str, size: int) -> tuple[str, Font]:
    """A font that has the letters of a text, and the text, in which those that no font has are left out."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    wide = not all(_drawn(char, wide=False) for char in set(plain)) and _wide(size)
    used = wide or font(size)
    lost: dict[str, str | int | None] = {
        char: _instead(char, wide=bool(wide)) for char in set(plain) if not _drawn(char, wide=bool(wide))
    }
    return (_GAP.sub("...", plain.translate(str.maketrans(lost))) if lost else plain), used


def _instead(letter: str, *, wide: bool) -> str:
    """What the font has that says the same, such as 2 for a raised one and e for é; else a mark of what is left out."""
    apart = unicodedata.normalize("NFKD", letter)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    for like in filter(None, (_PLAIN.get(letter), bare)):
        if all(_drawn(char, wide=wide) for char in like):
            return like
    return _LOST


def size_of(text: str, used: Font) -> tuple[int, int]:
    """How wide and high a line is, in pixels."""
    draw = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = draw.textbbox((0, 0), text, font=used)
    return round(right - left), round(bottom - top)


def fitted(text: str, size: int, width: int) -> tuple[str, Font]:
    """A line cut to `width` pixels, with an ellipsis if something is left out."""
    said, used = letters(" ".join(text.split()), size)
    if used.getlength(said) <= width:
        return said, used
    low, high = 0, len(said)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if used.getlength(f"{said[:middle]}...") <= width else (low, middle - 1)
    return f"{said[:low].rstrip()}...", used


def wrapped(text: str, size: int, width: int, lines: int) -> tuple[list[str], Font]:
    """The first `lines` lines of a text in which none is wider than `width` pixels, if a letter is not."""
    kept = text[: lines * _most(size, width)]
    used = letters(kept, size)[1]
    found: list[str] = []
    for line in kept.splitlines()[: 4 * lines]:
        rest = letters(line, size)[0].strip()
        while rest and len(found) < lines:
            end = _end(rest[: _most(size, width)], used, width)
            found.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
    return found, used


def _most(size: int, width: int) -> int:
    """More letters than this do not fit into a line, however narrow they are."""
    return 6 * width // size + 8


def _end(text: str, used: Font, width: int) -> int:
    """How many letters of a text fit into a line; a word is only cut if it takes more than half of it."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if used.getlength(text[:middle]) <= width else (low, middle - 1)
    if low == len(text):
        return low
    return next((end for end in range(low, low // 2, -1) if not (_of_word(text[end - 1]) and _of_word(text[end]))), low)


def _of_word(letter: str) -> bool:
    """Whether a line does not break beside a letter: not a space, and of no script that is written without them."""
    return not letter.isspace() and ord(letter) < _UNSPACED
