"""The library's tools for LangChain agents."""

from typing import Any

from langchain_core.tools import BaseTool, BaseToolkit, StructuredTool, ToolException
from pydantic import ConfigDict

from docparse_loaders.errors import DocParseError
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.tools import TOOLS, Tool, artifact, said

Pair = tuple[str, dict[str, Any]]


class DocParseToolkit(BaseToolkit):
    """Tools with which an agent lists, reads and searches the documents of a `DocumentLibrary`.

    Each tool gives text for the model and, as its artifact, the citations: document, page and boxes. What cannot be done is
    told to the model as a `ToolException` that the tool handles itself.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: DocumentLibrary

    def get_tools(self) -> list[BaseTool]:
        """One tool for each of the library's methods."""
        return [_tool(tool, self.library) for tool in TOOLS]


def _tool(tool: Tool, library: DocumentLibrary) -> BaseTool:
    def run(**given: Any) -> Pair:
        try:
            return _pair(tool.run(library, given))
        except DocParseError as error:
            raise ToolException(said(error)) from None

    async def arun(**given: Any) -> Pair:
        try:
            return _pair(await tool.arun(library, given))
        except DocParseError as error:
            raise ToolException(said(error)) from None

    return StructuredTool.from_function(
        func=run,
        coroutine=arun,
        name=tool.name,
        description=tool.description,
        args_schema=tool.arguments,
        response_format="content_and_artifact",
        handle_tool_error=True,
        handle_validation_error=tool.corrected,
    )


def _pair(answer: Answer) -> Pair:
    return answer.text, artifact(answer)
