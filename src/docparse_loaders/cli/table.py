"""Tables on stdout, for people and for pipes, and how names, sizes and ages are written in them."""

import shutil
import sys
from pathlib import PurePath

from rich.console import Console
from rich.table import Table

_WIDE = 1000
"""Columns of a file or a pipe, where nothing is cut or wrapped."""
_ROOMY = 60
_LONGEST_NAME, _SHORTEST_NAME, _OTHERS = 32, 10, 44
"""Columns of a file's name, and those that the others in its row may want on a terminal."""


def table_of(*columns: str) -> Table:
    """An empty table; a column whose name ends with `>` is set to the right, and `file` gives way if it is narrow."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        if column == "file":
            table.add_column(column, overflow="ellipsis", no_wrap=True, max_width=_name_width())
        elif column:
            table.add_column(column.rstrip(">"), justify="right" if column.endswith(">") else "left", no_wrap=True)
        else:
            table.add_column(column, overflow="fold")
    return table


def is_wide() -> bool:
    """Whether there is room for more than the most important columns."""
    return not sys.stdout.isatty() or shutil.get_terminal_size().columns >= _ROOMY


def _name_width() -> int | None:
    if not sys.stdout.isatty():
        return None
    return max(_SHORTEST_NAME, min(_LONGEST_NAME, shutil.get_terminal_size().columns - _OTHERS))


def show(what: Table | str) -> None:
    """Print to stdout: on a terminal as wide as it is, in a file or a pipe whole and plain."""
    if sys.stdout.isatty():
        Console(highlight=False).print(what)
        return
    console = Console(highlight=False, width=_WIDE, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(what, soft_wrap=isinstance(what, str))
    sys.stdout.writelines(line.rstrip() + "\n" for line in captured.get().splitlines())


def name_of(source: str) -> str:
    """A file's name without its folder."""
    return printable(PurePath(source).name or source)


def printable(text: str) -> str:
    """A name or a vendor's word without what could steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def size(count: int) -> str:
    """`41 kB`, `1.2 MB`; empty for none."""
    if not count:
        return ""
    if count >= 1e6:
        return f"{count / 1e6:,.0f} MB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
    return f"{max(count / 1e3, 1):.0f} kB"


def age(seconds: float) -> str:
    """`now`, `5 min`, `3 h`, `12 d`: how long ago something was."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "now"
