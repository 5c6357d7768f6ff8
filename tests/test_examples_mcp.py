"""The MCP configurations: each is started exactly as it is written, over real pipes or HTTP, and lists its tools."""

import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

import offline
from docparse_loaders.toolbox.tools import TOOLS

mcp = pytest.importorskip("mcp", reason="the MCP SDK is not installed")

from docparse_loaders.cli.app import mcp as command  # noqa: E402  (only if the SDK is there)
from docparse_loaders.mcp.serving import PATH  # noqa: E402  (only if the SDK is there)

FOLDER = Path(__file__).parent.parent / "examples" / "mcp"
CONFIGS = sorted(FOLDER.glob("*.json"))
STARTED = [path for path in CONFIGS if "command" in path.read_text(encoding="utf-8")]


def _server(config: Path, documents: Path) -> dict[str, Any]:
    """The one server of a configuration, where the user's folder and key are those of this test."""
    text = config.read_text(encoding="utf-8")
    for placeholder in ("/path/to/documents", "${workspaceFolder}/docs"):
        text = text.replace(placeholder, documents.as_posix())
    text = text.replace("${workspaceFolder}", documents.parent.as_posix()).replace("${input:somark-key}", "sk-canary")
    assert "${" not in text
    found = json.loads(text)
    (server,) = found.get("mcpServers", found.get("servers")).values()
    return dict(server)


@pytest.mark.parametrize("config", [path for path in STARTED if path.name != "cursor.mcp.json"], ids=lambda path: path.name)
def test_the_command_as_configured_lists_its_tools(config: Path, tmp_path: Path) -> None:
    documents = tmp_path / "docs"
    documents.mkdir()
    (documents / "report.pdf").write_bytes((FOLDER.parent / "data" / "report.pdf").read_bytes())
    server = _server(config, documents)
    env = offline.environment(tmp_path) | server.get("env", {})
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env.get("PATH", "")))

    async def work() -> tuple[list[str], str]:
        started = mcp.StdioServerParameters(command=server["command"], args=server["args"], env=env)
        with anyio.fail_after(60):
            async with mcp.Client(started) as client:
                names = [tool.name for tool in (await client.list_tools()).tools]
                return names, (await client.call_tool("list_documents", {})).content[0].text

    names, listed = anyio.run(work)
    assert names == [tool.name for tool in TOOLS]
    assert "| report.pdf |" in listed


def test_cursor_starts_what_claude_starts() -> None:
    claude, cursor = (_server(FOLDER / name, FOLDER) for name in ("claude_desktop_config.json", "cursor.mcp.json"))
    assert cursor == claude


def test_the_address_is_where_the_server_listens_by_default() -> None:
    server = _server(FOLDER / "http.mcp.json", FOLDER)
    options = inspect.signature(inspect.unwrap(command)).parameters
    assert server == {"type": "http", "url": f"http://{options['host'].default}:{options['port'].default}{PATH}"}


def test_every_configuration_is_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"[{path.name}]({path.name})" in readme for path in CONFIGS)
    assert len(CONFIGS) == len(STARTED) + 1 == 4
