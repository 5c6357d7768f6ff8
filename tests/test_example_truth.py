"""The example documents and their ground truth agree with each other, with the PDFs and with the script that makes them."""

import json
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pypdfium2
import pytest
from PIL import ImageChops, ImageStat

from docparse_loaders.model import FURNITURE, Kind

NAMES = ("report", "report-zh", "invoice-scan")
Truth = dict[str, Any]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def truth(examples: Path, name: str) -> Truth:
    return load(examples, name)


def load(folder: Path, name: str) -> Truth:
    tree: Truth = json.loads((folder / f"{name}.truth.json").read_text(encoding="utf-8"))
    return tree


def by_id(truth: Truth) -> dict[str, Truth]:
    return {block["id"]: block for block in truth["blocks"]}


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def chains(truth: Truth, kind: str) -> list[list[Truth]]:
    blocks = by_id(truth)
    groups = [[blocks[one] for one in joined["block_ids"]] for joined in truth["joined"] if joined["kind"] == kind]
    return [group for group in groups if len(group) > 1]


def test_blocks_are_well_formed(truth: Truth) -> None:
    blocks = truth["blocks"]
    assert len(by_id(truth)) == len(blocks)
    assert {block["kind"] for block in blocks} <= set(get_args(Kind))
    assert [block["page"] for block in blocks] == sorted(block["page"] for block in blocks)
    assert {block["page"] for block in blocks} == set(range(1, truth["page_count"] + 1))
    for block in blocks:
        x0, y0, x1, y1 = block["bbox"]
        assert 0 <= x0 < x1 <= 1, block["id"]
        assert 0 <= y0 < y1 <= 1, block["id"]
        assert ("level" in block) == (block["kind"] == "title")
        assert ("cells" in block) == (block["kind"] == "table")
        assert ("latex" in block) == (block["kind"] == "equation")


def test_blocks_of_a_page_do_not_overlap(truth: Truth) -> None:
    for one, other in pairwise(block for block in truth["blocks"] if block["kind"] not in FURNITURE):
        if one["page"] == other["page"]:
            assert one["bbox"][3] <= other["bbox"][1] + 0.003, (one["id"], other["id"])


def test_tables_are_grids_and_merged_cells_cover_nothing(truth: Truth) -> None:
    for block in truth["blocks"]:
        if block["kind"] != "table":
            continue
        cells = block["cells"]
        assert len({len(row) for row in cells}) == 1
        assert 0 <= block["header_rows"] < len(cells)
        for row, column, rows, columns in block["spans"]:
            inside = [cells[r][c] for r in range(row, row + rows) for c in range(column, column + columns)]
            assert inside[0]
            assert not any(inside[1:])


def test_a_continuation_follows_on_the_page_before(truth: Truth) -> None:
    blocks = by_id(truth)
    for block in truth["blocks"]:
        if block["continues"] is not None:
            before = blocks[block["continues"]]
            assert (before["kind"], before["page"]) == (block["kind"], block["page"] - 1)


def test_captions_belong_to_a_table_or_picture_on_their_page(truth: Truth) -> None:
    blocks = by_id(truth)
    captions = [block for block in truth["blocks"] if block["kind"] == "caption"]
    assert captions
    for caption in captions:
        owner = blocks[caption["caption_of"]]
        assert owner["kind"] in {"table", "figure", "chart"}
        assert owner["page"] == caption["page"]


def test_joined_holds_every_block_but_furniture_once(truth: Truth) -> None:
    joined = [one for entry in truth["joined"] for one in entry["block_ids"]]
    expected = [block["id"] for block in truth["blocks"] if block["kind"] not in FURNITURE]
    assert Counter(joined) == Counter(expected)
    heads = [entry["block_ids"][0] for entry in truth["joined"]]
    assert heads == [block["id"] for block in truth["blocks"] if block["id"] in set(heads)]


def test_joined_equals_its_parts(truth: Truth) -> None:
    blocks = by_id(truth)
    for entry in truth["joined"]:
        parts = [blocks[one] for one in entry["block_ids"]]
        assert {part["kind"] for part in parts} == {entry["kind"]}
        assert [part["continues"] for part in parts] == [None, *(part["id"] for part in parts[:-1])]
        if entry["kind"] == "table":
            rest = [row for part in parts[1:] for row in part["cells"][part["header_rows"] :]]
            assert entry["cells"] == [*parts[0]["cells"], *rest]
            assert entry["header_rows"] == parts[0]["header_rows"]
        else:
            assert re.fullmatch(r"\s?".join(re.escape(part["text"]) for part in parts), entry["text"])


def test_text_stands_in_the_pdf_where_the_truth_says(examples: Path, truth: Truth) -> None:
    width, height = truth["page_size"]
    with pypdfium2.PdfDocument(examples / truth["file"]) as pdf:
        texts = [page.get_textpage() for page in pdf]
        for block in truth["blocks"]:
            if block["page"] in truth["pages_without_text"]:
                continue
            x0, y0, x1, y1 = block["bbox"]
            found = texts[block["page"] - 1].get_text_bounded(x0 * width, (1 - y1) * height, x1 * width, (1 - y0) * height)
            assert bare(found) == bare(block["text"]), block["id"]


def test_every_letter_of_the_pdf_lies_in_a_block(examples: Path, truth: Truth) -> None:
    width, height = truth["page_size"]
    with pypdfium2.PdfDocument(examples / truth["file"]) as pdf:
        for number, page in enumerate(pdf, start=1):
            boxes = [block["bbox"] for block in truth["blocks"] if block["page"] == number]
            text = page.get_textpage()
            for n in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(n)
                x0, y0, x1, y1 = left / width, 1 - top / height, right / width, 1 - bottom / height
                assert any(inside((x0, y0, x1, y1), box) for box in boxes), (number, text.get_text_range(n, 1))


