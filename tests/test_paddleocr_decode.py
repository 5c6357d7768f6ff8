"""PaddleOCR's results as blocks: labels, content formatted or not, merges on a page and over pages, lines of OCR, damage."""

import json
import os
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.errors import DocParseError, IncompleteResult, ProtocolError
from docparse_loaders.model import BBox, Block, Image, SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.paddleocr.contents import content_of
from docparse_loaders.vendors.paddleocr.decode import decode
from docparse_loaders.vendors.paddleocr.kinds import KINDS
from docparse_loaders.vendors.paddleocr.wire import PaddleOCRVendor
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts, Payload
from mutations import mutated
from paddleocr_pages import block, framed, html, jsonl, line, ocr_line, ocr_page, page, report

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "00" * 32)
LONG = (100, 1500, 900, 1990)
TOP = (100, 20, 900, 500)


def _blocks(*raw: dict[str, Any], **fields: Any) -> tuple[Block, ...]:
    return decode(line(page(*raw, **fields))).pages[0].blocks


def _document(payload: Payload, pages: str | None = None) -> ParsedDocument:
    selection = PageSelection.of(pages)
    return document_of(decode(payload, selection), FACTS, PaddleOCRVendor(), selection)


def _codes(decoded: Decoded) -> list[str]:
    return [notice.code for notice in decoded.notices]


# Labels

DOCUMENTED = {
    **dict.fromkeys(("doc_title", "paragraph_title", "abstract_title"), "title"),
    **dict.fromkeys(("text", "abstract", "vertical_text", "ocr", "spotting"), "text"),
    **dict.fromkeys(("image", "figure", "flowchart"), "figure"),
    **dict.fromkeys(("figure_title", "table_title", "chart_title", "figure_table_chart_title", "vision_footnote"), "caption"),
    **dict.fromkeys(("display_formula", "inline_formula", "formula", "formula_number"), "equation"),
    **dict.fromkeys(("content", "content_title"), "toc"),
    **dict.fromkeys(("reference", "reference_content", "reference_title"), "reference"),
    **dict.fromkeys(("header", "header_image"), "header"),
    **dict.fromkeys(("footer", "footer_image"), "footer"),
    "table": "table",
    "chart": "chart",
    "algorithm": "code",
    "seal": "seal",
    "number": "page_number",
    "footnote": "footnote",
    "aside_text": "aside",
}


@pytest.mark.parametrize(("label", "kind"), DOCUMENTED.items())
def test_every_label_has_its_kind(label: str, kind: str) -> None:
    (found,) = _blocks(block(label, "words"))
    assert (found.kind, found.label, found.text) == (kind, label, "words")
    assert (found.level is not None) == (kind == "title")


def test_no_label_is_untested() -> None:
    assert set(KINDS) == set(DOCUMENTED)


@pytest.mark.parametrize("label", ["region", "watermark", "", "TEXT_BOX"])
def test_an_unknown_label_is_kept(label: str) -> None:
    (found,) = _blocks(block(label, "words"))
    assert (found.kind, found.label, found.text) == ("other", label, "words")


def test_blocks_stand_in_the_order_of_the_list() -> None:
    orders = [3, None, 1, None, 2]
    found = _blocks(*(block("text", str(place), block_order=order) for place, order in enumerate(orders)))
    assert [entry.text for entry in found] == ["0", "1", "2", "3", "4"]
    assert [entry.id for entry in found] == [f"p1-{place}" for place in range(5)]


# Content, formatted and not


@pytest.mark.parametrize("number", ["1.2 Method", "Method"])
def test_titles_lose_their_hashes_and_keep_their_level(number: str) -> None:
    for hashes in range(1, 7):
        (found,) = _blocks(block("paragraph_title", f"{'#' * hashes} {number}"), first=0)
        assert (found.text, found.level) == (number, hashes)
    (found,) = _blocks(block("doc_title", f"# {number}"))
    assert (found.text, found.level) == (number, 1)


@pytest.mark.parametrize(("text", "level"), [("Method", 2), ("2 Method", 2), ("2.1 Method", 3), ("2.1.4 Method", 4)])
def test_titles_that_are_not_formatted_have_levels_by_number(text: str, level: int) -> None:
    (found,) = _blocks(block("paragraph_title", text))
    assert (found.text, found.level) == (text, level)


