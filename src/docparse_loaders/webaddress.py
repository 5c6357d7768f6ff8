"""The form of an address that a user or an agent hands in: it goes to a vendor as it stands, so all must read it alike."""

import re
from urllib.parse import SplitResult, urlsplit

from docparse_loaders.errors import UnsupportedSource

_AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f]|^[^?#]*\\|^\w+://[^/?#]*\s", re.ASCII)
"""Signs that some readers drop, and backslashes before the query that some take for slashes: each may see another host."""
_HINT = "Write it as a browser shows it: with a host, and without control characters, spaces or backslashes."


def parts_of(url: str) -> SplitResult:
    """The parts of a web address. Raises `UnsupportedSource`, which does not quote it, if it can be read in several ways."""
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and parts.port != 0 and not _AMBIGUOUS.search(url)
    except ValueError:
        sound = False
    if not sound:
        raise UnsupportedSource("this is no web address, or one that is not read alike by all.", hint=_HINT)
    return parts
