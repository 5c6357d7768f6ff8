"""What stands around the pages: the head with its policy, the bar, the outline, and the end with script and notices."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape

from docparse_loaders.chunking import Chunk
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import Kind
from docparse_loaders.viewing.colours import COLOURS, in_order
from docparse_loaders.viewing.report.script import SCRIPT
from docparse_loaders.viewing.report.style import STYLE


def head(document: ParsedDocument, chunks: Sequence[Chunk]) -> str:
    """Everything before the first page."""
    name = escape(document.source.name)
    style = STYLE + "".join(map(_kind_style, COLOURS))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{_policy(style)}\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{name}</title>\n<style>{style}</style>\n</head>\n<body>\n'
        f'<a class="skip" href="#pages">To the pages</a>{_bar(document, chunks)}\n'
        f'<div class="main">{_outline(document)}<main id="pages"><div id="notices"></div>\n'
    )


def foot(notices: Iterable[str]) -> str:
    """Everything after the last page. Notices are only known by then; the script moves them to the top."""
    items = "".join(f"<li>{escape(notice, quote=False)}</li>" for notice in dict.fromkeys(notices))
    told = f'<ul id="told">{items}</ul>\n' if items else ""
    return f"{told}</main></div>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"


def _policy(style: str) -> str:
    """Nothing is loaded, and nothing runs but what is written here."""
    rules = (
        "default-src 'none'",
        "img-src data:",
        f"style-src '{_hashed(style)}'",
        f"script-src '{_hashed(SCRIPT)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(rules)}">'


def _hashed(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _kind_style(kind: Kind) -> str:
    return f".k-{kind}{{--k:{COLOURS[kind]}}}.hide-{kind} rect.k-{kind}{{display:none}}"


def _bar(document: ParsedDocument, chunks: Sequence[Chunk]) -> str:
    parsed, total = len(document.pages), document.total_pages
    pages = f"{parsed} of {total} pages" if total > parsed else f"{parsed} page{'' if parsed == 1 else 's'}"
    who = f"{document.vendor} {document.model}".strip()
    facts = f"{pages} · {len(document.blocks)} blocks · {len(document.tables)} tables · {len(chunks)} chunks · {who}"
    last = document.pages[-1].number if document.pages else 1
    return (
        f'<header class="bar"><div class="name"><h1>{escape(document.source.name, quote=False)}</h1>'
        f"<p>{escape(facts, quote=False)}</p></div>"
        '<label class="find">Find <input id="find" type="search" autocomplete="off" placeholder="in chunks ( / )"></label>'
        '<output id="count" aria-live="polite"></output>'
        f'<label class="go">Page <input id="go" type="number" min="1" max="{last}"></label>'
        f"{_kinds(document)}</header>"
    )


def _kinds(document: ParsedDocument) -> str:
    counts = Counter(block.kind for block in document.blocks)
    boxes = "".join(
        f'<label class="k-{kind}"><input type="checkbox" value="{kind}" checked><i></i>{kind.replace("_", " ")} '
        f"<small>{counts[kind]}</small></label>"
        for kind in in_order(counts)
    )
    return f'<fieldset id="kinds"><legend>Kinds</legend>{boxes}</fieldset>'


def _outline(document: ParsedDocument) -> str:
    headings = document.outline.headings
    if not headings:
        return ""
    items = "".join(
        f'<li class="l{min(heading.level, 6)}"><a href="#p{heading.page_number}">'
        f"<span>{escape(' '.join(heading.text.split()), quote=False)}</span><small>{heading.page_number}</small></a></li>"
        for heading in headings
    )
    return f'<nav aria-label="Outline"><details open><summary>Outline</summary><ol>{items}</ol></details></nav>'
