"""The report, written page by page: only one picture is in memory at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

from docparse_loaders.chunking import Chunk, StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import Page
from docparse_loaders.source import SourceLike
from docparse_loaders.viewing.places import Mark, marks_of
from docparse_loaders.viewing.report.frame import foot, head
from docparse_loaders.viewing.report.links import Links, chunks_by_page, going_on
from docparse_loaders.viewing.report.pages import Leaflet, chunks_html, page_html
from docparse_loaders.viewing.report.purse import LEGIBLE, Purse, budget
from docparse_loaders.viewing.sheets import Sheets, opened, ratio_of
from docparse_loaders.viewing.writing import write as write_on

MOST_PICTURES = 1200
"""Pages; of a longer document, the rest is shown as boxes on blank pages."""


def write(
    document: ParsedDocument,
    path: str | PathLike[str],
    *,
    chunks: Iterable[Chunk] | None = None,
    source: SourceLike | None = None,
) -> None:
    """Write a document's report; see `ParsedDocument.report`."""
    target = Path(path)
    beside = target.with_name(f"{target.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_parts(document, list(StructureChunker().chunk(document) if chunks is None else chunks), source))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _parts(document: ParsedDocument, chunks: Sequence[Chunk], source: SourceLike | None) -> Iterator[str]:
    links, begin, go_on, marks = Links(chunks), chunks_by_page(chunks), going_on(chunks), marks_of(document)
    notices: list[str] = []
    yield head(document, chunks)
    with opened(document.source, source) as sheets:
        purse = Purse(min(len(document.pages), MOST_PICTURES), budget(chunks, sum(map(len, marks.values()))))
        for at, page in enumerate(document.pages):
            drawn = _drawn(page, marks[page.number], sheets if at < MOST_PICTURES else None, purse, notices)
            leaf = drawn._replace(begin=begin.get(page.number, ()), go_on=go_on.get(page.number, ()))
            yield page_html(leaf, chunks, links, document.total_pages)
    yield _elsewhere(document, chunks, begin)
    yield foot([*notices, *_small(document, purse), *(notice.message for notice in document.warnings)])


def _drawn(page: Page, marks: Sequence[Mark], sheets: Sheets | None, purse: Purse, notices: list[str]) -> Leaflet:
    wide = purse.width
    if sheets is None:
        return Leaflet(page.number, (wide, round(wide * ratio_of(page))), None, marks, (), ())
    sheet = sheets.draw(page, wide)
    if sheet.blank:
        notices += [sheet.why] if sheet.why not in notices else []
        write_on(sheet.image, marks)
    return Leaflet(page.number, sheet.image.size, purse.spend(sheet.image), marks, (), ())


def _elsewhere(document: ParsedDocument, chunks: Sequence[Chunk], begin: Mapping[int, Sequence[int]]) -> str:
    """Chunks that have no place on any page that is shown."""
    known = {page.number for page in document.pages}
    lost = [position for number, positions in begin.items() if number not in known for position in positions]
    if not lost:
        return ""
    return (
        f'<section class="page lost"><h2>Without a page</h2><div class="chunks">{chunks_html(lost, chunks)}</div></section>\n'
    )


def _small(document: ParsedDocument, purse: Purse) -> Iterator[str]:
    pages = len(document.pages)
    if pages > MOST_PICTURES:
        yield f"The first {MOST_PICTURES} of {pages} pages are drawn; of the others only the boxes are shown."
    if purse.narrowest < LEGIBLE:
        yield f"{pages} pages share this file, so their pictures are small; those of fewer pages (--pages 1-100) are sharper."
