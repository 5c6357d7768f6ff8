"""A Document that brings its parsed file along."""

from typing import Any

from llama_index.core.schema import Document
from pydantic import Field


class FileDocument(Document):
    """One file as a Document, with its parsed form for `DocParseNodeParser`.

    `parsed` is the `ParsedDocument`. It is in no dump, so that a document store keeps the text alone.
    """

    parsed: Any = Field(default=None, exclude=True, repr=False)
