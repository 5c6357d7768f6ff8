"""What is lost, doubled, cut or wrongly placed when tagged documents are chunked, for several budgets.

    python benchmarks/scorecard.py [sections] [--misses] [--counter estimate|letters|cl100k]

Every figure is counted from the signs of `tagged.py` and not from what the chunker says of itself. Ends with status 1 if a
bar is missed. A thing counts as cut or separated only if it would have fitted.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from tagged import FIRST, SCRIPTS, Mark, Table, Tagged, said_by, signs, tagged

from docparse_loaders.chunking import Chunk, StructureChunker, estimate
from docparse_loaders.model import Region

BUDGETS = (32, 64, 128, 256, 512, 1024, 2048)
SHORTEST = "|x|-"
BARS = ("lost", "doubled", "over", "rows cut", "no header", "no caption", "wrong path", "wrong place", "furniture")
"""What must be 0."""
AIMS = ("heading alone", "caption apart", "sentence cut")
"""What should be 0."""
Count = Callable[[str], int]
_SLACK = 6
"""Tokens for a bullet, a blank line and the like."""


@dataclass
class Score:
    """How often each thing went wrong, of how many; `misses` tells where."""

    chunks: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def check(self, what: str, right: bool, *where: object) -> None:
        """Count one case; `where` it is is told of what is wrong."""
        self.of[what] += 1
        if not right:
            self.wrong[what] += 1
            self.misses.append(plain(f"{what}: {' '.join(map(str, where))}"))

    def add(self, other: "Score") -> None:
        """Count another document too."""
        self.chunks += other.chunks
        self.wrong.update(other.wrong)
        self.of.update(other.of)
        self.misses += other.misses


class Encoder(NamedTuple):
    """A tokenizer object that only counts; a plain function may round down, and is not trusted to the last token."""

    count: Count

    def encode(self, text: str) -> range:
        """As many tokens as are counted."""
        return range(self.count(text))


class Card:
    """One document and its chunks."""

    def __init__(self, made: Tagged, chunks: Sequence[Chunk], count: Count, budget: int) -> None:
        self.made, self.chunks, self.count, self.budget = made, chunks, count, budget
        self.held = [Counter(signs(chunk.body)) for chunk in chunks]
        self.homes: dict[str, list[int]] = defaultdict(list)
        for number, held in enumerate(self.held):
            for sign in held:
                self.homes[sign].append(number)
        self.score = Score(len(chunks))

    def scored(self) -> Score:
        """Check everything."""
        for check in (self.signs, self.budgets, self.rows, self.parts, self.paths, self.places, self.ends, self.captions):
            check()
        self.sentences()
        return self.score

    @cached_property
    def by_block(self) -> Mapping[str, Mapping[str, Mark]]:
        """The marks of each block, by sign."""
        found: dict[str, dict[str, Mark]] = defaultdict(dict)
        for sign, mark in self.made.marks.items():
            found[mark.block][sign] = mark
        return found

    @cached_property
    def large(self) -> set[tuple[str, int]]:
        """The rows of tables that are too large for a chunk below the shortest header, a letter for each name."""
        return {
            (table.block, number)
            for table in self.made.tables.values()
            for number in range(len(table.rows))
            if self.count(line(table, number)) + self.count(SHORTEST * len(table.rows[0])) + _SLACK > self.budget
        }

    def signs(self) -> None:
        """Each sign in one chunk, once; furniture in none."""
        for sign, mark in self.made.marks.items():
            homes = self.homes.get(sign, [])
            if mark.role == "furniture":
                self.score.check("furniture", not homes, mark.block, "in", homes)
                continue
            self.score.check("lost", bool(homes), sign, mark.role, mark.block)
            self.score.check("doubled", self._once(sign, mark, homes), sign, mark.role, mark.block, homes)

    def _once(self, sign: str, mark: Mark, homes: Sequence[int]) -> bool:
        times = max((self.held[home][sign] for home in homes), default=0)
        if mark.role in {"head", "caption"}:
            parts = [self.chunks[home].table is not None for home in homes[1:]]
            return all(parts) and times <= (2 if mark.role == "head" else 1)
        if mark.label:  # with every row that it reaches, and with each part of a row that is cut
            return all(self._has_row(home, mark) for home in homes)
        return len(homes) <= 1 and times <= 1

    def _has_row(self, home: int, label: Mark) -> bool:
        marks = (self.made.marks[sign] for sign in self.held[home])
        rows = {mark.row for mark in marks if mark.block == label.block and mark.role == "cell" and not mark.label}
        alone = not rows and self.chunks[home].table is not None
        return alone or any(label.row <= row <= label.last_row for row in rows)

    def budgets(self) -> None:
        """The counter's own count of what is embedded."""
        for number, chunk in enumerate(self.chunks):
            tokens = self.count(chunk.text)
            self.score.check("over", tokens <= self.budget, "chunk", number, "has", tokens)

    def rows(self) -> None:
        """A row, with the cells that reach it from above, is whole in some chunk; a label is only beside its rows."""
        for table in self.made.tables.values():
            marks = {sign: mark for sign, mark in self.by_block[table.block].items() if mark.role == "cell"}
            of_row: dict[int, set[str]] = defaultdict(set)
            for sign, mark in marks.items():
                for row in range(mark.row, mark.last_row + 1):
                    of_row[row].add(sign)
            for row, wanted in of_row.items():
                if (table.block, row) not in self.large:
                    homes = sorted({home for sign in wanted for home in self.homes[sign]})
                    whole = any(wanted <= self.held[home].keys() for home in homes)
                    self.score.check("rows cut", whole, "row", row, "of", table.block, homes)

    def parts(self) -> None:
        """Each part of a table that is cut has header and caption, if they and its largest row fit.

        A caption of more than a quarter of what the heading prefix leaves, or a header of more than half, is said in full once.
        """
        for table in self.made.tables.values():
            marks = self.by_block[table.block]
            head = {sign for sign, mark in marks.items() if mark.role == "head"}
            caption = set(signs(self.made.captions.get(table.block, "")))
            of = [n for n, held in enumerate(self.held) if any(s in marks and marks[s].role == "cell" for s in held)]
            for number in of if len(of) > 1 and self._modest(table, of) else ():
                rows = {marks[s].row for s in self.held[number] if s in marks and marks[s].role == "cell"}
                if self._lead(table) + max(self.count(line(table, row)) for row in rows) + _SLACK > self.budget:
                    continue
                self.score.check("no header", head <= self.held[number].keys(), table.block, "in chunk", number)
                self.score.check("no caption", caption <= self.held[number].keys(), table.block, "in chunk", number)

    def _modest(self, table: Table, homes: Sequence[int]) -> bool:
        rest = self.budget - max(map(self._prefix, homes)) - _SLACK
        caption = self.count(self.made.captions.get(table.block, ""))
        return caption + _SLACK <= rest // 4 and self._lead(table) - caption <= rest // 2

    def _lead(self, table: Table) -> int:
        return self.count(head_lines(table)) + self.count(self.made.captions.get(table.block, ""))

    def paths(self) -> None:
        """A chunk's headings are those that are open at each of its signs."""
        for number, chunk in enumerate(self.chunks):
            marks = [self.made.marks[sign] for sign in self.held[number]]
            if marks:
                right = all(
                    mark.path == (chunk.headings[: len(mark.path)] if mark.role == "heading" else chunk.headings)
                    for mark in marks
                )
                self.score.check("wrong path", right, "chunk", number, chunk.headings)

    def places(self) -> None:
        """A chunk's regions are those of the signs in it that it does not merely repeat, and of pictures with its captions."""
        mute = self._mute()
        for number, chunk in enumerate(self.chunks):
            fresh = [sign for sign in self.held[number] if self._fresh(sign, number)]
            wanted = {place for sign in fresh for place in self.made.marks[sign].places}
            beside = {place for sign in fresh for place in mute.get(self.made.marks[sign].block, ())}
            beside |= self._opened(chunk)
            if fresh:
                right = wanted <= set(chunk.regions) <= wanted | beside
                self.score.check("wrong place", right, "chunk", number, _tops(chunk.regions), "for", _tops(wanted))
        given = {place for chunk in self.chunks for place in chunk.regions}
        for block, places in mute.items():
            self.score.check("wrong place", set(places) <= given, "picture of", block, "is in no chunk")

    def _opened(self, chunk: Chunk) -> set[Region]:
        """The places of a block of which a chunk ends in what stands before its first sign, such as "Figure 1."."""
        last = next(block for block in self.made.document.blocks if block.id == chunk.block_ids[-1])
        begin = re.split(f"[{chr(FIRST)}-\U0010fffd]", last.text, maxsplit=1)[0].strip()
        return set(last.regions[:1]) if begin.startswith(chunk.body.rsplit("\n\n", 1)[-1]) else set()

    def _fresh(self, sign: str, number: int) -> bool:
        return self.made.marks[sign].role not in {"head", "caption"} or self.homes[sign][0] == number

    def _mute(self) -> Mapping[str, Sequence[Region]]:
        """By the block of a caption, the places of pictures without words."""
        blocks = [block for page in self.made.document.pages for block in page.blocks]
        pictures = [block for block in blocks if block.image and not said_by(block)]
        return {name: block.regions for block in pictures for name in block.caption_ids}

    def ends(self) -> None:
        """No chunk of nothing but headings, if the beginning of what follows fits."""
        for number, (chunk, after) in enumerate(zip(self.chunks, self.chunks[1:], strict=False)):
            roles = {self.made.marks[sign].role for sign in self.held[number]}
            follows = chunk.headings == after.headings and roles == {"heading"}
            first = next(iter(self.held[number + 1]), "") if follows else ""
            if first and self.made.marks[first].role != "heading":
                fits = self.count(chunk.text) + self._unit(first) + _SLACK <= self.budget
                self.score.check("heading alone", not fits, "chunk", number, chunk.text)

    def _unit(self, sign: str) -> int:
        """What the smallest piece costs that has a sign: a sentence, or a row with header and caption."""
        mark = self.made.marks[sign]
        owners = [block for block, text in self.made.captions.items() if sign in text]
        table = self.made.tables.get(owners[0] if owners else mark.block)
        if table is not None:
            return self._lead(table) + self.count(line(table, 0))
        owner = self.made.captions[owners[0]] if owners else ""
        return self.count(self.made.units[mark.unit] if mark.unit else "  value += table[00]  #") + self.count(owner)

    def captions(self) -> None:
        """A caption stands with the first row of its table, or with the words of its picture, if they fit."""
        for block, text in self.made.captions.items():
            wanted = set(signs(text))
            table = self.made.tables.get(block)
            role = "cell" if table else "sentence"
            own = next((s for s, mark in self.by_block[block].items() if mark.role == role), None)
            if own is None:
                continue
            home = self.homes[own][0] if self.homes[own] else 0
            room = self.budget - self._before(home) - _SLACK
            modest = table is None or self._modest(table, [home])
            if modest and self._unit(own) + (0 if table else self.count(text)) <= room:
                together = wanted <= self.held[home].keys()
                self.score.check("caption apart", together, "of", block, "is not in", home)

    def _prefix(self, number: int) -> int:
        chunk = self.chunks[number]
        return self.count(chunk.text[: len(chunk.text) - len(chunk.body)])

    def _before(self, number: int) -> int:
        """What the heading prefix costs, with the headings of the same section that stand in this chunk or the one before."""
        found = {mark.unit for near in (number - 1, number) if near >= 0 for mark in self._headings(near)}
        return self._prefix(number) + sum(self.count(self.made.units[unit]) for unit in found)

    def _headings(self, number: int) -> Iterator[Mark]:
        """Those that stand in a chunk and not in its prefix."""
        marks = (self.made.marks[sign] for sign in self.held[number])
        return (mark for mark in marks if mark.role == "heading")

    def sentences(self) -> None:
        """A sentence or item is in one chunk, if it fits beside the heading prefix and a heading that it follows."""
        units: dict[int, list[str]] = defaultdict(list)
        for sign, mark in self.made.marks.items():
            if mark.role in {"sentence", "item"} and self.homes[sign]:
                units[mark.unit].append(sign)
        for unit, own in units.items():
            homes = {home for sign in own for home in self.homes[sign]}
            room = self.budget - max(map(self._before, homes)) - _SLACK
            if self.count(self.made.units[unit]) <= room:
                self.score.check("sentence cut", len(homes) == 1, self.made.units[unit], "in", sorted(homes))


