"""What a client must have got if it got the whole document, taken from the document's ground truth."""

import json
import re
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any

from docparse_loaders.document import ParsedDocument

BODY = frozenset({"title", "text", "list", "caption", "table", "code"})
"""Kinds whose words stand in every result, Markdown and all; formulas, pictures and footnotes are written as each likes."""

PAGES = 8
"""Pages of the report."""

INSTALL = "uv run --group conformance pytest -m conformance"


def lost(examples: Path, text: str, pages: Iterable[int] | None = None) -> set[str]:
    """Words of the report's body that are not in `text`; `pages` are 1-based, all if None."""
    truth = json.loads((examples / "report.truth.json").read_text(encoding="utf-8"))
    wanted = range(1, PAGES + 1) if pages is None else pages
    blocks = [block for block in truth["blocks"] if block["kind"] in BODY and block["page"] in wanted]
    assert blocks, "the truth must ask for something"
    return set().union(*(_words(block["text"]) for block in blocks)) - _words(text)


def text_of(tree: Any) -> str:
    """Every string in a result's JSON."""
    if isinstance(tree, str):
        return tree
    if isinstance(tree, dict):
        tree = tree.values()
    return " ".join(map(text_of, tree)) if isinstance(tree, Iterable) else ""


def content(document: ParsedDocument) -> list[tuple[Any, ...]]:
    """What two decodings of one result must agree on."""
    return [
        (block.id, block.kind, block.level, block.text, block.html, block.latex, block.regions, block.caption_ids)
        for block in document.blocks
    ]


def _words(text: str) -> set[str]:
    """Words of Markdown, HTML or plain text, without the marks around them."""
    plain = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|>~$%&])", r"\1", unescape(re.sub(r"<[^<>]{1,400}>", " ", text)))
    return set(re.findall(r"[^\W_]+", plain))
