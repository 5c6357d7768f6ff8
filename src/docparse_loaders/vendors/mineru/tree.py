"""MinerU's page tree: `layout.json`, `*_middle.json` and `middle_json.json`, in the forms up to 3.x and of 4.x.

Up to 3.x a block has `lines` of `spans`, or `blocks` for body, caption and footnote, with boxes in points of `page_size`.
From 4.x on all of that is in `content` and boxes are fractions. The model's own output (`*_model.json`) and
`structured_content.json` are read the same way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from docparse_loaders.model import Image, Kind
from docparse_loaders.pages import MOST_PAGES
from docparse_loaders.tables import plain_of_html
from docparse_loaders.vendors.mineru.draft import Draft, Link, Sheet
from docparse_loaders.vendors.mineru.kinds import DISCARDED, REFERENCES, kind_of
from docparse_loaders.vendors.mineru.places import PATHS, box_in, image_of, is_fraction
from docparse_loaders.vendors.mineru.spans import (
    code_of,
    items_of,
    text_of,
    text_of_lines,
    verbatim,
    verbatim_of,
)
from docparse_loaders.vendors.readers import Object, as_float, as_int, as_list, as_object, as_text, holds_no_list, latex_of

_FURNITURE: frozenset[Kind] = frozenset({"header", "footer", "page_number", "aside"})
_PICTURES: frozenset[Kind] = frozenset({"figure", "chart", "seal"})
_BARE: frozenset[Kind] = _PICTURES | {"list"}
_VISUAL: frozenset[Kind] = _PICTURES | {"table"}
_BESIDE = frozenset({"captions", "footnotes", "image_source"})
_DEPTH = 12
_NESTED = ("blocks", "content")
_FILED = frozenset({"index", "blocks", "lines", *PATHS})
_INSTEAD = ("content", "html", "list_items", *PATHS)
"""What a block may hold directly, or as a list by another name."""
_BLOCKS = ("para_blocks", "blocks", "preproc_blocks")


@dataclass(slots=True)
class Leaf:
    """A page while it is read: its size in the unit of its boxes, and what was wrong with it.

    `unread` counts places where something else stands for a list of lines, spans or blocks or for a text, `bodiless` tables
    without a body, `blank` pictures that name none.
    """

    width: float
    height: float
    bad: list[str] = field(default_factory=list)
    strange: int = 0
    depth: int = 0
    listless: bool = False
    unread: int = 0
    bodiless: int = 0
    blank: int = 0


def sheet_of(page: Object, position: int, sizes: Mapping[int, tuple[float, float]]) -> tuple[Sheet, Leaf]:
    """One page of a tree; `sizes` are those of all pages in points, by index, where they stand elsewhere (4.x)."""
    stated = as_int(page.get("page_idx"))
    index = position if stated is None or not 0 <= stated < MOST_PAGES else stated
    raw_size = [as_float(side) or 0.0 for side in as_list(page.get("page_size"))[:2]]
    points = (raw_size[0], raw_size[1]) if len(raw_size) == 2 else sizes.get(index, (0.0, 0.0))
    blocks = _blocks_of(page)
    leaf = Leaf(*(points if points[0] > 0 and not _in_fractions(blocks, own=len(raw_size) == 2) else (1.0, 1.0)))
    leaf.listless = holds_no_list(page, *_BLOCKS) or holds_no_list(page, "discarded_blocks")
    sheet = Sheet(index, *points)
    for block in blocks:
        _keep(sheet, block, leaf, discarded=False)
    for block in as_list(page.get("discarded_blocks")):
        _keep(sheet, block, leaf, discarded=True)
    return sheet, leaf


def _blocks_of(page: Object) -> list[JsonValue]:
    """The blocks after paragraphs were put together, if the page has them; before that, if not."""
    for name in _BLOCKS:
        found = page.get(name)
        if isinstance(found, list):
            return found
    return []


def _in_fractions(blocks: Iterable[JsonValue], *, own: bool) -> bool:
    """Whether boxes are fractions of the page: never where the page has its `own` size, and else if one of them looks so."""
    boxes = [box for block in blocks if (box := as_object(block).get("bbox"))]
    return not own and (not boxes or any(is_fraction(box) for box in boxes))


def _keep(sheet: Sheet, block: JsonValue, leaf: Leaf, *, discarded: bool) -> None:
    if not isinstance(block, dict):
        leaf.strange += 1
        return
    before = leaf.unread + leaf.strange
    draft = draft_of(block, leaf)
    if draft.empty and not draft.link and not _says_little(draft, block) and leaf.unread + leaf.strange == before:
        count_empty(draft, leaf)
    if discarded or draft.kind in _FURNITURE or draft.label == DISCARDED:
        sheet.furniture.append(draft)
    else:
        sheet.body.append(draft)


def _says_little(draft: Draft, block: Object) -> bool:
    """Whether a block is of the model's own output, where pictures have no file and the items of a list stand beside it."""
    return draft.kind in _BARE and _FILED.isdisjoint(block)


