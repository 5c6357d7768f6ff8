"""The HTML report: whole, small, linked both ways, and harmless whatever the document says."""

import io
import re
from base64 import b64decode, b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import docparse_loaders as dl
from docparse_loaders import BBox, Block, Page, ParsedDocument, Region
from docparse_loaders.model import Notice, SourceFacts
from docparse_loaders.viewing.colours import COLOURS
from docparse_loaders.viewing.places import marks_of
from docparse_loaders.viewing.report import writing
from docparse_loaders.viewing.report.frame import foot, head
from docparse_loaders.viewing.report.links import Links
from docparse_loaders.viewing.report.pages import Leaflet, page_html
from docparse_loaders.viewing.report.purse import BUDGET, LADDER, Purse, budget
from viewing_files import INK, block, document_of, pdf, picture

VOID = {"meta", "img", "input", "br", "rect"}
NASTY = '</script></style><script>alert(1)</script><img src=x onerror="alert(2)">&amp;"\'<b>'


class Read(HTMLParser):
    """A page's tags with their attributes, and its text by the tag that it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID - {"rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> does not close what is open"

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        return [found for kind, found in self.tags if kind == tag and name in [*(found.get("class") or "").split(), ""]]


def report(document: ParsedDocument, folder: Path, **more: Any) -> tuple[str, Read]:
    document.report(folder / "report.html", **more)
    html = (folder / "report.html").read_text(encoding="utf-8")
    return html, Read(html)


@pytest.fixture(scope="module")
def parsed(examples: Path) -> ParsedDocument:
    return dl.parse(examples / "report.pdf")


@pytest.fixture(scope="module")
def written_report(parsed: ParsedDocument, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Read]:
    return report(parsed, tmp_path_factory.mktemp("report"))


class TestWhole:
    def test_every_page_heading_block_and_chunk_is_there(
        self, parsed: ParsedDocument, written_report: tuple[str, Read]
    ) -> None:
        html, read = written_report
        assert [page["id"] for page in read.all("section")] == [f"p{page.number}" for page in parsed.pages]
        assert len(read.all("img")) == len(parsed.pages)
        assert len(read.all("rect")) == sum(len(one.regions) for one in parsed.blocks)
        chunks = list(dl.StructureChunker().chunk(parsed))
        assert [chunk["id"] for chunk in read.all("article")] == [f"c{at}" for at in range(len(chunks))]
        links = [link["href"] for kind, link in read.tags if kind == "a"]
        assert [f"#p{heading.page_number}" for heading in parsed.outline.headings] == links[
            1 : 1 + len(parsed.outline.headings)
        ]
        assert "8 pages · 82 blocks · 3 tables · 25 chunks" in html

    def test_boxes_and_chunks_are_linked_as_their_regions_say(
        self, parsed: ParsedDocument, written_report: tuple[str, Read]
    ) -> None:
        _, read = written_report
        linked = Counter(name for rect in read.all("rect") for name in (rect.get("data-c") or "").split())
        chunks = list(dl.StructureChunker().chunk(parsed))
        assert linked == {str(at): len(chunk.regions) for at, chunk in enumerate(chunks)}
        assert all("data-c" not in rect for rect in read.all("rect", "k-footer"))

    def test_a_box_is_where_its_block_is(self, tmp_path: Path) -> None:
        data = pdf()
        document = document_of(data, [Page(1, 300, 400, blocks=(block("p1-0", 1, INK, "table", "x"),))])
        _, read = report(document, tmp_path, source=data)
        [rect], [sheet] = read.all("rect"), read.all("img")
        wide, high = float(sheet["width"] or 0), float(sheet["height"] or 0)
        x, y, w, h = (float(rect[name] or 0) for name in ("x", "y", "width", "height"))
        around = wide / 400
        assert (x + around) / wide == pytest.approx(INK[0], abs=0.001)
        assert (y + around) / high == pytest.approx(INK[1], abs=0.001)
        assert (w - 2 * around) / wide == pytest.approx(INK[2] - INK[0], abs=0.001)
        assert (h - 2 * around) / high == pytest.approx(INK[3] - INK[1], abs=0.001)

    def test_the_chunks_that_are_given_are_shown(self, parsed: ParsedDocument, tmp_path: Path) -> None:
        chunks = list(dl.StructureChunker(max_tokens=100).chunk(parsed))
        _, read = report(parsed, tmp_path, chunks=iter(chunks))
        assert len(read.all("article")) == len(chunks) > 40

    def test_chunks_without_a_page_are_not_lost(self, tmp_path: Path) -> None:
        lost = Block(id="p1-0", kind="text", text="nowhere at all")
        html, read = report(document_of(b"x", [Page(1, 300, 400, blocks=(lost,))]), tmp_path)
        assert "Without a page" in html
        assert len(read.all("article")) == 1

    def test_a_document_of_some_pages_keeps_their_numbers(self, examples: Path, tmp_path: Path) -> None:
        html, read = report(dl.parse(examples / "paper.pdf", pages="2-3"), tmp_path)
        assert [page["id"] for page in read.all("section")] == ["p2", "p3"]
        assert "2 of 3 pages" in html

    def test_an_empty_document_has_a_report(self, tmp_path: Path) -> None:
        _, read = report(document_of(b"x", []), tmp_path)
        assert read.all("section") == []

    def test_what_went_wrong_is_told_once(self, tmp_path: Path) -> None:
        document = document_of(b"x", [Page(1, 300, 400), Page(2, 300, 400)])
        document = document.model_copy(update={"warnings": (Notice("x", "Half of it is missing."),)})
        html, read = report(document, tmp_path)
        assert html.count("Pass source=") == 1
        assert html.count("Half of it is missing.") == 1
        assert read.text["li"][0].startswith("made.pdf is not at hand")


class TestHarmless:
    def test_it_loads_nothing_and_runs_only_its_own_script(self, written_report: tuple[str, Read]) -> None:
        html, read = written_report
        [policy] = [found["content"] or "" for kind, found in read.tags if kind == "meta" and "http-equiv" in found]
        assert policy.startswith("default-src 'none'; img-src data:;")
        for tag in ("style", "script"):
            [text] = read.text[tag]
            digest = b64encode(sha256(text.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy
        assert html.index("Content-Security-Policy") < html.index("<style>")

    def test_no_text_of_a_document_becomes_markup(self, tmp_path: Path) -> None:
        blocks = (
            Block(id=NASTY, kind="title", text=NASTY, level=1, label=NASTY, regions=(Region(1, BBox(*INK)),)),
            Block(id="b", kind="table", html=f"<table><tr><td>{NASTY}</td></tr></table>", regions=(Region(1, BBox(*INK)),)),
            Block(id="c", kind="footer", text=NASTY, regions=(Region(1, BBox(*INK)),)),
            Block(id="d", kind="code", text=f"```\n{NASTY}\n```", regions=(Region(1, BBox(*INK)),)),
        )
        document = ParsedDocument(
            source=SourceFacts(NASTY, NASTY, NASTY, 0, ""),
            vendor=NASTY,
            model=NASTY,
            pages=(Page(1, 300, 400, blocks=blocks),),
            warnings=(Notice("x", NASTY),),
        )
        _, read = report(document, tmp_path)
        assert Counter(kind for kind, _ in read.tags)["script"] == 1
        assert Counter(kind for kind, _ in read.tags)["b"] == len(read.all("article"))
        assert read.open == []

    def test_nothing_has_a_handler_or_an_address(self, written_report: tuple[str, Read]) -> None:
        for tag, found in written_report[1].tags:
            assert not [name for name in found if name.startswith("on") or name == "style"], tag
            for name in ("src", "href", "action", "data", "srcset"):
                assert re.match(r"data:image/(png|webp|jpeg);base64,|#", found.get(name) or "#"), tag

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_any_text_leaves_it_well_formed(self, title: str, text: str) -> None:
        blocks = (block("p1-0", 1, INK, "title", title), block("p1-1", 1, INK, "table", text))
        document = document_of(b"x", [Page(1, 30, 40, blocks=blocks)])
        chunks = list(dl.StructureChunker().chunk(document))
        leaf = Leaflet(1, (300, 400), None, marks_of(document)[1], range(len(chunks)), ())
        html = head(document, chunks) + page_html(leaf, chunks, Links(chunks), 1) + foot([title, text])
        assert Read(html).open == []

    def test_a_picture_is_in_it_as_it_was_drawn(self, written_report: tuple[str, Read]) -> None:
        address = written_report[1].all("img")[0]["src"] or ""
        with Image.open(io.BytesIO(b64decode(address.partition(",")[2]))) as image:
            assert image.size == (LADDER[0].width, round(LADDER[0].width * 841.89 / 595.28))


class TestWriting:
    def test_a_report_that_fails_leaves_what_was_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "report.html").write_text("before")
        monkeypatch.setattr(writing, "foot", lambda notices: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            document_of(b"x", [Page(1, 300, 400)]).report(tmp_path / "report.html")
        assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
        assert (tmp_path / "report.html").read_text() == "before"

    def test_pages_beyond_the_most_are_told_and_have_their_boxes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writing, "MOST_PICTURES", 2)
        pages = [Page(number, 300, 400, blocks=(block(f"p{number}-0", number, INK),)) for number in (1, 2, 3)]
        html, read = report(document_of(b"x", pages), tmp_path)
        assert (len(read.all("img")), len(read.all("rect"))) == (2, 3)
        assert "The first 2 of 3 pages are drawn" in html


class TestPurse:
    @given(st.integers(1, 12), st.sampled_from([2_000, 20_000, 200_000, BUDGET]))
    @settings(max_examples=6)
    def test_the_budget_is_kept_down_to_the_smallest_pictures(self, pages: int, budget: int) -> None:
        noise = Image.effect_noise((150, 200), 90).convert("RGB")
        purse = Purse(pages, budget)
        sizes = [len(purse.spend(noise).data) for _ in range(pages)]
        smallest = len(Purse(1, 1).spend(noise).data)
        assert sum(sizes) <= max(budget, smallest * pages)

    def test_much_text_leaves_less_for_pictures(self, parsed: ParsedDocument) -> None:
        chunks = list(dl.StructureChunker().chunk(parsed))
        assert budget(chunks, 100) == BUDGET
        assert 3_000_000 < budget(chunks * 100, 5_000) < BUDGET
        assert budget(chunks * 2000, 10_000) == 3_000_000

    def test_what_simple_pages_save_the_others_get(self) -> None:
        noise = Image.effect_noise((400, 550), 90).convert("RGB")
        purse = Purse(10, 60_000)
        for _ in range(9):
            purse.spend(picture((400, 550)))
        share = len(purse.spend(noise).data)
        assert share > 60_000 / 10

    def test_one_heavy_page_does_not_make_the_rest_small(self) -> None:
        purse = Purse(20, 200_000)
        purse.spend(Image.effect_noise((400, 550), 90).convert("RGB"))
        for _ in range(12):
            purse.spend(picture((400, 550)))
        assert purse.width == LADDER[0].width

    def test_each_rung_is_smaller(self) -> None:
        assert all(one.width > two.width and one.colours >= two.colours for one, two in pairwise(LADDER))


def test_each_kind_has_a_colour_that_is_read_on_white() -> None:
    """A contrast of 3 to 1, which is what guidelines ask of boxes and large letters."""

    def light(code: str) -> float:
        parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert all(1.05 / (light(code) + 0.05) >= 3 for code in COLOURS.values())
