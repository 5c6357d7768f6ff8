"""SCNet's error codes, from its ocrdoc page and its gateway; each has one meaning, for a request as for a task."""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from docparse_loaders.errors import (
    AuthError,
    DocParseError,
    JobFailed,
    RateLimited,
    SubmitRejected,
    VendorUnavailable,
)

_NAME = "scnet"


class Meaning(NamedTuple):
    """What a code stands for; `tries` bounds the resends below the policy's."""

    error: Callable[..., DocParseError]
    hint: str
    tries: int | None = None


_SLOWER = "It is asked again after a pause; lower the concurrency if it goes on."
_FAULT = "SCNet reported a fault of its own; try again later."
_MODEL = "The service does not offer this; check ocr_type, extra_options and base_url."

CODES = MappingProxyType(
    {
        "unknown_error": Meaning(VendorUnavailable, _FAULT),
        "modal_type_not_supported": Meaning(SubmitRejected, _MODEL),
        "provider_not_supported": Meaning(SubmitRejected, _MODEL),
        "model_not_supported": Meaning(SubmitRejected, _MODEL),
        "model_not_found": Meaning(SubmitRejected, _MODEL),
        "request_concurrency_conflict": Meaning(RateLimited, _SLOWER),
        "provider_error": Meaning(VendorUnavailable, _FAULT),
        "model_route_failed": Meaning(VendorUnavailable, _FAULT),
        "content_illegal": Meaning(SubmitRejected, "SCNet's review refuses this content; try another vendor."),
        "limit_burst_rate": Meaning(RateLimited, _SLOWER),
        "task_not_found": Meaning(
            JobFailed, "Results are kept for a limited time, and only for the key that submitted: parse the document again."
        ),
        "InvalidParameter": Meaning(SubmitRejected, "Check the options, and that SCNet can fetch the address."),
        "SystemError": Meaning(VendorUnavailable, _FAULT),
        # Of the gateway: its live documents have 10011, the others repeat an HTTP status in the body.
        "10011": Meaning(RateLimited, _SLOWER),
        "401": Meaning(AuthError, "Check SCNET_API_KEY."),
        "403": Meaning(AuthError, "Check SCNET_API_KEY and that it may use this service."),
        "429": Meaning(RateLimited, _SLOWER),
        "500": Meaning(VendorUnavailable, _FAULT),
        "502": Meaning(VendorUnavailable, _FAULT),
        "503": Meaning(VendorUnavailable, _FAULT),
        "504": Meaning(VendorUnavailable, _FAULT),
    }
)

_UNKNOWN = Meaning(SubmitRejected, "This code is not in SCNet's documentation; its message is all that is known.")
_PACE = ("rate limit", "too many requests", "限流", "频率")


def meaning_of(code: str, message: str) -> Meaning:
    """What a code says; the message tells a rate limit where the code is not documented."""
    known = CODES.get(code)
    if known is None:
        said = message.lower()
        return CODES["10011"] if any(word in said for word in _PACE) else _UNKNOWN
    return known


def error_of(code: str, message: str, status: int | None = None, retry_after: float | None = None) -> DocParseError:
    """The typed error for a request that was answered with a code."""
    meaning = meaning_of(code, message)
    said = f"SCNet answered with code {code or 'missing'}: {message.rstrip('.') or 'no message'}."
    return meaning.error(
        said, hint=meaning.hint, vendor=_NAME, code=code, status=status, retry_after=retry_after, tries=meaning.tries
    )


def failure_of(code: str, message: str) -> DocParseError:
    """The typed error for a task that failed. None of them is retryable: asking again would only hear of it again."""
    meaning = meaning_of(code, message)
    documented = code in CODES and meaning.error not in {RateLimited, VendorUnavailable}
    hint = meaning.hint if documented else "Check that the file opens, and parse it again later."
    said = f"SCNet could not parse the document: {message.rstrip('.') or 'no reason given'}"
    return (meaning.error if documented else JobFailed)(
        said + (f" (code {code})." if code else "."), hint=hint, vendor=_NAME, code=code, final=True
    )


def is_crowded(code: str, message: str) -> bool:
    """Whether a task failed only because too many ran at the same time, so that it may be submitted again."""
    return meaning_of(code, message).error is RateLimited
