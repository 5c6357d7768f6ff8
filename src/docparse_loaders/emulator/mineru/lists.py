"""`content_list.json`, `content_list_v2.json` and `full.md`, from the same pages as the tree."""

from typing import Any

from docparse_loaders.emulator.layout import Piece
from docparse_loaders.emulator.mineru.paper import FURNITURE, Json, Paper, Place, table_of

_V2 = {
    "header": "page_header",
    "footer": "page_footer",
    "page_number": "page_number",
    "aside_text": "page_aside_text",
    "page_footnote": "page_footnote",
}
_PICTURES = frozenset({"image", "chart", "table"})


def content_list(paper: Paper) -> list[Json]:
    """The flat list. Up to 3.x all furniture of a page comes after its body."""
    items: list[Json] = []
    for number in range(len(paper.sheets)):
        body = [(place, piece) for place, piece in _own(paper, number) if piece.kind not in FURNITURE]
        rest = [(place, piece) for place, piece in _own(paper, number) if piece.kind in FURNITURE]
        ordered = _own(paper, number) if paper.release == "4.x" else [*body, *rest]
        items += [_item(paper, place, piece) for place, piece in ordered]
    return items


def content_list_v2(paper: Paper) -> list[list[Json]]:
    """A list for each page; spans and names of their own."""
    return [[_item_v2(paper, place, piece) for place, piece in _own(paper, number)] for number in range(len(paper.sheets))]


def markdown(paper: Paper) -> str:
    """The whole text, without furniture and with what goes on over a page put together."""
    written = [
        _written(paper, place, piece)
        for number in range(len(paper.sheets))
        for place, piece in _own(paper, number)
        if piece.kind not in FURNITURE and place not in paper.heads
    ]
    return "\n\n".join(filter(None, written)) + "\n"


def _own(paper: Paper, number: int) -> list[tuple[Place, Piece]]:
    """The pieces of a page that are not captions of others."""
    pieces = paper.sheets[number].pieces
    owned = {position for piece in pieces for position in piece.captions}
    return [((number, position), piece) for position, piece in enumerate(pieces) if position not in owned]


def _item(paper: Paper, place: Place, piece: Piece) -> Json:
    name = paper.type_of(piece)
    item = _content(paper, place, piece, name)
    return {**item, "bbox": paper.thousandths(place[0], piece), "page_idx": paper.index_of(place[0])}


def _content(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    if piece.kind in FURNITURE and paper.release == "2.7":
        return {"type": "discarded", "text": f"{piece.block.text} "}
    if name in _PICTURES:
        return _picture(paper, place, piece, name)
    if name in {"interline_equation", "equation"}:
        latex = piece.block.latex or piece.block.text
        text = latex if paper.release == "4.x" else f"$$\n{latex}\n$$"
        return {"type": "equation", "img_path": f"images/{paper.image(piece)}", "text": text, "text_format": "latex"}
    if name == "code":
        body = f"```txt\n{piece.block.text}\n```"
        return {"type": "code", "sub_type": "code", "code_caption": _captions(paper, place, piece), "code_body": body}
    if name == "seal":
        return {"type": "seal", "img_path": f"images/{paper.image(piece)}", "text": piece.block.text}
    if name in {"list", "index", "ref_text"} and (name != "index" or paper.release == "4.x"):
        items = [line for line in piece.block.text.split("\n") if line.strip()]
        kind = "list" if name == "ref_text" else name
        return {"type": kind, "sub_type": "ref_text" if name == "ref_text" else "text", "list_items": items}
    text = "" if paper.moved(place, piece) else f"{paper.text(place)} "
    level = {"text_level": piece.block.level or 1} if name == "title" else {}
    return {"type": "text" if name in {"title", "index", "caption"} else name, "text": text, **level}


def _picture(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    moved = paper.moved(place, piece)
    item: Json = {
        "type": name,
        "img_path": "" if moved else f"images/{paper.image(piece)}",
        f"{name}_caption": _captions(paper, place, piece),
        f"{name}_footnote": [],
    }
    if name == "table" and not moved:
        item["table_body"] = paper.html(place)
    return item


def _captions(paper: Paper, place: Place, piece: Piece) -> list[str]:
    return [paper.sheets[place[0]].pieces[position].block.text for position in piece.captions]


def _item_v2(paper: Paper, place: Place, piece: Piece) -> Json:
    return {**_content_v2(paper, place, piece, paper.type_of(piece)), "bbox": paper.thousandths(place[0], piece)}


def _content_v2(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    spans = [] if paper.moved(place, piece) else _spans(paper.text(place))
    source = {"path": f"images/{'' if paper.moved(place, piece) or name not in _PICTURES else paper.image(piece)}"}
    captions = [span for text in _captions(paper, place, piece) for span in _spans(text)]
    if name in _V2:
        return {"type": _V2[name], "content": {f"{_V2[name]}_content": spans}}
    if name == "title":
        return {"type": name, "content": {"title_content": spans, "level": piece.block.level or 1}}
    if name in {"list", "index", "ref_text"}:
        items = [{"item_type": "text", "item_content": _spans(line)} for line in piece.block.text.split("\n") if line.strip()]
        kind = "reference_list" if name == "ref_text" else "text_list"
        return {"type": "list" if name == "ref_text" else name, "content": {"list_type": kind, "list_items": items}}
    if name in {"interline_equation", "equation"}:
        latex = piece.block.latex or piece.block.text
        return {"type": "equation_interline", "content": {"math_content": latex, "math_type": "latex", "image_source": source}}
    if name in _PICTURES:
        noted: Json = {"image_source": source, f"{name}_caption": captions, f"{name}_footnote": []}
        html = "" if paper.moved(place, piece) or name != "table" else paper.html(place)
        shown = {"html": html, "table_type": "simple_table", "table_nest_level": 1} if name == "table" else {"content": ""}
        return {"type": name, "content": {**noted, **shown}}
    if name == "code":
        coded = {"code_caption": captions, "code_content": _spans(piece.block.text), "code_language": "txt"}
        return {"type": name, "content": coded}
    if name == "seal":
        return {"type": name, "content": {"image_source": source, "seal_content": spans}}
    return {"type": "paragraph", "content": {"paragraph_content": spans}}


def _spans(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "content": text}] if text else []


def _written(paper: Paper, place: Place, piece: Piece) -> str:
    captions = "\n\n".join(_captions(paper, place, piece))
    match paper.type_of(piece):
        case "title":
            return f"{'#' * min(piece.block.level or 1, 6)} {piece.block.text}"
        case "table":
            return "\n\n".join(filter(None, (captions, table_of(paper.chain(place)))))
        case "image" | "chart" | "seal":
            return f"![](images/{paper.image(piece)})  \n{captions}".rstrip()
        case "interline_equation" | "equation":
            return f"$$\n{piece.block.latex or piece.block.text}\n$$"
        case "code":
            return f"```txt\n{piece.block.text}\n```"
        case _:
            return " ".join(part.block.text for part in paper.chain(place))
