"""MinerU's page trees of 2.x, 3.x and 4.x as pages of blocks: kinds, boxes, order, notes, and what goes on over a page."""

import json
from typing import Any

import pytest

from docparse_loaders.assemble import assemble
from docparse_loaders.errors import LimitExceeded, ProtocolError
from docparse_loaders.model import BBox, Block, Image, Kind, Region
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.mineru.decode import EMBEDDED, decode
from docparse_loaders.vendors.mineru.kinds import KINDS
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts
from mineru_files import (
    PICTURE,
    ROWS,
    archive,
    block,
    block4,
    gone,
    line,
    page,
    parent,
    report,
    table,
    tree,
    tree4,
)


def blocks(decoded: Decoded, number: int = 0) -> tuple[Block, ...]:
    return decoded.pages[number].blocks


def only(*body: Any, **more: Any) -> Block:
    """The one block of a page with one block."""
    (found,) = blocks(decode(tree(page(0, *body, **more), version="3.4.5", backend="vlm")))
    return found


def told(decoded: Decoded) -> list[tuple[str, int]]:
    return [(notice.code, notice.page_number) for notice in decoded.notices]


def test_a_tree_of_the_pipeline_page_by_page() -> None:
    decoded = decode(report())
    assert decoded.model == "MinerU 2.7.6 (pipeline)"
    assert [(page.number, page.width, page.height, page.unit) for page in decoded.pages] == [
        (1, 600.0, 800.0, "point"),
        (2, 600.0, 800.0, "point"),
        (3, 600.0, 800.0, "point"),
    ]
    assert [(block.id, block.kind, block.label, block.text) for block in blocks(decoded)] == [
        ("p1-0", "header", "discarded", "Inventory report"),
        ("p1-1", "title", "title", "1 Counting"),
        ("p1-2", "text", "text", "Each part was weighed twice and the smaller value kept."),
        ("p1-3", "caption", "table_caption", "Table 1 Stock"),
        ("p1-4", "table", "table", "Part\tQty\nP-1\t1\nP-2\t2"),
        ("p1-5", "page_number", "discarded", "1"),
    ]
    assert blocks(decoded)[1].level == 1
    assert blocks(decoded)[1].regions == (Region(1, BBox(0.1, 0.1, 0.9, 0.1375)),)
    assert blocks(decoded)[4].caption_ids == ("p1-3",)
    assert blocks(decoded)[4].html == ROWS
    assert decoded.notices == ()


def test_what_was_moved_leaves_its_place_and_a_link_behind() -> None:
    decoded = decode(report())
    second, third = blocks(decoded, 1), blocks(decoded, 2)
    assert (second[0].kind, second[0].text, second[0].html, second[0].continues) == ("table", "", None, "p1-4")
    # The note had moved with the rows; it stands below the second half, and its box is of that page.
    assert (second[1].kind, second[1].text) == ("caption", "Weights are rounded.")
    assert second[1].regions == (Region(2, BBox(0.1, 0.3775, 0.9, 0.4)),)
    assert second[0].caption_ids == ("p2-1",)
    assert (third[0].text, third[0].continues) == ("", second[3].id)
    assert second[3].text == "This procedure, which made it possible to find errors."
    joined = {block.id: block for block in assemble(decoded.pages).blocks}
    assert [region.page_number for region in joined["p1-4"].regions] == [1, 2]
    assert joined["p1-4"].html == ROWS
    assert joined["p1-4"].caption_ids == ("p1-3", "p2-1")
    assert [region.page_number for region in joined[second[3].id].regions] == [2, 3]
    assert assemble(decoded.pages).notices == ()


def test_a_chain_of_emptied_tables_leads_back_part_by_part() -> None:
    decoded = decode(tree(page(0, table(ROWS)), page(1, gone("table")), page(2, gone("table"), gone("text"))))
    assert [[block.continues for block in page.blocks] for page in decoded.pages] == [[None], ["p1-0"], ["p2-0", None]]
    (joined, rest) = assemble(decoded.pages).blocks
    assert [region.page_number for region in joined.regions] == [1, 2, 3]
    assert rest.text == ""


