"""Nulls and other things in the place of SCNet's lists: no document fails for them, and each is told on it."""

import json
from typing import Any

import pytest

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.protocol import Blob, Parts, Payload
from docparse_loaders.vendors.scnet.wire import SCNetVendor
from scnet_pages import TABLE, TASK, block, output, page, polled, result

VENDOR = SCNetVendor()
FACTS = SourceFacts("a.pdf", "a.pdf", "application/pdf", 100, "ab" * 32)
ONE, TWO = page(block("text", "One.")), page(block("text", "Two."))


def read(payload: Payload) -> ParsedDocument:
    return document_of(VENDOR.decode(payload), FACTS, VENDOR)


def told(document: ParsedDocument) -> list[tuple[str, int]]:
    return [(notice.code, notice.page_number) for notice in document.warnings]


def texts(document: ParsedDocument) -> list[list[str]]:
    return [[block.text for block in page.blocks] for page in document.pages]


def documents(*values: Any) -> Any:
    return {"taskId": TASK, "documents": list(values)}


@pytest.mark.parametrize(
    "lost",
    [{"datas": None}, {"datas": {}}, {"datas": "text"}, {"datas": 3}, {"data": None, "pages": None}, {}, None, 3, "x", []],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_document_without_pages_leaves_the_others_whole(lost: Any, place: int) -> None:
    whole = [{"datas": [ONE]}, {"datas": [TWO]}]
    document = read(documents(*whole[:place], lost, *whole[place:]))
    assert texts(document) == [["One."], ["Two."]]
    assert told(document) == [("no_pages", 0)]
    assert f"document {place + 1} " in document.warnings[0].message


def test_a_document_with_an_empty_list_is_none() -> None:
    assert told(read(documents({"datas": [ONE]}, {"datas": []}))) == []


def test_several_are_told_one_by_one() -> None:
    document = read(documents(None, {"datas": [ONE, None, TWO]}, {"datas": None}))
    assert texts(document) == [["One."], [], ["Two."]]
    assert told(document) == [("no_pages", 0), ("no_pages", 0), ("bad_page", 2)]


@pytest.mark.parametrize("wrapped", [lambda body: body, lambda body: {"data": body}, lambda body: {"result": {"output": body}}])
def test_they_are_told_through_every_wrapping(wrapped: Any) -> None:
    body = documents({"datas": [ONE]}, {"datas": None})
    for payload in (wrapped(body), [wrapped(body)], Blob(json.dumps(wrapped(body)).encode())):
        assert told(read(payload)) == [("no_pages", 0)]


@pytest.mark.parametrize(
    "lost", [{"documents": None}, {"datas": None}, documents(None), documents({"datas": None}), documents(3)]
)
def test_a_file_without_pages_leaves_the_others_whole(lost: Any) -> None:
    parts = Parts(tuple(Blob(json.dumps(value).encode()) for value in (result(ONE), lost, result(TWO))))
    document = read(parts)
    assert texts(document) == [["One."], ["Two."]]
    assert told(document) == [("no_pages", 0)]
    with pytest.raises(ProtocolError, match="no pages") as caught:
        read(lost)
    assert caught.value.hint


def test_a_list_of_results_tells_its_nulls() -> None:
    document = read([result(ONE), None, result(TWO)])
    assert (texts(document), told(document)) == ([["One."], ["Two."]], [("no_pages", 0)])


@pytest.mark.parametrize("nothing", [{"error": "gone"}, polled(output("running")), {}, None, {"documentz": None}])
def test_what_is_no_result_is_refused_all_the_same(nothing: Any) -> None:
    with pytest.raises(ProtocolError):
        read(nothing)


@pytest.mark.parametrize(
    "lines", [None, 3, True, {}, {"text": None}, [None], [{"text": None}], [{}], [{"text": []}], [None, None]]
)
@pytest.mark.parametrize("kind", ["text", "header", "seal", "hologram"])
def test_a_block_without_lines_is_told(kind: str, lines: Any) -> None:
    document = read(result(ONE, page(block(kind, lines=lines), block("text", "Two."), block(kind, lines=lines))))
    assert [text for text in texts(document)[1] if text] in (["Two."], ["3", "Two.", "3"])
    gaps = [notice for notice in document.warnings if notice.code == "empty_block"]
    if lines == 3:
        assert gaps == []  # a number is text
        return
    assert [notice.page_number for notice in gaps] == [2]
    assert gaps[0].message.startswith("2 blocks ")


@pytest.mark.parametrize("missing", [None, {"text": None}, {}, {"text": {}}, {"text": ["x"]}])
def test_a_line_without_text_among_others_is_told(missing: Any) -> None:
    lines = [{"text": "One"}, missing, {"text": "line."}]
    document = read(result(page(block("text", lines=lines))))
    assert (texts(document), told(document)) == ([["One line."]], [("empty_block", 1)])


@pytest.mark.parametrize(
    "raw",
    [
        block("text"),
        block("text", ""),
        block("text", " ", "\n"),
        block("text", "a", lines=[{"text": "a"}, {"text": ""}]),
        block("text", lines="whole"),
        block("text", lines=None, text="whole"),
        block("table", html=TABLE, lines=None),
        block("table", "a", html=None),
        block("formula", latex="x", lines=None),
        block("image", lines=None, sub_img=None),
        block("chart", lines=None, sub_img="iVBORw0KGgo="),
        block("seal", blocks=[block("text", "ok")], lines=None),
        block("seal", "ok", blocks=None),
        {"type": "text", "bbox": [1, 2, 3, 4]},
    ],
)
def test_what_is_empty_or_elsewhere_is_no_gap(raw: Any) -> None:
    assert told(read(result(page(raw)))) == []


@pytest.mark.parametrize(
    "raw",
    [
        block("table", html=None),
        block("table", html={}, lines=[]),
        block("formula", latex=None),
        block("seal", blocks=None),
        block("seal", blocks={}),
        block("seal", blocks=[None]),
        block("seal", blocks=[{"lines": None}]),
        block("seal", blocks=[{"lines": [{"text": None}]}]),
    ],
)
def test_what_a_kind_has_in_another_place_may_miss_as_well(raw: Any) -> None:
    assert told(read(result(page(block("text", "a"), raw)))) == [("empty_block", 1)]


def test_the_markdown_stands_in_for_blocks_of_nulls() -> None:
    document = read(result(page(block("text", lines=None), markdown="Body.")))
    assert [text for text in texts(document)[0] if text] == ["Body."]
    assert "empty_block" not in dict(told(document))
    assert "no_places" in dict(told(document))


@pytest.mark.parametrize("blocks", [None, {}, "text", 3, [None], [[None]], [{}], [{"type": None, "lines": None, "bbox": None}]])
def test_blocks_of_nulls_are_told(blocks: Any) -> None:
    document = read(result(ONE, {**page(), "blocks": blocks}))
    assert texts(document)[0] == ["One."]
    assert {number for code, number in told(document) if code not in {"unknown_type", "no_box"}} in ({2}, set())
    assert told(document)
