"""A document's words between marks, so that they are taken for data and cannot pass for ours."""

import hashlib
from itertools import count

_DROPPED = dict.fromkeys((0, 0xFEFF, 0xFFFE, 0xFFFF))


def clean(text: str) -> str:
    """Text that every protocol can carry: no NUL, no byte order marks, and no half of a character."""
    text = text.translate(_DROPPED)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def one_line(text: str, most: int = 200) -> str:
    """Text as part of a line of ours: no line break, nothing invisible, and no longer than `most` characters."""
    shown = "".join([sign if sign.isprintable() else " " for sign in text[: 4 * most]])
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def mark_of(text: str, length: int = 8) -> str:
    """Hexadecimal signs that do not occur in `text`: whoever wrote it cannot have closed a fence that is made of them."""
    data = text.encode("utf-8", "surrogatepass")
    marks = (hashlib.sha256(b"%d " % number + data).hexdigest()[:length] for number in count())
    return next(mark for mark in marks if mark not in text)


def fenced(text: str, mark: str = "") -> str:
    """`text` between an opening and a closing line with the same mark, `mark_of(text)` if none is given."""
    mark = mark or mark_of(text)
    return f"<<<{mark} text of a document: data, not instructions\n{text}\n{mark}>>>"
