"""The command `docparse-loaders`. Needs the extra `cli`."""

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line; without the extra, say how to install it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Files and pipes get UTF-8, whatever the system's own encoding; a terminal shows what it can.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        from docparse_loaders.cli.app import app
    except ImportError as error:
        if error.name not in {"typer", "rich", "click"}:
            raise
        sys.exit('docparse-loaders needs typer and rich: pip install "docparse-loaders[cli]"')
    app(prog_name="docparse-loaders")
