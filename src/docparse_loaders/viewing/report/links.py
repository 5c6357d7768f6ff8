"""Which chunks stand in which box, and on which pages they begin and go on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from docparse_loaders.chunking import Chunk
from docparse_loaders.model import Region


class Links:
    """The chunks of a document by the places that they show. Chunks are told by their position."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._regions = [frozenset(chunk.regions) for chunk in chunks]
        self._named: dict[str, list[int]] = defaultdict(list)
        for position, chunk in enumerate(chunks):
            for name in dict.fromkeys(chunk.block_ids):
                self._named[name].append(position)

    def inside(self, block_id: str, region: Region) -> list[int]:
        """The chunks that show what a block says in one of its places: several if it was cut, none if it is furniture."""
        return [position for position in self._named.get(block_id, ()) if region in self._regions[position]]


def chunks_by_page(chunks: Sequence[Chunk]) -> Mapping[int, list[int]]:
    """The chunks that begin on each page; those without a page are under 0."""
    found: dict[int, list[int]] = defaultdict(list)
    for position, chunk in enumerate(chunks):
        found[chunk.page_number].append(position)
    return found


def going_on(chunks: Sequence[Chunk]) -> Mapping[int, list[int]]:
    """The chunks that go on on each page from one before."""
    found: dict[int, list[int]] = defaultdict(list)
    for position, chunk in enumerate(chunks):
        for number in sorted({region.page_number for region in chunk.regions} - {chunk.page_number}):
            found[number].append(position)
    return found
