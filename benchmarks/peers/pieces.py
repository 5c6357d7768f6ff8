"""Chunks of any chunker in one form, and the scorecard that counts the signs of a tagged document in their texts.

The scorecard for our own chunker (`scorecard.py`) takes our word for what is heading prefix and what is body. This one asks
every chunker the same and no more: what does the text say that is embedded, and which headings and places come with it?
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scorecard import Card, Score
from tagged import Mark, Tagged, signs

from docparse_loaders.chunking import Chunk
from docparse_loaders.model import BBox, Region

Count = Callable[[str], int]
MEASURES = (
    "lost",
    "doubled",
    "over",
    "rows cut",
    "no header",
    "caption apart",
    "sentence cut",
    "wrong path",
    "wrong pages",
    "wrong boxes",
)
"""What is counted, each of how many."""
SLACK = 6
"""Tokens for a bullet, a blank line and the like."""


@dataclass(frozen=True)
class Piece:
    """A chunk. `headings` and `regions` are None if the chunker gives none.

    `lead` is how many characters of `text` a chunker puts before what it cut. `partial_path` says that the last heading is
    not named but stands in the text.
    """

    text: str
    headings: tuple[str, ...] | None = None
    regions: tuple[Region, ...] | None = None
    lead: int = 0
    partial_path: bool = False

    @property
    def chunk(self) -> Chunk:
        """The same as our own scorecard wants it."""
        places, body = self.regions or (), self.text[self.lead :]
        return Chunk("", self.text, body, self.headings or (), (), places, 0, 0, (), 0)


@dataclass
class Tally(Score):
    """A score with what is not counted in cases: tokens of all chunks, and of the document as Markdown."""

    tokens: int = 0
    of_tokens: int = 0
    given: set[str] = field(default_factory=set)

    def add(self, other: Score) -> None:
        """Count another document too."""
        super().add(other)
        if isinstance(other, Tally):
            self.tokens += other.tokens
            self.of_tokens += other.of_tokens
            self.given |= other.given


class PeerCard(Card):
    """One document and the pieces that some chunker made of it.

    Headings, header rows, captions and the first cell of a row may be said as often as a chunker likes: that is context. All
    else is to be said once. A chunk's places are right if they are those of every sentence, item and cell in it, and of nothing
    that it does not say.
    """

    def __init__(self, made: Tagged, pieces: Sequence[Piece], count: Count, budget: int) -> None:
        super().__init__(made, [piece.chunk for piece in pieces], count, budget)
        self.pieces = pieces
        self.held = [Counter(signs(piece.text)) for piece in pieces]
        self.homes = defaultdict(list)
        for number, held in enumerate(self.held):
            for sign in held:
                self.homes[sign].append(number)
        of_tokens = count(made.document.to_markdown())
        self.score: Tally = Tally(len(pieces), tokens=sum(count(piece.text) for piece in pieces), of_tokens=of_tokens)

    @cached_property
    def by_block(self) -> Mapping[str, Mapping[str, Mark]]:
        """The marks of each block; a name of a column that is lost counts as that, and not in each part of its table again."""
        found: dict[str, dict[str, Mark]] = defaultdict(dict)
        for sign, mark in self.made.marks.items():
            if mark.role != "head" or sign in self.homes:
                found[mark.block][sign] = mark
        return found

    def scored(self) -> Tally:
        """Check everything that can be checked of any chunker."""
        for check in (self.signs, self.budgets, self.rows, self.parts, self.captions, self.sentences, self.paths, self.places):
            check()
        return self.score

    def _once(self, sign: str, mark: Mark, homes: Sequence[int]) -> bool:
        return mark.role in {"heading", "head", "caption"} or mark.label or super()._once(sign, mark, homes)

    def sentences(self) -> None:
        """A sentence or item is whole in some chunk, if it would fit there."""
        units: dict[int, list[str]] = defaultdict(list)
        for sign, mark in self.made.marks.items():
            if mark.role in {"sentence", "item"} and self.homes[sign]:
                units[mark.unit].append(sign)
        for unit, own in units.items():
            homes = sorted({home for sign in own for home in self.homes[sign]})
            if self.count(self.made.units[unit]) + SLACK <= self.budget - max(map(self._before, homes)):
                is_whole = any(self.held[home].keys() >= set(own) for home in homes)
                self.score.check("sentence cut", is_whole, self.made.units[unit], "in", homes)

    def paths(self) -> None:
        """The headings that a chunk is said to stand below are those of each sentence, item and cell in it."""
        for number, piece in enumerate(self.pieces):
            marks = [mark for mark in self._said(number) if mark.role != "heading"]
            if not marks:
                continue
            if piece.headings is not None:
                self.score.given.add("wrong path")
            right = piece.headings is not None and all(_same_path(piece, mark.path) for mark in marks)
            self.score.check("wrong path", right, "chunk", number, piece.headings)

    def places(self) -> None:
        """Pages and boxes, each as far as the chunker tells."""
        mute = {_rounded(place) for places in self._mute().values() for place in places}
        for number, piece in enumerate(self.pieces):
            marks = self._said(number)
            wanted = {_rounded(place) for mark in marks if _is_own(mark) for place in mark.places}
            if not wanted:
                continue
            may = wanted | mute | {_rounded(place) for mark in marks for place in mark.places}
            given = {_rounded(place) for place in piece.regions or ()}
            if piece.regions is not None:
                self.score.given |= {"wrong pages", "wrong boxes"}
            right = _pages(wanted) <= _pages(given) <= _pages(may)
            self.score.check("wrong pages", right, "chunk", number, _pages(given), "for", _pages(wanted))
            self.score.check("wrong boxes", wanted <= given <= may, "chunk", number)

    def _said(self, number: int) -> list[Mark]:
        return [self.made.marks[sign] for sign in self.held[number]]


def _is_own(mark: Mark) -> bool:
    """Whether a sign is what a chunk is made for, and not context that may be repeated."""
    return mark.role in {"sentence", "item", "line", "cell"} and not mark.label


def _rounded(place: Region) -> Region:
    """The same to the hundredth of a per cent: boxes went through the unit of another library."""
    box = place.bbox
    return place if box is None else Region(place.page_number, BBox(*(round(value, 4) for value in box)))


def _pages(places: set[Region]) -> set[int]:
    return {place.page_number for place in places}


def _same_path(piece: Piece, path: tuple[str, ...]) -> bool:
    """Compared by signs, because Markdown may write the words in another way."""
    given = [signs(text) for text in piece.headings or ()]
    wanted = [signs(text) for text in path]
    if given == wanted:
        return True
    inside = set(signs(piece.text))
    return piece.partial_path and given == wanted[:-1] and inside >= set(wanted[-1])


def tally(made: Sequence[Tagged], split: Callable[[Tagged], Sequence[Piece]], count: Count, budget: int) -> Tally:
    """How a chunker does on some documents."""
    total = Tally()
    for one in made:
        total.add(PeerCard(one, split(one), count, budget).scored())
    return total


def cells(found: Tally) -> Iterator[str]:
    """What stands in a row of the table, measure by measure."""
    for name in MEASURES:
        given = name in found.given or not name.startswith("wrong")
        yield f"{found.wrong[name]:,} of {found.of[name]:,}" if given else "none given"