def inside(inner: tuple[float, ...], outer: list[float], slack: float = 0.002) -> bool:
    low = inner[0] >= outer[0] - slack and inner[1] >= outer[1] - slack
    return low and inner[2] <= outer[2] + slack and inner[3] <= outer[3] + slack


def test_pages_are_those_of_the_pdf(examples: Path, truth: Truth) -> None:
    with pypdfium2.PdfDocument(examples / truth["file"]) as pdf:
        assert len(pdf) == truth["page_count"]
        for number, page in enumerate(pdf, start=1):
            assert page.get_size() == pytest.approx(truth["page_size"], abs=0.01)
            assert (page.get_textpage().count_chars() == 0) == (number in truth["pages_without_text"])


def test_outline_is_that_of_the_titles_and_of_the_pdf(examples: Path, truth: Truth) -> None:
    titles = [block for block in truth["blocks"] if block["kind"] == "title"]
    outline = [(entry["level"], entry["text"], entry["page"]) for entry in truth["outline"]]
    assert outline == [(title["level"], title["text"], title["page"]) for title in titles]
    with pypdfium2.PdfDocument(examples / truth["file"]) as pdf:
        marks = [(mark.level + 1, mark.get_title(), mark.get_dest().get_index() + 1) for mark in pdf.get_toc()]
    assert marks == [entry for entry in outline if entry[2] not in truth["pages_without_text"]]


def test_files_are_small(examples: Path, truth: Truth) -> None:
    assert (examples / truth["file"]).stat().st_size < 400_000


def test_report_shows_what_its_readme_promises(examples: Path) -> None:
    report = load(examples, "report")
    assert 6 <= report["page_count"] <= 8
    kinds = Counter(block["kind"] for block in report["blocks"])
    assert kinds["list"] == 2
    assert {"equation", "code", "footnote", "chart", "figure"} <= set(kinds)
    assert {entry["level"] for entry in report["outline"]} == {1, 2, 3, 4}
    assert [len(parts) for parts in chains(report, "text")] == [2]
    repeated, plain = chains(report, "table")
    assert [part["header_rows"] for part in repeated] == [1, 1, 1]
    assert len({tuple(part["cells"][0]) for part in repeated}) == 1
    assert [part["header_rows"] for part in plain] == [1, 0]
    shapes = [tuple(span[2:]) for block in report["blocks"] for span in block.get("spans", [])]
    assert {(2, 1), (1, 2)} <= set(shapes)


def test_footnote_stands_on_the_page_of_its_mark(examples: Path) -> None:
    blocks = load(examples, "report")["blocks"]
    note = next(block for block in blocks if block["kind"] == "footnote")
    marked = [block["page"] for block in blocks if block["kind"] == "text" and note["text"][0] in block["text"]]
    assert marked == [note["page"]]


def test_chinese_report_is_joined_without_a_space(examples: Path) -> None:
    truth = load(examples, "report-zh")
    ((before, after),) = chains(truth, "text")
    assert re.search(r"[\u4e00-\u9fff]$", before["text"])
    assert re.match(r"[\u4e00-\u9fff]", after["text"])
    assert before["text"] + after["text"] in [entry.get("text") for entry in truth["joined"]]
    assert [part["header_rows"] for part in chains(truth, "table")[0]] == [1, 1]


def test_every_page_of_the_reports_is_numbered(examples: Path) -> None:
    for name in ("report", "report-zh"):
        truth = load(examples, name)
        numbers = [block["text"] for block in truth["blocks"] if block["kind"] == "page_number"]
        assert [int(re.sub(r"\D", "", number)) for number in numbers] == list(range(1, truth["page_count"] + 1))


def run_script(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).parent.parent / "examples" / "make_data.py"
    command = [sys.executable, str(script), "--out", str(out), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders, each filled by a run of its own."""
    folders = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for folder in folders:
        done = run_script(folder)
        assert done.returncode == 0 or "fonts-droid-fallback" in done.stderr, done.stderr
    return folders


def test_script_makes_the_committed_files(examples: Path, made: tuple[Path, Path], name: str) -> None:
    first, second = made
    if name == "report-zh" and not (first / "report-zh.pdf").exists():
        pytest.skip("the Chinese font (package fonts-droid-fallback) is not installed")
    assert (first / f"{name}.truth.json").read_bytes() == (examples / f"{name}.truth.json").read_bytes()
    assert (first / f"{name}.pdf").read_bytes() == (second / f"{name}.pdf").read_bytes()
    assert looks_like(first / f"{name}.pdf", examples / f"{name}.pdf")


def looks_like(made: Path, committed: Path) -> bool:
    """The same bytes or, where another release of a PDF library packs them differently, the same pages to the eye."""
    if made.read_bytes() == committed.read_bytes():
        return True
    with pypdfium2.PdfDocument(made) as one, pypdfium2.PdfDocument(committed) as other:
        pages = zip(one, other, strict=True)
        differences = [ImageChops.difference(a.render().to_pil(), b.render().to_pil()).convert("L") for a, b in pages]
    return all(ImageStat.Stat(image).extrema[0][1] < 8 for image in differences)


def test_without_its_font_the_script_says_what_to_install(tmp_path: Path) -> None:
    done = run_script(tmp_path, "--font", str(tmp_path / "none.ttf"))
    assert done.returncode == 1
    assert "fonts-droid-fallback" in done.stderr
    assert {path.name for path in tmp_path.glob("*.pdf")} == {"report.pdf", "invoice-scan.pdf", "paper.pdf"}
