"""Parsed pages → SoMark's result, key by key as its API docs show it."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Any, Literal

from docparse_loaders.emulator.layout import PICTURES, Piece, Sheet, lay_out
from docparse_loaders.emulator.links import link
from docparse_loaders.emulator.pictures import page_size, picture_of
from docparse_loaders.emulator.somark.form import Order
from docparse_loaders.emulator.somark.words import FREE_PAGES_A_DAY, FREE_PAGES_A_MONTH, TYPES
from docparse_loaders.errors import ConfigError
from docparse_loaders.model import Page
from docparse_loaders.tables import grid_of, to_html, to_markdown
from docparse_loaders.vendors.links import with_links

Json = dict[str, Any]

DESCRIPTION = "A picture, described by the emulator."


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the hosts differ: status words in "upper" (somark.cn) or "lower" case (somark.tech), `idx` from 0 or 1.

    A `private` deployment has no keys and rejects the field `api_key`. `capitalised` is the self-hosted OXR server with its
    own block types, float boxes, UUIDs and 1133 for an unknown task.

    `balance` are the paid pages that each account has, besides `free_a_day` and `free_a_month` that cost nothing. A page is
    taken when the job is.
    """

    case: Literal["upper", "lower"] = "upper"
    first_idx: int = 0
    private: bool = False
    capitalised: bool = False
    balance: int = 1_000_000
    free_a_day: int = FREE_PAGES_A_DAY
    free_a_month: int = FREE_PAGES_A_MONTH

    def __post_init__(self) -> None:
        if self.case not in {"upper", "lower"}:
            raise ConfigError(f"there is no case {self.case!r}.", hint="It is 'upper' or 'lower'.")
        if min(self.balance, self.free_a_day, self.free_a_month) < 0:
            raise ConfigError("an account cannot have less than no pages.", hint="balance and free pages are 0 or more.")

    def word(self, stage: str) -> str:
        """A status as this host spells it."""
        return stage.upper() if self.case == "upper" and not self.capitalised else stage


@dataclass(slots=True)
class Paper:
    """One result in the making. `url_of` turns a file's name into its address; `files` are the pictures that it has."""

    order: Order
    dialect: Dialect
    url_of: Callable[[str], str]
    files: dict[str, bytes] = field(default_factory=dict)
    _numbers: list[int] = field(default_factory=list)

    def outputs(self, pages: Sequence[Page]) -> Json:
        """`outputs` of the result: only the formats that were asked for."""
        sheets = lay_out(tuple(with_links(pages)), furniture=self.order.features["keep_header_footer"])
        link(sheets)
        self._numbers = [sheet.page.number - 1 for sheet in sheets]
        written = [self._page(sheet) for sheet in sheets]
        made: Json = {
            "markdown": markdown(written),
            "json": {"pages": written},
            "zip": self.url_of("result.zip"),
        }
        return {name: made[name] for name in self.order.outputs}

    def _page(self, sheet: Sheet) -> Json:
        width, height = page_size(sheet.page)
        texts = self.order.features["enable_text_cross_page"]
        runs_on = texts and any(piece.source is not None and piece.kind != "table" for piece in sheet.pieces)
        blocks = [self._block(sheet, position, (width, height)) for position in range(len(sheet.pieces))]
        page: Json = {"page_num": sheet.page.number - 1, "blocks": blocks, "page_size": {"h": height, "w": width}}
        if self.dialect.capitalised:
            return {**page, "unattached_formula_numbering": []}
        return {**page, "merge_content_from_pre_page": runs_on}

    def _block(self, sheet: Sheet, position: int, size: tuple[int, int]) -> Json:
        piece = sheet.pieces[position]
        content, form = self._content(piece)
        block: Json = {
            "idx": position + self.dialect.first_idx,
            "type": self._type(piece),
            "bbox": self._bbox(piece, size),
            "content": content,
            "format": form,
        }
        if not self.dialect.capitalised:
            block["captions"] = [caption + self.dialect.first_idx for caption in piece.captions]
            block["img_url"] = self._image(piece, f"p{sheet.page.number - 1}_{block['idx']}")
        return block | self._level(piece) | self._link(piece)

    def _type(self, piece: Piece) -> str:
        if piece.kind == "caption" and piece.of == "table" and not self.dialect.capitalised:
            return "table_caption"
        return TYPES[piece.kind][self.dialect.capitalised]

    def _bbox(self, piece: Piece, size: tuple[int, int]) -> list[int] | list[float]:
        box = piece.box
        if box is None:
            return [0, 0, *size]
        pixels = box.to_pixels(*size)
        return [float(pixel) for pixel in pixels] if self.dialect.capitalised else list(pixels)

    def _content(self, piece: Piece) -> tuple[str, str]:
        block = piece.block
        if piece.kind == "table":
            form = self.order.elements["table"]
            return _TABLES[form](piece), form
        if piece.kind == "equation":
            form = self.order.elements["formula"]
            return _FORMULAS[form](block.latex or block.text), form
        if piece.kind in PICTURES and not block.text and self.order.features["enable_image_understanding"]:
            return DESCRIPTION, "text"
        return block.text, "text"

    def _image(self, piece: Piece, name: str) -> str:
        form = self.order.elements["image"]
        as_image = self.order.elements["table"] == "image"
        shown = self.order.features["enable_table_image"] or as_image
        if form == "none" or not (piece.kind in PICTURES or (piece.kind == "table" and shown)):
            return ""
        suffix, data = picture_of(piece)
        if form == "base64":
            return f"data:image/{suffix};base64,{base64.b64encode(data).decode()}"
        path = f"images/{name}.{suffix}"
        self.files[path] = data
        return path if form == "file" else self.url_of(path)

    def _level(self, piece: Piece) -> Json:
        if piece.kind != "title" or not self.order.features["enable_title_level_recognition"]:
            return {}
        return {"title_level": piece.block.level or 1}

    def _link(self, piece: Piece) -> Json:
        if piece.source is None:
            return {}
        form = "table_cross_page" if piece.kind == "table" else "text_cross_page"
        if not self.order.features[f"enable_{form}"]:
            return {}
        sheet, position = piece.source
        target: Json = {"page_num": self._numbers[sheet], "block_idx": position + self.dialect.first_idx}
        return {form: target | ({"target_has_header": piece.repeats_header} if piece.kind == "table" else {})}


def markdown(pages: Sequence[Json]) -> str:
    """The whole text, from the blocks of SoMark's own JSON."""
    return "\n\n".join(written for page in pages for block in page["blocks"] if (written := _written(block)))


def _written(block: Json) -> str:
    content: str = block["content"]
    match block["type"].lower():
        case "title":
            return f"{'#' * min(block.get('title_level', 1), 6)} {content}"
        case "equation" | "formula":
            return f"$$\n{content}\n$$"
        case "code" | "code block":
            return f"```\n{content}\n```"
        case "figure" | "picture":
            return f"![{content}]({block.get('img_url', '')})"
        case _:
            return content


_TABLES: MappingProxyType[str, Callable[[Piece], str]] = MappingProxyType(
    {
        "html": lambda piece: piece.block.html or to_html(grid_of(piece.block)),
        "markdown": lambda piece: to_markdown(grid_of(piece.block)),
        "image": lambda piece: "",
    }
)

_FORMULAS: MappingProxyType[str, Callable[[str], str]] = MappingProxyType(
    {
        "latex": str,
        "ascii": str,
        "mathml": lambda latex: f'<math><annotation encoding="application/x-tex">{escape(latex)}</annotation></math>',
    }
)
