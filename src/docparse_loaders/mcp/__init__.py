"""A library of documents as an MCP server, for agents that are not written in Python. Needs the extra `mcp`."""

try:
    import mcp.server  # noqa: F401  # only to say at once which extra is missing
except ImportError as error:
    from docparse_loaders.errors import MissingExtra

    _HINT = 'Install it: pip install "docparse-loaders[mcp]"'
    raise MissingExtra("docparse_loaders.mcp needs mcp.", hint=_HINT) from error

from docparse_loaders.mcp.server import server_of
from docparse_loaders.mcp.serving import serve_http, serve_stdio

__all__ = ["serve_http", "serve_stdio", "server_of"]
