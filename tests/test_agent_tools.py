"""The library's tools in the hands of both frameworks' agents: the same names, arguments and texts."""

import asyncio
from pathlib import Path

import pytest

from docparse_loaders import errors, langchain, llama_index
from docparse_loaders.toolbox import DocumentLibrary
from docparse_loaders.toolbox.tools import TOOLS

NAMES = ["list_documents", "outline", "read_section", "read_pages", "find", "get_table"]


@pytest.fixture(scope="module")
def library(examples: Path) -> DocumentLibrary:
    return DocumentLibrary(examples / "report.pdf")


@pytest.fixture(scope="module")
def document(library: DocumentLibrary) -> str:
    return next(line.split(" | ")[0] for line in library.list_documents().text.split("\n") if "report.pdf" in line)


def test_every_tool_tells_what_it_does_and_what_it_takes() -> None:
    assert [tool.name for tool in TOOLS] == NAMES
    for tool in TOOLS:
        assert tool.description
        for name, field in tool.arguments.model_fields.items():
            assert field.description, f"{tool.name} {name}"


def test_no_tool_takes_a_path_or_an_address() -> None:
    taken = {name for tool in TOOLS for name in tool.arguments.model_fields}
    assert taken == {"contains", "offset", "document_id", "pages", "section", "query", "limit", "table", "form"}


class TestLangChain:
    def test_the_toolkit_has_them_all(self, library: DocumentLibrary) -> None:
        assert [tool.name for tool in langchain.DocParseToolkit(library=library).get_tools()] == NAMES

    def test_text_for_the_model_and_citations_for_the_program(self, library: DocumentLibrary, document: str) -> None:
        tools = {tool.name: tool for tool in langchain.DocParseToolkit(library=library).get_tools()}
        call = {"query": "water use in a week", "document_id": document, "limit": 1}
        message = tools["find"].invoke({"name": "find", "id": "1", "type": "tool_call", "args": call})
        assert f"[{document} p. " in message.content
        (citation, *_) = message.artifact["citations"]
        assert citation["document_id"] == document
        assert all(len(box) == 4 for box in citation["boxes"])

    def test_async_says_the_same(self, library: DocumentLibrary, document: str) -> None:
        tools = {tool.name: tool for tool in langchain.DocParseToolkit(library=library).get_tools()}
        arguments = {"document_id": document, "table": 1}
        assert asyncio.run(tools["get_table"].ainvoke(arguments)) == tools["get_table"].invoke(arguments)

    def test_a_mistake_is_told_to_the_model(self, library: DocumentLibrary) -> None:
        tools = {tool.name: tool for tool in langchain.DocParseToolkit(library=library).get_tools()}
        assert "there is no document '../secret'" in tools["outline"].invoke({"document_id": "../secret"})


class TestLlamaIndex:
    def test_the_spec_has_them_all(self, library: DocumentLibrary) -> None:
        tools = llama_index.DocParseToolSpec(library).to_tool_list()
        assert [tool.metadata.name for tool in tools] == NAMES
        assert "pages" in tools[3].metadata.get_parameters_dict()["properties"]

    def test_text_with_pages(self, library: DocumentLibrary, document: str) -> None:
        tools = {tool.metadata.name: tool for tool in llama_index.DocParseToolSpec(library).to_tool_list()}
        text = tools["find"].call(query="water use in a week", document_id=document).content
        assert f"[{document} p. " in text
        assert asyncio.run(tools["find"].acall(query="water use in a week", document_id=document)).content == text

    def test_a_mistake_is_told_to_the_model(self, library: DocumentLibrary) -> None:
        tools = {tool.metadata.name: tool for tool in llama_index.DocParseToolSpec(library).to_tool_list()}
        assert "there is no document" in tools["outline"].call(document_id="x").content


@pytest.mark.parametrize("face", [langchain, llama_index])
def test_a_name_that_a_face_does_not_have_is_an_error(face: object) -> None:
    with pytest.raises(AttributeError, match="DocParseNothing"):
        face.DocParseNothing  # type: ignore[attr-defined]  # noqa: B018  (that is the mistake)


def test_an_error_for_an_agent_holds_no_token() -> None:
    from docparse_loaders.toolbox.tools import said

    assert "secret-token" not in said(errors.JobTimeout("it took too long.", hint="Try later.", token="secret-token"))
