"""How an emulated vendor downloads a document whose address it was given."""

import urllib.error
import urllib.request
from http.client import HTTPException

from anyio import to_thread

_TIMEOUT = 20.0
_LARGEST = 1 << 30


class NotFetched(Exception):
    """The address leads to no file; the vendor answers with its own code for that."""


async def download(url: str) -> bytes:
    """The bytes behind an http(s) address. Raises `NotFetched`."""
    if not url.startswith(("http://", "https://")):
        raise NotFetched(f"{url[:80]!r} is not an address")
    return await to_thread.run_sync(_read, url, abandon_on_cancel=True)


def _read(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:  # noqa: S310  (the scheme was checked)
            data: bytes = response.read(_LARGEST)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotFetched(str(error)) from None
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise NotFetched(str(error)) from None
    return data
