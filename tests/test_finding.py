"""Finding text: the places of a quotation, however it was broken, copied or typeset."""

from collections.abc import Callable
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.document import ParsedDocument
from docparse_loaders.folding import letters, words
from docparse_loaders.model import BBox, Block, Kind, Page, Region, SourceFacts
from growth import assert_linear


def place(page: int, at: int) -> Region:
    return Region(page, BBox(0.1, at / 1000, 0.9, at / 1000))


def block(
    page: int, at: int, text: str = "", kind: Kind = "text", *, html: str | None = None, continues: str | None = None
) -> Block:
    return Block(f"p{page}b{at}", kind, text, html=html, regions=(place(page, at),), continues=continues)


def document(*blocks: Block) -> ParsedDocument:
    pages = [Page(number, 600, 800, blocks=tuple(of)) for number, of in groupby(blocks, lambda one: one.page_number)]
    source = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
    return ParsedDocument(source=source, vendor="test", pages=tuple(pages), total_pages=len(pages))


def table(*rows: str) -> str:
    return (
        "<table>" + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row.split('|'))}</tr>" for row in rows) + "</table>"
    )


def test_a_sentence_is_found_where_it_stands_and_nothing_else() -> None:
    doc = document(block(1, 1, "The first. The second one."), block(1, 2, "A third."), block(2, 1, "The last."))
    assert doc.find("The second one.") == (place(1, 1),)
    assert doc.find("A third") == (place(1, 2),)
    assert doc.find("The last") == (place(2, 1),)
    assert doc.find("The fourth") == ()


def test_every_hit_counts_once_and_page_by_page() -> None:
    doc = document(
        block(1, 5, "Page head.", "header"), block(1, 1, "Twice here, twice."), block(1, 2, "Not."), block(2, 1, "And twice.")
    )
    assert doc.find("twice") == (place(1, 1), place(2, 1))
    assert doc.find("page head") == (place(1, 5),)


@pytest.mark.parametrize("nothing", ["", " ", "\n\t", "|", "\u00ad", "\u200b"])
def test_nothing_is_nowhere(nothing: str) -> None:
    assert document(block(1, 1, "Some words.")).find(nothing) == ()
    assert document().find("words") == ()
    assert document(Block("b", "text", "words")).find("words") == ()


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("net\nincome  rose", "net income rose"),
        ("net\u00a0income", "NET INCOME"),
        ("a con-\nsiderable sum", "a considerable sum"),
        ("a considerable sum", "a consid- erable sum"),
        ("a con\u00adsiderable sum", "a considerable sum"),
        ("long-term debt", "long\u2010\nterm debt"),
        ("COVID-\n19 cases", "COVID-19 cases"),
        ("he said “no”", "he said «no»"),
        ("the firm’s view", "the firm's view"),
        ("营业收入\n增长", "营业收入增长"),
        ("营业收入增长", "营业 收入 增长"),
        ("共１２３页（含附录）", "共123页(含附录)"),
        ("the ofﬁce", "the office"),
        ("cafe\u0301 noir", "café noir"),
        ("from 2019 – 2020", "from 2019-2020"),
        ("ends , so ( they ) say .", "ends, so (they) say."),
        ("Übergröße", "ÜBERGRÖSSE"),
        ("12,5 %", "12,5%"),
    ],
)
def test_what_a_break_or_a_copy_changes_makes_no_difference(written: str, asked: str) -> None:
    doc = document(block(1, 1, "Before it."), block(1, 2, f"Here {written} there."), block(1, 3, "After it."))
    assert doc.find(asked) == (place(1, 2),)


def test_words_are_whole_where_they_can_be() -> None:
    doc = document(block(1, 1, "A party of ten."), block(1, 2, "The art of it."), block(1, 3, "long-term"))
    assert doc.find("art") == (place(1, 2),)
    assert doc.find("part") == (place(1, 1),), "no whole word, so a part of one"
    assert doc.find("term") == (place(1, 3),)
    assert doc.find("fit") == (), "'of it' is two words"


