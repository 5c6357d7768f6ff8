"""Resume tokens are input like any other: whatever is in one, no request leaves for anywhere but the configured endpoint."""

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from docparse_loaders import DocParser, errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.remember import is_begun
from docparse_loaders.engine.token import Token, written
from docparse_loaders.errors import DocParseError, InvalidToken, JobFailed, SubmitUncertain
from docparse_loaders.job import Job
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.local import Local
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.mineru.state import MinerUState
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.paddleocr.state import PaddleOCRState
from docparse_loaders.vendors.protocol import Call, Effect, Fail, Reply, Send, Staging, State
from docparse_loaders.vendors.scnet import SCNet
from docparse_loaders.vendors.scnet.state import SCNetState
from docparse_loaders.vendors.somark import SoMark
from docparse_loaders.vendors.somark.wire import SoMarkState
from mutations import STRANGE, mutated

TOKENS = 50_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 2_000
ORIGIN, ROOT = "https://vendor.test", "/service/v9"
BASE = ORIGIN + ROOT
FILE = SourceFacts("a/report.pdf", "report.pdf", "application/pdf", 9, "ab" * 32)
ADDRESS = SourceFacts("https://x.test/a.pdf", "a.pdf", "application/pdf", 0, "cd" * 32, "https://x.test/a.pdf")
ORDER: dict[str, JsonValue] = {"model": "m", "optionalPayload": {}, "batchId": "doc-1", "data_id": "doc.1", "ocr_type": "pdf"}
JOB = "2bb2f0ec-a336-4a0a-b61a-241afaf9cc87"


class Known(NamedTuple):
    """A vendor, and states in which its tokens are found."""

    options: VendorConfig
    states: tuple[State, ...]


def _mineru() -> tuple[State, ...]:
    begun = MinerUState(name="report.pdf", media_type="application/pdf", data_id="doc.1", order=ORDER)
    changes: tuple[dict[str, Any], ...] = (
        {"phase": "submitting"},
        {"phase": "uploading", "batch_id": JOB},
        {"phase": "polling", "batch_id": JOB, "uploaded": True},
        {"phase": "polling", "task_id": JOB, "linked": True},
        {"phase": "fetching", "task_id": JOB, "linked": True, "links": 1},
        {"phase": "again", "linked": True, "tries": 1},
        {"phase": "again", "staged": f"{'ab' * 32}.pdf", "tries": 1},
    )
    return tuple(begun.model_copy(update=change) for change in changes)


def _paddleocr() -> tuple[State, ...]:
    begun = PaddleOCRState(model="m", name="report.pdf", media_type="application/pdf", order=ORDER)
    changes: tuple[dict[str, Any], ...] = (
        {"phase": "submitting"},
        {"phase": "submitting", "own": True},
        {"phase": "looking", "own": True, "unseen": 2},
        {"phase": "polling", "job_id": JOB},
        {"phase": "polling", "job_id": JOB, "batch_id": "run-1"},
        {"phase": "fetching", "job_id": JOB, "total": 3},
        {"phase": "again", "own": True},
        {"phase": "again", "by_file": False},
    )
    return tuple(begun.model_copy(update=change) for change in changes)


def _scnet() -> tuple[State, ...]:
    begun = SCNetState(name="report.pdf", media_type="application/pdf", order=ORDER)
    changes: tuple[dict[str, Any], ...] = (
        {"phase": "submitting"},
        {"phase": "polling", "task_id": JOB},
        {"phase": "fetching", "task_id": JOB, "alone": True},
        {"phase": "again"},
        {"phase": "again", "upload": True, "url": "https://files.test/a.pdf"},
        {"phase": "again", "upload": True},
    )
    return tuple(begun.model_copy(update=change) for change in changes)


