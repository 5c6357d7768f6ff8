"""Records as LlamaIndex's own types, with what says nothing to a model kept from it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llama_index.core.schema import Document

from docparse_loaders.metadata import SEPARATOR, TECHNICAL, merged

if TYPE_CHECKING:
    from docparse_loaders.document import ParsedDocument
    from docparse_loaders.metadata import Record


def document_of(record: "Record", given: Mapping[str, Any] | None, parsed: "ParsedDocument | None" = None) -> Document:
    """The record with a caller's own metadata, where ours wins; of a whole file, with its parsed form."""
    hidden = hidden_of(record)
    fields: dict[str, Any] = {
        "id_": record.id,
        "text": record.text,
        "metadata": merged(given, record.metadata),
        "excluded_embed_metadata_keys": list(hidden),
        "excluded_llm_metadata_keys": list(hidden),
    }
    if parsed is None:
        return Document(**fields)
    from docparse_loaders.llama_index.files import FileDocument

    return FileDocument(**fields, parsed=parsed)


def hidden_of(record: "Record") -> list[str]:
    """Keys that say nothing to a model; the heading path is one of them if the text begins with it."""
    return [key for key in TECHNICAL if key != "headings" or _shows_headings(record)]


def _shows_headings(record: "Record") -> bool:
    headings = record.metadata["headings"]
    return str(headings[-1] if isinstance(headings, list) and headings else headings).rpartition(SEPARATOR)[2] in record.text