def test_tables_are_html_and_their_cells_are_text() -> None:
    plain = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-001</td><td>1</td></tr></table>"
    for content in (html(("Part", "Qty"), ("P-001", "1")), f"<html><body>{plain}</body></html>", plain):
        (found,) = _blocks(block("table", content))
        assert (found.html, found.text) == (plain, "Part\tQty\nP-001\t1")


def test_spans_of_cells_survive() -> None:
    content = html(("a", "b")).replace("<td style", "<td colspan=2 style", 1)
    (found,) = _blocks(block("table", content))
    assert found.html is not None
    assert "colspan=2" in found.html


@pytest.mark.parametrize(
    "content", [framed("Table 1 Stock"), "Table 1 Stock", '<div style="text-align:center">Table 1 Stock</div>']
)
def test_captions_lose_their_frames(content: str) -> None:
    (found,) = _blocks(block("figure_title", content))
    assert found.text == "Table 1 Stock"


@pytest.mark.parametrize("content", [" $$ E=mc^{2} $$ ", "E=mc^{2}", "$$E=mc^{2}$$", r"\[E=mc^{2}\]", "$E=mc^{2}$"])
def test_equations_are_bare_latex(content: str) -> None:
    (found,) = _blocks(block("display_formula", content))
    assert found.text == found.latex == "E=mc^{2}"


def test_text_keeps_what_is_its_own() -> None:
    said = "# 1 of 2: a < b, $ x $ costs 5 $ and <b>"
    assert _blocks(block("text", said))[0].text == said
    assert _blocks(block("algorithm", "  if x:\n\n    y ![a](b)\n"))[0].text == "  if x:\n\n    y ![a](b)"
    assert _blocks(block("text", "one\n\ntwo"))[0].text == "one\ntwo"
    assert _blocks(block("content", "1 Intro 3\n\n2 End 9"))[0].text == "1 Intro 3\n2 End 9"


def test_a_chart_that_was_read_is_a_table_by_a_model() -> None:
    read = "Year | Sum\n2024 | 1\n2025 | 2"
    (found,) = _blocks(block("chart", read))
    assert found.generated
    assert found.html is not None
    assert "<table" in found.html
    assert "2025\t2" in found.text
    (bare,) = _blocks(block("chart", ""))
    assert not bare.generated
    assert bare.html is None


@given(words=st.lists(st.text(st.sampled_from("abcXYZ123 表格，。"), min_size=1, max_size=9), min_size=1, max_size=6))
def test_formatting_changes_no_word(words: list[str]) -> None:
    said = " ".join(" ".join(words).split()) or "x"
    assert content_of(framed(said), "caption", "figure_title").text == content_of(said, "caption", "figure_title").text == said
    assert content_of(f"## {said}", "title", "paragraph_title").text == said
    assert content_of(f" $$ {said} $$ ", "equation", "display_formula").latex == said
    cells = content_of(html((said, "1")), "table", "table")
    assert cells.text == f"{said}\t1"


# Pictures


def test_a_picture_is_found_by_its_name_or_its_box() -> None:
    name = "imgs/img_in_image_box_100_200_900_260.jpg"
    for content in (f'<div style="text-align: center;"><img src="{name}" alt="Image" width="57%" /></div>\n', ""):
        (found,) = _blocks(block("image", content), images={name: "https://bos.test/1.jpg?a=x"})
        assert (found.image, found.text) == (Image("url", "https://bos.test/1.jpg?a=x"), "")
    (found,) = _blocks(block("seal", "", (100, 200, 900, 261)), images={name: "https://bos.test/1.jpg"})
    assert found.image is None


def test_pictures_of_one_name_on_two_pages_are_two() -> None:
    name = "imgs/img_in_image_box_100_200_900_260.jpg"
    pages = [page(block("image"), images={name: f"https://bos.test/{number}.jpg"}) for number in (1, 2)]
    found = [entry.blocks[0].image for entry in decode(line(*pages)).pages]
    assert found == [Image("url", "https://bos.test/1.jpg"), Image("url", "https://bos.test/2.jpg")]
    files = [page(block("image"), images={name: "img.jpg"}) for _ in (1, 2)]
    named = [entry.blocks[0].image for entry in decode(line(*files)).pages]
    assert named == [Image("file", f"page-1/{name}"), Image("file", f"page-2/{name}")]


