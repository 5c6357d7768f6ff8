"""`docparse-loaders view`: what it writes, what it says, and what it refuses before anything is parsed."""

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import docparse_loaders as dl
from docparse_loaders.cli.app import app
from remembered import remember_parses
from viewing_files import pdf, written


def call(*arguments: str | Path) -> Result:
    """The command inside this process."""
    return CliRunner().invoke(app, ["view", *map(str, arguments)], prog_name="docparse-loaders")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, and what LiteParse says of a file is asked for once."""
    monkeypatch.chdir(tmp_path)
    remember_parses(monkeypatch)


@pytest.fixture
def paper(examples: Path) -> Path:
    return examples / "paper.pdf"


def test_a_page_becomes_a_picture(paper: Path) -> None:
    result = call(paper, "-o", "page.png")
    assert (result.exit_code, result.stdout) == (0, "page.png\n")
    expected = dl.parse(paper).show(1).image
    with Image.open("page.png") as image:
        assert image.size == expected.size
    assert f"page 1, {expected.width} x {expected.height} pixels" in result.stderr


@pytest.mark.parametrize(
    ("options", "name", "pages"),
    [
        (("--page", "3"), "paper-page-3.png", "page 3"),
        (("--table", "2"), "paper-table-2.png", "page 3"),
        (("--find", "Night Setback"), "paper-found.png", "page 1"),
        (("--no-boxes",), "paper-page-1.png", "page 1"),
        (("--pages", "2-3", "--no-boxes", "--page", "2"), "paper-page-2.png", "page 2"),
        ((), "paper-report.html", "3 pages"),
    ],
)
def test_without_a_name_it_says_where_it_wrote(
    paper: Path, tmp_path: Path, options: tuple[str, ...], name: str, pages: str
) -> None:
    result = call(paper, *options)
    assert (result.exit_code, result.stdout) == (0, f"{name}\n")
    assert pages in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_table_over_pages_stands_side_by_side(examples: Path) -> None:
    assert "pages 4-6" in call(examples / "report.pdf", "--table", "2", "-o", "table.png").stderr
    with Image.open("table.png") as image:
        assert image.width > 3 * 640


def test_without_boxes_the_page_is_as_it_is(paper: Path) -> None:
    """The paper is black on white; its boxes are not."""
    for option, coloured in (("--no-boxes", False), ("--boxes", True)):
        assert call(paper, option, "-o", "page.png").exit_code == 0
        with Image.open("page.png") as image:
            saturation = image.convert("RGB").convert("HSV").getchannel("S").histogram()
        assert any(saturation[60:]) == coloured


def test_the_report_holds_the_chunks_of_that_size(paper: Path) -> None:
    for tokens in (60, 400):
        assert call(paper, "-o", f"{tokens}.html", "--max-tokens", str(tokens)).exit_code == 0
    few, many = (Path(f"{tokens}.html").read_text(encoding="utf-8").count("<article ") for tokens in (400, 60))
    assert 3 < few < many


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--page", "1", "--table", "1"), "--page and --table cannot be used together"),
        (("--find", "x", "--table", "1"), "--table and --find cannot be used together"),
        (("-o", "a.gif"), "'a.gif' says neither"),
        (("-o", "a"), "'a' says neither"),
        (("-o", "a.html", "--page", "1"), "--page is for pictures"),
        (("-o", "a.html", "--no-boxes"), "--no-boxes is for pictures"),
        (("--table", "1", "--no-boxes"), "leaves nothing to see"),
        (("--page", "1", "--pages", "2-3"), "page 1 is not one of --pages 2-3"),
        (("-o", "nowhere/a.png"), "there is no folder 'nowhere'"),
        (("--vendor", "nobody"), "nobody"),
        (("--set", "colour=red"), "colour"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_parsed(options: tuple[str, ...], said: str) -> None:
    """The file does not even exist."""
    result = call("missing.pdf", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert said in line


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, pdf(), "scan.png")
    result = call(path, "-o", "scan.png")
    assert (result.exit_code, path.read_bytes()) == (2, pdf())
    assert "would be overwritten" in result.stderr


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (("--page", "9"), 1, "page 9 was not parsed; those that were: 1-3."),
        (("--table", "9"), 2, "1 on page 1, 2 on page 3, 3 on page 3."),
        (("--find", "nowhere to be found"), 2, "'nowhere to be found' was not found."),
    ],
)
def test_what_the_document_does_not_have_is_said(
    paper: Path, tmp_path: Path, options: tuple[str, ...], status: int, said: str
) -> None:
    result = call(paper, *options)
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = call("missing.pdf")
    assert (result.exit_code, "there is no file" in result.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_read_is_said(examples: Path) -> None:
    result = call(examples / "invoice-scan.pdf", "--page", "2", "--set", "ocr=never")
    assert "no text layer" in result.stderr
