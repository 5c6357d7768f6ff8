"""From what is heard of files to events and an estimate, on a clock that takes no time."""

import heapq
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.engine.drive import Tally
from docparse_loaders.errors import DocParseError, JobFailed
from docparse_loaders.following import Event, File, Following
from docparse_loaders.following.board import Board, counted, spell
from docparse_loaders.following.event import State
from docparse_loaders.following.pace import Count, Pace, UnderWay
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Progress

ORDER: tuple[State, ...] = ("waiting", "sent", "parsing", "done", "kept", "failed")
FINAL = {"done", "kept", "failed"}


def check(events: list[Event], total: int | None) -> None:
    """What holds for the events of every call that was not left early."""
    for before, after in pairwise(events):
        assert after.files_done - before.files_done == (after.state in FINAL)
        assert after.seconds >= before.seconds
    numbers = {event.number for event in events}
    for number in numbers:
        own = [event for event in events if event.number == number]
        assert [event.state in FINAL for event in own] == [False] * (len(own) - 1) + [True]
        assert len({event.source for event in own}) == 1
        for before, after in pairwise(own):
            assert ORDER.index(after.state) >= ORDER.index(before.state)
            assert after.state in {"done", "kept"} or after.pages_done >= before.pages_done
    for event in events:
        assert event.pages_total is None or 0 <= event.pages_done <= event.pages_total
        assert event.seconds_left is None or event.seconds_left >= 0.0
        assert event.files_total == total
        assert (event.error is not None) == (event.state == "failed")
        assert event.final == (event.state in FINAL)
    if events:
        assert events[-1].files_done == len(numbers)
    if total is not None:
        assert numbers == set(range(1, total + 1))
        assert not events or events[-1].seconds_left == 0.0


@dataclass(frozen=True)
class Fate:
    """What becomes of a file: how long it takes, what the vendor says meanwhile, and how it ends."""

    seconds: float
    end: State = "done"
    said: tuple[tuple[int | None, int | None], ...] = ()
    pages: int = 3
    readable: bool = True


@dataclass
class Way:
    """What following wants of a run in the engine."""

    source: Source
    vendor: Any = field(default_factory=lambda: SimpleNamespace(traits=SimpleNamespace(in_process=False)))
    state: Any = None
    on_progress: Callable[[Progress], None] | None = None
    on_sent: Callable[[], None] | None = None
    tally: Tally = field(default_factory=Tally)


def play(fates: list[Fate], lanes: int, *, bounded: bool = True) -> list[Event]:
    """Files through so many lanes, each taking the next as soon as it is free."""
    events: list[Event] = []
    clock, order = [0.0], count()
    following = Following([events.append], lanes, lambda: clock[0])
    inputs = iter(following.inputs(fates if bounded else iter(fates), fates))
    due: list[tuple[float, int, Callable[[], object]]] = []

    def take() -> None:
        if (fate := next(inputs, None)) is None:
            return
        file = following.file()
        for after, act in _life(file, fate, file.number):
            heapq.heappush(due, (clock[0] + after, next(order), act))
        heapq.heappush(due, (clock[0] + fate.seconds, next(order), take))

    for _ in range(lanes):
        take()
    while due:
        clock[0], _, act = heapq.heappop(due)
        act()
    return events


def _life(file: File, fate: Fate, number: int) -> Iterator[tuple[float, Callable[[], object]]]:
    way = Way(Source.of(b"%PDF-1.7 nothing", name=f"{number}.pdf"))
    if fate.readable:
        yield 0.0, lambda: file.read(way.source, None)
        yield 0.0, lambda: file.follows(cast("Any", way))
        yield fate.seconds / 10, lambda: way.on_sent and way.on_sent()
        for place, (done, total) in enumerate(fate.said, 2):
            said = Progress("working", done, total)
            yield fate.seconds * place / (len(fate.said) + 2), partial(_say, way, said)
    yield fate.seconds, lambda: _finish(file.ended(_end(fate), f"{number}.pdf", Tally(cached=fate.end == "kept")))


