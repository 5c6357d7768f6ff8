"""What is remembered of a job at PaddleOCR."""

from typing import Literal

from pydantic import Field, JsonValue

from docparse_loaders.vendors.protocol import State

Phase = Literal["submitting", "looking", "polling", "fetching", "again"]


class PaddleOCRState(State):
    """Where a job stands.

    `batch_id` is the batch by which it is asked for, empty if alone. `order` is what the submit says besides the document,
    kept for submitting again; `own` tells that the batch it names is this document's alone, so that a job in it is this one.
    `total` is the job's count of pages. `unseen` counts answers that did not know the job, `links` those links to its result
    that did not work, `tries` further submits. `infer_links` is the option of that name.
    """

    phase: Phase = "submitting"
    model: str = ""
    order: dict[str, JsonValue] = Field(default_factory=dict)
    name: str = ""
    media_type: str = ""
    by_file: bool = True
    batch_id: str = ""
    own: bool = False
    job_id: str = ""
    total: int | None = None
    unseen: int = Field(default=0, ge=0)
    links: int = Field(default=0, ge=0)
    tries: int = Field(default=0, ge=0)
    infer_links: bool = True

    @property
    def known_as(self) -> str:
        """The job's id."""
        return self.job_id

    @property
    def accepted(self) -> bool:
        """Whether PaddleOCR has the job, or may have it and is asked."""
        return self.phase in {"looking", "polling", "fetching"}

    @property
    def creating(self) -> bool:
        """Whether a submit is under way."""
        return self.phase == "submitting"
