"""The plan of a parse: right about what parsing does, and made without a single connection."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import docparse_loaders as dl
from docparse_loaders import DocParser, JobStore, MinerU, Planned, SoMark, errors
from docparse_loaders.cli.app import app
from docparse_loaders.engine.store import MemoryStore
from small_files import QUICK, emulated, small, written

HERE = "http://127.0.0.1"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    for name in ("SOMARK_API_KEY", "SOMARK_BASE_URL", "MINERU_TOKEN", "MINERU_BASE_URL", "DOCPARSE_STORE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def unheard() -> Iterator[str]:
    """An endpoint to which nobody may even connect."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield f"{HERE}:{listener.getsockname()[1]}"
        with pytest.raises(BlockingIOError):
            listener.accept()


def counted(pages: int) -> bytes:
    """A PDF that says so many pages."""
    return b"%PDF-1.4 <</Type /Pages /Count " + str(pages).encode() + b">>"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="docparse-loaders")


class TestWithoutAConnection:
    def test_what_would_be_sent_and_to_whom(self, unheard: str, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(counted(8))
        parser = DocParser(MinerU(base_url=f"{unheard}/api/v4", api_key="k"), store=tmp_path / "jobs.db")
        assert parser.plan([tmp_path / "a.pdf", tmp_path], pages="2-4") == [
            Planned(str(tmp_path / "a.pdf"), "mineru", unheard, len(counted(8)), 3, 8),
            Planned(
                str(tmp_path / "a.pdf"), "mineru", unheard, len(counted(8)), 3, 8, same_as=str(tmp_path / "a.pdf"), fate="same"
            ),
        ]
        assert not (tmp_path / "jobs.db").exists()

    @pytest.mark.parametrize("form", ["text", "jsonl", "json"])
    def test_the_command(self, unheard: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
        monkeypatch.setenv("SOMARK_BASE_URL", unheard)
        (tmp_path / "a.pdf").write_bytes(counted(8))
        store, output = tmp_path / "jobs.db", tmp_path / "out.txt"
        said = call("parse", tmp_path, "-v", "somark", "--dry-run", "--store", store, "-o", output, "-f", form)
        assert (said.exit_code, said.stderr) == (0, "")
        assert unheard in said.stdout
        assert not store.exists()
        assert not output.exists()

    def test_a_document_elsewhere_has_no_size(self, unheard: str) -> None:
        [one] = DocParser(MinerU(base_url=unheard, api_key="k")).plan("https://example.com/a.pdf?sign=x")
        assert (one.source, one.size, one.pages, one.error) == ("https://example.com/a.pdf", 0, None, None)


class TestRefusals:
    def test_each_is_told_with_its_error_and_stops_nothing(self, unheard: str, tmp_path: Path) -> None:
        (tmp_path / "empty.pdf").write_bytes(b"")
        (tmp_path / "a.zip").write_bytes(b"PK")
        (tmp_path / "none").mkdir()
        inputs = [
            "nope.pdf",
            tmp_path / "empty.pdf",
            tmp_path / "a.zip",
            tmp_path / "none",
            7,
            counted(301),
            "http://x.org/a.pdf",
        ]
        plan = DocParser(SoMark(base_url=unheard)).plan([*inputs, counted(300)])
        assert [type(one.error).__name__ for one in plan] == [
            *("SourceNotFound", "EmptySource", "UnsupportedSource", "NoDocuments", "UnsupportedSource", "SourceTooLarge"),
            *("UnsupportedSource", "NoneType"),
        ]
        assert str(plan[5].error).endswith("it has 301 pages by its own count, and somark takes 300. Split the file.")

    def test_pages_that_a_file_lacks(self, unheard: str) -> None:
        [one] = DocParser(SoMark(base_url=unheard)).plan(counted(3), pages="2-5")
        assert isinstance(one.error, errors.PagesOutOfRange)

    def test_a_selection_is_counted_only_where_the_vendor_selects(self, unheard: str) -> None:
        """SoMark parses whole files, and MinerU what is asked for."""
        [whole] = DocParser(SoMark(base_url=unheard)).plan(counted(8), pages="1-2")
        [part] = DocParser(MinerU(base_url=unheard)).plan(counted(700), pages="1-600")
        assert (whole.pages, whole.pages_in_file) == (8, 8)
        assert (part.pages, part.pages_in_file, part.error) == (600, 700, None)

    def test_a_selection_of_more_than_the_vendor_takes(self, unheard: str) -> None:
        [one] = DocParser(MinerU(base_url=unheard)).plan(counted(700), pages="1-601")
        assert isinstance(one.error, errors.SourceTooLarge)

    def test_a_missing_key_is_told_after_what_is_wrong_with_a_file(self) -> None:
        plan = DocParser("somark").plan([counted(1), b"", "nope.pdf"])
        assert [type(one.error).__name__ for one in plan] == ["MissingKey", "EmptySource", "SourceNotFound"]
        assert {one.endpoint for one in plan} == {"https://somark.cn"}

    def test_a_wrong_call_is_an_error_at_once(self) -> None:
        with pytest.raises(errors.ConfigError):
            DocParser().plan(counted(1), pages="0")

    def test_what_it_refuses_a_parse_refuses_in_the_same_words(self, tmp_path: Path) -> None:
        (tmp_path / "empty.pdf").write_bytes(b"")
        (tmp_path / "a.zip").write_bytes(b"PK")
        inputs = [small("One."), tmp_path / "empty.pdf", tmp_path / "a.zip", "nope.pdf", 7]
        with emulated("mineru", work_seconds=0.0) as (emulator, config):
            parser = DocParser(config, policy=QUICK)
            plan = parser.plan(inputs)
            assert not emulator.requests
            outcomes = list(parser.parse_many(inputs))
        assert [(one.source, str(one.error)) for one in plan] == [(outcome.source, str(outcome.error)) for outcome in outcomes]


class TestStore:
    def test_what_it_has_is_kept_and_what_is_open_goes_on(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db")
        kept, late, _ = written(tmp_path / "in", kept="One.", late="Two.", new="Three.")
        with emulated("somark", work_seconds=lambda number: 60.0 if number > 1 else 0.0) as (emulator, config):
            parser = DocParser(config, policy=QUICK, store=store)
            parser.parse(kept)
            parser.submit(late)
            before, requests = store.jobs(), len(emulator.requests)
            plan = parser.plan(tmp_path / "in")
            assert len(emulator.requests) == requests
            assert store.jobs() == before
            assert [(one.kept, one.job and one.job.status, one.error) for one in plan] == [
                (True, None, None),
                (False, "open", None),
                (False, None, None),
            ]
            assert [Path(one.source).stem for one in plan] == ["kept", "late", "new"]
            others = DocParser(config, store=store).plan([kept], pages="1")
            assert [one.kept for one in others] == [False]

    def test_a_result_that_was_not_kept_is_asked_for_again(self, tmp_path: Path) -> None:
        store = JobStore(tmp_path / "jobs.db", keep_results=False)
        with emulated("somark") as (_, config):
            parser = DocParser(config, policy=QUICK, store=store)
            parser.parse(small("One."), name="a.pdf")
            [one] = parser.plan(small("One."))
        assert (one.kept, one.job) == (False, store.jobs()[0])

    def test_a_store_that_cannot_be_looked_into_is_no_error(self) -> None:
        assert [one.kept for one in DocParser(store=MemoryStore()).plan(counted(1))] == [False]

    @pytest.mark.parametrize("content", [None, b""])
    def test_one_that_is_not_there_is_not_made(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "jobs.db"
        if content is not None:
            path.write_bytes(content)
        DocParser(store=path).plan(counted(1))
        assert (path.read_bytes() if path.exists() else None) == content

    def test_what_is_no_store_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "jobs.db").write_bytes(b"no database at all, only a text that is long enough to look like one\n" * 20)
        [one] = DocParser(store=tmp_path / "jobs.db").plan(counted(1))
        assert isinstance(one.error, errors.StoreError)


class TestCommand:
    def test_a_table_with_totals_and_reasons(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        for name, data in {"a.pdf": counted(8), "b.pdf": counted(2), "same.pdf": counted(8), "c.png": b"\x89PNG"}.items():
            Path(name).write_bytes(data)
        Path("empty.pdf").write_bytes(b"")
        said = call("parse", "a.pdf", "b.pdf", "same.pdf", "empty.pdf", "c.png", "--dry-run", "--store", "jobs.db")
        assert (said.exit_code, said.stderr) == (1, "")
        lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
        assert lines == [
            "file pages size",
            "a.pdf 8 1 kB sent",
            "b.pdf 2 1 kB sent",
            "same.pdf 8 1 kB same as a.pdf",
            "empty.pdf EmptySource",
            "c.png 1 1 kB sent",
            "",
            "3 files would be parsed by local at this machine: 11 pages, 1 kB",
            "1 file with the content of another one, sent once",
            "1 file would be refused",
            "",
            "empty.pdf: the file is empty. Check how it was written or downloaded.",
        ]
        assert all(line == line.rstrip() for line in said.stdout.splitlines())

    def test_a_missing_key_is_said_once(self, tmp_path: Path) -> None:
        for name in ("a.pdf", "b.pdf"):
            (tmp_path / name).write_bytes(counted(1) + name.encode())
        said = call("parse", tmp_path, "-v", "somark", "--dry-run")
        assert said.exit_code == 1
        [line] = said.stderr.splitlines()
        assert line.startswith("MissingKey: SoMark at somark.cn needs a key.")
        assert "2 files would be sent to somark at https://somark.cn: 2 pages, 1 kB" in said.stdout
        assert "somark takes 200 MB and 300 pages a file" in said.stdout

    def test_lines_of_json(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = tmp_path / "jobs.db"
        (tmp_path / "a.pdf").write_bytes(small("One."))
        with emulated("somark", work_seconds=60.0) as (emulator, config):
            DocParser(config, store=store).submit(tmp_path / "a.pdf")
            monkeypatch.setenv("SOMARK_BASE_URL", emulator.base_url)
            monkeypatch.setenv("SOMARK_API_KEY", "sk-emulator")
            said = call("parse", tmp_path / "a.pdf", "nope.pdf", "-v", "somark", "--store", store, "--dry-run", "-f", "jsonl")
        rows: list[dict[str, Any]] = [json.loads(line) for line in said.stdout.splitlines()]
        [job] = JobStore(store).jobs()
        assert rows[0]["job"] == {"key": job.key, "status": "open"}
        assert rows[1]["error"]["type"] == "SourceNotFound"
        assert "sk-emulator" not in said.stdout
        assert job.token is not None
        assert job.token not in said.stdout

    def test_names_cannot_steer_a_terminal(self, tmp_path: Path) -> None:
        (tmp_path / "a\x1b[2Jb.pdf").write_bytes(counted(1))
        assert "\x1b" not in call("parse", tmp_path, "--dry-run").stdout


def test_it_is_public() -> None:
    assert dl.Planned is Planned
