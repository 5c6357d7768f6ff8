"""How well the local vendor reads, against what the example documents were made from.

    python benchmarks/bench_local.py [--scans]

For each document: how many blocks are found with their kind (precision and recall), how like their text is, whether they
come in the right order (Kendall's tau over all pairs on a page), how many cells of tables are right in their place, and how
well boxes cover (intersection over union). `--scans` reads the same pages again as pictures, with OCR.
"""

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

from docparse_loaders import parse
from docparse_loaders.model import FURNITURE, BBox, Block, Page
from docparse_loaders.tables import grid_of

DATA = Path(__file__).parent.parent / "examples" / "data"
NAMES = ("report", "report-zh", "invoice-scan", "paper")
SAME = str.maketrans("“”‘’−–—：，（）", "\"\"''---:,()")
"""LiteParse writes some marks in ASCII, and so does OCR with those of Chinese."""
DPI = 150

Truth = dict[str, Any]
Pair = tuple[Truth, Block | None, float]


@dataclass(slots=True)
class Score:
    """What was right, summed up over blocks; ratios are made of it at the end."""

    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    likeness: list[float] = field(default_factory=list)
    overlap: list[float] = field(default_factory=list)
    cells: list[bool] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Which part of the blocks is found with its kind."""
        return self.right.total() / max(self.wanted.total(), 1)

    @property
    def precision(self) -> float:
        """Which part of what is found is a block of that kind."""
        return self.right.total() / max(self.found.total(), 1)

    @property
    def text(self) -> float:
        """How like the texts are, 0 to 1, on average over blocks."""
        return mean(self.likeness)

    @property
    def order(self) -> float:
        """Kendall's tau: 1 for the right order, -1 for the reverse."""
        return mean(self.pairs)

    @property
    def table(self) -> float | None:
        """Which part of the tables' cells is right in its place; None without tables."""
        return mean(self.cells) if self.cells else None

    @property
    def iou(self) -> float:
        """How well boxes cover, on average over blocks."""
        return mean(self.overlap)


def mean(values: Sequence[float]) -> float:
    """The mean; 1 of nothing."""
    return sum(values) / len(values) if values else 1.0


def truth_of(name: str) -> Truth:
    """What a document was made from."""
    loaded: Truth = json.loads((DATA / f"{name}.truth.json").read_text(encoding="utf-8"))
    return loaded


def picture(name: str, page: int, dpi: int = DPI) -> bytes:
    """A page of a document as a PNG."""
    import pypdfium2

    with pypdfium2.PdfDocument(DATA / f"{name}.pdf") as pdf:
        out = io.BytesIO()
        pdf[page - 1].render(scale=dpi / 72).to_pil().convert("RGB").save(out, "PNG", dpi=(dpi, dpi))
        return out.getvalue()


def score_of(found: Sequence[Page], truth: Truth, pages: Mapping[int, int]) -> Score:
    """Compare; `pages` maps pages of the truth to those of the document."""
    score = Score()
    for true_page, page_number in pages.items():
        blocks = next((page.blocks for page in found if page.number == page_number), ())
        wanted = [block for block in truth["blocks"] if block["page"] == true_page]
        pairs = list(paired(wanted, blocks))
        _count(score, pairs, blocks)
        _compare(score, pairs)
        ranks = [blocks.index(block) for _, block, _ in pairs if block is not None]
        score.pairs += [1 if one < other else -1 for one, other in combinations(ranks, 2)]
    return score


def paired(wanted: Sequence[Truth], blocks: Sequence[Block]) -> Iterator[Pair]:
    """Each true block with the found one that covers it best, each found one used once."""
    shares = sorted(
        (
            (overlap(BBox(*true["bbox"]), box), row, column)
            for row, true in enumerate(wanted)
            for column, block in enumerate(blocks)
            if (box := block.regions[0].bbox) is not None
        ),
        reverse=True,
    )
    chosen: dict[int, tuple[int, float]] = {}
    for share, row, column in shares:
        if share > 0.1 and row not in chosen and column not in {taken for taken, _ in chosen.values()}:
            chosen[row] = (column, share)
    for row, true in enumerate(wanted):
        place, share = chosen.get(row, (-1, 0.0))
        yield true, blocks[place] if place >= 0 else None, share


def overlap(one: BBox, other: BBox) -> float:
    """Intersection over union."""
    width, height = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, other)]
    return shared / (sum(areas) - shared) if sum(areas) > shared else 0.0


