"""Rendering: body text is never structure, pictures are never embedded, captions appear once, HTML is safe."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docparse_loaders.model import Block, Image, Kind
from docparse_loaders.render import block_content, block_html, block_markdown, block_text, to_html, to_markdown

TABLE = (
    "<table onclick='x()'><thead><tr><th>Part</th><th>Qty</th></tr></thead>"
    "<tr><td>a|b</td><td><script>x</script>1</td></tr></table>"
)
TOTAL = (
    "<table><tr><th>Part</th><th>Qty</th><th>Sum</th></tr><tr><td>a</td><td>1</td><td>2</td></tr>"
    "<tr><td colspan=2>Total</td><td>2</td></tr></table>"
)
KINDS: Sequence[Kind] = (
    "title", "text", "list", "table", "figure", "chart", "caption", "equation", "code", "seal", "toc", "reference", "header",
    "footer", "page_number", "footnote", "aside", "other",
)  # fmt: skip


def paragraphs(markdown: str) -> list[tuple[str, str]]:
    """What a Markdown reader makes of it: the kind and the text of each block."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [(tokens[i - 1].type, token.content) for i, token in enumerate(tokens) if token.type == "inline"]


def shown(markdown: str) -> str:
    """The words that a Markdown reader shows."""
    html = MarkdownIt("commonmark").enable("table").render(markdown)
    return re.sub(r"<[^>]*>", "", html).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


@pytest.mark.parametrize(
    ("block", "markdown"),
    [
        (Block("b", "title", text="A\n title", level=2), "## A title"),
        (Block("b", "title", text="Deep", level=9), "###### Deep"),
        (Block("b", "title", text="No level"), "# No level"),
        (Block("b", "title", text=" "), ""),
        (Block("b", "text", text="Words."), "Words."),
        (Block("b", "list", text="• one\n2. two\nthree"), "- one\n2. two\n   three"),
        (Block("b", "list", text="one\n2) two\n  •three\n(a) four"), "- one\n2) two\n  - three\n- (a) four"),
        (Block("b", "list", text="one\ntwo"), "- one\n- two"),
        (Block("b", "list", text="- long\n  item\n- # next"), "- long\n  item\n- \\# next"),
        (Block("b", "list", text="1. grew by\n3.5 percent"), "1. grew by\n   3.5 percent"),
        (Block("b", "toc", text="1. Scope 3\nIndex 9"), "1. Scope 3\n- Index 9"),
        (Block("b", "code", text="a\n  ``` b\n"), "````\na\n  ``` b\n````"),
        (Block("b", "equation", text="x", latex="$$ x^2\n\n+1 $$"), "$$\nx^2\n+1 \n$$".replace(" \n", "\n")),
        (Block("b", "equation", text="x = 1"), "x = 1"),
        (Block("b", "table", text="|a|b|\n|-|-|\n|1|2|"), "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (Block("b", "table", html=TABLE), "| Part | Qty |\n| --- | --- |\n| a\\|b | 1 |"),
        (Block("b", "table", html=TOTAL), "| Part | Qty | Sum |\n| --- | --- | --- |\n| a | 1 | 2 |\n| Total |  | 2 |"),
        (Block("b", "table", image=Image("url", "https://x.test/t.png")), "![table](https://x.test/t.png)"),
        (Block("b", "figure", image=Image("url", "https://x.test/a b.png")), "![figure](<https://x.test/a b.png>)"),
        (Block("b", "figure", image=Image("file", "images/a.png")), "![figure](images/a.png)"),
        (Block("b", "figure", image=Image("base64", "AAAA", "image/png")), ""),
        (Block("b", "figure", image=Image("url", "javascript:alert(1)")), ""),
        (Block("b", "figure", text="A dog.", generated=True), "*Description: A dog.*"),
        (Block("b", "seal", text="CHECKED"), "CHECKED"),
    ],
)
def test_markdown_by_kind(block: Block, markdown: str) -> None:
    assert block_markdown(block) == markdown


@pytest.mark.parametrize(
    "text",
    ["# not a title", "#", "| no | table |", "> no quote", "- no list", "* no list", "+ no list", "1. no list", "12) no list",
     "```no code", "~~~ no code", "---", "===", "    no code", "\tno code", "[x]: no reference", "_ _ _", "a\n--",
     "a\n# b", "a\n---", "a\n===", "a\n| b |\n| - |"],
)  # fmt: skip
def test_body_text_is_never_structure(text: str) -> None:
    found = paragraphs(block_markdown(Block("b", "text", text=text)))
    assert [kind for kind, _ in found] == ["paragraph_open"]
    assert shown(block_markdown(Block("b", "text", text=text))).split() == text.split()


@given(st.text(st.sampled_from("#>|-*+=~`_1.) \n\ta<b/>[x]:&é中"), max_size=30).map(str.strip).filter(bool))
def test_any_body_text_is_paragraphs(text: str) -> None:
    found = paragraphs(block_markdown(Block("b", "text", text=text)))
    assert {kind for kind, _ in found} == {"paragraph_open"}


@pytest.mark.parametrize("kind", ["title", "text", "footnote", "reference", "list"])
def test_markup_in_text_is_shown_and_not_obeyed(kind: Kind) -> None:
    text = "if a<b and c>d <script>alert(1)</script> <!-- gone? --> x < y"
    markdown = block_markdown(Block("b", kind, text=text))
    assert "<script" not in MarkdownIt("commonmark").render(markdown)
    assert shown(markdown).split() == text.split()


def test_plain_text() -> None:
    assert block_text(Block("b", "text", text="a")) == "a"
    assert block_text(Block("b", "table", html=TABLE)) == "Part\tQty\na|b\t1"
    assert block_text(Block("b", "table", text="|a|b|\n|-|-|\n|1|2|")) == "a\tb\n1\t2"
    assert block_text(Block("b", "equation", latex="x^2")) == "x^2"


@pytest.mark.parametrize(
    ("block", "content"),
    [
        (Block("b", "text", text=" # kept | as it is "), "# kept | as it is"),
        (Block("b", "title", text="A\n title", level=2), "A title"),
        (Block("b", "list", text="• # one\n  more\n2. two"), "- # one\n  more\n2. two"),
        (Block("b", "code", text="  a\nb\n"), "```\n  a\nb\n```"),
        (Block("b", "equation", latex="x^2"), "$$\nx^2\n$$"),
        (Block("b", "equation", text="x = 1"), "x = 1"),
        (Block("b", "text", latex="x^2"), "$$\nx^2\n$$"),
        (Block("b", "table", text="|a|b|\n|-|-|\n|1|2|"), "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (Block("b", "table", latex="x & y"), "x & y"),
        (Block("b", "figure", text="A dog.", generated=True), "Description: A dog."),
        (Block("b", "figure", image=Image("url", "https://x.test/a.png")), ""),
    ],
)
def test_content_is_formed_like_markdown_and_its_prose_is_untouched(block: Block, content: str) -> None:
    assert block_content(block) == content


@given(st.sampled_from(KINDS), st.text(st.sampled_from("ab 1.\n中"), max_size=30), st.booleans())
def test_content_is_what_markdown_says_but_for_its_marks(kind: Kind, text: str, generated: bool) -> None:
    """Where nothing needs an escape, an element reads as its page does."""
    block = Block("b", kind, text=text.replace("1.", "1"), generated=generated)
    assert block_content(block).strip("*") == block_markdown(block).removeprefix("# ").strip("*")


def test_items_of_several_lines_are_one_item_in_html() -> None:
    assert block_html(Block("b", "list", text="- one\n  more\n2. two")) == "<ul>\n<li>one\nmore</li>\n<li>2. two</li>\n</ul>"


def captioned() -> list[Block]:
    return [
        Block("c", "caption", text="Figure 1 [A]"),
        Block("f", "figure", image=Image("url", "https://x.test/f.png"), caption_ids=("c", "gone", "c")),
        Block("t", "table", html=TABLE, caption_ids=("d", "c")),
        Block("d", "caption", text="Table 1"),
        Block("p", "page_number", text="7"),
    ]


def test_captions_stand_with_their_picture_or_table_and_once() -> None:
    assert to_markdown(captioned()).split("\n\n") == [
        r"![Figure 1 \[A\]](https://x.test/f.png)",
        "Figure 1 [A]",
        "Table 1",
        "| Part | Qty |\n| --- | --- |\n| a\\|b | 1 |",
    ]
    page = to_html(captioned(), "x")
    assert page.count("<figcaption>Figure 1 [A]</figcaption>") == 1
    assert page.index("Table 1") < page.index("<table>")
    assert "<p>7</p>" not in page
    assert to_markdown(captioned(), furniture=True).endswith("\n\n7")


def test_captions_that_name_each_other_are_not_lost() -> None:
    pair = [Block("a", "caption", text="one", caption_ids=("b",)), Block("b", "caption", text="two", caption_ids=("a", "b"))]
    assert to_markdown(pair) == "one\n\ntwo"


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sets(st.integers(0, 7), max_size=3)), max_size=8))
def test_every_text_is_rendered_once_whatever_captions_say(rows: list[tuple[Kind, set[int]]]) -> None:
    blocks = [
        Block(f"b{n}", kind, text=f"word{n}x", caption_ids=tuple(f"b{i}" for i in sorted(names)))
        for n, (kind, names) in enumerate(rows)
    ]
    for page in (to_markdown(blocks, furniture=True), to_html(blocks, furniture=True)):
        assert all(page.count(f"word{n}x") == 1 for n in range(len(blocks)))


