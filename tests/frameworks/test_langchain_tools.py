"""LangChain's own conformance tests, over every tool of the toolkit."""

from typing import Any, ClassVar

import pytest
from langchain_core.tools import BaseTool

from docparse_loaders.langchain import DocParseToolkit
from docparse_loaders.toolbox import DocumentLibrary

from .scripted_agent import EXAMPLES

unit = pytest.importorskip("langchain_tests.unit_tests", reason="the group `frameworks` is not installed")
integration = pytest.importorskip("langchain_tests.integration_tests", reason="the group `frameworks` is not installed")

LIBRARY = DocumentLibrary(EXAMPLES)
REPORT = next(line.split(" | ")[0] for line in LIBRARY.list_documents().text.splitlines() if "| report.pdf |" in line)
TOOLS = {tool.name: tool for tool in DocParseToolkit(library=LIBRARY).get_tools()}

# The classes expect that every coroutine is run, as in their own projects.
for name in ("test_async_invoke_matches_output_schema", "test_async_invoke_no_tool_call"):
    pytest.mark.asyncio(getattr(integration.ToolsIntegrationTests, name))


class Case:
    """One of the tools, and arguments for it."""

    name: ClassVar[str]
    arguments: ClassVar[dict[str, Any]]

    @property
    def tool_constructor(self) -> BaseTool:
        """The tool itself."""
        return TOOLS[self.name]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        """Its arguments."""
        return self.arguments


class ListDocuments(Case):
    name = "list_documents"
    arguments: ClassVar[dict[str, Any]] = {"contains": "report"}


class Outline(Case):
    name = "outline"
    arguments: ClassVar[dict[str, Any]] = {"document_id": REPORT}


class ReadSection(Case):
    name = "read_section"
    arguments: ClassVar[dict[str, Any]] = {"document_id": REPORT, "section": 12}


class ReadPages(Case):
    name = "read_pages"
    arguments: ClassVar[dict[str, Any]] = {"document_id": REPORT, "pages": "2-3"}


class Find(Case):
    name = "find"
    arguments: ClassVar[dict[str, Any]] = {"query": "heat pump", "document_id": REPORT}


class GetTable(Case):
    name = "get_table"
    arguments: ClassVar[dict[str, Any]] = {"document_id": REPORT, "table": 1, "form": "rows"}


class NoSuchDocument(Case):
    """What cannot be done must not be raised through an agent either."""

    name = "outline"
    arguments: ClassVar[dict[str, Any]] = {"document_id": "../../etc/passwd"}


class TestListDocumentsUnit(ListDocuments, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestOutlineUnit(Outline, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestReadSectionUnit(ReadSection, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestReadPagesUnit(ReadPages, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestFindUnit(Find, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestGetTableUnit(GetTable, unit.ToolsUnitTests):  # type: ignore[misc, name-defined]  # only there in the group
    pass


class TestListDocumentsRun(ListDocuments, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


class TestOutlineRun(Outline, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


class TestReadSectionRun(ReadSection, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


class TestReadPagesRun(ReadPages, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


class TestFindRun(Find, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


class TestGetTableRun(GetTable, integration.ToolsIntegrationTests):  # type: ignore[misc, name-defined]  # as above
    pass


def test_every_tool_has_its_case() -> None:
    assert {case.name for case in Case.__subclasses__()} == set(TOOLS)


def test_what_cannot_be_done_is_a_message_that_is_an_error() -> None:
    call = {"name": "outline", "args": NoSuchDocument.arguments, "id": "1", "type": "tool_call"}
    message = TOOLS["outline"].invoke(call)
    assert message.status == "error"
    assert "Call list_documents" in message.content


@pytest.mark.parametrize(
    "given", [{"section": "x", "document_id": REPORT}, {}, {"document_id": REPORT, "section": 1, "path": "/"}]
)
def test_arguments_that_are_wrong_are_a_message_too(given: dict[str, Any]) -> None:
    call = {"name": "read_section", "args": given, "id": "1", "type": "tool_call"}
    message = TOOLS["read_section"].invoke(call)
    assert message.status == "error"
    assert "read_section cannot be called like that" in message.content
