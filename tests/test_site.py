"""The documentation holds together, without a build: links, anchors, navigation, pictures; and what checks a build works."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from built_site import faults
from doc_pages import DOCS, ROOT, DocPage, everything, fences_of, host_slug, links_of, pages, site_slug

PAGES = pages()
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
MOST_BYTES = 350_000
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.mark.parametrize("page", everything(), ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: DocPage) -> None:
    for link in page.links:
        parts = urlsplit(link.target)
        if parts.scheme:
            assert parts.scheme in {"https", "mailto"}, f"{page.name}: {link.target}"
            assert not link.is_picture, f"{page.name} loads {link.target} from elsewhere"
            continue
        target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
        assert target.exists(), f"{page.name}: {link.target}"
        assert target.is_relative_to(DOCS) or not page.is_in_site, f"{page.name}: {link.target} is not part of the site"
        if parts.fragment:
            assert unquote(parts.fragment) in DocPage(target).anchors, f"{page.name}: {link.target}"


def test_there_are_links_to_check() -> None:
    assert sum(len(page.links) for page in PAGES) > 100


def test_the_navigation_holds_every_page_once() -> None:
    named = re.findall(
        r"^ +- (?:[^:#\n]+: )?([\w/-]+\.md)$", SITE[SITE.index("\nnav:") : SITE.index("\nplugins:")], re.MULTILINE
    )
    assert sorted(named) == sorted(page.path.relative_to(DOCS).as_posix() for page in PAGES if page.is_in_site)


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "\n  font: false" in SITE
    code = "\n".join(line.partition("#")[0] for line in SITE.splitlines())
    style, script = ("".join(file.read_text(encoding="utf-8") for file in DOCS.rglob(kind)) for kind in ("*.css", "*.js"))
    assert not re.findall(r"https?://\S+", code + style + script)
    assert "@import" not in style


def test_pictures_are_small_and_drawings_are_plain() -> None:
    for file in sorted({*DOCS.rglob("*.png"), *DOCS.rglob("*.jpg"), *DOCS.rglob("*.svg")}):
        assert file.stat().st_size < MOST_BYTES, file.name
        if file.suffix == ".svg":
            text = file.read_text(encoding="utf-8")
            assert "<script" not in text
            assert not re.findall(r"""(?:href|src)=["'](?!#)|url\((?!#)""", text), f"{file.name} refers to something outside"


def test_every_picture_is_shown_and_described() -> None:
    shown = {(page.path.parent / link.target).resolve() for page in PAGES for link in page.links if link.is_picture}
    drawn = {file for kind in ("png", "svg") for file in DOCS.rglob(f"*.{kind}")}
    assert {file.name for file in drawn - shown} == set()
    for page in PAGES:
        assert not re.search(r"!\[\s*\]\(", page.prose), f"{page.name}: say what the picture shows"


@by_page
def test_headings_make_an_outline(page: DocPage) -> None:
    levels = [len(marks) for marks in re.findall(r"^(#{1,6}) ", page.prose, re.MULTILINE)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


# What the checks above rest on.


def test_fences_are_found_and_links_in_them_are_not() -> None:
    text = "# A\n\n<!-- not run: why -->\n```py\n[x](nowhere)\n```\n\n- b\n\n    ```python\n    c = 1\n    ```\n"
    assert [(fence.line, fence.language, fence.code, fence.excuse) for fence in fences_of(text)] == [
        (3, "py", "[x](nowhere)\n", "why"),
        (10, "python", "c = 1\n", ""),
    ]
    assert [link.target for link in links_of("[d](e.md#f) `[g](h)` ![i](j.png) <img src='k.png'>")] == [
        "e.md#f",
        "j.png",
        "k.png",
    ]


@pytest.mark.parametrize(
    ("heading", "site", "host"),
    [
        ("What to do in each case", "what-to-do-in-each-case", "what-to-do-in-each-case"),
        ("Tables to rows, CSV and pandas", "tables-to-rows-csv-and-pandas", "tables-to-rows-csv-and-pandas"),
        ("A & B", "a-b", "a--b"),
        ("Keep the vendor's result", "keep-the-vendors-result", "keep-the-vendors-result"),
        ("快速开始", "", "快速开始"),
    ],
)
def test_anchors_are_spelled_as_they_will_be(heading: str, site: str, host: str) -> None:
    assert (site_slug(heading), host_slug(heading)) == (site, host)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def test_a_build_is_searched_for_what_it_must_not_have(tmp_path: Path) -> None:
    _write(tmp_path / "a.html", '<h1 id="top">A</h1><a href="b.html#here">b</a><img src="x.png">')
    (tmp_path / "b.html").write_text(
        '<p id="here"></p><a href="a.html#top">a</a><a href="https://x.test">x</a>', encoding="utf-8"
    )
    (tmp_path / "x.png").write_bytes(b"")
    assert faults(tmp_path) == []
    _write(
        tmp_path / "c.html",
        '<a href="a.html#gone">1</a><a href="d.html">2</a><img src="https://x.test/y.png"><script src="//x.test/z.js"></script>'
        '<link rel="stylesheet" href="http://x.test/s.css"><link rel="canonical" href="https://x.test/">',
    )
    (tmp_path / "s.css").write_text(
        "a { background: url(https://x.test/f.woff) } @import 'https://x.test/t.css';", encoding="utf-8"
    )
    found = faults(tmp_path)
    for said in ("a.html#gone", "d.html", "y.png", "z.js", "s.css", "f.woff", "t.css"):
        assert any(said in fault for fault in found), said
    assert len(found) == 7
