"""Error codes of MinerU's API v4, which the two services share, and of its gateway; each has one meaning here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from docparse_loaders.errors import (
    AuthError,
    BrokenSource,
    DocParseError,
    EmptySource,
    JobFailed,
    ProtocolError,
    QuotaError,
    RateLimited,
    SourceTooLarge,
    SubmitRejected,
    UnsupportedSource,
    VendorUnavailable,
)


class Meaning(NamedTuple):
    """What a code stands for; `tries` bounds the resends below the policy's.

    `again` is true where a document that failed with it may be submitted again: it was not parsed, for lack of room or by a
    fault that need not come twice. `failed` is the hint for a document that was given up with it, where that is another.
    """

    error: Callable[..., DocParseError]
    hint: str
    tries: int | None = None
    again: bool = False
    failed: str = ""


_KEY = "Check the key (PARSE4AI_API_KEY or MINERU_TOKEN); make a new one if it has expired."
_OPTIONS = "Check the options, and that this service knows them."
_SERVICE = "The service has a fault; try again later."
_ROOM = "The service has no room now; it is asked again after a pause."
_FULL = "The service had no room for the document: parse it again later, with a lower concurrency."
_SPLIT = "Split the file."
_QUOTA = "The account's pages are used up: top it up, or wait for the next day's quota."
_TASK = "It may be too old, or belong to another account: check the key, or parse the document again."

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        "-20002": Meaning(AuthError, _KEY),
        "-20011": Meaning(AuthError, _KEY),
        "A0202": Meaning(AuthError, _KEY),
        "A0211": Meaning(AuthError, _KEY),
        "-500": Meaning(SubmitRejected, _OPTIONS),
        "-10001": Meaning(VendorUnavailable, _SERVICE),
        "-10002": Meaning(SubmitRejected, _OPTIONS),
        "-60001": Meaning(VendorUnavailable, "The service could not make an upload address; try again later."),
        "-60002": Meaning(UnsupportedSource, "The name or address must end in the file's true suffix."),
        "-60003": Meaning(BrokenSource, "Open and save the file again, or check that the address leads to the file itself."),
        "-60004": Meaning(EmptySource, "Check how the file was written or downloaded."),
        "-60005": Meaning(SourceTooLarge, _SPLIT),
        "-60006": Meaning(SourceTooLarge, f"{_SPLIT} Or ask for some of its pages."),
        "-60007": Meaning(RateLimited, _ROOM, again=True, failed=_FULL),
        "-60008": Meaning(
            RateLimited, "The service could not read the address in time: check that it is public.", 2, again=True
        ),
        "-60009": Meaning(RateLimited, _ROOM, again=True, failed=_FULL),
        "-60010": Meaning(
            JobFailed, "Try again later, try the other model_version, or open and save the file again.", 1, again=True
        ),
        "-60011": Meaning(ProtocolError, "The service has not seen the uploaded file; parse the document again."),
        "-60012": Meaning(JobFailed, _TASK),
        "-60013": Meaning(AuthError, _TASK),
        "-60014": Meaning(SubmitRejected, "A task that is running cannot be deleted."),
        "-60015": Meaning(BrokenSource, "Convert the file to PDF first."),
        "-60016": Meaning(JobFailed, "The extra formats could not be made: parse again without extra_formats.", 1, again=True),
        "-60017": Meaning(QuotaError, _QUOTA),
        "-60018": Meaning(QuotaError, _QUOTA),
        "-60019": Meaning(QuotaError, _QUOTA),
        "-60022": Meaning(BrokenSource, "The web page could not be read: check that the address is public."),
        "-30001": Meaning(SourceTooLarge, _SPLIT),
        "-30002": Meaning(UnsupportedSource, "Convert the file to PDF first."),
        "-30003": Meaning(SourceTooLarge, _SPLIT),
        "-30004": Meaning(SubmitRejected, _OPTIONS),
    }
)

NOT_UPLOADED, UNKNOWN_TASK = "-60011", "-60012"

_UNKNOWN = Meaning(SubmitRejected, "This code is not in the documentation; its message is all that is known.")


def error_of(
    code: str, message: str, vendor: str, status: int | None = None, retry_after: float | None = None
) -> DocParseError:
    """The typed error for one of the codes, in an answer to a request."""
    meaning = CODES.get(code, _UNKNOWN)
    return meaning.error(
        f"{vendor} answered with code {code}: {message.rstrip('.') or 'no message'}.",
        hint=meaning.hint,
        vendor=vendor,
        code=code,
        status=status,
        retry_after=retry_after,
        tries=meaning.tries,
    )


def failure_of(code: str, message: str, vendor: str) -> DocParseError:
    """The typed error for a document that the service took and could not finish; never one that invites to ask again."""
    meaning = CODES.get(code, _UNKNOWN)
    known = code in CODES and not getattr(meaning.error, "retryable", False) and meaning.error is not ProtocolError
    reason = message.rstrip(".") or "no reason given"
    hint = meaning.failed or meaning.hint if code in CODES else "Check that the file opens, and try again later."
    said = f"{vendor} could not parse the file: {reason}" + (f" (code {code})." if code else ".")
    return (meaning.error if known else JobFailed)(said, hint=hint, vendor=vendor, code=code)
