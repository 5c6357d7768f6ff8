"""What decoding, assembling and chunking cost, as multiples of `json.loads` of the same bytes.

    python benchmarks/bench_chunking.py [pages ...] [--large] [--profile]

A made-up SoMark result: 30 blocks a page, one in twenty a table of 20 x 6 in Markdown. Times are CPU seconds, the least of
some runs, so that the ratios hold on a busy machine. Memory is what Python asks for, told by tracemalloc in a run of its own.
Hostile cases are measured at the size that they are named after and at half of it.
"""

import argparse
import cProfile
import gc
import json
import os
import pstats
import random
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from docparse_loaders.assemble import assemble
from docparse_loaders.chunking import Chunk, StructureChunker
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import BBox, Block, Page, Region, SourceFacts
from docparse_loaders.vendors.somark.decode import decode

WORDS = [
    *("the", "of", "revenue", "and", "in", "operating", "margin", "to", "segment", "was", "quarter", "for", "a", "growth"),
    *("with", "company", "market", "reported", "approximately", "increase", "customer", "expenses", "billion", "financial"),
]
KINDS = ["header", *["text"] * 22, "table", "title", "list", "figure", "equation", "footer", "text"]
HANZI = "本报告介绍了公司在过去一年中的经营情况和财务状况，并对未来的发展作出展望。"


def sentences(rng: random.Random, words: int) -> str:
    """A made-up sentence."""
    text = " ".join(rng.choice(WORDS) for _ in range(words))
    return f"{text[:1].upper()}{text[1:]}."


def table(rng: random.Random, rows: int = 20, columns: int = 6) -> str:
    """A table of words and numbers in Markdown."""
    cells = [
        [f"{rng.random() * 10_000:,.1f}" if column else rng.choice(WORDS) for column in range(columns)] for _ in range(rows)
    ]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * columns, *lines[1:]])


def content(rng: random.Random, kind: str) -> str:
    """What a block of that kind says."""
    if kind == "text":
        return HANZI * 4 if rng.random() < 0.05 else " ".join(sentences(rng, rng.randint(8, 24)) for _ in range(4))
    if kind == "table":
        return table(rng)
    if kind == "equation":
        return r"\sum_{i=1}^{n} \frac{x_i}{1 + e^{-t}}"
    return "" if kind == "figure" else sentences(rng, rng.randint(3, 9))


def payload(pages: int) -> bytes:
    """A SoMark result of so many pages, the same on every run."""
    rng = random.Random(7)  # noqa: S311  # made-up text, no secret
    made = []
    for number in range(pages):
        blocks: list[dict[str, Any]] = []
        for index, kind in enumerate(KINDS):
            box = [100, 60 + index * 70, 1500, 120 + index * 70]
            blocks.append({"idx": index, "type": kind, "bbox": box, "content": content(rng, kind), "captions": []})
            if kind == "title":
                blocks[-1]["title_level"] = rng.randint(1, 3)
        made.append({"page_num": number, "page_size": {"w": 1654, "h": 2339}, "blocks": blocks})
    return json.dumps({"code": 0, "data": {"outputs": {"json": {"pages": made}}}}, ensure_ascii=False).encode()


def document(pages: tuple[Page, ...]) -> ParsedDocument:
    """A parsed document of those pages."""
    source = SourceFacts("bench.pdf", "bench.pdf", "application/pdf", 1, "0" * 64)
    return ParsedDocument.model_construct(source=source, vendor="somark", pages=pages, total_pages=len(pages))


def single(kind: str, text: str) -> ParsedDocument:
    """A document of one block."""
    block = Block("b", "table" if kind == "table" else "text", text, regions=(Region(1, BBox(0, 0, 1, 1)),))
    return document((Page(1, 600, 800, blocks=(block,)),))


def best(work: Callable[[], object], runs: int = 3) -> float:
    """CPU seconds of the fastest run, without those of the collector, which grow with all that is in memory."""
    times = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
        gc.enable()
    return min(times)


