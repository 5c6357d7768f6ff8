"""What stands in a cell beside plain text: pictures, and text that is raised or lowered.

A plain "106 m2" for 10<sup>6</sup> m<sup>2</sup> is a wrong number, and so is "10⁶" as soon as an index folds it (NFKC makes
"106" of it). So raised text is written behind "^" and read alike by everyone: "10^6 m^2", "1^a" for a footnote's mark. Lowered
digits behind a letter become "H₂O", which folds to the H2O that people search for; any other text is written behind "_".
"""

import re
from html import unescape

_ALT = re.compile(r"""(?<![\w-])alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SOURCE = re.compile(r"""(?<![\w-])src\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SIMPLE = re.compile(r"[-+−–]?(?:\w|[.,*†‡])+")
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_LONGEST_NAME = 80


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
    content = unescape(text[begun + 1]).strip() if len(text) == begun + 2 else ""
    before = text[begun - 1][-1:] if begun else ""
    if len(text) == begun + 1 or (len(text) == begun + 2 and not content):
        return
    if sign == "_" and content.isascii() and content.isdigit() and not before.isdigit():
        text[begun + 1] = content.translate(_LOWERED)
    elif before.isdigit() and content in _ORDINALS:
        text[begun + 1] = content
    elif _SIMPLE.fullmatch(content):
        text[begun] = sign
        text[begun + 1] = text[begun + 1].strip()
    else:
        text[begun] = f"{sign}("
        text.append(")")


def _value(found: re.Match[str] | None) -> str:
    return (found[1] or found[2] or found[3] or "") if found else ""
