"""Parsed pages → the result files of SCNet, as its own client reads them."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docparse_loaders.emulator.layout import PICTURES, Piece, Sheet, lay_out
from docparse_loaders.emulator.pictures import page_size, picture_of
from docparse_loaders.emulator.scnet.dialect import Dialect, Json
from docparse_loaders.emulator.scnet.words import TYPES
from docparse_loaders.model import Page
from docparse_loaders.tables import grid_of, to_html


@dataclass(frozen=True, slots=True)
class Paper:
    """One result in the making."""

    dialect: Dialect
    task_id: str

    def files(self, pages: Sequence[Page]) -> Iterator[bytes]:
        """Each result file, in order."""
        sheets = [self._sheet(sheet) for sheet in lay_out(pages, furniture=True)]
        size = self.dialect.pages_per_file or len(sheets) or 1
        for start in range(0, len(sheets) or 1, size):
            yield json.dumps(self._file(sheets[start : start + size]), ensure_ascii=False).encode()

    def _file(self, sheets: list[Json]) -> Any:
        if self.dialect.shape == "list":
            return sheets
        body: Json = {"documents": [{"datas": sheets}]} if self.dialect.shape == "nested" else {"datas": sheets}
        return {"taskId": self.task_id, **body}

    def _sheet(self, sheet: Sheet) -> Json:
        width, height = page_size(sheet.page)
        blocks = [self._block(piece, (width, height)) for piece in sheet.pieces]
        markdown = "\n\n".join(filter(None, map(_markdown, sheet.pieces)))
        return {
            "rotate_angle": 0,
            "height": height,
            "width": width,
            "md": {"markdown_content": markdown},
            "blocks": blocks,
        }

    def _block(self, piece: Piece, size: tuple[int, int]) -> Json:
        kind, block = piece.kind, piece.block
        title = kind == "title" and self.dialect.sub_types
        made: Json = {
            "type": TYPES[kind],
            "sub_type": "title" if title else None,
            "bbox": self._bbox(piece, size),
            "lines": [{"text": line} for line in block.text.split("\n")] if block.text else [],
        }
        if kind == "table":
            return {**made, "lines": [], "html": block.html or to_html(grid_of(block))}
        if kind == "equation":
            return {**made, "lines": [], "latex": block.latex or block.text}
        if kind == "seal":
            return {**made, "lines": [], "blocks": [{"bbox": made["bbox"], "lines": made["lines"]}]}
        return {**made, "sub_img": _picture(piece)} if kind in PICTURES else made

    def _bbox(self, piece: Piece, size: tuple[int, int]) -> Any:
        if piece.box is None:
            return None
        x0, y0, x1, y1 = piece.box.to_pixels(*size)
        match self.dialect.bbox:
            case "eight":
                return [x0, y0, x1, y0, x1, y1, x0, y1]
            case "points":
                return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
            case "fractions":
                return list(piece.box)
            case _:
                return [x0, y0, x1, y1]


def _picture(piece: Piece) -> str:
    return base64.b64encode(picture_of(piece)[1]).decode()


def _markdown(piece: Piece) -> str:
    """A piece in the page's Markdown; running titles are not in it."""
    match piece.kind:
        case "header" | "footer" | "page_number":
            return ""
        case "title":
            return f"{'#' * min(piece.block.level or 1, 6)} {piece.block.text}"
        case "table":
            return piece.block.html or to_html(grid_of(piece.block))
        case "equation":
            return f"$$\n{piece.block.latex or piece.block.text}\n$$"
        case _:
            return piece.block.text
