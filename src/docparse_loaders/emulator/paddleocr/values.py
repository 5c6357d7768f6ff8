"""Whether an option of `optionalPayload` has a value that the service takes: the types, words and bounds of its documents.

They are those of the pipelines' API pages and of the request models of PaddleX's server. Here a switch is true or false and a
number is one; whether the service reads "true" or 1 as such is said nowhere, so nobody should rely on it.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Check = Callable[[Any], bool]

_FLAGS = (
    "useDocOrientationClassify useDocUnwarping useTextlineOrientation useLayoutDetection useChartRecognition "
    "useSealRecognition useOcrForImageBlock useTableRecognition useFormulaRecognition useRegionDetection layoutNms "
    "formatBlockContent mergeLayoutBlocks prettifyMarkdown showFormulaNumber returnMarkdownImages restructurePages "
    "mergeTables relevelTitles visualize returnWordBox useWiredTableCellsTransToHtml useWirelessTableCellsTransToHtml "
    "useTableOrientationClassify useOcrResultsWithTableCells useE2eWiredTableRecModel useE2eWirelessTableRecModel"
)
_COUNTS = "textDetLimitSideLen sealDetLimitSideLen minPixels maxPixels maxNewTokens"
_POSITIVE = (
    "textDetThresh textDetBoxThresh textDetUnclipRatio sealDetThresh sealDetBoxThresh sealDetUnclipRatio repetitionPenalty"
)
_FROM_ZERO = "textRecScoreThresh sealRecScoreThresh temperature"
_MODES = frozenset({"large", "small", "union"})
_PROMPTS = frozenset({"ocr", "formula", "table", "chart", "seal", "spotting"})


def fits(name: str, value: Any) -> bool:
    """Whether an option may have this value. Null is as good as none; an option that nobody knows is passed over."""
    check = CHECKS.get(name)
    return value is None or check is None or check(value)


def agree(options: Mapping[str, Any]) -> bool:
    """Whether options that limit each other leave anything: the fewest pixels are not more than the most."""
    least, most = options.get("minPixels"), options.get("maxPixels")
    return least is None or most is None or bool(least <= most)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _from_zero(value: Any) -> bool:
    return _number(value) and value >= 0


def _count(value: Any) -> bool:
    return _positive(value) and value == int(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _ratio(value: Any) -> bool:
    """A factor for both directions, or one for each."""
    return _positive(value) or (isinstance(value, list) and len(value) == 2 and all(map(_positive, value)))


def _one_of(words: frozenset[str]) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _each(check: Check) -> Check:
    """A value for everything, or an object with one for each label."""
    return lambda value: all(map(check, value.values())) if isinstance(value, dict) else check(value)


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        **dict.fromkeys(_FLAGS.split(), _flag),
        **dict.fromkeys(_COUNTS.split(), _count),
        **dict.fromkeys(_POSITIVE.split(), _positive),
        **dict.fromkeys(_FROM_ZERO.split(), _from_zero),
        "topP": lambda value: _share(value) and value > 0,
        "textDetLimitType": _one_of(frozenset({"min", "max"})),
        "sealDetLimitType": _one_of(frozenset({"min", "max"})),
        "layoutShapeMode": _one_of(frozenset({"rect", "quad", "poly", "auto"})),
        "layoutThreshold": _each(_share),
        "layoutUnclipRatio": _each(_ratio),
        "layoutMergeBboxesMode": _each(_one_of(_MODES)),
        "promptLabel": _one_of(_PROMPTS),
        "markdownIgnoreLabels": _list_of(_text),
        "outputFormats": _list_of(_one_of(frozenset({"docx"}))),
        "extraFormats": _list_of(_one_of(frozenset({"docx"}))),
        "vlmExtraArgs": _object,
        "logId": _text,
    }
)
"""Every option of every family of models → what it takes."""
