"""What cells hold beside plain text, sections out of order, several tables in a block, and HTML that is badly broken."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.model import Block
from docparse_loaders.tables import Grid, from_html, grids_of, to_html, to_markdown, to_plain
from growth import assert_linear, seconds


def cell(content: str) -> str:
    """The text of a single cell."""
    return from_html(f"<table><tr><td>{content}</td></tr></table>").rows[0][0]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>6</sup> m<sup>2</sup>", "10^6 m^2"),
        ("10<SUP>-6</SUP>", "10^-6"),
        ("10<sup>&#8722;6</sup>", "10^\u22126"),
        ("1<sup>a</sup>", "1^a"),
        ("1<sup>a,b</sup>", "1^a,b"),
        ("<sup>a</sup> see below", "^a see below"),
        ("x<sup>n + 1</sup>", "x^(n + 1)"),
        ("x<sup><i>n</i></sup>", "x^n"),
        ("x<sup>a<b>b</b></sup>", "x^ab"),
        ("2<sup>2<sup>3</sup></sup>", "2^(2^3)"),
        ("a<sup>&lt;</sup>", "a^(<)"),
        ("the 21<sup>st</sup> and 2<sup>th</sup>", "the 21st and 2th"),
        ("H<sub>2</sub>O, CO<sub>2</sub>", "H\u2082O, CO\u2082"),
        ("log 10<sub>2</sub>", "log 10_2"),
        ("x<sub>i</sub> and x<sub>max</sub>", "x_i and x_max"),
        ("a<sup></sup>b<sub> </sub>", "ab"),
        ("a<sup>2", "a<sup>2"),
        ("a</sup>2", "a2"),
    ],
)
def test_raised_and_lowered_text_is_told_apart(html: str, text: str) -> None:
    assert cell(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"),
        ("<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>", "(a+b)^2"),
        ("<msub><mi>x</mi><mi>i</mi></msub>", "x_i"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup><mi>y</mi>", "x_i^2 y"),
        ("<mfrac><mi>a</mi><mi>b</mi></mfrac>", "a/b"),
        ("<mfrac><mrow><mi>a</mi><mo>-</mo><mn>1</mn></mrow><mrow><mn>2</mn><mi>b</mi></mrow></mfrac>", "(a-1)/(2b)"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", "√(x+1)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "x^(1/3)"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi>", "∑_(i=1)^n i"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x¯"),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "sin x"),
        ("<mi>a</mi><mo>&lt;</mo><mi>b</mi>", "a<b"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable>", "1 2; 3"),
        ("<semantics><mi>x</mi><annotation encoding='application/x-tex'>x^{2}</annotation></semantics>", "x^{2}"),
        ("<msup><mi>x</mi></msup>", "x"),
        ("<mfrac><mi>x</mi><mi>y</mi>", "x/y"),
        ("</mi><mi>x</mi>", "x"),
    ],
)
def test_a_formula_keeps_its_meaning(html: str, text: str) -> None:
    assert cell(f"f: <math xmlns='http://www.w3.org/1998/Math/MathML'>{html}</math>!") == f"f: {text}!"
    prefixed = re.sub(r"<(/?)(?=m)", r"<\1mml:", html)
    assert cell(f"<mml:math>{prefixed}</mml:math>") == text


@pytest.mark.parametrize("html", ["<math><mi>x", "<math><math><mi>x</mi></math>", "<mi>x</mi></math>", "<math>x<td>"])
def test_a_broken_formula_loses_no_text(html: str) -> None:
    assert "x" in from_html(f"<table><tr><td>{html}</td></tr></table>").rows[0][0]


CONTENT = st.recursive(
    st.sampled_from(["x", "12", " ", "a b", "&lt;", "&nbsp;", "<br>", "<img src=a.png>", "st", "<td>", "<p>"]),
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.tuples(st.sampled_from(["b", "i", "span", "em", "p", "div"]), inner).map(lambda it: f"<{it[0]}>{it[1]}</{it[0]}>")
        | st.tuples(st.sampled_from(["sup", "sub"]), st.sampled_from(["2", "st", "n+1", " ", "&minus;1"])).map(
            lambda it: f"<{it[0]}>{it[1]}</{it[0]}>"
        )
    ),
)


@given(CONTENT)
def test_common_markup_is_read_alike_with_and_without_attributes(content: str) -> None:
    """With an attribute the reader takes the tags one by one, without one their commonest forms are replaced by patterns."""
    told = re.sub(r"<(b|i|span|em|sup|sub|br)>", r"<\1 x='y'>", content)
    assert cell(told) == cell(content)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<img src=a.png>", "[image: a.png]"),
        ("<img src='https://x.example/p/q/b.jpg?key=secret#s' alt=''/>", "[image: b.jpg]"),
        ("<img alt='pump' src=a.png>", "pump"),
        ("<img src='data:image/png;base64,AAAA'>", "[image]"),
        ("<img src='p/'>x", "[image: p] x"),
        ("<img data-src=a.png>x", "x"),
        ("<img>", ""),
        ("a<img src=b.png>c", "a [image: b.png] c"),
    ],
)
def test_a_picture_is_named(html: str, text: str) -> None:
    assert cell(html) == text


@pytest.mark.parametrize(
    ("html", "rows", "header"),
    [
        ("<tbody><tr><td>a</tbody><thead><tr><th>N</thead>", ("N", "a"), 1),
        ("<tfoot><tr><td>sum</tfoot><tbody><tr><td>a</tbody><thead><tr><td>N</thead>", ("N", "a", "sum"), 1),
        ("<tr><td>a<thead><tr><td>N</thead><tr><td>b", ("N", "a", "b"), 1),
        ("<thead><tr><th>N<tbody><tr><td>a<thead><tr><th>N2<tbody><tr><td>b", ("N", "a", "N2", "b"), 1),
        ("<tfoot><tr><td>s<tfoot><tr><td>t<tbody><tr><td>a", ("t", "a", "s"), 0),
        ("<tbody><tr><td rowspan=9>a<tbody><tr><td>b<thead><tr><td rowspan=0>N", ("N", "a", "b"), 1),
    ],
)
def test_head_and_foot_stand_where_they_belong(html: str, rows: tuple[str, ...], header: int) -> None:
    table = from_html(f"<table>{html}</table>")
    assert (tuple(row[0] for row in table.rows), table.header_rows) == (rows, header)
    assert table.spans == ()


TWO = (
    "Table 1<table><tr><th>A<th>B<tr><td>1<td>2</table><p>Table 2</p>"
    "<table><tr><td>4<td>5<td>6<thead><tr><th>C<th>D<th>E</thead></table>end"
)


def test_several_tables_of_a_block_are_kept_apart() -> None:
    first, second = grids_of(Block("b", "table", html=TWO))
    assert (first.rows, first.header_rows, first.caption) == ((("A", "B"), ("1", "2")), 1, "Table 1")
    assert (second.rows, second.header_rows) == ((("C", "D", "E"), ("4", "5", "6")), 1)
    assert second.caption == "Table 2\nend"
    assert grids_of(Block("b", "table", text=TWO)) == [first, second]
    assert grids_of(Block("b", "table", text="|a|b|")) == [Grid.of([["a", "b"]])]
    assert grids_of(Block("b", "table")) == [Grid(())]
    assert from_html(TWO).height == 4
    assert from_html(TWO).caption.split() == ["Table", "1", "Table", "2", "end"]


# Markup whose structure is broken at random while each tag is one: what a text tokenizer and a tree builder can agree on.
TAGS = st.sampled_from(
    [
        "<table>", "</table>", "<tr>", "</tr>", "<TD>", "</td>", "<th>", "</TH>", "<td rowspan=2>", "<td colspan='3'>",
        "<thead>", "</thead>", "<tbody>", "</tbody>", "<tfoot>", "</tfoot>", "<caption>", "</caption>", "<b>", "</b>", "<p>",
        "</p>", '<div class="a > b">', "</div>", "<br>", "<br/>", "<ul><li>", "<span title='<td>'>", "</span>",
        "<!-- <td> -->", "<td\nrowspan=0 x>", "<col>", "<tr/>", "&amp;", "&nbsp;", " < ", "<sup>", "</sup>",
    ]
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> str:
    """Tags in any order with numbered words between them."""
    tags = draw(st.lists(TAGS, max_size=40))
    return "".join(f"{tag}w{number}." if draw(st.booleans()) else tag for number, tag in enumerate(tags))


class Words(HTMLParser):
    """The standard library's reading: all text, and what each cell of each row says where no table is within another."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.rows: list[list[str]] = []
        self.in_row = self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"td", "th"}:
            if not self.in_row:
                self.rows.append([])
            self.rows[-1].append("")
            self.in_row = self.in_cell = True
        else:
            self.ended(tag)
            if tag == "tr":
                self.rows.append([])
                self.in_row = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """In HTML the slash of `<tr/>` means nothing: the row is open."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self.in_cell = False
        else:
            self.ended(tag)

    def ended(self, tag: str) -> None:
        if tag in {"tr", "table", "thead", "tbody", "tfoot"}:
            self.in_row = self.in_cell = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.in_cell:
            self.rows[-1][-1] += data


def read(html: str) -> Words:
    """What the standard library makes of it."""
    words = Words()
    words.feed(html)
    words.close()
    return words


def words_of(text: str) -> list[str]:
    return re.findall(r"w\d+\.", text)


@given(broken())
def test_no_word_of_broken_html_is_lost_or_doubled(html: str) -> None:
    wanted = sorted(words_of(read(html).text))
    table = from_html(html)
    once = "\n".join([table.caption, *(text for row in table.rows for text in row)])
    assert sorted(words_of(once)) == wanted
    assert sorted(words_of(to_plain(table))) == wanted
    assert sorted(words_of(read(to_html(table)).text)) == wanted
    assert set(words_of(to_markdown(table))) == set(wanted)
    apart = grids_of(Block("b", "table", html=html))
    assert sorted(words_of("\n".join(map(to_plain, apart)))) == wanted


FLAT = TAGS.filter(lambda tag: "table" not in tag and "head" not in tag and "foot" not in tag and "span" not in tag)


@given(st.lists(FLAT, max_size=40), st.data())
def test_each_word_of_broken_html_is_in_the_cell_of_its_row(tags: list[str], data: st.DataObject) -> None:
    words = data.draw(st.lists(st.booleans(), min_size=len(tags), max_size=len(tags)))
    body = "".join(f"{tag}w{number}." if word else tag for number, (tag, word) in enumerate(zip(tags, words, strict=True)))
    html = f"<table><tr><td>w.{body}</table>"
    mine = [[words_of(text) for text in row] for row in from_html(html).rows]
    theirs = [[words_of(text) for text in row] for row in read(html).rows]
    assert [trimmed(row) for row in mine] == [trimmed(row) for row in theirs]


def trimmed(row: list[list[str]]) -> list[list[str]]:
    while row and not row[-1]:
        row = row[:-1]
    return row


@pytest.mark.parametrize(
    "piece",
    [
        "<sup>x",
        "<sup>",
        "<sub>1</sub>",
        "</sup>",
        "<thead>",
        "<tfoot><tr><td>x",
        "<table><tr><td>x</table>",
        "<img src=",
        "<thead><tr><td>x<tbody><tr><td>y",
    ],
)
def test_no_repetition_is_slow(piece: str) -> None:
    assert seconds(lambda: from_html("<table><tr><td>" + piece * 20_000 + "</sup>" * 20_000)) < 2.0


def test_time_grows_with_tables_and_marks() -> None:
    assert_linear(lambda size: from_html("<table><tr><td>a<sup>b</table>" * size + "<sup>" * size + "</sup>" * size))
    assert_linear(lambda size: from_html("<table>" + "<tfoot><tr><td>a<thead><tr><td>b" * size))
