"""A key and a signature that must be seen nowhere: every vendor's emulator, good and bad ends, at DEBUG of every logger."""

import copy
import io
import logging
import pickle
import re
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
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
from docparse_loaders.engine.masking import mask
from docparse_loaders.errors import DocParseError
from docparse_loaders.vendors import config_class

KEY = "sk-canary-4be1c09a77"
SIGNATURE = "sig-canary-90d2f7aa31"
HASTY = replace(QUICK, timeouts=replace(QUICK.timeouts, job=1.0, request=1.0))
VENDORS = ("somark", "mineru", "paddleocr", "parse4ai", "scnet")
FETCHING = {"scnet", "parse4ai"}  # these are given addresses; scnet would take a file, too
SERVERS = ("uvicorn", "python_multipart", "multipart")  # what the emulators log is not ours
OFFERED = re.compile(r"/offered-\d+\.pdf\?[^'\"\s\\]*")
"""The query of an address that the caller gave: it lies where the caller put it, in arguments and in a loader's own field."""
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
    """The neighbourhood of every canary, also of one that was broken over lines."""
    joined = "".join(shown.split())
    return [
        text[max(0, at - 150) :][:250] for text in (shown, joined) for word in (KEY, SIGNATURE) if (at := text.find(word)) >= 0
    ]


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
        kept = f"{everything(error)} {error.hint} {error.token} {pickle.dumps(error)!r}"
        return " ".join([kept, chain, shown, *(told(each) for each in behind(error))])