def _count(score: Score, pairs: Sequence[Pair], blocks: Sequence[Block]) -> None:
    score.wanted.update(kind_of(true["kind"]) for true, _, _ in pairs)
    score.found.update(kind_of(block.kind) for block in blocks)
    score.right.update(
        kind_of(true["kind"]) for true, block, _ in pairs if block is not None and kind_of(block.kind) == kind_of(true["kind"])
    )


def _compare(score: Score, pairs: Sequence[Pair]) -> None:
    for true, block, share in pairs:
        score.overlap.append(share)
        if true["kind"] == "table":
            score.cells += right_cells(true["cells"], block)
        elif kind_of(true["kind"]) != "figure" and true["kind"] != "equation":
            score.likeness.append(likeness(true["text"], "" if block is None else block.text))


def kind_of(kind: str) -> str:
    """The kind to compare: the local vendor does not tell charts from figures."""
    return "figure" if kind == "chart" else kind


def likeness(one: str, other: str) -> float:
    """How like two texts are, 0 to 1, whatever their spaces."""
    return SequenceMatcher(None, squeezed(one), squeezed(other), autojunk=False).ratio()


def squeezed(text: str) -> str:
    """Without spaces, and with the marks that LiteParse writes."""
    return "".join(text.split()).translate(SAME)


def right_cells(cells: Sequence[Sequence[str]], block: Block | None) -> list[bool]:
    """For each true cell with text whether the same text stands in its place."""
    grid = grid_of(block) if block is not None and block.kind == "table" else None
    rows = grid.rows if grid is not None else ()
    found = {(row, column): squeezed(cell) for row, texts in enumerate(rows) for column, cell in enumerate(texts)}
    places = ((row, column, cell) for row, texts in enumerate(cells) for column, cell in enumerate(texts) if cell)
    return [found.get((row, column)) == squeezed(cell) for row, column, cell in places]


def measured(name: str) -> Score:
    """A document as it is."""
    truth = truth_of(name)
    pages = range(1, truth["page_count"] + 1)
    return score_of(parse(DATA / f"{name}.pdf").pages, truth, {page: page for page in pages})


def scanned(name: str, page: int, dpi: int = DPI) -> Score:
    """One page of a document as a picture. Its furniture cannot be known from one page, so it does not count."""
    truth = truth_of(name)
    body = [block for block in truth["blocks"] if block["kind"] not in FURNITURE]
    edges = [BBox(*block["bbox"]) for block in truth["blocks"] if block["page"] == page and block["kind"] in FURNITURE]
    document = parse(picture(name, page, dpi))
    (only,) = document.pages
    blocks = tuple(block for block in only.blocks if not any(_covers(edge, block) for edge in edges))
    return score_of((replace(only, blocks=blocks),), {**truth, "blocks": body}, {page: 1})


def _covers(edge: BBox, block: Block) -> bool:
    box = block.regions[0].bbox
    return box is not None and edge.y0 - 0.01 < (box.y0 + box.y1) / 2 < edge.y1 + 0.01


def main() -> None:
    """Print a table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--scans", action="store_true", help="the same pages again as pictures, with OCR")
    _head()
    for name in NAMES:
        _line(name, measured(name))
    if arguments.parse_args().scans:
        for name in ("report", "report-zh", "paper"):
            for page in range(1, truth_of(name)["page_count"] + 1):
                _line(f"{name} p{page}, {DPI} dpi", scanned(name, page))


def _head() -> None:
    print(
        f"{'':24}{'blocks':>7}{'precision':>11}{'recall':>8}{'text':>8}{'order':>8}{'cells':>8}{'IoU':>7}   kinds with errors"
    )


def _line(name: str, score: Score) -> None:
    wrong = [
        f"{kind} {score.right[kind]}/{score.wanted[kind]} of {score.found[kind]}"
        for kind in sorted({*score.wanted, *score.found})
        if not score.right[kind] == score.wanted[kind] == score.found[kind]
    ]
    cells = "-" if score.table is None else f"{score.table:.3f}"
    figures = f"{score.precision:11.3f}{score.recall:8.3f}{score.text:8.3f}{score.order:8.3f}{cells:>8}{score.iou:7.3f}"
    print(f"{name:24}{score.wanted.total():7}{figures}   {', '.join(wrong)}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
