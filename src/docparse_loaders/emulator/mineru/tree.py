"""The page tree of MinerU up to 3.x: `layout.json`, boxes in points, lines of spans, furniture apart."""

from docparse_loaders.emulator.layout import Piece, Sheet
from docparse_loaders.emulator.mineru.paper import FURNITURE, VERSIONS, Json, Paper, Place

_BODIES = {"image": "image", "table": "table", "chart": "chart", "code": "text"}
_LINED = frozenset({"list", "index"})
DESCRIPTION = "A picture, described by the emulator."


def tree(paper: Paper) -> Json:
    """The whole tree."""
    pages = [_page(paper, number, sheet) for number, sheet in enumerate(paper.sheets)]
    return {"pdf_info": pages, "_backend": paper.backend, "_version_name": VERSIONS[paper.release]}


def _page(paper: Paper, number: int, sheet: Sheet) -> Json:
    owned = {position for piece in sheet.pieces for position in piece.captions}
    body: list[Json] = []
    discarded: list[Json] = []
    for position, piece in enumerate(sheet.pieces):
        if position not in owned:
            block = _block(paper, (number, position), piece)
            (discarded if piece.kind in FURNITURE else body).append(block)
    return {
        "para_blocks": body,
        "discarded_blocks": discarded,
        "page_size": list(paper.points(number)),
        "page_idx": paper.index_of(number),
    }


def _block(paper: Paper, place: Place, piece: Piece) -> Json:
    box = paper.box(place[0], piece)
    name = paper.type_of(piece)
    if piece.kind in FURNITURE and paper.release == "2.7":
        name = "discarded"
    block: Json = {"type": name, "bbox": box, "index": place[1]}
    if name == "title" and paper.backend == "pipeline":
        block["level"] = piece.block.level or 1
    if name in _BODIES:
        return block | _parent(paper, place, piece, name)
    if name in _LINED:
        return block | _list(paper, place, piece)
    if paper.moved(place, piece):
        return {**block, "lines": [], "lines_deleted": True}
    return {**block, "lines": _lines(paper, place, piece, name)}


def _parent(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    """A block of blocks: the body, captions and notes."""
    box = paper.box(place[0], piece)
    body: Json = {"type": f"{name}_body", "bbox": box, "index": place[1], "lines": []}
    if paper.moved(place, piece):
        body["lines_deleted"] = True
    else:
        body["lines"] = [{"bbox": box, "spans": [_body_span(paper, place, piece, name) | {"bbox": box}]}]
    blocks = [body, *(_caption(paper, place[0], name, position) for position in piece.captions)]
    more = {"sub_type": "code", "guess_lang": "txt"} if name == "code" else {}
    return {"blocks": sorted(blocks, key=lambda block: block["index"]), **more}


def _body_span(paper: Paper, place: Place, piece: Piece, name: str) -> Json:
    if name == "code":
        return {"type": "text", "content": piece.block.text}
    span: Json = {"type": name, "image_path": paper.image(piece)}
    if name == "table":
        return {**span, "html": paper.html(place)}
    described = paper.release == "3.x" and paper.backend == "vlm"
    return {**span, "content": piece.block.text or DESCRIPTION} if described else span


def _caption(paper: Paper, sheet: int, name: str, position: int) -> Json:
    piece = paper.sheets[sheet].pieces[position]
    box = paper.box(sheet, piece)
    lines = [{"bbox": box, "spans": [{"bbox": box, "type": "text", "content": piece.block.text}]}]
    return {"type": f"{name}_caption", "bbox": box, "lines": lines, "index": position}


def _list(paper: Paper, place: Place, piece: Piece) -> Json:
    """Marked lines in the pipeline, blocks of one line in the VLM; a table of contents has marked lines in both."""
    box = paper.box(place[0], piece)
    items = [line for line in paper.text(place).split("\n") if line.strip()]
    if paper.moved(place, piece):
        return {"lines": [], "lines_deleted": True}
    lines = [{"bbox": box, "spans": [{"bbox": box, "type": "text", "content": item}]} for item in items]
    if paper.backend == "pipeline" or piece.kind == "toc":
        return {"lines": [{**line, "is_list_start_line": True} for line in lines]}
    blocks = [{"type": "text", "bbox": box, "lines": [line], "index": place[1]} for line in lines]
    return {"blocks": blocks, "sub_type": "text"}


def _lines(paper: Paper, place: Place, piece: Piece, name: str) -> list[Json]:
    box = paper.box(place[0], piece)
    if name == "interline_equation":
        content = piece.block.latex or piece.block.text
        span: Json = {"bbox": box, "type": name, "content": content, "image_path": paper.image(piece)}
        return [{"bbox": box, "spans": [span]}]
    if name == "seal":
        words = [piece.block.text] if piece.block.text else []
        return [{"bbox": box, "spans": [{"bbox": box, "type": name, "content": words, "image_path": paper.image(piece)}]}]
    lines = [line for text in piece.block.text.split("\n") if (line := _line(text, box))]
    for other in paper.tails.get(place, ()):
        part = paper.at(other)
        if paper.moved(other, part):
            # Their boxes stay those of the page that they come from.
            lines += [_line(text, paper.box(other[0], part), cross_page=True) for text in part.block.text.split("\n")]
    return lines


def _line(text: str, box: list[int], *, cross_page: bool = False) -> Json:
    span: Json = {"bbox": box, "type": "text", "content": text, "score": 0.99}
    return {"bbox": box, "spans": [span | ({"cross_page": True} if cross_page else {})]}
