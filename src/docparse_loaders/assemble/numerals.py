"""What a numeral counts: "12", "IV", "B", "十二", "Two", "dritte"."""

import re

_ROMAN = re.compile(r"(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_CHINESE_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_CHINESE_UNITS = {"十": 10, "百": 100}
CHINESE = "〇零一二三四五六七八九十百两"
"""The characters of a Chinese or Japanese number below a thousand."""
KOREAN = "가나다라마바사아자차카타파하"
"""The letters that count, in their order."""

_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_GERMAN = ("erste", "zweite", "dritte", "vierte", "fünfte", "sechste", "siebte", "achte", "neunte", "zehnte", "elfte")
_WORDS = {word: value for words in (_ENGLISH, _GERMAN) for value, word in enumerate(words, 1)} | {"siebente": 7}
ENGLISH, GERMAN = "|".join(_ENGLISH), "|".join((*_GERMAN, "siebente"))
"""Alternatives for a pattern: the cardinal and the ordinal words that `value_of` knows."""


def roman_value(text: str) -> int:
    """The value of a well-formed Roman numeral from I to XCIX, in capitals; 0 for anything else."""
    if not text or not _ROMAN.fullmatch(text):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def letter_value(text: str) -> int:
    """1 for A or a, 26 for Z or z; 0 for anything else."""
    return ord(text.upper()) - ord("A") + 1 if len(text) == 1 and text.isascii() and text.isalpha() else 0


def chinese_value(text: str) -> int:
    """The value of 十二, 二十, 一百零三 or 一〇三; 0 if it is none."""
    total = digit = 0
    for char in text:
        if char in _CHINESE_UNITS:
            total += (digit or 1) * _CHINESE_UNITS[char]
            digit = 0
        else:
            digit = 10 * digit + _CHINESE_DIGITS.get(char, 0)
    return total + digit


def value_of(text: str) -> int:
    """The value of any numeral; Roman before letter, so that C is 100 only after XC. 0 if it is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    roman = roman_value(text.upper())
    return roman or letter_value(text) or _WORDS.get(text.lower(), 0) or chinese_value(text)
