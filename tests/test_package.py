"""What is built and installed: only the library, typed, light to import, and helpful where an extra is missing."""

import ast
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import docparse_loaders
import offline

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "docparse_loaders"
REPORT = ROOT / "examples" / "data" / "invoice-scan.pdf"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEAVY = {
    *("httpx", "httpcore", "pydantic", "pydantic_core", "anyio", "asyncio", "langchain_core", "llama_index", "liteparse"),
    *("selectolax", "typer", "rich", "starlette", "uvicorn", "fsspec", "tqdm", "sqlite3", "pypdfium2"),
    *("rapidocr", "onnxruntime", "cv2", "numpy", "PIL"),
}
OPTIONAL = {
    *("langchain_core", "llama_index", "liteparse", "typer", "rich", "starlette", "uvicorn", "python_multipart"),
    *("multipart", "fsspec", "tqdm", "selectolax", "tiktoken", "transformers", "rapidocr", "onnxruntime", "cv2", "PIL"),
    *("mcp", "mcp_types", "pypdfium2", "pypdfium2_raw"),
}
CORE = {"anyio", "httpcore", "httpx", "pydantic", "pydantic_core"}
BROUGHT = {
    "langchain": {"langchain_core"},
    "llama_index": {"llama_index"},
    "mcp": {"mcp", "uvicorn"},
    "cli": {"typer", "rich"},
    "emulator": {"starlette", "uvicorn", "python_multipart", "multipart"},
    "vendors/local": {"liteparse"},
    "viewing": {"PIL", "pypdfium2"},
    "vendors/local/ocr": {"rapidocr", "onnxruntime", "cv2", "numpy", "PIL"},
}
LAZY = {
    "source.py": {"fsspec"},
    "engine/staging.py": {"fsspec"},
    "following/bar.py": {"tqdm"},
}

# The interpreter's own search, blind to some packages: as if they were not installed, imports fail and find_spec finds nothing.
WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Blind:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name.partition(".")[0] in {missing!r} else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not PathFinder] + [Blind]
"""
RESULT = '{"pages": [{"page_num": 0, "page_size": {"w": 60, "h": 80}, "blocks": []}]}'
SHOW = f"import docparse_loaders as dl; dl.from_result({RESULT}, vendor='somark').show()"
# Prints the error's sentence, then its classes.
SAID = """
try:
    {statement}
except BaseException as error:
    print(error)
    print(*(kind.__name__ for kind in type(error).__mro__))
else:
    print("nothing was raised")
"""


def run(code: str, folder: Path, *options: str) -> str:
    """What a fresh interpreter prints that has no key, no settings and no way out of this machine."""
    done = subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-W", "error", *options, "-c", code],
        env=offline.environment(folder),
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def said(statement: str, missing: set[str], folder: Path) -> tuple[str, set[str]]:
    """The sentence and the classes of the error that a statement raises without some packages."""
    sentence, classes = run(WITHOUT.format(missing=missing) + SAID.format(statement=statement), folder).splitlines()
    return sentence, set(classes.split())


class TestImport:
    def test_the_package_brings_nothing_heavy(self, tmp_path: Path) -> None:
        brought = run("import sys, docparse_loaders; print(*sys.modules)", tmp_path).split()
        assert "docparse_loaders" in brought
        assert not HEAVY & {name.partition(".")[0] for name in brought}
        assert [name for name in brought if name.startswith("docparse_loaders.")] == []

    def test_a_client_brings_no_framework_and_httpx_only_for_a_request(self, tmp_path: Path) -> None:
        brought = run("import sys, docparse_loaders.parser; print(*sys.modules)", tmp_path).split()
        assert "docparse_loaders.engine.drive" in brought
        assert not {"httpx", *OPTIONAL} & {name.partition(".")[0] for name in brought}

    def test_the_core_works_without_any_extra(self, tmp_path: Path) -> None:
        faces = ("langchain", "llama_index", "mcp", "cli", "emulator", "viewing.", "__main__")
        core = [name for name in _module_names() if not any(f".{face}" in name for face in faces)]
        assert len(core) > 50
        names = [name for name in docparse_loaders.__all__ if name != "errors"]
        code = f"""
