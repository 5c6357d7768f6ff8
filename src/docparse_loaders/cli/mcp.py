"""`docparse-loaders mcp`: a library of documents for MCP clients, until they go or it is interrupted."""

import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from docparse_loaders.cli.say import say_notice
from docparse_loaders.errors import MissingExtra
from docparse_loaders.toolbox import DocumentLibrary


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and how."""

    roots: list[str]
    vendor: str
    options: dict[str, Any]
    store: str | None
    max_pages: int
    max_tokens: int
    transport: str
    host: str
    port: int
    allowed_hosts: list[str]


def run_mcp(serving: Serving) -> None:
    """Serve the library; raises `ConfigError` before anything is served if it cannot be."""
    try:
        from docparse_loaders.mcp import serve_http, serve_stdio
    except MissingExtra as error:
        raise MissingExtra("docparse-loaders mcp needs the MCP SDK.", hint=error.hint) from error
    library = DocumentLibrary(
        serving.roots,
        vendor={"vendor": serving.vendor, **serving.options},
        store=serving.store,
        max_pages=serving.max_pages,
        max_tokens=serving.max_tokens,
    )
    # Somebody who stops it with Ctrl-C has got what he wanted. Nothing is ever said on stdout: it belongs to the protocol.
    with suppress(KeyboardInterrupt), library:
        if serving.transport == "stdio":
            # The thread that waits for a line from the client cannot be called back, so an interrupt ends the process itself.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            serve_stdio(library)
        else:
            serve_http(
                library,
                host=serving.host,
                port=serving.port,
                allowed_hosts=serving.allowed_hosts,
                started=lambda address: say_notice("serving at", address),
            )
