"""What of a result could not be used, told once a kind and not once a block: a result may be broken in every one of them."""

from collections.abc import Iterator
from types import MappingProxyType

from docparse_loaders.model import Notice

BLOCKS = MappingProxyType(
    {
        "bad_block": "are not objects and were left out",
        "bad_box": "have a box that is not four numbers",
        "bad_text": "have a content that is no text, and it was left out",
        "bad_level": "have a title_level that is no level",
        "bad_image": "have an img_url that is no address",
        "bad_captions": "have captions that are no list",
        "dangling_caption": "name a caption that is not on their page",
        "bad_link": "continue something that is no place in the document",
        "dangling_link": "continue a block that is not in the result",
    }
)
"""Code of a notice → what is true of the blocks that it counts."""

PAGES = MappingProxyType(
    {
        "bad_page": "page {} is not an object, and its text may be lost.",
        "no_blocks": "page {} has no list of blocks, and its text may be lost.",
        "no_number": "page {} does not say its number, and its place in the result was taken for it.",
        "no_size": "page {} has no size, so that the boxes on it mean nothing and were left out.",
        "no_head": "page {} goes on from the page before, and nothing is there that it could go on from.",
    }
)
"""Code of a notice → its sentence about one page."""


class Losses:
    """Collects while a result is read. Pages have a notice each; blocks are counted, with the first page (1-based)."""

    def __init__(self) -> None:
        self._pages: list[Notice] = []
        self._blocks: dict[str, tuple[int, int]] = {}

    def page(self, code: str, number: int) -> None:
        """Something is wrong with a page."""
        self._pages.append(Notice(code, PAGES[code].format(number), number))

    def block(self, code: str, number: int) -> None:
        """Something is wrong with a block on that page."""
        count, first = self._blocks.get(code, (0, number))
        self._blocks[code] = (count + 1, min(first, number))

    def notices(self) -> Iterator[Notice]:
        """All that was found."""
        yield from self._pages
        for code, (count, first) in self._blocks.items():
            yield Notice(code, f"{count} blocks {BLOCKS[code]}, the first on page {first}.", first)
