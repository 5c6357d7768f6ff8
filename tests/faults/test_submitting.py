"""Faults while a document is handed in: no vendor takes it twice, and what was taken is never lost.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, errors
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.policy import Limits
from docparse_loaders.source import Source
from faults.scene import BY_ADDRESS, QUICK, VENDORS, Scene, document, is_whole, scene
from gateway import Phase, Request, Twist, answer

CUTS = 12
"""Cuts of the request and as many of the answer, spread over all of their bytes."""
REMOTE = [vendor for vendor in VENDORS if vendor not in BY_ADDRESS]


class Cutting:
    """Cuts the next request of a phase at the next place, until there is none left."""

    def __init__(self, phase: Phase) -> None:
        self.phase = phase
        self.left: list[Twist] = []

    def prepare(self, sent: int, received: int) -> int:
        """Spread cuts over a request and an answer of these lengths; how many there are."""
        steps = range(CUTS)
        requests = [Twist(sent=1 + round(step * (sent - 1) / (CUTS - 1))) for step in steps]
        self.left = [*requests, *(Twist(received=round(step * (received - 1) / (CUTS - 1))) for step in steps)]
        return len(self.left)

    def __call__(self, request: Request) -> Twist | None:
        return self.left.pop() if self.left and request.phase == self.phase else None


def _learned(on: Scene, phase: Phase) -> tuple[int, int]:
    """How long a request of that phase and its answer are, from a document to which nothing happens."""
    assert is_whole(on.outcome("plain"), "plain")  # type: ignore[arg-type]  # an error is not whole
    (passed,) = on.gateway.of(phase)
    return passed.sent, passed.received


def _nothing_lost(on: Scene, names: list[str], outcomes: list[Any]) -> None:
    """Every file was taken at most once; its outcome is the whole document, or an error by which the job is found again."""
    assert [outcome.error for outcome in outcomes if outcome.error is not None and not _typed(outcome.error)] == []
    for name, outcome in zip(names, outcomes, strict=True):
        assert on.bills[name] <= 1, name
        if outcome.error is None:
            assert is_whole(outcome.document, name)
            assert on.bills[name] == 1
        elif on.bills[name]:
            assert outcome.error.token, f"{name} was taken, and nobody can find it: {outcome.error}"


def _typed(error: errors.DocParseError) -> bool:
    return isinstance(error, errors.SubmitUncertain | errors.TransportError)


@pytest.mark.parametrize(
    ("vendor", "phase"), [*((vendor, "submit") for vendor in VENDORS), ("mineru", "upload"), ("scnet", "upload")]
)
def test_row_1_a_submit_that_is_cut_anywhere_bills_once_at_most(vendor: str, phase: Phase) -> None:
    cutting = Cutting(phase)
    with scene(vendor, cutting) as on:
        names = [f"cut{number}" for number in range(cutting.prepare(*_learned(on, phase)))]
        outcomes = on.parse(names)
        assert cutting.left == []
        _nothing_lost(on, names, outcomes)
        assert on.emulator.submits <= len(names) + 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_1_with_a_store_a_second_run_pays_for_nothing_again(vendor: str) -> None:
    cutting, store = Cutting("submit"), MemoryStore()
    with scene(vendor, cutting) as on:
        names = [f"cut{number}" for number in range(cutting.prepare(*_learned(on, "submit")))]
        cutting.left = cutting.left[::6]
        names = names[: len(cutting.left)]
        given = [on.source(name) for name in names]
        for _ in range(2):
            outcomes = list(on.parser(store=store).parse_many(given, concurrency=len(names)))
            _nothing_lost(on, names, outcomes)


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_1_a_submit_that_was_refused_goes_out_again(vendor: str) -> None:
    """A 429 says that nothing was taken."""
    refusals = iter([Twist(instead=answer("429 Too Many Requests"))] * 2)
    with scene(vendor, lambda request: next(refusals, None) if request.phase == "submit" else None) as on:
        assert is_whole(on.outcome("one"), "one")  # type: ignore[arg-type]  # an error is not whole
        assert (on.bills["one"], len(on.gateway.of("submit"))) == (1, 3)


LOST = {
    "redirected": Twist(instead=answer("302 Found", headers="location: http://127.0.0.2:9/\r\n")),
    "refused": Twist(instead=answer("400 Bad Request")),
    "out of date": Twist(instead=answer("403 Forbidden")),
    "broken": Twist(instead=answer("503 Service Unavailable")),
    "cut": Twist(sent=300, instead=b""),
}


@pytest.mark.parametrize(("vendor", "phase"), [("mineru", "upload"), ("paddleocr", "submit")])
@pytest.mark.parametrize("fate", LOST)
def test_row_2_a_file_that_never_arrives_is_looked_up_so_often_and_no_more(vendor: str, phase: Phase, fate: str) -> None:
    """What does not arrive is told long before the job's clock, after half a minute's questions for each of three tries."""
    with scene(vendor, lambda request: LOST[fate] if request.phase == phase else None) as on:
        found = on.outcome("one")
        assert isinstance(found, errors.DocParseError)
        assert not isinstance(found, errors.JobTimeout), found
        assert len(on.gateway.of(phase)) <= QUICK.retry.attempts
        assert len(on.gateway.of("poll")) <= 3 * (10 + 1)
        assert on.bills["one"] == 0


@pytest.mark.parametrize(("vendor", "phase"), [("mineru", "upload"), ("paddleocr", "submit")])
def test_row_2_a_file_that_arrived_without_an_answer_is_found_at_the_first_look(vendor: str, phase: Phase) -> None:
    with scene(vendor, lambda request: Twist(received=0) if request.phase == phase else None) as on:
        assert is_whole(on.outcome("one"), "one")  # type: ignore[arg-type]  # an error is not whole
        assert (on.bills["one"], len(on.gateway.of(phase))) == (1, 1)
        assert len(on.gateway.of("poll")) <= 3


def test_row_6_a_dead_server_is_not_stormed() -> None:
    """1,000 documents on a port where nobody listens: at most 100 of the requests are retries."""
    with scene("somark") as on:
        config = on.config()
    policy = replace(QUICK, limits=Limits(requests_at_once=64))
    documents = [Source.of(document(str(number)), name="a.pdf") for number in range(1000)]
    outcomes = list(DocParser(config, policy=policy).parse_many(documents, concurrency=200))
    assert {type(outcome.error) for outcome in outcomes} == {errors.EndpointUnreachable}
    assert 1000 < sum(outcome.effort.requests for outcome in outcomes) <= 1100


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_row_34_uploads_that_fail_leave_no_file_open(tmp_path: Path) -> None:
    """300 files, of which every upload is refused, cut short or answered by nonsense."""
    for number in range(300):
        (tmp_path / f"{number}.pdf").write_bytes(document(str(number)))
    oops, nonsense = answer("500 Oops"), answer("200 OK", b"{}")
    bad = cycle(
        [Twist(sent=300, instead=b""), Twist(instead=nonsense, received=9), Twist(instead=oops), Twist(instead=nonsense)]
    )
    with scene("somark", lambda _: next(bad)) as on:
        parser = on.parser(replace(QUICK, retry=replace(QUICK.retry, attempts=1)))
        list(parser.parse_many(sorted(tmp_path.glob("?.pdf"))))
        before = _open_files()
        outcomes = list(parser.parse_many(tmp_path, concurrency=16))
        assert len(outcomes) == 300
        assert all(outcome.error is not None for outcome in outcomes)
        assert _own(_open_files() - before) == set()


def _open_files() -> set[str]:
    found = set()
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  (one of them is closed again by the listing itself)
        try:
            found.add(os.readlink(f"/proc/self/fd/{name}"))  # noqa: PTH115  (as above)
        except OSError:
            continue
    return found


def _own(found: set[str]) -> set[str]:
    """Files and documents; the sockets of the emulator in this process come and go."""
    return {name for name in found if name.startswith("/") and not name.startswith(("/proc", "/dev"))}


MUTATIONS: dict[str, Any] = {
    "longer": lambda data: data + b"x",
    "shorter": lambda data: data[:-1],
    "other": lambda data: data[:-1] + b"!",
    "first": lambda data: b"@" + data[1:],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("vendor", REMOTE)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_row_35_a_file_that_changes_before_it_is_sent_is_noticed(tmp_path: Path, vendor: str, mutation: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(document("one"))
    source = Source.of(path)
    path.write_bytes(MUTATIONS[mutation](document("one")))
    with scene(vendor) as on:
        with pytest.raises(errors.SourceChanged):
            on.parser().parse(source)
        assert on.emulator.submits == 0


@pytest.mark.parametrize("vendor", ["mineru", "scnet"])
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_row_35_a_file_that_changes_while_a_place_for_it_is_reserved_is_noticed(
    tmp_path: Path, vendor: str, mutation: str
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(document("one"))

    def change(request: Request) -> None:
        if request.phase != "upload":
            path.write_bytes(MUTATIONS[mutation](document("one")))

    with scene(vendor, change) as on:
        with pytest.raises(errors.SourceChanged):
            on.parser().parse(Source.of(path))
        assert on.emulator.submits == 0


def test_row_35_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    """At each of 10 places, when the first bytes of it have arrived: it is larger than what is on its way."""
    path, size = tmp_path / "a.pdf", 8 << 20
    path.write_bytes(document("one") + bytes(size))
    places = iter([round(size * (0.6 + 0.4 * step / 9)) - 1 for step in range(10)])

    def change(_: Request) -> None:
        with path.open("r+b") as file:
            file.seek(next(places))
            file.write(b"!")

    for place in range(10):
        with path.open("r+b") as file:
            file.write(b"%%PDF-1.%d" % (place % 8))
        with scene("somark", change) as on:
            with pytest.raises(errors.SourceChanged):
                on.parser().parse(Source.of(path))
            assert on.emulator.submits == 0


def _invalid(folder: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Inputs that no vendor can take, and how they are handed in."""
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "a.pdf").write_bytes(document("one"))
    yield folder / "missing.pdf", {}
    yield folder / "empty.pdf", {}
    yield b"", {"name": "a.pdf"}
    yield 42, {}
    yield document("one"), {"name": "a.exe"}
    yield bytes(20), {"name": "a"}
    for pages in ("0", "3-1", "x", "-1", [], [0], "1,,2", "1-2-3"):
        yield folder / "a.pdf", {"pages": pages}


@pytest.mark.parametrize("vendor", REMOTE)
def test_row_36_what_cannot_be_parsed_is_refused_without_a_request(tmp_path: Path, vendor: str) -> None:
    refused = 0
    with scene(vendor) as on:
        for given, settings in _invalid(tmp_path):
            with pytest.raises(errors.DocParseError) as caught:
                on.parser().parse(given, **settings)
            assert caught.value.token is None
            refused += 1
        assert on.gateway.passed == []
    assert refused * len(REMOTE) >= 40
