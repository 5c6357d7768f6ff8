"""The progress bar of `progress=True`: tqdm's, as a widget where a notebook has them, else as a line of text."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any, TextIO

from docparse_loaders.errors import MissingExtra
from docparse_loaders.following.board import Board, counted
from docparse_loaders.following.event import Event, Listener

_BAR = "{l_bar}{bar}| "
_REST = 0.1
"""Seconds between two drawings: more often nobody can read it."""
_TINY = 1e-9
"""A delay, however small, keeps tqdm from drawing by itself at first."""


@contextmanager
def bar() -> Iterator[Listener]:
    """A bar for the time of the block, which takes events; its last line says what happened.

    Raises `MissingExtra` if tqdm is not installed.
    """
    kind = _tqdm()
    shown = _Bar(type(kind.__name__, (kind,), {"monitor_interval": 0}))  # no thread of tqdm's stays behind
    try:
        yield shown.take
    finally:
        shown.close()


class _Bar:
    """One bar, which begins with the first event, when the number of files may be known."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._board = Board()
        self._bar: Any = None
        self._next = 0.0

    def take(self, event: Event) -> None:
        self._board.take(event)
        if self._bar is None:
            self._bar = self._kind(total=event.files_total, file=_place(), dynamic_ncols=True, delay=_TINY)
        if event.seconds >= self._next:
            self._next = event.seconds + _REST
            self._draw(self._form(), self._board.line())

    def close(self) -> None:
        if self._bar is None:
            return
        with suppress(OSError, ValueError):  # the terminal is gone, and the documents are not
            self._draw((_BAR if self._board.files_total else "") + self._board.summary(), "")
        with suppress(OSError, ValueError):
            self._bar.close()

    def _form(self) -> str:
        """The line as tqdm wants it, with its own words in braces."""
        total = self._board.files_total
        known = f"{_BAR}{{n_fmt}}/{counted(total, 'file')}" if total else self._board.files()
        return f"{known}{{postfix}}"

    def _draw(self, form: str, words: str) -> None:
        self._bar.total = self._board.files_total
        self._bar.bar_format = form
        self._bar.n = self._board.files_done
        self._bar.set_postfix_str(words, refresh=False)
        with self._bar.get_lock():  # tqdm's own would stay locked for ever if drawing failed
            self._bar.refresh(nolock=True)


def _tqdm() -> Any:
    try:
        import tqdm
    except ImportError:
        hint = 'Install it: pip install "docparse-loaders[notebook]"'
        raise MissingExtra("progress=True needs tqdm.", hint=hint) from None
    if not _has_widgets():
        return tqdm.tqdm
    from tqdm.notebook import tqdm as notebook_tqdm

    return notebook_tqdm


def _has_widgets() -> bool:
    """Whether this is a notebook that shows widgets; without ipywidgets tqdm's own choice would only warn."""
    return _in_notebook() and find_spec("ipywidgets") is not None


def _in_notebook() -> bool:
    return "ipykernel.zmqshell" in sys.modules


def _place() -> TextIO:
    """stderr, but for a notebook, which would paint it as an error and put it out of order."""
    return sys.stdout if _in_notebook() else sys.stderr
