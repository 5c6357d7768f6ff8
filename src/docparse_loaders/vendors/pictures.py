"""Pictures that a result names: in its archive, at an address, or in the text itself."""

from docparse_loaders.model import Image
from docparse_loaders.vendors.archive import is_safe

_IMAGES = "images/"


def image_at(path: str) -> Image | None:
    """A picture by its path in the archive, where all of them lie in `images/`; None for a path that is only a folder."""
    path = path.strip().replace("\\", "/")
    if path.startswith("data:"):
        return embedded(path)
    if path.startswith(("https://", "http://")):
        return Image("url", path)
    if not path or path.endswith("/") or not is_safe(path):
        return None
    return Image("file", path if "/" in path else _IMAGES + path)


def embedded(data: str) -> Image:
    """A picture from base64, with or without what `data:` says of it."""
    head, comma, body = data.partition(",")
    return Image("base64", body, head.removeprefix("data:").partition(";")[0]) if comma else Image("base64", data)
