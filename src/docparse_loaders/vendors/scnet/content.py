"""What is in a block of SCNet: lines, HTML, LaTeX, a picture, and further blocks, of which a seal has its text."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from docparse_loaders.joining import join_texts
from docparse_loaders.model import Image, Kind
from docparse_loaders.tables import plain_of_html
from docparse_loaders.vendors.readers import Object, as_list, as_text, first, latex_of

_ITEM = re.compile(r"[-*+•●▪◦·–—]\s|\d{1,3}[.)、]\s|[(（]?[a-z\d][)）]\s")
_MEDIA = {"iVBOR": "image/png", "/9j/": "image/jpeg", "R0lGO": "image/gif", "UklGR": "image/webp", "Qk": "image/bmp"}
_APART: frozenset[Kind] = frozenset({"seal", "figure", "chart", "table", "other"})
"""Kinds whose lines stand each for itself; of the others they are a paragraph."""


class Content(NamedTuple):
    """A block's text, and what else it has; `gap` says that something else stands where some of it should be."""

    text: str
    html: str | None = None
    latex: str | None = None
    image: Image | None = None
    gap: bool = False


def content_of(raw: Object, kind: Kind) -> Content:
    """The content of a block; of HTML or LaTeX next to lines, the lines are the same once more."""
    lines, stated = _lines(raw), raw.get("lines")
    # Only where fewer lines were read than are there can one be missing.
    suspicious = not isinstance(stated, list) or len(lines) < len(stated) or not lines
    content = _content(raw, kind, lines)
    return content._replace(gap=_has_gap(raw, kind, content)) if suspicious else content


def _content(raw: Object, kind: Kind, lines: list[str]) -> Content:
    inner = raw.get("blocks")
    if isinstance(inner, list):
        lines += [text for text in _texts_within(inner) if text not in lines]
    text = "\n".join(lines) if kind in _APART else paragraph(lines)
    picture = raw.get("sub_img")
    image = image_of(picture) if isinstance(picture, str) and picture else None
    if markup := _stripped(raw.get("html")):
        return _with_html(markup, text, kind, image)
    formula = _stripped(raw.get("latex"))
    if formula and (kind == "equation" or not text):
        formula = latex_of(formula)
        return Content(formula, None, formula if kind == "equation" else None, image)
    return Content(text, None, None, image)


def paragraph(lines: Sequence[str]) -> str:
    """Lines as running text; each item of a list begins a line of its own."""
    if len(lines) < 2:
        return lines[0] if lines else ""
    if not any(line[-1] == "-" or not line.isascii() or _ITEM.match(line) for line in lines):
        return " ".join(lines)
    runs: list[list[str]] = [[lines[0]]]
    for line in lines[1:]:
        if _ITEM.match(line):
            runs.append([line])
        else:
            runs[-1].append(line)
    return "\n".join(join_texts(run) for run in runs)


def image_of(value: str) -> Image | None:
    """A picture: base64 with or without `data:`, or an address."""
    value = value.strip()
    if value.startswith(("https://", "http://")):
        return Image("url", value)
    if value.startswith("data:"):
        head, _, value = value.partition(",")
        return Image("base64", value, head[5:].partition(";")[0]) if value else None
    media_type = next((name for start, name in _MEDIA.items() if value.startswith(start)), "")
    return Image("base64", value, media_type) if value else None


def _with_html(markup: str, text: str, kind: Kind, image: Image | None) -> Content:
    if "<" not in markup:
        return Content(markup if text in markup else f"{text}\n{markup}", None, None, image)
    plain = plain_of_html(markup) or text
    return Content(plain if kind in {"table", "chart"} else text or plain, markup, None, image)


def _lines(raw: Object) -> list[str]:
    """The lines of a block; they are objects with a text, but a list of strings or a whole text would say the same."""
    stated = raw.get("lines")
    if stated is None or stated == []:
        stated = first(raw, ("text", "content"))
    if stated is None:
        return []
    lines = stated if isinstance(stated, list) else [stated]
    texts = (_stripped(line.get("text") if isinstance(line, dict) else line) for line in lines)
    return [text for text in texts if text]


def _has_gap(raw: Object, kind: Kind, content: Content) -> bool:
    """Whether a line has no text, or nothing at all was read and a null or a value of another kind stands in its place."""
    if any(map(_is_gap, as_list(raw.get("lines")))):
        return True
    if content.text or content.html or content.image or kind in {"figure", "chart"}:
        return False
    inner = as_list(raw.get("blocks"))
    return (
        _is_wrong(raw, "lines")
        or (kind == "table" and _is_wrong(raw, "html"))
        or (kind == "equation" and _is_wrong(raw, "latex"))
        or (kind == "seal" and (_is_wrong(raw, "blocks") or any(map(_is_hollow, inner))))
    )


def _is_gap(line: JsonValue) -> bool:
    text = line.get("text") if isinstance(line, dict) else line
    return not isinstance(text, str | int | float)


def _is_wrong(raw: Object, name: str) -> bool:
    """Whether a field is there and is neither a list nor a text."""
    return name in raw and not isinstance(raw[name], list | str)


def _is_hollow(block: JsonValue) -> bool:
    """Whether an inner block without a text has something else in its place."""
    if not isinstance(block, dict):
        return not as_text(block)
    return _is_wrong(block, "lines") or any(map(_is_gap, as_list(block.get("lines"))))


def _stripped(value: JsonValue | None) -> str:
    return "" if value is None else as_text(value).strip()


def _texts_within(blocks: Sequence[JsonValue]) -> Iterator[str]:
    """The text of inner blocks in their order, however deep."""
    waiting: list[JsonValue] = list(reversed(blocks))
    while waiting:
        block = waiting.pop()
        if not isinstance(block, dict):
            yield from [text] if (text := as_text(block).strip()) else []
            continue
        found = _lines(block)
        markup, formula = as_text(block.get("html")), as_text(block.get("latex"))
        yield from found or [text for text in (plain_of_html(markup) if markup else "", latex_of(formula)) if text]
        inner = block.get("blocks")
        waiting += reversed(inner) if isinstance(inner, list) else []
