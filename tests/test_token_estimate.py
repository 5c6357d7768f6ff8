"""The built-in estimate against true counts of three tokenizers, and what else may count tokens."""

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import StructureChunker, estimate, weights
from docparse_loaders.chunking.tokens import counter_of, estimates, name_of
from docparse_loaders.errors import ChunkingError
from growth import assert_linear

# Texts of our own, counted once by `benchmarks/bench_estimate.py --write`. The weights were fitted to them too, so that they
# keep a change from making the estimate worse, and say less about texts that nobody has tried.
MEASURED = json.loads((Path(__file__).parent.parent / "benchmarks" / "token_counts.json").read_text("utf-8"))
KINDS = sorted({text["kind"] for text in MEASURED})
# A kind of text and how far the median estimate may be above the greatest true count; elsewhere it is 1.3.
WIDE = {
    "English prose": 1.55,
    "Finnish, Hungarian, Turkish": 1.36,
    "headings in capitals": 1.45,
    "Korean prose": 1.4,
    "Japanese prose": 1.35,
    "Chinese prose": 1.35,
}
# A single short passage may be so little below: chunks are filled with several, and never to the last token.
LEAST = 0.97
# The prose of `examples/data/report.truth.json` has so many tokens by the tokenizer that makes the fewest of it, BERT.
REPORT_TOKENS = 1491
EDGES = st.text(alphabet=st.sampled_from("etqzETQ 09\n\t.<\x00\x7féßżіא中澜龘한か，👍\ud800\udc00\u200d"), max_size=60)


def ratios() -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for text in MEASURED:
        found[text["kind"]].append(estimate(text["text"]) / max(text["cl100k"], text["o200k"], text["bert"]))
    return found


def test_many_kinds_of_text_were_measured() -> None:
    assert len(KINDS) >= 25
    assert all(text["cl100k"] > 5 < text["o200k"] for text in MEASURED)


@pytest.mark.parametrize("kind", KINDS)
def test_the_estimate_is_not_below_the_greediest_tokenizer(kind: str) -> None:
    assert min(ratios()[kind]) >= LEAST
    assert median(ratios()[kind]) >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_estimate_is_not_much_above_it(kind: str) -> None:
    assert median(ratios()[kind]) <= WIDE.get(kind, 1.3)


def test_nearly_every_passage_is_counted_in_full() -> None:
    found = [ratio for kind in ratios().values() for ratio in kind]
    assert sum(ratio >= 1 for ratio in found) >= 0.995 * len(found)


def test_a_full_chunk_of_an_english_report_is_well_used() -> None:
    """Of 512 estimated tokens at least 380 are real."""
    truth = json.loads((Path(__file__).parent.parent / "examples" / "data" / "report.truth.json").read_text("utf-8"))
    text = "\n\n".join(block["text"] for block in truth["blocks"] if block["kind"] == "text")
    assert 512 / estimate(text) * REPORT_TOKENS >= 380


@given(EDGES, EDGES)
def test_a_text_cut_anywhere_counts_no_less_and_a_longer_one_no_less(before: str, after: str) -> None:
    assert max(estimate(before), estimate(after)) <= estimate(before + after) <= estimate(before) + estimate(after)


@given(st.lists(st.one_of(EDGES, st.text(max_size=40), st.sampled_from(["", "th" * 600, "\x7f" * 1023, "\x7f" * 1100]))))
def test_many_lines_are_estimated_as_each_of_them(lines: list[str]) -> None:
    assert estimates(lines) == [estimate(f"{line}\n") for line in lines]


def test_a_common_pair_never_saves_more_than_either_character_costs() -> None:
    """Or adding a character could make the estimate smaller."""
    paired = [byte for byte in range(256) if weights.LEFT[byte] or weights.RIGHT[byte]]
    assert min(weights.BYTES[byte] for byte in paired) >= weights.COMMON_PAIR


def test_two_characters_make_at_most_one_common_pair() -> None:
    assert all((left & right).bit_count() <= 1 for left in weights.LEFT for right in weights.RIGHT)


def test_costs_are_small_enough_to_be_added_by_a_checksum() -> None:
    assert max(weights.BYTES) * 1024 < 65_521
    assert max(weights.BLOCKS) * 512 < 65_521


@pytest.mark.parametrize("unit", ["K", "Ü", "字", "澜", "\u3400", "\ue000", "👍"])
def test_a_long_text_costs_as_much_as_its_parts(unit: str) -> None:
    # So many more of a character cost as many tokens as one of it costs parts.
    step = weights.WHOLE
    cost = estimate(unit * 9 * step) - estimate(unit * 8 * step)
    for steps in (16, 17, 33, 34, 100):
        assert estimate(unit * steps * step) == estimate(unit * 8 * step) + (steps - 8) * cost


def test_every_character_counts() -> None:
    assert estimate("") == 0
    assert all(estimate(chr(point) * 8) > 0 for point in range(0, 0x110000, 7))


