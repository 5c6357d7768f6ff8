"""What stands in a cell beside plain text: pictures, and text that is raised or lowered.

A plain "106 m2" for 10<sup>6</sup> m<sup>2</sup> is a wrong number, and so is "10⁶" as soon as an index folds it (NFKC makes
"106" of it). So raised text is written behind "^" and read alike by everyone: "10^6 m^2", "1^a" for a footnote's mark. Lowered
digits behind a letter become "H₂O", which folds to the H2O that people search for; any other text is written behind "_".
"""

import re
from html import unescape

from docparse_loaders.tables.formulas import without_mathml

_ALT = re.compile(r"""(?<![\w-])alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SOURCE = re.compile(r"""(?<![\w-])src\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SIMPLE = re.compile(r"[-+−–]?(?:\w|[.,*†‡])+")
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LONGEST_NAME = 80
BREAK = "\0"
"""Stands for a line break that the markup asks for, while other line feeds are only white space."""
_NEITHER_CELL_NOR_ROW = re.compile(r"<(?:/[^tT]|[^/tT])")
_BR = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FORMATTED = re.compile(
    r"<(b|i|u|em|strong|span|font|a|small|big|tt|mark)(?:\s[^<>\"']*(?:\"[^<>\"]*\"[^<>\"']*)*)?>([^<]*)</\1>", re.IGNORECASE
)
_RAISED = re.compile(r"<(sup|sub)>([^<]*)</\1>", re.IGNORECASE)


def picture(attributes: str) -> str:
    """What an `img` tag says: its alternative text, or else "[image: name]" with the last part of its address."""
    alternative = _value(_ALT.search(attributes)).strip()
    if alternative:
        return f" {alternative} "
    source = _value(_SOURCE.search(attributes)).strip()
    if not source:
        return " "
    name = "" if source[:5].lower() == "data:" else re.split("[?#]", source, maxsplit=1)[0].rstrip("/").rpartition("/")[2]
    return f" [image: {name[:_LONGEST_NAME]}] " if name else " [image] "


def closed_mark(text: list[str], begun: int, sign: str) -> None:
    """Write `sign` before the pieces of text behind position `begun`, with brackets around more than one word."""
    if len(text) == begun + 2:
        text[begun + 1] = _marked(text[begun + 1], text[begun - 1][-1:] if begun else "", sign)
    elif len(text) > begun + 2:
        text[begun] = f"{sign}("
        text.append(")")


def _marked(text: str, before: str, sign: str) -> str:
    """A raised or lowered text; `before` is the character that it stands behind."""
    content = (unescape(text) if "&" in text else text).strip()
    if not content or (before.isdigit() and content in _ORDINALS):
        return content
    if sign == "_" and content.isascii() and content.isdigit() and not before.isdigit():
        return content.translate(_LOWERED)
    return f"{sign}{text.strip()}" if _SIMPLE.fullmatch(content) else f"{sign}({text})"


def simplified(html: str) -> str:
    """The HTML with its commonest inline markup already read, in a few passes: formulas, breaks, bold, raised text.

    Reading tags one by one costs several times more. Only what has its end tag and no other tag within is taken; what is
    broken or nested stays for the reader, which gives the same.
    """
    if not _NEITHER_CELL_NOR_ROW.search(html):
        return html
    if "math" in html:
        html = without_mathml(html)
    pieces = _FORMATTED.split(_BR.sub(BREAK, html))
    del pieces[1::3]  # the names of the tags; their contents stay
    html = "".join(pieces)
    return _RAISED.sub(_raised, html) if "</su" in html else html


def _raised(found: re.Match[str]) -> str:
    before = found.string[found.start() - 1 : found.start()]
    if before == ">":  # behind another tag: what stands before that, only the reader knows
        return found[0]
    return _marked(found[2], before, "^" if found[1][2] in "pP" else "_")


def _value(found: re.Match[str] | None) -> str:
    return (found[1] or found[2] or found[3] or "") if found else ""