def _say(way: Way, said: Progress) -> None:
    assert way.on_progress is not None
    way.on_progress(said)


async def _end(fate: Fate) -> Any:
    if fate.end == "failed" or not fate.readable:
        message = "it failed."
        raise JobFailed(message)
    return SimpleNamespace(pages=(None,) * fate.pages)


def _finish(work: Coroutine[Any, Any, Any]) -> None:
    with suppress(DocParseError, StopIteration):
        work.send(None)


pages = st.one_of(st.none(), st.integers(-2, 12))
fates = st.builds(
    Fate,
    seconds=st.floats(0.0, 100.0),
    end=st.sampled_from(["done", "kept", "failed"]),
    said=st.lists(st.tuples(pages, pages), max_size=4).map(tuple),
    pages=st.integers(0, 12),
    readable=st.booleans(),
)


@given(st.lists(fates, max_size=12), st.integers(1, 5), st.booleans())
def test_whatever_vendors_say_events_go_forward_and_end(fates: list[Fate], lanes: int, bounded: bool) -> None:
    events = play(fates, lanes, bounded=bounded)
    if bounded:
        check(events, len(fates))
    else:
        assert {event.files_total for event in events} <= {None, len(fates)}
        assert sum(event.final for event in events) == len(fates)


@given(st.lists(fates, max_size=12), st.integers(1, 5))
def test_a_board_counts_what_events_tell(fates: list[Fate], lanes: int) -> None:
    board, pages = Board(), 0
    for event in play(fates, lanes):
        board.take(event)
        pages += event.pages_done if event.state in {"done", "kept"} else 0
        assert 0.0 <= board.part <= 1.0
        assert board.pages >= pages
        assert sum(int(part.split()[0]) for part in board.states().split(", ") if part) == len(fates) - event.files_done
    assert (board.pages, board.under_way) == (pages, {})
    assert sum(board.ended.values()) == len(fates)


@given(st.integers(1, 40), st.integers(1, 9), st.floats(0.5, 500.0))
def test_on_even_work_the_estimate_is_exact_from_the_first_file_on(files: int, lanes: int, seconds: float) -> None:
    events = play([Fate(seconds)] * files, lanes)
    end = events[-1].seconds
    for event in events:
        if event.files_done == 0:
            assert event.seconds_left is None
        else:
            assert event.seconds_left == pytest.approx(end - event.seconds, abs=seconds * 1e-6)


@given(st.integers(2, 30), st.floats(1.0, 100.0))
def test_a_vendor_that_counts_pages_tells_the_end_of_a_single_file(pages: int, queue: float) -> None:
    """The queue before the first page says nothing of how fast pages are done."""
    of_page = [UnderWay(queue + done, done, pages, Count(queue, 0), Count(queue + done, done)) for done in range(1, pages)]
    assert [Pace(8).left([one], 0) for one in of_page] == pytest.approx([pages - done for done in range(1, pages)])


def test_a_count_that_was_never_seen_at_its_beginning_is_measured_from_the_file_s() -> None:
    assert Pace(1).left([UnderWay(10.0, 5, 10, Count(10.0, 5), Count(10.0, 5))], 0) == 10.0


def test_files_under_way_are_measured_by_those_that_were_parsed_and_queued_ones_by_all() -> None:
    pace = Pace(1)
    pace.ended(10.0, 4)
    pace.ended(0.0, None)  # kept
    assert pace.left([UnderWay(4.0)], 0) == pytest.approx(6.0)
    assert pace.left([UnderWay(4.0)], 2) == pytest.approx(6.0 + 2 * 5.0)
    assert pace.left([UnderWay(4.0, 0, 8)], 0) == pytest.approx(16.0)  # twice as many pages


