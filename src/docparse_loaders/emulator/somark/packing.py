"""A finished job as it is handed out: signed links and all, and the files that they lead to."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from docparse_loaders.emulator.shelf import Shelf
from docparse_loaders.emulator.somark.form import Order
from docparse_loaders.emulator.somark.result import Dialect, Json, Paper
from docparse_loaders.model import Page


class Finished(NamedTuple):
    """What a job has come to: it is written out whenever somebody asks, so that its links are fresh in every answer."""

    order: Order
    pages: Sequence[Page]

    def handed_out(self, job_id: str, dialect: Dialect, shelf: Shelf) -> Json:
        """`result` of an answer. Its files lie on the shelf."""
        paper = Paper(self.order, dialect, lambda name: shelf.link(f"{job_id}/{name}"))
        outputs = paper.outputs(self.pages)
        for name, data in paper.files.items():
            shelf.offer(f"{job_id}/{name}", data, f"image/{name.rpartition('.')[2]}")
        if "zip" in outputs:
            shelf.offer(f"{job_id}/result.zip", _archive(outputs, paper.files), "application/zip")
        images: Json = {} if dialect.capitalised else {"imgs": []}
        return {"file_name": self.order.file_name, **images, "outputs": outputs}


def _archive(outputs: Json, files: Mapping[str, bytes]) -> bytes:
    """Everything of a result in one archive, as `zip` offers it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if "markdown" in outputs:
            archive.writestr("result.md", outputs["markdown"])
        if "json" in outputs:
            archive.writestr("result.json", json.dumps(outputs["json"], ensure_ascii=False))
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()
