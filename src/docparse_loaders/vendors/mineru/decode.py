"""MinerU's result as pages of blocks: from its zip in every layout, from a folder, or from any one of its files.

The page tree (`layout.json`, `*_middle.json`) is preferred: it has exact boxes, the real order and what goes on over a page.
Without one, `content_list.json` is read, then `content_list_v2.json`, then `full.md`, and a notice says what is missing.
The tree of the model "vlm" up to 3.x and everything that is no tree say nothing of text over pages, or not all: there it is
inferred.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import JsonValue

from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import Notice, Page
from docparse_loaders.pages import MOST_PAGES, PageSelection
from docparse_loaders.vendors.archive import Archive, is_whole
from docparse_loaders.vendors.markdown import blocks_of
from docparse_loaders.vendors.mineru import listing, tree
from docparse_loaders.vendors.mineru.compose import inferred, pages_of
from docparse_loaders.vendors.mineru.draft import Sheet
from docparse_loaders.vendors.mineru.files import Found, ranked, recognised, text_among
from docparse_loaders.vendors.mineru.numbers import looks_original, source_numbers
from docparse_loaders.vendors.mineru.pictures import Album
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts, Payload
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text, parse_json

EMBEDDED = "application/zip; images=base64"
"""The media type of an archive whose pictures are to be put into the document."""
UNLINKED = "links=none"
"""What the media type of a result says in which nothing is to be inferred over pages."""

_HINT = "Pass the zip of the result, its folder, or one of layout.json, content_list.json and full.md."
_NO_TREE = Notice(
    "no_page_tree",
    "the result has no page tree: captions have no boxes, and what goes on over a page was found by position.",
)
_NO_PAGES = Notice("no_pages", "the result is only Markdown: pages and boxes are not known, and all blocks are on one page.")


def decode(payload: Payload, pages: PageSelection | None = None) -> Decoded:
    """Read a result. Raises `ProtocolError` if it is none of MinerU's, `LimitExceeded` for an archive beyond all bounds."""
    if isinstance(payload, Parts):
        return _of_parts(payload.blobs, pages)
    if not isinstance(payload, Blob):
        return _of_json(_known(payload), pages, infer=True)
    infer = UNLINKED not in payload.media_type
    return _of_archive(payload, pages, infer) if payload.data.startswith(b"PK") else _of_text(payload.data, pages, infer)


def _of_parts(blobs: Sequence[Blob], pages: PageSelection | None) -> Decoded:
    """The best of several files, which are several forms of one result."""
    error = ProtocolError("the result has no files.", hint=_HINT)
    for blob in sorted(blobs, key=lambda blob: blob.data.lstrip()[:1] not in {b"P", b"{", b"["}):
        try:
            return decode(blob, pages)
        except ProtocolError as found:
            error = found
    raise error


def _of_text(data: bytes, pages: PageSelection | None, infer: bool) -> Decoded:
    try:
        value = parse_json(data)
    except ValueError:
        return _of_markdown(data, pages)
    return _of_json(_known(value), pages, infer=infer)


def _known(value: JsonValue) -> Found:
    found = recognised(value)
    if found is None:
        raise ProtocolError(f"this is not a result of MinerU{_status_in(value)}.", vendor="mineru", hint=_HINT)
    return found


def _status_in(value: JsonValue) -> str:
    body = as_object(value)
    said = as_text(as_object(body.get("data")).get("state")) or as_text(body.get("state")) or as_text(body.get("code"))
    return f" (it says {said!r})" if said else ": it holds neither pages nor a list of content"


