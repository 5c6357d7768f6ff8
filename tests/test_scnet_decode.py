"""SCNet's results as blocks: every type, every shape of a file, every form of a box, headings, seals, pictures, and damage."""

import io
import json
import os
import random
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docparse_loaders.errors import DocParseError, ProtocolError
from docparse_loaders.model import BBox, Block, Image
from docparse_loaders.vendors.protocol import Blob, Decoded, Parts
from docparse_loaders.vendors.scnet.decode import UNLINKED, decode
from mutations import mutated
from scnet_pages import REST, TABLE, block, output, page, polled, report, result


def _blocks(*blocks: Any, **fields: Any) -> tuple[Block, ...]:
    return decode(result(page(*blocks, **fields))).pages[0].blocks


def _blob(value: Any, media_type: str = "application/json") -> Blob:
    return Blob(json.dumps(value).encode(), media_type)


DOCUMENTED = {
    "text": "text",
    "chart": "chart",
    "formula": "equation",
    "footer": "footer",
    "header": "header",
    "image": "figure",
    "seal": "seal",
    "table": "table",
}


@pytest.mark.parametrize(("label", "kind"), [*DOCUMENTED.items(), ("Text", "text"), ("TABLE", "table"), ("title", "title")])
def test_every_type_has_its_kind_and_keeps_its_label(label: str, kind: str) -> None:
    (found,) = _blocks(block(label, "x"))
    assert (found.kind, found.label, found.text) == (kind, label, "x")


@pytest.mark.parametrize("label", ["hologram", "", None, 7])
def test_an_unknown_type_is_kept(label: Any) -> None:
    (found,) = _blocks(block(label, "text of it"))
    assert (found.kind, found.text) == ("other", "text of it")
    assert found.label == ("" if label is None else str(label))


def test_the_report_end_to_end() -> None:
    decoded = decode(report())
    assert not decoded.notices
    first, second = decoded.pages
    assert (first.number, second.number) == (1, 2)
    assert (first.width, first.height, first.unit, first.rotation) == (1000.0, 2000.0, "pixel", 0)
    assert [(b.kind, b.level, b.text) for b in first.blocks] == [
        ("header", None, "Inventory report"),
        ("title", 1, "Inventory report"),
        ("title", 2, "1 Counting"),
        ("text", None, "The warehouse was counted in spring."),
        ("equation", None, r"w=\min(w_1,w_2)"),
        ("seal", None, "CHECKED"),
        ("figure", None, ""),
        ("table", None, first.blocks[7].text),
        ("footer", None, "1"),
    ]
    assert first.blocks[4].latex == r"w=\min(w_1,w_2)"
    assert first.blocks[6].image == Image("base64", "iVBORw0KGgo=", "image/png")
    assert first.blocks[7].html == TABLE
    assert "P-001" in first.blocks[7].text
    assert "<" not in first.blocks[7].text
    assert [b.label for b in first.blocks if "/" in b.label] == ["text/title", "image/photo"]
    assert [b.kind for b in second.blocks] == ["table", "chart", "other"]
    assert second.blocks[1].image == Image("base64", "/9j/4AAQ", "image/jpeg")


def test_what_goes_on_over_a_page_is_linked_unless_it_is_not_wanted() -> None:
    assert decode(report()).pages[1].blocks[0].continues == "p1-7"
    assert decode(_blob(report())).pages[1].blocks[0].continues == "p1-7"
    assert decode(_blob(report(), UNLINKED)).pages[1].blocks[0].continues is None
    parts = Parts(tuple(_blob(result(sheet), UNLINKED) for sheet in report()["documents"][0]["datas"]))
    assert decode(parts).pages[1].blocks[0].continues is None