def test_a_file_that_takes_longer_than_all_before_is_not_said_to_be_done() -> None:
    pace = Pace(2)
    pace.ended(1.0, 1)
    assert pace.left([UnderWay(50.0)], 0) == pytest.approx(5.0)


def test_one_long_file_and_many_short_ones() -> None:
    """The end is that of the long one, or of all others shared among the lanes."""
    pace = Pace(2)
    pace.ended(1.0, 1)
    long = UnderWay(0.0, 0, 100)
    assert pace.left([long], 4) == pytest.approx(100.0)
    assert pace.left([long], 300) == pytest.approx(200.0)


def test_a_file_s_own_pace_counts_the_more_the_more_pages_it_has_shown() -> None:
    """Others took 1 s a page, this one takes 10."""
    pace = Pace(1)
    pace.ended(1.0, 1)
    ways = [UnderWay(10.0 * done, done, 11, Count(0.0, 0), Count(10.0 * done, done)) for done in (1, 4, 9)]
    shares = [(one.seconds + (pace.left([one], 0) or 0.0) - 11.0) / (110.0 - 11.0) for one in ways]
    assert shares == pytest.approx([1 / 2, 4 / 5, 9 / 10])


def test_a_fault_of_a_listener_is_logged_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[State] = []

    def broken(event: Event) -> None:
        heard.append(event.state)
        raise ValueError(event.number)

    following = Following([broken, lambda event: heard.append(event.state)], 1, lambda: 0.0)
    for number in range(2):
        following.file().failed(JobFailed("no."), f"{number}.pdf")
    assert heard == ["failed"] * 4
    [record] = caplog.records
    assert record.exc_info
    assert "on_event failed on 0.pdf" in record.message


def test_a_person_s_interrupt_in_a_listener_is_not_kept() -> None:
    def interrupted(_: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Following([interrupted], 1, lambda: 0.0).file().failed(JobFailed("no."), "a.pdf")


@pytest.mark.parametrize(
    ("given_", "known"),
    [
        (["a", "b"], 2),
        (("a", ("b", "c")), 3),
        ("a", 1),
        (b"a", 1),
        (iter(["a"]), None),
        (["a", iter("b")], None),
        (range(2), None),
    ],
)
def test_only_what_is_known_to_end_is_counted_before(given_: Any, known: int | None) -> None:
    following = Following([], 1, lambda: 0.0)
    each = following.inputs(given_, ["x"] * (known or 2))
    assert following.files_total == known
    assert len(list(each)) == (known or 2)
    assert following.files_total == (known or 2)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.0 s"),
        (0.44, "0.4 s"),
        (0.96, "1 s"),
        (99.0, "99 s"),
        (99.6, "2 min"),
        (5940.0, "99 min"),
        (7500.0, "2 h 5 min"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert spell(seconds) == words


def test_counts_in_words() -> None:
    assert [counted(number, "page") for number in (0, 1, 2500)] == ["0 pages", "1 page", "2,500 pages"]


def test_a_summary_says_how_it_ended() -> None:
    board = Board()
    for event in play([Fate(1.0), Fate(1.0, "kept"), Fate(1.0, "failed"), Fate(1.0)], 1):
        board.take(event)
    assert board.summary() == "4 files: 2 parsed, 1 kept from the store, 1 failed; 9 pages, 4 s"
    assert board.summary("7 chunks") == "4 files: 2 parsed, 1 kept from the store, 1 failed; 9 pages, 7 chunks, 4 s"


def test_a_line_says_how_it_stands() -> None:
    board, lines = Board(), []
    for event in play([Fate(10.0, said=((0, 4), (2, 4)), pages=4)] * 5, 2):
        board.take(event)
        lines.append(board.line())
    assert lines[0] == "5 waiting"
    assert "1 sent, 4 waiting" in lines
    assert "2 parsing, 3 waiting" in lines
    assert "8 pages, 3 waiting, about 20 s left" in lines