def test_a_number_is_no_part_of_another() -> None:
    doc = document(block(1, 1, "In 2019 it was 112.5 or 5,120."), block(1, 2, "It is 12."), block(1, 3, "7."))
    assert doc.find("12") == (place(1, 2),)
    assert doc.find("5") == ()
    assert doc.find("20") == ()
    assert doc.find("7") == (place(1, 3),)
    assert doc.find("112.5") == (place(1, 1),)


def test_a_long_quotation_is_found_by_its_letters() -> None:
    doc = document(
        block(1, 1, "• thisis run together; badly"),
        block(1, 2, "- one item\n- another item"),
        block(1, 3, "本公司，报告期内；营业"),
    )
    assert doc.find("This is run together, badly") == (place(1, 1),)
    assert doc.find("* one item * another item") == (place(1, 2),)
    assert doc.find("本公司报告期内营业") == (place(1, 3),)
    assert doc.find("this is") == (), "eight letters may stand there by chance"


def test_a_quotation_runs_over_blocks_and_not_through_furniture() -> None:
    doc = document(
        block(1, 1, "Overview", "title"),
        block(1, 2, "It begins here"),
        block(1, 3, "7", "page_number"),
        block(2, 1, "and ends there."),
        block(2, 2, "8", "page_number"),
    )
    assert doc.find("Overview It begins") == (place(1, 1), place(1, 2))
    assert doc.find("begins here and ends") == (place(1, 2), place(2, 1))
    assert doc.find("7 8") == ()


def test_of_a_paragraph_over_pages_only_the_parts_touched_are_named() -> None:
    doc = document(
        block(1, 1, "The first page says so. Then a con-"),
        block(2, 1, "siderable sum, which", continues="p1b1"),
        block(3, 1, "was lost.", continues="p2b1"),
        block(4, 1, "(All of it.)", continues="p3b1"),
    )
    assert len(doc.blocks) == 1
    assert doc.find("first page says") == (place(1, 1),)
    assert doc.find("considerable") == (place(1, 1), place(2, 1))
    assert doc.find("sum") == (place(2, 1),)
    assert doc.find("was lost.") == (place(3, 1),), "the full stop is of its part"
    assert doc.find("(All of it.)") == (place(4, 1),)
    assert doc.find("which was") == (place(2, 1), place(3, 1))
    assert doc.find("a considerable sum, which was lost") == (place(1, 1), place(2, 1), place(3, 1))


def test_of_a_table_over_pages_only_the_parts_touched_are_named() -> None:
    doc = document(
        block(1, 1, kind="table", html=table("Town|People", "Ava|1,200", "Bree|340")),
        block(2, 1, kind="table", html=table("Town|People", "Cole|77", "Dale|5"), continues="p1b1"),
    )
    assert len(doc.blocks) == 1
    assert doc.find("1,200") == doc.find("Town") == (place(1, 1),)
    assert doc.find("Cole") == doc.find("| Dale | 5 |") == (place(2, 1),)
    assert doc.find("Bree 340 Cole") == (place(1, 1), place(2, 1))


def test_cells_are_found_in_every_form_of_table() -> None:
    doc = document(
        block(1, 1, "| Town | People |\n|---|---|\n| Ava | 1,200 |", "table"),
        block(1, 2, kind="table", html="<table><caption>Rivers</caption><tr><td rowspan=2>Elbe</td><td>1</td></tr></table>"),
        block(1, 3, "only words", "table"),
        Block("e", "equation", latex=r"\frac{a}{b}", regions=(place(1, 4),)),
    )
    assert doc.find("Ava 1,200") == (place(1, 1),)
    assert doc.find("Rivers") == doc.find("Elbe") == (place(1, 2),)
    assert doc.find("only words") == (place(1, 3),)
    assert doc.find(r"\frac {a} {b}") == (place(1, 4),)


def test_where_the_parts_are_not_known_all_places_are_named() -> None:
    both = (place(1, 1), place(2, 1))
    doc = document(Block("b", "text", "Joined by the vendor.", regions=both))
    assert doc.find("vendor") == both


