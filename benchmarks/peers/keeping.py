"""What is left of pages, boxes, headings and tables in the Documents of one parsed file: looked up in them, not in any docs.

The file is an example of this repository; its truth is what the emulator's own parser found. Of each thing a Document either
says it of itself ("yes"), or has it somewhere in the vendor's raw answer about the whole file ("raw answer only"), or not.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import docparse_loaders as dl
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block
from docparse_loaders.tables import grid_of
from peers import machine
from peers.apart import side_by_side
from peers.clients import Client, Doc, Loaded
from peers.stage import staged

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "data" / "report.pdf"
LONGEST = 300.0
YES, RAW, NO = "yes", "raw answer only", "no"


@dataclass(frozen=True)
class Truth:
    """A sentence of the file: its page, its box, the headings above it; another one on another page; and cells of a table."""

    sentence: str
    elsewhere: str
    page: int
    box: BBox
    headings: tuple[str, ...]
    cells: tuple[str, ...]


def truth(parsed: ParsedDocument) -> Truth:
    """The first paragraph with two headings above it that is not on the first page, and the first table."""
    blocks = [block for block in parsed.blocks if block.kind == "text" and len(block.text) > 80 and len(block.regions) == 1]
    block = next(one for one in blocks if one.page_number > 1 and len(parsed.path_of(one)) > 1)
    far = next(one for one in blocks if one.page_number != block.page_number)
    box = block.regions[0].bbox
    assert box is not None
    path = tuple(heading.text for heading in parsed.path_of(block))
    return Truth(block.text[:60], far.text[:60], block.page_number, box, path, _cells(parsed.tables[0]))


def _cells(table: Block) -> tuple[str, ...]:
    return tuple(filter(None, grid_of(table).rows[1]))


def plain(text: str) -> str:
    """Letters and digits alone: Markdown and HTML escape the rest in many ways."""
    return re.sub(r"\W|_", "", text).casefold()


def kept(found: Sequence[Doc], again: Sequence[Doc], wanted: Truth) -> dict[str, str]:
    """Of each thing, whether the Documents have it."""
    home = next((doc for doc in found if plain(wanted.sentence) in plain(doc.text)), None)
    if home is None:
        return dict.fromkeys(("page", "box", "headings", "table", "ids"), "text not found")
    # A Document that holds the whole file cannot say where in it a sentence stands.
    alone = plain(wanted.elsewhere) not in plain(home.text)
    leaves = list(_leaves(home.metadata))
    return {
        "page": _told(alone, any(_is_page(path, value, wanted.page) for path, value in leaves)),
        "box": _told(alone, any(_is_box(numbers, wanted.box) for numbers in _quads(home.metadata))),
        "headings": _headings(home, leaves, wanted.headings, alone),
        "table": _table(found, wanted.cells),
        "ids": YES if all(doc.id for doc in found) and [doc.id for doc in found] == [doc.id for doc in again] else NO,
    }


def _told(alone: bool, there: bool) -> str:
    return (YES if alone else RAW) if there else NO


def _headings(home: Doc, leaves: Iterable[tuple[str, Any]], wanted: Sequence[str], alone: bool) -> str:
    values = [plain(value) for _, value in leaves if isinstance(value, str) and len(value) < 1000]
    if all(any(plain(heading) in value for value in values) for heading in wanted):
        return YES if alone else "in the text only"
    return "in the text only" if all(plain(heading) in plain(home.text) for heading in wanted) else NO


def _table(found: Sequence[Doc], cells: Sequence[str]) -> str:
    for doc in found:
        if all(plain(cell) in plain(doc.text) for cell in cells):
            return "HTML" if "<table" in doc.text else "Markdown" if re.search(r"\|\s*:?-{3,}", doc.text) else "text"
    return NO


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in nested metadata with the name of its key; JSON in strings is read."""
    value = _read(value)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def _read(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _is_page(key: str, value: Any, page: int) -> bool:
    name = key.casefold()
    counts = any(word in name for word in ("total", "count", "width", "height", "pages"))
    return "page" in name and not counts and value in {page, str(page)}


def _quads(value: Any) -> Iterator[Sequence[float]]:
    """Every four numbers in a row, in lists and in keys that follow each other."""
    value = _read(value)
    if isinstance(value, Mapping):
        numbers = [inner for inner in value.values() if isinstance(inner, float)]
        yield from _windows(numbers)
        for inner in value.values():
            yield from _quads(inner)
    elif isinstance(value, list | tuple):
        yield from _windows([inner for inner in value if isinstance(inner, int | float)])
        for inner in value:
            yield from _quads(inner)


def _windows(numbers: Sequence[float]) -> Iterator[Sequence[float]]:
    yield from (numbers[at : at + 4] for at in range(len(numbers) - 3))


def _is_box(numbers: Sequence[float], box: BBox) -> bool:
    """Whether four numbers are the box in some unit: the same multiple of both corners, across and down."""
    across = [number / side for number, side in zip(numbers[0::2], (box.x0, box.x1), strict=True)]
    down = [number / side for number, side in zip(numbers[1::2], (box.y0, box.y1), strict=True)]
    return all(ratio[0] > 0 and abs(ratio[0] - ratio[1]) < 0.02 * ratio[0] for ratio in (across, down))


def weight(found: Sequence[Doc]) -> float:
    """Bytes of metadata for 1,000 characters of text."""
    size = sum(len(json.dumps(doc.metadata, default=str).encode()) for doc in found)
    return round(1000 * size / max(1, sum(len(doc.text) for doc in found)), 0)


def looked(client: Client, wanted: Truth) -> dict[str, Any]:
    """Load the example twice, in two processes of the vendor, and look at the Documents."""
    rounds: list[list[Doc]] = []
    with tempfile.TemporaryDirectory() as folder, staged(client.vendor, parse=None) as stage:
        path = Path(folder) / EXAMPLE.name
        path.write_bytes(EXAMPLE.read_bytes())
        for _ in range(2):
            loaded = Loaded()
            client.load(stage.address, [str(path)], loaded)
            rounds.append(loaded.documents)
        seen = stage.seen()
    jobs = seen.requests.get("upload", 0) or seen.requests.get("submit", 0)
    facts = {"documents": len(rounds[0]), "weight": weight(rounds[0]), "jobs": jobs / 2}
    return {**kept(rounds[0], rounds[1], wanted), **facts}


def rows(loaders: Sequence[Client]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was looked for, and a row for each loader that is installed."""
    wanted = truth(dl.parse(EXAMPLE, vendor="local"))
    here = [client for client in loaders if not machine.missing(client.modules)]
    found = side_by_side([partial(looked, client, wanted) for client in here], LONGEST, 2)
    made = [
        {"name": client.name, "vendor": client.vendor, **(ended.value or {"error": ended.error})}
        for client, ended in zip(here, found, strict=True)
    ]
    return asdict(wanted), made
