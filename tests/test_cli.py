"""The command: what goes to stdout, what to stderr, with which status, in a pipe, a file and a terminal."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner, Result

import docparse_loaders as dl
import offline
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseLoader

COMMAND = [sys.executable, "-m", "docparse_loaders"]
ESCAPE = "\x1b"
COLOUR = re.compile(r"\x1b\[[\d;]*\b(3[0-7]|9[0-7])[\d;]*m")
HEAD = re.compile(r"^#(\d+)  pages? (\d+)(?:-(\d+))?  ([a-z_, ]+)  (\d+) tokens$", re.MULTILINE)
posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of POSIX")


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    for name in ("SOMARK_API_KEY", "SOMARK_BASE_URL", "FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def call(*arguments: str | Path) -> Result:
    """The command inside this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="docparse-loaders")


def run(folder: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with pipes for stdout and stderr."""
    return subprocess.run(  # noqa: S603  # our own command
        [*COMMAND, *map(str, arguments)],
        env=offline.environment(folder) | variables,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def records(text: str) -> list[dict[str, Any]]:
    """Records out of JSON."""
    found: list[dict[str, Any]] = json.loads(text)
    return found


UNREAD = ("--set", "ocr=never")
"""OCR takes seconds, and a page that it left out gives a warning."""


def sentence(result: Result | subprocess.CompletedProcess[str]) -> str:
    """The only line on stderr."""
    [line] = result.stderr.splitlines()
    return line


@pytest.fixture
def report(examples: Path) -> Path:
    return examples / "report.pdf"


@pytest.fixture
def scan(examples: Path) -> Path:
    """The smallest document; its second page has no text and gives a warning."""
    return examples / "invoice-scan.pdf"


class TestFormats:
    def test_json_is_what_the_loaders_give(self, report: Path) -> None:
        result = call("parse", report, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, "")
        documents = DocParseLoader(report).load()
        assert records(result.stdout) == [
            {"id": document.id, "text": document.page_content, "metadata": document.metadata} for document in documents
        ]

    def test_jsonl_is_the_same_line_by_line(self, report: Path) -> None:
        lines = call("parse", report, "-f", "jsonl").stdout.splitlines()
        assert [json.loads(line) for line in lines] == records(call("parse", report, "-f", "json").stdout)

    def test_markdown_and_html_are_the_whole_document(self, report: Path) -> None:
        document = dl.parse(report)
        assert call("parse", report, "-f", "markdown").stdout.strip() == document.to_markdown().strip()
        assert call("parse", report, "-f", "html").stdout.strip() == document.to_html().strip()

    @pytest.mark.parametrize("name", ["report.pdf", "report-zh.pdf"])
    def test_text_has_each_chunk_with_its_place_and_its_whole_body(self, examples: Path, name: str) -> None:
        out = call("parse", examples / name).stdout
        chunks = list(dl.StructureChunker().chunk(dl.parse(examples / name)))
        assert [match.groups() for match in HEAD.finditer(out)] == [
            _head(number, chunk) for number, chunk in enumerate(chunks, 1)
        ]
        for chunk in chunks:
            assert indent(chunk.body, "  ") in out
            assert " > ".join(chunk.headings) in out
        assert out.startswith(f"{name}\nlocal · ")

    def test_text_of_an_unlucky_sort_is_printed_as_it_is(self, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A terminal of 20 columns must not cut what goes into a pipe, nor may [brackets] be read as markup."""
        monkeypatch.setenv("COLUMNS", "20")
        assert max(map(len, call("parse", report).stdout.splitlines())) > 300
        missing = sentence(call("parse", "[bold]no [/]file.pdf"))
        assert "[bold]no [/]file.pdf" in missing

    def test_an_empty_result_is_still_json(self, tmp_path: Path) -> None:
        assert records(call("parse", tmp_path / "nope.pdf", "-f", "json").stdout) == []
        assert call("parse", tmp_path / "nope.pdf", "-f", "jsonl").stdout == ""


def _head(number: int, chunk: dl.Chunk) -> tuple[str | None, ...]:
    last = str(chunk.last_page_number) if chunk.last_page_number != chunk.page_number else None
    kinds = ", ".join(dict.fromkeys(chunk.kinds))
    return str(number), str(chunk.page_number), last, kinds, str(chunk.token_count)


class TestOptions:
    def test_pages(self, report: Path) -> None:
        found = records(call("parse", report, "--pages", "2-4,7", "-f", "json", "--mode", "pages").stdout)
        assert [record["metadata"]["page_number"] for record in found] == [2, 3, 4, 7]
        assert {record["metadata"]["total_pages"] for record in found} == {8}

    @pytest.mark.parametrize("budget", [64, 300])
    def test_max_tokens(self, report: Path, budget: int) -> None:
        counts = [
            r["metadata"]["token_count"]
            for r in records(call("parse", report, "--max-tokens", str(budget), "-f", "json").stdout)
        ]
        assert budget / 2 < max(counts) <= budget

    def test_modes(self, report: Path) -> None:
        counts = {
            mode: len(records(call("parse", report, "--mode", mode, "-f", "json").stdout))
            for mode in ("elements", "pages", "document")
        }
        assert counts["pages"] == 8
        assert counts["document"] == 1
        assert counts["elements"] > 50

    def test_a_vendors_own_option(self, scan: Path) -> None:
        assert call("parse", scan, *UNREAD, "--set", "images=true").exit_code == 0
        wrong = call("parse", scan, *UNREAD, "--set", "imags=true")
        assert "Did you mean 'images'?" in sentence(wrong)

    def test_somark_by_nothing_but_its_two_variables(self, report: Path, tmp_path: Path) -> None:
        with Emulator("somark") as emulator:
            assert set(emulator.environment) == {"SOMARK_BASE_URL", "SOMARK_API_KEY"}
            result = run(tmp_path, "parse", report, "--vendor", "somark", "-f", "json", **emulator.environment)
            assert emulator.submits == 1
        assert (result.returncode, result.stderr) == (0, "")
        found = records(result.stdout)
        assert {record["metadata"]["vendor"] for record in found} == {"somark"}
        assert any(record["metadata"]["last_page_number"] > record["metadata"]["page_number"] for record in found)

    def test_somark_with_a_wrong_key(self, report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with Emulator("somark") as emulator:
            for name, value in (emulator.environment | {"SOMARK_API_KEY": "sk-canary"}).items():
                monkeypatch.setenv(name, value)
            result = call("parse", report, "--vendor", "somark")
        assert (result.exit_code, result.stdout) == (1, "")
        assert sentence(result).startswith("AuthError: ")
        assert "canary" not in result.stderr


class TestInputs:
    def test_several_and_a_folder(self, examples: Path, tmp_path: Path) -> None:
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "one.pdf").write_bytes((examples / "invoice-scan.pdf").read_bytes())
        (tmp_path / "notes.txt").write_text("not a document")
        result = call("parse", examples / "report-zh.pdf", tmp_path, examples / "report.pdf", *UNREAD, "-f", "json")
        names = [record["metadata"]["file_name"] for record in records(result.stdout)]
        assert list(dict.fromkeys(names)) == ["report-zh.pdf", "one.pdf", "report.pdf"]
        assert result.exit_code == 0
        assert "one.pdf: page 2 has no text layer" in sentence(result)

    @pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown"])
    def test_one_that_fails_does_not_touch_the_others(self, report: Path, tmp_path: Path, form: str) -> None:
        (tmp_path / "empty.pdf").write_bytes(b"")
        alone = call("parse", report, "-f", form)
        result = call("parse", tmp_path / "empty.pdf", report, tmp_path / "nope.pdf", "-f", form)
        assert (alone.exit_code, result.exit_code) == (0, 1)
        assert result.stdout == alone.stdout
        assert [line.partition(":")[0] for line in result.stderr.splitlines()] == ["EmptySource", "SourceNotFound"]

    @pytest.mark.parametrize(
        ("name", "content", "error"),
        [
            ("broken.pdf", b"%PDF-1.4 nothing", "BrokenSource"),
            ("text.pdf", b"hello", "UnsupportedSource"),
            ("empty.pdf", b"", "EmptySource"),
            ("a.docx", b"hello", "UnsupportedSource"),
        ],
    )
    def test_a_bad_file_is_one_sentence(self, tmp_path: Path, name: str, content: bytes, error: str) -> None:
        (tmp_path / name).write_bytes(content)
        result = call("parse", tmp_path / name)
        assert (result.exit_code, result.stdout) == (1, "")
        assert sentence(result).startswith(f"{error}: ")
        assert name in result.stderr

    def test_a_folder_without_documents(self, tmp_path: Path) -> None:
        result = call("parse", tmp_path)
        assert (result.exit_code, result.stdout) == (1, "")
        assert sentence(result).startswith("NoDocuments: ")

    @pytest.mark.parametrize("first", [True, False])
    def test_a_folder_without_documents_among_others(self, scan: Path, tmp_path: Path, first: bool) -> None:
        (tmp_path / "none").mkdir()
        inputs = [tmp_path / "none", scan] if first else [scan, tmp_path / "none"]
        result = run(tmp_path, "parse", *inputs, *UNREAD, "-f", "json")
        assert result.returncode == 1
        assert {record["metadata"]["file_name"] for record in records(result.stdout)} == {scan.name}
        assert [line for line in result.stderr.splitlines() if line.startswith("NoDocuments: ")]
        assert "never retrieved" not in result.stderr


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--vendor", "somrk"], "UnknownVendor: there is no vendor 'somrk'. Did you mean 'somark'?"),
            (["--vendor", "somark"], "Set SOMARK_API_KEY"),
            (["--mode", "chunk"], "Did you mean 'chunks'?"),
            (["--pages", "0"], "Pages are 1-based"),
            (["--pages", "four"], "Pages are 1-based"),
            (["--set", "images"], "--set name=value"),
            (["--set", "colour=1"], "UnknownOption: Local has no option 'colour'."),
        ],
    )
    def test_one_sentence_and_status_two(self, report: Path, arguments: list[str], said: str) -> None:
        result = call("parse", report, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in sentence(result)

    def test_pages_that_the_document_lacks(self, report: Path) -> None:
        result = call("parse", report, "--pages", "7-12")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "pages 7-12 were asked for, but the document has 8." in sentence(result)

    @pytest.mark.parametrize(
        "arguments", [["parse"], ["parse", "a.pdf", "--format", "xml"], ["parse", "a.pdf", "--max-tokens", "3"], ["pars"]]
    )
    def test_the_parser_of_the_command_line_refuses(self, arguments: list[str]) -> None:
        result = call(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Usage: docparse-loaders" in result.stderr

    def test_an_emulator_that_does_not_exist(self) -> None:
        result = call("emulate", "--vendor", "acme")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "there is no emulator of 'acme'" in sentence(result)

    def test_a_port_that_is_taken(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            result = call("emulate", "--port", str(taken.getsockname()[1]))
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--port 0" in sentence(result)


class TestOutput:
    @pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown", "html"])
    def test_a_file_has_what_stdout_would_have(self, scan: Path, tmp_path: Path, form: str) -> None:
        printed = call("parse", scan, *UNREAD, "-f", form)
        written = call("parse", scan, *UNREAD, "-f", form, "-o", tmp_path / "out")
        assert (written.exit_code, written.stdout) == (0, "")
        assert (tmp_path / "out").read_text(encoding="utf-8") == printed.stdout

    @pytest.mark.parametrize(
        ("form", "suffix"), [("text", "txt"), ("json", "json"), ("jsonl", "jsonl"), ("markdown", "md"), ("html", "html")]
    )
    def test_a_folder_has_a_file_for_each(self, examples: Path, tmp_path: Path, form: str, suffix: str) -> None:
        result = call("parse", examples, *UNREAD, "-f", form, "-o", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (0, "")
        written = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir()}
        assert set(written) == {f"{name}.{suffix}" for name in ("report", "report-zh", "invoice-scan", "paper")}
        assert written[f"report.{suffix}"] == call("parse", examples / "report.pdf", *UNREAD, "-f", form).stdout

    def test_inputs_of_one_name_are_both_kept(self, examples: Path, tmp_path: Path) -> None:
        (tmp_path / "report.pdf").write_bytes((examples / "report-zh.pdf").read_bytes())
        call("parse", examples / "report.pdf", tmp_path / "report.pdf", "-f", "markdown", "-o", tmp_path / "out")
        texts = sorted(file.read_text(encoding="utf-8")[:6] for file in (tmp_path / "out").iterdir())
        assert texts == ["# East", "# 澜川市供"]

    def test_several_go_into_one_file_of_records(self, examples: Path, tmp_path: Path) -> None:
        call("parse", examples, *UNREAD, "-f", "jsonl", "-o", tmp_path / "all.jsonl")
        lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
        assert len({json.loads(line)["metadata"]["file_name"] for line in lines}) == 4

    def test_several_pages_of_html_are_not_one(self, examples: Path, tmp_path: Path) -> None:
        result = call("parse", examples, *UNREAD, "-f", "html", "-o", tmp_path / "all.html")
        assert result.exit_code == 2
        assert "Give -o a folder" in sentence(result)
        assert not (tmp_path / "all.html").exists()

    def test_nor_on_stdout(self, examples: Path) -> None:
        result = call("parse", examples, *UNREAD, "-f", "html")
        assert (result.exit_code, result.stdout) == (2, "")

    def test_an_input_is_never_overwritten(self, scan: Path, tmp_path: Path) -> None:
        mine = tmp_path / "mine.pdf"
        mine.write_bytes(scan.read_bytes())
        result = call("parse", mine, "-o", mine)
        assert mine.read_bytes() == scan.read_bytes()
        assert result.exit_code == 2

    @pytest.mark.parametrize("arguments", [["--pages", "99"], ["--vendor", "somark"], ["--pages", "0"]])
    def test_a_call_that_fails_leaves_an_older_output_alone(self, scan: Path, tmp_path: Path, arguments: list[str]) -> None:
        kept = tmp_path / "kept.txt"
        kept.write_text("kept")
        assert call("parse", scan, *UNREAD, "-o", kept, *arguments).exit_code > 0
        assert kept.read_text() == "kept"

    @pytest.mark.parametrize("target", ["none/out.txt", "file/out.txt"])
    def test_an_output_that_cannot_be_written_is_one_sentence(self, scan: Path, tmp_path: Path, target: str) -> None:
        (tmp_path / "file").write_text("not a folder")
        result = call("parse", scan, *UNREAD, "-o", tmp_path / target)
        assert (result.exit_code, result.stdout) == (2, "")
        assert str(tmp_path / target) in sentence(result)

    def test_a_name_with_a_slash_is_a_folder(self, scan: Path, tmp_path: Path) -> None:
        call("parse", scan, *UNREAD, "-o", f"{tmp_path / 'out'}/")
        assert [file.name for file in (tmp_path / "out").iterdir()] == ["invoice-scan.txt"]


class TestProcess:
    def test_a_pipe_gets_no_escape_codes_and_the_same_as_a_call(self, scan: Path, tmp_path: Path) -> None:
        result = run(tmp_path, "parse", scan, *UNREAD, "nope.pdf")
        assert result.returncode == 1
        assert result.stdout == call("parse", scan, *UNREAD).stdout
        assert ESCAPE not in result.stdout + result.stderr
        assert [line.partition(" ")[0] for line in result.stderr.splitlines()] == [f"{scan}:", "SourceNotFound:"]

    def test_a_reader_that_leaves_early_is_no_error(self, report: Path, tmp_path: Path) -> None:
        with subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND, "parse", str(report), "-f", "json", "--mode", "elements"],
            env=offline.environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.read(1) == "["
            process.stdout.close()
            assert process.stderr.read() == ""

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_an_output_of_another_encoding_loses_nothing_else(self, examples: Path, tmp_path: Path, form: str) -> None:
        result = run(tmp_path, "parse", examples / "report-zh.pdf", "-f", form, PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
        assert result.returncode == 0
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize("form", ["json", "text"])
    def test_forced_colour_changes_neither_records_nor_files(self, scan: Path, tmp_path: Path, form: str) -> None:
        plain = call("parse", scan, *UNREAD, "-f", form).stdout
        assert run(tmp_path, "parse", scan, *UNREAD, "-f", form, "-o", "out", FORCE_COLOR="1").returncode == 0
        assert (tmp_path / "out").read_text(encoding="utf-8") == plain
        assert run(tmp_path, "parse", scan, *UNREAD, "-f", "json", FORCE_COLOR="1").stdout.startswith("[")

    def test_the_module_is_the_command(self, tmp_path: Path) -> None:
        result = run(tmp_path, "--help")
        assert result.returncode == 0
        assert "Usage: docparse-loaders [OPTIONS] COMMAND" in result.stdout


class TestHelp:
    @pytest.mark.parametrize("command", ["", "parse", "vendors", "emulate"])
    def test_each_command_explains_itself(self, command: str) -> None:
        result = call(*command.split(), "--help")
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"Usage: docparse-loaders {command}".rstrip() in result.stdout
        assert result.stdout == call(*command.split(), "-h").stdout

    def test_every_option_has_a_word_of_help(self) -> None:
        group = get_command(app)
        assert isinstance(group, TyperGroup)
        assert set(group.commands) == {"parse", "view", "jobs", "vendors", "emulate", "mcp"}
        jobs = group.commands["jobs"]
        assert isinstance(jobs, TyperGroup)
        assert set(jobs.commands) == {"list", "resume", "forget", "export"}
        for name, command in {**group.commands, **jobs.commands}.items():
            assert command.help, name
            for parameter in command.params:
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"

    def test_vendors_names_each_with_its_key_and_endpoint(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "200")
        assert re.search(
            r"^somark +SOMARK_API_KEY \(not set\) +https://somark\.cn/api/v1 \(SOMARK_BASE_URL\)",
            call("vendors").stdout,
            re.MULTILINE,
        )
        monkeypatch.setenv("SOMARK_API_KEY", "sk-canary")
        shown = call("vendors").stdout
        assert re.search(r"^somark +SOMARK_API_KEY \(set\)", shown, re.MULTILINE)
        assert re.search(r"^local +none needed +this machine +\.bmp", shown, re.MULTILINE)
        assert "canary" not in shown

    def test_version(self) -> None:
        result = call("--version")
        assert result.exit_code == 0
        assert dl.__version__ in result.stdout


@contextmanager
def emulating(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """`docparse-loaders emulate` on a free port, and the variables that it prints."""
    with subprocess.Popen(  # noqa: S603  # our own command
        [*COMMAND, "emulate", "--port", "0", "--key", "sk-mine", "--seconds", "0.2"],
        env=offline.environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(4)]
            yield process, dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
        finally:
            process.kill()


class TestEmulate:
    @posix
    def test_it_prints_what_to_set_serves_and_ends_on_an_interrupt(self, scan: Path, tmp_path: Path) -> None:
        with emulating(tmp_path) as (process, variables):
            assert set(variables) == {"SOMARK_BASE_URL", "SOMARK_API_KEY"}
            assert variables["SOMARK_API_KEY"] == "sk-mine"
            result = run(tmp_path, "parse", scan, "--vendor", "somark", "-f", "jsonl", **variables)
            assert result.returncode == 0
            assert json.loads(result.stdout.splitlines()[0])["metadata"]["vendor"] == "somark"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        assert (process.returncode, out.strip(), err) == (0, "# ended", "")


def on_terminal(folder: Path, *arguments: str | Path, out: Path | None = None, columns: int = 80, **variables: str) -> str:
    """What the command writes to a terminal: stderr, and stdout unless that goes to the file `out`."""
    import pty
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (40, columns))
    environment = offline.environment(folder) | {"TERM": "xterm-256color"} | variables
    target = os.open(out, os.O_WRONLY | os.O_CREAT) if out else os.dup(slave)
    with subprocess.Popen(  # noqa: S603  # our own command
        [*COMMAND, *map(str, arguments)], env=environment, cwd=folder, stdin=slave, stdout=target, stderr=slave
    ):
        os.close(slave)
        os.close(target)
        shown = b"".join(_parts(master))
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


def _parts(master: int) -> Iterator[bytes]:
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return
        if not part:
            return
        yield part


@posix
class TestTerminal:
    def test_text_is_wrapped_and_coloured(self, scan: Path, tmp_path: Path) -> None:
        shown = on_terminal(tmp_path, "parse", scan, *UNREAD, columns=80)
        plain = [re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", line) for line in shown.splitlines()]
        assert COLOUR.search(shown)
        assert max(len(line) for line in plain if not line.startswith(str(scan)) and "━" not in line) <= 80

    def test_no_color_is_heard(self, scan: Path, tmp_path: Path) -> None:
        assert not COLOUR.search(on_terminal(tmp_path, "parse", scan, *UNREAD, "nope.pdf", NO_COLOR="1"))

    def test_the_bar_is_on_stderr_and_is_taken_away(self, scan: Path, tmp_path: Path) -> None:
        shown = on_terminal(tmp_path, "parse", scan, *UNREAD, "-o", "out.txt")
        assert "━" in shown
        assert "━" not in (tmp_path / "out.txt").read_text(encoding="utf-8")
        assert "━" not in shown[shown.rindex("\x1b[2K") :]

    @pytest.mark.parametrize("form", ["json", "jsonl", "markdown", "html", "text"])
    def test_what_goes_into_a_pipe_is_whole_while_the_bar_is_shown(self, scan: Path, tmp_path: Path, form: str) -> None:
        shown = on_terminal(tmp_path, "parse", scan, *UNREAD, "-f", form, out=tmp_path / "out")
        assert (tmp_path / "out").read_text(encoding="utf-8") == call("parse", scan, *UNREAD, "-f", form).stdout
        assert "invoice" not in shown.rpartition("\x1b[2K")[2].replace(str(scan), "")

    def test_no_bar_is_left_among_the_text(self, scan: Path, tmp_path: Path) -> None:
        shown = on_terminal(tmp_path, "parse", "nope.pdf", scan, *UNREAD)
        for word in ("SourceNotFound:", "local · ", f"{scan}:"):
            before = shown[: shown.index(word)].rpartition("\n")[2]
            assert "━" not in before.rpartition("\x1b[2K")[2], word
