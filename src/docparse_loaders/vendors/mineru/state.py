"""What is remembered of a job at either service."""

from typing import Literal

from pydantic import Field, JsonValue

from docparse_loaders.vendors.mineru.options import Images
from docparse_loaders.vendors.protocol import State

Phase = Literal["staging", "submitting", "reserving", "uploading", "polling", "fetching", "again"]

_ACCEPTED = frozenset({"uploading", "polling", "fetching"})


class MinerUState(State):
    """Where a job stands.

    `order` is what a submit says of the document besides its address, kept for submitting it again. `linked` tells that it
    has an address, which the engine knows; `staged` is a file's name in the user's own storage.
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
    linked: bool = False
    order: dict[str, JsonValue] = Field(default_factory=dict)
    images: Images = "file"
    infer_links: bool = True
    text: bool = False
    uploaded: bool = False
    unseen: int = Field(default=0, ge=0)
    links: int = Field(default=0, ge=0)
    tries: int = Field(default=0, ge=0)

    @property
    def known_as(self) -> str:
        """The task's id, or that of its batch."""
        return self.task_id or self.batch_id

    @property
    def accepted(self) -> bool:
        """Whether the service has the job; from the first byte of an upload on it may have it."""
        return self.phase in _ACCEPTED

    @property
    def creating(self) -> bool:
        """Whether a submit is under way."""
        return self.phase == "submitting"