def test_furniture_of_the_vlm_is_put_back_by_its_index() -> None:
    furniture = [
        block("page_number", "4", bbox=(20, 10, 40, 20), index=0),
        block("aside_text", "arXiv", bbox=(5, 300, 20, 600), index=2),
        block("page_footnote", "1 A note.", bbox=(60, 700, 540, 720), index=4),
        block("footer", "Draft", bbox=(60, 770, 540, 790), index=5),
        block("header", "Title", bbox=(60, 10, 540, 30), index=6),
    ]
    body = [block("text", "One.", index=1), block("text", "Two.", bbox=(60, 620, 540, 640), index=3)]
    decoded = decode(tree(page(0, *body, discarded=furniture), version="3.4.5", backend="vlm"))
    assert [(block.kind, block.text) for block in blocks(decoded)] == [
        ("page_number", "4"),
        ("header", "Title"),
        ("text", "One."),
        ("aside", "arXiv"),
        ("text", "Two."),
        ("footnote", "1 A note."),
        ("footer", "Draft"),
    ]


@pytest.mark.parametrize(
    ("text", "bbox", "kind"),
    [
        ("Annual report", (60, 20, 300, 40), "header"),
        ("Annual report", (60, 770, 300, 790), "footer"),
        ("12", (290, 20, 310, 40), "page_number"),
        ("- xii -", (290, 770, 310, 790), "page_number"),
        ("第 3 页", (290, 770, 310, 790), "page_number"),
        ("Page 3 of 10", (290, 770, 310, 790), "page_number"),
        ("arXiv:2410.21169v5", (5, 200, 25, 600), "aside"),
        ("1 See the annex for how the parts were weighed.", (60, 700, 540, 730), "footnote"),
        ("¹ Meters of accuracy class 2 for heat.", (60, 700, 540, 730), "footnote"),
        ("12 Annual report of the year", (60, 770, 540, 790), "footer"),
    ],
)
def test_discarded_is_told_apart_by_its_text_and_place(text: str, bbox: tuple[int, ...], kind: str) -> None:
    assert only(discarded=[block("discarded", text, bbox=bbox)]).kind == kind


LABELS: dict[Kind, str] = {
    "text": "text paragraph abstract phonetic vertical_text",
    "title": "title doc_title paragraph_title",
    "list": "list",
    "caption": "caption image_caption table_caption chart_caption code_caption algorithm_caption "
    "footnote image_footnote table_footnote chart_footnote code_footnote algorithm_footnote",
    "equation": "equation interline_equation equation_interline formula_number",
    "seal": "seal",
    "toc": "index",
    "reference": "ref_text",
    "header": "header header_image page_header",
    "footer": "footer footer_image page_footer",
    "page_number": "page_number",
    "aside": "aside_text page_aside_text",
    "footnote": "page_footnote",
}
"""Kind → types of blocks whose content is lines of text, in any of MinerU's files."""
BODIES: dict[Kind, str] = {
    "table": "table table_body",
    "figure": "image image_body",
    "chart": "chart chart_body",
    "code": "code code_body algorithm algorithm_body",
}
"""The types whose content has a form of its own."""


@pytest.mark.parametrize(("label", "kind"), [(label, kind) for kind, labels in LABELS.items() for label in labels.split()])
def test_every_documented_type_has_its_kind(label: str, kind: str) -> None:
    found = only(block(label, line({"type": "text", "content": "words"})))
    assert (found.kind, found.label, found.text) == (kind, label, "words")


@pytest.mark.parametrize(("label", "kind"), [(label, kind) for kind, labels in BODIES.items() for label in labels.split()])
def test_every_documented_form_has_its_kind(label: str, kind: str) -> None:
    assert only(block(label, line({"type": "text", "content": "words"}))).kind == kind


def test_no_type_is_read_that_these_tables_do_not_have() -> None:
    named = [label for labels in (*LABELS.values(), *BODIES.values()) for label in labels.split()]
    assert sorted(named) == sorted(KINDS)


def test_an_unknown_type_is_kept_as_other() -> None:
    found = only(block("hologram", "words"))
    assert (found.kind, found.label, found.text) == ("other", "hologram", "words")


def test_lines_are_joined_as_words_and_scripts_want_it() -> None:
    assert only(block("text", "a trans-", "cription of COVID-", "19 cases")).text == "a transcription of COVID-19 cases"
    assert only(block("text", "仓库每年", "清点一次。")).text == "仓库每年清点一次。"
    formula: Any = {"type": "inline_equation", "content": " a = b "}
    assert only(block("text", line("where  ", formula, "  holds, "), line(formula, ", too"))).text == (
        "where $a = b$ holds, $a = b$, too"
    )


