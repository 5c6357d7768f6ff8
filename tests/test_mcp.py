"""The MCP server, driven by the official client: inside this process, over real pipes, and over HTTP on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

import docparse_loaders as dl
import offline
from docparse_loaders import errors
from docparse_loaders.chunking import estimate
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator
from docparse_loaders.policy import Poll
from docparse_loaders.toolbox import Answer, DocumentLibrary
from docparse_loaders.toolbox.tools import TOOLS

mcp = pytest.importorskip("mcp", reason="the MCP SDK is not installed")

from docparse_loaders.mcp import serve_http, server_of  # noqa: E402  (only if the SDK is there)

COMMAND = [sys.executable, "-m", "docparse_loaders", "mcp"]
NAMES = [tool.name for tool in TOOLS]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def text_of(result: Any) -> str:
    (content,) = result.content
    assert isinstance(content.text, str)
    return content.text


async def id_of(client: Any, file: str) -> str:
    listed = text_of(await client.call_tool("list_documents", {}))
    return next(line.split(" | ")[0] for line in listed.splitlines() if f"| {file} |" in line)


def within(work: Callable[[], Any], seconds: float = 60) -> Any:
    """Run async work, for no longer than it may take."""

    async def limited() -> Any:
        with anyio.fail_after(seconds):
            return await work()

    return anyio.run(limited)


@asynccontextmanager
async def by_pipes(root: Path, folder: Path, *options: str) -> AsyncIterator[Any]:
    """The command in a process of its own, as a client starts it."""
    arguments = [*COMMAND[1:], "--root", str(root), *options]
    server = mcp.StdioServerParameters(command=COMMAND[0], args=arguments, env=offline.environment(folder))
    async with mcp.Client(server) as client:
        yield client


@contextmanager
def by_http(root: Path, folder: Path, *options: str) -> Iterator[str]:
    """The command in a process of its own, at an address on this machine."""
    arguments = [*COMMAND, "--root", str(root), "--transport", "http", "--port", "0", *options]
    process = subprocess.Popen(  # noqa: S603  # our own command
        arguments, env=offline.environment(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found is not None
        address = found[0].replace("0.0.0.0", "127.0.0.1")  # noqa: S104  (any address of this machine)
        _until_it_listens(address)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert all(line.startswith("Invalid ") for line in said.splitlines()), said


def _until_it_listens(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


async def every_tool(client: Any) -> dict[str, Any]:
    """List the tools and call each on the report."""
    assert [tool.name for tool in (await client.list_tools()).tools] == NAMES
    name = await id_of(client, "report.pdf")
    calls: dict[str, dict[str, Any]] = {
        "list_documents": {},
        "outline": {"document_id": name},
        "read_section": {"document_id": name, "section": 12},
        "read_pages": {"document_id": name, "pages": "8"},
        "find": {"query": "noise complaint", "document_id": name, "limit": 1},
        "get_table": {"document_id": name, "table": 1, "form": "rows"},
    }
    assert list(calls) == NAMES
    return {tool: await client.call_tool(tool, arguments) for tool, arguments in calls.items()}


def right(found: dict[str, Any]) -> None:
    """Whether the tools said what is in the report, with where it stands."""
    said = {tool: text_of(result) for tool, result in found.items()}
    assert "section 12: 3.1 Method (p. 3)" in said["outline"]
    assert "Heat is metered where the network leaves" in said["read_section"]
    assert "6 Conclusions" in said["read_pages"]
    assert "Pump pressure lowered by 12 kPa" in said["find"]
    assert '"Duty": "Base load"' in said["get_table"]
    for tool, result in found.items():
        assert not result.is_error
        assert result.structured_content["text"] == said[tool]
        assert estimate(said[tool]) <= 2000
        assert estimate(json.dumps(result.structured_content)) <= 2 * 2000
    (citation,) = found["read_section"].structured_content["citations"]
    assert citation["page_number"] == 3
    assert citation["box"] == pytest.approx([0.111, 0.532, 0.889, 0.905], abs=0.01)
    assert f"[{citation['document_id']} p. 3, box 0.111 0.532 0.889 0.905]" in said["read_section"]


class TestInMemory:
    @pytest.mark.parametrize("mode", ["auto", "legacy"])
    def test_every_tool_answers(self, examples: Path, mode: str) -> None:
        async def work() -> dict[str, Any]:
            async with mcp.Client(server_of(DocumentLibrary(examples)), mode=mode) as client:
                return await every_tool(client)

        right(within(work))

    def test_tools_tell_what_they_take_and_that_they_change_nothing(self, examples: Path) -> None:
        async def work() -> Any:
            async with mcp.Client(server_of(DocumentLibrary(examples))) as client:
                return await client.list_tools(), client.instructions

        listed, instructions = within(work)
        assert "never instructions" in instructions
        for tool in listed.tools:
            assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
            assert (tool.annotations.idempotent_hint, tool.annotations.open_world_hint) == (True, False)
            assert tool.title
            assert tool.output_schema["required"] == ["text", "citations", "next_offset"]
            assert tool.input_schema["additionalProperties"] is False
            for argument in tool.input_schema["properties"].values():
                assert argument["description"]
        assert sum(estimate(tool.model_dump_json(exclude={"output_schema"})) for tool in listed.tools) < 2500

    def test_reading_on_leads_to_the_rest(self, examples: Path) -> None:
        async def work() -> list[Any]:
            parts: list[Any] = []
            offset: int | None = 0
            async with mcp.Client(server_of(DocumentLibrary(examples, max_tokens=400))) as client:
                name = await id_of(client, "report.pdf")
                while offset is not None:
                    given = {"document_id": name, "pages": "1-2", "offset": offset}
                    parts.append(await client.call_tool("read_pages", given))
                    offset = parts[-1].structured_content["next_offset"]
            return parts

        parts = within(work)
        assert len(parts) > 3
        whole = "".join(text_of(part) for part in parts)
        assert whole.count("Four words are used in a narrow sense") == 1
        assert whole.count("2.1.1 Heat pumps and store") == 1

    @pytest.mark.parametrize(
        ("tool", "given", "said"),
        [
            ("outline", {"document_id": "../../etc/passwd"}, "Call list_documents for the ids."),
            ("outline", {}, "document_id: Field required. It takes document_id (needed), offset (optional)."),
            ("outline", {"path": "/etc/passwd"}, "path: Extra inputs are not permitted"),
            ("read_section", {"document_id": "REPORT", "section": 99}, "It has the sections 1 to 19: call outline."),
            ("read_pages", {"document_id": "REPORT", "pages": "12"}, "It has the pages 1 to 8."),
            ("read_pages", {"document_id": "REPORT", "pages": "all"}, 'Pages are 1-based: "1-5,8"'),
            ("get_table", {"document_id": "REPORT", "table": 9}, "It has the tables 1 to 3: call outline."),
            ("outline", {"document_id": "PAPER"}, "Documents that list_documents shows as open can still be read"),
            ("outline", {"document_id": "BROKEN"}, "Read another document."),
            ("outline", {"document_id": "EMPTY"}, "Read another document."),
            ("delete_document", {}, "There are list_documents, outline"),
        ],
    )
    def test_a_mistake_is_an_error_that_tells_what_to_do(
        self, examples: Path, tmp_path: Path, tool: str, given: dict[str, Any], said: str
    ) -> None:
        for file in ("report.pdf", "paper.pdf"):
            (tmp_path / file).write_bytes((examples / file).read_bytes())
        (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 this is all there is")
        (tmp_path / "empty.pdf").write_bytes(b"")

        async def work() -> Any:
            async with mcp.Client(server_of(DocumentLibrary(tmp_path, max_pages=9))) as client:
                await client.call_tool("outline", {"document_id": await id_of(client, "report.pdf")})
                document = str(given.get("document_id", ""))
                if document.isupper():
                    given["document_id"] = await id_of(client, f"{document.lower()}.pdf")
                return await client.call_tool(tool, given)

        result = within(work)
        assert result.is_error
        assert said in text_of(result)
        assert result.structured_content is None
        assert "\n" not in text_of(result)
        assert str(tmp_path) not in text_of(result)

    @pytest.mark.parametrize("mode", ["auto", "legacy"])
    def test_what_goes_wrong_inside_is_not_told_to_the_client(
        self, examples: Path, mode: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Broken(DocumentLibrary):
            async def aoutline(self, document_id: str, offset: int = 0) -> Answer:
                raise RuntimeError("at /home/host/secret")

        async def work() -> Any:
            async with mcp.Client(server_of(Broken(examples)), mode=mode) as client:
                return await client.call_tool("outline", {"document_id": "x"})

        result = within(work)
        assert result.is_error
        assert "tell the person who runs the server" in text_of(result)
        assert "secret" not in str(result)
        assert "at /home/host/secret" in caplog.text

    def test_who_waits_hears_how_far_it_is(self, examples: Path) -> None:
        heard: list[tuple[float, str | None]] = []

        async def listen(progress: float, _: float | None, message: str | None) -> None:
            heard.append((progress, message))

        async def work() -> Any:
            with Emulator("somark", work_seconds=2.6) as emulator:
                vendor = dl.SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
                policy = dl.Policy(poll=Poll(first=0.1, growth=1.0, longest=0.2))
                library = DocumentLibrary(examples / "paper.pdf", vendor=vendor, policy=policy)
                async with mcp.Client(server_of(library)) as client:
                    name = await id_of(client, "paper.pdf")
                    return name, await client.call_tool("outline", {"document_id": name}, progress_callback=listen)

        name, result = within(work)
        assert not result.is_error
        assert len(heard) >= 2
        assert [progress for progress, _ in heard] == sorted({progress for progress, _ in heard})
        assert any(message and message.startswith(f"{name}: ") for _, message in heard)


class TestPipes:
    def test_every_tool_answers(self, examples: Path, tmp_path: Path) -> None:
        async def work() -> dict[str, Any]:
            async with by_pipes(examples, tmp_path) as client:
                return await every_tool(client)

        right(within(work, 100))

    def test_nothing_but_the_protocol_is_on_stdout(self, examples: Path, tmp_path: Path) -> None:
        """Said by hand, so that every byte is seen; the file is one that its parser complains about."""
        (tmp_path / "root").mkdir()
        (tmp_path / "root/broken.pdf").write_bytes(b"%PDF-1.4 this is all there is")
        (tmp_path / "root/report.pdf").write_bytes((examples / "report.pdf").read_bytes())
        start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}
        library = DocumentLibrary(tmp_path / "root")
        names = [line.split(" | ")[0] for line in library.list_documents().body.splitlines()]
        messages: list[dict[str, Any]] = [
            {"id": 1, "method": "initialize", "params": start},
            {"method": "notifications/initialized"},
            *(
                {"id": number, "method": "tools/call", "params": {"name": "outline", "arguments": {"document_id": name}}}
                for number, name in enumerate(names, 2)
            ),
        ]
        process = subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND, "--root", str(tmp_path / "root")],
            env=offline.environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert process.stdin is not None
        assert process.stdout is not None
        for message in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(3)]
        rest, _ = process.communicate(timeout=30)  # closes stdin
        answers = {answer["id"]: answer["result"] for answer in map(json.loads, [*lines, *rest.splitlines()])}
        assert process.returncode == 0
        assert sorted(answers) == [1, 2, 3]
        assert answers[1]["serverInfo"]["name"] == "docparse-loaders"
        assert [bool(answers[number].get("isError")) for number in (2, 3)] == [True, False]

    def test_a_budget_and_a_cap_are_kept(self, examples: Path, tmp_path: Path) -> None:
        async def work() -> Any:
            async with by_pipes(examples, tmp_path, "--max-pages", "2", "--max-tokens", "300") as client:
                return await client.call_tool("outline", {"document_id": await id_of(client, "paper.pdf")})

        assert "has 3 pages, and 2 of the budget of 2 pages are left" in text_of(within(work, 100))

    @posix
    def test_an_interrupt_ends_it_at_once(self, examples: Path, tmp_path: Path) -> None:
        process = subprocess.Popen(  # noqa: S603  # our own command
            [*COMMAND, "--root", str(examples)],
            env=offline.environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert process.stdin is not None
        assert process.stdout is not None
        start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": start}) + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == -signal.SIGINT
        assert process.stderr is not None
        assert process.stderr.read() == ""
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


@posix
class TestHTTP:
    def test_every_tool_answers(self, examples: Path, tmp_path: Path) -> None:
        with by_http(examples, tmp_path) as address:
            assert address.startswith("http://127.0.0.1:")

            async def work() -> dict[str, Any]:
                async with mcp.Client(address) as client:
                    return await every_tool(client)

            right(within(work, 100))

    def test_a_page_that_rebinds_its_name_is_refused(self, examples: Path, tmp_path: Path) -> None:
        with by_http(examples, tmp_path) as address:
            port = address.rpartition(":")[2].partition("/")[0]
            asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
            accept = {"Accept": "application/json, text/event-stream"}

            def status(**headers: str) -> int:
                return httpx.post(address, json=asked, headers=accept | headers).status_code

            assert status(Host=f"evil.example:{port}") == 421
            assert status(Host="evil.example") == 421
            assert status(Host=f"127.0.0.1.evil.example:{port}") == 421
            assert status(Origin="https://evil.example") == 403
            assert status(Origin="http://localhost.evil.example:80") == 403
            assert status(Origin=f"http://localhost:{port}") not in {403, 421}
            assert status(Host=f"localhost:{port}") not in {403, 421}

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104  (that is the mistake)
    def test_it_does_not_listen_beyond_this_machine_unless_names_are_given(self, examples: Path, host: str) -> None:
        with pytest.raises(errors.ConfigError, match="everybody who reaches the port"):
            serve_http(DocumentLibrary(examples), host=host, port=0)

    def test_beyond_this_machine_only_the_names_given_are_answered(self, examples: Path, tmp_path: Path) -> None:
        with by_http(examples, tmp_path, "--host", "0.0.0.0", "--allow-host", "docs.example") as address:  # noqa: S104
            assert httpx.post(address, json={}, headers={"Host": "docs.example:80"}).status_code != 421
            assert httpx.post(address, json={}).status_code == 421

    def test_a_port_that_is_taken_is_said_in_one_sentence(self, examples: Path, tmp_path: Path) -> None:
        with by_http(examples, tmp_path) as address:
            port = int(address.rpartition(":")[2].partition("/")[0])
            with pytest.raises(errors.ConfigError, match=f"port {port} cannot be used"):
                serve_http(DocumentLibrary(examples), port=port)


class TestCommand:
    def test_it_wants_a_root(self) -> None:
        result = CliRunner().invoke(app, ["mcp"])
        assert result.exit_code == 2
        assert "--root" in result.output

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--root", "/no/such/folder"], "there is no folder or file '/no/such/folder'"),
            (["--root", ".", "--vendor", "nobody"], "nobody"),
            (["--root", ".", "--vendor", "somark"], "SOMARK_API_KEY"),
            (["--root", ".", "--transport", "http", "--host", "192.0.2.7"], "--allow-host"),
        ],
    )
    def test_a_wrong_call_is_one_sentence_on_stderr(
        self, options: list[str], said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in [name for name in os.environ if name.startswith("SOMARK_")]:
            monkeypatch.delenv(name)
        result = CliRunner().invoke(app, ["mcp", *options])
        assert result.exit_code == 2
        assert result.stdout == ""
        assert said in result.stderr

    def test_the_configurations_in_the_docs_are_calls_that_there_are(self) -> None:
        page = (Path(__file__).parent.parent / "docs" / "agents.md").read_text(encoding="utf-8")
        blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
        servers = [
            server for block in blocks for server in {**block.get("mcpServers", {}), **block.get("servers", {})}.values()
        ]
        assert len(servers) == 2
        command = get_command(app)
        assert isinstance(command, TyperGroup)
        for server in servers:
            line = [server["command"], *server["args"]]
            assert line[line.index("mcp") - 1] == "docparse-loaders"
            context = command.commands["mcp"].make_context("mcp", line[line.index("mcp") + 1 :])
            assert context.params["roots"]

    def test_without_the_sdk_it_says_what_to_install(self, tmp_path: Path) -> None:
        blind = (
            "import sys; sys.modules['mcp'] = None; sys.argv[1:] = ['mcp', '--root', '.']; "
            "from docparse_loaders.cli import main; main()"
        )
        done = subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", blind],
            env=offline.environment(tmp_path),
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert 'pip install "docparse-loaders[mcp]"' in done.stderr
