"""Results that are damaged everywhere, for the vendors whose payload is JSON: what decodes is a document all the way down.

The other vendors' payloads are files; their own tests damage those.
"""

import os
import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from docparse_loaders import StructureChunker
from docparse_loaders.document import document_of
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors import config_class, vendor_of
from docparse_loaders.vendors.local import Local, work
from mutations import mutated
from somark_pages import report

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
REPORT = Path(__file__).parent.parent / "examples" / "data" / "report.pdf"
EACH = 50
"""Payloads an example; the first of them goes the whole way to chunks."""
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"


@cache
def good(name: str) -> JsonValue:
    """A result in order."""
    if name == "somark":
        return report()
    return work.parse(REPORT.read_bytes(), {**Local().request(), "isolated": False, "pages": [[1, 1], [8, 8]]})


def damaged(name: str, seed: int) -> None:
    """Whatever comes of some damaged payloads, it is a document, or an error of ours that says what to do."""
    rng = random.Random(seed)  # noqa: S311  (damage that a seed repeats, no secret)
    vendor = vendor_of(config_class(name))
    for number in range(EACH):
        try:
            decoded = vendor.decode(mutated(good(name), rng, rng.randint(1, 20)))
            if number == 0:
                document = document_of(decoded, FACTS, vendor, partial=True)
                assert isinstance(document.to_markdown(), str)
                assert sum(chunk.token_count for chunk in StructureChunker().chunk(document)) >= 0
        except DocParseError as error:
            assert error.hint  # noqa: PT017  (a result is refused with advice, or it is a document)


@settings(max_examples=400 if LONG else 100)
@given(st.integers(0, 2**32))
def test_damaged_results_of_somark(seed: int) -> None:
    damaged("somark", seed)


@pytest.mark.timeout(300)
@settings(max_examples=400 if LONG else 15)
@given(st.integers(0, 2**32))
def test_damaged_results_of_local(seed: int) -> None:
    damaged("local", seed)


@pytest.mark.parametrize("name", ["somark", "local"])
def test_an_undamaged_result_is_a_document(name: str) -> None:
    vendor = vendor_of(config_class(name))
    assert document_of(vendor.decode(good(name)), FACTS, vendor, partial=True).tables


@pytest.mark.parametrize("claim", [10**30, 10**9, "99999999"])
def test_a_claim_of_endless_pages_fills_no_memory(claim: JsonValue) -> None:
    vendor = vendor_of(config_class("somark"))
    page: JsonValue = {"page_num": claim, "page_size": {"w": 100, "h": 100}, "blocks": []}
    document = document_of(vendor.decode({"pages": [page], "metadata": {"page_num": claim}}), FACTS, vendor, partial=True)
    assert document.total_pages == 1
    assert [page.number for page in document.pages] == [1]


def test_a_page_of_no_size_has_no_furniture_and_no_boxes() -> None:
    vendor = vendor_of(config_class("local"))
    items: JsonValue = [["first", 0, 0, 10, 10], ["last", 0, 700, 10, 710]]
    decoded = vendor.decode({"pages": [{"number": 1, "width": 5e-324, "height": 5e-324, "items": items}]})
    assert [region.bbox for page in decoded.pages for block in page.blocks for region in block.regions] == [None, None]
