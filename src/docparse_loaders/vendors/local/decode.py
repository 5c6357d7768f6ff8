"""What `work.parse` returned as pages of blocks."""

from collections.abc import Iterator, Mapping, Sequence

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import BBox, Block, Image, Notice, Page, Region
from docparse_loaders.vendors.links import with_links
from docparse_loaders.vendors.local.captions import captioned
from docparse_loaders.vendors.local.compose import composed
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.piece import Piece
from docparse_loaders.vendors.local.sheet import Sheet, images_of, sheet_of
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_int, as_list, as_object, as_text


def decode(payload: Payload) -> Decoded:
    """Read the result of `work.parse`.

    Sizes are in points; block ids are `p<page>-<place in reading order>`. A page without a text layer gives a notice, and
    so does one that LiteParse could not read, which is empty.
    Raises `ProtocolError` if there is no list of pages.
    """
    body = as_object(None if isinstance(payload, Blob | Parts) else payload)
    if not isinstance(body.get("pages"), list):
        hint = "Pass what the local vendor returned, or parse the PDF again."
        raise ProtocolError("this is not a result of the local vendor: it holds no list of pages.", vendor="local", hint=hint)
    read = [sheet_of(as_object(raw), position) for position, raw in enumerate(as_list(body["pages"]))]
    failures = _failures(body)
    sheets = sorted([*read, *_unread_sheets(read, failures)], key=lambda sheet: sheet.number)
    pages = composed(sheets, furnished=body.get("furniture") is not False)
    images = images_of(body)
    made = (_page(sheet, pieces, images) for sheet, pieces in zip(sheets, pages, strict=True))
    return Decoded(
        pages=tuple(made if body.get("infer_links") is False else with_links(made)),
        notices=(*_notices(read, as_text(body.get("ocr"))), *failures),
        model=_model(body),
        total_pages=as_int(body.get("total_pages")),
    )


def _model(body: Object) -> str:
    own, ocr = f"LiteParse {as_text(body.get('version'))}".strip(), as_text(body.get("ocr"))
    return f"{own} and {ocr}" if ocr and ocr != "missing" else own


def _page(sheet: Sheet, pieces: Sequence[Piece], images: Mapping[str, tuple[str, str]]) -> Page:
    pieces, described = captioned(pieces)
    ids = [f"p{sheet.number}-{position}" for position in range(len(pieces))]
    blocks = tuple(
        Block(
            id=ids[position],
            kind=piece.kind,
            text=piece.text,
            html=piece.html,
            image=_image(piece.picture, images),
            level=piece.level if piece.kind == "title" else None,
            label=piece.label,
            regions=(Region(sheet.number, _fraction(piece.box, sheet)),),
            confidence=sheet.scan.confidence(piece.box) if sheet.scan else None,
            caption_ids=(ids[described[position]],) if position in described else (),
        )
        for position, piece in enumerate(pieces)
    )
    if sheet.scan is not None and sheet.scan.pixels is not None:
        across, down = sheet.scan.pixels
        return Page(sheet.number, float(across), float(down), "pixel", 0, blocks)
    width, height = sheet.scan.frame.displayed if sheet.scan else (sheet.width, sheet.height)
    return Page(sheet.number, width, height, "point", 0, blocks)


def _image(name: str, images: Mapping[str, tuple[str, str]]) -> Image | None:
    media_type, data = images.get(name, ("", ""))
    return Image("base64", data, media_type) if data else None


def _fraction(box: Box, sheet: Sheet) -> BBox | None:
    if not (sheet.width and sheet.height):
        return None
    if sheet.scan is None:
        return BBox.scaled(box, sheet.width, sheet.height)
    return BBox.scaled(sheet.scan.frame.shown(box), *sheet.scan.frame.displayed)


def _notices(sheets: Sequence[Sheet], ocr: str) -> Iterator[Notice]:
    for sheet in sheets:
        if sheet.unread:
            yield _no_text(sheet.number, ocr)
        elif not sheet.items and sheet.scan is not None:
            yield Notice("no_text_found", f"page {sheet.number} has no text layer, and OCR found no text on it.", sheet.number)
        elif not sheet.items and not sheet.blocks and not sheet.drawings:
            yield Notice("blank_page", f"page {sheet.number} has neither text nor pictures.", sheet.number)
        elif "garbled" in sheet.reasons:
            message = (
                f"page {sheet.number} has a damaged text layer, so its text may be wrong. Read it anew with "
                "Local(ocr='always'), or parse it with a vendor that has OCR."
            )
            yield Notice("garbled_text", message, sheet.number)


def _no_text(number: int, ocr: str) -> Notice:
    remedy = (
        'Install OCR: pip install "docparse-loaders[ocr]", or parse'
        if ocr == "missing"
        else "Read it with Local(ocr='auto'), or parse"
    )
    message = (
        f"page {number} has no text layer: it is a picture, probably a scan, and its text is missing here. "
        f"{remedy} it with a vendor that has OCR, such as vendor='somark'."
    )
    return Notice("no_text_layer", message, number)


def _failures(body: Object) -> list[Notice]:
    faults = [as_object(entry) for entry in as_list(body.get("page_errors"))]
    return [_failure(as_int(fault.get("page")) or 0, as_text(fault.get("message"))) for fault in faults]


def _failure(number: int, message: str) -> Notice:
    return Notice("page_error", f"page {number} could not be read and is empty here: {message}", number)


def _unread_sheets(read: Sequence[Sheet], failures: Sequence[Notice]) -> list[Sheet]:
    known = {sheet.number for sheet in read}
    missing = {failure.page_number for failure in failures if failure.page_number > 0} - known
    return [sheet_of({"number": number}, 0) for number in missing]
