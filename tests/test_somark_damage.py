"""SoMark's results with something missing or broken in them: it is said on the document, and the rest is there."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.document import ParsedDocument, document_of
from docparse_loaders.errors import DocParseError, ProtocolError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.somark.decode import decode
from docparse_loaders.vendors.somark.wire import SoMarkVendor
from growth import assert_linear
from somark_pages import answer, block, page, report

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)


def document(payload: Any) -> ParsedDocument:
    return document_of(decode(payload), FACTS, SoMarkVendor())


def told(payload: Any) -> list[tuple[str, int, str]]:
    return [(n.code, n.page_number, n.message) for n in document(payload).warnings]


def test_a_result_in_order_tells_nothing() -> None:
    assert told(report()) == []


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({"page_num": 7, "block_idx": 0}, "dangling_link"),
        ({"page_num": 0, "block_idx": 99}, "dangling_link"),
        ({"page_num": 10**40, "block_idx": 0}, "dangling_link"),
        ({"page_num": None, "block_idx": 0}, "bad_link"),
        ({"block_idx": 0}, "bad_link"),
        ({}, "bad_link"),
        ([0, 0], "bad_link"),
        ("page 1", "bad_link"),
        (True, "bad_link"),
    ],
)
@pytest.mark.parametrize("name", ["text_cross_page", "table_cross_page"])
def test_a_link_without_a_head_becomes_a_notice(name: str, link: Any, code: str) -> None:
    decoded = decode(answer(page(0, block(0, "text", "a")), page(1, block(0, "text", "b", **{name: link}))))
    assert [(b.text, b.continues) for b in decoded.pages[1].blocks] == [("b", None)]
    assert [(n.code, n.page_number) for n in decoded.notices] == [(code, 2)]


@pytest.mark.parametrize("link", [None, False])
def test_no_link_is_none(link: Any) -> None:
    decoded = decode(answer(page(0, block(0, "text", "b", text_cross_page=link, table_cross_page=link))))
    assert not decoded.notices


def test_of_two_links_the_one_that_leads_somewhere_counts() -> None:
    good = {"page_num": 0, "block_idx": 0}
    decoded = decode(answer(page(0, block(0, "table")), page(1, block(0, "table", text_cross_page={}, table_cross_page=good))))
    assert decoded.pages[1].blocks[0].continues == "p1-0"
    assert [n.code for n in decoded.notices] == ["bad_link"]


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({"p1-1": (0, 1)}, [("dangling_link", 1)]),  # itself
        ({"p1-0": (0, 1)}, [("dangling_link", 1)]),  # one that comes later
        ({"p1-0": (1, 0), "p2-0": (0, 0)}, [("dangling_link", 1)]),  # in a circle: the way back is a way forward
    ],
)
def test_a_link_in_a_circle_never_fails_the_document(links: dict[str, tuple[int, int]], said: list[tuple[str, int]]) -> None:
    def made(name: str) -> dict[str, Any]:
        link = links.get(name)
        more = {"text_cross_page": {"page_num": link[0], "block_idx": link[1]}} if link else {}
        return block(int(name[-1]), "text", f"words of {name} that", **more)

    whole = document(answer(page(0, made("p1-0"), made("p1-1")), page(1, made("p2-0"))))
    assert [(n.code, n.page_number) for n in whole.warnings] == said
    assert sorted(" ".join(b.text for b in whole.blocks).split().count(name) for name in ("p1-0", "p1-1", "p2-0")) == [1, 1, 1]


class TestDamage:
    """Whatever cannot be used is said on the document, and the rest of the document is there."""

    @pytest.mark.parametrize("bbox", [[], [1, 2, 3], ["a", 1, 2, 3], [1, 2, 3, None], {}, "1,2,3,4", [[1, 2], [3, 4]], 7])
    def test_a_malformed_box(self, bbox: Any) -> None:
        whole = answer(page(0, block(0, "text", "kept", bbox=bbox), block(1, "text", "too")), page(1, block(0, "text")))
        assert [b.text for b in document(whole).pages[0].blocks] == ["kept", "too"]
        assert told(whole) == [
            ("bad_box", 1, "1 blocks have a box that is not four numbers, the first on page 1."),
            ("no_box", 1, "1 blocks have no box, the first on page 1."),
        ]

    def test_a_box_that_is_not_there_is_not_a_malformed_one(self) -> None:
        missing = block(0, "text", "kept")
        del missing["bbox"]
        said = [("no_box", 1, "2 blocks have no box, the first on page 1.")]
        assert told(answer(page(0, missing, block(1, "text", bbox=None)))) == said

    @pytest.mark.parametrize("size", [None, {}, [1190, 1684], {"w": 0, "h": 10}, {"w": "wide", "h": 10}, {"w": -1, "h": -1}])
    def test_a_page_without_a_size(self, size: Any) -> None:
        whole = answer(page(0, block(0, "text", "kept"), page_size=size), page(1, block(0, "text")))
        assert document(whole).pages[0].blocks[0].text == "kept"
        assert document(whole).pages[0].blocks[0].regions[0].bbox is None
        said = "page 1 has no size, so that the boxes on it mean nothing and were left out."
        assert told(whole) == [("no_size", 1, said)]

    @pytest.mark.parametrize("instead", [None, "text", 3, {}, True])
    def test_no_list_of_blocks(self, instead: Any) -> None:
        whole = answer(page(0, block(0, "text", "kept")), page(1, blocks=instead))
        assert [len(found.blocks) for found in document(whole).pages] == [1, 0]
        assert told(whole) == [("no_blocks", 2, "page 2 has no list of blocks, and its text may be lost.")]

    def test_a_page_that_never_had_blocks(self) -> None:
        bare = page(1)
        del bare["blocks"]
        assert [code for code, _, _ in told(answer(page(0, block(0, "text")), bare))] == ["no_blocks"]
        assert told(answer(page(0))) == []

    @pytest.mark.parametrize("instead", [None, "text", 3, [], True])
    def test_a_page_that_is_none(self, instead: Any) -> None:
        whole = answer(page(0, block(0, "text", "kept")), instead, page(2, block(0, "text", "too")))
        assert [(found.number, len(found.blocks)) for found in document(whole).pages] == [(1, 1), (2, 0), (3, 1)]
        assert told(whole) == [("bad_page", 2, "page 2 is not an object, and its text may be lost.")]

    @pytest.mark.parametrize("instead", [None, "text", 3, [], True])
    def test_blocks_that_are_none_are_counted(self, instead: Any) -> None:
        whole = answer(page(0, block(0, "text", "kept")), page(1, instead, block(1, "text", "too"), instead))
        assert [b.text for found in document(whole).pages for b in found.blocks] == ["kept", "too"]
        assert told(whole) == [("bad_block", 2, "2 blocks are not objects and were left out, the first on page 2.")]

    @pytest.mark.parametrize("number", [None, "one", -1, 10**9, 1.5, []])
    def test_a_page_without_a_number(self, number: Any) -> None:
        whole = answer(page(0, block(0, "text")), page(number, block(0, "text", "kept")))
        assert [found.number for found in document(whole).pages] == [1, 2]
        said = "page 2 does not say its number, and its place in the result was taken for it."
        assert told(whole) == [("no_number", 2, said)]

    @pytest.mark.parametrize("content", [["a cell", "another"], [["a", "b"], ["c", "d"]], {"rows": []}, True, []])
    @pytest.mark.parametrize("kind", ["text", "table", "equation", "figure"])
    def test_a_content_that_is_no_text(self, kind: str, content: Any) -> None:
        whole = answer(page(0, block(0, kind, content), block(1, "text", "kept")))
        assert [b.text for b in document(whole).pages[0].blocks] == ["", "kept"]
        assert told(whole) == [
            ("bad_text", 1, "1 blocks have a content that is no text, and it was left out, the first on page 1.")
        ]

    @pytest.mark.parametrize("content", [None, "", 0, 12.5])
    def test_no_content_and_a_number_are_content(self, content: Any) -> None:
        assert told(answer(page(0, block(0, "figure", content)))) == []

    @pytest.mark.parametrize("captions", [None, "1", 1, {}])
    def test_captions_that_are_no_list(self, captions: Any) -> None:
        whole = answer(page(0, block(0, "figure", captions=captions), block(1, "figure_caption", "Figure 1")))
        assert document(whole).pages[0].blocks[0].caption_ids == ()
        assert told(whole) == [("bad_captions", 1, "1 blocks have captions that are no list, the first on page 1.")]

    @pytest.mark.parametrize("captions", [[None], [9], ["one"], [[1]], [1, None]])
    def test_captions_that_are_not_there(self, captions: Any) -> None:
        whole = answer(page(0, block(0, "figure", captions=captions), block(1, "figure_caption", "Figure 1")))
        assert document(whole).pages[0].blocks[0].caption_ids == (("p1-1",) if 1 in captions else ())
        assert told(whole) == [
            ("dangling_caption", 1, "1 blocks name a caption that is not on their page, the first on page 1.")
        ]

    @pytest.mark.parametrize("address", [[], {}, 7, True])
    def test_a_picture_that_is_none(self, address: Any) -> None:
        whole = answer(page(0, block(0, "figure", "kept", img_url=address)))
        assert (document(whole).pages[0].blocks[0].text, document(whole).pages[0].blocks[0].image) == ("kept", None)
        assert told(whole) == [("bad_image", 1, "1 blocks have an img_url that is no address, the first on page 1.")]

    @pytest.mark.parametrize("level", [0, -1, "x", [], 1.5, True])
    def test_a_level_that_is_none(self, level: Any) -> None:
        whole = answer(page(0, block(0, "title", "1 One", title_level=level), block(1, "text", title_level=level)))
        assert told(whole) == [("bad_level", 1, "1 blocks have a title_level that is no level, the first on page 1.")]

    def test_a_page_that_goes_on_from_nothing(self) -> None:
        words = block(0, "text", "and so on")
        said = "page 1 goes on from the page before, and nothing is there that it could go on from."
        assert told(answer(page(0, words, merge_content_from_pre_page=True))) == [("no_head", 1, said)]
        empty = answer(page(0, block(0, "footer", "1")), page(1, words, merge_content_from_pre_page=True))
        assert [(code, number) for code, number, _ in told(empty)] == [("no_head", 2)]

    def test_a_result_that_is_broken_everywhere_is_told_in_a_few_lines(self) -> None:
        fields = {"content": [], "bbox": 7, "captions": None, "img_url": 3, "title_level": "x", "text_cross_page": []}
        broken = block(0, "title") | fields
        whole = answer(*(page(number, blocks=[*[broken] * 40, None]) for number in range(40)))
        found = {code: message.split()[0] for code, _, message in told(whole)}
        assert found == {"bad_block": "40", **dict.fromkeys(("bad_box", "no_box"), "1600")} | dict.fromkeys(
            ("bad_text", "bad_level", "bad_image", "bad_captions", "bad_link"), "1600"
        )

    @pytest.mark.parametrize("pages", [None, {}, "text", 3])
    def test_only_a_result_without_pages_is_refused(self, pages: Any) -> None:
        with pytest.raises(ProtocolError, match="holds no list of pages"):
            decode({"code": 0, "data": {"status": "SUCCESS", "result": {"outputs": {"json": {"pages": pages}}}}})


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just([None, 1])
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in ((*path, key), *_places(inner, (*path, key)))]


PLACES = _places(report())


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("path", [path for path in PLACES if isinstance(_at(report(), path), list)])
@pytest.mark.parametrize("instead", [None, "text", {}])
def test_no_list_goes_missing_in_silence(path: tuple[Any, ...], instead: Any) -> None:
    """Pages, blocks, boxes and captions: each is said, and only a result without any page is refused."""
    payload: Any = copy.deepcopy(report())
    _at(payload, path[:-1])[path[-1]] = instead
    if path[-1] == "pages":
        with pytest.raises(ProtocolError):
            decode(payload)
        return
    code = {"blocks": {"no_blocks"}, "bbox": {"no_box"}, "captions": {"bad_captions"}}[path[-1]]
    assert code <= {code for code, _, _ in told(payload)}
    assert len(document(payload).pages) == 3


@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=4))
def test_a_damaged_result_is_decoded_or_refused_but_never_crashes(damage: list[tuple[tuple[Any, ...], Any]]) -> None:
    payload: Any = copy.deepcopy(report())
    for path, junk in damage:
        here = payload
        try:
            for key in path[:-1]:
                here = here[key]
            here[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue
    try:
        decoded = decode(payload)
    except DocParseError:
        return
    for found in decoded.pages:
        assert len({b.id for b in found.blocks}) == len(found.blocks)
        assert all(0.0 <= c <= 1.0 for b in found.blocks for r in b.regions if r.bbox for c in r.bbox)


def test_a_hostile_result_takes_no_longer_than_its_size() -> None:
    """Every block names every other as its caption's number, and all of them have the same one."""

    def work(count: int) -> None:
        blocks = [block(0, "text", captions=[0, None], text_cross_page={"page_num": 0, "block_idx": n}) for n in range(count)]
        assert len(decode(answer(page(0, *blocks))).notices) == 2

    assert_linear(work, small=500)
