"""The library's tools for LlamaIndex agents."""

from collections.abc import Awaitable, Callable
from typing import Any

from llama_index.core.tools import FunctionTool, ToolMetadata
from llama_index.core.tools.tool_spec.base import BaseToolSpec

from docparse_loaders.errors import DocParseError
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.tools import TOOLS, Tool, said


class DocParseToolSpec(BaseToolSpec):
    """Tools with which an agent lists, reads and searches the documents of a `DocumentLibrary`.

    Answers are text that names its pages. What cannot be done is told to the model in words.
    """

    spec_functions = [(tool.name, f"a{tool.name}") for tool in TOOLS]  # noqa: RUF012  (the base class's own form)

    def __init__(self, library: DocumentLibrary) -> None:
        self.library = library

    def to_tool_list(self, *_: Any, **__: Any) -> list[FunctionTool]:
        """One tool for each of the library's methods, with the arguments described."""
        return [_tool(tool, self.library) for tool in TOOLS]


def _tool(tool: Tool, library: DocumentLibrary) -> FunctionTool:
    metadata = ToolMetadata(name=tool.name, description=tool.description, fn_schema=tool.arguments)
    return FunctionTool(fn=_sync(tool.call(library)), async_fn=_async(tool.acall(library)), metadata=metadata)


def _sync(call: Callable[..., Answer]) -> Callable[..., str]:
    def run(**arguments: Any) -> str:
        try:
            return call(**arguments).text
        except DocParseError as error:
            return said(error)

    return run


def _async(call: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[str]]:
    async def run(**arguments: Any) -> str:
        try:
            return (await call(**arguments)).text
        except DocParseError as error:
            return said(error)

    return run
