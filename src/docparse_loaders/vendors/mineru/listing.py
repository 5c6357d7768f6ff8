"""MinerU's flat lists: `content_list.json`, and `content_list_v2.json`, a list for each page.

They have boxes in thousandths of the page, none for captions, and no links: an item without content says that its text was
moved to where it begins.
"""

from collections.abc import Iterable

from pydantic import JsonValue

from docparse_loaders.model import Kind
from docparse_loaders.pages import MOST_PAGES
from docparse_loaders.tables import plain_of_html
from docparse_loaders.vendors.mineru.draft import Draft, Sheet
from docparse_loaders.vendors.mineru.kinds import DISCARDED, REFERENCES, kind_of
from docparse_loaders.vendors.mineru.places import image_of, thousandths
from docparse_loaders.vendors.mineru.spans import code_of, items_of, text_of, verbatim_of
from docparse_loaders.vendors.mineru.tree import Leaf, count_empty
from docparse_loaders.vendors.readers import Object, as_int, as_list, as_object, as_text, first, latex_of

_FURNITURE: frozenset[Kind] = frozenset({"header", "footer", "page_number", "aside"})
_LISTS: frozenset[Kind] = frozenset({"list", "toc", "reference"})
_PICTURES: frozenset[Kind] = frozenset({"figure", "chart", "table", "code", "seal"})
_MOVABLE: frozenset[Kind] = frozenset({"text", "table", "list", "reference"})
_BODIES = ("text", "table_body", "code_body", "content", "html", "math_content", "algorithm_content", "code_content")

_CONTENTS = (*_BODIES, "list_items", *(f"{name}_content" for name in ("title", "paragraph")))


def sheets_of(items: Iterable[JsonValue], leaf: Leaf) -> list[Sheet]:
    """The pages of a `content_list.json`, those without any item included up to the last one."""
    sheets: list[Sheet] = []
    here = 0
    for item in items:
        if not isinstance(item, dict):
            leaf.strange += 1
            continue
        index = as_int(item.get("page_idx"))
        # An item without a page belongs to the page of the one before; a page beyond all reason is a fault, not a page.
        here = here if index is None or not 0 <= index < MOST_PAGES else index
        sheets += [Sheet(number) for number in range(len(sheets), here + 1)]
        _keep(sheets[here], item, item, leaf)
    return sheets


def sheet_of(items: Iterable[JsonValue], position: int, leaf: Leaf) -> Sheet:
    """One page of a `content_list_v2.json`; the place in the list is the page."""
    sheet = Sheet(position)
    for item in items:
        if not isinstance(item, dict):
            leaf.strange += 1
            continue
        content = item.get("content")
        _keep(sheet, item, content if isinstance(content, dict) else item, leaf)
    return sheet


def _keep(sheet: Sheet, item: Object, content: Object, leaf: Leaf) -> None:
    draft = _draft(item, content)
    draft.box = thousandths(item.get("bbox"), leaf.bad)
    if draft.empty:
        _tell(draft, content, leaf)
    furniture = draft.kind in _FURNITURE or draft.label == DISCARDED
    (sheet.furniture if furniture else sheet.body).append(draft)


def _draft(item: Object, content: Object) -> Draft:
    label = as_text(item.get("type"))
    draft = Draft(label, _kind(item, content, label))
    level = as_int(first(content, ("text_level", "level")))
    if draft.kind == "text" and label == "text" and level:
        draft.kind = "title"
    if draft.kind == "title" and level is not None and level > 0:
        draft.level = level
    _fill(draft, content)
    _annotate(draft, content)
    if draft.empty and not draft.notes and draft.kind in _MOVABLE:
        draft.link = "moved"
    return draft


def _tell(draft: Draft, content: Object, leaf: Leaf) -> None:
    """An item that is empty without a reason: a text that was moved is an empty string, and null is none."""
    if any(content[name] is None for name in _CONTENTS if name in content):
        draft.link = ""
        leaf.unread += 1
    elif not draft.link:
        count_empty(draft, leaf)


def _kind(item: Object, content: Object, label: str) -> Kind:
    said = {as_text(item.get("sub_type")), as_text(content.get("list_type"))}
    return "reference" if label == "list" and said & REFERENCES else kind_of(label)


def _fill(draft: Draft, content: Object) -> None:
    draft.image = image_of(as_object(content.get("image_source")) or content)
    if draft.kind in _LISTS and isinstance(content.get("list_items"), list):
        draft.text = "\n".join(items_of(content.get("list_items")))
        return
    body = _body(content)
    if draft.kind == "table" or (draft.kind == "chart" and isinstance(body, str) and "<table" in body):
        _fill_table(draft, as_text(body))
    elif draft.kind == "equation":
        draft.latex = latex_of(as_text(body)) or None
        draft.text = draft.latex or ""
    elif draft.kind == "code":
        draft.text = code_of(as_text(verbatim_of(body)))
    else:
        draft.text = text_of(body).strip()
    draft.generated = bool(draft.text) and draft.kind in {"figure", "chart"}


def _fill_table(draft: Draft, body: str) -> None:
    """HTML is the rule; releases that write Markdown tables leave them as text."""
    if "<" in body:
        draft.html = body
        draft.text = plain_of_html(body)
    else:
        draft.text = body.strip()


def _body(content: Object) -> JsonValue | None:
    """The content itself: under one of the names of v1, or under the one ending in `_content` of v2."""
    found = first(content, _BODIES)
    if found is not None and found not in ("", []):
        return found
    return next((value for name, value in content.items() if name.endswith("_content") and value), found)


def _annotate(draft: Draft, content: Object) -> None:
    """Captions and footnotes: lists of strings (v1), of spans (v2), or one string in older output."""
    if draft.kind not in _PICTURES:
        return
    for name, value in content.items():
        if name.endswith(("_caption", "_footnote")):
            draft.notes += [Draft(name, "caption", text) for text in _notes(value)]


def _notes(value: JsonValue | None) -> list[str]:
    if isinstance(value, list) and any(isinstance(entry, str) for entry in value):
        return [text for entry in as_list(value) if (text := text_of(entry).strip())]
    text = text_of(value).strip()
    return [text] if text else []
