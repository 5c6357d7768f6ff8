"""The library's tools for LlamaIndex agents."""

from typing import Any

from llama_index.core.tools import FunctionTool, ToolMetadata, ToolOutput
from llama_index.core.tools.tool_spec.base import BaseToolSpec

from docparse_loaders.errors import DocParseError
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.tools import TOOLS, Tool, artifact, said


class DocParseToolSpec(BaseToolSpec):
    """Tools with which an agent lists, reads and searches the documents of a `DocumentLibrary`.

    Answers are text that names its pages; `raw_output` of a tool's output holds the citations with their boxes, as plain JSON.
    What cannot be done is told to the model in words, as an output that is an error.
    """

    spec_functions = [(tool.name, f"a{tool.name}") for tool in TOOLS]  # noqa: RUF012  (the base class's own form)

    def __init__(self, library: DocumentLibrary) -> None:
        self.library = library

    def to_tool_list(self, *_: Any, **__: Any) -> list[FunctionTool]:
        """One tool for each of the library's methods, with the arguments described."""
        return [LibraryTool(tool, self.library) for tool in TOOLS]


class LibraryTool(FunctionTool):
    """One method of a library as a tool."""

    def __init__(self, tool: Tool, library: DocumentLibrary) -> None:
        metadata = ToolMetadata(name=tool.name, description=tool.description, fn_schema=tool.arguments)
        super().__init__(fn=getattr(library, tool.name), async_fn=getattr(library, f"a{tool.name}"), metadata=metadata)
        self._tool = tool
        self._library = library

    def call(self, *args: Any, **kwargs: Any) -> ToolOutput:
        """Run it; what cannot be done is an output with `is_error`."""
        given = self._named(args, kwargs)
        try:
            return self._output(given, self._tool.run(self._library, given))
        except DocParseError as error:
            return self._output(given, error)

    async def acall(self, *args: Any, **kwargs: Any) -> ToolOutput:
        """As `call`."""
        given = self._named(args, kwargs)
        try:
            return self._output(given, await self._tool.arun(self._library, given))
        except DocParseError as error:
            return self._output(given, error)

    def _named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**dict(zip(self._tool.arguments.model_fields, args, strict=False)), **kwargs}

    def _output(self, given: dict[str, Any], found: Answer | DocParseError) -> ToolOutput:
        wrong = isinstance(found, DocParseError)
        text = said(found) if isinstance(found, DocParseError) else found.text
        raw = text if isinstance(found, DocParseError) else artifact(found)
        return ToolOutput(tool_name=self._tool.name, content=text, raw_input={"kwargs": given}, raw_output=raw, is_error=wrong)