def peak(work: Callable[[], object]) -> int:
    """The most bytes that are in use at once beyond those before."""
    gc.collect()
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def linked(pages: int) -> ParsedDocument:
    """One paragraph that goes on over all pages."""
    made = []
    for number in range(1, pages + 1):
        before = f"b{number - 1}" if number > 1 else None
        block = Block(f"b{number}", "text", f"{HANZI}and so on", regions=(Region(number, BBox(0, 0, 1, 1)),), continues=before)
        made.append(Page(number, 600, 800, blocks=(block,)))
    return document(tuple(made))


def headings(count: int) -> ParsedDocument:
    """Nothing but headings, of levels that go up and down."""
    blocks = [Block(f"b{n}", "title", f"Heading {n}", level=n % 7 + 1, regions=(Region(1, None),)) for n in range(count)]
    return document((Page(1, 600, 800, blocks=tuple(blocks)),))


def deep(count: int) -> ParsedDocument:
    """Headings each one level deeper than the one before."""
    blocks = [Block(f"b{n}", "title", f"Heading {n}", level=n + 1, regions=(Region(1, None),)) for n in range(count)]
    return document((Page(1, 600, 800, blocks=tuple(blocks)),))


def spanned(rows: int) -> ParsedDocument:
    """A table of which one cell reaches down all rows."""
    lines = "".join(f"<tr><td>name {row}</td><td>{row}</td></tr>" for row in range(1, rows))
    html = f'<table><tr><td rowspan="{rows}">all</td><td>name</td><td>value</td></tr>{lines}</table>'
    block = Block("b", "table", html=html, regions=(Region(1, BBox(0, 0, 1, 1)),))
    return document((Page(1, 600, 800, blocks=(block,)),))


