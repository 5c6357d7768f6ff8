"""A LangChain agent that answers a question from a document through the tools, with a scripted model."""

from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from docparse_loaders.langchain import DocParseToolkit
from docparse_loaders.toolbox import DocumentLibrary

from .scripted_agent import EXAMPLES, QUESTION, TOOLS_CALLED, Call, next_step, right

agents = pytest.importorskip("langchain.agents", reason="the group `frameworks` is not installed")


class Scripted(BaseChatModel):
    """A chat model that says what the script says."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        assert len(tools) == 6
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        step = next_step([str(message.content) for message in messages if isinstance(message, ToolMessage)])
        if isinstance(step, Call):
            call = {"name": step.tool, "args": step.arguments, "id": f"call-{len(messages)}", "type": "tool_call"}
            message = AIMessage("", tool_calls=[call])
        else:
            message = AIMessage(step)
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_an_agent_answers_with_a_citation(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import anyio

    monkeypatch.chdir(tmp_path)
    agent = agents.create_agent(Scripted(), DocParseToolkit(library=DocumentLibrary(EXAMPLES)).get_tools())
    asked = {"messages": [("user", QUESTION)]}
    said = agent.invoke(asked) if way == "invoke" else anyio.run(agent.ainvoke, asked)
    messages = said["messages"]
    told = [message for message in messages if isinstance(message, ToolMessage)]
    assert [message.name for message in told] == TOOLS_CALLED
    assert [message.status for message in told] == ["error", "success", "success", "success", "success"]
    assert [
        call["name"] for message in messages if isinstance(message, AIMessage) for call in message.tool_calls
    ] == TOOLS_CALLED
    cited = {citation["page_number"]: citation["boxes"] for citation in told[3].artifact["citations"]}
    assert cited[8]
    right(messages[-1].content)
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")
