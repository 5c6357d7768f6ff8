"""What the chunker yields: a piece of text that fits a model, and where in the document it came from."""

import hashlib
from dataclasses import dataclass

from docparse_loaders.model import Kind, Region


@dataclass(frozen=True, slots=True)
class TablePart:
    """Which rows of a table a chunk shows.

    `first_row` and `last_row` are 0-based, inclusive, and count every row of the table, its `header_rows` included;
    the header is repeated in each part, whether it lies between them or not.
    """

    block_id: str
    first_row: int
    last_row: int
    total_rows: int
    header_rows: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document, ready to be embedded.

    `text` is what is embedded: the headings above, a blank line, then `body`. `body` begins with the section's own heading in
    the first chunk of a section, and with the caption and the header rows of its table in each part of one. `headings` is
    the whole path that is open where the chunk begins, outermost first. `kinds` and `block_ids` name the blocks in reading
    order; `regions` are their places, page by page, each once. Pages are 1-based, 0 if the vendor gave none.
    `token_count` is that of `text`, summed up over its parts: the true count or a little more.
    """

    id: str
    text: str
    body: str
    headings: tuple[str, ...]
    kinds: tuple[Kind, ...]
    regions: tuple[Region, ...]
    page_number: int
    last_page_number: int
    block_ids: tuple[str, ...]
    token_count: int
    table: TablePart | None = None


def chunk_id(document: str, options: str, position: int, block_ids: tuple[str, ...], text: str) -> str:
    """32 hexadecimal digits: the same for the same content, options and place, in every process."""
    content = "\x00".join((document, options, str(position), *block_ids, text))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]
