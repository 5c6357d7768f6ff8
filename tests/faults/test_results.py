"""Faults in what a vendor hands out: half a result is never taken for a whole one, and no answer is trusted.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import cycle
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from docparse_loaders import errors
from docparse_loaders.engine.token import Token
from docparse_loaders.policy import Limits, Timeouts
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.protocol import Collect, Done, Reply, Send, State, Wait
from faults.scene import INLINE, QUICK, VENDORS, is_whole, scene
from gateway import Phase, Request, Twist, answer, resized, unsized
from raw_server import RawServer, answering, serving

LINKED = [vendor for vendor in VENDORS if vendor not in INLINE]
STATUS = frozenset({"status", "state", "task_status"})


def result_phase(vendor: str) -> Phase:
    return "poll" if vendor in INLINE else "result"


# Row 9: words.


class Recorded:
    """A vendor's answers to polls, and the state in which they were given."""

    def __init__(self, vendor: str) -> None:
        self.bodies: list[Any] = []

        def keep(raw: bytes) -> bytes:
            self.bodies.append(json.loads(raw.partition(b"\r\n\r\n")[2]))
            return raw

        twist = Twist(change=keep)
        with scene(vendor, lambda request: twist if request.phase == "poll" else None, work_seconds=1.5) as on:
            self.vendor = vendor_of(on.config())
            job = on.parser().submit(on.source("one"))
            job.result()
            self.state: State = Token.read(job.token, self.vendor, on.gateway.origin).state_of(self.vendor)

    def step(self, body: Any) -> Send | Wait | Done | Collect:
        step = self.vendor.on_reply(self.state, Reply(200, json=body))
        assert isinstance(step, Send | Wait | Done | Collect), step
        return step


def _worded(tree: Any, change: Callable[[str], str]) -> Any:
    """The same answer with its status in other letters."""
    if isinstance(tree, dict):
        return {k: change(v) if k in STATUS and isinstance(v, str) else _worded(v, change) for k, v in tree.items()}
    return [_worded(item, change) for item in tree] if isinstance(tree, list) else tree


