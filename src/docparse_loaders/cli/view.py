"""`docparse-loaders view`: a document's pages as a picture, or all of it as one HTML file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.cli.say import say_done, say_notice
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError
from docparse_loaders.pages import PageSelection
from docparse_loaders.parser import DocParser
from docparse_loaders.viewing import ready, write_report

if TYPE_CHECKING:
    from docparse_loaders.viewing.view import View

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_REPORTS = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the user asked to see; at most one of `page`, `table` (both counted from 1) and `find`."""

    input: str
    vendor: str
    options: dict[str, Any]
    output: str | None = None
    page: int | None = None
    table: int | None = None
    find: str | None = None
    boxes: bool = True
    pages: str | None = None
    store: str | None = None
    max_tokens: int = 512

    @property
    def picked(self) -> dict[str, Any]:
        """What of the document is wanted, by option."""
        asked = {"--page": self.page, "--table": self.table, "--find": self.find}
        return {name: value for name, value in asked.items() if value is not None}


def run_view(looking: Looking) -> int:
    """Parse, draw and write; returns the exit status. Raises `ConfigError` before anything is parsed."""
    target = _checked(looking)
    ready()
    with _busy(f"parsing {Path(looking.input).name}"):
        document = DocParser({"vendor": looking.vendor, **looking.options}, store=looking.store).parse(
            looking.input, pages=looking.pages
        )
    for notice in document.warnings:
        say_notice(looking.input, notice.message)
    with _busy(f"drawing {target.name}"):
        said = _report(document, looking, target) if target.suffix.lower() in _REPORTS else _picture(document, looking, target)
    sys.stdout.write(f"{target}\n")
    say_done(f"{said}, {target.stat().st_size / 1000:,.0f} kB")
    return 0


def _checked(looking: Looking) -> Path:
    """The file to write, once the options are known to go together."""
    if len(looking.picked) > 1:
        names = " and ".join(looking.picked)
        raise ConfigError(f"{names} cannot be used together.", hint="Ask for one of them.")
    target = Path(looking.output) if looking.output else _named(looking)
    suffix = target.suffix.lower()
    if suffix not in (*_PICTURES, *_REPORTS):
        hint = "A name that ends in .png (or .jpg, .webp) gives a picture, one that ends in .html the whole document."
        raise ConfigError(f"{target.name!r} says neither.", hint=hint)
    if suffix in _REPORTS and (looking.picked or not looking.boxes):
        name = next(iter(looking.picked), "--no-boxes")
        raise ConfigError(
            f"{name} is for pictures.", hint="Write to a .png, or leave it out: the report shows and searches all."
        )
    if not looking.boxes and (looking.table or looking.find):
        raise ConfigError("--no-boxes leaves nothing to see of what is looked for.", hint="Leave one of them out.")
    _writable(looking, target)
    return target


def _writable(looking: Looking, target: Path) -> None:
    selection = PageSelection.of(looking.pages)
    if looking.page is not None and selection is not None and looking.page not in selection:
        raise ConfigError(f"page {looking.page} is not one of --pages {selection}.", hint="Ask for a page that is parsed.")
    if not target.parent.is_dir():
        raise ConfigError(f"there is no folder {str(target.parent)!r}.", hint="Make it, or write elsewhere.")
    if target.is_dir() or target.resolve() == Path(looking.input).resolve():
        raise ConfigError(f"{str(target)!r} would be overwritten.", hint="Name another file with -o.")


def _named(looking: Looking) -> Path:
    """A name in the working directory that says what is in the file."""
    stem = Path(looking.input).stem or "document"
    if looking.table is not None:
        return Path(f"{stem}-table-{looking.table}.png")
    if looking.find is not None:
        return Path(f"{stem}-found.png")
    if looking.page is not None or not looking.boxes:
        return Path(f"{stem}-page-{looking.page or 1}.png")
    return Path(f"{stem}-report.html")


def _picture(document: ParsedDocument, looking: Looking, target: Path) -> str:
    view = _view(document, looking)
    for notice in view.notices:
        say_notice(looking.input, notice)
    view.save(target)
    numbers = PageSelection.of([panel.page for panel in view.panels])
    return f"{'page' if len(view) == 1 else 'pages'} {numbers}, {view.image.width} x {view.image.height} pixels"


def _view(document: ParsedDocument, looking: Looking) -> "View":
    from docparse_loaders.viewing.showing import shown

    if looking.table is not None:
        return shown(document, _table(document, looking.table))
    if looking.find is not None:
        return shown(document, looking.find)
    first = document.pages[0].number if document.pages else 1
    return shown(document, looking.page or first, boxes=looking.boxes)


def _table(document: ParsedDocument, number: int) -> Any:
    tables = document.tables
    if number > len(tables):
        where = ", ".join(f"{at} on page {table.page_number}" for at, table in enumerate(tables[:20], 1))
        hint = f"They are counted over the whole document: {where}." if tables else "Look at its pages with --page."
        raise ConfigError(f"it has {len(tables) or 'no'} tables.", source=document.source.uri, hint=hint)
    return tables[number - 1]


def _report(document: ParsedDocument, looking: Looking, target: Path) -> str:
    chunks = list(StructureChunker(max_tokens=looking.max_tokens).chunk(document))
    write_report(document, target, chunks=chunks)
    return f"{len(document.pages)} pages, {len(chunks)} chunks"


@contextmanager
def _busy(what: str) -> Iterator[None]:
    """A sign of life on stderr if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield
