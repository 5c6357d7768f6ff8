"""The page tree of MinerU 4.x: `middle_json.json`, boxes in fractions, children in `content`, nothing moved."""

from typing import Any

from docparse_loaders.emulator.layout import Piece, Sheet
from docparse_loaders.emulator.mineru.paper import VERSIONS, Json, Paper, Place

_PARENTS = frozenset({"image", "table", "chart", "code"})
_LISTS = frozenset({"list", "index"})
_LOWEST = 6


def tree(paper: Paper, total: int) -> Json:
    """The whole tree; `total` is the number of pages of the file."""
    sizes = [(sheet.page.number - 1, *paper.points(number)) for number, sheet in enumerate(paper.sheets)]
    layout = [{"page_idx": index, "width_pt": width, "height_pt": height} for index, width, height in sizes]
    return {
        "schema": "docvortex.middle",
        "schema_version": "2.0",
        "metadata": {
            "file_suffix": "pdf",
            "producer": {"name": "mineru", "version": VERSIONS["4.x"]},
            "document": {"page_count": total, "page_count_kind": "physical"},
        },
        "extensions": {
            "mineru": {"tier": "standard" if paper.backend == "vlm" else "basic", "parse_mode": "txt"},
            "docvortex_layout": {"version": 1, "pages": layout},
        },
        "is_full_document": len(paper.sheets) == total,
        "pages": [
            {"page_idx": paper.index_of(number), "blocks": _blocks(paper, number, sheet)}
            for number, sheet in enumerate(paper.sheets)
        ],
    }


def _blocks(paper: Paper, number: int, sheet: Sheet) -> list[Json]:
    owned = {position for piece in sheet.pieces for position in piece.captions}
    return [_block(paper, (number, position), piece) for position, piece in enumerate(sheet.pieces) if position not in owned]


def _block(paper: Paper, place: Place, piece: Piece) -> Json:
    name = paper.type_of(piece)
    block: Json = {"type": name, "index": place[1], "bbox": _box(piece)}
    if piece.source is not None:
        block["continues_prev"] = True
    if name == "title":
        level = piece.block.level or 1
        named: Json = {"type": "doc_title" if level == 1 else "paragraph_title", "level": min(level, _LOWEST)}
        return {**block, **named, "content": _spans(piece.block.text)}
    if name in _PARENTS:
        return block | _parent(paper, place, piece, name)
    if name in _LISTS:
        items = [line for line in piece.block.text.split("\n") if line.strip()]
        return {**block, "content": [{"type": "text", "content": _spans(item)} for item in items]}
    if name == "equation":
        content = piece.block.latex or piece.block.text
        return {**block, "content": content, "image_path": f"images/{paper.image(piece)}"}
    return {**block, "content": _spans(piece.block.text)}


def _parent(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    body: Json = {"type": f"{name}_body", "index": place[1], "bbox": _box(piece), "content": piece.block.text}
    if name != "code":
        body |= {"content": paper.html(place) if name == "table" else "", "image_path": f"images/{paper.image(piece)}"}
    captions = [_caption(paper.sheets[place[0]].pieces[position], name, position) for position in piece.captions]
    children = sorted([body, *captions], key=lambda child: child["index"])
    more = {"sub_type": "code", "guess_lang": "txt"} if name == "code" else {}
    return {"content": children, **more}


def _caption(piece: Piece, name: str, position: int) -> Json:
    return {"type": f"{name}_caption", "index": position, "bbox": _box(piece), "content": _spans(piece.block.text)}


def _spans(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "content": text}] if text else []


def _box(piece: Piece) -> list[float]:
    return [round(corner, 5) for corner in piece.box] if piece.box is not None else [0.0, 0.0, 1.0, 1.0]
