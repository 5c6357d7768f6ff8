"""What a person sees in the terminal while documents are parsed, as text, at the width of theirs."""

import io
import os
import re
import stat
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from docparse_loaders.cli.app import app
from docparse_loaders.cli.live import Display
from docparse_loaders.cli.table import age, name_of, size
from docparse_loaders.errors import JobFailed
from docparse_loaders.following import Event
from small_files import emulated, written
from test_cli import on_terminal, posix

ANSI = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def shown(display: Display, columns: int) -> list[str]:
    """The lines of a frame, without the spinner's own character."""
    console = Console(file=io.StringIO(), width=columns, color_system=None)
    with console.capture() as captured:
        console.print(display._drawn())
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return [lines[0][2:], *lines[1:]]


@pytest.fixture(params=[80, 40])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("LINES", "24")
    width: int = request.param
    return width


def test_before_anything_is_heard(columns: int) -> None:
    assert shown(Display(lambda: 0.0), columns) == ["reading"]


def test_files_under_way_with_the_vendor_s_word(columns: int) -> None:
    clock = [0.0]
    display = Display(lambda: clock[0])
    display.take(Event("in/a.pdf", "waiting", "", 0, 8, 0, 4, 0.0))
    display.take(Event("in/b.pdf", "sent", "", 0, None, 0, 4, 0.0, number=2))
    display.take(Event("in/c.pdf", "failed", "", 0, None, 1, 4, 1.0, error=JobFailed("no."), number=3))
    clock[0] = 12.0
    display.take(Event("in/a.pdf", "parsing", "running", 2, 8, 1, 4, 12.0, 30.0))
    clock[0] = 15.0
    head, *rows = shown(display, columns)
    if columns == 80:
        assert re.sub(r"[━╸╺ ]{20,}", " ", head) == "1 of 4 files done 2 pages · about 27 s left"
        assert rows == ["   a.pdf  running · 2 of 8 pages  15 s", "   b.pdf  sent                    15 s"]
    else:
        assert re.sub(r"[━╸╺ ]{6,}", " ", head) == "1/4 2 pages · 27 s left"
        assert rows == ["   a.pdf  running 2/8", "   b.pdf  sent"]


def test_no_more_rows_than_anybody_reads(columns: int) -> None:
    display = Display(lambda: 0.0)
    for number in range(1, 21):
        display.take(Event(f"{number:02}.pdf", "waiting" if number < 5 else "parsing", files_total=30, number=number))
    lines = shown(display, columns)
    assert len(lines) == 1 + 8 + 1
    assert lines[1].split() == ["05.pdf", "parsing", "0.0", "s"][: 4 if columns == 80 else 2]
    assert lines[-1].split() == ["and", "12", "more"]


def test_every_line_fits_and_steers_nothing(columns: int) -> None:
    display = Display(lambda: 0.0)
    display.take(Event("x" * 300 + ".pdf", "parsing", "y" * 300, 1, 9_999, 0, 1, 0.0, 1e6))
    display.take(Event("\x1b[2J报告.pdf", "parsing", "\x1b]0;title\x07", 1, 2, 0, 2, 0.0, number=2))
    lines = shown(display, columns)
    assert all(len(line) <= columns for line in lines)
    assert len(lines) == 3
    assert not any(character in line for line in lines for character in "\x1b\x07")


def test_where_nobody_looks_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display()
    with display.shown(), display.aside():
        display.take(Event("a.pdf", "done", files_done=1, files_total=1))
    assert display.summary(3) == ""
    assert capsys.readouterr() == ("", "")


@posix
def test_what_is_said_meanwhile_stays_and_a_summary_comes_last(tmp_path: Path) -> None:
    """The lines of the display are taken away by going up: never over what was written after them."""
    written(tmp_path, a="One.", b="Two.", c="Three.")
    with emulated("somark", work_seconds=0.6) as (emulator, _):
        arguments = ["parse", "nope.pdf", "a.pdf", "b.pdf", "c.pdf", "-v", "somark", "-o", "out.txt"]
        text = on_terminal(tmp_path, *arguments, SOMARK_BASE_URL=emulator.base_url, SOMARK_API_KEY=emulator.keys[0])
    said = text.index("SourceNotFound:")
    after = text[text.index("\n", said) + 1 :]
    begun = min(after.index(character) for character in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if character in after)
    assert "\x1b[1A" not in after[:begun]
    assert "\x1b[2K" in text[max(text.rindex(character) for character in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if character in text) :]
    last = ANSI.sub("", text).splitlines()[-1]
    assert re.fullmatch(r"4 files: 3 parsed, 1 failed; 3 pages, 3 chunks, [\d.]+ s", last)


@posix
def test_a_pipe_that_is_named_is_written_to_and_not_replaced(examples: Path, tmp_path: Path) -> None:
    """Nor is /dev/null, by whoever may."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        result = CliRunner().invoke(app, ["parse", str(examples / "paper.pdf"), "-o", str(pipe)])
        text = os.read(reader, 1 << 16).decode()
    finally:
        os.close(reader)
    assert (result.exit_code, result.output) == (0, "")
    assert text.startswith("paper.pdf\n")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    ("count", "words"), [(0, ""), (7, "1 kB"), (41_200, "41 kB"), (1_240_000, "1.2 MB"), (209_715_200, "210 MB")]
)
def test_sizes(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(("seconds", "words"), [(-5.0, "now"), (59.0, "now"), (90.0, "2 min"), (7200.0, "2 h"), (1e6, "12 d")])
def test_ages(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_names() -> None:
    assert [name_of(source) for source in ("a/b.pdf", "s3://x/c.pdf", "bytes:12", "", "a\x07.pdf")] == [
        *("b.pdf", "c.pdf", "bytes:12", "", "a\N{REPLACEMENT CHARACTER}.pdf")
    ]
