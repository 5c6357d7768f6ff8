"""What a person needs to decide about a document of which nobody can know whether a vendor took it."""

from datetime import datetime

from docparse_loaders.errors import SubmitUncertain
from docparse_loaders.model import SourceFacts

_DECIDE = 'With a job store, parse it again with Policy(on_uncertain="resubmit").'


def tell(error: SubmitUncertain, facts: SourceFacts, endpoint: str, sent_at: datetime | None) -> None:
    """Write on the error what was sent, when and where to, and how to send it again; once."""
    if error.sha256:
        return
    error.endpoint, error.file_name, error.sha256, error.sent_at = endpoint, facts.name, facts.sha256, sent_at
    when = f" at {sent_at:%Y-%m-%d %H:%M:%S} UTC" if sent_at is not None else ""
    message = f"{error.message} It went to {endpoint or 'the vendor'}{when} as {facts.name!r}, SHA-256 {facts.sha256[:16]}…"
    error.message, error.args = message, (message,)
    error.hint = f"{error.hint} {_DECIDE}".strip()
