"""The blocks and the Markdown of a page as PaddleOCR-VL and PP-StructureV3 write them, key by key as recorded.

A result is written line by line, and nothing in it reaches over the end of a line but `isStart` and `isEnd`.
"""

import base64
import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from docparse_loaders.emulator.layout import PICTURES, Piece, Sheet
from docparse_loaders.emulator.paddleocr import content
from docparse_loaders.emulator.paddleocr.columns import parts_of
from docparse_loaders.emulator.paddleocr.form import Order
from docparse_loaders.emulator.paddleocr.lines import ocr_entry
from docparse_loaders.emulator.paddleocr.words import IGNORED, LABELS, UNORDERED
from docparse_loaders.emulator.pictures import page_size, picture_of
from docparse_loaders.joining import join_texts
from docparse_loaders.tables import grid_of, join

Json = dict[str, Any]
Place = tuple[int, int]
Pictures = dict[str, tuple[bytes, str]]
"""Path in the Markdown → the bytes of a picture, and the name of its format."""


class Chunk:
    """The pages of one line: `places` are their sheets; global ids begin at `first`. Pieces are named by (sheet, position)."""

    def __init__(self, order: Order, sheets: Sequence[Sheet], places: range, first: int) -> None:
        self.order = order
        self.sheets = sheets
        self.places = places
        pieces = [(s, p) for s in places for p in range(len(sheets[s].pieces))]
        self.ids = {place: first + position for position, place in enumerate(pieces)}
        self.structured = order.family == "structure"
        self.restructured = not self.structured and order.flag("restructurePages", default=False)
        self.heads = self._merged() if self.restructured and order.flag("mergeTables", default=True) else {}
        self.groups = {} if self.structured or not order.flag("mergeLayoutBlocks", default=True) else self._grouped()
        self.rests: dict[Place, list[Place]] = defaultdict(list)
        for part, head in self.groups.items():
            self.rests[head].append(part)
        self.title = self._title()

    @property
    def count(self) -> int:
        """How many blocks there are on these pages."""
        return len(self.ids)

    def at(self, place: Place) -> Piece:
        """The piece at a place."""
        return self.sheets[place[0]].pieces[place[1]]

    def size(self, s: int) -> tuple[int, int]:
        """Width and height of a page in pixels."""
        return page_size(self.sheets[s].page)

    def box(self, place: Place) -> list[int]:
        """A piece's box in pixels; the whole page if nothing is known."""
        size, box = self.size(place[0]), self.at(place).box
        return [0, 0, *size] if box is None else list(box.to_pixels(*size))

    def label(self, place: Place) -> str:
        """The word for what a piece is."""
        kind = self.at(place).kind
        if kind == "equation" and self.structured:
            return "formula"
        return "doc_title" if place == self.title else LABELS[kind]

    def goes_on(self, s: int) -> bool:
        """Whether a page begins with the rest of a paragraph of the page before."""
        pieces = self.sheets[s].pieces if s < len(self.sheets) else []
        return any(piece.source is not None and piece.source[0] == s - 1 and piece.kind != "table" for piece in pieces)

    @property
    def ignored(self) -> Sequence[str]:
        """The labels that the Markdown leaves out."""
        given = self.order.options.get("markdownIgnoreLabels")
        return IGNORED if given is None else [str(label) for label in given]

    def text(self, place: Place) -> str:
        """What a piece says, with all that was put to it from other columns; nothing if it is one of those."""
        if place in self.groups:
            return ""
        texts = [self.at(part).block.text for part in (place, *self.rests.get(place, ()))]
        return join_texts(texts) if len(texts) > 1 else texts[0]

    def _grouped(self) -> dict[Place, Place]:
        """Every later part of a paragraph over columns → where it begins."""
        return {(s, later): (s, head) for s in self.places for later, head in parts_of(self.sheets[s]).items()}

    def _title(self) -> Place | None:
        """The title of the document: the first heading of level 1 on its first page."""
        pieces = self.sheets[0].pieces if self.sheets else []
        found = (p for p, piece in enumerate(pieces) if piece.kind == "title" and (piece.block.level or 1) == 1)
        position = next(found, None)
        return None if position is None else (0, position)

    def _merged(self) -> dict[Place, Place]:
        """Every later part of a table → where it begins, as far as both are in this line."""
        heads: dict[Place, Place] = {}
        for place in self.ids:
            source = self.at(place).source
            if source in self.ids and self.at(place).kind == self.at(source).kind == "table":
                heads[place] = heads.get(source, source)
        return heads


def entry_of(chunk: Chunk, s: int) -> tuple[Json, Pictures]:
    """The entry of a page in `layoutParsingResults` without links, and the pictures that its Markdown names."""
    entry = _Page(chunk, s)
    return entry.written(), entry.pictures


