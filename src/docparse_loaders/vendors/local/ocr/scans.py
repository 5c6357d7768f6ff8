"""Which pages are read by OCR, and what becomes of them: pages like any other, by way of a text layer."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.util import find_spec

from pydantic import JsonValue
from pydantic_core import from_json

from docparse_loaders.errors import MissingExtra
from docparse_loaders.vendors.local.drawings import clusters
from docparse_loaders.vendors.local.faults import fault
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.ocr.edges import flush, resized
from docparse_loaders.vendors.local.ocr.layer import Leaf, Word, layer, plain
from docparse_loaders.vendors.local.ocr.sizes import Sized, evened
from docparse_loaders.vendors.local.pdf import beyond, parsed, spans_of
from docparse_loaders.vendors.local.sheet import sheet_of
from docparse_loaders.vendors.programs import Tools
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text

READ = "docparse_loaders.vendors.local.ocr.eyes:read"
INSTALL = 'Install it: pip install "docparse-loaders[ocr]"'
_START = 60.0
"""Seconds in which an interpreter has started and the models are loaded, however busy the machine."""
_PAGE = 60.0


def installed() -> bool:
    """Whether the extra is there, without importing it."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def with_scans(payload: Object, data: bytes, asked: Object, tools: Tools | None) -> JsonValue:
    """What `pdf.parsed` returned, with the pages that have no text layer read: `ocr` is never, auto or always."""
    mode = as_text(asked.get("ocr")) or "auto"
    pages = [as_object(page) for page in as_list(payload.get("pages"))]
    sheets = [sheet_of(page, position) for position, page in enumerate(pages)]
    wanted = [sheet for sheet in sheets if mode == "always" or (mode == "auto" and sheet.unread)]
    if not wanted or "error" in payload:
        return dict(payload)
    if not installed():
        if mode == "always":
            raise MissingExtra("reading pages by OCR needs RapidOCR.", hint=INSTALL)
        return {**payload, "ocr": "missing"}
    request: JsonValue = {"pages": [[sheet.number, sheet.width, sheet.height] for sheet in wanted]}
    found = _read(data, request, asked, tools, len(wanted))
    return _joined(payload, pages, found, asked) if "error" not in found else dict(found)


def of_image(data: bytes, asked: Object, tools: Tools | None) -> JsonValue:
    """An image file, every page of it read. Raises `MissingExtra` if there is nothing to read it with."""
    if not data:
        return fault("empty", "the file has no bytes.")
    if not installed():
        raise MissingExtra("the text of a picture is read by OCR, which needs RapidOCR.", hint=INSTALL)
    spans = spans_of(asked)
    request: JsonValue = {"spans": [list(span) for span in spans]}
    found = _read(data, request, asked, tools, 20)
    if "error" in found:
        return dict(found)
    total = as_int(found.get("total")) or 1
    if spans and spans[-1][1] > total:
        return beyond(spans, total)
    return _joined({"total_pages": total}, [], found, asked)


def _read(data: bytes, request: JsonValue, asked: Object, tools: Tools | None, pages: int) -> Object:
    """What `eyes.read` returns, or a fault. It has a time limit for each page."""
    if tools is None or asked.get("isolated") is False:
        from docparse_loaders.vendors.local.ocr.eyes import read

        return as_object(read(data, request))
    seconds = _START + pages * (as_float(asked.get("ocr_timeout")) or _PAGE)
    ran = tools.apart(READ, data, request, seconds)
    if ran.fault == "timeout":
        return as_object(fault("ocr_timeout", f"OCR took too long: {ran.message}."))
    if ran.fault:
        return as_object(fault("ocr_failed", f"OCR failed: {ran.message}."))
    return as_object(from_json(ran.data))


