"""Runs a notebook in a kernel of its own, without a way out of this machine, and says what its cells gave."""

import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

import offline
from docparse_loaders.tables import Grid, from_html

Output = dict[str, Any]

# A process of its own, because the kernel's client brings threads and warnings that are not ours.
_EXECUTE = '''
import sys
import nbformat
from nbclient import NotebookClient

PROOF = """
import socket

try:
    socket.create_connection(("192.0.2.1", 9), timeout=0.1)
except RuntimeError as refused:
    print(refused)
"""
notebook = nbformat.read(sys.argv[1], as_version=4)
notebook.cells.insert(0, nbformat.v4.new_code_cell(PROOF, id="proof"))
NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": sys.argv[2]}}).execute()
nbformat.write(notebook, sys.argv[3])
'''


class Run:
    """The outputs of a notebook's code cells, by the cell's id."""

    def __init__(self, cells: list[dict[str, Any]]) -> None:
        self.outputs: dict[str, list[Output]] = {cell["id"]: cell["outputs"] for cell in cells if cell["cell_type"] == "code"}

    @classmethod
    def of(cls, notebook: Path, cwd: Path, folder: Path) -> "Run":
        """Execute `notebook` as if it was started in `cwd`; `folder` is home and scratch, and must be left empty."""
        target, scratch = folder / "executed.ipynb", folder / "scratch"
        scratch.mkdir()
        run = subprocess.run(  # noqa: S603  (our own notebook)
            [sys.executable, "-c", _EXECUTE, str(notebook), str(cwd), str(target)],
            env=offline.environment(folder) | {"TMPDIR": str(scratch)},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert run.returncode == 0, run.stderr[-3000:]
        assert sorted(file.name for file in scratch.iterdir()) == []
        done = cls(json.loads(target.read_text(encoding="utf-8"))["cells"])
        assert done.printed("proof") == "this test must stay on this machine, not reach '192.0.2.1'\n"
        return done

    def printed(self, cell: str) -> str:
        """What a cell wrote to stdout."""
        return self._stream(cell, "stdout")

    def lines(self, cell: str) -> list[str]:
        """The lines that a cell wrote to stdout."""
        return self.printed(cell).splitlines()

    def loud(self) -> set[str]:
        """The cells that wrote to stderr."""
        return {cell for cell in self.outputs if self._stream(cell, "stderr")}

    def shown(self, cell: str, media_type: str = "text/plain") -> str:
        """The value that a cell ends with, in one of its forms."""
        [data] = [output["data"] for output in self.outputs[cell] if output["output_type"] == "execute_result"]
        return "".join(data[media_type])

    def picture(self, cell: str) -> Image.Image:
        """The picture that a cell ends with, read from its PNG."""
        data = base64.b64decode(self.shown(cell, "image/png"))
        assert data.startswith(b"\x89PNG\r\n")
        return Image.open(io.BytesIO(data)).convert("RGB")

    def table(self, cell: str) -> Grid:
        """The HTML table that a cell ends with."""
        grid = from_html(self.shown(cell, "text/html"))
        assert grid is not None
        return grid

    def _stream(self, cell: str, name: str) -> str:
        return "".join("".join(output["text"]) for output in self.outputs[cell] if output.get("name") == name)
