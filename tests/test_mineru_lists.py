"""MinerU's flat lists and its Markdown: what is read where the page tree is missing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.assemble import assemble
from docparse_loaders.joining import join_texts
from docparse_loaders.model import BBox, Block, Image, Page, Region
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.markdown import blocks_of
from docparse_loaders.vendors.mineru.decode import decode
from docparse_loaders.vendors.protocol import Blob
from mineru_files import ROWS


def item(kind: str, page: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": kind, "bbox": [100, 200, 900, 400], "page_idx": page, **more}


def read(*items: Any, pages: str | None = None) -> list[tuple[Block, ...]]:
    return [page.blocks for page in decode(list(items), PageSelection.of(pages)).pages]


def test_every_item_of_a_content_list() -> None:
    (found,) = read(
        item("text", text="1 Counting ", text_level=2),
        item("text", text="Each part was weighed. "),
        item("equation", text="$$\na = b\n$$", text_format="latex", img_path="images/e.jpg"),
        item("equation", text="c = d", text_format="latex"),
        item("image", img_path="images/a.jpg", image_caption=["Figure 1"], image_footnote=["Source: us."], content="A scale."),
        item("table", img_path="images/t.jpg", table_caption=["Table 1", "Stock"], table_footnote=[""], table_body=ROWS),
        item("chart", img_path="images/c.jpg", content="", chart_caption="Chart 1", chart_footnote=[]),
        item("list", sub_type="text", list_items=["one", "two"]),
        item("list", sub_type="ref_text", list_items=["[1] A.", "[2] B."]),
        item("code", sub_type="code", code_body="```py\nx = 1\n```", code_caption=["Listing 1"], guess_lang="py"),
        item("seal", img_path="images/s.jpg", text="Company Ltd"),
        item("index", list_items=["1 Counting", "  1.1 Parts"]),
        item("phonetic", text="pin yin"),
        item("ref_text", text="[3] C."),
        {"bbox": [1, 2, 3, 4], "page_idx": 0},
    )
    assert [(block.kind, block.text) for block in found] == [
        ("title", "1 Counting"),
        ("text", "Each part was weighed."),
        ("equation", "a = b"),
        ("equation", "c = d"),
        ("figure", "A scale."),
        ("caption", "Figure 1"),
        ("caption", "Source: us."),
        ("caption", "Table 1"),
        ("caption", "Stock"),
        ("table", "Part\tQty\nP-1\t1\nP-2\t2"),
        ("chart", ""),
        ("caption", "Chart 1"),
        ("list", "one\ntwo"),
        ("reference", "[1] A.\n[2] B."),
        ("caption", "Listing 1"),
        ("code", "x = 1"),
        ("seal", "Company Ltd"),
        ("toc", "1 Counting\n1.1 Parts"),
        ("text", "pin yin"),
        ("reference", "[3] C."),
        ("other", ""),
    ]
    assert found[0].level == 2
    assert found[4].generated
    assert found[4].caption_ids == ("p1-5", "p1-6")
    assert found[9].caption_ids == ("p1-7", "p1-8")
    assert found[9].regions == (Region(1, BBox(0.1, 0.2, 0.9, 0.4)),)
    # A list has no boxes for captions.
    assert found[7].regions == (Region(1, None),)


def test_furniture_at_the_end_of_a_page_goes_back_to_its_top() -> None:
    (found,) = read(
        item("text", text="One."),
        item("footer", text="Draft", bbox=[100, 950, 900, 960]),
        item("page_number", text="4", bbox=[480, 970, 520, 980]),
        item("header", text="Report", bbox=[100, 20, 900, 40]),
        item("aside_text", text="arXiv", bbox=[5, 300, 20, 600]),
        item("page_footnote", text="1 A note.", bbox=[100, 900, 900, 920]),
    )
    assert [block.kind for block in found] == ["header", "text", "footnote", "aside", "footer", "page_number"]


def test_emptied_items_go_on_from_the_last_of_their_kind() -> None:
    pages = read(
        item("table", table_body=ROWS, img_path="images/t.jpg", table_caption=["Table 1"]),
        item("text", text="This procedure, which "),
        item("table", 1, img_path="", table_caption=[""], table_footnote=[""]),
        item("table", 2, img_path="images/"),
        item("text", 2, text=""),
    )
    assert [[block.continues for block in page] for page in pages] == [[None, None, None], ["p1-1"], ["p2-0", "p1-2"]]
    joined = assemble([Page(number, 0.0, 0.0, blocks=found) for number, found in enumerate(pages, 1)]).blocks
    assert [[region.page_number for region in block.regions] for block in joined] == [[1], [1, 2, 3], [1, 3]]


def test_boxes_in_fractions_and_missing_ones() -> None:
    (found,) = read(
        item("text", text="x", bbox=[0.1, 0.2, 0.9, 0.4]),
        item("text", text="x", bbox=[0, 0, 1, 1]),
        {"type": "text", "text": "x", "page_idx": 0},
    )
    assert [block.regions[0].bbox for block in found] == [BBox(0.1, 0.2, 0.9, 0.4), BBox(0.0, 0.0, 0.001, 0.001), None]


@pytest.mark.parametrize(
    ("indices", "asked", "numbers"),
    [
        ([0, 2], None, [1, 2, 3]),
        ([0, 1], "4-6", [4, 5, 6]),
        ([0, 2], "4-6", [4, 5, 6]),
        ([3, 5], "4-6", [4, 5, 6]),
        ([0, 5], "4-6", [1, 2, 3, 4, 5, 6]),
        ([], "4-6", [4, 5, 6]),
    ],
)
def test_pages_of_a_list_with_empty_ones_filled_in(indices: list[int], asked: str | None, numbers: list[int]) -> None:
    decoded = decode([item("text", index, text="x") for index in indices], PageSelection.of(asked))
    assert [page.number for page in decoded.pages] == numbers
    assert all(block.page_number == page.number for page in decoded.pages for block in page.blocks)


def test_a_page_index_of_a_list_is_not_believed_blindly() -> None:
    decoded = decode([item("text", 0, text="x"), item("text", 10**9, text="y"), item("text", -1, text="z"), 7])
    assert [[block.text for block in page.blocks] for page in decoded.pages] == [["x", "y", "z"]]
    assert [notice.code for notice in decoded.notices] == ["no_page_tree", "bad_block"]


def spans(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "content": text}]


def test_every_item_of_the_second_list() -> None:
    source = {"path": "images/a.jpg"}
    entries: list[tuple[str, dict[str, Any]]] = [
        ("title", {"title_content": spans("1 Counting"), "level": 2}),
        ("paragraph", {"paragraph_content": [*spans("where "), {"type": "equation_inline", "content": "a"}, *spans(" holds")]}),
        ("list", {"list_type": "text_list", "list_items": [{"item_type": "text", "item_content": spans("one")}]}),
        ("list", {"list_type": "reference_list", "list_items": [{"item_content": spans("[1] A.")}]}),
        ("index", {"list_items": [{"item_content": spans("1 Counting")}]}),
        ("equation_interline", {"math_content": "a = b", "math_type": "latex", "image_source": source}),
        ("image", {"image_source": source, "image_caption": spans("Figure 1"), "image_footnote": [], "content": ""}),
        ("table", {"image_source": source, "table_caption": spans("Table 1"), "table_footnote": [], "html": ROWS}),
        ("table", {"image_source": {"path": "images/"}, "table_caption": [], "table_footnote": [], "html": ""}),
        ("code", {"code_caption": [], "code_content": spans("x = 1"), "code_language": "py"}),
        ("algorithm", {"algorithm_caption": spans("Algorithm 1"), "algorithm_content": spans("repeat")}),
        ("seal", {"image_source": source, "seal_content": spans("Company Ltd")}),
        ("page_header", {"page_header_content": spans("Report")}),
        ("page_footnote", {"page_footnote_content": spans("1 A note.")}),
    ]
    listed: Any = [{"type": kind, "content": content, "bbox": [100, 200, 900, 400]} for kind, content in entries]
    decoded = decode([listed, []])
    assert [page.number for page in decoded.pages] == [1, 2]
    assert [(block.kind, block.text, block.continues) for block in decoded.pages[0].blocks] == [
        ("title", "1 Counting", None),
        ("text", "where $a$ holds", None),
        ("list", "one", None),
        ("reference", "[1] A.", None),
        ("toc", "1 Counting", None),
        ("equation", "a = b", None),
        ("figure", "", None),
        ("caption", "Figure 1", None),
        ("caption", "Table 1", None),
        ("table", "Part\tQty\nP-1\t1\nP-2\t2", None),
        ("table", "", "p1-9"),
        ("code", "x = 1", None),
        ("caption", "Algorithm 1", None),
        ("code", "repeat", None),
        ("seal", "Company Ltd", None),
        ("footnote", "1 A note.", None),
        ("header", "Report", None),
    ]
    assert decoded.pages[0].blocks[5].image == Image("file", "images/a.jpg")


MARKDOWN = """# 1 Inventory \\*report\\*

