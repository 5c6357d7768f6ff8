"""What is left behind: by those who are cancelled, by threads, by batches of which some fail, and by forged tokens.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from docparse_loaders import errors
from docparse_loaders.engine.token import Token
from docparse_loaders.policy import Timeouts
from docparse_loaders.vendors import vendor_of
from faults.scene import BY_ADDRESS, QUICK, VENDORS, is_whole, scene
from gateway import Request, Twist, answer


class CancelledAt:
    """Work that is cancelled when it waits for the `place`-th time."""

    def __init__(self, work: Awaitable[Any], place: int) -> None:
        self.work = work
        self.place = place
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        inner, sent, failed = self.work.__await__(), None, None
        for waited in count(1):
            try:
                step = inner.send(sent) if failed is None else inner.throw(failed)
            except StopIteration as end:
                return end.value
            if waited == self.place:
                self.reached = True
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)
            sent, failed = None, None
            try:
                sent = yield step
            except BaseException as error:  # noqa: BLE001  (handed on)
                failed = error
        return None


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_25_cancelling_at_any_await_leaves_nothing(vendor: str) -> None:
    """At every await of a parse, from the first to the last: no task and no connection of ours is left, no bill is doubled."""

    async def once(name: str, place: int) -> bool:
        work = CancelledAt(on.parser().aparse(on.source(name)), place)

        async def run() -> Any:
            return await work

        task = asyncio.create_task(run())
        try:
            found = await asyncio.wait_for(asyncio.shield(task), 10.0)
            assert not work.reached or is_whole(found, name)
        except asyncio.CancelledError:
            assert work.reached
        for _ in range(3):  # a body that was being sent is closed by the loop, in the next moment
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return work.reached

    async def everywhere() -> int:
        for place in count(1):
            if not await once(f"{vendor}{place}", place):
                return place
        return 0

    with scene(vendor) as on:
        awaits = asyncio.run(everywhere())
        assert awaits > 20
        assert max(on.bills.values()) == 1
        ends = time.monotonic() + 2.0
        while on.gateway.open and time.monotonic() < ends:
            time.sleep(0.01)
        assert on.gateway.open == 0, "a connection is still open"


def test_row_28_threads_share_a_parser() -> None:
    """32 threads, each with two documents."""
    with scene("somark") as on:
        parser = on.parser()

        def load(number: int) -> list[bool]:
            names = [f"{number}-{part}" for part in range(2)]
            return [is_whole(parser.parse(on.source(name)), name) for name in names]

        with ThreadPoolExecutor(32) as pool:
            assert list(pool.map(load, range(32))) == [[True] * 2] * 32
        assert len(on.bills) == 64
        assert set(on.bills.values()) == {1}


@pytest.mark.parametrize("order", ["input", "completion"])
def test_row_37_a_failure_touches_no_other_file(order: str) -> None:
    """80 files, of which every tenth submit is refused: an outcome for each, and none is dropped or doubled."""
    numbers = count(1)
    refused = Twist(instead=answer("400 Bad Request"))

    def twist(request: Request) -> Twist | None:
        return refused if request.phase == "submit" and next(numbers) % 10 == 0 else None

    with scene("somark", twist) as on:
        names = [f"{number:04}" for number in range(80)]
        outcomes = on.parse(names, order=order, concurrency=32)
        found = [outcome.source.removesuffix(".pdf") for outcome in outcomes]
        assert (found if order == "input" else sorted(found)) == names
        assert sum(outcome.error is not None for outcome in outcomes) == 8
        assert all(is_whole(outcome.document, name) for outcome, name in zip(outcomes, found, strict=True) if not outcome.error)
        assert len(on.bills) == 72


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_41_a_forged_token_is_refused_or_harmless(vendor: str) -> None:
    """1,000 changes of a real token: it is refused, or it still belongs to this vendor and this endpoint."""
    chance = random.Random(41)  # noqa: S311  (changes, not secrets)
    with scene(vendor) as on:
        text, origin = on.parser().submit(on.source("one")).token, on.gateway.origin
        wire, before = vendor_of(on.config()), len(on.gateway.passed)
        refused = 0
        for _ in range(1000):
            place, width = chance.randrange(len(text)), chance.choice([0, 1, 1, 5, 200])
            forged = text[:place] + "".join(chance.choices('"{}[]:,0aZ/.\\x00é', k=chance.randrange(4))) + text[place + width :]
            try:
                token = Token.read(forged, wire, origin)
                token.state_of(wire)
            except errors.InvalidToken:
                refused += 1
            else:
                assert (token.vendor, token.origin) == (vendor, origin)
        assert refused > 500
        assert len(on.gateway.passed) == before


@pytest.mark.parametrize("vendor", [vendor for vendor in VENDORS if vendor not in BY_ADDRESS])
def test_row_8_an_error_after_the_submit_is_resumed_elsewhere(vendor: str) -> None:
    """The token of a time-out is enough for another parser, which has neither the file nor any memory."""
    with scene(vendor, work_seconds=1.2) as on:
        found = on.outcome("one", replace(QUICK, timeouts=Timeouts(request=5.0, job=0.6)))
        assert isinstance(found, errors.JobTimeout), found
        assert found.token
        assert is_whole(on.parser().resume(found.token), "one")
        assert on.bills["one"] == 1
