"""A LlamaIndex agent that answers a question from a document through the tools, with a scripted model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from docparse_loaders.llama_index import DocParseToolSpec
from docparse_loaders.toolbox import DocumentLibrary

from .scripted_agent import EXAMPLES, QUESTION, TOOLS_CALLED, Call, next_step, right

workflow = pytest.importorskip("llama_index.core.agent.workflow", reason="the extra `llama-index` is not installed")
mock = pytest.importorskip("llama_index.core.llms.mock", reason="the extra `llama-index` is not installed")
types = pytest.importorskip("llama_index.core.base.llms.types", reason="the extra `llama-index` is not installed")

if not hasattr(mock, "MockFunctionCallingLLM"):
    pytest.skip("this llama-index-core has no model to be scripted", allow_module_level=True)


def scripted(messages: Sequence[Any], **_: Any) -> Any:
    """What the script says, in the words of this framework."""
    step = next_step([str(message.content) for message in messages if message.role == types.MessageRole.TOOL])
    if not isinstance(step, Call):
        return types.ChatMessage(role="assistant", content=step)
    call = types.ToolCallBlock(tool_call_id=f"call-{len(messages)}", tool_name=step.tool, tool_kwargs=step.arguments)
    return types.ChatMessage(role="assistant", blocks=[call])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the framework's own, of pydantic
@pytest.mark.parametrize("streaming", [True, False])
def test_an_agent_answers_with_a_citation(
    streaming: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    agent = workflow.FunctionAgent(
        tools=DocParseToolSpec(DocumentLibrary(EXAMPLES)).to_tool_list(),
        llm=mock.MockFunctionCallingLLM(response_generator=scripted, is_chat_model=True),
        streaming=streaming,
    )
    told: list[Any] = []

    async def ask() -> str:
        handler = agent.run(QUESTION)
        told.extend([event async for event in handler.stream_events() if isinstance(event, workflow.ToolCallResult)])
        return str(await handler)

    answer = anyio.run(ask)
    assert [event.tool_name for event in told] == TOOLS_CALLED
    assert [event.tool_output.is_error for event in told] == [True, False, False, False, False]
    cited = {citation["page_number"]: citation["boxes"] for citation in told[3].tool_output.raw_output["citations"]}
    assert cited[8]
    right(answer)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")
