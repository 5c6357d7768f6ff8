"""The one-liners: each line of the page is run as it is written, and prints what stands below it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

import offline
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from example_modules import FOLDER

PAGE = FOLDER / "one_liners.md"
BLOCK = re.compile(r"^```console\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
OURS = "docparse-loaders "


class Block(NamedTuple):
    """Commands, and lines that they print."""

    commands: list[str]
    printed: list[str]


BLOCKS = [Block(*(part.splitlines() for part in found)) for found in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator("somark") as emulator:
        yield emulator


class Shell:
    """Runs a line: our command inside this process, what stands behind its first pipe in a shell."""

    def __init__(self, home: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        data = home / "examples" / "data"
        data.mkdir(parents=True)
        for name in ("report.pdf", "paper.pdf"):
            shutil.copy(FOLDER / "data" / name, data)
        monkeypatch.chdir(home)
        self._environment = offline.environment(home) | emulator.environment
        self._environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))

    def run(self, line: str) -> str:
        if not line.startswith(OURS):
            return self._outside(line, "")
        ours, _, rest = line.partition(" | ")
        found = CliRunner().invoke(app, shlex.split(ours.removeprefix(OURS)), env=self._environment, catch_exceptions=False)
        assert found.exit_code == 0, (line, found.output)
        return self._outside(rest, found.stdout) if rest else found.output

    def _outside(self, line: str, given: str) -> str:
        command = ["bash", "-o", "pipefail", "-c", line]
        done = subprocess.run(  # noqa: S603  # our own page
            command, input=given, env=self._environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(tmp_path, emulator, monkeypatch)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.commands[0].removeprefix(OURS)[:50])
def test_each_line_does_what_stands_below_it(
    block: Block, shell: Shell, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Emulator, "wait", lambda *_: None)  # `emulate` ends at once
    submits = emulator.submits
    said = "".join(shell.run(line) for line in block.commands if "jq " not in line or shutil.which("jq"))
    if shutil.which("jq"):
        for line in block.printed:
            assert line in said, said[-2000:]
    for name in re.findall(r" -o (\S+)", " ".join(block.commands)):
        assert _is_whole(tmp_path / name), name
    assert emulator.submits - submits <= 1  # the second run sends nothing


def _is_whole(path: Path) -> bool:
    """Whether a file has what its name says, or a folder has files."""
    if path.is_dir():
        return len(list(path.iterdir())) == 2
    beginning = {".png": b"\x89PNG", ".html": b"<!DOCTYPE html>", ".jsonl": b'{"id"'}[path.suffix]
    return path.read_bytes().lstrip()[: len(beginning)].lower() == beginning.lower()


def test_every_command_but_mcp_has_a_line() -> None:
    lines = "\n".join(line for block in BLOCKS for line in block.commands)
    for name in ("parse", "view", "jobs", "emulate"):
        assert f"{OURS}{name} " in lines
