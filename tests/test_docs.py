"""The documentation is true: its code runs, its commands exist, its tables name everything that there is."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest
import typer.main
from typer.core import TyperGroup, TyperOption
from typer.testing import CliRunner

from doc_pages import ROOT, DocPage, Fence, pages
from docparse_loaders import StructureChunker, errors
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from docparse_loaders.emulator.server import WIRES
from docparse_loaders.errors import DocParseError
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.metadata import TECHNICAL
from docparse_loaders.policy import Limits, Policy, Poll, Retry, Timeouts
from remembered import remember_parses

PAGES = pages()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNNING = {"python", "console"}
"""Languages whose blocks run. What bears an excuse is looked at and not run; `py` is Python that always needs one."""
FOREVER = {"emulate", "mcp"}
"""Commands that end when they are interrupted: their options are checked and they are not started."""
OFTEN_USED = ("my.pdf", "contract.pdf", "report.pdf", "scan.pdf", "inbox/report.pdf")
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, str]]:
    """Emulators of all vendors, as environment variables."""
    with ExitStack() as stack:
        running = [stack.enter_context(Emulator(name)) for name in WIRES]
        yield {name: value for emulator in running for name, value in emulator.environment.items()}


@pytest.fixture(scope="module")
def storage() -> Iterator[dict[str, str]]:
    """An S3 server on loopback with the bucket `my-bucket`, as environment variables."""
    import httpx

    server = import_module("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    httpx.put(f"{url}/my-bucket").raise_for_status()
    yield {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    server.stop()


@pytest.fixture(autouse=True)
def _each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages parse the same file a hundred times: what LiteParse says of it is asked for once."""
    remember_parses(monkeypatch)


@pytest.fixture(autouse=True)
def _jobs_are_asked_after_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulators are done at once, and dozens of first pauses would only be slept through."""
    _, *others = Poll.__init__.__defaults__ or ()
    monkeypatch.setattr(Poll.__init__, "__defaults__", (0.05, *others))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a page's code runs: `examples`, a PDF under the names that people use, a folder of PDFs."""
    data = copytree(ROOT / "examples" / "data", tmp_path / "examples" / "data")  # an agent's library follows no links
    (tmp_path / "inbox").mkdir()
    for name in OFTEN_USED:
        copy(data / "report.pdf", tmp_path / name)
    copy(data / "paper.pdf", tmp_path / "inbox")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@by_page
