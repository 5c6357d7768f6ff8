"""Which pages of a file are wanted: `"1-5,8"`, an int, a range or a list, 1-based, as one frozen value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from docparse_loaders.errors import ConfigError, PagesOutOfRange

PagesLike = str | int | range | Iterable[int]
MOST_PAGES = 100_000
"""No document that is parsed has more; a number beyond it is a slip, or an attempt to fill the memory."""
_PART = re.compile(r"(\d{1,9})(?:\s*-\s*(\d{1,9}))?")
_HINT = 'Pages are 1-based: "1-5,8", 3, range(1, 6) or [1, 2, 8].'


@dataclass(frozen=True, slots=True)
class PageSelection:
    """Pages as sorted, disjoint, inclusive spans: `((1, 5), (8, 8))`."""

    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, pages: "PagesLike | PageSelection | None") -> "PageSelection | None":
        """Read what a user wrote; None means all pages. Raises `ConfigError`."""
        if pages is None or isinstance(pages, PageSelection):
            return pages
        spans = _spans(pages)
        if not spans or any(first < 1 or last < first for first, last in spans):
            raise ConfigError(f"{pages!r} does not select any page.", hint=_HINT)
        if (last := max(last for _, last in spans)) > MOST_PAGES:
            raise ConfigError(f"page {last} was asked for, and no document has more than {MOST_PAGES}.", hint=_HINT)
        return cls(_merged(spans))

    def __contains__(self, number: int) -> bool:
        """Whether page `number` is wanted."""
        return any(first <= number <= last for first, last in self.spans)

    @property
    def last(self) -> int:
        """The highest page asked for."""
        return self.spans[-1][1]

    def numbers(self) -> list[int]:
        """Every wanted page, in order."""
        return [number for first, last in self.spans for number in range(first, last + 1)]

    def check(self, total: int, source: str = "") -> None:
        """Raise `PagesOutOfRange` if a page is asked for that a file of `total` pages does not have."""
        if self.last > total:
            raise PagesOutOfRange(
                f"pages {self} were asked for, but the document has {total}.", source=source, hint="Ask for pages within it."
            )

    def __str__(self) -> str:
        """The form that users and vendors write: `1-5,8`."""
        return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in self.spans)


def _spans(pages: PagesLike) -> list[tuple[int, int]]:
    if isinstance(pages, bool):
        raise ConfigError("pages=True does not say which pages.", hint=_HINT)
    if isinstance(pages, str):
        return [_span(part) for part in pages.split(",")]
    if isinstance(pages, int):
        return [(pages, pages)]
    if isinstance(pages, range) and pages and pages.step == 1:
        return [(pages[0], pages[-1])]
    numbers: list[object] = list(pages)
    whole = [number for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
    if len(whole) < len(numbers):
        raise ConfigError(f"{pages!r} holds something that is not a page number.", hint=_HINT)
    return [(number, number) for number in whole]


def _span(part: str) -> tuple[int, int]:
    match = _PART.fullmatch(part.strip())
    if match is None:
        raise ConfigError(f"{part.strip()!r} is not a page or a range of pages.", hint=_HINT)
    return int(match[1]), int(match[2] or match[1])


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
