"""Instrumentation: what LlamaIndex's dispatcher hears of a document on its way, if anybody listens.

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # it is public, their stubs are not
get_dispatcher("docparse_loaders").add_event_handler(handler)
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # it is public, their stubs are not
from llama_index.core.instrumentation.event_handlers import NullEventHandler
from llama_index.core.instrumentation.events import BaseEvent

if TYPE_CHECKING:
    from docparse_loaders.outcome import Outcome
    from docparse_loaders.vendors.protocol import Progress

NAME = "docparse_loaders"


class DocParseEvent(BaseEvent):
    """Something about one input; `source` is its path or address, `vendor` who parses it."""

    source: str
    vendor: str

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises it."""
        return cls.__name__


class DocParsePollEvent(DocParseEvent):
    """The vendor told how far a job is; pages are None where it does not count them."""

    status: str
    pages_done: int | None = None
    pages_total: int | None = None


class DocParseSubmitEvent(DocParsePollEvent):
    """The vendor has the job: the first that is heard of it. A vendor that works on this machine has none."""


class DocParseDoneEvent(DocParseEvent):
    """An input is parsed, or failed with `error`; `cached` if the result came from the job store."""

    pages: int = 0
    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    cached: bool = False
    error: str = ""


def is_heard() -> bool:
    """Whether anybody listens, here or further up; LlamaIndex's own handler at the root does nothing."""
    at = get_dispatcher(NAME)
    while not _has_listener(at) and at.propagate and at.name != at.root_name:
        at = at.parent
    return _has_listener(at)


def _has_listener(at: Any) -> bool:
    return not all(isinstance(handler, NullEventHandler) for handler in at.event_handlers)


def on_progress(vendor: str) -> Callable[[str, "Progress"], None]:
    """Tell of a load's jobs as they go on."""
    known: set[str] = set()

    def tell(source: str, progress: "Progress") -> None:
        if progress.status == "done" and progress.total is None:  # the engine's own last word; the outcome says more
            return
        kind = DocParsePollEvent if source in known else DocParseSubmitEvent
        known.add(source)
        done, total = progress.done, progress.total
        event = kind(source=source, vendor=vendor, status=progress.status, pages_done=done, pages_total=total)
        get_dispatcher(NAME).event(event)

    return tell


def on_outcome(vendor: str) -> Callable[["Outcome"], None]:
    """Tell what became of each input of a load."""

    def tell(outcome: "Outcome") -> None:
        pages = len(outcome.document.pages) if outcome.document is not None else 0
        error = "" if outcome.error is None else str(outcome.error)
        event = DocParseDoneEvent(source=outcome.source, vendor=vendor, pages=pages, error=error, **outcome.effort._asdict())
        get_dispatcher(NAME).event(event)

    return tell
