"""What a vendor supplies to the suite: one document on its way, and the vendor's own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.config import RemoteConfig
from docparse_loaders.vendors.protocol import Reply

KEY = "sk-canary-51c9"


@dataclass(frozen=True)
class Case:
    """A vendor and one document on its whole way.

    `replies` are the vendor's answers from the first call to the result, in the order in which the calls are made.
    `unknown_status` answers a poll with a word that no document names. `codes` are all error codes of the vendor's
    documentation with the class that each must become, and `refusal` writes one of them as an answer to a submit.
    `pages_sent` is what a selection of pages 2-4 and 7 must look like in the submit, if the vendor can select pages. `again`
    are codes after which the document is submitted in another way, or later, instead of failing. `emulator` is the name of
    the vendor's own, if there is one.
    """

    options: RemoteConfig
    facts: SourceFacts
    replies: tuple[Reply, ...]
    unknown_status: Reply
    codes: Mapping[str, type[DocParseError]]
    refusal: Callable[[str], Reply]
    pages: int
    wrong_suffix: str = "report.exe"
    pages_sent: str | None = None
    again: frozenset[str] = frozenset()
    emulator: str = ""