def test_pictures_in_base64_are_kept() -> None:
    name, data = "imgs/img_in_image_box_100_200_900_260.jpg", "QUJD" * 30
    assert _blocks(block("image"), images={name: data})[0].image == Image("base64", data, "image/jpeg")
    (found,) = _blocks(block("image"), images={name: f"data:image/png;base64,{data}"})
    assert found.image == Image("base64", data, "image/png")


def test_a_picture_in_a_table_leads_to_its_own_page() -> None:
    content = '<table><tr><td><img src="imgs/a.jpg" /></td></tr></table>'
    pages = [page(block("table", content), images={"imgs/a.jpg": f"https://bos.test/{number}.jpg?a&b"}) for number in (1, 2)]
    found = [entry.blocks[0].html or "" for entry in decode(line(*pages)).pages]
    assert 'src="https://bos.test/1.jpg?a&amp;b"' in found[0]
    assert 'src="https://bos.test/2.jpg?a&amp;b"' in found[1]


@pytest.mark.parametrize("images", [None, {}, [], "x"])
def test_no_pictures_are_no_error(images: Any) -> None:
    entry = page(block("image"))
    entry["markdown"]["images"] = images
    assert decode(line(entry)).pages[0].blocks[0].image is None


# Captions


def test_captions_belong_to_the_nearest_of_their_kind() -> None:
    figure, below, above, table, note = _blocks(
        block("image", "", (100, 100, 900, 500)),
        block("figure_title", "Figure 1 Hall", (100, 510, 900, 540)),
        block("figure_title", "Table 1 Stock", (100, 545, 900, 575)),
        block("table", html(("a", "b")), (100, 580, 900, 900)),
        block("vision_footnote", "Counted twice.", (100, 905, 900, 930)),
    )
    assert figure.caption_ids == (below.id,)
    assert table.caption_ids == (above.id, note.id)
    assert {below.kind, above.kind, note.kind} == {"caption"}


def test_captions_find_their_table_past_a_paragraph() -> None:
    found = _blocks(
        block("figure_title", "Table 1", (100, 100, 900, 130)),
        block("text", "In the other column.", (100, 900, 480, 1000)),
        block("table", html(("a", "b")), (100, 140, 900, 800)),
    )
    assert found[2].caption_ids == ("p1-0",)


def test_captions_of_other_columns_or_far_away_are_not_taken() -> None:
    for box in ((700, 510, 900, 540), (100, 1500, 400, 1530)):
        figure, _ = _blocks(block("image", "", (100, 100, 400, 500)), block("figure_title", "Figure 1", box))
        assert figure.caption_ids == ()


# Boxes and pages


def test_boxes_are_shares_of_the_page_in_pixels() -> None:
    decoded = decode(line(page(block("text", "x", (100, 200, 500, 1000)))))
    assert decoded.pages[0].blocks[0].regions == ((1, BBox(0.1, 0.1, 0.5, 0.5)),)
    assert (decoded.pages[0].width, decoded.pages[0].height, decoded.pages[0].unit) == (1000, 2000, "pixel")


@pytest.mark.parametrize("box", [None, [], [1, 2, 3], "1,2,3,4", [1, 2, "x", 4], {}])
def test_a_box_that_cannot_be_read_is_none_with_a_notice(box: Any) -> None:
    decoded = decode(line(page(block("text", "x") | {"block_bbox": box})))
    assert decoded.pages[0].blocks[0].regions[0].bbox is None
    assert _codes(decoded) == ["bad_box"]


def test_the_size_of_a_page_may_stand_elsewhere() -> None:
    for size in (
        {"width": None, "height": None},
        {"width": [1000, 1000], "height": [2000, 2000]},
        {"width": "1000", "height": "2000"},
    ):
        assert decode(line(page(block("text", "x"), pruned=size))).pages[0].blocks[0].regions[0].bbox == BBox(
            0.1, 0.1, 0.9, 0.13
        )
    unknown = decode({"layoutParsingResults": [page(block("text", "x"), pruned={"width": 0})]})
    assert unknown.pages[0].blocks[0].regions[0].bbox is None
    assert _codes(unknown) == ["no_page_size"]


