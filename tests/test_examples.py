"""The example scripts, run as a newcomer runs them: each finds what the ground truth knows and says where it stands."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

import offline

EXAMPLES = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(EXAMPLES.glob("cited_answer_*.py"))
by_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


class Passage(NamedTuple):
    """A printed passage: its file, first and last page, heading path, boxes by page, and what is quoted."""

    file: str
    pages: tuple[int, int]
    headings: list[str]
    boxes: list[tuple[int, list[float]]]
    quote: str


def _run(script: Path, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(script), *map(str, arguments)]
    return subprocess.run(  # noqa: S603  # our own script
        command, cwd=folder, env=offline.environment(folder), capture_output=True, text=True, timeout=60, check=False
    )


def _main(script: Path) -> Callable[..., None]:
    spec = spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[..., None] = module.main
    return main


def _passages(printed: str) -> list[Passage]:
    passages = []
    for part in re.split(r"^\[\d+\] ", printed, flags=re.MULTILINE)[1:]:
        head, *lines = part.splitlines()
        found = re.fullmatch(r"(.+?), pages? (\d+)(?:–(\d+))?: (.*)", head)
        assert found is not None, head
        boxes = [re.fullmatch(r"    page (\d+), box (.+)", line) for line in lines]
        passages.append(
            Passage(
                file=found[1],
                pages=(int(found[2]), int(found[3] or found[2])),
                headings=found[4].split(" > "),
                boxes=[(int(box[1]), [float(edge) for edge in box[2].split()]) for box in boxes if box],
                quote=" ".join(line.removeprefix("    > ") for line in lines if line.startswith("    > ")),
            )
        )
    return passages


def _truth(name: str, words: str) -> dict[str, Any]:
    """The one block of the ground truth that has these words."""
    truth = json.loads((EXAMPLES / "data" / f"{name}.truth.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = [block for block in truth["blocks"] if words in block["text"]]
    assert len(found) == 1, words
    return found[0]


def _near(box: list[float], truth: list[float]) -> bool:
    """Whether a printed box, in hundredths of the page, is the true one."""
    return all(abs(edge - true) < 0.02 for edge, true in zip(box, truth, strict=True))


@by_script
@pytest.mark.parametrize(
    ("name", "question", "words", "heading"),
    [
        ("report", "For how many hours did the boiler run?", "The boiler ran for 41 hours", "2.1.2 Electric boiler"),
        ("report", "What is the return temperature of 15 Kiln Close?", "15 Kiln Close", "3.2 Substations"),
        ("report", "What conductivity does aged foam have?", "the conductivity that the maker gives", "3.1 Method"),
        ("report-zh", "漏损下降主要得益于什么？", "漏损下降主要得益于分区计量", "摘要"),
    ],
)
def test_the_answer_is_quoted_with_its_place(
    script: Path, name: str, question: str, words: str, heading: str, capsys: pytest.CaptureFixture[str]
) -> None:
    block = _truth(name, words)
    _main(script)(EXAMPLES / "data" / f"{name}.pdf", question)
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(question)
    [answer] = [passage for passage in _passages(out) if words in passage.quote]
    assert answer.file == f"{name}.pdf"
    assert answer.pages[0] <= block["page"] <= answer.pages[1]
    assert answer.headings[-1] == heading
    assert any(page == block["page"] and _near(box, block["bbox"]) for page, box in answer.boxes)


@by_script
def test_the_places_are_drawn(script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "answer.png"
    _main(script)(EXAMPLES / "data" / "paper.pdf", "What is lost in small networks?", picture)
    pages = {page for passage in _passages(capsys.readouterr().out) for page, _ in passage.boxes}
    with Image.open(picture) as drawn:
        assert drawn.width > 400 * len(pages)
    _main(script)(EXAMPLES / "data" / "paper.pdf", "Xyzzy?", tmp_path / "nothing.png")
    assert not (tmp_path / "nothing.png").exists()


@by_script
def test_without_arguments_it_answers_from_the_report(script: Path, tmp_path: Path) -> None:
    run = _run(script, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    passages = _passages(run.stdout)
    assert len(passages) == 3
    assert any("14.9 % to 12.1 %" in passage.quote and passage.pages == (1, 1) for passage in passages)
    assert any("buried pipes are watched" in passage.quote and passage.pages == (2, 3) for passage in passages)


@by_script
def test_words_that_are_nowhere_have_no_answer(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _main(script)(EXAMPLES / "data" / "report.pdf", "Xyzzy?")
    assert capsys.readouterr().out == "Xyzzy? Nothing in the file has these words.\n"


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "gray.pdf"), pagesize=(595, 842))
    canvas.drawString(72, 700, "The total due is 747.84 euros.")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (200, 280), 128)), 0, 0, 595, 842)
    canvas.save()
    run = _run(SCRIPTS[1], tmp_path, tmp_path / "gray.pdf", "What is the total due?")
    assert "page 2 has no text layer" in run.stderr
    assert "total due" in _passages(run.stdout)[0].quote


def test_a_scanned_page_is_cited(capsys: pytest.CaptureFixture[str]) -> None:
    """With one of them only: reading a scan takes longer than all the rest, and is the same for both."""
    _main(SCRIPTS[0])(EXAMPLES / "data" / "invoice-scan.pdf", "How long did the driver wait?")
    assert any(passage.pages == (2, 2) for passage in _passages(capsys.readouterr().out))


@by_script
def test_a_missing_file_is_one_line(script: Path, tmp_path: Path) -> None:
    run = _run(script, tmp_path, "nowhere.pdf")
    assert run.returncode == 1
    assert run.stderr.startswith("there is no file 'nowhere.pdf'.")
    assert run.stderr.count("\n") == 1


@by_script
def test_it_is_short(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 80


def test_there_is_one_for_each_framework() -> None:
    assert [script.stem for script in SCRIPTS] == ["cited_answer_langchain", "cited_answer_llama_index"]


@pytest.mark.parametrize(
    "attempt", ["socket.create_connection(('192.0.2.1', 80))", "socket.socket().connect(('192.0.2.1', 80))"]
)
def test_the_processes_cannot_leave_this_machine(attempt: str, tmp_path: Path) -> None:
    script = tmp_path / "outside.py"
    script.write_text(f"import socket\n{attempt}\n", encoding="utf-8")
    assert "must stay on this machine" in _run(script, tmp_path).stderr
