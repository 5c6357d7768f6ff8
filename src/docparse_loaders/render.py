"""Blocks and documents as plain text, Markdown and HTML, for readers and for language models.

Markdown and HTML are safe to show: body text is never read as structure, markup in it is escaped, tables are written anew
from their grid, pictures are linked and never embedded. Text that a model wrote about a picture is set in italics after
"Description:" (HTML: class `generated`), so that nobody takes it for the document's own words.

What is embedded is `block_content`: lists, formulas, code and tables as in Markdown, prose as the document has it, because
an escape in it would only be noise to a model.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from docparse_loaders.model import FURNITURE, Block, Image, Kind
from docparse_loaders.tables import grids_of
from docparse_loaders.tables import to_html as table_html
from docparse_loaders.tables import to_markdown as table_markdown
from docparse_loaders.tables import to_plain as table_plain

PICTURES: frozenset[Kind] = frozenset({"figure", "chart", "seal"})
"""Kinds of which the picture is the content; text in them was read off it or written about it."""

# What would begin a heading, quote, table, fence, rule, list or reference at the start of a line; what would be a tag.
_STRUCTURE = re.compile(
    r"^([ \t]*)(?=#{1,6}(?:\s|$)|[>|]|```|~~~|[-=]+[ \t]*$|(?:[_*][ \t]*){3,}$|[-+*](?:\s|$)|\[[^\]]+\]:)", re.MULTILINE
)
_NUMBERED = re.compile(r"^([ \t]*\d{1,9})(?=[.)](?:\s|$))", re.MULTILINE)
_INDENT = re.compile(r"^(?: {4,}| {0,3}\t)[ \t]*", re.MULTILINE)
_TAG = re.compile(r"<(?=/?[a-zA-Z][^<>]*>|!--|\?)")
_BULLET = re.compile(r"[-–—*+]\s+|[•◦▪●○■□‣∙·]\s*")
_ORDERED = re.compile(r"\d{1,9}[.)]\s+")
_LETTERED = re.compile(
    r"[(（](?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})[)）]"
    r"|(?:[a-zA-Z]|[ivxIVX]{1,5})[.)]\s|(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3})[、．）]|\[[^\]\n]{1,12}\]|[①-⑳]"
)
_TICKS = re.compile(r"`{3,}")
_FORMED: frozenset[Kind] = frozenset({"list", "toc", "code", "equation"})
_ADDRESS = re.compile(r"https?://|(?!\w+:)(?!//)", re.IGNORECASE)

_STYLE = """
body{max-width:46rem;margin:3rem auto;padding:0 1.25rem;font:1rem/1.6 system-ui,sans-serif;color:#1d2126;background:#fff}
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:2em 0 .5em}h1{font-size:1.7rem}h2{font-size:1.35rem}h3{font-size:1.15rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-size:.9em;font-variant-numeric:tabular-nums}
th,td{border:1px solid #c9ced6;padding:.3rem .6rem;text-align:left;vertical-align:top}thead{background:#f0f2f5}
.scroll{overflow-x:auto}figure{margin:1.5rem 0}figcaption{font-size:.9em;color:#4a5260;margin:.25rem 0}
img{max-width:100%}pre{background:#f5f6f8;padding:.8rem;overflow-x:auto}.generated{font-style:italic;color:#4a5260}
.equation{font-family:ui-monospace,monospace;overflow-x:auto}.furniture,.footnote{font-size:.85em;color:#68707d}p,li{white-space:pre-line}ul{padding-left:1.4rem}
"""


def block_text(block: Block) -> str:
    """The words of a block: of a table its cells (tabs between them), of a formula its LaTeX."""
    if block.kind == "table" and ("|" in block.text or (block.html and not block.text)):
        return "\n".join(filter(None, map(table_plain, grids_of(block))))
    return block.text or block.latex or ""


def block_content(block: Block) -> str:
    """What a chunk or element shows of a block; "" if it says nothing.

    List items begin with "- " or their number, code is fenced, LaTeX stands between "$$"; a heading is one line without "#".
    """
    if block.kind == "text" and block.text and not block.generated:
        return block.text.strip()
    if block.kind == "title":
        return " ".join(block.text.split())
    if block.kind == "table":
        return _table_grid(block) or block.text.strip() or block.latex or ""
    shown = _structured(block, _as_it_is)
    return shown if block.kind in _FORMED else _described(block, shown, "")


def block_markdown(block: Block) -> str:
    """A block as Markdown, without its captions; "" if there is nothing to show."""
    if block.kind == "title":
        return f"{'#' * _level(block)} {_inline(' '.join(block.text.split()))}" if block.text.strip() else ""
    if block.kind == "table":
        return _table_markdown(block)
    if block.kind in PICTURES:
        return _picture_markdown(block, "")
    shown = _structured(block, _prose)
    if block.kind == "equation" and not shown:
        return _picture_markdown(block, "")
    return shown if block.kind in _FORMED else _described(block, shown, "*")


def block_html(block: Block) -> str:
    """A block as clean HTML, without its captions: every text escaped, no attribute or script of the vendor's."""
    return _block_html(block, ())


def to_markdown(blocks: Iterable[Block], furniture: bool = False) -> str:
    """A document as Markdown: each caption once, above its table or below its picture; headers and footers on request."""
    return "\n\n".join([text for _, text in markdown_parts(blocks, furniture)])


def markdown_parts(blocks: Iterable[Block], furniture: bool = False) -> Iterator[tuple[Block, str]]:
    """What `to_markdown` puts below one another: each block that shows something, with its Markdown."""
    for block, captions in _shown(blocks, furniture):
        yield from ((part, text) for part, text in _with_captions(block, captions) if text)


def to_html(blocks: Iterable[Block], title: str = "", furniture: bool = False) -> str:
    """A document as a self-contained page: no script, nothing loaded but pictures that the vendor keeps at an address."""
    body = "\n".join(filter(None, (_block_html(block, captions) for block, captions in _shown(blocks, furniture))))
    head = f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>'
    return f"<!doctype html>\n<html>\n<head>\n{head}\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"


def _shown(blocks: Iterable[Block], furniture: bool) -> Iterator[tuple[Block, Sequence[Block]]]:
    """Each block with its captions, which are not shown again in their own place."""
    shown = [block for block in blocks if furniture or block.kind not in FURNITURE]
    wanted = {name for block in shown for name in block.caption_ids if name != block.id}
    if not wanted:
        yield from ((block, ()) for block in shown)
        return
    # A caption with captions of its own stays where it stands: two that name each other would both be lost.
    free = {block.id: block for block in shown if block.id in wanted and not block.caption_ids}
    owned = set(free)
    for block in shown:
        if block.id not in owned:
            names = dict.fromkeys(block.caption_ids)
            yield block, [free.pop(name) for name in names if name in free]


def _with_captions(block: Block, captions: Sequence[Block]) -> Sequence[tuple[Block, str]]:
    if not captions:
        return [(block, block_markdown(block))]
    described = [(caption, block_markdown(caption)) for caption in captions]
    if block.kind in PICTURES:
        return [(block, _picture_markdown(block, _alternative(captions))), *described]
    return [*described, (block, block_markdown(block))]


def _level(block: Block) -> int:
    return min(max(block.level or 1, 1), 6)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _inline(text: str) -> str:
    """Text in which nothing is read as an HTML tag."""
    return _TAG.sub(r"\\<", text) if "<" in text else text


def _prose(text: str) -> str:
    """Body text of which no line is read as structure."""
    text = _INDENT.sub("", text)
    return _NUMBERED.sub(r"\1\\", _STRUCTURE.sub(r"\1\\", _inline(text)))


def _as_it_is(text: str) -> str:
    return text


def _structured(block: Block, prose: Callable[[str], str]) -> str:
    """A block that is no heading or table, its lines written by `prose` where they are words."""
    if block.kind == "code":
        return _fenced(block.text)
    if block.kind in {"list", "toc"}:
        return "\n".join([_item_text(entry, prose) for entry in _entries(block)])
    if block.latex and (block.kind == "equation" or not block.text.strip()):
        return _formula(block.latex)
    return prose(block.text.strip())


def _described(block: Block, text: str, mark: str) -> str:
    return f"{mark}Description: {' '.join(text.split())}{mark}" if block.generated and text else text


class _Entry(NamedTuple):
    """An item of a list: how deep it is, its number if it has one, its first line and those below it."""

    depth: int
    number: str
    lines: list[str]


def _entries(block: Block) -> list[_Entry]:
    """The items. In a list whose items are marked, a line without a mark goes on with the item above it."""
    entries: list[_Entry] = []
    marked = False
    for line in _lines(block.text):
        text = line.strip()
        bullet, ordered = _BULLET.match(text), _ORDERED.match(text)
        own = bullet is not None or ordered is not None or _LETTERED.match(text) is not None
        if marked and not own and block.kind == "list":
            entries[-1].lines.append(text)
            continue
        marked = marked or own
        number = ordered[0].rstrip() if ordered else ""
        begin = ordered.end() if ordered else bullet.end() if bullet else 0
        entries.append(_Entry((len(line) - len(line.lstrip(" "))) // 2 * 2, number, [text[begin:]]))
    return entries


def _item_text(entry: _Entry, prose: Callable[[str], str]) -> str:
    """An item: a bullet becomes "-", a number stays, its further lines are set below its first."""
    mark = f"{' ' * entry.depth}{entry.number or '-'} "
    return mark + f"\n{' ' * len(mark)}".join([prose(line) for line in entry.lines])


def _table_markdown(block: Block) -> str:
    return _table_grid(block) or _picture_markdown(block, "")


def _table_grid(block: Block) -> str:
    if not (block.html or block.text.strip()):
        return ""
    return "\n\n".join(filter(None, (table_markdown(grid, "rows") for grid in grids_of(block))))


def _formula(latex: str) -> str:
    latex = _bare(latex)
    return f"$$\n{latex}\n$$" if latex else ""


def _bare(latex: str) -> str:
    """LaTeX without the signs that set it apart, and without blank lines, which would end the formula."""
    latex = latex.strip()
    for begin, end in (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$")):
        if latex.startswith(begin) and latex.endswith(end) and len(latex) >= len(begin) + len(end):
            latex = latex[len(begin) : -len(end)].strip()
            break
    return "\n".join(_lines(latex))


def _fenced(code: str) -> str:
    """Code between fences that are longer than any run of backticks in it."""
    if not code.strip():
        return ""
    fence = "`" * max(3, *(len(run) + 1 for run in _TICKS.findall(code)), 3)
    return f"{fence}\n{code.strip(chr(10))}\n{fence}"


def _picture_markdown(block: Block, alternative: str) -> str:
    image = _linked(block.image)
    label = _inline(re.sub(r"([\[\]\\])", r"\\\1", alternative or block.kind))
    link = f"![{label}](<{image}>)" if image and re.search(r"[\s()]", image) else f"![{label}]({image})" if image else ""
    return "\n\n".join(filter(None, (link, _described(block, _prose(block.text.strip()), "*"))))


def _linked(image: Image | None) -> str:
    """The address of a picture that can be linked: on the web or beside the document, never `javascript:` or embedded."""
    if image is None or image.form == "base64" or not _ADDRESS.match(image.value):
        return ""
    return re.sub(r"[\x00-\x1f<>]", lambda found: f"%{ord(found[0]):02X}", image.value.strip())


def _alternative(captions: Sequence[Block]) -> str:
    return " ".join(" ".join(caption.text.split()) for caption in captions)


def _block_html(block: Block, captions: Sequence[Block]) -> str:
    described = "".join(f"<figcaption>{_escaped(caption.text)}</figcaption>\n" for caption in captions if caption.text.strip())
    if block.kind == "table" and (block.html or block.text.strip()):
        table = f'<div class="scroll">{"".join(map(table_html, grids_of(block)))}</div>'
        return f"<figure>\n{described}{table}\n</figure>" if described else table
    if block.kind in PICTURES or (block.image and not (block.text or block.latex)):
        inner = _picture_html(block, _alternative(captions))
        return f"<figure>\n{inner}{described}</figure>" if inner or described else ""
    return f"{described}{_text_html(block)}"


def _picture_html(block: Block, alternative: str) -> str:
    image = _linked(block.image)
    picture = f'<img src="{escape(image)}" alt="{escape(alternative or block.kind)}">\n' if image else ""
    return picture + (f"{_paragraph(block)}\n" if block.text.strip() else "")


def _text_html(block: Block) -> str:
    text = block.text.strip()
    if block.kind == "equation" and block.latex:
        return f'<p class="equation">$${escape(_bare(block.latex), quote=False)}$$</p>'
    if not text:
        return ""
    if block.kind == "title":
        level = _level(block)
        return f'<h{level} id="{escape(block.id)}">{_escaped(" ".join(text.split()))}</h{level}>'
    if block.kind == "code":
        return f"<pre><code>{escape(block.text.strip(chr(10)), quote=False)}</code></pre>"
    if block.kind in {"list", "toc"}:
        return (
            "<ul>\n"
            + "\n".join(f"<li>{_escaped(f'{entry.number} ' + chr(10).join(entry.lines))}</li>" for entry in _entries(block))
            + "\n</ul>"
        )
    return _paragraph(block)


def _paragraph(block: Block) -> str:
    text = _escaped(block.text)
    if block.generated:
        return f'<p class="generated">Description: {text}</p>'
    name = "furniture" if block.kind in FURNITURE else "footnote" if block.kind == "footnote" else ""
    return f'<p class="{name}">{text}</p>' if name else f"<p>{text}</p>"


def _escaped(text: str) -> str:
    return escape(text.strip(), quote=False)
