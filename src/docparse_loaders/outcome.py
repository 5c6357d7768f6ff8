"""What became of one input of many, and what it took."""

from typing import Literal, NamedTuple

from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import DocParseError


class Effort(NamedTuple):
    """What one input took: requests (those for several documents count for each), retries among them, seconds in all.

    `cached` tells that the result came from the job store, without any request.
    """

    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    cached: bool = False


class Outcome(NamedTuple):
    """What became of one input: a document or the error that stood in its way, and what it took."""

    source: str
    document: ParsedDocument | None
    error: DocParseError | None
    effort: Effort = Effort()


Order = Literal["input", "completion"]
"""In which order outcomes come: that of the inputs, or each as soon as it is there."""