def behind(error: BaseException | None) -> Iterator[BaseException]:
    """An error and every other that can be reached from it, also those that no traceback prints."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and not any(each is one for one in seen):
            seen.append(each)
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
            yield each


def told(error: BaseException) -> str:
    """What one error says, and what lies in the variables of the frames that it came through, those of this file aside."""
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename != __file__]
    found = " ".join(f"{name}={value!r}" for held in frames for name, value in held.items())
    return f"{error!r} {error.args!r} {vars(error)!r} {OFFERED.sub('', found)}"


@dataclass
class Watch:
    """Hears of every event, and reads all files of the store at that moment, its write-ahead log among them."""

    folder: Path | None = None
    seen: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def __call__(self, uri: str, progress: object) -> None:
        self.seen.append(f"{uri} {everything(progress)}")
        for file in self.folder.iterdir() if self.folder else ():
            with suppress(FileNotFoundError):  # the last to leave takes the log with it
                self.seen.append(file.read_bytes().decode("latin-1"))
                self.files.add(file.name)


def flows(emulator: Emulator, files: Emulator, vendor: str, folder: Path) -> Iterator[str]:
    """The ways of a document, and what can be seen on each."""
    store, watch = JobStore(folder / "jobs.db"), Watch(folder)
    parser = parser_of(emulator, vendor, store, watch)
    given, *others = [offered(files, vendor, f"%PDF-1.4 {letter}".encode()) for letter in "xyz"]
    yield fate(lambda: parser.parse(given, name="a.pdf"))
    yield fate(lambda: parser.parse(given, name="a.pdf"))
    yield fate(lambda: [*parser.parse_many(others)])
    alone = parser_of(emulator, vendor, None)
    yield fate(lambda: resumed(alone, given))
    yield fate(lambda: alone.resume('{"v":1}'))
    yield f"{everything(parser)} {store!r} {everything(store)} {pickle.dumps((parser, parser.config, store))!r}"
    yield from (f"{everything(job)} {job.token} {store.result(job.key)!r}" for job in store.jobs())
    yield from (file.read_bytes().decode("latin-1") for file in folder.iterdir())
    yield from watch.seen
    assert "jobs.db-wal" in watch.files


def offered(files: Emulator, vendor: str, data: bytes) -> Any:
    """A document as this vendor takes it."""
    return files.offer(f"offered-{data[-1]}.pdf", data) if vendor in FETCHING else data


def placed(files: Emulator, vendor: str, folder: Path) -> Any:
    """The same where a path is wanted."""
    (folder / "a.pdf").write_bytes(b"%PDF-1.4 x")
    return offered(files, vendor, b"%PDF-1.4 x") if vendor in FETCHING else folder / "a.pdf"


def resumed(parser: DocParser, given: Any) -> object:
    job = parser.submit(given, name="a.pdf")
    return everything(job), job.token, pickle.dumps(job), everything(parser.resume(job.token))


def parser_of(emulator: Emulator, vendor: str, store: JobStore | None, watch: Watch | None = None) -> DocParser:
    options = config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
    return DocParser(options, policy=HASTY, store=store, on_progress=watch or Watch())


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
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2)) as emulator, Emulator("mineru") as files:
        options = config_class(vendor)(base_url=emulator.base_url, api_key=emulator.keys[0])
        given = placed(files, vendor, tmp_path)
        loader = langchain.DocParseLoader(given, vendor=options, policy=QUICK)
        reader = llama_index.DocParseReader(vendor=options, policy=QUICK)
        found = [*loader.load(), *reader.load_data(given)]
        own = f"{everything(loader)} {pickle.dumps((loader, reader))!r}"
        shown = [repr(loader), OFFERED.sub("", own), everything(reader), reader.model_dump_json()]
        shown += [everything(loader.report), *(f"{everything(one)} {one.model_dump_json()}" for one in found)]
    assert sum("This is sheet 2." in text for text in shown) >= 2
    assert [hit for text in [*shown, *heard.lines] for hit in hits(text)] == []


@pytest.mark.parametrize("kind", ["", "500", "drop_after", "failed"])
@pytest.mark.parametrize("vendor", VENDORS)
def test_no_canary_at_the_command_line(
    vendor: str, kind: str, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    faults = [Fault("*", kind, times=10_000)] if kind else []
    monkeypatch.setattr("docparse_loaders.parser.Policy", lambda: HASTY)  # its waits are not looked at here
    with Emulator(vendor, keys=(KEY,), parse=lambda _: numbered(2), faults=faults) as emulator, Emulator("mineru") as files:
        given = placed(files, vendor, tmp_path)
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        for command in (
            ["parse", str(given), "-v", vendor, "--store", str(tmp_path / "jobs.db"), "--format", "json"],
            ["jobs", "list", "--json", "--store", str(tmp_path / "jobs.db")],
            ["jobs", "resume", "--store", str(tmp_path / "jobs.db")],
        ):
            monkeypatch.setattr("sys.argv", ["docparse-loaders", *command])
            with pytest.raises(SystemExit) as left:
                main()
            assert left.value.code in ({0, None} if not kind else {0, None, 1})
    written = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir())
    said = "".join(capfd.readouterr())
    assert ("This is sheet 2." in said) == (not kind)
    assert [hit for text in [said, written, *heard.lines] for hit in hits(text)] == []


@pytest.mark.parametrize("vendor", ["mineru", "scnet"])
@pytest.mark.parametrize("key", [KEY, "abc"])
@pytest.mark.parametrize("fault", ["401", "500", "drop_before"])
def test_no_canary_when_an_upload_goes_wrong(fault: str, key: str, vendor: str, heard: Heard) -> None:
    """Also at a private deployment with a key of a few letters, which is masked nowhere: links are signed there, too."""
    with Emulator(vendor, keys=(key,), parse=lambda _: numbered(2), faults=[Fault("files", fault, times=100)]) as emulator:
        parser = parser_of(emulator, vendor, None)
        seen = fate(lambda: parser.parse(b"%PDF-1.4 x", name="a.pdf"))
    assert not seen.startswith("ParsedDocument")
    assert [hit for shown in [seen, *heard.lines] for hit in hits(shown)] == []


def test_the_search_finds_what_is_there() -> None:
    assert hits(f"Bearer {KEY}")
    assert hits(f"https://files.test/a?X-Signature={SIGNATURE}")
    assert hits(everything({"key": KEY}))
    assert hits(f"{KEY[:9]}\n    {KEY[9:]}")
    with pytest.raises(DocParseError) as caught:
        hidden()
    assert hits(" ".join(map(told, behind(caught.value))))
    assert not hits("".join(traceback.format_exception(caught.value)))


def test_what_was_left_out_on_purpose_is_not_to_be_found_either() -> None:
    with pytest.raises(DocParseError) as caught:
        hidden()
    mask(caught.value, None)
    assert [*behind(caught.value)] == [caught.value]


def hidden() -> None:
    """An error behind another, which no traceback prints."""
    try:
        int(SIGNATURE)
    except ValueError:
        raise DocParseError("told instead") from None
