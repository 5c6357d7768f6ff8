"""What an HTTP answer without a vendor's own code means. Vendors look at their body's code first, then here."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from docparse_loaders.errors import (
    AuthError,
    DocParseError,
    LimitExceeded,
    ProtocolError,
    RateLimited,
    SourceTooLarge,
    VendorUnavailable,
)
from docparse_loaders.vendors.protocol import Reply


def fault_of(reply: Reply, vendor: str) -> DocParseError | None:
    """The error that an answer's status or unreadable body stands for; None if there is nothing wrong with it."""
    if reply.problem == "too_big":
        return LimitExceeded(
            "the answer is larger than allowed.", vendor=vendor, hint="Raise Limits.result_bytes if you trust the endpoint."
        )
    if reply.status >= 400:
        return _fault_of_status(reply, vendor)
    if 300 <= reply.status < 400:
        return ProtocolError(
            f"{vendor} answered with a redirect ({reply.status}), which is not followed because it would carry the key.",
            vendor=vendor,
            status=reply.status,
            hint="Set base_url to the address that the service really has.",
        )
    if reply.problem is not None:
        return _unreadable(reply, vendor)
    return None


def _fault_of_status(reply: Reply, vendor: str) -> DocParseError:
    status = reply.status
    said = f"{vendor} answered HTTP {status}" + (f": {reply.snippet}" if reply.snippet else ".")
    if status in {401, 403}:
        return AuthError(said, vendor=vendor, status=status, hint="Check the key and that it may use this endpoint.")
    if status in {404, 405}:
        return ProtocolError(said, vendor=vendor, status=status, hint="Check base_url: nothing is served at that path.")
    if status == 413:
        return SourceTooLarge(said, vendor=vendor, status=status, hint="Split the file.")
    if status in {408, 425, 429}:
        hint = "It is asked again after a pause; lower the concurrency if it goes on."
        return RateLimited(said, vendor=vendor, status=status, retry_after=retry_after(reply.headers), hint=hint)
    if status >= 500:
        hint = "The service has a fault; try again later."
        return VendorUnavailable(said, vendor=vendor, status=status, retry_after=retry_after(reply.headers), hint=hint)
    return ProtocolError(said, vendor=vendor, status=status, hint="Check base_url and the options.")


def _unreadable(reply: Reply, vendor: str) -> DocParseError:
    kind = "an HTML page" if reply.snippet.lstrip().startswith("<") else "something that is not JSON"
    return VendorUnavailable(
        f"{vendor} answered with {kind} instead of JSON: {reply.snippet!r}.",
        vendor=vendor,
        status=reply.status,
        hint="Check base_url; a proxy, a login page or maintenance may stand in between.",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header in either form; a date is read against the answer's own Date, not our clock."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, headers.get("date", ""))
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(value: str, now: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(value) - parsedate_to_datetime(now)).total_seconds())
    except (ValueError, TypeError):
        return None


def may_be_secret(url: str) -> bool:
    """Whether an address may carry a signature, a token or a password, so that no state may hold it."""
    return "?" in url or "@" in url.partition("://")[2].partition("/")[0]
