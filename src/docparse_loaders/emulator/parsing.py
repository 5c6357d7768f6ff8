"""The emulator's eyes: LiteParse, through the local vendor. They see PDFs only; a job with any other file fails."""

from collections.abc import Sequence

from docparse_loaders.errors import BrokenSource
from docparse_loaders.model import Page
from docparse_loaders.vendors.local import Local


def parse_locally(data: bytes) -> Sequence[Page]:
    """Parse a PDF.

    Raises `BrokenSource` for what LiteParse cannot read: damaged, encrypted or not a PDF.
    """
    from docparse_loaders.vendors.local import work
    from docparse_loaders.vendors.local.decode import decode

    payload = work.parse(data, Local(images=True, ocr="never").request())
    if isinstance(payload, dict) and isinstance(fault := payload.get("error"), dict):
        raise BrokenSource(str(fault.get("message")), hint="Open it in a PDF reader to see what is wrong.")
    return decode(payload).pages
