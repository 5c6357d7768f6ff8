"""A record as LangChain's own type."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.documents import Document

from docparse_loaders.metadata import merged

if TYPE_CHECKING:
    from docparse_loaders.metadata import Record


def document_of(record: "Record", given: Mapping[str, Any] | None = None) -> Document:
    """The record with a caller's own metadata, where ours wins."""
    return Document(id=record.id, page_content=record.text, metadata=merged(given, record.metadata))
