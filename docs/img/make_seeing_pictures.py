"""Draws the pictures of `docs/seeing.md` again: `python docs/img/make_seeing_pictures.py`; what is HTML needs Chromium."""  # noqa: INP001  (a script beside what it draws)

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import docparse_loaders as dl
from docparse_loaders.langchain import DocParseLoader

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "examples" / "data"
CARD = '<!doctype html><meta charset="utf-8"><body style="margin:14px;background:#fff;color:#1d2126">'


def main() -> None:
    """Draw them."""
    report = dl.parse(DATA / "report.pdf")
    paper = dl.parse(DATA / "paper.pdf")
    paper.show(1, width=760).save(HERE / "seeing-page.png")
    report.show("Warm returns are costly twice", width=560).save(HERE / "seeing-find.png")
    dl.parse((DATA / "report-zh.pdf").read_bytes(), name="report-zh.pdf").show(4, width=520).save(HERE / "seeing-blank.png")
    documents = DocParseLoader(DATA / "report.pdf").load() + DocParseLoader(DATA / "report-zh.pdf").load()
    dl.show_sources([documents[at] for at in (5, 4, 13, -3)], width=400).save(HERE / "seeing-sources.png")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("no Chromium: the pictures of HTML stay as they are")
    with TemporaryDirectory() as folder:
        page = Path(folder) / "card.html"
        page.write_text(CARD + report._repr_html_(), encoding="utf-8")
        _photographed(browser, page, "seeing-card.png", "900,600")
        dl.parse(DATA / "report-zh.pdf").report(page)
        _photographed(browser, page, "seeing-report-dark.png", "1280,760", "--blink-settings=preferredColorScheme=0")


def _photographed(browser: str, page: Path, name: str, size: str, *more: str) -> None:
    options = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--virtual-time-budget=4000",
        f"--window-size={size}",
        *more,
    )
    command = [browser, *options, f"--screenshot={HERE / name}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  (our own page)
    with Image.open(HERE / name) as drawn:
        drawn.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
