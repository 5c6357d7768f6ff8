"""The notebooks, executed in a kernel of their own: stripped as they are kept, whole when they are run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import offline

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
by_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)

# A process of its own, because the kernel's client brings threads and warnings that are not ours.
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
nbformat.write(notebook, sys.argv[3])
"""


def _executed(notebook: Path, cwd: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The outputs of each code cell, by its id, after a run in `cwd`."""
    target = folder / "executed.ipynb"
    run = subprocess.run(  # noqa: S603  # our own notebook
        [sys.executable, "-c", EXECUTE, str(notebook), str(cwd), str(target)],
        env=offline.environment(folder),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    cells = json.loads(target.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: cell["outputs"] for cell in cells if cell["cell_type"] == "code"}


def _printed(outputs: list[dict[str, Any]]) -> str:
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


def _shown(outputs: list[dict[str, Any]], media_type: str) -> str:
    [data] = [output["data"] for output in outputs if output["output_type"] == "execute_result"]
    return "".join(data[media_type])


@by_notebook
def test_it_is_kept_without_outputs(notebook: Path) -> None:
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = content["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert content["metadata"]["kernelspec"]["name"] == "python3"
    assert set(content["metadata"]) <= {"kernelspec", "language_info"}
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)


@by_notebook
def test_every_cell_runs_without_a_warning(notebook: Path, tmp_path: Path) -> None:
    outputs = _executed(notebook, notebook.parent, tmp_path)
    assert outputs
    loud = [output for found in outputs.values() for output in found if output.get("name") == "stderr"]
    assert loud == []


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The outputs of the quickstart, run from the repository's root."""
    return _executed(ROOT / "notebooks" / "quickstart.ipynb", ROOT, tmp_path_factory.mktemp("quickstart"))


def test_the_quickstart_shows_what_it_says(quickstart: dict[str, list[dict[str, Any]]]) -> None:
    printed = {name: _printed(outputs) for name, outputs in quickstart.items()}
    assert "'report.pdf', vendor='local', pages=8" in _shown(quickstart["parse"], "text/plain")
    assert "page 6              3.2.1 Warm returns\n" in printed["outline"]
    assert _shown(quickstart["boxes"], "image/png").startswith("iVBOR")
    assert "1 Introduction > 1.1 Scope\n" in printed["chunks"]
    assert "page_number  6\n" in printed["langchain"]
    assert _shown(quickstart["boxes-of"], "image/png").startswith("iVBOR")
    assert printed["llama-index"].count("True") == 2
    assert "vendor='somark', pages=8" in _shown(quickstart["somark"], "text/plain")
    first, *_, last = printed["somark"].splitlines()
    assert first in {"status: QUEUING", "status: PROCESSING"}
    assert last == "status: done"
    assert printed["save"] == "nothing lost: True\n"


def test_the_quickstart_says_what_to_do_about_errors(quickstart: dict[str, list[dict[str, Any]]]) -> None:
    lines = _printed(quickstart["errors"]).splitlines()
    named = [line.partition(":")[0] for line in lines]
    assert named == ["SourceNotFound", "PagesOutOfRange", "UnknownVendor", "MissingKey", "Warning"]
    assert "SOMARK_API_KEY" in lines[3]


def test_the_quickstart_joins_the_table_of_the_ground_truth(quickstart: dict[str, list[dict[str, Any]]]) -> None:
    truth = json.loads((ROOT / "examples" / "data" / "report.truth.json").read_text(encoding="utf-8"))
    table = max((block for block in truth["joined"] if block["kind"] == "table"), key=lambda block: len(block["cells"]))
    header, *rows = table["cells"]
    count, first, last = _printed(quickstart["table"]).splitlines()
    assert count == f"pages [4, 5, 6] with {len(rows)} rows"
    assert first == f"first {dict(zip(header, rows[0], strict=True))}"
    assert last == f"last  {dict(zip(header, rows[-1], strict=True))}"
