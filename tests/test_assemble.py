"""Assembly: chains over pages, what a joined block keeps, and links that make no sense."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.assemble import Assembly, assemble
from docparse_loaders.model import BBox, Block, Image, Kind, Page, Region
from docparse_loaders.tables import grid_of
from growth import assert_linear


def block(name: str, text: str = "", *, page: int = 1, kind: Kind = "text", continues: str | None = None) -> Block:
    return Block(name, kind, text=text, regions=(Region(page, BBox(0.1, 0.1, 0.9, 0.2)),), continues=continues)


def pages_of(*pages: Sequence[Block]) -> list[Page]:
    return [Page(number, 595, 842, "point", 0, tuple(blocks)) for number, blocks in enumerate(pages, 1)]


def texts(assembly: Assembly) -> list[str]:
    return [item.text for item in assembly.blocks]


def test_a_document_without_links_keeps_its_very_blocks() -> None:
    blocks = [replace(block("t", "Title", kind="title"), level=1), block("a", "one"), block("h", "head", kind="header")]
    assembled = assemble(pages_of(blocks))
    assert all(mine is theirs for mine, theirs in zip(assembled.blocks, blocks, strict=True))
    assert assembled.notices == ()


def test_nothing_is_an_empty_document() -> None:
    assert assemble([]).blocks == ()
    assert assemble(pages_of([], [])).outline.headings == ()


@pytest.mark.parametrize("links", [("a", "b", "c"), ("a", "a", "a"), ("a", "b", "a")])
def test_a_chain_may_name_the_part_before_or_the_first_one(links: tuple[str, str, str]) -> None:
    parts = [
        block(name, f"{name} text", page=page, continues=link)
        for page, (name, link) in enumerate(zip("bcd", links, strict=True), 2)
    ]
    assembled = assemble(pages_of([block("a", "a text")], *([part] for part in parts)))
    assert texts(assembled) == ["a text b text c text d text"]
    assert assembled.blocks[0].id == "a"
    assert [region.page_number for region in assembled.blocks[0].regions] == [1, 2, 3, 4]
    assert assembled.notices == ()


def test_furniture_stays_where_it_stands() -> None:
    first = [block("a", "It goes"), block("f", "page 1", kind="footer")]
    second = [block("h", "head", page=2, kind="header"), block("b", "on.", page=2, continues="a"), block("c", "Next", page=2)]
    assert [item.id for item in assemble(pages_of(first, second)).blocks] == ["a", "f", "h", "c"]
    assert assemble(pages_of(first, second)).blocks[0].text == "It goes on."


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("nowhere", "dangling_link"),
        ("b", "dangling_link"),
        ("later", "dangling_link"),
        ("table", "unjoined_link"),
        ("pic", "unjoined_link"),
    ],
)
def test_a_link_that_makes_no_sense_leaves_the_block_alone(link: str, code: str) -> None:
    first = [block("a", "one"), block("table", "|x|", kind="table"), block("pic", "seen", kind="figure")]
    second = [block("b", "two", page=2, continues=link), block("later", "three", page=2)]
    assembled = assemble(pages_of(first, second))
    assert texts(assembled) == ["one", "|x|", "seen", "two", "three"]
    assert [(notice.code, notice.page_number) for notice in assembled.notices] == [(code, 2)]
    assert "b" in assembled.notices[0].message


def test_a_cycle_is_cut_at_its_first_block() -> None:
    first = block("a", "one", continues="c")
    assembled = assemble(
        pages_of([first], [block("b", "two", page=2, continues="a")], [block("c", "three", page=3, continues="b")])
    )
    assert texts(assembled) == ["one two three"]
    assert [notice.code for notice in assembled.notices] == ["dangling_link"]


def test_what_continues_an_unjoined_block_is_joined_to_that_one() -> None:
    first, second = block("a", "one"), block("t", "|x|\n|y|", page=2, kind="table", continues="a")
    third = block("u", "|z|", page=3, kind="table", continues="t")
    assembled = assemble(pages_of([first], [second], [third]))
    assert [item.id for item in assembled.blocks] == ["a", "t"]
    assert grid_of(assembled.blocks[1]).rows == (("x",), ("y",), ("z",))


def test_table_halves_become_one_table_with_one_header() -> None:
    head = "<thead><tr><th>Part</th><th>Qty</th></tr></thead>"
    first = replace(block("a", kind="table"), html=f"<table>{head}<tr><td>P1</td><td>1</td></tr></table>", caption_ids=("c1",))
    second = replace(
        block("b", page=2, kind="table", continues="a"),
        html=f"<table>{head}<tr><td rowspan=2>P2</td><td>2</td></tr><tr><td>3</td></tr></table>",
        caption_ids=("c1", "c2"),
    )
    joined = assemble(pages_of([first], [second])).blocks[0]
    assert joined.text == "Part\tQty\nP1\t1\nP2\t2\n\t3"
    assert grid_of(joined).header_rows == 1
    assert grid_of(joined).expanded().rows[-1] == ("P2", "3")
    assert joined.caption_ids == ("c1", "c2")


def test_parts_that_the_vendor_emptied_only_add_their_places() -> None:
    first = replace(block("a", "x", kind="table"), html="<table><tr><td>x</table>")
    joined = assemble(pages_of([first], [block("b", page=2, kind="table", continues="a")])).blocks[0]
    assert (joined.html, joined.text) == (first.html, "x")
    assert [region.page_number for region in joined.regions] == [1, 2]


def test_a_table_that_is_only_a_picture_is_kept() -> None:
    picture = replace(block("b", page=2, kind="table", continues="a"), image=Image("url", "https://x.test/b.png"))
    assembled = assemble(pages_of([block("a", "|x|", kind="table")], [picture]))
    assert assembled.blocks[1] is picture
    assert assembled.notices[0].code == "unjoined_link"


def test_the_least_confidence_and_generated_text_are_told() -> None:
    first, second = (
        replace(block("a", "x"), confidence=0.9),
        replace(block("b", "y", continues="a"), confidence=0.4, generated=True),
    )
    joined = assemble(pages_of([first], [second])).blocks[0]
    assert (joined.confidence, joined.generated) == (0.4, True)


LINKS = st.lists(st.tuples(st.sampled_from(["text", "table", "list", "header"]), st.integers(-1, 14)), max_size=12)


@given(LINKS)
def test_any_links_lose_no_text_and_no_place(links: list[tuple[Kind, int]]) -> None:
    blocks = [
        block(f"b{n}", f"word{n}x", page=n + 1, kind=kind, continues=None if target < 0 else f"b{target}")
        for n, (kind, target) in enumerate(links)
    ]
    assembled = assemble(pages_of(*([item] for item in blocks)))
    everything = "\n".join(texts(assembled))
    assert all(everything.count(f"word{n}x") == 1 for n in range(len(blocks)))
    assert sorted(region for item in assembled.blocks for region in item.regions) == [item.regions[0] for item in blocks]
    assert all(list(item.regions) == sorted(item.regions) for item in assembled.blocks)
    joined = sum(len(item.regions) - 1 for item in assembled.blocks)
    refused = {notice.page_number for notice in assembled.notices}
    assert joined + len(refused) == sum(target >= 0 for _, target in links)
    assert [item.id for item in assembled.blocks] == [item.id for item in blocks if item.id in {b.id for b in assembled.blocks}]


def test_a_chain_of_ten_thousand_pages_takes_linear_time() -> None:
    def work(length: int) -> None:
        html = "<table><tr><td>h</td></tr><tr><td>x</td></tr></table>"
        rest = [
            replace(block(f"t{n}", page=n, kind="table", continues=f"t{n - 1}" if n > 1 else None), html=html)
            for n in range(1, length + 1)
        ]
        pages = pages_of(*([part] for part in rest))
        joined = assemble(pages).blocks
        assert len(joined) == 1
        assert len(grid_of(joined[0]).rows) == length + 1

    assert_linear(work)


@pytest.mark.parametrize(
    ("elsewhere", "joined"),
    [
        ("The handbook, of course.", "the handbook"),
        ("The hand-book, of course.", "the hand-book"),
        ("The Hand\u2010book.", "the hand-book"),
        ("Both handbook and hand-book.", "the handbook"),
        ("Neither.", "the handbook"),
    ],
)
def test_a_hyphen_between_two_parts_is_kept_as_the_document_writes_the_word(elsewhere: str, joined: str) -> None:
    made = assemble(
        pages_of([block("a", "the hand-")], [block("b", "book", page=2, continues="a"), block("c", elsewhere, page=2)])
    )
    assert made.blocks[0].text == joined


@pytest.mark.parametrize(
    ("text", "elsewhere", "kind", "mended"),
    [
        ("the hand-\nbook is", "A handbook.", "text", "the handbook is"),
        ("the hand-\n  book is", "A hand-book.", "text", "the hand-book is"),
        ("the hand-\nbook is", "A book.", "text", "the hand-\nbook is"),
        ("a state-of-the-\nart view", "State-of-the-art.", "text", "a state-of-the-art view"),
        ("x = hand-\nbook", "A handbook.", "code", "x = hand-\nbook"),
        ("hand-\nbook", "A handbook.", "toc", "hand-\nbook"),
        ("1-\n2", "1-2 12", "text", "1-\n2"),
        ("war\u00adm and war\u00ad\n m", "", "text", "warm and warm"),
        ("war\u00adm", "", "title", "warm"),
        ("war\u00adm", "", "code", "war\u00adm"),
    ],
)
def test_words_parted_within_a_text_are_made_whole_only_where_it_is_known_how(
    text: str, elsewhere: str, kind: Kind, mended: str
) -> None:
    made = assemble(pages_of([block("a", text, kind=kind), block("b", elsewhere)]))
    assert made.blocks[0].text == mended


def test_soft_hyphens_go_from_tables_too() -> None:
    table = replace(block("a", "war\u00adm", kind="table"), html="<table><tr><td>w&shy;ar\u00adm</td></tr></table>")
    made = assemble(pages_of([table])).blocks[0]
    assert (made.text, made.html) == ("warm", "<table><tr><td>warm</td></tr></table>")


@given(st.lists(st.text(alphabet="ab-\u2010\u00ad\n x"), max_size=5))
def test_mending_takes_out_nothing_but_hyphens_and_breaks(parts: list[str]) -> None:
    made = assemble(pages_of([block(str(n), text) for n, text in enumerate(parts)]))
    for given_text, item in zip(parts, made.blocks, strict=True):
        assert [sign for sign in item.text if sign in "abx"] == [sign for sign in given_text if sign in "abx"]
        assert "\u00ad" not in item.text


@pytest.mark.parametrize("text", ["hand-\nbook ", "a-", "-\n", "a-\nb", "a", "a- "])
def test_very_many_parted_words_take_linear_time(text: str) -> None:
    assert_linear(lambda size: assemble(pages_of([block("a", text * size + "-\nb"), block("b", "handbook")])), small=4000)