def count_empty(draft: Draft, leaf: Leaf) -> None:
    """What an empty block is said to lack: a table its body, a picture its file; a text may be empty."""
    leaf.bodiless += draft.kind == "table"
    leaf.blank += draft.kind in _PICTURES


def draft_of(block: Object, leaf: Leaf) -> Draft:
    """A block with its captions and footnotes."""
    label = as_text(block.get("type"))
    draft = Draft(label, _kind(block, label), box=box_in(block.get("bbox"), leaf.width, leaf.height, leaf.bad))
    draft.order = as_float(block.get("index"))
    draft.link = _link(block)
    if draft.kind == "title":
        draft.level = _level(block, label)
    _fill(draft, block, leaf)
    return draft


def _kind(block: Object, label: str) -> Kind:
    if label == "list" and as_text(block.get("sub_type")) in REFERENCES:
        return "reference"
    return kind_of(label)


def _level(block: Object, label: str) -> int | None:
    level = as_int(block.get("level"))
    if level is not None and level > 0:
        return level
    return 1 if label == "doc_title" else None


def _link(block: Object) -> Link:
    if block.get("continues_prev") is True:
        return "flagged"
    children = [child for child in as_list(block.get("blocks")) if isinstance(child, dict)]
    if block.get("lines_deleted") is True:
        return "moved"
    return "moved" if children and all(child.get("lines_deleted") is True for child in children) else ""


def _fill(draft: Draft, block: Object, leaf: Leaf) -> None:
    """Put the content in, from wherever this release keeps it."""
    children = _children(block)
    if not draft.link and not _says_little(draft, block):
        leaf.unread += _unread(block)
    leaf.strange += as_list(block.get("blocks")).count(None) + as_list(block.get("content")).count(None)
    if draft.kind in {"list", "toc", "reference"} and (children or draft.kind != "reference"):
        draft.text = "\n".join(_items(block, children, leaf))
        return
    if children:
        _fill_from_children(draft, children, leaf)
    elif isinstance(block.get("lines"), list):
        _fill_from_spans(draft, block)
    else:
        _put(draft, block)
    if not _BESIDE.isdisjoint(block):
        _annotate(draft, block, leaf)


def _children(block: Object) -> list[Object]:
    """Blocks inside a block: `blocks` up to 3.x, `content` from 4.x on, where a list may also be one of spans."""
    nested = block.get("blocks")
    if isinstance(nested, list):
        return [child for child in nested if isinstance(child, dict)]
    content = block.get("content")
    if not isinstance(content, list):
        return []
    found: list[Object] = [child for child in content if isinstance(child, dict)]
    return found if any(_is_block(child) for child in found) else []


def _unread(block: Object) -> int:
    """How many lists of a block are none, so that what was in them is lost: its own, and those of its lines."""
    lines = block.get("lines")
    if isinstance(lines, list):
        odd = [line for line in lines if not (isinstance(line, dict) and isinstance(line.get("spans"), list))]
        return sum(line is None or (isinstance(line, dict) and "spans" in line) for line in odd) if odd else 0
    said = isinstance(block.get("content"), str) or any(block.get(name) for name in _INSTEAD)
    return int(holds_no_list(block, "lines", *_NESTED) and not said)


def _is_block(child: Object) -> bool:
    """Whether this is a block and not a span; a text block of 4.x holds a list, a text span a string."""
    label = as_text(child.get("type"))
    content = child.get("content")
    return ("lines" in child or "blocks" in child or "bbox" in child or label.endswith(("_body", "_caption", "_footnote"))) or (
        isinstance(content, list) and label != "hyperlink"
    )


