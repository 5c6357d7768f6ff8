"""A key and a signature that must be seen nowhere: every vendor's emulator, good and bad ends, at DEBUG of every logger."""

import copy
import io
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.traceback import Traceback

from contract.playing import QUICK
from contract.whole_way import numbered
from docparse_loaders import DocParser
from docparse_loaders.cli import main
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors import config_class

KEY = "sk-canary-4be1c09a77"
SIGNATURE = "sig-canary-90d2f7aa31"
VENDORS = ("somark", "mineru", "paddleocr", "parse4ai", "scnet")
FETCHING = {"scnet", "parse4ai"}  # these are given addresses; scnet would take a file, too
SERVERS = ("uvicorn", "python_multipart", "multipart")  # what the emulators log is not ours
BAD = (
    *[Fault("*", kind, times=100) for kind in ("401", "500", "html", "drop_after", "failed")],
    *[Fault("files", kind, times=100) for kind in ("403", "html", "drop_after")],
)


@pytest.fixture(autouse=True)
def signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link of an emulator carries the canary."""
    monkeypatch.setattr(Shelf, "_signature", lambda self, *_: SIGNATURE)


class Heard(logging.Handler):
    """Everything that anyone logs, with its arguments and its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(SERVERS):
            self.lines.append(f"{self.format(record)} {record.args!r}")


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler, root = Heard(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def hits(shown: str) -> list[str]:
    """The neighbourhood of every canary."""
    return [shown[max(0, at - 150) :][:250] for word in (KEY, SIGNATURE) if (at := shown.find(word)) >= 0]


def everything(thing: object) -> str:
    """What a curious person finds in an object."""
    kept = " ".join(f"{name}={value!r}" for name, value in getattr(thing, "__dict__", {}).items())
    return f"{thing} {thing!r} {kept} {copy.deepcopy(thing)!r}"


def fate(run: Callable[[], object]) -> str:
    """How a call ends: what it returns, or all that shows of its error, also with the variables of every frame."""
    try:
        return everything(run())
    except DocParseError as error:
        console = Console(file=io.StringIO(), width=300)
        console.print(
            Traceback.from_exception(
                type(error), error, error.__traceback__, show_locals=True, locals_max_length=1000, locals_max_string=100_000
            )
        )
        shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
        chain = "".join(traceback.format_exception(error))
        return f"{everything(error)} {error.args!r} {error.hint} {error.token} {pickle.dumps(error)!r} {chain} {shown}"


def flows(emulator: Emulator, files: Emulator, vendor: str, folder: Path) -> Iterator[str]:
    """The ways of a document, and what can be seen on each."""
    parser = parser_of(emulator, vendor, JobStore(folder / "jobs.db"))
    given, *others = [offered(files, vendor, f"%PDF-1.4 {letter}".encode()) for letter in "xyz"]
    yield fate(lambda: parser.parse(given, name="a.pdf"))
    yield fate(lambda: parser.parse(given, name="a.pdf"))
    yield fate(lambda: [*parser.parse_many(others)])
    alone = parser_of(emulator, vendor, None)
    yield fate(lambda: resumed(alone, given))
    yield fate(lambda: alone.resume('{"v":1}'))
    yield everything(parser) + repr(parser._store)
    for file in folder.iterdir():
        yield file.read_bytes().decode("latin-1")


def offered(files: Emulator, vendor: str, data: bytes) -> Any:
    """A document as this vendor takes it."""
    return files.offer(f"{data[-1]}.pdf", data) if vendor in FETCHING else data


def resumed(parser: DocParser, given: Any) -> object:
    job = parser.submit(given, name="a.pdf")
    return everything(job), job.token, everything(parser.resume(job.token))


def parser_of(emulator: Emulator, vendor: str, store: JobStore | None) -> DocParser:
    options = config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
    policy = replace(QUICK, timeouts=replace(QUICK.timeouts, job=1.0, request=1.0))
    return DocParser(options, policy=policy, store=store)


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_canary_on_a_good_way(vendor: str, heard: Heard, tmp_path: Path) -> None:
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2)) as emulator, Emulator("mineru") as files:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            seen = [*flows(emulator, files, vendor, tmp_path)]
        assert emulator.submits >= 2
    assert "This is sheet 2." in seen[0]
    assert len(heard.lines) > 20
    assert [hit for shown in [*seen, *heard.lines, *map(str, warned)] for hit in hits(shown)] == []


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", BAD, ids=lambda fault: f"{fault.on}-{fault.kind}")
def test_no_canary_when_something_goes_wrong(vendor: str, fault: Fault, heard: Heard) -> None:
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2), faults=[fault]) as emulator, Emulator("mineru") as files:
        parser = parser_of(emulator, vendor, None)
        given = offered(files, vendor, b"%PDF-1.4 x")
        seen = [
            fate(lambda: parser.parse(given, name="a.pdf")),
            fate(lambda: [*parser.parse_many([given])]),
        ]
    assert [hit for shown in [*seen, *heard.lines] for hit in hits(shown)] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_canary_in_what_the_faces_give(vendor: str, heard: Heard, tmp_path: Path) -> None:
    langchain, llama_index = (pytest.importorskip(f"docparse_loaders.{name}") for name in ("langchain", "llama_index"))
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4 x")
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2)) as emulator:
        options = config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
        loader = langchain.DocParseLoader(file, vendor=options, policy=QUICK)
        reader = llama_index.DocParseReader(vendor=options, policy=QUICK)
        found = [fate(loader.load), fate(lambda: reader.load_data(file))]
        shown = [repr(loader), str(vars(loader)), repr(reader), str(vars(reader)), reader.model_dump_json()]
    assert [hit for text in [*found, *shown, *heard.lines] for hit in hits(text)] == []


@pytest.mark.parametrize("kind", ["", "500", "drop_after", "failed"])
@pytest.mark.parametrize("vendor", VENDORS)
def test_no_canary_at_the_command_line(
    vendor: str, kind: str, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.4 x")
    faults = [Fault("*", kind, times=100)] if kind else []
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2), faults=faults) as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        for command in (
            ["parse", str(file), "-v", vendor, "--store", str(tmp_path / "jobs.db")],
            ["jobs", "list", "--json", "--store", str(tmp_path / "jobs.db")],
            ["jobs", "resume", "--store", str(tmp_path / "jobs.db")],
        ):
            monkeypatch.setattr("sys.argv", ["docparse-loaders", *command])
            with pytest.raises(SystemExit) as left:
                main()
            assert left.value.code != 2
    written = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir())
    said = "".join(capfd.readouterr())
    assert [hit for text in [said, written, *heard.lines] for hit in hits(text)] == []


def test_the_search_finds_what_is_there() -> None:
    assert hits(f"Bearer {KEY}")
    assert hits(f"https://files.test/a?X-Signature={SIGNATURE}")
    assert hits(everything({"key": KEY}))
