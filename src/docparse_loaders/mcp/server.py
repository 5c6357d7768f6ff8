"""The library's tools in MCP's words: schemas, hints, text and structured results, progress, errors that a model can act on."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp.types import Tool as ToolListing

from docparse_loaders.errors import DocParseError
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.tools import INSTRUCTIONS, TOOLS, Tool, said

_log = logging.getLogger("docparse_loaders")
_TICK = 1.0
_BY_NAME = {tool.name: tool for tool in TOOLS}

RESULT: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "The answer; what stands between its marks is text of a document."},
        "citations": {
            "type": "array",
            "description": "Where it stands, page by page.",
            "items": {
                "type": "object",
                "properties": {
                    "document_id": {"type": "string"},
                    "file_name": {"type": "string"},
                    "page_number": {"type": "integer", "description": "From 1."},
                    "box": {
                        "type": ["array", "null"],
                        "items": {"type": "number"},
                        "description": "x0, y0, x1, y1 as fractions of the page from its top left.",
                    },
                },
                "required": ["document_id", "page_number", "box"],
            },
        },
        "next_offset": {"type": ["integer", "null"], "description": "The offset of the same call for what did not fit."},
    },
    "required": ["text", "citations", "next_offset"],
}
"""What the structured result of every tool looks like, as a JSON schema."""


def server_of(library: DocumentLibrary, name: str = "docparse-loaders") -> Server[Any]:
    """A server of the official SDK with the library's tools; `serve_stdio` and `serve_http` run one.

    Each result is text for a model and the same as structured content with its citations. Whoever asked for progress hears
    every second of a document that is being parsed. What cannot be done is a result that is an error and says what to do.
    """
    from docparse_loaders import __version__

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_listing(tool) for tool in TOOLS])

    async def call_tool(context: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        tool, given = _BY_NAME.get(params.name), params.arguments or {}
        if tool is None:
            return _refusal(f"There is no tool of that name. There are {', '.join(_BY_NAME)}.")
        return await _telling(context, library, given, lambda: _called(tool, library, given))

    return Server(
        name,
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _listing(tool: Tool) -> ToolListing:
    schema = tool.arguments.model_json_schema()
    properties = {
        name: {key: value for key, value in told.items() if key != "title"} for name, told in schema["properties"].items()
    }
    return ToolListing(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema={
            "type": "object",
            "properties": properties,
            "required": schema.get("required", []),
            "additionalProperties": False,
        },
        output_schema=dict(RESULT),
        annotations=ToolAnnotations(
            title=tool.title, read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


async def _called(tool: Tool, library: DocumentLibrary, given: Mapping[str, Any]) -> CallToolResult:
    try:
        answer = await tool.arun(library, given)
    except DocParseError as error:
        return _refusal(said(error))
    except Exception:  # noqa: BLE001  (the SDK would tell the client what it says, which may be a path)
        _log.exception("%s failed", tool.name)
        return _refusal("Something went wrong inside this tool. Try another document, or tell the person who runs the server.")
    return CallToolResult(content=[TextContent(type="text", text=answer.text)], structured_content=_structured(answer))


def _refusal(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _structured(answer: Answer) -> dict[str, Any]:
    citations = [
        {
            "document_id": citation.document_id,
            "file_name": citation.file_name,
            "page_number": citation.page_number,
            "box": list(citation.box) if citation.box else None,
        }
        for citation in answer.citations
    ]
    return {"text": answer.text, "citations": citations, "next_offset": answer.next_offset}


async def _telling(
    context: ServerRequestContext[Any],
    library: DocumentLibrary,
    given: Mapping[str, Any],
    work: Callable[[], Awaitable[CallToolResult]],
) -> CallToolResult:
    """Do the work, and tell every second that it goes on, so that a client that waits does not give up."""
    async with anyio.create_task_group() as group:
        group.start_soon(_tell, context, library, str(given.get("document_id") or ""))
        result = await work()
        group.cancel_scope.cancel()
    return result


async def _tell(context: ServerRequestContext[Any], library: DocumentLibrary, document_id: str) -> None:
    seconds = 0
    while True:
        await anyio.sleep(_TICK)
        seconds += 1
        await context.session.report_progress(seconds, None, _message(library, document_id))


def _message(library: DocumentLibrary, document_id: str) -> str:
    """How far a document is, in words."""
    progress = library.progress(document_id)
    if progress is None:
        return "reading the document"
    pages = f", {progress.done} of {progress.total} pages" if progress.done is not None and progress.total else ""
    return f"{document_id}: {progress.status}{pages}"
