"""`show_sources`: what either framework retrieved, as numbered places on the pages."""

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import docparse_loaders as dl
from docparse_loaders.errors import ConfigError
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.viewing.view import View


@pytest.fixture(scope="module")
def documents(examples: Path) -> list[Any]:
    return DocParseLoader(examples / "report.pdf").load()


@pytest.fixture(scope="module")
def nodes(examples: Path) -> list[Any]:
    return DocParseReader().load_data(examples / "report.pdf")


def pages(view: View) -> list[tuple[int, list[str]]]:
    """Each page with the numbers of the citations below it."""
    return [(panel.page, [caption.number for caption in panel.captions]) for panel in view.panels]


def test_each_place_is_numbered_in_the_order_given_and_places_on_one_page_share_it(documents: list[Any]) -> None:
    on = {document.metadata["page_number"]: document for document in reversed(documents)}
    two = [document for document in documents if document.metadata["page_number"] == 2][:2]
    view = dl.show_sources([two[1], on[3], two[0]])
    assert pages(view) == [(2, ["1", "3"]), (3, ["2"])]
    numbers = [mark.number for mark in view.panels[0].marks if mark.number]
    assert numbers == ["[1]", "[3]"]
    assert len({caption.colour for caption in view.panels[0].captions}) == 2
    assert view.notices == ()


@pytest.mark.parametrize("width", [200, 640])
def test_the_number_stands_on_the_page_however_small(documents: list[Any], width: int) -> None:
    [panel] = dl.show_sources(documents[:1], width=width).panels
    at = panel.marks[0].bbox
    assert at is not None
    image = panel.image
    beside = image.crop((0, round(at.y0 * image.height), round(at.x0 * image.width) - 6, round(at.y0 * image.height) + 12))
    red, green, blue = (int(panel.captions[0].colour[at : at + 2], 16) for at in (1, 3, 5))
    assert (red, green, blue) in {colour for _, colour in beside.getcolors(10_000) or ()}


def test_the_boxes_are_those_of_the_documents(documents: list[Any]) -> None:
    view = dl.show_sources(documents[4])
    drawn = [(panel.page, mark.bbox) for panel in view.panels for mark in panel.marks]
    assert drawn == [(region.page_number, region.bbox) for region in dl.boxes_of(documents[4])]
    assert view.panels[0].title == f"report.pdf, page {view.panels[0].page} of 8"


def test_a_place_over_several_pages_has_all_of_them(documents: list[Any]) -> None:
    long = next(one for one in documents if one.metadata["last_page_number"] > one.metadata["page_number"])
    view = dl.show_sources([long])
    assert [panel.page for panel in view.panels] == [long.metadata["page_number"], long.metadata["last_page_number"]]
    assert all(panel.captions[0].number == "1" for panel in view.panels)


def test_both_frameworks_show_the_same(documents: list[Any], nodes: list[Any]) -> None:
    from llama_index.core.schema import NodeWithScore, TextNode

    scored = [(documents[3], 0.75), (documents[5], 0.5)]
    view = dl.show_sources(scored)
    others = [NodeWithScore(node=nodes[3], score=0.75), NodeWithScore(node=nodes[5], score=0.5)]
    assert pages(dl.show_sources(others)) == pages(view)
    assert [panel.captions for panel in dl.show_sources(others).panels] == [panel.captions for panel in view.panels]
    assert "score 0.750" in view.panels[0].captions[0].text
    node = TextNode(text=nodes[3].text, metadata=nodes[3].metadata)
    assert pages(dl.show_sources(node)) == pages(dl.show_sources(SimpleNamespace(source_nodes=[nodes[3]])))
    assert pages(dl.show_sources((documents[3], 0.75))) == pages(dl.show_sources(documents[3].metadata))


def test_a_caption_is_the_end_of_the_heading_path_or_a_title(documents: list[Any]) -> None:
    deep = next(one for one in documents if one.metadata["headings"].count(" > ") == 3)
    said = dl.show_sources([deep]).panels[0].captions[0].text
    assert said.endswith(deep.metadata["headings"].rpartition(" > ")[2])
    assert len(said) < 100
    assert dl.show_sources([deep], titles=["第一"]).panels[0].captions[0].text == "第一"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "no documents"),
        ("report.pdf", "is no document"),
        (3, "is no document"),
        ([SimpleNamespace(metadata={"source": "x"})], "no boxes"),
    ],
)
def test_what_no_loader_of_ours_returned_is_refused(given: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        dl.show_sources(given)


def test_titles_are_one_for_each(documents: list[Any]) -> None:
    with pytest.raises(ConfigError, match="2 titles for 1 documents"):
        dl.show_sources(documents[:1], titles=["a", "b"])


def test_files_that_were_moved_are_handed_in(documents: list[Any], examples: Path, tmp_path: Path) -> None:
    lost = documents[3].model_copy(update={"metadata": documents[3].metadata | {"source": "old/report.pdf"}})
    blank = dl.show_sources([lost])
    assert "there is no file old/report.pdf here" in blank.notices[0]
    for source in (examples / "report.pdf", {"old/report.pdf": examples / "report.pdf"}):
        assert dl.show_sources([lost], source=source).notices == ()
    other = dl.show_sources([lost], source=examples / "paper.pdf")
    assert "is not the file that was parsed" in other.notices[0]


def test_several_files_stand_side_by_side(documents: list[Any], examples: Path) -> None:
    chinese = DocParseLoader(examples / "report-zh.pdf").load()
    view = dl.show_sources([chinese[0], documents[0], chinese[-1]])
    assert [panel.title.partition(",")[0] for panel in view.panels] == ["report-zh.pdf", "report.pdf", "report-zh.pdf"]
    assert view._repr_png_().startswith(b"\x89PNG")


def test_of_very_many_pages_the_first_are_shown_and_it_says_so(documents: list[Any]) -> None:
    metadata = documents[0].metadata
    many = [metadata | {"page_number": page, "boxes": f"[[{page},0.1,0.1,0.2,0.2]]", "source": "x"} for page in range(1, 40)]
    view = dl.show_sources(many, width=60)
    assert len(view) == 24
    assert "The first 24 of 39 pages." in view.notices


def test_places_without_a_box_or_a_page_are_told(documents: list[Any]) -> None:
    metadata = documents[0].metadata | {"boxes": "[]"}
    assert [panel.page for panel in dl.show_sources(metadata).panels] == [1]
    nowhere = dl.show_sources([metadata | {"page_number": 0}])
    assert (len(nowhere), nowhere.notices) == (0, ("[1] has no page.",))


def test_text_of_a_document_is_never_markup(documents: list[Any]) -> None:
    nasty = '"><script>alert(1)</script>'
    metadata = documents[0].metadata | {"file_name": nasty, "headings": nasty, "source": nasty}
    html = dl.show_sources([metadata])._repr_html_()
    assert "<script" not in html
    pictures = [part.partition('"')[0] for part in html.split('src="')[1:]]
    assert all(base64.b64decode(address.partition(",")[2]) for address in pictures)
