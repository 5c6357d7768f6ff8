"""More pages than a vendor takes: refused at home where the selection says so, and clearly by the vendor where only it can."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import DocParser, MinerU, PaddleOCR, SCNet, SoMark
from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import SourceTooLarge
from docparse_loaders.model import Block, Page, SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.allowance import too_many_pages
from docparse_loaders.vendors.config import RemoteConfig

FACTS = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1000, "ab" * 32)
CONFIGS: dict[str, type[RemoteConfig]] = {"somark": SoMark, "paddleocr": PaddleOCR, "mineru": MinerU, "scnet": SCNet}


def sheets(count: int) -> Sequence[Page]:
    return [Page(n, 595.0, 842.0, "point", 0, (Block(f"p{n}-0", "text", f"Page {n}."),)) for n in range(1, count + 1)]


def parser_of(emulator: Emulator) -> DocParser:
    return DocParser(CONFIGS[emulator.vendor](base_url=emulator.base_url, api_key=emulator.keys[0]))


@pytest.mark.parametrize(
    ("name", "pages", "advice"),
    [
        ("paddleocr", "1-1001", "pages='1-1000'"),
        ("paddleocr", "5,11-1500", "pages='5,11-1009'"),
        ("mineru", "1-600,700", "pages='1-600'"),
        ("somark", "301", "Split"),
    ],
)
def test_a_selection_that_the_vendor_does_not_take_is_refused_without_a_request(name: str, pages: str, advice: str) -> None:
    with Emulator(name, parse=lambda _: sheets(1)) as emulator:
        with pytest.raises(SourceTooLarge) as caught:
            parser_of(emulator).parse(b"%PDF-1.4 x", pages=pages)
        assert emulator.requests == ()
    assert advice in caught.value.hint
    assert caught.value.source


@pytest.mark.parametrize(
    ("name", "pages"),
    [("paddleocr", "1-1000"), ("paddleocr", "1,2001-2100"), ("mineru", "1-600"), ("somark", "1-300"), ("scnet", "1-5000")],
)
def test_a_selection_within_the_limit_is_left_to_the_vendor(name: str, pages: str) -> None:
    assert too_many_pages(vendor_of(CONFIGS[name]), FACTS, PageSelection.of(pages)) is None
    assert too_many_pages(vendor_of(CONFIGS[name]), FACTS, None) is None


@pytest.mark.parametrize("name", ["somark", "paddleocr", "mineru"])
def test_a_file_that_is_too_long_is_refused_by_the_vendor_in_clear_words(name: str) -> None:
    """How many pages a file has is not known before it is parsed, so here the vendor must say it."""
    with Emulator(name, parse=lambda _: sheets(3), max_pages=2) as emulator, pytest.raises(SourceTooLarge) as caught:
        parser_of(emulator).parse(b"%PDF-1.4 x")
    assert "page" in caught.value.hint or "pages" in caught.value.message


@pytest.mark.parametrize("name", ["paddleocr", "mineru"])
def test_only_the_pages_that_are_asked_for_count(name: str) -> None:
    with Emulator(name, parse=lambda _: sheets(3), max_pages=2) as emulator:
        assert [page.number for page in parser_of(emulator).parse(b"%PDF-1.4 x", pages="2-3").pages] == [2, 3]


@given(st.lists(st.integers(1, 90_000), min_size=1, max_size=8), st.integers(0, 4000))
def test_what_is_advised_is_taken(starts: list[int], length: int) -> None:
    selection = PageSelection.of(",".join(f"{start}-{start + length}" for start in starts))
    assert selection is not None
    vendor = vendor_of(PaddleOCR)
    refusal = too_many_pages(vendor, FACTS, selection)
    if len(selection.numbers()) <= 1000:
        assert refusal is None
        return
    assert refusal is not None
    advised = PageSelection.of(refusal.hint.partition("'")[2].partition("'")[0])
    assert advised is not None
    assert advised.numbers() == selection.numbers()[:1000]
    assert too_many_pages(vendor, FACTS, advised) is None