def _of_archive(blob: Blob, pages: PageSelection | None, infer: bool) -> Decoded:
    if not is_whole(blob.data):
        hint = "Resume with the token to fetch it again."
        raise ProtocolError("the archive of the result is cut short.", vendor="mineru", hint=hint)
    archive = Archive(blob.data)
    broken: list[Notice] = []
    for name in ranked(archive.names):
        try:
            found = recognised(parse_json(archive.read(name)))
        except (ValueError, ProtocolError) as error:
            broken.append(Notice("unreadable_file", f"{name} in the archive cannot be read: {error}"[:300]))
            continue
        if found is not None:
            album = Album(archive, name.rpartition("/")[0], embed=blob.media_type.startswith(EMBEDDED))
            decoded = _of_json(found, pages, infer=infer)
            shown = album.pages(decoded.pages)
            return replace(decoded, pages=shown, notices=(*archive.notices(), *broken, *decoded.notices, *album.notices()))
    text = text_among(archive.names)
    if text is None:
        listed = ", ".join(archive.names[:9]) or "nothing that can be read"
        raise ProtocolError(f"the archive holds no result of MinerU, but {listed}.", vendor="mineru", hint=_HINT)
    album = Album(archive, text.rpartition("/")[0], embed=blob.media_type.startswith(EMBEDDED))
    decoded = _of_markdown(archive.read(text), pages)
    shown = album.pages(decoded.pages)
    return replace(decoded, pages=shown, notices=(*archive.notices(), *broken, *decoded.notices, *album.notices()))


def _of_json(found: Found, pages: PageSelection | None, *, infer: bool) -> Decoded:
    decoded = _as_given(found, pages)
    silent = found.form != "tree" or as_text(as_object(found.value).get("_backend")) == "vlm"
    return replace(decoded, pages=inferred(decoded.pages)) if infer and silent else decoded


def _as_given(found: Found, pages: PageSelection | None) -> Decoded:
    match found.form:
        case "tree":
            return _of_tree(as_object(found.value), pages)
        case "list":
            return _of_list(as_list(found.value), pages)
        case "list_v2":
            return _of_list_v2(as_list(found.value), pages)
        case "model":
            return _of_model(found.value, pages)


def _of_tree(body: Object, pages: PageSelection | None) -> Decoded:
    old = isinstance(body.get("pdf_info"), list)
    raw = as_list(body.get("pdf_info" if old else "pages"))
    sizes = _sizes(body)
    read = [tree.sheet_of(as_object(page), place, sizes) for place, page in enumerate(raw)]
    sheets = [sheet for sheet, _ in read]
    numbers = source_numbers([sheet.index for sheet in sheets], pages, original=not old)
    notices = [notice for (_, leaf), number in zip(read, numbers, strict=True) for notice in _faults(leaf, number)]
    notices += [Notice("bad_page", "a page is not an object; it is empty.", n) for n, p in _strange(raw, numbers) if p]
    return Decoded(pages_of(sheets, numbers), tuple(notices), _model(body), _total(body))


def _strange(raw: Iterable[JsonValue], numbers: Iterable[int]) -> Iterable[tuple[int, bool]]:
    return ((number, not isinstance(page, dict)) for page, number in zip(raw, numbers, strict=True))


def _of_list(items: Sequence[JsonValue], pages: PageSelection | None) -> Decoded:
    leaf = tree.Leaf(1.0, 1.0)
    sheets = listing.sheets_of(items, leaf)
    used = [sheet.index for sheet in sheets if sheet.body or sheet.furniture]
    if pages is not None and looks_original(used, pages):
        by_index = {sheet.index: sheet for sheet in sheets}
        sheets = [by_index.get(number - 1, Sheet(number - 1)) for number in pages.numbers()]
        numbers = pages.numbers()
    else:
        # A list does not tell of empty pages; those at its end are known only if pages were asked for.
        asked = len(pages.numbers()) if pages is not None else 0
        sheets += [Sheet(index) for index in range(len(sheets), asked)]
        numbers = source_numbers([sheet.index for sheet in sheets], pages, original=False)
    return Decoded(pages_of(sheets, numbers), (_NO_TREE, *_faults(leaf, 0)))


def _of_list_v2(raw: Sequence[JsonValue], pages: PageSelection | None) -> Decoded:
    leaf = tree.Leaf(1.0, 1.0)
    sheets = [listing.sheet_of(as_list(page), place, leaf) for place, page in enumerate(raw)]
    numbers = source_numbers(range(len(sheets)), pages, original=False)
    return Decoded(pages_of(sheets, numbers), (_NO_TREE, *_faults(leaf, 0)))


