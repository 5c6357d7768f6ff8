"""The documentation is true: its code runs, its tables name everything that there is, its links lead somewhere."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from docparse_loaders import errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import DocParseError
from docparse_loaders.metadata import TECHNICAL
from docparse_loaders.policy import Limits, Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors import config_class, names

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")  # what the code writes does not stay here
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {}
    with Emulator("somark") as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        for code in BLOCK.findall(page.read_text(encoding="utf-8")):
            exec(compile(code, str(page), "exec"), namespace)  # noqa: S102  # our own documentation


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def _subclasses(root: type[Exception]) -> set[str]:
    return {name for child in root.__subclasses__() for name in ({child.__name__} | _subclasses(child))}


def test_every_error_is_explained() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    assert _subclasses(DocParseError) <= named
    assert {name for name in named if hasattr(errors, name)} <= _subclasses(DocParseError) | {"DocParseError"}


def test_every_number_option_and_key_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    for policy in (Timeouts, Retry, Poll, Limits, Policy):
        assert {field.name for field in fields(policy)} <= named
    for vendor in names():
        assert set(config_class(vendor).model_fields) <= named, vendor
    assert set(TECHNICAL) <= named


def test_the_readme_commands_come_first() -> None:
    """The first command of each kind is what a newcomer tries, so it must set itself up."""
    commands = [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("pip install uv && uv run")
    ]
    assert [line for line in commands if "docparse-loaders parse" in line] == [
        "pip install uv && uv run docparse-loaders parse examples/data/report.pdf"
    ]
    assert [line for line in commands if "pytest" in line] == ["pip install uv && uv run pytest"]


def test_unreleased_changes_are_written_down() -> None:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"## Unreleased\n+### \w+\n+- ", log)
