"""What decoding, assembling and chunking cost, as multiples of `json.loads` of the same bytes.

    python benchmarks/bench_chunking.py [pages]

A made-up SoMark result: 30 blocks a page, one in twenty a table of 20 x 6 in Markdown. Times are CPU seconds, the least of
three runs, so that the ratios hold on a busy machine.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
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
    """CPU seconds of the fastest run."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def growth() -> Iterator[tuple[str, float, float]]:
    """One table and one paragraph, and how much longer twice as much of it takes."""
    rng = random.Random(7)  # noqa: S311  # as above
    cases: dict[str, tuple[str, Callable[[int], str]]] = {
        "table of 5,000 rows": ("table", lambda times: table(rng, 5_000 * times)),
        "paragraph of 1 MB": ("text", lambda times: " ".join(sentences(rng, 15) for _ in range(11_000 * times))),
        "1 MB without a space": ("text", lambda times: "字" * (350_000 * times)),
        "1 MB of dots": ("text", lambda times: "." * (1_000_000 * times)),
    }
    for name, (kind, make) in cases.items():
        once, twice = (best(partial(chunked, single(kind, make(times)))) for times in (1, 2))
        yield name, once, twice / once


def chunked(doc: ParsedDocument, tables: Literal["whole", "rows"] = "whole", tokenizer: Any = None) -> list[Chunk]:
    """All chunks at the default budget."""
    return list(StructureChunker(tables=tables, tokenizer=tokenizer).chunk(doc))


def cl100k() -> Any:
    """The tokenizer whose file llama-index-core carries, so that nothing is downloaded."""
    import tiktoken
    from llama_index.core import _static

    os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(_static.__path__[0]) / "tiktoken_cache")
    return tiktoken.get_encoding("cl100k_base")


def main() -> None:
    """Print the ratios."""
    data = payload(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
    loads = best(lambda: json.loads(data))
    decoded = decode(json.loads(data))
    doc = document(decoded.pages)
    chunks = chunked(doc)
    steps = {
        "json.loads": loads,
        "decode": best(lambda: decode(json.loads(data))) - loads,
        "assemble": best(lambda: assemble(decoded.pages)),
        "chunk": best(lambda: chunked(doc)),
        "chunk, tables as rows": best(lambda: chunked(doc, "rows")),
    }
    print(f"{len(data) / 1e6:.1f} MB, {len(doc.pages):,} pages, {len(doc.blocks):,} blocks, {len(chunks):,} chunks")
    for name, seconds in steps.items():
        print(f"{name:24} {seconds:7.3f} s {seconds / loads:6.2f} x")
    total = steps["decode"] + steps["assemble"] + steps["chunk"]
    print(f"{'decode+assemble+chunk':24} {total:7.3f} s {total / loads:6.2f} x")
    count = cl100k()
    once = best(lambda: [count.encode_ordinary(block.text) for block in doc.blocks if block.text])
    real = best(lambda: chunked(doc, tokenizer=count))
    print(f"{'with cl100k':24} {real:7.3f} s {real / once:6.2f} x counting every block once ({once:.3f} s)")
    for name, seconds, ratio in growth():
        print(f"{name:24} {seconds:7.3f} s, doubled: {ratio:.2f} x")


if __name__ == "__main__":
    main()
