"""Null where MinerU's files have a list or a text: the document is read all the same, and says what may be lost."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from docparse_loaders.document import document_of
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.mineru.decode import decode
from docparse_loaders.vendors.mineru.wire import MinerUVendor
from mineru_files import ROWS, block, block4, gone, line, page, parent, report, table, tree, tree4

FACTS = SourceFacts("a.pdf", "a.pdf", "application/pdf", 100, "ab" * 32)
WORDS = block("text", "kept", bbox=(60, 600, 540, 640))
PICTURE = block("image_body", line({"type": "image", "image_path": None}))


def read(value: Any) -> tuple[list[str], list[tuple[str, int]]]:
    """The texts of a document, and what it says of itself."""
    document = document_of(decode(value), FACTS, MinerUVendor())
    texts = [block.text for page in document.pages for block in page.blocks]
    return texts, [(notice.code, notice.page_number) for notice in document.warnings]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"type": "text", "bbox": [60, 80, 540, 120], "lines": None}, "bad_text"),
        ({"type": "text", "bbox": [60, 80, 540, 120], "lines": "words"}, "bad_text"),
        (block("text") | {"lines": [None]}, "bad_text"),
        (block("text") | {"lines": [{"bbox": [0, 0, 1, 1], "spans": None}]}, "bad_text"),
        (block("title") | {"lines": [{"bbox": [0, 0, 1, 1], "spans": 7}]}, "bad_text"),
        (block("code") | {"lines": [{"bbox": [0, 0, 1, 1], "spans": None}]}, "bad_text"),
        (parent("table") | {"blocks": None}, "bad_text"),
        (parent("list") | {"blocks": None}, "bad_text"),
        (parent("list", block("text") | {"lines": None}), "bad_text"),
        (parent("table", block("table_body") | {"lines": None}), "bad_text"),
        (parent("table", block("table_body", line({"type": "table", "html": None}))), "no_table_body"),
        (parent("table", block("table_body")), "no_table_body"),
        (parent("table"), "no_table_body"),
        (parent("image", PICTURE), "no_picture"),
        (parent("image"), "no_picture"),
        (None, "bad_block"),
        (parent("image", PICTURE) | {"blocks": [None]}, "bad_block"),
    ],
)
def test_null_in_a_block_up_to_3_is_said(broken: Any, code: str) -> None:
    texts, notices = read(tree(page(0, WORDS), page(1, broken, WORDS)))
    assert [text for text in texts if text] == ["kept", "kept"]
    assert notices == [(code, 2)]


def test_a_table_that_has_only_its_caption_is_said() -> None:
    texts, notices = read(tree(page(0, parent("table", block("table_caption", "Table 1")), WORDS)))
    assert [text for text in texts if text] == ["Table 1", "kept"]
    assert notices == [("no_table_body", 1)]


def test_a_line_that_is_lost_takes_no_other_with_it() -> None:
    lines = [line("one"), {"bbox": [0, 0, 1, 1], "spans": None}, line("two"), None]
    document = decode(tree(page(0, block("text") | {"lines": lines})))
    assert document.pages[0].blocks[0].text == "one two"
    assert [notice.message[:18] for notice in document.notices] == ["2 blocks or lines "]


@pytest.mark.parametrize("name", ["para_blocks", "discarded_blocks"])
def test_a_page_without_a_list_of_blocks_is_said(name: str) -> None:
    texts, notices = read(tree(page(0, WORDS, discarded=[block("header", "above")]) | {name: None}))
    assert texts == (["above"] if name == "para_blocks" else ["kept"])
    assert notices == [("no_blocks", 1)]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (block4("text", None), "bad_text"),
        (block4("table", None), "bad_text"),
        (block4("table", [block4("table_body", None)]), "bad_text"),
        (block4("table", []), "no_table_body"),
        (block4("table", [block4("table_body", "")]), "no_table_body"),
        (block4("image", [block4("image_body", "", image_path=None)]), "no_picture"),
        (block4("table", [None]), "bad_block"),
    ],
)
def test_null_in_a_block_of_4_is_said(broken: Any, code: str) -> None:
    texts, notices = read(tree4((0, [broken, block4("text", "kept")])))
    assert [text for text in texts if text] == ["kept"]
    assert notices == [(code, 1)]


BOX = [100, 100, 900, 150]
KEPT: dict[str, Any] = {"type": "text", "text": "kept", "bbox": [100, 700, 900, 750], "page_idx": 0}


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"type": "text", "text": None}, "bad_text"),
        ({"type": "list", "list_items": None}, "bad_text"),
        ({"type": "table", "img_path": "", "table_caption": None, "table_body": None}, "bad_text"),
        ({"type": "image", "img_path": None, "image_caption": None, "image_footnote": None}, "no_picture"),
        ({"type": "table", "table_caption": ["Table 1"], "img_path": ""}, "no_table_body"),
        (None, "bad_block"),
    ],
)
def test_null_in_a_list_of_content_is_said(broken: Any, code: str) -> None:
    item = broken and {**broken, "bbox": BOX, "page_idx": 0}
    texts, notices = read([item, KEPT])
    assert [text for text in texts if text][-1:] == ["kept"]
    assert notices == [("no_page_tree", 0), (code, 0)]


@pytest.mark.parametrize("content", [None, {"paragraph_content": None}])
def test_null_in_the_second_list_is_said(content: Any) -> None:
    item = {"type": "paragraph", "bbox": BOX, "content": content}
    kept = {"type": "paragraph", "bbox": BOX, "content": {"paragraph_content": [{"type": "text", "content": "kept"}]}}
    texts, notices = read([[item, kept]])
    assert [text for text in texts if text] == ["kept"]
    assert notices == [("no_page_tree", 0), ("bad_text", 0)]


def test_an_item_with_null_is_not_taken_for_one_that_was_moved() -> None:
    moved: dict[str, Any] = {"type": "text", "text": "", "bbox": BOX, "page_idx": 1}
    first = {**KEPT, "text": "This procedure, which"}
    (_, second) = decode([first, moved]).pages
    assert second.blocks[0].continues == "p1-0"
    (_, second) = decode([first, {**moved, "text": None}]).pages
    assert second.blocks[0].continues is None


@pytest.mark.parametrize(
    "value",
    [
        report(),
        tree(page(0, gone("table"), gone("text"), block("text"), table(ROWS))),
        tree(page(0, gone("text") | {"lines": None}), page(1, gone("table"))),
        tree4((0, [block4("table", [block4("table_body", ROWS)]), block4("text", [], continues_prev=True)])),
        [{**KEPT, "text": ""}, {"type": "table", "img_path": "", "table_caption": [""], "bbox": BOX, "page_idx": 0}],
    ],
)
def test_what_releases_leave_empty_on_purpose_is_not_said(value: Any) -> None:
    assert [code for code, _ in read(value)[1] if code != "no_page_tree"] == []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is a list in JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in inner:
        if isinstance(entry, list):
            yield (*path, name)
        yield from places(entry, (*path, name))


LISTED = [*places(report())]


@pytest.mark.parametrize("path", [path for path in LISTED if path != ("pdf_info",)], ids=lambda path: ".".join(map(str, path)))
def test_no_list_that_is_null_fails_a_document(path: tuple[Any, ...]) -> None:
    value = copy.deepcopy(report())
    here: Any = value
    for step in path[:-1]:
        here = here[step]
    silent = path[-1] in {"bbox", "page_size"} or not here[path[-1]]
    here[path[-1]] = None
    _, notices = read(value)
    assert silent or notices
