"""The command `docparse-loaders`. Needs the extra `cli`."""

import sys


def main() -> None:
    """Run the command line; without the extra, say how to install it."""
    try:
        from docparse_loaders.cli.app import app
    except ImportError as error:
        if error.name not in {"typer", "rich", "click"}:
            raise
        sys.exit('docparse-loaders needs typer and rich: pip install "docparse-loaders[cli]"')
    app(prog_name="docparse-loaders")
