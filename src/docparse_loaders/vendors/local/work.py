"""The local vendor's work: any file that it takes, to JSON. Runs in a worker thread of the engine."""

from pydantic import JsonValue

from docparse_loaders.vendors.local.ocr.scans import of_image, with_scans
from docparse_loaders.vendors.local.office import converted
from docparse_loaders.vendors.local.pdf import parsed
from docparse_loaders.vendors.programs import Tools
from docparse_loaders.vendors.readers import Object, as_object, as_text

_HEAD = 1024


def parse(data: bytes, options: JsonValue, tools: Tools | None = None) -> JsonValue:
    """Parse a document; `options` is what `Local.request` made, with `pages` as spans or None and `format` and `suffix`.

    Returns the pages with runs of text, blocks, rules and drawings in points, or `{"error": {"kind", "message"}}`.
    Without `tools`, scans are read in this process and office files are refused.
    Raises `MissingExtra` if what is needed is not installed, `ConfigError` if LiteParse refuses an option.
    """
    asked = as_object(options)
    form = as_text(asked.get("format")) or "pdf"
    if form == "image" and b"%PDF-" not in data[:_HEAD]:
        return of_image(data, asked, tools)
    if form == "office" and b"%PDF-" not in data[:_HEAD]:
        made = converted(data, asked, tools)
        return _read(made, asked, tools) if isinstance(made, bytes) else made
    return _read(data, asked, tools)


def _read(data: bytes, asked: Object, tools: Tools | None) -> JsonValue:
    payload = parsed(data, asked)
    return with_scans(as_object(payload), data, asked, tools)
