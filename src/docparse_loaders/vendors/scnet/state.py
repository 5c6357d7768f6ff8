"""What is remembered of a job at SCNet."""

from typing import Literal

from pydantic import Field, JsonValue

from docparse_loaders.vendors.protocol import State

Phase = Literal["presigning", "uploading", "submitting", "polling", "fetching", "again"]


class SCNetState(State):
    """Where a job stands.

    `order` is what a submit says besides the address, kept for submitting again. `url` is the address of the
    upload, kept once it is submitted only if it has neither a query, which may be signed, nor a password; the engine knows
    that of a document which has one.
    `upload` tells that the document is a file. `alone` is set when an answer about many tasks had nothing on this one.
    `unseen` counts answers that did not know the task, `links` expired links, `presigns` refused uploads, `tries` further
    submits.
    """

    phase: Phase = "submitting"
    upload: bool = False
    name: str = ""
    media_type: str = ""
    order: dict[str, JsonValue] = Field(default_factory=dict)
    url: str = ""
    task_id: str = ""
    infer_links: bool = True
    alone: bool = False
    unseen: int = Field(default=0, ge=0)
    links: int = Field(default=0, ge=0)
    presigns: int = Field(default=0, ge=0)
    tries: int = Field(default=0, ge=0)

    @property
    def known_as(self) -> str:
        """The task's id."""
        return self.task_id

    @property
    def accepted(self) -> bool:
        """Whether SCNet has the job."""
        return self.phase in {"polling", "fetching"}

    @property
    def creating(self) -> bool:
        """Whether a submit is under way."""
        return self.phase == "submitting"