def test_formulas_lose_their_wrapping() -> None:
    for content in ("a = b", "$$\na = b\n$$", "\\[a = b\\]"):
        span: Any = {"type": "interline_equation", "content": content, "image_path": "e.jpg"}
        found = only(block("interline_equation", line(span)))
        assert (found.kind, found.text, found.latex, found.image) == (
            "equation", "a = b", "a = b", Image("file", "images/e.jpg"),
        )  # fmt: skip


def test_lists_have_an_item_a_line() -> None:
    items = [{**line("first"), "is_list_start_line": True}, line("goes on"), {**line("second"), "is_list_start_line": True}]
    assert only(block("list", *items)).text == "first goes on\nsecond"
    nested = parent("list", block("text", "one"), parent("list", block("text", "two"), block("text", "three")), sub_type="text")
    assert (only(nested).kind, only(nested).text) == ("list", "one\ntwo\nthree")
    references = parent("list", block("ref_text", "[1] A."), block("ref_text", "[2] B."), sub_type="ref_text")
    assert (only(references).kind, only(references).text) == ("reference", "[1] A.\n[2] B.")
    assert only(block("index", "1 Counting 3", "2 Method 5")).text == "1 Counting 3\n2 Method 5"


def test_code_stays_as_it_is_without_its_fence() -> None:
    body = block("code_body", line({"type": "text", "content": "def f():\n    return 1"}))
    code = parent("code", body, block("code_caption", "Listing 1"), sub_type="code", guess_lang="python")
    decoded = decode(tree(page(0, code)))
    listing = next(found for found in blocks(decoded) if found.kind == "code")
    assert listing.text == "def f():\n    return 1"
    assert [found.text for found in blocks(decoded) if found.id in listing.caption_ids] == ["Listing 1"]
    assert only(block("code", line({"type": "text", "content": "```py\nx = 1\n```"}))).text == "x = 1"


def test_pictures_charts_and_seals() -> None:
    picture: Any = {"type": "image", "image_path": "a.jpg", "content": "A pair of scales."}
    below = block("image_caption", "Figure 1", bbox=(60, 410, 540, 420))
    image = parent("image", block("image_body", line(picture), bbox=(60, 200, 540, 400)), below)
    chart = parent("chart", block("chart_body", line({"type": "chart", "image_path": "b.jpg", "content": ROWS})))
    seal = block("seal", line({"type": "seal", "content": ["Company", "Ltd"], "image_path": "c.jpg"}))
    found = blocks(decode(tree(page(0, image, chart, seal), version="3.4.5", backend="vlm")))
    assert [(entry.kind, entry.text, entry.generated) for entry in found] == [
        ("figure", "A pair of scales.", True),
        ("caption", "Figure 1", False),
        ("chart", "Part\tQty\nP-1\t1\nP-2\t2", True),
        ("seal", "Company Ltd", False),
    ]
    assert found[0].caption_ids == ("p1-1",)
    assert [entry.image for entry in found if entry.image] == [
        Image("file", "images/a.jpg"),
        Image("file", "images/b.jpg"),
        Image("file", "images/c.jpg"),
    ]
    assert found[2].html == ROWS


def test_boxes_are_corrected_or_told_of() -> None:
    assert only(block("text", "x", bbox=(540, 120, 60, 80))).regions[0].bbox == BBox(0.1, 0.1, 0.9, 0.15)
    assert only(block("text", "x", bbox=(-6, 80, 606, 120))).regions[0].bbox == BBox(0.0, 0.1, 1.0, 0.15)
    assert only(block("text", "x", bbox=None)).regions == (Region(1, None),)
    strange = [[1, 2, 3], "box", [1, 2, None, 4], [5000, 80, 6000, 120], [10**400, 1, 2, 3]]
    decoded = decode(tree(page(0, *(block("text", "x", bbox=bbox) for bbox in strange))))
    assert [entry.regions[0].bbox for entry in blocks(decoded)] == [None] * 5
    assert told(decoded) == [("bad_box", 1)]
    assert decoded.notices[0].message.startswith("5 boxes could not be used; the first: [1, 2, 3] is not a box")


def test_blocks_and_pages_that_are_none_get_a_notice() -> None:
    decoded = decode({"pdf_info": [page(0, "no block", 7, block("text", "x")), "no page"]})
    assert [len(found.blocks) for found in decoded.pages] == [1, 0]
    assert told(decoded) == [("bad_block", 1), ("bad_page", 2)]