def test_a_page_that_was_turned_or_flattened_is_told() -> None:
    turned = {"doc_preprocessor_res": {"angle": 90, "model_settings": {"use_doc_unwarping": False}}}
    flat = {"doc_preprocessor_res": {"angle": 0, "model_settings": {"use_doc_unwarping": True}}}
    decoded = decode(line(page(pruned=turned), page(), page(pruned=turned), page(pruned=flat)))
    assert [(notice.code, notice.page_number) for notice in decoded.notices] == [("turned_page", 1), ("unwarped_page", 4)]
    assert "pages 1,3 " in decoded.notices[0].message


# Lines


def test_pages_are_counted_over_lines_and_entries() -> None:
    chunks = [line(*(page(block("text", f"{part}-{place}")) for place in range(5))) for part in range(4)]
    decoded = decode(Blob(jsonl(*chunks)))
    assert [entry.number for entry in decoded.pages] == list(range(1, 21))
    assert decoded.pages[7].blocks[0].text == "1-2"
    assert decoded.pages[7].blocks[0].id == "p8-0"


def test_only_a_line_feed_ends_a_line() -> None:
    said = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    raw = json.dumps(line(page(block("text", said))), ensure_ascii=False).replace("\\u000b", "\\u000b").encode()
    decoded = decode(Blob(b"\n" + raw + b"\r\n\n \n" + raw + b"\n"))
    assert [entry.blocks[0].text for entry in decoded.pages] == [said, said]


@pytest.mark.parametrize(
    ("count", "asked", "numbers"),
    [(3, "2-4", [2, 3, 4]), (3, "2,5-6", [2, 5, 6]), (2, "2-4", [2, 3]), (4, "2-3", [1, 2, 3, 4]), (2, None, [1, 2])],
)
def test_pages_are_those_that_were_asked_for(count: int, asked: str | None, numbers: list[int]) -> None:
    lines = [line(page(block("text", "x"))) for _ in range(count)]
    decoded = decode(Blob(jsonl(*lines)), PageSelection.of(asked))
    assert [entry.number for entry in decoded.pages] == numbers
    assert [entry.blocks[0].regions[0].page_number for entry in decoded.pages] == numbers


@given(
    chunks=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    gaps=st.lists(st.integers(1, 3), min_size=20, max_size=20),
)
def test_the_nth_entry_is_the_nth_page_asked_for(chunks: list[int], gaps: list[int]) -> None:
    asked = [sum(gaps[: place + 1]) for place in range(sum(chunks))]
    entries = iter(range(sum(chunks)))
    lines = [line(*(page(block("text", str(next(entries)))) for _ in range(size))) for size in chunks]
    decoded = decode(Blob(jsonl(*lines)), PageSelection.of(asked))
    assert [(entry.number, entry.blocks[0].text) for entry in decoded.pages] == [
        (number, str(place)) for place, number in enumerate(asked)
    ]


def test_a_result_that_lacks_pages_is_never_whole() -> None:
    job = Blob(json.dumps({"jobId": "j", "model": "m", "extractProgress": {"totalPages": 3}}).encode())
    with pytest.raises(IncompleteResult):
        _document(Parts((job, Blob(jsonl(line(page()), line(page()))))))
    assert len(_document(Parts((job, Blob(jsonl(line(page()), line(page(), page())))))).pages) == 3


def test_a_last_line_that_is_cut_is_noticed() -> None:
    data = jsonl(line(page()), line(page(block("text", "x" * 100))))
    with pytest.raises(IncompleteResult, match="line 2"):
        decode(Blob(data[:-40]))
    with pytest.raises(ProtocolError, match="line 1"):
        decode(Blob(b"nonsense\n" + data))


WRAPPED = line(page(block("text", "One.")))


@pytest.mark.parametrize(
    "value",
    [
        WRAPPED,
        WRAPPED["result"],
        {"logId": "l", "errorCode": 0, "errorMsg": "Success", **WRAPPED},
        [WRAPPED],
        WRAPPED["result"]["layoutParsingResults"][0],
        WRAPPED["result"]["layoutParsingResults"][0]["prunedResult"],
        Blob(json.dumps(WRAPPED, indent=2).encode()),
        Blob(b"\xef\xbb\xbf" + jsonl(WRAPPED)),
        Parts((Blob(jsonl(WRAPPED)),)),
    ],
)
def test_a_result_is_found_in_every_wrapping(value: Payload) -> None:
    (found,) = decode(value).pages
    assert found.blocks[0].text == "One."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"errorCode": 216, "errorMsg": "no such file", "logId": "l"}, "no such file"),
        ({"code": 0, "data": {"jobId": "j", "state": "running"}}, "running"),
        ({"result": {"layoutParsingResults": []}}, "no pages"),
        ([], "no pages"),
        (None, "holds no pages"),
        (Blob(b""), "no pages"),
        (Blob(b"# Markdown"), "not JSON"),
    ],
)
def test_what_is_no_result_says_what_it_is(value: Payload, said: str) -> None:
    with pytest.raises(ProtocolError, match=said) as found:
        decode(value)
    assert found.value.hint


