"""The pictures of a result: found in its archive, and put into the document if that is wanted."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from docparse_loaders.model import Block, Image, Kind, Notice, Page
from docparse_loaders.policy import MiB
from docparse_loaders.vendors.archive import Archive

_TYPES = MappingProxyType(
    {
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "png": "image/png",
        "gif": "image/gif",
        "webp": "image/webp",
        "bmp": "image/bmp",
    }
)
_SHOWN: frozenset[Kind] = frozenset({"figure", "chart", "seal"})
_MOST_EMBEDDED = 64 * MiB


class Album:
    """The pictures of one archive, below the folder of the file that names them."""

    def __init__(self, archive: Archive, folder: str, *, embed: bool) -> None:
        self._archive = archive
        self._folder = f"{folder}/" if folder else ""
        self._embed = embed
        self._left = _MOST_EMBEDDED
        self.missing = 0
        self.left_out = 0

    def pages(self, pages: Sequence[Page]) -> tuple[Page, ...]:
        """The pages, with every picture's full name in the archive; a picture that is not there is taken away."""
        return tuple(replace(page, blocks=tuple(map(self._block, page.blocks))) for page in pages)

    def notices(self) -> list[Notice]:
        """What the reader should know of them."""
        found: list[Notice] = []
        if self.missing:
            found.append(Notice("missing_image", f"{self.missing} pictures are not in the archive."))
        if self.left_out:
            message = f"{self.left_out} pictures were left in the archive: more than {_MOST_EMBEDDED // MiB} MiB in all."
            found.append(Notice("image_left_out", message))
        return found

    def _block(self, block: Block) -> Block:
        if block.image is None or block.image.form != "file":
            return block
        return replace(block, image=self._found(block, block.image.value))

    def _found(self, block: Block, path: str) -> Image | None:
        name = next((name for name in (self._folder + path, path) if name in self._archive), None)
        if name is None:
            self.missing += 1
            return None
        kind = _TYPES.get(name.rpartition(".")[2].lower(), "")
        # The crop of a table or formula shows what its text says: only what is nothing but a picture is worth its bytes.
        if not self._embed or not (block.kind in _SHOWN or not block.text):
            return Image("file", name, kind)
        if self._archive.size(name) > self._left:
            self.left_out += 1
            return Image("file", name, kind)
        data = self._archive.read(name)
        self._left -= len(data)
        return Image("base64", base64.b64encode(data).decode(), kind)
