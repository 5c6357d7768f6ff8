"""Draws the pictures of real output in these pages again, from the example report: `python docs/img/make_pictures.py`."""  # noqa: INP001  (a script beside what it draws)

from pathlib import Path

import docparse_loaders as dl

HERE = Path(__file__).parent
REPORT = HERE.parent.parent / "examples" / "data" / "report.pdf"


def main() -> None:
    """Draw them."""
    document = dl.parse(REPORT)
    parts = [chunk for chunk in dl.StructureChunker().chunk(document) if chunk.table]
    over_pages = next(chunk for chunk in parts if chunk.last_page_number > chunk.page_number)
    page = document.show(2, width=700)
    page.save(HERE / "concept-page.png")
    drawn = page.images[0]
    drawn.crop((46, 74, drawn.width - 46, 538)).quantize(128).save(HERE / "home.png", optimize=True)
    document.show(document.tables[0], width=620).save(HERE / "start-table.png")
    document.show(document.tables[1], width=400).save(HERE / "concept-table.png")
    document.show(over_pages, width=420).save(HERE / "concept-chunk.png")


if __name__ == "__main__":
    main()
