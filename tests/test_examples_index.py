"""The index of the examples: all of them, what they need, and that each says how it is run."""

import ast
import re
import tomllib

import pytest

from example_modules import FOLDER

README = (FOLDER / "README.md").read_text(encoding="utf-8")
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.name != "make_data.py")


def test_every_example_is_listed_and_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert all((FOLDER / link).exists() for link in links)
    assert {path.name for path in SCRIPTS} | {"one_liners.md", "mcp/README.md"} <= set(links)


def test_the_extras_that_are_needed_exist() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    extras, dev = set(project["project"]["optional-dependencies"]), " ".join(map(str, project["dependency-groups"]["dev"]))
    named = {word for cell in re.findall(r"\| ([^|]+) \|$", README, re.MULTILINE) for word in re.findall(r"[\w-]+", cell)}
    others = named - extras - {"needs", "---"}
    assert others == {"langchain-qdrant", "fastapi", "uvicorn"}
    assert "langchain-qdrant" in dev
    assert "fastapi" in dev


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_each_says_how_it_is_run_and_swallows_no_error(script: object) -> None:
    path = FOLDER / str(script)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert f"uv run python examples/{path.name}" in (ast.get_docstring(tree) or "")
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    assert not [node for node in handlers if node.type is None or all(isinstance(line, ast.Pass) for line in node.body)]
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 205