def _of_model(value: JsonValue, pages: PageSelection | None) -> Decoded:
    """The model's own output, before MinerU made anything of it: a list of blocks for each page."""
    body = as_object(value)
    raw = as_list(body.get("pages")) if body else as_list(value)
    read = [tree.sheet_of({"blocks": page}, place, _sizes(body)) for place, page in enumerate(raw)]
    mapped = [as_int(index) for index in as_list(body.get("page_index_map"))]
    known = [index for index in mapped if index is not None and 0 <= index < MOST_PAGES]
    original = len(known) == len(raw) and bool(known)
    numbers = source_numbers(known if original else range(len(raw)), pages, original=original)
    notices = [notice for (_, leaf), number in zip(read, numbers, strict=True) for notice in _faults(leaf, number)]
    return Decoded(pages_of([sheet for sheet, _ in read], numbers), (_NO_TREE, *notices), _model(body))


def _of_markdown(data: bytes, pages: PageSelection | None) -> Decoded:
    """All blocks on the first page and without regions; the other pages that were asked for are empty."""
    text = data.decode("utf-8", "replace")
    if "\x00" in text or not text.strip():
        raise ProtocolError("this is neither JSON nor Markdown of MinerU.", vendor="mineru", hint=_HINT)
    numbers = pages.numbers() if pages is not None else [1]
    blocks = blocks_of(text)
    made = (Page(number, 0.0, 0.0, blocks=blocks if place == 0 else ()) for place, number in enumerate(numbers))
    return Decoded(tuple(made), (_NO_PAGES,))


def _faults(leaf: tree.Leaf, number: int) -> Iterable[Notice]:
    if leaf.bad:
        yield Notice("bad_box", f"{len(leaf.bad)} boxes could not be used; the first: {leaf.bad[0]}.", number)
    if leaf.listless:
        yield Notice("no_blocks", f"page {number} has no list of blocks, and its text may be lost.", number)
    if leaf.strange:
        yield Notice("bad_block", f"{leaf.strange} blocks are not objects and were left out.", number)
    if leaf.unread:
        said = f"{leaf.unread} blocks or lines hold nothing that can be read where their content should be: it may be lost."
        yield Notice("bad_text", said, number)
    if leaf.bodiless:
        yield Notice("no_table_body", f"{leaf.bodiless} tables have neither a body nor a picture.", number)
    if leaf.blank:
        yield Notice("no_picture", f"{leaf.blank} pictures have neither a file nor a text.", number)


def _sizes(body: Object) -> dict[int, tuple[float, float]]:
    """Width and height in points of each page, by its index, as 4.x has them beside the pages."""
    layout = as_object(as_object(body.get("extensions")).get("docvortex_layout"))
    sizes: dict[int, tuple[float, float]] = {}
    for page in map(as_object, as_list(layout.get("pages"))):
        index, width, height = as_int(page.get("page_idx")), as_float(page.get("width_pt")), as_float(page.get("height_pt"))
        if index is not None and width is not None and height is not None and width > 0 and height > 0:
            sizes[index] = (width, height)
    return sizes


def _model(body: Object) -> str:
    """Release and backend, as far as the file names them."""
    producer = as_object(as_object(body.get("metadata")).get("producer"))
    version = as_text(body.get("_version_name")) or as_text(producer.get("version"))
    extension = as_object(as_object(body.get("extensions")).get("mineru"))
    backend = as_text(body.get("_backend")) or as_text(extension.get("tier"))
    return " ".join(filter(None, ("MinerU" if version else "", version, f"({backend})" if backend else "")))


def _total(body: Object) -> int | None:
    document = as_object(as_object(body.get("metadata")).get("document"))
    count = as_int(document.get("page_count"))
    return count if count is not None and 0 < count < MOST_PAGES else None
