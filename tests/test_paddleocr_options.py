"""PaddleOCR's options: what its documents do not allow is refused here before any request, and by the emulator as well."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.emulator.paddleocr.values import CHECKS, agree, fits
from docparse_loaders.errors import ConfigError, UnknownOption
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.paddleocr.families import EVERY, OPTIONS

MODELS = {"ocr": "PP-OCRv6", "structure": "PP-StructureV3", "vl": "PaddleOCR-VL-1.6"}
SWITCHES = frozenset(name for name in EVERY if PaddleOCR.model_fields[name].annotation == (bool | None))
NAN, INFINITY = float("nan"), float("inf")

RIGHT: dict[str, tuple[Any, ...]] = {
    "text_det_limit_side_len": (1, 960, 960.0),
    "seal_det_limit_side_len": (736,),
    "text_det_limit_type": ("min", "max"),
    "seal_det_limit_type": ("min", "max"),
    "text_det_thresh": (0.3, 1),
    "text_det_box_thresh": (0.6,),
    "text_det_unclip_ratio": (1.5, 2),
    "text_rec_score_thresh": (0, 0.0, 0.5),
    "seal_det_thresh": (0.2,),
    "seal_det_box_thresh": (0.6,),
    "seal_det_unclip_ratio": (0.5,),
    "seal_rec_score_thresh": (0, 0.9),
    "layout_threshold": (0, 0.5, 1, {"table": 0.4}, {}),
    "layout_unclip_ratio": (1.1, 2, [1.0, 2], {"text": 1.5, "table": [1.0, 1.2]}),
    "layout_merge_bboxes_mode": ("large", "small", "union", {"table": "union"}),
    "layout_shape_mode": ("rect", "quad", "poly", "auto"),
    "prompt_label": ("ocr", "formula", "table", "chart", "seal", "spotting"),
    "markdown_ignore_labels": ([], ["header", "number"]),
    "output_formats": ([], ["docx"]),
    "repetition_penalty": (0.1, 1.2),
    "temperature": (0, 0.0, 1.5),
    "top_p": (0.1, 1),
    "min_pixels": (1, 147_384),
    "max_pixels": (2_822_400,),
    "max_new_tokens": (1, 4096),
    "vlm_extra_args": ({}, {"ocr_min_pixels": 1}),
    "log_id": ("", "a-1"),
}
WRONG: dict[str, tuple[Any, ...]] = {
    "text_det_limit_side_len": (0, -1, 0.5, True, [1], {}, INFINITY),
    "seal_det_limit_side_len": (0, "wide"),
    "text_det_limit_type": ("MIN", "", 1, ["min"], True),
    "seal_det_limit_type": ("longest", 0),
    "text_det_thresh": (0, -0.1, True, "low", NAN, INFINITY, [0.3]),
    "text_det_box_thresh": (0, False, {}),
    "text_det_unclip_ratio": (0, -2, [1, 2]),
    "text_rec_score_thresh": (-0.1, True, "high"),
    "seal_det_thresh": (0, True),
    "seal_det_box_thresh": (0, ""),
    "seal_det_unclip_ratio": (0, -1),
    "seal_rec_score_thresh": (-1, False),
    "layout_threshold": (-0.1, 1.1, True, "0,5", [0.5], {"table": 2}, {"table": True}, {"table": "low"}, NAN),
    "layout_unclip_ratio": (0, -1, True, [], [1], [1, 2, 3], [0, 1], [1, "x"], {"table": 0}, {"table": [1]}, "wide"),
    "layout_merge_bboxes_mode": ("Large", "all", 1, ["large"], {"table": "all"}, {"table": 1}),
    "layout_shape_mode": ("circle", "", 1, ["rect"], True),
    "prompt_label": ("poem", "OCR", 1, ["ocr"]),
    "markdown_ignore_labels": ("header", 1, [1], [None], {"header": True}),
    "output_formats": ("docx", ["pdf"], ["docx", 1], {"docx": True}, [{}]),
    "repetition_penalty": (0, -1, True, "much", INFINITY),
    "temperature": (-0.1, True, "hot", NAN, INFINITY),
    "top_p": (0, 1.1, True, -0.5),
    "min_pixels": (0, -1, 1.5, True),
    "max_pixels": (0, "many"),
    "max_new_tokens": (0, -5, 0.5, True, INFINITY),
    "vlm_extra_args": ([], "min", 1, True),
    "log_id": (1, True, ["a"], {}),
}
"""Every option that is no switch → values that the documents of its models do not allow."""
NO_SWITCH: tuple[Any, ...] = (2, -1, 0.5, "maybe", "", [], [True], {})


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def model_of(name: str) -> str:
    """A model that takes the option."""
    return next(MODELS[family] for family, options in OPTIONS.items() if name in options)


def pairs(table: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(name, value, id=f"{name}-{value!r}") for name, values in table.items() for value in values]


def test_every_option_is_known_on_both_sides() -> None:
    assert set(RIGHT) == set(WRONG) == EVERY - SWITCHES
    assert set(CHECKS) == {camel(name) for name in EVERY} | {"extraFormats"}


@pytest.mark.parametrize(("name", "value"), pairs(RIGHT))
def test_what_the_documents_allow_is_sent_and_taken(name: str, value: Any) -> None:
    options: dict[str, Any] = {"model": model_of(name), name: value}
    assert PaddleOCR(**options).payload()[camel(name)] == value
    assert fits(camel(name), value)


@pytest.mark.parametrize(("name", "value"), [*pairs(WRONG), *pairs(dict.fromkeys(sorted(SWITCHES), NO_SWITCH))])
def test_what_they_do_not_allow_is_refused_on_both_sides(name: str, value: Any) -> None:
    options: dict[str, Any] = {"model": model_of(name), name: value}
    with pytest.raises(ConfigError, match=name) as caught:
        PaddleOCR(**options)
    assert not isinstance(caught.value, UnknownOption)
    assert caught.value.hint
    assert not fits(camel(name), value)


@pytest.mark.parametrize("value", [1, 0, "true", "false", "no"])
@pytest.mark.parametrize("name", sorted(SWITCHES))
def test_a_switch_in_other_words_is_sent_as_one(name: str, value: Any) -> None:
    options: dict[str, Any] = {"model": model_of(name), name: value}
    assert PaddleOCR(**options).payload()[camel(name)] is (value in {1, "true"})
    assert not fits(camel(name), value)


def test_options_that_limit_each_other() -> None:
    with pytest.raises(ConfigError, match=r"min_pixels=9.*max_pixels=8") as caught:
        PaddleOCR(min_pixels=9, max_pixels=8)
    assert caught.value.hint
    assert PaddleOCR(min_pixels=8, max_pixels=8).payload()["minPixels"] == 8
    assert not agree({"minPixels": 9, "maxPixels": 8})
    assert agree({"minPixels": 8, "maxPixels": 8})
    assert agree({"minPixels": 9})


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["min", "union", "docx"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(EVERY - {"vlm_extra_args"})), value=ANY)
def test_nothing_is_sent_that_would_be_refused(name: str, value: Any) -> None:
    options: dict[str, Any] = {"model": model_of(name), name: value}
    try:
        payload = PaddleOCR(**options).payload()
    except ConfigError:
        return
    assert all(fits(sent, what) for sent, what in payload.items())