def _fill_from_children(draft: Draft, children: list[Object], leaf: Leaf) -> None:
    if leaf.depth >= _DEPTH:
        leaf.strange += len(children)
        return
    leaf.depth += 1
    parts = [draft_of(child, leaf) for child in children]
    leaf.depth -= 1
    for child, part in zip(children, parts, strict=True):
        if part.kind == "caption":
            part.away = child.get("cross_page") is True
            if part.text:
                draft.notes.append(part)
        elif draft.empty:
            draft.text, draft.html, draft.latex, draft.image = part.text, part.html, part.latex, part.image
            draft.generated = part.generated
            draft.notes += part.notes
        elif part.text and part.kind not in _VISUAL:
            draft.text = f"{draft.text}\n{part.text}" if draft.text else part.text
        elif not part.empty:
            # Several pictures in one block: each stays a block of its own.
            draft.notes.append(part)


def _fill_from_spans(draft: Draft, block: Object) -> None:
    """Lines of spans: a table, picture or formula is one span, text is all of them."""
    lines = block.get("lines")
    if draft.kind == "code":
        draft.text = code_of(verbatim(lines))
        return
    if draft.kind in _VISUAL or draft.kind == "equation":
        for span in _spans(lines):
            _put(draft, span)
        return
    draft.text = " ".join(filter(None, (as_text(block.get("section_number")), text_of_lines(lines))))
    draft.image = next((image for image in map(_picture, _spans(lines)) if image), None) if not draft.text else None


def _spans(lines: JsonValue | None) -> Iterator[Object]:
    for line in as_list(lines):
        for span in as_list(as_object(line).get("spans")):
            if isinstance(span, dict):
                yield span


def _picture(span: Object) -> Image | None:
    return image_of(span) if "image_path" in span else None


def _put(draft: Draft, source: Object) -> None:
    """Content that a span or a 4.x block holds directly; what several spans say is put together."""
    draft.image = draft.image or image_of(source)
    content = source.get("content")
    html = as_text(source.get("html"))
    if draft.kind in {"table", "chart"} and (html or "<table" in as_text(content)):
        draft.html = f"{draft.html or ''}{html or as_text(content)}"
        draft.text = plain_of_html(draft.html)
    elif draft.kind == "equation":
        draft.latex = "\n".join(filter(None, (draft.latex, latex_of(as_text(content))))) or None
        draft.text = draft.latex or ""
    elif draft.kind == "code":
        draft.text = code_of(as_text(verbatim_of(content)))
    else:
        draft.text = "\n".join(filter(None, (draft.text, text_of(content).strip())))
    draft.generated = bool(draft.text) and draft.kind in {"figure", "chart"}


def _annotate(draft: Draft, block: Object, leaf: Leaf) -> None:
    """Captions and footnotes that stand beside the content (`structured_content.json`)."""
    for name, label in (("captions", f"{draft.label}_caption"), ("footnotes", f"{draft.label}_footnote")):
        for note in as_list(block.get(name)):
            text = text_of(as_object(note).get("content") if isinstance(note, dict) else note).strip()
            box = box_in(as_object(note).get("bbox"), leaf.width, leaf.height, leaf.bad)
            if text:
                draft.notes.append(Draft(label, "caption", text, box=box))
    picture = block.get("image_source")
    if draft.image is None and isinstance(picture, str | dict):
        draft.image = image_of({"path": picture} if isinstance(picture, str) else picture)


def _items(block: Object, children: list[Object], leaf: Leaf, depth: int = 0) -> list[str]:
    """The items of a list, of a list in a list, or of lines that are marked as beginnings of items."""
    if children and depth < _DEPTH:
        found: list[str] = []
        for child in children:
            nested = _children(child)
            leaf.unread += _unread(child)
            found += _items(child, nested, leaf, depth + 1) if nested else [_item(child)]
        return [item for item in found if item]
    if isinstance(block.get("lines"), list):
        return list(_listed(as_list(block.get("lines"))))
    items = items_of(block.get("list_items"))
    text = text_of(block.get("content")).strip()
    return items or ([text] if text else [])


def _item(child: Object) -> str:
    lines = child.get("lines")
    return text_of_lines(lines) if isinstance(lines, list) else text_of(child.get("content")).strip()


def _listed(lines: list[JsonValue]) -> Iterator[str]:
    """Lines put together to items, where the pipeline marked their first lines; one item each if it marked none."""
    marked = any(as_object(line).get("is_list_start_line") for line in lines)
    item: list[JsonValue] = []
    for line in lines:
        if item and (not marked or as_object(line).get("is_list_start_line")):
            yield text_of_lines(item)
            item = []
        item.append(line)
    if item:
        yield text_of_lines(item)
