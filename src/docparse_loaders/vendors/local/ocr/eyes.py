"""RapidOCR on pages as pictures: turned upright, read, and measured. Runs in an interpreter of its own.

RapidOCR and the models that come with it are under the Apache licence; nothing is downloaded.
"""

from importlib.resources import files
from math import atan2, degrees, hypot
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import JsonValue

from docparse_loaders.errors import MissingExtra
from docparse_loaders.vendors.local.faults import fault
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.ocr.ink import Ink, Pixels, ink_of, tightened
from docparse_loaders.vendors.local.ocr.layer import boxed
from docparse_loaders.vendors.local.ocr.letters import set_of
from docparse_loaders.vendors.local.ocr.pictures import Picture, Unreadable, Wanted, drawn, framed, frames, opened
from docparse_loaders.vendors.local.pdf import spans_of
from docparse_loaders.vendors.readers import as_float, as_int, as_list, as_object

_LEAST_SKEW, _MOST_SKEW = 0.15, 15.0
_FAINT = 0.3
"""How sure the detector must be that something is text. RapidOCR's own 0.5 misses a line that stands alone on its page; what is
none after all falls out when it is read."""
_SURE = 0.85
"""A mean score above which a page cannot be upside down."""
_NARROWEST = 12
"""How many times as long as broad a picture may be for RapidOCR."""
_SMALLEST = 32
"""Pixels of a side for it."""
_FEW = 3
"""Lines from which on the angle of a page is known."""
_MODELS = MappingProxyType({"Det": "det", "Cls": "cls", "Rec": "rec"})