VENDORS = {
    "somark": Known(SoMark(base_url=BASE, api_key="k"), (SoMarkState(), SoMarkState(phase="polling", task_id=JOB))),
    "paddleocr": Known(PaddleOCR(base_url=BASE, api_key="k"), _paddleocr()),
    "mineru": Known(MinerU(base_url=BASE, api_key="k"), _mineru()),
    "parse4ai": Known(Parse4AI(base_url=BASE, api_key="k", staging="memory://folder"), _mineru()),
    "scnet": Known(SCNet(base_url=BASE, api_key="k"), _scnet()),
    "local": Known(Local(), (vendor_of(Local()).state(),)),
}


def token(name: str, state: State, facts: SourceFacts = FILE) -> str:
    options = VENDORS[name].options
    return written(name, "" if name == "local" else ORIGIN, facts, PageSelection.of("1-3"), options.fingerprint(), state)


class Reached(Exception):
    """The first call was about to go out."""


@dataclass
class Calls:
    """A transport that sends nothing and keeps what was to be sent."""

    made: list[Call] = field(default_factory=list)

    def __call__(self, endpoint: Endpoint, policy: Policy) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def perform(self, call: Call, source: Source) -> Reply:
        self.made.append(call)
        raise Reached


@contextmanager
def unplugged() -> Iterator[Calls]:
    calls = Calls()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("docparse_loaders.engine.transport.Transport", calls)
        yield calls


def outcome(name: str, text: str) -> tuple[DocParseError | None, list[Call]]:
    """What a token leads to: an error, or the first call."""
    with unplugged() as calls:
        try:
            anyio.run(DocParser(VENDORS[name].options).aresume, text)
        except DocParseError as error:
            return error, calls.made
        except Reached:
            return None, calls.made
    raise AssertionError("nothing came of it")


def target(call: Call) -> httpx.URL:
    """Where a call goes, as the transport writes it and httpx reads it."""
    assert isinstance(call.url, str), call.url
    return httpx.URL(f"{BASE}/{quote(call.url, safe='/')}")


def safe(call: Call) -> None:
    """It goes to the configured endpoint, and no id has led its path elsewhere."""
    if isinstance(call.url, Staging):
        assert len(call.url.name.partition(".")[0]) == 64
        assert not set(call.url.name) & set("/\\%")
        return
    url = target(call)
    assert f"{url.scheme}://{url.netloc.decode()}" == ORIGIN
    assert isinstance(call.url, str)
    assert url.raw_path.decode() == f"{ROOT}/{quote(call.url, safe='/')}"
    assert not url.query
    assert not url.fragment
    assert call.url.count("/") <= 5


PATHS = {
    "somark": {"parse/async_check"},
    "paddleocr": {"api/v2/ocr/jobs", "api/v2/ocr/jobs/*", "api/v2/ocr/jobs/batch/*"},
    "mineru": {"extract/task", "extract/task/*", "extract/task/batch", "extract-results/batch/*", "file-urls/batch"},
    "scnet": {"ocrdoc/submit", "ocrdoc/result", "upload/presign"},
}
PATHS["parse4ai"] = {f"v1/{path}" for path in PATHS["mineru"]}


def on_the_map(name: str, call: Call) -> None:
    """Only the vendor's own paths, where an id stands in the last place."""
    if isinstance(call.url, str):
        assert {call.url, f"{call.url.rpartition('/')[0]}/*"} & PATHS[name], call.url


@pytest.mark.parametrize("name", VENDORS)
def test_what_is_tried_leads_somewhere_before_it_is_damaged(name: str) -> None:
    """The judges below would be content with a vendor that takes no token at all."""
    vendor = vendor_of(VENDORS[name].options)
    reached = 0
    for state in VENDORS[name].states:
        error, made = outcome(name, token(name, state, ADDRESS))
        assert error is None or isinstance(error, SubmitUncertain | InvalidToken), error
        assert len(made) == (is_begun(state) and isinstance(vendor.resume(state), Send))
        reached += len(made)
    assert reached > 0 or name == "local"


