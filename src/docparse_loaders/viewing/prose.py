"""What a block or a chunk says, as safe HTML: every letter escaped, tables written anew from their grid."""

import re
from collections.abc import Iterator
from html import escape

from docparse_loaders.model import Block
from docparse_loaders.render import block_text
from docparse_loaders.tables import from_html, from_markdown, grids_of
from docparse_loaders.tables import to_html as table_html

_TABLE = re.compile(r"<table[\s>].*?</table>", re.IGNORECASE | re.DOTALL)
_BLANK = re.compile(r"\n\s*\n")
_FENCE = re.compile(r"(`{3,})\w*")
_RULER = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")


def block_prose(block: Block) -> str:
    """A block's words; of a table, its grid."""
    if block.kind == "table" and (block.html or block.text.strip()):
        return "".join(map(table_html, grids_of(block)))
    return _paragraph(block_text(block))


def text_prose(text: str) -> str:
    """A chunk's text, in which pipe tables and HTML tables stand between paragraphs."""
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for found in _TABLE.finditer(text):
        yield from _lines(text[end : found.start()])
        yield table_html(from_html(found[0]))
        end = found.end()
    yield from _lines(text[end:])


def _lines(text: str) -> Iterator[str]:
    """Paragraphs, with code between fences, and tables where a row of pipes is followed by a ruler."""
    lines = text.split("\n")
    plain: list[str] = []
    at = 0
    while at < len(lines):
        end, shown = _apart(lines, at)
        if end > at:
            yield _paragraph("\n".join(plain)) + shown
            plain = []
        else:
            plain.append(lines[at])
        at = max(end, at + 1)
    yield _paragraph("\n".join(plain))


def _apart(lines: list[str], at: int) -> tuple[int, str]:
    """Where a table or code that begins at a line ends, and what it looks like; the line itself if nothing begins there."""
    line = lines[at]
    if line.startswith("|") and at + 1 < len(lines) and _RULER.fullmatch(lines[at + 1]):
        end = next((n for n in range(at, len(lines)) if not lines[n].startswith("|")), len(lines))
        return end, table_html(from_markdown("\n".join(lines[at:end])))
    if (fence := _FENCE.fullmatch(line)) is not None:
        end = next((n for n in range(at + 1, len(lines)) if lines[n].strip() == fence[1]), 0)
        if end:
            return end + 1, f"<pre>{escape(chr(10).join(lines[at + 1 : end]), quote=False)}</pre>"
    return at, ""


def _paragraph(text: str) -> str:
    parts = (part.strip("\n") for part in _BLANK.split(text))
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in parts if part.strip())
