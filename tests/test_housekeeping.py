"""What stands around the library: workflows, forms, hooks, change log and version say what they should and agree."""

import os
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

import docparse_loaders

ROOT = Path(__file__).parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SHIPPED: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))

KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?")
PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$|uses: \./\.github/workflows/\w+\.yml$")

MACHINE = re.compile(r"(?<![\w.~:/*-])/(?:work|tmp|Users/\w|home/(?!me/|host/)\w)|[A-Z]:\\\\?Users\\")
"""A path that is somebody's own; `me` and `host` are nobody."""
PRIVATE = re.compile(
    r"https?://(?:[\w.-]+\.(?:internal|corp|lan|intra|home)\b|[^\s/\"'`]+:[^\s/\"'`]+@)"
    r"|(?:index|registry)-url|(?<![\w.~:/*-])/(?:root|mnt|opt|srv)/"
)
"""A host of somebody's own network, an address with a password, a package index of one's own; tests attack with such."""


def _yaml(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _jobs(path: Path) -> dict[str, dict[str, Any]]:
    jobs: dict[str, dict[str, Any]] = _yaml(path)["jobs"]
    return jobs


def _steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in _jobs(path).values():
        yield from job.get("steps", [])


by_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


class TestWorkflows:
    def test_ci_runs_the_scripts_and_nothing_else(self) -> None:
        """What a person runs and what the service runs cannot differ."""
        jobs = _jobs(ROOT / ".github" / "workflows" / "ci.yml")
        ran = [[step["run"] for step in job["steps"] if "run" in step] for job in jobs.values()]
        scripts = [f".ci/{script.name}" for script in (ROOT / ".ci").iterdir() if not script.suffix]
        assert sorted(ran) == sorted([script] for script in scripts)

    @pytest.mark.parametrize("name", [script.name for script in (ROOT / ".ci").iterdir() if not script.suffix])
    def test_each_script_stops_at_the_first_failure(self, name: str) -> None:
        script = ROOT / ".ci" / name
        assert script.stat().st_mode & 0o111
        text = script.read_text(encoding="utf-8")
        assert text.startswith("#!/usr/bin/env bash\n")
        assert "\nset -euo pipefail\n" in text

    @by_workflow
    def test_it_may_do_little_and_ends(self, path: Path) -> None:
        workflow = _yaml(path)
        assert workflow["permissions"] in ({}, {"contents": "read"})
        assert "concurrency" in workflow
        assert "pull_request_target" not in workflow["on"]
        for name, job in workflow["jobs"].items():
            assert "uses" in job or 0 < job["timeout-minutes"] <= 30, name
        for step in _steps(path):
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False

    @by_workflow
    def test_nothing_from_outside_gets_into_a_command(self, path: Path) -> None:
        assert [step["run"] for step in _steps(path) if "${{" in step.get("run", "")] == []
        assert "secrets." not in path.read_text(encoding="utf-8")

    @by_workflow
    def test_actions_are_named_by_their_commit(self, path: Path) -> None:
        lines = [line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
        assert lines
        assert [line for line in lines if not PINNED.match(line)] == []

    def test_only_a_tag_publishes_and_only_after_the_tests(self) -> None:
        path = ROOT / ".github" / "workflows" / "release.yml"
        jobs = _jobs(path)
        assert set(_yaml(path)["on"]) == {"push"}
        assert set(_yaml(path)["on"]["push"]) == {"tags"}
        assert [name for name, job in jobs.items() if "id-token" in job["permissions"]] == ["publish"]
        assert jobs["publish"]["needs"] == ["ci", "build"]
        assert any("test_package.py" in step.get("run", "") for step in jobs["build"]["steps"])


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_something_and_each_field_once(path: Path) -> None:
    form = _yaml(path)
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)
    if form.get("labels") == ["bug"]:
        assert {"versions", "vendor", "clean"} <= {field["id"] for field in fields}


class TestHooks:
    HOOKS: ClassVar = {hook["id"]: hook for repo in _yaml(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]}

    @pytest.mark.parametrize("command", ["ruff check", "ruff format", "mypy", "lint-imports"])
    def test_a_commit_is_checked_as_ci_checks_it(self, command: str) -> None:
        assert f"uv run {command}" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        assert any(hook["entry"].startswith(f"uv run {command}") for hook in self.HOOKS.values())

    def test_a_key_is_seen_and_there_is_none(self) -> None:
        secret = re.compile(self.HOOKS["no-secrets"]["entry"])
        assert secret.search("key = 'sk-" + "a1B2" * 8 + "'")
        assert secret.search("-----BEGIN RSA " + "PRIVATE KEY-----")
        assert not secret.search('SoMark(api_key="sk-…")')
        assert [name for name, text in _shipped() if secret.search(text)] == []


@cache
def _shipped() -> tuple[tuple[str, str], ...]:
    """Every text file that goes into the source distribution, by its path."""
    return tuple(_read())


def _read() -> Iterator[tuple[str, str]]:
    for entry in SHIPPED:
        start = ROOT / entry.lstrip("/")
        for file in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if file.is_file() and "__pycache__" not in file.parts and file.suffix not in {".pdf", ".png"}:
                data = file.read_bytes()
                if b"\0" not in data:
                    yield file.relative_to(ROOT).as_posix(), data.decode("utf-8")


class TestNothingPrivate:
    def test_it_would_be_found(self) -> None:
        for name in ("tmp/x.png", "home/jane/a.pdf", "Users/jane", "work"):
            assert MACHINE.search(f"see /{name}"), name
        for text in ("https://{}.corp/simple", "http://{}:secret@host/x", "--{}-index-url=x", "/root/{}"):
            assert PRIVATE.search(text.format("some")), text
        for text in ("/home/me/reports", "home/work", "https://somark.cn/root/x", "~/tmp/x"):
            assert not MACHINE.search(text), text

    def test_no_file_names_somebodys_machine_or_network(self) -> None:
        found = [
            f"{name}: {hit.group()}"
            for name, text in _shipped()
            for pattern in ((MACHINE,) if name.startswith("tests/") else (MACHINE, PRIVATE))
            for hit in pattern.finditer(text)
        ]
        assert found == []
        assert [name for name, text in _shipped() if len(ROOT.parts) > 2 and f"{ROOT}/" in text] == []


def _faults(log: str) -> Iterator[str]:
    """What in a change log is not as Keep a Changelog wants it."""
    sections = re.findall(r"^## (.+)$", log, re.MULTILINE)
    if not sections or sections[0] != "Unreleased":
        yield "the first section is not Unreleased"
    dated = [section.partition(" - ") for section in sections[1:]]
    for version, _, day in dated:
        if not VERSION.fullmatch(version):
            yield f"{version} is no version"
        if not _is_date(day):
            yield f"{version} has no date"
    numbers = [_order(version) for version, *_ in dated if VERSION.fullmatch(version)]
    if any(earlier <= later for earlier, later in pairwise(numbers)):
        yield "the versions do not go down"
    for kind in re.findall(r"^### (.+)$", log, re.MULTILINE):
        if kind not in KINDS:
            yield f"{kind} is none of {', '.join(KINDS)}"
    for entry in re.findall(r"^- .*(?:\n  .*)*", log, re.MULTILINE):
        if not entry.endswith("."):
            yield f"no full stop: {entry[:40]}"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _order(version: str) -> tuple[int, ...]:
    """A number that grows from 0.2.0a1 over 0.2.0rc1 to 0.2.0."""
    parts = VERSION.fullmatch(version)
    assert parts is not None
    major, minor, patch, stage, count = parts.groups()
    return int(major), int(minor), int(patch), ("a", "b", "rc", None).index(stage), int(count or 0)


class TestChangeLog:
    LOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    def test_it_is_kept_as_it_should(self) -> None:
        assert list(_faults(self.LOG)) == []

    @pytest.mark.parametrize(
        ("log", "fault"),
        [
            ("## 0.1.0 - 2026-01-01\n", "first section"),
            ("## Unreleased\n\n## 0.1.0\n", "no date"),
            ("## Unreleased\n\n## 0.1.0 - 2026-13-01\n", "no date"),
            ("## Unreleased\n\n## next - 2026-01-01\n", "no version"),
            ("## Unreleased\n\n## 0.2.0rc1 - 2026-01-02\n\n## 0.2.0 - 2026-01-01\n", "go down"),
            ("## Unreleased\n\n### Improved\n", "none of"),
            ("## Unreleased\n\n### Fixed\n\n- A fault\n  of two lines\n", "full stop"),
        ],
    )
    def test_a_fault_is_seen(self, log: str, fault: str) -> None:
        assert any(fault in said for said in _faults(log))

    @pytest.mark.skipif("DOCPARSE_RELEASE" not in os.environ, reason="no release is being made")
    def test_a_release_is_written_down(self) -> None:
        assert os.environ["DOCPARSE_RELEASE"] == f"v{docparse_loaders.__version__}"
        assert f"\n## {docparse_loaders.__version__} - " in self.LOG


class TestVersion:
    def test_it_is_written_in_one_place(self) -> None:
        assert "version" not in PYPROJECT["project"]
        assert PYPROJECT["project"]["dynamic"] == ["version"]
        assert PYPROJECT["tool"]["hatch"]["version"] == {"path": "src/docparse_loaders/__init__.py"}
        assert VERSION.fullmatch(docparse_loaders.__version__)
        assert "version" not in _yaml(ROOT / "CITATION.cff")

    def test_who_cites_it_names_what_the_package_says(self) -> None:
        citation, project = _yaml(ROOT / "CITATION.cff"), PYPROJECT["project"]
        assert (citation["title"], citation["license"]) == (project["name"], project["license"])
        assert citation["authors"] == project["authors"]


def test_no_address_is_invented() -> None:
    """Until there is a public place, none is named; then docs/releasing.md says what to fill in."""
    assert "urls" not in PYPROJECT["project"]


def test_each_test_that_the_threat_model_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\w+/)?test_\w+|simulation)`", page))
    assert len(named) > 20
    assert [name for name in named if not any((ROOT / "tests" / f"{name}{ending}").exists() for ending in (".py", ""))] == []


class TestReadme:
    ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
    CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")

    def test_both_languages_say_the_same(self) -> None:
        """Sections, code but for its comments, links, pictures, vendors and names are equal; only the words differ."""
        assert _code(self.ENGLISH) == _code(self.CHINESE)
        switch = {"README.md", "README.zh.md"}
        assert _links(self.ENGLISH) ^ _links(self.CHINESE) == switch
        for pattern in (r"^(#+) ", r"^\| `(\w+)` \|", r"^- (\*\*)"):
            assert re.findall(pattern, self.ENGLISH, re.MULTILINE) == re.findall(pattern, self.CHINESE, re.MULTILINE)
        assert set(re.findall(r"`([^`\n]+)`", self.ENGLISH)) == set(re.findall(r"`([^`\n]+)`", self.CHINESE))

    def test_it_is_short(self) -> None:
        assert len(self.ENGLISH.splitlines()) <= 175


def _code(page: str) -> list[str]:
    blocks = re.findall(r"^```(\w+\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [re.sub(r" +#.*", "", block) for block in blocks]


def _links(page: str) -> set[str]:
    return set(re.findall(r"\]\(([^)#\s]+)", page))
