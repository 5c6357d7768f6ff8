"""SoMark's error codes, from its error page, its own client and the open-source server; each has one meaning here."""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from docparse_loaders.errors import (
    AuthError,
    BrokenSource,
    DocParseError,
    JobFailed,
    QuotaError,
    RateLimited,
    SourceError,
    SourceTooLarge,
    SubmitRejected,
    UnsupportedSource,
    VendorUnavailable,
)


class Meaning(NamedTuple):
    """What a code stands for; `tries` bounds the resends below the policy's."""

    error: Callable[..., DocParseError]
    hint: str
    tries: int | None = None


_SLOWER = "It is asked again after a pause; lower the concurrency if it goes on."
_SMALLER = "SoMark takes 200 MB and 300 pages a file: split it."
_OPTIONS = "Check the options, and that this deployment knows them."

CODES = MappingProxyType(
    {
        "1101": Meaning(RateLimited, _SLOWER),
        "1102": Meaning(VendorUnavailable, "SoMark ran out of time on this document; try again or split it.", tries=1),
        "1104": Meaning(UnsupportedSource, "Convert the file to PDF first."),
        "1105": Meaning(SubmitRejected, _OPTIONS),
        "1106": Meaning(BrokenSource, "Open and save the PDF again, or check that it is not cut short."),
        "1107": Meaning(AuthError, "Check SOMARK_API_KEY; keys of somark.cn and somark.tech are not the same."),
        "1108": Meaning(QuotaError, "The account has no balance or plan: top it up at SoMark."),
        "1111": Meaning(
            SubmitRejected, "SoMark received no file; if a proxy stands in between, it may have dropped the upload."
        ),
        "1118": Meaning(SourceTooLarge, _SMALLER),
        "1120": Meaning(VendorUnavailable, "SoMark reported a general error; try again later."),
        "1123": Meaning(QuotaError, "Not enough pages are left on the account: top it up or wait for the next free quota."),
        "1124": Meaning(RateLimited, _SLOWER),
        "1132": Meaning(SourceTooLarge, _SMALLER),
        "1133": Meaning(SubmitRejected, f"{_OPTIONS} The open-source server uses this code for an unknown task, too."),
        "1137": Meaning(JobFailed, "SoMark could not parse the document; open and save it again, or try another vendor."),
        "1138": Meaning(VendorUnavailable, "SoMark reported a general error; try again later."),
        "2000": Meaning(SubmitRejected, _OPTIONS),
    }
)

_UNKNOWN = Meaning(SubmitRejected, "This code is not in SoMark's documentation; its message is all that is known.")
_FAILED = Meaning(JobFailed, "Check that the file opens, or try another vendor.")
_PACE = ("qps", "rate", "frequen", "too many", "频", "限流", "并发")


def error_of(code: str, message: str, status: int, retry_after: float | None = None) -> DocParseError:
    """The typed error for one of SoMark's codes, in an answer to a request."""
    meaning = _meaning(code, message)
    return meaning.error(
        f"SoMark answered with code {code}: {message or 'no message'}.",
        hint=meaning.hint,
        vendor="somark",
        code=code,
        status=status,
        retry_after=retry_after,
        tries=meaning.tries,
    )


def failure_of(code: str, message: str) -> DocParseError:
    """The typed error for a job that SoMark took and could not finish; `code` may be empty. Never one to be retried.

    What is wrong with the file has a class of its own. Anything else, such as a balance that ran out meanwhile, says nothing
    about another submit of the same file.
    """
    meaning = _meaning(code, message) if code in CODES else _FAILED
    broken = isinstance(meaning.error, type) and issubclass(meaning.error, SourceError)
    said = f"SoMark could not parse the file: {message.rstrip('.') or 'no reason given'}"
    told = f"{said} (code {code})." if code else f"{said}."
    return (meaning.error if broken else JobFailed)(told, hint=meaning.hint, vendor="somark", code=code or "FAILED")


def is_of_the_question(code: str, message: str) -> bool:
    """Whether a code is about who asks, and how often, and so never about the job that was asked for."""
    return _meaning(code, message).error in {RateLimited, AuthError}


def _meaning(code: str, message: str) -> Meaning:
    # Code 1137 is "parse failed" in SoMark's SDK and "QPS limit" in a published plugin: the message tells which.
    if code == "1137" and any(word in message.lower() for word in _PACE):
        return CODES["1124"]
    return CODES.get(code, _UNKNOWN)
