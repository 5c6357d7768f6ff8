"""The parsed document: what the vendor found, page by page, and the same joined over pages.

`pages` is kept as decoded; `blocks` and everything after it are derived, so a document survives JSON without loss and a
later release may assemble it better.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from docparse_loaders.assemble import Assembly, assemble
from docparse_loaders.assemble.paths import paths_of
from docparse_loaders.errors import IncompleteResult
from docparse_loaders.finding import Finder
from docparse_loaders.model import Block, Heading, Notice, Outline, Page, Region, SourceFacts
from docparse_loaders.pages import MOST_PAGES, PageSelection, PagesLike
from docparse_loaders.render import to_html, to_markdown
from docparse_loaders.vendors.protocol import AnyVendor, Decoded

if TYPE_CHECKING:
    from os import PathLike

    from docparse_loaders.chunking import Chunk
    from docparse_loaders.source import SourceLike
    from docparse_loaders.viewing.view import View


class ParsedDocument(BaseModel):
    """A whole document as a vendor parsed it.

    `pages` holds each page's own blocks; `blocks` the assembled ones, in reading order, with paragraphs and tables joined
    over pages. `total_pages` counts the pages of the source file, which may be more than were parsed. `usage` is what the
    vendor told about cost. `model_dump_json()` and `model_validate_json()` keep everything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: SourceFacts
    vendor: str
    model: str = ""
    options: str = ""
    pages: tuple[Page, ...] = ()
    total_pages: int = 0
    warnings: tuple[Notice, ...] = ()
    usage: Mapping[str, int | float | str] = Field(default_factory=dict)

    @cached_property
    def assembly(self) -> Assembly:
        """Blocks joined over pages, with the outline; made once, on first use."""
        return assemble(self.pages)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The assembled blocks in reading order, furniture included."""
        return self.assembly.blocks

    @property
    def outline(self) -> Outline:
        """The document's headings."""
        return self.assembly.outline

    @cached_property
    def paths(self) -> Mapping[str, tuple[Heading, ...]]:
        """By block id, the headings under which each block stands, outermost first; made once, on first use.

        A heading's own path ends with itself. Also the parts of joined blocks have one: where they stand on their page.
        """
        return paths_of((block for page in self.pages for block in page.blocks), self.outline)

    def path_of(self, block: Block | str) -> tuple[Heading, ...]:
        """The headings under which a block, or the block of that id, stands, outermost first; empty above the first heading.

        Raises `KeyError` for a block that is not of this document.
        """
        return self.paths[block if isinstance(block, str) else block.id]

    @property
    def tables(self) -> tuple[Block, ...]:
        """The assembled blocks that are tables; see `tables.grid_of`."""
        return tuple(block for block in self.blocks if block.kind == "table")

    def page(self, number: int) -> Page | None:
        """The page with that number, 1-based, in the source file; None if it was not parsed."""
        return next((page for page in self.pages if page.number == number), None)

    def find(self, text: str) -> tuple[Region, ...]:
        """Where `text` stands, page by page, each place once; empty if it is not found, or what holds it has no place.

        Case, line breaks, hyphenation, full and half width and the form of quotation marks make no difference. Every place
        counts: whole words if there are any, else parts of words; a longer text also where only signs differ. A quotation may
        run over blocks and table cells; of a block that goes on over pages, only the parts that hold it are named.
        """
        return self._finder.find(text)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self.blocks, self.pages)

    def to_markdown(self) -> str:
        """The whole text as Markdown, without furniture."""
        return to_markdown(self.blocks)

    def to_html(self) -> str:
        """The whole text as a self-contained HTML page, without furniture."""
        return to_html(self.blocks, title=self.source.name)

    def show(
        self,
        at: Any = None,
        *,
        page: PagesLike | None = None,
        width: int | None = None,
        source: "SourceLike | None" = None,
    ) -> "View":
        """Show pages as pictures with the boxes on them; in a notebook the view displays itself.

        `at` is a page or its number: its boxes, coloured by kind and numbered in reading order; a block, chunk, heading,
        region, a list of them, or text that stands in the document: their places on all their pages, all else dimmed; or None:
        all pages, small. `page` picks pages ("2-4"), `width` is that of a page in pixels. What is drawn is the file that was
        parsed; if it lies elsewhere now, `source` is its path or its bytes. If it cannot be drawn, pages are blank and say why.

        Raises `ConfigError` for what is not in the document, `PagesOutOfRange` for a page that was not parsed, `MissingExtra`
        without the extra `notebook`.
        """
        from docparse_loaders.viewing import show

        return show(self, at, page=page, width=width, source=source)

    def report(
        self,
        path: "str | PathLike[str]",
        *,
        chunks: "Iterable[Chunk] | None" = None,
        source: "SourceLike | None" = None,
    ) -> None:
        """Write one HTML file that opens without a server: pages with boxes, the chunks beside them, linked both ways.

        `chunks` are those of a `StructureChunker()` if none are given; `source` is the file if it does not lie where it was
        parsed. Raises `MissingExtra` without the extra `notebook`.
        """
        from docparse_loaders.viewing import write_report

        write_report(self, path, chunks=chunks, source=source)

    def _repr_html_(self) -> str:
        from docparse_loaders.viewing.card import document_card

        return document_card(self)

    def __repr__(self) -> str:
        """One line, not the whole document."""
        return (
            f"ParsedDocument({self.source.name!r}, vendor={self.vendor!r}, pages={len(self.pages)}, blocks={len(self.blocks)})"
        )

    __str__ = __repr__


