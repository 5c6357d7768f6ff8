"""SoMark's whole way over a real socket: what an account, a failed job and a link that is too old come to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser, Policy, SoMark, errors
from docparse_loaders.document import ParsedDocument
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.somark.words import CODES
from docparse_loaders.engine.store import MemoryStore
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Poll, Retry, Timeouts

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))


def pages(count: int) -> Sequence[Page]:
    """Each with a line of text and a picture."""
    return [
        Page(
            number,
            595.0,
            842.0,
            "point",
            0,
            (
                Block(f"p{number}-0", "text", f"Page {number}.", regions=(Region(number, BBox(0.1, 0.1, 0.9, 0.2)),)),
                Block(f"p{number}-1", "figure", regions=(Region(number, BBox(0.1, 0.3, 0.9, 0.6)),)),
            ),
        )
        for number in range(1, count + 1)
    ]


def emulated(count: int = 2, **settings: Any) -> Emulator:
    return Emulator("somark", parse=lambda data: pages(count), **settings)


def parser(emulator: Emulator, **settings: Any) -> DocParser:
    return DocParser(SoMark(base_url=emulator.base_url, api_key=emulator.keys[0]), policy=QUICK, **settings)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 as far as anybody here looks")
    return path


def usage(emulator: Emulator) -> tuple[int, int]:
    """Paid pages and free pages of the day that are left."""
    data = httpx.post(f"{emulator.base_url}/usage", data={"api_key": emulator.keys[0]}).json()["data"]
    return (data["remaining_paid_pages"], data["remaining_free_pages_today"])


@pytest.mark.parametrize(("balance", "code"), [(0, "1108"), (1, "1123")])
def test_too_few_pages_are_a_quota_error_and_none_is_used(pdf: Path, balance: int, code: str) -> None:
    with emulated(balance=balance, free_a_day=0) as emulator:
        with pytest.raises(errors.QuotaError) as caught:
            parser(emulator).parse(pdf)
        assert (caught.value.code, caught.value.token) == (code, None)
        assert caught.value.hint
        assert len(emulator.requests) == 1, "a balance does not grow by asking again"
        assert (usage(emulator), emulator.submits) == ((balance, 0), 0)


def test_a_batch_parses_as_much_as_there_is(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / f"{name}.pdf").write_bytes(f"%PDF-1.7 {name}".encode())
    with emulated(balance=1, free_a_day=4) as emulator:
        outcomes = list(parser(emulator).parse_many(tmp_path))
        assert usage(emulator) == (1, 0)
    refused = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert [(type(error), error.code) for error in refused] == [(errors.QuotaError, "1123")] * 2
    assert sum(outcome.document is not None for outcome in outcomes) == 2
    assert emulator.submits == 2


def test_after_topping_up_it_goes_on(pdf: Path) -> None:
    store, now = MemoryStore(), [0.0]
    with emulated(balance=0, free_a_day=3, clock=lambda: now[0]) as emulator:
        parser(emulator, store=store).parse(pdf)
        pdf.write_bytes(b"%PDF-1.7 another")
        with pytest.raises(errors.QuotaError, match="1123"):
            parser(emulator, store=store).parse(pdf)
        now[0] = 86_400.0
        assert len(parser(emulator, store=store).parse(pdf).pages) == 2
        assert emulator.submits == 2


FAILURES: dict[int, type[errors.DocParseError]] = {
    1102: errors.JobFailed,
    1104: errors.UnsupportedSource,
    1105: errors.JobFailed,
    1106: errors.BrokenSource,
    1108: errors.JobFailed,
    1111: errors.JobFailed,
    1118: errors.SourceTooLarge,
    1120: errors.JobFailed,
    1123: errors.JobFailed,
    1132: errors.SourceTooLarge,
    1133: errors.JobFailed,
    1137: errors.JobFailed,
    1138: errors.JobFailed,
    2000: errors.JobFailed,
}


def test_the_failures_are_all_codes_but_those_about_the_question() -> None:
    assert set(FAILURES) == set(CODES) - {1101, 1107, 1124}


@pytest.mark.parametrize("code", FAILURES)
def test_a_job_that_fails_at_the_vendor(pdf: Path, code: int) -> None:
    with emulated(faults=[Fault("async", f"failed:{code}")]) as emulator:
        with pytest.raises(errors.DocParseError) as caught:
            parser(emulator).parse(pdf)
        assert type(caught.value) is FAILURES[code]
        assert caught.value.code == str(code)
        assert caught.value.token is not None
        assert CODES[code] in str(caught.value)
        assert [arrival.path.rpartition("/")[2] for arrival in emulator.requests] == ["async", "async_check"]


@pytest.mark.parametrize("code", [code for code, kind in FAILURES.items() if kind is errors.JobFailed])
def test_what_is_not_the_fault_of_the_file_is_forgotten_and_may_be_parsed_again(pdf: Path, code: int) -> None:
    store = MemoryStore()
    with emulated(faults=[Fault("async", f"failed:{code}")]) as emulator:
        with pytest.raises(errors.JobFailed):
            parser(emulator, store=store).parse(pdf)
        assert len(parser(emulator, store=store).parse(pdf).pages) == 2
        assert emulator.submits == 2


@pytest.mark.parametrize("code", [1101, 1124])
def test_a_failure_for_the_pace_of_questions_is_asked_about_again(pdf: Path, code: int) -> None:
    with emulated(faults=[Fault("async_check", f"failed:{code}", times=2)]) as emulator:
        assert len(parser(emulator).parse(pdf).pages) == 2
        assert emulator.submits == 1


def links(document: ParsedDocument) -> list[str]:
    return [block.image.value for block in document.blocks if block.image is not None and block.image.form == "url"]


def test_links_that_are_too_old_are_asked_for_again_without_a_second_bill(pdf: Path) -> None:
    """The document carries addresses and no pictures, so the token is the way to fresh ones."""
    now = [0.0]
    with emulated(clock=lambda: now[0], link_seconds=60) as emulator:
        job = parser(emulator).submit(pdf)
        old = links(job.result())
        assert [httpx.get(link).status_code for link in old] == [200, 200]
        now[0] = 61.0
        assert [httpx.get(link).status_code for link in old] == [403, 403]
        fresh = links(parser(emulator).resume(job.token))
        assert [httpx.get(link).status_code for link in fresh] == [200, 200]
        assert not set(old) & set(fresh)
        assert emulator.submits == 1


def test_parsing_fetches_nothing_and_no_link_sees_the_key(pdf: Path) -> None:
    with emulated() as emulator:
        document = parser(emulator).parse(pdf)
        assert emulator.downloads == ()
        assert len(links(document)) == 2
        assert not any(emulator.keys[0] in link or link.startswith(emulator.origin) for link in links(document))