def line(table: Table, number: int) -> str:
    """A body row as Markdown, its label repeated."""
    label = next(row[0] for row in reversed(table.rows[: number + 1]) if row[0])
    return "| " + " | ".join([label, *table.rows[number][1:]]) + " |"


def head_lines(table: Table) -> str:
    """The header as Markdown, the names of groups repeated."""
    rows = [[text or row[at - 1] for at, text in enumerate(row)] for row in table.head]
    return "\n".join(["| " + " | ".join(row) + " |" for row in rows]) + "\n|" + " --- |" * len(rows[0])


def plain(text: str) -> str:
    """A text with its signs as numbers."""
    return "".join(f"<{ord(letter) - FIRST}>" if ord(letter) >= FIRST else letter for letter in text)


def _tops(places: "Sequence[Region] | set[Region]") -> list[tuple[int, float]]:
    return [(place.page_number, round(place.bbox.y0, 2) if place.bbox else 0) for place in sorted(places)]


def score(
    made: Tagged, budget: int, tables: Literal["whole", "rows"] = "whole", tokenizer: Count | None = None, **options: object
) -> Score:
    """How the chunker does on one document; a `tokenizer` that counts may be given instead of the estimate."""
    encoder = Encoder(tokenizer) if tokenizer else None
    chunker = StructureChunker(max_tokens=budget, tables=tables, tokenizer=encoder, **options)  # type: ignore[arg-type]  # as is
    return Card(made, list(chunker.chunk(made.document)), tokenizer or estimate, budget).scored()


