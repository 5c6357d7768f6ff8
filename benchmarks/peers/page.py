"""The page of results: every figure comes from a run that is kept, none is written by hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from peers import loader_page
from peers.tables import facts, table, times, wrong

Run = Mapping[str, Any]

HEAD = """# Benchmarks: ours beside what people use

This page is written by `benchmarks/bench_loaders.py --write` and `benchmarks/bench_chunkers.py --write` from runs that are kept
in `benchmarks/results/`. No figure on it was typed. Where ours loses, that is on it, too. Each peer is installed at the
version that is named, set up as its own documentation says, and run in a process of its own.

```console
uv run --with-requirements benchmarks/requirements.txt python benchmarks/bench_loaders.py
uv run --with-requirements benchmarks/requirements.txt python benchmarks/bench_chunkers.py
```
"""

TEXT = (("lost", "lost"), ("doubled", "doubled"), ("over", "over budget"), ("rows cut", "rows cut"))
TABLES = (("no header", "part without header"), ("caption apart", "caption apart"), ("sentence cut", "sentence cut"))
PLACES = (("wrong path", "wrong heading path"), ("wrong pages", "wrong pages"), ("wrong boxes", "wrong boxes"))
COLUMNS = (*TEXT, *TABLES, *PLACES)

MEANING = """
* **lost**, **doubled**: signs that are in no chunk, or more than once. Headings, header rows, captions and the first cell of a
  row may be repeated: that is context.
* **over budget**: chunks with more tokens than were asked for, counted by the same tokenizer.
* **rows cut**, **sentence cut**, **caption apart**: what is in two chunks and would have fitted into one.
* **part without header**: parts of a table that is cut which do not name all columns, though that would fit.
* **wrong heading path**, **wrong pages**, **wrong boxes**: chunks for which what the chunker gives is not that of every
  sentence, item and cell in it, or names a place that the chunk says nothing of. A heading that the text itself says counts as
  given.
* **tokens**: those of all chunks, in multiples of the document as Markdown; repeated headings, headers and cells cost that.

The row with our built-in estimate is judged by the same tokenizer as all others. The estimate counts more tokens than that, to
be safe, and so cuts some of what would have fitted.
"""

INPUTS = """
All get the blocks of the same `ParsedDocument`: ours as they are; docling-core as a `DoclingDocument` with heading levels,
lists, table cells, captions, pages and boxes; unstructured as elements with page, coordinates and table HTML; the splitters of
LangChain and LlamaIndex its Markdown. Paragraphs and tables are joined over pages by this library for all of them, which is a
gift to the others; rows that say "page by page" are without it. Overlap is 0 for all. For `MarkdownHeaderTextSplitter`,
which deletes characters that are not printable, the signs are replaced by printable ones.
"""

LEFT_OUT = """
Left out: LlamaIndex's `MarkdownElementNodeParser`, which needs a language model to sum up each table; docling's
`HierarchicalChunker` and unstructured's `basic`, which know less than the ones above.
"""


def whole(runs: Mapping[str, Run]) -> str:
    """The page."""
    parts = [HEAD.strip()]
    if "loaders" in runs:
        parts += ["## Loaders", loader_page.loaders(runs["loaders"])]
    if "chunkers" in runs:
        parts += ["## Chunkers", chunkers(runs["chunkers"])]
    return "\n\n".join(parts) + "\n"


def chunkers(run: Run) -> str:
    """The chunkers' part."""
    parts = [facts(run), INPUTS.strip(), "### What is kept of the structure", _about(run), MEANING.strip()]
    for budget, rows in run["structure"].items():
        parts += [f"At most {budget} tokens:", structure(rows), behind(rows)]
    parts += ["### Speed", _about_speed(run), speed(run), "### How each was set up", setups(run), LEFT_OUT.strip()]
    return "\n\n".join(parts)


def _about(run: Run) -> str:
    return (
        f"Tagged documents in three scripts, {run['sections']} sections each: every sentence, item and cell carries signs that "
        "occur nowhere else, so that what became of each is counted and not judged. With them a text has "
        f"{run['signs']:.1f} times the tokens that it has without, so that a budget holds as much less."
    )


def structure(rows: Iterable[Mapping[str, Any]]) -> str:
    """What each chunker does to the tagged documents."""
    return table(["chunker", "chunks", "tokens", *(head for _, head in COLUMNS)], [_structure_row(row) for row in rows])


def behind(rows: Iterable[Mapping[str, Any]]) -> str:
    """Who needs fewer tokens than ours, which says heading paths, captions and header rows again."""
    ours, *others = [row for row in rows if "error" not in row]
    fewer = [row["name"] for row in others if row["tokens"] < ours["tokens"]]
    told = ", ".join(fewer) if fewer else "none"
    return f"Fewer tokens to embed than ours ({ours['tokens']:.2f} ×): {told}."


def _structure_row(row: Mapping[str, Any]) -> Sequence[str]:
    if "error" in row:
        return [row["name"], row["error"], *[""] * (len(COLUMNS) + 1)]
    measures = row["measures"]
    return [row["name"], f"{row['chunks']:,}", f"{row['tokens']:.2f} ×", *(wrong(measures[name]) for name, _ in COLUMNS)]


def _about_speed(run: Run) -> str:
    floor = run["floor"]
    return (
        f"A made-up result of {run['pages']:,} pages, {floor['megabytes']} MB, 512 tokens a chunk; CPU seconds of chunking "
        f"alone, the least of {run['runs']} runs. What a chunker is given is made before the clock starts. `json.loads` of "
        f"the result takes {floor['json.loads']:.3f} s, counting every block's tokens once {floor['count once']:.3f} s. "
        f"Load of the machine: {run['load'][0]} before, {run['load'][1]} after."
    )


def speed(run: Run) -> str:
    """What each chunker costs, in multiples of ours with the same tokenizer, of json.loads, and of counting once."""
    timed = run["speed"]
    ours, floor, per = timed[0]["seconds"], run["floor"], 1000 / run["pages"]
    rows = []
    for row in timed:
        if "error" in row:
            rows.append([row["name"], row["error"], "", "", "", ""])
            continue
        seconds = row["seconds"]
        ratios = [times(seconds, of) for of in (ours, floor["json.loads"], floor["count once"])]
        rows.append([row["name"], f"{seconds * per:.2f}", *ratios, f"{row['chunks']:,}"])
    head = ["chunker", "CPU s per 1,000 pages", "of ours", "of json.loads", "of counting once", "chunks"]
    return table(head, rows)


def setups(run: Run) -> str:
    """What each was given, and how it was set up."""
    rows = next(iter(run["structure"].values()))
    lines = ["| chunker | given | setting |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row['name']} | {row['given']} | {row['setting']} |" for row in rows)])
