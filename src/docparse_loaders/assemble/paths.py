"""The headings that are open at each block."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from docparse_loaders.model import Block, Heading, Outline

Path = tuple[Heading, ...]


def paths_of(blocks: Iterable[Block], outline: Outline) -> Mapping[str, Path]:
    """By block id, the headings under which it stands, outermost first; a heading's own path ends with itself.

    Give the blocks of the pages, so that a part which was joined to an earlier one has a path of its own too. Blocks below
    one heading share one tuple, and no path is longer than the outline is deep.
    """
    headings = {heading.block_id: heading for heading in outline.headings}
    paths: dict[str, Path] = {}
    path: Path = ()
    for block in blocks:
        heading = headings.get(block.id)
        if heading is not None and block.id not in paths:
            path = (*_around(path, heading.level), heading)
        paths.setdefault(block.id, path)
    return MappingProxyType(paths)


def _around(path: Path, level: int) -> Path:
    """The part of a path that a heading of `level` leaves open."""
    depth = len(path)
    while depth and path[depth - 1].level >= level:
        depth -= 1
    return path[:depth]
