"""What the readers of MinerU's files find, before it is one: blocks without ids, with what belongs to them."""

from dataclasses import dataclass, field
from typing import Literal

from docparse_loaders.model import BBox, Image, Kind

Link = Literal["", "moved", "flagged"]


@dataclass(slots=True)
class Draft:
    """A block to be. `notes` are its captions and footnotes; `order` is MinerU's own place of it on the page.

    `link` says that it goes on from an earlier block: "moved" if its content was moved there and it is empty now, "flagged"
    if it still has its own. `away` marks a note that stands on the page where the block that it belongs to goes on.
    """

    label: str
    kind: Kind
    text: str = ""
    html: str | None = None
    latex: str | None = None
    image: Image | None = None
    level: int | None = None
    box: BBox | None = None
    notes: list["Draft"] = field(default_factory=list)
    order: float | None = None
    link: Link = ""
    away: bool = False
    generated: bool = False

    @property
    def empty(self) -> bool:
        """Whether it says and shows nothing."""
        return not (self.text or self.html or self.latex or self.image)


@dataclass(slots=True)
class Sheet:
    """A page to be; `index` counts from 0, in the file or among the parsed pages. Sizes are in points, 0 if not known."""

    index: int
    width: float = 0.0
    height: float = 0.0
    body: list[Draft] = field(default_factory=list)
    furniture: list[Draft] = field(default_factory=list)
