"""The entry of an interpreter of its own: `python -m docparse_loaders.engine.apart module:name`.

Calls the function on the files `document` and `options.json` of the current folder, and writes `result.json`.
"""

import sys
from importlib import import_module
from pathlib import Path

from pydantic_core import from_json, to_json

DOCUMENT, OPTIONS, RESULT = "document", "options.json", "result.json"


def main(path: str) -> None:
    """Do the work; what it raises ends the process, with its last words on standard error."""
    module, name = path.split(":")
    work = getattr(import_module(module), name)
    made = work(Path(DOCUMENT).read_bytes(), from_json(Path(OPTIONS).read_bytes()))
    Path(RESULT).write_bytes(to_json(made))


if __name__ == "__main__":
    main(sys.argv[1])
