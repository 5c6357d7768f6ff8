"""A chunk's stable id and flat metadata: the same in every framework, and fit for every vector store.

Values are only `str | int | float | bool`, the same keys with the same types in every record; unknown is "" or -1. Nothing
in it changes from one load to the next.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from docparse_loaders.chunking import Chunk
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError
from docparse_loaders.model import BBox, Region
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.readers import clean

SCHEMA_VERSION = 1
MetadataMode = Literal["flat", "nested"]
SEPARATOR = " > "

_NAMESPACE = uuid.UUID("6c1ff1b4-2d0b-5a57-9f57-0d1d7a8f3c10")
_BOXES_BYTES = 3000
_NOT_BODY = frozenset({"title", "caption"})

TECHNICAL = (
    "file_sha256",
    "vendor",
    "model",
    "last_page_number",
    "total_pages",
    "page_width",
    "page_height",
    "kind",
    "headings",
    "bbox_x0",
    "bbox_y0",
    "bbox_x1",
    "bbox_y1",
    "boxes",
    "chunk_id",
    "chunk_index",
    "token_count",
    "schema_version",
)
"""Keys that say nothing to an embedding or a language model; the heading path is among them because the text has it."""


class Record(NamedTuple):
    """A chunk as a framework wants it. `id` is a UUID of source, content, options and position; see `records` for files."""

    id: str
    text: str
    metadata: dict[str, Any]


def records(
    document: ParsedDocument,
    chunks: Iterable[Chunk],
    *,
    options: str = "",
    mode: MetadataMode = "flat",
    whole: bool = False,
) -> Iterator[Record]:
    """Records of a document's chunks, in order. `options` is the chunker's fingerprint.

    With `whole` there is one chunk, and its record's id is that of the file whatever the file says: one that was changed
    replaces what it was before.
    """
    base = _of_document(document)
    sizes = {page.number: (float(page.width), float(page.height)) for page in document.pages}
    for index, chunk in enumerate(chunks):
        metadata = base | _of_chunk(chunk, index, sizes)
        if mode == "nested":
            metadata |= _nested(chunk)
        yield Record(_file_id(document) if whole else _id(document, chunk, options, index), chunk.text, metadata)


def merged(given: Mapping[str, Any] | None, ours: dict[str, Any]) -> dict[str, Any]:
    """A caller's own metadata with a record's. Where both have a key, ours stays, and theirs goes to `extra_<key>`.

    What only repeats ours, or is None, is not kept twice.
    """
    if not given:
        return ours
    clashes = {f"extra_{key}": value for key, value in given.items() if key in ours and value not in (ours[key], None)}
    return {key: value for key, value in given.items() if key not in ours} | clashes | ours


def boxes_of(document: Any) -> list[Region]:
    """The places on the pages that a Document of either framework, or its metadata, came from.

    Pages are 1-based, boxes fractions of the page. A region without a box means that the vendor gave none.
    Raises `ConfigError` for a Document that this library did not make.
    """
    metadata = document if isinstance(document, Mapping) else getattr(document, "metadata", None)
    if metadata is None and hasattr(document, "node"):
        metadata = document.node.metadata
    if not isinstance(metadata, Mapping) or "boxes" not in metadata:
        raise ConfigError("this has no boxes in its metadata.", hint="Pass a Document that a loader of this library returned.")
    boxes = metadata["boxes"]
    rows = json.loads(boxes) if isinstance(boxes, str) else boxes
    regions = [Region(int(page), BBox(*(float(corner) for corner in corners))) for page, *corners in rows]
    return regions or [Region(int(metadata["page_number"]), None)]


def _of_document(document: ParsedDocument) -> dict[str, Any]:
    source = document.source
    return {
        "source": clean(source.uri),
        "file_name": clean(source.name),
        "file_type": source.media_type,
        "file_sha256": source.sha256,
        "vendor": document.vendor,
        "model": document.model,
        "page_number": 0,
        "last_page_number": 0,
        "total_pages": document.total_pages,
    }


def _of_chunk(chunk: Chunk, index: int, sizes: Mapping[int, tuple[float, float]]) -> dict[str, Any]:
    width, height = sizes.get(chunk.page_number, (0.0, 0.0))
    box = _union(chunk)
    return {
        "page_number": chunk.page_number,
        "last_page_number": chunk.last_page_number,
        "page_width": width,
        "page_height": height,
        "kind": next((kind for kind in chunk.kinds if kind not in _NOT_BODY), chunk.kinds[0] if chunk.kinds else "other"),
        "headings": SEPARATOR.join(chunk.headings),
        "bbox_x0": box.x0,
        "bbox_y0": box.y0,
        "bbox_x1": box.x1,
        "bbox_y1": box.y1,
        "boxes": _boxes(chunk.regions),
        "chunk_id": chunk.id,
        "chunk_index": index,
        "token_count": chunk.token_count,
        "schema_version": SCHEMA_VERSION,
    }


def _nested(chunk: Chunk) -> dict[str, Any]:
    return {"headings": list(chunk.headings), "kinds": list(chunk.kinds), "boxes": _rows(chunk.regions)}


def _union(chunk: Chunk) -> BBox:
    boxes = [region.bbox for region in chunk.regions if region.page_number == chunk.page_number and region.bbox is not None]
    if not boxes:
        return BBox(-1.0, -1.0, -1.0, -1.0)
    union = boxes[0]
    for box in boxes[1:]:
        union = union.union(box)
    return BBox(*(round(float(corner), 4) for corner in union))


def _rows(regions: Iterable[Region]) -> list[list[float]]:
    return [[number, *(round(float(corner), 4) for corner in box)] for number, box in regions if box is not None]


def _boxes(regions: tuple[Region, ...]) -> str:
    """All boxes if they fit, else one around those of each page: stores keep metadata several times over."""
    text = _compact(_rows(regions))
    if len(text) <= _BOXES_BYTES:
        return text
    around: dict[int, BBox] = {}
    for number, box in regions:
        if box is not None:
            around[number] = around[number].union(box) if number in around else box
    rows = _rows(Region(number, box) for number, box in around.items())
    while len(text := _compact(rows)) > _BOXES_BYTES:
        rows = rows[: len(rows) * 3 // 4]
    return text


def _compact(rows: list[list[float]]) -> str:
    return json.dumps(rows, separators=(",", ":"))


def _id(document: ParsedDocument, chunk: Chunk, options: str, index: int) -> str:
    source = document.source
    return _uuid(source.uri, source.sha256, document.vendor, document.options, options, str(index), chunk.id)


def _file_id(document: ParsedDocument) -> str:
    """Of the file, its vendor and the pages that were picked from it, but of no option and no content."""
    numbers = [page.number for page in document.pages]
    picked = "" if len(numbers) == document.total_pages else str(PageSelection.of(numbers or None) or "")
    return _uuid("file", document.source.uri, document.vendor, picked)


def _uuid(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\n".join(clean(part) for part in parts)))
