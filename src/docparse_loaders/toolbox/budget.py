"""How many pages an agent may have parsed: held before a parse, counted after it."""

import threading

from docparse_loaders.errors import ConfigError, ToolRefused


class PageBudget:
    """At most `most` pages in all. Pages are held while they are being parsed, so that calls at once cannot go beyond it.

    A document whose length is known is refused if it does not fit. One of unknown length holds what was guessed of it, or all
    that is left. If it is longer than that, the budget is exceeded by the difference, and no other document begins after it.
    Threads may share it.
    """

    def __init__(self, most: int) -> None:
        if most < 1:
            raise ConfigError(f"max_pages={most} lets nothing be read.", hint="Use 1 or more.")
        self.most = most
        self._spent = 0
        self._held = 0
        self._changed = threading.Condition()

    @property
    def left(self) -> int:
        """Pages that are neither spent nor held."""
        return max(self.most - self._spent - self._held, 0)

    def hold(self, name: str, known: int | None, guessed: int) -> int:
        """Hold the pages of a document and return how many; waits while others hold what it needs.

        Raises `ToolRefused` if the budget is used up or what is left of it cannot be enough.
        """
        with self._changed:
            while True:
                left = self.most - self._spent
                if left <= 0:
                    raise ToolRefused(f"the budget of {self.most} pages is used up.", hint=_open_ones(name))
                if known is not None and known > left:
                    said = f"{name} has {known} pages, and {left} of the budget of {self.most} pages are left."
                    raise ToolRefused(said, hint=_open_ones(name))
                wanted = min(known if known is not None else guessed, left)
                if wanted <= left - self._held:
                    self._held += wanted
                    return wanted
                self._changed.wait()

    def settle(self, held: int, spent: int) -> None:
        """Give back what was held, and count what was parsed."""
        with self._changed:
            self._held -= held
            self._spent += spent
            self._changed.notify_all()


def _open_ones(name: str) -> str:
    return (
        f"Do not ask for {name} again. Documents that list_documents shows as open can still be read; "
        "more pages are for the person who runs this program to allow (max_pages)."
    )
