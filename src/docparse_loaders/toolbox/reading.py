"""An open document as an agent sees it: sections, tables and passages by number, made when they are first asked for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from docparse_loaders.chunking import Chunk, StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, Block, Heading, Region
from docparse_loaders.render import markdown_parts
from docparse_loaders.tables import Grid, grid_of, to_markdown, to_records
from docparse_loaders.toolbox.fences import clean, one_line
from docparse_loaders.toolbox.ranking import Ranking

_PASSAGE = 160
_HEADINGS = 2
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Text:
    """A text put together from parts, with where each begins and the regions that it came from."""

    text: str
    begins: tuple[int, ...] = (0,)
    regions: tuple[tuple[Region, ...], ...] = ((),)
    header: str = ""

    @classmethod
    def of(cls, parts: Iterable[tuple[str, tuple[Region, ...]]]) -> "Text":
        """The parts with an empty line between them."""
        texts, begins, regions, place = [], [], [], 0
        for text, where in parts:
            texts.append(text)
            begins.append(place)
            regions.append(where)
            place += len(text) + 2
        return cls("\n\n".join(texts), tuple(begins), tuple(regions))


class Reading:
    """A parsed document with its parts numbered from 1 as they are named to an agent."""

    def __init__(self, document: ParsedDocument) -> None:
        self.document = document
        # A long text is read part by part, and must not be written anew for each.
        self.section = lru_cache(_KEPT)(self._section)
        self.pages = lru_cache(_KEPT)(self._pages)
        self.table = lru_cache(_KEPT)(self._table)

    @property
    def headings(self) -> Sequence[Heading]:
        """The headings; section `n` is under the n-th of them."""
        return self.document.outline.headings

    @cached_property
    def page_numbers(self) -> Sequence[int]:
        """The pages that were parsed."""
        return tuple(page.number for page in self.document.pages)

    @cached_property
    def tables(self) -> Sequence[tuple[Block, Grid]]:
        """The tables, joined over pages."""
        return tuple((block, grid_of(block)) for block in self.document.tables)

    @cached_property
    def passages(self) -> Sequence[Chunk]:
        """Short pieces to find things in."""
        return tuple(StructureChunker(max_tokens=_PASSAGE, include_headings=False).chunk(self.document))

    @cached_property
    def ranking(self) -> Ranking:
        """The passages, ready to be asked."""
        return Ranking.of(told(passage) for passage in self.passages)

    @cached_property
    def outline(self) -> str:
        """The sections and tables, one in each line."""
        lines = [
            f"{'  ' * (heading.level - 1)}section {number}: {one_line(clean(heading.text))} (p. {heading.page_number})"
            for number, heading in enumerate(self.headings, 1)
        ]
        lines += [f"table {number}: {self._line(block, grid)}" for number, (block, grid) in enumerate(self.tables, 1)]
        return "\n".join(lines)

    def _line(self, block: Block, grid: Grid) -> str:
        names = ", ".join(filter(None, grid.rows[0])) if grid.rows else ""
        title = one_line(clean(self._caption(block, grid) or names), 120)
        return f"{title} ({grid.height} rows, p. {block.page_number})"

    def _caption(self, block: Block, grid: Grid) -> str:
        """What stands above or below a table to name it."""
        texts = [self._by_id[name].text for name in block.caption_ids if name in self._by_id]
        return grid.caption or " ".join(texts)

    def _section(self, number: int) -> Text:
        """What stands under a heading, itself first, up to the next one of its level or above."""
        wanted = self.headings[number - 1].block_id
        paths = self.document.paths
        blocks = (block for block in self.document.blocks if any(step.block_id == wanted for step in paths.get(block.id, ())))
        return Text.of(_paged(blocks))

    def _pages(self, numbers: tuple[int, ...]) -> Text:
        """What stands on these pages; of a paragraph or table that runs over several, only what is on them."""
        wanted = set(numbers)
        blocks = (self._own(block) for page in self.document.pages if page.number in wanted for block in page.blocks)
        return Text.of(_paged(blocks))

    def _own(self, block: Block) -> Block:
        """A page's block as the assembled document has it, if it has it on this page alone."""
        joined = self._by_id.get(block.id)
        if joined is None:
            return block
        return joined if len(joined.regions) <= 1 else replace(block, kind=joined.kind, level=joined.level)

    @cached_property
    def _by_id(self) -> Mapping[str, Block]:
        return {block.id: block for block in self.document.blocks}

    def _table(self, number: int, rows: bool) -> Text:
        """A table as Markdown, or as one JSON object in each line; its header is repeated where it is read on."""
        block, grid = self.tables[number - 1]
        if rows:
            lines = [json.dumps(record, ensure_ascii=False) for record in to_records(grid)]
            return Text(clean("\n".join(lines)), regions=(block.regions,))
        table = clean(to_markdown(grid, "rows"))
        header = "" if not grid.rows else "\n".join(table.rpartition("\n\n")[2].split("\n", 2)[:2])
        caption = "" if grid.caption else clean(self._caption(block, grid))
        return Text("\n\n".join(filter(None, (caption, table))), regions=(block.regions,), header=header)


def _paged(blocks: Iterable[Block]) -> Iterator[tuple[str, tuple[Region, ...]]]:
    """The blocks as Markdown, without furniture, each page's first one below a line that names the page."""
    page = 0
    for block, text in markdown_parts(block for block in blocks if block.kind not in FURNITURE):
        shown = clean(text)
        if block.page_number not in {0, page}:
            page = block.page_number
            shown = f"(p. {page})\n{shown}"
        yield shown, block.regions


def told(passage: Chunk) -> str:
    """A passage below the last headings over it that it does not begin with itself."""
    above = [heading for heading in passage.headings[-_HEADINGS:] if heading not in passage.text]
    path = one_line(clean(" > ".join(above)))
    return "\n\n".join(filter(None, (path, clean(passage.text))))


def whole_rows(text: str) -> list[dict[str, str]]:
    """The rows that a part of a table shows whole: the first and the last may have been cut."""
    rows = []
    for line in text.split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