Each part was weighed
twice.

- one
- two

<table><tr><td>Part</td></tr>

<tr><td>P-1</td></tr></table>

| A | B |
| --- | --- |
| 1 | 2 |

$$
a = b
$$

```py
x = 1

y = 2
```

![](images/a.jpg)
Figure 1

<a id="_Toc1"></a>
## 2 Method ##
"""


def test_markdown_is_the_last_resort_and_says_so() -> None:
    decoded = decode(Blob(MARKDOWN.encode(), "text/markdown"), PageSelection.of("4-5"))
    assert [(page.number, len(page.blocks)) for page in decoded.pages] == [(4, 9), (5, 0)]
    assert [notice.code for notice in decoded.notices] == ["no_pages"]
    assert all(block.regions == () for block in decoded.pages[0].blocks)
    assert [(block.kind, block.text) for block in decoded.pages[0].blocks] == [
        ("title", "1 Inventory *report*"),
        ("text", "Each part was weighed twice."),
        ("list", "- one\n- two"),
        ("table", "Part\nP-1"),
        ("table", "| A | B |\n| --- | --- |\n| 1 | 2 |"),
        ("equation", "a = b"),
        ("code", "x = 1\n\ny = 2"),
        ("figure", "Figure 1"),
        ("title", "2 Method"),
    ]


@given(st.text(st.sampled_from("#$`|-<>table/!\\[]() \n ab"), max_size=200))
def test_no_markdown_breaks_the_reader(text: str) -> None:
    for block in blocks_of(text):
        assert "\x00" not in block.text


@given(st.lists(st.text(st.sampled_from("ab-字。 "), min_size=1, max_size=6), max_size=6))
def test_joining_lines_loses_no_character_but_hyphens(lines: list[str]) -> None:
    kept = [char for char in "".join(lines) if char not in "- "]
    assert [char for char in join_texts(lines) if char not in "- "] == kept
