"""Following a call from outside: the same events for every face, whoever parses and however it ends."""

import asyncio
import pickle
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import aclosing
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import docparse_loaders as dl
from docparse_loaders import DocParser, Event, errors
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.vendors.config import VendorConfig
from small_files import QUICK, emulated, small, written
from test_following_tally import check


@pytest.fixture(scope="module")
def counting() -> Iterator[VendorConfig]:
    """A vendor that counts pages as it goes."""
    with emulated("mineru", work_seconds=0.15, queue_seconds=0.05) as (_, config):
        yield config


@pytest.fixture(scope="module")
def silent() -> Iterator[VendorConfig]:
    """A vendor that does not."""
    with emulated("somark", work_seconds=0.03) as (_, config):
        yield config


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    return written(tmp_path, a="One.\fTwo.\fThree.", b="One.", c="One.\fTwo.")


def follow(config: VendorConfig | str, sources: Any, *, store: Any = None, **options: Any) -> tuple[list[Event], list[Any]]:
    """Events and outcomes of a call."""
    events: list[Event] = []
    parser = DocParser(config, policy=QUICK, store=store, on_event=events.append)
    return events, list(parser.parse_many(sources, **options))


def ends(events: list[Event]) -> dict[str, str]:
    return {Path(event.source).stem: event.state for event in events if event.final}


class TestVendors:
    def test_one_that_counts_pages(self, counting: VendorConfig, three: list[Path]) -> None:
        events, outcomes = follow(counting, three, concurrency=2)
        check(events, 3)
        assert [event.state for event in events if event.number == 1][:3] == ["waiting", "sent", "parsing"]
        assert {Path(event.source).stem: event.pages_done for event in events if event.final} == {"a": 3, "b": 1, "c": 2}
        assert {event.pages_total for event in events if event.number == 1 and event.status == "running"} >= {3}
        assert [outcome.source for outcome in outcomes] == [str(path) for path in three]

    def test_one_that_does_not(self, silent: VendorConfig, three: list[Path]) -> None:
        events, _ = follow(silent, three, concurrency=1)
        check(events, 3)
        assert {event.pages_done for event in events if not event.final} == {0}
        assert [event.number for event in events if event.final] == [1, 2, 3]
        assert events[-1].pages_done == events[-1].pages_total == 2
        later = [event for event in events if event.files_done >= 1]
        assert all(event.seconds_left is not None for event in later)

    def test_the_local_one_counts_the_pages_of_a_file_and_sends_nothing(self, examples: Path) -> None:
        events, _ = follow("local", examples / "report.pdf", pages="2-3")
        check(events, 1)
        assert [(event.state, event.pages_done, event.pages_total) for event in events] == [
            ("waiting", 0, 2),
            ("parsing", 0, 2),
            ("done", 2, 2),
        ]


