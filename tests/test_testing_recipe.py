"""docs/recipes/testing.md is a test file: its blocks run here as they stand there, with their own fixtures."""

from pathlib import Path

import pytest

from doc_pages import DOCS, ROOT, DocPage

PAGE = DocPage(DOCS / "recipes" / "testing.md")
for fence in PAGE.fences:
    if fence.language == "python":
        exec(compile("\n" * fence.line + fence.code, PAGE.name, "exec"), globals())  # noqa: S102  # our own documentation


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)


def test_the_page_has_tests() -> None:
    assert len([name for name in globals() if name.startswith("test_")]) > 4