def _joined(payload: Object, pages: list[Object], found: Object, asked: Object) -> JsonValue:
    """The pages that were read take the place of those of the same number."""
    scans = [as_object(scan) for scan in as_list(found.get("pages"))]
    sizes = {item.size for page in pages for item in sheet_of(page, 0).items}
    leaves, rare = plain(_evened([_leaf(scan) for scan in scans], sizes))
    laid = as_object(parsed(layer(leaves), {**asked, "pages": None, "liteparse": {}}))
    if "error" in laid:
        return dict(laid)
    known = {as_int(page.get("number")): page for page in pages}
    for scan, page in zip(scans, (as_object(page) for page in as_list(laid.get("pages"))), strict=True):
        number = as_int(scan.get("number"))
        known[number] = _page(scan, _restored(page, rare), known.get(number, {}))
    engine = f"RapidOCR {version('rapidocr')}"
    return {**laid, "images": {}, **payload, "pages": [dict(page) for page in known.values()], "ocr": engine}


def _restored(page: Object, rare: Mapping[int, str]) -> Object:
    runs = [as_list(run) for run in as_list(page.get("items"))]
    return {**page, "items": [[as_text(run[0]).translate(rare), *run[1:]] for run in runs]}


def _leaf(scan: Object) -> Leaf:
    words = [_word(as_list(word)) for word in as_list(scan.get("words"))]
    rules = [_box(as_list(rule)) for rule in as_list(scan.get("rules"))]
    return Leaf(as_float(scan.get("width")) or 1.0, as_float(scan.get("height")) or 1.0, words, rules)


def _evened(leaves: list[Leaf], known: Iterable[float]) -> list[Leaf]:
    sizes = iter(evened([Sized(word.size, len(word.text)) for leaf in leaves for word in leaf.words], known))
    return [leaf._replace(words=flush([resized(word, next(sizes)) for word in leaf.words])) for leaf in leaves]


def _word(fields: list[JsonValue]) -> Word:
    text, box, size, turn, _ = fields
    return Word(as_text(text), _box(as_list(box)), as_float(size) or 1.0, as_float(turn) or 0.0)


def _box(corners: list[JsonValue]) -> Box:
    x0, y0, x1, y1 = (as_float(corner) or 0.0 for corner in corners)
    return Box(x0, y0, x1, y1)


def _page(scan: Object, laid: Object, before: Mapping[str, JsonValue]) -> Object:
    """The page as it was read; of the page before, its label and the pictures on it, unless it was turned."""
    words = [as_list(word) for word in as_list(scan.get("words"))]
    scores: list[JsonValue] = [[*as_list(word[1]), word[4]] for word in words]
    runs = as_list(laid.get("items"))
    same = not as_int(scan.get("turn")) and not as_float(scan.get("skew"))
    figures = [block for block in as_list(before.get("blocks")) if as_object(block).get("kind") == "figure"]
    return {
        **laid,
        "number": scan.get("number"),
        "items": [run for run in runs if as_list(run)[7]] + _numbers(words, runs),
        "label": before.get("label"),
        "drawings": [*(as_list(before.get("drawings")) if same else []), *_drawings(scan)],
        "pictures": figures if same else [],
        "scan": {"turn": scan.get("turn"), "skew": scan.get("skew"), "pixels": scan.get("pixels"), "scores": scores},
    }


def _drawings(scan: Object) -> list[JsonValue]:
    """Charts and photographs: places where shapes and lines lie close together."""
    boxes = [_box(as_list(box)) for name in ("shapes", "rules") for box in as_list(scan.get(name))]
    return [list(box) for box in clusters(boxes, as_float(scan.get("width")) or 1.0, as_float(scan.get("height")) or 1.0)]


def _numbers(words: list[list[JsonValue]], runs: list[JsonValue]) -> list[JsonValue]:
    """Numbers that stand alone: LiteParse takes one for that of the page, and drops it."""
    known = {as_text(as_list(run)[0]).strip() for run in runs if as_list(run)[7]}
    return [
        [text, *as_list(box), size, turn, ""]
        for text, box, size, turn, _ in words
        if as_text(text).strip().isdecimal() and as_text(text).strip() not in known
    ]
