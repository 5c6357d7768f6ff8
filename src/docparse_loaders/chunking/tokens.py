"""How many tokens a text has: a built-in estimate, or the tokenizer of the model that will read the chunks."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from numbers import Real
from operator import index
from typing import Any, NamedTuple, Protocol, TypeAlias, cast

from docparse_loaders.chunking.weights import BLOCKS, BYTES, COMMON_HAN, COMMON_HAN_LESS, COMMON_PAIR, HAN, LEFT, RIGHT
from docparse_loaders.errors import ChunkingError


class Encoder(Protocol):
    """A tokenizer object: `tiktoken.Encoding`, `tokenizers.Tokenizer`, a Hugging Face `PreTrainedTokenizer`."""

    def encode(self, text: str) -> Any:
        """The tokens, as a list or as an object that holds them in `ids`."""


Count: TypeAlias = Callable[[str], int]
Tokenizer: TypeAlias = Encoder | Callable[[str], Any]
"""What a user may pass: an object with `encode`, or a callable that returns the number of tokens or the tokens."""

_ASCII = bytes(range(128))
# These have a length or a value that is no count; a mapping is what a Hugging Face tokenizer returns when it is called.
_NO_COUNT = (bool, str, bytes, Mapping)
_SHOWN = 40
_NUMBER = int.from_bytes


def estimate(text: str) -> int:
    """About as many tokens as the greediest of cl100k, o200k and BERT makes of `text`, and rather more than fewer.

    Needs no download. It never decreases when text is added, and a text cut in two never counts less than the whole.
    """
    data = text.encode("utf-8", "surrogatepass")
    # Translating bytes and counting the bits of one large number is the one way to weigh text that runs at the speed of
    # memory in pure Python. Moved by a byte, the ends of pairs lie over their beginnings.
    begin, end = _NUMBER(data.translate(LEFT), "little"), _NUMBER(data.translate(RIGHT), "little")
    eighths = _NUMBER(data.translate(BYTES), "little").bit_count() - COMMON_PAIR * (begin & end >> 8).bit_count()
    if len(data) != len(text):
        eighths += _beyond_ascii(text)
    return (eighths + 7) >> 3


def _beyond_ascii(text: str) -> int:
    """What the characters beyond U+00FF cost, in eighths of a token, besides what their bytes do."""
    high = text.encode("utf-16-le", "surrogatepass")[1::2].translate(None, b"\0")
    eighths = sum(high.translate(BLOCKS))
    if len(high.translate(None, HAN)) == len(high):
        return eighths
    # The old national standard tells common ideographs from others, and every Python brings its table.
    leads = text.encode("gb2312", "ignore").translate(None, _ASCII)[::2]
    return eighths - COMMON_HAN_LESS * (len(leads) - len(leads.translate(None, COMMON_HAN)))


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
        except Exception as error:
            raise ChunkingError(
                f"the tokenizer {name} failed on {text[:40]!r}: {type(error).__name__}: {error}",
                hint="Try it on that text, or leave tokenizer= out to use the built-in estimate.",
            ) from error
        number = _count_of(found)
        if number is None or number < 0:
            raise ChunkingError(
                f"the tokenizer {name} counted {_shown(found)} tokens in {text[:40]!r}.",
                hint="It must return a whole number from 0, or a list of tokens.",
            )
        return number + correction

    return count


def _count_of(found: Any) -> int | None:
    """The number that a tokenizer returned, of whatever type, or how many tokens; None if it is neither."""
    if isinstance(found, _NO_COUNT):
        return None
    if isinstance(found, Real):
        return int(number) if (number := float(found)).is_integer() else None
    tokens = getattr(found, "ids", found)
    # An array of no dimension has an index and no length, one of tokens a length and no index.
    for count in (index, len):
        with suppress(TypeError):
            return count(tokens)
    return None


def _shown(found: Any) -> str:
    shown = repr(found)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