def test_strange_entries_become_notices() -> None:
    pages: Any = [page(block("text", "a")), None, page(block("text", "b"))]
    pages[2]["prunedResult"]["parsing_res_list"] += [None, "text", 3]
    decoded = decode({"result": {"layoutParsingResults": pages}})
    assert [len(entry.blocks) for entry in decoded.pages] == [1, 0, 1]
    assert _codes(decoded) == ["bad_page", "bad_block", "bad_block", "bad_block"]


def test_a_page_of_markdown_alone_keeps_its_words() -> None:
    decoded = decode({"result": {"layoutParsingResults": [{"markdown": {"text": "# Title\n\nWords.", "images": {}}}]}})
    assert "Words." in decoded.pages[0].blocks[0].text
    assert "only_markdown" in _codes(decoded)


# What goes on


def test_the_report_is_joined_on_and_over_pages() -> None:
    document = _document(Blob(jsonl(*report())))
    text = next(found for found in document.blocks if found.kind == "text")
    assert text.text == "The warehouse was counted in spring."
    assert [region.page_number for region in text.regions] == [1, 1]
    (table,) = document.tables
    assert [region.page_number for region in table.regions] == [1, 2, 3]
    assert table.html == "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-001</td><td>1</td></tr></table>"
    captions = {found.id: found.text for found in document.blocks if found.kind == "caption"}
    assert [captions[name] for name in table.caption_ids] == ["Table 1 Stock by part", "Counted twice."]
    figure = next(found for found in document.blocks if found.kind == "figure")
    assert [captions[name] for name in figure.caption_ids] == ["Figure 1 The hall"]
    assert [(heading.level, heading.text) for heading in document.outline.headings] == [
        (1, "Inventory report"),
        (2, "1 Counting"),
    ]
    assert document.warnings == ()


@pytest.mark.parametrize("shift", [0, 1, 1000, 10**6])
def test_global_ids_are_looked_up_by_value(shift: int) -> None:
    """In a long document they jump between parts, so they cannot be places in a list."""
    first = line(page(block("text", "x"), block("table", html(("a", "b")), LONG), first=shift))
    second = line(
        page(block("table", html(("c", "d")), LONG), first=shift + 500),
        page(block("table", "", TOP, global_group_id=shift + 500), first=shift + 501),
    )
    document = _document(Blob(jsonl(first, second)))
    joined = [found for found in document.tables if len(found.regions) > 1]
    assert [(found.text, [region.page_number for region in found.regions]) for found in joined] == [("c\td", [2, 3])]


def test_ids_that_begin_again_mean_the_latest() -> None:
    chunk = line(
        page(block("table", html(("a", "b")), LONG), first=0), page(block("table", "", TOP, global_group_id=0), first=1)
    )
    document = _document(Blob(jsonl(chunk, chunk)))
    assert [[region.page_number for region in found.regions] for found in document.tables] == [[1, 2], [3, 4]]


def test_a_link_that_leads_nowhere_is_told() -> None:
    decoded = decode(line(page(block("table", "", global_group_id=77), first=0)))
    assert decoded.pages[0].blocks[0].continues is None
    assert _codes(decoded) == ["dangling_link"]


def test_fragments_of_one_group_are_joined_with_and_without_text() -> None:
    for rest in ("", "and on."):
        document = _document(line(page(block("text", "It goes on"), block("number", "1"), block("text", rest, group_id=0))))
        assert [found.text for found in document.blocks if found.kind == "text"] == [f"It goes on {rest}".strip()]
    apart = _document(line(page(block("text", "a", group_id=0), block("text", "b", group_id=1))))
    assert [found.text for found in apart.blocks] == ["a", "b"]


def _flags(begins: Any, ends: Any, *raw: dict[str, Any]) -> dict[str, Any]:
    return page(*raw, markdown={"isStart": begins, "isEnd": ends})


