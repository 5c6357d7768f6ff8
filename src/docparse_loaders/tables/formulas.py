"""MathML in cells as text that keeps its meaning: x^2 and not x2, a/b and not ab.

Presentation MathML says by place what a text must say by signs. A formula that carries its source (`annotation`, TeX as a
rule) is that source.
"""

import re
from collections.abc import Callable, Sequence
from html import unescape

_BEGIN = re.compile(r"<((?:\w+:)?)math(?:\s[^<>]*+)?>", re.IGNORECASE)
_TAG = re.compile(r"<(?:(/?)(?:\w+:)?([a-zA-Z][\w-]*+)[^<>]*?(/?)>|!--[^<>]*-->)")
_CELL = re.compile(r"</?(?:td|th|tr|table|thead|tbody|tfoot)[\s>/]", re.IGNORECASE)
_ONE = re.compile(r"[\d.,]+[%°′″]?|[^\W\d_]+|.", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_ENDED = re.compile(r"^[^\W\d_]{2,}$|[_^]")
_MOST_OPEN = 200
"""Deeper nesting is no formula; its texts are kept side by side."""


def without_mathml(html: str) -> str:
    """The HTML with every whole `math` element written as text, in one pass; broken ones stay as they are."""
    pieces: list[str] = []
    done = 0
    for found in _BEGIN.finditer(html):
        if found.start() < done:
            continue
        end = html.find(f"</{found[1]}math>", found.end())
        if end < 0:
            break
        formula = html[found.end() : end]
        if not _CELL.search(formula) and not _BEGIN.search(formula):
            pieces += [html[done : found.start()], _text(formula)]
            done = end + len(found[1]) + 7
        else:
            pieces.append(html[done:end])
            done = end
    return "".join([*pieces, html[done:]])


def _text(formula: str) -> str:
    stack: list[tuple[str, list[str]]] = [("mrow", [])]
    place = 0
    for found in _TAG.finditer(formula):
        _add(stack[-1][1], formula[place : found.start()])
        place = found.end()
        closing, name, empty = found[1], (found[2] or "").lower(), found[3]
        if name == "annotation" and not closing:
            return _annotation(formula, place)
        if closing:
            _close(stack, name)
        elif name and empty:
            stack[-1][1].append("")
        elif name and len(stack) < _MOST_OPEN:
            stack.append((name, []))
    _add(stack[-1][1], formula[place:])
    while len(stack) > 1:
        _close(stack, stack[-1][0])
    return _written(*stack[0])


def _add(children: list[str], text: str) -> None:
    if text and not text.isspace():
        children.append(text.strip())


def _annotation(formula: str, start: int) -> str:
    end = formula.find("<", start)
    return formula[start : end if end >= 0 else len(formula)].strip()


def _close(stack: list[tuple[str, list[str]]], name: str) -> None:
    """Write the innermost element if it is the one that ends; a stray end tag is nothing."""
    if len(stack) > 1 and stack[-1][0] == name:
        stack[-2][1].append(_written(*stack.pop()))


def _written(name: str, parts: list[str]) -> str:
    form = _FORMS.get(name)
    if form is not None and len(parts) == form[0]:
        return form[1](parts)
    if name == "msqrt":
        return f"√{_group(''.join(parts))}"
    if name == "mo":
        return _operator("".join(parts))
    if name in _ROWS:
        return _row(parts)
    return ("; " if name == "mtable" else " " if name in {"mtr", "mtext"} else "").join(parts)


def _row(parts: Sequence[str]) -> str:
    """Texts side by side, with a space where two would run into each other: "sin x", "x^2 y"."""
    row: list[str] = []
    for part in filter(None, parts):
        if row and row[-1][-1].isalnum() and part[0].isalnum() and (_LETTERS.match(part) or _ENDED.search(row[-1])):
            row.append(" ")
        row.append(part)
    return "".join(row)


def _operator(sign: str) -> str:
    return "" if unescape(sign) in _UNSEEN else sign


def _group(text: str) -> str:
    """In brackets, if it is more than one number or name."""
    return text if len(text) < 2 or _ONE.fullmatch(unescape(text)) else f"({text})"


def _over(base: str, sign: str) -> str:
    """An accent stands behind its letter, anything else is raised."""
    return f"{base}{sign}" if len(unescape(sign)) == 1 and not unescape(sign).isalnum() else f"{base}^{_group(sign)}"


_UNSEEN = frozenset({"\u2061", "\u2062", "\u2063", "\u2064"})
"""Function application and invisible times, comma and plus."""
_ROWS = frozenset({"mrow", "mstyle", "semantics", "mtd", "mpadded", "menclose", "merror"})
_FORMS: dict[str, tuple[int, Callable[[Sequence[str]], str]]] = {
    "msup": (2, lambda part: f"{_group(part[0])}^{_group(part[1])}"),
    "msub": (2, lambda part: f"{_group(part[0])}_{_group(part[1])}"),
    "msubsup": (3, lambda part: f"{_group(part[0])}_{_group(part[1])}^{_group(part[2])}"),
    "munder": (2, lambda part: f"{part[0]}_{_group(part[1])}"),
    "mover": (2, lambda part: _over(part[0], part[1])),
    "munderover": (3, lambda part: f"{part[0]}_{_group(part[1])}^{_group(part[2])}"),
    "mfrac": (2, lambda part: f"{_group(part[0])}/{_group(part[1])}"),
    "mroot": (2, lambda part: f"{_group(part[0])}^(1/{part[1]})"),
}
"""How many parts an element has, and how they are written."""