class TestEnds:
    def test_what_the_store_has_is_kept_and_was_never_sent(
        self, silent: VendorConfig, three: list[Path], tmp_path: Path
    ) -> None:
        store = tmp_path / "jobs.db"
        first, _ = follow(silent, three, store=store)
        again, outcomes = follow(silent, three, store=store)
        assert ends(first) == {"a": "done", "b": "done", "c": "done"}
        assert ends(again) == {"a": "kept", "b": "kept", "c": "kept"}
        assert {event.state for event in again} == {"waiting", "kept"}
        check(again, 3)
        assert [outcome.effort.requests for outcome in outcomes] == [0, 0, 0]

    def test_a_file_given_twice_ends_twice_and_is_paid_once(self, silent: VendorConfig, three: list[Path]) -> None:
        events, _ = follow(silent, [three[0], three[0]], store=MemoryStore())
        check(events, 2)
        assert Counter(event.state for event in events if event.final) == {"done": 1, "kept": 1}

    def test_what_fails_says_why(self, silent: VendorConfig, three: list[Path], tmp_path: Path) -> None:
        (tmp_path / "empty.pdf").write_bytes(b"")
        (tmp_path / "none").mkdir()
        inputs = [three[0], tmp_path / "empty.pdf", tmp_path / "nope.pdf", tmp_path / "none", small("x"), b"not a pdf", 7]
        events, outcomes = follow(silent, inputs)
        check(events, 7)
        said = {event.number: (event.source, event.error) for event in events if event.final}
        assert [said[number] for number in range(1, 8)] == [(outcome.source, outcome.error) for outcome in outcomes]
        assert Counter(event.state for event in events if event.final) == {"done": 2, "failed": 5}

    def test_a_job_that_fails_at_the_vendor(self, counting: VendorConfig, tmp_path: Path) -> None:
        (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.9 of another kind")
        events, [outcome] = follow(counting, tmp_path / "broken.pdf")
        check(events, 1)
        assert [event.state for event in events][-2:] == ["parsing", "failed"]
        assert events[-1].error is outcome.error
        assert isinstance(outcome.error, errors.DocParseError)

    @pytest.mark.parametrize("order", ["input", "completion"])
    def test_folders_are_counted_before_anything_is_sent(self, silent: VendorConfig, three: list[Path], order: Any) -> None:
        events, outcomes = follow(silent, [three[0].parent, three[0]], order=order)
        check(events, 4)
        assert len(outcomes) == 4

    @pytest.mark.parametrize("inputs", [[], "folder"])
    def test_nothing_to_parse_is_one_failure(self, silent: VendorConfig, tmp_path: Path, inputs: Any) -> None:
        events, _ = follow(silent, tmp_path if inputs == "folder" else inputs)
        check(events, 1)
        assert isinstance(events[0].error, errors.NoDocuments)


class TestIterators:
    def test_their_number_is_known_when_they_end(self, silent: VendorConfig, three: list[Path]) -> None:
        events: list[Event] = []
        first = threading.Event()

        def hear(event: Event) -> None:
            events.append(event)
            if event.final:
                first.set()

        def slow() -> Iterator[Path]:
            yield three[0]
            assert first.wait(20)
            yield from three[1:]

        assert len(list(DocParser(silent, policy=QUICK, on_event=hear).parse_many(slow(), concurrency=8))) == 3
        assert {event.files_total for event in events if event.number == 1} == {None}
        assert {event.files_total for event in events} <= {None, 3}
        assert [event.files_done for event in events if event.final] == [1, 2, 3]

    def test_one_without_end_may_be_left(self, silent: VendorConfig) -> None:
        events: list[Event] = []
        parser = DocParser(silent, policy=QUICK, on_event=events.append)
        endless = (small(f"Number {number}.") for number in count())
        taken = [outcome for outcome, _ in zip(parser.parse_many(endless, concurrency=2), range(3), strict=False)]
        assert len(taken) == 3
        assert {event.files_total for event in events} == {None}
        assert {event.seconds_left for event in events} == {None}


class TestListeners:
    def test_one_that_raises_loses_no_document(
        self, silent: VendorConfig, three: list[Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(event: Event) -> None:
            raise RuntimeError(event.source)

        outcomes = list(DocParser(silent, policy=QUICK, on_event=broken).parse_many(three))
        assert [len(outcome.document.pages) for outcome in outcomes if outcome.document] == [3, 1, 2]
        assert len(dl.parse(three[0], vendor=silent, policy=QUICK, on_event=broken).pages) == 3
        assert [record.message.partition(" on ")[0] for record in caplog.records] == ["on_event failed"] * 2

    def test_both_listeners_hear(self, counting: VendorConfig, three: list[Path]) -> None:
        words: list[str] = []
        events: list[Event] = []
        parser = DocParser(
            counting, policy=QUICK, on_progress=lambda _, told: words.append(told.status), on_event=events.append
        )
        parser.parse(three[0])
        heard = [event.status for event in events if event.status and not event.final]
        assert heard == [word for word in words if word != "done"]

    def test_without_any_nothing_is_followed(self) -> None:
        with DocParser()._followed() as following:
            assert following is None


class TestFaces:
    def test_one_document(self, silent: VendorConfig, three: list[Path]) -> None:
        events: list[Event] = []
        dl.parse(three[0], vendor=silent, policy=QUICK, on_event=events.append)
        check(events, 1)

    def test_one_that_fails(self, silent: VendorConfig) -> None:
        events: list[Event] = []
        with pytest.raises(errors.SourceNotFound) as caught:
            dl.parse("nope.pdf", vendor=silent, on_event=events.append)
        check(events, 1)
        assert events[0].error is caught.value

    def test_async(self, silent: VendorConfig, three: list[Path]) -> None:
        events: list[Event] = []

        async def gather() -> None:
            await dl.aparse(three[0], vendor=silent, policy=QUICK, on_event=events.append)
            check(events, 1)
            events.clear()
            async with aclosing(dl.aparse_many(three, vendor=silent, policy=QUICK, on_event=events.append)) as outcomes:
                assert len([outcome async for outcome in outcomes]) == 3

        asyncio.run(gather())
        check(events, 3)

    def test_a_job_that_is_gone_on_with(self, three: list[Path]) -> None:
        events: list[Event] = []
        clock = [0.0]
        with emulated("somark", work_seconds=60.0, clock=lambda: clock[0]) as (_, config):
            job = DocParser(config, policy=QUICK, on_event=events.append).submit(three[0])
            assert events == []
            clock[0] = 60.0
            job.wait()
        check(events, 1)
        assert [event.state for event in events] == ["waiting", "parsing", "done"]

    @pytest.mark.parametrize("on_error", ["raise", "skip", "collect"])
    def test_langchain(self, silent: VendorConfig, three: list[Path], on_error: Any) -> None:
        events: list[Event] = []
        inputs = [*three, three[0].parent / "nope.pdf"]
        loader = DocParseLoader(inputs, vendor=silent, policy=QUICK, on_error=on_error, on_event=events.append)
        if on_error == "raise":
            with pytest.raises(errors.SourceNotFound):
                loader.load()
        else:
            assert len(loader.load()) >= 3
        check(events, 4)

    def test_llama_index(self, silent: VendorConfig, three: list[Path]) -> None:
        events: list[Event] = []
        reader = DocParseReader(vendor=silent, policy=QUICK, on_event=events.append)
        assert len(reader.load_data(three)) >= 3
        check(events, 3)
        assert "on_event" not in reader.to_dict()
        assert deepcopy(reader).on_event == reader.on_event
        assert DocParseReader.from_dict(reader.to_dict()).on_event is None


def test_an_event_is_a_value() -> None:
    event = Event("a.pdf", "done", "ok", 3, 3, 1, 1, 2.0, 0.0)
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301  # our own bytes
    assert event.final
    assert not Event("a.pdf", "parsing").final
    with pytest.raises(AttributeError):
        event.state = "failed"  # type: ignore[misc]  # that is the test
