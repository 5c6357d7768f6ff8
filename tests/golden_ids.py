"""Ids and hashes of the chunks of the example documents, as JSON: the same in every process, Python and platform.

    python tests/golden_ids.py            prints them
    python tests/golden_ids.py --write    renews tests/golden_ids.json, after a change that is meant to change chunks

Needs the core library alone and reads what the examples were made from, so that no parser has a say.
"""

import json
import sys
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block, Page, Region, SourceFacts

EXAMPLES = Path(__file__).parent.parent / "examples" / "data"
GOLDEN = Path(__file__).parent / "golden_ids.json"
NAMES = ("report", "report-zh", "paper")
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "small": {"max_tokens": 96, "overlap": 24},
    "rows": {"max_tokens": 256, "tables": "rows", "table_format": "html"},
}


def document_of_truth(name: str) -> ParsedDocument:
    """An example as a perfect parser would have read it."""
    truth = json.loads((EXAMPLES / f"{name}.truth.json").read_text(encoding="utf-8"))
    captions: dict[str, tuple[str, ...]] = {}
    for block in truth["blocks"]:
        if block.get("caption_of"):
            captions[block["caption_of"]] = (*captions.get(block["caption_of"], ()), block["id"])
    width, height = truth["page_size"]
    pages = tuple(
        Page(number, width, height, "point", blocks=tuple(_block(b, captions) for b in truth["blocks"] if b["page"] == number))
        for number in range(1, truth["page_count"] + 1)
    )
    source = SourceFacts(truth["file"], truth["file"], "application/pdf", 1, sha256(name.encode()).hexdigest())
    return ParsedDocument(source=source, vendor="truth", pages=pages, total_pages=truth["page_count"])


def _block(block: dict[str, Any], captions: dict[str, tuple[str, ...]]) -> Block:
    return Block(
        block["id"],
        block["kind"],
        block["text"],
        html=_table(block) if "cells" in block else None,
        latex=block.get("latex"),
        level=block.get("level"),
        regions=(Region(block["page"], BBox(*block["bbox"])),),
        caption_ids=captions.get(block["id"], ()),
        continues=block["continues"],
    )


def _table(block: dict[str, Any]) -> str:
    spans = {(row, column): (rows, columns) for row, column, rows, columns in block["spans"]}
    hidden = {
        (r, c)
        for (row, column), (rows, columns) in spans.items()
        for r in range(row, row + rows)
        for c in range(column, column + columns)
        if (r, c) != (row, column)
    }
    lines = []
    for row, cells in enumerate(block["cells"]):
        tag = "th" if row < block["header_rows"] else "td"
        written = []
        for column, text in enumerate(cells):
            rows, columns = spans.get((row, column), (1, 1))
            if (row, column) not in hidden:
                written.append(f'<{tag} rowspan="{rows}" colspan="{columns}">{escape(text)}</{tag}>')
        lines.append(f"<tr>{''.join(written)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def golden() -> dict[str, dict[str, list[str]]]:
    """For each example and set of options, the id of each chunk and the hash of its text, page and boxes."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in NAMES:
        doc = document_of_truth(name)
        found[name] = {
            label: [f"{chunk.id} {_hash(chunk.text, chunk.regions)}" for chunk in StructureChunker(**options).chunk(doc)]
            for label, options in OPTIONS.items()
        }
    return found


def _hash(text: str, regions: tuple[Region, ...]) -> str:
    return sha256(f"{text}\x00{json.dumps(regions)}".encode()).hexdigest()[:16]


if __name__ == "__main__":
    text = json.dumps(golden(), indent=1) + "\n"
    if sys.argv[1:] == ["--write"]:
        GOLDEN.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