@cache
def recorded_of(vendor: str) -> Recorded:
    """Recorded once for all tests of a process."""
    return Recorded(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_9_a_status_is_read_in_all_letters_and_paddings(vendor: str) -> None:
    """1,000 spellings of each vendor's: what they lead to is what the documented spelling leads to."""
    recorded, chance = recorded_of(vendor), random.Random(9)  # noqa: S311  (spellings, not secrets)

    def spelt(word: str) -> str:
        letters = "".join(letter.upper() if chance.random() < 0.5 else letter.lower() for letter in word)
        return chance.choice(["", " ", "\t", "\n", "  "]) + letters + chance.choice(["", " ", "\r\n", "\u00a0"])

    kinds = set()
    for body, _ in zip(cycle(recorded.bodies), range(1000), strict=False):
        plain, found = recorded.step(body), recorded.step(_worded(body, spelt))
        assert type(found) is type(plain)
        kinds.add(type(plain))
        if isinstance(found, Wait):
            assert found.progress.known
    assert len(kinds) == 2, "both a job under way and one that is done"


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_9_a_word_that_nobody_knows_is_waited_for(vendor: str) -> None:
    recorded, chance = recorded_of(vendor), random.Random(10)  # noqa: S311  (words, not secrets)
    alphabet = "abcdefghijklmnopqrstuvwxyzäßИ中 _-0123456789"
    for _ in range(500):
        word = "x" + "".join(chance.choices(alphabet, k=chance.randrange(1, 30)))
        step = recorded.step(_worded(recorded.bodies[0], lambda _, word=word: word))  # type: ignore[misc]  # a default binds it
        assert isinstance(step, Wait), (word, step)
        assert not step.progress.known


# Row 11: halves.


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_11_a_result_that_is_cut_anywhere_is_never_taken_for_a_whole(vendor: str) -> None:
    """Each vendor's result cut at 30 places, 150 in all, without a length that would betray it, and never once whole."""
    places = cycle(range(1, 31))
    used = set()

    def halve(raw: bytes) -> bytes:
        place = next(places)
        used.add(place)
        return unsized(raw, lambda body: body[: max(1, len(body) * place // 31)])

    phase, cut = result_phase(vendor), Twist(change=halve)
    policy = replace(QUICK, timeouts=Timeouts(request=5.0, job=1.0 if vendor in INLINE else 30.0))
    with scene(vendor, lambda request: cut if request.phase == phase else None) as on:
        while len(used) < 30:
            for outcome in on.parse([str(number) for number in range(len(on.bills), len(on.bills) + 10)], policy):
                assert outcome.document is None
                assert outcome.error is not None
                assert outcome.error.token
        assert set(on.bills.values()) == {1}


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_11_a_result_that_was_cut_once_is_fetched_again(vendor: str) -> None:
    halves = [0.0, 0.2, 0.5, 0.9, 0.99]
    phase = result_phase(vendor)

    def twist(request: Request) -> Twist | None:
        if request.phase != phase or not halves:
            return None
        share = halves.pop()
        return Twist(change=lambda raw: unsized(raw, lambda body: body[: int(len(body) * share)]))

    with scene(vendor, twist) as on:
        names = [str(number) for number in range(5)]
        for name, outcome in zip(names, on.parse(names), strict=True):
            assert is_whole(outcome.document, name) or (outcome.error is not None and outcome.error.token), outcome.error
        assert set(on.bills.values()) == {1}


# Rows 13 and 16: other hosts.


CODES = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
REDIRECTED: tuple[Phase, ...] = ("permit", "submit", "upload", "poll", "result")


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_16_a_redirect_carries_the_key_nowhere(vendor: str) -> None:
    """Every request on the way redirected with every code: the second host sees neither the key nor the document."""
    with listening() as second:
        for phase in REDIRECTED:
            # Some vendors are asked whether an upload has arrived, and it never has: only the clock ends that.
            policy = replace(QUICK, timeouts=Timeouts(request=5.0, job=3.0 if phase == "upload" else 30.0))
            codes = cycle(CODES)

            def away(request: Request, phase: Phase = phase, codes: Iterator[str] = codes) -> Twist | None:
                found = answer(next(codes), headers=f"location: {second.url}/away\r\n")
                return Twist(instead=found) if request.phase == phase else None

            with scene(vendor, away) as on:
                outcomes = on.parse([str(number) for number in range(len(CODES))], policy)
                used = bool(on.gateway.of(phase))
                assert [outcome.error is not None for outcome in outcomes] == [used] * len(CODES), (phase, outcomes)
                key = on.emulator.keys[0].encode()
            assert all(key not in arrived.head + arrived.body for arrived in second.requests)
        assert all(b"%PDF" not in arrived.body for arrived in second.requests)
        assert vendor in INLINE or second.requests, "the link of a result may be redirected"


@contextmanager
def listening() -> Iterator[RawServer]:
    """A second host, on this machine and in a thread."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving(answering(b"{}"))) as server:
        yield server


HOSTILE = [
    *("http://127.0.0.2:{port}/x", "http://169.254.169.254/latest/meta-data"),
    *(
        "http://[::ffff:169.254.169.254]/x",
        "http://[64:ff9b::a9fe:a9fe]/x",
        "http://[2002:a9fe:a9fe::]/x",
        "file:///etc/passwd",
    ),
    *("http://user:secret@127.0.0.1:{port}/x", "http://10.0.0.1/x", "http://0.0.0.0:{port}/x", "gopher://127.0.0.1:{port}/x"),
    *("http://[fd00:ec2::254]/x", "http://224.0.0.1/x", "http://192.168.0.1/x", "", "//127.0.0.2:{port}/x"),
]


@pytest.mark.parametrize("vendor", LINKED)
def test_row_13_a_hostile_link_to_a_result_is_not_fetched(vendor: str) -> None:
    """As the link of a finished job: an error with the token, and nothing goes to the place where files are."""
    links = iter(HOSTILE)

    def elsewhere(raw: bytes) -> bytes:
        link = next(links).format(port=on.gateway.origin.rpartition(":")[2])
        return resized(raw, lambda body: json.dumps(_linked(json.loads(body), link)).encode())

    twist = Twist(change=elsewhere)
    with scene(vendor, lambda request: twist if request.phase == "poll" else None) as on:
        for outcome in on.parse([str(number) for number in range(len(HOSTILE))]):
            assert outcome.error is not None
            assert outcome.error.token, outcome.error
        assert next(links, None) is None, "one of them was never a link"
        assert on.gateway.of("result") == []


def _linked(tree: Any, link: str) -> Any:
    if isinstance(tree, dict):
        return {name: _linked(value, link) for name, value in tree.items()}
    if isinstance(tree, list):
        return [_linked(value, link) for value in tree]
    return link if isinstance(tree, str) and tree.startswith("http") and "X-Signature" in tree else tree


# Rows 21 and 22: too much.

DEEP = b'{"code": 0, "data": ' + b"[" * 1_000_000
BOMB = gzip.compress(bytes(64 << 20))


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("phase", ["poll", "result"])
@pytest.mark.parametrize("kind", ["deep", "bomb"])
def test_row_22_too_much_is_a_typed_error_with_the_token(vendor: str, phase: Phase, kind: str) -> None:
    if phase == "result" and vendor in INLINE:
        pytest.skip("it has no request for results")
    body, headers = (DEEP, "") if kind == "deep" else (BOMB, "content-encoding: gzip\r\n")
    twist = Twist(instead=answer("200 OK", body, headers))
    limits = Limits(retry_credit=1e9, result_bytes=16 << 20)
    policy = replace(QUICK, limits=limits, timeouts=Timeouts(request=5.0, job=0.7))
    with scene(vendor, lambda request: twist if request.phase == phase and "presign" not in request.path else None) as on:
        found = on.outcome("one", policy)
        assert isinstance(found, errors.DocParseError), found
        assert found.token
        assert on.bills["one"] == 1
