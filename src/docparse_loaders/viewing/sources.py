"""`show_sources`: retrieved Documents as numbered places on the pages that they came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from docparse_loaders.errors import ConfigError
from docparse_loaders.metadata import SEPARATOR, boxes_of
from docparse_loaders.model import Page, Region, SourceFacts
from docparse_loaders.source import SourceLike
from docparse_loaders.viewing.colours import cited
from docparse_loaders.viewing.files import UNTOLD
from docparse_loaders.viewing.overlay import drawn
from docparse_loaders.viewing.places import Leaf, Mark, sane
from docparse_loaders.viewing.sheets import Sheets, opened
from docparse_loaders.viewing.showing import width_of
from docparse_loaders.viewing.view import Caption, Panel, View

_MOST = 24
_SNIPPET = 90
Sources = SourceLike | Mapping[str, SourceLike] | None


class _Hit(NamedTuple):
    """A retrieved text: its number, where it came from and what is said of it."""

    number: int
    facts: SourceFacts
    page: Page
    total: int
    regions: tuple[Region, ...]
    caption: str
    text: str


@dataclass(slots=True)
class _Spread:
    """A page with all hits on it."""

    facts: SourceFacts
    page: Page
    total: int
    hits: dict[int, _Hit] = field(default_factory=dict)

    def leaf(self) -> Leaf:
        marks = tuple(mark for hit in self.hits.values() for mark in _marks(hit, self.page.number))
        return Leaf(self.page.number, (), marks)


def sources_shown(documents: Any, *, titles: Sequence[str] | None, width: int | None, source: Sources) -> View:
    """See `docparse_loaders.show_sources`."""
    given = list(_each(documents))
    if not given:
        raise ConfigError("there are no documents to show.", hint="Pass what a retriever or an index returned.")
    if titles is not None and len(titles) != len(given):
        raise ConfigError(f"{len(titles)} titles for {len(given)} documents.", hint="Pass one title for each, or none.")
    hits = [_hit(number, one, titles[number - 1] if titles else None) for number, one in enumerate(given, 1)]
    spreads = _spreads(hits)
    notices = [f"The first {_MOST} of {len(spreads)} pages."] if len(spreads) > _MOST else []
    notices += [f"[{hit.number}] has no page." for hit in hits if not any(region.page_number for region in hit.regions)]
    panels = _panels(spreads[:_MOST], width_of(width, min(len(spreads), _MOST)), source, notices)
    return View(panels, notices=notices)


def _each(documents: Any) -> Iterable[Any]:
    """What was retrieved, one by one: a list, a single one, or the sources of an answer."""
    if hasattr(documents, "source_nodes"):
        return list(documents.source_nodes)
    single = isinstance(documents, Mapping) or hasattr(documents, "metadata") or hasattr(documents, "node")
    if single or (isinstance(documents, tuple) and _scored(documents)):
        return [documents]
    if not isinstance(documents, Iterable) or isinstance(documents, str | bytes):
        raise ConfigError(f"a {type(documents).__name__} is no document.", hint="Pass what a retriever returned.")
    return documents


def _scored(one: Any) -> bool:
    """Whether this is a document with its score."""
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], int | float)


def _hit(number: int, one: Any, title: str | None) -> _Hit:
    document, score = one if _scored(one) else (one, getattr(one, "score", None))
    regions = tuple(boxes_of(document))
    node = getattr(document, "node", document)
    metadata = node if isinstance(node, Mapping) else node.metadata
    width, height = (_number(metadata.get(key)) for key in ("page_width", "page_height"))
    return _Hit(
        number,
        _facts(metadata),
        Page(_whole(metadata.get("page_number")), width, height),
        _whole(metadata.get("total_pages")),
        regions,
        title if title is not None else _captioned(metadata, score, _text(node)),
        _text(node),
    )


def _facts(metadata: Mapping[str, Any]) -> SourceFacts:
    uri = str(metadata.get("source", ""))
    name, digest = str(metadata.get("file_name", uri)), str(metadata.get("file_sha256", ""))
    # Of an address and of a saved result alone, the hash is not that of the file.
    kind = str(metadata.get("file_type", ""))
    known = bool(digest and kind) and not uri.lower().startswith(("http://", "https://"))
    return SourceFacts(uri, name, kind, UNTOLD if known else 0, digest)


def _captioned(metadata: Mapping[str, Any], score: Any, text: str) -> str:
    headings = metadata.get("headings", "")
    path = [str(part) for part in headings] if isinstance(headings, list | tuple) else str(headings).split(SEPARATOR)
    while len(path) > 1 + (path[0] == "…") and len(SEPARATOR.join(path)) > _SNIPPET - 10:
        # The last heading says most.
        path = ["…", *path[1 + (path[0] == "…") :]]
    said = " ".join(text.split())
    about = SEPARATOR.join(path)[:_SNIPPET] or (said[:_SNIPPET] + ("…" if len(said) > _SNIPPET else ""))
    return about + (f" · score {score:.3f}" if isinstance(score, int | float) else "")


def _text(node: Any) -> str:
    text = getattr(node, "page_content", None) or getattr(node, "text", None)
    return text if isinstance(text, str) else ""


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0


def _marks(hit: _Hit, number: int) -> Iterable[Mark]:
    """The hit's places on a page; its number stands at the first of them."""
    regions = [region for region in hit.regions if region.page_number == number]
    for at, region in enumerate(regions):
        said = hit.text if at == 0 and region == hit.regions[0] else ""
        yield Mark(sane(region.bbox), number=f"[{hit.number}]" if at == 0 else "", said=said, colour=cited(hit.number))


def _spreads(hits: Iterable[_Hit]) -> list[_Spread]:
    """The pages on which something was found, in the order of the hits; hits on one page share it."""
    found: dict[tuple[str, str, int], _Spread] = {}
    for hit in hits:
        for number in dict.fromkeys(region.page_number for region in hit.regions):
            if number:
                key = (hit.facts.sha256, hit.facts.uri, number)
                page = Page(number, hit.page.width, hit.page.height) if number == hit.page.number else Page(number, 0, 0)
                found.setdefault(key, _Spread(hit.facts, page, hit.total)).hits[hit.number] = hit
    return list(found.values())


def _panels(spreads: Sequence[_Spread], width: int, source: Sources, notices: list[str]) -> list[Panel]:
    """The pages' pictures; each file is opened once, and the pages stay in their order."""
    panels: dict[int, Panel] = {}
    for facts in dict.fromkeys(spread.facts for spread in spreads):
        with opened(facts, _source(facts, source)) as sheets:
            for at, spread in enumerate(spreads):
                if spread.facts == facts:
                    panels[at] = _panel(spread, sheets, width, notices)
    return [panels[at] for at in sorted(panels)]


def _source(facts: SourceFacts, source: Sources) -> SourceLike | None:
    return source.get(facts.uri) if isinstance(source, Mapping) else source


def _panel(spread: _Spread, sheets: Sheets, width: int, notices: list[str]) -> Panel:
    sheet = sheets.draw(spread.page, width)
    notices += [sheet.why] if sheet.blank else []
    leaf = spread.leaf()
    captions = tuple(Caption(hit.caption, str(hit.number), cited(hit.number)) for hit in spread.hits.values())
    of = f" of {spread.total}" if spread.total else ""
    title = f"{spread.facts.name}, page {spread.page.number}{of}"
    return Panel(drawn(sheet, leaf), title, spread.page.number, leaf.found, captions)
