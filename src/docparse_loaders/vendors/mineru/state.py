"""What is remembered of a job at either service."""

from typing import Literal

from pydantic import Field, JsonValue

from docparse_loaders.vendors.mineru.options import Images
from docparse_loaders.vendors.protocol import State

Phase = Literal["staging", "submitting", "reserving", "uploading", "polling", "fetching", "again"]

_ACCEPTED = frozenset({"uploading", "polling", "fetching"})


class MinerUState(State):
    """Where a job stands.

    Of a file, `order` is what a submit says of it, kept until it is accepted and for submitting it again; `staged` is its
    name in the user's own storage, `url` its public address (kept only if it has no query, which may hold a signature).
    `unseen` counts answers that did not know the job, `links` expired links, `tries` further submits.
    """

    phase: Phase = "submitting"
    name: str = ""
    media_type: str = ""
    data_id: str = ""
    task_id: str = ""
    batch_id: str = ""
    batch: str | None = None
    staged: str = ""
    url: str = ""
    order: dict[str, JsonValue] = Field(default_factory=dict)
    images: Images = "file"
    infer_links: bool = True
    text: bool = False
    uploaded: bool = False
    unseen: int = 0
    links: int = 0
    tries: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the service has the job; from the first byte of an upload on it may have it."""
        return self.phase in _ACCEPTED

    @property
    def creating(self) -> bool:
        """Whether a submit is under way."""
        return self.phase == "submitting"