from importlib import import_module
for name in {core!r}: import_module(name)
import docparse_loaders as dl
print(*(getattr(dl, name).__name__ for name in {names!r}))
print(dl.from_result(b'{{"pages": [{{"page_num": 0, "page_size": {{"w": 1, "h": 1}}, "blocks": []}}]}}', vendor="somark"))
"""
        out = run(WITHOUT.format(missing=OPTIONAL) + code, tmp_path).splitlines()
        assert out[0].split() == names
        assert out[1] == "ParsedDocument('result', vendor='somark', pages=1, blocks=0)"

    def test_each_part_imports_only_what_its_extra_brings(self) -> None:
        known = sys.stdlib_module_names | CORE | {"docparse_loaders", "_typeshed"}
        seen = set()
        for file in PACKAGE.rglob("*.py"):
            where = file.relative_to(PACKAGE).as_posix()
            allowed = set().union(*(names for part, names in BROUGHT.items() if where.startswith(f"{part}/")))
            found = {name.partition(".")[0] for name in _imported(file)} - known
            assert found <= allowed | LAZY.get(where, set()), where
            seen |= found
        assert {"langchain_core", "llama_index", "typer", "starlette", "liteparse", "rapidocr"} <= seen


class TestMissingExtra:
    @pytest.mark.parametrize(
        ("statement", "missing", "extra"),
        [
            ("import docparse_loaders.langchain", "langchain_core", "langchain"),
            ("from docparse_loaders.langchain import DocParseLoader", "langchain_core", "langchain"),
            ("import docparse_loaders.llama_index", "llama_index", "llama-index"),
            ("import docparse_loaders.mcp", "mcp", "mcp"),
            (f"import docparse_loaders; docparse_loaders.parse({str(REPORT)!r})", "liteparse", "local"),
            (SHOW, "PIL", "notebook"),
            ("import docparse_loaders; docparse_loaders.show_sources([])", "PIL", "notebook"),
            ("from docparse_loaders.viewing import ready; ready()", "pypdfium2", "notebook"),
            ("from docparse_loaders.emulator import Emulator; Emulator('somark')", "starlette", "emulator"),
            ("from docparse_loaders.emulator import Emulator; Emulator('somark')", "uvicorn", "emulator"),
            ("from docparse_loaders.emulator import Emulator; Emulator('somark')", "python_multipart", "emulator"),
            ("from docparse_loaders.emulator import Emulator; Emulator('somark')", "liteparse", "emulator"),
        ],
    )
    def test_it_is_an_import_error_that_names_the_command(
        self, statement: str, missing: str, extra: str, tmp_path: Path
    ) -> None:
        sentence, classes = said(statement, {missing}, tmp_path)
        assert sentence.endswith(f'pip install "docparse-loaders[{extra}]"')
        assert {"ImportError", "DocParseError", "MissingExtra"} <= classes

    @pytest.mark.parametrize("missing", ["typer", "rich"])
    def test_the_command_says_it_too(self, missing: str, tmp_path: Path) -> None:
        sentence, classes = said("from docparse_loaders.cli import main; main()", {missing}, tmp_path)
        assert sentence.endswith('pip install "docparse-loaders[cli]"')
        assert "SystemExit" in classes

    def test_a_fault_inside_an_extra_is_not_hidden(self, tmp_path: Path) -> None:
        """Something that typer itself lacks is not mended by installing our extra."""
        (tmp_path / "typer.py").write_text("import nothing_of_that_name")
        code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})" + SAID.format(
            statement="from docparse_loaders.cli import main; main()"
        )
        assert "No module named 'nothing_of_that_name'" in run(code, tmp_path)

    def test_a_progress_bar_without_tqdm(self, tmp_path: Path) -> None:
        load = f"from docparse_loaders.langchain import DocParseLoader; DocParseLoader({str(REPORT)!r}, progress=True).load()"
        sentence, classes = said(load, {"tqdm"}, tmp_path)
        assert sentence.endswith('pip install "docparse-loaders[notebook]"')
        assert {"ImportError", "MissingExtra"} <= classes

    def test_an_address_without_fsspec(self, tmp_path: Path) -> None:
        sentence, _ = said("import docparse_loaders; docparse_loaders.parse('s3://bucket/a.pdf')", {"fsspec"}, tmp_path)
        assert "pip install fsspec" in sentence


def _module_names() -> list[str]:
    files = (file.relative_to(PACKAGE.parent).with_suffix("") for file in sorted(PACKAGE.rglob("*.py")))
    return [".".join(file.parts).removesuffix(".__init__") for file in files]


def _imported(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return found + [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel made from it; at a release those that are about to be published."""
    if given := os.environ.get("DOCPARSE_DIST"):
        return ROOT / given
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("uv is needed to build: pip install uv")
    folder = tmp_path_factory.mktemp("dist")
    # `uv run` has installed the project and so has the build backend in its cache; only without it the network is needed.
    for options in (["--offline"], []):
        command = [uv, "build", *options, "--out-dir", str(folder), str(ROOT)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)  # noqa: S603  # our own build
        if done.returncode == 0:
            return folder
    pytest.fail(done.stderr[-3000:])


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    [found] = built.glob("*.whl")
    return found