def test_nesting_beyond_all_reason_is_cut_off() -> None:
    deep: Any = table(ROWS)
    for _ in range(2000):
        deep = parent("table", deep)
    decoded = decode({"pdf_info": [page(0, deep)]})
    assert told(decoded) == [("bad_block", 1)]


def test_a_page_index_beyond_all_reason_is_not_believed() -> None:
    decoded = decode(tree(page(0, block("text", "x")), page(10**12, block("text", "y"))))
    assert [found.number for found in decoded.pages] == [1, 2]


# 4.x


def _continued() -> Any:
    first = [
        block4("doc_title", "Inventory", 0, level=1),
        block4("paragraph_title", "Counting", 1, level=2, bbox=(0.1, 0.2, 0.9, 0.23)),
        block4(
            "table",
            [block4("table_body", ROWS, 3), block4("table_caption", "Table 1", 2, (0.1, 0.25, 0.9, 0.27))],
            3,
            (0.1, 0.3, 0.9, 0.5),
        ),
        block4("text", "This procedure, which", 4, bbox=(0.1, 0.9, 0.9, 0.93)),
        block4("page_number", "3", 5, bbox=(0.49, 0.97, 0.51, 0.98)),
    ]
    second = [
        block4("header", "Inventory", 0, bbox=(0.1, 0.02, 0.9, 0.04)),
        block4("text", "made it possible.", 1, continues_prev=True),
        block4("table", [block4("table_body", ROWS, 2)], 2, bbox=(0.1, 0.2, 0.9, 0.4), continues_prev=True),
    ]
    return tree4((2, first), (3, second), total=9)


def test_a_tree_of_4_keeps_halves_links_and_numbers_of_the_file() -> None:
    decoded = decode(_continued(), PageSelection.of("3-4"))
    assert decoded.model == "MinerU 4.0.12 (standard)"
    assert decoded.total_pages == 9
    assert [(page.number, page.width, page.unit) for page in decoded.pages] == [(3, 600.0, "point"), (4, 600.0, "point")]
    assert [(entry.kind, entry.level, entry.text[:9], entry.continues) for entry in decoded.pages[0].blocks] == [
        ("title", 1, "Inventory", None),
        ("title", 2, "Counting", None),
        ("caption", None, "Table 1", None),
        ("table", None, "Part\tQty\n", None),
        ("text", None, "This proc", None),
        ("page_number", None, "3", None),
    ]
    second = decoded.pages[1].blocks
    assert [(entry.kind, entry.continues) for entry in second] == [("header", None), ("text", "p3-4"), ("table", "p3-3")]
    assert second[1].regions == (Region(4, BBox(0.1, 0.1, 0.9, 0.15)),)
    joined = {entry.id: entry for entry in assemble(decoded.pages).blocks}
    assert joined["p3-4"].text == "This procedure, which made it possible."
    assert joined["p3-3"].text.count("P-1") == 2


def test_content_of_4_in_all_its_forms() -> None:
    spans: Any = [
        {"type": "text", "content": "See ", "styles": ["bold"]},
        {"type": "code_inline", "content": "x[0]"},
        {"type": "text", "content": " and "},
        {"type": "equation_inline", "content": "a+b"},
        {"type": "hyperlink", "url": "#r", "content": [{"type": "text", "content": " [3]"}]},
    ]
    listed = [block4("text", "one"), block4("list", [block4("text", "two")])]
    code = [block4("code_body", "x = 1"), block4("code_caption", "Listing 1")]
    algorithm = [block4("algorithm_body", [{"type": "text", "content": "repeat\n  step"}])]
    picture = {"type": "image_body", "index": 7, "content": "", "image_path": "images/a.jpg"}
    given = [
        block4("text", spans, 0),
        block4("list", listed, 1),
        block4("index", [block4("text", "1 Counting"), block4("index", [block4("text", "1.1 Parts")])], 2),
        block4("ref_text", "[1] A.", 3),
        block4("equation", "a = b", 4, image_path="images/e.jpg"),
        block4("code", code, 5, sub_type="code"),
        block4("code", algorithm, 6, sub_type="algorithm"),
        block4("image", [picture, block4("image_footnote", "Source: us.", 8, (0.1, 0.8, 0.9, 0.9))], 7),
    ]
    found = decode(tree4((0, given))).pages[0].blocks
    assert [(entry.kind, entry.text) for entry in found] == [
        ("text", "See x[0] and $a+b$ [3]"),
        ("list", "one\ntwo"),
        ("toc", "1 Counting\n1.1 Parts"),
        ("reference", "[1] A."),
        ("equation", "a = b"),
        ("code", "x = 1"),
        ("caption", "Listing 1"),
        ("code", "repeat\n  step"),
        ("figure", ""),
        ("caption", "Source: us."),
    ]
    assert [entry.image.value for entry in found if entry.image] == ["images/e.jpg", "images/a.jpg"]


