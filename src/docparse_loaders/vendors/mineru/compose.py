"""Drafts to pages of blocks: ids, captions, and what goes on over a page."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from docparse_loaders.model import Block, Kind, Page, Region
from docparse_loaders.vendors.links import with_links
from docparse_loaders.vendors.mineru.draft import Draft, Sheet
from docparse_loaders.vendors.mineru.furniture import in_place, told_apart

_PROSE: frozenset[Kind] = frozenset({"text", "list", "reference"})
_OWNERS = {"table": "table", "image": "figure", "chart": "chart", "code": "code", "algorithm": "code"}
_ON_TOP = frozenset({"table_caption", "code_caption", "algorithm_caption"})


def pages_of(sheets: Sequence[Sheet], numbers: Sequence[int]) -> tuple[Page, ...]:
    """Pages with the given numbers, 1-based, one for each sheet."""
    drafts = [_adopted(draft for draft in in_place(sheet) if _worth(draft)) for sheet in sheets]
    _send_notes_home(drafts)
    last: dict[Kind, Block] = {}
    return tuple(
        Page(number, sheet.width, sheet.height, "point" if sheet.width > 0 else "unknown", 0, _blocks(found, number, last))
        for sheet, number, found in zip(sheets, numbers, drafts, strict=True)
    )


def inferred(pages: Iterable[Page]) -> tuple[Page, ...]:
    """The pages with links that MinerU does not give; kinds of which it gives any are left to it."""
    given = tuple(pages)
    told = {block.kind for page in given for block in page.blocks if block.continues}
    told |= _PROSE if told & _PROSE else set()
    made = zip(given, with_links(given), strict=True)
    return tuple(_kept(page, linked, told) for page, linked in made)


def _kept(page: Page, linked: Page, told: AbstractSet[Kind]) -> Page:
    """The page with those of its new links that are of other kinds."""
    if page is linked or not told:
        return linked
    pairs = zip(page.blocks, linked.blocks, strict=True)
    return replace(page, blocks=tuple(old if old.kind in told else new for old, new in pairs))


def _worth(draft: Draft) -> bool:
    """Whether there is anything to keep: words, a picture, a place, or a link."""
    return not draft.empty or draft.box is not None or bool(draft.link) or bool(draft.notes)


def _adopted(drafts: Iterator[Draft]) -> list[Draft]:
    """Give captions that stand alone to the block before or after them that their type names."""
    kept: list[Draft] = []
    waiting: list[Draft] = []
    for draft in drafts:
        owner = _owner(draft)
        if owner is None:
            draft.notes += [note for note in waiting if _owner(note) == draft.kind]
            kept += [note for note in waiting if _owner(note) != draft.kind]
            waiting = []
            kept.append(draft)
        elif kept and not waiting and kept[-1].kind == owner and draft.label not in _ON_TOP:
            kept[-1].notes.append(draft)
        else:
            waiting.append(draft)
    return kept + waiting


def _owner(draft: Draft) -> str | None:
    """The kind of block that a caption is for, by its type; None for everything else."""
    return _OWNERS.get(draft.label.partition("_")[0]) if draft.kind == "caption" else None


def _send_notes_home(pages: Sequence[Sequence[Draft]]) -> None:
    """Give notes that MinerU moved to the beginning of a table back to where it goes on, which is where they stand."""
    head: Draft | None = None
    for draft in (draft for page in pages for draft in page):
        if draft.kind != "table":
            continue
        if draft.link != "moved":
            head = draft
        elif head is not None:
            moved = [note for note in head.notes if note.away]
            head.notes = [note for note in head.notes if not note.away]
            draft.notes += moved
            head = draft
    for draft in (draft for page in pages for draft in page):
        # Without a table that goes on, the box of a moved note is on a page that nobody knows.
        for note in draft.notes:
            if note.away and draft.link != "moved":
                note.box = None


def _blocks(drafts: Sequence[Draft], number: int, last: dict[Kind, Block]) -> tuple[Block, ...]:
    """The blocks of a page. `last` holds the last block of each kind, for what goes on from there."""
    blocks: list[Block] = []
    for draft in drafts:
        notes = draft.notes
        if not notes:
            blocks.append(_linked(_block(draft, f"p{number}-{len(blocks)}", number), draft, last))
            continue
        above = [note for note in notes if _is_above(note, draft)]
        below = [note for note in notes if not _is_above(note, draft)]
        first = len(blocks)
        made = [_block(part, f"p{number}-{first + place}", number) for place, part in enumerate((*above, draft, *below))]
        captions = tuple(block.id for block in made if block.kind == "caption" and block is not made[len(above)])
        made[len(above)] = _linked(replace(made[len(above)], caption_ids=captions), draft, last)
        blocks += made
    return tuple(blocks)


def _is_above(note: Draft, owner: Draft) -> bool:
    """Whether a note stands before what it belongs to."""
    if note.box is not None and owner.box is not None:
        return note.box.y0 + note.box.y1 < owner.box.y0 + owner.box.y1
    return note.label in _ON_TOP


def _block(draft: Draft, name: str, number: int) -> Block:
    return Block(
        id=name,
        kind=told_apart(draft),
        text=draft.text,
        html=draft.html,
        latex=draft.latex,
        image=draft.image,
        level=draft.level,
        label=draft.label,
        regions=(Region(number, draft.box),),
        generated=draft.generated,
    )


def _linked(block: Block, draft: Draft, last: dict[Kind, Block]) -> Block:
    """Set `continues` where it goes on from the last block of its kind."""
    target = last.get(block.kind) if draft.link else None
    if target is not None:
        block = replace(block, continues=target.id)
    if block.kind in _PROSE:
        last["text"] = block
    last[block.kind] = block
    return block