A, B = page(block("text", "One.")), page(block("text", "Two."))
SHAPES: dict[str, Any] = {
    "documents": {"taskId": "1", "documents": [{"datas": [A, B]}]},
    "several documents": {"task_id": "1", "documents": [{"datas": [A]}, {"datas": [B]}]},
    "datas": {"task_id": 1, "datas": [A, B]},
    "empty documents": {"taskId": "1", "documents": [{"datas": []}], "datas": [A, B]},
    "a list": [A, B],
    "a list of documents": [{"datas": [A]}, {"datas": [B]}],
    "data": {"data": {"datas": [A, B]}},
    "result": {"result": {"documents": [{"datas": [A, B]}]}},
    "data, a list": {"code": "0", "data": [A, B]},
    "data in data": {"data": {"result": [A, B]}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_file_gives_the_same_pages(shape: str) -> None:
    decoded = decode(SHAPES[shape])
    assert [(p.number, p.blocks[0].text, p.blocks[0].id) for p in decoded.pages] == [(1, "One.", "p1-0"), (2, "Two.", "p2-0")]
    assert decode(_blob(SHAPES[shape])) == decoded
    assert decode(Blob(b"\xef\xbb\xbf" + json.dumps(SHAPES[shape]).encode())) == decoded


def test_one_page_alone_is_a_result_too() -> None:
    assert decode(A).pages[0].blocks[0].text == "One."


def test_pages_are_counted_over_all_files() -> None:
    parts = Parts((_blob(result(A, B)), _blob([B]), Blob(b"# Three\n\nText.", "text/markdown")))
    decoded = decode(parts)
    assert [(p.number, [b.text for b in p.blocks]) for p in decoded.pages] == [
        (1, ["One."]),
        (2, ["Two."]),
        (3, ["Two."]),
        (4, ["Three", "Text."]),
    ]
    assert {b.regions[0].page_number for b in decoded.pages[3].blocks} == {4}
    assert [b.id for b in decoded.pages[3].blocks] == ["p4-0", "p4-1"]


def test_one_file_without_pages_makes_the_whole_no_result() -> None:
    with pytest.raises(ProtocolError, match="holds no pages"):
        decode(Parts((_blob(result(A)), _blob({"error": "gone"}))))


def test_a_folder_is_read_by_the_numbers_in_its_names() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("r/10_result.json", json.dumps(result(B)))
        archive.writestr("r/9_result.json", json.dumps(result(A)))
        archive.writestr("r/poll.json", json.dumps(polled(output("running"))))
        archive.writestr("r/page.md", "# not needed")
    assert [p.blocks[0].text for p in decode(Blob(data.getvalue(), "application/zip")).pages] == ["One.", "Two."]


class TestMarkdown:
    """Where nothing better is left."""

    @pytest.mark.parametrize(
        "raw",
        [
            {"md": {"markdown_content": "# Head\n\nBody."}},
            {"md": "# Head\n\nBody.", "blocks": []},
            {"md": {"markdown": "# Head\n\nBody."}, "blocks": None},
            {"markdown": "# Head\n\nBody."},
            {"content": "# Head\n\nBody."},
            "# Head\n\nBody.",
        ],
    )
    def test_a_page_without_blocks_is_its_markdown(self, raw: Any) -> None:
        decoded = decode({"datas": [raw]})
        assert [(b.kind, b.level, b.text) for b in decoded.pages[0].blocks] == [("title", 1, "Head"), ("text", None, "Body.")]
        assert all(b.regions[0].bbox is None for b in decoded.pages[0].blocks)
        assert [n.code for n in decoded.notices] == ["no_places"]

    def test_a_file_may_be_markdown(self) -> None:
        for data in (b"# Head\n\nBody.", b'"# Head\\n\\nBody."', b"2026"):
            decoded = decode(Blob(data))
            assert len(decoded.pages) == 1
            assert decoded.pages[0].blocks[0].text in {"Head", "2026"}

    def test_blocks_without_content_give_way_to_it(self) -> None:
        blocks = _blocks(None, block("text"), markdown="Body.")
        assert [(b.id, b.text) for b in blocks] == [("p1-1", ""), ("p1-2", "Body.")]

    def test_a_page_of_pictures_has_its_text_and_each_picture_once(self) -> None:
        picture = block("image", sub_img="iVBORw0KGgo=")
        decoded = decode(result(page(picture, markdown="Body.\n\n![](a.png)"), page(picture, markdown="![](a.png)")))
        assert [[(b.id, b.kind, b.text) for b in p.blocks] for p in decoded.pages] == [
            [("p1-0", "figure", ""), ("p1-1", "text", "Body.")],
            [("p2-0", "figure", "")],
        ]
        assert [(n.code, n.page_number) for n in decoded.notices] == [("no_places", 1)]

    def test_a_page_with_blocks_does_not_repeat_it(self) -> None:
        assert [b.text for b in _blocks(block("text", "Body."), markdown="Body.")] == ["Body."]


class TestBoxes:
    """Their form is not documented."""

    FORMS: tuple[Any, ...] = (
        [100, 200, 500, 400],
        [100.0, 200.0, 500.0, 400.0],
        ["100", "200", "500", "400"],
        [500, 400, 100, 200],
        [100, 200, 500, 200, 500, 400, 100, 400],
        [[100, 200], [500, 200], [500, 400], [100, 400]],
        [[100, 200], [500, 400]],
        [{"x": 100, "y": 200}, {"x": 500, "y": 200}, {"x": 500, "y": 400}, {"x": 100, "y": 400}],
        {"x": 100, "y": 200, "width": 400, "height": 200},
        [0.1, 0.1, 0.5, 0.2],
        [0.1, 0.1, 0.5, 0.1, 0.5, 0.2, 0.1, 0.2],
        [[0.1, 0.1], [0.5, 0.1], [0.5, 0.2], [0.1, 0.2]],
    )

    @pytest.mark.parametrize("form", FORMS)
    def test_every_form_is_the_same_box(self, form: Any) -> None:
        decoded = decode(result(page(block("text", "x", bbox=form))))
        assert decoded.pages[0].blocks[0].regions[0].bbox == pytest.approx((0.1, 0.1, 0.5, 0.2))
        assert not decoded.notices

    def test_the_whole_page_and_what_reaches_over_its_edge(self) -> None:
        whole, over = _blocks(block("image", bbox=[0, 0, 1, 1]), block("text", "x", bbox=[-5, 0, 1020, 2001]))
        assert whole.regions[0].bbox == over.regions[0].bbox == BBox(0.0, 0.0, 1.0, 1.0)

    @pytest.mark.parametrize("form", [None, [], {}])
    def test_no_box_is_no_fault(self, form: Any) -> None:
        decoded = decode(result(page(block("text", "x", bbox=form))))
        assert decoded.pages[0].blocks[0].regions[0].bbox is None
        assert not decoded.notices

    @pytest.mark.parametrize(
        "form", [[1, 2, 3], ["a", 1, 2, 3], [5, 2, 3, None], "1,2,3,4", 7, [3000, 9, 4000, 10], [10**400, 0, 1, 1], {"x": 9}]
    )
    def test_what_cannot_be_a_box_is_told(self, form: Any) -> None:
        decoded = decode(result(page(block("text", "kept", bbox=form))))
        assert decoded.pages[0].blocks[0].text == "kept"
        assert decoded.pages[0].blocks[0].regions[0].bbox is None
        assert [(n.code, n.page_number) for n in decoded.notices] == [("bad_box", 1)]

    def test_without_a_size_only_fractions_are_boxes(self) -> None:
        raw = page(block("text", "a", bbox=[0.1, 0.1, 0.5, 0.2]), block("text", "b", bbox=[100, 200, 500, 400]), width=None)
        decoded = decode(result(raw))
        assert decoded.pages[0].unit == "unknown"
        assert [b.regions[0].bbox for b in decoded.pages[0].blocks] == [BBox(0.1, 0.1, 0.5, 0.2), None]
        assert [n.code for n in decoded.notices] == ["bad_box"]


class TestHeadings:
    """No block has a level."""

    def test_each_heading_of_the_markdown_is_one_block(self) -> None:
        blocks = _blocks(
            block("header", "Report"),
            block("text", "Report"),
            block("text", "2.1 The", "method"),
            block("text", "Report"),
            markdown="# Report\n\n### **2.1** The method\n\nReport\n",
        )
        assert [(b.kind, b.level) for b in blocks] == [("header", None), ("title", 1), ("title", 3), ("text", None)]

    def test_a_heading_of_any_length_is_found_and_a_paragraph_that_begins_like_it_is_not(self) -> None:
        long = "On the counting of parts in warehouses " * 20
        blocks = _blocks(
            block("text", "Report on what was found and much more of it."),
            block("text", long),
            markdown=f"# Report\n\n## {long}",
        )
        assert [b.level for b in blocks] == [None, 2]

    @pytest.mark.parametrize("detail", ["title", "doc_title", "Paragraph Title"])
    def test_a_sub_type_says_that_it_is_one(self, detail: str) -> None:
        with_level, without = _blocks(
            block("text", "Known", sub_type=detail), block("text", "Else", sub_type=detail), markdown="## Known"
        )
        assert (with_level.kind, with_level.level) == ("title", 2)
        assert (without.kind, without.level) == ("title", None)

    def test_marks_of_markdown_are_not_text(self) -> None:
        marked, hashtag = _blocks(block("text", "## Marked ##"), block("text", "#1 of them"))
        assert (marked.kind, marked.level, marked.text) == ("title", 2, "Marked")
        assert (hashtag.kind, hashtag.text) == ("text", "#1 of them")


def test_lines_are_a_paragraph_and_items_are_lines() -> None:
    western, eastern, items = _blocks(
        block("text", "The ware-", "house was", "counted."),
        block("text", "仓库在", "春天盘点。"),
        block("text", "- one goes", "on", "- two", "3) three"),
    )
    assert western.text == "The warehouse was counted."
    assert eastern.text == "仓库在春天盘点。"
    assert items.text == "- one goes on\n- two\n3) three"


def test_lines_may_be_strings_numbers_or_one_text() -> None:
    strings, number, whole, content = _blocks(
        block("text", lines=["a", "b"]),
        block("text", lines=[{"text": 0}]),
        block("text", lines="a b"),
        {"type": "text", "text": "a b"},
    )
    assert [b.text for b in (strings, number, whole, content)] == ["a b", "0", "a b", "a b"]


def test_seals_have_the_text_of_their_blocks_however_deep() -> None:
    inner = {"lines": [{"text": "CHECKED"}], "blocks": [{"lines": [{"text": "2026"}]}, "loose"]}
    flat, nested, both = _blocks(
        block("seal", "PAID"),
        block("seal", blocks=[inner, {"latex": "$x$"}, {"html": TABLE}, None]),
        block("seal", "PAID", blocks=[{"lines": [{"text": "PAID"}]}]),
    )
    assert (flat.text, both.text) == ("PAID", "PAID")
    assert nested.text.startswith("CHECKED\n2026\nloose\nx\nPart")


def test_blocks_nested_beyond_all_measure_are_read() -> None:
    inner: Any = {"lines": [{"text": "deep"}]}
    for _ in range(5000):
        inner = {"blocks": [inner]}
    assert _blocks(block("seal", blocks=[inner]))[0].text == "deep"


def test_tables() -> None:
    twice, lines, chart, pipes, both = _blocks(
        block("table", "Part", "P-001", html=TABLE),
        block("table", "Part", "P-001"),
        block("chart", html=TABLE),
        block("table", html="|a|b|"),
        block("table", "Part", html="none"),
    )
    assert (twice.html, twice.text) == (TABLE, chart.text)
    assert (lines.html, lines.text) == (None, "Part\nP-001")
    assert chart.html == TABLE
    assert (pipes.html, pipes.text) == (None, "|a|b|")
    assert (both.html, both.text) == (None, "Part\nnone")


@pytest.mark.parametrize("latex", ["x^2", "$x^2$", "$$\nx^2\n$$", r"\[x^2\]"])
def test_formulas_lose_their_marks(latex: str) -> None:
    (found,) = _blocks(block("formula", "x2", latex=latex))
    assert (found.latex, found.text) == ("x^2", "x^2")


def test_a_formula_that_was_not_understood_keeps_its_lines() -> None:
    (found,) = _blocks(block("formula", "x = 2"))
    assert (found.latex, found.text) == (None, "x = 2")


@pytest.mark.parametrize(
    ("value", "image"),
    [
        ("", None),
        (None, None),
        (7, None),
        ("iVBORw0KGgo=", Image("base64", "iVBORw0KGgo=", "image/png")),
        ("data:image/webp;base64,UklGRg==", Image("base64", "UklGRg==", "image/webp")),
        ("https://img.example.test/a.png?sig=1", Image("url", "https://img.example.test/a.png?sig=1")),
        ("AAAA", Image("base64", "AAAA")),
    ],
)
def test_pictures(value: Any, image: Image | None) -> None:
    (found,) = _blocks(block("image", "words in it", sub_img=value))
    assert found.image == image
    assert (found.text, found.generated) == ("words in it", False)


@pytest.mark.parametrize(("angle", "rotation"), [(0, 0), (None, 0), (90, 90), ("270", 270), (-90, 270), (359.9, 0)])
def test_a_turned_page_is_told(angle: Any, rotation: int) -> None:
    decoded = decode(result(page(block("text", "x"), rotate_angle=angle)))
    assert decoded.pages[0].rotation == rotation
    assert [n.code for n in decoded.notices] == (["rotated_page"] if angle else [])


def test_what_is_not_an_object_is_told() -> None:
    decoded = decode({"datas": [page(7, None, block("text", "kept")), 3]})
    assert [[b.text for b in p.blocks] for p in decoded.pages] == [["kept"], []]
    assert [(n.code, n.page_number) for n in decoded.notices] == [("bad_block", 1), ("bad_page", 2)]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (None, "holds no pages"),
        (7, "holds no pages"),
        ({}, "holds no pages"),
        ([], "holds no pages"),
        ({"datas": []}, "has no pages"),
        ({"documents": []}, "has no pages"),
        (polled(output("running")), "'running'"),
        ({"code": "10011", "msg": "Burst"}, "'10011'"),
        (Parts(()), "has no pages"),
        (Blob(b""), "neither JSON nor Markdown"),
        (Blob(b"\x89PNG\x00\x00"), "neither JSON nor Markdown"),
        (Blob(b"PK\x03\x04 cut"), "cut short"),
        (Blob(json.dumps(report()).encode()[:-9]), "damaged or cut short"),
    ],
)
def test_what_is_no_result_is_refused(other: Any, said: str) -> None:
    with pytest.raises(ProtocolError, match=said) as caught:
        decode(other)
    assert caught.value.hint


def test_text_that_no_database_stores_is_cleaned() -> None:
    assert _blocks(block("text", "a\x00b\ud800c 中"))[0].text == "abc 中"


def _sound(decoded: Decoded) -> None:
    assert [p.number for p in decoded.pages] == list(range(1, len(decoded.pages) + 1))
    blocks = [b for p in decoded.pages for b in p.blocks]
    assert len({b.id for b in blocks}) == len(blocks)
    assert all(0.0 <= corner <= 1.0 for b in blocks for r in b.regions if r.bbox for corner in r.bbox)


WHOLES: tuple[Any, ...] = (report(), SHAPES["datas"], [page(block("table", html=REST)), "# Markdown"])


@settings(max_examples=100 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 40, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_results_are_decoded_or_refused_but_never_crash(seed: int) -> None:
    """20,000 damaged results in all, a third of them as bytes."""
    rng = random.Random(seed)  # noqa: S311  (damage, no secret)
    for number in range(200):
        damaged = mutated(rng.choice(WHOLES), rng, rng.randint(1, 50))
        try:
            _sound(decode(_blob(damaged) if number % 3 == 0 else damaged))
        except DocParseError as error:
            assert error.hint  # noqa: PT017  (both outcomes are fine, an error without advice is not)
