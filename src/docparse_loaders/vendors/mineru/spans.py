"""MinerU's text: lines of spans (up to 3.x), lists of spans (4.x and content_list_v2), or plain strings."""

import re
from collections.abc import Iterable

from pydantic import JsonValue

from docparse_loaders.joining import join_texts
from docparse_loaders.vendors.readers import Object, as_list, as_object, as_text, latex_of

_INLINE = frozenset({"inline_equation", "equation_inline"})
_DISPLAY = frozenset({"interline_equation", "equation_interline", "equation"})
_DEPTH = 12
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^\n]*\n(.*?)\n?\1\s*", re.DOTALL)
_TAG = re.compile(r"</?(?:text|hyperlink|strong|b|em|i|s|u|sup|sub)(?:\s[^<>]*)?>|<url>[^<]*</url>", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t]{2,}")


def text_of_lines(lines: JsonValue | None) -> str:
    """The text of lines, joined as words and scripts want it."""
    return join_texts(lines_of(lines))


def lines_of(lines: JsonValue | None) -> list[str]:
    """The text of each line, empty ones left out."""
    return [line for line in map(_line, as_list(lines)) if line]


def verbatim(lines: JsonValue | None) -> str:
    """The text of lines as it stands, for code."""
    spans = (as_list(as_object(line).get("spans")) for line in as_list(lines))
    return "\n".join("".join(as_text(as_object(span).get("content")) for span in line) for line in spans)


def text_of(value: JsonValue | None, depth: int = 0) -> str:
    """The text of a string, a span, or spans in any nesting; inline formulas keep their dollars."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, list):
        if depth > _DEPTH:
            return ""
        parts = [text_of(item, depth + 1) for item in value]
        return " ".join(filter(None, parts)) if all(isinstance(item, str) for item in value) else _spaced(parts)
    if not isinstance(value, dict) or depth > _DEPTH:
        return as_text(value) if isinstance(value, int | float) else ""
    return _span(value, depth)


def items_of(value: JsonValue | None, depth: int = 0) -> list[str]:
    """The items of a list: strings (v1), or objects with `item_content` (v2), nested ones in their order."""
    found: list[str] = []
    for item in as_list(value):
        body = as_object(item)
        text = (text_of(body.get("item_content")) if "item_content" in body else text_of(item)).strip()
        if text:
            found.append(text)
        if "item_content" in body and depth < _DEPTH:
            found += items_of(body.get("children"), depth + 1)
    return found


def verbatim_of(value: JsonValue | None) -> str:
    """The text of a string or of spans as it stands, for code."""
    return value if isinstance(value, str) else "".join(text_of(span) for span in as_list(value))


def code_of(text: str) -> str:
    """Code without a Markdown fence around it."""
    match = _FENCE.fullmatch(text)
    return match[2] if match else text.strip("\r\n")


def _line(line: JsonValue) -> str:
    spans = as_object(line).get("spans")
    if not isinstance(spans, list):
        return text_of(line).strip() if isinstance(line, str) else ""
    if len(spans) == 1 and isinstance(spans[0], dict):
        return _span(spans[0], 0).strip()
    return _spaced([_span(span, 0) for span in spans if isinstance(span, dict)]).strip()


def _span(span: Object, depth: int) -> str:
    stated = span.get("type")
    kind = stated if isinstance(stated, str) else ""
    content = span.get("content")
    if kind in _INLINE:
        formula = as_text(content).strip().strip("$").strip()
        return f"${formula}$" if formula else ""
    if kind in _DISPLAY:
        return latex_of(as_text(content))
    if isinstance(content, str):
        return _plain(content) or text_of(span.get("children"), depth + 1)
    if content is None:
        return text_of(span.get("children"), depth + 1)
    return text_of(content, depth + 1)


def _spaced(parts: Iterable[str]) -> str:
    """Spans side by side: what has no space between is only given one next to a formula, where MinerU leaves it out."""
    text = ""
    for part in parts:
        touching = text and part and not text[-1].isspace() and not part[0].isspace()
        if touching and (text[-1] == "$" or part[0] == "$") and text[-1].isalnum() | part[0].isalnum():
            text += " "
        text += part
    return _BLANKS.sub(" ", text) if "  " in text or "\t" in text else text


def _plain(text: str) -> str:
    """A string without the tags that MinerU 3.x writes for styles and links in office files."""
    text = as_text(text)
    return _TAG.sub("", text) if "</" in text else text
