"""Numbered lines as headings, for vendors that know no titles."""

from collections.abc import Iterator, Sequence

from docparse_loaders.assemble.contents import has_leaders
from docparse_loaders.assemble.nesting import place_in
from docparse_loaders.assemble.numbering import Number, numbers_of
from docparse_loaders.model import FURNITURE, Block

_LONGEST = 80
"""Characters; a heading in a document without titles is believed only if it is short."""
_TERMINAL = ".。!！?？;；:：,，、"


def numbered_lines(blocks: Sequence[Block]) -> list[int]:
    """The places of `text` blocks that are headings: short, without terminal punctuation, each number following the one before.

    At least two, and half of them with a block of body below: else it is a list.
    """
    places = [place for place, block in enumerate(blocks) if block.kind == "text" and _is_line(block.text)]
    numbers = numbers_of(blocks[place].text for place in places)
    chosen = [place for place, follows in zip(places, _following(numbers), strict=True) if follows]
    bodies = _bodies(blocks, set(chosen))
    return chosen if len(chosen) > 1 and 2 * bodies >= len(chosen) else []


def _is_line(text: str) -> bool:
    if len(text) > _LONGEST + 40:
        return False
    line = text.strip()
    return 1 < len(line) <= _LONGEST and "\n" not in line and line[-1] not in _TERMINAL and not has_leaders(line)


def _following(numbers: Sequence[Number | None]) -> Iterator[bool]:
    """Whether each number goes on from the open ones: the next of its style, or the first below."""
    stack: list[Number] = []
    for number in numbers:
        follows = number is not None and _headed(number) and _goes_on(stack, number)
        if number is not None and follows:
            del stack[place_in(stack, number) :]
            stack.append(number)
        yield follows


def _headed(number: Number) -> bool:
    """Only decimals and words like Chapter and 第一章: marks like (1) or a) number lists as well."""
    return number.decimal is not None or number.word is not None


def _goes_on(stack: Sequence[Number], number: Number) -> bool:
    *outer, last = number.parts
    before = next((one for one in stack if one.style == number.style), None)
    if before is not None and before.parts == (*outer, last - 1):
        return True
    parent = not outer or any(one.leads(number) for one in stack)
    return last == 1 and parent and (before is None or (bool(outer) and before.parts != number.parts))


def _bodies(blocks: Sequence[Block], chosen: set[int]) -> int:
    """How many of the chosen are followed by something else."""
    count = 0
    heading = False
    for place, block in enumerate(blocks):
        if block.kind not in FURNITURE:
            count += heading and place not in chosen
            heading = place in chosen
    return count