class _Page:
    """One entry in the making."""

    def __init__(self, chunk: Chunk, s: int) -> None:
        self._chunk = chunk
        self._s = s
        self._places = [(s, p) for p in range(len(chunk.sheets[s].pieces))]
        self._formats = chunk.order.flag("formatBlockContent", default=True)
        self.pictures: Pictures = {}

    def written(self) -> Json:
        """The entry, key by key."""
        chunk, (width, height) = self._chunk, self._chunk.size(self._s)
        pruned: Json = {
            "page_count": None if chunk.order.type == "image" else len(chunk.places),
            "width": width,
            "height": height,
            "model_settings": _settings(chunk),
            "parsing_res_list": self._blocks(),
        }
        if chunk.structured:
            pruned |= self._findings()
        entry: Json = {"prunedResult": pruned, "markdown": self._markdown()}
        if chunk.order.options.get("outputFormats"):
            entry["exports"] = {"docx": {"content": _empty_docx(), "fileName": f"doc_{self._s}.docx"}}
        return entry

    def _blocks(self) -> list[Json]:
        blocks: list[Json] = []
        order = 0
        for place in self._places:
            label = self._chunk.label(place)
            ordered = label not in UNORDERED
            order += ordered
            blocks.append(self._block(place, label, order if ordered else None))
        return blocks

    def _block(self, place: Place, label: str, order: int | None) -> Json:
        box = self._chunk.box(place)
        block: Json = {
            "block_label": label,
            "block_content": self._formatted(place, label) if self._formats else self._plain(place),
            "block_bbox": box,
            "block_id": place[1],
            "block_order": order,
        }
        if not self._chunk.structured:
            group = self._chunk.groups.get(place, place)[1]
            block |= {"group_id": group, **self._global(place), "block_polygon_points": content.polygon(box)}
        return block

    def _global(self, place: Place) -> Json:
        chunk = self._chunk
        if not chunk.restructured:
            return {}
        return {"global_block_id": chunk.ids[place], "global_group_id": chunk.ids[chunk.heads.get(place, place)]}

    def _plain(self, place: Place) -> str:
        piece = self._chunk.at(place)
        if piece.kind == "table":
            return self._html(place)
        if piece.kind in PICTURES and not self._reads(piece):
            return ""
        return piece.block.latex or piece.block.text if piece.kind == "equation" else self._chunk.text(place)

    def _formatted(self, place: Place, label: str) -> str:
        kind = self._chunk.at(place).kind
        if kind == "table":
            html = self._html(place, styled=not self._chunk.structured)
            return content.spaced(html) if html else ""
        text = self._plain(place)
        if kind == "title":
            return content.heading(text, self._level(place))
        if kind in PICTURES and not text:
            return self._picture(place, label)
        if kind == "equation":
            return content.formula(text)
        return content.caption(text) if kind == "caption" else text

    def _reads(self, piece: Piece) -> bool:
        """Whether the model was told to read what is in this picture."""
        option = "useChartRecognition" if piece.kind == "chart" else "useOcrForImageBlock"
        return self._chunk.order.flag(option, default=False)

    def _level(self, place: Place) -> int:
        """The true level only where all pages are looked at, or else that of the label."""
        first = 1 if place == self._chunk.title else 2
        known = self._chunk.restructured and self._chunk.order.flag("relevelTitles", default=True)
        return (self._chunk.at(place).block.level or first) if known else first

    def _html(self, place: Place, *, styled: bool = False) -> str:
        """A table with all its later parts; nothing if it is one of those."""
        chunk = self._chunk
        if place in chunk.heads:
            return ""
        parts = [place, *(part for part, head in chunk.heads.items() if head == place)]
        grids = [grid_of(chunk.at(part).block) for part in parts]
        return content.table(join(*grids), styled=styled, wrapped=chunk.structured)

    def _picture(self, place: Place, label: str) -> str:
        x0, y0, x1, y1 = self._chunk.box(place)
        path = f"imgs/img_in_{label}_box_{x0}_{y0}_{x1}_{y1}.jpg"
        suffix, data = picture_of(self._chunk.at(place))
        self.pictures[path] = (data, suffix)
        return content.picture(path, round(100 * (x1 - x0) / self._chunk.size(self._s)[0]))

    def _markdown(self) -> Json:
        chunk = self._chunk
        labels = [(place, chunk.label(place)) for place in self._places]
        text = content.joined(self._formatted(place, label) for place, label in labels if label not in chunk.ignored)
        markdown: Json = {"text": text, "images": None}
        if chunk.structured:
            markdown |= {"isStart": not chunk.goes_on(self._s), "isEnd": not chunk.goes_on(self._s + 1)}
        return markdown

    def _findings(self) -> Json:
        """What the parts of PP-StructureV3 found; all of it is in the blocks as well."""
        tables = [self._html(place) for place in self._places if self._chunk.at(place).kind == "table"]
        formulas = [self._plain(place) for place in self._places if self._chunk.at(place).kind == "equation"]
        return {
            "overall_ocr_res": ocr_entry(self._chunk.sheets[self._s])["prunedResult"],
            "table_res_list": [{"cell_box_list": [], "pred_html": html, "table_region_id": i} for i, html in enumerate(tables)],
            "seal_res_list": [],
            "formula_res_list": [{"rec_formula": latex, "formula_region_id": i} for i, latex in enumerate(formulas)],
        }


def _settings(chunk: Chunk) -> Json:
    """`model_settings`: what the options came to."""
    flag = chunk.order.flag
    turned = flag("useDocOrientationClassify", default=False) or flag("useDocUnwarping", default=False)
    return {
        "use_doc_preprocessor": turned,
        "use_layout_detection": flag("useLayoutDetection", default=True),
        "use_chart_recognition": flag("useChartRecognition", default=False),
        "use_seal_recognition": flag("useSealRecognition", default=True),
        "use_ocr_for_image_block": flag("useOcrForImageBlock", default=False),
        "format_block_content": flag("formatBlockContent", default=True),
        "merge_layout_blocks": flag("mergeLayoutBlocks", default=True),
        "markdown_ignore_labels": list(chunk.ignored),
        "return_layout_polygon_points": True,
    }


def _empty_docx() -> str:
    """A stand-in with the right beginning, in base64."""
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    return base64.b64encode(empty.getvalue()).decode()
