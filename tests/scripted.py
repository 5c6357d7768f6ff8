"""A vendor's world in memory, for tests of the engine under a virtual clock: no socket, no thread, exact times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
from pydantic import SecretStr

from docparse_loaders.engine.drive import Run
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.together import Together
from docparse_loaders.engine.transport import Transport
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Progress, State
from docparse_loaders.vendors.somark.wire import SoMarkVendor

SOURCE = Source.of(b"%PDF-1.4 not really", name="report.pdf")
ENDPOINT = Endpoint("https://somark.test/api/v1", SecretStr("sk-test"))
Answer = Callable[[httpx.Request], httpx.Response] | httpx.Response | Exception


def ok(status: str, **data: Any) -> httpx.Response:
    """SoMark's envelope around a status."""
    return httpx.Response(200, json={"code": 0, "message": "ok", "data": {"task_id": "t1", "status": status, **data}})


def code(number: int) -> httpx.Response:
    """SoMark's envelope around an error code."""
    return httpx.Response(200, json={"code": number, "message": "no", "data": None})


DONE: dict[str, Any] = {"result": {"outputs": {"json": {"pages": []}}}}


@dataclass
class World(httpx.AsyncBaseTransport):
    """Answers requests from a script, and remembers when each came.

    Bodies are left unread: files are read in threads, of which a virtual clock knows nothing (see test_transport for those).
    """

    script: Iterator[Answer]
    delay: float = 0.0
    submits: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seen = self.submits if request.url.path.endswith("/parse/async") else self.polls
        seen.append(anyio.current_time())
        await anyio.sleep(self.delay)
        answer = next(self.script)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer


@dataclass
class Bench:
    """A run over a world, with everything that it saved and reported."""

    world: World
    policy: Policy = field(default_factory=Policy)
    saved: list[State] = field(default_factory=list)
    heard: list[Progress] = field(default_factory=list)

    def run(self) -> Run:
        """A fresh run."""
        vendor, gate = SoMarkVendor(), Gate(self.policy.limits)
        return Run(
            vendor=vendor,
            source=SOURCE,
            together=Together(vendor, Transport(ENDPOINT, self.policy, self.world), gate, None),
            gate=gate,
            policy=self.policy,
            chance=lambda: 1.0,
            save=self._save,
            token_of=lambda state: state.model_dump_json(),
            on_progress=self.heard.append,
        )

    async def _save(self, state: State) -> None:
        self.saved.append(state)


FACTS: SourceFacts = SOURCE.facts
