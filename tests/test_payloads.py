"""Raw results as bytes and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.engine.payloads import packed, unpacked
from docparse_loaders.vendors.protocol import Blob, Parts, Payload

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
_blob = st.builds(Blob, st.binary(max_size=200), st.text(max_size=20))
_payload = _json | _blob | st.builds(Parts, st.lists(_blob, max_size=4).map(tuple))


@given(_payload)
def test_a_payload_comes_back_as_it_was(payload: Payload) -> None:
    assert unpacked(*packed(payload)) == payload


@given(_payload, st.integers(0, 1 << 20))
def test_bytes_that_were_cut_are_a_value_error_or_shorter(payload: Payload, at: int) -> None:
    kind, data = packed(payload)
    try:
        found = unpacked(kind, data[: at % (len(data) + 1)])
    except ValueError:
        return
    assert found == payload or isinstance(found, Parts)


def test_a_kind_of_a_later_version_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="hologram"):
        unpacked("hologram", b"")


def test_json_is_stored_small() -> None:
    assert len(packed([{"text": "the same again"}] * 1000)[1]) < 2000
