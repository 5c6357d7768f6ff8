"""Small documents that an emulated vendor reads in no time, and the examples as a perfect vendor would have read them.

A small file is text behind a PDF's first bytes: `# ` begins a title, `|` a row of a table, and a form feed a page.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import BrokenSource
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry
from docparse_loaders.vendors import config_class
from docparse_loaders.vendors.config import VendorConfig
from golden_ids import EXAMPLES, document_of_truth

QUICK = Policy(poll=Poll(first=0.01, longest=0.05), retry=Retry(attempts=2, base=0.0, longest=0.0))
REMOTE = ("somark", "mineru", "paddleocr", "parse4ai", "scnet")
BY_ADDRESS = {"parse4ai"}
"""Vendors that take no files."""
NAMES = tuple(sorted(path.name.removesuffix(".truth.json") for path in EXAMPLES.glob("*.truth.json")))

_HEAD = b"%PDF-1.4\n"
_TRUTH = {sha256((EXAMPLES / f"{name}.pdf").read_bytes()).hexdigest(): name for name in NAMES}


def small(text: str) -> bytes:
    """A file with this text."""
    return _HEAD + text.encode()


def written(folder: Path, **texts: str) -> list[Path]:
    """Small files in a folder, by name without their ending."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.pdf" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_bytes(small(text))
    return paths


def pages_of(data: bytes) -> Sequence[Page]:
    """The pages of a small file, or of an example; anything else is a file that a vendor cannot read."""
    if (name := _TRUTH.get(sha256(data).hexdigest())) is not None:
        return document_of_truth(name).pages
    if not data.startswith(_HEAD):
        raise BrokenSource("it is not what its name says.")
    texts = data.removeprefix(_HEAD).decode().split("\f")
    return [_page(number, text) for number, text in enumerate(texts, 1)]


def _page(number: int, text: str) -> Page:
    pieces = [piece for piece in text.strip().split("\n\n") if piece]
    blocks = tuple(_block(number, place, piece, len(pieces)) for place, piece in enumerate(pieces))
    return Page(number, 595.0, 842.0, "point", 0, blocks)


def _block(page: int, place: int, text: str, count: int) -> Block:
    region = Region(page, BBox(0.1, place / count, 0.9, (place + 0.9) / count))
    name = f"p{page}-{place}"
    if text.startswith("|"):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
        cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return Block(name, "table", text, html=f"<table>{cells}</table>", regions=(region,))
    if text.startswith("#"):
        marks, _, title = text.partition(" ")
        return Block(name, "title", title, level=len(marks), regions=(region,))
    return Block(name, "text", text, regions=(region,))


@contextmanager
def emulated(vendor: str = "somark", **settings: Any) -> Iterator[tuple[Emulator, VendorConfig]]:
    """A vendor that reads small files and examples, and the options with which it is reached."""
    with Emulator(vendor, parse=pages_of, **settings) as emulator:
        yield emulator, config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
