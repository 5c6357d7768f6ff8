"""How many pages a vendor takes, as far as that can be told before a request.

How long a file is, nobody here knows: that takes a parser of its format, and this library needs none. What is known is
which pages were asked for. A file that turns out to be longer is refused by the vendor, with its own code.
"""

from docparse_loaders.errors import SourceTooLarge
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.protocol import AnyVendor


def too_many_pages(vendor: AnyVendor, facts: SourceFacts, pages: PageSelection | None) -> SourceTooLarge | None:
    """The refusal of a selection that the vendor is known not to take; None if it may take it.

    Where the vendor selects pages, those selected count; where it parses whole files, the last one tells the file's length.
    """
    most = vendor.traits.max_pages
    if pages is None or most is None:
        return None
    if not vendor.traits.selects_pages:
        return _too_long(vendor, facts, pages, most) if pages.last > most else None
    asked = sum(last - first + 1 for first, last in pages.spans)
    if asked <= most:
        return None
    return SourceTooLarge(
        f"{asked} pages were asked for, and {vendor.name} takes {most} at a time.",
        vendor=vendor.name,
        source=facts.uri,
        hint=f"Ask for them in parts, first for pages={str(_first(pages, most))!r}.",
    )


def _too_long(vendor: AnyVendor, facts: SourceFacts, pages: PageSelection, most: int) -> SourceTooLarge:
    return SourceTooLarge(
        f"page {pages.last} was asked for, and {vendor.name} takes files of {most} pages.",
        vendor=vendor.name,
        source=facts.uri,
        hint=f"Split the file: {vendor.name} parses whole files, and the pages are cut out afterwards.",
    )


def _first(pages: PageSelection, most: int) -> PageSelection:
    """The first `most` of the pages."""
    spans, left = [], most
    for first, last in pages.spans:
        if left <= 0:
            break
        spans.append((first, min(last, first + left - 1)))
        left -= last - first + 1
    return PageSelection(tuple(spans))