def document_of(
    decoded: Decoded,
    facts: SourceFacts,
    vendor: AnyVendor,
    pages: PageSelection | None = None,
    *,
    options: str = "",
    partial: bool = False,
) -> ParsedDocument:
    """Check a decoded result for completeness and make a document of it, cut to `pages`.

    With `partial` a missing page is a warning on the document. Raises `IncompleteResult` if a page is missing or there twice,
    `PagesOutOfRange` if one was asked for that the document does not have.
    """
    numbers = [page.number for page in decoded.pages]
    claimed = decoded.total_pages or 0
    total = max(claimed if claimed <= MOST_PAGES else 0, max(numbers, default=0))
    if pages is not None:
        pages.check(total, facts.uri)
    asked = pages if vendor.traits.selects_pages else None
    gaps = _gaps(numbers, asked.numbers() if asked else range(1, total + 1))
    if gaps and (not partial or len(set(numbers)) < len(numbers)):
        hint = "Resume with the token to fetch it again, or ask the vendor."
        raise IncompleteResult(f"the result is not the whole document: {gaps}.", source=facts.uri, hint=hint)
    kept = decoded.pages if pages is None else tuple(_cut_out(decoded.pages, pages))
    notices = (*decoded.notices, *_oddities(decoded.pages))
    if gaps:
        notices = (*notices, Notice("incomplete", f"the result is not the whole document: {gaps}."))
    if pages is not None and len(kept) < len(decoded.pages):
        notices = (*notices, _whole_file(vendor.name, pages))
    document = ParsedDocument(
        source=replace(facts, url=None),  # it may be signed; `uri` is the same without its query
        vendor=vendor.name,
        model=decoded.model,
        options=options,
        pages=tuple(sorted(kept, key=lambda page: page.number)),
        total_pages=total,
        warnings=notices,
        usage=decoded.usage,
    )
    found = document.assembly.notices
    return document.model_copy(update={"warnings": (*notices, *found)}) if found else document


def _oddities(pages: Iterable[Page]) -> Iterator[Notice]:
    """What a vendor's decoder could not place or name, counted over the document."""
    strange: Counter[str] = Counter()
    unplaced: Counter[int] = Counter()
    for page in pages:
        for block in page.blocks:
            if block.kind == "other":
                strange[block.label] += 1
            if page.width and block.regions and block.regions[0].bbox is None:
                unplaced[page.number] += 1
    if strange:
        labels = ", ".join(repr(label) for label, _ in strange.most_common(5))
        yield Notice("unknown_type", f"{strange.total()} blocks are of a type that is not known here: {labels}.")
    if unplaced:
        first = min(unplaced)
        yield Notice("no_box", f"{unplaced.total()} blocks have no box, the first on page {first}.", first)


def _cut_out(pages: Iterable[Page], wanted: PageSelection) -> Iterator[Page]:
    """The wanted pages; a block that goes on from a page that is left out begins on its own."""
    kept = [page for page in pages if page.number in wanted]
    ids = {block.id for page in kept for block in page.blocks}
    for page in kept:
        if all(block.continues is None or block.continues in ids for block in page.blocks):
            yield page
        else:
            blocks = (block if block.continues in ids else replace(block, continues=None) for block in page.blocks)
            yield replace(page, blocks=tuple(blocks))


def _gaps(numbers: Sequence[int], expected: Iterable[int]) -> str:
    """In words, which pages are missing and which are there twice; empty if all is well."""
    if not numbers:
        return "it has no pages"
    found = Counter(numbers)
    missing = PageSelection.of([number for number in expected if number not in found] or None)
    twice = PageSelection.of([number for number, times in found.items() if times > 1] or None)
    return "; ".join(f"{what} {pages}" for what, pages in (("missing page", missing), ("twice page", twice)) if pages)


def _whole_file(vendor: str, pages: PageSelection) -> Notice:
    message = f"{vendor} cannot select pages: the whole file was parsed (and counted), and pages {pages} were kept."
    return Notice("whole_file_parsed", message)
