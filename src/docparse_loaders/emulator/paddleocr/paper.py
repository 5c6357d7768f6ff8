"""Parsed pages → the lines of JSON that a job of PaddleOCR leads to, key by key as its recorded results have them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docparse_loaders.emulator.layout import lay_out
from docparse_loaders.emulator.links import link
from docparse_loaders.emulator.paddleocr.blocks import Chunk, entry_of
from docparse_loaders.emulator.paddleocr.form import Order
from docparse_loaders.emulator.paddleocr.lines import ocr_entry
from docparse_loaders.emulator.pictures import PICTURE, page_size
from docparse_loaders.errors import ConfigError
from docparse_loaders.model import Page
from docparse_loaders.vendors.links import with_links

Json = dict[str, Any]
Counts = Literal["documented", "str", "int"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the service differs from day to day.

    `counts` are strings in the answer about one job and numbers in that about a batch, as the tables have it
    ("documented"), or always "str" or "int". `pages_per_line` pages make a line of the result; tables are joined only
    within one. `markdown_url` says whether the answer names the Markdown, too; `flat_url` names the result
    `resultJsonUrl`. `failed_code` answers about a failed job with code 11003. `daily_pages` and `queue` are the quota and
    how many unfinished jobs fit; a job expires `job_seconds` after its end.
    """

    counts: Counts = "documented"
    pages_per_line: int = 5
    markdown_url: bool = True
    flat_url: bool = False
    failed_code: bool = False
    daily_pages: int | None = None
    queue: int | None = None
    job_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.counts not in {"documented", "str", "int"}:
            raise ConfigError(f"there is no kind of counts {self.counts!r}.", hint="It is documented, str or int.")
        if self.pages_per_line < 1:
            raise ConfigError("pages_per_line must be 1 or more.", hint="5 is what was seen.")


@dataclass(slots=True)
class Paper:
    """One result in the making. `keep` takes a picture under a name and gives its address."""

    order: Order
    dialect: Dialect
    keep: Callable[[str, bytes, str], str]
    markdown: list[str] = field(default_factory=list)

    def lines(self, pages: Sequence[Page]) -> bytes:
        """The whole result; `markdown` holds the text of each page afterwards."""
        sheets = lay_out(tuple(with_links(pages)), furniture=True)
        link(sheets)
        size, first = self.dialect.pages_per_line, 0
        written: list[str] = []
        for start in range(0, len(sheets), size):
            chunk = Chunk(self.order, sheets, range(start, min(start + size, len(sheets))), first)
            written.append(json.dumps({"result": self._line(chunk)}, ensure_ascii=False))
            count = chunk.count
            # Seen in a recorded result: ids jump between the pieces of a long document.
            first += 2 * count + 1
        return "\n".join(written).encode()

    def _line(self, chunk: Chunk) -> Json:
        sizes = [page_size(chunk.sheets[place].page) for place in chunk.places]
        known = {"numPages": len(sizes), "pages": [{"width": width, "height": height} for width, height in sizes]}
        info: Json = {"type": self.order.type, **known}
        if self.order.type == "image":
            info = {"type": "image", "width": sizes[0][0], "height": sizes[0][1]}
        if self.order.family == "ocr":
            return {"ocrResults": [self._ocr(chunk, place) for place in chunk.places], "dataInfo": info}
        results = [self._layout(chunk, place) for place in chunk.places]
        return {"layoutParsingResults": results, "preprocessedImages": [], "dataInfo": info}

    def _layout(self, chunk: Chunk, place: int) -> Json:
        entry, pictures = entry_of(chunk, place)
        self.markdown.append(entry["markdown"]["text"])
        number = place - chunk.places.start
        if self.order.flag("returnMarkdownImages", default=True):
            folder = f"{chunk.places.start}/markdown_{number}"
            entry["markdown"]["images"] = {path: self.keep(f"{folder}/{path}", *found) for path, found in pictures.items()}
        shown = self._shown(f"{chunk.places.start}/layout_det_res_{number}.jpg")
        entry["outputImages"] = {"layout_det_res": shown} if shown else None
        entry["inputImage"] = self._shown(f"{chunk.places.start}/input_img_{number}.jpg")
        return entry

    def _ocr(self, chunk: Chunk, place: int) -> Json:
        entry = ocr_entry(chunk.sheets[place])
        self.markdown.append("\n".join(entry["prunedResult"]["rec_texts"]))
        number = place - chunk.places.start
        names = (("ocrImage", "ocr_img"), ("inputImage", "input_img"))
        shown = {key: self._shown(f"{chunk.places.start}/{name}_{number}.jpg") for key, name in names}
        return {**entry, "docPreprocessingImage": None, **shown}

    def _shown(self, name: str) -> str | None:
        return self.keep(name, PICTURE, "png") if self.order.flag("visualize", default=True) else None
