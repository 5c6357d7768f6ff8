"""The blocks of the reading order with what belongs to them, and those that should not be parted."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from docparse_loaders.chunking.captions import claims_of, is_note
from docparse_loaders.model import FURNITURE, Block, Kind
from docparse_loaders.render import PICTURES

_INTRODUCED: frozenset[Kind] = frozenset({"list", "table", "code", "equation", "figure", "chart", "toc"})
_COLONS = (":", "：")
_MOST_TOGETHER = 8


class Item(NamedTuple):
    """A block with the captions that belong to it, and pictures without words that stand `before` and `after` it."""

    block: Block
    captions: tuple[Block, ...]
    before: tuple[Block, ...] = ()
    after: tuple[Block, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of them, in the order in which a chunk names them."""
        return (*self.before, *self.captions, self.block, *self.after)


# There is one for nearly every block of a document: this makes it without the detour over keywords.
_item = partial(tuple.__new__, Item)


def items(blocks: Sequence[Block], *, furniture: bool) -> Iterator[Sequence[Item]]:
    """The blocks in reading order, each caption with the block that it describes and not on its own.

    Those that should stand in one chunk come together, most come alone: an introduction that ends in a colon stays with what
    it introduces, a table with its notes. Page furniture is left out unless wanted. A picture that says nothing goes with the
    block before it, or the one after it if only that is on its page, so that its place is in a chunk.
    """
    shown = blocks if furniture else [block for block in blocks if block.kind not in FURNITURE]
    claims = claims_of(shown)
    owned = {caption.id for captions in claims.values() for caption in captions}
    group: list[Item] = []
    mute: list[Block] = []
    noted = False
    for block in shown:
        captions = claims.get(block.id, ()) if claims else ()
        if (claims and block.id in owned) or not (block.text or block.html or block.latex or captions):
            if block.id not in owned and (block.kind in PICTURES or block.image is not None):
                mute.append(block)
            continue
        item = _item((block, captions, (), ()))
        if mute:
            group[-1:], item = _shared(group[-1:], mute, item)
            mute = []
        bound = (noted or block.kind in _INTRODUCED) and _stays(group, item, noted)
        if group and not bound:
            yield group
            group = []
        group.append(item)
        noted = block.kind == "table" or (bound and noted)
    if group:
        group[-1] = group[-1]._replace(after=tuple(mute))
        yield group


def _stays(group: Sequence[Item], item: Item, noted: bool) -> bool:
    """Whether an item belongs to those before it, which are `noted` if a table is the last of them but for its notes."""
    if not group or len(group) >= _MOST_TOGETHER:
        return False
    if noted and not item.captions and is_note(item.block):
        return True
    before = group[-1].block
    return before.kind == "text" and item.block.kind in _INTRODUCED and before.text.rstrip().endswith(_COLONS)


def _shared(before: Sequence[Item], mute: Sequence[Block], after: Item) -> tuple[Sequence[Item], Item]:
    """Give silent pictures to the items around them: backwards, unless a page or the beginning of the text stands between."""
    if not before:
        return before, after._replace(before=tuple(mute))
    regions = before[0].block.regions
    last = regions[-1].page_number if regions else 0
    page = after.block.page_number if after.block.kind != "title" else 0
    forward = [last < block.page_number == page for block in mute]
    return (
        [before[0]._replace(after=tuple([block for block, ahead in zip(mute, forward, strict=True) if not ahead]))],
        after._replace(before=tuple([block for block, ahead in zip(mute, forward, strict=True) if ahead])),
    )