class TestBuild:
    def test_the_wheel_holds_the_library_and_nothing_else(self, wheel: Path) -> None:
        names = zipfile.ZipFile(wheel).namelist()
        about = f"docparse_loaders-{docparse_loaders.__version__}.dist-info"
        assert {name.partition("/")[0] for name in names} == {"docparse_loaders", about}
        files = [file.relative_to(PACKAGE) for file in PACKAGE.rglob("*") if file.is_file()]
        kept = {f"docparse_loaders/{file.as_posix()}" for file in files if "__pycache__" not in file.parts}
        assert {name for name in names if not name.startswith(about)} == kept
        assert {"docparse_loaders/py.typed", "docparse_loaders/__init__.py", "docparse_loaders/engine/transport.py"} <= kept
        assert f"{about}/licenses/LICENSE" in names

    def test_its_metadata_is_that_of_the_project(self, wheel: Path) -> None:
        about = f"docparse_loaders-{docparse_loaders.__version__}.dist-info"
        with zipfile.ZipFile(wheel) as archive:
            metadata = message_from_bytes(archive.read(f"{about}/METADATA"))
            commands = archive.read(f"{about}/entry_points.txt").decode()
        assert (metadata["Name"], metadata["Version"]) == (PROJECT["name"], docparse_loaders.__version__)
        assert (metadata["License-Expression"], metadata["License-File"]) == ("Apache-2.0", "LICENSE")
        assert metadata["Requires-Python"] == PROJECT["requires-python"]
        assert set(metadata.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
        required = [line.partition(";")[0] for line in metadata.get_all("Requires-Dist", []) if "extra" not in line]
        assert {line.rstrip("<>=.,0123456789 ") for line in required} == {"anyio", "httpcore", "httpx", "pydantic"}
        assert commands.split("\n\n") == ["[console_scripts]\ndocparse-loaders = docparse_loaders.cli:main\n"]

    def test_its_page_is_the_readme_and_can_be_shown(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            metadata = message_from_bytes(archive.read(f"docparse_loaders-{docparse_loaders.__version__}.dist-info/METADATA"))
        assert metadata["Description-Content-Type"] == "text/markdown"
        page = bytes(metadata.get_payload(decode=True)).decode()
        assert page == (ROOT / "README.md").read_text(encoding="utf-8")
        tokens = MarkdownIt("commonmark").enable("table").parse(page)
        assert next(token.tag for token in tokens if token.type == "heading_open") == "h1"
        assert [token.content for token in tokens if token.type == "html_block"] == []

    def test_it_runs_as_it_is(self, wheel: Path, tmp_path: Path) -> None:
        code = f"""
import sys
sys.path.insert(0, {str(wheel)!r})
import docparse_loaders as dl
print(dl.__file__)
print(dl.parse({str(REPORT)!r}, pages=1))
"""
        origin, document = run(code, tmp_path).splitlines()
        assert origin.startswith(str(wheel))
        assert document.startswith("ParsedDocument('invoice-scan.pdf', vendor='local', pages=1,")

    def test_the_source_is_whole_and_clean(self, built: Path) -> None:
        names = _unpacked(built)
        assert {f"tests/{file.name}" for file in (ROOT / "tests").glob("*.py")} <= names
        assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "examples/data/report.pdf", ".ci/run"} <= names
        leftovers = ("__pycache__", ".venv", ".hypothesis", "uv.lock", "_cache", "dist/", ".git/")
        assert [name for name in names if any(word in name for word in leftovers)] == []

    def test_the_source_is_the_repository(self, built: Path) -> None:
        """Whatever a test, a page or an example reads lies in it, too, so that it can be tested where it is packed."""
        git = shutil.which("git")
        if git is None or not (ROOT / ".git").exists():
            pytest.skip("this is no checkout")
        listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=20)  # noqa: S603  # reads only
        kept = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()}
        assert kept - _unpacked(built) == set()


def _unpacked(built: Path) -> set[str]:
    """The files of the sdist, without the folder that they are all in."""
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


def test_all_is_the_union_of_the_extras() -> None:
    extras: dict[str, list[str]] = PROJECT["optional-dependencies"]
    [everything] = extras["all"]
    assert everything == f"docparse-loaders[{','.join(extra for extra in extras if extra != 'all')}]"
