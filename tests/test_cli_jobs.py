"""The commands on a job store: what a person sees and does after a crash."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import docparse_loaders as dl
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from docparse_loaders.policy import Policy, Timeouts
from small_files import emulated, small

KEY = "sk-emulator"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOMARK_API_KEY", "SOMARK_BASE_URL", "DOCPARSE_STORE", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="docparse-loaders")


def _listed(store: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in call("jobs", "list", "--store", store, "--json").stdout.splitlines()]


def test_parsing_twice_parses_once(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "jobs.db"
    with Emulator("somark") as emulator:
        monkeypatch.setenv("SOMARK_BASE_URL", emulator.base_url)
        monkeypatch.setenv("SOMARK_API_KEY", KEY)
        outputs = [
            call("parse", examples / "paper.pdf", "-v", "somark", "--store", store, "-o", tmp_path / f"{number}.txt")
            for number in range(2)
        ]
        assert [output.exit_code for output in outputs] == [0, 0]
        assert emulator.submits == 1
    assert (tmp_path / "0.txt").read_text() == (tmp_path / "1.txt").read_text()
    table = call("jobs", "list", "--store", store).stdout
    assert "paper.pdf" in table
    assert "done" in table
    assert KEY not in table


def test_without_a_word_the_store_is_shown(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dl.parse(examples / "paper.pdf", pages="2-3", store=tmp_path / "jobs.db")
    shown = call("jobs", "--store", tmp_path / "jobs.db")
    assert shown.stdout == call("jobs", "list", "--store", tmp_path / "jobs.db").stdout
    head, row, blank, total = shown.stdout.splitlines()
    assert head.split() == ["file", "vendor", "state", "pages", "age", "size", "job"]
    key = _listed(tmp_path / "jobs.db")[0]["key"]
    assert row.split()[:5] == ["paper.pdf", "local", "done", "2-3", "now"]
    assert str(key).startswith(row.split()[-1])
    assert (blank, total.partition(";")[0]) == ("", "1 job: 1 done")
    monkeypatch.chdir(tmp_path)
    assert call("jobs").stdout == shown.stdout


def test_a_store_named_before_the_word_is_refused(tmp_path: Path) -> None:
    """It would be easy to forget the jobs of another one."""
    said = call("jobs", "--store", tmp_path / "jobs.db", "forget", "--done")
    assert said.exit_code == 2
    assert "jobs forget --store" in said.stderr


def test_why_a_job_is_open_is_said(tmp_path: Path) -> None:
    with emulated("somark", work_seconds=60.0) as (_, config):
        dl.DocParser(config, store=tmp_path / "jobs.db").submit(small("One."), name="a.pdf")
        impatient = dl.DocParser(config, store=tmp_path / "jobs.db", policy=Policy(timeouts=Timeouts(job=0.1)))
        with pytest.raises(dl.errors.JobTimeout):
            impatient.parse(small("One."), name="a.pdf")
    shown = call("jobs", "--store", tmp_path / "jobs.db").stdout
    assert "1 job: 1 open; no results" in shown
    assert "a.pdf: the job did not finish within 0.1 s" in shown


def test_an_open_job_is_resumed(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = tmp_path / "jobs.db", [0.0]
    with Emulator("somark", work_seconds=600.0, clock=lambda: clock[0]) as emulator:
        monkeypatch.setenv("SOMARK_BASE_URL", emulator.base_url)
        monkeypatch.setenv("SOMARK_API_KEY", KEY)
        impatient = dl.DocParser("somark", store=store, policy=Policy(timeouts=Timeouts(job=4.0)))
        with pytest.raises(dl.errors.JobTimeout):
            impatient.parse(examples / "paper.pdf")
        clock[0] = 600.0
        (job,) = _listed(store)
        assert (job["status"], job["vendor"]) == ("open", "somark")
        resumed = call("jobs", "resume", "--store", store)
        assert (resumed.exit_code, emulator.submits) == (0, 1)
        assert "3 pages" in resumed.stdout
        assert "was done already" in call("jobs", "resume", str(job["key"])[:8], "--store", store).stdout
    assert [entry["status"] for entry in _listed(store)] == ["done"]


def test_a_result_is_exported_and_read_again(examples: Path, tmp_path: Path) -> None:
    store, target = tmp_path / "jobs.db", tmp_path / "raw.json"
    document = dl.parse(examples / "report.pdf", store=store)
    key = str(_listed(store)[0]["key"])
    exported = call("jobs", "export", key[:10], "--store", store, "-o", target)
    assert (exported.exit_code, exported.stdout.strip()) == (0, str(target))
    again = dl.from_result(target, vendor="local", source=examples / "report.pdf")
    assert [block.text for block in again.blocks] == [block.text for block in document.blocks]


def test_jobs_are_forgotten(examples: Path, tmp_path: Path) -> None:
    store = tmp_path / "jobs.db"
    dl.parse(examples / "paper.pdf", store=store)
    assert "forgotten" in call("jobs", "forget", "--done", "--store", store).stdout
    assert _listed(store) == []
    assert "no jobs" in call("jobs", "list", "--store", store).stdout


@pytest.mark.parametrize("command", ["list", "resume", "forget"])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, command: str) -> None:
    said = call("jobs", command, "--store", tmp_path / "none.db")
    assert said.exit_code == 2
    assert not (tmp_path / "none.db").exists()


def test_a_job_that_does_not_exist_is_said(examples: Path, tmp_path: Path) -> None:
    dl.parse(examples / "paper.pdf", store=tmp_path / "jobs.db")
    said = call("jobs", "export", "zzz", "--store", tmp_path / "jobs.db")
    assert said.exit_code == 2
    assert "no jobs begin with 'zzz'" in said.stderr


def test_a_file_that_is_no_store_is_said(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_text("no database at all, only a text that is long enough to look like one\n" * 20)
    said = call("jobs", "list", "--store", tmp_path / "jobs.db")
    assert said.exit_code == 1
    assert "not a database" in said.stderr