@pytest.mark.parametrize(
    ("ends", "begins", "joined"), [(False, False, True), (True, False, False), (False, True, False), (True, True, False)]
)
def test_a_paragraph_goes_on_if_both_flags_say_so(ends: bool, begins: bool, joined: bool) -> None:
    before = _flags(True, ends, block("text", "It has been", LONG), block("footnote", "n", (100, 1991, 900, 1995)))
    after = _flags(begins, True, block("header", "h"), block("image", "", (100, 80, 900, 90)), block("text", "counted.", TOP))
    document = _document(line(before, after))
    texts = [found.text for found in document.blocks if found.kind == "text"]
    assert texts == (["It has been counted."] if joined else ["It has been", "counted."])


def test_paragraphs_that_nobody_links_are_joined_where_it_is_plain() -> None:
    for first in (None, 0):
        before = page(block("text", "It has been", LONG), first=first)
        after = page(block("text", "counted.", TOP), first=None if first is None else 1)
        assert [found.text for found in _document(line(before, after)).blocks] == ["It has been counted."]


def test_tables_that_paddleocr_kept_apart_stay_apart() -> None:
    """It looked at those within a part of the result; over the border of two parts it cannot."""
    before, after = block("table", html(("a", "1")), LONG), block("table", html(("c", "2")), TOP)
    assert len(_document(line(page(before, first=0), page(after, first=1))).tables) == 2
    assert len(_document(Blob(jsonl(line(page(before, first=0)), line(page(after, first=3))))).tables) == 1
    assert len(_document(line(page(before), page(after))).tables) == 1


def test_a_table_over_the_border_of_two_parts_goes_on_past_its_emptied_part() -> None:
    first = line(
        page(block("table", html(("a", "1")), LONG), first=0),
        page(block("table", "", (100, 20, 900, 1990), global_group_id=0), first=1),
    )
    document = _document(Blob(jsonl(first, line(page(block("table", html(("c", "2")), TOP), first=5)))))
    assert [(found.text, [region.page_number for region in found.regions]) for found in document.tables] == [
        ("a\t1\nc\t2", [1, 2, 3])
    ]


def test_headers_that_pp_ocr_takes_for_text_are_not_joined_to_footers() -> None:
    pages = [ocr_page(("库存报告", (100, 20, 300, 50)), ("第三方资料", (100, 1900, 300, 1930))) for _ in range(2)]
    assert len(_document(ocr_line(*pages)).blocks) == 4


def test_nothing_is_inferred_unless_wanted() -> None:
    job = Blob(json.dumps({"jobId": "j", "extractProgress": {"totalPages": 2}, "infer_links": False}).encode())
    lines = Blob(jsonl(line(page(block("text", "It has been", LONG)), page(block("text", "counted.", TOP)))))
    assert len(_document(Parts((job, lines))).blocks) == 2
    assert len(_document(lines).blocks) == 1


# PP-OCR


def test_lines_are_grouped_into_paragraphs_in_pixels_of_the_data_info() -> None:
    lines = (
        ("Inventory report", (100, 60, 400, 110)),
        ("The warehouse was counted in", (100, 200, 900, 230)),
        ("spring, part by part, and then", (100, 240, 900, 270)),
        ("weighed.", (100, 280, 300, 310)),
        ("Nothing was lost.", (100, 320, 400, 350)),
        ("A last line.", (100, 600, 400, 630)),
    )
    found = decode(ocr_line(ocr_page(*lines))).pages[0].blocks
    assert [entry.text for entry in found] == [
        "Inventory report",
        "The warehouse was counted in spring, part by part, and then weighed.",
        "Nothing was lost.",
        "A last line.",
    ]
    assert {(entry.kind, entry.label) for entry in found} == {("text", "ocr")}
    assert found[1].regions == ((1, BBox(0.1, 0.1, 0.9, 0.155)),)


def test_items_of_a_list_are_paragraphs_of_their_own() -> None:
    lines = [
        ("• the first item goes on", (100, 200, 900, 230)),
        ("below", (130, 240, 300, 270)),
        ("• the second", (100, 280, 500, 310)),
    ]
    found = decode(ocr_line(ocr_page(*lines))).pages[0].blocks
    assert [entry.text for entry in found] == ["• the first item goes on below", "• the second"]


