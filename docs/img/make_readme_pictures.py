"""Draws the README's pictures again: `python docs/img/make_readme_pictures.py`; the HTML report needs Chromium."""  # noqa: INP001  (a script beside what it draws)

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import docparse_loaders as dl
from docparse_loaders.langchain import DocParseLoader

HERE = Path(__file__).parent
REPORT = HERE.parent.parent / "examples" / "data" / "report.pdf"
WORDS = ("Four words are used", "S38 | 15 Kiln Close", "Three substations stand out")
"""One passage of each document that a retriever might return for "warm return"."""


def main() -> None:
    """Draw them."""
    documents = DocParseLoader(REPORT).load()
    found = [next(one for one in documents if words in one.page_content) for words in WORDS]
    dl.show_sources(found, width=380).save(HERE / "readme-sources.png")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("no Chromium: readme-report.png stays as it is")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        dl.parse(REPORT).report(page)
        seen = HERE / "readme-report.png"
        quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=4000")
        command = [browser, *quiet, "--window-size=1280,800", f"--screenshot={seen}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  (our own page)
    _smaller(seen)


def _smaller(picture: Path) -> None:
    """The same without transparency. In all its colours: a palette of 256 takes those of kinds that are rare for others."""
    from PIL import Image

    with Image.open(picture) as drawn:
        drawn.convert("RGB").save(picture, optimize=True)


if __name__ == "__main__":
    main()
