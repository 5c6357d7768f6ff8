"""Which page of the source file each page of a result is.

Up to MinerU 3.x pages are counted among those that were parsed, from 4.x on in the whole file.
"""

from collections.abc import Sequence

from docparse_loaders.pages import PageSelection


def source_numbers(indices: Sequence[int], pages: PageSelection | None, *, original: bool) -> list[int]:
    """Page numbers, 1-based, for indices that count from 0: `original` if they are those of the file.

    Without a selection, or where the indices go beyond it, they are taken as they are.
    """
    if pages is None or original or not indices:
        return [index + 1 for index in indices]
    asked = pages.numbers()
    if max(indices) >= len(asked):
        return [index + 1 for index in indices]
    return [asked[index] for index in indices]


def looks_original(indices: Sequence[int], pages: PageSelection | None) -> bool:
    """For lists that don't name their release: whether the indices can only be those of the file.

    A list that counts the parsed pages begins with 0, unless its first page is empty.
    """
    if pages is None or not indices:
        return False
    return 0 not in indices and all(index + 1 in pages for index in indices)