def hostile() -> Mapping[str, tuple[int, Callable[[int], ParsedDocument]]]:
    """What is quadratic elsewhere: a name, half of its size, and how to make a document of some size."""
    rng = random.Random(7)  # noqa: S311  # as above
    return {
        "table of 50,000 rows": (25_000, lambda size: single("table", table(rng, size))),
        "cell over 50,000 rows": (25_000, spanned),
        "paragraph of 5 MB": (
            2_500_000,
            lambda size: single("text", " ".join(sentences(rng, 15) for _ in range(size // 105))),
        ),
        "5 MB without a space": (2_500_000, lambda size: single("text", "字" * (size // 3))),
        "5 MB of dots": (2_500_000, lambda size: single("text", "." * size)),
        "20,000 headings": (10_000, headings),
        "20,000 deep headings": (10_000, deep),
        "chain of 10,000 pages": (5_000, linked),
    }


def fresh(doc: ParsedDocument) -> ParsedDocument:
    """The same document, not assembled yet."""
    return document(doc.pages)


def growth(name: str) -> tuple[float, float, float, float]:
    """CPU seconds of assembling and chunking a hostile case and of one search, and the ratios of doubling the size."""
    size, make = hostile()[name]
    small, large = make(size), make(2 * size)
    chunks = [best(lambda doc=doc: chunked(fresh(doc)), 2) for doc in (small, large)]  # type: ignore[misc]  # bound now
    finds = [best(lambda doc=doc: fresh(doc).find("never there"), 1) for doc in (small, large)]  # type: ignore[misc]
    return chunks[1], chunks[1] / chunks[0], finds[1], finds[1] / finds[0]


def chunked(doc: ParsedDocument, tables: Literal["whole", "rows"] = "whole", tokenizer: Any = None) -> list[Chunk]:
    """All chunks at the default budget."""
    return list(StructureChunker(tables=tables, tokenizer=tokenizer).chunk(doc))


def first(doc: ParsedDocument) -> Chunk:
    """The first chunk of an assembled document."""
    return next(StructureChunker().chunk(doc))


def cl100k() -> Any:
    """The tokenizer whose file llama-index-core carries, so that nothing is downloaded."""
    import tiktoken
    from llama_index.core import _static

    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(_static.__path__[0]) / "tiktoken_cache")
    return tiktoken.get_encoding("cl100k_base")


def sized(pages: int) -> float:
    """Print what a document of so many pages costs; the seconds of decoding, assembling and chunking a page."""
    data = payload(pages)
    loads = best(lambda: json.loads(data))
    decoded = decode(json.loads(data))
    doc = document(decoded.pages)
    chunks = chunked(doc)
    print(f"{len(data) / 1e6:.1f} MB, {len(doc.pages):,} pages, {len(doc.blocks):,} blocks, {len(chunks):,} chunks")
    steps = {
        "json.loads": loads,
        "decode": best(lambda: decode(json.loads(data))) - loads,
        "assemble": best(lambda: assemble(decoded.pages)),
        "chunk": best(lambda: chunked(doc)),
        "chunk, tables as rows": best(lambda: chunked(doc, "rows")),
        "first chunk": best(lambda: first(doc)),
        "find, with its index": best(lambda: fresh(doc).find("never there")) - best(lambda: assemble(decoded.pages)),
        "find once more": best(lambda: doc.find("never there")),
    }
    for name, seconds in steps.items():
        print(f"  {name:24} {seconds:8.4f} s {seconds / loads:7.2f} x")
    total = steps["decode"] + steps["assemble"] + steps["chunk"]
    print(f"  {'decode+assemble+chunk':24} {total:8.4f} s {total / loads:7.2f} x   {1e6 * total / pages:.0f} µs a page")
    return total / pages


def memory(pages: int) -> None:
    """Print the most memory that each step takes, in multiples of the payload."""
    data = payload(pages)
    pages_of = decode(json.loads(data)).pages
    doc = document(pages_of)
    steps: dict[str, Callable[[], object]] = {
        "json.loads": lambda: json.loads(data),
        "json.loads and decode": lambda: decode(json.loads(data)),
        "assemble": lambda: doc.blocks,
        "chunk one by one": lambda: deque(StructureChunker().chunk(doc), maxlen=0),
        "all chunks": lambda: chunked(doc),
    }
    for name, work in steps.items():
        most = peak(work)
        print(f"  {name:24} {most / 1e6:8.1f} MB {most / len(data):6.2f} x the payload")


def real(pages: int) -> None:
    """Print what a real tokenizer costs."""
    doc = document(decode(json.loads(payload(pages))).pages)
    count = cl100k()
    once = best(lambda: [count.encode_ordinary(block.text) for block in doc.blocks if block.text])
    seconds = best(lambda: chunked(doc, tokenizer=count))
    print(f"  {'with cl100k':24} {seconds:8.3f} s {seconds / once:6.2f} x counting every block once ({once:.3f} s)")


def profiled(pages: int) -> None:
    """Print the functions in which assembling and chunking spend their time."""
    doc = document(decode(json.loads(payload(pages))).pages)
    profile = cProfile.Profile()
    profile.runcall(chunked, doc)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(25)


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("pages", nargs="*", type=int, help="sizes to measure (100 and 1,000)")
    parser.add_argument("--large", action="store_true", help="10,000 pages too")
    parser.add_argument("--profile", action="store_true", help="print the functions that take most time, and no more")
    given = parser.parse_args()
    sizes = given.pages or [100, 1_000, *([10_000] if given.large else [])]
    if given.profile:
        profiled(sizes[-1])
        return
    costs = [sized(pages) for pages in sizes]
    for pages, cost in zip(sizes[1:], costs[1:], strict=True):
        print(f"a page of {pages:,} costs {cost / costs[0]:.2f} x a page of {sizes[0]:,}")
    print(f"memory, {min(max(sizes), 1_000):,} pages")
    memory(min(max(sizes), 1_000))
    real(min(max(sizes), 1_000))
    print("hostile cases: assemble and chunk, doubled; find, doubled")
    for name in hostile():
        chunk, ratio, find, again = growth(name)
        print(f"  {name:24} {chunk:8.3f} s {ratio:5.2f} x   {find:8.3f} s {again:5.2f} x", flush=True)


if __name__ == "__main__":
    main()
