"""What is missing or strange in a vendor's result is said on the document, by every vendor in the same words."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import JsonValue

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.errors import ConfigError, ProtocolError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors import config_class, vendor_of
from docparse_loaders.vendors.mineru import MinerU, Parse4AI

FACTS = SourceFacts("a.pdf", "a.pdf", "application/pdf", 100, "ab" * 32)
BOX: JsonValue = [10, 10, 90, 20]


def somark(blocks: JsonValue) -> JsonValue:
    return {"pages": [{"page_num": 0, "page_size": {"w": 100, "h": 100}, "blocks": blocks}]}


def paddleocr(blocks: JsonValue) -> JsonValue:
    pruned: JsonValue = {"width": 100, "height": 100, "parsing_res_list": blocks}
    return {"result": {"layoutParsingResults": [{"prunedResult": pruned}]}}


def mineru(blocks: JsonValue) -> JsonValue:
    return {"pdf_info": [{"page_idx": 0, "page_size": [100, 100], "para_blocks": blocks}]}


def scnet(blocks: JsonValue) -> JsonValue:
    return {"datas": [{"width": 100, "height": 100, "blocks": blocks, "markdown": ""}]}


def block(vendor: str, kind: str, box: JsonValue) -> JsonValue:
    """A block of text as the vendor writes it."""
    shapes: dict[str, dict[str, JsonValue]] = {
        "somark": {"type": kind, "content": "words", "bbox": box, "idx": 0},
        "paddleocr": {"block_label": kind, "block_content": "words", "block_bbox": box, "block_id": 0},
        "mineru": {"type": kind, "bbox": box, "lines": [{"bbox": box, "spans": [{"type": "text", "content": "words"}]}]},
        "scnet": {"type": kind, "bbox": box, "lines": [{"text": "words", "bbox": box}]},
    }
    return shapes[vendor]


RESULTS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "somark": somark,
    "paddleocr": paddleocr,
    "mineru": mineru,
    "scnet": scnet,
}
by_vendor = pytest.mark.parametrize("name", RESULTS)


def read(name: str, payload: JsonValue) -> ParsedDocument:
    vendor = vendor_of(config_class(name))
    return document_of(vendor.decode(payload), FACTS, vendor)


def codes(document: ParsedDocument) -> set[str]:
    return {notice.code for notice in document.warnings}


@by_vendor
def test_a_result_in_order_has_no_warning(name: str) -> None:
    document = read(name, RESULTS[name]([block(name, "text", BOX)]))
    assert document.blocks[0].text == "words"
    assert not document.warnings


@by_vendor
@pytest.mark.parametrize("instead", [None, "text", 3])
def test_no_list_of_blocks_is_a_warning_that_names_the_page(name: str, instead: JsonValue) -> None:
    document = read(name, RESULTS[name](instead))
    assert len(document.pages) == 1
    assert {"no_blocks", "bad_block"} & codes(document)
    assert {notice.page_number for notice in document.warnings} == {1}


@by_vendor
def test_an_empty_page_is_none(name: str) -> None:
    assert not {"no_blocks", "bad_block"} & codes(read(name, RESULTS[name]([])))


@by_vendor
def test_an_unknown_type_is_kept_and_named(name: str) -> None:
    document = read(name, RESULTS[name]([block(name, "hologram", BOX)]))
    assert [(block.kind, block.text) for block in document.blocks] == [("other", "words")]
    assert any(notice.code == "unknown_type" and "'hologram'" in notice.message for notice in document.warnings)


@by_vendor
@pytest.mark.parametrize("box", [None, [], [1, 2], ["a", "b", "c", "d"], {}])
def test_a_missing_or_broken_box_is_counted(name: str, box: JsonValue) -> None:
    document = read(name, RESULTS[name]([block(name, "text", box), block(name, "text", BOX)]))
    assert [block.text for block in document.blocks] == ["words", "words"]
    (notice,) = (notice for notice in document.warnings if notice.code == "no_box")
    assert (notice.page_number, notice.message) == (1, "1 blocks have no box, the first on page 1.")


def test_a_part_without_pages_does_not_fail_the_others() -> None:
    lost: JsonValue = {"result": {"layoutParsingResults": None, "dataInfo": {"pages": [{}, {}]}}}
    document = read("paddleocr", [paddleocr([block("paddleocr", "text", BOX)]), lost])
    assert [len(page.blocks) for page in document.pages] == [1, 0, 0]
    assert {notice.page_number for notice in document.warnings if notice.code == "bad_page"} == {2, 3}
    with pytest.raises(ProtocolError, match="no pages"):
        read("paddleocr", [lost])


@pytest.mark.parametrize("config", [MinerU, Parse4AI])
@pytest.mark.parametrize("name", ["data_id", "dataId", "url", "page_ranges", "files"])
def test_what_names_a_document_is_ours(config: Any, name: str) -> None:
    """With a `data_id` of the user's a paid result would not be found in its batch."""
    with pytest.raises(ConfigError, match=f"{name} is made for each document"):
        config(extra_options={name: "mine"})
