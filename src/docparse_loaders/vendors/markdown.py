"""A result that is only Markdown, where nothing better is left: blocks without pages and boxes."""

import re
from collections.abc import Iterator

from docparse_loaders.joining import join_texts
from docparse_loaders.model import Block, Image, Kind
from docparse_loaders.tables import plain_of_html
from docparse_loaders.vendors.pictures import image_at
from docparse_loaders.vendors.readers import clean, latex_of

_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,500})\]\(\s{0,9}<?([^()<>\[\s]{1,500})>?(?:\s+\"[^\"\n]{0,300}\")?\s{0,9}\)")
_ITEM = re.compile(r"\s{0,8}(?:[-*+]|\d{1,4}[.)])\s+")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_ANCHOR = re.compile(r"<a\s+id=\"[^\"]*\"></a>\s*")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~|<>$&])")


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a Markdown text, in one pass; none has a region, because no place is known."""
    paragraphs = (lines for lines in _paragraphs(clean(text)) if _plain("".join(lines)).strip())
    return tuple(_block(f"p1-{place}", lines) for place, lines in enumerate(paragraphs))


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Runs of lines that belong together: up to a blank line, a whole fence, formula or table."""
    run: list[str] = []
    closing = ""
    for line in text.splitlines():
        if closing:
            run.append(line)
            if closing in line:
                yield run
                run, closing = [], ""
            continue
        if not line.strip() or _HEADING.fullmatch(line.strip()):
            yield from ([run] if run else [])
            run = []
            if line.strip():
                yield [line]
            continue
        closing = "" if run else _closing(line)
        run.append(line)
    if run:
        yield run


def _closing(line: str) -> str:
    """What ends the run that this line begins, if it is not a blank line."""
    bare = line.strip()
    if fence := _FENCE.match(line):
        return fence[1] if bare.count(fence[1]) < 2 else ""
    if bare.startswith("$$"):
        return "$$" if bare.count("$$") < 2 else ""
    return "</table>" if bare.startswith("<table") and "</table>" not in bare else ""


def _block(name: str, lines: list[str]) -> Block:
    bare = "\n".join(lines).strip()
    if heading := _HEADING.fullmatch(bare):
        return Block(name, "title", _plain(heading[2].rstrip("# ")), level=len(heading[1]))
    if bare.startswith("<table"):
        return Block(name, "table", plain_of_html(bare), html=bare)
    if _FENCE.match(bare):
        return Block(name, "code", "\n".join(line for line in lines if not _FENCE.match(line)))
    if bare.startswith("$$"):
        return Block(name, "equation", latex_of(bare), latex=latex_of(bare))
    if len(lines) > 1 and bare.startswith("|") and set(lines[1]) <= set("|-: "):
        return Block(name, "table", bare)
    return _prose(name, lines, bare)


def _prose(name: str, lines: list[str], bare: str) -> Block:
    image: Image | None = None
    if picture := _PICTURE.search(bare):
        image = image_at(picture[2])
        rest = _plain(_PICTURE.sub("", bare)).strip()
        return Block(name, "figure", rest or picture[1], image=image, generated=not rest and bool(picture[1]))
    if all(_ITEM.match(line) for line in lines):
        return Block(name, "list", "\n".join(_plain(line.strip()) for line in lines))
    kind: Kind = "text"
    return Block(name, kind, join_texts([_plain(line.strip()) for line in lines]))


def _plain(text: str) -> str:
    return _ESCAPE.sub(r"\1", _ANCHOR.sub("", text)) if "\\" in text or "<" in text else text
