"""LiteParse on the bytes of a PDF, to JSON.

LiteParse is asked to strip repeated headers and footers from its blocks, because it otherwise mixes them into paragraphs;
nothing is lost, as its runs of text still hold them.
"""

import base64
from importlib.metadata import version
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from docparse_loaders.errors import ConfigError, MissingExtra
from docparse_loaders.vendors.local.drawings import clusters
from docparse_loaders.vendors.local.faults import fault
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.readers import Object, as_int, as_list, as_object

if TYPE_CHECKING:
    from liteparse import ParsedPage, ParseResult, TextItem
    from liteparse.types import WordBox

_HEAD = 1024
"""Bytes in which a PDF must call itself one; readers tolerate junk before it."""
_LAST_PAGE = 100_000
_FIXED = MappingProxyType(
    {
        "extract_blocks": True,
        "emit_word_boxes": True,
        "extract_vector_graphics": True,
        "include_complexity": True,
        "extract_content_bounds": True,
    }
)
"""What `decode` cannot do without."""
_WIDE_SPACE = 0.8
"""Font sizes: justified lines seldom have wider spaces."""
_ROW = 8.0
_MOST_RULES = 4000
"""More straight lines on one page than this are a drawing, not tables."""


def parsed(data: bytes, asked: Object) -> JsonValue:
    """Parse a PDF; `asked` is what `Local.request` made, with `pages` as spans or None.

    Returns the pages with runs of text, blocks, rules and drawings in points, or `{"error": {"kind", "message"}}`.
    Raises `MissingExtra` if LiteParse is not installed, `ConfigError` if it refuses an option.
    """
    spans = spans_of(asked)
    if (refusal := _refused(data)) is not None:
        return refusal
    arguments = _arguments(asked, spans)
    try:
        # LiteParse wants no bytes before the header that PDF readers allow there.
        result = _run(arguments, data[data.index(b"%PDF-") :], isolated=asked.get("isolated") is not False)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - a native parser on unknown bytes: any failure is the file's
        return _failed(str(error))
    if spans and spans[-1][1] > result.total_pages:
        return beyond(spans, result.total_pages)
    if result.page_errors and not result.pages:
        return _failed(result.page_errors[0].message)
    return _payload(result, asked)


def _refused(data: bytes) -> JsonValue | None:
    if not data:
        return fault("empty", "the file has no bytes.")
    if b"%PDF-" not in data[:_HEAD]:
        return fault("not_pdf", "the file is not a PDF, whatever its name says.")
    return None


def _run(arguments: dict[str, Any], data: bytes, *, isolated: bool) -> "ParseResult":
    """Parse in a process of LiteParse's own: a damaged PDF can crash its native code, which would end this process."""
    try:
        from liteparse import LiteParse, ParseError
    except ImportError as error:
        hint = 'Install it: pip install "docparse-loaders[local]"'
        raise MissingExtra("the local vendor needs LiteParse.", hint=hint) from error
    try:
        parser = LiteParse(**arguments, **({"pool_size": 1} if isolated else {}))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"LiteParse refuses these options: {error}.", hint="Check extra_options.") from error
    try:
        with parser:
            return parser.parse(data)
    except ParseError as error:
        # Where no second interpreter can be started, such as in a frozen application, this one must do.
        if isolated and "initializ" in str(error):
            return _run(arguments, data, isolated=False)
        raise


def _arguments(asked: Object, spans: list[tuple[int, int]]) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "ocr_enabled": False,
        "extract_links": False,
        "quiet": True,
        "continue_on_page_error": True,
        "image_mode": "placeholder",
        "extract_images": asked.get("images") is True,
        **as_object(asked.get("liteparse")),
        **_FIXED,
    }
    if isinstance(arguments.get("crop_box"), list):
        arguments["crop_box"] = tuple(arguments["crop_box"])
    if spans:
        # LiteParse writes every page number down, so a wild range is cut; it is refused afterwards.
        arguments["target_pages"] = ",".join(f"{min(first, _LAST_PAGE)}-{min(last, _LAST_PAGE)}" for first, last in spans)
    return arguments


def beyond(spans: list[tuple[int, int]], total: int) -> JsonValue:
    """The fault of asking for pages that are not there."""
    wanted = ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)
    return fault("pages", f"pages {wanted} were asked for, but the document has {total}.")


def spans_of(asked: Object) -> list[tuple[int, int]]:
    """The pages that are asked for, as first and last of each run; none for all."""
    pairs = [[as_int(number) for number in as_list(pair)] for pair in as_list(asked.get("pages"))]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and pair[0] is not None and pair[1] is not None]


def _failed(message: str) -> JsonValue:
    if "password" in message.lower():
        return fault("encrypted", "the file wants a password.")
    if "worker process died" in message:
        return fault("broken", "the file is damaged: LiteParse crashed on it.")
    if "was killed" in message:
        return fault("timeout", f"LiteParse took too long: {message}.")
    return fault("broken", f"the file is damaged: {message.rpartition('error: ')[2]}.")