@given(st.lists(st.text(alphabet="ab词é1 -.\n\u00ad\u0301|“", max_size=12), min_size=1, max_size=6))
def test_what_was_written_is_found_where_it_was_written(texts: list[str]) -> None:
    doc = document(*(block(1, at, text) for at, text in enumerate(texts)))
    for at, text in enumerate(texts):
        assert not words(text) or place(1, at) in doc.find(text)


@given(st.text(alphabet="abc词é19 -.\n\u00ad“”", max_size=40), st.integers(0, 40))
def test_letters_stay_in_order(text: str, cut: int) -> None:
    assert letters(words(text)) == letters(words(text[:cut])) + letters(words(text[cut:]))


@given(st.lists(st.text(alphabet="ab词1.,", min_size=1, max_size=8), min_size=1, max_size=6), st.data())
def test_parts_of_a_joined_paragraph_are_told_exactly(texts: list[str], data: st.DataObject) -> None:
    tagged = [f"{text} tag{'xyzuvw'[at]} {text}" for at, text in enumerate(texts)]
    parts = [block(n, 1, text, continues=f"p{n - 1}b1" if n > 1 else None) for n, text in enumerate(tagged, 1)]
    doc = document(*parts)
    assert len(doc.blocks) == 1
    at = data.draw(st.integers(0, len(texts) - 1))
    assert doc.find(f"tag{'xyzuvw'[at]}") == (place(at + 1, 1),)
    if at:
        names = [f"tag{'xyzuvw'[n]}" for n in (at - 1, at)]
        text = doc.blocks[0].text
        quoted = text[text.index(names[0]) : text.index(names[1]) + 4]
        assert doc.find(quoted) == (place(at, 1), place(at + 1, 1))


HOSTILE: dict[str, Callable[[int], tuple[str, str]]] = {
    "one letter": lambda size: ("a" * size, "a" * (size // 2)),
    "one word": lambda size: ("a " * size, "a " * (size // 2) + "b"),
    "nearly found": lambda size: ("ab " * size, "ab " * (size // 2) + "ac"),
    "many hits": lambda size: ("ab " * size, "ab"),
    "marks": lambda size: ("e" + "\u0301\u0323" * size, "e\u0323"),
    "hyphens": lambda size: ("a-" * size, "a" * 50),
    "hyphens and space": lambda size: ("a-" + " " * size + "-" + " " * size, "a -"),
    "hyphen and lines": lambda size: ("a-" + "\n" * size + "-", "a -"),
    "figures": lambda size: ("1." * size, "1.1"),
    "pipes": lambda size: ("|" * size, "a"),
    "ideographs": lambda size: ("汉" * size, "汉" * (size // 2)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_text(name: str) -> None:
    def search(size: int) -> None:
        text, asked = HOSTILE[name](size)
        document(block(1, 1, text)).find(asked)

    assert_linear(search, 20_000)


def test_work_grows_with_the_chain_of_pages() -> None:
    def search(size: int) -> None:
        parts = [block(n, 1, f"part {n} of", continues=f"p{n - 1}b1" if n > 1 else None) for n in range(1, size + 1)]
        doc = document(*parts)
        assert doc.find(f"part {size} of") == (place(size, 1),)
        assert len(doc.find("of part")) == size

    assert_linear(search, 500)


def test_the_index_is_made_once() -> None:
    doc = document(*(block(1, at, "some words " * 50) for at in range(400)))

    def searches(times: int) -> None:
        for _ in range(times):
            doc.find("never there")

    doc.find("some")
    finders = {id(doc._finder) for _ in range(3)}
    assert len(finders) == 1
    assert_linear(searches, 20)


def test_hits_do_not_overlap_pages_in_between() -> None:
    doc = document(*(block(page, 1, f"word{page} end") for page in range(1, 6)))
    found = doc.find("end word3")
    assert [region.page_number for region in found] == [2, 3]
    assert all(before.page_number <= after.page_number for before, after in pairwise(doc.find("end")))