def test_what_the_page_shows_runs(
    page: DocPage, folder: Path, vendors: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "".join(fence.code for fence in page.fences if fence.language in RUNNING and not fence.excuse)
    if "invoice-scan" not in code:
        (folder / "examples" / "data" / "invoice-scan.pdf").unlink()  # OCR takes seconds: for pages that are about it
    needed = vendors | (request.getfixturevalue("storage") if "s3://" in code else {})
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    namespace: dict[str, Any] = {"__name__": "documentation"}
    for fence in page.fences:
        if fence.language == "python":
            exec(_compiled(page, fence), namespace)  # noqa: S102  # our own documentation
        elif fence.language in {"console", "bash"}:
            _type_in(fence, namespace)


def _compiled(page: DocPage, fence: Fence) -> Any:
    """The block with the page's own line numbers, so that a failure names its line."""
    return compile("\n" * fence.line + fence.code, page.name, "exec")


def _type_in(fence: Fence, namespace: dict[str, Any]) -> None:
    for line in _commands(fence.code):
        words = [_named(word, namespace) for word in shlex.split(line, comments=True)]
        if words[:2] == ["pip", "install"]:
            _check_install(words[2:])
        elif words[:1] == ["docparse-loaders"]:
            _command(words[1:], run=fence.language == "console" and not fence.excuse)


def _commands(code: str) -> Iterator[str]:
    """Lines that are typed; where some begin with `$`, the others are what was printed."""
    lines = code.replace("\\\n", " ").splitlines()
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")] or lines
    for line in typed:
        yield from (part.strip() for part in line.removesuffix("&").replace("uv run ", "").split("&&"))


def _named(word: str, namespace: dict[str, Any]) -> str:
    """`JOB` stands for the job that the block before found."""
    return namespace["job"].key[:8] if word == "JOB" and "job" in namespace else word


def _check_install(words: list[str]) -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    for word in words:
        if found := re.fullmatch(r"docparse-loaders\[(.*)\]", word):
            assert set(found[1].split(",")) <= set(extras), word


def _program() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def _command(words: list[str], *, run: bool) -> None:
    if run and not FOREVER & set(words[:1]):
        result = CliRunner().invoke(app, words, catch_exceptions=False)
        assert result.exit_code == 0, f"{shlex.join(words)}: {result.output}"
    elif words and not words[0].startswith("-"):
        _parsed(_program(), words)


def _parsed(group: TyperGroup, words: list[str]) -> None:
    """Raise a usage error for a command or an option that does not exist; nothing is run."""
    name, *rest = words
    assert name in group.commands, f"there is no command {name}"
    command = group.commands[name]
    if isinstance(command, TyperGroup):
        _parsed(command, rest)
    else:
        command.make_context(name, rest)


@by_page
def test_what_is_not_run_says_why_and_is_written_right(page: DocPage) -> None:
    for fence in page.fences:
        where = f"{page.name}:{fence.line}"
        assert not fence.more, f"{where}: the site shows no block whose first line says {fence.more!r}"
        match fence.language:
            case "py":
                assert fence.excuse, f"{where}: say why it is not run: <!-- not run: … -->"
                _check_names(ast.parse(fence.code))
            case "python":
                assert not fence.excuse, f"{where}: it is run; make it py, or drop the excuse"
            case "json":
                json.loads(fence.code)
            case "toml":
                tomllib.loads(fence.code)


def _check_names(tree: ast.Module) -> None:
    """What the block takes from this library is there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("docparse_loaders"):
            module = import_module(node.module or "")
            assert all(hasattr(module, name.name) for name in node.names), ast.unparse(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dl":
            assert hasattr(import_module("docparse_loaders"), node.attr), ast.unparse(node)


def test_few_blocks_are_not_run() -> None:
    blocks = [fence for page in PAGES for fence in page.fences if fence.language in {"python", "py"}]
    idle = [fence for fence in blocks if fence.language == "py"]
    assert len(idle) <= len(blocks) / 6


def _page(name: str) -> DocPage:
    return next(page for page in PAGES if page.name == name)


def _subclasses(root: type[Exception]) -> set[str]:
    return {name for child in root.__subclasses__() for name in ({child.__name__} | _subclasses(child))}


def test_every_error_is_explained() -> None:
    known = {name for name in _subclasses(DocParseError) if hasattr(errors, name)}
    page = _page("docs/errors.md").text
    rows = {row[0]: row for row in re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)}
    groups = set(re.findall(r"`(\w+)`", page[page.index("stand for their groups") - 80 :]))
    assert set(rows) | groups >= known
    assert set(rows) <= known
    assert all(cause.strip() and cure.strip() for _, cause, cure in rows.values())


def test_every_number_option_and_key_is_in_the_reference() -> None:
    named = set(re.findall(r"`(\w+)`", _page("docs/reference.md").text))
    for policy in (Timeouts, Retry, Poll, Limits, Policy):
        assert {field.name for field in fields(policy)} <= named
    assert set(TECHNICAL) <= named
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`([^`|]+)`)? ?\|", _page("docs/reference.md").text, re.MULTILINE))
    for takes in (StructureChunker, DocParseLoader):
        defaults = {name: param.default for name, param in signature(takes).parameters.items()}
        said = {name: rows.get(name) for name in defaults}
        assert said == {name: "" if default is Parameter.empty else _written(default) for name, default in defaults.items()}


def _written(default: object) -> str:
    return f'"{default}"' if isinstance(default, str) else repr(default)


PUBLIC = (
    "docparse_loaders",
    "docparse_loaders.langchain",
    "docparse_loaders.llama_index",
    "docparse_loaders.mcp",
    "docparse_loaders.emulator",
    "docparse_loaders.tables",
    "docparse_loaders.toolbox",
)


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_in_the_reference(module: str) -> None:
    named = {name for page in PAGES if page.name.startswith("docs/api/") for name in page.anchors}
    assert {f"{module}.{name}" for name in import_module(module).__all__} <= named


def _leaves(group: TyperGroup, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        full = f"{path} {name}".strip()
        if isinstance(command, TyperGroup):
            yield from _leaves(command, full)
        else:
            yield full, command


def test_every_command_and_option_is_on_the_page_of_commands() -> None:
    page = _page("docs/commands.md").text
    sections = dict(re.findall(r"^## `docparse-loaders ([\w ]+)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = dict(_leaves(_program()))
    assert set(sections) == set(commands)
    for name, command in commands.items():
        options = {word for param in command.params if isinstance(param, TyperOption) for word in param.opts}
        named = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", sections[name]))
        assert options - {"--help", "-h"} <= named, name
        assert {word for word in named if word.startswith("--")} <= options | {"--help"}, name


def test_every_part_of_the_house_is_on_a_floor() -> None:
    package = ROOT / "src" / "docparse_loaders"
    page = _page("docs/architecture.md").text
    floors = page[page.index("## The floors") : page.index("Two more rules")]
    named = set(re.findall(r"`(\w+)/?`", floors))
    parts = {part.stem for part in package.iterdir() if part.suffix == ".py" or (part / "__init__.py").is_file()}
    assert {part for part in parts if not part.startswith("_")} <= named


def test_the_list_of_programs_is_whole() -> None:
    page = _page("docs/recipes/index.md").text
    named = set(re.findall(r"`([\w/]+(?:\.\w+)?)`", page[page.index("## Whole programs") :]))
    shown = {path.name for path in (ROOT / "examples").glob("*.py")} - {"make_data.py"}
    assert shown | {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} <= named
    assert {name for name in named if name.endswith((".py", ".ipynb"))} <= shown | {
        path.name for path in (ROOT / "notebooks").glob("*.ipynb")
    }


def test_the_readme_commands_come_first() -> None:
    """The first command of each kind is what a newcomer tries, so it must set itself up."""
    lines = _page("README.md").text.splitlines()
    commands = [line for line in lines if line.startswith("pip install uv && uv run")]
    assert [line for line in commands if "docparse-loaders parse" in line] == [
        "pip install uv && uv run docparse-loaders parse examples/data/report.pdf"
    ]
    assert [line for line in commands if "pytest" in line] == ["pip install uv && uv run pytest"]


def test_unreleased_changes_are_written_down() -> None:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"## Unreleased\n+### \w+\n+- ", log)