def _payload(result: "ParseResult", asked: Object) -> JsonValue:
    drawings = asked.get("drawings") is not False
    return {
        "format": "liteparse",
        "version": version("liteparse"),
        "furniture": asked.get("furniture") is not False,
        "infer_links": asked.get("infer_links") is not False,
        "total_pages": result.total_pages,
        "pages": [_page(page, drawings=drawings) for page in result.pages],
        "images": {
            image.id: {"format": image.format, "data": base64.b64encode(image.bytes).decode()} for image in result.images
        },
        "page_errors": [{"page": error.page_num, "message": error.message} for error in result.page_errors],
    }


def _page(page: "ParsedPage", *, drawings: bool) -> JsonValue:
    graphics = page.vector_graphics
    rules = graphics.lines if graphics is not None else []
    upright = [(rule.x1, rule.y1, rule.y2) for rule in rules if abs(rule.x1 - rule.x2) < 1.0]
    shapes = graphics.shapes if graphics is not None and drawings else []
    boxes = [Box(x, y, x + width, y + height) for x, y, width, height in (shape.bbox for shape in shapes)]
    return {
        "number": page.page_num,
        "width": page.width,
        "height": page.height,
        "label": page.page_label,
        "reasons": list(page.complexity.reasons) if page.complexity is not None else [],
        "full_page_image": page.complexity is not None and page.complexity.full_page_image,
        "items": [*(run for item in page.text_items for run in _runs(item, upright)), *_dropped(page)],
        "blocks": [_block(block) for block in page.blocks or []],
        "rules": [[rule.x1, rule.y1, rule.x2, rule.y2] for rule in rules] if len(rules) <= _MOST_RULES else [],
        "drawings": [list(box) for box in clusters(boxes, page.width, page.height)],
    }


def _dropped(page: "ParsedPage") -> list[JsonValue]:
    """The number that stands alone over or under everything else on a page: LiteParse has it in its text, but in no run.

    It is somewhere in the first or last row of what is on the page; that row is all that is known.
    """
    lines = [line.strip() for line in page.text.splitlines() if line.strip()]
    bounds = page.content_bounds
    if not lines or bounds is None:
        return []
    x0, top, width, height = bounds
    rows = {lines[-1]: top + height, lines[0]: top + _ROW}
    return [
        [text, x0, bottom - _ROW, x0 + width, bottom, _ROW, 0.0, ""]
        for text, bottom in rows.items()
        if text.isdecimal()
        and len(text) <= 3
        and not any(bottom - _ROW < item.y + item.height / 2 < bottom for item in page.text_items)
    ]


def _runs(item: "TextItem", upright: list[tuple[float, float, float]]) -> list[JsonValue]:
    """A run of text. One that crosses an upright line stands in two cells of a table, and is given word by word.

    One with a gap in it is given as its parts, which may be cells, too.
    """
    middle = item.y + item.height / 2
    cut = any(item.x + 1 < x < item.x + item.width - 1 and min(y1, y2) < middle < max(y1, y2) for x, y1, y2 in upright)
    size, turn, font = item.font_size, item.rotation, item.font_name
    if cut and item.words:
        return [[word.text, word.x, word.y, word.x + word.width, word.y + word.height, size, turn, font] for word in item.words]
    parts = _parted(item) if not turn else []
    if len(parts) < 2:
        return [[item.text, item.x, item.y, item.x + item.width, item.y + item.height, size, turn, font]]
    return [
        [
            " ".join(word.text for word in part),
            part[0].x,
            item.y,
            part[-1].x + part[-1].width,
            item.y + item.height,
            size,
            turn,
            font,
        ]
        for part in parts
    ]


def _parted(item: "TextItem") -> "list[list[WordBox]]":
    """Its words, cut where the space between them is much wider than one of its font; none if they are not its text."""
    if "".join(word.text for word in item.words) != "".join(item.text.split()):
        return []
    parts: list[list[WordBox]] = [item.words[:1]]
    for left, right in pairwise(item.words):
        if right.x - left.x - left.width > _WIDE_SPACE * (item.font_size or item.height):
            parts.append([])
        parts[-1].append(right)
    return parts


def _block(block: Any) -> JsonValue:
    return {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "lang": block.lang,
        "id": block.id,
        "bbox": _box(block.bbox),
        "header": [_cell(cell) for cell in block.header or []],
        "rows": [[_cell(cell) for cell in row] for row in block.rows or []],
    }


def _cell(cell: Any) -> JsonValue:
    return {"text": cell.text, "bbox": _box(cell.bbox)}


def _box(box: Any) -> JsonValue:
    return None if box is None else [box.x, box.y, box.x + box.width, box.y + box.height]