def test_structured_content_of_4_has_notes_beside_its_content() -> None:
    entry = {
        "type": "table",
        "bbox": [0.1, 0.2, 0.9, 0.4],
        "content": "| A | B |\n| --- | --- |\n| 1 | 2 |",
        "captions": [{"bbox": [0.1, 0.15, 0.9, 0.18], "content": "Table 1"}],
        "footnotes": [{"content": "A note."}],
        "image_source": "images/t.jpg",
    }
    value: Any = {"pages": [{"page_idx": 0, "blocks": [entry]}], "is_full_document": True}
    caption, found, note = decode(value).pages[0].blocks
    assert (caption.text, found.text[:9], note.text) == ("Table 1", "| A | B |", "A note.")
    assert found.caption_ids == (caption.id, note.id)
    assert found.image == Image("file", "images/t.jpg")


# archives


LIST = [{"type": "text", "text": "from the list", "bbox": [100, 100, 900, 150], "page_idx": 0}]
LIST_V2 = [[{"type": "paragraph", "content": {"paragraph_content": [{"type": "text", "content": "from the second list"}]}}]]
TREE = tree(page(0, block("text", "from the tree")))
NAME = "5e0f0000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("files", "text", "notices"),
    [
        ({"full.md": b"# x", f"{NAME}_content_list.json": LIST, "layout.json": TREE}, "from the tree", []),
        ({"doc/vlm/doc_middle.json": TREE, "doc/vlm/doc_content_list.json": LIST}, "from the tree", []),
        ({"middle_json.json": tree4((0, [block4("text", "from the tree")])), "model.json": [[]]}, "from the tree", []),
        ({"content_list_v2.json": LIST_V2, "content_list.json": LIST}, "from the list", ["no_page_tree"]),
        ({"doc_content_list_v2.json": LIST_V2, "full.md": b"# x"}, "from the second list", ["no_page_tree"]),
        ({"a/b/notes.md": b"no", "a/full.md": b"from the text"}, "from the text", ["no_pages"]),
        ({"layout.json": b'{"pdf_info": [', "content_list.json": LIST}, "from the list", ["unreadable_file", "no_page_tree"]),
        ({"layout.json": {"other": 1}, "content_list.json": LIST}, "from the list", ["no_page_tree"]),
    ],
)
def test_the_best_file_of_an_archive_is_read(files: Any, text: str, notices: list[str]) -> None:
    decoded = decode(Blob(archive(files), "application/zip"))
    assert [entry.text for entry in blocks(decoded)] == [text]
    assert [notice.code for notice in decoded.notices] == notices


def test_pictures_are_named_as_in_the_archive_or_put_into_the_document() -> None:
    picture: Any = {"type": "image", "image_path": "a.jpg"}
    lost: Any = {"type": "image", "image_path": "../../lost.jpg"}
    gone_too: Any = {"type": "image", "image_path": "gone.jpg"}
    images = [parent("image", block("image_body", line(span))) for span in (picture, lost, gone_too)]
    value = tree(page(0, *images, table(ROWS)))
    files = {"doc/auto/doc_middle.json": value, "doc/auto/images/a.jpg": PICTURE, "doc/auto/images/t.jpg": PICTURE}
    data = archive(files)
    decoded = decode(Blob(data))
    assert [entry.image for entry in blocks(decoded)] == [
        Image("file", "doc/auto/images/a.jpg", "image/jpeg"),
        None,
        None,
        Image("file", "doc/auto/images/t.jpg", "image/jpeg"),
    ]
    assert [notice.message for notice in decoded.notices] == [
        "1 pictures have neither a file nor a text.",
        "1 pictures are not in the archive.",
    ]
    embedded = blocks(decode(Blob(data, EMBEDDED)))
    assert embedded[0].image == Image("base64", "/9j/4CBub3QgcmVhbGx5IGEgcGljdHVyZQ==", "image/jpeg")
    # The crop of a table says nothing that its HTML does not.
    assert embedded[3].image == Image("file", "doc/auto/images/t.jpg", "image/jpeg")


