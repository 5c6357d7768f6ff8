"""What a tool says: text that fits, marked as a document's and not as ours, with the places that it came from."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from docparse_loaders.chunking import estimate
from docparse_loaders.model import BBox, Region
from docparse_loaders.toolbox.fences import fenced
from docparse_loaders.toolbox.paging import end_of

_FEWEST = 24
_MARGIN = 8


@dataclass(frozen=True, slots=True)
class Citation:
    """Where something stands: the document, the page (1-based) and the boxes on it as fractions from the top left."""

    document_id: str
    file_name: str
    page_number: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The smallest box around all of them; None if the vendor did not say where it stands."""
        if not self.boxes:
            return None
        left, top, right, bottom = zip(*self.boxes, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def place(self) -> str:
        """`p. 3, box 0.118 0.300 0.882 0.410`."""
        box = self.box
        return f"p. {self.page_number}" + (f", box {' '.join(f'{side:.3f}' for side in box)}" if box else "")

    def label(self) -> str:
        """As it stands in an answer: `[report-1a2b3c4d p. 3, box 0.118 0.300 0.882 0.410]`."""
        return f"[{self.document_id} {self.place()}]"


@dataclass(frozen=True, slots=True)
class Answer:
    """The text for a model, and what a program can show beside it.

    `next_offset` goes into the same call for what did not fit; None if that was all. `body` is the document's part of the
    text: the bodies of one answer after another are the whole. `data` is rows or documents as plain JSON, where there are any.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    next_offset: int | None = None
    body: str = ""
    data: object = field(default=None, compare=False)

    def __str__(self) -> str:
        """The text."""
        return self.text


def cited(document_id: str, file_name: str, regions: Iterable[Region]) -> tuple[Citation, ...]:
    """The places as citations, one for each page, in the order of the pages; each box once."""
    pages: dict[int, dict[tuple[float, float, float, float], None]] = {}
    for page, box in regions:
        boxes = pages.setdefault(page, {})
        if box is not None:
            boxes[_rounded(box)] = None
    return tuple(Citation(document_id, file_name, page, tuple(boxes)) for page, boxes in sorted(pages.items()))


def _rounded(box: BBox) -> tuple[float, float, float, float]:
    return round(box.x0, 4), round(box.y0, 4), round(box.x1, 4), round(box.y1, 4)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a part of a text: `head` before the fence, `repeated` at the top inside it where the part does not
    begin the text (the header of a table), `again` how to go on, up to the offset.
    """

    head: str
    repeated: str = ""
    again: str = "call again with"

    def around(self, body: str, sources: str, following: int | None, *, first: bool) -> str:
        """The whole answer."""
        shown = body.strip("\n")
        inside = shown if first or not self.repeated else f"{self.repeated}\n{shown}"
        more = "" if following is None else f"There is more: {self.again} offset={following}."
        return "\n".join(filter(None, (self.head, sources, fenced(inside) if body else "", more)))


def fitting(text: str, offset: int, most: int, frame: Frame, source: "Sources") -> Answer:
    """The part of `text` from `offset` on, as long as the whole answer has no more than `most` tokens."""
    room = max(most - estimate(frame.around("x", "", offset, first=offset == 0)), _FEWEST)
    while True:
        end = end_of(text, offset, room, estimate)
        citations = source.between(offset, end)
        following = end if end < len(text) else None
        body = text[offset:end]
        shown = frame.around(body, named(citations, most // 6), following, first=offset == 0)
        over = estimate(shown) - most
        if over <= 0 or room <= 1:
            return Answer(shown, citations, following, body)
        room = max(min(room, end - offset) - max(over, _MARGIN), 1)


def named(citations: Sequence[Citation], most: int) -> str:
    """A line that tells how to cite: as many places as `most` tokens hold, at least one, the pages of the others without."""
    if not citations:
        return ""
    first, *others = citations
    shown, left = [first.label()], most - estimate(first.label())
    for number, citation in enumerate(others, 1):
        left -= estimate(citation.place()) + 2
        if left < 0:
            return f"Cite as {' '.join(shown)} and p. {citations[number].page_number}–{citations[-1].page_number}"
        shown.append(f"[{citation.place()}]")
    return f"Cite as {' '.join(shown)}"


class Sources:
    """Where the parts of a text stand: for each, where it begins in the text, and its regions."""

    def __init__(self, document_id: str, file_name: str, begins: Sequence[int], regions: Sequence[Sequence[Region]]) -> None:
        self._names = (document_id, file_name)
        self._begins = begins
        self._regions = regions

    def between(self, begin: int, end: int) -> tuple[Citation, ...]:
        """The citations of what stands from `begin` to before `end`."""
        parts = range(max(bisect_right(self._begins, begin) - 1, 0), bisect_left(self._begins, end))
        return cited(*self._names, (region for part in parts for region in self._regions[part]))