class Line(NamedTuple):
    """A line of text as RapidOCR saw it: its four corners in pixels, clockwise from the top left of its first letter."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]


class Measured(NamedTuple):
    """The same line on the upright page: the box around its ink, its font size and where its baseline is."""

    text: str
    score: float
    ink: Box
    size: float
    baseline: float
    turn: int


def read(data: bytes, options: JsonValue) -> JsonValue:
    """Read `pages` of a PDF (`[[number, width, height], …]` in points), or an image file, of which `spans` may be wanted.

    Returns `{"pages": […], "total"}`, each with its words, rules and scores in points on the upright page, and how it was
    turned; or `{"error": {"kind", "message"}}` for a picture that cannot be opened.
    """
    asked = as_object(options)
    wanted = [_wanted(as_list(page)) for page in as_list(asked.get("pages"))]
    if wanted:
        engine = _engine()
        return {"pages": [_page(engine, drawn(data, page)) for page in wanted]}
    spans = spans_of({"pages": asked.get("spans")})
    try:
        with opened(data) as image:
            total = frames(image)
            numbers = [n for n in range(1, total + 1) if not spans or any(first <= n <= last for first, last in spans)]
            engine = _engine()
            return {"pages": [_page(engine, framed(image, number)) for number in numbers], "total": total}
    except Unreadable as error:
        return fault(error.kind, str(error))


def _wanted(fields: list[JsonValue]) -> Wanted:
    number, width, height = (*fields, None, None, None)[:3]
    return Wanted(as_int(number) or 1, as_float(width) or 1.0, as_float(height) or 1.0)


def _engine() -> Any:
    from rapidocr import RapidOCR

    found = {entry.name: str(entry) for entry in files("rapidocr").joinpath("models").iterdir() if entry.name.endswith(".onnx")}
    parameters: dict[str, Any] = {"Global.log_level": "critical", "Global.max_side_len": 3600, "Det.box_thresh": _FAINT}
    for part, word in _MODELS.items():
        model = next((path for name, path in sorted(found.items()) if f"_{word}_" in name), None)
        if model is None:
            hint = 'Install it anew: pip install --force-reinstall "docparse-loaders[ocr]"'
            raise MissingExtra("RapidOCR was installed without its models.", hint=hint)
        # With a path, RapidOCR never looks on the network for a model that it thinks is missing.
        parameters[f"{part}.model_path"] = model
    return RapidOCR(params=parameters)


def _page(engine: Any, picture: Picture) -> JsonValue:
    import cv2

    turn, colours, lines = _upright(engine, picture.colours)
    skew = _skew(lines)
    colours, lines = _deskewed(colours, lines, skew)
    height, width = colours.shape[:2]
    ink = ink_of(cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY), [_around(line) for line in lines])
    measured = [_measured(ink, line) for line in lines]
    size = (picture.height, picture.width) if turn % 180 else (picture.width, picture.height)
    scale = size[0] / width, size[1] / height
    return {
        "number": picture.number,
        "width": size[0],
        "height": size[1],
        "turn": turn,
        "skew": skew,
        "pixels": list(picture.pixels) if picture.pixels else None,
        "words": [_word(line, scale) for line in measured],
        "rules": [list(_scaled(rule, scale)) for rule in ink.rules],
        "shapes": [list(_scaled(box, scale)) for box in ink.shapes],
    }


def _around(line: Line) -> Box:
    xs, ys = [x for x, _ in line.corners], [y for _, y in line.corners]
    return Box(max(min(xs), 0.0), max(min(ys), 0.0), max(xs), max(ys))


def _lines(engine: Any, colours: Pixels) -> list[Line]:
    found = engine(_broadened(colours), use_cls=False)
    if found.boxes is None or found.txts is None:
        return []
    seen = zip(found.boxes.tolist(), found.txts, found.scores, strict=True)
    return [Line(text, float(score), tuple((x, y) for x, y in box)) for box, text, score in seen if text.strip()]


def _broadened(colours: Pixels) -> Pixels:
    """With white to the right of or under a narrow picture: RapidOCR makes the shorter side larger, however long the other."""
    import cv2

    height, width = colours.shape[:2]
    under = max(width // _NARROWEST - height, _SMALLEST - height, 0)
    beside = max(height // _NARROWEST - width, _SMALLEST - width, 0)
    if not (under or beside):
        return colours
    return cv2.copyMakeBorder(colours, 0, under, 0, beside, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def _upright(engine: Any, colours: Pixels) -> tuple[int, Pixels, list[Line]]:
    """The page read as it stands, or turned if most of its lines run upwards or it is nonsense that way."""
    import cv2

    lines = _lines(engine, colours)
    turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    best = (0, colours, lines)
    if not lines:
        return best
    along = sum(len(line.text) for line in lines if _is_tall(line)) * 2 > sum(len(line.text) for line in lines)
    for turn in (90, 270) if along else (180,):
        if not along and _trust(lines) > _SURE:
            break
        turned = cv2.rotate(colours, turns[turn])
        again = _lines(engine, turned)
        if _trust(again) > _trust(best[2]) or (along and best[0] == 0):
            best = (turn, turned, again)
    return best


def _trust(lines: list[Line]) -> float:
    letters = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / letters if letters else 0.0


def _is_tall(line: Line) -> bool:
    box = _around(line)
    return box.y1 - box.y0 > 1.5 * (box.x1 - box.x0)


def _skew(lines: list[Line]) -> float:
    """Degrees by which the page must be turned clockwise for its lines to be level; 0 if they are nearly so."""
    angles: list[tuple[float, float]] = []
    for line in lines:
        if len(line.corners) == 4 and not _is_tall(line):
            (x0, y0), (x1, y1) = _middles(line)
            angles.append((degrees(atan2(y1 - y0, x1 - x0)), hypot(x1 - x0, y1 - y0)))
    # Short lines say little about the angle.
    longest = sorted(angles, key=lambda pair: -pair[1])[: max(_FEW, len(angles) // 2)]
    angle = median(angle for angle, _ in longest) if len(longest) >= _FEW else 0.0
    return -angle if _LEAST_SKEW < abs(angle) < _MOST_SKEW else 0.0


def _middles(line: Line) -> tuple[tuple[float, float], tuple[float, float]]:
    a, b, c, d = line.corners
    return ((a[0] + d[0]) / 2, (a[1] + d[1]) / 2), ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)


def _deskewed(colours: Pixels, lines: list[Line], skew: float) -> tuple[Pixels, list[Line]]:
    if not skew:
        return colours, lines
    import cv2

    height, width = colours.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -skew, 1.0)
    level = cv2.warpAffine(colours, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    (a, b, c), (d, e, f) = matrix.tolist()
    moved = [line._replace(corners=tuple((a * x + b * y + c, d * x + e * y + f) for x, y in line.corners)) for line in lines]
    return level, moved


def _measured(ink: Ink, line: Line) -> Measured:
    tight = tightened(ink.letters, _around(line))
    tall = _is_tall(line) and len(line.text) > 2
    # The edge of a letter is gray, so its ink is about a pixel too large.
    known = set_of(line.text, max((tight.x1 - tight.x0 if tall else tight.y1 - tight.y0) - 1.0, 1.0))
    # RapidOCR reads upright lines from the bottom to the top.
    return Measured(line.text, line.score, tight, known.size, tight.y1 - known.under, 270 if tall else 0)


def _word(line: Measured, scale: tuple[float, float]) -> JsonValue:
    if line.turn:
        box = _scaled(line.ink, scale)
    else:
        left, right = line.ink.x0 * scale[0], line.ink.x1 * scale[0]
        box = boxed(left, right, line.baseline * scale[1], line.size * scale[1])
    return [line.text, list(box), line.size * scale[1], line.turn, line.score]


def _scaled(box: Box, scale: tuple[float, float]) -> Box:
    return Box(box.x0 * scale[0], box.y0 * scale[1], box.x1 * scale[0], box.y1 * scale[1])
