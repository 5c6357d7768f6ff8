"""Every exception that the library raises on purpose.

A caller who catches `DocParseError` has caught them all; each says what happened and, in `hint`, what to do next.

```text
DocParseError
├── ConfigError
│   ├── UnknownVendor
│   ├── UnknownOption
│   ├── MissingKey
│   ├── MissingExtra
│   └── InvalidToken
├── SourceError
│   ├── SourceNotFound
│   ├── NoDocuments
│   ├── EmptySource
│   ├── UnsupportedSource
│   ├── SourceTooLarge
│   ├── EncryptedSource
│   ├── BrokenSource
│   ├── SourceChanged
│   └── PagesOutOfRange
├── TransportError
│   ├── EndpointUnreachable
│   └── ReplyLost
├── VendorError
│   ├── AuthError
│   ├── QuotaError
│   ├── RateLimited
│   ├── SubmitRejected
│   ├── VendorUnavailable
│   └── JobFailed
├── SubmitUncertain
├── JobTimeout
├── ProtocolError
│   └── IncompleteResult
├── UnsafeURL
├── LimitExceeded
├── ToolRefused
├── StoreError
│   └── ClaimLost
└── ChunkingError
```

`tests/test_errors.py` compares this drawing with the classes.
"""

import json
from datetime import datetime
from typing import ClassVar


def job_of(token: str | None) -> str | None:
    """What a vendor calls the job that a resume token is about; None if it has named none, or this is no token."""
    try:
        fields = json.loads(token or "")
    except (ValueError, RecursionError):
        return None
    name = fields.get("job") if isinstance(fields, dict) else None
    return name if isinstance(name, str) and name else None


class DocParseError(Exception):
    """The root of the tree.

    `token` resumes paid work (`DocParser.resume`) and is set on every error raised after a vendor accepted a job, and on
    `SubmitUncertain`, where it names the file and what was under way.
    `retryable` tells whether the same call may succeed later; `refused` whether the vendor is known not to have taken
    the job, so that a billable call may be sent again; `retry_after` is in seconds; `tries` caps the resends of this
    one error below what the policy allows; `final` tells that the job itself has ended without a result, so that nothing is
    left to go on with.
    """

    retryable: ClassVar[bool] = False
    refused: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        vendor: str = "",
        code: str = "",
        status: int | None = None,
        source: str = "",
        token: str | None = None,
        retry_after: float | None = None,
        tries: int | None = None,
        final: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.vendor = vendor
        self.code = code
        self.status = status
        self.source = source
        self.token = token
        self.retry_after = retry_after
        self.tries = tries
        self.final = final

    @property
    def job_id(self) -> str | None:
        """What the vendor calls the job that it has, for a question to its support; None if it has none or named none."""
        return job_of(self.token)

    def __str__(self) -> str:
        """The message, the file that it concerns and what to do, on one line."""
        where = f"{self.source}: " if self.source and self.source not in self.message else ""
        return f"{where}{self.message}" + (f" {self.hint}" if self.hint else "")


class ConfigError(DocParseError):
    """The call itself is wrong; nothing was read or sent."""


class UnknownVendor(ConfigError):
    """No vendor of that name is installed."""


class UnknownOption(ConfigError):
    """An option, mode or value that does not exist; the hint names the nearest one that does."""


class MissingKey(ConfigError):
    """The vendor's public service needs a key and none was given."""


class MissingExtra(ConfigError, ImportError):
    """An optional dependency is not installed; the hint names the command that installs it."""


class InvalidToken(ConfigError):
    """A resume token that is damaged, foreign or made for another endpoint."""


class SourceError(DocParseError):
    """The document cannot be sent as it is; nothing was submitted unless `token` is set."""


class SourceNotFound(SourceError):
    """No such file."""


class NoDocuments(SourceError):
    """A directory or list without a single document that the vendor takes."""


class EmptySource(SourceError):
    """The file has no bytes."""


class UnsupportedSource(SourceError):
    """A file type or kind of input that this vendor does not take."""


class SourceTooLarge(SourceError):
    """More bytes than the vendor allows."""


class EncryptedSource(SourceError):
    """The file wants a password."""


class BrokenSource(SourceError):
    """The file is damaged or not what its name says."""


class SourceChanged(SourceError):
    """The file was changed while it was being uploaded."""


class PagesOutOfRange(SourceError):
    """Pages were asked for that the document does not have."""


class TransportError(DocParseError):
    """The network failed."""

    retryable = True


class EndpointUnreachable(TransportError):
    """No connection was made, so the vendor cannot have received anything."""

    refused = True


class ReplyLost(TransportError):
    """The call went out and no whole answer came back; the vendor may have acted on it."""


class VendorError(DocParseError):
    """The vendor answered with an error; `code` is its own word."""


class AuthError(VendorError):
    """The key is missing, wrong or not allowed to do this."""


class QuotaError(VendorError):
    """The account's pages or balance are used up."""


class RateLimited(VendorError):
    """Too many requests now; the job was not taken."""

    retryable = True
    refused = True


class SubmitRejected(VendorError):
    """The vendor will not take this file or these options."""


class VendorUnavailable(VendorError):
    """A fault on the vendor's side that may pass (5xx, maintenance page)."""

    retryable = True


class JobFailed(VendorError):
    """The vendor took the job and could not finish it."""


class SubmitUncertain(DocParseError):
    """A billable call may or may not have reached the vendor, and there is no way to look it up.

    It is not sent again by itself, because that could bill the document twice. For the person who looks for it at the vendor:
    `sent_at` is when it went out (UTC; None if an earlier process sent it), `endpoint` where to, `file_name` and `sha256` what
    was sent. With the `token`, `resume` looks again where the vendor can be asked.
    """

    sent_at: datetime | None = None
    endpoint: str = ""
    file_name: str = ""
    sha256: str = ""


class JobTimeout(DocParseError):
    """The job did not finish within `Timeouts.job`; `last_status` is the vendor's last word. It goes on at the vendor."""

    last_status: str = ""


class ProtocolError(DocParseError):
    """An answer that does not have the documented shape."""


class IncompleteResult(ProtocolError):
    """The result lacks pages, or holds one twice: never returned as if it were the whole document."""


class UnsafeURL(DocParseError):
    """An address handed back by a vendor that must not be fetched."""


class LimitExceeded(DocParseError):
    """Something larger than `policy.Limits` allows."""


class ToolRefused(DocParseError):
    """An agent asked for something that is not listed, not there or too much; the text tells it what to do instead."""


class StoreError(DocParseError):
    """The job store cannot be opened, read or written. If a job was accepted, its `token` is still here."""


class ClaimLost(StoreError):
    """Another process went on with this job, because this one gave no sign of life for too long."""


class ChunkingError(DocParseError):
    """The chunker was given settings or a tokenizer that it cannot work with."""
