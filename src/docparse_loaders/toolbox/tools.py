"""The library's methods as tools: their names, what a model is told of them, and their arguments. Shared by all faces."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from docparse_loaders.errors import DocParseError
from docparse_loaders.toolbox.answers import Answer
from docparse_loaders.toolbox.library import DocumentLibrary

_DOCUMENT = "The document's id, as list_documents gives it. Never a path or an address."
_OFFSET = "Where to go on, as the answer before said; 0 at first."


class ListDocuments(BaseModel):
    """Arguments of list_documents."""

    offset: int = Field(0, description=_OFFSET)


class Outline(BaseModel):
    """Arguments of outline."""

    document_id: str = Field(description=_DOCUMENT)
    offset: int = Field(0, description=_OFFSET)


class ReadPages(BaseModel):
    """Arguments of read_pages."""

    document_id: str = Field(description=_DOCUMENT)
    pages: str = Field(description='Pages of the document, from 1: "3" or "2-4,7".')
    offset: int = Field(0, description=_OFFSET)


class ReadSection(BaseModel):
    """Arguments of read_section."""

    document_id: str = Field(description=_DOCUMENT)
    section: int = Field(description="The section's number in the outline.")
    offset: int = Field(0, description=_OFFSET)


class Find(BaseModel):
    """Arguments of find."""

    query: str = Field(description="The words or the question to look for.")
    document_id: str | None = Field(None, description=f"{_DOCUMENT} Without it, all documents that were read before.")
    limit: int = Field(5, description="The most passages, up to 20.")


class GetTable(BaseModel):
    """Arguments of get_table."""

    document_id: str = Field(description=_DOCUMENT)
    table: int = Field(description="The table's number in the outline.")
    form: Literal["markdown", "rows"] = Field("markdown", description='"markdown", or "rows" for one JSON object a row.')
    offset: int = Field(0, description=_OFFSET)


class Tool(NamedTuple):
    """A method of `DocumentLibrary` as a model sees it."""

    name: str
    description: str
    arguments: type[BaseModel]

    def call(self, library: DocumentLibrary) -> Callable[..., Answer]:
        """The method itself."""
        method: Callable[..., Answer] = getattr(library, self.name)
        return method

    def acall(self, library: DocumentLibrary) -> Callable[..., Awaitable[Answer]]:
        """Its async twin."""
        method: Callable[..., Awaitable[Answer]] = getattr(library, f"a{self.name}")
        return method


TOOLS = (
    Tool("list_documents", "List the documents that can be read: id, name and size.", ListDocuments),
    Tool(
        "outline",
        "The numbered sections and tables of a document, with their pages. Call it first to know where to read.",
        Outline,
    ),
    Tool("read_section", "Read the text under a heading, by its number in the outline.", ReadSection),
    Tool("read_pages", "Read the text of some pages of a document.", ReadPages),
    Tool(
        "find",
        "Find the passages that answer a question best. Each begins with [document p. page]: cite it like that.",
        Find,
    ),
    Tool("get_table", "Get a table by its number in the outline, as Markdown or as rows.", GetTable),
)


def artifact(answer: Answer) -> dict[str, Any]:
    """What a program can show beside an answer: plain JSON."""
    citations = [{**asdict(citation), "boxes": [list(box) for box in citation.boxes]} for citation in answer.citations]
    return {"citations": citations, "next_offset": answer.next_offset, "data": answer.data}


def said(error: DocParseError) -> str:
    """An error as the agent is told of it: without a token, which is not for it."""
    return f"{error.message} {error.hint}".strip()