def _damaged(name: str, rng: random.Random) -> str:
    """A token with something else in places of its own, or with bytes lost or changed."""
    known = VENDORS[name]
    whole = json.loads(token(name, rng.choice(known.states), rng.choice((FILE, ADDRESS))))
    way = rng.random()
    if way < 0.45:
        place = rng.choice((whole, whole["source"], whole["state"], whole["state"]))
        key = rng.choice(list(place))
        place[key] = rng.choice(HOSTILE if isinstance(place[key], str | None) or rng.random() < 0.5 else STRANGE)
    elif way < 0.8:
        whole = mutated(whole, rng, times=rng.choice((1, 1, 2, 5)))
    text = json.dumps(whole)
    if way > 0.8:
        at = rng.randrange(len(text))
        text = (
            text[:at]
            + rng.choice(("", rng.choice('{}[]",:0\x00é\ud800'), text[at : at + 9] * 2))
            + text[at + rng.randint(0, 9) :]
        )
    return text


HOSTILE: tuple[JsonValue, ...] = (
    "../../admin", "..", ".", "a/../../b", "/admin", "//evil.test/a", "https://evil.test/a", "\\\\evil.test\\a", "a?b=c", "a#b",
    "%2e%2e", "%2F..%2F", "a\r\nHost: evil.test", "a b", "ａ", "a@evil.test", ":8080", "x" * 129, "file:///etc/passwd",
    "again", "polling", "fetching", "uploading", "submitting", "looking", "staging", "reserving", True, -1, 10**12,
    "1-5,8", "9-1", "0", ORIGIN, f"{ORIGIN}.evil.test", "somark", "mineru", "scnet", "paddleocr", "parse4ai", "local",
)  # fmt: skip


@settings(max_examples=TOKENS)
@given(st.sampled_from(sorted(VENDORS)), st.integers(0, 2**32))
def test_a_forged_token_is_refused_or_asks_at_home(name: str, seed: int) -> None:
    text = _damaged(name, random.Random(seed))  # noqa: S311  (damage, not a secret)
    error, made = outcome(name, text)
    for call in made:
        safe(call)
        on_the_map(name, call)
    assert len(made) == (error is None)
    if error is not None:
        # In doubt, or an address is needed that no token holds: both are said without a request.
        assert isinstance(error, InvalidToken | SubmitUncertain | JobFailed), repr(error)
        assert error.hint


@pytest.mark.parametrize("name", [name for name in VENDORS if name != "local"])
@pytest.mark.parametrize("known", ["..", ".", "../../admin", "a/b", "https://evil.test", "a?b", "%2e%2e", "a\n", ""])
def test_no_id_leads_to_another_path(name: str, known: str) -> None:
    for state in VENDORS[name].states:
        for slot in {"task_id", "batch_id", "job_id"} & set(type(state).model_fields):
            if not getattr(state, slot) or (slot == "batch_id" and known == ""):
                continue
            error, made = outcome(name, token(name, state.model_copy(update={slot: known})))
            assert (type(error), made) == (InvalidToken, []), (slot, state)


@pytest.mark.parametrize(
    "staged", ["../secrets.pdf", "secrets.pdf", f"{'ab' * 32}/../x.pdf", f"{'ab' * 32}.pdf\n", "/etc/passwd"]
)
def test_no_token_names_a_file_in_the_users_storage(staged: str) -> None:
    """A job from a token that failed for lack of room is staged again under the name that the token gives."""
    state = MinerUState(phase="again", staged=staged, order=ORDER)
    step = vendor_of(VENDORS["parse4ai"].options).resume(state)
    assert isinstance(step, Fail)
    assert type(step.error) is InvalidToken
    good = vendor_of(VENDORS["parse4ai"].options).resume(state.model_copy(update={"staged": f"{'ab' * 32}.pdf"}))
    assert isinstance(good, Send)
    assert isinstance(good.call.url, Staging)


