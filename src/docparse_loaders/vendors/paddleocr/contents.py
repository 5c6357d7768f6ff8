"""A block's content as plain text, HTML and LaTeX, whether PaddleOCR formatted it (`formatBlockContent`) or not.

Formatted content is Markdown with HTML: headings carry "#", captions and pictures stand in centred `<div>`s, line ends are
doubled, table tags are styled, formulas stand between "$$" (PaddleX, `markdown_format_funcs`). All of that is taken off.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from docparse_loaders.model import Kind
from docparse_loaders.tables import from_markdown, plain_of_html, to_html, to_plain

_FRAME = re.compile(r"</?div\b[^<>]{0,200}>")
_IMG = re.compile(r"<img\b[^<>]{0,2000}>|!\[[^\[\]]{0,200}\]\([^()\s]{1,1000}\)")
_SOURCE = re.compile(r"""src=["']([^"'<>]{1,1000})["']|\]\(([^()\s]{1,1000})\)""")
_HASHES = re.compile(r"\s*(#{1,9})(?:[ \t]+|$)")
_WRAPPER = re.compile(r"</?(?:html|body)>", re.IGNORECASE)
_STYLED = re.compile(r"<(table|t[dh])(?: border=\"?1\"?)?(?: style='[^'<>]{0,200}')?>")
_NUMBERING = re.compile(r"\s*(\d+(?:\.\d+)*)")
_LATEX = ((r"\[", r"\]"), (r"\(", r"\)"))
_FRAMED: frozenset[Kind] = frozenset({"caption", "figure", "chart", "seal", "table", "header", "footer", "equation"})
"""Kinds whose formatted content may stand in a `<div>` or be a picture."""


class Content(NamedTuple):
    """What a block says. `picture` is the path of its picture as the content names it, `hashes` counts a heading's "#"."""

    text: str
    html: str | None = None
    latex: str | None = None
    picture: str = ""
    hashes: int = 0


def content_of(raw: str, kind: Kind, label: str) -> Content:
    """Read a block's content. Whatever is not markup that PaddleOCR adds stays in one of the texts."""
    picture = ""
    if kind in _FRAMED and ("<" in raw or "![" in raw):
        raw, picture = _unframed(raw, kind)
    match kind:
        case "table":
            return _table(raw, picture)
        case "chart":
            return _chart(raw, picture)
        case "equation":
            latex = _formula(raw)
            return Content(latex, latex=latex, picture=picture)
        case "title":
            return _heading(raw)
        case "code":
            return Content(raw.strip("\n"))
    if label in {"abstract", "reference"} or label.endswith("_title"):
        raw = _HASHES.sub("", raw, count=1)
    return Content(_unspaced(raw), picture=picture)


def level_of(content: Content, label: str, *, relevelled: bool) -> int:
    """The level of a heading: 1 for a document's title, and else the number of "#".

    Where the levels were not worked out over the whole document (`relevelTitles`), each dot in a heading counts as one "#",
    also in "U.S. law": those that are not part of its number are taken off. Without any "#" the number alone tells.
    """
    if label == "doc_title":
        return 1
    match = _NUMBERING.match(content.text)
    dots = match[1].count(".") if match else 0
    if not content.hashes:
        return 2 + dots
    if relevelled:
        return content.hashes
    stray = content.text.rstrip(".").count(".") - dots
    return max(2, content.hashes - max(stray, 0))


def named_by_page(html: str, number: int, images: Mapping[str, object]) -> str:
    """HTML whose pictures are addresses, or named by their page, too: two pages can have pictures of the same name."""
    if "<img" not in html:
        return html
    return _IMG.sub(lambda found: _renamed(found[0], number, images), html)


def _renamed(tag: str, number: int, images: Mapping[str, object]) -> str:
    path = _source(tag)
    if path not in images:
        return tag
    address = images[path]
    known = isinstance(address, str) and address.startswith(("https://", "http://"))
    return tag.replace(path, escape(str(address)) if known else page_path(path, number))


def page_path(path: str, number: int) -> str:
    """The name of a picture in a document of many pages."""
    return f"page-{number}/{path}"


def _unframed(raw: str, kind: Kind) -> tuple[str, str]:
    """Content without centred frames, and the picture in it; a table keeps the pictures of its cells."""
    raw = _FRAME.sub("", raw)
    if kind == "table" and "<table" in raw:
        return raw, ""
    found = _IMG.search(raw)
    return (_IMG.sub("", raw), _source(found[0])) if found else (raw, "")


def _source(tag: str) -> str:
    found = _SOURCE.search(tag)
    return (found[1] or found[2]) if found else ""


def _table(raw: str, picture: str) -> Content:
    text = _WRAPPER.sub("", raw).strip()
    if "<table" not in text:
        return Content(text, picture=picture)
    html = _STYLED.sub(r"<\1>", text)
    return Content(plain_of_html(html), html=html, picture=picture)


def _chart(raw: str, picture: str) -> Content:
    """A chart that was read (`useChartRecognition`) is a table in one of three spellings."""
    text = raw.strip()
    if "<table" in text:
        return _table(text, picture)
    if "|" not in text:
        return Content(_unspaced(text), picture=picture)
    grid = from_markdown(text)
    return Content(to_plain(grid), html=to_html(grid), picture=picture)


def _formula(raw: str) -> str:
    parts = (part.strip() for part in raw.split("$$"))
    text = "\n".join(filter(None, parts))
    for opening, closing in _LATEX:
        if text.startswith(opening) and text.endswith(closing) and text.count(opening) == 1:
            return text[2:-2].strip()
    if len(text) > 1 and text[0] == text[-1] == "$" and text.count("$") == 2:
        return text[1:-1].strip()
    return text


def _heading(raw: str) -> Content:
    found = _HASHES.match(raw)
    text = raw[found.end() :] if found else raw
    return Content(" ".join(text.split()), hashes=len(found[1]) if found else 0)


def _unspaced(raw: str) -> str:
    """Text whose doubled line ends are single again."""
    text = raw.strip()
    while "\n\n" in text:
        text = text.replace("\n\n", "\n")
    return text
