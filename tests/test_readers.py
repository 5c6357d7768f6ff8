"""Readers of vendors' JSON take anything: the wanted type or its default, and never an exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from docparse_loaders.model import BBox
from docparse_loaders.vendors.readers import as_box, as_float, as_id, as_int, as_list, as_object, as_text, parse_json

HUGE = 10**400
ANY: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(HUGE) | st.just(-HUGE) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(ANY, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.0, -1.0, 1e-300, 100.0, 1e300]))
def test_no_value_is_too_strange(value: JsonValue, width: float, height: float) -> None:
    box = as_box(value, width, height)
    assert box is None or all(0.0 <= corner <= 1.0 for corner in box)
    assert isinstance(as_text(value), str)
    assert isinstance(as_list(value), list)
    assert isinstance(as_object(value), dict)
    assert as_float(value) is None or isinstance(as_float(value), float)
    assert as_int(value) is None or isinstance(as_int(value), int)
    assert as_id(value) is None or as_id(value)
    as_text(value).encode()


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("number", [HUGE, -HUGE, float("nan"), float("inf"), None, "x", [], True])
def test_a_box_with_a_corner_that_is_none_is_no_box(place: int, number: JsonValue) -> None:
    corners: list[JsonValue] = [1, 2, 3, 4]
    corners[place] = number
    assert as_box(corners, 10.0, 10.0) is None


def test_a_box_may_be_written_in_several_ways() -> None:
    want = BBox(0.1, 0.2, 0.3, 0.4)
    for corners in ([1, 2, 3, 4], [1.0, 2, 3, 4.0], ["1", "2", "3.0", "4"], [3, 4, 1, 2]):
        assert as_box(corners, 10.0, 10.0) == want  # type: ignore[arg-type]  # lists of one type are JSON, too


def test_a_number_of_nineteen_digits_stays_whole() -> None:
    number = parse_json(b"2056703208598626305")
    assert as_id(number) == "2056703208598626305"
    assert as_text(number) == "2056703208598626305"
