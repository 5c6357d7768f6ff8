"""The emulator's eyes: the local vendor, with whatever is installed here.

PDFs are read by LiteParse, pictures and pages without a text layer by OCR (the extra `ocr`), office files by way of
LibreOffice. Without OCR or LibreOffice a file that needs it cannot be read, and its job fails as a vendor's would.
"""

from collections.abc import Sequence
from functools import partial

import anyio
from anyio import to_thread
from pydantic import JsonValue

from docparse_loaders.emulator.formats import suffix_of
from docparse_loaders.engine import inprocess
from docparse_loaders.errors import BrokenSource, MissingExtra
from docparse_loaders.model import Page
from docparse_loaders.source import Source
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.local.formats import format_of
from docparse_loaders.vendors.protocol import InProcess

_WORK = "docparse_loaders.vendors.local.work:parse"
_LONGEST = 240.0
"""Seconds for a file: a client waits for the answer to its submit, and most give up after 300."""


async def read(data: bytes) -> Sequence[Page]:
    """Parse a file, with its programs beside this process and no more at once than there are processors.

    What it has started ends with it. Raises `BrokenSource` after four minutes, and for what cannot be read: damaged, encrypted,
    of no known type, or for want of OCR or LibreOffice.
    """
    with anyio.move_on_after(_LONGEST):
        source = Source.of(data, name="document")
        try:
            reply = await inprocess.run(InProcess(_WORK), _request(data), source)
        except MissingExtra as error:
            raise _unreadable(error.message, error.hint) from None
        return await to_thread.run_sync(partial(_pages, reply.json))
    raise _unreadable(f"it took longer than {_LONGEST:g} s", "Submit fewer pages.")


def _request(data: bytes) -> dict[str, JsonValue]:
    suffix = suffix_of(data)
    asked = Local(images=True).request()
    return {**asked, "format": format_of(suffix), "suffix": suffix, "pages": None}


def _pages(payload: JsonValue) -> Sequence[Page]:
    from docparse_loaders.vendors.local.decode import decode

    if isinstance(payload, dict) and isinstance(fault := payload.get("error"), dict):
        raise _unreadable(str(fault.get("message")), "Open it in a PDF reader or an office program to see what is wrong.")
    pages = decode(payload).pages
    if isinstance(payload, dict) and payload.get("ocr") == "missing" and not any(map(_has_text, pages)):
        raise _unreadable("it is a scan, and there is no OCR", 'Install it: pip install "docparse-loaders[ocr]"')
    return pages


def _has_text(page: Page) -> bool:
    return any(block.text for block in page.blocks)


def _unreadable(message: str, hint: str) -> BrokenSource:
    return BrokenSource(message.rstrip("."), hint=hint)