def counters(name: str) -> tuple[Count | None, int]:
    """A way to count, and how many of its tokens a usual one has."""
    if name == "letters":
        return len, 4
    if name == "cl100k":
        from bench_chunking import cl100k

        encode = cl100k().encode_ordinary
        return lambda text: len(encode(text)), 1
    return None, 1


def scores(sections: int, name: str = "estimate") -> Iterator[tuple[int, str, Score]]:
    """For each budget and mode, all scripts together."""
    documents = [tagged(script, sections) for script in SCRIPTS]
    tokenizer, size = counters(name)
    modes: tuple[Literal["whole", "rows"], ...] = ("whole", "rows")
    for budget in BUDGETS:
        for mode in modes:
            total = Score()
            for made in documents:
                total.add(score(made, budget * size, mode, tokenizer))
            yield budget * size, mode, total


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("sections", nargs="?", type=int, default=40)
    parser.add_argument("--misses", action="store_true", help="tell where")
    parser.add_argument("--counter", default="estimate", choices=["estimate", "letters", "cl100k"])
    given = parser.parse_args()
    columns = (*BARS, *AIMS)
    print(f"{'budget':>6} {'tables':6} {'chunks':>6} " + " ".join(f"{name:>15}" for name in columns))
    missed = 0
    for budget, mode, found in scores(given.sections, given.counter):
        cells = [f"{found.wrong[name]:>5} of {found.of[name]:>6}" for name in columns]
        print(f"{budget:>6} {mode:6} {found.chunks:>6} " + " ".join(f"{cell:>15}" for cell in cells))
        missed += sum(found.wrong[name] for name in BARS)
        for miss in found.misses if given.misses else ():
            print(f"       {miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
