"""How deep each numbered heading stands: a stack of numbering styles."""

from collections.abc import Iterable, Iterator, Sequence

from docparse_loaders.assemble.numbering import Number
from docparse_loaders.assemble.words import ITEM


def depths_of(numbers: Iterable[Number | None]) -> list[int | None]:
    """The depth of each numbered heading, 0 on top; None for one without a number.

    A style that is first seen opens below the one that is open, a style that is open closes down to it. Only inside a
    family is the order fixed. The stack holds each style once, so its depth is bounded and the work linear.
    """
    return list(_depths(numbers))


def _depths(numbers: Iterable[Number | None]) -> Iterator[int | None]:
    stack: list[Number] = []
    for number in numbers:
        if number is None:
            yield None
            continue
        del stack[place_in(stack, number) :]
        yield len(stack)
        stack.append(number)


def place_in(stack: Sequence[Number], number: Number) -> int:
    """How many of the open numbers stay open around this one."""
    same = next((place for place, one in enumerate(stack) if one.style == number.style), None)
    if same is not None:
        return same
    if _restarts(stack, number):
        return len(stack)
    nested = any((one.decimal or 0) > 1 for one in stack)
    return next((place for place, one in enumerate(stack) if _ends(number, one, nested)), len(stack))


def _restarts(stack: Sequence[Number], number: Number) -> bool:
    """A list "1." that begins below "3.1" or "1 Scope", being written in another way."""
    return number.parts == (1,) and number.decimal == 1 and number.mark is not None and any(one.decimal for one in stack)


def _ends(number: Number, one: Number, nested: bool) -> bool:
    """Whether `number` ends the open section of `one`; `nested` tells that decimals like 1.1 are open."""
    if number.appendix or _is_appendix_after(one, number):
        return True
    if one.leads(number):
        return False
    if number.word is not None and (one.word is None or one.appendix):
        return number.word < ITEM and not (one.appendix and number.parts == (1,))
    if number.decimal is not None and one.decimal is not None:
        return one.decimal >= number.decimal if number.lettered == one.lettered else number.lettered
    if number.mark is not None and one.mark is not None and not (nested and one.decimal):
        return one.mark >= number.mark
    return number.word is not None and one.word is not None and one.word >= number.word


def _is_appendix_after(one: Number, number: Number) -> bool:
    """A bare "A Lemmas" after "2.3" opens the appendices of a paper."""
    return number.style == "A" and one.decimal is not None and not one.lettered
