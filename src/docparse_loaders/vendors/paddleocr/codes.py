"""PaddleOCR's error codes, from the page on asynchronous jobs; each has one meaning here.

The HTTP status says less: "queue full" comes with 400, and the daily quota with 403.

A job that failed is submitted once more if its reason is the service's own fault, and never for any other reason. The page
has that reason's words ("系统错误", code 500) with the advice to try again later, and says of a failed job that none of its
pages succeeded: nothing was delivered that a second job would pay for again. What it does not say is whether such pages count
for the day's quota, so it is one further job and no more.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from docparse_loaders.errors import (
    AuthError,
    BrokenSource,
    DocParseError,
    EmptySource,
    JobFailed,
    QuotaError,
    RateLimited,
    SourceTooLarge,
    SubmitRejected,
    UnsupportedSource,
    VendorUnavailable,
)


class Meaning(NamedTuple):
    """What a code stands for."""

    error: Callable[..., DocParseError]
    hint: str


_SLOWER = "It is asked again after a pause; lower the concurrency if it goes on."
_AGAIN = "Parse the document again; that is a new job, which counts anew."

CODES: Mapping[str, Meaning] = MappingProxyType(
    {
        "401": Meaning(AuthError, "Check PADDLEOCR_ACCESS_TOKEN; AI Studio shows the token of your account."),
        "500": Meaning(VendorUnavailable, "The service has a fault; try again later."),
        "10001": Meaning(EmptySource, "Check how the file was written or downloaded."),
        "10002": Meaning(UnsupportedSource, "The service must be able to download the address: check that it is public."),
        "10003": Meaning(SourceTooLarge, "It takes 50 MB by upload and 200 MB by address: split it, or pass an address."),
        "10004": Meaning(UnsupportedSource, "Convert the file to PDF first."),
        "10005": Meaning(BrokenSource, "Open and save the file again, or check that it is not cut short."),
        "10006": Meaning(SourceTooLarge, "It takes 1,000 pages a request: split the file, or ask for some of its pages."),
        "10007": Meaning(SubmitRejected, "The service has no such model (any more): try PaddleOCR(model='PaddleOCR-VL-1.6')."),
        "10008": Meaning(SubmitRejected, "Check the options and extra_options; the message names the one that is wrong."),
        "10009": Meaning(SubmitRejected, "A batch takes 100 documents: use another batch_id, or leave it out."),
        "10010": Meaning(RateLimited, "The queue is full. " + _SLOWER),
        "11001": Meaning(JobFailed, f"The job may be too old, or belong to another account: check the key. {_AGAIN}"),
        "11002": Meaning(JobFailed, f"The job has expired. {_AGAIN}"),
        "11003": Meaning(JobFailed, f"Check that the file opens. {_AGAIN}"),
        "12001": Meaning(QuotaError, "The day's pages are used up: wait for tomorrow, or ask AI Studio for more."),
        "12002": Meaning(RateLimited, _SLOWER),
    }
)

BATCH_FULL, UNKNOWN_JOB, FAILED_JOB = "10009", "11001", "11003"
_THEIR_FAULT = re.compile(r"\s*(?:系统错误|system error)\s*[.。!！]?\s*", re.IGNORECASE)

_UNKNOWN = Meaning(SubmitRejected, "This code is not in PaddleOCR's documentation; its message is all that is known.")


def error_of(code: str, message: str, status: int | None = None, retry_after: float | None = None) -> DocParseError:
    """The typed error for one of PaddleOCR's codes."""
    meaning = CODES.get(code, _UNKNOWN)
    return meaning.error(
        f"PaddleOCR answered with code {code}: {message.rstrip('.') or 'no message'}.",
        hint=meaning.hint,
        vendor="paddleocr",
        code=code,
        status=status,
        retry_after=retry_after,
    )


def is_fault_of_theirs(reason: str) -> bool:
    """Whether a job failed by a fault of the service, as its page words it, and not for what is in the document."""
    return _THEIR_FAULT.fullmatch(reason) is not None
