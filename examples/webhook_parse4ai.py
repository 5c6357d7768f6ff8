"""Let Parse4AI tell you when a document is done: a receiver for its callbacks that believes only what is signed.

    uv run python examples/webhook_parse4ai.py                # all on this machine, with an emulator that calls back
    uv run python examples/webhook_parse4ai.py ADDRESS...     # with PARSE4AI_API_KEY, PARSE4AI_UID and PUBLIC_URL set

`PARSE4AI_UID` is on your user page there; `PUBLIC_URL` (`https://parse.example.org`) is where the service reaches port 8000 of
this machine. It submits each address, waits for the callbacks and ends when all have come; it prints a line for each and keeps
them in the folder `webhook-data`. Each job has a callback address and a seed of its own: a callback that is forged, or signed
for another job, is refused (401), and one that comes twice changes nothing. While something is in the way the answer is 503,
and the service tries again. The next start asks for what did not come.
"""

import asyncio
import json
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import anyio
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from pydantic import JsonValue

from docparse_loaders import DocParseError, DocParser, Parse4AI, Policy, errors
from docparse_loaders.emulator import Emulator
from docparse_loaders.vendors.mineru import verify_callback

MOST_BYTES, PORT = 1 << 20, 8000
REPORT = Path(__file__).parent / "data" / "report.pdf"
_log = logging.getLogger(__name__)


class Inbox:
    """Jobs by number: `N.json` is the job and the secret of its callback, `N.document` its document or `N.failed` why not."""

    def __init__(self, folder: Path, vendor: Parse4AI, uid: str, public_url: str, policy: Policy | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._vendor, self._uid, self._url, self._policy = folder, vendor, uid, public_url.rstrip("/"), policy
        self._changed = asyncio.Event()

    async def submit(self, address: str) -> str:
        """Hand an address to the service and return the job's number. Raises `DocParseError` if it was not taken."""
        number, seed = secrets.token_hex(16), secrets.token_hex(16)
        record = self._write(f"{number}.json", json.dumps({"seed": seed}))  # first: a callback can overtake the answer
        called = self._vendor.model_copy(update={"callback": f"{self._url}/callbacks/{number}", "seed": seed})
        try:
            token: str | None = (await DocParser(called, policy=self._policy).asubmit(address)).token
        except errors.SubmitUncertain as error:
            _log.warning("%s: %s If it was taken after all, its callback will say so.", number, error)
            token = error.token
        except DocParseError:
            record.unlink()
            raise
        self._write(record.name, json.dumps({"seed": seed, "token": token}))
        return number

    async def take(self, number: str, body: bytes) -> None:
        """Believe a callback, or raise the HTTP error that answers it."""
        record = self.folder / f"{number}.json"
        if not (number.isascii() and number.isalnum() and record.exists()):
            raise HTTPException(404)
        job = json.loads(record.read_text())
        try:
            content = verify_callback(self._uid, job["seed"], body)
        except errors.AuthError:
            _log.warning("%s: a callback was not signed for this job; if all are refused, check PARSE4AI_UID", number)
            raise HTTPException(401) from None
        except errors.ProtocolError:
            raise HTTPException(400) from None
        if "token" not in job or not await self.finish(number, job["token"], content):
            raise HTTPException(503)

    async def catch_up(self) -> None:
        """Ask for what was submitted before and did not come."""
        async with anyio.create_task_group() as group:
            for record in self.folder.glob("*.json"):
                if token := json.loads(record.read_text()).get("token"):
                    group.start_soon(self.finish, record.stem, token)

    async def finish(self, number: str, token: str, content: JsonValue = None) -> bool:
        """Fetch and keep a document, once; False if that may go better later. Without a content the service is asked."""
        if self.settled(number):
            return True
        try:
            document = await DocParser(self._vendor, policy=self._policy).aresume(token, answer=content)
        except DocParseError as error:
            _log.warning("%s: %s", number, error)
            if not (error.final or isinstance(error, errors.JobFailed)):
                return False
            self._write(f"{number}.failed", str(error))
        else:
            self._write(f"{number}.document", document.model_dump_json())
            print(f"{document.source.name}: {len(document.pages)} pages, {len(document.blocks)} blocks")
        self._changed.set()
        self._changed = asyncio.Event()
        return True

    async def wait(self, numbers: Sequence[str]) -> None:
        """Until nothing more is expected of these."""
        while not all(map(self.settled, numbers)):
            await self._changed.wait()

    def settled(self, number: str) -> bool:
        """Whether a job has its document, or never will."""
        return any((self.folder / f"{number}.{ending}").exists() for ending in ("document", "failed"))

    def _write(self, name: str, text: str) -> Path:
        partial = self.folder / f"{name}.part"
        partial.write_text(text, encoding="utf-8")
        return partial.replace(self.folder / name)


def create_app(inbox: Inbox) -> FastAPI:
    """The receiver; put it into an application of your own with `app.mount`."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(inbox.catch_up)
            yield
            group.cancel_scope.cancel()

    app = FastAPI(lifespan=lifespan)

    @app.post("/callbacks/{number}")
    async def callback(number: str, request: Request) -> None:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise HTTPException(413)
        await inbox.take(number, body)

    return app


async def main(*addresses: str) -> None:
    """Submit, and wait for the callbacks."""
    with ExitStack() as stack:
        if "PARSE4AI_API_KEY" in os.environ:
            inbox = Inbox(Path("webhook-data"), Parse4AI(), os.environ["PARSE4AI_UID"], os.environ["PUBLIC_URL"])
        else:
            emulator = stack.enter_context(Emulator("parse4ai", work_seconds=1.0))
            addresses = addresses or (emulator.offer(REPORT.name, REPORT.read_bytes()),)
            vendor = Parse4AI(base_url=emulator.base_url, api_key=emulator.keys[0])
            inbox = Inbox(Path("webhook-data"), vendor, "uid-emulator", f"http://127.0.0.1:{PORT}")
        server = uvicorn.Server(uvicorn.Config(create_app(inbox), port=PORT, log_level="warning"))
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve)
            numbers = [await inbox.submit(address) for address in addresses]
            print(f"{len(numbers)} submitted; nobody asks how far they are")
            await inbox.wait(numbers)
            server.should_exit = True


if __name__ == "__main__":
    try:
        anyio.run(main, *sys.argv[1:])
    except DocParseError as error:
        sys.exit(str(error))