@pytest.mark.parametrize("name", VENDORS)
def test_a_token_of_another_vendor_or_endpoint_is_refused(name: str) -> None:
    known = VENDORS[name]
    for other in VENDORS:
        for state in VENDORS[other].states[-1:]:
            if other != name:
                error, made = outcome(name, token(other, state))
                assert (type(error), made) == (InvalidToken, [])
    for origin in ("https://evil.test", f"{ORIGIN}:8443", ORIGIN.replace("https", "http"), f"{ORIGIN}/", ""):
        if name != "local":
            error, made = outcome(name, written(name, origin, FILE, None, "", known.states[-1]))
            assert (type(error), made) == (InvalidToken, [])


@pytest.mark.parametrize("text", ["", "{}", "null", "[" * 8000, "\ud800", "x" * 9000, "7", '{"v":2}', "\x00"])
def test_what_is_no_token_is_refused(text: str) -> None:
    for name in VENDORS:
        error, made = outcome(name, text)
        assert (type(error), made) == (InvalidToken, [])


@pytest.mark.parametrize("name", VENDORS)
def test_a_token_is_small_json_with_a_version_and_without_secrets(name: str) -> None:
    signed = SourceFacts("https://x.test/a.pdf", "a.pdf", "", 0, "cd" * 32, "https://x.test/a.pdf?sig=canary")
    for state in VENDORS[name].states:
        for facts in (FILE, signed):
            text = token(name, state, facts)
            assert json.loads(text)["v"] == json.loads(text)["state"]["v"] == 1
            assert len(text) < 2048
            assert "canary" not in text
            assert "api_key" not in text


@pytest.mark.parametrize("name", VENDORS)
def test_the_vendors_own_name_of_a_job_is_told(name: str) -> None:
    """By errors and jobs alike, from the token that they carry."""
    for state in VENDORS[name].states:
        named = JOB if JOB in state.model_dump_json() else None
        assert JobFailed("it failed.", token=token(name, state)).job_id == named
        assert Job(DocParser(VENDORS[name].options), token(name, state)).id == named


@pytest.mark.parametrize("text", [None, "", "no token", "[1]", "{}", '{"job": 7}', '{"job": ""}', "[" * 100_000])
def test_what_is_no_token_names_no_job(text: str | None) -> None:
    assert JobFailed("it failed.", token=text).job_id is None


@pytest.mark.parametrize("name", ["somark", "scnet", "mineru", "parse4ai"])
def test_a_doubt_that_nobody_can_look_up_is_raised_again_without_a_request(name: str) -> None:
    error, made = outcome(name, token(name, VENDORS[name].states[0]))
    assert (type(error), made) == (SubmitUncertain, [])
    assert error is not None
    assert error.token
    assert error.source == FILE.uri
    assert error.vendor == name
    again, made = outcome(name, error.token)
    assert (type(again), made) == (SubmitUncertain, [])


def test_a_doubt_that_can_be_looked_up_costs_one_question() -> None:
    error, made = outcome("paddleocr", token("paddleocr", VENDORS["paddleocr"].states[1]))
    assert error is None
    assert [(call.effect, call.url) for call in made] == [(Effect.READ, "api/v2/ocr/jobs/batch/doc-1")]


def test_the_document_of_a_token_is_recognised_by_its_content() -> None:
    state = VENDORS["mineru"].states[2]
    data = b"%PDF-1.7 whole"
    of = Source.of(data, name="mine.pdf")
    read = Token.read(token("mineru", state, of.facts), vendor_of(VENDORS["mineru"].options), ORIGIN)
    found = read.document(Source.of(data, name="elsewhere.pdf"))
    assert (found.facts, found.read()) == (of.facts, data)
    with pytest.raises(errors.SourceChanged):
        read.document(Source.of(data + b" and more", name="mine.pdf"))


def test_a_signed_address_is_recognised_as_a_whole() -> None:
    state = VENDORS["scnet"].states[3]
    of = Source.of("https://x.test/a.pdf?sig=one")
    read = Token.read(token("scnet", state, of.facts), vendor_of(VENDORS["scnet"].options), ORIGIN)
    assert read.source.url is None
    assert read.document(of).facts == of.facts
    with pytest.raises(errors.SourceChanged):
        read.document(Source.of("https://x.test/a.pdf?sig=two"))