TAGS = {
    "h1",
    "p",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "caption",
    "br",
    "div",
    "figure",
    "img",
    "pre",
    "code",
}


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.data = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.data += data


@given(st.sampled_from(KINDS), st.text(st.sampled_from("<>\"'&;scriptonlad =/#x"), max_size=40))
def test_html_is_escaped(kind: Kind, text: str) -> None:
    block = Block(f"id{text}", kind, text=text, html=f"<table><tr><td>{text}" if kind == "table" else None)
    image = Image("url", f"https://x.test/{text}")
    tags = Tags()
    tags.feed(block_html(block) + block_html(replace(block, image=image, generated=True)))
    tags.close()
    assert tags.names <= TAGS
    assert tags.attributes <= {"id", "class", "src", "alt", "rowspan", "colspan"}
    if kind not in {"table", "list", "toc"}:
        assert text.split() == [] or " ".join(text.split()) in " ".join(tags.data.split())


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JAVASCRIPT:x", "data:image/png;base64,AAAA", "file:///etc/passwd", "//x.test/a"]
)
def test_only_web_addresses_and_files_are_linked(address: str) -> None:
    block = Block("b", "figure", text="seen", image=Image("url", address))
    assert "img" not in block_html(block)
    assert block_markdown(block) == "seen"


def test_a_page_is_whole_and_loads_nothing_but_pictures() -> None:
    page = to_html([Block("b", "title", text="A & B", level=1), Block("c", "text", text="x")], title="<t>")
    assert page.startswith("<!doctype html>")
    assert "<title>&lt;t&gt;</title>" in page
    assert '<h1 id="b">A &amp; B</h1>\n<p>x</p>' in page
    assert "<script" not in page
    assert "http" not in page
