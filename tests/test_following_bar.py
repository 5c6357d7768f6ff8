"""The bar of `progress=True`: on stderr, plain where there are no widgets, and closed whatever happens."""

import signal
import sys
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType

import pytest
import tqdm

import docparse_loaders as dl
from docparse_loaders.following.bar import _has_widgets, _place, _tqdm, bar
from docparse_loaders.following.event import Event
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.vendors.config import VendorConfig
from small_files import QUICK, emulated, small, written


@pytest.fixture(scope="module")
def silent() -> Iterator[VendorConfig]:
    with emulated("somark", work_seconds=0.02) as (_, config):
        yield config


def frames(text: str) -> list[str]:
    """What stood on the line, one after the other."""
    return [frame.strip() for frame in text.replace("\n", "\r").split("\r") if frame.strip()]


def test_it_says_how_it_stands_and_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with bar() as take:
        take(Event("a.pdf", "waiting", files_total=3))
        take(Event("a.pdf", "parsing", "running", 2, 9, 0, 3, 5.0))
        take(Event("b.pdf", "failed", files_done=1, files_total=3, seconds=6.0, number=2))
        take(Event("a.pdf", "done", "", 9, 9, 2, 3, 20.0, 10.0))
        take(Event("c.pdf", "kept", "", 4, 4, 3, 3, 20.5, 0.0, number=3))
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = frames(shown.err)
    assert any(line.endswith("| 0/3 files, 2 pages, 1 parsing, 2 waiting") for line in lines)
    assert any(line.endswith("| 2/3 files, 9 pages, 1 waiting, 1 failed, about 10 s left") for line in lines)
    assert lines[-1].endswith("| 3 files: 1 parsed, 1 kept from the store, 1 failed; 13 pages, 20 s")
    assert lines[-1].startswith("100%")
    assert shown.err.endswith("\n")


def test_events_in_quick_succession_are_drawn_once(capsys: pytest.CaptureFixture[str]) -> None:
    with bar() as take:
        for number in range(1000):
            take(Event("a.pdf", "parsing", "running", number, 1000, 0, 1, number / 10_000))
    assert len(frames(capsys.readouterr().err)) < 8


def test_a_number_that_becomes_known_later(capsys: pytest.CaptureFixture[str]) -> None:
    with bar() as take:
        take(Event("a.pdf", "waiting"))
        take(Event("a.pdf", "done", "", 1, 1, 1, None, 1.0))
        take(Event("b.pdf", "done", "", 1, 1, 2, 2, 2.0, number=2))
    lines = frames(capsys.readouterr().err)
    assert "1 file, 1 page" in lines
    assert lines[-1].endswith("| 2 files: 2 parsed; 2 pages, 2 s")


def test_no_event_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with bar():
        pass
    assert capsys.readouterr() == ("", "")


def test_it_is_closed_if_the_documents_are_left_early(silent: VendorConfig, capsys: pytest.CaptureFixture[str]) -> None:
    endless = (small(f"Number {number}.") for number in count())
    for number, _ in enumerate(dl.parse_many(endless, vendor=silent, policy=QUICK, concurrency=1, progress=True), 1):
        if number == 2:
            break
    last = frames(capsys.readouterr().err)[-1]
    assert " files: " in last
    assert " parsed" in last


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_is_closed_if_a_person_interrupts(capsys: pytest.CaptureFixture[str]) -> None:
    """And the interrupt arrives as what it is."""

    class Interrupted(BaseException):
        """As KeyboardInterrupt, which pytest takes for its own."""

    def interrupt(*_: object) -> None:
        raise Interrupted

    def kill(event: Event) -> None:
        if event.state == "parsing":
            signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    main = threading.get_ident()
    try:
        with emulated("somark", work_seconds=60.0) as (_, config), pytest.raises(Interrupted):
            next(dl.parse_many(small("One."), vendor=config, policy=QUICK, progress=True, on_event=kill))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert "0 of 1 file: 1 under way; 0 pages" in frames(capsys.readouterr().err)[-1]


def test_it_is_closed_if_the_first_failure_ends_the_load(
    silent: VendorConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "nope.pdf", *written(tmp_path, a="One.")]
    with pytest.raises(dl.errors.SourceNotFound):
        DocParseLoader(files, vendor=silent, policy=QUICK, concurrency=1, progress=True).load()
    assert "1 failed" in frames(capsys.readouterr().err)[-1]


def test_a_terminal_that_is_gone_stops_nothing(
    silent: VendorConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Gone:
        encoding = "utf-8"

        def write(self, _: str) -> int:
            raise OSError

        def flush(self) -> None:
            return

    monkeypatch.setattr(sys, "stderr", Gone())
    [outcome] = dl.parse_many(small("One."), vendor=silent, policy=QUICK, progress=True)
    assert outcome.document is not None
    assert caplog.records


@pytest.mark.parametrize("notebook", [False, True])
def test_without_widgets_a_notebook_gets_plain_text_and_no_warning(notebook: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if notebook:
        monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", ModuleType("ipykernel.zmqshell"))
    else:
        monkeypatch.delitem(sys.modules, "ipykernel.zmqshell", raising=False)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert not _has_widgets()
    assert _tqdm() is tqdm.tqdm
    assert _place() is (sys.stdout if notebook else sys.stderr)
