"""The ground truth: what was drawn, where, and how the parts belong together, as JSON.

Nothing here reads a PDF: the layouter hands over each block as it draws it. Boxes are kept in points from the top left
of the page and written as fractions of it.
"""

import json
from dataclasses import dataclass
from typing import Any

from docparse_loaders.model import FURNITURE, Kind

Box = tuple[float, float, float, float]
Spans = tuple[tuple[int, int, int, int], ...]
Json = dict[str, Any]


@dataclass(eq=False, slots=True)
class Drawn:
    """One block as it stands on one page; `box` is x0, y0, x1, y1 in points, origin at the top left.

    `glue` is the white space of the source text that the page break before this part swallowed. `spans` holds
    row, column, rows, columns of each merged cell.
    """

    kind: Kind
    page: int
    box: Box
    text: str
    level: int | None = None
    latex: str | None = None
    continues: "Drawn | None" = None
    glue: str = ""
    caption_of: "Drawn | None" = None
    cells: list[list[str]] | None = None
    spans: Spans = ()
    header_rows: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """All blocks of one file in reading order; `scanned` are the pages without a text layer, 1-based."""

    file: str
    page_size: tuple[float, float]
    page_count: int
    blocks: list[Drawn]
    scanned: tuple[int, ...] = ()

    def to_json(self) -> str:
        """The truth file's content; the same blocks give the same bytes."""
        _number(self.blocks)
        return json.dumps(self._tree(), ensure_ascii=False, indent=1) + "\n"

    def _tree(self) -> Json:
        titles = [block for block in self.blocks if block.kind == "title"]
        return {
            "file": self.file,
            "page_count": self.page_count,
            "page_size": [round(side, 2) for side in self.page_size],
            "pages_without_text": list(self.scanned),
            "blocks": [_block(block, self.page_size) for block in self.blocks],
            "joined": [_joined(chain) for chain in _chains(self.blocks)],
            "outline": [{"level": title.level, "text": title.text, "page": title.page} for title in titles],
        }


def _number(blocks: list[Drawn]) -> None:
    counts: dict[int, int] = {}
    for block in blocks:
        counts[block.page] = counts.get(block.page, 0) + 1
        block.id = f"p{block.page}-b{counts[block.page]}"


def _block(block: Drawn, size: tuple[float, float]) -> Json:
    width, height = size
    x0, y0, x1, y1 = block.box
    tree: Json = {"id": block.id, "kind": block.kind, "level": block.level, "page": block.page}
    tree["bbox"] = [round(x0 / width, 5), round(y0 / height, 5), round(x1 / width, 5), round(y1 / height, 5)]
    tree |= {"text": block.text, "latex": block.latex, "continues": block.continues.id if block.continues else None}
    tree["caption_of"] = block.caption_of.id if block.caption_of else None
    if block.cells is not None:
        tree |= {"cells": block.cells, "spans": [list(span) for span in block.spans], "header_rows": block.header_rows}
    optional = ("level", "latex", "caption_of")
    return {key: value for key, value in tree.items() if value is not None or key not in optional}


def _chains(blocks: list[Drawn]) -> list[list[Drawn]]:
    chains: dict[int, list[Drawn]] = {}
    for block in blocks:
        if block.kind in FURNITURE:
            continue
        chain = chains[id(block.continues)] if block.continues else []
        chain.append(block)
        chains[id(block)] = chain
    return [chain for head, chain in chains.items() if id(chain[0]) == head]


def _joined(chain: list[Drawn]) -> Json:
    first = chain[0]
    tree: Json = {"block_ids": [block.id for block in chain], "kind": first.kind}
    if first.cells is None:
        return tree | {"text": "".join(block.glue + block.text for block in chain)}
    rest = (row for block in chain[1:] for row in (block.cells or [])[block.header_rows :])
    return tree | {"cells": [*first.cells, *rest], "header_rows": first.header_rows}
