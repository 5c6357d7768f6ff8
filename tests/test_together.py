"""Many documents in one request: who goes along, who gets what, and what happens to all when one fails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.limits import Gate
from docparse_loaders.engine.together import Batches, Together
from docparse_loaders.policy import Limits
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Call, Effect, Reply, Traits

SOURCE = Source.of(b"%PDF-1.4", name="a.pdf")


class Asks:
    """A vendor of which several jobs can be asked about at once, three at most."""

    traits: ClassVar[Traits] = Traits(frozenset(), polls_many=True, batch_size=3)

    def merged(self, calls: Sequence[Call]) -> Call:
        return Call(Effect.READ, "POST", "many", json=[call.json for call in calls], group="all")

    def share(self, reply: Reply, index: int) -> Reply:
        assert isinstance(reply.json, list)
        return Reply(reply.status, json=reply.json[index])


@dataclass
class Echo:
    """Answers a call with what it was asked, after a second, or fails."""

    error: errors.DocParseError | None = None
    sent: list[Call] = field(default_factory=list)

    async def perform(self, call: Call, source: Source) -> Reply:
        self.sent.append(call)
        await anyio.sleep(1.0)
        if self.error is not None:
            raise self.error
        return Reply(200, json=call.json)


def ask(number: int, group: str = "all") -> Call:
    return Call(Effect.READ, "POST", "one", json=number, group=group)


def together(echo: Echo, window: float | None = 0.1) -> Together:
    vendor: Any = Asks()
    return Together(vendor, echo, Gate(Limits()), window)


async def asked(
    all_of_them: Together, calls: Sequence[Call], *, every: float = 0.0, alone: bool = False
) -> tuple[list[Any], list[bool]]:
    answers: dict[int, Any] = {}
    begun = [False] * len(calls)

    async def one(place: int) -> None:
        await anyio.sleep(every * place)
        try:
            answers[place] = await all_of_them.perform(
                calls[place], SOURCE, lambda: begun.__setitem__(place, True), alone=alone
            )
        except errors.DocParseError as error:
            answers[place] = error

    async with anyio.create_task_group() as group:
        for place in range(len(calls)):
            group.start_soon(one, place)
    return [answers[place] for place in range(len(calls))], begun


def run(work: Any, *args: Any) -> Any:
    """Under a clock that jumps: nothing here waits for real."""
    import trio
    from trio.testing import MockClock

    return trio.run(lambda: work(*args), clock=MockClock(autojump_threshold=0))


def test_calls_of_a_group_go_out_as_one_and_each_gets_its_share() -> None:
    echo = Echo()
    answers, begun = run(asked, together(echo), [ask(1), ask(2), ask(3)])
    assert [call.url for call in echo.sent] == ["many"]
    assert [(answer.reply.json, answer.shared) for answer in answers] == [(1, True), (2, True), (3, True)]
    assert begun == [True] * 3


def test_no_more_go_along_than_the_vendor_takes() -> None:
    echo = Echo()
    answers, _ = run(asked, together(echo), [ask(number) for number in range(7)])
    assert [len(call.json) if isinstance(call.json, list) else 1 for call in echo.sent] == [3, 3, 1]
    assert [answer.reply.json for answer in answers] == list(range(7))


def test_equal_calls_are_sent_once_and_unchanged() -> None:
    echo = Echo()
    answers, _ = run(asked, together(echo), [ask(1)] * 5)
    assert [(call.url, call.json) for call in echo.sent] == [("one", 1)]
    assert [(answer.reply.json, answer.shared) for answer in answers] == [(1, False)] * 5


def test_groups_and_late_comers_go_by_themselves() -> None:
    echo = Echo()
    run(asked, together(echo), [ask(1), ask(2, "other"), ask(3, "")])
    assert sorted(str(call.json) for call in echo.sent) == ["1", "2", "3"]
    late = Echo()
    run(lambda: asked(together(late), [ask(1), ask(2)], every=0.15))
    assert [call.json for call in late.sent] == [1, 2]


@pytest.mark.parametrize(("window", "alone"), [(None, False), (0.1, True)])
def test_a_single_document_waits_for_nobody(window: float | None, alone: bool) -> None:
    echo = Echo()

    async def timed() -> float:
        begin = anyio.current_time()
        await asked(together(echo, window), [ask(1), ask(2)], alone=alone)
        return anyio.current_time() - begin

    assert run(timed) == pytest.approx(1.0)
    assert sorted(str(call.json) for call in echo.sent) == ["1", "2"]


def test_an_error_is_everybodys_own() -> None:
    lost = errors.ReplyLost("gone", hint="again")
    answers, begun = run(asked, together(Echo(error=lost)), [ask(1), ask(2)])
    assert [type(answer) for answer in answers] == [errors.ReplyLost] * 2
    assert answers[0] is not answers[1]
    answers[0].token = "mine"
    assert answers[1].token is None
    assert str(answers[1]) == "gone again"
    assert begun == [True, True]


@pytest.mark.parametrize(("after", "kind"), [(0.015, errors.EndpointUnreachable), (0.5, errors.ReplyLost)])
def test_when_the_one_that_sends_gives_up_the_others_learn_whether_it_was_sent(
    after: float, kind: type[errors.DocParseError]
) -> None:
    async def given_up() -> errors.DocParseError:
        shared = together(Echo())
        caught: list[errors.DocParseError] = []

        async def lead() -> None:
            with anyio.move_on_after(after):
                await shared.perform(ask(1), SOURCE, lambda: None)

        async def follow() -> None:
            try:
                await shared.perform(ask(2), SOURCE, lambda: None)
            except errors.DocParseError as error:
                caught.append(error)

        async with anyio.create_task_group() as group:
            group.start_soon(lead)
            await anyio.sleep(0.01)
            group.start_soon(follow)
        return caught[0]

    assert type(run(given_up)) is kind


@given(size=st.integers(1, 9), count=st.integers(1, 40))
def test_no_batch_is_larger_than_its_size(size: int, count: int) -> None:
    batches = Batches(size)
    names = [batches.next() for _ in range(count)]
    assert all(names.count(name) <= size for name in names)
    assert len(set(names)) == -(-count // size)
    assert names == sorted(names, key=names.index)
    assert all(name is not None and name.replace("-", "").isalnum() for name in names)


def test_a_single_document_belongs_to_no_batch() -> None:
    assert Batches(None).next() is None
