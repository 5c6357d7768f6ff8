"""Which caption is whose: by the vendor's links, and else by what it says and where it stands."""

import re
from collections.abc import Iterable, Mapping, Sequence

from docparse_loaders.model import Block, Kind

Claims = Mapping[str, tuple[Block, ...]]
"""The captions of each block that has some, by its id."""

_LONGEST = 300
_NUMBER = r"\s*(?:[A-Z]{1,2}[.\-]?)?(?:\d+|[IVX]+\b|[一二三四五六七八九十]+)(?:[.\-–]\d+)*[a-z]?"
# A sentence such as "Table 1 shows" or "表1给出" is no caption: what follows the number must be set off from it.
_SET_OFF = r"(?:\s*[.:：|–—]|\)|\s*\Z|\s*\n|[ \t\u3000]+(?![a-zà-ÿа-я]))"
_TABLE = re.compile(rf"(?:(?i:table|tab\.|tableau|tabelle|tabla|tabela|таблица|quadro)|续?表|表格){_NUMBER}{_SET_OFF}")
_FIGURE = re.compile(
    rf"(?:(?i:figure|fig\.|abbildung|abb\.|figura|рисунок|рис\.|chart|exhibit|image|plate)|图表?|圖|그림){_NUMBER}{_SET_OFF}"
)
_OWNERS: Mapping[Kind, re.Pattern[str]] = {"table": _TABLE, "figure": _FIGURE, "chart": _FIGURE}
_NOTE = re.compile(
    r"(?:notes?|sources?|anmerkung(?:en)?|quellen?|nota|fuente|remarques?|注释?|註|备注|说明|资料来源|数据来源|来源|出典|注記|출처|주)"
    r"\s*\d{0,2}\s*[.:：]|[*†‡※]",
    re.IGNORECASE,
)


def claims_of(shown: Sequence[Block]) -> Claims:
    """The captions of each block: those that it names, or if none one beside it.

    Captions stand above a table and below a figure, if there is one; a caption that says of which it is goes to no other.
    """
    claims = _linked([block for block in shown if block.caption_ids], shown)
    taken = {caption.id for captions in claims.values() for caption in captions}
    owners = [at for at, block in enumerate(shown) if block.kind in _OWNERS and not claims.get(block.id)]
    found: dict[str, tuple[Block, ...]] = {}
    for preferred in (True, False):
        for at in owners:
            block = shown[at]
            beside = at - 1 if (block.kind == "table") is preferred else at + 1
            if block.id in found or not 0 <= beside < len(shown) or shown[beside].id in taken:
                continue
            if _describes(shown[beside], block):
                found[block.id] = (shown[beside],)
                taken.add(shown[beside].id)
    return {**claims, **found} if found else claims


def is_note(block: Block) -> bool:
    """Whether a block right below a table explains it."""
    if block.kind == "footnote":
        return True
    return block.kind in {"text", "other"} and len(block.text) <= _LONGEST and _NOTE.match(block.text.lstrip()) is not None


def _describes(caption: Block, owner: Block) -> bool:
    """Whether a block beside a table or figure is its caption."""
    text = caption.text.strip()
    if caption.kind not in {"caption", "text", "other"} or not text or caption.caption_ids:
        return False
    if caption.kind == "caption":
        others = {pattern for pattern in _OWNERS.values() if pattern is not _OWNERS[owner.kind]}
        return not any(pattern.match(text) for pattern in others)
    return len(text) <= _LONGEST and _OWNERS[owner.kind].match(text) is not None


def _linked(claiming: Iterable[Block], shown: Iterable[Block]) -> Claims:
    """The captions that blocks name.

    A garbled link must not swallow a section: a heading or a table is no caption, nor is what has captions itself.
    """
    owners = [block for block in claiming if block.kind not in {"title", "caption"}]
    wanted = {name for block in owners for name in block.caption_ids}
    if not wanted:
        return {}
    free = {b.id: b for b in shown if b.id in wanted and not b.caption_ids and b.kind not in {"title", "table"}}
    return {block.id: tuple([free.pop(name) for name in dict.fromkeys(block.caption_ids) if name in free]) for block in owners}
