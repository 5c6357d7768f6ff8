"""How many tokens a text has: a built-in estimate, or the tokenizer of the model that will read the chunks."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

from docparse_loaders.errors import ChunkingError


class Encoder(Protocol):
    """A tokenizer object: `tiktoken.Encoding`, `tokenizers.Tokenizer`, a Hugging Face `PreTrainedTokenizer`."""

    def encode(self, text: str) -> Any:
        """The tokens, as a list or as an object that holds them in `ids`."""


Count: TypeAlias = Callable[[str], int]
Tokenizer: TypeAlias = Encoder | Callable[[str], Any]
"""What a user may pass: an object with `encode`, or a callable that returns the number of tokens or the tokens."""

_LETTERS = bytes(range(ord("a"), ord("z") + 1))
_SPACE = b" \n\t\r"
_ASCII = bytes(range(128))

# Tokens for 100 bytes or characters, fitted to cl100k on texts in 17 languages, tables and code so that the sum is rarely too
# small. A character outside ASCII is told by its first UTF-8 byte: 0xC2-0xDF open two bytes, 0xE0-0xEF three, 0xF0- four.
_LETTER, _BLANK, _SIGN = 22, 28, 78
_BY_LEAD = (
    (range(0xC2, 0xC4), 190),  # Western Latin letters with marks
    (range(0xC4, 0xCE), 220),  # Central European Latin, phonetic signs, combining marks
    (range(0xCE, 0xD0), 110),  # Greek
    (range(0xD0, 0xD4), 48),  # Cyrillic
    (range(0xD4, 0xE0), 110),  # Armenian, Hebrew, Arabic
    (range(0xE0, 0xE3), 120),  # Indic, Thai, Vietnamese; symbols and dashes
    (range(0xE3, 0xE4), 105),  # Kana, ideographic punctuation
    (range(0xE4, 0xEA), 140),  # Han
    (range(0xEA, 0xEE), 115),  # Hangul
    (range(0xEE, 0xF0), 110),  # fullwidth forms
    (range(0xF0, 0xF8), 330),  # emoji, rare Han
)
_KEEP = tuple((bytes(sorted(set(range(256)) - set(leads))), weight) for leads, weight in _BY_LEAD)


def estimate(text: str) -> int:
    """About as many tokens as cl100k makes of `text`, and rather more than fewer; needs no download.

    It never decreases when text is added, and a text cut in two never counts less than the whole.
    """
    # Deleting bytes is the one way to count them that runs at memory speed in pure Python.
    data = text.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _LETTERS)
    signs = rest.translate(None, _SPACE)
    total = _LETTER * (len(data) - len(rest)) + _BLANK * (len(rest) - len(signs))
    if len(data) == len(text):
        return (total + _SIGN * len(signs) + 99) // 100
    high = signs.translate(None, _ASCII)
    total += _SIGN * (len(signs) - len(high))
    total += sum([weight * len(high.translate(None, others)) for others, weight in _KEEP])
    return (total + 99) // 100


class Counter(NamedTuple):
    """How to count for a tokenizer: `count` of each part of a chunk, and once a chunk the `overhead` of special tokens."""

    count: Count
    overhead: int = 0


def counter_of(tokenizer: Tokenizer | None) -> Counter:
    """The way to count for `tokenizer`; the estimate for None.

    An object that encodes is trusted to make about as many tokens of a text as of its parts. A plain callable often rounds
    down (`len(text) // 4`), so each part is counted one higher. Raises `ChunkingError` here if it is neither, and later,
    with the tokenizer's name, if it fails or returns something that is not a count.
    """
    if tokenizer is None:
        return Counter(estimate)
    if isinstance(tokenizer, str) or not (callable(tokenizer) or hasattr(tokenizer, "encode")):
        raise ChunkingError(
            f"tokenizer={tokenizer!r} cannot count tokens.",
            hint='Pass a function from text to a number, or an object such as tiktoken.get_encoding("cl100k_base").',
        )
    # Text may hold "<|endoftext|>"; tiktoken's `encode` refuses it, its `encode_ordinary` does not.
    encode: Any = getattr(tokenizer, "encode_ordinary", None) or getattr(tokenizer, "encode", None)
    if encode is None:
        return Counter(_guarded(cast("Any", tokenizer), name_of(tokenizer), 1))
    overhead = _guarded(encode, name_of(tokenizer), 0)("")
    return Counter(_guarded(encode, name_of(tokenizer), -overhead), overhead)


def name_of(tokenizer: Tokenizer | None) -> str:
    """A tokenizer's qualified name, the same in every process; with its own name where it has one."""
    if tokenizer is None:
        return "estimate"
    tokenizer = getattr(tokenizer, "func", tokenizer)
    kind: Any = tokenizer if hasattr(tokenizer, "__qualname__") else type(tokenizer)
    own = getattr(tokenizer, "name_or_path", None) or getattr(tokenizer, "name", None)
    return f"{kind.__module__}.{kind.__qualname__}" + (f"[{own}]" if isinstance(own, str) else "")


def _guarded(encode: Callable[[str], Any], name: str, correction: int) -> Count:
    def count(text: str) -> int:
        try:
            found = encode(text)
            number = found if isinstance(found, int) else len(getattr(found, "ids", found))
        except Exception as error:
            raise ChunkingError(
                f"the tokenizer {name} failed on {text[:40]!r}: {type(error).__name__}: {error}",
                hint="Try it on that text, or leave tokenizer= out to use the built-in estimate.",
            ) from error
        if number < 0:
            raise ChunkingError(f"the tokenizer {name} counted {number} tokens.", hint="It must return 0 or more.")
        return number + correction

    return count
