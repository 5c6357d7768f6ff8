"""What the characters of a text cost in tokens: the numbers behind the built-in estimate, all in eighths of a token.

Fitted by linear programming so that the sum is rarely below, and as little as possible above, the greatest of three true
counts: cl100k and o200k (GPT), and the English word pieces of BERT. The texts were prose in 30 languages, tables in every
format of the chunker, code, LaTeX, addresses and random strings; `benchmarks/bench_estimate.py` shows how well it holds.
"""

from collections.abc import Iterable, Iterator
from string import digits, punctuation

_WHOLE = 8

COMMON_PAIR = 3
"""What two neighbours that English often sets side by side cost less than they would apart: never more than either costs."""

_CONTROL = "".join(map(chr, [*range(9), *range(11, 32)]))
_BY_CHARACTER = {
    3: "ehnostAEIOU",
    4: "ar " + _CONTROL,
    5: "u\n",
    6: 'i!"#%&*:;?@[]`~',
    7: "clmy),_",
}
_SPLIT_IN_TWO = range(0xC2, 0xC4), range(0xD4, 0xD6)  # openers of Latin letters with marks and of Armenian

# The left neighbour, and the right ones with which it makes a common pair. Here a letter stands for its capital too,
# "0" for any digit, " " for any blank and "." for any sign.
_COMMON_PAIRS = (
    (" ", "abcdfhilmnoprstwy "),
    ("abcpv", "cegiklnoprsty"),
    ("jkoz0", "nruw0."),
    ("nru", "acdegmnprsty "),
    ("fgqtwx.", "hiow "),
    ("es", "acdemrswxy ."),
    ("di", "bcglnorstv ."),
    ("hlmy", "abeilopy ."),
)

# Beyond ASCII a character is told by the block of 256 in which it stands; by itself, if it is Han.
_BY_BLOCK = (
    (range(0x01, 0x02), 9),  # Central European Latin
    (range(0x02, 0x03), 8),  # phonetic signs
    (range(0x03, 0x05), 9),  # Greek, Cyrillic
    (range(0x05, 0x06), 10),  # Hebrew; Armenian takes as much again
    (range(0x06, 0x08), 8),  # Arabic
    (range(0x08, 0x0A), 11),  # Devanagari, Bengali
    (range(0x0A, 0x0B), 16),  # Gurmukhi, Gujarati
    (range(0x0B, 0x0C), 13),  # Odia, Tamil
    (range(0x0C, 0x0D), 16),  # Telugu, Kannada
    (range(0x0D, 0x0E), 15),  # Malayalam, Sinhala
    (range(0x0E, 0x0F), 8),  # Thai, Lao
    (range(0x0F, 0x1E), 17),  # Tibetan, Burmese, Georgian, Khmer
    (range(0x1E, 0x1F), 8),  # Vietnamese
    (range(0x1F, 0x20), 16),  # old Greek
    (range(0x20, 0x21), 8),  # dashes, quotation marks
    (range(0x21, 0x22), 11),  # arrows, letterlike signs
    (range(0x22, 0x25), 18),  # mathematics
    (range(0x25, 0x28), 8),  # bullets, pictures
    (range(0x28, 0x30), 16),  # rare signs
    (range(0x30, 0x31), 10),  # Kana, ideographic punctuation
    (range(0x31, 0x34), 16),  # Bopomofo, squared units
    (range(0x34, 0x4E), 28),  # Han of extension A
    (range(0x4E, 0xA0), 18),  # Han that is not common
    (range(0xA0, 0xAC), 24),  # Yi and other rare scripts
    (range(0xAC, 0xD8), 17),  # Hangul
    (range(0xD8, 0xE0), 14),  # halves of emoji and of other characters beyond 0xFFFF
    (range(0xE0, 0xFE), 24),  # private use, compatibility forms
    (range(0xFE, 0x100), 11),  # fullwidth forms, variation selectors
)
HAN = bytes(range(0x4E, 0xA0))
"""The blocks of ideographs."""

COMMON_HAN = bytes(range(0xB0, 0xD8))
"""The first bytes of the ideographs that GB 2312 calls common (its level 1)."""

COMMON_HAN_LESS = 7
"""What a common ideograph costs less than others."""


def _ascii() -> bytes:
    costs = {character: cost for cost, characters in _BY_CHARACTER.items() for character in characters}
    return bytes([costs.get(chr(byte), _WHOLE) if byte < 0x80 else 0 for byte in range(256)])


def _as_bits(costs: Iterable[int]) -> bytes:
    """Each cost as a byte with so many bits set: bits are counted faster than bytes are added."""
    return bytes([(1 << cost) - 1 for cost in costs])


def _meant(sign: str) -> Iterator[int]:
    """The bytes for which a character of the table of pairs stands."""
    groups = {"0": digits, " ": "".join(map(chr, range(33))), ".": punctuation}
    yield from groups.get(sign, f"{sign}{sign.upper()}").encode("ascii")


def _pair_bits(side: int) -> bytes:
    bits = bytearray(256)
    for bit, pair in enumerate(_COMMON_PAIRS):
        for byte in (byte for sign in pair[side] for byte in _meant(sign)):
            bits[byte] |= 1 << bit
    return bytes(bits)


def _blocks() -> bytes:
    costs = bytearray(256)
    for blocks, cost in _BY_BLOCK:
        costs[blocks.start : blocks.stop] = bytes([cost]) * len(blocks)
    return bytes(costs)


def _with_openers(costs: bytes) -> bytes:
    openers = {byte for openers in _SPLIT_IN_TWO for byte in openers}
    return bytes([_WHOLE if byte in openers else cost for byte, cost in enumerate(costs)])


BYTES = _as_bits(_with_openers(_ascii()))
"""For each byte of UTF-8 as many bits as it costs."""

LEFT, RIGHT = _pair_bits(0), _pair_bits(1)
"""For each byte the kinds of common pair that it begins and that it ends, a bit each; two bytes share at most one."""

BLOCKS = _blocks()
"""For each high byte of UTF-16 what a character in that block costs, besides what its bytes of UTF-8 do."""
