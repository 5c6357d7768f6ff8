"""Sentences, fragments and token counters: where text may be cut, and what a piece of it costs."""

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import StructureChunker, estimate
from docparse_loaders.chunking.fragments import fragments, last_sentences
from docparse_loaders.chunking.sentences import sentence_ends
from docparse_loaders.chunking.tokens import counter_of, name_of
from docparse_loaders.errors import ChunkingError

COUNTERS: dict[str, Callable[[str], int]] = {
    "estimate": estimate,
    "characters": len,
    "words": lambda text: len(text.split()),
    "bytes": lambda text: len(text.encode("utf-8", "surrogatepass")),
}
TEXTS = st.text(alphabet=st.sampled_from('ab1 .,!?\n。，、字한か\u0301\u200d👍🏽🇩🇪(")'), max_size=400)


def sentences(text: str) -> list[str]:
    ends = list(sentence_ends(text))
    return [text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It grew by 3.5 % to 1.200.000. Then it fell.", ["It grew by 3.5 % to 1.200.000.", "Then it fell."]),
        ("See Fig. 3 and Dr. Smith, e.g. Here. Done.", ["See Fig. 3 and Dr. Smith, e.g. Here.", "Done."]),
        ("J. R. Tolkien wrote. He did.", ["J. R. Tolkien wrote.", "He did."]),
        ("1. Scope of this. 2. Terms of it.", ["1. Scope of this.", "2. Terms of it."]),
        ("He left at 5 p.m. and came back. Well.", ["He left at 5 p.m. and came back.", "Well."]),
        ('"Stop!" he said. (So it was.) Then.', ['"Stop!" he said.', "(So it was.)", "Then."]),
        ("今天很好。明天呢？「也好！」他说；完", ["今天很好。", "明天呢？", "「也好！」", "他说；", "完"]),
        ("これはペンです。それは本です。", ["これはペンです。", "それは本です。"]),
        ("이것은 책입니다. 저것은 펜입니다.", ["이것은 책입니다.", "저것은 펜입니다."]),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("A paragraph\n\nand another", ["A paragraph", "and another"]),
        ("Contents ........ 5 and more", ["Contents ........", "5 and more"]),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(TEXTS)
def test_sentence_ends_rise_to_the_end_of_the_text(text: str) -> None:
    ends = list(sentence_ends(text))
    assert ends[-1] == len(text)
    assert all(before < after for before, after in pairwise(ends))


@given(TEXTS.filter(str.strip), st.integers(8, 60), st.integers(8, 60), st.sampled_from(sorted(COUNTERS)), st.booleans())
def test_fragments_keep_every_character_and_the_budget(text: str, first: int, rest: int, counter: str, code: bool) -> None:
    count = COUNTERS[counter]
    cut = list(fragments(text, count, first, rest, kind="code" if code else "text"))
    assert "".join("".join(fragment.text for fragment in cut).split()) == "".join(text.split())
    assert count(cut[0].text) <= max(first, 5)
    assert all(count(fragment.text) <= max(min(fragment.tokens, rest), 5) for fragment in cut[1:])


def test_a_counter_that_rounds_down_does_not_overfill_a_fragment() -> None:
    cut = list(fragments("Nine it. " * 40, lambda text: len(text) // 10, 5, 5))
    assert all(len(fragment.text) // 10 == fragment.tokens <= 5 for fragment in cut)
    assert " ".join(fragment.text for fragment in cut) == ("Nine it. " * 40).strip()


def test_dot_leaders_take_linear_time() -> None:
    """Quadratic time would run into the time limit of the suite."""
    assert len(list(sentence_ends("." * 1_000_000 + "x"))) == 1


def test_sentences_are_kept_whole_where_they_fit() -> None:
    text = "".join(f"Sentence number {n} says little. 第{n}句话也很短。" for n in range(200))
    cut = [fragment.text for fragment in fragments(text, estimate, 64, 64)]
    assert len(cut) > 20
    assert all(fragment.endswith((".", "。")) for fragment in cut)


def test_a_long_sentence_is_cut_at_a_clause_then_between_words() -> None:
    clauses = "the first clause of the text, " * 30
    assert all(fragment.text.endswith("text,") for fragment in fragments(clauses.strip(), estimate, 40, 40))
    words = " ".join(f"word{n}" for n in range(500))
    cut = [fragment.text for fragment in fragments(words, estimate, 40, 40)]
    assert " ".join(cut) == words


def test_a_decimal_comma_is_not_a_clause() -> None:
    text = "1,234 " * 300
    assert all(fragment.text.replace("1,234", "").strip() == "" for fragment in fragments(text, len, 41, 41))


def test_a_character_of_several_code_points_is_not_cut() -> None:
    family = "👩\u200d👩\u200d👧"
    for character in (family, "e\u0301", "👍🏽", "각"):
        for fragment in fragments(character * 100, len, 23, 23):
            assert fragment.text == character * (len(fragment.text) // len(character))


def test_lines_of_code_are_kept_whole() -> None:
    code = "\n".join(f"value_{n} = compute({n}). Then(); # done" for n in range(100))
    lines = set(code.split("\n"))
    assert all(set(fragment.text.split("\n")) <= lines for fragment in fragments(code, estimate, 50, 50, kind="code"))


def test_the_last_sentences_are_those_that_fit() -> None:
    text = "First one here. Second one here. Third one here."
    assert last_sentences(text, len, 34).text == "Second one here. Third one here."
    assert last_sentences(text, len, 5)[:2] == ("", 0)


@given(TEXTS, TEXTS)
def test_the_estimate_never_counts_a_text_higher_than_its_parts(before: str, after: str) -> None:
    assert max(estimate(before), estimate(after)) <= estimate(before + after) <= estimate(before) + estimate(after)


@pytest.mark.parametrize(
    ("text", "cl100k"),
    [  # counted once with cl100k_base
        ("The quick brown fox jumps over the lazy dog. It barked.", 14),
        ("本报告介绍了公司在过去一年中的经营情况和财务状况。", 30),
        ("| Revenue | 1,204.5 | 12.8% | 2024 |\n| Cost | 903.2 | 9.1% | 2023 |", 38),
        ("def area(width: float) -> float:\n    return width ** 2\n", 16),
        ("0123456789", 4),
    ],
)
def test_the_estimate_is_not_below_the_true_count(text: str, cl100k: int) -> None:
    assert cl100k <= estimate(text) <= 2.4 * cl100k


def test_a_lone_surrogate_is_counted_and_not_refused() -> None:
    assert estimate("\ud800 text") > 0


class Encoding:
    """Like tiktoken's: `encode` refuses special tokens."""

    name = "toy"

    def encode(self, text: str) -> list[int]:
        raise ValueError(text)

    def encode_ordinary(self, text: str) -> list[int]:
        return list(range(len(text)))


class HuggingFace:
    """Like `tokenizers.Tokenizer`: `encode` returns an object with ids."""

    def encode(self, text: str) -> SimpleNamespace:
        return SimpleNamespace(ids=[0, *range(len(text)), 1])


def test_every_kind_of_tokenizer_counts() -> None:
    assert counter_of(None) == (estimate, 0)
    assert counter_of(Encoding()).count("four") == 4
    assert counter_of(lambda text: len(text) // 4).count("sevenxx") == 1 + 1
    assert counter_of(lambda text: text.split()).count("a b") == 2 + 1


def test_special_tokens_count_once_a_chunk() -> None:
    count, overhead = counter_of(HuggingFace())
    assert (count("four"), overhead) == (4, 2)


def test_a_tokenizer_is_named_the_same_in_every_process() -> None:
    assert name_of(None) == "estimate"
    assert name_of(Encoding()) == f"{__name__}.Encoding[toy]"
    assert name_of(sentences) == f"{__name__}.sentences"
    assert " at 0x" not in repr(StructureChunker(tokenizer=HuggingFace()))


def broken(text: str) -> int:
    raise RuntimeError(text[:3])


@pytest.mark.parametrize(
    ("tokenizer", "message"), [(broken, "broken failed"), (lambda _: -1, "counted -1"), (lambda _: None, "counted None")]
)
def test_a_broken_tokenizer_is_named(tokenizer: Callable[[str], int], message: str) -> None:
    with pytest.raises(ChunkingError, match=message) as caught:
        counter_of(tokenizer).count("some text")
    assert caught.value.hint


@pytest.mark.parametrize("tokenizer", ["cl100k_base", 7])
def test_what_cannot_count_is_refused_at_once(tokenizer: object) -> None:
    with pytest.raises(ChunkingError, match="cannot count") as caught:
        StructureChunker(tokenizer=tokenizer)  # type: ignore[arg-type]  # the mistake under test
    assert "tiktoken.get_encoding" in caught.value.hint
