"""PaddleOCR's result as pages of blocks, numbered as in the source file."""

from collections.abc import Iterator, Sequence
from itertools import islice

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import Notice, Page
from docparse_loaders.pages import MOST_PAGES, PageSelection
from docparse_loaders.vendors.paddleocr.layout import layout_page
from docparse_loaders.vendors.paddleocr.lines import ocr_page
from docparse_loaders.vendors.paddleocr.linking import Groups, Said, linked
from docparse_loaders.vendors.paddleocr.results import Entry, entries_of
from docparse_loaders.vendors.protocol import Decoded, Payload
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text


def decode(payload: Payload, pages: PageSelection | None = None) -> Decoded:
    """Read the lines of a result, or any part of them that holds pages.

    A result numbers nothing: its pages are counted over all lines, and stand for those that were asked for, `pages`, unless
    there are more of them. Boxes are fractions of the page as PaddleOCR saw it.
    Raises `ProtocolError` if there are no pages, `IncompleteResult` if the last line is cut.
    """
    groups = Groups([])
    entries, job = entries_of(payload, groups.notices)
    if not any(isinstance(entry.raw, dict) for entry in entries):
        hint = "Resume with the token to fetch it again, or ask AI Studio."
        raise ProtocolError("PaddleOCR's result has no pages.", vendor="paddleocr", hint=hint)
    numbers = _numbers(entries, pages)
    read = [_page(entry, number, groups) for entry, number in zip(entries, numbers, strict=True)]
    # PP-OCR does not tell headers and footers from text, so what stands last and first on a page may be one of them.
    infer = job.get("infer_links") is not False and all(entry.form == "layout" for entry in entries)
    made = linked(read, [_said(entry) for entry in entries], infer=infer)
    total = as_int(as_object(job.get("extractProgress")).get("totalPages"))
    return Decoded(
        pages=tuple(made),
        notices=(*groups.notices, *_preprocessed(entries, numbers)),
        model=as_text(job.get("model")) or _family(entries[0]),
        total_pages=total if pages is None and total is not None and 0 < total <= MOST_PAGES else None,
    )


def _numbers(entries: Sequence[Entry], pages: PageSelection | None) -> list[int]:
    count = len(entries)
    if pages is not None:
        asked = (number for first, last in pages.spans for number in range(first, last + 1))
        found = list(islice(asked, count))
        return found if len(found) == count else list(range(1, count + 1))
    # Only the models themselves, run without the service, say which page it is.
    own = [index for entry in entries if (index := as_int(entry.pruned.get("page_index"))) is not None]
    if len(set(own)) == count and min(own) >= 0 and max(own) < MOST_PAGES:
        return [index + 1 for index in own]
    return list(range(1, count + 1))


def _page(entry: Entry, number: int, groups: Groups) -> Page:
    raw = as_object(entry.raw)
    size = _size(entry)
    if not raw:
        groups.notices.append(Notice("bad_page", f"page {number} is not an object and is empty here.", number))
    elif not size[0]:
        groups.notices.append(Notice("no_page_size", f"page {number} has no size, so its boxes are unknown.", number))
    if entry.form == "ocr":
        return ocr_page(raw, number, size, groups.notices)
    return layout_page(raw, number, size, groups)


def _size(entry: Entry) -> tuple[float, float]:
    """Width and height in pixels: the page's own, or what the part says of its pages, or of its only picture."""
    listed = as_list(entry.info.get("pages"))
    in_part = as_object(listed[entry.place]) if entry.place < len(listed) else entry.info
    for source in (entry.pruned, in_part):
        width, height = as_float(source.get("width")), as_float(source.get("height"))
        if width is not None and height is not None and width > 0 and height > 0:
            return width, height
    return 0.0, 0.0


def _said(entry: Entry) -> Said:
    markdown = as_object(as_object(entry.raw).get("markdown"))
    begins, ends = markdown.get("isStart"), markdown.get("isEnd")
    blocks = as_list(entry.pruned.get("parsing_res_list"))
    return Said(
        entry.part,
        begins if isinstance(begins, bool) else None,
        ends if isinstance(ends, bool) else None,
        any("global_group_id" in as_object(block) for block in blocks[:1]),
    )


def _preprocessed(entries: Sequence[Entry], numbers: Sequence[int]) -> Iterator[Notice]:
    turned: list[int] = []
    flattened: list[int] = []
    for entry, number in zip(entries, numbers, strict=True):
        done = as_object(entry.pruned.get("doc_preprocessor_res"))
        if as_int(done.get("angle")) in {90, 180, 270}:
            turned.append(number)
        if as_object(done.get("model_settings")).get("use_doc_unwarping") is True:
            flattened.append(number)
    if turned:
        yield _notice("turned_page", "turned upright", "use_doc_orientation_classify", turned)
    if flattened:
        yield _notice("unwarped_page", "flattened", "use_doc_unwarping", flattened)


def _notice(code: str, what: str, option: str, numbers: list[int]) -> Notice:
    said = (
        f"pages {PageSelection.of(numbers)} were {what} before reading ({option}), so their boxes do not fit the file's pages."
    )
    return Notice(code, said, numbers[0])


def _family(entry: Entry) -> str:
    """The family of the model, told by what it says of its settings: the result does not name the model."""
    settings: Object = as_object(entry.pruned.get("model_settings"))
    if entry.form == "ocr":
        return "PP-OCR"
    if "merge_layout_blocks" in settings or "use_layout_detection" in settings:
        return "PaddleOCR-VL"
    return "PP-StructureV3" if "use_table_recognition" in settings or "use_region_detection" in settings else ""
