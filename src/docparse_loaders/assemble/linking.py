"""Blocks that go on over a page break, made one: `Block.continues` followed from part to part."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from docparse_loaders.joining import join_texts
from docparse_loaders.model import Block, Kind, Notice
from docparse_loaders.tables import Grid, grid_of, join, to_html, to_plain

_PROSE: frozenset[Kind] = frozenset({"text", "list", "reference"})
_JOINED: frozenset[Kind] = _PROSE | {"title", "toc", "code", "footnote", "aside", "caption", "other", "table"}


def join_linked(blocks: Sequence[Block], notices: list[Notice], words: Container[str] | None = None) -> list[Block]:
    """Join every chain of parts into its first one, which keeps its place; all other blocks stay where they are.

    A link may name the part before or the first one. A link that leads nowhere, forward or to itself, or to a block of
    another kind, leaves its block as it is and adds a notice: only links backwards are followed, so there is no cycle.
    `words` are those of the document, for hyphens between two parts (see `join_texts`).
    """
    wanted = {block.continues for block in blocks if block.continues is not None}
    heads: dict[str, Block] = {}
    parts: dict[str, list[Block]] = {}
    kept: list[Block] = []
    for block in blocks:
        head = block
        if block.continues is not None:
            target = heads.get(block.continues)
            refusal = _refusal(block, target)
            if target is None or refusal:
                notices.append(Notice("dangling_link" if target is None else "unjoined_link", refusal, block.page_number))
            else:
                head = target
                parts.setdefault(head.id, []).append(block)
        if head is block:
            kept.append(block)
        if block.id in wanted:
            heads.setdefault(block.id, head)
    return [_joined(block, parts.pop(block.id), words) if block.id in parts else block for block in kept]


def _refusal(block: Block, target: Block | None) -> str:
    """Why a block cannot be joined to its target; empty if it can."""
    if target is None:
        return f"block {block.id} continues {block.continues}, which does not come before it; it was left on its own."
    alike = block.kind == target.kind or (block.kind in _PROSE and target.kind in _PROSE)
    if not alike or block.kind not in _JOINED:
        return f"block {block.id} ({block.kind}) cannot continue {target.id} ({target.kind}); it was left on its own."
    if block.image is not None and not (block.text or block.html):
        return f"block {block.id} is only a picture and cannot be joined to {target.id}; it was left on its own."
    return ""


def _joined(head: Block, rest: Iterable[Block], words: Container[str] | None) -> Block:
    parts = [head, *rest]
    if head.kind == "table":
        text, html = _table(parts)
    else:
        text, html = join_texts((part.text for part in parts), head.kind, words=words), head.html
    trusts = [part.confidence for part in parts if part.confidence is not None]
    return replace(
        head,
        text=text,
        html=html,
        regions=tuple(region for part in parts for region in part.regions),
        caption_ids=tuple(dict.fromkeys(name for part in parts for name in part.caption_ids)),
        generated=any(part.generated for part in parts),
        confidence=min(trusts, default=None),
    )


def _table(parts: Sequence[Block]) -> tuple[str, str | None]:
    """The cells of all parts; parts that a vendor emptied when it merged them itself leave the table as it is."""
    filled = [part for part in parts if part.html or part.text]
    if len(filled) < 2:
        return (filled[0].text, filled[0].html) if filled else ("", None)
    grid: Grid = join(*map(grid_of, filled))
    return to_plain(grid), to_html(grid)