def test_ideographs_that_are_not_common_cost_more() -> None:
    assert estimate("的一是在" * 10) < estimate("龘靐齉爩" * 10)


@pytest.mark.parametrize("unit", ["word ", "qzxvq", "字", "澜", "3f9a", "👍", "é\n"])
def test_the_estimate_takes_linear_time(unit: str) -> None:
    assert_linear(lambda size: estimate(unit * size), 20_000)


class NumpyInteger:
    """Like `numpy.int64`: no `int`, but it has an index."""

    def __index__(self) -> int:
        return 7


class NoDimension:
    """Like `numpy.array(7)`: it claims a length that it does not have."""

    def __index__(self) -> int:
        return 7

    def __len__(self) -> int:
        raise TypeError("len() of unsized object")


class Tokens:
    """Like `numpy.array([1, 2, 3, 4, 5, 6, 7])`: it claims an index that it does not have."""

    def __index__(self) -> int:
        raise TypeError("only scalar arrays can be converted to a scalar index")

    def __len__(self) -> int:
        return 7


@pytest.mark.parametrize(
    "found", [7, 7.0, Fraction(7), NumpyInteger(), NoDimension(), Tokens(), [1] * 7, (1,) * 7, SimpleNamespace(ids=[1] * 7)]
)
def test_whatever_means_a_whole_number_is_a_count(found: Any) -> None:
    assert counter_of(lambda _: found).count("text") == 7 + 1


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (-1, "counted -1 tokens"),
        (-1.0, "counted -1.0 tokens"),
        (7.5, "counted 7.5 tokens"),
        (float("nan"), "counted nan tokens"),
        (float("inf"), "counted inf tokens"),
        (Decimal("NaN"), "NaN"),
        (None, "counted None tokens"),
        (True, "counted True tokens"),
        ("seven", "counted 'seven' tokens"),
        ({"input_ids": [1, 2]}, "input_ids"),
        (iter([1, 2]), "list_iterator"),
        (7j, "counted 7j tokens"),
        (SimpleNamespace(ids=None), "ids=None"),
    ],
)
def test_what_is_no_count_is_refused_with_the_counters_name(found: Any, shown: str) -> None:
    def sevens(text: str) -> Any:
        return found

    with pytest.raises(ChunkingError, match="sevens counted") as caught:
        counter_of(sevens).count("text")
    assert shown in str(caught.value)
    assert "whole number" in (caught.value.hint or "")


def test_a_long_answer_is_not_repeated_in_full() -> None:
    with pytest.raises(ChunkingError) as caught:
        counter_of(lambda text: "x" * 10_000).count("text")
    assert len(str(caught.value)) < 500


class Encoding:
    """Like `tiktoken.Encoding`: `encode` refuses the text of a special token, and every encoding has a name."""

    def __init__(self, name: str = "letters") -> None:
        self.name = name

    def encode(self, text: str) -> list[int]:
        if "<|endoftext|>" in text:
            raise ValueError("disallowed special token")
        return self.encode_ordinary(text)

    def encode_ordinary(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]


class Framed:
    """Like `tokenizers.Tokenizer` with BERT's template: an object with `ids`, two of them special."""

    def encode(self, text: str) -> SimpleNamespace:
        return SimpleNamespace(ids=[101, *map(ord, text), 102])


@pytest.mark.parametrize("tokenizer", [Encoding(), Encoding().encode, Encoding().encode_ordinary])
def test_the_text_of_a_special_token_is_counted_as_text(tokenizer: Any) -> None:
    assert 13 <= counter_of(tokenizer).count("<|endoftext|>") <= 14


@pytest.mark.parametrize("tokenizer", [Framed(), Framed().encode])
def test_special_tokens_are_counted_once_a_chunk(tokenizer: Any) -> None:
    counter = counter_of(tokenizer)
    assert (counter.count("four"), counter.overhead) == (4, 2)


def test_a_method_is_named_after_its_object() -> None:
    names = [name_of(tokenizer) for tokenizer in (Encoding("a"), Encoding("a").encode, Encoding("b").encode)]
    assert names[0] == names[1] != names[2]


def test_a_counter_that_fails_is_named_and_its_error_kept() -> None:
    def broken(text: str) -> int:
        raise OverflowError("too much")

    with pytest.raises(ChunkingError, match=r"broken failed on 'text': OverflowError: too much") as caught:
        counter_of(broken).count("text")
    assert isinstance(caught.value.__cause__, OverflowError)


@pytest.mark.parametrize("counter", [lambda text: NumpyInteger(), lambda text: float(len(text))])
def test_a_chunker_takes_such_a_counter(counter: Callable[[str], Any]) -> None:
    assert counter_of(counter).count("four") in {5, 8}
    assert "lambda" in repr(StructureChunker(max_tokens=64, tokenizer=counter))
