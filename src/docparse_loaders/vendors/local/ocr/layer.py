"""A text layer for scanned pages: a PDF of nothing but the recognised words and the ruled lines, at their places.

LiteParse then finds columns, headings, lists and tables on a scan as it does on any other page. The letters are never
shown, so no font is embedded: each letter is told by its number, its width and its Unicode.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box

_NARROW, _BROAD = frozenset("!'(),-./:;I[]`fijlrt|{} "), frozenset("%@MWmw—…")
_ASCENT, _DESCENT = 0.76, 0.22
"""How far a line's box reaches over and under its baseline, in font sizes."""
_FIRST_WIDE = 0x2E80
_LAST = 0xFFFF
"""Letters beyond this have no place in LiteParse's text."""
_PRIVATE, _MOST_RARE = 0xE000, 4000
_LARGEST = 14_400
"""Points: no page of a PDF is larger."""


class Word(NamedTuple):
    """Text of one line, in points from the top left; its box is as high as its font."""

    text: str
    box: Box
    size: float
    turn: float = 0.0


class Leaf(NamedTuple):
    """A page: its size, its words and its straight lines."""

    width: float
    height: float
    words: Sequence[Word]
    rules: Sequence[Box]


def boxed(x0: float, x1: float, baseline: float, size: float) -> Box:
    """The box of a line of text of that size."""
    return Box(x0, baseline - _ASCENT * size, x1, baseline + _DESCENT * size)


def plain(leaves: Sequence[Leaf]) -> tuple[list[Leaf], dict[int, str]]:
    """The leaves with stand-ins for letters that LiteParse would drop, and what to translate back in what it found."""
    rare = sorted({letter for leaf in leaves for word in leaf.words for letter in word.text if ord(letter) > _LAST})
    there = {ord(letter): chr(_PRIVATE + number) for number, letter in enumerate(rare[:_MOST_RARE])}
    back = {ord(stand_in): chr(letter) for letter, stand_in in there.items()}
    replaced = [leaf._replace(words=[word._replace(text=word.text.translate(there)) for word in leaf.words]) for leaf in leaves]
    return replaced, back


def layer(leaves: Sequence[Leaf]) -> bytes:
    """The PDF. Its pages have the leaves' sizes and no rotation."""
    letters = sorted({letter for leaf in leaves for word in leaf.words for letter in word.text})
    codes = {letter: code for code, letter in enumerate(letters, start=1)}
    first = 7
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(leaves)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(leaves)}>>".encode(),
        _font(),
        _descendant(letters),
        _descriptor(),
        _stream(_unicode(codes)),
    ]
    for number, leaf in enumerate(leaves):
        objects += [_page(leaf, first + 2 * number + 1), _stream(_content(leaf, codes))]
    return _file(objects)


def _font() -> bytes:
    head = b"<</Type/Font/Subtype/Type0/BaseFont/Helvetica/Encoding/Identity-H"
    return head + b"/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>"


def _descendant(letters: Iterable[str]) -> bytes:
    widths = " ".join(str(_width(letter)) for letter in letters)
    info = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
    head = f"<</Type/Font/Subtype/CIDFontType2/BaseFont/Helvetica{info}/FontDescriptor 5 0 R"
    return f"{head}/CIDToGIDMap/Identity/DW 500/W[1[{widths}]]>>".encode()


def _descriptor() -> bytes:
    ends = f"/Ascent {_ASCENT * 1000:.0f}/Descent {-_DESCENT * 1000:.0f}/CapHeight 718/StemV 80/ItalicAngle 0"
    return f"<</Type/FontDescriptor/FontName/Helvetica/Flags 32/FontBBox[0 -220 1000 760]{ends}>>".encode()


def _width(letter: str) -> int:
    """About the width of a letter in Helvetica, in thousandths: lines are stretched to theirs, so only ratios count."""
    if ord(letter) >= _FIRST_WIDE:
        return 1000
    if letter in _NARROW:
        return 278
    return 830 if letter in _BROAD else 680 if letter.isupper() else 540


def _unicode(codes: dict[str, int]) -> bytes:
    pairs = [f"<{code:04x}><{letter.encode('utf-16-be').hex()}>" for letter, code in codes.items()]
    groups = (pairs[start : start + 100] for start in range(0, len(pairs), 100))
    body = "".join(f"{len(group)} beginbfchar\n" + "\n".join(group) + "\nendbfchar\n" for group in groups)
    space = "1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n"
    head = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /U def\n/CMapType 2 def\n"
    return f"{head}{space}{body}endcmap\nend\nend".encode()


def _page(leaf: Leaf, content: int) -> bytes:
    box = f"[0 0 {min(leaf.width, _LARGEST):.3f} {min(leaf.height, _LARGEST):.3f}]"
    fonts = "<</Font<</F 3 0 R>>>>"
    return f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Resources{fonts}/Contents {content} 0 R>>".encode()


def _content(leaf: Leaf, codes: dict[str, int]) -> bytes:
    words = [_drawn(word, leaf.height, codes) for word in leaf.words]
    rules = [_ruled(rule, leaf.height) for rule in leaf.rules]
    return "\n".join(["0.8 w", *rules, "BT", *(word for word in words if word), "ET"]).encode()


def _drawn(word: Word, height: float, codes: dict[str, int]) -> str:
    """A line of text, stretched to the width of its box; upright ones run along the height of theirs."""
    natural = sum(_width(letter) for letter in word.text) * word.size / 1000
    along = word.box.y1 - word.box.y0 if word.turn % 180 else word.box.x1 - word.box.x0
    if natural <= 0 or along <= 0:
        return ""
    stretch = 100 * along / natural
    text = "".join(f"{codes[letter]:04x}" for letter in word.text)
    return f"/F {word.size:.2f} Tf {stretch:.3f} Tz {_matrix(word, height)} Tm <{text}> Tj"


def _matrix(word: Word, height: float) -> str:
    box = word.box
    if word.turn == 90:
        return f"0 -1 1 0 {box.x0 + _DESCENT * word.size:.3f} {height - box.y0:.3f}"
    if word.turn == 270:
        return f"0 1 -1 0 {box.x1 - _DESCENT * word.size:.3f} {height - box.y1:.3f}"
    return f"1 0 0 1 {box.x0:.3f} {height - box.y1 + _DESCENT * word.size:.3f}"


def _ruled(rule: Box, height: float) -> str:
    return f"{rule.x0:.2f} {height - rule.y0:.2f} m {rule.x1:.2f} {height - rule.y1:.2f} l S"


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)


def _file(objects: Sequence[bytes]) -> bytes:
    parts = [b"%PDF-1.7\n"]
    places: list[int] = []
    size = len(parts[0])
    for number, body in enumerate(objects, start=1):
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        places.append(size)
        parts.append(part)
        size += len(part)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return b"".join(parts) + table % (count, entries, count, size)
