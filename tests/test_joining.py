"""Text over a page break: spaces by script, hyphens by rule, lines by kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.joining import join_texts
from docparse_loaders.model import Kind
from growth import assert_linear


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("one word", "and another", "one word and another"),
        ("space at the end ", " and start", "space at the end and start"),
        ("这是一个", "句子。", "这是一个句子。"),
        ("句子，", "继续", "句子，继续"),
        ("これは", "ペンです", "これはペンです"),
        ("使用", "Python 语言", "使用Python 语言"),
        ("한국어 문장은", "띄어쓰기가 있다", "한국어 문장은 띄어쓰기가 있다"),
        ("trans\u00ad", "port", "transport"),
        ("trans-", "port", "transport"),
        ("trans\u2010", "port", "transport"),
        ("Über-", "gang", "Übergang"),
        ("COVID-", "19", "COVID-19"),
        ("Anglo-", "American", "Anglo-American"),
        ("2024-", "25", "2024-25"),
        ("state-of-the-", "art", "state-of-the-art"),
        ("a state-", "of-the-art boiler", "a state-of-the-art boiler"),
        ("twenty-", "one houses", "twenty-one houses"),
        ("Ninety-", "ninth", "Ninety-ninth"),
        ("twenty-", "fold", "twentyfold"),
        ("a self-", "sealing valve", "a self-sealing valve"),
        ("a (well-", "known) case", "a (well-known) case"),
        ("long-", "term", "long-term"),
        ("self-", "ish", "selfish"),
        ("high-", "est", "highest"),
        ("short-", "ly after", "shortly after"),
        ("10,", "000 houses", "10,000 houses"),
        ("€1,250,", "000.", "€1,250,000."),
        ("in 2019,", "300 houses", "in 2019, 300 houses"),
        ("of 10,", "0001", "of 10, 0001"),
        ("he said “", "come here", "he said “come here"),
        ('he said "', "come here", 'he said "come here'),
        ("„", "Ja“, sagte er", "„Ja“, sagte er"),
        ("the “end”", "came", "the “end” came"),
        ('the "end"', "came", 'the "end" came'),
        ("the end", "” he said", "the end” he said"),
        ("the end", '"we" said', 'the end "we" said'),
        ("a trans\u00adport by", "sea\u00ad\nway", "a transport by seaway"),
        ("pre-", "and post-processing", "pre- and post-processing"),
        ("a dash -", "then more", "a dash - then more"),
        ("word—", "then", "word—then"),
        ("word —", "then", "word — then"),
        ("1990–", "2000", "1990–2000"),
        ("and/", "or", "and/or"),
        ("(", "see below)", "(see below)"),
        ("the end", ", or not", "the end, or not"),
        ("-", "x", "- x"),
        ("", "only", "only"),
        ("only", "", "only"),
        ("only", " \n ", "only"),
    ],
)
def test_prose(before: str, after: str, joined: str) -> None:
    assert join_texts([before, after]) == joined


@pytest.mark.parametrize(
    ("kind", "before", "after", "joined"),
    [
        ("list", "• one", "• two", "• one\n• two"),
        ("list", "1. one", "2. two", "1. one\n2. two"),
        ("list", "(a) one", "(b) two", "(a) one\n(b) two"),
        ("list", "一、甲", "二、乙", "一、甲\n二、乙"),
        ("list", "• one goes", "on here", "• one goes on here"),
        ("list", "- 3.5", "4 mm", "- 3.5 4 mm"),
        ("reference", "[1] Smith", "[2] Jones", "[1] Smith\n[2] Jones"),
        ("code", "if x:\n", "    return y\n", "if x:\n    return y"),
        ("toc", "1 Start .. 3", "2 End .. 9", "1 Start .. 3\n2 End .. 9"),
        ("text", "as in", "2. the second", "as in 2. the second"),
    ],
)
def test_lines_by_kind(kind: Kind, before: str, after: str, joined: str) -> None:
    assert join_texts([before, after], kind) == joined


@given(st.lists(st.text("ab -\u00ad中あ한.,(1A\n", max_size=6), max_size=6))
def test_nothing_but_hyphens_and_spaces_changes(parts: list[str]) -> None:
    joined = join_texts(parts)
    assert [c for c in joined if c not in " \n-\u00ad"] == [c for part in parts for c in part if c not in " \n-\u00ad"]
    assert joined == joined.strip()
    assert join_texts([joined]) == joined


def test_many_parts_are_one_text() -> None:
    assert join_texts(["ab-", "ab-", "ab", "c", ""]) == "ababab c"


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ({"re-entry"}, "a re-entry"),
        ({"reentry"}, "a reentry"),
        ({"re-entry", "reentry"}, "a reentry"),
        (set(), "a reentry"),
    ],
)
def test_a_compound_is_written_as_elsewhere_in_the_document(words: set[str], joined: str) -> None:
    assert join_texts(["a re-", "entry"], words=words) == joined


def test_words_of_the_document_count_more_than_habit() -> None:
    assert join_texts(["a well-", "being"], words={"wellbeing"}) == "a wellbeing"


@given(st.text("ab \u00ad\n", max_size=9))
def test_soft_hyphens_leave_every_text_but_code(text: str) -> None:
    assert "\u00ad" not in join_texts([text, "b"]).rstrip("\u00ad")
    assert "\u00ad" not in join_texts([text])
    assert join_texts([text.replace(" ", "")], "code").count("\u00ad") == text.count("\u00ad")


def test_joining_is_linear() -> None:
    assert_linear(lambda size: join_texts(["word\u00ad and self-", "made “", "10,", "000"] * size))