def test_a_folder_arrives_as_an_uncompressed_archive() -> None:
    assert blocks(decode(Blob(archive({"layout.json": TREE}, stored=True))))[0].text == "from the tree"


def test_several_files_of_one_result() -> None:
    parts = Parts((Blob(b"# Markdown"), Blob(archive({"layout.json": TREE}))))
    assert blocks(decode(parts))[0].text == "from the tree"
    with pytest.raises(ProtocolError, match="no files"):
        decode(Parts(()))


@pytest.mark.parametrize(
    "payload",
    [
        {"code": 0, "data": {"taskId": "t", "state": "running"}},
        {},
        None,
        "text",
        7,
        Blob(b""),
        Blob(b"\x00\x01\x02"),
        Blob(b"PK\x03\x04 cut"),
        Blob(archive({"readme.txt": b"x"})),
        Blob(archive({"layout.json": {"no": "pages"}})),
        Blob(b'{"error": 1}'),
    ],
)
def test_what_is_no_result_is_refused_with_a_hint(payload: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(payload)
    assert caught.value.hint


def test_an_answer_instead_of_a_result_tells_its_state() -> None:
    with pytest.raises(ProtocolError, match="it says 'running'"):
        decode({"code": 0, "data": {"task_id": "t", "state": "running"}})


def test_a_bomb_in_an_archive_is_an_error_and_not_a_fallback() -> None:
    bomb = archive({"layout.json": b"0" * (2 << 20), "full.md": b"# x"})
    with pytest.raises(LimitExceeded):
        decode(Blob(bomb))


@pytest.mark.parametrize("wrap", ["bytes", "data", "raw", "api"])
def test_a_tree_is_found_in_every_wrapping(wrap: str) -> None:
    value: Any = TREE
    if wrap == "bytes":
        value = Blob(json.dumps(TREE).encode())
    elif wrap == "api":
        value = {"backend": "pipeline", "results": {"doc": {"md_content": "# x", "middle_json": json.dumps(TREE)}}}
    else:
        value = {wrap: TREE}
    assert blocks(decode(value))[0].text == "from the tree"


def test_output_of_the_model_itself_is_read_too() -> None:
    raw: Any = [
        {"type": "table_caption", "bbox": [0.1, 0.1, 0.9, 0.12], "angle": 0, "content": "Table 1"},
        {"type": "table", "bbox": [0.1, 0.13, 0.9, 0.4], "angle": 0, "content": ROWS},
        {"type": "image", "bbox": [0.1, 0.5, 0.9, 0.6], "angle": 0, "content": None},
    ]
    (caption, found, picture) = blocks(decode([raw, raw]))
    assert (caption.kind, found.caption_ids, found.html) == ("caption", (caption.id,), ROWS)
    assert picture.regions[0].bbox == BBox(0.1, 0.5, 0.9, 0.6)


# page numbers


@pytest.mark.parametrize(
    ("indices", "asked", "numbers"),
    [
        ([0, 1, 2], None, [1, 2, 3]),
        ([0, 1, 2], "2-4", [2, 3, 4]),
        ([0, 1, 2], "2,5-6", [2, 5, 6]),
        ([0, 1], "2-4", [2, 3]),
        ([0, 1, 2, 3, 4], "2-4", [1, 2, 3, 4, 5]),
    ],
)
def test_pages_up_to_3_are_counted_among_those_that_were_parsed(indices: list[int], asked: Any, numbers: list[int]) -> None:
    pages = [page(index, block("text", "x")) for index in indices]
    decoded = decode(tree(*pages), PageSelection.of(asked))
    assert [found.number for found in decoded.pages] == numbers
    assert [found.blocks[0].regions[0].page_number for found in decoded.pages] == numbers


def test_pages_from_4_on_are_those_of_the_file_and_not_moved_again() -> None:
    for indices, asked in (([1, 2], "2-3"), ([0, 1], "1-2"), ([0, 4], "1,5")):
        decoded = decode(tree4(*((index, [block4("text", "x")]) for index in indices)), PageSelection.of(asked))
        assert [found.number for found in decoded.pages] == [index + 1 for index in indices]
