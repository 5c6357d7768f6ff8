"""The other ways to cut a document: by block, by page, or not at all, as chunks of the same type."""

from collections.abc import Iterator

from docparse_loaders.chunking.chunk import Chunk, chunk_id
from docparse_loaders.chunking.draft import DEEPEST
from docparse_loaders.chunking.rows import whole_part
from docparse_loaders.chunking.tokens import estimate
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, Block, Kind, Page, Region
from docparse_loaders.render import block_content, block_markdown, to_markdown
from docparse_loaders.tables import grid_of


def elements(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk a block, joined over pages, written as in chunks; blocks without text or a picture to link are left out.

    `headings` is the path that is open at the block, its own text included if it is a title.
    """
    path = _Path(doc)
    shown = 0
    for block in doc.blocks:
        path.pass_over(block)
        if block.kind in FURNITURE and not furniture:
            continue
        text = block_content(block) or block_markdown(block)
        if text:
            yield _chunk(doc, "elements", shown, text, [block], path.texts)
            shown += 1


def pages(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk a page, as Markdown of that page's own blocks, in order; a page without text has an empty one.

    `headings` is the path that is open at the page's first block.
    """
    path = _Path(doc)
    for position, page in enumerate(doc.pages):
        blocks = [block for block in page.blocks if furniture or block.kind not in FURNITURE]
        if blocks:
            path.pass_over(blocks[0])
        headings = path.texts
        for block in blocks[1:]:
            path.pass_over(block)
        text = to_markdown(blocks, furniture=furniture).strip()
        yield _chunk(doc, "pages", position, text, blocks, headings, page)


def whole(doc: ParsedDocument, *, furniture: bool = False) -> Iterator[Chunk]:
    """One chunk, the document as Markdown. Its `headings` are empty, as none spans all of it."""
    blocks = [block for block in doc.blocks if furniture or block.kind not in FURNITURE]
    yield _chunk(doc, "whole", 0, to_markdown(blocks, furniture=furniture).strip(), blocks, ())


class _Path:
    """The open headings, with the levels of the document's outline, no more of them than the chunker shows."""

    def __init__(self, doc: ParsedDocument) -> None:
        self._levels = {heading.block_id: heading.level for heading in doc.outline.headings}
        self._open: list[tuple[int, str]] = []
        self.texts: tuple[str, ...] = ()

    def pass_over(self, block: Block) -> None:
        text = " ".join(block.text.split()) if block.kind == "title" else ""
        if not text:
            return
        level = self._levels.get(block.id) or block.level or 1
        while self._open and (self._open[-1][0] >= level or len(self._open) >= DEEPEST):
            self._open.pop()
        self._open.append((level, text))
        self.texts = tuple([text for _, text in self._open])


def _chunk(
    doc: ParsedDocument,
    mode: str,
    position: int,
    text: str,
    blocks: list[Block],
    headings: tuple[str, ...],
    page: Page | None = None,
) -> Chunk:
    names = tuple(block.id for block in blocks)
    places: dict[Region, None] = dict.fromkeys(region for block in blocks for region in block.regions)
    regions = tuple(sorted(places, key=lambda region: region.page_number))
    kinds: dict[Kind, None] = dict.fromkeys(block.kind for block in blocks)
    table = whole_part(blocks[0].id, grid_of(blocks[0])) if mode == "elements" and blocks[0].kind == "table" else None
    return Chunk(
        id=chunk_id(doc.source.sha256, mode, position, names, text),
        text=text,
        body=text,
        headings=headings,
        kinds=tuple(kinds),
        regions=regions,
        page_number=page.number if page else (regions[0].page_number if regions else 0),
        last_page_number=page.number if page else (regions[-1].page_number if regions else 0),
        block_ids=names,
        token_count=estimate(text),
        table=table,
    )