def test_the_confidence_of_a_paragraph_is_the_mean_of_its_lines() -> None:
    entry = ocr_page(("one two three", (100, 200, 900, 230)), ("four", (100, 240, 300, 270)))
    entry["prunedResult"]["rec_scores"] = [0.5, 1.0]
    (found,) = decode(ocr_line(entry)).pages[0].blocks
    assert found.confidence == pytest.approx(0.75)


def test_columns_are_read_one_after_the_other() -> None:
    rows = [(100 + 40 * place, 130 + 40 * place) for place in range(3)]
    lines = [
        (f"{side}{place}", (x, y0, x + 380, y1)) for place, (y0, y1) in enumerate(rows) for side, x in (("l", 100), ("r", 520))
    ]
    found = decode(ocr_line(ocr_page(("Title over both", (100, 20, 900, 60)), *lines))).pages[0].blocks
    assert [entry.text for entry in found] == ["Title over both", "l0 l1 l2", "r0 r1 r2"]


def test_chinese_lines_are_joined_without_a_blank() -> None:
    (found,) = (
        decode(ocr_line(ocr_page(("仓库在春", (100, 200, 900, 230)), ("天盘点。", (100, 240, 300, 270))))).pages[0].blocks
    )
    assert found.text == "仓库在春天盘点。"


def test_a_picture_has_its_size_beside_its_type() -> None:
    value = ocr_line(ocr_page(("x", (100, 200, 900, 400))))
    value["result"]["dataInfo"] = {"type": "image", "width": 1000, "height": 2000}
    assert decode(value).pages[0].blocks[0].regions[0].bbox == BBox(0.1, 0.1, 0.9, 0.2)


def test_polygons_stand_in_for_boxes() -> None:
    entry = ocr_page(("x", (100, 200, 900, 400)), rec_boxes=None)
    assert decode(ocr_line(entry)).pages[0].blocks[0].regions[0].bbox == BBox(0.1, 0.1, 0.9, 0.2)
    entry = ocr_page(("x", (100, 200, 900, 400)), rec_boxes=None, rec_polys=[])
    decoded = decode(ocr_line(entry))
    assert decoded.pages[0].blocks[0].text == "x"
    assert _codes(decoded) == ["bad_box"]


@given(
    lines=st.lists(
        st.tuples(st.text("abc", min_size=1, max_size=5), st.integers(0, 900), st.integers(0, 1900), st.integers(1, 900)),
        max_size=30,
    )
)
def test_no_line_of_ocr_is_lost_or_doubled(lines: list[tuple[str, int, int, int]]) -> None:
    entry = ocr_page(*((text, (x, y, x + width, y + 30)) for text, x, y, width in lines))
    found = " ".join(block.text for block in decode(ocr_line(entry)).pages[0].blocks)
    assert sorted(found.split()) == sorted(text for text, *_ in lines)


# Damage

GOOD: list[Any] = [
    *report(),
    line(_flags(True, False, block("text", "x"), block("chart", "a | b\n1 | 2")), _flags(False, True, block("text", "y"))),
    ocr_line(ocr_page(("one", (100, 200, 900, 230)), ("two", (100, 240, 300, 270)))),
]


def _damaged(rng: random.Random) -> Payload:
    times = rng.choice((1, 2, 3, 5, 9, 30))
    value = mutated(GOOD[rng.randrange(len(GOOD))] if rng.random() < 0.95 else GOOD, rng, times)
    if rng.random() < 0.2:
        data = bytearray(json.dumps(value).replace('}, {"result"', '}\n{"result"').encode())
        for _ in range(rng.randrange(4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return Blob(bytes(data[: rng.randrange(1, len(data) + 1)]) if rng.random() < 0.3 else bytes(data))
    return value


@settings(max_examples=400 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_damage_raises_nothing_but_our_errors(seed: int) -> None:
    """Examples of 50 payloads each; 400 of them, 20,000 payloads in all, when fuzzing."""
    rng = random.Random(seed)  # noqa: S311  (it is the repeatability that is wanted)
    for _ in range(50):
        payload = _damaged(rng)
        try:
            document_of(decode(payload), FACTS, PaddleOCRVendor(), partial=True).blocks  # noqa: B018  (assembled on use)
        except DocParseError as error:
            assert error.hint  # noqa: PT017  (both outcomes are fine, an error without advice is not)
