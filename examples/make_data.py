"""Make the example documents and their ground truth: `python examples/make_data.py [--out FOLDER] [--font FILE]`."""

import argparse
import sys
from pathlib import Path

from example_documents.invoice import make_invoice
from example_documents.paper import make_paper
from example_documents.report import make_report
from example_documents.report_zh import make_report_zh
from example_documents.truth import Truth

FONT_FILE = "DroidSansFallbackFull.ttf"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "~/Library/Fonts")
NO_FONT = f"""report-zh.pdf was not made: {FONT_FILE} was not found.
Install the Debian or Ubuntu package fonts-droid-fallback, or name the file with --font."""


def main() -> int:
    """Make all four; 1 if the Chinese one had to be left out for want of a font."""
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    _write(options.out, make_report(options.out))
    _write(options.out, make_invoice(options.out))
    _write(options.out, make_paper(options.out))
    font = options.font or find_font()
    if font is None or not font.is_file():
        print(NO_FONT, file=sys.stderr)
        return 1
    _write(options.out, make_report_zh(options.out, font))
    return 0


def find_font() -> Path | None:
    """The Chinese font in one of the usual folders."""
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return next((file for folder in folders for file in sorted(folder.rglob(FONT_FILE))), None)


def _write(folder: Path, truth: Truth) -> None:
    path = folder / f"{Path(truth.file).stem}.truth.json"
    path.write_text(truth.to_json(), encoding="utf-8", newline="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data", help="folder to write to")
    parser.add_argument("--font", type=Path, help=f"path of {FONT_FILE}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
