"""What every vendor must hold, whoever wrote it: a vendor's own module supplies a `Case` and inherits these tests.

```python
class TestAcme(VendorContract):
    case = Case(options=Acme(api_key=KEY), facts=..., replies=(...), ...)
```
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from docparse_loaders.document import document_of
from docparse_loaders.engine.decide import after_failure
from docparse_loaders.errors import DocParseError, RateLimited, SourceTooLarge, SubmitUncertain, UnsupportedSource
from docparse_loaders.model import Kind
from docparse_loaders.pages import PageSelection
from docparse_loaders.policy import Retry
from docparse_loaders.vendors.protocol import (
    Blob,
    Call,
    Collect,
    Done,
    Effect,
    Fail,
    Foreign,
    Parts,
    Payload,
    Reply,
    Send,
    Staging,
    State,
    Step,
    Wait,
)

from .case import KEY, Case
from .whole_way import WholeWay

__all__ = ["KEY", "Case", "VendorContract"]

_LONGEST_STATE = 6000
INHERITED = [HealthCheck.differing_executors]  # every vendor inherits the same test

ANY_JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class VendorContract(WholeWay):
    """Inherit it, and set `case`."""

    def steps(self) -> Iterator[tuple[Step, Reply | None]]:
        """Every step of the way, with the reply that it gets."""
        replies = iter(self.case.replies)
        step: Step = self.begun()
        while True:
            match step:
                case Send():
                    reply = next(replies)
                    yield step, reply
                    step = self.vendor.on_reply(step.state, reply)
                case Collect():
                    yield step, None
                    done = [self.vendor.on_reply(step.state, next(replies)) for _ in step.calls]
                    step = Done(Parts(tuple(part.payload for part in done if isinstance(part, Done))), step.state)  # type: ignore[misc]  # blobs
                case Wait():
                    yield step, None
                    step = self.vendor.resume(step.state)
                case _:
                    yield step, None
                    return

    def begun(self, pages: str | None = None, **facts: object) -> Step:
        given_facts = replace(self.case.facts, **facts)  # type: ignore[arg-type]  # fields of SourceFacts
        return self.vendor.begin(given_facts, PageSelection.of(pages), self.case.options)

    def states(self) -> list[State]:
        return [step.state for step, _ in self.steps() if not isinstance(step, Fail)]

    def calls(self) -> list[Call]:
        found: list[Call] = []
        for step, _ in self.steps():
            found += [step.call] if isinstance(step, Send) else list(step.calls) if isinstance(step, Collect) else []
        return found

    def creating(self) -> Send:
        """The step that submits."""
        return next(step for step, _ in self.steps() if isinstance(step, Send) and step.call.effect is Effect.CREATE)

    def payload(self) -> Payload:
        last = [step for step, _ in self.steps()][-1]
        assert isinstance(last, Done), last
        return last.payload

    # The way of one document.

    def test_the_document_comes_out_whole(self) -> None:
        document = document_of(self.vendor.decode(self.payload()), self.case.facts, self.vendor)
        assert [page.number for page in document.pages] == list(range(1, self.case.pages + 1))
        blocks = [block for page in document.pages for block in page.blocks]
        assert len({block.id for block in blocks}) == len(blocks)
        assert {block.kind for block in blocks} <= set(get_args(Kind))
        for block in blocks:
            for region in block.regions:
                assert region.bbox is None or all(0.0 <= value <= 1.0 for value in region.bbox)
        assert any(block.text for block in blocks)

    def test_every_state_is_small_json_without_a_secret(self) -> None:
        for state in self.states():
            text = state.model_dump_json()
            assert type(state).model_validate_json(text) == state
            assert type(state).model_validate(json.loads(text)) == state
            assert len(text) < _LONGEST_STATE
            assert KEY not in text
            assert "signature" not in text.lower()

    def test_the_way_goes_on_from_every_state(self) -> None:
        for state in self.states():
            again = type(state).model_validate_json(state.model_dump_json())
            step = self.vendor.resume(again)
            if state.accepted:
                assert isinstance(step, Send), step
                assert step.call.effect is Effect.READ
            elif isinstance(step, Send):
                assert step.call.effect is not Effect.CREATE

    def test_a_paid_job_is_known_to_be_one(self) -> None:
        """From the answer to the submit on, each state says that a job exists."""
        accepted = [state.accepted for state in self.states()]
        assert accepted == sorted(accepted)
        assert accepted[-1]

    # What is sent.

    def test_the_key_is_named_by_its_slot_and_stays_at_home(self) -> None:
        for call in self.calls():
            assert KEY not in repr(call)
            if isinstance(call.url, Foreign | Staging):
                assert call.auth.place == "none"
            else:
                assert call.auth.place != "none"
        assert KEY not in repr(self.case.options) + self.case.options.model_dump_json()

    def test_one_document_is_submitted_once(self) -> None:
        assert [call.effect for call in self.calls()].count(Effect.CREATE) <= 1

    def test_pages_are_selected_by_the_vendor_or_afterwards(self) -> None:
        if self.case.pages_sent is None:
            assert not self.vendor.traits.selects_pages
            return
        assert self.vendor.traits.selects_pages
        replies, step = iter(self.case.replies), self.begun("7, 2-4")
        sent = ""
        while isinstance(step, Send | Wait) and self.case.pages_sent not in sent:
            if isinstance(step, Send):
                sent += repr((step.call.form, step.call.json))
            step = self.vendor.on_reply(step.state, next(replies)) if isinstance(step, Send) else self.vendor.resume(step.state)
        assert self.case.pages_sent in sent

    # What is refused before any request.

    def test_a_file_that_is_too_large_is_refused_at_home(self) -> None:
        limit = self.vendor.traits.max_bytes
        assert limit is not None
        if self.case.facts.url is not None:
            pytest.skip("the size of what lies behind an address is not known")
        assert isinstance(self.begun(size=limit), Send)
        step = self.begun(size=limit + 1)
        assert isinstance(step, Fail)
        assert isinstance(step.error, SourceTooLarge)
        assert step.error.hint

    def test_a_type_that_is_not_taken_is_refused_at_home(self) -> None:
        step = self.begun(name=self.case.wrong_suffix, media_type="application/octet-stream")
        assert isinstance(step, Fail)
        assert isinstance(step.error, UnsupportedSource)
        assert step.error.hint

    # What may be sent again.

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(500, snippet="oops", problem="not_json"),
            Reply(502, problem="not_json"),
            Reply(200, problem="not_json", snippet="<html>"),
            Reply(200, json={}),
            Reply(200, json=None),
            Reply(200, json=[]),
            Reply(200, problem="too_big"),
        ],
    )
    def test_an_answer_that_says_nothing_may_have_created_a_job(self, reply: Reply) -> None:
        send = self.creating() if any(call.effect is Effect.CREATE for call in self.calls()) else None
        if send is None:
            return
        step = self.vendor.on_reply(send.state, reply)
        assert isinstance(step, Fail), step
        verdict = after_failure(Effect.CREATE, step.error, 1, Retry(), 0.5)
        assert isinstance(step.error, SubmitUncertain) or verdict in {"uncertain", "raise"}
        uncertain = self.vendor.on_uncertain(send.state)
        if isinstance(uncertain, Fail):
            assert isinstance(uncertain.error, SubmitUncertain)
            assert uncertain.error.hint
        else:
            assert isinstance(uncertain, Send)
            assert uncertain.call.effect is Effect.READ

    def test_too_many_requests_is_a_refusal(self) -> None:
        for step, _ in self.steps():
            if isinstance(step, Send) and not isinstance(step.call.url, Foreign | Staging):
                answer = self.vendor.on_reply(step.state, Reply(429, headers={"retry-after": "7"}, problem="not_json"))
                assert isinstance(answer, Fail), answer
                assert isinstance(answer.error, RateLimited)
                assert answer.error.retry_after == 7.0

    # What the vendor says.

    def test_an_unknown_word_is_waited_for(self) -> None:
        polling = [step for step, _ in self.steps() if isinstance(step, Wait)][-1]
        step = self.vendor.on_reply(polling.state, self.case.unknown_status)
        assert isinstance(step, Wait), step
        assert not step.progress.known
        assert step.progress.status

    def test_every_documented_code_is_classified(self) -> None:
        state = next(step.state for step, _ in self.steps() if isinstance(step, Send) and step.call.effect is not Effect.READ)
        for code, kind in self.case.codes.items():
            step = self.vendor.on_reply(state, self.case.refusal(code))
            if code in self.case.again:
                assert isinstance(step, Wait | Send), (code, step)
                continue
            assert isinstance(step, Fail), (code, step)
            assert type(step.error) is kind, (code, step.error)
            assert step.error.hint, code
            assert step.error.vendor == self.vendor.name
            assert code in step.error.code or code in step.error.message

    @settings(max_examples=300, suppress_health_check=INHERITED)
    @given(value=ANY_JSON, status=st.sampled_from([200, 200, 200, 400, 401, 403, 404, 418, 500]), data=st.data())
    def test_no_answer_is_so_strange_that_it_breaks(self, value: JsonValue, status: int, data: st.DataObject) -> None:
        state = data.draw(st.sampled_from(self.states()))
        names = [name for reply in self.case.replies if isinstance(reply.json, dict) for name in reply.json]
        named: JsonValue = {name: value for name in names}  # noqa: C420  (fromkeys has no type for it)
        body = data.draw(st.sampled_from([value, named]))
        step = self.vendor.on_reply(state, Reply(status, json=body))
        assert isinstance(step, Send | Collect | Wait | Done | Fail)

    @settings(max_examples=200, suppress_health_check=INHERITED)
    @given(value=ANY_JSON | st.builds(Blob, st.binary(max_size=60)) | st.builds(Parts, st.just((Blob(b"x"),))))
    def test_what_is_no_result_is_a_typed_error(self, value: Payload) -> None:
        try:
            self.vendor.decode(value)
        except DocParseError as error:
            assert error.hint  # noqa: PT017  (both outcomes are fine, an error without advice is not)
